"""A skyline: buildings one behind the other, with windows that are lit by night."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mj_widgets.sandbox.dice import chance, mix
from mj_widgets.sandbox.scenery.land import fill, haze
from mj_widgets.sandbox.scenery.noise import Floats, lattice, profile
from mj_widgets.sandbox.scenery.palette import blend
from mj_widgets.sandbox.scenery.window import Stage


class _Street(NamedTuple):
    """One row of buildings: how wide and high they are, how near, and how much air lies before them."""

    width: float
    height: float
    near: float
    air: float


_STREETS = (_Street(0.036, 0.34, 0.25, 0.6), _Street(0.055, 0.27, 0.6, 0.35), _Street(0.085, 0.17, 0.95, 0.15))
_SPIRES, _STEPS = 0.6, -0.2  # the kind of a building, from -1 to 1: above it has a spire, below it has stepped sides
_PANE, _GLASS = 0.013, 0.3  # the width of a window with its wall, and half of the glass's share of it
_TOO_SMALL = 2.5  # pixels


def paint_skyline(stage: Stage) -> None:
    """Paint three rows of buildings."""
    for k, street in enumerate(_STREETS):
        seed = mix(stage.scene.seed, "skyline", k)
        at = stage.window.xs / np.float32(street.width) + np.float32(chance(seed, "shift"))
        house = np.floor(at).astype(np.int64)
        top = _roofs(stage, street, seed, house, at - house)
        palette = stage.plan.palette
        colour = blend(palette.far, palette.near, street.near)
        fill(stage, top, colour, haze(stage.plan, street.air), stage.plan.horizon - 0.02)
        _lights(stage, street, top, (house, at - house), mix(seed, "lights"))


def _roofs(stage: Stage, street: _Street, seed: int, house: NDArray[np.int64], inside: Floats) -> Floats:
    """Say how high the roof is in each column; what was never seen may be built by another seed."""
    numbers = np.arange(house.min(), house.max() + 1)
    tall, kind = lattice(seed, numbers, np.arange(2))
    for lock in stage.scene.locks:
        other, another = lattice(mix(lock.seed, street.width.hex()), numbers, np.arange(2))
        seen = ((numbers + 2) * street.width > lock.box[0]) & ((numbers - 2) * street.width < lock.box[2])
        tall, kind = np.where(seen, tall, other), np.where(seen, kind, another)
    swell = profile((numbers / 9).astype(np.float32), mix(seed, "swell"), 2, 0.01, at=stage.plan.morph)
    heights = np.clip((0.5 + 0.45 * tall) * (0.75 + 0.5 * swell), 0.1, None) * np.float32(street.height)
    index = house - numbers[0]
    spire = (kind[index] > _SPIRES) & (np.abs(inside - 0.5) * street.width < 0.1 * _STREETS[0].width)
    step = (kind[index] < _STEPS) & (np.abs(inside - 0.5) > 1 - 0.7)
    top = heights[index] + np.float32(stage.plan.horizon) + spire * np.float32(0.045) - step * np.float32(0.022)
    return np.asarray(top, np.float32)


def _lights(stage: Stage, street: _Street, top: Floats, place: tuple[NDArray[np.int64], Floats], seed: int) -> None:
    window, (house, inside) = stage.window, place
    panes = max(2, round(street.width / _PANE))
    pane = np.float32(street.width / panes)
    storey = np.float32(1.25) * pane
    rows = stage.rows(stage.plan.horizon, float(top.max()))
    if rows.stop == 0:
        return
    share, strength = (0.45, np.float32(0.85)) if stage.plan.palette.dark else (0.22, np.float32(0.45))
    wall = window.edge(top[None, :] - np.float32(0.5) * storey - stage.ys[rows, None])
    if storey < _TOO_SMALL * window.pixel:  # from afar, the walls are a little brighter
        window.over(stage.plan.palette.accent, wall * strength * np.float32(share * (2 * _GLASS) ** 2), rows)
        return
    across, up = inside * panes, stage.ys[rows] / storey
    number, level = house * panes + np.floor(across).astype(np.int64), np.floor(up).astype(np.int64)
    numbers, levels = np.unique(number), np.unique(level)
    lit = lattice(seed, numbers, levels) > 1 - 2 * share
    on = lit[np.searchsorted(levels, level)][:, np.searchsorted(numbers, number)]
    glass_x = window.edge((_GLASS - np.abs(across - np.floor(across) - 0.5)) * pane)
    glass_y = window.edge((_GLASS - np.abs(up - level - 0.5)) * storey)
    window.over(stage.plan.palette.accent, on * glass_y[:, None] * glass_x[None, :] * wall * strength, rows)

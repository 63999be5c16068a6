"""The land: ridges behind the horizon, hills in front of it, and the trees and flowers on them.

Far things are drawn first. A ridge is a height for every x, so it costs little more than its edge; the air between
ridges (each paler than the one before it) is what makes the picture deep.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple, TypeAlias

import numpy as np

from mj_widgets.sandbox.dice import between, chance, mix
from mj_widgets.sandbox.scenery import figures
from mj_widgets.sandbox.scenery.noise import Floats, lattice, noise, profile, smoothstep
from mj_widgets.sandbox.scenery.palette import Colour, blend, from_hex, tint
from mj_widgets.sandbox.scenery.plan import SHORE, Plan, Stand
from mj_widgets.sandbox.scenery.scatter import Thing, along, scatter
from mj_widgets.sandbox.scenery.window import Stage, column

Ground: TypeAlias = Callable[[Floats], Floats]
"""How high the ground is at each of some x."""


class Ridge(NamedTuple):
    """The looks of one ridge, in lengths of the plane.

    Attributes
    ----------
    rise : float
        How far its middle lies above the horizon.
    swing : float
        How far it goes up and down.
    width : float
        How wide one of its bumps is.
    ridged : float
        0 for rolling, 1 for sharp.
    """

    rise: float
    swing: float
    width: float
    ridged: float


_FAR = {  # from the most distant to the nearest
    "mountains": (Ridge(0.20, 0.15, 0.62, 1.0), Ridge(0.11, 0.13, 0.50, 1.0), Ridge(0.04, 0.06, 0.3, 0.5),
                  Ridge(0.015, 0.03, 0.3, 0.3)),
    "sea": (Ridge(0.045, 0.07, 0.5, 0.6), Ridge(0.0, 0.045, 0.42, 0.5)),
    "forest": (Ridge(0.15, 0.07, 0.5, 0.4), Ridge(0.09, 0.05, 0.4, 0.1), Ridge(0.05, 0.035, 0.4, 0.0),
               Ridge(0.01, 0.03, 0.4, 0.0)),
    "city": (Ridge(0.10, 0.03, 0.5, 0.2),),
    "desert": (Ridge(0.09, 0.08, 0.5, 0.8), Ridge(0.03, 0.045, 0.7, 0.9)),
    "field": (Ridge(0.08, 0.06, 0.6, 0.3), Ridge(0.035, 0.03, 0.5, 0.0)),
    "space": (Ridge(0.03, 0.05, 0.3, 0.5),),
}  # fmt: skip
_PINES_ON = {"forest": (0.0, 0.55, 0.8, 1.0), "mountains": (0.0, 0.0, 0.35, 0.6), "field": (0.0, 0.4)}
_TREES_ON = {"forest": 0.85, "mountains": 0.5, "field": 0.28, "sea": 0.22, "city": 0.25}
_AUTUMN = ("c8602b", "d99a3b", "a83f2a", "b5772f")
_FLAT = 6  # pixels: a hill of such a size is too flat to be seen
_TIP = 0.85  # of a pine's height: above it there are no branches
_SHARP = 0.8  # ridges from here on have a lit and a shaded side


def terrain(stage: Stage, xs: Floats, ridge: Ridge, key: str, finest: float) -> Floats:
    """Say how high a ridge is above its middle; later seeds rule only beside what was visible before them."""

    def shape(seed: int) -> Floats:
        octaves, at = 6 + round(2 * stage.plan.rich), xs / np.float32(ridge.width)
        return profile(at, mix(seed, key), octaves, finest / ridge.width, at=stage.plan.morph, ridged=ridge.ridged)

    height = shape(stage.scene.seed)
    for lock in stage.scene.locks:
        left, _, right, _ = lock.box
        ramp = max(0.2 * (right - left), 0.6 * ridge.width)  # anything steeper would be seen
        outside = smoothstep(0, ramp, np.maximum(left - xs, xs - right))
        if outside.any():
            height = height + outside * (shape(lock.seed) - height)
    if ridge.ridged > _SHARP:
        height = np.maximum(height, -0.45)  # valleys are flat
    height = height * np.float32(ridge.swing)
    return height + _massif(stage, xs) if key == "far 0" and stage.scene.features.setting == "mountains" else height


def _massif(stage: Stage, xs: Floats) -> Floats:
    """Raise one mountain that the first picture is sure to have."""
    summit = between(-0.32, 0.32, stage.scene.seed, "massif") + 0.05 * stage.plan.drift
    away = np.minimum(np.abs(xs - np.float32(summit)), 2)
    return np.asarray(np.float32(0.2) * np.exp(-away / np.float32(0.17)), np.float32)


def haze(plan: Plan, strength: float) -> tuple[Colour, float]:
    """Name the colour of the air at the foot of distant things, and how much of it there is."""
    return blend(plan.palette.sky[3], plan.palette.sky[2], 0.25), strength


def fill(stage: Stage, top: Floats, colour: Colour, air: tuple[Colour, float], foot: float) -> None:
    """Fill everything below a line; haze gathers towards its foot."""
    rows = stage.rows(float(stage.ys.min()), float(top.max()))
    if rows.stop:
        up = np.clip((stage.ys[rows] - np.float32(foot)) / np.float32(0.14), 0, 1.5)
        shades = _between(colour, air[0], np.float32(air[1]) * np.exp(-1.6 * up))
        stage.window.over(shades[:, :, None], stage.window.edge(top[None, :] - stage.ys[rows, None]), rows)


def _between(one: Colour, other: Colour, share: Floats) -> Floats:
    """Go from one colour to another by shares of shape (n,), giving (3, n)."""
    start = np.array(one, np.float32)[:, None]
    return np.asarray(start + (np.array(other, np.float32)[:, None] - start) * share, np.float32)


def paint_far(stage: Stage) -> None:
    """Paint the ridges that rise behind the horizon."""
    setting, plan = stage.scene.features.setting, stage.plan
    ridges, pines = _FAR[setting], _PINES_ON.get(setting, ())
    for k, ridge in enumerate(ridges):
        share = (k + 1) / (len(ridges) + 1)
        top = plan.horizon + np.float32(ridge.rise) + terrain(stage, stage.window.xs, ridge, f"far {k}", 2 * stage.window.pixel)
        if k < len(pines) and pines[k]:
            top = top + _pines(stage.window.xs, mix(stage.scene.seed, "pines", k), 0.032 * pines[k], stage.window.pixel)
        colour = blend(plan.palette.far, plan.palette.near, share**1.3 * 0.8)
        fill(stage, top, colour, haze(plan, 0.75 * (1 - share)), plan.horizon + ridge.rise - ridge.swing)
        if ridge.ridged > _SHARP:
            _faces(stage, top, ridge, f"far {k}")


def _faces(stage: Stage, top: Floats, ridge: Ridge, key: str) -> None:
    """Give peaks a sunny and a shaded face, parted by a jagged line, and snow on their tops."""
    foot = stage.plan.horizon + ridge.rise - ridge.swing
    rows = stage.rows(foot, float(top.max()))
    if not rows.stop:
        return
    xs, pixel = stage.window.xs, stage.window.pixel
    n = round(0.1 / pixel)  # the line wanders sideways, so slopes are needed a little beyond the window
    wide = np.linspace(xs[0] - n * pixel, xs[-1] + n * pixel, len(xs) + 2 * n, dtype=np.float32)
    slope = np.gradient(terrain(stage, wide, ridge, key, 0.12 * ridge.width), pixel)
    sunny = smoothstep(-0.12, 0.12, slope * np.float32(-stage.plan.side(0)))
    wander = noise(np.zeros(1, np.float32), stage.ys[rows] / np.float32(0.025), mix(stage.scene.seed, key, "spine"))
    shift = np.clip(np.round(wander * np.float32(0.014 / pixel)), -n, n).astype(np.int64)
    lit = sunny[np.arange(len(xs))[None, :] + n + shift]
    inside = stage.window.edge(top[None, :] - stage.ys[rows, None])
    fade = smoothstep(0, 1, (stage.ys[rows] - np.float32(foot)) / np.float32(0.2))[:, None]
    strength = np.float32(0.30 if stage.plan.palette.dark else 0.42)
    stage.window.over(stage.plan.palette.glow, lit * inside * fade * strength, rows)
    if stage.scene.features.setting == "mountains":
        _snow(stage, rows, top, lit)


def _snow(stage: Stage, rows: slice, top: Floats, lit: Floats) -> None:
    """Whiten the summits, down to a torn line."""
    window, palette = stage.window, stage.plan.palette
    line = stage.plan.horizon + (0.13 if stage.scene.features.mood == "winter" else 0.2)
    torn = profile(window.xs / np.float32(0.07), mix(stage.scene.seed, "snow"), 4, window.pixel / 0.035, ridged=0.5)
    lower = line + np.float32(0.045) * torn
    seen = window.edge(top[None, :] - stage.ys[rows, None]) * window.edge(stage.ys[rows, None] - lower[None, :])
    bright = blend((1, 1, 1), palette.sky[3], 0.75 if palette.dark else 0.3)
    shaded = blend(bright, palette.sky[1], 0.5)
    window.over(column(shaded) + (column(bright) - column(shaded)) * lit, seen * np.float32(0.92), rows)


def _pines(xs: Floats, seed: int, width: float, pixel: float) -> Floats:
    """Draw the tops of a row of pines, as heights above the ground: jagged triangles of all sizes."""
    best = np.zeros(len(xs), np.float32)
    if width < 2 * pixel:
        return best
    for row in range(2):
        at = xs / np.float32(width) + np.float32(0.5 * row)
        cell = np.floor(at).astype(np.int64)
        points = np.arange(cell.min(), cell.max() + 1)
        tall, off = lattice(mix(seed, row), points, np.arange(2))
        index = cell - cell.min()
        away = np.abs(at - cell - np.float32(0.5) - 0.22 * off[index])
        slope = np.maximum(0, 1 - away / np.float32(0.42))
        branches = 1 + 0.35 * (slope * 5 % 1 - 0.5) * (slope < _TIP)  # five tiers, each hanging over the next
        best = np.maximum(best, (1.6 + 0.9 * tall[index]) * slope * branches)
    return (best * np.float32(width)).astype(np.float32)


def hills(stage: Stage) -> list[tuple[float, float]]:
    """List the hills before the horizon, from far to near: how far below it each lies, and how large it is.

    Each is about twice as large and as near as the one before, down to the lowest edge that is seen: so a zoom out
    steps back, and finds a nearer foreground.
    """
    plan, lowest = stage.plan, stage.window.box[1]
    standing = any(stand.y <= plan.horizon - SHORE for stand in plan.stands)
    first = 0.0
    if plan.water:
        first = 0.1 if standing or stage.scene.features.setting == "mountains" else 0.3
    found: list[tuple[float, float]] = []
    drop, size = 0.045, 1.0
    while plan.horizon - drop + 0.2 * size > lowest:
        if drop > first and size > _FLAT * stage.window.pixel:
            found.append((drop, size))
        drop, size = (SHORE, 1.5) if drop < SHORE else (1.9 * drop + 0.06, size * 1.8)
    return found


def paint_hill(stage: Stage, drop: float, size: float) -> None:
    """Paint one of the hills in front, with grass on its back, and what grows there."""
    window, plan, key = stage.window, stage.plan, f"hill {drop:.3f}"
    desert = stage.scene.features.setting == "desert"
    rolling = Ridge(-drop, (0.035 if desert else 0.02) * size, 0.5 * size, 0.9 if desert else 0.0)

    def ground(xs: Floats) -> Floats:
        return plan.horizon - np.float32(drop) + terrain(stage, xs, rolling, key, 2 * window.pixel)

    top, colour = ground(window.xs), _ground_colour(stage, size)
    if stage.scene.features.setting in ("forest", "field", "mountains", "sea"):
        top = top + _grass(window.xs, mix(stage.scene.seed, key, "grass"), 0.008 * size, window.pixel)
    _trees(stage, ground, (drop, size), colour)
    _slope(stage, top, colour, (drop, size))
    if desert:
        flat = replace(stage, ys=window.ys)  # this one is not mirrored
        _faces(flat, top, rolling, key)
    if stage.scene.features.setting == "field" and not plan.palette.dark:
        _blooms(stage, ground, (drop, size))


def _slope(stage: Stage, top: Floats, colour: Colour, hill: tuple[float, float]) -> None:
    """Fill a hill: bright where its crest catches the light, with a relief that fades in."""
    window, palette, (drop, size) = stage.window, stage.plan.palette, hill
    below = np.flatnonzero(window.ys < float(top.max()) + window.pixel)
    if not len(below):
        return
    rows = slice(int(below[0]), len(window.ys))
    foot = stage.plan.horizon - drop - 0.12 * size
    up = np.clip((window.ys[rows] - np.float32(foot)) / np.float32(0.14 * size), 0, 1)
    crest = blend(colour, palette.glow, 0.16 if palette.dark else 0.38)
    shades = _between(colour, crest, up**2)[:, :, None]
    x, y = window.xs / np.float32(0.3 * size), window.ys[rows] / np.float32(0.045 * size)
    strength = 0.055 * min(1.0, 0.02 * size / window.pixel)  # it fades when it is too far away to be seen
    relief = np.float32(strength) * noise(x, y, mix(stage.scene.seed, "relief", f"{drop:.3f}"))
    window.over(shades * (1 + relief), window.edge(top[None, :] - window.ys[rows, None]), rows)


def _ground_colour(stage: Stage, size: float) -> Colour:
    palette, features = stage.plan.palette, stage.scene.features
    colour = blend(palette.far, palette.near, min(1.0, 0.6 + 0.17 * size))
    if features.setting in ("field", "forest") and features.mood in ("day", "spring", "golden", "dawn", "sunset"):
        colour = tint(colour, "green" if features.mood in ("day", "spring") else "olive", 0.5)
    if features.mood == "winter" or "snow" in features.weather:
        snow = blend((1, 1, 1), palette.sky[2], 0.35)
        colour = blend(colour, snow, 0.3 if palette.dark else max(0.55, 0.86 - 0.07 * size))
    return colour


def _grass(xs: Floats, seed: int, height: float, pixel: float) -> Floats:
    """Draw blades along a hill's back, in tufts."""
    width = 0.22 * height
    if width < 0.6 * pixel:
        return np.zeros(len(xs), np.float32)
    blades = profile(xs / np.float32(width), seed, 1, pixel / width / 2, ridged=1.0)
    tufts = profile(xs / np.float32(9 * height), mix(seed, "tufts"), 2, pixel / height)
    return np.asarray(np.maximum(blades, 0) * np.clip(0.55 + 0.6 * tufts, 0.1, 1) * np.float32(height), np.float32)


def _trees(stage: Stage, ground: Ground, hill: tuple[float, float], colour: Colour) -> None:
    """Plant trees on a hill, beside the figures and not before them."""
    (drop, size), features, palette = hill, stage.scene.features, stage.plan.palette
    often = 0.0 if {"tree", "pine"} & set(features.without) else _TREES_ON.get(features.setting, 0.0)
    if not often or 0.1 * size < 3 * stage.window.pixel:
        return
    kind = "tree" if features.setting in ("field", "city") else "pine"
    found = [t for t in along(f"trees {drop:.3f}", 0.13 * size, stage) if chance(t.key, "there") < often]
    for thing, level in zip(found, _levels(ground, found), strict=True):
        height = size * between(0.09, 0.19, thing.key, "height")
        crowded = any(abs(s.x - thing.x) < 0.45 * s.height + 0.3 * height for s in stage.plan.stands)
        if crowded and drop >= SHORE:
            continue
        own = from_hex(_AUTUMN[thing.key % len(_AUTUMN)] if features.mood == "autumn" else "3f6b4a")
        if features.mood in ("ink", "neon", "space"):
            own = palette.near
        body = blend(blend(colour, palette.near, 0.55), own, 0.1 if palette.dark else 0.35)
        stand = Stand(kind, thing.x, level - 0.012 * size, height, flip=thing.key % 2 == 0, colour=body)
        roles = figures.dress(body, palette.accent, palette.sky[2])
        stage.window.place(stand, roles, palette.sun, stage.plan.side(thing.x))


def _blooms(stage: Stage, ground: Ground, hill: tuple[float, float]) -> None:
    """Strew small flowers over a meadow."""
    (drop, size), accent = hill, stage.plan.palette.accent
    left, bottom, right, _ = stage.window.box
    high = stage.plan.horizon - drop + 0.02 * size
    low, cell = max(bottom, high - 0.22 * size), 0.042 * size
    if low > high or cell < 12 * stage.window.pixel:
        return
    strewn = scatter(f"blooms {drop:.3f}", (left, low, right, high), cell, stage, levels=1)
    found = [thing for thing in strewn if thing.key % 2]
    for thing, level in zip(found, _levels(ground, found), strict=True):
        if thing.y < level - 0.01 * size:
            radius = size * between(0.002, 0.0042, thing.key, "radius")
            stage.window.dot(thing.x, thing.y, radius, blend(accent, (1, 1, 1), 0.6 * chance(thing.key, "pale")), 0.85)


def _levels(ground: Ground, things: list[Thing]) -> list[float]:
    """Ask how high the ground is at each thing, all at once."""
    return [float(y) for y in ground(np.array([thing.x for thing in things], np.float32))] if things else []

"""A pattern whose opposite edges fit (``--tile``): the same piece of paper again and again, all over the plane."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from mj_widgets.sandbox.dice import between, chance, mix
from mj_widgets.sandbox.scenery import figures
from mj_widgets.sandbox.scenery.noise import noise, smoothstep
from mj_widgets.sandbox.scenery.palette import blend
from mj_widgets.sandbox.scenery.plan import Stand
from mj_widgets.sandbox.scenery.window import Stage

_ROWS = 4  # even, so that staggered rows meet their neighbours at the seam
_BLOTS = 5  # of the ground, to a piece


def paint_pattern(stage: Stage) -> None:
    """Paint figures and dots, strewn over a soft ground."""
    window, scene, palette = stage.window, stage.scene, stage.plan.palette
    piece = math.sqrt(scene.features.repeat), 1 / math.sqrt(scene.features.repeat)
    _ground(stage, piece)
    columns = max(2, round(_ROWS * scene.features.repeat))
    kind = scene.features.casts[0].figure if scene.features.casts else "flower"
    colour = stage.plan.stands[0].colour if stage.plan.stands else palette.accent
    wide, high = piece[0] / columns, piece[1] / _ROWS
    for row in range(_ROWS):
        for column in range(columns):
            key = mix(scene.seed, "motif", row, column)
            x = (column + 0.5 * (row % 2) + between(-0.12, 0.12, key, "x") + 0.2 * scene.vector[5]) * wide
            y = (row + between(-0.1, 0.1, key, "y")) * high
            height = 0.62 * high * between(0.85, 1.15, key, "height") * (1 + 0.1 * scene.vector[6])
            body = blend(colour, palette.near, 0.35 * chance(key, "colour"))
            roles = figures.dress(body, palette.accent, palette.sky[2])
            for at_x, at_y in _copies(stage, x, y, piece):
                window.place(Stand(kind, at_x, at_y - height / 2, height, key % 2 == 0, body), roles, body, 1)
            for at_x, at_y in _copies(stage, x + 0.5 * wide, y, piece):
                window.dot(at_x, at_y, 0.05 * high * between(0.5, 1, key, "dot"), palette.accent, 0.9)


def _ground(stage: Stage, piece: tuple[float, float]) -> None:
    xs, ys = (axis * np.float32(_BLOTS / side) for axis, side in zip((stage.window.xs, stage.window.ys), piece, strict=True))
    sky = stage.plan.palette.sky
    stage.window.over(blend(sky[2], sky[3], 0.5), np.ones((1, 1), np.float32))
    blots = noise(xs, ys, mix(stage.scene.seed, "ground"), (_BLOTS, _BLOTS))
    stage.window.over(sky[1], smoothstep(-0.5, 0.9, blots) * np.float32(0.4))


def _copies(stage: Stage, x: float, y: float, piece: tuple[float, float]) -> Iterator[tuple[float, float]]:
    """Find the copies of a place that may be seen."""
    left, bottom, right, top = stage.window.box
    for i in range(math.floor((left - x) / piece[0]), math.ceil((right - x) / piece[0]) + 1):
        for j in range(math.floor((bottom - y) / piece[1]), math.ceil((top - y) / piece[1]) + 1):
            yield x + i * piece[0], y + j * piece[1]

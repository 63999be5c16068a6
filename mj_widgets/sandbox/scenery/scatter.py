"""Many small things on the plane: stars, trees, distant birds.

Things of level k are 2**k times as large and live in a lattice 2**k times as wide, outside of a hole around the middle.
So each zoom out finds new things of its own size, and the number of them in a window stays about the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from mj_widgets.sandbox.dice import chance, mix
from mj_widgets.sandbox.picture import Box
from mj_widgets.sandbox.scenery.window import Stage

_HOLE = 0.25  # things of level 2 begin at the edge of the first picture
_FEWEST_PIXELS = 12  # of a cell: things of narrower ones would be a blur


class Thing(NamedTuple):
    """A place, how large things of its level are, and a key for everything else about it."""

    x: float
    y: float
    level: float
    key: int


class _Cell(NamedTuple):
    kind: str
    i: int
    j: int
    side: float
    level: float

    def thing(self, seed: int) -> Thing | None:
        """Find what a seed puts here."""
        key = mix(seed, self.kind, self.i, self.j, round(self.level))
        x, y = (self.i + chance(key, "x")) * self.side, (self.j + chance(key, "y")) * self.side
        if self.level > 1 and max(abs(x), abs(y)) < _HOLE * self.level:  # the hole in the middle
            return None
        return Thing(x, y, self.level, key)

    def beyond(self, box: Box) -> bool:
        """Whether nothing that may ever be here can be seen in a window."""
        left, bottom, right, top = box
        x, y, side = self.i * self.side, self.j * self.side, self.side
        return x + 2 * side < left or x - side > right or y + 2 * side < bottom or y - side > top


def scatter(kind: str, box: Box, cell: float, stage: Stage, *, levels: int = 40) -> Iterator[Thing]:
    """Find the things of a kind in a part of the plane, those of the smallest level first.

    What was visible before a zoom or pan stays as it was; elsewhere the later seeds rule.

    Parameters
    ----------
    cell : float
        The width of a cell of the lowest level; each holds one thing.
    levels : int
        How many levels there are at most.
    """
    left, bottom, right, top = box
    reach = max(abs(edge) for edge in box)
    for level in (2.0**k for k in range(levels)):
        if level > 1 and _HOLE * level > reach:
            return
        side = cell * level
        if side < _FEWEST_PIXELS * stage.window.pixel:
            continue
        for i in range(math.floor(left / side) - 1, math.floor(right / side) + 2):
            for j in range(math.floor(bottom / side) - 1, math.floor(top / side) + 2):
                thing = _settled(_Cell(kind, i, j, side, level), stage)
                if thing is not None:
                    yield thing


def _settled(cell: _Cell, stage: Stage) -> Thing | None:
    """Find the thing of a cell: the latest zoom or pan that had never seen it decides, whatever was there before."""
    for lock in reversed(stage.scene.locks):
        if cell.beyond(lock.box):
            return cell.thing(lock.seed)
    return cell.thing(stage.scene.seed)


def along(kind: str, cell: float, stage: Stage) -> Iterator[Thing]:
    """Find the things of a kind on a line through the window, one a cell; what was visible before stays."""
    left, _, right, _ = stage.window.box
    for i in range(math.floor(left / cell) - 1, math.floor(right / cell) + 2):
        seed = stage.scene.seed
        for lock in stage.scene.locks:
            if (i + 2) * cell < lock.box[0] or (i - 1) * cell > lock.box[2]:
                seed = lock.seed
        key = mix(seed, kind, i)
        yield Thing((i + chance(key, "x")) * cell, 0.0, 1.0, key)

"""What a picture is before it is drawn: a few numbers that say which window of which plane is looked at.

Everything that the service can do to a picture is a change of these numbers (see `actions`), and `render` draws them.
They are kept with the job, so that a picture can be drawn again, continued and repaired after a restart.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

from mj_widgets.sandbox.features import Features

GRID_SIDE, SINGLE_SIDE, LARGEST_SIDE = 512, 1024, 2048
"""A tile has as many pixels as a square of this side: in a grid, after an upscale, and after a second one. (Both second
upscales end here: a 4x of the real service would be 16 million pixels, for nothing to be seen.)"""

_PREVIEW_SIDE = 512
_STEP = 8  # pixels: sides in a grid are multiples of this, so that halves and quarters of them are whole

DIMENSIONS = 8
"""Length of a variation vector: sun's place and height, horizon, land, clouds, figure's place and size, hue."""

Box = tuple[float, float, float, float]
"""Left, bottom, right and top, on the plane: y points up, and the first picture is one unit of area around 0, 0."""


@dataclass(frozen=True)
class Lock:
    """What was visible before a zoom or pan, and stays; what lies outside of the box follows another seed."""

    box: Box
    seed: int


@dataclass(frozen=True)
class Repaint:
    """A part that was painted anew.

    Attributes
    ----------
    mask : str
        The mask's name in the job book.
    box : Box
        Where the mask lies on the plane.
    seed, vector, features, locks
        The scene that shows through it, as in `Tile`.
    """

    mask: str
    box: Box
    seed: int
    vector: tuple[float, ...]
    features: Features
    locks: tuple[Lock, ...] = ()


@dataclass(frozen=True)
class Tile:
    """One window onto one plane.

    Attributes
    ----------
    seed : int
        Which plane.
    vector : tuple of float
        Where among the variations of that plane; all about 1 in size.
    view : Box
        The window.
    features : Features
        What the words ask for.
    locks : tuple of Lock
        The windows that came before, oldest first.
    repaints : tuple of Repaint
        The parts painted anew, oldest first.
    """

    seed: int
    vector: tuple[float, ...]
    view: Box
    features: Features
    locks: tuple[Lock, ...] = ()
    repaints: tuple[Repaint, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A grid of four tiles, or a single one.

    Attributes
    ----------
    kind : str
        ``grid``; ``single``, a tile by itself; or the upscale that made it larger still, such as ``upscale_2x``.
    side : int
        A tile is as many pixels as a square of this side.
    tiles : tuple of Tile
        Four or one.
    version : str
        Of the model; the older ones upscale differently.
    stop : int
        Per cent of the drawing that was done (``--stop``).
    """

    kind: str
    side: int
    tiles: tuple[Tile, ...]
    version: str = "8.2"
    stop: int = 100

    @property
    def tile_size(self) -> tuple[int, int]:
        """Width and height of a tile, in pixels: about as many as a square of `side` has, in the shape of the window.

        All pictures of one shape are exact multiples of each other, whatever their side.
        """
        left, bottom, right, top = self.tiles[0].view
        root = math.sqrt((right - left) / (top - bottom))
        steps = (max(1, round(GRID_SIDE * length / _STEP)) for length in (root, 1 / root))
        width, height = (count * _STEP * self.side // GRID_SIDE for count in steps)
        return width, height

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the whole, in pixels."""
        width, height = self.tile_size
        return (2 * width, 2 * height) if self.kind == "grid" else (width, height)

    def preview(self) -> Picture:
        """Ask for the same picture with no more pixels than are shown while it is being drawn."""
        return replace(self, side=min(self.side, _PREVIEW_SIDE // 2 if self.kind == "grid" else _PREVIEW_SIDE))

    def shrunk(self, by: int) -> Picture:
        """Ask for the same picture with its width and height divided."""
        return replace(self, side=self.side // by)

    def to_json(self) -> dict[str, Any]:
        """Turn into what `from_json` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Picture:
        """Read what `to_json` wrote."""
        return cls(data["kind"], data["side"], tuple(map(_tile, data["tiles"])), data["version"], data["stop"])


def _tile(data: dict[str, Any]) -> Tile:
    return Tile(
        seed=data["seed"],
        vector=tuple(data["vector"]),
        view=_box(data["view"]),
        features=Features.from_json(data["features"]),
        locks=_locks(data),
        repaints=tuple(map(_repaint, data["repaints"])),
    )


def _repaint(data: dict[str, Any]) -> Repaint:
    features = Features.from_json(data["features"])
    return Repaint(data["mask"], _box(data["box"]), data["seed"], tuple(data["vector"]), features, _locks(data))


def _locks(data: dict[str, Any]) -> tuple[Lock, ...]:
    return tuple(Lock(_box(lock["box"]), lock["seed"]) for lock in data["locks"])


def _box(numbers: list[float]) -> Box:
    left, bottom, right, top = numbers
    return left, bottom, right, top

"""A window onto the plane, and the few strokes that everything is painted with."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mj_widgets.sandbox.picture import Box
from mj_widgets.sandbox.scenery import figures
from mj_widgets.sandbox.scenery.noise import Floats
from mj_widgets.sandbox.scenery.palette import Colour
from mj_widgets.sandbox.scenery.plan import Plan, Scene, Stand

_RIM = 0.0032  # the width of the light on a figure's edge, on the plane


@dataclass
class Window:
    """Pixels that look onto the plane.

    Attributes
    ----------
    xs : (w,) array
        Where each column's middle lies.
    ys : (h,) array
        Where each row's middle lies, from the top down.
    pixel : float
        The side of a pixel on the plane.
    rgb : (3, h, w) array
        The colours, 0..1.
    """

    xs: Floats
    ys: Floats
    pixel: float
    rgb: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.rgb = np.zeros((3, len(self.ys), len(self.xs)), np.float32)

    @classmethod
    def on(cls, box: Box, size: tuple[int, int]) -> Window:
        """Look at a part of the plane with so many pixels (width, height)."""
        (left, bottom, right, top), (width, height) = box, size
        xs = left + (np.arange(width) + 0.5) * ((right - left) / width)
        ys = top - (np.arange(height) + 0.5) * ((top - bottom) / height)
        return cls(xs.astype(np.float32), ys.astype(np.float32), (right - left) / width)

    @property
    def box(self) -> Box:
        """The part of the plane that is seen."""
        half = self.pixel / 2
        x, y = self.xs, self.ys
        return float(x[0]) - half, float(y[-1]) - half, float(x[-1]) + half, float(y[0]) + half

    def near(self, x: float, y: float, across: float, up: float) -> tuple[slice, slice]:
        """Find the rows and columns within some distance of a place."""
        rows = np.flatnonzero(np.abs(self.ys - np.float32(y)) < up + self.pixel)
        columns = np.flatnonzero(np.abs(self.xs - np.float32(x)) < across + self.pixel)
        if not len(rows) or not len(columns):
            return slice(0, 0), slice(0, 0)
        return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)

    def over(self, colour: Colour | Floats, alpha: Floats, rows: slice = slice(None)) -> None:
        """Lay a colour, or an array of them of shape (3, h or 1, w or 1), over some rows."""
        target = self.rgb[:, rows]
        target += (column(colour) - target) * alpha

    def edge(self, distance: Floats) -> Floats:
        """Say how much of a pixel lies inside of an edge that is so far away (inside is positive)."""
        return np.asarray(np.clip(distance * np.float32(1 / self.pixel) + np.float32(0.5), 0, 1), np.float32)

    def dot(self, x: float, y: float, radius: float, colour: Colour, strength: float) -> None:
        """Lay down a round, soft spot; one smaller than a pixel is faint."""
        rows, columns = self.near(x, y, 1.6 * radius, 1.6 * radius)
        part = self.rgb[:, rows, columns]
        away = np.hypot(self.xs[columns] - np.float32(x), (self.ys[rows] - np.float32(y))[:, None])
        soft = np.clip((1.5 * radius - away) / max(radius, self.pixel) + 0.5, 0, 1)
        part += (column(colour) - part) * (soft * np.float32(strength * min(1.0, radius / self.pixel)))

    def sprinkle(self, specks: list[tuple[float, float, float, float]]) -> None:
        """Lay down soft white specks, all at once: x, y, radius and light of each."""
        height, width = self.rgb.shape[1:]
        total = np.zeros(height * width)
        x, y, radius, light = np.array(specks, np.float64).reshape(-1, 4).T[:, :, None]
        across, up = (x - self.box[0]) / self.pixel - 0.5, (self.box[3] - y) / self.pixel - 0.5
        reaches = np.exp2(np.ceil(np.log2(3 * radius[:, 0] / self.pixel + 1))).astype(np.int64)
        for reach in np.unique(reaches):  # specks of about one size together, each in a square of its own
            some, around = reaches == reach, np.arange(-reach, reach + 1)
            size = radius[some] / self.pixel
            columns, rows = (np.round(at[some]).astype(np.int64) + around for at in (across, up))
            wide = np.exp(-(((columns - across[some]) / size) ** 2)) * ((columns >= 0) & (columns < width))
            high = np.exp(-(((rows - up[some]) / size) ** 2)) * ((rows >= 0) & (rows < height)) * light[some]
            place = rows.clip(0, height - 1)[:, :, None] * width + columns.clip(0, width - 1)[:, None, :]
            bright = high[:, :, None] * wide[:, None, :]
            total += np.bincount(place.ravel(), bright.ravel(), minlength=len(total))
        self.over((1.0, 1.0, 1.0), np.minimum(total, 1).reshape(height, width).astype(np.float32))

    def shadow(self, stand: Stand, colour: Colour) -> None:
        """Ground a figure with a soft shadow."""
        left, _, right, _ = stand.box
        x, rx, ry = (left + right) / 2, 0.62 * (right - left), 0.05 * stand.height
        rows, columns = self.near(x, stand.y, 2 * rx, 2.5 * ry)
        part = self.rgb[:, rows, columns]
        across = np.exp(-2 * ((self.xs[columns] - np.float32(x)) / np.float32(rx)) ** 4)
        down = np.exp(-(((self.ys[rows] - np.float32(stand.y)) / np.float32(ry)) ** 2))
        part += (column(colour) - part) * (np.float32(0.42) * down[:, None] * across[None, :])

    def place(self, stand: Stand, roles: dict[str, Colour], rim: Colour, towards: float, *, mirror: float = 0) -> None:
        """Draw a figure, with a rim of light on the side of the sun.

        Parameters
        ----------
        towards : float
            Which side the light comes from: -1 from the left, 1 from the right.
        mirror : float
            How strong it is, upside down below its foot, as a reflection; 0 for upright.
        """
        left, bottom, right, top = stand.box
        if mirror:
            bottom, top = 2 * stand.y - top, stand.y
        half_x, half_y = (right - left) / 2, (top - bottom) / 2
        rows, columns = self.near(left + half_x, bottom + half_y, half_x, half_y)
        if rows.stop == 0 or stand.height < 2 * self.pixel:
            return
        size = (columns.stop - columns.start, rows.stop - rows.start)
        foot_x = (stand.x - float(self.xs[columns.start])) / self.pixel + 0.5
        foot_y = (float(self.ys[rows.start]) - stand.y) / self.pixel + 0.5
        scale = stand.height / 100 / self.pixel * (-1 if stand.flip else 1)
        drawn = figures.draw(stand.figure, roles, size, (foot_x, size[1] - foot_y if mirror else foot_y), scale)
        paint = np.asarray(drawn, np.float32).transpose(2, 0, 1) * np.float32(1 / 255)
        colours, alpha = paint[:3], paint[3]
        if mirror:
            colours, alpha = colours[:, ::-1], alpha[::-1] * np.float32(mirror)
        else:
            colours = self._lit(colours, alpha, rim, towards, stand.height)
        target = self.rgb[:, rows, columns]
        target += (colours - target) * alpha

    def _lit(self, colours: Floats, alpha: Floats, rim: Colour, towards: float, height: float) -> Floats:
        shift = max(1, round(min(0.012 * height, _RIM) / self.pixel))
        behind = np.zeros_like(alpha)
        if towards > 0:
            behind[shift:, :-shift] = alpha[:-shift, shift:]
        else:
            behind[shift:, shift:] = alpha[:-shift, :-shift]
        lit = np.clip(alpha - behind, 0, 1) * np.float32(0.5)
        return np.asarray(colours + (column(rim) - colours) * lit, np.float32)


@dataclass(frozen=True)
class Stage:
    """All that a painter needs.

    Attributes
    ----------
    window : Window
        Where the paint goes.
    scene : Scene
        What is there.
    plan : Plan
        Its composition.
    ys : (h,) array
        How high each row looks: the window's own, or mirrored in the water.
    """

    window: Window
    scene: Scene
    plan: Plan
    ys: Floats

    def rows(self, low: float, high: float) -> slice:
        """Find the rows that look between two heights; none of them when it is empty."""
        margin = self.window.pixel
        inside = np.flatnonzero((self.ys >= low - margin) & (self.ys <= high + margin))
        return slice(int(inside[0]), int(inside[-1]) + 1) if len(inside) else slice(0, 0)


def column(colour: Colour | Floats) -> Floats:
    """Make an array that can be laid over pixels of shape (3, h, w); arrays stay as they are."""
    return np.array(colour, np.float32)[:, None, None] if isinstance(colour, tuple) else colour

"""From a picture's numbers to its pixels, and to the bytes that are sent.

Everything here is a pure function: the same picture gives the same bytes, today, after a restart, and in another process.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from io import BytesIO
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from mj_widgets.sandbox.picture import Box, Picture, Repaint, Tile
from mj_widgets.sandbox.scenery.noise import lattice
from mj_widgets.sandbox.scenery.plan import Scene
from mj_widgets.sandbox.scenery.scene import paint
from mj_widgets.sandbox.scenery.window import Window

Masks: TypeAlias = Callable[[str], bytes]
"""Finds a mask, a PNG of one channel, by its name."""

_GRAIN = 1.1  # levels of 255; it also hides the steps of soft gradients
_FEATHER = 0.012  # of the mask's width: how soft the inner edge of a repainted part is
_LABEL = "SANDBOX"


def render(picture: Picture, masks: Masks) -> Image.Image:
    """Draw a picture.

    Parameters
    ----------
    picture : Picture
        What to draw.
    masks : callable
        Gives the bytes of a mask that a repainted part names.

    Returns
    -------
    PIL.Image.Image
        RGB, of `Picture.size`; every tile of it bears the mark of the sandbox.
    """
    width, height = picture.tile_size
    whole = Image.new("RGB", picture.size)
    for k, tile in enumerate(picture.tiles):
        drawn = Image.fromarray(_pixels(tile, (width, height), masks))
        if picture.stop < 100:  # noqa: PLR2004 - per cent
            drawn = drawn.filter(ImageFilter.GaussianBlur((1 - picture.stop / 100) * 0.03 * picture.side))
        whole.paste(_marked(drawn), (k % 2 * width, k // 2 * height))
    return whole


def crop(picture: Picture, whole: Image.Image, index: int) -> Image.Image:
    """Cut a tile, 0 to 3, out of a drawn grid; a single picture is its own and only tile."""
    if picture.kind != "grid":
        return whole
    width, height = whole.width // 2, whole.height // 2
    left, upper = index % 2 * width, index // 2 * height
    return whole.crop((left, upper, left + width, upper + height))


def halved(whole: Image.Image) -> Image.Image:
    """Scale to half the width and height, as the thumbnail suffix does."""
    return whole.reduce(2)


def png(image: Image.Image) -> bytes:
    """Encode as PNG, quickly rather than small."""
    file = BytesIO()
    image.save(file, "PNG", compress_level=1)
    return file.getvalue()


def preview(small: Image.Image, progress: int, *, half: bool) -> bytes:
    """Encode an unfinished picture as WebP: coarse and blurred at first, and sharper as it goes on.

    Parameters
    ----------
    small : PIL.Image.Image
        The finished picture, at the size of a preview.
    progress : int
        Per cent.
    half : bool
        Whether the thumbnail of the preview is meant, of half its width and height.
    """
    missing = 1 - progress / 100
    focus = small.filter(ImageFilter.GaussianBlur(2 + 34 * missing**1.5)) if missing > 0 else small
    coarse = max(1, round(1 + 10 * missing**2))
    focus = focus.reduce(coarse).resize(small.size, Image.Resampling.BILINEAR)
    grey = Image.new("RGB", small.size, (124, 122, 128))
    focus = _marked(Image.blend(focus, grey, 0.35 * missing))
    file = BytesIO()
    (halved(focus) if half else focus).save(file, "WEBP", quality=72, method=1)
    return file.getvalue()


def _pixels(tile: Tile, size: tuple[int, int], masks: Masks) -> NDArray[np.uint8]:
    """Draw a tile; of shape (height, width, 3)."""
    window = Window.on(tile.view, size)
    paint(window, Scene(tile.seed, tile.vector, tile.features, tile.locks))
    for part in tile.repaints:
        _repaint(window, part, masks(part.mask))
    rough = np.tile(_grain(), (size[1] // 128 + 1, size[0] // 128 + 1))[: size[1], : size[0]]
    levels = np.clip(window.rgb * np.float32(255) + rough, 0, 255)
    return np.ascontiguousarray((levels + np.float32(0.5)).astype(np.uint8).transpose(1, 2, 0))


@cache
def _grain() -> NDArray[np.float32]:
    grid = np.arange(128)
    return (lattice(1, grid, grid) + lattice(2, grid, grid)) * np.float32(_GRAIN / 2)


def _repaint(window: Window, part: Repaint, mask: bytes) -> None:
    """Paint another scene, only where a mask is white."""
    alpha = _alpha(mask)
    left, bottom, right, top = part.box
    column = np.floor((window.xs - np.float32(left)) * np.float32(alpha.shape[1] / (right - left))).astype(np.int64)
    row = np.floor((np.float32(top) - window.ys) * np.float32(alpha.shape[0] / (top - bottom))).astype(np.int64)
    white_x, white_y = np.flatnonzero(alpha.any(axis=0)), np.flatnonzero(alpha.any(axis=1))
    if not len(white_x):
        return
    cols = np.flatnonzero((column >= white_x[0]) & (column <= white_x[-1]))
    rows = np.flatnonzero((row >= white_y[0]) & (row <= white_y[-1]))
    if not len(cols) or not len(rows):
        return
    inner = Window(window.xs[cols], window.ys[rows], window.pixel)
    paint(inner, Scene(part.seed, part.vector, part.features, part.locks, _focus(part, white_x, white_y, alpha.shape)))
    target = window.rgb[:, rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    target += (inner.rgb - target) * alpha[row[rows]][:, column[cols]]


def _alpha(mask: bytes) -> NDArray[np.float32]:
    """Say how much of a repaint shows: nothing where the mask is black, and all of it a little inside of the white."""
    with Image.open(BytesIO(mask)) as picture:
        hard = picture.convert("L").point(lambda level: 255 if level >= 128 else 0)  # noqa: PLR2004 - half way
    soft = hard.filter(ImageFilter.GaussianBlur(_FEATHER * hard.width))
    inside = np.asarray(hard, np.float32) / 255
    alpha = np.clip(np.asarray(soft, np.float32) * np.float32(2 / 255) - 1, 0, 1) * inside
    return np.asarray(inside if alpha.max(initial=0) < 0.9 else alpha, np.float32)  # noqa: PLR2004 - a line too thin to be feathered


def _focus(part: Repaint, white_x: NDArray[np.int64], white_y: NDArray[np.int64], shape: tuple[int, ...]) -> Box:
    """Find the box on the plane around the white part of a mask."""
    left, bottom, right, top = part.box
    wide, high = (right - left) / shape[1], (top - bottom) / shape[0]
    return (
        left + float(white_x[0]) * wide,
        top - float(white_y[-1] + 1) * high,
        left + float(white_x[-1] + 1) * wide,
        top - float(white_y[0]) * high,
    )


def _marked(tile: Image.Image) -> Image.Image:
    """Write SANDBOX into a corner."""
    side = math.sqrt(tile.width * tile.height)
    label = _label(max(28, round(0.23 * side)))
    margin = max(2, round(0.02 * side))
    tile.paste(label, (tile.width - label.width - margin, tile.height - label.height - margin), label)
    return tile


@cache
def _label(width: int) -> Image.Image:
    """Draw the mark: spaced capitals on a dark plate with round ends."""
    big = 4
    font = ImageFont.load_default(size=big * width * 0.155)
    advances = [font.getlength(letter) for letter in _LABEL]
    gap = 0.022 * width * big
    length = sum(advances) + gap * (len(_LABEL) - 1)
    height = round(0.26 * width) * big
    plate = Image.new("RGBA", (width * big, height), (12, 12, 18, 0))
    pen = ImageDraw.Draw(plate)
    pen.rounded_rectangle((0, 0, width * big - 1, height - 1), height / 2, fill=(12, 12, 18, 104))
    x = (width * big - length) / 2
    for letter, advance in zip(_LABEL, advances, strict=True):
        # a little bolder than the font, for the sake of thumbnails
        pen.text((x, height / 2), letter, font=font, fill=(255, 255, 255, 228), anchor="lm", stroke_width=0.009 * big * width)
        x += advance + gap
    return plate.reduce(big)

"""Simple figures for the nouns of a prompt: a fox, a boat, a lighthouse.

A figure stands on y = 0 and is 100 high; each line of its description is one part, painted in order::

    colour ~ x,y x,y ...     a smooth closed curve; a point marked ! is a sharp corner
    colour | x,y x,y ...     a polygon
    colour - w x,y x,y ...   a stroke of width w
    colour o x,y rx,ry       an ellipse

The colours are roles: ``body`` (the figure's own colour), ``shade``, ``soft`` and ``light`` (darker than it, a little
lighter, much lighter), ``dark`` and ``white`` (almost black, almost white), ``leaf`` (green), ``lamp`` (a lit window)
and ``accent`` (the palette's bright spot).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple, TypeAlias

from PIL import Image, ImageDraw

from mj_widgets.sandbox.scenery.palette import Colour, blend, from_hex
from mj_widgets.sandbox.scenery.shapes import ANIMALS, THINGS

Points: TypeAlias = tuple[tuple[float, float], ...]

SHAPES: Mapping[str, str] = {**ANIMALS, **THINGS}

_OWN = {  # the colours that people expect; everything else is a dark shape against the light
    "fox": "d9682b", "rabbit": "b8a38c", "deer": "96603a", "bear": "5e4230", "owl": "7c6048", "whale": "33506e",
    "fish": "e2843c", "butterfly": "e08a2e", "balloon": "d8493c", "boat": "7a3f2a", "house": "8a4a38",
    "lighthouse": "efe8da", "flower": "e2557f", "mushroom": "c8372d", "umbrella": "c8372d", "robot": "8e9aa6",
    "tree": "3c6b3a", "pine": "2b5242", "lantern": "e0552f", "hat": "3a2c2a", "castle": "8b8590", "person": "a8343a",
    "elephant": "7d8088", "windmill": "d8cbb4", "kite": "e0552f", "arch": "7d6a5c",
    "wolf": "4a4f5c", "cat": "2b2a30", "dog": "8a6038", "horse": "6b4630",
}  # fmt: skip
_CURVE_STEPS = 9
_SUPERSAMPLING = 4


class Part(NamedTuple):
    """One part of a figure: its colour's role, its kind, its points, and a stroke's width."""

    role: str
    kind: str
    points: Points
    width: float = 0.0


def _curve(words: list[str]) -> Points:
    """Round a closed line of points, as a Catmull-Rom spline; a point marked ``!`` stays a corner."""
    corner = [word.endswith("!") for word in words]
    at = [_point(word.rstrip("!")) for word in words]
    n = len(at)
    line: list[tuple[float, float]] = []
    for i, (x, y) in enumerate(at):
        x1, y1 = at[(i + 1) % n]
        xp, yp = (x, y) if corner[i] else at[i - 1]
        xn, yn = (x1, y1) if corner[(i + 1) % n] else at[(i + 2) % n]
        for step in range(_CURVE_STEPS):
            t = step / _CURVE_STEPS
            a, b = 2 * t**3 - 3 * t**2 + 1, t**3 - 2 * t**2 + t
            c, d = 1 - a, t**3 - t**2
            tangents = (x1 - xp) / 2, (xn - x) / 2, (y1 - yp) / 2, (yn - y) / 2
            px = a * x + b * tangents[0] + c * x1 + d * tangents[1]
            py = a * y + b * tangents[2] + c * y1 + d * tangents[3]
            line.append((px, py))
    return tuple(line)


def _point(word: str) -> tuple[float, float]:
    x, y = word.split(",")
    return float(x), float(y)


@cache
def parts(name: str) -> tuple[Part, ...]:
    """Read a figure's description."""
    found = []
    for line in SHAPES[name].strip().splitlines():
        role, kind, *words = line.split()
        if kind == "~":
            found.append(Part(role, kind, _curve(words)))
        elif kind == "-":
            found.append(Part(role, kind, tuple(map(_point, words[1:])), float(words[0])))
        else:
            found.append(Part(role, kind, tuple(map(_point, words))))
    return tuple(found)


@cache
def extent(name: str) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of a figure, in its own hundredths."""
    xs: list[float] = []
    ys: list[float] = []
    for part in parts(name):
        if part.kind == "o":
            (x, y), (rx, ry) = part.points
            xs += (x - rx, x + rx)
            ys += (y - ry, y + ry)
        else:
            xs += [x + side * part.width / 2 for x, _ in part.points for side in (-1, 1)]
            ys += [y + side * part.width / 2 for _, y in part.points for side in (-1, 1)]
    return min(xs), min(ys), max(xs), max(ys)


def own_colour(name: str, near: Colour) -> Colour:
    """Say which colour a figure has when the prompt names none, in a scene with this nearest colour."""
    return from_hex(_OWN[name]) if name in _OWN else blend(near, (0.02, 0.02, 0.04), 0.55)


def dress(body: Colour, accent: Colour, air: Colour) -> dict[str, Colour]:
    """Say what each role looks like; the air lies a little over all of them."""
    ink, snow = (0.06, 0.06, 0.09), (0.97, 0.96, 0.93)
    roles = {
        "body": body,
        "shade": blend(body, ink, 0.35),
        "soft": blend(body, snow, 0.2),
        "light": blend(body, snow, 0.72),
        "dark": blend(body, ink, 0.85),
        "white": snow,
        "leaf": blend(from_hex("4f7d43"), body, 0.1),
        "lamp": from_hex("ffd98a"),
        "accent": accent,
    }
    return {role: blend(colour, air, 0.12) for role, colour in roles.items()}


def draw(
    name: str, colours: Mapping[str, Colour], size: tuple[int, int], foot: tuple[float, float], scale: float
) -> Image.Image:
    """Draw a figure into a box of pixels.

    Parameters
    ----------
    name : str
        One of `SHAPES`.
    colours : mapping
        What each role looks like.
    size : (int, int)
        The box, in pixels.
    foot : (float, float)
        Where in the box it stands, in pixels from the upper left corner.
    scale : float
        Pixels to one of its hundredths; negative when it looks to the left.

    Returns
    -------
    PIL.Image.Image
        RGBA, with smooth edges.
    """
    more = _SUPERSAMPLING
    picture = Image.new("RGBA", (size[0] * more, size[1] * more), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    for part in parts(name):
        _paint(pen, part, _bytes(colours[part.role]), (foot[0] * more, foot[1] * more), scale * more)
    return picture.reduce(more)


def _bytes(colour: Colour) -> tuple[int, int, int, int]:
    r, g, b = (round(255 * c) for c in colour)
    return r, g, b, 255


def _paint(
    pen: ImageDraw.ImageDraw,
    part: Part,
    fill: tuple[int, int, int, int],
    origin: tuple[float, float],
    across: float,
) -> None:
    up = abs(across)
    if part.kind == "o":
        (x, y), (rx, ry) = part.points
        cx, cy = origin[0] + x * across, origin[1] - y * up
        pen.ellipse((cx - rx * up, cy - ry * up, cx + rx * up, cy + ry * up), fill=fill)
        return
    line = [(origin[0] + x * across, origin[1] - y * up) for x, y in part.points]
    if part.kind != "-":
        pen.polygon(line, fill=fill)
        return
    width = part.width * up
    pen.line(line, fill=fill, width=max(1, round(width)), joint="curve")
    for x, y in (line[0], line[-1]):  # round ends
        pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=fill)

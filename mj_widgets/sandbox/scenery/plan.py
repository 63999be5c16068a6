"""Composition: where things stand in a scene, and in which colours, before any pixel is painted.

A seed says what a plane is like; the variation vector moves it smoothly, so that a small step gives a sibling and a
large one a cousin. All lengths are on the plane (see `picture.Box`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

from mj_widgets.sandbox.dice import between, chance, mix
from mj_widgets.sandbox.features import Cast, Features
from mj_widgets.sandbox.picture import Box, Lock
from mj_widgets.sandbox.scenery import figures
from mj_widgets.sandbox.scenery.palette import HUES, MOODS, Colour, Palette, from_hex, tint, tinted, turn


@dataclass(frozen=True)
class Scene:
    """One plane: everything that decides what is at a place.

    Attributes
    ----------
    seed, vector, features, locks
        As in `picture.Tile`.
    focus : Box or None
        Where the figures have to stand; None leaves it to the composition.
    """

    seed: int
    vector: tuple[float, ...]
    features: Features
    locks: tuple[Lock, ...] = ()
    focus: Box | None = None


class Stand(NamedTuple):
    """A figure at its place: its foot, its height, the way it looks, and its own colour."""

    figure: str
    x: float
    y: float
    height: float
    flip: bool
    colour: Colour

    @property
    def box(self) -> Box:
        """The part of the plane that it covers."""
        left, bottom, right, top = (edge * self.height / 100 for edge in figures.extent(self.figure))
        left, right = (-right, -left) if self.flip else (left, right)
        return self.x + left, self.y + bottom, self.x + right, self.y + top


@dataclass(frozen=True)
class Plan:
    """A scene's composition.

    Attributes
    ----------
    horizon : float
        Height of the horizon.
    water : bool
        Whether there is water below it.
    sun : (float, float, float)
        The middle and radius of the sun or moon; a radius of 0 for none.
    morph, drift : float
        How far the land is morphed, and the clouds are shifted.
    cover : float
        Clouds: 0 for none, 1 for an overcast sky.
    rich : float
        0 for a plain picture, 1 for a sumptuous one.
    stands : tuple of Stand
        The figures of the prompt.
    """

    palette: Palette
    horizon: float
    water: bool
    sun: tuple[float, float, float]
    morph: float
    drift: float
    cover: float
    rich: float
    stands: tuple[Stand, ...]

    def side(self, x: float) -> float:
        """Which side the light comes from at a place: -1 from the left, 1 from the right."""
        return 1.0 if self.sun[0] > x else -1.0


_AFLOAT = frozenset({"boat", "whale", "fish"})
_ALOFT = {"bird": 0.20, "gull": 0.16, "butterfly": 0.20, "balloon": 0.40, "kite": 0.30, "lantern": 0.18, "fish": 0.2}
_HEIGHT = {
    "tree": 0.50, "pine": 0.52, "house": 0.30, "castle": 0.42, "lighthouse": 0.46, "boat": 0.36, "person": 0.32,
    "astronaut": 0.32, "flower": 0.42, "mushroom": 0.30, "whale": 0.26, "fish": 0.24, "elephant": 0.36, "rabbit": 0.26,
    "hat": 0.20, "windmill": 0.44, "arch": 0.36, "bear": 0.32, "umbrella": 0.34, "horse": 0.38, "deer": 0.38,
}  # fmt: skip
SHORE = 0.17
"""How far below the horizon the hill lies that figures stand on."""


def plan(scene: Scene) -> Plan:
    """Compose a scene."""
    seed, features = scene.seed, scene.features
    v = tuple(math.tanh(x / 2) * 2 for x in scene.vector)  # strange vectors stay on the canvas
    horizon = between(-0.16, 0.02, seed, "horizon") + 0.035 * v[2]
    palette = _palette(scene, v[7])
    water = "water" not in features.without and _has_water(seed, features)
    bare = Plan(
        palette=palette,
        horizon=horizon,
        water=water,
        sun=_sun(scene, palette, horizon, v),
        morph=0.45 * v[3] + 10 * chance(seed, "morph"),
        drift=0.3 * v[4],
        cover=_cover(seed, features),
        rich=min(1.0, features.stylize / 1000),
        stands=(),
    )
    return replace(bare, stands=_stands(scene, bare, v))


def _has_water(seed: int, features: Features) -> bool:
    if (
        features.setting == "sea"
        or "water" in features.weather
        or any(cast.figure in {"boat", "whale"} for cast in features.casts)
    ):
        return True
    return chance(seed, "water") < {"mountains": 0.45, "city": 0.8}.get(features.setting, 0.0)


def _palette(scene: Scene, hue: float) -> Palette:
    features = scene.features
    palette = MOODS[features.mood]
    palette = tinted(palette, features.tints)
    accents = [cast.colour for cast in features.casts if cast.colour]
    colours = list(palette.colours())
    if accents and not features.tints and not scene.focus:  # a red fox throws a little red on everything
        colours = [tint(colour, accents[0], 0.22) for colour in colours]
    chroma = 0.66 + 0.7 * math.sqrt(min(1.0, features.stylize / 1000))
    if features.mood == "ink" and not features.tints:
        chroma, hue = 1.0, 0.0
    strange = 2.6 * min(1.0, features.weird / 3000)
    for i, colour in enumerate(colours):
        ground = strange if i in (4, 5) else -0.5 * strange  # the ground leaves the sky's harmony
        colours[i] = turn(colour, 0.11 * hue + ground, chroma=chroma)
    return palette.with_colours(colours)


def _sun(scene: Scene, palette: Palette, horizon: float, v: tuple[float, ...]) -> tuple[float, float, float]:
    features, seed = scene.features, scene.seed
    moon = palette.dark or "moon" in features.weather
    if ("moon" if moon else "sun") in features.without or (features.mood == "storm" and not moon):
        return 0.0, horizon, 0.0
    low, high = {"sunset": (0.03, 0.13), "dawn": (0.05, 0.16), "dusk": (0.10, 0.3), "golden": (0.10, 0.24)}.get(
        features.mood, (0.22, 0.38)
    )
    radius = between(0.04, 0.07, seed, "sun radius")
    if features.mood in ("neon", "space") or "bands" in features.weather:
        low, high, radius = 0.06, 0.2, between(0.13, 0.18, seed, "sun radius")
    x = between(-0.36, 0.36, seed, "sun x") + 0.09 * v[0]
    return x, horizon + between(low, high, seed, "sun y") + 0.04 * v[1], radius


def _cover(seed: int, features: Features) -> float:
    if "clear" in features.weather or "clouds" in features.without:
        return 0.0
    if features.mood == "storm" or "rain" in features.weather:
        return 0.95
    if "clouds" in features.weather:
        return 0.75
    return between(0.15, 0.55, seed, "cover") * (0.4 if features.mood in ("night", "space", "neon") else 1.0)


def _stands(scene: Scene, plan: Plan, v: tuple[float, ...]) -> tuple[Stand, ...]:
    """Put the figures in their places: the first in front at a third of the picture, the others beside it."""
    found: list[Stand] = []
    side = 1 if mix(scene.seed, "side") % 2 else -1
    for order, cast in enumerate(scene.features.casts):
        home = side * (-1) ** order * between(0.1, 0.24, scene.seed, "figure", order)
        alone = cast.count == 1
        for k in range(cast.count):
            x = home if alone else (k - (cast.count - 1) / 2) * 0.84 / cast.count
            size = (0.72 if order else 1.0) * (1.0 if alone else 0.72 - 0.03 * cast.count)
            found.append(_stand(scene, plan, cast, (x, size, mix(scene.seed, "figure", order, k)), v))
    if scene.focus and found:
        left, bottom, right, top = scene.focus
        wide = (right - left) / len(found)
        found = [_fit(s, (left + i * wide, bottom, left + (i + 1) * wide, top), v) for i, s in enumerate(found)]
    return tuple(sorted(found, key=lambda stand: -stand.y))


def _stand(scene: Scene, plan: Plan, cast: Cast, where: tuple[float, float, int], v: tuple[float, ...]) -> Stand:
    x, size, key = where
    usual = _ALOFT.get(cast.figure) or _HEIGHT.get(cast.figure, 0.34) * between(0.9, 1.12, key, "height")
    x += 0.07 * v[5] + (between(-0.04, 0.04, key, "crowd") if cast.count > 1 else 0)
    if cast.figure in _AFLOAT and plan.water:
        y = plan.horizon - between(0.10, 0.16, key, "float")
    elif cast.figure in _ALOFT:
        y = plan.horizon + between(0.04, 0.2, key, "aloft") + 0.02 * v[1]
    else:
        y = plan.horizon - SHORE - between(0.015, 0.07, key, "foot")
    colour = from_hex(HUES[cast.colour]) if cast.colour else figures.own_colour(cast.figure, plan.palette.near)
    if scene.features.mood == "ink" and not cast.colour and not scene.features.tints:
        colour = plan.palette.near
    flip = (x > 0) != (mix(key, "flip") % 7 == 0)  # most look into the picture
    return Stand(cast.figure, x, y, usual * size * (1 + 0.13 * v[6]), flip, colour)


def _fit(stand: Stand, box: Box, v: tuple[float, ...]) -> Stand:
    """Put a figure into a box, with a little room that the variations play with."""
    left, bottom, right, top = figures.extent(stand.figure)
    wide, high = box[2] - box[0], box[3] - box[1]
    height = (86 + 5 * v[6]) * min(wide / (right - left), high / (top - bottom))
    room = wide - height * (right - left) / 100
    middle = (box[0] + box[2]) / 2 + 0.2 * v[5] * room - (left + right) / 200 * height * (-1 if stand.flip else 1)
    return stand._replace(x=middle, y=box[1] + 0.03 * high - bottom / 100 * height, height=height)

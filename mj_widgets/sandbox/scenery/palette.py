"""Colours that agree with each other: moods by name, tinted by colour words.

Tinting happens in OKLCH (Björn Ottosson, https://bottosson.github.io/posts/oklab/): there a hue can be turned while
lightness stays, so that a teal sunset is as light, and as deep, as the red one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

Colour: TypeAlias = tuple[float, float, float]  # red, green, blue in 0..1, as a screen takes them

_KNEE = 0.04045  # below it sRGB is linear (IEC 61966-2-1)


@dataclass(frozen=True)
class Palette:
    """The colours of one mood.

    Attributes
    ----------
    sky : tuple of Colour
        From the zenith down to the horizon.
    far, near : Colour
        The most distant ridge and the closest one; the others lie between.
    sun, glow : Colour
        The disk of the sun or moon, and the light around it.
    accent : Colour
        For small bright things: windows, flowers, sails.
    dark : bool
        Whether it is night: stars, a moon, lit windows.
    """

    sky: tuple[Colour, Colour, Colour, Colour]
    far: Colour
    near: Colour
    sun: Colour
    glow: Colour
    accent: Colour
    dark: bool = False

    def colours(self) -> tuple[Colour, ...]:
        """All of them, in a fixed order."""
        return (*self.sky, self.far, self.near, self.sun, self.glow, self.accent)

    def with_colours(self, colours: Sequence[Colour]) -> Palette:
        """Put other colours into the same places."""
        sky = (colours[0], colours[1], colours[2], colours[3])
        far, near, sun, glow, accent = colours[4:9]
        return replace(self, sky=sky, far=far, near=near, sun=sun, glow=glow, accent=accent)


def from_hex(text: str) -> Colour:
    """Read ``rrggbb``."""
    return (int(text[0:2], 16) / 255, int(text[2:4], 16) / 255, int(text[4:6], 16) / 255)


def _mood(sky: str, *others: str, dark: bool = False) -> Palette:
    zenith, high, low, horizon = map(from_hex, sky.split())
    far, near, sun, glow, accent = map(from_hex, others)
    return Palette((zenith, high, low, horizon), far, near, sun, glow, accent, dark=dark)


MOODS = {
    "day": _mood("2c6fb3 5fa3d6 a9d3ea e9f4ee", "a5c6d6", "24504a", "fffbe6", "fff3c9", "f2b84b"),
    "dawn": _mood("4a5c92 9489b4 e0a3a8 fde0b8", "b9a2bb", "343a5c", "fff0cc", "ffd9a0", "f4a07a"),
    "golden": _mood("54799c b9a58f efb96c ffe3a3", "d8a871", "43301f", "fff6d2", "ffd98a", "e8743b"),
    "sunset": _mood("2b2a5f 83407a e2646b ffbd73", "b2587d", "25183a", "ffeab0", "ff9d5c", "ffc857"),
    "dusk": _mood("1b2349 464579 9a6b97 efb09c", "786294", "191a33", "fdeacf", "f2b79a", "ffcf7d"),
    "night": _mood("060c20 0e1e40 1b3862 3f688c", "294a70", "060b1a", "f5f1dc", "9db8d6", "ffd27a", dark=True),
    "winter": _mood("6f90b8 a5bfd8 d5e3ee f8f3ea", "b4c8da", "415f7d", "fffaf0", "fff0dc", "d9583f"),
    "autumn": _mood("5f83a6 b7b3a6 efcf97 fdebc4", "c8935f", "4e2a1f", "fff4d6", "ffdd9c", "d9482b"),
    "spring": _mood("5fabd6 9fd2e2 d9efe4 fff6e0", "98c7b4", "2f6347", "fffbe8", "fff0c4", "f08bb0"),
    "desert": _mood("3b7cae 8fb9c6 f0d5a8 ffe7c2", "e0a97c", "84422c", "fff8dc", "ffe2a6", "2f9c95"),
    "storm": _mood("2b3440 4a5866 76838c b3b8b4", "7a868e", "20282d", "e8e6da", "c9cfc9", "e6c35c"),
    "neon": _mood("0a0722 2a1158 7c1d8c ff5aa8", "4d2386", "0a0718", "ffd76a", "ff4fa0", "35f0e0", dark=True),
    "space": _mood("03040d 0a0c26 1d1848 523074", "37265f", "05050f", "f3e3c4", "b98cff", "7df0ff", dark=True),
    "ink": _mood("dcd9cf e7e4db f1efe8 f8f6f0", "bdbab2", "1d1c1a", "ffffff", "ffffff", "8f1f1a"),
    "pastel": _mood("a9bfe0 c9c4e6 f2cfd6 fdebd3", "c4b9d6", "6f7ba0", "fffaf0", "ffe9d6", "f29e8e"),
}

HUES = {
    "red": "d8322f", "crimson": "b3122f", "scarlet": "e03a22", "ruby": "a8123e", "orange": "ee7f22",
    "copper": "b66a3c", "amber": "f0a321", "gold": "e3b02c", "yellow": "f2d43a",
    "lime": "a3d63a", "green": "3f9d4a", "emerald": "1f9d6b", "olive": "8a8a3a", "mint": "8fdcb8", "jade": "2f9f7c",
    "teal": "149b98", "turquoise": "2fc4bd", "cyan": "27c5dd", "aqua": "3fcfd6", "azure": "3a95e8",
    "blue": "2f66d8", "cobalt": "2249b0", "navy": "1f2f78", "indigo": "47379e", "violet": "7f4fd0",
    "purple": "7a3fb0", "lavender": "b39be0", "magenta": "d0339a", "pink": "f28bb4", "rose": "e8708f",
    "brown": "7d5233", "beige": "d9c6a0", "sepia": "8a6a45", "white": "f4f4f0", "silver": "b9c0c6",
    "grey": "868a8e", "gray": "868a8e", "black": "1b1b1e",
}  # fmt: skip


def blend(one: Colour, other: Colour, share: float) -> Colour:
    """Go from one colour (share 0) to another (share 1)."""
    r, g, b = (a + (z - a) * share for a, z in zip(one, other, strict=True))
    return (r, g, b)


def to_oklch(colour: Colour) -> tuple[float, float, float]:
    """Convert to lightness 0..1, chroma 0..0.4 and hue in radians."""
    r, g, b = (c / 12.92 if c <= _KNEE else ((c + 0.055) / 1.055) ** 2.4 for c in colour)
    long = math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    medium = math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    short = math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    green_red = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    blue_yellow = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, math.hypot(green_red, blue_yellow), math.atan2(blue_yellow, green_red)


def from_oklch(lightness: float, chroma: float, hue: float) -> Colour:
    """Convert back, cutting off what a screen cannot show."""
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    clipped = (min(1.0, max(0.0, c)) for c in linear)
    red, green, blue = (12.92 * c if c <= _KNEE / 12.92 else 1.055 * c ** (1 / 2.4) - 0.055 for c in clipped)
    return (red, green, blue)


def turn(colour: Colour, hue: float, *, chroma: float = 1.0, lightness: float = 1.0) -> Colour:
    """Turn the hue by some radians, and scale chroma and lightness."""
    light, strength, angle = to_oklch(colour)
    return from_oklch(min(1.0, light * lightness), strength * chroma, angle + hue)


def tint(colour: Colour, word: str, share: float) -> Colour:
    """Pull a colour towards a colour word, keeping most of its lightness."""
    light, strength, _ = to_oklch(colour)
    goal_light, goal_strength, goal_hue = to_oklch(from_hex(HUES[word]))
    faint = 0.04  # below this chroma a word such as "white" names a lightness, not a hue
    if goal_strength < faint:
        return blend(colour, from_oklch(light + 0.45 * (goal_light - light), strength * 0.15, goal_hue), share)
    wanted = goal_strength * (0.35 + 0.65 * (1 - abs(2 * light - 1)))  # the lightest and darkest bear less colour
    return blend(colour, from_oklch(light + 0.2 * (goal_light - light), max(wanted, 0.6 * strength), goal_hue), share)


def tinted(palette: Palette, words: Sequence[str]) -> Palette:
    """Let colour words rule a palette: the first the air, the second the ground, both the light."""
    if not words:
        return palette
    air, ground = words[0], words[min(1, len(words) - 1)]
    shares = (air, 0.85), (air, 0.85), (air, 0.75), (air, 0.5), (ground, 0.8), (ground, 0.7), (air, 0.25), (air, 0.55)
    colours = palette.colours()
    return palette.with_colours([tint(c, *s) for c, s in zip(colours[:8], shares, strict=True)] + [colours[8]])

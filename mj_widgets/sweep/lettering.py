"""Text in a picture: broken into lines that fit, in the font that comes with Pillow.

That one has the letters of ASCII and few more, so what needs others is drawn in a font of the computer, where there is one
that has them; else accents are dropped, which is better than a box.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

_OTHERS = (
    "DejaVuSans.ttf", "NotoSans-Regular.ttf", "Arial Unicode.ttf", "Arial.ttf", "LiberationSans-Regular.ttf",
    "NotoSansCJK-Regular.ttc", "msyh.ttc", "PingFang.ttc", "Hiragino Sans GB.ttc", "wqy-zenhei.ttc",
)  # fmt: skip
"""What is looked for where the usual font lacks a letter: Pillow knows where Linux, macOS and Windows keep theirs."""

_LEADING = 1.3  # of a line, in sizes of the font
_MOST = 400  # characters that are looked at: nobody reads more beside a picture

Colour = tuple[int, int, int]


class Lettering:
    """A font in one size, that knows how wide a text is.

    Parameters
    ----------
    size : int
        Pixels.
    font : path, optional
        A TrueType or OpenType file. Pillow's own has Latin letters only.
    """

    def __init__(self, size: int, font: str | Path | None = None) -> None:
        self._size, self._given = size, str(font) if font else ""
        load(self._given, size)  # a font that is not there is told before anything is drawn
        self.leading = round(size * _LEADING)
        self._known: dict[tuple[str, int, int], tuple[str, ...]] = {}

    def lines(self, text: str, width: int, most: int) -> tuple[str, ...]:
        """Break a text into at most so many lines of at most so many pixels; what is left out is an ellipsis."""
        key = (text, width, most)
        if key not in self._known:
            said = " ".join(text[:_MOST].split())
            self._known[key] = self._broken(drawable(said, self._font(said)), width, most)
        return self._known[key]

    def width(self, text: str) -> int:
        """Give the pixels that a text needs in one line."""
        wide: float = self._font(text).getlength(text)
        return round(wide)

    def height(self, lines: tuple[str, ...]) -> int:
        """Give the pixels that lines need."""
        return self.leading * len(lines)

    def draw(self, on: ImageDraw, lines: tuple[str, ...], at: tuple[int, int], colour: Colour, *, centred: int = 0) -> None:
        """Write lines below each other from `at`; in the middle of `centred` pixels where that is given."""
        x, y = at
        for line in lines:
            left = x + max(0, (centred - self.width(line)) // 2) if centred else x
            on.text((left, y), line, font=self._font(line), fill=colour)
            y += self.leading

    def _font(self, text: str) -> Any:
        """Choose the font for a text: the first that has all of its letters, or the one that has the most."""
        usual = load(self._given, self._size)
        if self._given or not missing(text, usual):
            return usual
        others = [font for name in _OTHERS if (font := _found(name, self._size))]
        return min([*others, usual], key=lambda font: missing(text, font))

    def _broken(self, text: str, width: int, most: int) -> tuple[str, ...]:
        lines: list[str] = []
        rest = text
        while rest and len(lines) < most:
            line = self._fitting(rest, width)
            rest = rest[len(line) :].lstrip()
            lines.append(line.rstrip())
        if rest:
            lines[-1] = self._shortened(lines[-1], width)
        return tuple(lines)

    def _fitting(self, text: str, width: int) -> str:
        """Take as much as fits in a line: whole words, or a part of the first where that is too long; one letter at least."""
        if self.width(text) <= width:
            return text
        low, high = 1, len(text)
        while low < high:  # the longest beginning that fits
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.width(text[:middle]) <= width else (low, middle - 1)
        space = text.rfind(" ", 0, low + 1)
        return text[:space] if space > 0 else text[:low]

    def _shortened(self, line: str, width: int) -> str:
        while line and self.width(f"{line}…") > width:
            line = line[:-1]
        return f"{line.rstrip()}…"


@cache
def load(name: str, size: int) -> Any:
    """Load a font: Pillow's own where there is no name."""
    from PIL import ImageFont

    if not name:
        return ImageFont.load_default(size)
    try:
        return ImageFont.truetype(name, size)
    except OSError as error:
        raise ValueError(f"There is no font {name!r}, or Pillow cannot read it: {error}") from error


def missing(text: str, font: Any) -> int:
    """Count the letters of a text that a font has not."""
    return sum(not has(font, letter) for letter in {*text} if letter > "~")


def drawable(text: str, font: Any) -> str:
    """Drop the accents of letters that a font has not."""
    if not missing(text, font):
        return text
    return "".join(
        letter if letter <= "~" or has(font, letter) else unicodedata.normalize("NFKD", letter)[0] for letter in text
    )


@cache
def has(font: Any, letter: str) -> bool:
    """Tell whether a font has a letter: for those that it has not, it draws the same box."""
    box, drawn = font.getmask("\uffff"), font.getmask(letter)
    return (box.size, bytes(box)) != (drawn.size, bytes(drawn))


def _found(name: str, size: int) -> Any:
    try:
        return load(name, size)
    except ValueError:
        return None

"""Effects as a picture: a panel for each axis, all on one scale, and in each the band within which luck alone moves."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mj_widgets.sweep.lettering import Colour, Lettering

if TYPE_CHECKING:
    import pandas as pd
    import PIL.Image
    from PIL.ImageDraw import ImageDraw

NARROWEST = 400  # pixels; with less nothing can be read

_MARGIN, _GAP = 24, 8
_ROW = 30  # pixels of a value
_DOT, _CAP = 5, 5
_TICKS = 5
_FINE = 2  # what is no letter is drawn so many times larger first: circles and thin lines come out smooth
_NOTHING = "(nothing)"
_LABELS = 3 / 10  # of the width, at most


class _Inks(NamedTuple):
    paper: Colour
    ink: Colour
    quiet: Colour
    line: Colour
    band: Colour
    above: Colour


_LIGHT = _Inks((255, 255, 255), (24, 26, 30), (88, 94, 104), (232, 234, 238), (208, 212, 218), (178, 74, 10))
_DARK = _Inks((22, 24, 28), (235, 237, 240), (166, 173, 182), (46, 50, 57), (76, 82, 92), (255, 176, 102))


def plot(effects: pd.DataFrame, *, width: int = 760, dark: bool = False, font: str | Path | None = None) -> PIL.Image.Image:
    """Draw what `mj_widgets.sweep.effects.effects` found.

    Parameters
    ----------
    effects : pandas.DataFrame
    width : int
        Pixels, 400 or more.
    dark : bool
        Light on dark.
    font : path, optional
        A TrueType or OpenType file; Pillow's own has Latin letters only.
    """
    from PIL import Image, ImageDraw

    if width < NARROWEST:
        raise ValueError(f"width is {NARROWEST} pixels or more, not {width!r}.")
    figure = _Figure(effects, width, _DARK if dark else _LIGHT, font)
    lines = Image.new("RGB", (width * _FINE, figure.height * _FINE), figure.inks.paper)
    figure.draw_lines(ImageDraw.Draw(lines))
    picture = lines.resize((width, figure.height), Image.Resampling.BOX)
    figure.letter(ImageDraw.Draw(picture))
    return picture


class _Panel(NamedTuple):
    """One axis."""

    name: tuple[str, ...]
    verdict: tuple[str, ...]
    rows: list[dict[str, Any]]
    top: int
    first: int
    """Where its rows begin."""

    @property
    def bottom(self) -> int:
        """Where its rows end."""
        return self.first + len(self.rows) * _ROW

    @property
    def band(self) -> tuple[float, float] | None:
        """Where luck's band lies: in the middle of the means, and as wide as luck makes two of them differ."""
        means = [row["mean"] for row in self.rows if not math.isnan(row["mean"])]
        luck = self.rows[0]["luck"]
        if not means or math.isnan(luck):
            return None
        middle = (min(means) + max(means)) / 2
        return middle - luck / 2, middle + luck / 2


class _Figure:
    """Measures a figure, and draws it."""

    def __init__(self, frame: pd.DataFrame, width: int, inks: _Inks, font: str | Path | None) -> None:
        self.inks = inks
        self._large, self._name, self._text = Lettering(19, font), Lettering(16, font), Lettering(13, font)
        self._width, self._room = width, width - 2 * _MARGIN
        self._head = self._large.lines(f"What changes {frame.attrs.get('metric', 'it')}", self._room, 2)
        self._foot = self._text.lines(_legend(frame), self._room, 4)
        groups: list[tuple[str, list[Any]]] = [
            (str(axis), rows.to_dict("records")) for axis, rows in frame.groupby("axis", sort=False)
        ]
        told = [row for _, rows in groups for row in rows]
        widest = max((self._text.width(_label(row)) for row in told), default=0)
        self._left = _MARGIN + min(widest, round(width * _LABELS)) + 2 * _GAP
        numbers = max((self._text.width(_count(row)) for row in told), default=0)
        self._right = width - _MARGIN - numbers - _GAP
        self._panels: list[_Panel] = []
        top = _MARGIN + self._large.height(self._head) + _GAP
        for axis, rows in groups:
            name, verdict = self._name.lines(axis, self._room, 2), self._text.lines(rows[0]["verdict"], self._room, 4)
            first = top + self._name.height(name) + self._text.height(verdict) + _GAP
            self._panels.append(_Panel(name, verdict, rows, top, first))
            top = self._panels[-1].bottom + self._text.leading + 3 * _GAP
        self._end = top
        self.height = top + self._text.height(self._foot) + _MARGIN
        self._low, self._high = _ends(self._panels)
        self._ticks = _ticks(self._low, self._high)

    def _across(self, value: float) -> int:
        return round(self._left + (value - self._low) / (self._high - self._low) * (self._right - self._left))

    def draw_lines(self, on: ImageDraw) -> None:
        """Draw all that is no letter, finely."""
        for panel in self._panels:
            if panel.band:
                ends = [self._across(end) for end in panel.band]
                on.rectangle(_fine(ends[0], panel.first, max(ends[1], ends[0] + 1), panel.bottom), fill=self.inks.band)
            for tick in self._ticks:
                x = self._across(tick)
                on.line(_fine(x, panel.first, x, panel.bottom), fill=self.inks.line, width=_FINE)
            on.line(_fine(self._left, panel.bottom, self._right, panel.bottom), fill=self.inks.quiet, width=_FINE)
            for number, row in enumerate(panel.rows):
                self._draw_value(on, row, panel.first + number * _ROW + _ROW // 2)

    def _draw_value(self, on: ImageDraw, row: dict[str, Any], y: int) -> None:
        if math.isnan(row["mean"]):
            return
        colour = self.inks.above if row["above_luck"] else self.inks.ink
        x = self._across(row["mean"])
        if not math.isnan(row["low"]):
            low, high = self._across(row["low"]), self._across(row["high"])
            on.line(_fine(low, y, high, y), fill=colour, width=2 * _FINE)
            for end in (low, high):
                on.line(_fine(end, y - _CAP, end, y + _CAP), fill=colour, width=2 * _FINE)
        on.ellipse(_fine(x - _DOT, y - _DOT, x + _DOT, y + _DOT), fill=colour)

    def letter(self, on: ImageDraw) -> None:
        """Write all letters."""
        self._large.draw(on, self._head, (_MARGIN, _MARGIN), self.inks.ink)
        for panel in self._panels:
            self._name.draw(on, panel.name, (_MARGIN, panel.top), self.inks.ink)
            self._text.draw(on, panel.verdict, (_MARGIN, panel.top + self._name.height(panel.name)), self.inks.quiet)
            for number, row in enumerate(panel.rows):
                y = panel.first + number * _ROW + (_ROW - self._text.leading) // 2
                label = self._text.lines(_label(row), self._left - _MARGIN - 2 * _GAP, 1)
                self._text.draw(on, label, (_MARGIN, y), self.inks.ink)
                self._text.draw(on, (_count(row),), (self._right + _GAP, y), self.inks.quiet)
            self._letter_ticks(on, panel.bottom + _GAP // 2)
        self._text.draw(on, self._foot, (_MARGIN, self._end), self.inks.quiet)

    def _letter_ticks(self, on: ImageDraw, y: int) -> None:
        free = self._left - _GAP
        for tick in self._ticks:
            told = f"{tick:.6g}"
            width = self._text.width(told)
            x = min(self._across(tick) - width // 2, self._width - _MARGIN - width)
            if x >= free:
                self._text.draw(on, (told,), (x, y), self.inks.quiet)
                free = x + width + _GAP


def _legend(frame: pd.DataFrame) -> str:
    level = float(frame.attrs.get("level", 0.95))
    if all(math.isnan(luck) for luck in frame["luck"]):
        return f"Dots are means, bars their {level:.0%} intervals where these are known; n is the number of cells."
    return (
        f"Dots are means, bars their {level:.0%} intervals, and n is the number of cells. The grey band is as wide as luck "
        "reaches: where all dots of an axis fit into it, luck alone could have put them there. Orange is above luck."
    )


def _label(row: dict[str, Any]) -> str:
    return str(row["label"]) or _NOTHING


def _count(row: dict[str, Any]) -> str:
    return f"n = {row['n']}"


def _ends(panels: list[_Panel]) -> tuple[float, float]:
    """Give the ends of the scale, with some room: all that is drawn is on it."""
    drawn = [
        row[name] for panel in panels for row in panel.rows for name in ("mean", "low", "high") if not math.isnan(row[name])
    ]
    drawn += [end for panel in panels for end in panel.band or ()]
    low, high = min(drawn, default=0.0), max(drawn, default=1.0)
    room = (high - low) * 0.05 or abs(high) * 0.1 or 1.0
    return low - room, high + room


def _ticks(low: float, high: float) -> list[float]:
    """Give round numbers between two, about as many as `_TICKS`."""
    rough = (high - low) / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    return [number * step for number in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _fine(*numbers: int) -> tuple[int, ...]:
    return tuple(number * _FINE for number in numbers)

"""Many requests at the price of few: cells of one *shape* differ by words alone, which are put into a text made before.

To fill a template, read it and set its parameters takes a quarter of a millisecond, and of 100,000 cells nearly all would
give the same text but for a few words. So a *plain* value is left out at first: a mark stands in its place. One request is
made for all cells that have the same other values, and the plain ones are then put where their marks came to stand.

A value is plain when nothing reads more into it than words: none of its tokens looks like a flag, a dash, an address or a
brace, and the linter has nothing to say about it. A mark has to stand where a word can: alone, or with punctuation around
it. Where it does not (``--{name}``, ``{a, {b}}``, ``{x}{y}``), the values of its axis are all taken for not plain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from mj_widgets.models import ImagineRequest
from mj_widgets.prompt.parse import parse
from mj_widgets.prompt.rules import lint
from mj_widgets.prompt.template import groups
from mj_widgets.sweep.key import CLOSE, OPEN, around
from mj_widgets.sweep.points import Point
from mj_widgets.sweep.recipe import Given, Recipe, Target

LISTS = frozenset({"no", "sref", "cref", "oref", "profile"})
"""Flags that take any number of words."""

MARK = re.compile(f"{OPEN}(\\d+){CLOSE}")
_TOKEN = re.compile(r"\S+")
_MARKED = re.compile(rf"""["'(\[\u201c\u2018\xab]*{OPEN}\d+{CLOSE}["')\]\u201d\u2019\xbb,;.!?:]*(?:::-?\d*\.?\d*)?""")
_SPECIAL = re.compile(r"(?<!\S)(?:[-\u2013\u2014\u2212]|(?i:http))|[{}\\]|^\s|\s\Z")
_BATCH = 3000  # characters that are linted at once
MOST = 5000  # shapes that are kept


@dataclass(frozen=True)
class Column:
    """An axis, as the shapes see it."""

    target: Target
    given: tuple[Given, ...]
    texts: tuple[str, ...]
    plain: list[bool]
    """By value. They are taken back all together when the axis turns out to stand where it may not."""

    @cached_property
    def longest(self) -> int:
        """Characters of the longest value."""
        return max(map(len, self.texts))

    @property
    def wordy(self) -> bool:
        """Whether a plain value has several words."""
        return any(len(text.split()) > 1 for text, is_plain in zip(self.texts, self.plain, strict=True) if is_plain)

    @classmethod
    def of(cls, target: Target, values: Sequence[Given]) -> Column:
        """Look at each value."""
        texts = tuple(value if isinstance(value, str) else "" for value in values)
        plain = [target.kind != "field" and bool(text) and not _SPECIAL.search(text) for text in texts]
        if target.kind == "variable" or target.name in LISTS:
            for place in _faulty([place for place, is_plain in enumerate(plain) if is_plain], texts):
                plain[place] = False
        return cls(target, tuple(values), texts, plain)


def _faulty(places: list[int], texts: Sequence[str]) -> Iterable[int]:
    """Find the texts that the linter has something to say about, many at a time."""
    batch: list[int] = []
    size = 0
    for place in places:
        if batch and size + len(texts[place]) > _BATCH:
            yield from _split(batch, texts)
            batch, size = [], 0
        batch.append(place)
        size += len(texts[place]) + 1
    yield from _split(batch, texts)


def _split(batch: list[int], texts: Sequence[str]) -> Iterable[int]:
    if not batch or all(found.level == "info" for found in lint(" ".join(["a", *(texts[place] for place in batch)]))):
        return
    if len(batch) == 1:
        yield from batch
        return
    half = len(batch) // 2
    yield from _split(batch[:half], texts)
    yield from _split(batch[half:], texts)


@dataclass(eq=False)
class Shape:
    """What all cells have in common that differ by plain values alone."""

    request: ImagineRequest
    """With the marks."""
    head: str
    rest: tuple[tuple[int, str], ...]
    """Columns whose value stands next, and the text after it."""
    before: str
    """The identity's text around the prompt, as is `after`."""
    after: str
    seed: str
    """The text of ``--seed``: a number, a mark, or nothing."""

    def text(self, columns: Sequence[Column], point: Point, marked: AbstractSet[int] = frozenset()) -> str:
        """Put the plain values in, but for columns that stay marked."""
        if marked:
            put = [(_mark(at) if at in marked else columns[at].texts[point[at]], after) for at, after in self.rest]
            return self.head + "".join(chain.from_iterable(put))
        return self.head + "".join([columns[at].texts[point[at]] + after for at, after in self.rest])


class Shapes:
    """Finds the shape of a point, and makes it when it is the first of its kind."""

    def __init__(self, recipe: Recipe, columns: Sequence[Column]) -> None:
        self.recipe = recipe
        self.columns = tuple(columns)
        self._take_back(self._misplaced([_mark(number) for number in range(len(self.columns))]))

    def of(self, point: Point) -> Shape:
        """Give the shape.

        Raises
        ------
        ValueError
            The cell would not say what was meant.
        """
        mixed, made = self._state
        key = tuple([codes[point[number]] for number, codes in mixed])
        return made.get(key) or self._make(point)

    @property
    def tells_apart(self) -> bool:
        """Whether no two points can ask for the same: the values of all variables can be found again in what is sent.

        All of them are plain, and at most one axis has values of different lengths in words: so each has its place.
        """
        variables = [column for column in self.columns if column.target.kind == "variable"]
        lengths = [{len(text.split()) for text in column.texts} for column in variables]
        return all(all(column.plain) for column in variables) and sum(len(found) > 1 for found in lengths) <= 1

    def seed(self, shape: Shape, point: Point) -> int | None:
        """Give the seed that a cell says; None where it says none, or no number."""
        if not shape.seed:
            return None
        mark = MARK.fullmatch(shape.seed)
        text = self.columns[int(mark[1])].texts[point[int(mark[1])]] if mark else shape.seed
        return int(text) if text.isascii() and text.isdigit() else None

    def _make(self, point: Point) -> Shape:
        while True:
            values = [
                _mark(number) if column.plain[place] else column.given[place]
                for number, (column, place) in enumerate(zip(self.columns, point, strict=True))
            ]
            bad = self._misplaced(values)
            if not bad:
                request = self.recipe.build(values)
                bad = self._misread(request)
            if not bad:
                break
            self._take_back(bad)
        head, *rest = MARK.split(request.prompt)
        pieces = tuple(zip(map(int, rest[::2]), rest[1::2], strict=True))
        mixed, made = self._state
        if len(made) >= MOST:
            made.clear()
        shape = Shape(request, head, pieces, *around(request), parse(request.prompt).get("seed", ""))
        made[tuple([codes[point[number]] for number, codes in mixed])] = shape
        return shape

    def _take_back(self, numbers: Iterable[int]) -> None:
        """Take all values of these columns for not plain, and forget the shapes that were made before."""
        for number in numbers:
            self.columns[number].plain[:] = [False] * len(self.columns[number].plain)
        mixed = [
            (number, [-1 if is_plain else place for place, is_plain in enumerate(column.plain)])
            for number, column in enumerate(self.columns)
            if not all(column.plain)
        ]
        made: dict[tuple[int, ...], Shape] = {}
        self._state = mixed, made  # at once: another thread keeps to the one or to the other

    def _misplaced(self, values: Sequence[Given]) -> set[int]:
        """Find marks in the filled template that do not stand as a word does."""
        named = zip(self.columns, values, strict=True)
        words = {column.target.name: value for column, value in named if column.target.kind == "variable"}
        filled = self.recipe.template.fill({**self.recipe.base.words, **words})
        braces = groups(filled)
        bad: set[int] = set()
        for token in _TOKEN.finditer(filled):
            inside = any(start < token.end() and token.start() < end for start, end in braces)
            if inside or not _MARKED.fullmatch(token[0]):
                bad |= {int(mark[1]) for mark in MARK.finditer(token[0])}
        return bad

    def _misread(self, request: ImagineRequest) -> set[int]:
        """Find marks that a flag takes which takes a word alone, where the axis has values of several words."""
        found = {
            int(mark[1])
            for parameter in parse(request.prompt).parameters
            if parameter.name not in LISTS
            for mark in MARK.finditer(parameter.value)
        }
        return {number for number in found if self.columns[number].wordy}


def _mark(number: int) -> str:
    return f"{OPEN}{number}{CLOSE}"

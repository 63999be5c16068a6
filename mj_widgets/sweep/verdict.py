"""What the linter says of each cell, and what each costs, without asking for every one of them.

What the linter finds in a cell is the sum of what it finds in its parts. Of each shape (see `shapes`) the columns are:

- *quiet*: plain words, also after ``--no``. They change no finding.
- *own*: the whole value of a flag whose value is judged by itself, such as ``--stylize``. It is linted once a value.
- *core*: all others, such as ``--version``, by which other flags are judged. Every combination of theirs is linted.

A flag that is not known here is core, so a new rule makes a plan slower before it makes it wrong; a test compares the sum
with the findings of each whole cell. Estimates go by version, quality, references and the like, all of them core.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from mj_widgets.prompt.parse import parse
from mj_widgets.prompt.pricing import Estimate, Price, estimate
from mj_widgets.prompt.rules import Level, lint
from mj_widgets.prompt.template import count, groups
from mj_widgets.sweep.points import Point
from mj_widgets.sweep.shapes import MARK, MOST, Shape, Shapes

_OWN = {
    *("aspect", "chaos", "cw", "exp", "ow", "seed", "stop", "stylize", "sv", "sw", "weird"),
    *("sref", "cref", "oref", "profile"),
}
_MOST_FOUND = 25  # the linter tells no more than that
_LONG = 6000  # characters, after which it says so
_GROUPS = "The braces stand for {} prompts. They are sent as they are; whether each is drawn, and charged, is uncertain."

Found = tuple[Level, str]  # level, message


class Verdict(NamedTuple):
    """What is to be known of a cell before it is sent."""

    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    estimate: Estimate


_Judged = tuple[list[Found], Estimate, Verdict]


@dataclass(eq=False)
class _Roles:
    core: tuple[int, ...]
    own: tuple[tuple[int, dict[int, tuple[Found, ...]]], ...]
    """Columns, and what is found in which of their values."""
    judged: dict[tuple[int, ...], _Judged] = field(default_factory=dict)
    """By the values of the core."""


class Judge:
    """Judges cell after cell, and remembers the parts."""

    def __init__(self, shapes: Shapes, prices: Iterable[Price]) -> None:
        self._columns = shapes.columns
        self._prices = tuple(prices)
        self._roles: dict[Shape, _Roles] = {}
        self._own: dict[tuple[int, str], dict[int, tuple[Found, ...]]] = {}

    def of(self, shape: Shape, point: Point) -> Verdict:
        """Judge the cell of that shape and point."""
        roles = self._roles.get(shape) or self._part(shape)
        judged = roles.judged.get(tuple([point[number] for number in roles.core]))
        if judged is None:
            judged = self._judge(shape, roles, point)
            roles = self._roles[shape]  # it may have taken them back
        found, price, verdict = judged
        more = [one for number, noisy in roles.own for one in noisy.get(point[number], ())]
        return _verdict([*found, *more], price) if more else verdict

    def _part(self, shape: Shape) -> _Roles:
        """Say what each column is in this shape."""
        if len(self._roles) >= MOST:
            self._roles.clear()
        marks = {number for number, _ in shape.rest}
        longest = len(shape.request.prompt) + sum(self._columns[number].longest for number, _ in shape.rest)
        own: dict[int, str] = {}
        core: set[int] = set(marks) if longest > _LONG else set()
        prompt = parse(shape.request.prompt)
        for parameter in prompt.parameters:
            inside = {int(mark[1]) for mark in MARK.finditer(parameter.value)}
            alone = MARK.fullmatch(parameter.value)
            if alone and parameter.name in _OWN and not inside & own.keys():
                own[int(alone[1])] = parameter.spelling
            elif parameter.name != "no" or not prompt.words:  # where nothing else is said, what shall not be there counts
                core |= inside
        if groups(shape.request.prompt):  # a flag that is inside of one keeps the linter from judging any
            core |= own.keys()
        noisy = tuple((number, self._noisy(number, own[number])) for number in own if number not in core)
        roles = self._roles[shape] = _Roles(tuple(sorted(core)), noisy)
        return roles

    def _noisy(self, number: int, spelling: str) -> dict[int, tuple[Found, ...]]:
        """Lint the values of a flag, each by itself. What it takes is a range: whole numbers between two good ones are good."""
        known = self._own.get((number, spelling))
        if known is not None:
            return known
        column = self._columns[number]
        places = [place for place, is_plain in enumerate(column.plain) if is_plain]
        if all(column.texts[place].isascii() and column.texts[place].isdigit() for place in places):
            ends = {choose(places, key=lambda place: int(column.texts[place])) for choose in (min, max)}
            places = places if any(_found(spelling, column.texts[place]) for place in ends) else []
        noisy = {place: found for place in places if (found := _found(spelling, column.texts[place]))}
        self._own[number, spelling] = noisy
        return noisy

    def _judge(self, shape: Shape, roles: _Roles, point: Point) -> _Judged:
        """Lint and price a cell without its quiet words, and take off what its own columns add."""
        quiet = {number for number, _ in shape.rest} - {*roles.core} - {number for number, _ in roles.own}
        request = shape.request.model_copy(update={"prompt": shape.text(self._columns, point, quiet)})
        every = lint(request)
        found: list[Found] = [(one.level, one.message) for one in every if one.level != "info"]
        own = [one for number, noisy in roles.own for one in noisy.get(point[number], ())]
        if roles.own and (len(every) + len(roles.own) >= _MOST_FOUND or Counter(own) - Counter(found)):
            roles = self._roles[shape] = _Roles(tuple(sorted(number for number, _ in shape.rest)), ())
            return self._judge(shape, roles, point)
        for one in own:
            found.remove(one)
        if (prompts := count(request.prompt)) > 1:
            found.append(("warning", _GROUPS.format(prompts)))
        price = estimate(request, prices=self._prices)
        judged = found, price, _verdict(found, price)
        roles.judged[tuple([point[number] for number in roles.core])] = judged
        return judged


@cache
def _found(spelling: str, value: str) -> tuple[Found, ...]:
    return tuple((one.level, one.message) for one in lint(f"a --{spelling} {value}") if one.level != "info")


def _verdict(found: list[Found], price: Estimate) -> Verdict:
    by_level = {level: tuple(message for at, message in found if at == level) for level in ("error", "warning")}
    return Verdict(by_level["error"], by_level["warning"], price)

r"""One prompt that stands for many: Midjourney's groups in braces, and named variables.

A *group* is Midjourney's: ``a {red, green} bird`` is two prompts, and `expand` writes them out. Groups nest and multiply,
the last one changing first; an alternative loses its outer white space and may be empty. A backslash before a comma, ``\,``,
makes it part of an alternative, and is dropped. One before a brace, ``\{`` or ``\}``, makes it text, and stays: what `expand`
gives is sent to Midjourney, which would read the bare brace again. A brace without a partner is text too, because prompts
are prose, and are read while they are being typed. Hence nothing that comes out holds a group::

    all(expand(prompt) == (prompt,) for prompt in expand(text))

A *variable* is ours: ``{animal}``, an identifier alone in braces, is replaced by `fill`, before anything is expanded. Groups,
``::`` and all other text pass through it untouched. Doubled braces keep a name from being one: ``{{animal}}`` comes out as
``{animal}``. A value is text: its braces come out as ``\{`` and ``\}``, so that it never multiplies a prompt.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import NamedTuple, SupportsFloat

_MARK = re.compile(r"\\[{},]|[{},]")
_NAME = re.compile(r"[^\W\d]\w*")
_UNSAFE = re.compile(r"[{},]|\\\Z")
_MOST_DIGITS = 15  # of a number that is written out


class _Group:
    """Alternatives: runs of text and groups. The first is numbered from 0, each next one from where the one before ends."""

    __slots__ = ("count", "options", "starts")

    def __init__(self, options: list[_Run]) -> None:
        self.options = options
        self.starts = [0, *accumulate(math.prod(part.count for part in run if isinstance(part, _Group)) for run in options)]
        self.count: int = self.starts[-1]


_Run = list[str | _Group]


def expand(text: str, *, limit: int = 1000) -> tuple[str, ...]:
    r"""Write out every prompt that the text stands for; text without groups comes back as the only one.

    Parameters
    ----------
    text : str
        The prompt, with Midjourney's groups.
    limit : int
        More prompts than this are not made.

    Raises
    ------
    ValueError
        There are more than `limit`; it says how many.

    Examples
    --------
    >>> expand("a {red, green} bird --ar {3:2, 1:1}")
    ('a red bird --ar 3:2', 'a red bird --ar 1:1', 'a green bird --ar 3:2', 'a green bird --ar 1:1')
    >>> expand(r"a {gull {at sea, on a pier}, grey\, old poodle}")
    ('a gull at sea', 'a gull on a pier', 'a grey, old poodle')
    >>> expand(r"a fox:{, :2} \{in, out\} {of it")
    ('a fox: \\{in, out\\} {of it', 'a fox::2 \\{in, out\\} {of it')
    >>> expand("{0,1,2,3,4,5,6,7,8,9}" * 9)
    Traceback (most recent call last):
    ValueError: The text stands for 1,000,000,000 prompts, but the limit is 1,000: drop a group, or raise it.
    """
    if (number := count(text)) > limit:
        told = f"{number:,}" if number < 10**_MOST_DIGITS else f"about 10^{math.log10(number):.0f}"
        raise ValueError(f"The text stands for {told} prompts, but the limit is {limit:,}: drop a group, or raise it.")
    return tuple(expansions(text))


def expansions(text: str) -> Iterator[str]:
    """Write the prompts of `expand` out one by one, as they are asked for, however many there are.

    Examples
    --------
    >>> from itertools import islice
    >>> [*islice(expansions("{0,1}" * 1000), 2)] == ["0" * 1000, "0" * 999 + "1"]
    True
    """
    whole = _read(text)
    return (_pick(whole, number) for number in range(whole.count))


def count(text: str) -> int:
    """Count the prompts that the text stands for, without making them.

    Examples
    --------
    >>> count("a fox"), count("a {red, {light, dark} blue} {fox, owl}"), count("{0,1,2,3,4,5,6,7,8,9}" * 9)
    (1, 6, 1000000000)
    """
    return _read(text).count


def groups(text: str) -> tuple[tuple[int, int], ...]:
    """Find where the outermost groups start and end.

    Examples
    --------
    >>> groups("a {red, {light, dark} blue} {fox}")
    ((2, 27), (28, 33))
    """
    found: list[tuple[int, int]] = []
    for start, end in sorted(_pairs(text).items()):
        if not found or start >= found[-1][1]:
            found.append((start, end + 1))
    return tuple(found)


def unpaired(text: str) -> tuple[int, ...]:
    """Find the braces that make no group, for want of a partner.

    Examples
    --------
    >>> unpaired("a {red, blue} fox} in {snow")
    (17, 22)
    """
    pairs = _pairs(text)
    braces = {*pairs, *pairs.values()}
    return tuple(mark.start() for mark in _MARK.finditer(text) if mark[0] in "{}" and mark.start() not in braces)


def _pairs(text: str) -> dict[int, int]:
    """Give the place of each opening brace that is closed, and of the brace that closes it."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    for mark in _MARK.finditer(text):
        if mark[0] == "{":
            opened.append(mark.start())
        elif mark[0] == "}" and opened:
            pairs[opened.pop()] = mark.start()
    return pairs


def _read(text: str) -> _Group:
    """Take groups apart; by a stack and not by recursion, because text may nest them as deep as it is long."""
    pairs = _pairs(text)
    braces = {*pairs, *pairs.values()}
    options: list[_Run] = []
    run: _Run = []
    around: list[tuple[list[_Run], _Run]] = []  # what the group is inside of
    at = 0
    for mark in _MARK.finditer(text):
        if mark.start() not in braces and not (around and mark[0][-1] == ","):
            continue
        run.append(text[at : mark.start()])
        at = mark.end()
        if mark[0] == "{":
            around.append((options, run))
            options, run = [], []
        elif mark[0] == "\\,":
            run.append(",")
        else:
            options.append(_trimmed(run))
            run = []
            if mark[0] == "}":
                group = _Group(options)
                options, run = around.pop()
                run.append(group)
    return _Group([[*run, text[at:]]])


def _trimmed(run: _Run) -> _Run:
    if isinstance(run[0], str):
        run[0] = run[0].lstrip()
    if isinstance(run[-1], str):
        run[-1] = run[-1].rstrip()
    return run


def _pick(whole: _Group, number: int) -> str:
    """Write one prompt out: its number says what to take of each group, as its digits would."""
    written: list[str] = []
    ahead: list[tuple[str | _Group, int]] = [(whole, number)]
    while ahead:
        part, number = ahead.pop()
        if isinstance(part, str):
            written.append(part)
            continue
        chosen = bisect_right(part.starts, number) - 1
        number -= part.starts[chosen]
        for inner in reversed(part.options[chosen]):
            digit = 0
            if isinstance(inner, _Group):
                number, digit = divmod(number, inner.count)
            ahead.append((inner, digit))
    return "".join(written)


class _Slot(NamedTuple):
    name: str
    grouped: bool  # inside other braces, where a comma would end an alternative


@dataclass(frozen=True)
class Template:
    """A prompt with named variables; it is taken apart once, and filled as often as one likes."""

    text: str

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The variables, in the order in which they first stand."""
        return tuple(dict.fromkeys(part.name for part in self._parts if isinstance(part, _Slot)))

    @cached_property
    def _parts(self) -> tuple[str | _Slot, ...]:
        pairs = _pairs(self.text)
        edits: list[tuple[int, int, _Slot | None]] = []  # from, to, and what comes there
        around: list[int] = []  # where the braces end that we are inside of
        kept = -1  # the inner one of doubled braces
        for start, end in sorted(pairs.items()):
            while around and around[-1] < start:
                around.pop()
            name = _NAME.match(self.text, start + 1)
            if start != kept and pairs.get(start + 1) == end - 1:
                edits += (start, start + 1, None), (end, end + 1, None)
                kept = start + 1
            elif start != kept and name and name.end() == end and name[0].isidentifier():
                edits.append((start, end + 1, _Slot(name[0], bool(around))))
            else:
                around.append(end)
        parts: list[str | _Slot] = []
        at = 0
        for start, end, slot in sorted(edits, key=lambda edit: edit[0]):
            parts += [self.text[at:start], *([slot] if slot else [])]
            at = end
        return (*parts, self.text[at:])

    def fill(self, values: Mapping[str, object]) -> str:
        """Put the values in; one that no variable asks for is left out.

        The caller need do nothing so that a value stays one text. Its braces get a backslash, and so do its commas where
        a group is around it; if it ends in a backslash, a space comes after.

        Raises
        ------
        ValueError
            A variable has no value, or None; it names it, and those that have one.
        """
        written: list[str] = []
        for part in self._parts:
            if isinstance(part, str):
                written.append(part)
            elif (value := values.get(part.name)) is None:
                there = ", ".join(name for name in values if values[name] is not None) or "none"
                raise ValueError(f"The variable {{{part.name}}} has no value; there are values for {there}.")
            else:
                written.append(_inserted(value, part.grouped))
        return "".join(written)


def variables(template: str) -> tuple[str, ...]:
    """Name the variables of a template, as `Template.names` does.

    Examples
    --------
    >>> variables("a {animal} in {snow, fog} by {{nobody}} --ar {ratio} --s {s} {animal}")
    ('animal', 'ratio', 's')
    """
    return _template(template).names


def fill(template: str, values: Mapping[str, object]) -> str:
    r"""Put values in the places of a template's variables, as `Template.fill` does.

    Examples
    --------
    >>> fill("a {x}:: in {snow, {y}} by {{name}} --s {s}", {"x": '"{shy, old}" fox', "y": "fog, rain", "s": 50.0})
    'a "\\{shy, old\\}" fox:: in {snow, fog\\, rain} by {name} --s 50'
    >>> fill("a {animal} in {place}", {"animal": "fox", "seed": 5})
    Traceback (most recent call last):
    ValueError: The variable {place} has no value; there are values for animal, seed.
    """
    return _template(template).fill(values)


@lru_cache(maxsize=64)
def _template(text: str) -> Template:
    return Template(text)


def _inserted(value: object, grouped: bool) -> str:
    """Write a value so that it is read as text."""
    text = value if isinstance(value, str) else str(value)
    if not isinstance(value, (str, int)) and isinstance(value, SupportsFloat):
        text = f"{float(value):.10g}"  # 250.0 is 250, 0.1 + 0.2 is 0.3, as in `Prompt.with_parameter`
    if _UNSAFE.search(text):
        text = text.replace("{", r"\{").replace("}", r"\}")
        text = text.replace(",", r"\,") if grouped else text
        text += " " * text.endswith("\\")
    return text

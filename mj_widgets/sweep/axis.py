"""The values that a sweep gives to one variable or parameter, with a label for each, and a sentence for those who learn."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import islice
from typing import Any, SupportsFloat

from mj_widgets.sweep.key import can_be_sent

Scalar = str | int | float | bool

MOST_VALUES = 100_000
_SWITCHED = {True: "on", False: "off"}


@dataclass(frozen=True)
class Axis:
    """Values, and what each is called. Made by `axis`."""

    values: tuple[Scalar, ...]
    labels: tuple[str, ...]
    """What each value is called in a table or beside a picture."""
    notes: tuple[str, ...]
    """A sentence for each value; empty where there is none."""


def axis(values: Iterable[Any], *, labels: Iterable[str] | None = None, notes: Iterable[str] | None = None) -> Axis:
    """Name the values of an axis, and say in a sentence what each is for.

    Parameters
    ----------
    values : iterable of str, int, float or bool
        Numpy's numbers too. Text holds no braces.
    labels : iterable of str, optional
        One a value; the value itself by default, and ``on`` or ``off`` for a switch.
    notes : iterable of str, optional
        One sentence a value; it is shown beside the pictures.

    Raises
    ------
    ValueError
        There are no values, one of them is missing or holds braces, a label stands for two of them, or there are more or
        fewer labels than values.
    TypeError
        They are no list of text and numbers.

    Examples
    --------
    >>> light = axis(["at noon", "at dusk"], labels=["noon", "dusk"], notes=["Hard shadows.", "A low, warm sun."])
    >>> light.labels
    ('noon', 'dusk')
    >>> axis([0, 250.0, True]).labels
    ('0', '250', 'on')
    """
    return read_axis(values, "The axis", labels=labels, notes=notes)


def read_axis(values: object, what: str, *, labels: Iterable[str] | None = None, notes: Iterable[str] | None = None) -> Axis:
    """Check values; `what` names the axis in a message."""
    if isinstance(values, Axis):
        return values
    read = tuple(scalar(value, what) for value in _listed(values, what))
    if not read:
        raise ValueError(f"{what} has no values: give at least one.")
    named = _texts(labels, len(read), f"{what}: labels") if labels is not None else tuple(map(written, read))
    meant: dict[str, Scalar] = {}
    for value, label in zip(read, named, strict=True):
        if meant.setdefault(label, value) != value:
            raise ValueError(f"{what} has the label {label!r} for {meant[label]!r} and for {value!r}: each needs its own.")
    told = _texts(notes, len(read), f"{what}: notes") if notes is not None else ("",) * len(read)
    return Axis(read, named, told)


def written(value: Scalar) -> str:
    """Write a value, as it comes to stand in the prompt where it is text or a number.

    Examples
    --------
    >>> written(250.0), written(0.1 + 0.2), written("a fox"), written(True)
    ('250', '0.3', 'a fox', 'on')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return _SWITCHED[value]
    return str(value) if isinstance(value, int) else f"{value:.10g}"


def scalar(value: object, what: str) -> Scalar:
    """Take a value as one of Python's own, or say why it cannot be one."""
    if not isinstance(value, str) and getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        value = value.item()  # numpy's
    if value is None:
        raise ValueError(f"{what} has the value None: '' leaves out a word, and False leaves out a flag.")
    if isinstance(value, str):
        return _text(str.__str__(value), what)
    if isinstance(value, (bool, int)):
        return value if isinstance(value, bool) else int(value)
    if isinstance(value, SupportsFloat) and not getattr(value, "ndim", 0):
        if not math.isfinite(number := float(value)):
            raise ValueError(f"{what} has the value {number}: give a finite number.")
        return number
    raise TypeError(f"{what} has the value {value!r}: a value is text, a number, True or False, not {type(value).__name__}.")


def _text(text: str, what: str) -> str:
    """Refuse what would not be read back as it was meant. Quotes are: they are text to Midjourney, and to `parse`."""
    if "{" in text or "}" in text:
        raise ValueError(
            f"{what} has the value {text!r}: braces are Midjourney's alternatives, and would make one cell several prompts. "
            "Give each alternative as a value of its own, or write round brackets."
        )
    if not can_be_sent(text):
        raise ValueError(f"{what} has the value {text!r}: it holds half a character, which cannot be sent: take it out.")
    return text


def _listed(values: object, what: str) -> list[object]:
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise TypeError(f"{what} is {values!r}: give a list of values, [{values!r}].")
    if isinstance(values, (Mapping, AbstractSet)):
        kind = type(values).__name__
        raise TypeError(f"{what} is a {kind}: give a list, or mj.axis(values, labels=…), which has an order and names.")
    listed = [*islice(values, MOST_VALUES + 1)]
    if len(listed) > MOST_VALUES:
        raise ValueError(f"{what} has more than {MOST_VALUES:,} values: give fewer.")
    return listed


def _texts(texts: Iterable[str], number: int, what: str) -> tuple[str, ...]:
    if isinstance(texts, str):
        raise TypeError(f"{what} are one text, {texts!r}: give a list, one for each value.")
    listed = tuple(texts)
    if wrong := [text for text in listed if not isinstance(text, str)]:
        raise TypeError(f"{what} are text, not {wrong[0]!r}.")
    if len(listed) != number:
        raise ValueError(f"{what}: there are {len(listed)} for {number} values; give one for each.")
    return listed

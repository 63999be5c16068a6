from __future__ import annotations

from collections import OrderedDict
from decimal import Decimal
from enum import Enum, StrEnum
from itertools import count

import numpy as np
import pytest

import mj_widgets as mj


class Animal(StrEnum):
    FOX = "fox"


class Old(str, Enum):  # noqa: UP042 - it prints otherwise than a StrEnum
    FOX = "fox"


@pytest.mark.parametrize(
    ("given", "values"),
    [
        (["a", 1, 0.5, True], ("a", 1, 0.5, True)),
        (range(3), (0, 1, 2)),
        ((value for value in "ab"), ("a", "b")),
        (np.array([0, 250]), (0, 250)),
        (np.linspace(0, 1, 3), (0.0, 0.5, 1.0)),
        (np.array(["a", "b"]), ("a", "b")),
        ([np.bool_(True), np.float32(0.5), np.array(3)], (True, 0.5, 3)),
        ([Animal.FOX, Old.FOX], ("fox", "fox")),
        ([Decimal("0.5")], (0.5,)),
        (OrderedDict(a=1).keys() | [], None),
    ],
)
def test_values_are_taken_as_pythons_own(given: object, values: tuple[object, ...] | None) -> None:
    if values is None:
        with pytest.raises(TypeError, match="give a list"):
            mj.axis(given)
        return
    taken = mj.axis(given).values
    assert taken == values
    assert [type(value) for value in taken] == [type(value) for value in values]


def test_labels_are_the_values_as_they_are_sent() -> None:
    assert mj.axis([0, 250.0, 0.1 + 0.2, "a fox", True, False]).labels == ("0", "250", "0.3", "a fox", "on", "off")


def test_a_value_has_a_label_and_a_sentence() -> None:
    light = mj.axis(["at noon", "at dusk"], labels=["noon", "dusk"], notes=["Hard shadows.", ""])
    assert light.labels == ("noon", "dusk")
    assert light.notes == ("Hard shadows.", "")
    sweep = mj.Sweep("a fox {light}", light=light)
    assert sweep[1].labels == {"light": "dusk"}
    assert sweep.axes["light"].notes[0] == "Hard shadows."


@pytest.mark.parametrize(
    ("values", "options", "error", "told"),
    [
        ([], {}, ValueError, "has no values"),
        ("fox", {}, TypeError, r"give a list of values, \['fox'\]"),
        (b"fox", {}, TypeError, "give a list"),
        (50, {}, TypeError, r"\[50\]"),
        ({"fox": 1}, {}, TypeError, "mj.axis"),
        ({"fox", "owl"}, {}, TypeError, "has an order"),
        (count(), {}, ValueError, "more than 100,000 values"),
        (["fox", None], {}, ValueError, "None: '' leaves out a word"),
        ([["fox"]], {}, TypeError, "not list"),
        ([object()], {}, TypeError, "not object"),
        (np.zeros((2, 2)), {}, TypeError, "not ndarray"),
        ([float("nan")], {}, ValueError, "finite"),
        ([float("inf")], {}, ValueError, "finite"),
        (["a {red, blue} fox"], {}, ValueError, "braces .* a value of its own"),
        (["\\{red\\}"], {}, ValueError, "braces"),
        (["fox \ud83e"], {}, ValueError, "half a character"),
        (["fox \ufdd00\ufdd1"], {}, ValueError, "half a character"),
        (["a", "b"], {"labels": ["x", "x"]}, ValueError, "label 'x' for 'a' and for 'b'"),
        ([250, "250"], {}, ValueError, "label '250'"),
        (["a", "b"], {"labels": ["x"]}, ValueError, "labels: there are 1 for 2"),
        (["a", "b"], {"notes": ["x", "y", "z"]}, ValueError, "notes: there are 3 for 2"),
        (["a", "b"], {"labels": "xy"}, TypeError, "one text"),
        (["a", "b"], {"labels": [1, 2]}, TypeError, "labels are text"),
    ],
)
def test_what_is_no_axis_is_refused(values: object, options: dict[str, object], error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        mj.axis(values, **options)


def test_a_message_names_the_axis() -> None:
    with pytest.raises(ValueError, match="The axis animal has the value None"):
        mj.Sweep("a {animal}", animal=[None])


@pytest.mark.parametrize("text", ['"shy" fox', "the fox's", "“shy”, «old»", "`x`", "a\\b"])
def test_quotes_are_text_and_come_back_as_they_were(text: str) -> None:
    """To the parser a quote is a letter like others, in words and in a list; so nothing is lost, and nothing refused."""
    assert mj.Sweep("a {x} in snow", x=[text])[0].prompt == f"a {text} in snow"
    assert mj.Sweep("a fox", no=[text])[0].prompt == f"a fox --no {text}"

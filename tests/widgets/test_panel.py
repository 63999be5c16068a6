from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ipywidgets import Checkbox, Dropdown, Text

from mj_widgets.prompt.parse import long_name, parse
from mj_widgets.prompt.typed import set_parameter
from mj_widgets.widgets.clicks import Kit
from mj_widgets.widgets.panel import Panel


class Box:
    """A text with a panel, as a studio has them; it counts the writing."""

    def __init__(self, text: str = "") -> None:
        self.text = text
        self.written = 0
        self.errors: list[Exception] = []
        kit = Kit(lambda error: self.errors.append(error) if error else None)
        self.panel = Panel(kit, text=lambda: self.text, write=self.write, lock=threading.RLock())
        self.panel.read()

    def write(self, text: str) -> None:
        self.written += 1
        self.type(text)

    def type(self, text: str) -> None:
        self.text = text
        self.panel.read()

    def set(self, key: str, value: object) -> str:
        self.panel.fields[key].control.value = value
        return self.text

    def __getitem__(self, key: str) -> Any:
        return self.panel.fields[key].control


@pytest.fixture
def box() -> Box:
    return Box("a fox")


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("ar", "3:2", "a fox --ar 3:2"),
        ("ratio", "7:4", "a fox --ar 7:4"),
        ("v", "7", "a fox --v 7"),
        ("v", "niji 5", "a fox --niji 5"),
        ("q", "2", "a fox --q 2"),
        ("s", 250, "a fox --s 250"),
        ("c", 100, "a fox --c 100"),
        ("w", 3000, "a fox --w 3000"),
        ("iw", 0.3, "a fox --iw 0.3"),
        ("no", "hats, cars", "a fox --no hats, cars"),
        ("seed", "4294967295", "a fox --seed 4294967295"),
        ("sref", "1 2", "a fox --sref 1 2"),
        ("cref", "https://a.example/1.png", "a fox --cref https://a.example/1.png"),
        ("oref", "https://a.example/1.png", "a fox --oref https://a.example/1.png"),
        ("raw", True, "a fox --raw"),
        ("tile", True, "a fox --tile"),
        ("hd", True, "a fox --hd"),
    ],
)
def test_each_control_writes_and_reads_and_clears(box: Box, key: str, value: Any, text: str) -> None:
    default = box[key].value
    assert box.set(key, value) == text
    assert box.written == 1
    assert box.set(key, default) == "a fox"
    box.type(text)
    assert box[key].value == value
    assert box.written == 2  # reading writes nothing
    box.type("a fox")
    assert box[key].value == default


def test_what_is_set_takes_the_place_of_what_was_there(box: Box) -> None:
    box.type("a fox --stylize 50 —ar 3:2\n--turbo ")
    box.set("s", 400)
    assert box.text == "a fox --stylize 400 —ar 3:2\n--turbo "


@pytest.mark.parametrize(
    ("text", "key", "shown"),
    [
        ("a fox --s 5000", "s", "Stylize: other"),
        ("a fox --s fast", "s", "Stylize: other"),
        ("a fox --s {0, 250}", "s", "Stylize: other"),
        ("a fox --c 1.5", "c", "Chaos: other"),
        ("a fox --ar foo", "ar", "other: foo"),
        ("a fox --ar 7:5", "ar", "other: 7:5"),
        ("a fox --v 99", "v", "other: 99"),
        ("a fox --niji 6", "v", "other: niji 6"),
        ("a fox --niji 5 --v 7", "v", "other: niji 5 and 7"),
        ("a fox --q 3", "q", "other: 3"),
        ("a fox --q 4", "q", "other: 4"),  # which 8.2 does not take
    ],
)
def test_what_a_control_cannot_show_is_other_and_stays(box: Box, text: str, key: str, shown: str) -> None:
    box.type(text)
    told = box[key].label if isinstance(box[key], Dropdown) else box[key].description
    assert shown in told
    assert box.text == text
    box.set("tile", True)
    assert box.text == f"{text} --tile"


def test_other_is_replaced_when_somebody_chooses(box: Box) -> None:
    box.type("a fox --s 5000 --ar foo --niji 6 --v 7")
    box.set("s", 10)
    box.set("ar", "3:2")
    box.set("v", "niji 5")
    assert box.text == "a fox --s 10 --ar 3:2 --niji 5"
    assert "other" not in {value for _, value in box["ar"].options}


def test_the_default_is_shown_where_it_is_written_out(box: Box) -> None:
    box.type("a fox --s 100 --ar 1:1 --v 8.2 --q 1.0 --iw 1 --style RAW")
    assert [box[key].value for key in ("s", "ar", "v", "q", "iw", "raw")] == [100, "", "", "", 1.0, True]
    assert box.set("raw", False) == "a fox --s 100 --ar 1:1 --v 8.2 --q 1.0 --iw 1"


@pytest.mark.parametrize(
    ("version", "off"),
    [("", {"iw"}), ("--v 8.1", {"q", "iw"}), ("--v 7", {"hd"}), ("--niji 5", {"hd"}), ("--v {7, 8}", {"hd", "iw"})],
)
def test_what_a_version_rejects_is_off_and_says_why(box: Box, version: str, off: set[str]) -> None:
    box.type(f"a fox {version}")
    assert {key for key in box.panel.fields if box[key].disabled} == off
    for key in off:
        assert any(word in box[key].tooltip for word in ("refuse", "refused"))


def test_quality_offers_what_the_version_takes(box: Box) -> None:
    def offered(text: str) -> list[str]:
        box.type(text)
        return [value for _, value in box["q"].options]

    assert offered("a fox") == ["", "2"]
    assert offered("a fox --v 7") == ["", "0.25", "0.5", "2"]
    assert offered("a fox --v 8") == ["", "4"]
    assert box.written == 0


def test_each_control_says_what_it_does_its_range_and_its_flag(box: Box) -> None:
    assert box["s"].tooltip == "How much of Midjourney's own taste: 0 to 1000, 100 by default (--s)"
    for key in box.panel.fields:
        assert box[key].tooltip
        assert box[key].tooltip.split("(")[-1] in box[key].description  # where a stock input shows it


def test_what_stands_inside_braces_is_off(box: Box) -> None:
    box.type("a fox {--s 5, --s 6}")
    assert box["s"].disabled
    assert "braces" in box["s"].tooltip


def test_a_value_that_cannot_be_written_is_told_and_the_text_stays(box: Box) -> None:
    box.set("no", "hats --ar 3:2")
    assert box.text == "a fox"
    assert "cannot be set" in str(box.errors[0])


def test_a_space_that_is_being_typed_stays_in_the_control(box: Box) -> None:
    box.set("no", "red ")
    assert (box.text, box["no"].value) == ("a fox --no red", "red ")


TEXTS = st.lists(
    st.sampled_from(
        ["a", "fox,", "{red, blue}", "{", "}", "--ar", "3:2", "—ar", "--s", "50", "5000", "--no", "hats", "--raw", "--turbo",
         "--v", "7", "8.1", "--niji", "5", "--style", "raw", "\n", "--q", "{1, 2}", "--hd", "--x", "\\{", "🦊", "--sref",
         "https://a.example/1.png"]
    )
).map(" ".join) | st.text()  # fmt: skip
NAMES = {"ratio": ["ar"], "v": ["v", "niji"], "raw": ["raw", "style"]}


def test_any_change_of_a_control_changes_that_parameter_alone(box: Box) -> None:
    def rest(text: str, key: str) -> object:
        flags = NAMES.get(key, [key])
        names = {long_name(flag) for flag in flags}
        prompt = parse(text)
        others = [found for found in prompt.parameters if found.name not in names]
        for flag in flags:  # `set_parameter` has a test of its own: what is left is as it was typed
            with suppress(ValueError):  # without it, what follows would be another flag's value
                text = set_parameter(text, flag, None)
        return prompt.mode, prompt.images, prompt.words.split(), others, text.split()

    @given(TEXTS, st.data())
    def change(text: str, data: st.DataObject) -> None:
        box.errors.clear()
        box.type(text)
        written = box.written
        assert box.text == text
        key = data.draw(st.sampled_from([*box.panel.fields]))
        control = box[key]
        if isinstance(control, Dropdown):
            value = data.draw(st.sampled_from([value for _, value in control.options]))
        elif isinstance(control, Checkbox):
            value = not control.value
        elif isinstance(control, Text):
            value = data.draw(st.sampled_from(["", "3:2", "a, b", "5", "--x", "{a, b}", "a}", "  "]))
        else:
            value = data.draw(st.integers(int(control.min), int(control.max)))
        box.set(key, value)
        assert box.written - written <= 1
        assert all(isinstance(error, ValueError) for error in box.errors)
        if box.text == text:
            return
        assert rest(box.text, key) == rest(text, key)
        assert box.errors == []
        shown = box.panel.fields[key].control.value
        assert shown == value or str(shown).strip() == str(value).strip()

    change()

from __future__ import annotations

import time

import pytest

from mj_widgets.prompt.difference import word_diff


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a red fox", "a blue fox"),
        ("a fox now", "a fox"),
        ("", "a fox"),
        ("a fox", ""),
        ("", ""),
        ("a fox --s 50", "a  fox\n--s 250 --raw"),
        ("狐 在 雪", "狐 雪"),
        ("word " * 3000, "other " * 3000),
    ],
)
def test_both_texts_can_be_read_off_it(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    assert " ".join(text for kind, text in pieces if kind != "new").split() == before.split()
    assert " ".join(text for kind, text in pieces if kind != "gone").split() == after.split()


def test_what_stays_is_the_same_and_only_the_rest_is_told() -> None:
    assert word_diff("a red fox in snow", "a blue fox in snow") == (
        ("same", "a"),
        ("gone", "red"),
        ("new", "blue"),
        ("same", "fox in snow"),
    )


def test_equal_texts_are_one_piece_however_they_are_spaced() -> None:
    assert word_diff("a  fox\nin snow", "a fox in snow ") == (("same", "a fox in snow"),)
    assert [kind for kind, _ in word_diff("fox " * 500, "fox " * 500)] == ["same"]


def test_texts_of_100_kb_take_no_time() -> None:
    started = time.perf_counter()
    word_diff("red fox " * 12_500, "blue fox " * 12_500)
    assert time.perf_counter() - started < 1

from __future__ import annotations

import math

import pytest

from mj_widgets.sandbox.scenery.palette import HUES, MOODS, blend, from_hex, from_oklch, tint, tinted, to_oklch, turn


@pytest.mark.parametrize("word", sorted(HUES))
def test_a_colour_survives_its_conversion(word: str) -> None:
    colour = from_hex(HUES[word])
    assert from_oklch(*to_oklch(colour)) == pytest.approx(colour, abs=1e-4)


def test_reference_values_of_oklch() -> None:
    """Those of the CSS Color 4 specification: white and pure red."""
    assert to_oklch((1, 1, 1))[:2] == pytest.approx((1, 0), abs=1e-4)
    lightness, chroma, hue = to_oklch((1, 0, 0))
    assert (lightness, chroma, math.degrees(hue)) == pytest.approx((0.628, 0.2577, 29.23), abs=0.01)


def test_what_a_screen_cannot_show_is_cut_off() -> None:
    assert all(0 <= part <= 1 for part in from_oklch(0.7, 0.4, 2))


@pytest.mark.parametrize("mood", sorted(MOODS))
@pytest.mark.parametrize("word", ["red", "teal", "gold"])
def test_a_tint_turns_the_hue_and_keeps_the_light(mood: str, word: str) -> None:
    goal = to_oklch(from_hex(HUES[word]))[2]
    for colour in MOODS[mood].sky:
        light, chroma, hue = to_oklch(tint(colour, word, 1.0))
        assert light == pytest.approx(to_oklch(colour)[0], abs=0.2)
        if chroma > 0.03:
            assert math.cos(hue - goal) > 0.85


def test_white_and_black_change_the_light() -> None:
    grey = (0.5, 0.5, 0.5)
    assert sum(tint(grey, "white", 1.0)) > sum(grey) + 0.3
    assert sum(tint(grey, "black", 1.0)) < sum(grey) - 0.3


def test_two_colour_words_share_a_picture() -> None:
    """The first has the air and the second the ground."""
    both, teal = tinted(MOODS["day"], ["teal", "red"]), tinted(MOODS["day"], ["teal"])
    assert both.sky == teal.sky
    assert both.near[0] > both.near[2]
    assert teal.near[0] < teal.near[2]
    assert tinted(MOODS["day"], []) is MOODS["day"]


def test_blending_and_turning() -> None:
    assert blend((0, 0, 0), (1, 0.5, 0), 0.5) == (0.5, 0.25, 0)
    assert turn((0.2, 0.4, 0.6), 2 * math.pi) == pytest.approx((0.2, 0.4, 0.6), abs=1e-6)
    assert to_oklch(turn((0.2, 0.4, 0.6), 0, chroma=0))[1] == pytest.approx(0, abs=1e-6)

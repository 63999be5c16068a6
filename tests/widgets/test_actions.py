# ruff: noqa: RUF001 - a multiplication sign is meant, not the letter

from __future__ import annotations

import pytest

import mj_widgets as mj
from mj_widgets.widgets.actions import describe, grouped, offered, tip

GRID = ("upscale1", "upscale2", "upscale3", "upscale4", "reroll", "variation1", "variation2", "variation3", "variation4")


def labels(*names: str) -> dict[str, list[str]]:
    return {heading: [action.label for action in actions] for heading, actions in grouped(names)}


def test_a_grid_has_its_buttons_in_the_known_groups() -> None:
    assert labels(*GRID) == {
        "Upscale": ["U1", "U2", "U3", "U4"],
        "Vary": ["V1", "V2", "V3", "V4"],
        "": ["↻ Reroll"],
    }


def test_the_order_of_the_service_does_not_matter() -> None:
    assert grouped(GRID) == grouped(tuple(reversed(GRID)))


def test_a_single_has_its_buttons_in_the_known_groups() -> None:
    found = labels(
        "pan_left", "pan_right", "pan_up", "pan_down", "upscale_subtle", "upscale_creative", "variation_subtle",
        "variation_strong", "zoom_out_2x", "zoom_out_1_5x", "square", "redo_upscale_2x", "upscale_2x", "upscale_4x",
    )  # fmt: skip
    assert found == {
        "Upscale": ["Subtle", "Creative", "2×", "4×", "Redo 2×"],
        "Vary": ["Subtle", "Strong"],
        "Zoom out": ["1.5×", "2×"],
        "Pan": ["←", "→", "↑", "↓"],
        "Shape": ["Square"],
    }


def test_a_name_never_seen_before_is_offered_plainly_and_last() -> None:
    found = labels("sparkle_3x", "upscale1", "glow")
    assert list(found.items())[-1] == ("More", ["sparkle_3x", "glow"])


@pytest.mark.parametrize("names", [GRID, ("sparkle_3x", "sparkle_3x", "upscale1"), ()])
def test_every_name_comes_back_once(names: tuple[str, ...]) -> None:
    assert sorted(action.name for _, actions in grouped(names) for action in actions) == sorted(set(names))


@pytest.mark.parametrize("name", [*GRID, "pan_up", "sparkle_3x", "generate"])
def test_each_says_what_it_does(name: str) -> None:
    action = describe(name)
    assert action.name == name
    assert len(action.tip) > 10
    assert action.step


def test_the_region_is_offered_for_each_of_our_pictures(fox: mj.Generation, single: mj.Generation) -> None:
    assert offered(fox) == (*fox.actions, "variation_region")
    assert offered(single)[-1] == "variation_region"


def test_nothing_more_is_offered_for_clips_and_before_there_is_a_picture(session: mj.Session) -> None:
    gen = session.imagine("a fox sandbox:stuck")
    assert offered(gen) == ()
    gen.stop()
    film = session.animate("https://a.example/1.png", "it runs").result(10)
    assert "variation_region" not in offered(film)


def test_a_tip_prices_what_would_be_sent(fox: mj.Generation) -> None:
    assert tip(fox, describe("reroll")).endswith("· ≈ 0.26 credits")
    assert tip(fox, describe("reroll"), prompt="a fox --hd").endswith("· cost not known")
    cat = fox.session.find(prompt="a cat")[0]
    assert tip(cat, describe("reroll")).endswith("· cost not known")  # nobody tells what relax costs

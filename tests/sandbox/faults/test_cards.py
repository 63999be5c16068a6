from __future__ import annotations

import pytest

from mj_widgets.sandbox import Sandbox
from mj_widgets.sandbox.faults import MISHAPS
from tests.sandbox.ask import Ask
from tests.sandbox.faults.order import order


def test_a_card_can_be_for_some_times_and_be_followed_by_another(ask: Ask) -> None:
    prompt = "a hare sandbox:429=1x2, sandbox:500x1."
    assert [order(ask, prompt).status_code for _ in range(5)] == [429, 429, 500, 200, 200]
    assert order(ask, "another hare sandbox:429x1").status_code == 429


def test_the_schedule_goes_before_the_cards(box: Sandbox, ask: Ask) -> None:
    box.faults.add("imagine", "500")
    assert [order(ask, "sandbox:429").status_code for _ in range(2)] == [500, 429]


@pytest.mark.parametrize("card", ["weather", "Stuck!", "picture-weather", "lost=3", "cut=1.5", "cut=x", "drip=0+weather", "=3"])
def test_a_card_that_is_none_is_refused(ask: Ask, card: str) -> None:
    reply = order(ask, f"a fox sandbox:{card}")
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "bad_request")
    assert "is no test card" in reply.json()["error"]["message"]


def test_every_fault_has_a_card_that_the_docstring_tells() -> None:
    import mj_widgets.sandbox.faults as module

    table = (module.__doc__ or "").partition("====")[2]
    assert [name for name in MISHAPS if f"``{name}``" not in table and name != "401"] == []


def test_follow_ups_of_a_card_s_picture_are_sound(ask: Ask) -> None:
    told = ask.imagine("a fox sandbox:picture-404x1")
    assert [ask.http.get(told["image_url"]).status_code for _ in range(2)] == [404, 200]
    single = ask.act("upscale1", told)
    assert ask.picture(single["image_url"])

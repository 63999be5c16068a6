"""What may be spent, and what was."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import mj_widgets as mj
from mj_widgets.errors import CapError, GenerationError
from tests.api.script import PNG, Answer, Script, lines, told

OpenSession = Callable[..., mj.Session]
EACH = 0.27  # what the sandbox says of some of its pictures, as the service does of some replies
ONE = (mj.Price(credits=EACH, source="a test", date="2026-11-22"),)


@pytest.fixture
def capped(session: mj.Session) -> mj.Session:
    session.cap, session.prices = 5 * EACH, ONE
    return session


def test_a_request_that_would_pass_the_cap_is_refused_before_it_is_sent(capped: mj.Session) -> None:
    made = [capped.imagine(f"a fox {number}") for number in range(5)]
    with pytest.raises(CapError, match=r"cap is 1.35 credits.*Nothing was sent"):
        capped.imagine("one more")
    assert [gen.result(60).status for gen in made] == [mj.Status.SUCCEEDED] * 5
    assert capped.held == pytest.approx(5 * EACH)
    assert len(capped) == 5


def test_a_cap_is_not_passed_by_asking_at_once(capped: mj.Session) -> None:
    refused: list[CapError] = []

    def ask(number: int) -> None:
        try:
            capped.imagine(f"a fox {number}")
        except CapError as error:
            refused.append(error)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(capped), len(refused)) == (5, 15)


def test_what_failed_costs_nothing(script: Script, open_session: OpenSession) -> None:
    session = open_session(base_url=script.url)
    session.cap, session.prices = EACH, ONE
    script.say(told({"error": {"code": "forbidden", "message": "no"}}, 403))
    with pytest.raises(GenerationError):
        session.imagine("a fox").result(10)
    assert session.held == 0
    done = {"success": True, "task_id": "t1", "progress": 100, "image_id": "149", "image_url": f"{script.url}/1.png"}
    script.say(lines(done), Answer([PNG]))
    session.imagine("a fox").result(10)
    assert session.held == EACH


def test_what_the_service_says_that_it_cost_counts(script: Script, open_session: OpenSession) -> None:
    session = open_session(base_url=script.url)
    script.say(told({"prompts": ["a fox"], "cost": 0.42}))
    session.shorten("a very long prompt").result(10)
    assert session.held == pytest.approx(0.42)


def test_the_bill_says_what_the_service_says_that_it_cost(script: Script, open_session: OpenSession) -> None:
    session = open_session(base_url=script.url)
    script.say(told({"content": "a fox", "cost": 0.42}))
    session.translate("狐").result(10)  # whose price nobody knows
    session.prices = ONE
    assert session.held == pytest.approx(0.42)
    bill = session.bill()
    assert (list(bill["credits"]), list(bill["unknown"])) == ([0.42], [0])


def test_what_was_made_counts_what_it_cost_before_its_picture_is_there(script: Script, open_session: OpenSession) -> None:
    """Whoever dies in between leaves the right sum."""
    session = open_session(base_url=script.url)
    session.prices = (mj.Price(credits=EACH, at_most=4 * EACH, source="a test", date="2026-11-29"),)
    held: list[float] = []

    class Watched(list[bytes]):
        def __iter__(self):
            held.append(session.held)
            return super().__iter__()

    done = {"success": True, "task_id": "t1", "progress": 100, "image_id": "149", "image_url": f"{script.url}/1.png"}
    script.say(lines(done), Answer(Watched([PNG])))
    gen = session.imagine("a fox")
    gen.result(10)
    assert held == [EACH]


def test_an_unknown_price_passes_no_cap_until_it_is_given(session: mj.Session) -> None:
    grid = session.imagine("a fox").result(30)
    single = grid.upscale(1).result(30)
    session.cap = 100
    with pytest.raises(CapError, match=r"not known.*mj\.Price"):
        single.zoom_out(2)
    session.prices = [mj.Price(credits=0.3, source="a test", date="2026-11-22", action="zoom_out_*"), *session.prices]
    assert single.zoom_out(2).result(30).estimate == 0.3


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize("cap", [0, -1, float("nan")])
def test_a_cap_is_a_number_above_zero(tmp_path: Path, cap: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        mj.Session("test", root=tmp_path, cap=cap)


def test_the_bill_adds_up_by_day_mode_and_action(script: Script, open_session: OpenSession) -> None:
    session = open_session(base_url=script.url)
    session.prices = ONE
    done = {"success": True, "progress": 100, "image_id": "149", "image_url": f"{script.url}/1.png"}
    for number in range(3):
        script.say(lines(done | {"task_id": f"t{number}"}), Answer([PNG]))
    grid = session.imagine("a fox", mode="turbo").result(10)
    grid.upscale(1).result(10)
    grid.upscale(1).result(10)
    bill = session.bill()
    assert list(bill["action"]) == ["generate", "upscale1"]
    assert list(bill["mode"]) == ["turbo", "turbo"]
    assert list(bill["number"]) == [1, 2]
    assert list(bill["credits"]) == [EACH, 2 * EACH]
    assert bill["unknown"].sum() == bill["open"].sum() == 0

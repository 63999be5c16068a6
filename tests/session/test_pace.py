"""How long things take, as far as a session has seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import mj_widgets as mj
from mj_widgets.models import ImageRef, Outcome, Status
from mj_widgets.session.pace import took
from mj_widgets.session.store import Row, Store

OpenSession = Callable[..., mj.Session]
SOURCE = ImageRef(image_id="149")
FOX = mj.ImagineRequest(prompt="a fox")
RELAXED = mj.ImagineRequest(prompt="a fox", mode="relax")
STOPPED = Outcome(status=Status.STOPPED)


def act(action: str) -> mj.ImagineRequest:
    return mj.ImagineRequest(action=action, source=SOURCE)


@pytest.fixture
def after(open_session: OpenSession, tmp_path: Path) -> Callable[..., mj.Session]:
    """A session that has made these: each a request and its seconds, or what became of it."""

    def after(*made: tuple[Any, float | Outcome]) -> mj.Session:
        with closing(Store(tmp_path / "test")) as store:
            for number, (request, took) in enumerate(made):
                ended = took if isinstance(took, Outcome) else succeeded(took)
                store.add(Row(f"g{number:03}", float(number), "sandbox", request, ended))
        return open_session(base_url="http://127.0.0.1:9")

    return after


def succeeded(seconds: float) -> Outcome:
    return Outcome(status=Status.SUCCEEDED, sent_at=100.0, ended_at=100.0 + seconds)


def lasting(request: Any, seconds: Iterable[float]) -> list[tuple[Any, float]]:
    return [(request, one) for one in seconds]


def test_it_is_the_median_of_those_with_the_same_mode(after: Callable[..., mj.Session]) -> None:
    session = after(*lasting(FOX, (30.0, 500.0, 40.0)), *lasting(RELAXED, (200.0, 220.0)))
    assert session.expected(mj.ImagineRequest(prompt="a cat")) == 40.0
    assert session.expected(RELAXED) == 210.0


def test_only_the_latest_twenty_count(after: Callable[..., mj.Session]) -> None:
    assert after(*lasting(FOX, [10.0] * 30 + [50.0] * 20)).expected(FOX) == 50.0


@pytest.mark.parametrize("kind", ["upscale", "variation"])
def test_the_four_tiles_are_one_kind_of_action(after: Callable[..., mj.Session], kind: str) -> None:
    made = [(act(f"{kind}{tile}"), 4.0 + tile) for tile in (2, 3, 4)]
    assert after((FOX, 60.0), (act(f"{kind}_subtle"), 90.0), *made).expected(act(f"{kind}1")) == 7.0


def test_another_action_of_the_same_mode_is_better_than_nothing(after: Callable[..., mj.Session]) -> None:
    session = after((FOX, 60.0), (act("upscale1"), 4.0))
    assert session.expected(act("pan_left")) == 32.0


def test_what_was_never_made_is_not_known(after: Callable[..., mj.Session]) -> None:
    session = after((FOX, 60.0), (RELAXED, Outcome(status=Status.FAILED, sent_at=1.0, ended_at=2.0)), (RELAXED, STOPPED))
    assert session.expected(RELAXED) is None
    assert session.expected(mj.VideoRequest(image_url="https://a.example/1.png")) is None


def test_a_generation_does_not_count_for_itself_and_a_deleted_one_does(after: Callable[..., mj.Session]) -> None:
    session = after(*lasting(FOX, (30.0, 50.0)))
    first, second = session.generations
    assert (first.expected, second.expected, session.expected(FOX)) == (50.0, 30.0, 40.0)
    second.delete()
    assert first.expected == 50.0


@pytest.mark.parametrize(
    ("times", "seconds"),
    [
        ({"sent_at": 100.0, "ended_at": 130.0, "finished_at": 130.0}, 30.0),
        ({"sent_at": 100.0, "finished_at": 130.0}, 30.0),  # as version 1 wrote it
        ({"sent_at": 100.0, "ended_at": 130.0, "finished_at": 9_000.0, "created_at": 8_980.0}, 20.0),
        ({"sent_at": 100.0, "ended_at": 90_000.0, "finished_at": 150.0, "created_at": 110.0}, 40.0),  # followed a day later
        ({"sent_at": 100.0, "ended_at": 130.0, "finished_at": 130.0, "created_at": 8_980.0}, 30.0),  # it never said when
        ({"sent_at": 100.0, "ended_at": 130.0, "finished_at": 9_000.0, "started_at": 8_999.0}, 30.0),
        ({"sent_at": 100.0, "ended_at": 99.0}, None),  # the clock was set back
        ({"ended_at": 130.0}, None),
        ({"sent_at": 100.0}, None),
    ],
)
def test_two_clocks_are_never_compared(times: dict[str, float], seconds: float | None) -> None:
    assert took(Outcome(status=Status.SUCCEEDED, **times)) == seconds


def test_it_is_learnt_from_what_is_made(session: mj.Session) -> None:
    first = session.imagine("a fox").result(30)
    assert first.expected is None
    second = session.imagine("a cat")
    assert second.expected is not None
    assert 0 < second.expected < 30

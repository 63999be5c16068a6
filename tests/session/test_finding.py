"""What is found by words, marks and times."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import mj_widgets as mj
from mj_widgets.models import Marks, Outcome, Status
from mj_widgets.session.store import Row, Store

OpenSession = Callable[..., mj.Session]
NOON = datetime(2024, 5, 1, 12)
HOUR = timedelta(hours=1)


@pytest.fixture
def local_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A zone that is not UTC, and changes its clocks."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def session(open_session: OpenSession, tmp_path: Path, local_time: None) -> mj.Session:  # noqa: ARG001 - before it is filled
    """Three, at noon of three days in a row."""
    said = {
        "fox": Marks(ratings={0: 2, 3: 4}, favourites=(3,), tags=("For Print", "snow"), note="Ears too long"),
        "cat": Marks(ratings={0: 2}, note="a red FOX would be better"),
        "dog": Marks(tags=("print",)),
    }
    with closing(Store(tmp_path / "test")) as store:
        for day, (animal, marks) in enumerate(said.items()):
            at = (NOON + timedelta(days=day)).timestamp()
            outcome = Outcome(status=Status.FAILED if animal == "dog" else Status.SUCCEEDED)
            store.add(Row(animal, at, "sandbox", mj.ImagineRequest(prompt=f"a Red {animal}"), outcome, marks=marks))
    return open_session(base_url="http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, "fox cat dog"),
        ({"text": "fox"}, "fox cat"),
        ({"text": "LONG"}, "fox"),
        ({"text": "print"}, "fox dog"),
        ({"text": ""}, "fox cat dog"),
        ({"prompt": "red FOX"}, "fox"),
        ({"tag": " PRINT "}, "dog"),
        ({"tag": "for print"}, "fox"),
        ({"tag": "never"}, ""),
        ({"rating": 1}, "fox cat"),
        ({"rating": 3}, "fox"),
        ({"rating": 5}, ""),
        ({"favourite": True}, "fox"),
        ({"favourite": False}, "cat dog"),
        ({"status": "failed"}, "dog"),
        ({"text": "fox", "rating": 2, "since": "2024-05-02"}, "cat"),
        ({"since": NOON}, "fox cat dog"),
        ({"since": NOON + HOUR}, "cat dog"),
        ({"until": NOON}, "fox"),
        ({"until": NOON - HOUR}, ""),
        ({"since": date(2024, 5, 2), "until": date(2024, 5, 2)}, "cat"),
        ({"since": "2024-05-02", "until": "2024-05-02"}, "cat"),
        ({"until": "2024-05-02 11:59"}, "fox"),
        ({"until": "2024-05-02T16:00:00Z"}, "fox cat"),
        ({"until": datetime(2024, 5, 2, 15, 59, tzinfo=UTC)}, "fox"),
        ({"since": NOON.replace(tzinfo=UTC).timestamp() + 4 * 3600}, "fox cat dog"),  # New York is four hours behind
        ({"since": NOON.replace(tzinfo=UTC).timestamp() + 4 * 3600 + 1}, "cat dog"),
        ({"since": "2024-05-03", "until": "2024-05-01"}, ""),
    ],
)
def test_all_that_is_given_must_hold(session: mj.Session, wanted: dict[str, Any], found: str) -> None:
    assert [gen.id for gen in session.find(**wanted)] == found.split()


@pytest.mark.parametrize("day", ["2024-03-10", "2024-11-03"])
def test_a_whole_day_is_one_also_when_the_clocks_change(
    open_session: OpenSession,
    tmp_path: Path,
    local_time: None,  # noqa: ARG001 - in which it is meant
    day: str,
) -> None:
    late, next_day = (datetime.fromisoformat(f"{day} 23:59:59"), datetime.fromisoformat(day) + timedelta(days=1))
    with closing(Store(tmp_path / "test")) as store:
        for id_, at in (("late", late), ("next", next_day)):
            store.add(Row(id_, at.timestamp(), "sandbox", mj.ImagineRequest(prompt="a fox"), Outcome(status=Status.FAILED)))
    session = open_session(base_url="http://127.0.0.1:9")
    assert [gen.id for gen in session.find(until=day)] == ["late"]
    assert [gen.id for gen in session.find(since=next_day.date())] == ["next"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"status": "lost"}, "'lost'.*succeeded"),
        ({"rating": 0}, "1 to 5"),
        ({"rating": 6}, "1 to 5"),
        ({"rating": True}, "1 to 5"),
        ({"favourite": "yes"}, "True, False"),
        ({"since": "yesterday"}, "since.*'2024-05-01'.*not 'yesterday'"),
        ({"until": "2024-13-01"}, "until"),
        ({"until": ""}, "until"),
        ({"until": float("nan")}, "until"),
        ({"since": True}, "since"),
        ({"since": [2024]}, "since"),
        ({"until": date.max}, "until"),
    ],
)
def test_what_cannot_be_looked_for_names_the_fix_even_in_an_empty_session(
    open_session: OpenSession, wrong: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        open_session(base_url="http://127.0.0.1:9").find(**wrong)


@pytest.mark.parametrize("name", ["text", "prompt", "tag"])
def test_words_are_text(session: mj.Session, name: str) -> None:
    with pytest.raises(TypeError, match=f"{name} is text, not list"):
        session.find(**{name: ["fox"]})


def test_of_two_thousand_the_right_ones_are_found_without_asking_the_disk(open_session: OpenSession, tmp_path: Path) -> None:
    with closing(Store(tmp_path / "test")) as store:
        asked = mj.ImagineRequest(prompt="a fox")
        store.add(Row("g0000", 0.0, "sandbox", asked, Outcome(status=Status.FAILED)))
        with store._writing() as db:  # as many rows at once as no session writes
            db.executemany(
                "INSERT INTO generations SELECT ?, ?, service, endpoint, request, outcome, status, task_id, sent_at, estimate,"
                " held, owner, updated_at, ? FROM generations WHERE id = 'g0000'",
                [(f"g{n:04}", float(n), '{"tags": ["seventh"]}' if n % 7 == 0 else "{}") for n in range(1, 2000)],
            )
    session = open_session(base_url="http://127.0.0.1:9")
    (tmp_path / "test" / "session.sqlite3").unlink()
    assert [gen.created_at for gen in session.find(tag="Seventh", since=1000.0)] == [*range(1001, 2000, 7)]

"""Whatever goes wrong at the service, every cell is accounted for, and nothing is paid that is not known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
import stamina

import mj_widgets as mj
from mj_widgets.errors import AuthenticationError, BalanceError, DisabledError, MJError, TransportError
from mj_widgets.sandbox import Sandbox
from mj_widgets.sweep.run import SweepRun
from tests.sweep.conftest import EACH

OpenSession = Callable[..., mj.Session]

CARDS = {
    "": "done",
    "sandbox:moderated": "moderated",
    "sandbox:moderated_late": "moderated",
    "sandbox:400": "rejected",
    "sandbox:failed": "rejected",
    "sandbox:429=0.05x1": "done",
    "sandbox:500": "unconfirmed",  # it may have been accepted, and nobody can know
    "sandbox:500_after": "done",  # it was, and is found among the recent tasks
    "sandbox:lost": "done",
    "sandbox:cut": "done",
    "sandbox:stuck": "timed out",
    "sandbox:drop": "unconfirmed",
}


@pytest.fixture
def hasty(service: Sandbox, open_session: OpenSession) -> mj.Session:
    """A session that does not wait long for what is stuck."""
    limits = mj.Limits(in_flight=5, per_second=None)
    session = open_session(base_url=service.url, limits=limits, patience=1.0)
    session.prices = (mj.Price(credits=EACH, source="a test", date="2026-11-22"),)
    return session


@pytest.fixture
def _no_second_attempt() -> Iterator[None]:
    """What is repeated for a minute, when there is no connection, is not."""
    stamina.set_testing(True)
    yield
    stamina.set_testing(False)


def compare(session: mj.Session, service: Sandbox) -> None:
    """See that the session knows what was billed, each once, and at the same price."""
    made = [gen for gen in session.generations if gen.status is mj.Status.SUCCEEDED]
    entries = service.ledger()
    assert Counter(gen.task_id for gen in made) == Counter(entry["task_id"] for entry in entries)
    assert len({entry["task_id"] for entry in entries}) == len(entries)
    unsure = sum(gen.status in (mj.Status.UNCONFIRMED, mj.Status.STOPPED) for gen in session.generations)
    assert session.held == pytest.approx(sum(entry["credits"] for entry in entries) + unsure * EACH)


def behave(service: Sandbox) -> None:
    """Let nothing go wrong any more, but for the pictures, which are not needed here."""
    service.faults.clear()
    service.faults.add("file", "404", times=None)


def of(run: SweepRun) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for cell in run:
        found.setdefault(str(cell.values["card"]), set()).add(cell.state)
    return found


def test_sixty_cells_of_which_most_go_wrong(hasty: mj.Session, service: Sandbox) -> None:
    sweep = mj.Sweep("a fox in place {place} {card}", place=range(5), card=[*CARDS])
    run = sweep.run(hasty).result(120)
    assert len(run) == 60
    assert of(run) == {card: {state} for card, state in CARDS.items()}
    assert run.status == "done"
    assert all(cell.words for cell in run if cell.state != "done")
    compare(hasty, service)
    service.release()
    again = sweep.run(hasty).result(120)
    assert of(again) == {card: {"done" if state == "timed out" else state} for card, state in CARDS.items()}
    assert len(hasty) == 60
    compare(hasty, service)


@pytest.mark.parametrize(
    ("fault", "error"), [("used_up", BalanceError), ("bad_token", AuthenticationError), ("403", DisabledError)]
)
def test_an_account_that_gets_nothing_pauses_it(hasty: mj.Session, service: Sandbox, fault: str, error: type[MJError]) -> None:
    service.faults.add("imagine", fault, times=None, after=7)
    run = mj.Sweep("a fox in place {place}", place=range(20)).run(hasty)
    with pytest.raises(error) as caught:
        run.result(60)
    assert run.status == "paused"
    assert run.reason == str(caught.value)
    assert {state: number for state, number in run.counts.items() if number} == {"done": 7, "waiting": 13}
    assert len(hasty) <= 12  # those that were under way when it was said were refused too
    behave(service)
    assert run.resume().result(60).counts["done"] == 20
    assert len(service.ledger()) == 20


def test_it_is_so_when_another_process_goes_on(hasty: mj.Session, service: Sandbox, open_session: OpenSession) -> None:
    service.faults.add("imagine", "used_up", times=5)
    sweep = mj.Sweep("a fox in place {place}", place=range(6))
    with pytest.raises(BalanceError):
        sweep.run(hasty).result(60)
    hasty.close()
    behave(service)
    assert sweep.plan(session := open_session(base_url=service.url)).attrs["paid"] == 0
    assert sweep.run(session).result(60).counts["done"] == 6
    assert len(service.ledger()) == 6


@pytest.mark.usefixtures("_no_second_attempt")
def test_a_service_that_is_not_there_pauses_it(open_session: OpenSession) -> None:
    session = open_session(base_url="http://127.0.0.1:9")
    run = mj.Sweep("a fox in place {place}", place=range(20)).run(session)
    with pytest.raises(TransportError, match="cannot be reached"):
        run.result(60)
    assert run.status == "paused"
    assert run.counts["waiting"] == 20
    assert len(session) <= 5

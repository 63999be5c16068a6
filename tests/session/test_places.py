"""Which generation is for which cell of a sweep is written with the generation itself, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mj_widgets.errors import CapError
from mj_widgets.models import ImagineRequest, Outcome, Status
from mj_widgets.session.places import Place
from mj_widgets.session.store import Row, Store

REQUEST = ImagineRequest(prompt="a fox")
STOPPED = Outcome(status=Status.STOPPED)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "foxes")
    yield store
    store.close()


@pytest.fixture
def other(store: Store) -> Iterator[Store]:
    """The same folder, as another process sees it."""
    other = Store(store.folder)
    yield other
    other.close()


def row(id_: str, *, held: float = 1.0, outcome: Outcome | None = None) -> Row:
    return Row(id_, float(id_[1:]), "sandbox", REQUEST, outcome or Outcome(), held, held)


def at(key: str = "k", *, sweep: str = "s", cap: float | None = None, known: tuple[str, ...] = ()) -> Place:
    return Place(key, sweep, "sandbox", cap, frozenset(known))


def test_a_cell_gets_one_generation_whoever_asks_first(store: Store, other: Store) -> None:
    assert store.add(row("g1"), place=at()) == "g1"
    assert other.add(row("g2"), place=at()) == "g1"
    assert [found.id for found in store.rows()] == ["g1"]
    assert store.cells() == [("k", "g1")]


def test_it_gets_another_one_instead_of_those_that_are_named(store: Store, other: Store) -> None:
    store.add(row("g1"), place=at())
    assert store.add(row("g2"), place=at(known=("g1",))) == "g2"
    assert other.add(row("g3"), place=at(known=("g1",))) == "g2"


def test_what_another_service_made_is_no_cell_s(store: Store) -> None:
    store.add(row("g1"), place=at())
    live = row("g2")._replace(service="api.example")
    assert store.add(live, place=at()._replace(service="api.example")) == "g2"
    assert store.spent("s", "sandbox") == 1
    assert store.spent("s", "api.example") == 1


def test_a_sweep_s_cap_counts_what_that_sweep_pays_for(store: Store) -> None:
    store.add(row("g1"))
    store.add(row("g2"), place=at("a", sweep="other"))
    store.put([("b", "g1")])  # it was there, and cost the sweep nothing
    store.add(row("g3"), place=at("c", cap=2))
    store.add(row("g4"), place=at("d", cap=2))
    with pytest.raises(CapError, match=r"The run's cap is 2 credits: 2 are spent or held, and this may cost 1\."):
        store.add(row("g5"), place=at("e", cap=2))
    assert len(store.rows()) == len(store.cells()) == 4
    assert store.spent("s", "sandbox") == 2


def test_what_failed_makes_room_below_it(store: Store) -> None:
    store.add(row("g1"), place=at("a", cap=1))
    store.save("g1", Outcome(status=Status.FAILED, sent_at=1.0))
    assert store.add(row("g2"), place=at("b", cap=1)) == "g2"


def test_what_is_sent_again_for_it_is_the_cell_s_too(store: Store) -> None:
    """Else the next run would ask for the cell a third time."""
    lost = Outcome(status=Status.UNCONFIRMED, sent_at=1.0)
    store.add(row("g1", outcome=lost), place=at("a"))
    store.add(row("g2"), instead_of=("g1", lost.model_copy(update={"status": Status.FAILED})))
    assert store.cells() == [("a", "g1"), ("a", "g2")]
    assert store.spent("s", "sandbox") == 1


def test_what_was_never_sent_is_sent_by_one_process(store: Store, other: Store) -> None:
    store.add(row("g1"), place=at())
    store.save("g1", STOPPED)
    assert other.hold("g1", None, at())
    assert not store.hold("g1", None, at())
    assert store.claim() == set()
    assert other.claim() == {"g1"}


def test_it_counts_against_both_caps_again(store: Store) -> None:
    store.add(row("g1"), place=at("a"))
    store.save("g1", STOPPED)
    store.add(row("g2"), place=at("b"))
    with pytest.raises(CapError, match="The session's cap"):
        store.hold("g1", 1.0, at("a"))
    with pytest.raises(CapError, match="The run's cap"):
        store.hold("g1", None, at("a", cap=1))


def test_what_was_run_and_judged_is_kept(store: Store, other: Store) -> None:
    store.keep_sweep("s", '{"a": 1}')
    created = store.sweeps()[0][1]
    store.keep_sweep("s", '{"a": 2}')
    assert other.sweeps() == [("s", created, '{"a": 2}')]
    number = store.judge("s", "me", "stars", '{"stars": 4}')
    assert [found[:4] for found in other.judgements()] == [(number, "me", "stars", '{"stars": 4}')]

"""Cells are sent once, as many at a time as there is room, and whatever happens they are found again."""

from __future__ import annotations

import _thread
import asyncio
import gc
import threading
import time
from collections import Counter
from collections.abc import Callable
from math import nan

import pytest

import mj_widgets as mj
from mj_widgets.errors import CapError, GenerationError, SessionError, WaitTimeoutError
from mj_widgets.sandbox import Sandbox
from mj_widgets.session import loop
from mj_widgets.sweep.run import STATES, RunCell, SweepRun
from tests.sweep.conftest import EACH

OpenSession = Callable[..., mj.Session]
ANIMALS = ["fox", "owl", "cat", "dog", "cow", "ape", "bee", "elk"]


def foxes(number: int, words: str = "") -> mj.Sweep:
    return mj.Sweep(f"a fox in place {{place}} {words}", place=range(number))


def billed(service: Sandbox) -> list[str]:
    return [entry["prompt"] for entry in service.ledger()]


def until(condition: Callable[[], bool]) -> None:
    """Wait for what happens on another thread."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def accepted(session: mj.Session, number: int) -> None:
    """Wait until the service has taken so many; what is stuck there stays so, until it is released."""
    until(lambda: sum(gen.task_id is not None for gen in session.generations) == number)


def release(service: Sandbox) -> None:
    """Let what is stuck go on, and nothing be stuck any more."""
    service.faults.add("imagine", "keepalive", times=None, match="a fox")  # what is asked for comes before the cards
    service.release()


def states(run: SweepRun) -> dict[str, int]:
    return {state: number for state, number in run.counts.items() if number}


class TestMaking:
    def test_each_cell_is_made_once_and_is_where_the_design_has_it(self, quick: mj.Session, service: Sandbox) -> None:
        sweep = mj.Sweep("a {animal} in {place}", animal=["fox", "owl"], place=["snow", "fog"], replicates=2)
        run = sweep.run(quick).result(30)
        assert states(run) == {"done": 8}
        assert set(run.counts) == set(STATES)
        assert [cell.generation.request for cell in run] == [cell.request for cell in sweep]
        assert [cell.index for cell in run.cells] == [*range(8)]
        assert run[5].labels == {"animal": "owl", "place": "snow"}
        assert len({gen.id for gen in run.generations}) == 8
        assert Counter(billed(service)) == Counter(cell.prompt for cell in sweep)
        assert run.spent == pytest.approx(8 * EACH)

    def test_what_it_made_has_pictures(self, session: mj.Session) -> None:
        run = foxes(1).run(session).result(30)
        assert run[0].image.path.exists()
        assert [image.tile for image in run[0].tiles] == [1, 2, 3, 4]

    def test_it_is_awaited(self, quick: mj.Session) -> None:
        async def made() -> SweepRun:
            return await foxes(2).run(quick)

        assert mj.run(made()).status == "done"

    def test_it_is_finished_though_nobody_holds_it(self, quick: mj.Session, service: Sandbox) -> None:
        foxes(12, "sandbox:stuck").run(quick)
        accepted(quick, 5)
        gc.collect()
        release(service)
        until(lambda: len(service.ledger()) == 12)

    def test_what_the_linter_would_refuse_is_not_sent(self, quick: mj.Session) -> None:
        with pytest.raises(ValueError, match="--stylize takes 0 to 1000, not 2500"):
            mj.Sweep("a fox", stylize=[0, 2500]).run(quick)
        assert len(quick) == 0

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ({"order": "backwards"}, "order is 'random', 'design' or 'cheap-first', not 'backwards'"),
            ({"on_error": "ignore"}, "on_error is 'record' or 'raise', not 'ignore'"),
            ({"retry": "done"}, "retry names states of cells.*not 'done'"),
            ({"retry": ["moderated", "lost"]}, "not 'lost'"),
        ],
    )
    def test_what_was_typed_wrong_is_said(self, quick: mj.Session, options: dict[str, str], words: str) -> None:
        with pytest.raises(ValueError, match=words):
            foxes(1).run(quick, **options)
        assert len(quick) == 0


class TestAgain:
    def test_running_again_sends_nothing(self, quick: mj.Session, service: Sandbox) -> None:
        first = foxes(6).run(quick).result(30)
        again = foxes(6).run(quick).result(30)
        assert again.generations == first.generations
        assert again.id == first.id
        assert len(service.ledger()) == 6

    def test_a_session_that_was_opened_again_knows_the_cells(
        self, quick: mj.Session, service: Sandbox, open_session: OpenSession
    ) -> None:
        made = [gen.id for gen in foxes(4).run(quick).result(30).generations]
        quick.close()
        session = open_session(base_url=service.url)
        assert [gen.id for gen in foxes(4).run(session).result(30).generations] == made
        assert len(service.ledger()) == 4

    def test_one_more_value_pays_for_the_new_cells_alone(self, quick: mj.Session, service: Sandbox) -> None:
        mj.Sweep("a {animal} in {place}", animal=["fox", "owl"], place=["snow", "fog"]).run(quick).result(30)
        more = mj.Sweep("a {animal} in {place}", animal=["owl", "cat", "fox"], place=["fog", "snow"]).run(quick).result(30)
        assert states(more) == {"done": 6}
        assert more.spent == pytest.approx(2 * EACH)
        assert len(service.ledger()) == 6

    def test_what_was_asked_for_elsewhere_is_free(self, quick: mj.Session, service: Sandbox) -> None:
        by_hand = quick.imagine("a fox").result(30)
        run = mj.Sweep("a {animal}", animal=["fox", "owl"], replicates=2).run(quick).result(30)
        assert by_hand in run.generations
        assert len(set(run.generations)) == 4
        assert Counter(billed(service)) == {"a fox": 2, "a owl": 2}
        assert run.spent == pytest.approx(3 * EACH)

    def test_it_stays_the_cell_s_and_is_given_to_no_other(self, quick: mj.Session) -> None:
        by_hand = quick.imagine("a fox").result(30)
        assert mj.Sweep("a {animal}", animal=["fox"]).run(quick).result(30).generations == (by_hand,)
        two = mj.Sweep("a {animal}", animal=["fox"], replicates=2).run(quick).result(30)
        assert two[0].generation is by_hand
        assert two[1].generation is not by_hand

    def test_it_may_be_refused(self, quick: mj.Session, service: Sandbox) -> None:
        by_hand = quick.imagine("a fox").result(30)
        run = mj.Sweep("a {animal}", animal=["fox"]).run(quick, reuse=False).result(30)
        assert run[0].generation is not by_hand
        assert len(service.ledger()) == 2

    def test_a_plan_says_what_a_run_sends(self, quick: mj.Session) -> None:
        quick.imagine("a owl").result(30)
        mj.Sweep("a {animal}", animal=["fox", "cat sandbox:moderated"]).run(quick).result(30)
        sweep = mj.Sweep("a {animal}", animal=["fox", "owl", "cat sandbox:moderated", "dog"], replicates=2)
        plan = sweep.plan(quick)
        before = len(quick)
        run = sweep.run(quick).result(30)
        assert plan.attrs["credits"] == pytest.approx(5 * EACH)  # the second fox, owl and cat, and two dogs
        assert list(plan["paid"]) == [True, False, True, False, False, False, False, False]
        assert len(quick) - before == 5
        assert states(run) == {"done": 6, "moderated": 2}

    def test_a_deleted_picture_is_not_paid_again(self, quick: mj.Session, service: Sandbox) -> None:
        foxes(1).run(quick).result(30)[0].generation.delete()
        assert states(foxes(1).run(quick).result(30)) == {"done": 1}
        assert len(service.ledger()) == 1

    def test_two_runs_of_one_sweep_share_its_cells(self, quick: mj.Session, service: Sandbox) -> None:
        """A cell of a notebook is run twice, while the first is under way."""
        first = foxes(20).run(quick)
        second = foxes(20).run(quick)
        assert states(second.result(30)) == {"done": 20}
        assert first.result(30).status == "stopped"
        assert "run again" in first.reason
        assert len(service.ledger()) == 20

    def test_two_sweeps_at_once_share_what_they_have_in_common(self, quick: mj.Session, service: Sandbox) -> None:
        runs = [foxes(number).run(quick, seed=number) for number in (15, 20)]
        assert [states(run.result(30)) for run in runs] == [{"done": 15}, {"done": 20}]
        assert len(service.ledger()) == 20


class TestRetrying:
    def test_what_was_refused_is_sent_again_when_one_asks_for_it(self, quick: mj.Session, service: Sandbox) -> None:
        sweep = mj.Sweep("a {animal}", animal=["fox", "owl sandbox:moderatedx1", "cat sandbox:400x1"])
        assert states(sweep.run(quick).result(30)) == {"done": 1, "moderated": 1, "rejected": 1}
        assert states(sweep.run(quick).result(30)) == {"done": 1, "moderated": 1, "rejected": 1}
        assert states(sweep.run(quick, retry="moderated").result(30)) == {"done": 2, "rejected": 1}
        assert states(sweep.run(quick, retry=["rejected"]).result(30)) == {"done": 3}
        assert len(service.ledger()) == 3

    def test_a_cell_has_the_words_of_the_service(self, quick: mj.Session) -> None:
        run = mj.Sweep("a {animal}", animal=["owl sandbox:moderated"]).run(quick).result(30)
        assert "prompt refused by moderation" in run[0].words
        assert run[0].image is None
        assert run[0].tiles == ()

    def test_what_is_unconfirmed_is_sent_again_only_when_one_asks_for_it(self, quick: mj.Session) -> None:
        sweep = mj.Sweep("a {animal}", animal=["owl sandbox:500x1"])
        assert states(sweep.run(quick).result(30)) == {"unconfirmed": 1}
        assert states(sweep.run(quick).result(30)) == {"unconfirmed": 1}
        run = sweep.run(quick, retry="unconfirmed")
        assert states(run.result(30)) == {"done": 1}
        assert len(quick.unconfirmed) == 1  # what has become of that one, a person decides
        assert run.spent == pytest.approx(2 * EACH)

    def test_what_a_person_sent_again_is_the_cell_s(self, quick: mj.Session, service: Sandbox) -> None:
        sweep = mj.Sweep("a {animal}", animal=["owl sandbox:500x1"])
        sweep.run(quick).result(30)
        again = quick.unconfirmed[0].send_again().result(30)
        assert sweep.run(quick).result(30).generations == (again,)
        assert len(service.ledger()) == 1

    def test_what_timed_out_is_followed_again_for_nothing(
        self, quick: mj.Session, service: Sandbox, open_session: OpenSession
    ) -> None:
        quick.close()
        session = open_session(base_url=service.url, patience=0.3)
        run = foxes(2, "sandbox:stuck").run(session).result(30)
        assert states(run) == {"timed out": 2}
        service.release()
        assert states(foxes(2, "sandbox:stuck").run(session).result(30)) == {"done": 2}
        assert len(session) == len(service.ledger()) == 2

    def test_an_error_ends_it_where_one_wants_that(self, quick: mj.Session, service: Sandbox) -> None:
        sweep = mj.Sweep("a fox {how}", how=["a", "sandbox:moderated", *map(str, range(20))])
        run = sweep.run(quick, on_error="raise", order="design")
        with pytest.raises(GenerationError, match="refused by moderation") as caught:
            run.result(30)
        assert caught.value.generation is run[1].generation
        assert run.status == "stopped"
        assert run.counts["skipped"] > 10
        assert run.counts["done"] == len(service.ledger())


class TestPausing:
    def test_as_many_are_on_their_way_as_the_client_allows(self, quick: mj.Session, service: Sandbox) -> None:
        run = foxes(12, "sandbox:stuck").run(quick)
        accepted(quick, 5)
        loop.call(lambda: None)
        assert len(quick) == 5
        assert states(run) == {"running": 5, "waiting": 7}
        run.stop()
        service.release()

    def test_nothing_is_sent_after_a_pause(self, quick: mj.Session, service: Sandbox) -> None:
        run = foxes(12, "sandbox:stuck").run(quick)
        accepted(quick, 5)
        run.pause()
        service.release()
        until(lambda: run.counts["done"] == 5)
        assert (run.status, states(run), len(quick)) == ("paused", {"done": 5, "waiting": 7}, 5)
        assert run.reason.startswith("Paused")
        run.resume()
        accepted(quick, 10)
        run.stop()
        service.release()
        assert states(run.result(30)) == {"done": 10, "skipped": 2}

    def test_what_stands_in_line_at_the_client_is_called_back(self, service: Sandbox, open_session: OpenSession) -> None:
        """One may leave in a long while, and five were handed to the client: after a pause no more leave."""
        session = open_session(base_url=service.url, limits=mj.Limits(in_flight=5, per_second=0.01))
        run = foxes(8).run(session)
        until(lambda: len(session) == 6 and run.counts["done"] == 1)
        run.pause()
        assert states(run) == {"done": 1, "waiting": 7}
        assert Counter(gen.status.value for gen in session.generations) == {"succeeded": 1, "stopped": 5}
        session.close()
        again = open_session(base_url=service.url)
        assert states(foxes(8).run(again).result(30)) == {"done": 8}
        assert len(again) == len(service.ledger()) == 8

    def test_what_was_stopped_goes_on(self, quick: mj.Session, service: Sandbox) -> None:
        run = foxes(12, "sandbox:stuck").run(quick)
        accepted(quick, 5)
        run.stop()
        assert (run.status, states(run)) == ("stopped", {"running": 5, "skipped": 7})
        assert run[0].state == "running" or run[0].words == "Stopped before it was sent: nothing was charged."
        release(service)
        assert states(run.resume().result(30)) == {"done": 12}
        assert len(service.ledger()) == 12

    def test_an_interrupted_wait_pauses_it_and_waiting_again_goes_on(self, quick: mj.Session, service: Sandbox) -> None:
        run = foxes(12, "sandbox:stuck").run(quick)
        accepted(quick, 5)
        threading.Timer(0.2, _thread.interrupt_main).start()
        with pytest.raises(KeyboardInterrupt):
            run.result(30)
        assert run.status == "paused"
        assert "interrupted" in run.reason
        release(service)
        assert states(run.result(30)) == {"done": 12}

    def test_so_does_one_that_is_cancelled(self, quick: mj.Session, service: Sandbox) -> None:
        run = foxes(12, "sandbox:stuck").run(quick)

        async def wait() -> None:
            await asyncio.wait_for(run._wait(), 0.2)

        with pytest.raises(TimeoutError):
            asyncio.run(wait())
        assert run.status == "paused"
        service.release()

    def test_a_wait_that_takes_too_long_pauses_nothing(self, quick: mj.Session, service: Sandbox) -> None:
        run = foxes(6, "sandbox:stuck").run(quick)
        with pytest.raises(WaitTimeoutError, match=r"6 cells are left\. It goes on"):
            run.result(0.1)
        assert run.status == "running"
        run.stop()
        service.release()

    def test_a_request_of_unknown_fate_holds_up_its_likes_and_nobody_else(self, quick: mj.Session, service: Sandbox) -> None:
        """Of replicates without seeds, one at a time may be without a task id: else nobody could tell them apart."""
        service.faults.add("imagine", "late", match="fox")
        run = mj.Sweep("a {animal}", animal=["fox", "owl", "cat"], replicates=8).run(quick, order="design")
        until(lambda: run.counts["done"] == 16)
        assert {cell.state for cell in run if cell.labels["animal"] != "fox"} == {"done"}
        assert len(quick) == 17
        quick.close()

    def test_a_closed_session_ends_the_waiting(self, quick: mj.Session, service: Sandbox) -> None:
        run = foxes(6, "sandbox:stuck").run(quick)
        accepted(quick, 5)
        threading.Timer(0.1, quick.close).start()
        with pytest.raises(SessionError, match="was closed"):
            run.result(30)
        assert run.status == "stopped"
        assert run.spent == pytest.approx(5 * EACH)
        run.pause()
        with pytest.raises(SessionError):
            run.resume()
        service.release()


class TestWatching:
    def test_who_watches_is_told_which_cell_changed(self, quick: mj.Session) -> None:
        seen: list[RunCell | None] = []
        run = mj.Sweep("a {animal}", animal=["fox", "owl"]).run(quick, order="design")
        unwatch = run.watch(lambda _, cell: seen.append(cell))
        run.result(30)
        unwatch()
        assert {*run.cells, None} >= {*seen}
        assert run[1] in seen
        number = len(seen)
        run[1].generation.rate(4)
        assert len(seen) == number

    def test_a_view_that_breaks_is_no_matter(self, quick: mj.Session, caplog: pytest.LogCaptureFixture) -> None:
        run = foxes(6).run(quick)
        run.watch(lambda *_: 1 / 0)
        assert states(run.result(30)) == {"done": 6}
        assert "A view of the run" in caplog.text

    def test_a_generation_that_goes_on_later_is_followed(
        self, quick: mj.Session, service: Sandbox, open_session: OpenSession
    ) -> None:
        quick.close()
        session = open_session(base_url=service.url, patience=0.3)
        run = foxes(1, "sandbox:stuck").run(session).result(30)
        service.release()
        run[0].generation.resume()
        assert states(run.result(30)) == {"done": 1}

    def test_the_time_that_is_left_is_guessed_by_what_was_seen(self, open_session: OpenSession) -> None:
        with mj.sandbox.serve(speed=50, faults=[{"on": "file", "fault": "404", "times": None}]) as url:
            session = open_session(base_url=url)
            run = foxes(2).run(session)
            assert run.left is None
            assert run.result(30).left == 0
            more = foxes(12).run(session)
            until(lambda: more.left is not None)
            assert 0 < more.left < 5
            more.stop()


class TestOrder:
    @pytest.fixture
    def single(self, service: Sandbox, open_session: OpenSession) -> mj.Session:
        return open_session(base_url=service.url, limits=mj.Limits(in_flight=1, per_second=None))

    @staticmethod
    def sent(sweep: mj.Sweep, session: mj.Session, **options: object) -> list[int]:
        run = sweep.run(session, **options).result(30)
        return [cell.index for cell in sorted(run, key=lambda cell: cell.generation.created_at)]

    def test_it_is_random_and_the_same_for_a_seed(
        self, single: mj.Session, service: Sandbox, open_session: OpenSession
    ) -> None:
        first = self.sent(foxes(12), single)
        assert first not in ([*range(12)], [*range(12)][::-1])
        assert self.sent(foxes(12), open_session("second", base_url=service.url, limits=single.client.limits)) == first
        other = open_session("third", base_url=service.url, limits=single.client.limits)
        assert self.sent(foxes(12), other, seed=1) != first

    def test_it_is_written_down(self, single: mj.Session) -> None:
        run = foxes(2).run(single, order="design", seed=3, cap=5)
        told = run.manifest()["run"]
        assert told == {"id": run.id, "order": "design", "seed": 3, "cap": 5, "service": "sandbox"}
        assert len(mj.Sweep.from_manifest(run.manifest())) == 2

    def test_it_may_be_that_of_the_design(self, single: mj.Session) -> None:
        assert self.sent(foxes(6), single, order="design") == [*range(6)]

    def test_it_may_be_that_of_the_prices(self, single: mj.Session) -> None:
        sweep = mj.Sweep("a fox", version=["8", "8.2"], quality=["4", "1"])
        first, *_, last = self.sent(sweep, single, order="cheap-first")
        assert sweep[first].values == {"version": "8", "quality": "1"}  # 0.26 credits, it is said
        assert sweep[last].values["quality"] == "4"


class TestCap:
    def test_five_at_a_time_do_not_pass_it(self, quick: mj.Session, service: Sandbox) -> None:
        run = foxes(25).run(quick, cap=20 * EACH).result(60)
        assert states(run) == {"done": 20, "over the cap": 5}
        assert len(service.ledger()) == 20
        assert run.spent == pytest.approx(20 * EACH)
        assert "The run's cap is 5.4 credits: 5.4 are spent" in next(cell.words for cell in run if cell.state == "over the cap")
        assert run.reason == "5 cells are over the cap: run it again with a higher cap= to go on."

    def test_with_a_higher_one_it_goes_on(self, quick: mj.Session, service: Sandbox) -> None:
        run = foxes(8).run(quick, cap=3 * EACH).result(30)
        assert states(run.resume(cap=5 * EACH).result(30)) == {"done": 5, "over the cap": 3}
        assert run.cap == 5 * EACH
        assert states(foxes(8).run(quick, cap=7 * EACH).result(30)) == {"done": 7, "over the cap": 1}
        assert len(service.ledger()) == 7

    def test_running_again_does_not_begin_to_count_anew(self, quick: mj.Session, service: Sandbox) -> None:
        for _ in range(3):
            run = foxes(8).run(quick, cap=3 * EACH).result(30)
            assert states(run) == {"done": 3, "over the cap": 5}
        assert len(service.ledger()) == 3

    def test_what_costs_nothing_leaves_room(self, quick: mj.Session, service: Sandbox) -> None:
        sweep = mj.Sweep("a fox {how}", how=[*(f"{n} sandbox:moderated" for n in range(8)), "a", "b", "c", "d"])
        assert states(sweep.run(quick, cap=4 * EACH, order="design").result(30)) == {"done": 4, "moderated": 8}
        assert len(service.ledger()) == 4

    def test_what_was_there_costs_the_sweep_nothing(self, quick: mj.Session) -> None:
        foxes(4).run(quick).result(30)
        quick.imagine("a fox in place 4").result(30)
        assert states(foxes(7).run(quick, cap=2 * EACH).result(30)) == {"done": 7}

    def test_what_may_cost_more_than_it_does_waits_for_the_rest(self, quick: mj.Session, service: Sandbox) -> None:
        """Each holds four times what it costs while it is on its way: below a cap of eight, five fit one after the other."""
        quick.prices = (mj.Price(credits=EACH, at_most=4 * EACH, source="a test", date="2026-11-22"),)
        run = foxes(8).run(quick, cap=8 * EACH).result(30)
        assert states(run) == {"done": 5, "over the cap": 3}
        assert len(service.ledger()) == 5

    def test_the_session_s_own_holds_too(self, quick: mj.Session, service: Sandbox) -> None:
        quick.cap = 3 * EACH
        run = foxes(8).run(quick, cap=5 * EACH).result(30)
        assert states(run) == {"done": 3, "over the cap": 5}
        assert "The session's cap" in next(cell.words for cell in run if cell.state == "over the cap")
        assert len(service.ledger()) == 3

    @pytest.mark.parametrize("whose", ["run", "session"])
    def test_what_nobody_knows_the_price_of_is_not_sent(self, quick: mj.Session, whose: str) -> None:
        quick.prices = (mj.Price(credits=1, version="8.2", source="a test", date="2026-11-22"),)
        if whose == "session":
            quick.cap = 100
        sweep = mj.Sweep("a fox", version=["8.2", "3"])
        with pytest.raises(CapError, match=r"cell 1.*session\.prices"):
            sweep.run(quick, cap=100 if whose == "run" else None)
        assert len(quick) == 0

    @pytest.mark.parametrize("cap", [0, -1, nan])
    def test_it_is_more_than_nothing(self, quick: mj.Session, cap: float) -> None:
        with pytest.raises(ValueError, match="A cap is a number of credits above 0"):
            foxes(1).run(quick, cap=cap)
        assert len(quick) == 0

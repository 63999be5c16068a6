"""The way of one generation, each step written down before the next is taken.

    pending      the row exists; nothing was sent
    running      written before the request leaves, and again with the task id
    succeeded    written before the picture is fetched, and again with its file

So wherever a process dies, the row says what is still to be done, and `take_up` does it. All of this runs on the background
loop. What decides is stored before it is shown; progress between these steps is shown alone.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Coroutine, Iterable
from contextlib import aclosing
from typing import Any, Protocol

from mj_widgets.api.client import Client
from mj_widgets.api.policy import Verdict, judge
from mj_widgets.errors import APIError, MJError, StatusError, WaitTimeoutError, sentences
from mj_widgets.models import Failure, Outcome, Status
from mj_widgets.session import loop
from mj_widgets.session.generation import Generation
from mj_widgets.session.marks import Change
from mj_widgets.session.pictures import Pictures, is_missing
from mj_widgets.session.places import Place
from mj_widgets.session.store import Store

log = logging.getLogger(__name__)

_MINDING_PAUSE = 1.0  # seconds between looks at what another process writes

_STOPPED = "Stopped following. The service has no cancel: it may still finish and be charged."
_NEVER_SENT = "Stopped before it was sent: nothing was charged."
_NOT_FETCHED = "It was made, and stopped before its picture was fetched."
_FOLLOW_AGAIN = "gen.resume() follows it again."
_UNCONFIRMED = "It was sent and nobody answered: it may have been charged."
_CHOICES = "session.unconfirmed lists it, with the choices adopt(task_id), forget() and send_again()."


class Handle(Protocol):
    """What people wait for."""

    def _end(self, error: MJError | None) -> None:
        """Wake those who wait."""


class Ledger:
    """Sends, follows and fetches, and writes each step down.

    Parameters
    ----------
    store : Store
        Where it is written.
    client : Client
        Whom it asks.
    """

    def __init__(self, store: Store, client: Client) -> None:
        self._store = store
        self._client = client
        self._pictures = Pictures(store, client)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._elsewhere: dict[str, Generation] = {}
        self._minding: asyncio.Task[None] | None = None

    def begin(self, gen: Generation) -> None:
        """Send a generation that was never sent, and follow it."""
        gen._tell()
        self._start(gen, self._run(gen, self._client.send(gen.request, known=gen.session._knows)))

    def take_up(self, gen: Generation) -> None:
        """Go on with a generation where its row says that it is; another process may have written it last."""
        row = gen.outcome if self.follows(gen) else self._store.row(gen.id).outcome
        running = row.model_copy(update={"status": Status.RUNNING, "error": None})
        if row.status is Status.SUCCEEDED:
            if is_missing(outcome := self._store.found(row).model_copy(update={"error": None})):
                self._note_success(gen, outcome)
                self._start(gen, self._fetch(gen, outcome))
        elif row.status is Status.FAILED:
            gen._show(row)
        elif self.follows(gen) and not (row.status.ended and row.task_id):
            if row.status is Status.STOPPED:  # it was stopped between being sent and being given a task id
                self._write(gen, running)
        elif row.task_id:
            self._write(gen, running)
            self._start(gen, self._run(gen, self._client.follow(row.task_id)))
        elif row.sent_at is not None:
            self._write(gen, running)
            self._start(gen, self._settle(gen, row.sent_at))
        elif row.status is Status.PENDING:  # after a restart nothing is paid for unasked
            self._write(gen, _stopped(row))

    def resume(self, gen: Generation, *, cap: float | None, place: Place | None) -> None:
        """Follow one that a person wants followed again; send it if it never was.

        Raises
        ------
        CapError
            It was never sent, and would pass the cap.
        """
        if not self._own(gen):
            self.mind(gen)
        elif gen.status is not Status.STOPPED or gen.outcome.sent_at is not None:
            self.take_up(gen)
        elif self._store.hold(gen.id, cap, place):
            gen._show(Outcome())
            self.begin(gen)

    def mind(self, gen: Generation) -> None:
        """Show what another process writes of a generation that it follows, and take it up if that process dies."""
        self._elsewhere[gen.id] = gen
        self._look(gen)
        if self._minding is None or self._minding.done():
            self._minding = asyncio.get_running_loop().create_task(self._mind())

    def follows(self, gen: Generation) -> bool:
        """Tell whether it is on its way here, and not in another process."""
        task = self._tasks.get(gen.id)
        return task is not None and not task.done()

    def adopt(self, gen: Generation, task_id: str) -> None:
        """Take a task for an unconfirmed generation's, and follow it.

        Raises
        ------
        ValueError
            It is not unconfirmed any more.
        """
        if not self._own(gen) or gen.status is not Status.UNCONFIRMED:
            raise ValueError(f"{gen.id} was decided about already: it is {gen.status}.")
        self._write(gen, gen.outcome.model_copy(update={"task_id": task_id, "candidates": ()}))
        self.take_up(gen)

    def fetch_again(self, gen: Generation) -> None:
        """Fetch the picture of a generation whose file is missing or was changed."""
        image = gen.outcome.image and gen.outcome.image.model_copy(update={"path": None})
        self._write(gen, gen.outcome.model_copy(update={"image": image}))
        self.take_up(gen)

    def forget(self, gen: Generation) -> None:
        """Count an unconfirmed generation as one that never was.

        Raises
        ------
        ValueError
            It is not unconfirmed any more.
        """
        outcome = given_up(gen.outcome)
        self._store.give_up(gen.id, outcome)
        gen._show(outcome)

    def mark(self, gen: Generation, change: Change) -> None:
        """Change what a person thinks of a generation, and show it."""
        marks = self._store.mark(gen.id, change)
        if marks != gen.marks:
            gen._show_marks(marks)

    def look_again(self, generations: Iterable[Generation]) -> None:
        """See which files are gone, and show that."""
        for gen in generations:
            outcome = self._store.found(gen.outcome)
            if outcome != gen.outcome:
                gen._show(outcome)

    def stop(self, gen: Generation) -> None:
        """Stop following; what was just sent is still listened to, until its task id is known."""
        if gen.status.ended:
            return
        if not self._own(gen):  # another process follows it, and goes on: its row stays as it is
            self._elsewhere.pop(gen.id, None)
            gen._show(_stopped(gen.outcome))
            return
        task = self._tasks.get(gen.id)
        if task and (gen.task_id or gen.outcome.sent_at is None):
            task.cancel()
            del self._tasks[gen.id]
        row = self._store.row(gen.id).outcome
        if row.status is Status.SUCCEEDED:  # its picture was on the way
            self._write(gen, row.model_copy(update={"error": Failure(message=_NOT_FETCHED, hint="gen.resume() fetches it.")}))
        elif not row.status.ended:
            self._write(gen, _stopped(gen.outcome))

    async def aclose(self, handles: Iterable[Handle], error: MJError) -> None:
        """End every task; the rows stay as they are, to be taken up when the folder is opened again."""
        tasks = [*self._tasks.values(), *self._pictures.tasks, *filter(None, [self._minding])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for handle in handles:
            handle._end(error)

    def _start(self, gen: Generation, work: Coroutine[Any, Any, None]) -> None:
        """Run and keep a task; the loop itself would only hold it weakly."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks[gen.id] = task

        def done(_: asyncio.Task[None]) -> None:
            if self._tasks.get(gen.id) is task:
                del self._tasks[gen.id]

        task.add_done_callback(done)

    async def _run(self, gen: Generation, outcomes: AsyncGenerator[Outcome]) -> None:
        made: Outcome | None = None
        try:
            async with aclosing(outcomes):
                async for outcome in outcomes:
                    if outcome.status is Status.SUCCEEDED:
                        made = self._succeed(gen, outcome)
                        break
                    if not self._take(gen, outcome):
                        break
            if made:  # by now the client has let the next one through
                await self._fetch(gen, made)
        except Exception as error:  # noqa: BLE001 - whatever it was, the row and the view must say so
            if not loop.is_ending(error):  # else the row is right as it is: it is followed when the folder is opened again
                self._write_failure(gen, error)

    def _take(self, gen: Generation, new: Outcome) -> bool:
        """Store and show one outcome; False when nobody wants more of them."""
        old, known = gen.outcome, _known(gen.outcome, new)
        if not new.status.ended:
            if gen.status is Status.STOPPED:
                self._write(gen, old.model_copy(update=known | {"progress": old.progress}))
                return not known["task_id"]
            outcome = new.model_copy(update=known | {"raw": {}})
            if (outcome.task_id, outcome.sent_at, outcome.status) == (old.task_id, old.sent_at, old.status):
                gen._show(outcome)  # a step of progress alone is worth no write: following it again tells it anew
            else:
                self._write(gen, outcome)
            self._pictures.show_preview(gen, new.image)
        else:
            now = time.time()
            self._write(gen, new.model_copy(update=known | {"finished_at": new.finished_at or now, "ended_at": now}))
        return True

    def _succeed(self, gen: Generation, new: Outcome) -> Outcome:
        """Store that it succeeded, and give what is to be fetched."""
        outcome = new.model_copy(update=_known(gen.outcome, new) | {"ended_at": time.time()})
        self._note_success(gen, outcome)
        return outcome

    def _note_success(self, gen: Generation, outcome: Outcome) -> None:
        """Write down that it succeeded, and show that its picture is on the way."""
        self._save(gen, outcome)
        gen._show(outcome.model_copy(update={"status": Status.RUNNING, "progress": 100, "raw": {}}))

    async def _fetch(self, gen: Generation, outcome: Outcome) -> None:
        """Fetch what was made, and say that it is there."""
        try:
            outcome = await self._pictures.fetch(gen, outcome)
        except MJError as error:
            where = outcome.image.url if outcome.image else ""
            failure = Failure(
                message=f"It was made and could not be fetched: {error}", hint=f"gen.resume() tries again. It is at {where}"
            )
            outcome = outcome.model_copy(update={"error": failure})
        self._write(gen, outcome.model_copy(update={"finished_at": outcome.finished_at or outcome.ended_at}))

    async def _settle(self, gen: Generation, sent_at: float) -> None:
        """Find out what has become of a request that was sent before its task id was known."""
        found: list[str] = []
        async with self._client.alone(gen.request):  # one that is just being sent must not be taken for this one
            try:
                records = await self._client.find(gen.request, since=sent_at, known=gen.session._knows)
                found = [record.id for record in records]
            except MJError as error:
                log.info("Generation %s cannot be looked for: %s", gen.id, type(error).__name__)
            if len(found) == 1:
                self._write(gen, gen.outcome.model_copy(update={"task_id": found[0]}))
        if len(found) == 1:
            await self._run(gen, self._client.follow(found[0]))
        else:
            failure = Failure(message=_UNCONFIRMED, hint=_CHOICES)
            changes = {"status": Status.UNCONFIRMED, "error": failure, "candidates": tuple(found)}
            self._write(gen, gen.outcome.model_copy(update=changes))

    async def _mind(self) -> None:
        while self._elsewhere:
            await asyncio.sleep(_MINDING_PAUSE)
            try:
                mine = self._store.claim()
                for gen in [*self._elsewhere.values()]:
                    self._look(gen)
                    if gen.id in mine and gen.id in self._elsewhere:
                        del self._elsewhere[gen.id]
                        self.take_up(gen)
            except MJError as busy:  # the next look may succeed
                log.info("What another process does cannot be seen: %s", busy)

    def _look(self, gen: Generation) -> None:
        """Show what another process wrote, and end the minding when there is nothing more to come."""
        if self.follows(gen):
            return
        outcome = self._store.row(gen.id).outcome
        fetching = outcome.status is Status.SUCCEEDED and is_missing(outcome) and outcome.error is None
        if outcome != gen.outcome and (gen.status.ended or not fetching):
            gen._show(outcome)
        if outcome.status.ended and not fetching:
            self._elsewhere.pop(gen.id, None)

    def _own(self, gen: Generation) -> bool:
        """Take a generation that nobody else follows, and see what its row says; False while another process does."""
        if self.follows(gen):
            return True
        mine = self._store.take(gen.id)
        outcome = self._store.row(gen.id).outcome
        if mine and outcome != gen.outcome:
            gen._show(outcome)
        return mine

    def _write(self, gen: Generation, outcome: Outcome) -> None:
        self._save(gen, outcome)
        gen._show(outcome)

    def _save(self, gen: Generation, outcome: Outcome) -> None:
        estimated = gen.estimate if outcome.status is Status.SUCCEEDED else None
        self._store.save(gen.id, outcome, cost=estimated if outcome.cost is None else outcome.cost)

    def _write_failure(self, gen: Generation, error: Exception) -> None:
        """Say what is known after something went wrong: whether it was bought, and whether it can be followed."""
        gen._cause = error
        if not isinstance(error, MJError):
            log.error("Generation %s broke.", gen.id, exc_info=error)
        failure = _failure(error)
        sent, bought = gen.outcome.sent_at is not None, True
        if isinstance(error, APIError):
            bought = judge("submit", error) is Verdict.UNKNOWN
        if gen.task_id:
            status = Status.STOPPED if isinstance(error, WaitTimeoutError) else Status.UNCONFIRMED
            failure = failure.model_copy(update={"hint": sentences(failure.hint, _FOLLOW_AGAIN)})
        elif sent and bought:
            status = Status.UNCONFIRMED
            failure = failure.model_copy(update={"message": sentences(failure.message, _UNCONFIRMED), "hint": _CHOICES})
        else:
            status = Status.FAILED
        candidates = getattr(error, "candidates", ())
        outcome = gen.outcome.model_copy(update={"status": status, "error": failure, "candidates": candidates})
        try:
            self._store.save(gen.id, outcome)
        except MJError:
            log.exception("What became of generation %s could not be written.", gen.id)
        gen._show(outcome)


def _known(old: Outcome, new: Outcome) -> dict[str, Any]:
    """Put together what two outcomes say of the same job."""
    return {
        "task_id": new.task_id or old.task_id,
        "sent_at": old.sent_at or new.sent_at,
        "created_at": new.created_at or old.created_at,
        "progress": max(old.progress or 0, new.progress) if new.progress is not None else old.progress,
    }


def given_up(outcome: Outcome) -> Outcome:
    """Say of an unconfirmed one that nobody waits for it any more."""
    error = Failure(message="Nobody knows whether it arrived; it was given up.")
    return outcome.model_copy(update={"status": Status.FAILED, "error": error})


def _stopped(outcome: Outcome) -> Outcome:
    sent = outcome.sent_at is not None
    words, hint = (_STOPPED, _FOLLOW_AGAIN) if sent else (_NEVER_SENT, "gen.resume() sends it.")
    return outcome.model_copy(update={"status": Status.STOPPED, "error": Failure(message=words, hint=hint)})


def _failure(error: Exception) -> Failure:
    if isinstance(error, StatusError):
        return Failure(
            message=error.message,
            code=error.code,
            hint=error.hint,
            status_code=error.status_code,
            trace_id=error.trace_id,
        )
    return Failure(message=str(error) or type(error).__name__)

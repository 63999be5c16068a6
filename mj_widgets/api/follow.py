"""Follows running tasks by look-ups: one request for up to fifty of them."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field

from mj_widgets.api.policy import Verdict, judge
from mj_widgets.errors import APIError, MJError, ResponseError, WaitTimeoutError
from mj_widgets.models import Outcome, Record, Status

log = logging.getLogger(__name__)

BATCH = 50  # ids in one look-up, the service's advice
_SLOWEST = 15.0  # seconds between look-ups when nothing moves
_UNKNOWN_LIMIT = 5  # look-ups in a row that do not find a task, before we say so
_JITTER = 0.25

LookUp = Callable[[list[str]], Awaitable[list[Record]]]


@dataclass(eq=False)
class _Followed:
    """One task that somebody waits for."""

    patience: float
    moved_at: float
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    outcome: Outcome | None = None
    error: MJError | None = None
    unknown: int = 0
    failures: int = 0


class Follower:
    """Polls for all that are followed, with one request for up to fifty of them.

    Parameters
    ----------
    look_up : callable
        Takes task ids, gives the records that the service knows.
    every : float
        Seconds between look-ups while something moves; with nothing moving, or no answer, it slows down to 15 s.
    """

    def __init__(self, look_up: LookUp, *, every: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._look_up = look_up
        self._every = every
        self._clock = clock
        self._followed: dict[str, list[_Followed]] = {}
        self._polling: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()
        self._trouble = ""  # what was wrong with the last look-up

    async def follow(self, task_id: str, *, patience: float) -> AsyncGenerator[Outcome]:
        """Yield what becomes of a task, each time that it changes, to the end.

        Raises
        ------
        WaitTimeoutError
            Nothing has moved for `patience` seconds, or nobody answered; it can be followed again.
        APIError
            It cannot be looked up, because the service refuses us.
        """
        one = _Followed(patience, self._clock())
        self._followed.setdefault(task_id, []).append(one)
        self._hurry.set()
        if self._polling is None or self._polling.done():
            self._polling = asyncio.create_task(self._poll())
        try:
            while True:
                await one.changed.wait()
                one.changed.clear()
                if one.error:
                    raise one.error
                if one.outcome:
                    ended = one.outcome.status.ended
                    if ended:  # before it is yielded: whoever takes it may be long about it
                        self._leave(task_id, one)
                    yield one.outcome
                    if ended:
                        return
        finally:
            self._leave(task_id, one)

    def _leave(self, task_id: str, one: _Followed) -> None:
        waiting = self._followed.get(task_id, [])
        if one in waiting:
            waiting.remove(one)
        if not waiting:
            self._followed.pop(task_id, None)

    async def aclose(self) -> None:
        """Stop polling."""
        if self._polling:
            self._polling.cancel()
            await asyncio.gather(self._polling, return_exceptions=True)

    async def _poll(self) -> None:
        pause = self._every
        while self._followed:
            moved = False
            ids = list(self._followed)
            for start in range(0, len(ids), BATCH):
                moved |= await self._poll_batch(ids[start : start + BATCH])
            self._give_up_on_the_stuck()
            pause = self._every if moved or self._hurry.is_set() else max(self._every, min(_SLOWEST, pause * 1.3))
            self._hurry.clear()
            await asyncio.sleep(pause * random.uniform(1 - _JITTER, 1 + _JITTER))  # noqa: S311 - not a secret

    async def _poll_batch(self, ids: list[str]) -> bool:
        try:
            records = {record.id: record for record in await self._look_up(ids)}
        except APIError as error:  # it was repeated already, and is still wrong
            log.info("%d tasks cannot be looked up: %s", len(ids), type(error).__name__)
            self._trouble = f" Nobody answers: {error}"
            for task_id in ids if _refuses(error) else ():
                self._tell(task_id, error=error)
            return False
        except Exception as error:
            log.exception("A look-up of %d tasks broke.", len(ids))
            for task_id in ids:
                self._tell(task_id, error=APIError(f"The look-up broke: {error!r}"))
            return False
        moved, self._trouble = False, ""
        for task_id in ids:
            moved |= self._take(task_id, records.get(task_id))
        return moved

    def _take(self, task_id: str, record: Record | None) -> bool:
        moved = False
        for one in self._followed.get(task_id, []):
            if record is None:
                one.unknown += 1
                if one.unknown >= _UNKNOWN_LIMIT:
                    one.error = APIError(f"The service does not know the task {task_id} (any more).")
                    one.changed.set()
                continue
            one.unknown = 0
            one.failures = one.failures + 1 if record.doubtful else 0
            outcome = record.outcome
            if record.doubtful and one.failures == 1:
                outcome = outcome.model_copy(update={"status": Status.RUNNING, "error": None})
            if has_moved(one.outcome, outcome):
                one.outcome, one.moved_at, moved = outcome, self._clock(), True
                one.changed.set()
        return moved

    def _give_up_on_the_stuck(self) -> None:
        for task_id, waiting in self._followed.items():
            for one in waiting:
                quiet = self._clock() - one.moved_at
                if quiet > one.patience and not one.changed.is_set():
                    one.error = WaitTimeoutError(
                        f"Nothing has moved for {quiet:.0f} s. The task {task_id} may still finish; it can be followed again."
                        f"{self._trouble}"
                    )
                    one.changed.set()

    def _tell(self, task_id: str, *, error: APIError) -> None:
        for one in self._followed.get(task_id, []):
            one.error = error
            one.changed.set()


def _refuses(error: APIError) -> bool:
    """Tell whether asking again would end the same way; an outage, or a gateway's page in place of JSON, passes."""
    return judge("look up", error) is Verdict.REFUSED and not isinstance(error, ResponseError)


def has_moved(before: Outcome | None, after: Outcome) -> bool:
    """Tell whether there is news in what was heard last."""
    if before is None:
        return True
    return (before.status, before.progress) != (after.status, after.progress) or (after.image is not None and not before.image)

"""What drives a run: cell after cell is sent as there is room, and each is followed to its end.

All of this runs on the background loop, and is woken by what happens there: a generation changes, somebody clicks. Nothing is
kept here that cannot be found again in the session: which generation a cell has is written with the generation itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from math import inf
from typing import TYPE_CHECKING, Literal

from mj_widgets.errors import CapError, GenerationError, MJError, TransportError, status_error
from mj_widgets.models import Failure, Status
from mj_widgets.prompt.pricing import estimate
from mj_widgets.session.pictures import is_missing
from mj_widgets.session.places import Place
from mj_widgets.sweep.cells import NEVER_SENT, STATES, RunCell, is_of_the_account, is_unsent, state_of
from mj_widgets.sweep.key import identity
from mj_widgets.sweep.stock import Stock, is_to_send

if TYPE_CHECKING:
    from mj_widgets.session.generation import Generation
    from mj_widgets.session.session import Session

log = logging.getLogger(__name__)

RunStatus = Literal["running", "paused", "done", "stopped"]

_ENDED_BADLY = {"moderated", "rejected", "timed out", "unconfirmed"}
_FOLLOWED_AGAIN = {"timed out", "unconfirmed"}  # it costs nothing


class Engine:
    """Sends the cells of one run.

    Parameters
    ----------
    session : Session
        Where they are sent.
    sweep : str
        The id of what is run, which pays.
    cells : sequence of RunCell
        All of them, in the order of the design.
    order : iterable of int
        Their places, in the order in which they are sent.
    stock : Stock
        What the session has of them.
    cap : float, optional
        Credits that the sweep may hold.
    raises : bool
        Whether it stops at the first cell that ends badly.
    retry : iterable of str
        States of which cells are sent again.
    tell : callable
        Is called with each cell that changed, and with None when the run did.
    """

    def __init__(
        self,
        session: Session,
        sweep: str,
        cells: Sequence[RunCell],
        order: Iterable[int],
        stock: Stock,
        *,
        cap: float | None,
        raises: bool,
        retry: Iterable[str],
        tell: Callable[[RunCell | None], None],
    ) -> None:
        self.session, self.sweep, self.cells, self.cap = session, sweep, cells, cap
        self.status: RunStatus = "running"
        self.reason = ""
        self.ended: Future[None] = Future()
        self.counts = dict.fromkeys(STATES, 0) | {"waiting": len(cells)}
        self.changes = 0  # so far, so that others can tell whether they must count anew
        self.open: set[int] = set()  # places of cells whose generation has not ended
        self.waiting = {*range(len(cells))}  # places of cells that are still to be sent
        self._order = [*order]
        self._raises, self._retry, self._tell = raises, {*retry}, tell
        self._error: Exception | None = None
        self._place_of: dict[str, int] = {}  # by generation
        self._tried: list[list[Generation]] = [[] for _ in cells]
        self._asked = [identity(cell.cell.request) for cell in cells]
        self._asking: dict[str, str] = {}  # who asks for it, and has no task id yet; an identical request would have to wait
        self._held_back: dict[str, list[int]] = {}
        self._sent: set[str] = set()  # by us, and not ended
        self._queue: deque[int] = deque()
        self._turning = False
        self._no_room = False  # below the cap, until one that is on its way has ended
        self._taken = [(cell, stock.take(asked, cell.key)) for cell, asked in zip(cells, self._asked, strict=True)]
        for place, cell in enumerate(cells):
            self._tried[place].extend(stock.tried(cell.key))

    def must_be_priced(self) -> None:
        """See to it that under a cap all prices are known, before anything is sent.

        Raises
        ------
        CapError
            One is not.
        """
        if self.cap is None and self.session.cap is None:
            return
        prices = self.session.prices
        for cell, gen in self._taken:
            if is_to_send(gen, self._retry) and (price := estimate(cell.cell.request, prices=prices)).at_most == inf:
                raise CapError(
                    f"What cell {cell.index} costs is not known ({price.note}), so it may pass the cap. Nothing was sent. "
                    "Give its price: session.prices = [mj.Price(credits=..., ...), *session.prices]"
                )

    def begin(self, sent: Iterable[str] = ()) -> None:
        """Take what is there, follow it, and start to send the rest; `sent` is on its way for an earlier run of the same."""
        self._sent |= {*sent}
        found = [(place, gen) for place, (_, gen) in enumerate(self._taken) if gen is not None]
        self._taken = []
        new = [(self.cells[place].key, gen.id) for place, gen in found if gen not in self._tried[place]]
        if new:
            self.session._put(new)
        for place, gen in found:
            if not is_to_send(gen, self._retry):
                self.waiting.discard(place)
            self._attach(place, gen)
        self._follow_again()
        self._fill()

    def heard(self, gen: Generation) -> None:
        """Take in what has become of a generation, if it is one of a cell."""
        place = self._place_of.get(gen.id)
        if place is not None and self.cells[place].generation is gen:
            self._look(place)
            self._tell(self.cells[place])

    # What people do

    def pause(self, reason: str, error: Exception | None = None) -> None:
        """Send nothing more; what has not left yet is called back."""
        if self.status != "running":
            return
        self.status, self.reason, self._error = "paused", reason, error
        self._call_back()
        self._tell(None)
        self._settle()

    def stop(self, reason: str = "", error: Exception | None = None) -> None:
        """Send nothing more, and call what waits skipped."""
        if self.status == "stopped":
            return
        self.status, self.reason, self._error = "stopped", reason, error
        self._call_back()
        for place in self.waiting:
            self._set(place, "skipped", NEVER_SENT)
        self._tell(None)
        self._settle()

    def resume(self, cap: float | None = None) -> None:
        """Go on with all that was never sent, and follow again what can be followed."""
        if self.status == "running" and cap is None:
            return
        self.cap = self.cap if cap is None else cap
        self.status, self.reason, self._error = "running", "", None
        for place, cell in enumerate(self.cells):
            if cell.state in ("skipped", "over the cap"):
                self.waiting.add(place)
            if place in self.waiting:
                self._set(place, "waiting", "")
        if self.ended.done():
            self.ended = Future()
        self._follow_again()
        self._fill()
        self._tell(None)

    def close(self, error: MJError | None) -> None:
        """End it, because the session was closed."""
        self.status, self.reason = "stopped", str(error or "")
        self._queue.clear()
        self._end(error)
        self._tell(None)

    def hand_over(self) -> set[str]:
        """Leave what is left to a newer run of the same sweep, and say what is on its way."""
        sent, self._sent = self._sent, set()
        self.stop("It was run again, and the newer run goes on with it.")
        return sent

    # Sending

    def _fill(self) -> None:
        """Line up what waits."""
        self._queue = deque(place for place in self._order if place in self.waiting)
        self._held_back.clear()
        self._no_room = False
        self._turn_soon()
        self._settle()

    def _turn_soon(self) -> None:
        """Send the next one in a turn of its own: others use the loop as well."""
        if not self._turning:
            self._turning = True
            asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        self._turning = False
        limit = self.session.client.limits.in_flight
        full = limit is not None and len(self._sent) >= limit
        if self.status != "running" or full or self._no_room or (place := self._next()) is None:
            return
        try:
            self._send(place)
        except CapError as error:
            self._over(place, str(error))
        except Exception as error:  # noqa: BLE001 - whatever it was, who waits must hear of it
            self._broke(place, error)
        else:
            self._tell(self.cells[place])
            self._turn_soon()

    def _next(self) -> int | None:
        """Take the next from the line; what would have to wait for an identical request stands aside."""
        while self._queue:
            place = self._queue.popleft()
            if self._asked[place] not in self._asking:
                return place
            self._held_back.setdefault(self._asked[place], []).append(place)
        return None

    def _send(self, place: int) -> None:
        cell, gen = self.cells[place], self.cells[place].generation
        known = frozenset(one.id for one in self._tried[place])
        at = Place(cell.key, self.sweep, self.session.client.service, self.cap, known)
        if gen is not None and is_unsent(gen) and not gen.is_deleted:
            self.session._resume(gen, at)
        else:
            gen = self.session._submit(cell.cell.request, at)
        if self.session._follows(gen):  # and no other process
            self._sent.add(gen.id)
        self.waiting.discard(place)
        self._attach(place, gen)

    def _over(self, place: int, words: str) -> None:
        """Wait for one that is on its way, as it may cost less than it holds; or leave the cell out."""
        if self.open:
            self._no_room = True
            self._queue.appendleft(place)
            return
        self.waiting.discard(place)
        self._set(place, "over the cap", words)
        self._tell(self.cells[place])
        self._turn_soon()
        self._settle()

    def _broke(self, place: int, error: Exception) -> None:
        """Pause, as the next ones would break too."""
        if not isinstance(error, MJError):
            log.error("A run of the sweep %s broke.", self.sweep, exc_info=error)
        self._queue.appendleft(place)
        if not self.session.closed:
            self.pause(f"It could not go on: {error}", error)

    def _call_back(self) -> None:
        """Stop what is in line at the client and was not sent yet."""
        for id_ in [*self._sent]:
            gen, place = self.session[id_], self._place_of.get(id_)
            if place is None:
                continue
            if gen.status is Status.PENDING and gen.outcome.sent_at is None:
                self.waiting.add(place)
                self.session._stop(gen)

    # Following

    def _attach(self, place: int, gen: Generation) -> None:
        self.cells[place].generation = gen
        self._place_of[gen.id] = place
        if gen not in self._tried[place]:
            self._tried[place].append(gen)
        self._look(place)

    def _follow_again(self) -> None:
        """Look once more at what was left behind, and fetch pictures that are missing."""
        for place, cell in enumerate(self.cells):
            gen = cell.generation
            if gen is None or place in self.waiting or gen.is_deleted or not gen.status.ended:
                continue
            if cell.state in _FOLLOWED_AGAIN or (cell.state == "done" and is_missing(gen.outcome)):
                self.session._resume(gen)

    def _look(self, place: int) -> None:
        """See what has become of a cell, and let go of what it kept."""
        cell, asked = self.cells[place], self._asked[place]
        gen = cell.generation
        assert gen is not None  # noqa: S101 - it was attached
        ended = gen.status.ended
        let_go = gen.id in self._sent and (ended or gen.outcome.ended_at is not None)  # its picture takes no room
        if let_go:
            self._sent.discard(gen.id)
        if ended:
            self.open.discard(place)
            self._no_room = False
        else:
            self._wake(place)
        if not (ended or gen.task_id):
            self._asking.setdefault(asked, gen.id)
        elif self._asking.get(asked) == gen.id:
            del self._asking[asked]
            held_back = self._held_back.pop(asked, [])
            self._queue.extendleft(reversed(held_back))
            let_go = let_go or bool(held_back)
        self._judge(place, gen)
        if ended or let_go:
            self._turn_soon()
        if ended:
            self._settle()

    def _wake(self, place: int) -> None:
        """Count a cell as on its way; somebody may follow one again when all was done."""
        self.open.add(place)
        if self.status == "done":
            self.status, self.reason, self.ended = "running", "", Future()
            self._tell(None)

    def _judge(self, place: int, gen: Generation) -> None:
        """Give a cell its state; what cost nothing and says nothing of the cell goes back into the line."""
        state, words = state_of(gen)
        if place in self.waiting:
            self._set(place, "skipped" if self.status == "stopped" else "waiting", words)
            return
        if (error := _not_the_cells(gen)) is not None:
            self.waiting.add(place)
            self._queue.appendleft(place)
            self._set(place, "skipped" if self.status == "stopped" else "waiting", str(error))
            self.pause(str(error), error)
        elif is_unsent(gen):
            self._set(place, "skipped", NEVER_SENT)
        else:
            self._set(place, state, words)
            if self._raises and state in _ENDED_BADLY and self.status == "running":
                self.stop(f"{state}: {words}", GenerationError(words, generation=gen))

    def _set(self, place: int, state: str, words: str) -> None:
        cell = self.cells[place]
        self.counts[cell.state] -= 1
        self.counts[state] += 1
        self.changes += 1
        cell.state, cell.words = state, words

    def _settle(self) -> None:
        """See whether nothing more will come by itself."""
        if self.open or (self.status == "running" and self.waiting):
            return
        if self.status == "running":
            self.status = "done"
            left = self.counts["over the cap"]
            cells = f"{left:,} cells are" if left > 1 else "1 cell is"
            self.reason = f"{cells} over the cap: run it again with a higher cap= to go on." if left else ""
            self._tell(None)
        if self.status != "paused" or self._error:
            self._end(self._error)

    def _end(self, error: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_exception(error) if error else self.ended.set_result(None)


def _not_the_cells(gen: Generation) -> Exception | None:
    """Give the error that would have met any cell: a bad token, an empty balance, no connection. It cost nothing."""
    cause = gen._cause
    if gen.status is not Status.FAILED:
        return None
    if isinstance(cause, TransportError) and not cause.sent:
        return cause
    if not is_of_the_account(gen.error):
        return None
    if isinstance(cause, MJError):
        return cause
    failure = gen.error or Failure(message="")
    return status_error(failure.message, status_code=failure.status_code or 0, code=failure.code)

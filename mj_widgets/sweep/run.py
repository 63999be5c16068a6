"""A sweep that runs: the handle that people hold, await, pause and look at."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import random
import threading
import weakref
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

from mj_widgets.errors import MJError, SessionError, WaitTimeoutError
from mj_widgets.prompt.pricing import estimate
from mj_widgets.session import loop
from mj_widgets.sweep.axis import Axis
from mj_widgets.sweep.cell import Cell
from mj_widgets.sweep.cells import STATES, RunCell
from mj_widgets.sweep.engine import Engine, RunStatus
from mj_widgets.sweep.results import Results
from mj_widgets.sweep.stock import Stock

if TYPE_CHECKING:
    from mj_widgets.models import ImagineRequest
    from mj_widgets.session.generation import Generation
    from mj_widgets.session.session import Session

log = logging.getLogger(__name__)

__all__ = ["STATES", "Order", "RunCell", "RunWatcher", "SweepRun", "start"]

Order = Literal["random", "design", "cheap-first"]
OnError = Literal["record", "raise"]
RunWatcher = Callable[["SweepRun", "RunCell | None"], None]

_INTERRUPTED = "The wait for it was interrupted. What was sent is followed; waiting for it again goes on."
_PAUSED = "Paused: nothing more is sent. What was sent is followed to its end."
_MAY_RETRY = ("moderated", "rejected", "timed out", "unconfirmed")

_going: set[SweepRun] = set()  # those that have something to do are kept, also where nobody holds them


class Design(Protocol):
    """What can be run: a `Sweep`, or the cells that `SweepRun.promote` chose."""

    @property
    def axes(self) -> Mapping[str, Axis]:
        """The axes, by name."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Cell]: ...

    def check(self) -> None:
        """See to it that the service will take each cell."""

    def manifest(self) -> dict[str, Any]:
        """Give all that it is rebuilt from."""


class SweepRun(Results):
    """A sweep that runs in a session. Made by `Sweep.run`; it has started.

    It may be used from any thread: ``await run`` in a cell, ``run.result()`` in a script, or nothing at all. Interrupting
    either pauses it: nothing more is sent, and what was sent is paid for and followed to its end.

    It is safe to run a sweep again, in this process or in another one, whatever became of the last one: what was made is
    found by the keys of the cells, and is not paid again.

    Attributes
    ----------
    sweep : Sweep
        What is run.
    session : Session
        Where.
    id : str
        Known by the keys of its cells: the same whenever the same sweep is run.
    order : {"random", "design", "cheap-first"}
        In which its cells are sent.
    seed : int
        Of the random order.

    Examples
    --------
    >>> run = Sweep("a {animal} in {place}", animal=["fox", "owl"], place=["snow", "fog"]).run(session).result()
    >>> run
    <SweepRun of 4 cells, done: 4 done>
    >>> run[1].labels, run[1].state, len(run[1].tiles)
    ({'animal': 'fox', 'place': 'fog'}, 'done', 4)

    One more value, and the new cells alone are made:

    >>> more = Sweep("a {animal} in {place}", animal=["fox", "owl"], place=["snow", "fog", "sun"]).run(session).result()
    >>> len(more), len(session)
    (6, 6)
    """

    def __init__(
        self,
        sweep: Design,
        session: Session,
        *,
        cap: float | None,
        order: Order,
        on_error: OnError,
        seed: int,
        retry: Iterable[str],
        reuse: bool,
    ) -> None:
        self.sweep, self.session, self.order, self.seed = sweep, session, order, seed
        self._cells = tuple(RunCell(cell) for cell in sweep)
        self.id = sha256("\n".join(sorted(cell.key for cell in self._cells)).encode()).hexdigest()[:16]
        self._lock = threading.Lock()
        self._watchers: list[RunWatcher] = []
        self._spent = (-1, 0.0)
        self._left: tuple[int, float | None] = (-1, None)
        self._engine = Engine(
            session,
            self.id,
            self._cells,
            self._ordered(),
            Stock(session, reuse=reuse),
            cap=cap,
            raises=on_error == "raise",
            retry=retry,
            tell=self._told,
        )

    def __repr__(self) -> str:
        counts = ", ".join(f"{number:,} {state}" for state, number in self.counts.items() if number)
        return f"<SweepRun of {len(self):,} cells, {self.status}{': ' if counts else ''}{counts}>"

    # What is known

    def __len__(self) -> int:
        return len(self._cells)

    def __iter__(self) -> Iterator[RunCell]:
        return iter(self._cells)

    def __getitem__(self, index: int) -> RunCell:
        return self._cells[index]

    @property
    def cells(self) -> tuple[RunCell, ...]:
        """Its cells, in the order of the design; always the same objects, which change as the run goes on."""
        return self._cells

    @property
    def generations(self) -> tuple[Generation, ...]:
        """What was made for its cells, in the order of the design; cells that have nothing yet are left out."""
        return tuple(cell.generation for cell in self._cells if cell.generation)

    @property
    def counts(self) -> dict[str, int]:
        """How many cells are in which of the `STATES`; each state is there."""
        return {**self._engine.counts}

    @property
    def status(self) -> RunStatus:
        """Running, paused, done or stopped."""
        return self._engine.status

    @property
    def reason(self) -> str:
        """Why it paused, stopped, or left cells out, in words; empty otherwise."""
        return self._engine.reason

    @property
    def cap(self) -> float | None:
        """Credits that this sweep may spend; None: as many as the session may."""
        return self._engine.cap

    @property
    def spent(self) -> float:
        """Credits that this sweep has spent in the session, or holds for what is on its way: what the cap is compared with.

        What it found there, or another sweep made, costs it nothing. All runs of the same sweep count.
        """
        if self._spent[0] != self._engine.changes and not self.session.closed:
            with suppress(SessionError):  # it is just being closed
                self._look_up_spent()
        return self._spent[1]

    @property
    def left(self) -> float | None:
        """Seconds until it is done, by what the session has seen; None when it has seen nothing like it."""
        changes = self._engine.changes
        if self._left[0] != changes:
            self._left = (changes, self._seconds_left())
        return self._left[1]

    def manifest(self) -> dict[str, Any]:
        """Give the manifest of what is run, with how it is run under ``"run"``.

        Examples
        --------
        >>> run = Sweep("a {animal}", animal=["fox", "owl"]).run(session)
        >>> run.manifest()["run"]["order"], len(Sweep.from_manifest(run.manifest()))
        ('random', 2)
        """
        how = {"id": self.id, "order": self.order, "seed": self.seed, "cap": self.cap}
        return {**self.sweep.manifest(), "run": {**how, "service": self.session.client.service}}

    # Waiting

    def __await__(self) -> Generator[Any, None, SweepRun]:
        return self._wait().__await__()

    def result(self, timeout: float | None = None) -> SweepRun:
        """Wait, in plain code, until it is done or stopped.

        Ctrl-C, or the kernel's Stop button, pauses the run; waiting for it again goes on.

        Parameters
        ----------
        timeout : float, optional
            Seconds; None waits as long as it takes.

        Returns
        -------
        SweepRun
            Itself. Cells that were refused are part of the result: see `counts`.

        Raises
        ------
        AuthenticationError, BalanceError, DisabledError
            The service takes nothing more; the run is paused.
        TransportError
            The service cannot be reached; the run is paused.
        WaitTimeoutError
            It took longer than `timeout`; it goes on.
        GenerationError
            A cell ended badly, with ``on_error="raise"``.
        SessionError
            The session was closed.

        Examples
        --------
        >>> Sweep("a {animal}", animal=["fox", "owl"]).run(session).result(timeout=60).status
        'done'
        """
        self._go_on()
        try:
            loop.wait(self._engine.ended, timeout)
        except KeyboardInterrupt:
            self._interrupted()
            raise
        except TimeoutError:
            number = sum(self.counts[state] for state in ("waiting", "running"))
            raise WaitTimeoutError(
                f"The run has not ended in {timeout:g} s: {number:,} cells are left. It goes on; result() waits for more."
            ) from None
        return self

    async def _wait(self) -> SweepRun:
        self._go_on()
        try:
            await loop.wait_async(self._engine.ended)
        except (KeyboardInterrupt, asyncio.CancelledError):
            self._interrupted()
            raise
        return self

    def _interrupted(self) -> None:
        if not self.session.closed:
            loop.call(lambda: self._engine.pause(_INTERRUPTED))

    def _go_on(self) -> None:
        if self.status == "paused" and self.reason == _INTERRUPTED:
            self.resume()

    # What people do

    def pause(self) -> None:
        """Send nothing more until `resume`. What was sent is followed to its end.

        Examples
        --------
        >>> run = Sweep("a {animal}", animal=["fox", "owl", "cat", "dog", "cow", "ape"]).run(session)
        >>> run.pause()
        >>> run.resume().result().counts["done"]
        6
        """
        if not self.session.closed:
            loop.call(lambda: self._engine.pause(_PAUSED))

    def resume(self, *, cap: float | None = None) -> SweepRun:
        """Go on with what was never sent, also with what was skipped, and look again for what timed out.

        Parameters
        ----------
        cap : float, optional
            Another cap; cells that were over the old one are sent below it.

        Raises
        ------
        ValueError
            The cap is no number above 0.
        SessionError
            The session is closed.

        Examples
        --------
        >>> run = Sweep("a {animal}", animal=["fox", "owl"]).run(session)
        >>> run.stop()
        >>> run.resume().result().counts["done"]
        2
        """
        cap = _checked_cap(cap)
        self.session._must_be_open()

        def resume() -> None:
            _going.add(self)
            self._engine.resume(cap)

        loop.call(resume)
        return self

    def stop(self) -> None:
        """Send nothing more: what waits is skipped. What was sent is followed to its end; waiting ends there.

        Examples
        --------
        >>> run = Sweep("a {animal}", animal=["fox", "owl"]).run(session)
        >>> run.stop()
        >>> run.result().status
        'stopped'
        """
        if not self.session.closed:
            loop.call(self._engine.stop)

    def watch(self, callback: RunWatcher) -> Callable[[], None]:
        """Call `callback(run, cell)` after each change of a cell, progress too, and with None after one of the run.

        It is called on the background thread, and often: who draws should gather.

        Returns
        -------
        callable
            Call it to end that.

        Examples
        --------
        >>> seen = []
        >>> run = Sweep("a {animal}", animal=["fox", "owl"]).run(session)
        >>> unwatch = run.watch(lambda run, cell: seen.append(cell))
        >>> run.result().status
        'done'
        >>> unwatch()
        """
        with self._lock:
            self._watchers.append(callback)

        def unwatch() -> None:
            with self._lock, suppress(ValueError):
                self._watchers.remove(callback)

        return unwatch

    # Inside

    def _begin(self) -> None:
        """Start, on the background loop; a run of the same sweep that is under way leaves it to this one."""
        sent: set[str] = set()
        for other in [*_going]:
            if other.session is self.session and other.id == self.id:
                sent |= other._engine.hand_over()
        this = weakref.ref(self)

        def heard(gen: Generation) -> None:
            run = this()
            if run is None:  # nobody holds it any more
                unwatch()
            else:
                run._engine.heard(gen)

        unwatch = self.session.watch(heard)
        self.session._join(self)
        _going.add(self)
        self._engine.begin(sent)

    def _end(self, error: MJError | None) -> None:
        self._look_up_spent()  # the last chance
        self._engine.close(error)
        _going.discard(self)

    def _look_up_spent(self) -> None:
        changes = self._engine.changes
        self._spent = (changes, round(self.session._spent(self.id), 6))  # sums of tenths are not exact

    def _told(self, cell: RunCell | None) -> None:
        if self.status != "running" and not self._engine.open:
            _going.discard(self)
        if loop.is_ending():
            return
        with self._lock:
            watchers = [*self._watchers]
        for watcher in watchers:
            try:
                watcher(self, cell)
            except Exception:
                log.exception("A view of the run %s broke; the run goes on.", self.id)

    def _ordered(self) -> list[int]:
        """Give the places of the cells in the order in which they are sent."""
        places = [*range(len(self._cells))]
        if self.order == "random":
            lots = random.Random(f"run {self.seed}")  # noqa: S311 - an order is to be repeated, not to be secret
            return sorted(places, key=lambda _: lots.random())
        if self.order == "cheap-first":
            prices = self.session.prices
            costs = [estimate(cell.cell.request, prices=prices) for cell in self._cells]
            known = [cost.at_most if cost.credits is None else cost.credits for cost in costs]
            return sorted(places, key=known.__getitem__)
        return places

    def _seconds_left(self) -> float | None:
        """Count what is left by mode, with as many in flight as the client allows; what runs is halfway, on average."""
        work: Counter[str] = Counter()
        example: dict[str, ImagineRequest] = {}
        number = 0
        for cell in self._cells:
            if cell.state in ("waiting", "running"):
                request = cell.cell.request
                example[request.mode] = request
                work[request.mode] += 2 if cell.state == "waiting" else 1
                number += cell.state == "waiting"
        each = {mode: self.session._expected(request) for mode, request in example.items()}
        known = {mode: seconds for mode, seconds in each.items() if seconds is not None}
        if len(known) < len(each):
            return None
        limits = self.session.client.limits
        busy = math.fsum(work[mode] / 2 * seconds for mode, seconds in known.items())
        at_once = max(1, min(limits.in_flight or len(self), number + len(self._engine.open)))
        return max(busy / at_once, number / (limits.per_second or math.inf))


def start(
    sweep: Design,
    session: Session,
    *,
    cap: float | None = None,
    order: Order = "random",
    on_error: OnError = "record",
    seed: int = 0,
    retry: str | Iterable[str] = (),
    reuse: bool = True,
) -> SweepRun:
    """Run a design: see `Sweep.run`."""
    for name, value, known in (("order", order, get_args(Order)), ("on_error", on_error, get_args(OnError))):
        if value not in known:
            raise ValueError(f"{name} is {', '.join(map(repr, known[:-1]))} or {known[-1]!r}, not {value!r}.")
    again = (retry,) if isinstance(retry, str) else (*retry,)
    if unknown := [state for state in again if state not in _MAY_RETRY]:
        raise ValueError(f"retry names states of cells, {', '.join(_MAY_RETRY)}; not {unknown[0]!r}.")
    cap = _checked_cap(cap)
    session._must_be_open()
    sweep.check()
    run = SweepRun(sweep, session, cap=cap, order=order, on_error=on_error, seed=int(seed), retry=again, reuse=reuse)
    run._engine.must_be_priced()
    session._keep_sweep(run.id, json.dumps(run.manifest()))
    loop.call(run._begin)
    return run


def _checked_cap(cap: float | None) -> float | None:
    if cap is not None and not cap > 0:
        raise ValueError(f"A cap is a number of credits above 0, not {cap!r}; leave it out for none.")
    return cap

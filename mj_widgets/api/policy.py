"""What may be sent again, how fast, and how many at once.

A submit is paid for and has no idempotency key, so it is repeated only where it cannot have arrived: when no connection was
made, or when the service said "too many" before it took it. Look-ups and downloads are free and may be repeated.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Literal
from weakref import WeakValueDictionary

from mj_widgets.errors import APIError, RateLimitError, StatusError, TransportError

MAX_RETRY_AFTER = 120.0  # seconds; a longer wish is cut
_PAUSE_AFTER_429 = 2.0  # seconds, when the service does not say how long
_REQUEST_TIMEOUT = 408
_FIRST_SERVER_ERROR = 500

Call = Literal["submit", "look up"]


class Verdict(StrEnum):
    """What to do after a call went wrong."""

    REPEAT = "repeat"  #: nothing was bought: send it again
    REFUSED = "refused"  #: nothing was bought, and sending it again would end the same way
    UNKNOWN = "unknown"  #: it may have been bought: never send it again by itself


def judge(call: Call, error: APIError) -> Verdict:
    """Decide what a failed call means.

    Parameters
    ----------
    call : {"submit", "look up"}
        A submit costs money; a look-up or a download does not.
    error : APIError
        How it failed.

    Examples
    --------
    >>> judge("submit", TransportError("no route", sent=False)).value
    'repeat'
    >>> judge("submit", TransportError("read timeout")).value
    'unknown'
    """
    if isinstance(error, RateLimitError):
        return Verdict.REPEAT
    if isinstance(error, TransportError):
        return Verdict.REPEAT if call == "look up" or not error.sent else Verdict.UNKNOWN
    if isinstance(error, StatusError):
        passing = error.status_code == _REQUEST_TIMEOUT or error.status_code >= _FIRST_SERVER_ERROR
        if not passing:
            return Verdict.REFUSED
        return Verdict.REPEAT if call == "look up" else Verdict.UNKNOWN
    return Verdict.REFUSED if call == "look up" else Verdict.UNKNOWN  # a 2xx that cannot be understood


def retry_after(value: str | None, *, now: Callable[[], float] = time.time) -> float | None:
    """Read a ``Retry-After`` header: seconds or an HTTP date, at most 120 s; None when it says nothing.

    Examples
    --------
    >>> retry_after("7"), retry_after("900"), retry_after("soon")
    (7.0, 120.0, None)
    """
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - now()
        except ValueError:
            return None
    return max(0.0, min(MAX_RETRY_AFTER, seconds)) if seconds == seconds else None  # noqa: PLR0124 - NaN is not itself


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much may be asked of the service with one token (its own limits are the defaults).

    Attributes
    ----------
    in_flight : int or None
        Generations at once; None for no limit.
    per_second : float or None
        Submits a second; None for no limit.
    """

    in_flight: int | None = 5
    per_second: float | None = 1.0


class Gate:
    """Lets submits through, as `Limits` say; shared by every client of a token, on whichever thread and loop.

    Parameters
    ----------
    limits : Limits
        How many, how fast.
    clock : callable, optional
        Seconds that never go backwards.
    """

    def __init__(self, limits: Limits, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self._clock = clock
        self._lock = threading.Lock()
        self._in_flight = 0
        self._waiting: deque[Callable[[], None]] = deque()
        self._next_start = 0.0

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Hold one of the places in flight; the first come is the first served."""
        await self._enter()
        try:
            yield
        finally:
            self._leave()

    async def start(self) -> None:
        """Wait until one more submit may be sent, then count it as sent."""
        while (pause := self._reserve()) > 0:  # noqa: ASYNC110 - it waits for a time, not for an event
            await asyncio.sleep(pause)

    def hold(self, seconds: float | None) -> None:
        """Let nobody start for a while, because the service said "too many"."""
        with self._lock:
            pause = _PAUSE_AFTER_429 if seconds is None else seconds
            self._next_start = max(self._next_start, self._clock() + pause)

    def _reserve(self) -> float:
        with self._lock:
            now = self._clock()
            if now < self._next_start:
                return self._next_start - now
            self._next_start = now + (1 / self.limits.per_second if self.limits.per_second else 0.0)
            return 0.0

    async def _enter(self) -> None:
        loop, woken = asyncio.get_running_loop(), asyncio.Event()
        with self._lock:
            limit = self.limits.in_flight
            if limit is None or (self._in_flight < limit and not self._waiting):
                self._in_flight += 1
                return

            def wake() -> None:
                loop.call_soon_threadsafe(woken.set)

            self._waiting.append(wake)
        try:
            await woken.wait()  # whoever leaves hands its place over, so the count stays as it is
        except asyncio.CancelledError:
            with self._lock:
                given = wake not in self._waiting
                if not given:
                    self._waiting.remove(wake)
            if given:
                self._leave()
            raise

    def _leave(self) -> None:
        with self._lock:
            while self._waiting:
                wake = self._waiting.popleft()
                try:
                    wake()
                except RuntimeError:  # its loop was closed while it waited
                    continue
                return
            self._in_flight -= 1


_gates: WeakValueDictionary[tuple[str, Limits], Gate] = WeakValueDictionary()  # gone with their last client
_gates_lock = threading.Lock()


def gate_for(account: str, limits: Limits) -> Gate:
    """Find the one gate of an account in this process.

    Parameters
    ----------
    account : str
        Tells the accounts apart: a digest of address and token, never the token.
    limits : Limits
        Clients that ask for other limits get a gate of their own.
    """
    with _gates_lock:
        gate = _gates.get((account, limits)) or Gate(limits)
        _gates[account, limits] = gate
        return gate

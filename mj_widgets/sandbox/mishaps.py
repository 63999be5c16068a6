"""What can go wrong after an order was taken: answers that are lost or late, and jobs that stop or fail.

Each class is one fault, by the name under which `faults` has it; its fields are the fault's options. What is refused
before is in `refusals`, and what happens to the bytes of an answer in `distortions`.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from mj_widgets.sandbox.fates import Fate
from mj_widgets.sandbox.replies import failure

_BROKEN = {"500_after": (500, "api_error", "fetch failed"), "504": (504, "timeout", "generation timed out")}


class Call(Protocol):
    """What a mishap may know of a call: see `breaking`."""

    on: str
    path: str
    query: str
    body: bytes
    trace_id: str
    is_file: bool
    is_stream: bool

    async def wait(self, seconds: float | None) -> None:
        """Wait so long, or for ever; hang up when the caller leaves or the sandbox closes."""

    def expire(self) -> None:
        """Let the address of a file die, and tell another at the next look-up."""


class HangUpError(Exception):
    """The connection is to be closed, now; with `reset` rudely, by a reset in place of an end."""

    def __init__(self, *, reset: bool = False) -> None:
        super().__init__()
        self.reset = reset


@dataclass
class Reply:
    """An answer that the application did not give."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})


@dataclass
class Mishap:
    """Something that goes wrong; this one does nothing."""

    main: ClassVar[str] = ""
    """The option that a test card sets with ``=``."""
    early: ClassVar[bool] = False
    """Whether it strikes as soon as the order is taken, and the application's answer is not wanted."""
    resizes: ClassVar[bool] = False
    """Whether the answer gets another length."""

    def instead(self, call: Call) -> Reply | None:
        """Answer before the application sees the call; None leaves it to the application."""
        del call
        return None

    async def after(self, call: Call) -> Reply | None:
        """Answer once the application has taken the order; None lets it speak."""
        del call
        return None

    def fate(self) -> Fate | None:
        """Say what becomes of the job."""
        return None

    def headers(self, headers: dict[str, str]) -> dict[str, str]:
        """Change the headers of the application's answer."""
        return headers

    def lines(self, lines: AsyncIterator[bytes], call: Call) -> AsyncIterator[bytes]:
        """Change the lines of an answer in JSON."""
        del call
        return lines

    def chunks(self, chunks: AsyncIterator[bytes], call: Call) -> AsyncIterator[bytes]:
        """Change the bytes of an answer."""
        del call
        return chunks


@dataclass
class FailedAfter(Mishap):
    """The order is accepted, and then answered with an error; the job goes on, and is billed when it succeeds.

    As ``500_after`` it is a 500 (service notes 4: including upstream errors); as ``504`` the sync wait was exceeded, and
    the job may still finish.
    """

    early: ClassVar[bool] = True
    name: str = "504"

    async def after(self, call: Call) -> Reply | None:
        """Tell of an error."""
        status, code, message = _BROKEN[self.name]
        headers = {"content-type": "application/json", "x-trace-id": call.trace_id}
        return Reply(status, json.dumps(failure(code, message, call.trace_id)).encode(), headers)


@dataclass
class Lost(Mishap):
    """The order is accepted, and the connection closed without a word (service notes 4: may have been bought).

    Attributes
    ----------
    reset : bool
        Whether it is reset, and not merely closed.
    """

    early: ClassVar[bool] = True
    reset: bool = False

    async def after(self, call: Call) -> Reply | None:
        """Hang up."""
        del call
        raise HangUpError(reset=self.reset)


@dataclass
class Late(Mishap):
    """The order is accepted, and the answer is silent for so long; then it comes as usual (service notes 6.2).

    Attributes
    ----------
    seconds : float or None
        How long; None for as long as the caller stays.
    """

    main: ClassVar[str] = "seconds"
    seconds: float | None = None

    async def after(self, call: Call) -> None:
        """Say nothing."""
        await call.wait(self.seconds)


@dataclass
class Stuck(Mishap):
    """The job stays where it is, until it is released (service notes 8: progress stuck at 85-93 %; 6.2: ten minutes).

    Streams fall silent then, and look-ups say the same again and again. ``POST /sandbox/release`` lets it go on.

    Attributes
    ----------
    at : int
        Per cent.
    seconds : float or None
        How long it stays there by itself; None until it is released.
    """

    main: ClassVar[str] = "at"
    at: int = 85
    seconds: float | None = None

    def fate(self) -> Fate:
        """Hold the job."""
        return Fate(self.at, held=self.seconds)


@dataclass
class Failed(Mishap):
    """The job fails half way: a failing line, and a failed task (service notes 10: mid-stream failure; 2.6: failed).

    As ``moderated_late`` it is refused by moderation, with ``forbidden``.

    Attributes
    ----------
    at : int
        Per cent; 0 fails before the first line.
    code, message : str
        What is said.
    """

    main: ClassVar[str] = "at"
    at: int = 46
    code: str = "api_error"
    message: str = "job could not be completed"

    def fate(self) -> Fate:
        """Let the job fail."""
        return Fate(self.at, error=(self.code, self.message))

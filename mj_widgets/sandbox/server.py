"""The sandbox as a server of its own, on this machine."""

from __future__ import annotations

import asyncio
import atexit
import os
import socket
import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, TypeAlias

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from mj_widgets.sandbox.app import make_app
from mj_widgets.sandbox.breaking import Breaking
from mj_widgets.sandbox.faults import Faults
from mj_widgets.sandbox.jobs import JobBook
from mj_widgets.sandbox.ledger import read_ledger

Plan: TypeAlias = Faults | Iterable[dict[str, Any]]
_HOST = "127.0.0.1"
_GOODBYE = 2  # seconds that open replies are given; they need far less, as they are told


class Sandbox:
    """A running sandbox.

    It runs in a daemon thread until `close`, or until the process ends. As a context manager it gives its URL.

    Parameters
    ----------
    port, speed, shrink, state, faults
        As in `serve`.

    Attributes
    ----------
    url : str
        Where it is reached, such as ``http://127.0.0.1:40123``.
    faults : Faults
        What is to go wrong, and what did.
    """

    def __init__(
        self, *, port: int = 0, speed: float = 1.0, shrink: int = 1, state: Path | None = None, faults: Plan | None = None
    ) -> None:
        self.faults = faults if isinstance(faults, Faults) else Faults(faults or ())
        self._book = JobBook(state, speed=speed, shrink=shrink)
        try:
            self._socket = _listen(port)  # bound here: nobody can take the port in between
        except OSError:
            self._book.close()
            raise
        self.url = f"http://{_HOST}:{self._socket.getsockname()[1]}"
        self._ready = threading.Event()
        self._stop: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None
        self._thread = threading.Thread(target=self._run, name="mj-sandbox", daemon=True)
        self._thread.start()
        self._ready.wait()
        atexit.register(self.close)

    def close(self) -> None:
        """Stop it; open replies end, and its port is free when this returns.

        Examples
        --------
        >>> from mj_widgets import sandbox
        >>> serving = sandbox.serve()
        >>> serving.close()
        """
        atexit.unregister(self.close)
        if self._stop and self._thread.is_alive():
            loop, closing = self._stop
            loop.call_soon_threadsafe(closing.set)
        self._thread.join(_GOODBYE + 3)

    def ledger(self) -> list[dict[str, Any]]:
        """Say what the service would have billed until now: see `read_ledger`.

        Examples
        --------
        >>> from mj_widgets import Client, ImagineRequest, run, sandbox
        >>> async def ask(url):
        ...     async with Client("", base_url=url) as client:
        ...         return [outcome async for outcome in client.imagine(ImagineRequest(prompt="a fox"))][-1]
        >>> serving = sandbox.serve(speed=0)
        >>> made = run(ask(serving.url))
        >>> [(entry["task_id"] == made.task_id, entry["credits"]) for entry in serving.ledger()]
        [(True, 0.27)]
        >>> serving.close()
        """
        return read_ledger(self._book)

    def release(self, task_id: str = "") -> list[str]:
        """Let one stuck job go on, or all of them; give the ids of those that do.

        Examples
        --------
        >>> from mj_widgets import Client, ImagineRequest, run, sandbox
        >>> serving = sandbox.serve(speed=0)
        >>> async def ask():
        ...     async with Client("", base_url=serving.url) as client:
        ...         async for outcome in client.imagine(ImagineRequest(prompt="a fox sandbox:stuck")):
        ...             if outcome.task_id:
        ...                 serving.release(outcome.task_id)
        ...         return outcome.status.value
        >>> run(ask())
        'succeeded'
        >>> serving.close()
        """
        return [job.id for job in self._book.release(task_id)]

    def __enter__(self) -> str:
        return self.url

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
                runner.run(self._serve())
        finally:
            self._socket.close()
            self._book.close()
            self._ready.set()

    async def _serve(self) -> None:
        closing = asyncio.Event()
        config = uvicorn.Config(
            Breaking(make_app(self._book, closing, self.faults), self._book, self.faults, closing),
            http=_Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            timeout_graceful_shutdown=_GOODBYE,
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[self._socket]))
        self._stop = asyncio.get_running_loop(), closing
        self._ready.set()  # the socket listens already: whoever comes now waits until the loop turns
        await asyncio.wait({serving, stopped := asyncio.create_task(closing.wait())}, return_when="FIRST_COMPLETED")
        stopped.cancel()
        server.should_exit = True
        await serving


class _Protocol(H11Protocol):
    """HTTP with a way out: `breaking` has to close connections in the middle of an answer."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # narrower: TCP is all there is
        """Show the transport to the application."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


def _listen(port: int) -> socket.socket:
    # asyncio sends small writes at once (TCP_NODELAY) only where the protocol is named, which `socket.create_server` does
    # not do; without it, each line of a stream waits 40 ms for the acknowledgement of the one before.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would let two servers have one port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((_HOST, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise OSError(error.errno, f"port {port} of {_HOST} cannot be used: {error.strerror}") from None
    return listener


def serve(
    *, port: int = 0, speed: float = 1.0, shrink: int = 1, state: Path | None = None, faults: Plan | None = None
) -> Sandbox:
    """Serve a sandbox on this machine.

    Parameters
    ----------
    port : int
        The port on 127.0.0.1; 0 takes a free one.
    speed : float
        How fast simulated time goes. At 1 a grid takes about 8 s (turbo 4 s, relax 14 s) and an upscale 3 s, which is
        quicker than the service; 10 is ten times as fast, and with 0 nothing waits.
    shrink : int
        By how much the width and height of new pictures are divided: 1, 2 or 4. A tile of a square grid has 512 pixels a
        side, or with 4 only 128, which is drawn and sent in a fraction of the time; replies tell the sizes that it serves.
    state : Path or None
        A file to keep the jobs in. Later processes find them there, and those that were running have gone on; several
        processes may use it at the same time. Without it, they are gone with the sandbox.
    faults : Faults or list of dict
        What is to go wrong: see `faults`.

    Returns
    -------
    Sandbox
        It runs already; ``with serve() as url:`` gives the URL and stops it at the end.

    Raises
    ------
    OSError
        The port is taken.
    ValueError
        The speed is negative, or there is no such shrink or fault.

    Examples
    --------
    >>> from mj_widgets import sandbox
    >>> with sandbox.serve(speed=0) as url:
    ...     url.startswith("http://127.0.0.1:")
    True
    """
    return Sandbox(port=port, speed=speed, shrink=shrink, state=state, faults=faults)

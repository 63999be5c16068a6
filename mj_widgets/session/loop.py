"""The one background event loop, and three ways to wait for what runs on it.

Everything that waits lives on this loop: the HTTP clients, the generations, the writes. The user's own loop, if there is one,
is never touched, so a click, a cell and a script may all use the same handles. A wait must wake up often, or the kernel's Stop
button does nothing (a signal is seen only when the loop, or the lock, wakes).
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")

HEARTBEAT = 0.1  # seconds

_THREAD = "mj_widgets"

_lock = threading.Lock()
_running: tuple[int, asyncio.AbstractEventLoop] | None = None  # the process that made it, and the loop


def background() -> asyncio.AbstractEventLoop:
    """Give the loop, made on first use; a forked process makes its own."""
    global _running  # noqa: PLW0603 - one a process is the point
    with _lock:
        if _running is None or _running[0] != os.getpid():
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name=_THREAD, daemon=True).start()
            _running = os.getpid(), loop
        return _running[1]


def submit(coroutine: Coroutine[Any, Any, T]) -> Future[T]:
    """Run a coroutine on the background loop, from any thread."""
    return asyncio.run_coroutine_threadsafe(coroutine, background())


def call(function: Callable[[], T]) -> T:
    """Run a function on the background thread and wait for it; on that thread itself, just run it."""
    if threading.current_thread().name == _THREAD:
        return function()

    async def called() -> T:
        return function()

    return submit(called()).result()


def is_ending(error: Exception | None = None) -> bool:
    """Tell whether the process is on its way out: nothing can be started any more, and what fails now says nothing."""
    # Executors refuse new work a little before the main thread counts as dead, with a RuntimeError that only its words tell.
    refused = isinstance(error, RuntimeError) and "shutdown" in str(error)
    return refused or not threading.main_thread().is_alive()


def wait(future: Future[T], timeout: float | None = None) -> T:
    """Block until a future is done, and let Ctrl-C and the kernel's Stop button through.

    Raises
    ------
    TimeoutError
        It took longer than `timeout` seconds.
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    while not future.done():
        left = HEARTBEAT if deadline is None else min(HEARTBEAT, deadline - time.monotonic())
        if left <= 0:
            raise TimeoutError
        with suppress(TimeoutError):
            future.exception(left)
    return future.result()


async def wait_async(future: Future[T]) -> T:
    """Wait for a future on whichever loop is running, without holding it up."""
    loop, woken = asyncio.get_running_loop(), asyncio.Event()

    def wake(_: Future[T]) -> None:
        with suppress(RuntimeError):  # that loop is closed: nobody waits any more
            loop.call_soon_threadsafe(woken.set)

    future.add_done_callback(wake)
    while not future.done():
        with suppress(TimeoutError):
            await asyncio.wait_for(woken.wait(), HEARTBEAT)
    return future.result()


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end from plain code: a script, or a cell without ``await``.

    Where a loop is running already, as in a notebook, it is re-entered with nest-asyncio2; nothing is patched before that.

    Parameters
    ----------
    coroutine : coroutine
        Typically something that uses an `mj_widgets.Client`.

    Returns
    -------
    object
        What the coroutine returns.

    Examples
    --------
    >>> import asyncio
    >>> run(asyncio.sleep(0, "done"))
    'done'
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    import nest_asyncio2

    nest_asyncio2.apply(loop)
    return loop.run_until_complete(coroutine)

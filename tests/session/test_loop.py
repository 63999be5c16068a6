from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future

import pytest

import mj_widgets as mj
from mj_widgets.session import loop


async def answer() -> int:
    await asyncio.sleep(0)
    return 42


def test_there_is_one_loop_and_it_is_not_ours() -> None:
    assert loop.background() is loop.background()
    assert loop.wait(loop.submit(answer())) == 42


def test_call_runs_on_the_loop_s_thread_also_from_itself() -> None:
    def nested() -> str:
        return loop.call(lambda: threading.current_thread().name)

    assert loop.call(nested) == "mj_widgets"


def test_waiting_in_plain_code_has_an_end() -> None:
    never: Future[None] = Future()
    with pytest.raises(TimeoutError):
        loop.wait(never, 0.2)


@pytest.mark.anyio
async def test_waiting_on_a_loop_does_not_hold_it_up() -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.01)

    ticking = asyncio.create_task(tick())
    future: Future[str] = Future()
    threading.Timer(0.3, future.set_result, ["done"]).start()
    assert await loop.wait_async(future) == "done"
    assert ticks > 5
    ticking.cancel()


@pytest.mark.anyio
async def test_a_cancelled_wait_leaves_the_work_alone() -> None:
    future: Future[str] = Future()
    waiting = asyncio.create_task(loop.wait_async(future))
    await asyncio.sleep(0.05)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert not future.cancelled()


def test_run_works_in_plain_code() -> None:
    assert mj.run(answer()) == 42


def test_run_works_where_a_loop_is_running_already() -> None:
    """As in a notebook's cell; in a process of its own, because it patches the loop that it re-enters."""
    code = """
import asyncio, mj_widgets as mj
async def answer():
    await asyncio.sleep(0.01)
    return 42
async def cell():
    assert not hasattr(asyncio, "_nest_patched") and not hasattr(asyncio, "_nest_asyncio2")
    print(mj.run(answer()), mj.run(answer()))
asyncio.run(cell())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["42", "42"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ there")
def test_ctrl_c_ends_a_wait_within_a_second() -> None:
    code = """
from concurrent.futures import Future
from mj_widgets.session import loop
print("waiting", flush=True)
loop.wait(Future())
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.wait(10)
        assert time.monotonic() - started < 2

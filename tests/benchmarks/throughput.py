"""Many generations at once, with the limits off: how fast, and what stays in memory."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import mj_widgets as mj
from tests.benchmarks import streaming
from tests.benchmarks._show import show

GENERATIONS = 500
NO_LIMITS = mj.Limits(in_flight=None, per_second=None)
PAUSE = 0.15  # seconds between lines: a stream of three seconds, far faster than the service's
SERVER = streaming.SERVER.replace("await asyncio.sleep(0)", f"await asyncio.sleep({PAUSE})")
PAGE = 4096  # bytes


async def ours(url: str) -> None:
    async with mj.Client("", base_url=url, limits=NO_LIMITS) as client:

        async def one(number: int) -> None:
            async for _ in client.imagine(mj.ImagineRequest(prompt=f"a fox in place {number}")):
                pass

        await asyncio.gather(*map(one, range(GENERATIONS)))


def seconds(work: object, url: str) -> float:
    started = time.perf_counter()
    asyncio.run(work(url))
    return time.perf_counter() - started


def resident() -> int:
    """Bytes of this process that are in memory."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def main() -> None:
    """Time the client against the bare loop in turn; then let a session finish many, and look at its memory."""
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        bare = streaming.bare_of(GENERATIONS, at_once=GENERATIONS)
        times = [(seconds(ours, url), seconds(bare, url)) for _ in range(3)]
        server.terminate()
    mine, theirs = min(time for time, _ in times), min(time for _, time in times)
    detail = f"{GENERATIONS} at once, {mine:.1f} s against {theirs:.1f} s"
    show("throughput of the client / of bare httpx", theirs / mine, ">= 0.8", detail)
    memory()


def memory() -> None:
    """The slope of the memory over finished generations, once everything is warm."""
    with (
        tempfile.TemporaryDirectory() as root,
        mj.sandbox.serve(speed=0) as url,
        mj.Session("memory", root=root, client=mj.Client("", base_url=url, limits=NO_LIMITS)) as session,
    ):
        sizes = []
        for _ in range(5):
            for gen in [session.imagine(f"a fox {number} --ar 1:1 --seed 7") for number in range(100)]:
                gen.result()
            sizes.append(resident())
    slope = (sizes[-1] - sizes[1]) / (100 * (len(sizes) - 2)) / 1024
    show("memory of a finished generation / 20 kB", slope / 20, "<= 1", f"{slope:.1f} kB each, the sandbox's own included")

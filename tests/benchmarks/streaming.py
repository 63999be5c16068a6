"""The client's own work, against a bare httpx loop that reads the same streams."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable

import httpx

import mj_widgets as mj
from tests.benchmarks._show import show

GENERATIONS = 200
ROUNDS = 5
AT_ONCE = 5

SERVER = """
import asyncio, json
LINES = [json.dumps({
    "success": True, "task_id": "5d0c7a52-0f0e-4b6e-9c7b-2f6c1f7f0a11", "image_id": str(1490000000000009000 + n),
    "progress": n * 5, "image_url": "https://cdn.example/att/11/9001/7f3c_grid_0.webp?ex=6a10c2f0&hm=ab12&width=256",
    "image_width": 256, "image_height": 256, "raw_image_url": "https://cdn.example/att/11/9001/7f3c_grid_0.webp?hm=ab12",
    "raw_image_width": 512, "raw_image_height": 512, "actions": [] if n < 20 else ["upscale1", "reroll"],
}).encode() + b"\\\\n" for n in range(1, 21)]
HEAD = b"HTTP/1.1 200 OK\\\\r\\\\ncontent-type: application/x-ndjson\\\\r\\\\ntransfer-encoding: chunked\\\\r\\\\n\\\\r\\\\n"

async def serve(reader, writer):
    try:
        while head := await reader.readuntil(b"\\\\r\\\\n\\\\r\\\\n"):
            size = int(head.lower().split(b"content-length: ")[1].split(b"\\\\r\\\\n")[0])
            await reader.readexactly(size)
            writer.write(HEAD)
            for line in LINES:
                writer.write(b"%x\\\\r\\\\n%s\\\\r\\\\n" % (len(line), line))
                await writer.drain()
                await asyncio.sleep(0)
            writer.write(b"0\\\\r\\\\n\\\\r\\\\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()

async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
""".replace("\\\\", "\\")


async def ours(url: str) -> None:
    limits = mj.Limits(in_flight=AT_ONCE, per_second=None)
    async with mj.Client("", base_url=url, limits=limits) as client:

        async def one(number: int) -> None:
            async for _ in client.imagine(mj.ImagineRequest(prompt=f"a fox in place {number} --ar 3:2")):
                pass

        await asyncio.gather(*map(one, range(GENERATIONS)))


def bare_of(generations: int, *, at_once: int) -> Callable[[str], Awaitable[None]]:
    """Make the loop that only reads."""

    async def bare(url: str) -> None:
        places = asyncio.Semaphore(at_once)
        pool = httpx.Limits(max_connections=None, max_keepalive_connections=20)  # as ours has it
        async with httpx.AsyncClient(timeout=60, limits=pool) as http:

            async def one() -> None:
                body = {"prompt": "a fox in snow --ar 3:2", "action": "generate", "mode": "fast"}
                async with places, http.stream("POST", f"{url}/midjourney/imagine", json=body) as response:
                    async for line in response.aiter_lines():
                        json.loads(line)

            await asyncio.gather(*(one() for _ in range(generations)))

    return bare


def cpu(work: Callable[[str], Awaitable[None]], url: str) -> float:
    started = time.process_time()
    asyncio.run(work(url))
    return time.process_time() - started


def main() -> None:
    """Take the least of several rounds, in turn; the server is a process of its own."""
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        times = [(cpu(ours, url), cpu(bare_of(GENERATIONS, at_once=AT_ONCE), url)) for _ in range(ROUNDS)]
        server.terminate()
    mine, theirs = min(time for time, _ in times), min(time for _, time in times)
    detail = f"{GENERATIONS} generations of 20 lines, {mine:.2f} s of CPU against {theirs:.2f} s"
    show("streamed generations / bare httpx", mine / theirs, "<= 2", detail)

"""A sweep against a service that takes a fixed time for each picture, with the limits off: what the run itself costs."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time

import mj_widgets as mj
from tests.benchmarks._show import show

CELLS = 500
AT_ONCE = 10
LATENCY = 1.5  # seconds; the service takes thirty, so this is hard on us
SIDE = 64  # pixels: what is measured is the run, not the thumbnails

SERVER = f"""
import asyncio, io, json, uuid
import PIL.Image
file = io.BytesIO()
PIL.Image.effect_noise(({SIDE}, {SIDE}), 60).convert("RGB").save(file, "PNG")
PICTURE = file.getvalue()

def reply(kind, body):
    return b"HTTP/1.1 200 OK\\r\\ncontent-type: %s\\r\\ncontent-length: %d\\r\\n\\r\\n%s" % (kind, len(body), body)

async def serve(reader, writer):
    try:
        while head := await reader.readuntil(b"\\r\\n\\r\\n"):
            if head.startswith(b"GET"):
                writer.write(reply(b"image/png", PICTURE))
                continue
            await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\\r\\n")[0]))
            await asyncio.sleep({LATENCY})
            told = {{"success": True, "task_id": str(uuid.uuid4()), "progress": 100, "actions": ["upscale1"],
                "image_id": str(uuid.uuid4().int)[:19], "image_width": {SIDE}, "image_height": {SIDE},
                "raw_image_url": f"http://127.0.0.1:{{port}}/{{uuid.uuid4()}}.png"}}
            told["image_url"] = told["raw_image_url"]
            writer.write(reply(b"application/x-ndjson", json.dumps(told).encode() + b"\\n"))
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()

async def main():
    global port
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(port, flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


def main() -> None:
    """Time a run, and compare it with the time that nobody can save: all latencies, so many at once."""
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        limits = mj.Limits(in_flight=AT_ONCE, per_second=None)
        with (
            tempfile.TemporaryDirectory() as root,
            mj.Session("sweep", root=root, client=mj.Client("", base_url=url, limits=limits)) as session,
        ):
            session.imagine("a fox, to warm up").result()
            sweep = mj.Sweep("a {animal} in place {place}", animal=["fox", "owl"], place=range(CELLS // 2))
            changes = 0

            def look(*_: object) -> None:
                nonlocal changes
                changes += 1

            started = time.perf_counter()
            run = sweep.run(session)
            run.watch(look)
            run.result()
            took = time.perf_counter() - started
            assert run.counts["done"] == CELLS
            assert all(cell.image.path for cell in run)
        server.terminate()
    ideal = CELLS * LATENCY / AT_ONCE
    show(
        "wall time of a sweep / all latencies, so many at once", took / ideal, "<= 1.1", f"{took:.1f} s, {changes} changes told"
    )

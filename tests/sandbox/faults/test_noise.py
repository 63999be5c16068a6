from __future__ import annotations

import subprocess
import sys


def test_nothing_of_it_makes_a_noise() -> None:
    """In a process of its own, where every warning is an error and anything on the standard error is too much."""
    code = """
import gc, logging, httpx
logging.basicConfig(level=logging.WARNING)
logging.getLogger("asyncio").addFilter(lambda record: "took" not in record.msg)  # a loaded machine is slow, which is no noise
from mj_widgets.sandbox import serve
box = serve(speed=0)
cards = "cut=0 cut cut=3 lost drop late=0.05 keepalive+cut=2 drip=0+cut=2 gzip+cut 504 500_after two_finals".split()
with httpx.Client(base_url=box.url, trust_env=False, timeout=5) as http:
    for card in cards:
        for accept in ("application/json", "application/x-ndjson"):
            try:
                http.post("/midjourney/imagine", json={"prompt": f"a fox sandbox:{card}"}, headers={"accept": accept})
            except httpx.TransportError:
                pass
    for reset in (True, False):
        box.faults.add("imagine", "cut", reset=reset)
        try:
            http.post("/midjourney/imagine", json={"prompt": "a fox"}, headers={"accept": "application/x-ndjson"})
        except httpx.TransportError:
            pass
for card in ("stuck+keepalive", "late", "stuck"):  # the caller leaves first
    with httpx.Client(base_url=box.url, trust_env=False, timeout=0.2) as http:
        try:
            with http.stream("POST", "/midjourney/imagine", json={"prompt": f"a fox sandbox:{card}"},
                             headers={"accept": "application/x-ndjson"}) as reply:
                next(reply.iter_raw())
        except httpx.TransportError:
            pass
gc.collect()
box.close()
gc.collect()
print(len(box.faults.fired))
"""
    options = ["-W", "error", "-X", "dev", "-c", code]
    done = subprocess.run([sys.executable, *options], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert done.stdout.strip() == "29"

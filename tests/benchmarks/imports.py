"""What it costs to import us, against what a widget package costs to import anyway."""

from __future__ import annotations

import subprocess
import sys
import time

from tests.benchmarks._show import show

ROUNDS = 9
PEERS = "import anywidget, ipywidgets, httpx"
OURS = "import mj_widgets"
FIRST_CELL = "import mj_widgets as mj; mj.Session, mj.Studio"


def seconds(code: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - started


def main() -> None:
    """Take the least of several rounds, in turn, less what Python itself costs."""
    times: dict[str, list[float]] = {code: [] for code in ("pass", PEERS, OURS, FIRST_CELL)}
    for _ in range(ROUNDS):
        for code, found in times.items():
            found.append(seconds(code))
    bare, peers, ours, first = (min(found) for found in times.values())
    show("import mj_widgets / its peers", (ours - bare) / (peers - bare), "<= 1.3", f"{1e3 * (ours - bare):.0f} ms")
    show("the first cell's names / its peers", (first - bare) / (peers - bare), "none", f"{1e3 * (first - bare):.0f} ms")

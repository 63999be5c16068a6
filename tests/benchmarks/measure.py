"""Metrics of 500 pictures on two processes, against this process alone."""

from __future__ import annotations

import tempfile
import time
from functools import partial

import mj_widgets as mj
from mj_widgets.sweep.metrics import METRICS
from tests.benchmarks._show import show

GRIDS = 125  # of four pictures each
METRICS_ANEW = {name: partial(metric) for name, metric in METRICS.items() if not hasattr(metric, "of_tiles")}
"""Without their versions nothing is remembered."""


def seconds(run: mj.SweepRun, processes: int) -> float:
    """Measure all, and look at the clock."""
    started = time.perf_counter()
    frame = run.measure(METRICS_ANEW, processes=processes, progress=False)
    took = time.perf_counter() - started
    if len(frame) != 4 * GRIDS or frame[[*METRICS_ANEW]].isna().any(axis=None):
        raise RuntimeError("Not every picture was measured.")
    return took


def main() -> None:
    """Measure the pictures of one run in both ways, in turns."""
    with (
        tempfile.TemporaryDirectory() as root,
        mj.sandbox.serve(speed=0) as url,
        mj.Session(
            "measure", root=root, client=mj.Client("", base_url=url, limits=mj.Limits(in_flight=3, per_second=None))
        ) as session,
    ):
        run = mj.Sweep("a fox", stylize=[*range(GRIDS)]).run(session).result()
        turns = [(seconds(run, 1), seconds(run, 2)) for _ in range(3)]
    alone, two = (min(times) for times in zip(*turns, strict=True))
    detail = f"{4 * GRIDS} pictures, {len(METRICS_ANEW)} metrics, {two:.1f} s against {alone:.1f} s"
    show("measure on one process / on two", alone / two, ">= 1.6", detail)

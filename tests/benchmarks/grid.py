"""The labelled picture of a sweep, against plain ipyplot with the same pictures at full size."""

from __future__ import annotations

import tempfile
import time
from io import BytesIO

import ipyplot
import numpy as np
from IPython.core.interactiveshell import InteractiveShell

import mj_widgets as mj
from mj_widgets.sweep.run import SweepRun
from tests.benchmarks._show import show
from tests.benchmarks.sheet import measured

SIDE = 10  # its square is the number of pictures


def drawn(run: SweepRun) -> tuple[float, int]:
    """Seconds to draw it and to write it down, and bytes of the PNG that a notebook would keep."""
    started = time.perf_counter()
    buffer = BytesIO()
    run.grid(x="place", y="stylize").save(buffer, "PNG")
    return time.perf_counter() - started, buffer.tell()


def main() -> None:
    """Draw both of one run."""
    InteractiveShell.instance()  # what is displayed can be caught only where there is one
    limits = mj.Limits(in_flight=5, per_second=None)
    with (
        tempfile.TemporaryDirectory() as root,
        mj.sandbox.serve(speed=0) as url,
        mj.Session("grid", root=root, client=mj.Client("", base_url=url, limits=limits)) as session,
    ):
        run = mj.Sweep("a fox in place {place}", place=range(SIDE), stylize=range(SIDE)).run(session).result()
        pictures = np.empty(len(run), dtype=object)  # a plain list of PIL pictures breaks ipyplot with numpy >= 1.25
        for number, cell in enumerate(run):
            pictures[number] = cell.image.pil()
        labels = [cell.cell.prompt for cell in run]
        plain = measured(lambda: ipyplot.plot_images(pictures, labels=labels, max_images=len(run)))
        ours = drawn(run)
    detail = f"{len(run)} pictures, {ours[1] / 1e6:.2f} MB against {plain[1] / 1e6:.1f} MB"
    show("HTML of plain ipyplot / PNG of run.grid", plain[1] / ours[1], ">= 10", detail)
    show("time of plain ipyplot / of run.grid", plain[0] / ours[0], ">= 3", f"{ours[0]:.2f} s against {plain[0]:.2f} s")

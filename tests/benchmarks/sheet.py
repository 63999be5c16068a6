"""Our contact sheet, against plain ipyplot with the same pictures at full size."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from typing import Any

import ipyplot
import numpy as np
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

import mj_widgets as mj
from tests.benchmarks._show import show

PICTURES = 100


def measured(draw: Callable[[], Any]) -> tuple[float, int]:
    """Seconds, and bytes of HTML that a notebook would keep."""
    started = time.perf_counter()
    with capture_output() as captured:
        returned = draw()
    seconds = time.perf_counter() - started
    shown = [*captured.outputs, *([returned] if returned is not None else [])]
    return seconds, sum(
        len(getattr(output, "data", output)["text/html"])
        if isinstance(getattr(output, "data", None), dict)
        else len(output.data)
        for output in shown
    )


def main() -> None:
    """Draw both of one session's pictures."""
    InteractiveShell.instance()  # what is displayed can be caught only where there is one
    with (
        tempfile.TemporaryDirectory() as root,
        mj.sandbox.serve(speed=0) as url,
        mj.Session("sheet", root=root, client=mj.Client("", base_url=url)) as session,
    ):
        made = [session.imagine(f"a fox in place {number} --seed {number}") for number in range(PICTURES)]
        pictures = np.empty(PICTURES, dtype=object)  # a plain list of PIL pictures breaks ipyplot with numpy >= 1.25
        for number, gen in enumerate(made):
            pictures[number] = gen.result().image.pil()
        labels = [gen.prompt for gen in made]
        plain = measured(lambda: ipyplot.plot_images(pictures, labels=labels, max_images=PICTURES))
        ours = measured(lambda: mj.contact_sheet(session, max_images=PICTURES))
    detail = f"{PICTURES} pictures, {ours[1] / 1e6:.2f} MB against {plain[1] / 1e6:.1f} MB"
    show("HTML of plain ipyplot / of our sheet", plain[1] / ours[1], ">= 50", detail)
    show("time of plain ipyplot / of our sheet", plain[0] / ours[0], ">= 10", f"{ours[0]:.2f} s against {plain[0]:.2f} s")

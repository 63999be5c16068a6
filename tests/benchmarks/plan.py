"""A plan of 100,000 cells, against the least that would make their prompts: a product, a format and a frame."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import product
from typing import Any

import pandas as pd

import mj_widgets as mj
from tests.benchmarks._show import show

ROUNDS = 3
SWEEPS: dict[str, dict[str, list[Any]]] = {
    "words": {
        "animal": [f"animal {number}" for number in range(100)],
        "place": [f"place{number}" for number in range(100)],
        "stylize": [*range(0, 1000, 100)],
    },
    "settings": {
        "animal": [f"a red animal {number}" for number in range(20)],
        "place": ["snow", "fog"],
        "stylize": [*range(250)],
        "weird": [*range(5)],
        "version": ["7", "8.2"],
    },
}


def plainly(axes: dict[str, list[Any]]) -> pd.DataFrame:
    """Write the prompts, unchecked, without keys and prices."""
    names = [*axes]
    settings = "".join(f" --{name} {{{name}}}" for name in names[2:])
    template = "a {animal} in {place}" + settings
    points = [*product(*axes.values())]
    prompts = [template.format(**dict(zip(names, point, strict=True))) for point in points]
    return pd.DataFrame(points, columns=names).assign(prompt=prompts)


def seconds(work: Callable[[], pd.DataFrame]) -> tuple[float, int]:
    started = time.perf_counter()
    rows = len(work())
    return time.perf_counter() - started, rows


def main() -> None:
    """Take the least of several rounds, in turn."""
    for name, axes in SWEEPS.items():
        times = [
            (seconds(lambda: mj.Sweep("a {animal} in {place}", **axes).plan()), seconds(lambda: plainly(axes)))  # noqa: B023 - called at once
            for _ in range(ROUNDS)
        ]
        ours, plain = (min(pair[side][0] for pair in times) for side in (0, 1))
        [number] = {rows for pair in times for _, rows in pair}
        detail = f"{number:,} cells of {name}, {ours:.2f} s (target 2 s) against {plain:.2f} s"
        show("a plan / a product and a format", ours / plain, "<= 10", detail)
    started = time.perf_counter()
    sweep = mj.Sweep("a {animal} in {place}", **SWEEPS["words"])
    first = sweep[12_345]
    made = time.perf_counter() - started
    show("a cell of it / all of it", made / ours, "<= 0.2", f"{made * 1e3:.0f} ms to lay it out and make {first.prompt!r}")

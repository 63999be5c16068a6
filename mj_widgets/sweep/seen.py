"""What a run's axes do to what was seen of its pictures, by a metric or by people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mj_widgets.sweep import measure, rating
from mj_widgets.sweep.effects import SEED, Measured, checked, table
from mj_widgets.sweep.luck import Draws
from mj_widgets.sweep.metrics import METRICS

if TYPE_CHECKING:
    import pandas as pd

    from mj_widgets.sweep.axis import Axis
    from mj_widgets.sweep.run import SweepRun

__all__ = ["checked", "effects", "numbers"]

_BY_PEOPLE = {"rating": rating.rating_by_cell, "strength": rating.strength_by_cell}


def effects(run: SweepRun, metric: Any, draws: Draws, *, progress: bool = True) -> pd.DataFrame:
    """Give the frame that `SweepRun.effects` describes."""
    name, found = numbers(run, metric, progress=progress)
    cells = [cell for cell in run if cell.index in found]
    if not cells:
        how = {"rating": ": run.rate() gives stars", "strength": ": run.rate(kind='pairs') compares"}.get(name, "")
        raise ValueError(f"No picture has a {name}{how}.")
    own = [cell.cell.seed for cell in run]
    seeds = None if None in own else [cell.cell.seed for cell in cells]
    axes: Mapping[str, Axis] = run.sweep.axes
    if seeds is not None:  # an axis of seeds is what luck is judged by
        axes = {name: axis for name, axis in axes.items() if name != SEED}
    values = {name: [cell.values[name] for cell in cells] for name in axes}
    measured = Measured(values, [found[cell.index] for cell in cells], seeds)  # type: ignore[arg-type] # none of them is None
    return table(measured, axes, name, draws)


def numbers(run: SweepRun, metric: Any, *, progress: bool = True) -> tuple[str, dict[int, float]]:
    """Give a metric's name, and its number for each cell that has one, by the cell's place.

    Raises
    ------
    ValueError
        There is no such metric.
    """
    if isinstance(metric, str) and metric in _BY_PEOPLE:
        return metric, _BY_PEOPLE[metric](run)
    if not isinstance(metric, str) or metric in METRICS:
        wanted = measure.chosen(metric)
        if len(wanted) != 1:
            raise ValueError(f"One metric at a time, not {len(wanted)}.")
        measure.measure(run, wanted, progress=progress)
        (metric,) = wanted
    known = measure.measured(run)
    if metric not in known:
        parts = [name for name in known if name.startswith(f"{metric}.")]
        others = parts or [*_BY_PEOPLE, *METRICS, *(name for name in known if name not in METRICS)]
        why = "gives several numbers" if parts else "has no numbers here"
        raise ValueError(f"The metric {metric!r} {why}: give {', '.join(map(repr, others))}, or a function of a picture.")
    return metric, {at: float(number) for at, number in enumerate(known[metric]) if number is not None}

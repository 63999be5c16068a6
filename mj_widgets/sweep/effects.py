"""What each axis changes, and whether that is more than luck; see `mj_widgets.sweep.luck` for how it is told."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from operator import index as as_index
from typing import TYPE_CHECKING, Any, NamedTuple

from mj_widgets.sweep.axis import Axis, Scalar, written
from mj_widgets.sweep.luck import Draws, Found, Study, judge

if TYPE_CHECKING:
    import pandas as pd

LEVEL = 0.95
RESAMPLES = 2000
SEED = "seed"

_NOTHING = "(nothing)"  # how a value of no text is called
_FEWEST = 100  # resamples: the ends of an interval are between the outermost of them
_COLUMNS = ("axis", "value", "label", "n", "mean", "low", "high", "noise", "luck", "above_luck", "verdict")


class Measured(NamedTuple):
    """The cells that have a number."""

    values: Mapping[str, Sequence[Scalar]]
    """By axis, a value a cell."""
    numbers: Sequence[float]
    seeds: Sequence[int] | None
    """Of each cell; None where they have none of their own."""


def effects(
    frame: pd.DataFrame,
    axes: Iterable[str] | Mapping[str, Axis],
    metric: str,
    *,
    seed: str | None = None,
    cell: str | None = None,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    rng: int = 0,
) -> pd.DataFrame:
    """Say what each axis does to a metric, and whether it is more than luck.

    Parameters
    ----------
    frame : pandas.DataFrame
        A row a picture. Rows without a number in `metric` are left out: a cell that failed favours no value.
    axes : list of str, or dict of Axis
        Columns; a dict gives the order of the values and what they are called as well.
    metric : str
        A column of numbers.
    seed : str, optional
        The column of the seeds, where all cells have the same ones: then pictures of one seed are compared with each other.
    cell : str, optional
        The column that says which rows are the tiles of one picture: they were made together, so that their mean counts once.
    level : float
        With which probability an interval holds, and luck alone stays below the noise floor. It is so for each axis by itself:
        of twenty that do nothing one is expected above luck at 0.95.
    resamples : int
        How often luck is drawn anew for the intervals.
    rng : int
        The seed of those draws: the same frame always gives the same intervals.

    Returns
    -------
    pandas.DataFrame
        A row for each value of each axis:

        - ``axis``, ``value``, ``label``;
        - ``n``: cells;
        - ``mean``: what the metric would be on average if the other axes' values were spread alike; with a whole grid, the
          mean;
        - ``low``, ``high``: the bootstrap interval of the mean over other draws of luck, for these values of the other axes,
          widened for small numbers (T. Hesterberg, The American Statistician 69, 2015);
        - ``noise``: the standard deviation of pictures that differ in nothing but luck;
        - ``luck``: the noise floor, the largest difference between two values that luck alone makes with probability `level`;
        - ``above_luck``: True, False, or None where that cannot be judged;
        - ``verdict``: the same in words, with the difference and its interval.

    Raises
    ------
    ValueError
        There is no such column, it has no numbers, or an option is out of range.

    Examples
    --------
    >>> import pandas
    >>> frame = pandas.DataFrame({"stylize": [0, 0, 0, 250, 250, 250], "sharpness": [10, 11, 12, 21, 22, 24]})
    >>> print(effects(frame, ["stylize"], "sharpness")["verdict"][0])  # doctest: +ELLIPSIS
    stylize changes sharpness: +11.3 [8..., 14...] from 0 to 250, above luck (±2.93).
    """
    draws = checked(level, resamples, rng)
    named = axes if isinstance(axes, Mapping) else {}
    wanted = [*axes]
    for name in [*wanted, metric, *filter(None, (seed, cell))]:
        if name not in frame:
            raise ValueError(f"The frame has no column {name!r}; it has {', '.join(map(repr, frame))}.")
    numbers = _numbers(frame[metric].tolist(), metric)
    rows: dict[Any, list[int]] = {}
    for at, (number, one) in enumerate(zip(numbers, frame[cell] if cell else range(len(frame)), strict=True)):
        if not math.isnan(number):
            rows.setdefault(one, []).append(at)
    first = [places[0] for places in rows.values()]
    columns = {name: frame[name].tolist() for name in wanted}
    seeds = frame[seed].tolist() if seed else None
    measured = Measured(
        {name: [column[at] for at in first] for name, column in columns.items()},
        [math.fsum(numbers[at] for at in places) / len(places) for places in rows.values()],
        None if seeds is None else [seeds[at] for at in first],
    )
    return table(measured, {name: named.get(name) or _axis(columns[name]) for name in wanted}, metric, draws)


def table(measured: Measured, axes: Mapping[str, Axis], metric: str, draws: Draws) -> pd.DataFrame:
    """Give the frame that `effects` describes."""
    import numpy as np

    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError('A frame needs pandas: python -m pip install "mj_widgets[sweep]"') from error
    if not len(measured.numbers):
        raise ValueError(f"No cell has a number for {metric!r}.")
    codes, labels, values = {}, {}, {}
    for name, axis in axes.items():
        known = {_same(value): at for at, value in reversed([*enumerate(axis.values)])}
        codes[name] = np.array([known[_same(value)] for value in measured.values[name]], dtype=np.intp)
        values[name], labels[name] = axis.values, axis.labels
    seeds = None if measured.seeds is None else np.unique(np.array(measured.seeds), return_inverse=True)[1].reshape(-1)
    rows: list[tuple[Any, ...]] = []
    if axes:
        study = Study(np.array(measured.numbers, dtype=float), [*codes.values()], [*map(len, values.values())], seeds)
        for name, found in zip(axes, judge(study, draws), strict=True):
            others = [other for other in axes if other != name and len(np.unique(codes[other])) > 1]
            said = verdict(name, metric, labels[name], found, seeds=study.seeds is not None, others=others)
            counts = np.bincount(codes[name], minlength=len(labels[name])).tolist()
            floor = (found.noise, found.luck, found.is_above_luck, said)
            columns = zip(values[name], labels[name], counts, found.means, found.low, found.high, strict=True)
            rows += [(name, value, label, *map(_plain, numbers), *floor) for value, label, *numbers in columns]
    made: pd.DataFrame = pd.DataFrame(rows, columns=[*_COLUMNS])
    made["value"] = pd.Series([row[1] for row in rows], dtype="object")
    made["above_luck"] = pd.Series([row[9] for row in rows], dtype="object")
    made.attrs.update(metric=metric, cells=len(measured.numbers), **draws._asdict())
    return made


def verdict(axis: str, metric: str, labels: Sequence[str], found: Found, *, seeds: bool, others: Sequence[str]) -> str:
    """Say in a sentence or two what an axis does."""
    if not found.alone:
        told = " and ".join(others)
        return (
            f"{axis}: what it does cannot be told from what {told} does, because they change together. "
            "A grid, or another design, takes them apart."
        )
    if found.pair is None:
        return f"{axis} has one value that was measured: there is nothing to compare."
    first, second = (labels[at] or _NOTHING for at in found.pair)
    number = sum(not math.isnan(mean) for mean in found.means)
    most = f", the most of {number} values" if number > 2 else ""  # noqa: PLR2004 - of two there is one difference
    where = f"{found.difference:+.3g}{_interval(found.bounds)} from {first} to {second}{most}"
    if found.is_above_luck is None:
        why, how = _LACKING[seeds]
        return f"{axis}: {where}, but luck cannot be judged: {why}. {how}, and what is there is not paid again."
    if found.is_above_luck:
        return f"{axis} changes {metric}: {where}, above luck (±{found.luck:.3g})."
    return f"{axis}: what it does to {metric} cannot be told from luck: {where}, and luck alone makes ±{found.luck:.3g}."


_LACKING = {
    False: ("no two pictures were made alike", "Run the sweep with replicates=2 or more"),
    True: ("too few seeds have pictures of two values", "Run the sweep with more seeds"),
}


def _interval(bounds: tuple[float, float]) -> str:
    return "" if math.isnan(bounds[0]) else f" [{bounds[0]:.3g}, {bounds[1]:.3g}]"


def checked(level: float, resamples: int, rng: int) -> Draws:
    """See to it that the options of `effects` are in range."""
    if not 0 < level < 1:
        raise ValueError(f"level is a probability between 0 and 1, such as 0.95, not {level!r}.")
    if as_index(resamples) < _FEWEST:
        raise ValueError(f"resamples is {_FEWEST} or more, not {resamples!r}.")
    return Draws(float(level), as_index(resamples), as_index(rng))


def _numbers(column: Sequence[Any], metric: str) -> list[float]:
    """Take what is a number, and NaN for what is missing."""
    numbers = []
    for value in column:
        if isinstance(value, str):
            raise ValueError(f"{metric!r} is text, such as {value[:40]!r}: an effect needs numbers.")
        numbers.append(math.nan if value is None or value != value else _finite(value))  # noqa: PLR0124 - NaN, of any kind
    return numbers


def _finite(value: Any) -> float:
    try:
        number = float(value)
    except TypeError:  # pandas.NA among them
        return math.nan
    return number if math.isfinite(number) else math.nan


def _axis(column: Sequence[Scalar]) -> Axis:
    """Make an axis of the values that are there, in the order in which they come."""
    values = tuple({_same(value): value for value in column}.values())
    return Axis(values, tuple(map(written, values)), ("",) * len(values))


def _same(value: Any) -> tuple[bool, Any]:
    """Tell True from 1."""
    return isinstance(value, bool), value


def _plain(number: Any) -> Any:
    return number if isinstance(number, int) else float(number)

"""What metrics say of a run's pictures: measured where there is room, each once, and kept with the session."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import index as as_index
from typing import TYPE_CHECKING, Any, NamedTuple

from mj_widgets.session.measures import Measure
from mj_widgets.sweep import crew
from mj_widgets.sweep.frame import named
from mj_widgets.sweep.measuring import Answer, Ask, Job
from mj_widgets.sweep.metrics import METRICS, Metric
from mj_widgets.sweep.progress import Progress

if TYPE_CHECKING:
    import pandas as pd

    from mj_widgets.models import Image
    from mj_widgets.sweep.cells import RunCell
    from mj_widgets.sweep.run import SweepRun

Chosen = str | Metric | Iterable[str | Metric] | Mapping[str, Metric] | None

_FIXED = ("cell", "key", "replicate", "seed", "tile", "error")
_WORTH_IT = 24  # files: to start another process takes as long as to measure some
_KEEP_EVERY = 1.0  # seconds: what was measured since is done again when this process is killed
_NOT_FETCHED = "The picture is not here: run.session.resume() fetches it again."


class _Picture(NamedTuple):
    cell: RunCell
    image: Image

    @property
    def file(self) -> str:
        """The name of a stored file is the SHA-256 of what is in it."""
        return self.image.path.stem if self.image.path else ""

    @property
    def tile(self) -> int:
        return self.image.tile or 0

    @property
    def cut(self) -> int:
        """Which part of the file it is: a tile that has a file of its own is all of that."""
        return self.tile if self.image.box else 0


Known = dict[tuple[str, int, str], Any]
"""What was said, by file, part of it and metric."""


def measure(
    run: SweepRun, metrics: Chosen = None, *, client: Any = None, processes: int | None = None, progress: bool = True
) -> pd.DataFrame:
    """Measure the pictures of a run: see `SweepRun.measure`."""
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError('A frame needs pandas: python -m pip install "mj_widgets[sweep]"') from error
    wanted = chosen(metrics)
    if processes is not None and as_index(processes) < 1:
        raise ValueError(f"processes is 1 or more, not {processes!r}.")
    pictures = [*_pictures(run)]
    known = _known(run, wanted)
    jobs = _jobs(pictures, wanted, known)
    errors: dict[tuple[str, int], list[str]] = {}
    with _Kept(run, wanted) as kept:
        bar = Progress(len(jobs), shown=progress)
        done = _done(jobs, wanted, client, processes)
        try:
            for job, answers in done:
                for answer in answers:
                    if answer.error:
                        errors.setdefault((job.file, answer.tile), []).append(f"{answer.metric}: {answer.error}")
                    else:
                        known[job.file, answer.tile, answer.metric] = answer.value
                        kept.put(job.file, answer)
                bar.step()
        finally:
            done.close()  # also where it is interrupted here: then others are measuring still
            bar.close()
    rows = [_row(picture, wanted, known, errors) for picture in pictures]
    columns: dict[str, list[Any]] = {name: [cell.values[name] for cell, _ in pictures] for name in run.sweep.axes}
    for name in (*_FIXED[:-1], *_names(rows), _FIXED[-1]):
        columns[named(name, columns)] = [row.get(name) for row in rows]
    seed = named("seed", run.sweep.axes)
    frame: pd.DataFrame = pd.DataFrame(columns).astype({seed: "Int64"})
    return frame


def measured(run: SweepRun) -> dict[str, list[Any]]:
    """Give what was measured so far, by metric, a number a cell: see `SweepRun.measured`."""
    pictures = [*_pictures(run)]
    files = {picture.file for picture in pictures}
    numbers: dict[str, dict[int, list[float]]] = {}
    said: dict[tuple[str, int], list[tuple[str, Any]]] = {}
    for one in run.session._measures():
        if one.file in files:
            said.setdefault((one.file, one.tile), []).extend(_split(one.metric, json.loads(one.value)).items())
    for picture in pictures:
        # The whole as well: what is said of a grid's tiles together, such as its diversity, is written there.
        for cut in {0, picture.cut}:
            for name, value in said.get((picture.file, cut), ()):
                if isinstance(value, (bool, int, float)) and not math.isnan(value):
                    numbers.setdefault(name, {}).setdefault(picture.cell.index, []).append(value)
    means = {name: {cell: math.fsum(found) / len(found) for cell, found in by.items()} for name, by in numbers.items()}
    columns: dict[str, list[Any]] = {name: [means[name].get(cell.index) for cell in run] for name in sorted(means)}
    return columns


def chosen(metrics: Chosen) -> dict[str, Metric]:
    """Take metrics by name.

    Raises
    ------
    ValueError
        There is none of that name, or a function has no name.
    TypeError
        It cannot be called.
    """
    if metrics is None:
        return {**METRICS}
    if isinstance(metrics, Mapping):
        pairs = [*metrics.items()]
    else:
        listed = [metrics] if isinstance(metrics, str) or callable(metrics) else [*metrics]
        pairs = [_pair(one) for one in listed]
    for name, metric in pairs:
        if name in _FIXED:
            raise ValueError(f"{name!r} is a column of every frame: call the metric otherwise.")
        if not callable(metric):
            raise TypeError(f"The metric {name!r} is {metric!r}: give a function of a picture.")
    if not pairs:
        raise ValueError(f"Give at least one metric: {', '.join(map(repr, METRICS))}, or a function of a picture.")
    return dict(pairs)


def _pair(metric: str | Metric) -> tuple[str, Metric]:
    if isinstance(metric, str):
        if metric not in METRICS:
            raise ValueError(
                f"There is no metric {metric!r}: give {', '.join(map(repr, METRICS))}, or a function of a picture."
            )
        return metric, METRICS[metric]
    name = getattr(metric, "__name__", "")
    if callable(metric) and not name.isidentifier():
        raise ValueError(f"{metric!r} has no name: give it one, as in measure({{'redness': …}}).")
    return name, metric


def _identity(metric: Metric) -> str:
    """Say whose metric it is and of which version; nothing, where nobody can say whether it has changed."""
    version = getattr(metric, "version", "")
    return f"{getattr(metric, '__module__', '')}.{getattr(metric, '__qualname__', '')} {version}" if version else ""


def _pictures(run: SweepRun) -> Iterator[_Picture]:
    for cell in run:
        for image in cell.tiles:
            yield _Picture(cell, image)


def _known(run: SweepRun, wanted: Mapping[str, Metric]) -> Known:
    """Give what was said by the same version of these metrics."""
    identities = {name: _identity(metric) for name, metric in wanted.items()}
    return {
        (one.file, one.tile, one.metric): json.loads(one.value)
        for one in run.session._measures()
        if one.version and identities.get(one.metric) == one.version
    }


def _jobs(pictures: Sequence[_Picture], wanted: Mapping[str, Metric], known: Known) -> list[Job]:
    """Give what is still to be done, by file; a file that several cells have is done once."""
    files: dict[str, dict[int, Image]] = {}
    for picture in pictures:
        if picture.image.path:
            files.setdefault(picture.file, {})[picture.cut] = picture.image
    jobs = []
    for file, parts in files.items():
        asked = []
        for name, metric in wanted.items():
            if _is_of_tiles(metric):
                asked.append(Ask(0, tuple(image.box for image in parts.values()), name))
            else:
                asked += [Ask(cut, (image.box,), name) for cut, image in parts.items()]
        left = tuple(ask for ask in asked if (file, ask.tile, ask.metric) not in known)
        if left:
            jobs.append(Job(file, str(next(iter(parts.values())).path), left))
    return jobs


def _is_of_tiles(metric: Metric) -> bool:
    return bool(getattr(metric, "of_tiles", False))


def _done(jobs: Sequence[Job], wanted: Mapping[str, Metric], client: Any, processes: int | None) -> crew.Done:
    if client is not None:
        return crew.on(client, jobs, wanted)
    number = processes or (1 if len(jobs) < _WORTH_IT else _cores())
    packed = crew.packed(wanted) if number > 1 else None
    return crew.here(jobs, wanted) if packed is None else crew.beside(jobs, wanted, packed, number)


def _cores() -> int:
    """Give how many processors this process may use."""
    allowed: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


class _Kept:
    """Writes down what was measured, as it comes."""

    def __init__(self, run: SweepRun, wanted: Mapping[str, Metric]) -> None:
        self._session = run.session
        self._identities = {name: _identity(metric) for name, metric in wanted.items()}
        self._waiting: list[Measure] = []
        self._due = 0.0

    def put(self, file: str, answer: Answer) -> None:
        """Write it down, or a little later."""
        value = json.dumps(answer.value)
        self._waiting.append(Measure(file, answer.tile, answer.metric, self._identities[answer.metric], value))
        if time.monotonic() >= self._due:
            self._write()

    def _write(self) -> None:
        self._session._keep_measures(self._waiting)
        self._waiting = []
        self._due = time.monotonic() + _KEEP_EVERY

    def __enter__(self) -> _Kept:
        return self

    def __exit__(self, *_: object) -> None:
        if self._waiting:
            self._write()


def _row(
    picture: _Picture, wanted: Mapping[str, Metric], known: Known, errors: Mapping[tuple[str, int], list[str]]
) -> dict[str, Any]:
    cell = picture.cell
    row: dict[str, Any] = {
        "cell": cell.index,
        "key": cell.key,
        "replicate": cell.replicate,
        "seed": cell.cell.seed,
        "tile": picture.tile,
    }
    for name, metric in wanted.items():
        cut = 0 if _is_of_tiles(metric) else picture.cut
        row |= _split(name, known.get((picture.file, cut, name)))
    found = [error for cut in sorted({0, picture.cut}) for error in errors.get((picture.file, cut), ())]
    row["error"] = "; ".join(found) if picture.image.path else _NOT_FETCHED
    return row


def _split(name: str, value: Any) -> dict[str, Any]:
    """Make columns of a dict."""
    return {f"{name}.{part}": one for part, one in value.items()} if isinstance(value, dict) else {name: value}


def _names(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Give the columns of metrics, in the order in which they come."""
    names = {name: None for row in rows for name in row if name not in _FIXED}
    # A metric that gave a dict for some pictures and failed for others has no column of its own.
    return [name for name in names if not any(other.startswith(f"{name}.") for other in names)]

"""One file, measured: a pure function of its bytes, which any process on any machine does in the same way."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mj_widgets.models import Box
from mj_widgets.session.imaging import open_picture
from mj_widgets.sweep.metrics import Metric

_LONGEST = 1000  # characters of a text that a metric gives


class Ask(NamedTuple):
    """One number that is wanted."""

    tile: int
    """0 for the whole, 1 to 4 for a tile."""
    boxes: tuple[Box | None, ...]
    """What is cut out of the file: one part, or each tile for a metric of tiles; None is all of it."""
    metric: str


class Job(NamedTuple):
    """All that is wanted of one file."""

    file: str
    """Its SHA-256."""
    path: str
    asked: tuple[Ask, ...]


class Answer(NamedTuple):
    """What one metric said of one picture."""

    tile: int
    metric: str
    value: Any
    """A number, a text, or a dict of them; None where there is none."""
    error: str
    """Why there is none; empty otherwise."""


class NotHereError(Exception):
    """The file cannot be seen from this machine."""


def measure_file(job: Job, metrics: Mapping[str, Metric], content: bytes | None = None) -> list[Answer]:
    """Do what is asked of a file; what a metric, or the file, gets wrong is an answer too.

    Parameters
    ----------
    job : Job
    metrics : dict
        The functions by name.
    content : bytes, optional
        The file, where its path is not to be used.

    Raises
    ------
    NotHereError
        There is no content, and no such file.
    """
    try:
        if content is None:
            content = Path(job.path).read_bytes()
    except OSError as error:
        raise NotHereError(f"The file cannot be read: {error}") from error
    if hashlib.sha256(content).hexdigest() != job.file:
        return failed(job, "The file is not what its name says: somebody changed it.")
    try:
        picture = open_picture(content)
    except Exception as error:  # noqa: BLE001 - it is recorded, with the picture
        return failed(job, _told(error))
    boxes: Iterable[Box | None] = {box for ask in job.asked for box in ask.boxes}
    parts = {box: picture.crop(box) if box else picture for box in boxes}
    return [_measured(ask, metrics[ask.metric], [parts[box] for box in ask.boxes]) for ask in job.asked]


def failed(job: Job, why: str) -> list[Answer]:
    """Say of all that was asked that it could not be done."""
    return [Answer(ask.tile, ask.metric, None, why) for ask in job.asked]


def _measured(ask: Ask, metric: Metric, parts: list[Any]) -> Answer:
    try:
        found = metric(parts if getattr(metric, "of_tiles", False) else parts[0].copy())  # a metric may draw on it
        if isinstance(found, Mapping):
            return Answer(ask.tile, ask.metric, {str(name): _value(value) for name, value in found.items()}, "")
        return Answer(ask.tile, ask.metric, _value(found), "")
    except Exception as error:  # noqa: BLE001 - it is recorded, with the picture
        return Answer(ask.tile, ask.metric, None, _told(error))


def _value(value: Any) -> float | int | str | bool | None:
    """Take numpy's and torch's numbers for what they are."""
    if hasattr(value, "item") and getattr(value, "shape", ()) in ((), (1,)):
        value = value.item()
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return value[:_LONGEST]
    raise TypeError(f"A metric gives a number, a text, or a dict of these, not {type(value).__name__}.")


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:_LONGEST]

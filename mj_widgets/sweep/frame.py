"""A run as a frame, a row a cell, and as a Parquet file that says what it comes from."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mj_widgets.session.saving import write
from mj_widgets.sweep.axis import written
from mj_widgets.sweep.bill import cost

if TYPE_CHECKING:
    import pandas as pd

    from mj_widgets.sweep.cells import RunCell
    from mj_widgets.sweep.run import SweepRun

MANIFEST = b"mj_widgets.sweep"
"""Under which name a Parquet file has the manifest."""

_TYPES = {
    "cell": "int64",
    "replicate": "int64",
    "seed": "Int64",
    "sent": "datetime64[ns, UTC]",
    "finished": "datetime64[ns, UTC]",
    "seconds": "float64",
    "estimate": "float64",
    "cost": "float64",
    "rating": "Int64",
    "favourite": "bool",
    "width": "Int64",
    "height": "Int64",
}


def frame(run: SweepRun) -> pd.DataFrame:
    """Give the frame that `SweepRun.to_dataframe` describes."""
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError('A frame needs pandas: python -m pip install "mj_widgets[sweep]"') from error
    columns = table(run)
    types = {named(name, run.sweep.axes): type_ for name, type_ in _TYPES.items()}
    kept: pd.DataFrame = pd.DataFrame(
        {name: pd.Series(column, dtype=types.get(name, None if column else "object")) for name, column in columns.items()}
    )
    return kept


def parquet(run: SweepRun, path: str | Path) -> Path:
    """Write the frame as a Parquet file: see `SweepRun.to_parquet`."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise ImportError('Parquet needs pyarrow: python -m pip install "mj_widgets[sweep]"') from error
    made = frame(run)
    for name in run.sweep.axes:
        made[name] = one_kind(made[name].tolist())
    tags = named("tags", run.sweep.axes)
    schema = pa.Schema.from_pandas(made, preserve_index=False)
    schema = schema.set(schema.get_field_index(tags), pa.field(tags, pa.list_(pa.string())))  # also where nothing is tagged
    held = pa.Table.from_pandas(made, schema=schema, preserve_index=False)
    manifest = json.dumps(run.manifest()).encode()
    held = held.replace_schema_metadata({**(held.schema.metadata or {}), MANIFEST: manifest})
    buffer = pa.BufferOutputStream()
    pq.write_table(held, buffer)
    path = Path(path).expanduser()
    write(path, buffer.getvalue().to_pybytes())
    return path


def table(run: SweepRun) -> dict[str, list[Any]]:
    """Give the columns, without pandas: the axes first, what is known of each cell, what raters said, what was measured."""
    from mj_widgets.sweep import rating

    axes = run.sweep.axes
    columns: dict[str, list[Any]] = {name: [cell.values.get(name) for cell in run] for name in axes}
    rows = [_described(run, cell) for cell in run]
    for name in _NAMES:
        columns[named(name, axes)] = [row[name] for row in rows]
    for name, said in rating.said_by_cell(run).items():
        columns[named(name, columns)] = [said.get(cell.index) for cell in run]
    for name, values in run.measured().items():
        columns[named(name, columns)] = values
    return columns


def named(name: str, taken: Collection[str]) -> str:
    """Name a column: an axis keeps its own name, and what else has it gets a dash below."""
    while name in taken:
        name += "_"
    return name


def one_kind(values: Iterable[Any]) -> list[Any]:
    """Make text of values of several kinds, which no file of columns holds: an axis may have ``False`` beside ``5``."""
    kept = [*values]
    kinds = {type(value) for value in kept if value is not None}
    if len(kinds) < 2 or kinds <= {int, float}:  # noqa: PLR2004 - two are several
        return kept
    return [None if value is None else written(value) for value in kept]


_NAMES = (
    "cell", "replicate", "seed", "key", "prompt", "mode", "state", "words", "generation", "task_id", "image_id", "sent",
    "finished", "seconds", "estimate", "cost", "rating", "favourite", "tags", "note", "width", "height", "path",
)  # fmt: skip


def _described(run: SweepRun, found: RunCell) -> Mapping[str, Any]:
    cell, gen, image = found.cell, found.generation, found.image
    outcome = gen.outcome if gen else None
    sent, ended = (outcome.sent_at, outcome.ended_at) if outcome else (None, None)
    path = image.path if image else None
    return {
        "cell": cell.index,
        "replicate": cell.replicate,
        "seed": cell.seed,
        "key": cell.key,
        "prompt": cell.prompt or (gen.prompt if gen else ""),
        "mode": cell.request.mode,
        "state": found.state,
        "words": found.words,
        "generation": gen.id if gen else None,
        "task_id": gen.task_id if gen else None,
        "image_id": (image.id or None) if image else None,
        "sent": _moment(sent),
        "finished": _moment(ended),
        "seconds": None if sent is None or ended is None else max(0.0, ended - sent),
        "estimate": gen.estimate if gen else None,
        "cost": cost(gen) if gen and gen.status.ended else None,
        "rating": gen.rating if gen else None,
        "favourite": gen.is_favourite if gen else False,
        "tags": [*gen.tags] if gen else [],
        "note": gen.marks.note if gen else "",
        "width": image.width if image else None,
        "height": image.height if image else None,
        "path": path.relative_to(run.session.path).as_posix() if path else None,
    }


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)

"""A session for other tools: a frame, a folder."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mj_widgets.models import Status
from mj_widgets.session.saving import KINDS

if TYPE_CHECKING:
    import pandas as pd

    from mj_widgets.session.generation import Generation


def frame(generations: Iterable[Generation]) -> pd.DataFrame:
    """Give a frame, a row a generation.

    Raises
    ------
    ImportError
        pandas is not installed.
    """
    table: pd.DataFrame = _pandas().DataFrame([_described(gen) for gen in generations], columns=[*_COLUMNS])
    return table


def folder(generations: Iterable[Generation], path: Path) -> Path:
    """Save the pictures into a folder, each with its metadata inside, and a ``metadata.jsonl`` that has a line for each."""
    path.mkdir(parents=True, exist_ok=True)
    with (path / "metadata.jsonl").open("w", encoding="utf-8") as lines:
        for gen in generations:
            if gen.image is None or gen.image.path is None:
                continue
            suffix = gen.image.path.suffix
            name = f"{gen.id}{suffix if suffix in KINDS else '.png'}"
            gen.save(path / name, overwrite=True)
            described = {"file_name": name} | {key: value for key, value in _described(gen).items() if key != "path"}
            lines.write(json.dumps(described, ensure_ascii=False) + "\n")
    return path


def bill(generations: Iterable[Generation]) -> pd.DataFrame:
    """Add up estimates by day (UTC), mode and action; what failed, or was never sent, cost nothing and is left out.

    What the service says that it cost counts in place of the estimate.

    Returns
    -------
    pandas.DataFrame
        Columns ``day``, ``mode``, ``action``, ``number``, ``credits`` (of those whose price is known), ``unknown`` (how many
        have no known price) and ``open`` (how many are not confirmed or not finished).
    """
    rows = [
        {
            "day": datetime.fromtimestamp(gen.created_at, UTC).date().isoformat(),
            "mode": gen.request.mode,
            "action": gen.request.action if gen.request.endpoint in ("imagine", "text") else gen.request.endpoint,
            "number": 1,
            "credits": (gen.estimate if gen.outcome.cost is None else gen.outcome.cost) or 0.0,
            "unknown": int(gen.estimate is None and gen.outcome.cost is None),
            "open": int(gen.status is not Status.SUCCEEDED),
        }
        for gen in generations
        if gen.status is not Status.FAILED and gen.outcome.sent_at is not None
    ]
    columns = ["day", "mode", "action", "number", "credits", "unknown", "open"]
    table: pd.DataFrame = _pandas().DataFrame(rows, columns=columns).groupby(columns[:3], as_index=False).sum()
    return table


def _pandas() -> Any:
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError('A frame needs pandas: python -m pip install "mj_widgets[sweep]"') from error
    return pd


_COLUMNS = (
    "id",
    "created_at",
    "status",
    "action",
    "mode",
    "prompt",
    "parent",
    "tile",
    "task_id",
    "image_id",
    "service",
    "width",
    "height",
    "path",
    "error",
    "rating",
    "favourite",
    "tags",
    "note",
)


def _described(gen: Generation) -> dict[str, Any]:
    image, source = gen.image, gen.request.source
    return {
        "id": gen.id,
        "created_at": gen.created_at,
        "status": str(gen.status),
        "action": gen.request.action,
        "mode": gen.request.mode,
        "prompt": gen.prompt,
        "parent": source.generation if source else None,
        "tile": source.tile if source else None,
        "task_id": gen.task_id,
        "image_id": image.id if image else None,
        "service": gen.service,
        "width": image.width if image else None,
        "height": image.height if image else None,
        "path": str(image.path) if image and image.path else None,
        "error": str(gen.error) if gen.error else None,
        "rating": gen.rating,
        "favourite": gen.is_favourite,
        "tags": [*gen.tags],
        "note": gen.marks.note,
    }

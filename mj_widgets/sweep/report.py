"""A run as one page of HTML that holds all of it, and asks nobody for anything.

The pictures, the data, the style and the code are inside of the file. A policy in its head forbids the page to load or to
send anything, and to run any code but its own, which is named there by its hash. What a person typed is in a block of JSON
with every ``<`` escaped, and the code puts it on the page as text.
"""

from __future__ import annotations

import json
import math
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from html import escape
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mj_widgets.session import imaging
from mj_widgets.session.saving import write
from mj_widgets.sweep.arrangement import REPLICATE, SEED, Arrangement, label_of
from mj_widgets.sweep.bill import bill, cost
from mj_widgets.sweep.rating import rating_by_cell, strength_by_cell

if TYPE_CHECKING:
    from mj_widgets.sweep.cells import RunCell
    from mj_widgets.sweep.run import SweepRun

LIMIT = 16 * 2**20
"""Bytes that the pictures of a page come to, at most."""

MOST_CELLS = 20_000

_FEW = 150  # cells, whose pictures can be larger than those that a store keeps
_LARGE, _LARGE_LIMIT = 512, 48 * 1024  # pixels, bytes
_LEAST = 700  # bytes of a picture that can still be recognised


def report(run: SweepRun, path: str | Path, *, x: str | None = None, y: str | None = None, title: str | None = None) -> Path:
    """Write the page: see `SweepRun.report`."""
    if len(run) > MOST_CELLS:
        raise ValueError(
            f"The run has {len(run):,} cells, and one page holds {MOST_CELLS:,}: run.to_parquet() and run.export() take all."
        )
    path = Path(path).expanduser()
    write(path, page(_described(run, x, y, title)).encode())
    return path


def page(data: Mapping[str, Any]) -> str:
    """Put the data of a report into its page."""
    here = files("mj_widgets.sweep")
    template, style, script = ((here / f"report.{kind}").read_text("utf-8") for kind in ("html", "css", "js"))
    policy = (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    parts = {
        "policy": escape(policy, quote=False),
        "title": escape(str(data["title"])),
        "style": style,
        "script": script,
        "data": _inert(data),
    }
    before, *rest = template.split("{")  # format() would trip over braces, and a chain of replace() over what was put in
    pieces = [before]
    for piece in rest:
        name, _, after = piece.partition("}")
        pieces += [parts[name], after]
    return "".join(pieces)


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _inert(data: object) -> str:
    """Write JSON that no parser of HTML can take for a tag, the end of the block, or a comment."""
    written = json.dumps(data, separators=(",", ":"), allow_nan=False)  # ASCII: half a character could not be written at all
    return written.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _described(run: SweepRun, x: str | None, y: str | None, title: str | None) -> dict[str, Any]:
    arrangement = Arrangement(run, x, y, None)
    axes, names = run.sweep.axes, [*arrangement.labels]
    notes = {name: dict(zip(one.labels, one.notes, strict=True)) for name, one in axes.items()}
    places = {name: {label: at for at, label in enumerate(labels)} for name, labels in arrangement.labels.items()}
    metrics = run.measured()
    limit = LIMIT // max(1, len(run.generations))
    cells = [
        {
            "index": cell.index,
            "at": [places[name][label_of(cell, name)] for name in names],
            "state": cell.state,
            "words": " · ".join(cell.words.splitlines()),
            "prompt": cell.cell.prompt or (cell.generation.prompt if cell.generation else ""),
            "mode": cell.cell.request.mode,
            "id": cell.generation.id if cell.generation else None,
            "credits": cost(cell.generation) if cell.generation else None,
            "rating": cell.generation.rating if cell.generation else None,
            "tags": [*cell.generation.tags] if cell.generation else [],
            "metrics": {name: _plain(values[at]) for name, values in metrics.items() if values[at] is not None},
            "picture": _picture(cell, limit, large=len(run) <= _FEW),
        }
        for at, cell in enumerate(run)
    ]
    return {
        "title": title if title is not None else f"{run.session.name}: a sweep of {len(run):,} cells",
        "template": getattr(run.sweep, "template", ""),
        "told": _told(run),
        "axes": [
            {
                "name": name,
                "labels": arrangement.labels[name],
                "notes": [notes.get(name, {}).get(label, "") for label in arrangement.labels[name]],
                "beside": name in (SEED, REPLICATE) and name not in axes,
            }
            for name in names
        ],
        "x": names.index(arrangement.x) if arrangement.x else -1,
        "y": names.index(arrangement.y) if arrangement.y else -1,
        "cells": cells,
        "states": {state: number for state, number in run.counts.items() if number},
        "bill": bill(run),
        "effects": _effects(run, metrics),
        "manifest": run.manifest(),
    }


def _told(run: SweepRun) -> str:
    service = run.session.client.service
    drawn = "Simulated pictures of the sandbox" if service == "sandbox" else f"Made by {service}"
    made = datetime.now(UTC).isoformat(sep=" ", timespec="minutes").removesuffix("+00:00")
    return f"{drawn}. The run is {run.status}; this page was written on {made} UTC."


def _picture(cell: RunCell, limit: int, *, large: bool) -> str | None:
    """Give a small rendition, base64; None where there is no picture, or its file has gone."""
    import PIL.Image

    gen = cell.generation
    if gen is None or cell.image is None or cell.image.path is None:
        return None
    limit = max(_LEAST, min(limit, _LARGE_LIMIT if large else imaging.THUMBNAIL_LIMIT))
    try:
        content = gen.thumbnail(side=_LARGE if large else imaging.THUMBNAIL)
    except OSError:  # somebody removed it
        return None
    if len(content) > limit:
        with PIL.Image.open(BytesIO(content)) as picture:
            content = imaging.thumbnail(picture, max(picture.size), limit=limit)
    return b64encode(content).decode()


def _effects(run: SweepRun, metrics: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
    """Say what the axes change in what was measured or rated, where that can be said."""
    rated = [name for name, said in (("rating", rating_by_cell(run)), ("strength", strength_by_cell(run))) if said]
    numbers = [name for name, values in metrics.items() if any(isinstance(_plain(value), (int, float)) for value in values)]
    found = []
    for metric in [*rated, *numbers]:
        try:
            frame = run.effects(metric)
        except (ImportError, ValueError):  # there is no pandas, or too little to say anything
            continue
        columns = ["axis", "label", "n", "mean", "low", "high", "noise"]
        rows = [[_plain(value) for value in row] for row in frame[columns].itertuples(index=False)]
        found.append({"metric": metric, "rows": rows, "verdicts": [*dict.fromkeys(map(str, frame["verdict"]))]})
    return found


def _plain(value: Any) -> Any:
    """Make of a number of numpy's one of Python's, and of one that JSON has not, None."""
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, (str, int, float, bool)) or value is None else str(value)

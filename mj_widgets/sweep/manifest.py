"""A design as JSON: all that it is rebuilt from, and the keys of its cells, by which one sees that it was rebuilt."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from mj_widgets.models import ImagineRequest
from mj_widgets.sweep.axis import axis
from mj_widgets.sweep.exclude import Exclude, Excluded, Kept
from mj_widgets.sweep.layout import Layout

if TYPE_CHECKING:
    from mj_widgets.sweep.design import Sweep

_S = TypeVar("_S", bound="Sweep")

VERSION = 1
"""Of the manifest's form. A form that an older package would misread gets the next number."""


FILE = "manifest.json"
"""How an export calls it."""


def write(sweep: Sweep, layout: Layout) -> dict[str, Any]:
    """Give the manifest of a design that is small enough to be run."""
    layout.must_fit()
    return {
        "manifest": VERSION,
        "package": metadata.version("mj_widgets"),
        "template": sweep.template,
        "design": sweep.design,
        "axes": [
            {"name": name, "values": [*one.values], "labels": [*one.labels], "notes": [*one.notes]}
            for name, one in sweep.axes.items()
        ],
        "replicates": sweep.replicates,
        "seeds": None if sweep.seeds is None else [*sweep.seeds],
        "n": sweep.n,
        "rng": sweep.rng,
        "limit": sweep.limit,
        "base": _base(sweep.base),
        "exclude": _exclude(layout),
        "duplicates": layout.duplicates,
        "cells": [row.key for row in layout.rows()],
    }


def _base(base: ImagineRequest | Mapping[str, Any] | None) -> dict[str, Any] | None:
    if isinstance(base, ImagineRequest):
        return {"request": base.model_dump(mode="json", exclude_unset=True)}
    return None if base is None else {"values": {**base}}


def _exclude(layout: Layout) -> dict[str, Any] | None:
    if layout.excluded is None:
        return None
    if isinstance(layout.excluded, Excluded) and layout.excluded.call is None:
        return {"rules": layout.excluded.rules}
    return {"kept": [[*point] for point in layout.left]}


def read(cls: type[_S], source: Mapping[str, Any] | str | Path) -> _S:
    """Rebuild the design, and compare its keys."""
    found = source if isinstance(source, Mapping) else _load(Path(source))
    version = found.get("manifest")
    if not isinstance(version, int) or isinstance(version, bool):
        raise ValueError('This is no manifest of a sweep, or it is damaged: it has no number under "manifest".')
    if version > VERSION:
        raise ValueError(
            f"This manifest has the form {version}, written by mj_widgets {found.get('package')}; this one reads forms up to "
            f"{VERSION}. Get the newer one: python -m pip install -U mj_widgets"
        )
    try:
        sweep = _rebuilt(cls, found)
        keys, expected = [cell.key for cell in sweep], [*found["cells"]]
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"The manifest is damaged: {type(error).__name__}: {error}") from error
    if keys != expected:
        wrong = sum(one != other for one, other in zip(keys, expected, strict=False)) + abs(len(keys) - len(expected))
        raise ValueError(
            f"The manifest is damaged, or mj_widgets {found.get('package')} read the template otherwise: {wrong:,} of the "
            f"{len(expected):,} cells that it names come out different."
        )
    return sweep


def _rebuilt(cls: type[_S], found: Mapping[str, Any]) -> _S:
    axes = {one["name"]: axis(one["values"], labels=one["labels"], notes=one["notes"]) for one in found["axes"]}
    base = found["base"]
    given = None
    if base is not None:
        given = ImagineRequest.model_validate(base["request"]) if "request" in base else base["values"]
    left: Exclude | Kept | None = None
    if (exclude := found["exclude"]) is not None:
        left = exclude["rules"] if "rules" in exclude else Kept([tuple(point) for point in exclude["kept"]])
    return cls(
        found["template"],
        design=found["design"],
        replicates=found["replicates"],
        seeds=found["seeds"],
        exclude=left,
        base=given,
        n=found["n"],
        rng=found["rng"],
        limit=found["limit"],
        **axes,
    )


def _load(path: Path) -> Mapping[str, Any]:
    path = path / FILE if path.is_dir() else path
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"The manifest {path} is damaged: {error}") from error
    if not isinstance(found, Mapping):
        raise ValueError(f"The manifest {path} is damaged: it is no JSON object.")
    return found

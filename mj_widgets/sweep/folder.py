"""A run as a folder for other people and other programs: pictures that explain themselves, a line for each, and a manifest.

The manifest is written first, so that a folder whose export was interrupted is known again; pictures next, each whole or not at
all; then the lines; and the manifest once more, with the hash of everything. So what is unfinished says so.
"""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from importlib import metadata as packages
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mj_widgets.session import metadata, xmp
from mj_widgets.session.saving import KINDS, write
from mj_widgets.sweep.bill import bill
from mj_widgets.sweep.frame import named, one_kind, table
from mj_widgets.sweep.manifest import FILE

if TYPE_CHECKING:
    from mj_widgets.sweep.cells import RunCell
    from mj_widgets.sweep.run import SweepRun

LINES = "metadata.jsonl"

_OURS = re.compile(r"\d{5,}-[0-9a-f]{8}(-[1-4])?\.(png|webp)|\.[0-9a-f]{16}\.(png|webp|json|jsonl)")
_VERSIONS = ("mj_widgets", "Pillow", "numpy", "pydantic", "httpx")

# What the reader of such a folder takes for its own: the picture, its class, and names of files.
_THEIRS = ("image", "label", "file_name", "file_names")


def export(run: SweepRun, path: str | Path, *, tiles: bool = False) -> Path:
    """Write the folder: see `SweepRun.export`."""
    path = Path(path).expanduser()
    _must_be_ours(path, run)
    path.mkdir(parents=True, exist_ok=True)
    manifest = run.manifest()
    _write_json(path / FILE, {**manifest, "export": {"finished": False}})
    files = {cell.index: _save(cell, path, tiles=tiles) for cell in run}
    names = {file.name for found in files.values() for _, file in found}
    for file in [*path.iterdir()]:
        if _OURS.fullmatch(file.name) and file.name not in names:
            file.unlink()  # of a cell that has another picture now, or of a process that was killed
    write(path / LINES, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in _lines(run, files)).encode())
    _write_json(path / FILE, {**manifest, **_results(run, path, files)})
    return path


def _must_be_ours(path: Path, run: SweepRun) -> None:
    if not path.exists():
        return
    if not path.is_dir():
        raise ValueError(f"{path} is a file: give a folder.")
    if not any(path.iterdir()):
        return
    try:
        found = json.loads((path / FILE).read_text("utf-8"))["run"]["id"]
    except (OSError, ValueError, KeyError, TypeError):
        raise ValueError(f"{path} holds something else: give a new or an empty folder.") from None
    if found != run.id:
        raise ValueError(f"{path} holds another sweep: give a new or an empty folder.")


def _save(cell: RunCell, path: Path, *, tiles: bool) -> list[tuple[int, Path]]:
    """Save the pictures of a cell, and name the files; what is there already, with the same metadata inside, stays."""
    gen, image = cell.generation, cell.image
    if gen is None or image is None or image.path is None or not image.path.exists():
        return []
    suffix = image.path.suffix if image.path.suffix in KINDS else ".png"
    parts: Mapping[int, Any] = dict(enumerate(gen.tiles, 1)) if tiles and gen.is_grid else {0: image}
    saved = []
    for tile, part in parts.items():
        file = path / f"{cell.index:05}-{cell.key[:8]}{f'-{tile}' if tile else ''}{'.png' if tile else suffix}"
        if not _is_there(file, metadata.packet(gen, part)):
            gen.save(file, tile=tile, overwrite=True)
        saved.append((tile, file))
    return saved


def _is_there(file: Path, packet: bytes) -> bool:
    try:
        return xmp.packet_of(file.read_bytes()) == packet
    except (OSError, ValueError):
        return False


def _lines(run: SweepRun, files: Mapping[int, list[tuple[int, Path]]]) -> Iterator[dict[str, Any]]:
    """Give a line for each picture; a column holds values of one kind, and no name that the reader takes for its own."""
    columns = table(run)
    for name in run.sweep.axes:
        columns[name] = one_kind(columns[name])
    columns.pop(named("path", run.sweep.axes))  # it is in the session's folder, and this one goes elsewhere
    written = {_free(name, columns): values for name, values in columns.items()}
    for cell in run:
        for tile, file in files[cell.index]:
            row = {name: _plain(values[cell.index]) for name, values in written.items()}
            yield {"file_name": file.name, **row, named("tile", row): tile}


def _free(name: str, taken: Collection[str]) -> str:
    """Rename a column that the reader would not take for data: ``image_`` in place of ``image``."""
    if name in _THEIRS or name.endswith(("_file_name", "_file_names")):
        return named(f"{name}_", taken)
    return name


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value


def _results(run: SweepRun, path: Path, files: Mapping[int, list[tuple[int, Path]]]) -> dict[str, Any]:
    """Say what was asked, what became of it, what it cost, and with what it was made."""
    results = [
        {
            "cell": cell.index,
            "key": cell.key,
            "request": cell.cell.request.model_dump(mode="json", exclude_defaults=True),
            "state": cell.state,
            "words": cell.words,
            "generation": cell.generation.id if cell.generation else None,
            "task_id": cell.generation.task_id if cell.generation else None,
            "files": [{"file_name": file.name, "tile": tile, "sha256": _hash(file)} for tile, file in files[cell.index]],
        }
        for cell in run
    ]
    return {
        "results": results,
        "bill": bill(run),
        "states": run.counts,
        "versions": {"python": platform.python_version(), **{name: packages.version(name) for name in _VERSIONS}},
        "export": {"finished": True, "at": datetime.now(UTC).isoformat(), LINES: _hash(path / LINES)},
    }


def _hash(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()


def _write_json(path: Path, value: object) -> None:
    write(path, (json.dumps(value, indent=1) + "\n").encode())

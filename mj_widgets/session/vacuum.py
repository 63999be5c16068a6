"""What a session's folder holds for deleted generations alone, and what was left half written: removed from the disk."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

_KEPT = re.compile(r"images/[0-9a-f]{2}/[0-9a-f]{64}\.\w+")  # a folder from elsewhere may name any other file of this machine
_TEMPORARY = re.compile(r"tmp\w{8}")  # what a process that died while it wrote leaves in its place
_STALE = 3600.0  # seconds after which nobody writes any more


def files_of(outcome: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Go through what has a file in the JSON of an outcome."""
    return filter(None, (outcome.get("image"), *outcome.get("parts", ()), *outcome.get("clips", ())))


def remove_deleted(db: sqlite3.Connection, folder: Path) -> int:
    """Remove what deleted generations alone have, within a transaction, so that none is restored meanwhile.

    A mask stays: unlike a picture it cannot be fetched again.

    Returns
    -------
    int
        Bytes that were removed.
    """
    deleted: set[str] = set()
    needed: set[str] = set()
    for request, outcome, marks in db.execute("SELECT request, outcome, marks FROM generations"):
        needed.add(json.loads(request).get("mask"))
        named = deleted if json.loads(marks).get("deleted_at") is not None else needed
        named.update(file["path"] for file in files_of(json.loads(outcome)) if file.get("path"))
    gone = {}
    for file in filter(_KEPT.fullmatch, deleted - needed):
        with suppress(OSError):  # another program holds it: next time, then
            gone[file] = _remove(folder / file)
    return sum(gone.values()) + _remove_thumbnails(db, gone)


def remove_stale(folder: Path) -> int:
    """Remove what nobody can be writing any more."""
    freed = 0
    for file in folder.glob("images/*/tmp*"):
        with suppress(OSError):  # whoever wrote it is just done
            if _TEMPORARY.fullmatch(file.name) and file.stat().st_mtime < time.time() - _STALE:
                freed += _remove(file)
    return freed


def compact(db: sqlite3.Connection) -> None:
    """Give what is free in the database back to the disk; while another process uses it, the next thumbnails get it."""
    with suppress(sqlite3.OperationalError):
        db.execute("VACUUM")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _remove(file: Path) -> int:
    size = file.stat().st_size if file.exists() else 0
    file.unlink(missing_ok=True)
    return size


def _remove_thumbnails(db: sqlite3.Connection, files: Iterable[str]) -> int:
    freed = 0
    for file in files:
        (size,) = db.execute("SELECT COALESCE(SUM(LENGTH(webp)), 0) FROM thumbnails WHERE file = ?", (file,)).fetchone()
        db.execute("DELETE FROM thumbnails WHERE file = ?", (file,))
        freed += size
    return freed

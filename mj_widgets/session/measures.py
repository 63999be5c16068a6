"""What metrics said of pictures, kept by what is in the file: to ask again costs nothing, whichever generation has it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

MIGRATION = (
    """
    CREATE TABLE measures (
        file TEXT NOT NULL,         -- SHA-256 of the picture's file
        tile INTEGER NOT NULL,      -- 0 the whole, 1 to 4 the tiles of a grid
        metric TEXT NOT NULL,
        version TEXT NOT NULL,      -- whose, and which of its versions; empty where nobody can say whether it has changed
        value TEXT NOT NULL,        -- JSON
        PRIMARY KEY (file, tile, metric)
    ) STRICT, WITHOUT ROWID
    """,
)


class Measure(NamedTuple):
    """What one metric said of one picture."""

    file: str
    """SHA-256 of its file."""
    tile: int
    """0 for the whole, 1 to 4 for a tile of a grid."""
    metric: str
    version: str
    value: str
    """JSON."""


def put(db: sqlite3.Connection, found: Iterable[Measure]) -> None:
    """Write down what was measured, in the place of what an earlier version said."""
    db.executemany("INSERT OR REPLACE INTO measures (file, tile, metric, version, value) VALUES (?, ?, ?, ?, ?)", found)


def read(db: sqlite3.Connection) -> list[Measure]:
    """Read all, by metric."""
    found = db.execute("SELECT file, tile, metric, version, value FROM measures ORDER BY metric, file, tile")
    return [*map(Measure._make, found)]

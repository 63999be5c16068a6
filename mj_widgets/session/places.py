"""Which generation was made for which cell of which sweep: the rows by which a sweep is found again after a crash."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from mj_widgets.errors import CapError

MIGRATION = (
    """
    CREATE TABLE cells (
        key TEXT NOT NULL,          -- of the cell: what it asks for, and which replicate it is
        generation TEXT NOT NULL REFERENCES generations (id),
        sweep TEXT,                 -- the one that paid for it; NULL where it was there already
        PRIMARY KEY (key, generation)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX cells_by_sweep ON cells (sweep)",
    """
    CREATE TABLE sweeps (
        id TEXT PRIMARY KEY,
        created_at REAL NOT NULL,   -- Unix seconds
        manifest TEXT NOT NULL      -- JSON of the design, and of how it was run last
    ) STRICT
    """,
    """
    CREATE TABLE judgements (
        id INTEGER PRIMARY KEY,
        sweep TEXT NOT NULL,
        rater TEXT NOT NULL,
        kind TEXT NOT NULL,
        judged TEXT NOT NULL,       -- JSON
        at REAL NOT NULL            -- Unix seconds
    ) STRICT
    """,
    "CREATE INDEX judgements_by_sweep ON judgements (sweep)",
)


class Place(NamedTuple):
    """The cell of a sweep that a generation is made for."""

    key: str
    sweep: str
    """The one that pays for it."""
    service: str
    """Which makes it; what another one made is another's."""
    cap: float | None = None
    """Credits that the sweep may hold."""
    known: frozenset[str] = frozenset()
    """Generations that the cell has already, and that are not enough."""


def another(db: sqlite3.Connection, place: Place) -> str | None:
    """Find the generation that somebody else makes for the same cell."""
    found = db.execute(
        "SELECT generation FROM cells JOIN generations ON id = generation WHERE key = ? AND service = ? ORDER BY created_at",
        (place.key, place.service),
    )
    return next((id_ for (id_,) in found if id_ not in place.known), None)


def put(db: sqlite3.Connection, found: Iterable[tuple[str, str, str | None]]) -> None:
    """Write down key, generation and the sweep that pays, of each."""
    db.executemany("INSERT OR IGNORE INTO cells (key, generation, sweep) VALUES (?, ?, ?)", found)


def inherit(db: sqlite3.Connection, heir: str, given_up: str) -> None:
    """Let a generation stand for the cells of the one that was given up for it; the same sweeps pay."""
    db.execute("INSERT OR IGNORE INTO cells SELECT key, ?, sweep FROM cells WHERE generation = ?", (heir, given_up))


def spent(db: sqlite3.Connection, sweep: str, service: str) -> float:
    """Add up what a sweep has spent or holds at a service, by the same rule as for the session."""
    (held,) = db.execute(
        "SELECT COALESCE(SUM(held), 0) FROM cells JOIN generations ON id = generation"
        " WHERE sweep = ? AND service = ? AND status != 'failed' AND NOT (status = 'stopped' AND sent_at IS NULL)",
        (sweep, service),
    ).fetchone()
    return float(held)


def check_cap(db: sqlite3.Connection, more: float, place: Place | None) -> None:
    """See to it that a sweep stays below its cap."""
    if place is None or place.cap is None:
        return
    held = spent(db, place.sweep, place.service)
    if held + more > place.cap + 1e-9:  # sums of tenths are not exact
        raise CapError(
            f"The run's cap is {place.cap:g} credits: {held:g} are spent or held, and this may cost {more:g}. "
            "Nothing was sent. Run it again with a higher cap= to go on."
        )

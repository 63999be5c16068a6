"""What the sandbox remembers: jobs and masks, in SQLite.

Nothing runs while a job "runs": how far it is, is read off the clock. So a job goes on while no process looks, and two
processes with the same file agree about it.
"""

from __future__ import annotations

import hashlib
import json
import math
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from mj_widgets.sandbox.dice import between, chance, mix
from mj_widgets.sandbox.fates import Fate
from mj_widgets.sandbox.picture import Picture

_FORMAT = 1  # goes up when what is kept of a job changes
_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, trace_id TEXT NOT NULL, image_id TEXT NOT NULL UNIQUE, created_at REAL NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS jobs_by_trace ON jobs (trace_id);
CREATE INDEX IF NOT EXISTS jobs_by_time ON jobs (created_at);
CREATE TABLE IF NOT EXISTS masks (name TEXT PRIMARY KEY, png BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS texts (created_at REAL NOT NULL, endpoint TEXT NOT NULL, request TEXT NOT NULL) STRICT;
"""
_PACE = {"turbo": 4.0, "fast": 8.0, "relax": 14.0}  # seconds for a grid at speed 1
_UPSCALE_PACE = 3.0
_LONGER = {"videos": 2.0, "describe": 0.0}  # times as long as a grid
_START = 0.14  # the share of a job's time before drawing starts
_SHRINKS = (1, 2, 4)  # sides stay whole, and so do their halves
_LINES = 8  # progress lines before the last one


@dataclass(frozen=True)
class Job:
    """One order and all that its future depends on.

    Attributes
    ----------
    id, trace_id : str
        UUIDs.
    created_at : float
        Unix time, in seconds.
    duration : float
        Seconds from the order to the picture.
    request : dict
        What was asked for, word for word.
    origin : dict
        The request to make again on a reroll; a reroll's own is that of the first of them.
    picture : Picture
        What comes of it; of clips the first frame, and of a description what is described.
    endpoint : str
        Where it was asked for: ``imagine``, ``edits``, ``videos`` or ``describe``.
    fate : Fate or None
        What goes wrong with it.
    texts : list of str
        The descriptions.
    """

    id: str
    trace_id: str
    created_at: float
    duration: float
    request: dict[str, Any]
    origin: dict[str, Any]
    picture: Picture
    endpoint: str = "imagine"
    fate: Fate | None = None
    texts: tuple[str, ...] = ()

    @property
    def image_id(self) -> str:
        """The id of the finished picture; of clips theirs, which has 16 digits."""
        if self.endpoint == "videos":
            return f"{int(self.created_at)}{mix(self.id, 'clips') % 1_000_000:06d}"
        return image_id(self.id, "final")

    @property
    def finished_at(self) -> float:
        """Unix time, in seconds; infinite while nobody knows."""
        if self.fate is None:
            return self.created_at + self.duration
        if self.fate.held is None:
            return math.inf
        return self.fate.held + (self.stops_at if self.fate.error else self.created_at + self.duration)

    @property
    def stops_at(self) -> float:
        """When its fate strikes; Unix time, in seconds."""
        percent = self.fate.at if self.fate else 100
        share = min(1.0, max(0.0, (math.pow(percent / 100, 1 / 0.9) - 0.02) / 0.94))  # `lines` the other way round
        return self.started_at + share * (1 - _START) * self.duration

    @property
    def started_at(self) -> float:
        """When drawing starts; Unix time, in seconds."""
        return self.created_at + _START * self.duration

    @property
    def lines(self) -> list[tuple[float, int]]:
        """When each progress line is due, in Unix time, and its per cent; the last is the end."""
        span = (1 - _START) * self.duration
        steps = []
        for k in range(_LINES):
            share = (k + between(0.0, 0.5, self.id, "line", k)) / _LINES if k else 0.0
            percent = round(100 * (share * 0.94 + 0.02) ** 0.9) if k else round(between(0, 6, self.id, "first"))
            steps.append((self.started_at + share * span, percent))
        if self.fate:
            steps = [(due, percent) for due, percent in steps if percent < self.fate.at]
            steps += [] if self.fate.error else [(self.stops_at, self.fate.at)]
        return [*steps, (self.finished_at, 100)]

    def line_at(self, now: float) -> int | None:
        """Find the latest line that is due; None before drawing starts."""
        due = [k for k, (at, _) in enumerate(self.lines) if at <= now]
        return due[-1] if due else None

    def finished(self, now: float) -> bool:
        """Whether it has ended, well or badly."""
        return now >= self.finished_at

    def succeeded(self, now: float) -> bool:
        """Whether what was asked for is there."""
        return self.finished(now) and not (self.fate and self.fate.error)

    def quirk(self, name: str, share: float) -> bool:
        """Whether this job's replies show one of the service's awkward shapes; so many of all jobs do."""
        return chance(self.id, "quirk", name) < share


def image_id(job_id: str, line: str | int) -> str:
    """Make the picture's id on one line of a job's stream: a decimal number of 19 digits."""
    return str(1_300_000_000_000_000_000 + mix(job_id, "image", line) % 200_000_000_000_000_000)


def duration_of(action: str, mode: str, job_id: str, *, endpoint: str = "imagine") -> float:
    """How many seconds a job takes at speed 1; no two take the same."""
    pace = _UPSCALE_PACE if "upscale" in action else _PACE[mode] * _LONGER.get(endpoint, 1.0)
    return pace * between(0.85, 1.15, job_id, "pace")


class JobBook:
    """The jobs of one sandbox, or of several that share a file.

    Parameters
    ----------
    path : Path or None
        The SQLite file; None keeps them in memory.
    speed : float
        How many times faster than normal new jobs go; 0 for at once.
    shrink : int
        By how much the sides of new pictures are divided: 1, 2 or 4.
    clock : callable
        The time, in Unix seconds.
    """

    def __init__(
        self, path: Path | None = None, *, speed: float = 1.0, shrink: int = 1, clock: Callable[[], float] = time.time
    ) -> None:
        if speed < 0:
            raise ValueError(f"speed must be 0 (no waiting) or more, not {speed}")
        if shrink not in _SHRINKS:
            raise ValueError(f"shrink must be one of {', '.join(map(str, _SHRINKS))}, not {shrink}")
        self.speed = speed
        self.shrink = shrink
        self.clock = clock
        self._lock = threading.Lock()
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        # Two kernels may open one file. The plain journal serves them: going over to a write-ahead log fails, at once
        # and whatever the timeout, when two processes try it together.
        self._db = sqlite3.connect(path or ":memory:", check_same_thread=False, timeout=10, isolation_level=None)
        try:
            self._prepare()
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise OSError(f"{path} does not hold a sandbox's jobs ({error}): delete it, or name another file") from None

    def _prepare(self) -> None:
        self._db.execute("PRAGMA synchronous = OFF")  # after a power cut, a simulated picture less is no loss
        (made_as,) = self._db.execute("PRAGMA user_version").fetchone()
        if made_as not in (0, _FORMAT):  # pictures of another format cannot be drawn, so nothing is lost either
            self._db.executescript("DROP TABLE IF EXISTS jobs; DROP TABLE IF EXISTS masks;")
        self._db.executescript(f"{_SCHEMA} PRAGMA user_version = {_FORMAT};")

    def close(self) -> None:
        """Close the file."""
        with self._lock, suppress(sqlite3.Error):
            self._db.close()

    def add(self, request: dict[str, Any], origin: dict[str, Any], make: Callable[[str], Picture], **more: Any) -> Job:
        """Take an order.

        Parameters
        ----------
        request, origin
            As in `Job`.
        make : callable
            Makes the picture from the job's id.
        **more
            The endpoint, fate and texts, as in `Job`.
        """
        job_id = str(uuid.uuid4())
        action, mode = str(request.get("action", "")), str(request.get("mode", "fast"))
        seconds = duration_of(action, mode, job_id, endpoint=more.get("endpoint", "imagine"))
        job = Job(
            id=job_id,
            trace_id=str(uuid.uuid4()),
            created_at=self.clock(),
            duration=seconds / self.speed if self.speed else 0.0,
            request=request,
            origin=origin,
            picture=make(job_id).shrunk(self.shrink),
            **more,
        )
        row = (job.id, job.trace_id, job.image_id, job.created_at, json.dumps(asdict(job)))
        with self._lock:
            self._db.execute("INSERT INTO jobs VALUES (?, ?, ?, ?, ?)", row)
        return job

    def find(self, *, job_id: str = "", trace_id: str = "", image_id: str = "") -> Job | None:
        """Find a job by one of its ids."""
        for column, value in (("id", job_id), ("trace_id", trace_id), ("image_id", image_id)):
            if value:
                found = self._select(f"WHERE {column} = ?", (value,))
                return found[0] if found else None
        return None

    def find_many(self, *, job_ids: Sequence[str] = (), trace_ids: Sequence[str] = ()) -> list[Job]:
        """Find jobs by their ids, newest first; those that are not there are left out."""
        column, values = ("id", job_ids) if job_ids else ("trace_id", trace_ids)
        return self._select(f"WHERE {column} IN ({', '.join('?' * len(values))}) ORDER BY created_at DESC", values)

    def page(self, *, offset: int = 0, limit: int = 12, since: float = 0.0, until: float = 1e12) -> tuple[list[Job], int]:
        """List jobs made in a span of time, newest first, and say how many there are in all."""
        where = "WHERE created_at BETWEEN ? AND ?"
        jobs = self._select(f"{where} ORDER BY created_at DESC, id LIMIT ? OFFSET ?", (since, until, limit, offset))
        with self._lock:
            (count,) = self._db.execute(f"SELECT count(*) FROM jobs {where}", (since, until)).fetchone()  # noqa: S608 - ours
        return jobs, count

    def everything(self) -> list[Job]:
        """List all jobs, oldest first."""
        return self._select("ORDER BY created_at, id", ())

    def prompts(self, ids: Sequence[str], *, containing: str = "") -> list[str]:
        """Give the prompts of jobs, by their ids or trace ids, as far as they have some words in them."""
        marks = ", ".join("?" * len(ids))
        told = "SELECT json_extract(body, '$.request.prompt') AS prompt FROM jobs"
        where = f"WHERE (id IN ({marks}) OR trace_id IN ({marks})) AND instr(prompt, ?)"
        with self._lock:
            return [prompt for (prompt,) in self._db.execute(f"{told} {where}", (*ids, *ids, containing))]

    def release(self, job_id: str = "") -> list[Job]:
        """Let one job that is held, or all of them, go on from where they are; give those that were held."""
        held = [job for job in ([self.find(job_id=job_id)] if job_id else self.everything()) if job and _is_held(job)]
        freed = [replace(job, fate=replace(job.fate, held=max(0.0, self.clock() - job.stops_at))) for job in held if job.fate]
        with self._lock:
            for job in freed:
                self._db.execute("UPDATE jobs SET body = ? WHERE id = ?", (json.dumps(asdict(job)), job.id))
        return freed

    def note_text(self, endpoint: str, request: dict[str, Any]) -> None:
        """Remember that a text was given, which makes no job and yet costs."""
        with self._lock:
            self._db.execute("INSERT INTO texts VALUES (?, ?, ?)", (self.clock(), endpoint, json.dumps(request)))

    def texts(self) -> list[tuple[float, str, dict[str, Any]]]:
        """List the texts that were given, oldest first: when, by which endpoint, and for what request."""
        with self._lock:
            rows = self._db.execute("SELECT created_at, endpoint, request FROM texts ORDER BY created_at").fetchall()
        return [(at, endpoint, json.loads(request)) for at, endpoint, request in rows]

    def keep_mask(self, png: bytes) -> str:
        """Keep a mask, and say by which name it is found."""
        name = hashlib.sha256(png).hexdigest()
        with self._lock:
            self._db.execute("INSERT OR IGNORE INTO masks VALUES (?, ?)", (name, png))
        return name

    def mask(self, name: str) -> bytes:
        """Find a mask by its name."""
        with self._lock:
            (png,) = self._db.execute("SELECT png FROM masks WHERE name = ?", (name,)).fetchone()
        return bytes(png)

    def _select(self, rest: str, values: Sequence[object]) -> list[Job]:
        with self._lock:
            rows = self._db.execute(f"SELECT body FROM jobs {rest}", tuple(values)).fetchall()  # noqa: S608 - our words
        return [_job(json.loads(body)) for (body,) in rows]


def _job(data: dict[str, Any]) -> Job:
    fate = data.get("fate")
    if fate:
        fate = Fate(**{**fate, "error": tuple(fate["error"]) if fate["error"] else None})
    texts = tuple(data.get("texts", ()))
    return Job(**{**data, "picture": Picture.from_json(data["picture"]), "fate": fate, "texts": texts})


def _is_held(job: Job) -> bool:
    return job.fate is not None and job.fate.held is None

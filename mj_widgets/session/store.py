"""One folder a session: rows in SQLite, pictures as files named by what is in them.

::

    <folder>/session.sqlite3                what was asked, and what became of it
    <folder>/images/ab/<sha256>.<kind>      the pictures, each once
    <folder>/owners/                        who has it open

It can be copied, zipped and opened elsewhere: no path in it is absolute. A row is written before anything is sent, and again
at each step, so that whatever dies, the folder says how far it came.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, NamedTuple, TypeVar

from mj_widgets.errors import CapError, SessionError
from mj_widgets.models import (
    AnyRequest,
    Clip,
    EditRequest,
    Image,
    ImagineRequest,
    Marks,
    Outcome,
    Status,
    TextRequest,
    VideoRequest,
)
from mj_widgets.session import measures, places
from mj_widgets.session.mask import is_kept, mask_file
from mj_widgets.session.measures import Measure
from mj_widgets.session.owner import Owner
from mj_widgets.session.places import Place
from mj_widgets.session.vacuum import compact, files_of, remove_deleted, remove_stale

F = TypeVar("F", Image, Clip)

DATABASE = "session.sqlite3"

_REQUESTS = {cls.endpoint: cls for cls in (ImagineRequest, EditRequest, VideoRequest, TextRequest)}
_SELECT = "SELECT id, created_at, service, endpoint, request, outcome, estimate, held, marks FROM generations"
_BUSY = 30.0  # seconds to wait for another process's write

# Each is applied in one transaction. Never change one that was released: add the next.
_MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE generations (
            id TEXT PRIMARY KEY,        -- ours, sorts by time, exists before anything is sent
            created_at REAL NOT NULL,   -- Unix seconds
            service TEXT NOT NULL,      -- which service made it
            endpoint TEXT NOT NULL,     -- which kind of request it is
            request TEXT NOT NULL,      -- JSON of the request
            outcome TEXT NOT NULL,      -- JSON of the latest Outcome; paths in it are relative to the folder
            status TEXT NOT NULL,
            task_id TEXT,
            sent_at REAL,               -- Unix seconds; NULL when it was never sent
            estimate REAL,              -- credits it costs when it succeeds; NULL when that is not known
            held REAL NOT NULL,         -- credits that count against the cap, unless it failed or was never sent
            owner TEXT NOT NULL,        -- the open session that follows it
            updated_at REAL NOT NULL
        ) STRICT
        """,
        "CREATE INDEX generations_by_task ON generations (task_id)",
        """
        CREATE TABLE thumbnails (
            file TEXT NOT NULL,
            tile INTEGER NOT NULL,      -- 0 the whole, 1 to 4 the tiles of a grid
            webp BLOB NOT NULL,
            PRIMARY KEY (file, tile)
        ) STRICT, WITHOUT ROWID
        """,
    ),
    ("ALTER TABLE generations ADD COLUMN marks TEXT NOT NULL DEFAULT '{}'",),  # JSON of the Marks
    places.MIGRATION,
    measures.MIGRATION,
)


class Row(NamedTuple):
    """One generation, as it is kept."""

    id: str
    created_at: float
    service: str
    request: AnyRequest
    outcome: Outcome
    estimate: float | None = None
    """Credits that it costs when it succeeds; None when that is not known."""
    held: float = 0.0
    """Credits that count against the cap."""
    marks: Marks = Marks()


class Store:
    """A session's folder. Safe to use from any thread.

    Parameters
    ----------
    folder : Path
        Made when it is not there.

    Raises
    ------
    SessionError
        The folder is damaged, cannot be written, or is from a newer version; then it is left as it is.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.RLock()
        path = folder / DATABASE
        with _errors(folder):
            if path.exists():
                _refuse_newer(_peek(path), folder)
            (folder / "images").mkdir(parents=True, exist_ok=True)
            self._owner = Owner(folder / "owners")
            self._db = sqlite3.connect(path, timeout=_BUSY, isolation_level=None, check_same_thread=False)
        try:
            with _errors(folder):
                self._prepare()
        except SessionError:
            self.close()
            raise

    def close(self) -> None:
        """Close the database; what was followed from here may be taken over."""
        with self._lock:
            self._db.close()
            self._owner.close()

    def add(
        self,
        row: Row,
        *,
        cap: float | None = None,
        place: Place | None = None,
        instead_of: tuple[str, Outcome] | None = None,
    ) -> str:
        """Write a generation down, before anything is sent, with the cell of a sweep that it is for.

        Parameters
        ----------
        row : Row
            What is asked.
        cap : float, optional
            Credits that may be held in all.
        place : Place, optional
            The cell that it is made for.
        instead_of : tuple of str and Outcome, optional
            The unconfirmed generation that is given up for it, and what is to be written of that: see `give_up`. It then
            takes its cells as well.

        Returns
        -------
        str
            Its id; or that of another one, which somebody makes for the same cell: then nothing was written.

        Raises
        ------
        CapError
            With it, more than `cap` credits would be held, or more than the sweep's; nothing was written.
        ValueError
            The other one is not unconfirmed any more; nothing was written.
        """
        with self._writing() as db:
            if instead_of:
                self._give_up(db, *instead_of)
            if place and (other := places.another(db, place)):
                return other
            _check_cap(db, row.held, cap)
            places.check_cap(db, row.held, place)
            db.execute(
                # By name: what this connection knows of the table may be older than another process's migration.
                "INSERT INTO generations (id, created_at, service, endpoint, request, outcome, status, task_id, sent_at,"
                " estimate, held, owner, updated_at, marks) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(row.id, row.created_at, row.service, row.request.endpoint),
                    self._keep_mask(row.request).model_dump_json(exclude_defaults=True),
                    *(self._dump(row.outcome), row.outcome.status, row.outcome.task_id, row.outcome.sent_at),
                    *(row.estimate, row.held, self._owner.name, time.time(), _dump_marks(row.marks)),
                ),
            )
            if place:
                places.put(db, [(place.key, row.id, place.sweep)])
            if instead_of:
                places.inherit(db, row.id, instead_of[0])
        return row.id

    def give_up(self, id_: str, outcome: Outcome) -> None:
        """Write down that nobody waits for an unconfirmed generation any more.

        Raises
        ------
        ValueError
            It is not unconfirmed (any more): another click, or another process, decided about it.
        """
        with self._writing() as db:
            self._give_up(db, id_, outcome)

    def _give_up(self, db: sqlite3.Connection, id_: str, outcome: Outcome) -> None:
        asked = "UPDATE generations SET outcome = ?, status = ?, updated_at = ? WHERE id = ? AND status = 'unconfirmed'"
        if not db.execute(asked, (self._dump(outcome), outcome.status, time.time(), id_)).rowcount:
            raise ValueError(f"{id_} was decided about already. Nothing was sent.")

    def take(self, id_: str) -> bool:
        """Make a generation ours to follow; False while another process follows it."""
        with self._writing() as db:
            owner, status = db.execute("SELECT owner, status FROM generations WHERE id = ?", (id_,)).fetchone()
            if owner != self._owner.name and not Status(status).ended and not self._owner.is_gone(owner):
                return False
            db.execute("UPDATE generations SET owner = ? WHERE id = ?", (self._owner.name, id_))
        return True

    def knows(self, task_id: str, *, but: str | None = None) -> bool:
        """Tell whether a generation, other than one, has that task."""
        with self._lock, _errors(self.folder):
            asked = "SELECT 1 FROM generations WHERE task_id = ? AND id IS NOT ?"
            return self._db.execute(asked, (task_id, but)).fetchone() is not None

    def hold(self, id_: str, cap: float | None, place: Place | None = None) -> bool:
        """Let one that was never sent count against the cap again, before it is sent after all.

        Returns
        -------
        bool
            False when another process is sending it.

        Raises
        ------
        CapError
            With it, more than `cap` credits would be held, or more than the sweep's.
        """
        with self._writing() as db:
            asked = "SELECT held FROM generations WHERE id = ? AND status = 'stopped' AND sent_at IS NULL"
            if (found := db.execute(asked, (id_,)).fetchone()) is None:
                return False
            _check_cap(db, found[0], cap)
            places.check_cap(db, found[0], place)
            asked = "UPDATE generations SET status = 'pending', outcome = ?, owner = ? WHERE id = ?"
            db.execute(asked, (self._dump(Outcome()), self._owner.name, id_))
        return True

    def save(self, id_: str, outcome: Outcome, *, cost: float | None = None) -> None:
        """Write down what has become of a generation, and what it cost where that is known."""
        with self._writing() as db:
            db.execute(
                "UPDATE generations SET outcome = ?, status = ?, task_id = ?, sent_at = ?, held = COALESCE(?, held),"
                " updated_at = ? WHERE id = ?",
                (
                    *(self._dump(outcome), outcome.status, outcome.task_id, outcome.sent_at),
                    *(cost, time.time(), id_),
                ),
            )

    def mark(self, id_: str, change: Callable[[Marks], Marks]) -> Marks:
        """Change what a person thinks of a generation, as it is written now: another process may have written it last.

        Returns
        -------
        Marks
            What is written in the end.
        """
        with self._writing() as db:
            (text,) = db.execute("SELECT marks FROM generations WHERE id = ?", (id_,)).fetchone()
            old = _read_marks(text)
            new = change(old)
            if new != old:
                changed = (_dump_marks(new), time.time(), id_)
                db.execute("UPDATE generations SET marks = ?, updated_at = ? WHERE id = ?", changed)
        return new

    def rows(self) -> list[Row]:
        """Read every generation, oldest first."""
        with self._lock, _errors(self.folder):
            return [self._row(fields) for fields in self._db.execute(f"{_SELECT} ORDER BY created_at, id").fetchall()]

    def row(self, id_: str) -> Row:
        """Read one generation."""
        with self._lock, _errors(self.folder):
            return self._row(self._db.execute(f"{_SELECT} WHERE id = ?", (id_,)).fetchone())

    def reprice(self, id_: str, estimate: float | None, held: float) -> None:
        """Write down what a generation costs, now that it is known."""
        with self._writing() as db:
            db.execute("UPDATE generations SET estimate = ?, held = ? WHERE id = ?", (estimate, held, id_))

    def held(self) -> float:
        """Add up the credits that count against the cap."""
        with self._lock, _errors(self.folder):
            return _held(self._db)

    def cells(self) -> list[tuple[str, str]]:
        """Read which generations were made for which cells of sweeps: key and generation, oldest first."""
        with self._lock, _errors(self.folder):
            found = "SELECT key, generation FROM cells JOIN generations ON id = generation ORDER BY created_at, id"
            return self._db.execute(found).fetchall()

    def put(self, found: Iterable[tuple[str, str]]) -> None:
        """Write down that these generations stand for these cells too, and that no sweep paid for them: key, generation."""
        with self._writing() as db:
            places.put(db, [(key, id_, None) for key, id_ in found])

    def spent(self, sweep: str, service: str) -> float:
        """Add up the credits that a sweep has spent or holds at a service: what its cap is compared with."""
        with self._lock, _errors(self.folder):
            return places.spent(self._db, sweep, service)

    def keep_sweep(self, id_: str, manifest: str) -> None:
        """Write down what is run: JSON of the design, and of how it is run this time."""
        with self._writing() as db:
            db.execute(
                "INSERT INTO sweeps VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET manifest = excluded.manifest",
                (id_, time.time(), manifest),
            )

    def sweeps(self) -> list[tuple[str, float, str]]:
        """Read what was run here, oldest first: id, Unix seconds, manifest."""
        with self._lock, _errors(self.folder):
            return self._db.execute("SELECT id, created_at, manifest FROM sweeps ORDER BY created_at, id").fetchall()

    def judge(self, sweep: str, rater: str, kind: str, judged: str) -> int:
        """Write down one judgement of somebody, JSON, and give its number."""
        with self._writing() as db:
            asked = "INSERT INTO judgements (sweep, rater, kind, judged, at) VALUES (?, ?, ?, ?, ?) RETURNING id"
            (number,) = db.execute(asked, (sweep, rater, kind, judged, time.time())).fetchone()
        return int(number)

    def judgements(self) -> list[tuple[int, str, str, str, float]]:
        """Read all judgements, oldest first: number, rater, kind, JSON, Unix seconds."""
        with self._lock, _errors(self.folder):
            return self._db.execute("SELECT id, rater, kind, judged, at FROM judgements ORDER BY id").fetchall()

    def unjudge(self, number: int) -> None:
        """Take one judgement back."""
        with self._writing() as db:
            db.execute("DELETE FROM judgements WHERE id = ?", (number,))

    def keep_measures(self, found: Iterable[Measure]) -> None:
        """Write down what metrics said of pictures."""
        with self._writing() as db:
            measures.put(db, found)

    def measures(self) -> list[Measure]:
        """Read what metrics said of pictures."""
        with self._lock, _errors(self.folder):
            return measures.read(self._db)

    def claim(self) -> set[str]:
        """Take over what nobody follows any more, and name all that is ours to follow.

        Two processes may open a folder at once: each generation is followed by one of them.
        """
        with self._writing() as db:
            owners = {owner for (owner,) in db.execute("SELECT DISTINCT owner FROM generations")}
            for owner in owners - {self._owner.name}:
                if self._owner.is_gone(owner):
                    db.execute("UPDATE generations SET owner = ? WHERE owner = ?", (self._owner.name, owner))
            mine = db.execute("SELECT id FROM generations WHERE owner = ?", (self._owner.name,))
            return {id_ for (id_,) in mine}

    def keep_picture(self, content: bytes, kind: str) -> Path:
        """Store a picture by what is in it, whole or not at all."""
        digest = hashlib.sha256(content).hexdigest()
        path = self.folder / "images" / digest[:2] / f"{digest}.{kind}"
        with _errors(self.folder):
            if path.exists():
                return path
            path.parent.mkdir(exist_ok=True)
            with NamedTemporaryFile(dir=path.parent, delete=False) as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(file.name).chmod(0o644)  # a temporary file is private; a session's folder is shared as a whole
            Path(file.name).replace(path)
        return path

    def is_whole(self, path: Path | None) -> bool:
        """Tell whether a stored file is there, and is what its name says; one that was changed is removed."""
        if path is None or not path.exists():
            return False
        if hashlib.sha256(path.read_bytes()).hexdigest() == path.stem:
            return True
        path.unlink()
        return False

    def vacuum(self) -> int:
        """Remove the files of deleted generations that no other one has, and what was left half written.

        Returns
        -------
        int
            Bytes that are free now.
        """
        with self._writing() as db:
            freed = remove_deleted(db, self.folder)
        with self._lock, _errors(self.folder):
            if freed:
                compact(self._db)
            return freed + remove_stale(self.folder)

    def _keep_mask(self, request: AnyRequest) -> AnyRequest:
        """Keep a request's mask as a file of its own, once, and name it in its place; it comes back letter by letter."""
        found = mask_file(request.mask) if request.mask else None
        if found is None:
            return request
        path = self.keep_picture(*found)
        if not self.is_whole(path):  # somebody changed the one that was there
            self.keep_picture(*found)
        return request.model_copy(update={"mask": self._key(path)})

    def _find_mask(self, request: AnyRequest) -> AnyRequest:
        """Put the mask in the place of its name; where its file is gone the name stays, and `refuse_lost` says so."""
        if not request.mask or not is_kept(request.mask):
            return request
        path = self.folder / request.mask
        if not self.is_whole(path):
            return request
        return request.model_copy(update={"mask": base64.b64encode(path.read_bytes()).decode()})

    def keep_thumbnail(self, file: Path, tile: int, webp: bytes) -> None:
        """Store a thumbnail of a picture, or of one of its tiles."""
        self.keep_thumbnails(file, {tile: webp})

    def keep_thumbnails(self, file: Path, thumbnails: Mapping[int, bytes]) -> None:
        """Store thumbnails of a picture, by tile."""
        rows = [(self._key(file), tile, webp) for tile, webp in thumbnails.items()]
        with self._writing() as db:  # at once: each writing waits for the disk
            db.executemany("INSERT OR REPLACE INTO thumbnails VALUES (?, ?, ?)", rows)

    def thumbnail(self, file: Path, tile: int) -> bytes | None:
        """Read a thumbnail; None when it was never made."""
        with self._lock, _errors(self.folder):
            found = self._db.execute(
                "SELECT webp FROM thumbnails WHERE file = ? AND tile = ?", (self._key(file), tile)
            ).fetchone()
        return found[0] if found else None

    def _key(self, file: Path) -> str:
        return file.relative_to(self.folder).as_posix()

    def _row(self, fields: tuple[Any, ...]) -> Row:
        id_, created_at, service, endpoint, request, outcome, estimate, held, marks = fields
        asked = self._find_mask(_REQUESTS[endpoint].model_validate_json(request))
        value = self.found(Outcome.model_validate_json(outcome))
        return Row(id_, created_at, service, asked, value, estimate, held, _read_marks(marks))

    def found(self, outcome: Outcome) -> Outcome:
        """Look where the files of an outcome are."""
        pictures = {
            "image": outcome.image and self._found(outcome.image),
            "parts": tuple(map(self._found, outcome.parts)),
            "clips": tuple(map(self._found, outcome.clips)),
        }
        return outcome.model_copy(update=pictures)

    def _found(self, picture: F) -> F:
        """Make a path absolute; a file that is gone is one that was not fetched."""
        path = picture.path and self.folder / picture.path
        return picture.model_copy(update={"path": path if path and path.exists() else None})

    def _dump(self, outcome: Outcome) -> str:
        value = outcome.model_dump(mode="json", exclude_defaults=True)
        for picture in files_of(value):
            if picture.get("path"):
                picture["path"] = Path(picture["path"]).relative_to(self.folder).as_posix()
        return json.dumps(value)

    def _prepare(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")  # the rows are about money
        self._db.execute("PRAGMA foreign_keys = ON")
        with self._writing() as db:  # one process migrates; another that opens waits for it
            version = db.execute("PRAGMA user_version").fetchone()[0]
            _refuse_newer(version, self.folder)
        for number, statements in enumerate(_MIGRATIONS[version:], start=version + 1):
            with self._writing() as db:
                if db.execute("PRAGMA user_version").fetchone()[0] >= number:
                    continue
                for statement in statements:
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {number}")

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, _errors(self.folder):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise


def _dump_marks(marks: Marks) -> str:
    return marks.model_dump_json(exclude_defaults=True)


def _read_marks(text: str) -> Marks:
    return Marks() if text == "{}" else Marks.model_validate_json(text)


def _held(db: sqlite3.Connection) -> float:
    """Leave out what failed and what was never sent: it cost nothing. All else may have been charged."""
    (held,) = db.execute(
        "SELECT COALESCE(SUM(held), 0) FROM generations"
        " WHERE status != 'failed' AND NOT (status = 'stopped' AND sent_at IS NULL)"
    ).fetchone()
    return float(held)


def _check_cap(db: sqlite3.Connection, more: float, cap: float | None) -> None:
    if cap is not None and (held := _held(db)) + more > cap + 1e-9:  # sums of tenths are not exact
        raise CapError(
            f"The session's cap is {cap:g} credits: {held:g} are spent or held, and this may cost {more:g}. "
            "Nothing was sent. A higher cap= lets it through."
        )


def _peek(path: Path) -> int:
    """Read a file's version without touching anything beside it."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as db:
        version: int = db.execute("PRAGMA user_version").fetchone()[0]
        return version


def _refuse_newer(version: int, folder: Path) -> None:
    if version > len(_MIGRATIONS):
        raise SessionError(
            f"The session in {folder} was written by a newer mj_widgets (its version is {version}, this one knows "
            f"{len(_MIGRATIONS)}). Upgrade: python -m pip install -U mj_widgets. Nothing was changed."
        )


@contextmanager
def _errors(folder: Path) -> Iterator[None]:
    """Turn sqlite3's and the file system's errors into ours; it happens here only."""
    try:
        yield
    except sqlite3.ProgrammingError as error:
        raise SessionError(f"The session in {folder} is closed: open it again with mj.Session(...).") from error
    except sqlite3.OperationalError as error:
        raise SessionError(f"The session in {folder} cannot be used: {error}.") from error
    except sqlite3.DatabaseError as error:
        raise SessionError(f"The session in {folder} is damaged: {error}. Its pictures are in images/.") from error
    except OSError as error:
        raise SessionError(f"The session in {folder} cannot be used: {error}.") from error

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from mj_widgets.errors import SessionError
from mj_widgets.models import Image, ImagineRequest, Marks, Outcome, Status
from mj_widgets.session.store import Row, Store

REQUEST = ImagineRequest(prompt="a fox")


VERSION_1 = """
    CREATE TABLE generations (
        id TEXT PRIMARY KEY, created_at REAL NOT NULL, service TEXT NOT NULL, endpoint TEXT NOT NULL, request TEXT NOT NULL,
        outcome TEXT NOT NULL, status TEXT NOT NULL, task_id TEXT, sent_at REAL, estimate REAL, held REAL NOT NULL,
        owner TEXT NOT NULL, updated_at REAL NOT NULL
    ) STRICT;
    CREATE INDEX generations_by_task ON generations (task_id);
    CREATE TABLE thumbnails (file TEXT NOT NULL, tile INTEGER NOT NULL, webp BLOB NOT NULL, PRIMARY KEY (file, tile))
        STRICT, WITHOUT ROWID;
    PRAGMA user_version = 1;
"""  # as it was released


def row(id_: str = "g1") -> Row:
    return Row(id_, 1.5, "sandbox", REQUEST, Outcome())


@pytest.fixture
def store(tmp_path: Path):
    store = Store(tmp_path / "foxes")
    yield store
    store.close()


def test_what_was_written_is_there_in_another_process_s_eyes(store: Store) -> None:
    store.add(row())
    outcome = Outcome(status=Status.RUNNING, task_id="t1", progress=31, sent_at=2.0)
    store.save("g1", outcome)
    other = Store(store.folder)
    assert other.rows() == [row()._replace(outcome=outcome)]
    other.close()


def test_a_picture_is_kept_once_by_what_is_in_it(store: Store) -> None:
    path = store.keep_picture(b"picture", "png")
    assert store.keep_picture(b"picture", "png") == path
    assert path.relative_to(store.folder).parts[:2] == ("images", path.stem[:2])
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert path.read_bytes() == b"picture"


def test_a_folder_can_be_copied_and_opened_elsewhere(store: Store, tmp_path: Path) -> None:
    path = store.keep_picture(b"picture", "png")
    store.add(row())
    store.save("g1", Outcome(status=Status.SUCCEEDED, image=Image(id="1", path=path)))
    store.keep_thumbnail(path, 3, b"webp")
    shutil.copytree(store.folder, tmp_path / "copy")
    copy = Store(tmp_path / "copy")
    (found,) = copy.rows()
    assert found.outcome.image is not None
    assert found.outcome.image.path == tmp_path / "copy" / path.relative_to(store.folder)
    assert copy.thumbnail(found.outcome.image.path, 3) == b"webp"
    assert copy.thumbnail(found.outcome.image.path, 1) is None
    copy.close()


def test_a_picture_whose_file_is_gone_is_one_that_was_not_fetched(store: Store) -> None:
    path = store.keep_picture(b"picture", "png")
    store.add(row())
    store.save("g1", Outcome(status=Status.SUCCEEDED, image=Image(id="1", path=path)))
    path.unlink()
    (found,) = store.rows()
    assert found.outcome.image == Image(id="1")


def test_a_newer_folder_is_refused_and_left_untouched(store: Store) -> None:
    store.close()
    with sqlite3.connect(store.folder / "session.sqlite3") as db:
        db.execute("PRAGMA user_version = 999")
    db.close()
    before = {file: file.read_bytes() for file in store.folder.rglob("*") if file.is_file()}
    with pytest.raises(SessionError, match="newer.*Upgrade"):
        Store(store.folder)
    assert {file: file.read_bytes() for file in store.folder.rglob("*") if file.is_file()} == before


def test_a_folder_of_version_1_is_opened_with_all_that_it_has(tmp_path: Path) -> None:
    picture = tmp_path / "images" / "ab" / f"{'ab' * 32}.png"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"picture")
    key = picture.relative_to(tmp_path).as_posix()
    outcome = f'{{"status": "succeeded", "task_id": "t1", "image": {{"id": "1", "path": "{key}"}}, "sent_at": 2.0}}'
    request = '{"prompt": "a fox", "mode": "relax"}'
    old = ("g1", 1.5, "sandbox", "imagine", request, outcome, "succeeded", "t1", 2.0, 0.2, 0.3, "somebody", 3.0)
    with closing(sqlite3.connect(tmp_path / "session.sqlite3", isolation_level=None)) as db:
        db.executescript(VERSION_1)
        db.execute("INSERT INTO generations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", old)
        db.execute("INSERT INTO thumbnails VALUES (?, 0, ?)", (key, b"webp"))
    with closing(Store(tmp_path)) as store:
        made = Outcome(status=Status.SUCCEEDED, task_id="t1", image=Image(id="1", path=picture), sent_at=2.0)
        asked = ImagineRequest(prompt="a fox", mode="relax")
        assert store.rows() == [Row("g1", 1.5, "sandbox", asked, made, 0.2, 0.3, Marks())]
        assert (store.thumbnail(picture, 0), store.held()) == (b"webp", 0.3)
        store.mark("g1", lambda marks: marks.model_copy(update={"tags": ("fox",)}))
        store.add(row("g2"))
    with closing(Store(tmp_path)) as again:
        assert [(found.id, found.marks.tags) for found in again.rows()] == [("g1", ("fox",)), ("g2", ())]
    with closing(sqlite3.connect(tmp_path / "session.sqlite3")) as db:
        assert db.execute("SELECT * FROM generations WHERE id = 'g1'").fetchone()[:11] == old[:11]


def test_two_that_open_a_folder_of_version_1_at_once_both_can(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "session.sqlite3", isolation_level=None)) as db:
        db.executescript(VERSION_1)
    opened: list[Store] = []
    threads = [threading.Thread(target=lambda: opened.append(Store(tmp_path))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, store in enumerate(opened):
        store.add(row(f"g{number}"))
    assert [len(store.rows()) for store in opened] == [4] * 4
    for store in opened:
        store.close()


def test_marks_are_written_with_the_row_and_changed_as_they_are_written_now(store: Store) -> None:
    marks = Marks(ratings={0: 5, 3: 1}, favourites=(0, 2), tags=("狐", "for print"), note="\0 </script>", deleted_at=7.5)
    store.add(row()._replace(marks=marks))
    other = Store(store.folder)
    assert other.row("g1").marks == marks
    other.mark("g1", lambda old: old.model_copy(update={"note": "new"}))
    assert store.mark("g1", lambda old: old.model_copy(update={"tags": ()})) == marks.model_copy(
        update={"note": "new", "tags": ()}
    )
    other.close()


def test_marks_that_are_refused_leave_what_was_there(store: Store) -> None:
    store.add(row())
    with pytest.raises(ZeroDivisionError):
        store.mark("g1", lambda _: 1 / 0)
    assert store.row("g1").marks == Marks()
    store.add(row("g2"))


def test_a_damaged_folder_says_so(tmp_path: Path) -> None:
    (tmp_path / "session.sqlite3").write_bytes(b"not a database, and long enough to be read as a header" * 20)
    with pytest.raises(SessionError, match="damaged"):
        Store(tmp_path)


def test_a_closed_store_says_how_to_go_on(store: Store) -> None:
    store.close()
    with pytest.raises(SessionError, match="open it again"):
        store.add(row())


def test_two_stores_may_write_at_once(store: Store) -> None:
    """As two kernels on one folder do: no row is lost, and nobody is told that it is locked."""
    other = Store(store.folder)

    def write(into: Store, prefix: str) -> None:
        for number in range(40):
            into.add(row(f"{prefix}{number:02}"))

    threads = [threading.Thread(target=write, args=(into, name)) for into, name in ((store, "a"), (other, "b"), (other, "c"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.rows()) == 120
    other.close()


def test_a_write_that_breaks_leaves_nothing_behind(store: Store) -> None:
    store.add(row())
    with pytest.raises(SessionError):
        store.add(row())  # the same id
    store.add(row("g2"))
    assert [found.id for found in store.rows()] == ["g1", "g2"]

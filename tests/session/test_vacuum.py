"""What leaves the disk, and what stays."""

from __future__ import annotations

import os
import time
from base64 import b64encode
from collections.abc import Callable
from contextlib import closing
from io import BytesIO
from pathlib import Path

import PIL.Image
import pytest

import mj_widgets as mj
from mj_widgets.models import Clip, Outcome, Status
from mj_widgets.session.store import Row, Store
from tests.api.script import Answer, Script, told

OpenSession = Callable[..., mj.Session]
FOX = mj.ImagineRequest(prompt="a fox")


def picture(colour: str) -> bytes:
    buffer = BytesIO()
    PIL.Image.new("RGB", (8, 8), colour).save(buffer, "PNG")
    return buffer.getvalue()


def made(store: Store, id_: str, colour: str, *clips: bytes, request: mj.ImagineRequest = FOX, url: str = "") -> Path:
    """Keep a finished generation, and give the file of its picture."""
    path = store.keep_picture(picture(colour), "png")
    store.keep_thumbnail(path, 0, b"webp")
    image = mj.Image(id="149", url=url, path=path, width=8, height=8)
    kept = tuple(Clip(url=f"{url}.mp4", path=store.keep_picture(clip, "mp4")) for clip in clips)
    outcome = Outcome(status=Status.SUCCEEDED, task_id=id_, sent_at=1.0, image=image, clips=kept, actions=("upscale1",))
    store.add(Row(id_, 1.0, "sandbox", request, outcome, estimate=0.2, held=0.2))
    return path


@pytest.fixture
def store(tmp_path: Path):
    with closing(Store(tmp_path / "test")) as store:
        yield store


@pytest.fixture
def opened(open_session: OpenSession, store: Store) -> Callable[..., mj.Session]:
    """Open what was kept; nobody is asked for anything."""
    return lambda url="http://127.0.0.1:9": store.close() or open_session(base_url=url)


def test_what_only_deleted_ones_have_is_removed_and_the_bill_stays(store: Store, opened: Callable[..., mj.Session]) -> None:
    gone, kept = made(store, "gone", "red", b"clip"), made(store, "kept", "blue")
    session = opened()
    gen, bill, held = session["gone"], session.bill(), session.held
    clip = gen.clips[0].path
    gen.delete()
    freed = gone.stat().st_size + len(b"clip") + len(b"webp")
    assert session.vacuum() == freed
    assert [path.exists() for path in (gone, clip, kept)] == [False, False, True]
    assert (gen.image.path, gen.clips[0].path, gen.image.width) == (None, None, 8)
    assert session._store.thumbnail(gone, 0) is None
    assert session._store.thumbnail(kept, 0) == b"webp"
    assert session.bill().equals(bill)
    assert (session.held, session["gone"] is gen, session["kept"].image.path) == (held, True, kept)
    assert session.vacuum() == 0


def test_a_picture_that_another_one_has_as_well_stays(store: Store, opened: Callable[..., mj.Session]) -> None:
    shared = made(store, "first", "red", b"clip")
    made(store, "second", "red")
    session = opened()
    session["first"].delete()
    assert session.vacuum() == len(b"clip")
    assert shared.exists()
    assert session["first"].image.path == session["second"].image.path == shared
    session["second"].delete()
    assert session.vacuum() > 0
    assert not shared.exists()


def test_a_mask_stays_even_one_of_a_deleted_generation(store: Store, opened: Callable[..., mj.Session]) -> None:
    """It was painted by hand, and nobody can be asked for it again."""
    path = made(store, "masked", "white")
    made(store, "user", "blue", request=FOX.model_copy(update={"mask": b64encode(picture("white")).decode()}))
    session = opened()
    for gen in session.generations:
        gen.delete()
    session.vacuum()
    assert path.exists()


def test_nothing_is_removed_unasked(store: Store, opened: Callable[..., mj.Session], open_session: OpenSession) -> None:
    path = made(store, "g1", "red")
    session = opened()
    session["g1"].delete()
    session.close()
    session = open_session(base_url="http://127.0.0.1:9")
    assert (path.exists(), session["g1"].image.path) == (True, path)
    session["g1"].restore()
    assert session.vacuum() == 0
    assert session.generations[0].image.bytes() == picture("red")


def test_what_was_restored_in_another_process_stays(store: Store, opened: Callable[..., mj.Session]) -> None:
    path = made(store, "g1", "red")
    session = opened()
    session["g1"].delete()
    with closing(Store(session.path)) as other:
        other.mark("g1", lambda marks: marks.model_copy(update={"deleted_at": None}))
    assert (session.vacuum(), path.exists()) == (0, True)


@pytest.mark.parametrize("named", ["../thesis.png", "{root}/thesis.png", "images/../../thesis.png", "session.sqlite3"])
def test_a_folder_from_elsewhere_cannot_have_other_files_removed(
    store: Store, opened: Callable[..., mj.Session], named: str
) -> None:
    """Whatever is written in its rows."""
    path, victim = made(store, "g1", "red"), store.folder.parent / "thesis.png"
    victim.write_bytes(b"years of work")
    change = (path.relative_to(store.folder).as_posix(), named.format(root=victim.parent))
    with store._writing() as db:
        db.execute("UPDATE generations SET outcome = replace(outcome, ?, ?)", change)
    session = opened()
    assert session["g1"].image.path is not None  # it is what the row says
    session["g1"].delete()
    session.vacuum()
    assert victim.exists()
    assert (session.path / "session.sqlite3").exists()


def test_what_was_left_half_written_goes_once_it_is_old(store: Store, opened: Callable[..., mj.Session]) -> None:
    folder = made(store, "g1", "red").parent
    old, new, mine = folder / "tmpabcd1234", folder / "tmpefgh5678", folder / "tmp my notes"
    for file in (old, new, mine):
        file.write_bytes(b"half")
    for file in (old, mine):
        os.utime(file, (time.time() - 4000,) * 2)
    assert opened().vacuum() == 4
    assert [file.exists() for file in (old, new, mine)] == [False, True, True]


def test_the_database_gives_its_room_back(store: Store, opened: Callable[..., mj.Session]) -> None:
    path = made(store, "g1", "red")
    for tile in range(5):
        store.keep_thumbnail(path, tile, os.urandom(100_000))
    session = opened()
    session["g1"].delete()
    before = (session.path / "session.sqlite3").stat().st_size
    assert session.vacuum() > 500_000
    assert (session.path / "session.sqlite3").stat().st_size < before - 400_000


def test_watchers_see_that_the_picture_is_gone(store: Store, opened: Callable[..., mj.Session]) -> None:
    made(store, "g1", "red")
    session = opened()
    session["g1"].delete()
    seen: list[Path | None] = []
    session.watch(lambda gen: seen.append(gen.image.path))
    session.vacuum()
    assert seen == [None]


@pytest.mark.parametrize("after_a_restart", [False, True])
def test_what_was_vacuumed_is_fetched_again_when_it_is_restored(
    script: Script, store: Store, opened: Callable[..., mj.Session], open_session: OpenSession, after_a_restart: bool
) -> None:
    path = made(store, "g1", "red", b"clip", url=f"{script.url}/g1.png")
    session = opened(script.url)
    session["g1"].delete()
    session.vacuum()
    if after_a_restart:
        session.close()
        session = open_session(base_url=script.url)
    assert script.requests == []
    script.say(Answer([picture("red")]), Answer([b"\0\0\0\x18ftypmp42"], headers={"content-type": "video/mp4"}))
    gen = session["g1"]
    gen.restore()
    assert gen.result(10).image.path == path
    assert path.exists()
    assert gen.clips[0].path.exists()
    assert script.submits == 0


def test_clips_are_fetched_again_even_where_the_picture_is_there(
    script: Script, store: Store, opened: Callable[..., mj.Session]
) -> None:
    made(store, "film", "red", b"clip", url=f"{script.url}/g1.png")
    made(store, "still", "red")
    session = opened(script.url)
    film = session["film"]
    film.delete()
    session.vacuum()
    assert film.image.path is not None
    script.say(Answer([picture("red")]), Answer([b"\0\0\0\x18ftypmp42"], headers={"content-type": "video/mp4"}))
    film.restore()
    assert film.result(10).clips[0].path.exists()


def test_a_picture_that_the_service_has_no_more_says_so(
    script: Script, store: Store, opened: Callable[..., mj.Session]
) -> None:
    made(store, "g1", "red", url=f"{script.url}/g1.png")
    session = opened(script.url)
    gen = session["g1"]
    gen.delete()
    session.vacuum()
    script.say(told({}, 404), told({"items": []}))
    gen.restore()
    gen.result(10)
    assert session.generations == (gen,)
    assert "could not be fetched" in str(gen.error)

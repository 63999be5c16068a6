"""What a person thinks of a generation."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import mj_widgets as mj
from mj_widgets.errors import SessionError
from mj_widgets.models import Marks, Outcome, Status
from mj_widgets.session.store import Row, Store
from tests.api.script import PNG, Answer, Script, lines, told

OpenSession = Callable[..., mj.Session]
NOWHERE = "http://127.0.0.1:9"  # nobody listens there: what is said of a generation needs no network


def leave_behind(folder: Path, *ids: str, **changes: Any) -> None:
    """Write finished grids, as an earlier session would have."""
    with closing(Store(folder)) as store:
        image = mj.Image(id="149", path=store.keep_picture(PNG, "png"), width=8, height=8)
        outcome = Outcome(status=Status.SUCCEEDED, sent_at=1.0, image=image, actions=("upscale1",))
        for at, id_ in enumerate(ids):
            store.add(Row(id_, at, "sandbox", mj.ImagineRequest(prompt=f"a fox {id_}"), outcome.model_copy(update=changes)))


@pytest.fixture
def grids(open_session: OpenSession, tmp_path: Path) -> tuple[mj.Generation, ...]:
    """Three of an earlier session."""
    leave_behind(tmp_path / "test", "g1", "g2", "g3")
    return open_session(base_url=NOWHERE).generations


@pytest.fixture
def grid(grids: tuple[mj.Generation, ...]) -> mj.Generation:
    """One of them."""
    return grids[0]


def test_what_is_said_is_back_when_it_is_opened_again(grid: mj.Generation, open_session: OpenSession) -> None:
    assert (grid.marks, grid.rating, grid.tags, grid.is_favourite, grid.is_deleted) == (Marks(), None, (), False, False)
    grid.rate(3)
    grid.rate(5, tile=2)
    grid.favourite(tile=4)
    grid.favourite()
    grid.tag("for print", "Füchse 🦊")
    grid.note("</script>\nשלג")
    grid.session.close()
    back = open_session(base_url=NOWHERE)[grid.id]
    assert back.marks == grid.marks
    assert back.marks == Marks(ratings={0: 3, 2: 5}, favourites=(0, 4), tags=("for print", "Füchse 🦊"), note="</script>\nשלג")
    assert (back.rating, back.is_favourite, back.tags) == (5, True, ("for print", "Füchse 🦊"))


def test_stars_are_taken_away_with_none(grid: mj.Generation) -> None:
    grid.rate(5, tile=2)
    grid.rate(1)
    grid.rate(None, tile=2)
    assert (grid.rating, grid.marks.ratings) == (1, {0: 1})
    grid.rate(None, tile=2)
    grid.rate(None)
    assert grid.rating is None


def test_a_favourite_is_one_of_a_tile_or_of_the_whole(grid: mj.Generation) -> None:
    grid.favourite(tile=3)
    grid.favourite(tile=3)
    grid.favourite(False)  # the whole is none
    assert grid.is_favourite
    grid.favourite(False, tile=3)
    assert grid.marks == Marks()


def test_a_tag_is_trimmed_and_there_once_whatever_its_capitals(grid: mj.Generation) -> None:
    grid.tag(" Straße ", "fox")
    grid.tag("STRASSE", "Fox", "snow")
    assert grid.tags == ("Straße", "fox", "snow")
    grid.untag("strasse", " FOX ", "never was there")
    assert grid.tags == ("snow",)


@pytest.mark.parametrize(
    ("say", "words"),
    [
        (lambda gen: gen.rate(0), "1 to 5 stars.*not 0"),
        (lambda gen: gen.rate(6), "1 to 5"),
        (lambda gen: gen.rate(4.5), "1 to 5"),
        (lambda gen: gen.rate(True), "1 to 5"),
        (lambda gen: gen.rate("5"), "1 to 5"),
        (lambda gen: gen.rate(5, tile=5), "tiles 1 to 4"),
        (lambda gen: gen.rate(5, tile=None), "tiles 1 to 4"),
        (lambda gen: gen.favourite(tile=-1), "tiles 1 to 4"),
        (lambda gen: gen.tag("good", ""), "empty"),
        (lambda gen: gen.tag(" \t"), "empty"),
        (lambda gen: gen.tag("one\ntwo"), "one line"),
        (lambda gen: gen.tag("one\u2028two"), "one line"),
        (lambda gen: gen.tag("x" * 10_240), r"at most 64 characters.* 10,240.*gen\.note"),
        (lambda gen: gen.tag(*map(str, range(51))), r"at most 50 tags, and with these 51.*gen\.untag"),
        (lambda gen: gen.tag("half a fox \ud83e"), "half a character"),
        (lambda gen: gen.note("x" * 10_001), "at most 10,000 characters, and this one 10,001"),
        (lambda gen: gen.note("\udc00"), "half a character"),
    ],
)
def test_what_cannot_be_said_is_refused_and_nothing_is_kept(
    grid: mj.Generation, say: Callable[[mj.Generation], None], words: str
) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        say(grid)
    assert len(str(caught.value)) < 200
    assert grid.marks == Marks()


@pytest.mark.parametrize("tag", [["fox", "snow"], None, 7, b"fox"])
def test_a_tag_is_text(grid: mj.Generation, tag: Any) -> None:
    with pytest.raises(TypeError, match="A tag is text"):
        grid.tag(tag)
    with pytest.raises(TypeError, match="A tag is text"):
        grid.untag(tag)


def test_the_longest_of_everything_fits(grid: mj.Generation, open_session: OpenSession) -> None:
    tags = tuple(f"{number:02}".ljust(64, "狐") for number in range(50))
    grid.tag(*tags)
    grid.tag(tags[7].upper())  # it is there: no more than before
    grid.note("\0" * 10_000)
    grid.session.close()
    back = open_session(base_url=NOWHERE)[grid.id]
    assert (back.tags, back.marks.note) == (tags, "\0" * 10_000)


def test_a_single_has_no_other_tile_and_what_has_no_picture_none(script: Script, open_session: OpenSession) -> None:
    session = open_session(base_url=script.url)
    script.say(lines(*[b"\n"] * 50, pause=0.05))
    gen = session.imagine("a fox")
    gen.favourite()
    with pytest.raises(ValueError, match=r"no tiles \(yet\)"):
        gen.rate(5, tile=1)


def test_it_is_stored_before_it_is_shown(grid: mj.Generation, tmp_path: Path) -> None:
    """Each watcher looks into the folder when it is told."""
    heard: list[tuple[str, Marks, Marks]] = []

    def look(gen: mj.Generation) -> None:
        with closing(Store(tmp_path / "test")) as store:
            heard.append((threading.current_thread().name, gen.marks, store.row(gen.id).marks))

    grid.watch(look)
    unwatch = grid.session.watch(look)
    grid.rate(4)
    unwatch()
    assert heard == [("mj_widgets", Marks(ratings={0: 4}), Marks(ratings={0: 4}))] * 2


def test_saying_the_same_again_tells_nobody(grid: mj.Generation) -> None:
    grid.tag("fox")
    heard: list[mj.Generation] = []
    grid.watch(heard.append)
    grid.tag("FOX")
    grid.rate(None)
    grid.restore()
    assert heard == []


def test_nothing_is_lost_when_threads_speak_at_once(grid: mj.Generation, tmp_path: Path) -> None:
    """Nor when another process does: here, a store of its own."""
    seen: list[bool] = []

    def speak(name: str) -> None:
        for number in range(8):
            grid.tag(f"{name}{number}")
            seen.append(f"{name}{number}" in grid.tags)

    def elsewhere() -> None:
        with closing(Store(tmp_path / "test")) as store:
            for number in range(8):
                store.mark(grid.id, lambda marks, number=number: marks.model_copy(update={"note": f"{marks.note}{number}"}))

    threads = [threading.Thread(target=speak, args=(name,)) for name in "abc"] + [threading.Thread(target=elsewhere)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    grid.tag("last")
    assert {*grid.tags} == {f"{name}{number}" for name in "abc" for number in range(8)} | {"last"}
    assert grid.marks.note == "01234567"
    assert all(seen)


def test_the_most_used_tags_come_first_as_they_were_first_typed(grids: tuple[mj.Generation, ...]) -> None:
    first, second, third = grids
    first.tag("snow", "Fox")
    second.tag("fox", "boat")
    third.tag("only here")
    third.delete()
    assert first.session.tags == ("Fox", "boat", "snow")


def test_what_is_deleted_is_out_of_sight_and_still_known(grids: tuple[mj.Generation, ...], tmp_path: Path) -> None:
    session, (first, second, third) = grids[0].session, grids
    assert second.delete() is None
    assert (session.generations, session.deleted, second.is_deleted) == ((first, third), (second,), True)
    assert session.find(text="fox") == session.lineage.roots == (first, third)
    assert list(session.to_dataframe()["id"]) == ["g1", "g3"]
    assert "g2" not in (session.export(tmp_path / "out") / "metadata.jsonl").read_text()
    assert session["g2"] is second
    assert session.bill()["number"].sum() == 3
    assert second.image.path.exists()
    second.restore()
    assert (session.generations, session.deleted) == (grids, ())


def test_parent_and_children_know_what_is_deleted(session: mj.Session) -> None:
    grid = session.imagine("a fox").result(30)
    single = grid.upscale(1).result(30)
    grid.delete()
    assert (single.parent, single.prompt) == (grid, "a fox")
    grid.restore()
    single.delete()
    assert grid.children == (single,)


def test_it_stays_deleted_and_says_when(grid: mj.Generation, open_session: OpenSession) -> None:
    grid.delete()
    at = grid.marks.deleted_at
    grid.delete()
    grid.session.close()
    session = open_session(base_url=NOWHERE)
    assert session.deleted == (session["g1"],)
    assert session["g1"].marks.deleted_at == at is not None


def test_what_runs_is_paid_for_and_not_deleted(script: Script, open_session: OpenSession) -> None:
    session = open_session(base_url=script.url)
    script.say(lines(*[b"\n"] * 200, pause=0.05))
    gen = session.imagine("a fox")
    with pytest.raises(ValueError, match=r"paid for.*stop it first: gen\.stop\(\)"):
        gen.delete()
    gen.stop()
    gen.delete()
    assert session.generations == ()


def test_what_is_deleted_is_not_taken_up_again_unseen(script: Script, open_session: OpenSession, tmp_path: Path) -> None:
    """Neither when it is opened, nor by resume(), which might pay for it."""
    leave_behind(tmp_path / "test", "made", task_id="t1", image=mj.Image(id="149", url=f"{script.url}/t1.png"))
    leave_behind(tmp_path / "test", "never_sent", status=Status.STOPPED, sent_at=None, image=None)
    with closing(Store(tmp_path / "test")) as store:
        for id_ in ("made", "never_sent"):
            store.mark(id_, lambda marks: marks.model_copy(update={"deleted_at": 5.0}))
    session = open_session(base_url=script.url)
    for gen in session.deleted:
        with pytest.raises(ValueError, match=r"deleted: gen\.restore\(\)"):
            gen.resume()
    assert len(session.deleted) == 2
    assert script.requests == []


def test_an_answer_may_be_deleted_too(script: Script, open_session: OpenSession) -> None:
    session = open_session(base_url=script.url)
    script.say(told({"prompts": ["a red fox"]}))
    answer = session.shorten("a very red fox")
    assert answer.result(10) == ("a red fox",)
    answer.delete()
    assert (session.answers, session.deleted) == ((), ())
    session[answer.id].restore()
    assert session.answers == (answer,)


def test_a_closed_session_keeps_what_was_said_and_takes_no_more(grid: mj.Generation) -> None:
    grid.tag("fox")
    grid.session.close()
    assert grid.tags == ("fox",)
    for say in (lambda: grid.tag("cat"), lambda: grid.rate(5), grid.delete, grid.restore, grid.session.vacuum):
        with pytest.raises(SessionError, match="open it again"):
            say()


def test_a_frame_and_a_folder_tell_what_was_said(grid: mj.Generation, tmp_path: Path) -> None:
    grid.rate(4)
    grid.favourite()
    grid.tag("fox")
    grid.note("so so")
    row = grid.session.to_dataframe().iloc[0]
    assert (row["rating"], row["favourite"], row["tags"], row["note"]) == (4, True, ["fox"], "so so")
    told = (grid.session.export(tmp_path / "out") / "metadata.jsonl").read_text()
    assert '"rating": 4, "favourite": true, "tags": ["fox"], "note": "so so"' in told


def test_what_is_said_while_it_is_made_is_there_when_it_is_done(script: Script, open_session: OpenSession) -> None:
    session = open_session(base_url=script.url)
    url = f"{script.url}/t1.png"
    done = {"success": True, "task_id": "t1", "progress": 100, "image_id": "149", "image_url": url, "actions": ["upscale1"]}
    script.say(lines(b"\n", done, pause=0.1), Answer([PNG]))
    gen = session.imagine("a fox")
    gen.tag("fox")
    assert gen.result(10).tags == ("fox",)
    session.close()
    assert open_session(base_url=script.url)[gen.id].tags == ("fox",)

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import PIL.Image
import pytest

import mj_widgets as mj
from mj_widgets.widgets.grid import Grid, state_of
from tests.api.script import Script, lines, told
from tests.widgets.conftest import HOSTILE, says, until


def line(progress: int, **more: object) -> dict[str, object]:
    return {"success": True, "task_id": "t1", "image_id": str(10**18 + progress), "progress": progress, "actions": [], **more}


def test_a_finished_grid_has_four_pictures_and_a_single_one(fox: mj.Generation, single: mj.Generation) -> None:
    assert state_of(fox)["tiles"] == [1, 2, 3, 4]
    assert state_of(single)["tiles"] == [0]


def test_a_follow_up_names_its_step_and_inherits_the_prompt(single: mj.Generation) -> None:
    assert state_of(single)["facts"] == ["U2", "fast", "sandbox"]
    assert state_of(single)["prompt"] == "a fox in snow --ar 3:2"


def test_progress_is_told_while_it_runs(scripted: mj.Session, script: Script) -> None:
    script.say(lines(line(0), line(31), line(64), {**line(70), "success": False, "error": {"message": "no"}}, pause=0.05))
    gen = scripted.imagine("a fox")
    grid = Grid(gen)
    seen: list[tuple[int | None, str]] = []
    gen.watch(lambda _: (grid.refresh(), seen.append((grid.state["progress"], grid.state["line"]))))
    until(lambda: gen.status.ended)
    until(lambda: seen and seen[-1][1] == "Failed")
    assert (31, "Drawing · 31 %") in seen
    assert (64, "Drawing · 64 %") in seen
    assert seen[-1][0] is None


def test_unknown_progress_is_none_and_not_nought(scripted: mj.Session, script: Script) -> None:
    script.say(lines({"success": True, "task_id": "t1", "actions": []}, line(9), pause=0.4))
    gen = scripted.imagine("a fox")
    until(lambda: gen.task_id)
    state = state_of(gen)
    gen.stop()
    assert (state["busy"], state["progress"], state["line"]) == (True, None, "Drawing")


def test_a_failure_is_told_with_the_hint(scripted: mj.Session, script: Script) -> None:
    script.say(told({"error": {"code": "forbidden", "message": "prompt refused by moderation"}, "trace_id": "x"}, 403))
    gen = scripted.imagine("a fox")
    until(lambda: gen.status.ended)
    state = state_of(gen)
    assert state["alarm"]
    assert "prompt refused by moderation" in state["note"]
    assert "change the words" in state["note"]


def test_unconfirmed_says_that_it_may_have_been_charged(scripted: mj.Session, script: Script) -> None:
    script.say(told({"error": {"code": "timeout", "message": "generation timed out"}}, 504), *[told({"items": []})] * 9)
    gen = scripted.imagine("a fox")
    until(lambda: gen.status.ended)
    state = state_of(gen)
    assert state["line"] == "Not confirmed"
    assert "may have been charged" in state["note"]
    assert state["alarm"]


def test_stopped_says_that_there_is_no_cancel(scripted: mj.Session, script: Script) -> None:
    script.say(lines(line(5), line(6), pause=0.5))
    gen = scripted.imagine("a fox")
    until(lambda: gen.task_id)
    gen.stop()
    until(lambda: gen.status.ended)
    assert "no cancel" in state_of(gen)["note"]
    assert "charged" in state_of(gen)["note"]


def test_a_picture_that_was_not_fetched_gives_its_address_and_the_reason(scripted: mj.Session, script: Script) -> None:
    url = f"{script.url}/picture.png"
    script.say(lines(line(100, image_url=url, raw_image_url=url, actions=["upscale1"])), told("no picture", 200))
    gen = scripted.imagine("a fox")
    until(lambda: gen.status.ended)
    state = state_of(gen)
    assert state["tiles"] == []
    assert state["url"] == url
    assert "could not be fetched" in state["note"]


def test_the_place_is_kept_from_the_start_and_does_not_move(session: mj.Session) -> None:
    gen = session.imagine("a fox in snow --ar 16:9")
    first = state_of(gen)["ratio"]
    last = state_of(gen.result(10), before={"ratio": first})["ratio"]
    assert first == last == pytest.approx(16 / 9, rel=0.01)


@pytest.mark.parametrize("aspect", ["0:0", "1:0", "nonsense", "9999:1"])
def test_a_strange_aspect_keeps_a_place_that_can_be_seen(scripted: mj.Session, script: Script, aspect: str) -> None:
    script.say(told({"error": "no"}, 400))
    assert 0.2 <= state_of(scripted.imagine(f"a fox --ar {aspect}"))["ratio"] <= 5


@pytest.mark.parametrize("prompt", HOSTILE)
def test_a_hostile_prompt_stays_the_text_that_it_is(scripted: mj.Session, script: Script, prompt: str) -> None:
    """The view sets it with textContent; escaping it here would show the escapes."""
    script.say(told({"error": "no"}, 400))
    assert state_of(scripted.imagine(prompt))["prompt"] == prompt


def test_a_prompt_of_100_kb_is_cut(scripted: mj.Session, script: Script) -> None:
    script.say(told({"error": "no"}, 400))
    assert len(state_of(scripted.imagine("fox " * 25_000))["prompt"]) < 2100


def test_a_view_that_asks_gets_its_picture_with_its_key(fox: mj.Generation) -> None:
    grid = Grid(fox)
    says(grid, kind="want", key="k-1", id=fox.id, tile=2, side=256)
    message, buffers = grid.comm.messages[-1]
    assert message == {"kind": "picture", "key": "k-1"}
    assert buffers == [fox.thumbnail(2)]


def test_a_view_that_asks_before_there_is_something_to_see_is_answered_when_there_is(session: mj.Session) -> None:
    """So that the pictures need not be asked for in the moment that they are there; two views share the answer."""
    gen = session.imagine("a fox")
    grid = Grid(gen)
    for _ in ("a view", "another"):
        says(grid, kind="want", key="all", id=gen.id, sides=[512, 256])
    assert not grid.comm.messages
    gen.result(10)
    grid.refresh()
    until(lambda: grid.comm.messages)
    assert grid.comm.messages == [
        ({"kind": "picture", "key": "all", "tiles": [1, 2, 3, 4]}, [gen.thumbnail(tile, 256) for tile in (1, 2, 3, 4)])
    ]
    says(grid, kind="want", key="again", id=gen.id, sides=[512, 256])
    assert grid.comm.messages[-1][0]["key"] == "again"


def test_a_view_that_waits_is_told_when_there_is_nothing_to_see(scripted: mj.Session, script: Script) -> None:
    script.say(told({"error": "no"}, 400))
    gen = scripted.imagine("a fox")
    grid = Grid(gen)
    says(grid, kind="want", key="all", id=gen.id, sides=[512, 256])
    until(lambda: gen.status.ended)
    grid.refresh()
    until(lambda: grid.comm.messages)
    assert grid.comm.messages == [({"kind": "picture", "key": "all", "tiles": []}, [])]


def test_one_picture_comes_in_the_size_for_one(single: mj.Generation) -> None:
    grid = Grid(single)
    says(grid, kind="want", key="all", id=single.id, sides=[512, 256])
    assert grid.comm.messages[-1] == ({"kind": "picture", "key": "all", "tiles": [0]}, [single.thumbnail(0, 512)])


@pytest.mark.parametrize(("tile", "side"), [(7, 256), (0, 10**6), ("x", 256), (5, "full"), (-1, "full"), (0, "all")])
def test_a_view_that_asks_for_nonsense_gets_the_reason(fox: mj.Generation, tile: object, side: object) -> None:
    grid = Grid(fox)
    says(grid, kind="want", key="k", id=fox.id, tile=tile, side=side)
    message, buffers = grid.comm.messages[-1]
    assert message["key"] == "k"
    assert message["error"]
    assert buffers == []


def test_the_preview_is_shown_while_it_runs_and_not_kept(tmp_path: Path) -> None:
    """A saved notebook must not carry it."""
    with (
        mj.sandbox.serve(speed=12) as quick,
        mj.Session("p", root=tmp_path, client=mj.Client("", base_url=quick)) as session,
    ):
        gen = session.imagine("a fox")
        grid = Grid(gen)
        previews: list[bytes] = []
        gen.watch(lambda _: (grid.refresh(), previews.append(grid.preview)))
        gen.result(20)
        until(lambda: grid.state["tiles"])
    seen = {preview for preview in previews if preview}
    assert seen
    assert max(map(len, seen)) <= 100 * 1024
    assert grid.preview == b""


def test_a_look_is_over_once_a_view_has_looked(fox: mj.Generation) -> None:
    grid = Grid(fox)
    grid.look()
    grid.refresh()
    assert grid.state["look"]
    says(grid, kind="looked")
    assert not grid.state["look"]


def test_what_a_person_thinks_of_it_is_told_with_text_for_keys(session: mj.Session) -> None:
    gen = session.imagine("a fox").result(10)
    gen.rate(4, tile=2)
    gen.favourite(tile=3)
    gen.tag("best")
    assert state_of(gen)["marks"] == {"stars": {"2": 4}, "hearts": [3], "tags": ["best"]}


def test_other_words_are_told_as_a_change_and_inherited_ones_are_not(session: mj.Session) -> None:
    gen = session.imagine("a red fox").result(10)
    assert state_of(gen)["diff"] == ()
    assert state_of(gen.vary(1))["diff"] == ()
    assert state_of(gen.vary(1, prompt="a red fox"))["diff"] == ()
    assert state_of(gen.vary(1, prompt="a red wolf"))["diff"] == (("same", "a red"), ("gone", "fox"), ("new", "wolf"))


def test_what_an_edit_or_a_film_is_told_is_no_change_of_the_words_for_a_picture(session: mj.Session) -> None:
    gen = session.imagine("a red fox").result(10)
    assert state_of(session.edit(gen, "a red hat"))["diff"] == ()
    assert state_of(session.animate(gen, "it runs"))["diff"] == ()


def test_a_clock_is_told_when_it_began_and_how_long_such_took(session: mj.Session) -> None:
    session.imagine("a fox", mode="fast").result(10)
    gen = session.imagine("a fox sandbox:stuck", mode="fast")
    state = state_of(gen)
    assert 0 <= state["now"] - state["started"] < 60
    assert state["expected"] == gen.expected is not None
    gen.stop()
    ended = state_of(gen, before=state)
    assert (ended["started"], ended["now"], ended["expected"]) == (0, 0, None)


def test_the_time_alone_is_not_sent(session: mj.Session) -> None:
    gen = session.imagine("a fox sandbox:stuck")
    until(lambda: gen.task_id)
    grid = Grid(gen)
    grid.refresh()
    before = len(grid.comm.sent)
    grid.refresh()
    assert len(grid.comm.sent) == before
    gen.stop()


def test_a_film_is_its_first_frame_and_four_clips_that_play_when_asked(session: mj.Session) -> None:
    film = session.animate("https://a.example/1.png", "it runs").result(10)
    grid = Grid(film)
    assert (grid.state["tiles"], grid.state["clips"]) == ([0], [1, 2, 3, 4])
    says(grid, kind="want", key="k", id=film.id, clip=3)
    assert grid.comm.messages[-1] == ({"kind": "picture", "key": "k"}, [film.clips[2].path.read_bytes()])


def test_all_of_a_picture_comes_when_a_view_asks_for_it(fox: mj.Generation, single: mj.Generation) -> None:
    """A single one as it was fetched, a tile cut out of its grid."""
    for gen, tile in ((single, 0), (fox, 3)):
        grid = Grid(gen)
        says(grid, kind="want", key="k", id=gen.id, tile=tile, side="full")
        _, (content,) = grid.comm.messages[-1]
        with PIL.Image.open(BytesIO(content)) as picture:
            assert picture.size == gen.tiles[max(tile, 1) - 1].pil().size
        if not tile:
            assert content == gen.image.path.read_bytes()
        else:
            assert len(content) < len(gen.tiles[tile - 1].bytes()) / 2

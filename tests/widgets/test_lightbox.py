from __future__ import annotations

from typing import Any

import pytest

import mj_widgets as mj
from mj_widgets.widgets.calls import Calls
from mj_widgets.widgets.lightbox import Lightbox, entry_of, parameters
from tests.widgets.conftest import says


class Open:
    """A lightbox on a session's pictures, and what its wishes came to."""

    def __init__(self, session: mj.Session) -> None:
        self.errors: list[Exception] = []
        self.lines: list[str] = []
        self.made: list[mj.Generation] = []
        calls = Calls(self.report, self.lines.append, add=self.made.append, show=lambda _: None)
        self.box = Lightbox(".x", session.__getitem__, calls, order=lambda: session.generations)

    def report(self, error: Exception | None) -> None:
        if error:
            self.errors.append(error)

    def entry(self, generation: mj.Generation) -> dict[str, Any]:
        says(self.box, kind="want", key="k", what="entry", id=generation.id)
        message, buffers = self.box.comm.messages[-1]
        assert (message["key"], buffers) == ("k", [])
        return message


def test_the_order_is_of_those_that_have_pictures(session: mj.Session) -> None:
    grid = session.imagine("a fox").result(10)
    single = grid.upscale(1).result(10)
    stuck = session.imagine("a fox sandbox:stuck")
    box = Open(session).box
    assert box.order == [[grid.id, 4], [single.id, 1]]
    stuck.stop()
    grid.delete()
    box.refresh(grid)
    assert box.order == [[single.id, 1]]


def test_what_stands_beside_a_picture_comes_when_a_view_asks(fox: mj.Generation) -> None:
    entry = Open(fox.session).entry(fox)["entry"]
    assert entry["prompt"] == "a fox in snow --ar 3:2"
    assert entry["parameters"] == [("aspect", "3:2")]
    assert [heading for heading, _ in entry["groups"]] == ["Upscale", "Vary", ""]
    assert all("credits" in tip for _, offers in entry["groups"] for _, _, tip in offers)
    assert entry["size"] == [fox.image.width, fox.image.height]
    assert entry["code"] == fox.code
    assert dict(entry["facts"])["Id"] == fox.id


def test_a_view_learns_of_a_change_of_what_it_has_asked_for(session: mj.Session) -> None:
    gen, other = session.imagine("a fox").result(10), session.imagine("a cat").result(10)
    opened = Open(session)
    opened.box.refresh(gen)
    assert opened.box.versions == {}
    version = opened.entry(gen)["version"]
    gen.note("well")
    opened.box.refresh(gen)
    opened.box.refresh(other)
    assert opened.box.versions == {gen.id: version + 1}
    assert opened.entry(gen)["entry"]["marks"]["note"] == "well"
    assert opened.entry(gen)["version"] == version + 1


def test_a_wish_is_heard_first_and_done_once(session: mj.Session) -> None:
    """The view says that the kernel is busy until it is heard."""
    gen = session.imagine("a fox").result(10)
    opened = Open(session)
    says(opened.box, kind="wish", verb="act", id=gen.id, action="upscale2", key="w-1")
    assert opened.box.comm.messages[0] == ({"kind": "heard", "key": "w-1"}, [])
    assert [child.request.action for child in opened.made] == ["upscale2"]
    assert opened.lines[-1] == opened.made[0].code


def test_a_wish_that_fails_and_an_unknown_id_are_told(session: mj.Session) -> None:
    gen = session.imagine("a fox").result(10)
    opened = Open(session)
    says(opened.box, kind="wish", verb="tag", id=gen.id, tags=["x" * 10_000], key="w")
    assert "at most 64 characters" in str(opened.errors[0])
    says(opened.box, kind="want", key="k", what="entry", id="nobody")
    assert "nobody" in opened.box.comm.messages[-1][0]["error"]


def test_it_says_what_the_control_says_because_it_covers_it(fox: mj.Generation) -> None:
    box = Open(fox.session).box
    box.say("no credits", alarm=True)
    box.show_code("session['1'].delete()", undo="1")
    assert {key: box.state[key] for key in ("text", "alarm", "code", "undo")} == {
        "text": "no credits",
        "alarm": True,
        "code": "session['1'].delete()",
        "undo": "1",
    }


def test_settings_of_the_request_are_parameters_too(session: mj.Session) -> None:
    gen = session.imagine("https://a.example/1.png a fox --raw --s 50", version="8.2", hd=True)
    assert parameters(gen) == {
        "raw": "on",
        "stylize": "50",
        "images": "https://a.example/1.png",
        "version": "8.2",
        "hd": "on",
    }


def test_a_prompt_of_100_kb_is_there_to_the_last_word(session: mj.Session) -> None:
    gen = session.imagine("fox " * 25_000)
    assert entry_of(gen)["prompt"] == gen.prompt


def test_a_hostile_prompt_stays_the_text_that_it_is(hostile: mj.Generation) -> None:
    assert entry_of(hostile)["prompt"] == hostile.prompt


@pytest.mark.parametrize("tile", [0, 3])
def test_a_picture_comes_whole(fox: mj.Generation, tile: int) -> None:
    box = Open(fox.session).box
    says(box, kind="want", key="k", id=fox.id, tile=tile, side="full")
    _, (content,) = box.comm.messages[-1]
    assert (content == fox.image.path.read_bytes()) is (tile == 0)

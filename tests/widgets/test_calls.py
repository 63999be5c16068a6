from __future__ import annotations

import logging
from typing import Any

import pytest

import mj_widgets as mj
from mj_widgets.widgets.calls import Calls


class Desk:
    """Calls, and what they told."""

    def __init__(self) -> None:
        self.errors: list[Exception] = []
        self.lines: list[str] = []
        self.added: list[mj.Generation] = []
        self.shown: list[mj.Generation] = []
        self.calls = Calls(self.report, self.lines.append, add=self.added.append, show=self.shown.append)

    def report(self, error: Exception | None) -> None:
        if error:
            self.errors.append(error)

    def wish(self, generation: mj.Generation, verb: str, **more: Any) -> None:
        self.calls.hear({"kind": "wish", "verb": verb, "id": generation.id, **more}, generation.session.__getitem__)


def test_a_wish_is_done_and_its_line_does_the_same(session: mj.Session) -> None:
    desk, gen = Desk(), session.imagine("a fox").result(10)
    desk.wish(gen, "rate", tile=2, stars=4)
    assert gen.marks.ratings == {2: 4}
    gen.rate(None, tile=2)
    eval(desk.lines[-1], {"session": session})  # noqa: S307 - that it runs is what is shown
    assert gen.marks.ratings == {2: 4}


@pytest.mark.parametrize(
    ("verb", "more", "line"),
    [
        ("favourite", {"tile": 0, "on": True}, "favourite(True)"),
        ("favourite", {"tile": 3, "on": False}, "favourite(False, tile=3)"),
        ("tag", {"tags": ["best", "it's"]}, """tag('best', "it's")"""),
        ("note", {"text": "two\nlines"}, "note('two\\nlines')"),
        ("delete", {}, "delete()"),
    ],
)
def test_each_wish_has_its_line(session: mj.Session, verb: str, more: dict[str, Any], line: str) -> None:
    desk, gen = Desk(), session.imagine("a fox").result(10)
    desk.wish(gen, verb, **more)
    assert desk.lines == [f"session[{gen.id!r}].{line}"]
    assert desk.errors == []


def test_an_action_makes_a_child_and_shows_how_people_write_it(session: mj.Session) -> None:
    desk, gen = Desk(), session.imagine("a fox").result(10)
    desk.wish(gen, "act", action="upscale2")
    assert [child.request.action for child in desk.added] == ["upscale2"]
    assert desk.lines[-1] == desk.added[0].code


def test_a_wish_that_fails_is_told_and_logged_and_shows_no_line(session: mj.Session, caplog: pytest.LogCaptureFixture) -> None:
    desk, gen = Desk(), session.imagine("a fox").result(10)
    with caplog.at_level(logging.ERROR):
        desk.wish(gen, "act", action="upscale7")
        desk.wish(gen, "fly")
        desk.calls.hear({"kind": "wish", "verb": "rate", "id": "nobody"}, session.__getitem__)
    assert ["upscale7" in str(desk.errors[0]), "fly" in str(desk.errors[1]), "nobody" in str(desk.errors[2])] == [True] * 3
    assert desk.lines == desk.added == []
    assert "Traceback" in caplog.text


def test_a_control_may_know_more_verbs(session: mj.Session) -> None:
    desk, gen = Desk(), session.imagine("a fox").result(10)
    painted: list[mj.Generation] = []
    desk.calls.on("paint", lambda gen, _wish: painted.append(gen))
    desk.wish(gen, "paint")
    desk.wish(gen, "show")
    assert (painted, desk.shown) == ([gen], [gen])

# ruff: noqa: RUF001 - a multiplication sign is meant, not the letter

from __future__ import annotations

import mj_widgets as mj
from mj_widgets.widgets.strip import Strip
from tests.widgets.conftest import says


def test_the_strip_goes_from_the_prompt_to_here(session: mj.Session) -> None:
    root = session.imagine("a fox").result(10)
    single = root.upscale(2).result(10)
    wider = single.zoom_out(2)
    steps = Strip(wider, lambda _: None).state["steps"]
    assert [step["id"] for step in steps] == [root.id, single.id, wider.id]
    assert [step["label"] for step in steps] == ["prompt", "U2", "zoom out 2×"]
    assert [step["here"] for step in steps] == [False, False, True]
    assert [step["ready"] for step in steps] == [True, True, False]


def test_a_click_shows_that_ancestor(fox: mj.Generation, single: mj.Generation) -> None:
    shown: list[mj.Generation] = []
    strip = Strip(single, shown.append)
    says(strip, kind="show", id=fox.id)
    assert shown == [fox]


def test_thumbnails_come_for_those_on_the_strip_only(gallery: mj.Session, fox: mj.Generation, single: mj.Generation) -> None:
    strip = Strip(single, lambda _: None)
    says(strip, kind="want", key="a", id=fox.id, tile=0, side=256)
    says(strip, kind="want", key="b", id=gallery.generations[1].id, tile=0, side=256)
    (first, buffers), (second, none) = strip.comm.messages
    assert (first["key"], buffers) == ("a", [fox.thumbnail()])
    assert second["error"]
    assert none == []

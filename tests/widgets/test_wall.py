"""What a wall does with what its pictures' keys and its lightbox wish for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ipywidgets
import pytest

import mj_widgets as mj
from mj_widgets.widgets.wall import Wall
from tests.widgets.conftest import says, until


@pytest.fixture
def wall(session: mj.Session) -> Iterator[Wall]:
    """With a grid."""
    session.imagine("a fox").result(10)
    wall = Wall(session)
    yield wall
    wall.close()


def wish(wall: Wall, verb: str, generation: mj.Generation, **more: Any) -> None:
    says(wall.lightbox, kind="wish", verb=verb, id=generation.id, key="k", **more)


def prompts(wall: Wall) -> list[str]:
    return [card.generation.prompt for card in wall.cards]


def test_the_lightbox_walks_as_the_cards_stand(wall: Wall, session: mj.Session) -> None:
    fox = session.generations[0]
    single = fox.upscale(1).result(10)
    until(lambda: wall.lightbox.order == [[single.id, 1], [fox.id, 4]])
    wall.show(fox)
    assert wall.lightbox.order == [[fox.id, 4], [single.id, 1]]


def test_what_a_key_paid_for_gets_its_card_and_is_told_in_both_places(wall: Wall, session: mj.Session) -> None:
    fox = session.generations[0]
    wish(wall, "act", fox, action="upscale2")
    assert wall.cards[0].generation.parent is fox
    assert wall.notice.code == wall.lightbox.state["code"] == f"session[{fox.id!r}].upscale(2)"
    wish(wall, "act", fox, action="upscale9")
    assert "upscale9" in wall.notice.text
    assert "upscale9" in wall.lightbox.state["text"]


def test_words_of_an_open_remix_go_with_a_key_as_they_stand_in_the_browser(wall: Wall, session: mj.Session) -> None:
    fox = session.generations[0]
    wish(wall, "act", fox, action="variation1", words="a wolf")  # its box is closed by now
    card = next(card for card in wall.cards if card.generation is fox)
    card.buttons["remix"].click()
    says(wall.notice, kind="click", key="k", remix={fox.id: "a bear", "nobody": "x"})
    card.buttons["reroll"].click()
    wish(wall, "act", fox, action="variation1", words="a wolf")
    wish(wall, "act", fox, action="upscale1", words="a wolf")
    assert [child.request.prompt for child in fox.children] == ["", "a bear", "a wolf", ""]


def test_two_pictures_are_compared_on_top_until_it_is_closed(wall: Wall, session: mj.Session) -> None:
    fox = session.generations[0]
    wish(wall, "compare", fox, tile=2, other={"id": fox.id, "tile": 1})
    first = wall.comparison.shown
    assert first is not None
    assert first.state["look"]
    assert wall.notice.code == f"mj.compare(session[{fox.id!r}].tiles[1], session[{fox.id!r}].tiles[0])"
    wish(wall, "compare", fox, tile=0, other={"id": fox.id, "tile": 1})
    assert wall.comparison.shown is not first
    wall.comparison.clear()
    assert wall.comparison.children == ()
    for widget in [*ipywidgets.widgets.widget._instances.values()]:
        widget.get_state()


def test_what_is_deleted_goes_and_undone_it_is_back_where_it_was(wall: Wall, session: mj.Session) -> None:
    fox = session.generations[0]
    refused = session.imagine("a boat --nosuchflag")
    until(lambda: refused.status.ended)
    wish(wall, "delete", fox)
    until(lambda: prompts(wall) == [refused.prompt])
    assert wall.lightbox.order == []
    assert wall.notice.state["undo"] == wall.lightbox.state["undo"] == fox.id
    says(wall.notice, kind="wish", verb="restore", id=fox.id)
    until(lambda: prompts(wall) == [refused.prompt, "a fox"])
    assert wall.lightbox.order == [[fox.id, 4]]


def test_a_mark_is_seen_on_the_card_and_told_to_the_lightbox(wall: Wall, session: mj.Session) -> None:
    fox = session.generations[0]
    says(wall.lightbox, kind="want", key="k", what="entry", id=fox.id)
    wish(wall, "rate", fox, tile=3, stars=5)
    until(lambda: wall.lightbox.versions == {fox.id: 1})
    assert wall.cards[0].grid.state["marks"]["stars"] == {"3": 5}


def test_the_region_is_painted_on_the_card(wall: Wall, session: mj.Session) -> None:
    fox = session.generations[0]
    wish(wall, "region", fox)
    assert wall.cards[0].generation is fox
    assert wall.cards[0].region is not None
    assert wall.notice.text == ""


def test_closed_with_all_that_was_opened_it_leaves_nothing_behind(session: mj.Session) -> None:
    fox = session.imagine("a fox").result(10)
    before = {*ipywidgets.widgets.widget._instances}
    wall = Wall(session)
    wish(wall, "compare", fox, tile=2, other={"id": fox.id, "tile": 1})
    wish(wall, "region", fox)
    wall.cards[0].toggle_remix()
    wall.close()
    wall.kit.close()
    assert {*ipywidgets.widgets.widget._instances} == before

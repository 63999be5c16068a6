from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import PIL.Image
import pytest

import mj_widgets as mj
from mj_widgets.widgets.compare import page
from tests.widgets.conftest import HOSTILE, says


def rows(shown: object) -> dict[str, tuple[str, str]]:
    return {name: (a, b) for name, a, b in shown.state["rows"]}  # type: ignore[attr-defined] # a Compare


def test_it_tells_how_words_and_parameters_differ(session: mj.Session) -> None:
    a = session.imagine("a red fox --s 50 --raw").result(10)
    b = session.imagine("a blue fox --s 250", mode="turbo").result(10)
    shown = mj.compare(a, b)
    assert shown.state["words"][:3] == [("same", "a"), ("gone", "red"), ("new", "blue")]
    assert rows(shown)["stylize"] == ("50", "250")
    assert rows(shown)["raw"] == ("on", "")
    assert rows(shown)["Mode"] == ("fast", "turbo")


def test_a_tile_knows_whose_it_is(fox: mj.Generation, single: mj.Generation) -> None:
    shown = mj.compare(fox.tiles[2], single.image)
    assert rows(shown)["Picture"] == ("3 of 4", "single")
    assert rows(shown)["Step"] == ("", "U2")
    assert [kind for kind, _ in shown.state["words"]] == ["same"]


def test_a_picture_of_no_open_session_is_shown_with_its_size_alone(fox: mj.Generation) -> None:
    stray = fox.image.model_copy(update={"id": "1"})
    shown = mj.compare(stray, fox)
    assert shown.state["words"] == []
    assert rows(shown)["Size"] == (f"{stray.width} × {stray.height}",) * 2  # noqa: RUF001 - a multiplication sign


@pytest.fixture(scope="module")
def large(full_size_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[mj.Image, mj.Image]]:
    """Two tiles that are wider than a view asks for."""
    root = tmp_path_factory.mktemp("large")
    with mj.Session("large", root=root, client=mj.Client("", base_url=full_size_url)) as session:
        grid = session.imagine("a fox in snow --ar 3:2").result(60)
        yield grid.tiles[0], grid.tiles[3]


@pytest.mark.parametrize("side", [512, "full"])
def test_a_view_that_asks_gets_each_of_the_two(large: tuple[mj.Image, mj.Image], side: object) -> None:
    shown = mj.compare(*large)
    for name, tile in zip("AB", large, strict=True):
        says(shown, kind="want", key=name, id=name, side=side)
        message, (content,) = shown.comm.messages[-1]
        assert message["key"] == name
        with PIL.Image.open(BytesIO(content)) as picture:
            assert picture.width == (tile.width if side == "full" else min(512, tile.width))


def test_what_cannot_be_compared_is_refused_with_the_reason(session: mj.Session, fox: mj.Generation) -> None:
    stuck = session.imagine("a fox sandbox:stuck")
    with pytest.raises(ValueError, match="no picture"):
        mj.compare(stuck, fox)
    stuck.stop()
    with pytest.raises(ValueError, match="not fetched"):
        mj.compare(fox, fox.image.model_copy(update={"path": None}))
    with pytest.raises(TypeError, match="str"):
        mj.compare(fox, "b.png")


def test_hostile_words_stay_the_text_that_they_are(hostile: mj.Generation, fox: mj.Generation) -> None:
    told = " ".join(text for kind, text in mj.compare(fox, hostile).state["words"] if kind != "gone")
    assert told.split() == hostile.prompt.split()


def test_a_look_is_over_once_a_view_has_looked(fox: mj.Generation) -> None:
    shown = mj.compare(fox, fox)
    assert not shown.state["look"]
    shown.state = {**shown.state, "look": True}
    says(shown, kind="looked")
    assert not shown.state["look"]


def test_what_a_saved_notebook_shows_is_small_and_escaped(hostile: mj.Generation, fox: mj.Generation) -> None:
    shown = mj.compare(fox, hostile)
    html = page(shown.state, shown._sides)
    assert html.count('<img src="data:image/webp;base64,') == 2
    assert "<del>in snow" in html
    assert not any(words in html for words in HOSTILE)
    assert len(html) < 120_000

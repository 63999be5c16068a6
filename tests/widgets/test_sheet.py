from __future__ import annotations

import pytest

import mj_widgets as mj
from tests.widgets.test_fallback import Page


def test_a_sheet_shows_each_finished_picture_once(gallery: mj.Session) -> None:
    html = mj.contact_sheet(gallery).data
    assert len(Page(html).of("img")) == len(gallery.find(status="succeeded"))
    assert "a fox in snow --ar 3:2" in html
    assert "U2 · a fox in snow --ar 3:2" in html
    assert "show html" not in html


def test_the_pictures_are_thumbnails_inside_the_page(gallery: mj.Session) -> None:
    sources = [str(image["src"]) for image in Page(mj.contact_sheet(gallery).data).of("img")]
    assert all(source.startswith("data:image/webp;base64,") and len(source) < 24_000 for source in sources)


@pytest.mark.parametrize(("by", "tabs"), [("prompt", 2), ("mode", 2), ("status", 1), ("action", 2)])
def test_it_makes_a_tab_for_each(gallery: mj.Session, fox: mj.Generation, by: str, tabs: int) -> None:
    page = Page(mj.contact_sheet([fox, fox.children[0], gallery.generations[1]], by=by).data)  # type: ignore[arg-type]
    assert len(page.of("label")) == tabs
    assert len(page.of("img")) == 3


def test_long_prompts_that_begin_alike_keep_tabs_of_their_own(session: mj.Session) -> None:
    for end in ("one", "two"):
        session.imagine("a fox in the deep snow of a winter that has no end, " + end).result(10)
    page = Page(mj.contact_sheet(session, by="prompt").data)
    assert len(page.of("label")) == 2
    assert len(page.of("img")) == 2


def test_the_latest_are_shown_and_the_rest_is_counted(gallery: mj.Session, fox: mj.Generation) -> None:
    cat = gallery.generations[1]
    html = mj.contact_sheet([fox, cat, cat, cat], max_images=3).data
    assert "The latest 3 of 4 pictures" in html
    assert fox.prompt not in html
    assert len(Page(html).of("img")) == 3


def test_more_than_thirty_are_not_dropped_in_silence(fox: mj.Generation) -> None:
    assert len(Page(mj.contact_sheet([fox] * 31).data).of("img")) == 31
    assert len(Page(mj.contact_sheet([fox] * 31, by="mode").data).of("img")) == 31


@pytest.mark.parametrize("by", [None, "prompt"])
def test_a_hostile_prompt_is_text(hostile: mj.Generation, fox: mj.Generation, by: str | None) -> None:
    page = Page(mj.contact_sheet([hostile, fox], by=by).data)  # type: ignore[arg-type]
    assert not {tag for tag, _ in page.tags} & {"script", "iframe", "b", "i", "textarea"}
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert hostile.prompt in page.text


def test_an_empty_session_says_what_to_do(session: mj.Session) -> None:
    assert "session.imagine" in mj.contact_sheet(session).data


@pytest.mark.parametrize(
    ("options", "wrong"), [({"by": "colour"}, "colour"), ({"max_images": 0}, "0"), ({"img_width": 0}, "0")]
)
def test_a_wrong_option_is_named(session: mj.Session, options: dict[str, object], wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        mj.contact_sheet(session, **options)  # type: ignore[arg-type]


def test_something_else_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="str"):
        mj.contact_sheet(["fox.png"])  # type: ignore[list-item]

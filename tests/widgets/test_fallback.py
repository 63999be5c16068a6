from __future__ import annotations

import base64
import json
import re
from html.parser import HTMLParser

import mj_widgets as mj
from mj_widgets.widgets.fallback import page
from tests.api.script import Script, told
from tests.widgets.conftest import says, until

SAFE = {"div", "style", "figure", "figcaption", "img", "a", "br", "small", "p", "span"}


class Page(HTMLParser):
    """The tags, the attributes and the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_a_finished_grid_is_four_pictures_with_its_prompt(fox: mj.Generation) -> None:
    twin = Page(page([fox]))
    images = twin.of("img")
    assert [image["alt"] for image in images] == [f"a fox in snow --ar 3:2 (picture {n} of 4)" for n in (1, 2, 3, 4)]
    for tile, image in enumerate(images, start=1):
        head, _, content = str(image["src"]).partition(",")
        assert head == "data:image/webp;base64"
        assert base64.b64decode(content) == fox.thumbnail(tile)
    assert "a fox in snow --ar 3:2" in twin.text
    assert twin.of("a")[0]["href"] == fox.image.url


def test_before_anything_has_ended_it_is_empty() -> None:
    assert Page(page([], name="n")).tags == [("div", {"class": "mj-twin mj-twin-n"})]


def test_one_generation_adds_at_most_120_kb_to_the_notebook(session: mj.Session) -> None:
    """At the worst: noise does not compress."""
    gen = session.imagine("fox 🦊 <&> " * 500 + "noise, grain, confetti, crowd, glitter --ar 1:1 --chaos 100").result(10)
    for each in (gen, gen.upscale(1).result(10)):
        assert len(json.dumps(page([each]), ensure_ascii=False).encode()) <= 120_000


def test_a_failure_is_told_in_words(scripted: mj.Session, script: Script) -> None:
    script.say(told({"error": {"code": "forbidden", "message": "prompt refused"}}, 403))
    gen = scripted.imagine("a fox")
    until(lambda: gen.status.ended)
    twin = Page(page([gen]))
    assert "Failed" in twin.text
    assert "prompt refused" in twin.text
    assert twin.of("img") == []


def test_a_hostile_prompt_is_text(hostile: mj.Generation) -> None:
    twin = Page(page([hostile]))
    assert len(twin.of("img")) == 4
    assert {tag for tag, _ in twin.tags} <= SAFE
    assert not any(name.startswith("on") for _, attributes in twin.tags for name in attributes)
    assert hostile.prompt in twin.text


def test_an_address_that_is_no_web_address_is_no_link(scripted: mj.Session, script: Script) -> None:
    line = {"success": True, "task_id": "t", "image_id": "1", "progress": 100, "actions": ["upscale1"]}
    script.say(told({**line, "image_url": "javascript:alert(1)", "raw_image_url": "javascript:alert(1)"}))
    gen = scripted.imagine("a fox")
    until(lambda: gen.status.ended)
    assert Page(page([gen])).of("a") == []


def test_a_picture_that_cannot_be_read_is_told(session: mj.Session) -> None:
    gen = session.imagine("a fox").result(10)
    session.close()
    assert gen.image is not None
    assert gen.image.path is not None
    gen.image.path.unlink()
    assert "could not be read" in Page(page([gen])).text


def test_a_browser_can_ask_for_the_twin_and_tell_from_its_mark_whether_it_has_that_already(session: mj.Session) -> None:
    """JupyterLab forgets after a reload which output is which."""
    wall = mj.Studio(session)
    before = wall.twin.bundle()["text/html"]
    session.imagine("a fox").result(10)
    until(lambda: len(wall.cards) == 1)
    says(wall.notice, kind="twin")
    (bundle,) = [message["bundle"] for message, _ in wall.notice.comm.messages if message["kind"] == "twin"]
    assert bundle["text/html"].count("<img") == 4
    assert bundle == wall.twin.bundle()
    marks = [re.findall("<!-- [0-9a-f]{8} -->$", html) for html in (before, bundle["text/html"])]
    assert len(marks[0]) == len(marks[1]) == 1
    assert marks[0] != marks[1]
    wall.close()

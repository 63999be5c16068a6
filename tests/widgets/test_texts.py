from __future__ import annotations

import pytest
from ipywidgets import Button

import mj_widgets as mj
from mj_widgets.widgets.calls import Calls
from mj_widgets.widgets.clicks import Kit
from mj_widgets.widgets.texts import Spoken, Texts
from tests.api.script import Answer, Script, told
from tests.widgets.conftest import HOSTILE, until

FOX = "https://a.example/fox.png"


class Asking:
    """A box with questions beside it."""

    def __init__(self, session: mj.Session, text: str = "") -> None:
        self.text = text
        self.errors: list[str] = []
        self.codes: list[str] = []

        def report(error: Exception | None) -> None:
            self.errors += [str(error)] if error else []

        kit = Kit(report)
        calls = Calls(report, self.codes.append, add=lambda _: None, show=lambda _: None)
        self.texts = Texts(kit, session, calls, text=lambda: self.text, take=self.take)
        self.texts.turn(True)

    def take(self, text: str) -> None:
        self.text = text

    def ask(self, name: str) -> None:
        self.texts.buttons[name].click()

    @property
    def answers(self) -> list[Spoken]:
        return [part for part in self.texts.children if isinstance(part, Spoken)]

    def answered(self) -> Spoken:
        until(lambda: self.answers and self.answers[0].uses)
        return self.answers[0]


@pytest.fixture
def asking(session: mj.Session) -> Asking:
    return Asking(session)


def test_a_shorter_prompt_takes_the_place_of_the_words_alone(asking: Asking, session: mj.Session) -> None:
    asking.text = f"{FOX} a very, very beautiful picture of a red fox in snow --ar 3:2 --turbo"
    asking.ask("shorten")
    asking.answered().uses[0].click()
    (answer,) = session.answers
    assert answer.request.content == "a very, very beautiful picture of a red fox in snow"  # type: ignore[union-attr]
    assert asking.text == f"{FOX} {answer.value[0]} --ar 3:2"
    assert asking.codes == ["session.shorten('a very, very beautiful picture of a red fox in snow')"]


def test_an_answer_to_another_prompt_is_used_as_it_is(asking: Asking, session: mj.Session) -> None:
    asking.text = "a very, very beautiful red fox in snow"
    asking.ask("shorten")
    answered = asking.answered()
    asking.text = "a cat --ar 3:2"
    answered.uses[0].click()
    assert asking.text == session.answers[0].value[0]


def test_a_translation_is_one_text(asking: Asking) -> None:
    asking.text = "红色的狐狸 --raw"
    asking.ask("translate")
    assert len(asking.answered().uses) == 1
    asking.answered().uses[0].click()
    assert asking.text.endswith(" --raw")


def test_describe_asks_about_the_address_in_the_box(asking: Asking) -> None:
    asking.text = f"{FOX} --ar 3:2"
    asking.ask("describe")
    asking.answered().uses[0].click()
    assert asking.codes == [f"session.describe({FOX!r})"]
    assert FOX not in asking.text
    assert asking.text.count("--ar") == 1  # its own


def test_describe_asks_else_about_the_latest_picture(asking: Asking, session: mj.Session) -> None:
    asking.ask("describe")
    assert "no picture here yet" in asking.errors[-1]
    gen = session.imagine("a fox").result(10)
    asking.ask("describe")
    assert asking.answered().answer.parent is gen
    assert asking.codes == [f"session.describe(session[{gen.id!r}])"]
    assert "picture of a fox" in asking.answered().children[0].value


@pytest.mark.parametrize("path", ["/home/me/fox.png", "C:\\pictures\\fox.jpg", "data:image/png;base64,AAAA"])
def test_a_file_of_this_computer_cannot_be_described(asking: Asking, session: mj.Session, path: str) -> None:
    asking.text = path
    asking.ask("describe")
    assert "a file on this computer" in asking.errors[-1]
    assert session.answers == ()


def test_nothing_is_asked_about_no_words(asking: Asking, session: mj.Session) -> None:
    asking.text = "--ar 3:2"
    asking.ask("shorten")
    assert "no words" in asking.errors[-1]
    assert session.answers == ()


def test_answers_are_there_again_in_another_control(session: mj.Session) -> None:
    for number in range(4):
        session.shorten(f"a very long prompt, number {number}").result(10)
    again = Asking(session)
    assert [spoken.answer for spoken in again.answers] == list(reversed(session.answers))[:3]
    older = again.texts.children[-1]
    assert isinstance(older, Button)
    older.click()
    assert len(again.answers) == 4


def test_the_same_is_not_asked_twice_while_it_is_on_its_way(script: Script, scripted: mj.Session) -> None:
    script.say(Answer([b'{"prompts": ["a prompt"]}'], pause=0.3))
    asking = Asking(scripted, "a very long prompt")
    asking.ask("shorten")
    asking.ask("shorten")
    assert "being asked already" in asking.errors[-1]
    assert len(scripted.answers) == 1
    assert '<progress aria-label="shorten">' in asking.answers[0].said.value
    asking.answered()
    assert script.submits == 1
    assert asking.answers[0].said.value == ""


def test_an_error_is_told(script: Script, scripted: mj.Session) -> None:
    script.say(told({"error": {"code": "bad_request", "message": "<b>no</b>"}}, 400))
    asking = Asking(scripted, "a very long prompt")
    asking.ask("shorten")
    until(lambda: "<b>Failed</b>" in asking.answers[0].said.value)
    assert "&lt;b&gt;no&lt;/b&gt;" in asking.answers[0].said.value


def test_each_question_says_what_it_costs(asking: Asking) -> None:
    assert "≈ 0.18 credits" in asking.texts.buttons["describe"].tooltip
    assert "cost not known" in asking.texts.buttons["translate"].tooltip


@pytest.mark.parametrize("text", HOSTILE)
def test_html_is_shown_as_text(asking: Asking, text: str) -> None:
    asking.text = text.split(" --no", maxsplit=1)[0]
    asking.ask("translate")
    answered = asking.answered()
    assert "<img" not in answered.children[0].value
    assert "<script" not in answered.children[0].value

from __future__ import annotations

from mj_widgets.widgets.notice import SANDBOX, Notice
from tests.widgets.conftest import says


def notice(heard: list[str], *, sandbox: bool = True) -> Notice:
    return Notice(
        "x",
        sandbox=sandbox,
        heard=heard.append,
        generate=lambda: heard.append("generated"),
        wish=lambda message: heard.append(message["verb"]),
    )


def test_the_sandbox_is_told_word_for_word() -> None:
    wanted = "Sandbox: simulated pictures. Set ACEDATACLOUD_API_TOKEN to use the real service"
    assert wanted == SANDBOX
    assert notice([]).state["sandbox"] == SANDBOX
    assert notice([], sandbox=False).state["sandbox"] == ""


def test_every_message_is_answered_with_its_key() -> None:
    """The view takes a missing answer for a busy kernel."""
    heard: list[str] = []
    widget = notice(heard)
    says(widget, kind="hello", key="k-0")
    says(widget, kind="click", key="k-1")
    assert [message for message, _ in widget.comm.messages] == [{"kind": "here", "key": "k-0"}, {"kind": "here", "key": "k-1"}]
    assert heard == []


def test_a_click_brings_the_prompt_as_it_stands_in_the_browser() -> None:
    heard: list[str] = []
    says(notice(heard), kind="click", key="k", prompt="a fox in snow")
    assert heard == ["a fox in snow"]


def test_ctrl_enter_brings_the_prompt_then_generates() -> None:
    heard: list[str] = []
    says(notice(heard), kind="generate", key="k", prompt="a fox in snow")
    assert heard == ["a fox in snow", "generated"]


def test_what_it_says_can_be_taken_back() -> None:
    widget = notice([])
    widget.say("no such tile", alarm=True)
    assert (widget.text, widget.state["alarm"]) == ("no such tile", True)
    widget.say("")
    assert (widget.text, widget.state["alarm"]) == ("", False)


def test_a_line_of_python_is_shown_and_its_undoing_is_a_wish() -> None:
    heard: list[str] = []
    widget = notice(heard)
    widget.show_code("session['1'].delete()", undo="1")
    assert (widget.code, widget.state["undo"]) == ("session['1'].delete()", "1")
    says(widget, kind="wish", verb="restore", id="1")
    assert heard == ["restore"]

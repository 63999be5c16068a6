from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import ipywidgets
import pytest

import mj_widgets as mj
from mj_widgets.widgets.history import History
from mj_widgets.widgets.panel import Panel
from mj_widgets.widgets.texts import Spoken, Texts
from mj_widgets.widgets.wall import PAGE, ROOM, Wall
from tests.widgets.conftest import says, until


def prompts(wall: Wall) -> list[str]:
    return [card.generation.prompt for card in wall.cards]


def registered() -> dict[str, ipywidgets.Widget]:
    return dict(ipywidgets.widgets.widget._instances)


@pytest.fixture
def studio(session: mj.Session) -> Iterator[mj.Studio]:
    studio = mj.Studio(session)
    yield studio
    studio.close()


def refused(session: mj.Session, prompt: str) -> mj.Generation:
    """Make a generation that ends at once, because the service knows no such flag: drawing takes longer."""
    gen = session.imagine(f"{prompt} --nosuchflag")
    until(lambda: gen.status.ended)
    return gen


def numbers(wall: Wall) -> list[int]:
    return [int(prompt.split()[1]) for prompt in prompts(wall)]


@pytest.mark.parametrize("blank", ["", "  ", "\n\t"])
def test_generate_is_off_while_the_prompt_is_blank(studio: mj.Studio, blank: str) -> None:
    assert studio.generate.disabled
    studio.prompt.value = "a fox"
    assert not studio.generate.disabled
    studio.prompt.value = blank
    assert studio.generate.disabled


def test_generate_shows_a_card_at_once_and_on_top(studio: mj.Studio) -> None:
    for prompt in ("a fox", "a cat"):
        studio.prompt.value = prompt
        studio.generate.click()
        assert prompts(studio)[0] == prompt
    assert prompts(studio) == ["a cat", "a fox"]


def test_the_mode_is_sent(studio: mj.Studio) -> None:
    studio.prompt.value = "a fox"
    studio.mode.value = "relax"
    studio.generate.click()
    assert studio.cards[0].generation.request.mode == "relax"


def test_a_mode_flag_moves_the_dropdown(studio: mj.Studio) -> None:
    studio.prompt.value = "a fox --turbo"
    assert studio.mode.value == "turbo"
    studio.generate.click()
    assert studio.cards[0].generation.request.mode == "turbo"
    assert studio.cards[0].generation.request.prompt == "a fox"


def test_two_modes_at_once_are_told_and_nothing_is_sent(studio: mj.Studio) -> None:
    studio.prompt.value = "a fox --turbo"
    studio.mode.value = "relax"
    studio.generate.click()
    assert "drop one of them" in studio.notice.text
    assert studio.notice.state["alarm"]
    assert studio.cards == ()


def test_ctrl_enter_generates_what_stands_in_the_browser(studio: mj.Studio) -> None:
    studio.prompt.value = "a f"  # the browser held the rest back
    says(studio.notice, kind="generate", key="k", prompt="a fox in snow")
    assert prompts(studio) == ["a fox in snow"]


def test_ctrl_enter_on_a_blank_prompt_makes_nothing(studio: mj.Studio) -> None:
    says(studio.notice, kind="generate", key="k", prompt="  ")
    assert studio.cards == ()


def test_generate_sends_all_that_the_braces_stand_for_each_once(studio: mj.Studio, session: mj.Session) -> None:
    studio.prompt.value = "a {red, white, grey} fox in {snow, rain}"
    assert studio.generate.description == "Generate 6 · ≈ 1.6 credits"
    assert session.generations == ()
    studio.generate.click()
    assert [gen.prompt for gen in session.generations] == [*studio.plan.prompts]
    assert sorted(prompts(studio)) == sorted(studio.plan.prompts)
    line = "[session.imagine(prompt, mode='fast') for prompt in mj.expand('a {red, white, grey} fox in {snow, rain}')]"
    assert studio.notice.code == line


def test_what_the_braces_stand_for_is_listed_before_it_is_sent(studio: mj.Studio) -> None:
    studio.prompt.value = "a {<b>red</b>, white} fox"
    studio.prompts.fold.open()
    listed = studio.prompts.fold.content
    assert listed is not None
    row = '<li dir="auto">'
    assert listed.value == f'<ol tabindex="0">{row}a &lt;b&gt;red&lt;/b&gt; fox</li>{row}a white fox</li></ol>'
    studio.prompt.value = "a {red, white, grey} fox"
    assert listed.value.count(row) == 3
    assert studio.prompts.fold.toggle.description == "3 prompts"
    studio.prompt.value = "a fox"
    assert "mj-shut" in studio.prompts._dom_classes


def test_a_cap_that_all_together_would_pass_stops_the_first(studio: mj.Studio, session: mj.Session) -> None:
    session.cap = 1.0
    studio.prompt.value = "a {red, white, grey} fox in {snow, rain}"
    studio.generate.click()
    assert "Nothing was sent" in studio.notice.text
    assert "CapError" in studio.notice.state["details"]
    assert len(session) == 0


def test_many_must_be_asked_for_twice(studio: mj.Studio, session: mj.Session) -> None:
    session.cap = 0.1  # so that the second click is seen, and nothing is drawn
    studio.prompt.value = "a {0,1,2,3,4,5,6,7} {0,1,2,3,4,5,6,7} fox"
    studio.generate.click()
    assert studio.generate.description == "Generate all 64 · ≈ 17 credits"
    assert studio.notice.text == "64 prompts are many, ≈ 17 credits: press again to send them all."
    studio.prompt.value += "!"
    assert studio.generate.description == "Generate 64 · ≈ 17 credits"
    studio.generate.click()
    assert "press again" in studio.notice.text
    studio.generate.click()
    assert "these 64 may cost" in studio.notice.text


def test_several_are_not_sent_before_the_button_could_say_so(studio: mj.Studio, session: mj.Session) -> None:
    says(studio.notice, kind="generate", key="1", prompt="a {red, white} fox --nosuch", seen="Generate · ≈ 0.27 credits")
    assert "2 prompts" in studio.notice.text
    assert len(session) == 0
    says(studio.notice, kind="generate", key="2", seen=" Generate 2 · ≈ 0.54 credits ")
    assert len(session) == 2


def test_an_error_of_the_linter_is_told_and_does_not_turn_the_button_off(studio: mj.Studio) -> None:
    studio.prompt.value = "a fox --nosuch"
    assert [found.level for found in studio.findings.shown] == ["error"]
    assert not studio.generate.disabled


def test_a_fix_is_one_click(studio: mj.Studio) -> None:
    studio.prompt.value = "a fox --styliz 2000"
    studio.findings.fix(0)
    assert studio.prompt.value == "a fox --stylize 2000"
    studio.findings.fix(0)
    assert studio.prompt.value == "a fox --stylize 1000"
    assert studio.findings.shown == ()


def test_a_prompt_of_100_kb_is_refused_with_the_reason(studio: mj.Studio, session: mj.Session) -> None:
    studio.prompt.value = "a fox " * 17_000
    assert studio.generate.disabled
    assert "102,000 characters" in studio.generate.tooltip
    assert "102,000 characters" in studio.findings.shown[0].message
    says(studio.notice, kind="generate", key="k")
    assert "102,000 characters" in studio.notice.text
    assert len(session) == 0


def test_the_panel_and_the_text_are_one(studio: mj.Studio) -> None:
    studio.folds["parameters"].open()
    panel = studio.folds["parameters"].content
    assert isinstance(panel, Panel)
    studio.prompt.value = "a fox --ar 3:2"
    assert panel.fields["ar"].control.value == "3:2"
    panel.fields["s"].control.value = 300
    assert studio.prompt.value == "a fox --ar 3:2 --s 300"
    studio.folds["parameters"].open(False)
    studio.prompt.value = "a cat --s 7"
    studio.folds["parameters"].open()
    assert panel.fields["s"].control.value == 7


def test_the_text_and_the_panel_may_change_on_two_threads_at_once(studio: mj.Studio) -> None:
    """A cell sets the prompt, and somebody moves a slider."""
    studio.folds["parameters"].open()
    panel = studio.folds["parameters"].content
    assert isinstance(panel, Panel)

    def move() -> None:
        for chaos in range(200):
            panel.fields["c"].control.value = chaos % 100

    def write() -> None:
        for number in range(200):
            studio.prompt.value = f"fox {number}"

    threads = [threading.Thread(target=do, daemon=True) for do in (move, write)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)
    studio.prompt.value = "a fox --c 7"
    assert panel.fields["c"].control.value == 7


def test_the_arrow_keys_walk_through_what_was_sent(studio: mj.Studio) -> None:
    for prompt in ("a {red, white} fox --nosuch", "a cat --nosuch"):
        studio.prompt.value = prompt
        studio.generate.click()
    seen = []
    says(studio.notice, kind="walk", key="0", back=1, prompt="half a tho")
    for number in range(3):
        seen.append(studio.prompt.value)
        says(studio.notice, kind="walk", key=str(number), back=1 if number == 0 else -1)
    seen.append(studio.prompt.value)
    assert seen == ["a cat --nosuch", "a {red, white} fox --nosuch", "a cat --nosuch", "half a tho"]


def test_an_earlier_prompt_takes_the_place_of_a_text_that_is_kept(studio: mj.Studio, session: mj.Session) -> None:
    session.imagine("a cat --nosuch")
    says(studio.notice, kind="search", key="k", prompt="never sent")
    history = studio.folds["history"].content
    assert isinstance(history, History)
    history.children[1].click()
    assert studio.prompt.value == "a cat --nosuch"
    assert not studio.folds["history"].is_open
    says(studio.notice, kind="walk", key="k", back=1)
    assert studio.prompt.value == "never sent"


def test_an_answer_is_a_click_from_being_the_prompt(studio: mj.Studio) -> None:
    studio.prompt.value = "a very, very beautiful picture of a red fox --ar 3:2"
    studio.folds["words"].open()
    texts = studio.folds["words"].content
    assert isinstance(texts, Texts)
    texts.buttons["shorten"].click()
    until(lambda: isinstance(texts.children[2], Spoken) and texts.children[2].uses)
    texts.children[2].uses[0].click()  # type: ignore[union-attr] # as above
    assert studio.prompt.value.endswith("--ar 3:2")
    assert len(studio.prompt.value) < 50


def test_what_a_box_told_is_not_told_back_to_it(studio: mj.Studio) -> None:
    """Else what was typed in the meantime would be overwritten."""
    sent = len(studio.prompt.comm.sent)
    says(studio.notice, kind="typed", key="k", prompt="a fox")
    assert studio.prompt.value == "a fox"
    assert [data["method"] for data, _ in studio.prompt.comm.sent[sent:]] in ([], ["echo_update"])


def test_every_part_is_closed_with_it(session: mj.Session) -> None:
    session.imagine("a fox").result(10)
    session.shorten("a very long prompt").result(10)
    before = registered().keys()
    studio = mj.Studio(session)
    studio.prompt.value = "a {red, white} fox --styliz 5"
    for fold in (*studio.folds.values(), studio.prompts.fold):
        fold.open()
    for widget in registered().values():
        widget.get_state()
    studio.close()
    assert studio.notice.text == ""
    assert registered().keys() == before


def test_a_click_on_an_action_shows_the_child_at_once(studio: mj.Studio, session: mj.Session) -> None:
    gen = session.imagine("a fox").result(10)
    until(lambda: studio.cards and "upscale2" in studio.cards[0].buttons)
    studio.cards[0].buttons["upscale2"].click()
    child = studio.cards[0].generation
    assert child.parent is gen
    assert studio.cards[1].generation is gen


def test_an_ancestor_that_is_clicked_comes_to_the_top_and_is_looked_at(studio: mj.Studio, session: mj.Session) -> None:
    root = session.imagine("a fox").result(10)
    root.upscale(2).result(10)
    until(lambda: len(studio.cards) == 2)
    strip = studio.cards[0].strip
    assert strip is not None
    says(strip, kind="show", id=root.id)
    assert studio.cards[0].generation is root
    assert studio.cards[0].grid.state["look"]
    assert len(studio.cards) == 2


def test_an_ancestor_that_left_the_wall_comes_back(session: mj.Session) -> None:
    root = session.imagine("a fox").result(10)
    for number in range(PAGE):
        refused(session, f"cat {number}")
    studio = mj.Studio(session)
    assert root not in [card.generation for card in studio.cards]
    studio.show(root)
    assert studio.cards[0].generation is root


def test_it_opens_on_the_latest_and_shows_older_ones_when_asked(session: mj.Session) -> None:
    for number in range(PAGE + 2):
        refused(session, f"fox {number}")
    studio = mj.Studio(session)
    assert numbers(studio) == [*reversed(range(2, PAGE + 2))]
    assert studio.older in studio.children
    studio.older.click()
    assert numbers(studio) == [*reversed(range(PAGE + 2))]
    assert studio.older not in studio.children


def test_it_follows_what_other_cells_make(studio: mj.Studio, session: mj.Session) -> None:
    gen = session.imagine("made elsewhere").result(10)
    until(lambda: studio.cards and studio.cards[0].grid.state["tiles"])
    assert studio.cards[0].generation is gen


def test_a_full_wall_drops_the_lowest_card(session: mj.Session) -> None:
    before = registered().keys()
    studio = mj.Studio(session)
    for number in range(ROOM + 2):
        refused(session, f"fox {number}")
    until(lambda: numbers(studio) == [*reversed(range(2, ROOM + 2))])
    until(lambda: studio.older in studio.children)
    for widget in registered().values():
        widget.get_state()  # one that refers to a closed one would fail, and with it every page that loads
    studio.close()
    assert registered().keys() == before


def test_what_is_drawn_stays_drawn_when_a_card_comes(session: mj.Session) -> None:
    """A box draws the children after a changed one anew, so slots are appended and their order is a style."""
    studio = mj.Studio(session)
    first = studio.add(session.imagine("a fox").result(10))
    slots = studio._column.children
    studio.add(session.imagine("a cat").result(10))
    assert studio._column.children[:1] == slots
    assert slots[0].children == (first,)
    assert int(studio._column.children[1].layout.order) < int(slots[0].layout.order)


def test_closed_it_leaves_nothing_behind(session: mj.Session) -> None:
    session.imagine("a fox").result(10).upscale(1).result(10)
    before = registered().keys()
    studio = mj.Studio(session)
    studio.close()
    assert registered().keys() == before
    session.imagine("a cat").result(10)
    assert registered().keys() == before


def test_a_closed_session_is_told_in_the_notice(studio: mj.Studio, session: mj.Session) -> None:
    session.close()
    studio.prompt.value = "a fox"
    studio.generate.click()
    assert "closed" in studio.notice.text


def test_one_generation_shows_itself_and_the_children_made_from_it(session: mj.Session) -> None:
    gen = session.imagine("a fox").result(10)
    wall = Wall(session, only=gen)
    session.imagine("a cat").result(10)
    child = gen.upscale(1).result(10)
    grandchild = child.vary("subtle").result(10)
    until(lambda: len(wall.cards) == 3)
    assert [card.generation for card in wall.cards] == [grandchild, child, gen]
    assert wall.older not in wall.children


def test_a_session_opened_again_is_back_with_its_pictures(url: str, tmp_path: Path) -> None:
    client = {"root": tmp_path}
    with mj.Session("again", client=mj.Client("", base_url=url), **client) as session:  # type: ignore[arg-type]
        session.imagine("a fox").result(10)
    with mj.Session("again", client=mj.Client("", base_url=url), **client) as session:  # type: ignore[arg-type]
        studio = mj.Studio(session)
        assert prompts(studio) == ["a fox"]
        assert studio.cards[0].grid.state["tiles"] == [1, 2, 3, 4]
        studio.close()


def test_every_widget_that_takes_clicks_may_be_answered_on_a_thread_of_its_own(
    session: mj.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In ipykernel 7.4 each comm has this private method, which would choose the thread that a cell holds up."""
    from tests.widgets.conftest import Wire

    monkeypatch.setattr(Wire, "_reply_subshell_for", lambda *_: "main", raising=False)
    session.imagine("a fox").result(10).upscale(1).result(10)
    before = registered().keys()
    studio = mj.Studio(session)
    opened = [widget for key, widget in registered().items() if key not in before]
    takes_clicks = ("Button", "Textarea", "Dropdown", "Grid", "Strip", "Notice")
    found = [widget for widget in opened if type(widget).__name__ in takes_clicks]
    assert {type(widget).__name__ for widget in found} == set(takes_clicks)
    for widget in found:
        assert widget.comm._reply_subshell_for({}, "subshell") == "subshell"
    studio.close()

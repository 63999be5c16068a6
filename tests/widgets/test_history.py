from __future__ import annotations

from pathlib import Path

import pytest

import mj_widgets as mj
from mj_widgets.widgets.clicks import Kit
from mj_widgets.widgets.history import Earlier, History
from tests.widgets.conftest import says


def sent(earlier: Earlier, session: mj.Session, *texts: str) -> None:
    """Generate what each text stands for; the service knows no such flag, and ends it at once."""
    for text in texts:
        earlier.sent(text, [session.imagine(prompt) for prompt in mj.expand(text)])


@pytest.fixture
def earlier(session: mj.Session) -> Earlier:
    return Earlier(session)


@pytest.fixture
def taken() -> list[str]:
    return []


@pytest.fixture
def history(earlier: Earlier, session: mj.Session, taken: list[str]) -> History:
    sent(earlier, session, "a red fox --nosuch 1", "a cat --nosuch 2", "A Fox in snow --nosuch 3")
    made = History(Kit(lambda _: None), earlier, taken.append)
    made.turn(True)
    return made


def test_prompts_are_there_once_latest_first_as_they_were_typed(earlier: Earlier, session: mj.Session) -> None:
    sent(
        earlier,
        session,
        "a {red, blue} fox --nosuch 1",
        "a cat —ar 3:2 --turbo --nosuch",
        "a dog --nosuch",
        "a cat —ar 3:2 --turbo --nosuch",
    )
    assert earlier.prompts == ("a cat —ar 3:2 --turbo --nosuch", "a dog --nosuch", "a {red, blue} fox --nosuch 1")


def test_a_session_opened_again_has_what_was_sent(url: str, tmp_path: Path) -> None:
    for _ in range(2):
        with mj.Session("again", root=tmp_path, client=mj.Client("", base_url=url)) as session:
            if not len(session):
                sent(Earlier(session), session, "a {red, blue} fox --nosuch 1 --turbo")
            else:
                assert Earlier(session).prompts == ("a blue fox --nosuch 1", "a red fox --nosuch 1")


def test_what_other_cells_sent_is_there_too(earlier: Earlier, session: mj.Session) -> None:
    session.imagine("a cat --nosuch")
    assert earlier.prompts == ("a cat --nosuch",)


def test_steps_go_back_and_forth_and_end_at_what_was_being_typed(earlier: Earlier, session: mj.Session) -> None:
    sent(earlier, session, "one --nosuch", "two --nosuch")
    text, seen = "thr", []
    for back in (1, 1, 1, -1, -1, -1):
        text = earlier.step(back, text) or text
        seen.append(text)
    assert seen == ["two --nosuch", "one --nosuch", "one --nosuch", "two --nosuch", "thr", "thr"]


def test_a_changed_prompt_is_where_steps_begin_anew(earlier: Earlier, session: mj.Session) -> None:
    sent(earlier, session, "one --nosuch", "two --nosuch")
    earlier.step(1, "")
    earlier.step(1, "two --nosuch")
    assert earlier.step(1, "one --nosuch, changed") == "two --nosuch"
    assert earlier.step(-1, "two --nosuch") == "one --nosuch, changed"


def test_a_text_that_was_replaced_before_it_was_sent_is_kept(earlier: Earlier, session: mj.Session) -> None:
    sent(earlier, session, "one --nosuch")
    earlier.keep("never sent")
    earlier.keep("  ")
    assert earlier.prompts == ("never sent", "one --nosuch")


def test_the_search_finds_words_in_any_order_and_in_capitals_or_not(history: History) -> None:
    assert len(history.found) == 3
    history.search.value = "SNOW fox"
    assert history.found == ("A Fox in snow --nosuch 3",)
    history.search.value = "fox"
    assert [button.description for button in history.children[1:3]] == ["A Fox in snow --nosuch 3", "a red fox --nosuch 1"]
    history.search.value = "zebra"
    assert history.found == ()
    assert "No earlier prompt" in history.children[-1].value


def test_a_click_takes_a_prompt_and_enter_the_first(history: History, taken: list[str]) -> None:
    history.search.value = "fox"
    history.children[2].click()
    says(history.search, event="submit")
    assert taken == ["a red fox --nosuch 1", "A Fox in snow --nosuch 3"]

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

import mj_widgets as mj
from mj_widgets.widgets.finder import Finder
from mj_widgets.widgets.wall import PAGE
from tests.widgets.conftest import until


@pytest.fixture
def made(session: mj.Session) -> list[mj.Generation]:
    """Three that ended at once, because the service knows no such flag."""
    gens = [session.imagine(f"{prompt} --nosuch") for prompt in ("a red fox", "a cat", "a blue fox")]
    for gen in gens:
        until(lambda gen=gen: gen.status.ended)
    gens[0].rate(4)
    gens[1].tag("pets")
    gens[2].favourite()
    return gens


@pytest.fixture
def studio(session: mj.Session, made: list[mj.Generation]) -> Iterator[mj.Studio]:
    assert made
    studio = mj.Studio(session)
    yield studio
    studio.close()


@pytest.fixture
def finder(studio: mj.Studio) -> Finder:
    studio.folds["find"].open()
    found = studio.folds["find"].content
    assert isinstance(found, Finder)
    return found


def shown(studio: mj.Studio) -> list[str]:
    return [card.generation.prompt.removesuffix(" --nosuch") for card in studio.cards]


ALL = ["a blue fox", "a cat", "a red fox"]


@pytest.mark.parametrize(
    ("asked", "wanted", "code"),
    [
        ({"text": "FOX"}, ["a blue fox", "a red fox"], "text=&#x27;FOX&#x27;"),
        ({"status": "failed"}, ALL, "status=&#x27;failed&#x27;"),
        ({"status": "running"}, [], "status=&#x27;running&#x27;"),
        ({"tag": "pets"}, ["a cat"], "tag=&#x27;pets&#x27;"),
        ({"rating": 3}, ["a red fox"], "rating=3"),
        ({"favourite": True}, ["a blue fox"], "favourite=True"),
        ({"since": date(2001, 1, 1)}, ALL, "since=&#x27;2001-01-01&#x27;"),
        ({"until": date(2001, 1, 1)}, [], "until=&#x27;2001-01-01&#x27;"),
    ],
)
def test_each_control_shows_what_it_finds_and_the_line_that_does(
    studio: mj.Studio, finder: Finder, asked: dict[str, object], wanted: list[str], code: str
) -> None:
    for name, value in asked.items():
        finder.fields[name].value = value
    assert shown(studio) == wanted
    assert f"session.find({code})" in finder.said.value
    assert f"{len(wanted)} of 3" in finder.said.value


def test_what_is_asked_must_all_hold(studio: mj.Studio, finder: Finder) -> None:
    finder.fields["text"].value = "fox"
    finder.fields["rating"].value = 1
    assert shown(studio) == ["a red fox"]
    finder.fields["rating"].value = ""
    assert shown(studio) == ["a blue fox", "a red fox"]
    finder.fields["text"].value = " "
    assert shown(studio) == ALL


def test_folded_away_it_shows_all_and_opened_again_what_it_found(studio: mj.Studio, finder: Finder) -> None:
    finder.fields["text"].value = "cat"
    studio.folds["find"].open(False)
    assert shown(studio) == ALL
    studio.folds["find"].open()
    assert shown(studio) == ["a cat"]


def test_deleted_ones_can_be_seen_and_restored(studio: mj.Studio, finder: Finder, made: list[mj.Generation]) -> None:
    made[1].delete()
    until(lambda: shown(studio) == ["a blue fox", "a red fox"])
    finder.bin.value = True
    assert shown(studio) == ["a cat"]
    assert "1 deleted" in finder.said.value
    assert "session.vacuum()" in finder.said.value
    assert finder.fields["text"].disabled
    assert [*studio.cards[0].buttons] == ["restore"]
    studio.cards[0].buttons["restore"].click()
    assert not made[1].is_deleted
    until(lambda: "0 deleted" in finder.said.value)
    finder.bin.value = False
    assert sorted(shown(studio)) == sorted(ALL)


def test_what_is_made_here_is_shown_and_what_is_made_elsewhere_only_if_it_is_found(
    studio: mj.Studio, finder: Finder, session: mj.Session
) -> None:
    finder.fields["text"].value = "cat"
    studio.prompt.value = "a dog --nosuch"
    studio.generate.click()
    assert shown(studio)[0] == "a dog"
    fish, cat = session.imagine("a fish --nosuch"), session.imagine("a big cat --nosuch")
    until(lambda: fish.status.ended and cat.status.ended and "a big cat" in shown(studio))
    assert "a fish" not in shown(studio)
    until(lambda: "2 of 6" in finder.said.value)


def test_older_ones_are_paged_through(session: mj.Session, finder: Finder, studio: mj.Studio) -> None:
    gens = [session.imagine(f"wolf {number} --nosuch") for number in range(PAGE + 2)]
    until(lambda: all(gen.status.ended for gen in gens))
    finder.fields["text"].value = "wolf"
    studio.folds["find"].open(False)
    studio.folds["find"].open()
    before = len(studio.cards)
    until(lambda: before == len(studio.cards))
    while studio.older in studio.children:
        studio.older.click()
    assert sorted(shown(studio)) == sorted(gen.prompt.removesuffix(" --nosuch") for gen in gens)


def test_new_tags_are_offered_when_it_opens(studio: mj.Studio, finder: Finder, made: list[mj.Generation]) -> None:
    finder.fields["tag"].value = "pets"
    made[0].tag("<b>new</b>")
    studio.folds["find"].open(False)
    studio.folds["find"].open()
    assert [value for _, value in finder.fields["tag"].options] == ["", "<b>new</b>", "pets"]
    assert shown(studio) == ["a cat"]

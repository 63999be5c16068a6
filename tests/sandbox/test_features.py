from __future__ import annotations

import json

import pytest

from mj_widgets.sandbox.features import Cast, Features, read
from mj_widgets.sandbox.scenery.figures import SHAPES
from mj_widgets.sandbox.scenery.palette import MOODS


@pytest.mark.parametrize(("text", "casts"), [
    ("a fox in snow", (Cast("fox"),)),
    ("a red fox", (Cast("fox", 1, "red"),)),
    ("two black cats and a dog", (Cast("cat", 2, "black"), Cast("dog"))),
    ("three butterflies", (Cast("butterfly", 3),)),
    ("boats", (Cast("boat", 3),)),
    ("A KNIGHT before his castle", (Cast("person"), Cast("castle"))),
    ("1000 owls", (Cast("owl", 7),)),
    ("a rose", (Cast("flower"),)),
])  # fmt: skip
def test_nouns_become_figures_with_their_number_and_colour(text: str, casts: tuple[Cast, ...]) -> None:
    assert read(text).casts == casts


@pytest.mark.parametrize(("text", "setting", "mood"), [
    ("a city street at night", "city", "night"),
    ("the sea at sunset", "sea", "sunset"),
    ("a winter forest", "forest", "winter"),
    ("desert dunes", "desert", "desert"),
    ("desert dunes at night", "desert", "night"),
    ("ink sketch of mountains at dusk", "mountains", "ink"),
    ("an owl in a misty wood at night", "forest", "night"),
    ("an astronaut", "space", "space"),
    ("a boat at golden hour", "sea", "golden"),
    ("neon cyberpunk alley, city", "city", "neon"),
])  # fmt: skip
def test_words_choose_the_place_and_the_mood(text: str, setting: str, mood: str) -> None:
    assert (read(text).setting, read(text).mood) == (setting, mood)


def test_colours_that_belong_to_no_figure_rule_the_palette() -> None:
    assert read("a teal and gold sea").tints == ("teal", "gold")
    assert read("a red fox").tints == ()


def test_an_unknown_noun_gets_a_figure_and_always_the_same() -> None:
    figures = {read(text).casts[0].figure for text in ("xyzzy", "plugh", "frobnicator", "quux", "blorb", "zork", "snark")}
    assert len(figures) > 2
    assert read("xyzzy") == read("xyzzy")


def test_no_takes_things_away() -> None:
    features = read("a fox and a cat in the snow under the moon", without="cats, moon")
    assert [cast.figure for cast in features.casts] == ["fox"]
    assert "moon" not in features.weather
    assert features.mood == "winter"
    assert "snow" in features.weather


def test_what_the_words_leave_open_is_kept_from_the_scene_around() -> None:
    base = read("a fox in a winter forest at night")
    assert (read("a hat", base=base).setting, read("a hat", base=base).mood) == ("forest", "night")
    assert read("a sunny meadow", base=base).mood == "day"


@pytest.mark.parametrize("text", ["", "...", "the of and", "\u72d0\u72f8 \u96ea", "<b>&</b>", "-- -"])
def test_any_text_makes_a_scene(text: str) -> None:
    features = read(text)
    assert features.mood in MOODS
    assert all(cast.figure in SHAPES for cast in features.casts)


def test_features_survive_json() -> None:
    features = read("two red foxes in a teal forest, snow", without="birds", stylize=250, weird=10, repeat=1.5)
    assert Features.from_json(json.loads(json.dumps(features.to_json()))) == features

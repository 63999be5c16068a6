from __future__ import annotations

from dataclasses import replace

import pytest

from mj_widgets.sandbox.dice import normal
from mj_widgets.sandbox.features import read
from mj_widgets.sandbox.scenery.plan import SHORE, Plan, Scene, plan

STILL = (0.0,) * 8


def _scene(text: str, seed: int = 1, vector: tuple[float, ...] = STILL, **parameters: float) -> Scene:
    return Scene(seed, vector, read(text, **parameters))


def _away(one: Plan, other: Plan) -> float:
    """How far the sun, the horizon and the first figure have moved."""
    a, b = ((*p.sun[:2], p.horizon, p.stands[0].x, p.stands[0].height) for p in (one, other))
    return sum(abs(x - y) for x, y in zip(a, b, strict=True))


def test_a_step_of_the_vector_moves_things_in_proportion() -> None:
    directions = [tuple(normal("test", n, i) for i in range(8)) for n in range(20)]
    for direction in directions:
        small, large = (tuple(size * x for x in direction) for size in (0.1, 1.0))
        still = plan(_scene("a fox"))
        assert 0 < _away(still, plan(_scene("a fox", vector=small))) < _away(still, plan(_scene("a fox", vector=large)))


def test_a_wild_vector_stays_in_the_picture() -> None:
    for sign in (-1, 1):
        wild = plan(_scene("a fox", vector=(sign * 1e6,) * 8))
        assert -0.5 < wild.horizon < 0.5
        assert all(-0.6 < stand.x < 0.6 and 0.1 < stand.height < 0.8 for stand in wild.stands)


@pytest.mark.parametrize("seed", range(8))
def test_figures_stand_float_or_fly(seed: int) -> None:
    composed = plan(_scene("a boat, a bird and a person by the sea", seed))
    where = {stand.figure: stand.y for stand in composed.stands}
    assert composed.water
    assert where["bird"] > composed.horizon > where["boat"] > composed.horizon - SHORE > where["person"]


def test_as_many_figures_as_were_asked_for() -> None:
    composed = plan(_scene("three cats and a dog"))
    assert sorted(stand.figure for stand in composed.stands) == ["cat", "cat", "cat", "dog"]
    assert len({round(stand.x, 2) for stand in composed.stands}) == 4


def test_figures_fit_into_a_focus() -> None:
    box = (0.1, -0.4, 0.4, -0.1)
    for text in ("a fox", "two balloons", "a whale", "a hat"):
        for stand in plan(replace(_scene(text), focus=box)).stands:
            left, bottom, right, top = stand.box
            assert box[0] - 1e-6 <= left < right <= box[2] + 1e-6
            assert box[1] - 1e-6 <= bottom < top <= box[3] + 1e-6


def test_night_has_a_moon_and_no_takes_it_away() -> None:
    assert plan(_scene("a lake at night")).sun[2] > 0
    assert plan(_scene("a lake at night", without="moon")).sun[2] == 0
    assert plan(_scene("a lake at noon", without="sun")).sun[2] == 0


def test_clouds_follow_the_words() -> None:
    clear, usual, cloudy, storm = (plan(_scene(f"{word} hills")).cover for word in ("clear", "green", "cloudy", "stormy"))
    assert clear == 0 < usual < cloudy < storm


def test_a_named_colour_dresses_the_figure() -> None:
    red, _, blue = plan(_scene("a red cat")).stands[0].colour
    assert red > blue + 0.4
    own = plan(_scene("a fox")).stands[0].colour
    assert own[0] > own[2] + 0.4

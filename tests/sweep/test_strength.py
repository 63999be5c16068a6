from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest

from mj_widgets.sweep.judgement import Choice, Won
from mj_widgets.sweep.strength import bradley_terry


def choices(left: str, right: str, /, **times: int) -> list[Choice]:
    return [Choice("me", left, right, won) for won, number in times.items() for _ in range(number)]  # type: ignore[arg-type] # a Won


def test_two_differ_by_the_logarithm_of_their_odds() -> None:
    a, b = bradley_terry(choices("a", "b", left=6, right=2), prior=0)
    assert (a.item, a.wins, a.losses, b.wins) == ("a", 6, 2, 2)
    assert a.strength - b.strength == pytest.approx(math.log(3))
    assert a.strength + b.strength == pytest.approx(0)
    half = 1.959964 * math.sqrt(1 / 6 + 1 / 2) / 2  # of a logarithm of odds, shared by the two
    assert a.high - a.strength == pytest.approx(half, rel=1e-4)


def test_a_tie_is_half_a_win_for_each_and_a_repeat_counts_for_nothing() -> None:
    tied = bradley_terry(choices("a", "b", left=2, tie=2), prior=0)
    assert tied[0].strength == pytest.approx(math.log(3) / 2)
    assert (tied[0].ties, tied[1].ties) == (2, 2)
    again = [one._replace(repeat=True) for one in choices("b", "a", left=5)]
    assert bradley_terry([*choices("a", "b", left=2, tie=2), *again], prior=0) == tied


def test_one_that_always_wins_is_finite_with_a_prior_and_refused_without() -> None:
    always = choices("a", "b", left=4)
    assert 0 < bradley_terry(always)[0].strength < 10
    with pytest.raises(ValueError, match="give a prior above 0"):
        bradley_terry(always, prior=0)
    with pytest.raises(ValueError, match="never compared"):
        bradley_terry([*choices("a", "b", left=1, right=1), *choices("c", "d", left=1, right=1)], prior=0)


def test_what_nobody_compared_is_average_and_least_certain() -> None:
    found = {one.item: one for one in bradley_terry(choices("a", "b", left=3, right=3), ["c"])}
    assert found["c"].strength == pytest.approx(0)
    assert found["c"].high > found["a"].high
    assert bradley_terry([]) == []


def test_the_intervals_hold_as_often_as_they_say() -> None:
    """Eight pictures of known strength, each compared with each other one six times, over and over."""
    lots = np.random.default_rng(5)
    true = dict(zip("abcdefgh", np.linspace(-1.2, 1.2, 8), strict=True))
    held = 0
    for _ in range(150):
        said = []
        for left, right in combinations(true, 2):
            for draw in lots.random(6):
                won: Won = "left" if draw < 1 / (1 + math.exp(true[right] - true[left])) else "right"
                said.append(Choice("me", left, right, won))
        held += sum(one.low <= true[one.item] <= one.high for one in bradley_terry(said))
    assert 0.93 < held / (150 * len(true)) < 0.97

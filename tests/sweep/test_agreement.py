from __future__ import annotations

import math

import pytest

from mj_widgets.sweep.agreement import agreement, alpha, kappa
from mj_widgets.sweep.judgement import Choice, Stars

# K. Krippendorff, "Computing Krippendorff's alpha-reliability", 2011, section D: four observers, twelve units.
OBSERVERS = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."]


def test_alpha_is_that_of_the_literature() -> None:
    units = [[int(value) for value in unit if value != "."] for unit in zip(*OBSERVERS, strict=True)]
    assert alpha(units) == pytest.approx(0.815, abs=5e-4)
    assert math.isnan(alpha([[3, 3], [3, 3]]))  # where nothing differs, nothing can be told
    assert math.isnan(alpha([[1], [2]]))


def test_kappa_is_that_of_the_literature() -> None:
    """Twenty-five times yes and twenty-five times no, by luck half of it the same."""
    both = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    assert kappa(*zip(*both, strict=True)) == pytest.approx(0.4)
    assert math.isnan(kappa([], []))


def test_raters_of_stars_are_compared_with_each_other_and_each_with_himself() -> None:
    given = {"Ada": [1, 2, 4, 5], "Bo": [1, 2, 5, 5]}
    said = [Stars(rater, f"item {at}", stars) for rater, all_ in given.items() for at, stars in enumerate(all_)]
    said += [Stars("Ada", "item 0", 1, repeat=True), Stars("Ada", "item 3", 3, repeat=True)]
    found = {(one.measure, one.raters): (one.value, one.n) for one in agreement(said)}
    assert found["same again", "Ada"] == (0.5, 2)
    assert found["off again", "Ada"] == (1.0, 2)
    value, number = found["alpha", "Ada, Bo"]
    assert 0.8 < value < 1
    assert number == 4
    assert len(found) == 3  # Bo was asked nothing twice


def test_a_pair_is_the_same_whichever_side_its_pictures_are_on() -> None:
    said = [Choice("Ada", "a", "b", "left"), Choice("Bo", "b", "a", "right"), Choice("Bo", "a", "b", "left", repeat=True)]
    said += [Choice("Ada", "a", "c", "left"), Choice("Bo", "a", "c", "tie")]
    found = {(one.measure, one.raters): (one.value, one.n) for one in agreement(said)}
    assert found["same choice", "Ada, Bo"] == (0.5, 2)
    assert found["same again", "Bo"] == (1.0, 1)
    assert found["left", "Ada"] == (1.0, 2)
    assert found["left", "Bo"] == (0.5, 2)


def test_kappa_of_pairs_does_not_hang_on_which_picture_is_called_the_first() -> None:
    ada = [Choice("Ada", f"{at}a", f"{at}b", "left" if at % 3 else "right") for at in range(9)]
    bo = [Choice("Bo", f"{at}a", f"{at}b", "left" if at % 2 else "right") for at in range(9)]
    turned = [
        one._replace(left=one.right, right=one.left, won={"left": "right", "right": "left"}[one.won]) for one in (*ada, *bo)
    ]
    values = [next(one.value for one in agreement(said) if one.measure == "kappa") for said in ([*ada, *bo], turned)]
    assert values[0] == pytest.approx(values[1])

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mj_widgets as mj
from mj_widgets.sweep.chance import largest, student
from mj_widgets.sweep.effects import effects
from mj_widgets.sweep.luck import Draws, Study, judge

Noise = Callable[[Any], Any]
QUICK = Draws(level=0.95, resamples=100, rng=0)


def simulated(
    shape: tuple[int, int],
    each: int,
    *,
    effect: float = 0.0,
    shared: bool = False,
    missing: int = 0,
    skewed: bool = False,
    studies: int = 200,
) -> list[Any]:
    """Judge studies of two axes, of which the first adds `effect` per value and the second much; all seeded."""
    lots = np.random.default_rng(20260917)
    noise: Noise = (lambda size: lots.exponential(1, size)) if skewed else lots.standard_normal
    first, second, draw = (
        np.array(column) for column in zip(*product(range(shape[0]), range(shape[1]), range(each)), strict=True)
    )
    found = []
    for _ in range(studies):
        measured = noise(len(first)) + effect * first + 3.0 * second
        if shared:  # what a seed does everywhere, and what it does to a value of the first axis everywhere
            measured += 5 * noise(each)[draw] + 0.7 * noise((each, shape[0]))[draw, first]
        kept = np.sort(lots.choice(len(first), len(first) - missing, replace=False))
        study = Study(measured[kept], [first[kept], second[kept]], shape, draw[kept] if shared else None)
        found.append(judge(study, QUICK)[0])
    return found


def alarms(found: list[Any]) -> float:
    return sum(one.is_above_luck for one in found) / len(found)


# What is told from luck, and how often wrongly


@pytest.mark.parametrize(
    "design",
    [
        {"shape": (2, 3), "each": 2},
        {"shape": (2, 1), "each": 2},
        {"shape": (4, 3), "each": 2, "missing": 5},
        {"shape": (2, 3), "each": 3, "skewed": True},
        {"shape": (2, 3), "each": 3, "shared": True},
        {"shape": (2, 3), "each": 2, "shared": True},
        {"shape": (4, 2), "each": 4, "shared": True, "missing": 4},
    ],
    ids=lambda design: " ".join(f"{name}={value}" for name, value in design.items()),
)
def test_an_axis_that_does_nothing_is_said_to_do_something_at_the_nominal_rate(design: dict[str, Any]) -> None:
    """Of 200 at 5 % it is 10 with a standard deviation of 3.1."""
    assert 0.01 <= alarms(simulated(**design)) <= 0.095


@pytest.mark.parametrize("design", [{"shape": (2, 3), "each": 2}, {"shape": (2, 3), "each": 4, "shared": True}])
def test_a_real_effect_is_found_and_its_interval_holds_it(design: dict[str, Any]) -> None:
    found = simulated(**design, effect=3.0)
    assert alarms(found) > 0.8
    assert 0.9 <= sum(one.bounds[0] <= 3 <= one.bounds[1] for one in found) / len(found) <= 0.985


def test_pictures_of_one_seed_are_not_taken_for_independent() -> None:
    """Seeds that disagree about an axis, alike in every place, make more false alarms if each picture counts by itself."""
    lots = np.random.default_rng(3)
    first, second, seed = (np.array(column) for column in zip(*product(range(2), range(6), range(3)), strict=True))
    wrongly = rightly = 0
    for _ in range(60):
        measured = lots.standard_normal(len(first)) * 0.3 + 2 * lots.standard_normal((3, 2))[seed, first]
        study = Study(measured, [first, second], (2, 6), None)
        wrongly += bool(judge(study, QUICK)[0].is_above_luck)
        rightly += bool(judge(study._replace(seeds=seed), QUICK)[0].is_above_luck)
    assert wrongly > 20
    assert rightly < 9


def test_a_shared_seed_shows_what_luck_would_hide() -> None:
    """Seeds that differ by hundreds, and an axis that adds one to each."""
    frame = pd.DataFrame([{"a": a, "s": s, "m": 100.0 * s + a + 0.01 * (s * a % 2)} for a in (0, 1) for s in (1, 2, 3, 4)])
    assert effects(frame, ["a"], "m", seed="s")["above_luck"].tolist() == [True, True]
    assert effects(frame, ["a"], "m")["above_luck"].tolist() == [False, False]


# The numbers, by hand


def test_two_values_are_compared_by_students_t() -> None:
    """Means 2 and 5; the pooled variance is (2 + 2 + 2) / 4 ... = 1.5 with 4 degrees of freedom; t is 2.776."""
    frame = pd.DataFrame({"a": [0, 0, 0, 1, 1, 1], "m": [1, 2, 3, 4, 5, 6]})
    found = effects(frame, ["a"], "m")
    assert found["mean"].tolist() == pytest.approx([2, 5])
    assert found["n"].tolist() == [3, 3]
    assert found["noise"][0] == pytest.approx(1)
    assert found["luck"][0] == pytest.approx(2.776445 * math.sqrt(1 / 3 + 1 / 3), rel=1e-5)
    assert found["low"][0] == pytest.approx(2 - 2.776445 * math.sqrt(1 / 3), abs=0.3)


def test_the_noise_is_pooled_over_unequal_groups() -> None:
    """Squares of 2 with one degree of freedom, and of 2 with two: 4 / 3."""
    frame = pd.DataFrame({"a": [0, 0, 1, 1, 1], "m": [1, 3, 10, 11, 12]})
    assert effects(frame, ["a"], "m")["noise"][0] == pytest.approx(math.sqrt(4 / 3))


def test_seeds_are_compared_by_the_paired_t() -> None:
    """Differences 1, 2 and 3: their mean is 2, their standard error 1 / sqrt(3), and t with 2 degrees of freedom 4.303."""
    frame = pd.DataFrame({"a": [0, 0, 0, 1, 1, 1], "s": [7, 8, 9, 7, 8, 9], "m": [10, 50, 30, 11, 52, 33]})
    found = effects(frame, ["a"], "m", seed="s")
    assert found["luck"][0] == pytest.approx(4.302653 / math.sqrt(3), rel=1e-5)
    assert "+2 [" in found["verdict"][0]


def test_of_several_values_the_range_is_compared() -> None:
    """Tukey's studentized range at 0.95 for 3 values and 10 degrees of freedom is 3.88 (any table)."""
    assert largest(np.eye(3), 10, 0.95, np.random.default_rng(0)) == pytest.approx(3.88, abs=0.05)


@pytest.mark.parametrize(("freedom", "bound"), [(1, 12.706), (2, 4.303), (5, 2.571), (10, 2.228), (30, 2.042), (120, 1.980)])
def test_students_t_is_that_of_the_tables(freedom: int, bound: float) -> None:
    assert student(0.95, freedom) == pytest.approx(bound, abs=6e-4)


# What is missing


def test_a_cell_that_failed_favours_no_value() -> None:
    """`b` adds 100. The plain mean of a=0 lacks such a cell, and would be too small."""
    rows = [{"a": a, "b": b, "m": float(a + 100 * b + r)} for a, b, r in product((0, 1), (0, 1), (0, 1))]
    whole, broken = (effects(pd.DataFrame(kept), ["a", "b"], "m") for kept in (rows, [*rows[:2], *rows[4:]]))
    assert whole["mean"][0] == pytest.approx(50.5)
    assert broken["mean"][1] - broken["mean"][0] == pytest.approx(1)
    assert broken["n"].tolist() == [2, 4, 4, 2]


def test_a_seed_that_lacks_a_value_is_compared_in_the_others() -> None:
    rows = [{"a": a, "s": s, "m": 10.0 * s + a} for a, s in product((0, 1, 2), range(4))]
    found = effects(pd.DataFrame(rows[:-1]), ["a"], "m", seed="s")
    assert np.diff(found["mean"]).tolist() == pytest.approx([1, 1])
    assert found["above_luck"][0] is True


def test_a_value_without_pictures_is_there_without_numbers() -> None:
    frame = pd.DataFrame({"a": [0, 0, 1, 1], "m": [1.0, 2.0, 5.0, 6.0]})
    axes = {"a": mj.axis([0, 1, 2], labels=["none", "some", "much"])}
    found = effects(frame, axes, "m")
    assert found["label"].tolist() == ["none", "some", "much"]
    assert found["n"].tolist() == [2, 2, 0]
    assert math.isnan(found["mean"][2])
    assert "from none to some" in found["verdict"][2]


def test_without_replicates_it_says_that_luck_cannot_be_judged() -> None:
    found = effects(pd.DataFrame({"a": [0, 1, 2], "m": [1.0, 5.0, 9.0]}), ["a"], "m")
    assert found["above_luck"].tolist() == [None] * 3
    assert found["verdict"][0] == (
        "a: +8 from 0 to 2, the most of 3 values, but luck cannot be judged: no two pictures were made alike. "
        "Run the sweep with replicates=2 or more, and what is there is not paid again."
    )


def test_one_seed_is_no_measure_of_luck() -> None:
    found = effects(pd.DataFrame({"a": [0, 1], "s": [1, 1], "m": [1.0, 5.0]}), ["a"], "m", seed="s")
    assert "Run the sweep with more seeds" in found["verdict"][0]


def test_axes_that_change_together_cannot_be_told_apart() -> None:
    frame = pd.DataFrame({"a": [*"xxyy"], "b": [1, 1, 2, 2], "m": [1.0, 2.0, 8.0, 9.0]})
    found = effects(frame, ["a", "b"], "m")
    assert found["verdict"][0].startswith("a: what it does cannot be told from what b does")
    assert found["mean"].tolist() == [1.5, 8.5, 1.5, 8.5]
    assert found["above_luck"][0] is None


def test_an_axis_with_one_value_has_nothing_to_compare() -> None:
    assert "nothing to compare" in effects(pd.DataFrame({"a": [1, 1], "m": [1.0, 2.0]}), ["a"], "m")["verdict"][0]


def test_what_never_changes_is_not_above_luck() -> None:
    frame = pd.DataFrame({"a": [0, 0, 1, 1, 2, 2], "m": [0.1 + 0.2] * 6})
    assert effects(frame, ["a"], "m")["above_luck"].tolist() == [False] * 3


# The frame


def test_tiles_of_one_picture_count_once() -> None:
    """Four tiles of each of two pictures are no eight pictures: there are no replicates."""
    frame = pd.DataFrame([{"a": a, "cell": a, "m": a + tile} for a in (0, 1) for tile in range(4)])
    found = effects(frame, ["a"], "m", cell="cell")
    assert found["n"].tolist() == [1, 1]
    assert found["mean"].tolist() == pytest.approx([1.5, 2.5])
    assert found["above_luck"][0] is None


def test_true_and_one_are_two_values() -> None:
    frame = pd.DataFrame({"raw": pd.Series([1, 1, True, True], dtype="object"), "m": [1.0, 2.0, 3.0, 4.0]})
    assert effects(frame, ["raw"], "m")["label"].tolist() == ["1", "on"]


def test_the_same_frame_gives_the_same_intervals() -> None:
    lots = np.random.default_rng(1)
    frame = pd.DataFrame({"a": [0, 1] * 10, "m": lots.standard_normal(20)})
    pd.testing.assert_frame_equal(effects(frame, ["a"], "m"), effects(frame, ["a"], "m"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"metric": "n"}, "no column 'n'; it has 'a', 'm', 't'"),
        ({"axes": ["b"]}, "no column 'b'"),
        ({"metric": "t"}, "'t' is text, such as 'ff'"),
        ({"level": 95}, "between 0 and 1"),
        ({"resamples": 10}, "100 or more"),
    ],
)
def test_what_cannot_be_judged_is_refused_in_words(options: dict[str, Any], message: str) -> None:
    frame = pd.DataFrame({"a": [0, 1], "m": [1.0, 2.0], "t": ["ff", "0f"]})
    with pytest.raises(ValueError, match=message):
        effects(frame, **({"axes": ["a"], "metric": "m"} | options))


def test_no_number_at_all_is_said() -> None:
    with pytest.raises(ValueError, match="No cell has a number for 'm'"):
        effects(pd.DataFrame({"a": [0], "m": [None]}), ["a"], "m")

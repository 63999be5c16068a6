from __future__ import annotations

import math
import subprocess
import sys
from collections import Counter
from itertools import islice, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mj_widgets.sweep.points import Grid, Latin, Lottery, Points, Star, draw_seeds

SIZES = st.lists(st.integers(1, 7), min_size=0, max_size=4)
RNG = st.integers(0, 2**70)


@given(SIZES)
def test_a_grid_has_each_with_each_in_the_order_of_a_product(sizes: list[int]) -> None:
    grid = Grid(sizes)
    expected = [*product(*map(range, sizes))]
    assert [*grid] == [grid.at(number) for number in range(grid.count)] == expected


@given(SIZES.flatmap(lambda sizes: st.tuples(st.just(sizes), st.tuples(*(st.integers(0, size - 1) for size in sizes)))))
def test_a_star_changes_one_axis_at_a_time(drawn: tuple[list[int], tuple[int, ...]]) -> None:
    sizes, centre = drawn
    points = [*Star(sizes, centre)]
    assert points[0] == centre
    assert len(points) == len({*points}) == 1 + sum(size - 1 for size in sizes)
    assert all(sum(at != middle for at, middle in zip(point, centre, strict=True)) == 1 for point in points[1:])
    with pytest.raises(IndexError):
        Star(sizes, centre).at(len(points))


@given(SIZES, RNG, st.data())
def test_a_latin_hypercube_is_balanced_and_has_no_point_twice(sizes: list[int], rng: int, data: st.DataObject) -> None:
    """However long it is: the counts of an axis's values differ by one at most."""
    every = math.prod(sizes)
    number = data.draw(st.integers(1, every))
    design = Latin(sizes, number, rng)
    points = [*design]
    assert len({*points}) == len(points) == number
    assert points == [design.at(place) for place in range(number)]
    for axis, size in enumerate(sizes):
        counts = Counter(point[axis] for point in points)
        assert max(counts[value] for value in range(size)) - min(counts[value] for value in range(size)) <= 1
    assert sorted(design.walk()) == [*product(*map(range, sizes))]


@pytest.mark.parametrize("kind", [Latin, Lottery])
@given(sizes=SIZES, rng=RNG, data=st.data())
def test_a_longer_draw_starts_with_the_shorter_one(kind: type[Points], sizes: list[int], rng: int, data: st.DataObject) -> None:
    every = math.prod(sizes)
    number = data.draw(st.integers(1, every))
    assert [*kind(sizes, every, rng)][:number] == [*kind(sizes, number, rng)]  # type: ignore[call-arg] # both take these


@given(SIZES, RNG)
def test_a_lottery_draws_every_point_once(sizes: list[int], rng: int) -> None:
    draw = Lottery(sizes, math.prod(sizes), rng)
    assert sorted(draw) == [*product(*map(range, sizes))]
    assert [*draw] == [draw.at(place) for place in range(draw.count)]


@pytest.mark.parametrize("kind", [Latin, Lottery])
def test_another_seed_of_the_lots_gives_another_draw(kind: type[Points]) -> None:
    draws = {tuple(kind((9, 9, 9), 5, rng)) for rng in range(20)}  # type: ignore[call-arg, arg-type] # both take these
    assert len(draws) == 20


def test_a_lottery_favours_no_point() -> None:
    """Of 30 points 3 are drawn, 2000 times: each is expected 200 times, with a standard deviation of 13."""
    counts = Counter(point for rng in range(2000) for point in Lottery((5, 6), 3, rng))
    assert len(counts) == 30
    assert all(140 < number < 260 for number in counts.values())


def test_a_latin_hypercube_joins_no_values_more_than_others() -> None:
    """Two axes of five values, 2000 times: each of the 25 pairs is expected 400 times, with a standard deviation of 18."""
    counts = Counter(point for rng in range(2000) for point in Latin((5, 5), 5, rng))
    assert len(counts) == 25
    assert all(310 < number < 490 for number in counts.values())


def test_a_grid_too_large_for_any_machine_is_drawn_from_at_once() -> None:
    huge = (5_000,) * 12
    assert len({*Lottery(huge, 100, 1)}) == len({*Latin(huge, 100, 1)}) == 100
    assert Grid(huge).at(Grid(huge).count - 1) == (4_999,) * 12
    assert [*islice(Latin((2,) * 400, 3, 1).walk(), 3)] == [*Latin((2,) * 400, 3, 1)]


def test_seeds_are_seeds_and_never_twice() -> None:
    seeds = draw_seeds(5000, 3)
    assert len({*seeds}) == 5000
    assert 0 <= min(seeds) < 2**24
    assert 2**32 - 2**24 < max(seeds) < 2**32


def test_what_is_drawn_is_the_same_everywhere_and_always() -> None:
    """In another process, with another hash seed; and as it was when this was written."""
    assert [*Latin((3, 4), 5, 0)] == [(0, 2), (2, 3), (1, 1), (0, 0), (2, 2)]
    assert [*Lottery((100, 100), 3, 0)] == [(74, 77), (69, 30), (50, 34)]
    assert draw_seeds(2, 0) == (2386342667, 2525000545)
    code = (
        "from mj_widgets.sweep.points import *; print([*Latin((30, 40), 50, 7)], [*Lottery((30, 40), 50, 7)], draw_seeds(9, 7))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1] == f"{[*Latin((30, 40), 50, 7)]} {[*Lottery((30, 40), 50, 7)]} {draw_seeds(9, 7)}\n"

"""The five designs: which values are tried together.

A point is a tuple with the number of a value for each axis. Points are counted without making them, and made one by one.
What is drawn by lot depends on the seed of the lots alone: only `random.Random.random` is used, whose numbers Python
promises to keep, so a design comes out the same on every machine and in every year.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice, product

Point = tuple[int, ...]


class Points:
    """The points of a design, in its order."""

    count: int
    drawn = False
    """Whether `count` is what was asked for, out of more."""

    def at(self, number: int) -> Point:
        """Make one point."""
        raise NotImplementedError

    def walk(self) -> Iterator[Point]:
        """Make all points that the design would take, were some of them left out: never fewer than `count`."""
        return map(self.at, range(self.count))

    def __iter__(self) -> Iterator[Point]:
        return islice(self.walk(), self.count)


class Listed(Points):
    """Points that are written down."""

    def __init__(self, points: Sequence[Point]) -> None:
        self.points = points
        self.count = len(points)

    def at(self, number: int) -> Point:
        """Look it up."""
        return self.points[number]


class Grid(Points):
    """Each value of each axis with each of the others; the last axis changes first.

    Examples
    --------
    >>> grid = Grid((2, 3))
    >>> grid.count, [*grid], grid.at(4)
    (6, [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)], (1, 1))
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        self.sizes = tuple(sizes)
        self.count = math.prod(self.sizes)

    def at(self, number: int) -> Point:
        """Write the number with a digit for each axis."""
        digits: list[int] = []
        for size in reversed(self.sizes):
            number, digit = divmod(number, size)
            digits.append(digit)
        return tuple(reversed(digits))

    def walk(self) -> Iterator[Point]:
        """Make them, quicker than by `at`."""
        return product(*map(range, self.sizes))


class Star(Points):
    """The centre, then one axis after the other is changed, and the others stay.

    Examples
    --------
    >>> [*Star((2, 3), centre=(0, 1))]
    [(0, 1), (1, 1), (0, 0), (0, 2)]
    """

    def __init__(self, sizes: Sequence[int], centre: Point) -> None:
        self.sizes = tuple(sizes)
        self.centre = centre
        self.count = 1 + sum(size - 1 for size in self.sizes)

    def at(self, number: int) -> Point:
        """Count the arms off."""
        if number == 0:
            return self.centre
        number -= 1
        for place, size in enumerate(self.sizes):
            if number < size - 1:
                value = number + (number >= self.centre[place])
                return (*self.centre[:place], value, *self.centre[place + 1 :])
            number -= size - 1
        raise IndexError(number)


class Latin(Points):
    """A Latin hypercube: in any run of its first points the values of each axis come equally often, give or take one.

    The points of a grid fall into cycles in which every axis steps to its next value at once, each of them balanced. They
    are walked one after the other, with the values of each axis shuffled; hence no point comes twice, a longer design
    starts with the shorter one, and as many points as each axis has values are the usual Latin hypercube.

    Examples
    --------
    >>> points = [*Latin((4, 4), 4, rng=0)]
    >>> [sorted(values) for values in zip(*points)]
    [[0, 1, 2, 3], [0, 1, 2, 3]]
    """

    drawn = True

    def __init__(self, sizes: Sequence[int], count: int, rng: int) -> None:
        self.sizes = tuple(sizes)
        self.count = count
        self._rng = rng

    @cached_property
    def _order(self) -> tuple[int, list[tuple[list[int], list[int]]]]:
        """Give the length of a cycle, and for each axis its shuffled values and shifts."""
        lots = random.Random(f"latin {self._rng}")  # noqa: S311 - a design is to be repeated, not to be secret
        length, axes = 1, []
        for size in self.sizes:
            shifts = math.gcd(length, size)
            axes.append(([*_shuffled(size, lots)], [*_shuffled(shifts, lots)]))
            length = math.lcm(length, size)
        return length, axes

    def at(self, number: int) -> Point:
        """Step along the cycle; which cycle it is says how far the axes are shifted against each other."""
        length, axes = self._order
        cycle, step = divmod(number, length)
        point = []
        for values, shifts in axes:
            cycle, shift = divmod(cycle, len(shifts))
            point.append(values[(step + shifts[shift]) % len(values)])
        return tuple(point)

    def walk(self) -> Iterator[Point]:
        """Go on through the whole grid."""
        return map(self.at, range(math.prod(self.sizes)))


class Lottery(Points):
    """Points of the grid drawn by lot, none twice; a longer draw starts with the shorter one.

    Examples
    --------
    >>> draw = [*Lottery((1000, 1000, 1000), 3, rng=7)]
    >>> len(set(draw)), [*Lottery((1000, 1000, 1000), 5, rng=7)][:3] == draw
    (3, True)
    """

    drawn = True

    def __init__(self, sizes: Sequence[int], count: int, rng: int) -> None:
        self.grid = Grid(sizes)
        self.count = count
        self._rng = rng

    @cached_property
    def _drawn(self) -> list[Point]:
        return [*self]

    def at(self, number: int) -> Point:
        """Look it up among all that were drawn."""
        return self._drawn[number]

    def walk(self) -> Iterator[Point]:
        """Draw until the grid is used up."""
        lots = random.Random(f"random {self._rng}")  # noqa: S311 - a design is to be repeated, not to be secret
        return map(self.grid.at, _shuffled(self.grid.count, lots))


def draw_seeds(number: int, rng: int) -> tuple[int, ...]:
    """Draw seeds; more of them start with the same ones.

    Examples
    --------
    >>> draw_seeds(3, 0)[:2] == draw_seeds(2, 0)
    True
    """
    lots = random.Random(f"seeds {rng}")  # noqa: S311 - a design is to be repeated, not to be secret
    return tuple(islice(_shuffled(2**32, lots), number))


def _shuffled(size: int, lots: random.Random) -> Iterator[int]:
    """Give 0 to `size` - 1 in a random order, as far as it is asked for (Fisher and Yates's, with what was moved kept)."""
    moved: dict[int, int] = {}
    for place in range(size):
        other = place + _below(size - place, lots)
        yield moved.get(other, other)
        moved[other] = moved.pop(place, place)


def _below(limit: int, lots: random.Random) -> int:
    number = int(lots.random() * 2**53) << 53 | int(lots.random() * 2**53)  # 106 bits, so that any grid is drawn from evenly
    return number * limit >> 106

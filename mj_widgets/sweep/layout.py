"""The cells of a design: counted, found and made one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import count

from mj_widgets.sweep.axis import Axis
from mj_widgets.sweep.cell import Cell, Row
from mj_widgets.sweep.exclude import Excluded, Kept
from mj_widgets.sweep.points import Listed, Point, Points
from mj_widgets.sweep.shapes import Shapes


@dataclass(frozen=True)
class Layout:
    """What a sweep is made of."""

    axes: Mapping[str, Axis]
    shapes: Shapes
    design: Points
    excluded: Excluded | Kept | None
    seeds: tuple[int, ...] | None
    replicates: int
    limit: int

    @cached_property
    def left(self) -> Points:
        """The points that are not excluded."""
        return self.design if self.excluded is None else self.excluded.keep(self.design, self.limit)

    @cached_property
    def _once(self) -> tuple[Points, dict[int, int]]:
        """The points that ask for different things, and how many more ask for the same as each.

        A large design of which it cannot be told beforehand is not searched: it can only be looked at.
        """
        listed = isinstance(self.design, Listed) or isinstance(self.excluded, Kept)  # so that one may be there twice
        distinct = self.shapes.tells_apart and not listed
        if distinct or self.left.count > self.limit:
            return self.left, {}
        places: dict[str, int] = {}
        kept: list[Point] = []
        twice: dict[int, int] = {}
        for place, point in enumerate(self.left):
            row = self._row(0, place, point, 0)
            first = places.setdefault(row.identity, len(kept))
            if first == len(kept):
                kept.append(point)
            else:
                twice[first] = twice.get(first, 0) + 1
        return (Listed(kept), twice) if twice else (self.left, {})

    @property
    def twice(self) -> dict[int, int]:
        """How many points were left out for some others, by the place of these."""
        return self._once[1]

    @property
    def draws(self) -> int:
        """Cells at each point."""
        return self.replicates * len(self.seeds or (None,))

    @property
    def size(self) -> int:
        """The number of cells."""
        return self._once[0].count * self.draws

    @property
    def duplicates(self) -> int:
        """The number of cells that were left out because others ask for the same."""
        return sum(self.twice.values()) * self.draws

    def must_fit(self) -> None:
        """See to it that all cells may be made.

        Raises
        ------
        ValueError
            There are more than `limit`.
        """
        if self.size > self.limit:
            draws = f" x {self.draws:,} replicates" if self.draws > 1 else ""
            raise ValueError(
                f"The sweep has {self.size:,} cells ({self.sizes}{draws}), and at most {self.limit:,} are planned or run. Give "
                "fewer values, exclude some, take design='latin' or 'random' with n=, or raise limit=."
            )

    @property
    def sizes(self) -> str:
        """The axes and how many values each has, for a message."""
        return " x ".join(f"{name} {len(found.values):,}" for name, found in self.axes.items())

    def told(self, point: Point) -> str:
        """Name the values of a point in a message."""
        return ", ".join(f"{name}={found.values[at]!r}" for (name, found), at in zip(self.axes.items(), point, strict=False))

    def rows(self) -> Iterator[Row]:
        """Give all cells, not made yet."""
        draws, numbers = range(self.draws), count()
        for place, point in enumerate(self._once[0]):
            for draw in draws:
                yield self._row(next(numbers), place, point, draw)

    def row(self, index: int) -> Row:
        """Give one cell, not made yet."""
        place, draw = divmod(index, self.draws)
        return self._row(index, place, self._once[0].at(place), draw)

    def _row(self, index: int, place: int, point: Point, draw: int) -> Row:
        seed, number = divmod(draw, self.replicates)
        full = (*point, seed) if self.seeds else point
        try:
            shape = self.shapes.of(full)
        except ValueError as error:
            raise ValueError(f"The cell with {self.told(point)} cannot be sent: {error}.") from None
        return Row(index, place, full, draw + 1, number + 1, shape, shape.text(self.shapes.columns, full))

    def seed(self, row: Row) -> int | None:
        """Give the seed that a cell says; None where it says none, or no number."""
        return self.shapes.seed(row.shape, row.point)

    def cell(self, row: Row) -> Cell:
        """Make a cell."""
        at = [*zip(self.axes.items(), row.point, strict=False)]
        return Cell(
            row.at,
            row.replicate,
            self.seed(row),
            {name: found.values[place] for (name, found), place in at},
            {name: found.labels[place] for (name, found), place in at},
            row.shape.request.model_copy(update={"prompt": row.text}),
            row.key,
            row.number,
        )

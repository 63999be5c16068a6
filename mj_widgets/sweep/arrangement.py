"""Which cells stand in which row and column of which page: no pixels yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mj_widgets.sweep.cells import RunCell
    from mj_widgets.sweep.run import SweepRun

REPLICATE, SEED = "replicate", "seed"

Only = Mapping[str, Any]
Key = tuple[str, ...]


@dataclass(frozen=True)
class Page:
    """A piece of a table that fits on a page."""

    fixed: tuple[tuple[str, str], ...]
    """The axes that are neither across nor down, each with its label."""
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    """Empty where there is no axis down."""
    cells: Mapping[tuple[str, str], tuple[RunCell, ...]]
    """By column and row; the row is empty where there is no axis down. Replicates stand side by side."""


class Arrangement:
    """The labels of each axis, and where each cell stands. Seeds and replicates are axes as well, if one asks for them."""

    def __init__(self, run: SweepRun, x: str | None, y: str | None, only: Only | None) -> None:
        self.labels = _labels(run)
        self._axes = [name for name in self.labels if name in run.sweep.axes]
        shown = [name for name in self._axes if len(self.labels[name]) > 1] or self._axes or [*self.labels]
        self.x = self._checked("x", x) or next((name for name in shown if name != y), shown[0] if shown else "")
        self.y = self._checked("y", y) or next((name for name in shown if name != self.x), "")
        if self.x and self.x == self.y:
            raise ValueError(f"x and y are both {self.x!r}: give two axes.")
        if only:
            self._restrict(run, only)
        beside = [name for name in (SEED, REPLICATE) if name not in self._axes and name not in (self.x, self.y)]
        self._others = [name for name in self.labels if name not in (self.x, self.y, *beside)]
        self._placed: dict[Key, list[RunCell]] = {}
        for cell in run:
            if (key := self._key(cell)) is not None:
                self._placed.setdefault(key, []).append(cell)

    @property
    def beside(self) -> int:
        """How many cells stand side by side in one place, at most."""
        return max(map(len, self._placed.values()), default=0)

    def pages(self, across: int, down: int) -> Iterator[Page]:
        """Cut the table into pages of at most so many columns and rows; pages without a cell are left out.

        Where there is no axis down, the columns go on in the next line, as words do.
        """
        columns, rows = self.labels.get(self.x, ("",)), self.labels[self.y] if self.y else ()
        sizes = (across, down) if self.y else (across * down, 1)
        for fixed in product(*(self.labels[name] for name in self._others)):
            for some_rows in _cut(rows, sizes[1]) if rows else [()]:
                for some in _cut(columns, sizes[0]):
                    cells = {
                        (column, row): tuple(found)
                        for row in some_rows or ("",)
                        for column in some
                        if (found := self._placed.get((column, row, *fixed)))
                    }
                    if cells:
                        yield Page(tuple(zip(self._others, fixed, strict=True)), some, some_rows, cells)

    def _checked(self, which: str, name: str | None) -> str | None:
        if name is not None and name not in self.labels:
            raise ValueError(f"{which} is {name!r}, and the axes are {', '.join(map(repr, self.labels)) or 'none'}.")
        return name

    def _restrict(self, run: SweepRun, only: Only) -> None:
        for name, wanted in only.items():
            self._checked("only", name)
            found = self.labels[name]
            listed = [*wanted] if isinstance(wanted, (list, tuple, range, set)) else [wanted]
            axis = run.sweep.axes.get(name)
            values = dict(zip(axis.labels, axis.values, strict=True)) if axis else {}
            wanted_labels = {str(one) for one in listed}
            kept = [label for label in found if label in wanted_labels or values.get(label, label) in listed]
            if not kept:
                raise ValueError(f"only: {name} has no {wanted!r}; it has {', '.join(map(repr, found))}.")
            self.labels[name] = tuple(kept)

    def _key(self, cell: RunCell) -> Key | None:
        """Say where a cell stands: its column, its row, and its other labels; None where it is left out."""
        if any(label_of(cell, name) not in kept for name, kept in self.labels.items()):
            return None
        return tuple(label_of(cell, name) if name else "" for name in (self.x, self.y, *self._others))


def label_of(cell: RunCell, name: str) -> str:
    """Say what a cell is called on an axis, or as a seed or a replicate."""
    if name in cell.labels:
        return cell.labels[name]
    return str(cell.replicate if name == REPLICATE else cell.cell.seed) if name in (REPLICATE, SEED) else ""


def _labels(run: SweepRun) -> dict[str, tuple[str, ...]]:
    """Give the labels that cells have, in the order of their axes; seeds and replicates where there are several."""
    labels: dict[str, tuple[str, ...]] = {}
    for name, axis in run.sweep.axes.items():
        there = {cell.labels[name] for cell in run if name in cell.labels}
        labels[name] = tuple(label for label in dict.fromkeys(axis.labels) if label in there)
    for name in (SEED, REPLICATE):
        found = tuple(dict.fromkeys(label_of(cell, name) for cell in run))
        if name not in labels and len(found) > 1:
            labels[name] = tuple(sorted(found, key=int)) if all(label.isdigit() for label in found) else found
    alone = {(*cell.labels.values(), cell.cell.seed) for cell in run}
    if SEED in labels and REPLICATE in labels and REPLICATE not in run.sweep.axes and len(alone) == len(run):
        del labels[REPLICATE]  # it says which seed it is
    return {name: found for name, found in labels.items() if found}


def _cut(labels: Sequence[str], size: int) -> Iterable[tuple[str, ...]]:
    return (tuple(labels[at : at + size]) for at in range(0, len(labels), size))

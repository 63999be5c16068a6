"""What a viewer knows of a run: its axes, and of each cell where it stands on them and what has become of it."""

from __future__ import annotations

import sys
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

from mj_widgets.prompt.parse import parse
from mj_widgets.sweep.cells import STATES

if TYPE_CHECKING:
    from mj_widgets.sweep.cells import RunCell
    from mj_widgets.sweep.run import SweepRun

SHOWN_STATES = (*STATES, "deleted")
ALL = -1  # in place of a value: all of them, side by side
SIDE_BY_SIDE = 4  # replicates or seeds that stand beside each other at first
_TURN = 4  # bits of a byte above the state
_NARROW = 1 << 16


class ShownAxis(NamedTuple):
    """An axis as the viewer shows it; replicates and seeds are axes too."""

    name: str
    labels: tuple[str, ...]
    notes: tuple[str, ...]
    places: Sequence[int]
    """Of each cell: which of the labels it has."""


def axes_of(run: SweepRun) -> list[ShownAxis]:
    """Give the axes of a run, then the seeds and the replicates where there are several."""
    cells = run.cells
    shown = [
        _axis(name, axis.labels, axis.notes, [cell.labels[name] for cell in cells]) for name, axis in run.sweep.axes.items()
    ]
    taken = set(run.sweep.axes)
    seeds = ["" if cell.cell.seed is None else str(cell.cell.seed) for cell in cells]
    if len(set(seeds)) > 1 and "seed" not in taken:
        shown.append(_axis("seed", (), (), seeds))
    seen: Counter[tuple[str, ...]] = Counter()
    draws = []
    for cell, seed in zip(cells, seeds, strict=True):
        what = (*cell.labels.values(), seed)
        seen[what] += 1
        draws.append(str(seen[what]))
    if len(set(draws)) > 1:
        shown.append(_axis("copy" if "replicate" in taken else "replicate", (), (), draws))
    return shown


def _axis(name: str, labels: Sequence[str], notes: Sequence[str], of_cells: Sequence[str]) -> ShownAxis:
    """Give each label a number; the cells may have some that the axis has not, such as those of a centre."""
    known = {label: place for place, label in enumerate(dict.fromkeys([*labels, *of_cells]))}
    told = dict(zip(labels, notes, strict=False))
    return ShownAxis(name, tuple(known), tuple(told.get(label, "") for label in known), [known[label] for label in of_cells])


def first_view(axes: Sequence[ShownAxis], number: int, x: str | None, y: str | None) -> dict[str, Any]:
    """Choose what lies where when nobody has chosen yet.

    Raises
    ------
    ValueError
        There is no such axis, or both are the same one.
    """
    names = [axis.name for axis in axes]
    for where, wanted in (("x", x), ("y", y)):
        if wanted and wanted not in names:
            raise ValueError(f"{where} is one of {', '.join(map(repr, names)) or 'no axes'}, not {wanted!r}.")
    if x and x == y:
        raise ValueError(f"x and y are both {x!r}: give two axes, or one and '' for the other.")
    free = [axis.name for axis in axes if len(axis.labels) > 1] or names
    if x is None:
        left = [name for name in free if name != y]
        x = left[1] if len(left) > 1 and y is None and left[1] not in _draws(names) else (left or [""])[0]
    if y is None:
        draws = {axis.name for axis in axes if axis.name in _draws(names) and len(axis.labels) <= SIDE_BY_SIDE}
        y = next((name for name in free if name != x and name not in draws), "")
    whole = prod(len(axis.labels) for axis in axes) == number  # else most values of a slider would show next to nothing
    beside = {axis.name for axis in axes if not whole or (axis.name in _draws(names) and len(axis.labels) <= SIDE_BY_SIDE)}
    picks = {name: ALL if name in beside else 0 for name in names}
    return {"x": x, "y": y, "picks": picks, "hidden": {}, "tile": 0, "size": "medium"}


def _draws(names: Sequence[str]) -> set[str]:
    return {"seed", "replicate", "copy"} & set(names)


def pack(axes: Sequence[ShownAxis]) -> tuple[int, bytes]:
    """Give the bytes a number has, and for axis after axis the place of each cell, little end first."""
    kind = "H" if all(len(axis.labels) < _NARROW for axis in axes) else "I"
    packed = array(kind)
    for axis in axes:
        packed.extend(axis.places)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.itemsize, packed.tobytes()


def byte(cell: RunCell, turn: int) -> int:
    """Pack the state of a cell, and a number that is another one whenever something else about it has changed."""
    deleted = cell.generation is not None and cell.generation.is_deleted
    return SHOWN_STATES.index("deleted" if deleted else cell.state) | (turn % 16) << _TURN


def ratio_of(cells: Sequence[RunCell]) -> float:
    """Width by height of the pictures; 1 where they differ."""
    asked = {parse(cells[at].cell.prompt).get("aspect") or "1:1" for at in (0, len(cells) // 2, -1)} if cells else set()
    width, _, height = (asked.pop() if len(asked) == 1 else "1:1").partition(":")
    try:
        return min(max(float(width) / float(height), 0.4), 2.5)
    except (ValueError, ZeroDivisionError):
        return 1.0


def arranged(axes: Sequence[ShownAxis], view: Mapping[str, Any]) -> dict[tuple[int, ...], dict[tuple[int, int], list[int]]]:
    """Give what stands in the table, by the places on the axes that are sliders; in it, by row and column, the cells.

    What comes first is what the sliders are at. It is lenient: what it is given comes from a page.
    """
    hidden = {name: {*places} for name, places in view.get("hidden", {}).items() if isinstance(places, list)}
    picks = view.get("picks", {})
    lying = {where: next((axis for axis in axes if axis.name == view.get(where)), None) for where in ("x", "y")}
    slid = [axis for axis in axes if axis not in lying.values() and picks.get(axis.name, ALL) != ALL]
    here = tuple(picks[axis.name] for axis in slid)
    tables: dict[tuple[int, ...], dict[tuple[int, int], list[int]]] = {here: {}}
    for cell in range(len(axes[0].places) if axes else 0):
        if any(axis.places[cell] in hidden.get(axis.name, ()) for axis in axes):
            continue
        row, column = (axis.places[cell] if (axis := lying[where]) else 0 for where in ("y", "x"))
        tables.setdefault(tuple(axis.places[cell] for axis in slid), {}).setdefault((row, column), []).append(cell)
    return tables

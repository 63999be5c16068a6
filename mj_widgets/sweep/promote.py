"""The best cells of a run, sent on: a cheap first pass, then money on the few.

What is sent is a run like any other, of cells that were chosen: its keys come from what is asked for, and that names the
picture that it starts from. So promoting again, with the same choice or a longer one, finds what is there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from operator import index as as_index
from typing import TYPE_CHECKING, Any, NamedTuple

from mj_widgets.models import ImagineRequest, Mode
from mj_widgets.prompt.parse import parse
from mj_widgets.prompt.rules import lint
from mj_widgets.sweep import manifest, rating
from mj_widgets.sweep.axis import Axis
from mj_widgets.sweep.cell import Cell
from mj_widgets.sweep.key import identity, key_of

if TYPE_CHECKING:
    from mj_widgets.session.generation import Generation
    from mj_widgets.sweep.cells import RunCell
    from mj_widgets.sweep.run import SweepRun

RATING = "rating"

_BY_TILE = ("upscale", "variation")  # alone they stand for that of the best tile

Score = Callable[["RunCell"], Any]


class Chosen(NamedTuple):
    """A cell of a run, and the tile of it that is meant; None for the whole."""

    cell: RunCell
    tile: int | None


class Promotion:
    """The cells that were chosen, as a design that can be run; they keep their values, and the axes stay.

    Attributes
    ----------
    source : SweepRun
        The run that they were chosen from.
    change : dict
        What is done with them: ``action``, ``mode`` and ``version``, as far as they were given.
    """

    design = "promoted"

    def __init__(self, source: SweepRun, chosen: list[Chosen], change: Mapping[str, str | None]) -> None:
        self.source = source
        self.change = {name: value for name, value in change.items() if value is not None}
        self._cells = [self._cell(rank, *one) for rank, one in enumerate(chosen)]

    def __repr__(self) -> str:
        done = ", ".join(f"{name}={value!r}" for name, value in self.change.items())
        return f"<Promotion of {len(self)} of {len(self.source)} cells: {done}>"

    @property
    def axes(self) -> Mapping[str, Axis]:
        """Those of the run that they were chosen from."""
        return self.source.sweep.axes

    def __len__(self) -> int:
        return len(self._cells)

    def __iter__(self) -> Iterator[Cell]:
        return iter(self._cells)

    def __getitem__(self, index: int) -> Cell:
        return self._cells[index]

    def check(self) -> None:
        """See to it that the service will take each cell, as far as the linter knows.

        Raises
        ------
        ValueError
            It will refuse one; the message names it, and says why.
        """
        for cell in self._cells:
            if found := [one.message for one in lint(cell.request) if one.level == "error"]:
                told = ", ".join(f"{name}={value!r}" for name, value in cell.values.items())
                raise ValueError(f"The promoted cell with {told} would be refused, so nothing is sent. {' '.join(found)}")

    def manifest(self) -> dict[str, Any]:
        """Give what was promoted, and the manifest of the design that it came from."""
        return {
            "manifest": manifest.VERSION,
            "package": version("mj_widgets"),
            "promoted": self.change,
            "source": {"id": self.source.id, **self.source.sweep.manifest()},
            "requests": [cell.request.model_dump(mode="json", exclude_defaults=True) for cell in self._cells],
            "cells": [cell.key for cell in self._cells],
        }

    def _cell(self, rank: int, found: RunCell, tile: int | None) -> Cell:
        request, cell = self._request(found, tile), found.cell
        # A follow-up names the picture that it starts from, so it is the first of its kind; to ask anew does not.
        number = 1 if "action" in self.change else cell.number
        key = key_of(identity(request), number)
        return Cell(rank, cell.replicate, cell.seed, cell.values, cell.labels, request, key, number)

    def _request(self, found: RunCell, tile: int | None) -> ImagineRequest:
        action, version = self.change.get("action"), self.change.get("version")
        mode: Any = self.change.get("mode")
        if action is not None:
            gen = _generation(found)
            return gen._follow_up(f"{action}{tile}" if tile else action, mode=mode)
        request = found.cell.request
        changes: dict[str, Any] = {"mode": mode or request.mode}
        if version is not None:
            prompt = parse(request.prompt).with_parameter("version", version)
            changes |= {"prompt": prompt.text, "version": None}
        changed = ImagineRequest.model_validate({**dict(request), **changes})
        if identity(changed) == identity(request):
            raise ValueError(f"Cell {found.index} was asked for like that already: give another mode= or version=.")
        return changed


def promote(
    run: SweepRun,
    k: int,
    by: Any = RATING,
    *,
    action: str | None = None,
    mode: Mode | None = None,
    version: str | None = None,
    **options: Any,
) -> SweepRun:
    """Send the best cells on: see `SweepRun.promote`."""
    from mj_widgets.sweep.run import start

    if action is None and mode is None and version is None:
        raise ValueError("Say what to do with them: action='upscale', or mode= or version= to ask for the same again.")
    if action is not None and version is not None:
        raise ValueError(f"A version is for a new picture, and {action} continues one: leave out action= or version=.")
    chosen = best(run, k, by, by_tile=action in _BY_TILE)
    return start(Promotion(run, chosen, {"action": action, "mode": mode, "version": version}), run.session, **options)


def best(run: SweepRun, k: int, by: Any = RATING, *, by_tile: bool = False) -> list[Chosen]:
    """Choose the best cells of those that are done; of equals, those that are first in the design.

    Raises
    ------
    ValueError
        There is not one that can be compared, or there is no such measure.
    """
    if as_index(k) < 1:
        raise ValueError(f"k is how many cells to promote, 1 or more, not {k!r}.")
    score = _score(run, by, by_tile=by_tile)
    scored = [
        (value, cell, tile)
        for cell in run
        if cell.state == "done"
        for value, tile in [_best_tile(score(cell), by_tile=by_tile)]
        if not math.isnan(value)
    ]
    if not scored:
        raise ValueError(_nothing(run, by, by_tile=by_tile))
    scored.sort(key=lambda one: -one[0])
    return [Chosen(cell, tile) for _, cell, tile in scored[:k]]


def _score(run: SweepRun, by: Any, *, by_tile: bool) -> Score:
    """Give what measures a cell: a number, or numbers by tile where these are asked for."""
    if callable(by):
        return by  # type: ignore[no-any-return] # whatever it gives is checked
    if isinstance(by, str):
        return _judged(run, by, by_tile=by_tile) if by in (RATING, "strength") else _measure(run, by, by_tile=by_tile)
    if hasattr(by, "items"):
        column = dict(by.items())
    else:
        column = dict(enumerate(by))
        if len(column) != len(run):
            raise ValueError(f"by has {len(column)} numbers for {len(run)} cells: give one for each, in their order.")
    return lambda cell: column.get(cell.index)


def _judged(run: SweepRun, name: str, *, by_tile: bool) -> Score:
    """Take what raters said, or else the stars of the pictures."""
    if by_tile:
        of_tiles = rating.said_by_tile(run, name)
        return _tile_stars if name == RATING and not of_tiles else lambda cell: of_tiles.get(cell.index, {})
    of_cells = rating.rating_by_cell(run) if name == RATING else rating.strength_by_cell(run)
    return lambda cell: of_cells.get(cell.index)


def _tile_stars(cell: RunCell) -> dict[int, int]:
    return {tile: stars for tile, stars in _generation(cell).marks.ratings.items() if tile}


def _measure(run: SweepRun, name: str, *, by_tile: bool) -> Score:
    """Measure the pictures by one of our metrics, or look into the frame of the run."""
    from mj_widgets.sweep.metrics import METRICS

    if name in METRICS and by_tile:
        return _tiles_measured(run, name)
    if name in METRICS:
        run.measure(name, progress=False)
        column = run.measured().get(name)
    else:
        frame = run.to_dataframe()
        column = [*frame[name]] if name in frame else None
    if column is None:
        known = ", ".join(map(repr, [RATING, "strength", *METRICS]))
        raise ValueError(f"{name!r} measures nothing here: give {known}, a function of a cell, or one number a cell.")
    return lambda cell: column[cell.index]


def _tiles_measured(run: SweepRun, name: str) -> Score:
    frame = run.measure(name, progress=False)
    found: dict[int, dict[int, Any]] = {}
    for cell, tile, value in zip(frame["cell"], frame["tile"], frame.get(name, [None] * len(frame)), strict=True):
        if tile:
            found.setdefault(int(cell), {})[int(tile)] = value
    return lambda cell: found.get(cell.index, {})


def _best_tile(value: Any, *, by_tile: bool) -> tuple[float, int | None]:
    """Give a score and the tile that has it; NaN where there is none."""
    if isinstance(value, Mapping) and by_tile:
        scores = {int(tile): _number(score) for tile, score in value.items()}
        there = {tile: score for tile, score in scores.items() if not math.isnan(score)}
        tile = max(sorted(there), key=there.__getitem__, default=None)
        return (math.nan, None) if tile is None else (there[tile], tile)
    if by_tile:
        raise ValueError(
            "by says nothing of the tiles, so it is not known which of them is best: name one, as in action='upscale1', or "
            "let by give a dict of numbers by tile."
        )
    return _number(value), None


def _number(value: Any) -> float:
    if value is None:
        return math.nan
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ValueError(f"by gives {value!r}, and what is best is told by a number.") from None


def _generation(cell: RunCell) -> Generation:
    assert cell.generation is not None  # noqa: S101 - it is done
    return cell.generation


def _nothing(run: SweepRun, by: Any, *, by_tile: bool) -> str:
    if not run.counts["done"]:
        return "No cell is done yet: wait for the run first, run.result() or await run."
    if isinstance(by, str) and by == RATING:
        what = "tile is" if by_tile else "picture is"
        how = "run.rate('Ada', tiles=True) or gen.rate(4, tile=2)" if by_tile else "run.rate('Ada') or gen.rate(4)"
        return f"No {what} rated yet: {how}, or choose by= something else."
    if isinstance(by, str) and by == "strength":
        what, how = ("tiles", ", tiles=True") if by_tile else ("pictures", "")
        return f"No {what} were compared yet: run.rate('Ada', kind='pairs'{how}), or choose by= something else."
    return "by gives no number for any cell that is done."

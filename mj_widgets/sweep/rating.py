"""What people say of a run's pictures: who is asked what, what was said, and what it comes to.

Whoever judges sees no value of any axis. A few are asked twice, so that it shows how far somebody agrees with himself; these do
not count a second time.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from mj_widgets.sweep.agreement import Agreement, agreement, alpha, kappa
from mj_widgets.sweep.deck import REPEATS, Look, Pair, looks, pairs
from mj_widgets.sweep.frame import named
from mj_widgets.sweep.judgement import MOST_STARS, Choice, Kind, Stars, Won
from mj_widgets.sweep.strength import PRIOR, Strength, bradley_terry

if TYPE_CHECKING:
    import pandas as pd

    from mj_widgets.models import Image
    from mj_widgets.sweep.cells import RunCell
    from mj_widgets.sweep.run import SweepRun

__all__ = [
    "PRIOR",
    "REPEATS",
    "Agreement",
    "Choice",
    "Item",
    "Look",
    "Pair",
    "Stars",
    "Strength",
    "agreement",
    "alpha",
    "bradley_terry",
    "judge",
    "judgements",
    "kappa",
    "looks",
    "names",
    "pairs",
]


class Item(NamedTuple):
    """A picture that can be judged."""

    name: str
    """What it is called in a judgement: the cell's key, with the tile behind a colon where one is meant."""
    cell: RunCell
    image: Image
    tile: int
    """0 for the whole."""


def items(run: SweepRun, *, tiles: bool = False) -> dict[str, Item]:
    """Give the pictures that can be judged, by name; one that several cells share is there once, one that was deleted is not.

    Parameters
    ----------
    run : SweepRun
    tiles : bool
        Each tile of a grid by itself.
    """
    found: dict[str, Item] = {}
    for cell in run:
        gen, whole = cell.generation, cell.image
        if gen is None or gen.is_deleted or whole is None or whole.path is None or not whole.path.exists():
            continue
        parts = cell.tiles if tiles else ()
        chosen = [(image.tile or 0, image) for image in parts] if len(parts) > 1 else [(0, whole)]
        for tile, image in chosen:
            name = _name(cell.key, tile)
            found.setdefault(name, Item(name, cell, image, tile))
    return found


def judge(run: SweepRun, judgement: Choice | Stars) -> int:
    """Keep a judgement with the session.

    Returns
    -------
    int
        Its number, by which ``run.session._unjudge`` takes it back.

    Raises
    ------
    ValueError
        The rater has no name, an item is none of this run's, or there are not so many stars.
    """
    rater, *said = judgement
    if not rater.strip():
        raise ValueError("A judgement is somebody's: name the rater.")
    known = {cell.key for cell in run}
    for item in names(judgement):
        if _parts(item)[0] not in known:
            raise ValueError(f"The run has no picture {item!r}.")
    if isinstance(judgement, Stars):
        if judgement.stars not in range(1, MOST_STARS + 1):
            raise ValueError(f"Stars are 1 to {MOST_STARS}, not {judgement.stars!r}.")
    elif judgement.won not in get_args(Won):
        raise ValueError(f"Won is 'left', 'right' or 'tie', not {judgement.won!r}.")
    elif judgement.left == judgement.right:
        raise ValueError("Two different pictures are compared.")
    kind: Kind = "stars" if isinstance(judgement, Stars) else "pairs"
    fields = judgement._fields[1:]
    return run.session._judge(run.id, rater, kind, json.dumps(dict(zip(fields, said, strict=True))))


def judgements(run: SweepRun) -> list[tuple[int, Choice | Stars, float]]:
    """Read what was said of a run's pictures, oldest first: number, judgement, Unix seconds.

    It counts in every run of the session that has these cells: a sweep that was made longer keeps what was said before.
    """
    kinds: dict[str, type[Choice] | type[Stars]] = {"stars": Stars, "pairs": Choice}
    known = {cell.key for cell in run}
    read = (
        (number, kinds[kind](rater=rater, **json.loads(judged)), at)
        for number, rater, kind, judged, at in run.session._judgements()
        if kind in kinds
    )
    return [one for one in read if all(_parts(name)[0] in known for name in names(one[1]))]


def names(one: Look | Pair | Stars | Choice) -> tuple[str, ...]:
    """Give the one item, or the left one and the right one."""
    return (one.item,) if isinstance(one, Look | Stars) else (one.left, one.right)


def ratings(run: SweepRun) -> pd.DataFrame:
    """Give the stars: see `SweepRun.ratings`."""
    rows = [
        {"item": name, "stars": _mean(by.values()), "raters": len(by), "n": sum(map(len, by.values()))}
        for name, by in _stars(run).items()
    ]
    return _framed(run, rows, ("stars", "raters", "n"))


def strengths(run: SweepRun, *, prior: float = PRIOR, level: float = 0.95) -> pd.DataFrame:
    """Give the strengths: see `SweepRun.strengths`."""
    choices = [one for _, one, _ in judgements(run) if isinstance(one, Choice)]
    rows = [one._asdict() for one in bradley_terry(choices, prior=prior, level=level)]
    return _framed(run, rows, Strength._fields[1:])


def agreements(run: SweepRun) -> pd.DataFrame:
    """Give how far raters agree: see `SweepRun.agreement`."""
    frame: pd.DataFrame = _pandas().DataFrame(agreement(one for _, one, _ in judgements(run)), columns=Agreement._fields)
    return frame


def rating_by_cell(run: SweepRun) -> dict[int, float]:
    """Give the stars of each cell, by its place: those of the raters, and where there are none the generation's own."""
    return _by_cell(run, _means(run)) or {
        cell.index: float(cell.generation.rating) for cell in run if cell.generation and cell.generation.rating
    }


def strength_by_cell(run: SweepRun) -> dict[int, float]:
    """Give the strength of each cell that was compared, by its place."""
    return _by_cell(run, _strengths(run))


def said_by_cell(run: SweepRun) -> dict[str, dict[int, float]]:
    """Give what raters said, ``"stars"`` and ``"strength"`` as far as there are some, of each cell, by its place."""
    said = {"stars": _means(run), "strength": _strengths(run)}
    return {name: _by_cell(run, numbers) for name, numbers in said.items() if numbers}


def said_by_tile(run: SweepRun, name: str) -> dict[int, dict[int, float]]:
    """Give the stars, or the strength, of the tiles that raters judged by themselves: by cell, by tile."""
    found: dict[str, dict[int, float]] = {}
    for item, number in (_strengths(run) if name == "strength" else _means(run)).items():
        key, tile = _parts(item)
        if tile:
            found.setdefault(key, {})[tile] = number
    return {cell.index: found[cell.key] for cell in run if cell.key in found}


def _means(run: SweepRun) -> dict[str, float]:
    return {name: _mean(by.values()) for name, by in _stars(run).items()}


def _strengths(run: SweepRun) -> dict[str, float]:
    choices = [one for _, one, _ in judgements(run) if isinstance(one, Choice)]
    return {one.item: one.strength for one in bradley_terry(choices)}


def _by_cell(run: SweepRun, numbers: Mapping[str, float]) -> dict[int, float]:
    """Give the mean over a cell's tiles."""
    by_key: dict[str, list[float]] = {}
    for name, number in numbers.items():
        by_key.setdefault(_parts(name)[0], []).append(number)
    return {cell.index: math.fsum(by_key[cell.key]) / len(by_key[cell.key]) for cell in run if cell.key in by_key}


def _mean(by_rater: Iterable[Sequence[int]]) -> float:
    """Let each rater count once, however often he was asked."""
    means = [math.fsum(given) / len(given) for given in by_rater]
    return math.fsum(means) / len(means)


def _stars(run: SweepRun) -> dict[str, dict[str, list[int]]]:
    """Give the stars by item and rater, repeats among them."""
    found: dict[str, dict[str, list[int]]] = {}
    for _, one, _ in judgements(run):
        if isinstance(one, Stars):
            found.setdefault(one.item, {}).setdefault(one.rater, []).append(one.stars)
    return found


def _framed(run: SweepRun, rows: Iterable[Mapping[str, Any]], names: Sequence[str]) -> pd.DataFrame:
    """Give a row an item, with the values of its cell before what is said of it."""
    cells = {cell.key: cell for cell in reversed(run.cells)}
    placed = [(cells[_parts(row["item"])[0]], _parts(row["item"])[1], row) for row in rows]
    columns: dict[str, list[Any]] = {name: [cell.values[name] for cell, _, _ in placed] for name in run.sweep.axes}
    fixed: dict[str, list[Any]] = {
        "cell": [cell.index for cell, _, _ in placed],
        "key": [cell.key for cell, _, _ in placed],
        "tile": [tile for _, tile, _ in placed],
        **{name: [row[name] for _, _, row in placed] for name in names},
    }
    for name, column in fixed.items():
        columns[named(name, columns)] = column
    frame: pd.DataFrame = _pandas().DataFrame(columns)
    return frame


def _name(key: str, tile: int) -> str:
    return f"{key}:{tile}" if tile else key


def _parts(name: str) -> tuple[str, int]:
    key, _, tile = name.partition(":")
    return key, int(tile or 0)


def _pandas() -> Any:
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError('A frame needs pandas: python -m pip install "mj_widgets[sweep]"') from error
    return pd

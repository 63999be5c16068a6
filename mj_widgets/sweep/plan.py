"""What a sweep would send, what is wrong with it, what the session has of it, and what the rest costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from math import fsum, inf, nan
from typing import TYPE_CHECKING, Any

from mj_widgets.api.policy import Limits
from mj_widgets.models import ImagineRequest
from mj_widgets.prompt.pricing import PRICES, Estimate, Price, total
from mj_widgets.sweep.cell import Row
from mj_widgets.sweep.key import key_of
from mj_widgets.sweep.points import Point
from mj_widgets.sweep.stock import Stock, is_there, is_to_send
from mj_widgets.sweep.verdict import Judge, Verdict

if TYPE_CHECKING:
    import pandas as pd

    from mj_widgets.session.session import Session
    from mj_widgets.sweep.layout import Layout

_SHOWN = 3  # refused cells in a message
_COLUMNS = ("prompt", "mode", "replicate", "seed", "key", "duplicates", "warnings", "estimate", "paid")
_MINUTE, _HOUR = 60, 3600  # seconds


def check(layout: Layout) -> None:
    """Raise when the linter says that the service would refuse a cell."""
    _refuse(layout, [(row, verdict) for row, verdict in _judged(layout, PRICES) if verdict.errors])


def price(layout: Layout, prices: Iterable[Price] | None = None) -> Estimate:
    """Add up the estimates of all cells."""
    return total(verdict.estimate for _, verdict in _judged(layout, PRICES if prices is None else prices))


def frame(layout: Layout, session: Session | None, prices: Iterable[Price] | None) -> pd.DataFrame:
    """Give the frame that `Sweep.plan` describes."""
    layout.must_fit()
    pandas = _pandas()
    stock = Stock(session)
    known = prices if prices is not None else PRICES if session is None else session.prices
    points: list[Point] = []
    columns: tuple[list[Any], ...] = tuple([] for _ in _COLUMNS)
    put = [column.append for column in columns]  # no row is kept: collecting so many takes longer than to make them
    left = _Left()
    refused: list[tuple[Row, Verdict]] = []
    for row, verdict in _judged(layout, known):
        asked = row.identity
        key = key_of(asked, row.number)
        there = stock.take(asked, key)
        cost = left.add(row.shape.request, verdict.estimate) if is_to_send(there) else 0.0
        points.append(row.point)
        put[0](row.text)
        put[1](row.shape.request.mode)
        put[2](row.replicate)
        put[3](layout.seed(row))
        put[4](key)
        put[5](layout.twice.get(row.place, 0))
        put[6](" ".join(verdict.warnings))
        put[7](cost)
        put[8](is_there(there))
        if verdict.errors:
            refused.append((row, verdict))
    _refuse(layout, refused)
    fixed: dict[str, Any] = dict(zip(_COLUMNS, columns, strict=True))
    fixed["seed"] = pandas.array(fixed["seed"], dtype="Int64")
    axes = {name: [one.values[point[at]] for point in points] for at, (name, one) in enumerate(layout.axes.items())}
    table: pd.DataFrame = pandas.DataFrame(axes | {name: column for name, column in fixed.items() if name not in axes})
    table.attrs = {
        "cells": len(points),
        "duplicates": layout.duplicates,
        "paid": sum(fixed["paid"]),
        "warnings": sum(map(bool, fixed["warnings"])),
    }
    table.attrs.update(left.summed(len(points), session))
    return table


class _Left:
    """Adds up what is left to pay."""

    def __init__(self) -> None:
        self._known: list[float] = []
        self._at_most: list[float] = []
        self._modes = Counter[str]()
        self._example: dict[str, ImagineRequest] = {}

    def add(self, request: ImagineRequest, estimate: Estimate) -> float:
        """Take one more cell, and give its price; NaN where that is unknown."""
        self._at_most.append(estimate.at_most)
        self._modes[request.mode] += 1
        self._example[request.mode] = request
        if estimate.credits is None:
            return nan
        self._known.append(estimate.credits)
        return estimate.credits

    def summed(self, cells: int, session: Session | None) -> dict[str, Any]:
        """Give the sums, in numbers and in a sentence."""
        number, credits_, at_most = len(self._at_most), fsum(self._known), fsum(self._at_most)
        seconds = None if session is None else self._seconds(session)
        unknown = number - len(self._known)
        parts = [f"{cells:,} cells" if number == cells else f"{number:,} of {cells:,} cells to pay"]
        parts += [str(Estimate(credits_, at_most, "", "", ""))] if self._known else []
        parts += [f"{unknown:,} of unknown price"] if unknown else []
        parts += [f"about {_told(seconds)}"] if seconds else []
        known = {"credits": credits_, "unknown": unknown, "at_most": None if at_most == inf else at_most}
        return {**known, "seconds": seconds, "summary": ", ".join(parts)}

    def _seconds(self, session: Session) -> float | None:
        """Say how long it takes by what the session has seen, with as many in flight as the service allows."""
        if not self._modes:
            return 0.0
        each = {mode: session.expected(request) for mode, request in self._example.items()}
        work = [self._modes[mode] * seconds for mode, seconds in each.items() if seconds is not None]
        if len(work) < len(each):
            return None
        limits = Limits()
        submitting = 0.0 if session.simulated else len(self._at_most) / (limits.per_second or inf)
        return max(fsum(work) / (limits.in_flight or len(self._at_most)), submitting)


def _judged(layout: Layout, prices: Iterable[Price]) -> Iterator[tuple[Row, Verdict]]:
    layout.must_fit()
    judge = Judge(layout.shapes, prices)
    return ((row, judge.of(row.shape, row.point)) for row in layout.rows())


def _refuse(layout: Layout, refused: list[tuple[Row, Verdict]]) -> None:
    if not refused:
        return
    told = [f"Cell {row.at} ({layout.told(row.point)}): {' '.join(verdict.errors)}" for row, verdict in refused[:_SHOWN]]
    more = [f"And {len(refused) - _SHOWN:,} more."] * (len(refused) > _SHOWN)
    number = f"{len(refused):,} of {layout.size:,} cells would be refused; nothing is sent."
    raise ValueError(" ".join([number, *told, *more]))


def _told(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / _MINUTE:.0f} min" if seconds < _HOUR else f"{seconds / _HOUR:.1f} h"


def _pandas() -> Any:
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError('A plan needs pandas: python -m pip install "mj_widgets[sweep]"') from error
    return pd

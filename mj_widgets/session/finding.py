"""What is looked for among the generations: words, marks and times."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from mj_widgets.models import Status
from mj_widgets.session.marks import STARS

if TYPE_CHECKING:
    from mj_widgets.session.generation import Generation

Moment = datetime | date | str | float  # a string is ISO 8601, a number Unix seconds; local time where it names no zone

_Test = Callable[["Generation"], bool]


def find(
    generations: Iterable[Generation],
    *,
    text: str | None = None,
    prompt: str | None = None,
    status: str | None = None,
    tag: str | None = None,
    rating: int | None = None,
    favourite: bool | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
) -> tuple[Generation, ...]:
    """Filter generations; `Session.find` says how.

    Raises
    ------
    ValueError
        There is no such status, rating or time.
    """
    tests: list[_Test] = []
    if status is not None:
        wanted = _status(status)
        tests.append(lambda gen: gen.status is wanted)
    if since is not None:
        start = _seconds("since", since)
        tests.append(lambda gen: gen.created_at >= start)
    if until is not None:
        end = _seconds("until", until, whole_day=True)
        tests.append(lambda gen: gen.created_at <= end)
    if favourite is not None:
        loved = _truth(favourite)
        tests.append(lambda gen: gen.is_favourite is loved)
    if rating is not None:
        least = _stars(rating)
        tests.append(lambda gen: (gen.rating or 0) >= least)
    if tag is not None:
        key = _folded("tag", tag).strip()
        tests.append(lambda gen: any(one.casefold() == key for one in gen.tags))
    if prompt is not None:
        part = _folded("prompt", prompt)
        tests.append(lambda gen: part in gen.prompt.casefold())
    if text is not None:
        words = _folded("text", text)
        tests.append(lambda gen: any(words in said.casefold() for said in (gen.prompt, *gen.tags, gen.marks.note)))
    return tuple(gen for gen in generations if all(test(gen) for test in tests))


def _status(status: str) -> Status:
    try:
        return Status(status)
    except ValueError:
        raise ValueError(f"There is no status {status!r}; they are {', '.join(Status)}.") from None


def _stars(rating: int) -> int:
    if isinstance(rating, bool) or rating not in STARS:
        raise ValueError(f"rating is the fewest stars to find, 1 to 5; not {rating!r}.")
    return rating


def _truth(favourite: bool) -> bool:
    if favourite not in (True, False):
        raise ValueError(f"favourite is True, False, or None for both; not {favourite!r}.")
    return bool(favourite)


def _folded(name: str, text: str) -> str:
    if not isinstance(text, str):
        raise TypeError(f"{name} is text, not {type(text).__name__}.")
    return text.casefold()


def _seconds(name: str, moment: Moment, *, whole_day: bool = False) -> float:
    """Read a time as Unix seconds; of a day the first moment, or else the last."""
    try:
        if isinstance(moment, str):
            moment = _read(moment.strip())
        if isinstance(moment, datetime):
            return moment.timestamp()
        if isinstance(moment, date):
            first = datetime.combine(moment + timedelta(days=whole_day), time.min).timestamp()
            return math.nextafter(first, -math.inf) if whole_day else first
        if isinstance(moment, bool) or not math.isfinite(moment):
            raise ValueError
        return float(moment)
    except (TypeError, ValueError, OverflowError, OSError):
        raise ValueError(
            f"{name} is a time: a datetime, a date, Unix seconds, or text such as '2024-05-01' or '2024-05-01 14:30'; "
            f"not {moment!r}."
        ) from None


def _read(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return datetime.fromisoformat(text)

"""How long things take, as far as this session has seen."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from statistics import median
from typing import TYPE_CHECKING

from mj_widgets.models import AnyRequest, Outcome, Status

if TYPE_CHECKING:
    from mj_widgets.session.generation import Generation

_LATEST = 20  # that count: the service is faster at night, and changes with its versions
_TILE = re.compile(r"(upscale|variation)[1-4]")


def expected(request: AnyRequest, earlier: Iterable[Generation]) -> float | None:
    """Give the seconds that such a request usually takes: the median of the latest that were like it.

    Parameters
    ----------
    request : ImagineRequest, EditRequest, VideoRequest or TextRequest
        What has its endpoint and mode is like it; where there is such, what has its action too.
    earlier : iterable of Generation
        Latest first.

    Returns
    -------
    float or None
        None when there is none like it.
    """
    alike = [gen for gen in earlier if (gen.request.endpoint, gen.request.mode) == (request.endpoint, request.mode)]
    same = (gen for gen in alike if _kind(gen.request) == _kind(request))
    seconds = _latest(same) or _latest(alike)
    return median(seconds) if seconds else None


def took(outcome: Outcome) -> float | None:
    """Give the seconds from being sent to success, both by one clock; None when they are not known."""
    if outcome.status is not Status.SUCCEEDED:
        return None
    start, end = outcome.sent_at, outcome.ended_at or outcome.finished_at
    if outcome.created_at and outcome.finished_at and outcome.finished_at != outcome.ended_at:
        start, end = outcome.created_at, outcome.finished_at  # the service's clock: right even if nobody listened for a day
    return end - start if start is not None and end is not None and end > start else None


def _latest(generations: Iterable[Generation]) -> list[float]:
    return [*islice((seconds for gen in generations if (seconds := took(gen.outcome)) is not None), _LATEST)]


def _kind(request: AnyRequest) -> str:
    return _TILE.sub(r"\1", request.action)

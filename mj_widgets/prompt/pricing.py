"""What a request is estimated to cost: a table of the evidence there is, and how to read it.

The service answers without a price, so every number here was measured or written somewhere, and says where and when. Only
a success is charged: what is refused, fails or times out is free.

What nobody has told stays unknown. A budget still needs a number to reserve, `Estimate.at_most`:

- what the row says, else its credits, where these are known;
- relax: what the same takes in fast mode, which is dearer;
- hd, references, a quality other than 1: for each, four times what it takes without. V8 alpha asks that, and nobody is
  known to ask more;
- else infinity. What has no known bound fits under no cap, until a `Price` for it is given.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Self

from pydantic import Field, model_validator

from mj_widgets.models import Value
from mj_widgets.prompt.parse import parse

Facts = dict[str, str | bool]  # what a request comes to, by the names of a price's conditions

_PLAIN: Facts = {"hd": False, "references": False, "quality": "1"}
_DEARER = 4  # times, for each that is not plain
_DOUBT = 4  # times; describe costs 3.4 times what the retired table asks for it, so its other rows may be as wrong
_USD = 0.0952  # a credit, says the vendor's FAQ; it depends on the package that was bought
_DEFAULT_VERSION = "8.2"
_MOST_JOBS = 40  # that --repeat may ask for
_REFERENCES = {"sref", "cref", "oref", "profile"}


class Price(Value):
    """What something costs, and who says so; of a table the first row counts whose conditions all hold.

    A condition in text is one or more shell patterns (``*``, ``?``, ``[1-4]``) between spaces: one of them must match.

    Examples
    --------
    >>> from mj_widgets.models import ImageRef, ImagineRequest
    >>> zoom = ImagineRequest(action="zoom_out_2x", source=ImageRef(image_id="1"))
    >>> mine = Price(credits=0.3, action="zoom_out_* pan_*", source="my console", date="2026-11-22")
    >>> str(estimate(zoom)), str(estimate(zoom, prices=[mine, *PRICES]))
    ('unknown', '≈ 0.30 credits')
    """

    credits: float | None = Field(ge=0, allow_inf_nan=False)
    """For one job that succeeds; None: it is known to be unknown."""
    source: str = Field(min_length=1)
    date: str = Field(pattern=r"^\d{4}-\d\d(-\d\d)?$")
    """The ISO day or month that the evidence is from; where it bears none, when it was last read."""
    at_most: float | None = Field(default=None, ge=0)
    """Credits to reserve, where `credits` are unknown or in doubt; None leaves it to the rules of this module."""
    endpoint: str = "imagine"
    action: str = "*"
    mode: str = "*"
    version: str = "*"
    """Without ``v`` and ``.0``: ``8``, ``8.2``, ``niji6``."""
    quality: str = "*"
    """Without needless digits: ``0.5``, ``1``, ``4``. When nothing is said it is 1."""
    hd: bool | None = None
    """None holds for both."""
    references: bool | None = None
    """To a style, character, object, profile or moodboard, or an image in the prompt; None holds for both."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.at_most is not None and self.at_most < (self.credits or 0):
            raise ValueError(f"at_most ({self.at_most:g}) is less than credits ({self.credits:g})")
        return self

    def fits(self, facts: Facts) -> bool:
        """Say whether every condition holds."""
        return all(_holds(getattr(self, name), fact) for name, fact in facts.items())


@lru_cache(maxsize=10_000)  # a sweep asks the same of every cell
def _holds(condition: str | bool | None, fact: str | bool) -> bool:
    if isinstance(condition, str) and isinstance(fact, str):
        return any(fnmatchcase(fact, pattern) for pattern in condition.split())
    return condition is None or condition == fact


def _retired(usd: float, note: str = "", *, times: float = 1, **conditions: str | bool | None) -> Price:
    """Convert a price of the table that the vendor's docs once had (en/pricing/image.mdx); unless told, of what is plain."""
    cost, note = usd * times / _USD, note and f"; {note}"
    evidence = {"source": f"US${usd} in a table since retired, at ≈ US${_USD} a credit{note}", "date": "2025-12"}
    numbers = {"credits": round(cost, 2), "at_most": round(_DOUBT * cost, 2)}
    return Price.model_validate({"mode": "fast"} | _PLAIN | evidence | numbers | conditions)


def _unknown(source: str, **conditions: str) -> Price:
    return Price.model_validate({"credits": None, "source": source, "date": "2026-10-08"} | conditions)


_GRID = "generate variation* reroll"  # each ends in a grid, and a grid is one charge

# fmt: off
PRICES: tuple[Price, ...] = (
    Price(credits=0.27, source="measured: a V8.2 fast standard grid", date="2026-10-07",
          action="generate", mode="fast", version="8.2", hd=False, quality="1", references=False),
    _retired(0.025, "V8.2, if the version makes no difference", action=_GRID, version="8.2"),
    _retired(0.025, "V8 alpha", action=_GRID, version="8"),
    _retired(0.025, "V8 alpha with hd: times 4", times=4, action=_GRID, version="8", hd=True),
    _retired(0.025, "V8 alpha with quality 4: times 4", times=4, action=_GRID, version="8", quality="4"),
    _retired(0.025, "V8 alpha with hd and quality 4: times 16", times=16, action=_GRID, version="8", hd=True, quality="4"),
    _retired(0.025, "V8 alpha with references: times 4", times=4, action=_GRID, version="8", references=True),
    _retired(0.025, "V8.1 SD, if the version makes no difference", action=_GRID, version="8.1", quality="*", references=None),
    _retired(0.025, "V8.1 HD: 1.3 GPU minutes to the 0.8 of SD", times=1.3 / 0.8,
             action=_GRID, version="8.1", hd=True, quality="*", references=None),
    _retired(0.025, action=_GRID, version="5.2 6 6.1 7", quality="0.25 0.5 1", references=None),
    _retired(0.005, action="upscale[1-4]"),
    _retired(0.10, "since lowered, on 2026-06-15, to what is not told", endpoint="videos", action="generate"),
    Price(credits=0.18, source="the vendor's own display, once corrected", date="2026-05-05", endpoint="describe"),
    Price(credits=0.18, source="measured", date="2026-10-07", endpoint="shorten"),
    Price(credits=0, source="look-ups are free", date="2026-10-08", endpoint="tasks"),
    _unknown("turbo is dearer than fast; how much is not told", endpoint="imagine edits videos", mode="turbo"),
    _unknown("relax is cheaper than fast; how much is not told", endpoint="imagine edits", mode="relax"),
    _unknown("what V8.2 asks for hd, quality and references is not told", action=_GRID, version="8.2"),
    _unknown("nobody tells", endpoint="*"),
)
# fmt: on
"""What is known. ``[Price(...), *PRICES]`` puts one's own knowledge first."""


@dataclass(frozen=True)
class Estimate:
    """What a request costs if it succeeds, as far as is known."""

    credits: float | None
    """None when that is unknown."""
    at_most: float
    """Credits to reserve: never less than `credits`; infinite when nothing bounds them."""
    source: str
    date: str
    """The ISO day or month that the source is from."""
    note: str
    """What was priced."""

    def __str__(self) -> str:
        """Write it for a button."""
        if not self.credits:
            return "unknown" if self.credits is None else "free"
        digits = 2 if self.credits < 1 else 1 if self.credits < 10 else 0  # noqa: PLR2004 - two digits, or whole credits
        return f"≈ {self.credits:.{digits}f} credits"


def estimate(request: object = None, *, endpoint: str | None = None, prices: Iterable[Price] = PRICES) -> Estimate:
    """Estimate a request by what its fields and its prompt say; where they differ, the dearer reading counts.

    Parameters
    ----------
    request : ImagineRequest or the like, optional
        Anything with some of the attributes ``prompt``, ``action``, ``mode``, ``version``, ``quality``, ``hd``,
        ``style_reference``, ``moodboard`` and ``endpoint``; what it lacks is the service's default.
    endpoint : str, optional
        The last part of the path, where `request` does not say: ``"imagine"``, ``"edits"``, ``"videos"``, ``"describe"``...
    prices : iterable of Price
        The table; the first row that fits counts.

    Examples
    --------
    >>> from mj_widgets.models import ImagineRequest
    >>> print(estimate(ImagineRequest(prompt="a fox --v 8.2 --repeat 6")))
    ≈ 1.6 credits
    >>> guess = estimate(ImagineRequest(prompt="a fox --hd"))
    >>> str(guess), guess.at_most, guess.note
    ('unknown', 1.08, 'imagine, generate, fast, V8.2, hd')
    >>> str(estimate(endpoint="shorten")), str(estimate(endpoint="translate")), estimate(endpoint="translate").at_most
    ('≈ 0.18 credits', 'unknown', inf)
    """
    rows = tuple(prices)
    jobs, readings = _read(request, endpoint)
    found = [(_first(rows, facts), _bound(rows, facts), facts) for facts in readings]
    row, bound, facts = max(found, key=lambda one: (one[1], one[0].credits is None, one[0].credits or 0))
    return Estimate(None if row.credits is None else jobs * row.credits, jobs * bound, row.source, row.date, _note(facts, jobs))


def total(estimates: Iterable[Estimate]) -> Estimate:
    """Add estimates up; the sum is unknown where one of them is, and as old as the oldest.

    Examples
    --------
    >>> str(total([estimate(endpoint="shorten")] * 6)), str(total([]))
    ('≈ 1.1 credits', 'free')
    """
    every = list(estimates)
    known = [one.credits for one in every if one.credits is not None]
    return Estimate(
        credits=math.fsum(known) if len(known) == len(every) else None,
        at_most=math.fsum(one.at_most for one in every),
        source="; ".join(dict.fromkeys(one.source for one in every)),
        date=min((one.date for one in every), default=""),
        note=f"{len(every)} requests",
    )


def _read(request: object, endpoint: str | None) -> tuple[int, list[Facts]]:
    """Say how many jobs it is, and what each comes to: once for every version that is named."""
    prompt = parse(getattr(request, "prompt", ""))

    def said(name: str) -> list[str]:
        values = [getattr(request, name, None), *(found.value for found in prompt.parameters if found.name == name)]
        return [value for value in values if value]

    where: str = getattr(request, "endpoint", "imagine") if endpoint is None else endpoint
    action: str = getattr(request, "action", "generate")
    references = bool(prompt.images) or any(name in prompt for name in _REFERENCES)
    facts: Facts = {
        "endpoint": action if where == "text" else where,
        "action": action,
        "mode": max(getattr(request, "mode", "fast"), prompt.mode or "relax", key=("relax", "fast", "turbo").index),
        "quality": f"{max(map(_number, said('quality')), default=1):g}",
        "hd": getattr(request, "hd", False) or "hd" in prompt,
        "references": references or getattr(request, "style_reference", False) or getattr(request, "moodboard", False),
    }
    versions = [value.lower().removeprefix("v").removesuffix(".0") for value in said("version")]
    versions += [f"niji{value}" for value in said("niji")]
    jobs = math.ceil(min(max(1, 1, *map(_number, said("repeat"))), _MOST_JOBS))
    return jobs, [{"version": version, **facts} for version in versions or [_DEFAULT_VERSION]]


def _number(text: str) -> float:
    """Read a number; what cannot be read could be any, so it counts as the dearest."""
    try:
        number = float(text)
    except ValueError:
        return math.inf
    return math.inf if math.isnan(number) else number


def _first(rows: tuple[Price, ...], facts: Facts) -> Price:
    return next((row for row in rows if row.fits(facts)), PRICES[-1])


def _bound(rows: tuple[Price, ...], facts: Facts) -> float:
    """Find what to reserve for a job, by the rules at the top; where several apply, the lowest bound will do."""
    row = _first(rows, facts)
    known = row.credits if row.at_most is None else row.at_most
    if known is not None:
        return known
    bounds = [_DEARER * _bound(rows, facts | {name: plain}) for name, plain in _PLAIN.items() if facts[name] != plain]
    if facts["mode"] == "relax":
        bounds.append(_bound(rows, facts | {"mode": "fast"}))
    return min(bounds, default=math.inf)


def _note(facts: Facts, jobs: int) -> str:
    """Say in a line what was priced."""
    parts = [facts["endpoint"]]
    if facts["endpoint"] == "imagine":
        parts += [facts["action"], facts["mode"], f"V{facts['version']}"]
        parts += [name for name in ("hd", "references") if facts[name]]
        parts += [f"quality {facts['quality']}"] * (facts["quality"] != "1")
    return ", ".join([*map(str, parts), *[f"{jobs} jobs"] * (jobs > 1)])

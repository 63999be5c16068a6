"""How far people agree about pictures: with each other, and each with himself."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from operator import eq
from typing import Any, NamedTuple

from mj_widgets.sweep.judgement import Choice, Stars


class Agreement(NamedTuple):
    """One number of how far people agree."""

    kind: str
    """``"stars"`` or ``"pairs"``."""
    measure: str
    raters: str
    value: float
    """NaN where it cannot be told."""
    n: int
    """Of how many items, or pairs."""


def agreement(judgements: Iterable[Choice | Stars]) -> list[Agreement]:
    """Say how far raters agree with each other, and each with himself.

    Returns
    -------
    list of Agreement
        By `measure`, for stars:

        - ``"alpha"``: Krippendorff's alpha for ordered values, over all raters: 1 where all agree, 0 where they do as by luck,
          less where they oppose each other. 0.8 is usually asked for, and 0.667 the least from which one concludes anything.
        - ``"same again"``: the share of repeats that got the same stars.
        - ``"off again"``: by how many stars repeats differ, on average.

        For pairs:

        - ``"same choice"``: the share of pairs of which two raters say the same.
        - ``"kappa"``: Cohen's kappa of it: 1 where they always do, 0 where they do as often as by luck.
        - ``"same again"``: the share of repeats of which a rater says the same.
        - ``"left"``: the share of wins on the left; far from 0.5 it is the side that wins.

    References
    ----------
    K. Krippendorff, "Computing Krippendorff's alpha-reliability", 2011. J. Cohen, "A coefficient of agreement for nominal
    scales", Educational and Psychological Measurement 20, 1960.
    """
    found = [*judgements]
    stars = [one for one in found if isinstance(one, Stars)]
    choices = [one for one in found if isinstance(one, Choice)]
    return [*_of_stars(stars), *_of_pairs(choices)]


def alpha(units: Iterable[Sequence[int]]) -> float:
    """Give Krippendorff's alpha for ordered values; NaN where it cannot be told.

    Parameters
    ----------
    units : iterable of list of int
        For each unit what was said of it, by whomever; those with fewer than two do not count.
    """
    paired = [[*unit] for unit in units if len(unit) > 1]
    coincidences: dict[tuple[int, int], float] = defaultdict(float)
    for unit in paired:
        for at, one in enumerate(unit):
            for other in (*unit[:at], *unit[at + 1 :]):
                coincidences[one, other] += 1 / (len(unit) - 1)
    totals: dict[int, float] = defaultdict(float)
    for (one, _), number in coincidences.items():
        totals[one] += number
    ordered = sorted(totals)
    number = sum(totals.values())

    def apart(one: int, other: int) -> float:
        low, high = sorted((one, other))
        return (sum(totals[value] for value in ordered if low <= value <= high) - (totals[low] + totals[high]) / 2) ** 2

    expected = math.fsum(totals[one] * totals[other] * apart(one, other) for one in ordered for other in ordered)
    if not expected:
        return math.nan
    observed = math.fsum(share * apart(*both) for both, share in coincidences.items())
    return 1 - (number - 1) * observed / expected


def kappa(first: Sequence[Any], second: Sequence[Any]) -> float:
    """Give Cohen's kappa of what two raters say of the same units; NaN where it cannot be told."""
    number = len(first)
    if not number:
        return math.nan
    same = sum(map(eq, first, second)) / number
    ours, theirs = Counter(first), Counter(second)
    by_luck = sum(ours[value] * theirs[value] for value in ours) / number**2
    return (same - by_luck) / (1 - by_luck) if by_luck < 1 else math.nan


def _of_stars(stars: Sequence[Stars]) -> list[Agreement]:
    latest = {(one.item, one.rater): one.stars for one in stars if not one.repeat}
    units: dict[str, list[int]] = {}
    for (item, _), number in latest.items():
        units.setdefault(item, []).append(number)
    raters = [*dict.fromkeys(one.rater for one in stars)]
    found = []
    if len(raters) > 1:
        both = [unit for unit in units.values() if len(unit) > 1]
        found.append(Agreement("stars", "alpha", ", ".join(raters), alpha(both), len(both)))
    for rater in raters:
        repeats = [one for one in stars if one.repeat and one.rater == rater and (one.item, rater) in latest]
        off = [abs(one.stars - latest[one.item, rater]) for one in repeats]
        if off:
            found.append(Agreement("stars", "same again", rater, off.count(0) / len(off), len(off)))
            found.append(Agreement("stars", "off again", rater, sum(off) / len(off), len(off)))
    return found


def _of_pairs(choices: Sequence[Choice]) -> list[Agreement]:
    said: dict[str, dict[tuple[str, str], str]] = {choice.rater: {} for choice in choices}
    for choice in choices:
        if not choice.repeat:
            said[choice.rater][choice.both] = choice.winner
    found = []
    for one, other in combinations(said, 2):
        shared = [both for both in said[one] if both in said[other]]
        if shared:
            found += _compared(f"{one}, {other}", [(_side(both, said[one]), _side(both, said[other])) for both in shared])
    for rater, known in said.items():
        own = [choice for choice in choices if choice.rater == rater]
        again = [choice.winner == known[choice.both] for choice in own if choice.repeat and choice.both in known]
        if again:
            found.append(Agreement("pairs", "same again", rater, sum(again) / len(again), len(again)))
        sides = [choice.won for choice in own if choice.won != "tie"]
        if sides:
            found.append(Agreement("pairs", "left", rater, sides.count("left") / len(sides), len(sides)))
    return found


def _compared(raters: str, sides: Sequence[tuple[int, int]]) -> list[Agreement]:
    same = sum(one == other for one, other in sides) / len(sides)
    # Counted in both directions: which of two pictures is called the first must not matter.
    turned = [*sides, *((-one, -other) for one, other in sides)]
    value = kappa([one for one, _ in turned], [other for _, other in turned])
    return [Agreement("pairs", "same choice", raters, same, len(sides)), Agreement("pairs", "kappa", raters, value, len(sides))]


def _side(both: tuple[str, str], said: dict[tuple[str, str], str]) -> int:
    won = said[both]
    return 0 if not won else 1 if won == both[0] else -1

"""How strong pictures are that were compared two by two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import NormalDist
from typing import Any, NamedTuple

from mj_widgets.sweep.judgement import Choice

PRIOR = 0.5

_STEPS = 100_000
_SMALL = 1e-11


class Strength(NamedTuple):
    """How strong an item is among the others."""

    item: str
    strength: float
    """The logarithm of its odds against an item of strength 0, which is the mean of all."""
    low: float
    high: float
    wins: int
    losses: int
    ties: int


def bradley_terry(
    choices: Iterable[Choice], items: Iterable[str] = (), *, prior: float = PRIOR, level: float = 0.95
) -> list[Strength]:
    """Give each item a strength, by which it wins against others: the odds of a against b are exp(a - b).

    A tie is half a win for each. Repeats do not count. To each item's comparisons a tie with one of strength 0 is added, with
    the weight `prior`: so strengths are finite also for an item that always wins, and can be compared where some items were
    never compared with the others, not even over a third. It pulls towards 0 by about its share of an item's comparisons.

    Parameters
    ----------
    choices : iterable of Choice
    items : iterable of str, optional
        Those that are to be there also if nobody compared them.
    prior : float
        Of 0 it is plain maximum likelihood.
    level : float
        The probability with which an interval holds.

    Returns
    -------
    list of Strength
        The strongest first. The mean strength is 0. The intervals are Wald's, from the curvature of the likelihood (and the
        prior): they are for these raters, and take every comparison for independent of the others.

    Raises
    ------
    ValueError
        Without a prior, an item has won, or lost, all; or some were never compared with the others.

    References
    ----------
    R. A. Bradley, M. E. Terry, Biometrika 39, 1952. D. R. Hunter, "MM algorithms for generalized Bradley-Terry models", The
    Annals of Statistics 32, 2004: how it is found.

    Examples
    --------
    >>> a, b = bradley_terry([Choice("me", "a", "b", "left")] * 3 + [Choice("me", "b", "a", "left")], prior=0)
    >>> a.item, round(a.strength - b.strength, 3)  # log(3 / 1)
    ('a', 1.099)
    """
    import numpy as np

    counted = [choice for choice in choices if not choice.repeat]
    names = [*dict.fromkeys([*items, *(item for choice in counted for item in (choice.left, choice.right))])]
    if not names:
        return []
    if prior < 0:
        raise ValueError(f"prior is a weight, 0 or more, not {prior!r}.")
    place = {name: at for at, name in enumerate(names)}
    wins, losses, ties = (Counter[str]() for _ in range(3))
    met = Counter[tuple[int, int]]()
    for _, left, right, won, _ in counted:
        met[place[left], place[right]] += 1
        if won == "tie":
            ties.update((left, right))
        else:
            wins[left if won == "left" else right] += 1
            losses[right if won == "left" else left] += 1
    one, other = np.array([*met], dtype=np.intp).reshape(-1, 2).T
    times = np.array([*met.values()], dtype=float)
    score = np.array([wins[name] + ties[name] / 2 for name in names])
    if not prior:
        _must_be_finite(counted, names)
    logs = _fitted(one, other, times, score, prior)
    error = _errors(one, other, times, logs, prior)
    logs = logs - logs.mean()
    reach = NormalDist().inv_cdf((1 + level) / 2) * error
    found = [
        Strength(name, float(log), float(log - wide), float(log + wide), wins[name], losses[name], ties[name])
        for name, log, wide in zip(names, logs, reach, strict=True)
    ]
    return sorted(found, key=lambda strength: -strength.strength)


def _fitted(one: Any, other: Any, times: Any, score: Any, prior: float) -> Any:
    """Climb to the most likely strengths, logarithms: each step is Hunter's, and never goes down."""
    import numpy as np

    size = len(score)
    logs = np.zeros(size)
    for _ in range(_STEPS):
        powers = np.exp(logs)
        share = times / (powers[one] + powers[other])
        met = np.bincount(one, share, size) + np.bincount(other, share, size) + prior / (powers + 1)
        with np.errstate(divide="ignore"):
            new = np.log((score + prior / 2) / met)
        if not prior:
            new -= new.mean()
        if np.abs(new - logs).max() < _SMALL:
            return new
        logs = new
    return logs


def _errors(one: Any, other: Any, times: Any, logs: Any, prior: float) -> Any:
    """Give the standard error of each strength, with the mean of all held at 0."""
    import numpy as np

    size = len(logs)
    curvature = np.zeros((size, size))
    chance = 1 / (1 + np.exp(logs[other] - logs[one]))
    weight = times * chance * (1 - chance)
    for at, to, sign in ((one, one, 1), (other, other, 1), (one, other, -1), (other, one, -1)):
        np.add.at(curvature, (at, to), sign * weight)
    alone = 1 / (1 + np.exp(-logs))
    curvature[np.diag_indices(size)] += prior * alone * (1 - alone)
    centre = np.eye(size) - 1 / size
    covariance = centre @ np.linalg.pinv(curvature, hermitian=True) @ centre
    return np.sqrt(np.maximum(np.diag(covariance), 0))


def _must_be_finite(choices: Sequence[Choice], names: Sequence[str]) -> None:
    """See to it that each can be reached from each over wins, and over losses: else somebody is infinitely strong."""
    beaten: dict[str, set[str]] = {name: set() for name in names}
    beat: dict[str, set[str]] = {name: set() for name in names}
    for choice in choices:
        if choice.won in ("left", "tie"):
            beaten[choice.left].add(choice.right)
            beat[choice.right].add(choice.left)
        if choice.won in ("right", "tie"):
            beaten[choice.right].add(choice.left)
            beat[choice.left].add(choice.right)
    for reach in (beaten, beat):
        seen, todo = {names[0]}, [names[0]]
        while todo:
            new = reach[todo.pop()] - seen
            seen |= new
            todo += new
        if len(seen) < len(names):
            raise ValueError(
                "Some items won all against the others, or were never compared with them, so that no strength is the most "
                "likely: give a prior above 0."
            )

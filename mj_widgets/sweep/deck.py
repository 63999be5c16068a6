"""What raters are asked: which pictures, in which order, on which side; balanced, and with a few that come twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from operator import index as as_index
from random import Random
from typing import NamedTuple, TypeVar

REPEATS = 0.1

_EACH = 10  # comparisons of each item, where nobody says how many
_APART = 5  # others are seen before something is seen again


class Pair(NamedTuple):
    """Two pictures to compare."""

    left: str
    right: str
    repeat: bool = False
    """Whether they were shown before, the other way round."""


class Look(NamedTuple):
    """One picture to give stars to."""

    item: str
    repeat: bool = False
    """Whether it was shown before."""


Shown = TypeVar("Shown")


def pairs(
    items: Iterable[str], n: int | None = None, *, seed: int = 0, order: int | None = None, repeats: float = REPEATS
) -> list[Pair]:
    """Choose who is compared with whom, in which order, and on which side.

    Items stand in a circle by lot, and each is compared with the next, then with those at other distances. So all are connected
    from the first round on; each is compared equally often, to within two; and as often on the left as on the right, to
    within one (two, once everybody has met everybody).

    Parameters
    ----------
    items : iterable of str
        At least two, each once.
    n : int, optional
        How many comparisons there are in all; by default each item has 10, or is compared with every other one.
    seed : int
        The same seed gives the same list.
    order : int, optional
        A seed of the order, of the sides and of the repeats alone: raters with one each compare the same pairs, so that it
        can be told how far they agree.
    repeats : float
        The share, from 0 to 0.5, of those that are shown once more: sides changed, and at least five later where there is room.

    Returns
    -------
    list of Pair

    Raises
    ------
    ValueError
        There are fewer than two items, or one is there twice, or a number is out of range.

    Examples
    --------
    >>> shown = pairs(["a", "b", "c", "d"], 4, repeats=0)
    >>> sorted(pair.left for pair in shown), sorted(pair.right for pair in shown)
    (['a', 'b', 'c', 'd'], ['a', 'b', 'c', 'd'])
    """
    lots = _lots(seed)
    circle = _checked(items, 2)
    size = len(circle)
    total = min(size * (size - 1) // 2, size * _EACH // 2) if n is None else _positive(n)
    again = round(total * _share(repeats))
    lots.shuffle(circle)
    fresh: list[Pair] = []
    turned = False
    while len(fresh) < total - again:
        distances = [*range(2, (size + 1) // 2)]
        lots.shuffle(distances)
        opposite = [] if size % 2 or size == 2 else [size // 2]  # noqa: PLR2004 - half a round, so it comes last
        for distance in (1, *distances, *opposite):
            fresh += _round(circle, distance, turned=turned)
        turned = not turned
    fresh = fresh[: total - again]
    if order is not None:
        lots = _lots(order)
        if lots.random() < 0.5:  # noqa: PLR2004 - a coin; all are turned, so that the sides stay balanced
            fresh = [Pair(pair.right, pair.left) for pair in fresh]
    lots.shuffle(fresh)
    return _with_repeats(fresh, again, lots, lambda pair: Pair(pair.right, pair.left, repeat=True))


def looks(
    items: Iterable[str], n: int | None = None, *, seed: int = 0, order: int | None = None, repeats: float = REPEATS
) -> list[Look]:
    """Choose in which order pictures are given stars; a few come twice.

    Parameters
    ----------
    items : iterable of str
        Each once.
    n : int, optional
        How many looks there are in all; by default each item is seen once, and the repeats come on top.
    seed : int
        The same seed gives the same list.
    order : int, optional
        A seed of the order and of the repeats alone: raters with one each see the same pictures.
    repeats : float
        The share, from 0 to 0.5, of looks that are repeats.

    Raises
    ------
    ValueError
        There are no items, or one is there twice, or a number is out of range.

    Examples
    --------
    >>> sorted(look.item for look in looks(["a", "b", "c"], repeats=0))
    ['a', 'b', 'c']
    """
    lots = _lots(seed)
    found = _checked(items, 1)
    share = _share(repeats)
    again = round(len(found) * share / (1 - share)) if n is None else round(_positive(n) * share)
    lots.shuffle(found)
    fresh = [Look(item) for item in (found if n is None else found[: n - again])]
    if order is not None:
        lots = _lots(order)
        lots.shuffle(fresh)
    return _with_repeats(fresh, min(again, len(fresh)), lots, lambda look: Look(look.item, repeat=True))


def _round(circle: Sequence[str], distance: int, *, turned: bool) -> list[Pair]:
    size = len(circle)
    found = [Pair(item, circle[(at + distance) % size]) for at, item in enumerate(circle)]
    if 2 * distance == size:  # each pair is there twice: once with each on the left
        found = found[: size // 2]
    return [Pair(pair.right, pair.left) for pair in found] if turned else found


def _with_repeats(fresh: list[Shown], number: int, lots: Random, repeated: Callable[[Shown], Shown]) -> list[Shown]:
    """Mix repeats in, each some way behind what it repeats."""
    shown = [*fresh]
    for one in lots.sample(fresh[: max(number, len(fresh) - _APART)], number):
        first = shown.index(one) + _APART + 1
        shown.insert(lots.randint(min(first, len(shown)), len(shown)), repeated(one))
    return shown


def _checked(items: Iterable[str], least: int) -> list[str]:
    found = [*items]
    if len(found) < least:
        raise ValueError(f"There {'is one item' if len(found) == 1 else 'are no items'}: at least {least} are needed.")
    if len(set(found)) < len(found):
        twice = next(item for item, number in Counter(found).items() if number > 1)
        raise ValueError(f"The item {twice!r} is there twice: give each once.")
    return found


def _positive(n: int) -> int:
    if as_index(n) < 1:
        raise ValueError(f"n is 1 or more, not {n!r}.")
    return n


def _share(repeats: float) -> float:
    if not 0 <= repeats <= 0.5:  # noqa: PLR2004 - each at most once more
        raise ValueError(f"repeats is a share from 0 to 0.5, not {repeats!r}.")
    return repeats


def _lots(seed: int) -> Random:
    return Random(as_index(seed))  # noqa: S311 - it mixes pictures

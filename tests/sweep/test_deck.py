from __future__ import annotations

from collections import Counter

import pytest

from mj_widgets.sweep.deck import Look, Pair, looks, pairs

ITEMS = [f"item {number}" for number in range(24)]


def met(deck: list[Pair]) -> Counter[frozenset[str]]:
    return Counter(frozenset((pair.left, pair.right)) for pair in deck if not pair.repeat)


@pytest.mark.parametrize("size", [2, 3, 7, 24])
@pytest.mark.parametrize("order", [None, 1, 2])
def test_each_is_compared_equally_often_and_on_both_sides(size: int, order: int | None) -> None:
    deck = [pair for pair in pairs(ITEMS[:size], order=order) if not pair.repeat]
    left, right = (Counter(pair[side] for pair in deck) for side in (0, 1))
    each = [left[item] + right[item] for item in ITEMS[:size]]
    assert max(each) - min(each) <= 2
    assert max(abs(left[item] - right[item]) for item in ITEMS[:size]) <= 2
    assert max(met(deck).values()) == 1


@pytest.mark.parametrize("order", [None, 1])
def test_a_tenth_is_asked_again_later_with_the_sides_changed(order: int | None) -> None:
    deck = pairs(ITEMS, order=order)
    again = [(place, pair) for place, pair in enumerate(deck) if pair.repeat]
    assert len(again) == round(len(deck) / 10)
    for place, pair in again:
        assert place - deck.index(Pair(pair.right, pair.left)) > 5
    seen = looks(ITEMS, order=order)
    assert [look.repeat for look in seen].count(True) == 3  # of 27
    for look in seen:
        assert not look.repeat or seen.index(look) - seen.index(Look(look.item)) > 5


@pytest.mark.parametrize("n", [None, 12])
def test_raters_are_asked_the_same_in_an_order_of_their_own(n: int | None) -> None:
    one, other = (pairs(ITEMS, n, seed=7, order=order, repeats=0) for order in (1, 2))
    assert one != other
    assert met(one) == met(other)
    here, there = (looks(ITEMS, n, seed=7, order=order, repeats=0) for order in (1, 2))
    assert here != there
    assert sorted(here) == sorted(there)


def test_the_same_seeds_give_the_same_deck() -> None:
    assert pairs(ITEMS, seed=7, order=1) == pairs(ITEMS, seed=7, order=1)
    assert looks(ITEMS, seed=7, order=1) == looks(ITEMS, seed=7, order=1)
    assert met(pairs(ITEMS, 12, seed=7)) != met(pairs(ITEMS, 12, seed=8))


@pytest.mark.parametrize("deal", [looks, pairs])
@pytest.mark.parametrize(
    ("items", "options", "words"),
    [
        ([], {}, "no items"),
        (["a", "b", "a"], {}, "'a' is there twice"),
        (ITEMS, {"n": 0}, "1 or more, not 0"),
        (ITEMS, {"repeats": 0.6}, "from 0 to 0.5, not 0.6"),
    ],
)
def test_what_cannot_be_dealt_is_refused_with_the_reason(deal, items, options, words) -> None:  # type: ignore[no-untyped-def] # a table
    with pytest.raises(ValueError, match=words):
        deal(items, **options)

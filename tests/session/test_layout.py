from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mj_widgets.session.layout import Place, lay_out

MANY = 2000


@st.composite
def families(draw: st.DrawFn) -> dict[int, int | None]:
    """Members 0, 1, …, each a root or a child of an elder one."""
    number = draw(st.integers(0, 40))
    return {member: draw(st.none() | st.integers(0, member - 1)) if member else None for member in range(number)}


def children(parents: dict[int, int | None], of: int | None) -> list[int]:
    return [member for member, parent in parents.items() if parent == of]


def above(parents: dict[int, int | None], member: int) -> list[int]:
    parent = parents[member]
    return [] if parent is None else [parent, *above(parents, parent)]


@given(families(), st.data())
def test_a_newborn_moves_nobody_but_those_below_it_by_one_row(parents: dict[int, int | None], data: st.DataObject) -> None:
    before = lay_out(parents)
    newborn = len(parents)
    parent = data.draw(st.none() | st.sampled_from([*parents])) if parents else None
    after = lay_out({**parents, newborn: parent})
    own = after[newborn].row
    taken = [member for member, place in before.items() if place.row == own]
    begins = not any(after[member].row == own for member in parents)  # else it goes on in a row that was there
    for member, place in before.items():
        moved = begins and place.row >= own
        assert after[member] == Place(place.column, place.row + moved)
    assert begins or parent in taken


@given(families(), st.data())
def test_folding_hides_all_that_came_from_it_and_nobody_else(parents: dict[int, int | None], data: st.DataObject) -> None:
    folded = data.draw(st.sets(st.sampled_from([*parents]))) if parents else set()
    places = lay_out(parents, folded)
    assert set(parents) - set(places) == {each for each in parents if folded.intersection(above(parents, each))}


@given(families())
def test_no_two_share_a_place_and_branches_do_not_interlock(parents: dict[int, int | None]) -> None:
    places = lay_out(parents)
    assert len(set(places.values())) == len(parents)
    assert list(places.values()) == sorted(places.values(), key=lambda place: (place.row, place.column))
    for member in parents:
        born = children(parents, member)
        assert [places[child].column for child in born] == [places[member].column + 1] * len(born)
        assert not born or places[born[0]].row == places[member].row
        branch = [member]
        for each in branch:
            branch.extend(children(parents, each))
        rows = {places[each].row for each in branch}
        assert rows == set(range(min(rows), max(rows) + 1))
        others = {places[each].row for each in parents if each not in branch and places[each].column >= places[member].column}
        assert not rows & others


def test_roots_stand_below_each_other_in_the_order_of_time() -> None:
    assert lay_out(dict.fromkeys("cab")) == {"c": (0, 0), "a": (0, 1), "b": (0, 2)}


def test_a_long_chain_a_wide_fan_and_a_long_list_are_laid_out() -> None:
    chain = lay_out({each: each - 1 if each else None for each in range(MANY)})
    assert chain[MANY - 1] == (MANY - 1, 0)
    fan = lay_out({each: 0 if each else None for each in range(MANY)})
    assert fan[MANY - 1] == (1, MANY - 2)
    assert lay_out(dict.fromkeys(range(MANY)))[MANY - 1] == (0, MANY - 1)


def test_a_parent_that_is_unknown_makes_a_root_and_a_circle_is_left_out() -> None:
    assert lay_out({"a": "elsewhere", "b": "c", "c": "b"}) == {"a": (0, 0)}

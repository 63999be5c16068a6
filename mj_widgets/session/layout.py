"""Where the members of a family stand: a pure function of who came from whom.

A column is how far a member is from its root, and a row is a line that goes on to the right: the first child stands in its
parent's row, and each further one begins a row below all that came from its elder siblings. So a picture and what was made of
it first read like a sentence, every branch is one block of rows, and no two blocks interlock.

It is less dense than what Reingold and Tilford draw, and in exchange it holds still: see `lay_out`.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from typing import NamedTuple, TypeVar

M = TypeVar("M", bound=Hashable)


class Place(NamedTuple):
    """Where one stands."""

    column: int
    """0 for a root, one more for each step from it."""
    row: int
    """0 at the top."""


def lay_out(parents: Mapping[M, M | None], folded: Collection[M] = ()) -> dict[M, Place]:
    """Place a forest, in a time proportional to its size, however deep it is.

    When one more comes that is younger than all, all others keep their column; those in the rows above it keep their row, and
    those below it move down by one row, or not at all where it takes a free place.

    Parameters
    ----------
    parents : mapping
        Each member's parent, the oldest member first; None for a root, as is a parent that is no member.
    folded : collection
        Members whose descendants are not shown.

    Returns
    -------
    dict
        The place of each that is shown, from top to bottom and from left to right. Who is an own ancestor is left out.

    Examples
    --------
    >>> places = lay_out({"fox": None, "U1": "fox", "V2": "fox", "zoom": "U1", "cat": None})
    >>> [(name, *place) for name, place in places.items()]
    [('fox', 0, 0), ('U1', 1, 0), ('zoom', 2, 0), ('V2', 1, 1), ('cat', 0, 2)]
    """
    roots: list[M] = []
    children: dict[M, list[M]] = {}
    for member, parent in parents.items():
        if parent is None or parent not in parents:
            roots.append(member)
        else:
            children.setdefault(parent, []).append(member)
    places: dict[M, Place] = {}
    row = -1
    waiting = [(root, 0, True) for root in reversed(roots)]  # each with its column, and whether it begins a row
    while waiting:
        member, column, begins = waiting.pop()
        row += begins
        places[member] = Place(column, row)
        if member not in folded:
            born = [*enumerate(children.get(member, ()))]
            waiting.extend((child, column + 1, place > 0) for place, child in reversed(born))
    return places

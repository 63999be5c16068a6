"""Which points are left out: by a function of the values, or by values that may not come together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from mj_widgets.sweep.axis import Axis, Scalar, scalar, written
from mj_widgets.sweep.points import Listed, Point, Points

Rule = Mapping[str, Any]

_LOOKED_AT = 10  # points for each that may be kept


class Kept:
    """Points that are written down because nobody can say any more why others were left out."""

    def __init__(self, points: Sequence[Point]) -> None:
        self.points = points

    def keep(self, _: Points, __: int) -> Points:
        """Give them."""
        return Listed(self.points)


Exclude = Callable[[dict[str, Scalar]], bool] | Rule | Iterable[Rule]


class Excluded:
    """Says of a point whether it is left out.

    Examples
    --------
    >>> from mj_widgets.sweep.axis import axis
    >>> axes = {"animal": axis(["fox", "whale"]), "place": axis(["sea", "wood"])}
    >>> out = Excluded({"animal": "whale", "place": ["wood"]}, axes)
    >>> out((1, 1)), out((1, 0)), out((0, 1))
    (True, False, False)
    """

    def __init__(self, exclude: Exclude, axes: Mapping[str, Axis]) -> None:
        self._axes = [*axes.items()]
        self.call = exclude if callable(exclude) else None
        self.rules: list[dict[str, list[Scalar]]] = []
        if not callable(exclude):
            listed = [*exclude] if isinstance(exclude, Iterable) and not isinstance(exclude, (str, Mapping)) else [exclude]
            self.rules = [_rule(one, axes) for one in listed]
        places = {name: place for place, name in enumerate(axes)}
        self._out = [
            {
                places[name]: {at for at, value in enumerate(axes[name].values) if value in values}
                for name, values in rule.items()
            }
            for rule in self.rules
        ]

    def __call__(self, point: Point) -> bool:
        """Say whether it is left out."""
        if self.call is not None:
            return bool(self.call({name: axis.values[at] for (name, axis), at in zip(self._axes, point, strict=True)}))
        return any(all(point[place] in values for place, values in rule.items()) for rule in self._out)

    def keep(self, points: Points, limit: int) -> Points:
        """Give the points that are left.

        Raises
        ------
        ValueError
            There are none, or fewer than were to be drawn, or they cannot be told because there are too many to look at.
        """
        kept: list[Point] = []
        for looked, point in enumerate(points.walk()):
            if len(kept) == points.count:
                break
            if looked >= _LOOKED_AT * limit or len(kept) > limit:
                raise ValueError(
                    f"exclude has been asked about {looked:,} points of the design and has left {len(kept):,}, which is as far "
                    f"as limit={limit:,} goes: give fewer values, exclude more, or raise limit."
                )
            if not self(point):
                kept.append(point)
        if not kept:
            raise ValueError("exclude leaves no cell: it is to say True of what is left out.")
        if points.drawn and len(kept) < points.count:
            raise ValueError(f"n={points.count:,} points are to be drawn, and exclude leaves {len(kept):,}: lower n.")
        return Listed(kept)


def _rule(rule: object, axes: Mapping[str, Axis]) -> dict[str, list[Scalar]]:
    if not isinstance(rule, Mapping):
        raise TypeError(f"exclude is a function, a dict of values that may not come together, or a list of such, not {rule!r}.")
    if not rule:
        raise ValueError("exclude has an empty dict: name the values that may not come together.")
    read: dict[str, list[Scalar]] = {}
    for name, given in rule.items():
        if name not in axes:
            near = get_close_matches(str(name), axes, 1)
            raise ValueError(f"exclude names {name}, which is no axis: " + (f"did you mean {near[0]}?" if near else "drop it."))
        listed = [given] if isinstance(given, str) or not isinstance(given, Iterable) else [*given]
        there = {written(value): value for value in axes[name].values}
        texts = [written(scalar(value, f"exclude: {name}")) for value in listed]
        if missing := [text for text in texts if text not in there]:
            told = ", ".join(repr(text) for text in [*there][:10])
            raise ValueError(f"exclude: {name} has no value {missing[0]!r}; it has {told}.")
        read[name] = [there[text] for text in texts]
    return read

"""What was given to a sweep, checked: every mistake is an error before anything is made, and names what is wrong."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from itertools import islice
from operator import index
from typing import Literal, get_args

from mj_widgets.prompt.template import Template
from mj_widgets.sweep.axis import MOST_VALUES, Axis, read_axis
from mj_widgets.sweep.key import can_be_sent
from mj_widgets.sweep.points import Grid, Latin, Listed, Lottery, Points, Star, draw_seeds
from mj_widgets.sweep.recipe import Base, Given, Recipe, Target, given, target_of
from mj_widgets.sweep.shapes import Column, Shapes

Design = Literal["grid", "zip", "one-at-a-time", "latin", "random"]

RESERVED = frozenset({"cell", "duplicates", "estimate", "index", "key", "paid", "prompt", "replicate", "warnings"})
"""Columns of a plan, which no axis may be called."""

RUNNING = frozenset({"cap", "on_error", "order", "retry", "reuse"})  # options of `Sweep.run`, if they are no lists of values
OPTIONS = frozenset({"base", "design", "exclude", "limit", "n", "replicates", "rng", "seeds"})

_MAX_SEED = 2**32 - 1
_SEED = Target("flag", "seed")


def read_template(text: object) -> Template:
    """Check a template."""
    if not isinstance(text, str):
        raise TypeError(f"A template is text (str), not {type(text).__name__}.")
    if not can_be_sent(text):
        raise ValueError("The template holds half a character, which cannot be sent: take it out.")
    template = Template(text)
    if taken := [name for name in template.names if name in OPTIONS]:
        raise ValueError(f"The variable {{{taken[0]}}} is called like an option of Sweep: give it another name.")
    return template


def read_axes(axes: Mapping[str, object]) -> dict[str, Axis]:
    """Check the values of each axis."""
    if taken := [name for name in axes if name in RESERVED]:
        raise ValueError(f"The axis {taken[0]} is called like a column of the plan: give it another name.")
    for name, value in axes.items():
        if name in RUNNING and (isinstance(value, str) or not isinstance(value, Iterable)):
            raise TypeError(f"{name} is an option of run: Sweep(…).run(session, {name}={value!r}).")
    return {name: read_axis(values, f"The axis {name}") for name, values in axes.items()}


def read_seeds(seeds: object, rng: int) -> tuple[int, ...] | None:
    """Check seeds, or draw as many as are asked for."""
    if seeds is None:
        return None
    if isinstance(seeds, (str, bytes, Mapping)):
        raise TypeError(f"seeds is a list of whole numbers, or how many are to be drawn, not {seeds!r}.")
    if not isinstance(seeds, Iterable):
        number = whole(seeds, "seeds", least=1)
        if number > MOST_VALUES:
            raise ValueError(f"seeds={number:,} is too many: draw at most {MOST_VALUES:,}.")
        return draw_seeds(number, rng)
    listed = tuple(whole(seed, "A seed", least=0) for seed in islice(seeds, MOST_VALUES + 1))
    if len(listed) > MOST_VALUES:
        raise ValueError(f"There are more than {MOST_VALUES:,} seeds: give fewer.")
    if not listed:
        raise ValueError("seeds is empty: give at least one, or leave it out.")
    if wrong := [seed for seed in listed if seed > _MAX_SEED]:
        raise ValueError(f"A seed is a number from 0 to {_MAX_SEED}, not {wrong[0]}.")
    if len({*listed}) < len(listed):
        twice = next(seed for at, seed in enumerate(listed) if seed in listed[:at])
        raise ValueError(f"The seed {twice} is there twice: replicates= asks for the same seed again.")
    return listed


def whole(value: object, what: str, *, least: int) -> int:
    """Check a whole number."""
    try:
        number = index(value)  # type: ignore[arg-type] # what is none raises
    except TypeError:
        number = None
    if number is None or isinstance(value, bool):
        raise TypeError(f"{what} is a whole number, not {value!r}.")
    if number < least:
        raise ValueError(f"{what} is at least {least}, not {number}.")
    return number


def read_shapes(template: Template, axes: Mapping[str, Axis], base: Base, seeds: Sequence[int] | None) -> Shapes:
    """Find what each axis stands for, and put the requests together as far as they are the same.

    Raises
    ------
    ValueError
        An axis stands for nothing or for what another one, or the template, says; or a variable has no axis.
    TypeError
        A value is not what its target takes.
    """
    targets = [target_of(name, template.names) for name in axes]
    if lost := [name for name in template.names if name not in axes and name not in base.words]:
        name = lost[0]
        raise ValueError(f"The variable {{{name}}} has no axis: give {name}=[…], or write {{{{{name}}}}} to send the braces.")
    columns = []
    for (name, found), target in zip(axes.items(), targets, strict=True):
        values = [given(value, target, f"The axis {name}") for value in found.values]
        columns.append(Column.of(target, values))
    if seeds is not None:
        if _SEED in targets or _SEED.name in Recipe(template, (), base).skeleton:
            where = "the template" if _SEED not in targets else "an axis"
            raise ValueError(f"Both {where} and seeds= say --seed: drop one of them.")
        targets.append(_SEED)
        columns.append(Column.of(_SEED, [str(seed) for seed in seeds]))
    recipe = Recipe(template, tuple(targets), base)
    recipe.check()
    return Shapes(recipe, columns)


def read_points(
    design: object, axes: Mapping[str, Axis], columns: Sequence[Column], base: Base, *, n: int | None, rng: int
) -> Points:
    """Lay the design out.

    Raises
    ------
    ValueError
        There is no such design, the axes do not fit it, or `n` does not.
    """
    if design not in get_args(Design):
        near = get_close_matches(str(design), get_args(Design), 1)
        told = f"did you mean {near[0]!r}?" if near else f"take one of {', '.join(get_args(Design))}."
        raise ValueError(f"There is no design {design!r}: {told}")
    sizes = {name: len(found.values) for name, found in axes.items()}
    told = ", ".join(f"{name} {size}" for name, size in sizes.items())
    if n is not None and design not in ("latin", "random"):
        raise ValueError(f"n is for the designs latin and random; {design!r} takes all points. Drop it, or change design.")
    if design == "zip":
        if len({*sizes.values()}) > 1:
            raise ValueError(f"A zip takes axes of one length, and these have {told}. design='grid' tries each with each.")
        return Listed([(place,) * len(sizes) for place in range(max(sizes.values(), default=1))])
    for name, column in zip(axes, columns, strict=False):  # the seeds have no name
        _once(name, column.given)
    if design == "grid":
        return Grid([*sizes.values()])
    if design == "one-at-a-time":
        centre = [_centre(name, column, base) for name, column in zip(axes, columns, strict=False)]
        return Star([*sizes.values()], tuple(centre))
    every = math.prod(sizes.values())
    if n is None and design == "random":
        raise ValueError("design='random' needs n=, the number of points to draw.")
    number = max(sizes.values(), default=1) if n is None else whole(n, "n", least=1)
    if number > every:
        raise ValueError(f"n={number:,} is more than the grid has, {every:,} ({told}): design='grid' takes them all.")
    return (Latin if design == "latin" else Lottery)([*sizes.values()], number, rng)


def _once(name: str, values: Sequence[Given]) -> None:
    if len({*values}) < len(values):
        twice = next(value for at, value in enumerate(values) if value in values[:at])
        raise ValueError(f"The axis {name} has the value {twice!r} twice: drop one; replicates= asks for the same again.")


def _centre(name: str, column: Column, base: Base) -> int:
    """Find the value that the base has, or the first one."""
    value = base.says(column.target)
    if value is None:
        return 0
    if value not in column.given:
        raise ValueError(f"The base has {name} {value!r}, which is no value of that axis: add it to the axis.")
    return column.given.index(value)

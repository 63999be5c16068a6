"""From the values of a cell to the request that it sends: what an axis stands for, and what the cells have in common.

An axis is a ``{variable}`` of the template, or a flag such as ``stylize``, or a field of `ImagineRequest` that no flag
stands for. What Midjourney draws by is written into the prompt, where everybody can see it: a flag is put at its end by its
long name, in alphabetical order, so that the same settings always make the same text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from typing import Any, Literal, NamedTuple, get_args

from mj_widgets.models import ImagineRequest, Mode
from mj_widgets.prompt.parse import KNOWN, Prompt, long_name, parse
from mj_widgets.prompt.template import Template
from mj_widgets.sweep.axis import Scalar, scalar, written

MODES = get_args(Mode)
_ALIASES = {"negative": "no", "aspect_ratio": "aspect"}
_SWITCH_FIELDS = ("translation", "split_images", "style_reference", "moodboard")
_FLAGS = KNOWN - set(MODES)
_SWITCHES = {"draft", "hd", "raw", "tile"}

_SIMPLE = re.compile(r"\w[\w.:]*")  # what any flag reads back

Given = str | bool


class Target(NamedTuple):
    """What an axis stands for."""

    kind: Literal["variable", "flag", "field"]
    name: str
    """The variable's, the flag's long name, or the field's."""

    def __str__(self) -> str:
        return {"variable": f"{{{self.name}}}", "flag": f"--{self.name}", "field": self.name}[self.kind]


def target_of(name: str, variables: Iterable[str]) -> Target:
    """Say what an axis of that name stands for; a variable of the template comes first.

    Raises
    ------
    ValueError
        Nothing; it says what is nearest.

    Examples
    --------
    >>> target_of("s", ["animal", "s"]), target_of("s", ["animal"]).name
    (Target(kind='variable', name='s'), 'stylize')
    >>> target_of("animl", ["animal"])
    Traceback (most recent call last):
    ValueError: animl is no variable of the template and no parameter of a request. Did you mean {animal}?
    """
    variables = [*variables]
    if name in variables:
        return Target("variable", name)
    if name == "mode" or name in _SWITCH_FIELDS:
        return Target("field", name)
    bare = _ALIASES.get(name.lower(), name.lower())
    if bare in _FLAGS:
        return Target("flag", long_name(bare))
    if bare in MODES:
        raise ValueError(f"{name} is a mode: write mode=[{bare!r}, …].")
    near = get_close_matches(name, [*variables, *sorted(_FLAGS), "mode", *_SWITCH_FIELDS, *_ALIASES], 1)
    told = f" Did you mean {{{near[0]}}}?" if near and near[0] in variables else f" Did you mean {near[0]}?" if near else ""
    there = ", ".join(f"{{{variable}}}" for variable in variables) or "none"
    told = told or f" Its variables are: {there}."
    raise ValueError(f"{name} is no variable of the template and no parameter of a request.{told}")


def given(value: Scalar, target: Target, what: str) -> Given:
    """Write a value as its target takes it: text, or True and False for what is there or not."""
    if target.kind == "variable" and isinstance(value, bool):
        raise TypeError(f"{what} has the value {value}: a variable takes text or a number; '' leaves it out.")
    if target.name == "mode" and target.kind == "field" and value not in MODES:
        raise ValueError(f"{what} has the value {value!r}: a mode is {', '.join(MODES[:-1])} or {MODES[-1]}.")
    switch = target.name in (_SWITCHES if target.kind == "flag" else _SWITCH_FIELDS) and target.kind != "variable"
    if switch and not isinstance(value, bool):
        raise TypeError(f"{what} has the value {value!r}: {target} is there or not, True or False.")
    if isinstance(value, bool):
        return value
    text = written(value)
    if target.kind != "flag":
        return text
    text = text.strip()
    if _SIMPLE.fullmatch(text):
        return text
    try:
        parse("a").with_parameter(target.name, text)
    except ValueError:
        raise ValueError(
            f"{what} has the value {value!r}: {target} would not be read back with it, but as something else."
        ) from None
    return text or True


def read_base(base: object) -> dict[str, Scalar]:
    """Check the values of a base that is a dict."""
    if not isinstance(base, Mapping):
        raise TypeError(f"base is an ImagineRequest or a dict of values, not {type(base).__name__}.")
    return {str(name): scalar(value, f"The base's {name}") for name, value in base.items()}


@dataclass(frozen=True)
class Base:
    """What the cells have in common, where neither the template nor an axis says otherwise."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    flags: Mapping[str, Given] = field(default_factory=dict)
    words: Mapping[str, Given] = field(default_factory=dict)
    """Of variables that have no axis; for a design around a centre, of those that have one too."""

    @classmethod
    def read(cls, base: object, variables: Iterable[str]) -> Base:
        """Take a request, of which the words do not count, or values by name."""
        if base is None:
            return cls()
        if isinstance(base, ImagineRequest):
            prompt = parse(base.prompt)
            fields = {name: getattr(base, name) for name in base.model_fields_set - {"prompt"}}
            fields |= {"mode": prompt.mode} if prompt.mode else {}
            return cls(fields, {found.name: found.value or True for found in prompt.parameters})
        names = [*variables]
        read: dict[str, dict[str, Any]] = {"field": {}, "flag": {}, "variable": {}}
        for name, value in read_base(base).items():
            target, what = target_of(name, names), f"The base's {name}"
            taken = given(value, target, what)
            read[target.kind][target.name] = taken
        return cls(read["field"], read["flag"], read["variable"])

    def says(self, target: Target) -> Given | None:
        """Give its value for an axis; None where it says nothing."""
        if target.kind == "variable":
            return self.words.get(target.name)
        found = self.flags.get(target.name) if target.kind == "flag" else None
        return self.fields.get(target.name) if found is None else found


@dataclass(frozen=True)
class Recipe:
    """Makes requests out of values."""

    template: Template
    targets: tuple[Target, ...]
    """What each axis stands for; the last may be the seeds."""
    base: Base

    @cached_property
    def skeleton(self) -> Prompt:
        """The template, read with a word in the place of each variable."""
        return parse(self.template.fill(dict.fromkeys(self.template.names, "\ue000")))

    def check(self) -> None:
        """See to it that the template, and another axis, leave each axis to itself.

        Raises
        ------
        ValueError
            One is said twice.
        """
        seen: set[Target] = set()
        for target in self.targets:
            here = target.kind == "flag" and target.name in self.skeleton
            if here or (target == ("field", "mode") and self.skeleton.mode):
                what = f"--{target.name}" if here else f"--{self.skeleton.mode}"
                better = f"write --{target.name} {{{target.name}}} there" if here else "write no mode there"
                raise ValueError(f"The template says {what}, and {target.name} is an axis too: {better}, or drop the axis.")
            if target in seen:
                raise ValueError(f"Two axes stand for {target}: drop one of them.")
            seen.add(target)

    def build(self, values: Iterable[Given]) -> ImagineRequest:
        """Make the request, with a value for each axis.

        Raises
        ------
        ValueError
            It would not say what was meant.
        """
        by_kind: dict[str, dict[str, Given]] = {"variable": {}, "flag": {}, "field": {}}
        for target, value in zip(self.targets, values, strict=True):
            by_kind[target.kind][target.name] = value
        prompt = parse(self.template.fill({**self.base.words, **by_kind["variable"]}))
        said = {found.name for found in prompt.parameters} | by_kind["flag"].keys()
        mode = by_kind["field"].get("mode")
        if mode and prompt.mode:
            raise ValueError(f"its text says --{prompt.mode}, and mode is an axis: drop one of them")
        if twice := [name for name in by_kind["flag"] if name in prompt]:
            raise ValueError(f"its text says --{twice[0]}, and {twice[0]} is an axis: drop one of them")
        flags = {name: value for name, value in self.base.flags.items() if name not in said} | by_kind["flag"]
        fields = {name: value for name, value in self.base.fields.items() if name not in said} | by_kind["field"]
        fields["mode"] = mode or prompt.mode or fields.get("mode", "fast")
        for name in sorted(flags):
            prompt = prompt.with_parameter(name, flags[name])
        if not prompt.text and fields.get("action", "generate") == "generate":
            raise ValueError("its prompt is empty: say what to draw")
        checked = ImagineRequest(**{**fields, "prompt": "a"})
        return checked.model_copy(update={"prompt": prompt.text})  # which may hold marks, and no model takes those

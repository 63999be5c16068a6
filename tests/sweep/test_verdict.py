"""A plan is put together from parts; here it is compared with each cell, done by itself."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import Any

import pytest
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

import mj_widgets as mj
from mj_widgets.prompt.parse import parse
from mj_widgets.prompt.pricing import estimate
from mj_widgets.prompt.rules import lint
from mj_widgets.prompt.template import count, fill, variables
from mj_widgets.sweep.key import identity, key_of

PIECES = [
    *("{a}", "{b}", "{c}", "{a},", "({b})", "“{a}”", "{a}::2", "{b}{c}", "{a}-{b}", "x{a}", "{a}x", "--s", "--s"),
    *("--ar", "--v", "--no", "--sref", "--sparkle", "--raw", "--fast", "--{a}", "—{b}", "—ar", "{{a}}", "{red,"),
    *(",blue}", "{x", "{a},", "{3:2,1:1}", "https://a.example/{a}.png", "https://a.example/1.png"),
    *("{c}ttps://b.example", "h{a}", "{b}.png", "--no{c}", "\\", "\\{", "}", "{", "fox,", "--{b}={c}", "--ar={a}"),
    *("::", "words", "50", "a", "--", "ht{b}", "file:/{c}", "--v7", "--quality", "--iw", "--hd", "--niji", "--q"),
]  # fmt: skip
WORDS = [
    *("fox", "a red fox", "", " ", "fox ", "--raw", "--ar", "--ar 3:2", "—ar 3:2", "\u2013", "-", "--", "fast"),
    *("--fast", "s", "http", "h", "https://a.example/1.png", "http://a.example/x", "ttps://b.example/1.png"),
    *("fox.png", "50", "5000", "3:2", "9.5", "8.1", "7", "\\", "a\\", "a, b", "红狐", "it's “so” \"quoted\"", "ar"),
    *("v", "fox::2", "-ar", "1:1 x", "two, --s 5", "a\tb", "a\n b", "\ue0000\ue001", 0.5, 250, 10**9, "x" * 3100),
]  # fmt: skip
FLAGS: dict[str, list[Any]] = {
    "stylize": [0, 250, 5000, "x", 1.5, False],
    "ar": ["3:2", "1:1", "0:1", "3.5:2", False],
    "version": ["7", "8.1", "8.2", "99"],
    "quality": [1, 2, 4, "x", False],
    "iw": [0.5, 2.5, False],
    "raw": [True, False],
    "hd": [True, False],
    "no": ["hats, red things", "-x", "https://a.example/x.zip", False],
    "sref": ["random", "https://a.example/1.png", False],
    "mode": ["fast", "relax", "turbo"],
    "repeat": [2, 1],
    "niji": [5, 6],
    "style": ["cute", "raw"],
    "translation": [True, False],
}
BASES = [None, {"mode": "relax"}, {"chaos": 5, "hd": True}, mj.ImagineRequest(prompt="a cat --ar 4:5 --turbo", version="7")]


def done_alone(template: str, values: dict[str, Any], base: Any, seed: int | None) -> mj.ImagineRequest:
    """Make a request with nothing but the parser: the template filled, then the base's flags, then the axes'."""
    said = parse(base.prompt) if isinstance(base, mj.ImagineRequest) else None
    fields = base.model_dump(include=base.model_fields_set - {"prompt"}) if isinstance(base, mj.ImagineRequest) else {}
    flags: dict[str, Any] = {found.name: found.value for found in said.parameters} if said else {}
    if said and said.mode:
        fields["mode"] = said.mode
    for name, value in ({} if base is None or said else base).items():
        (fields if name == "mode" else flags)[name] = value
    prompt = parse(fill(template, {name: value for name, value in values.items() if name in variables(template)}))
    asked = {name: value for name, value in values.items() if name not in variables(template)} | (
        {"seed": seed} if seed else {}
    )
    asked = {{"ar": "aspect"}.get(name, name): value for name, value in asked.items()}
    own = {name: asked.pop(name) for name in ("mode", "translation") if name in asked}
    if prompt.mode and "mode" in own:
        raise ValueError("two modes")
    if any(name in prompt for name in asked):
        raise ValueError("two of a flag")
    for name in [*flags, *fields]:
        if name in prompt or name in asked:
            flags.pop(name, None)
            fields.pop(name, None)
    for name, value in sorted((flags | asked).items()):
        prompt = prompt.with_parameter(name, value)
    if prompt.mode:
        fields["mode"] = prompt.mode
    return mj.ImagineRequest(prompt=str(prompt), **(fields | own))


@st.composite
def sweeps(draw: st.DrawFn) -> tuple[str, dict[str, list[Any]], Any, list[int] | None]:
    template = " ".join(draw(st.lists(st.sampled_from(PIECES), min_size=1, max_size=7)))
    axes: dict[str, list[Any]] = {}
    for name in variables(template):
        axes[name] = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique_by=str))
    for name in draw(st.lists(st.sampled_from([*FLAGS]), max_size=3, unique=True)):
        axes[name] = draw(st.lists(st.sampled_from(FLAGS[name]), min_size=1, max_size=2, unique_by=str))
    return template, axes, draw(st.sampled_from(BASES)), draw(st.sampled_from([None, None, [7], [1, 2]]))


TELLING: list[tuple[str, dict[str, list[Any]]]] = [
    ("a fox {--raw, --tile}", {"stylize": [0, 5000]}),  # flags in braces are not judged
    ("a fox {3:2, 1:1} --ar {3:2, 1:1}", {"stylize": [0, 5000]}),
    ("{a} and {b}", {"a": ["x" * 3000, "y"], "b": ["x" * 2000, "y" * 2997]}),  # too long, and just not
    ("a fox " + "—b " * 24, {"stylize": [0, 1.5], "chaos": [0, 0.5]}),  # more findings than are told
    ("a {red, {a} bird}", {"a": ["blue", "light, blue"]}),  # a comma in a group is escaped
    ("a fox --ar {a} {b}", {"a": ["3:2", "1:1 x"], "b": ["red"]}),  # words after the value of a flag
    ("a {a} in snow", {"a": ["fox", "fox.png", "C:/fox.png"]}),  # words that the linter knows
    ("a {a}", {"a": ["fox", "owl"], "version": ["7", "8.1"], "quality": [1, 4]}),  # flags that are judged by others
    ("a {a} --s {b}", {"a": ["fox"], "b": ["0", "250", "x", "1001"], "seed": [0, 2**32]}),
    ("{a} --sref {a}", {"a": ["fox", "a, b"]}),  # a comma between references
    ("{a}", {"a": ["fox", ""], "no": ["hats, red things"]}),  # nothing but what shall not be there
    ("a fox", {"seed": ["1", "\u0662", "3"]}),  # a digit, but not of those that the service reads
]


def telling(test: Any) -> Any:
    for template, axes in TELLING:
        test = example((template, axes, None, None))(test)
    return test


@telling
@settings(max_examples=100, deadline=None)
@given(sweeps())
def test_the_plan_says_of_each_cell_what_it_is_by_itself(
    drawn: tuple[str, dict[str, list[Any]], Any, list[int] | None],
) -> None:
    """Request, key, mistakes and price: whatever is in the template and the values."""
    template, axes, base, seeds = drawn
    try:
        alone = [
            done_alone(template, dict(zip(axes, values, strict=True)), base, seed)
            for values in product(*axes.values())
            for seed in seeds or [None]
        ]
    except ValueError:
        event("refused")
        with pytest.raises(ValueError, match="."):
            list(mj.Sweep(template, base=base, seeds=seeds, **axes))
        return
    sweep = mj.Sweep(template, base=base, seeds=seeds, **axes)
    once = [*{identity(request): request for request in alone}.values()]
    assert [cell.request for cell in sweep] == once
    assert [cell.key for cell in sweep] == [key_of(identity(request), 1) for request in once]
    assert sweep.duplicates == len(alone) - len(once)
    found = [lint(request) for request in once]
    if any(one.level == "error" for every in found for one in every):
        event("errors")
        with pytest.raises(ValueError, match=r"would be refused") as refused:
            sweep.plan()
        number = sum(any(one.level == "error" for one in every) for every in found)
        assert str(refused.value).startswith(f"{number} of {len(once)} cells")
        first = next(every for every in found if any(one.level == "error" for one in every))
        for one in first:
            assert (one.level == "error") == (one.message in str(refused.value).split("Cell ")[1])
        return
    event("planned")
    plan = sweep.plan()
    for request, every, (_, row) in zip(once, found, plan.iterrows(), strict=True):
        assert row["prompt"] == request.prompt
        assert row["mode"] == request.mode
        expected = [one.message for one in every if one.level == "warning"]
        braces = [row["warnings"][row["warnings"].index("The braces") :]] if count(request.prompt) > 1 else []
        assert Counter(row["warnings"].split()) == Counter(" ".join(expected + braces).split())
        price = estimate(request)
        assert price.credits == row["estimate"] or (price.credits is None and row["estimate"] != row["estimate"])

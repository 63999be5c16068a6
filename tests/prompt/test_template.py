from __future__ import annotations

import dataclasses
import itertools
import pickle
import re
import time
from decimal import Decimal
from enum import StrEnum

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mj_widgets.prompt.template import Template, count, expand, expansions, fill, groups, unpaired, variables

SCULPTURE = "a {sculpture, painting} of a {seagull {on a pier, on a beach}, poodle {on a sofa, in a truck}}"  # Midjourney's own


class Animal(StrEnum):
    FOX = "fox"


@pytest.mark.parametrize(
    ("text", "prompts"),
    [
        ("", [""]),
        (" a fox --ar 3:2 \n", [" a fox --ar 3:2 \n"]),
        ("a, b \\, c", ["a, b \\, c"]),
        ("cat::2 dog::-1", ["cat::2 dog::-1"]),
        # alternatives
        ("a {red, green, yellow} bird", ["a red bird", "a green bird", "a yellow bird"]),
        ("{a,b}", ["a", "b"]),
        ("x{a,b}y", ["xay", "xby"]),
        ("a { red ,\n dark  green } bird", ["a red bird", "a dark  green bird"]),
        ("a {red, red} bird", ["a red bird", "a red bird"]),
        ("a fox --ar {3:2, 1:1} --s {0, 50}", [f"a fox --ar {r} --s {s}" for r in ("3:2", "1:1") for s in (0, 50)]),
        ("a fox {--v 7, --niji 5}", ["a fox --v 7", "a fox --niji 5"]),
        # several multiply, and the last one changes first
        ("{a, b} {c, d, e}", ["a c", "a d", "a e", "b c", "b d", "b e"]),
        ("{a, b}{c, d}", ["ac", "ad", "bc", "bd"]),
        # nested
        (
            SCULPTURE,
            [
                f"a {art} of a {animal} {place}"
                for art in ("sculpture", "painting")
                for animal, place in (
                    ("seagull", "on a pier"), ("seagull", "on a beach"), ("poodle", "on a sofa"), ("poodle", "in a truck"),
                )
            ],
        ),
        ("{a, {b, c}{d, e}, f}", ["a", "bd", "be", "cd", "ce", "f"]),
        ("{{a, b}, c}", ["a", "b", "c"]),
        ("{{{a, b}}}", ["a", "b"]),
        # one alternative, and empty ones
        ("a {red} fox", ["a red fox"]),
        ("a {} fox", ["a  fox"]),
        ("a {red,} fox", ["a red fox", "a  fox"]),
        ("fox{, ::2}", ["fox", "fox::2"]),
        ("{,,}", ["", "", ""]),
        ("{ { } , x }", ["", "x"]),
        # escapes
        (r"{red, pastel\, yellow} bird", ["red bird", "pastel, yellow bird"]),
        (r"{a\,, \,b}", ["a,", ",b"]),
        (r"{ \, }", [","]),
        (r"a \{red, green\} bird", [r"a \{red, green\} bird"]),
        (r"{a \{b\}, c}", [r"a \{b\}", "c"]),
        (r"{a, b\}", [r"{a, b\}"]),
        (r"C:\foxes {a, b\c}", [r"C:\foxes a", r"C:\foxes b\c"]),
        (r"{a\\, b}", [r"a\, b"]),
        # without a partner
        ("a {red, green bird", ["a {red, green bird"]),
        ("a red, green} bird", ["a red, green} bird"]),
        ("} {", ["} {"]),
        ("{a, {b, c} d", ["{a, b d", "{a, c d"]),
        ("{a, b}} c", ["a} c", "b} c"]),
    ],
)  # fmt: skip
def test_groups_are_written_out_in_order(text, prompts):
    assert expand(text) == tuple(prompts)
    assert count(text) == len(prompts)
    assert [*expansions(text)] == prompts


def test_more_than_the_limit_is_told_and_not_made():
    digits = "{0,1,2,3,4,5,6,7,8,9}"
    assert count(digits * 9) == 10**9
    assert expand(digits, limit=10) == tuple("0123456789")
    assert len(expand(digits * 3)) == 1000
    with pytest.raises(ValueError, match="stands for 10 prompts, but the limit is 9"):
        expand(digits, limit=9)
    with pytest.raises(ValueError, match="stands for 1,000,000,000 prompts, but the limit is 1,000"):
        expand(digits * 9)
    with pytest.raises(ValueError, match=re.escape("stands for about 10^5000 prompts")):
        expand(digits * 5000)


def test_expansions_are_made_as_they_are_asked_for():
    lazy = expansions("{a,b}" * 5000)
    assert next(lazy) == "a" * 5000
    assert next(lazy) == "a" * 4999 + "b"
    assert next(lazy) == "a" * 4998 + "ba"


def test_groups_finds_the_outermost():
    assert groups("a fox") == ()
    assert [SCULPTURE[slice(*span)] for span in groups(SCULPTURE)] == [
        "{sculpture, painting}",
        "{seagull {on a pier, on a beach}, poodle {on a sofa, in a truck}}",
    ]
    assert groups(r"} \{a{b}\} {{c}") == ((5, 8), (12, 15))


def test_unpaired_finds_the_braces_that_make_no_group():
    assert unpaired(SCULPTURE) == unpaired(r"\{ a \}") == unpaired("") == ()
    assert unpaired("} {a} { {b} {") == (0, 6, 12)


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("a fox", ()),
        ("a {animal} in {place} --s {stylize}", ("animal", "place", "stylize")),
        ("{b} {a} {b}", ("b", "a")),
        ("{_x1}{größe}", ("_x1", "größe")),
        ("{a, b} {1} {a-b} {a b} { a } {} {a:2} {²}", ()),
        ("{{a}} {{b}}", ()),
        ("{{{a}}}", ("a",)),
        ("{{{{a}}}}", ()),
        (r"\{a} {b\} {c}", ("c",)),
        ("{a, {b}} {{c}, d}", ("b", "c")),
        ("{a {b} c", ("b",)),
        ("a} {b", ()),
    ],
)
def test_variables_are_identifiers_alone_in_braces(template, names):
    assert variables(template) == Template(template).names == names


@pytest.mark.parametrize(
    ("template", "values", "filled"),
    [
        ("a {x} fox", {"x": "red"}, "a red fox"),
        ("{x}{x} {y}", {"x": "a", "y": "b", "z": "c"}, "aa b"),
        ("a fox", {}, "a fox"),
        # what is no variable passes through
        ("{a, b}:: {x}::2 {c d} {} { x } 100% %s", {"x": "o", "a": "-"}, "{a, b}:: o::2 {c d} {} { x } 100% %s"),
        (SCULPTURE + " {x}", {"x": "o"}, SCULPTURE + " o"),
        ("{{a, b}, c}{d, {e, f}} {x}", {"x": "o"}, "{{a, b}, c}{d, {e, f}} o"),
        (r"\{x\} \{x} {x\} {x}", {"x": "o"}, r"\{x\} \{x} {x\} o"),
        ("} {x} {", {"x": "o"}, "} o {"),
        # doubled braces
        ("{{x}} {x}", {"x": "o"}, "{x} o"),
        ("{{x}}", {}, "{x}"),
        ("{{a, b}} {{{a, b}, c}}", {}, "{a, b} {{a, b}, c}"),
        ("{{{x}}} {{{{x}}}}", {"x": "o"}, "{o} {{x}}"),
        # a value is text
        ('a {x}, "{y}"', {"x": 'the "old" fox', "y": "it's"}, 'a the "old" fox, "it\'s"'),
        ("a {x} fox", {"x": "{y}", "y": "o"}, r"a \{y\} fox"),
        ("a {x} fox", {"x": "{red, blue}"}, r"a \{red, blue\} fox"),
        ("a {x} fox", {"x": "} {"}, r"a \} \{ fox"),
        ("a {x} fox", {"x": "red, blue"}, "a red, blue fox"),
        ("a {{x}, old} fox", {"x": "red, blue"}, r"a {red\, blue, old} fox"),
        ("a {{{x}}} fox", {"x": "red, blue"}, r"a {red\, blue} fox"),
        ("a {x}{a, b}", {"x": "red\\"}, "a red\\ {a, b}"),
        ("a {x}", {"x": r"\{ \a"}, r"a \\{ \a"),
        ("a {x} --ar {y}", {"x": "fox --raw", "y": "3:2"}, "a fox --raw --ar 3:2"),
        # values of other kinds
        ("--s {x}", {"x": 250}, "--s 250"),
        ("--s {x}", {"x": 250.0}, "--s 250"),
        ("--iw {x}", {"x": 0.1 + 0.2}, "--iw 0.3"),
        ("--iw {x}", {"x": Decimal("0.5")}, "--iw 0.5"),
        ("--s {x}", {"x": np.int64(250)}, "--s 250"),
        ("--s {x}", {"x": np.float32(250)}, "--s 250"),
        ("--seed {x}", {"x": 4294967295.0}, "--seed 4294967295"),
        ("a {x}", {"x": Animal.FOX}, "a fox"),
        ("a {x}", {"x": ""}, "a "),
    ],
)
def test_fill_puts_values_in_and_leaves_the_rest(template, values, filled):
    assert fill(template, values) == Template(template).fill(values) == filled


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({}, "{place} has no value; there are values for none."),
        ({"animal": "fox", "seed": 5}, "{place} has no value; there are values for animal, seed."),
        ({"animal": "fox", "place": None}, "{place} has no value; there are values for animal."),
    ],
)
def test_a_variable_without_a_value_is_named(values, told):
    with pytest.raises(ValueError, match=re.escape(told)):
        fill("in {place} a {animal}", values)


def test_a_template_is_a_value():
    template = Template("a {x}")
    assert template.names == ("x",)
    assert template == Template("a {x}") == pickle.loads(pickle.dumps(template))  # noqa: S301 - our own bytes
    with pytest.raises(dataclasses.FrozenInstanceError):
        template.text = "b"
    assert len({template, Template("a {x}"), Template("b {x}")}) == 2


def test_a_template_is_filled_a_hundred_thousand_times_in_seconds():
    """It takes 0.2 s; read anew each time it would take ten times as long as the limit here."""
    template = "a {animal} in {place}, {red, blue} light " + "of {{a}} " * 50 + "--s {stylize} --seed {seed}"
    began = time.process_time()
    for seed in range(100_000):
        fill(template, {"animal": "fox", "place": "snow", "stylize": 250, "seed": seed})
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    "piece", ["{", "}", "{}", "{a,", "{a,b}", "{{a}}", "{a}", "{,", ",", "\\", "\\{", "{{,}", "a{ ", "{a{", "x"]
)
def test_a_long_text_is_read_in_no_time(piece):
    """100 kB of anything takes under 0.5 s; with a quadratic step it takes minutes, by recursion it fails."""
    for text in (piece * (100_000 // len(piece)), piece * (50_000 // len(piece)) + "}" * 50_000, "{" + piece * 20_000 + "}"):
        began = time.process_time()
        assert count(text) >= 1
        assert isinstance(next(expansions(text)), str)
        template = Template(text)
        assert isinstance(template.fill(dict.fromkeys(template.names, "o")), str)
        assert isinstance(groups(text), tuple)
        assert time.process_time() - began < 4


def test_many_alternatives_are_written_out_in_no_time():
    began = time.process_time()
    assert len(expand("{" + "," * 49_999 + "}", limit=50_000)) == 50_000
    assert time.process_time() - began < 4


# -- for any text

braced = st.lists(st.sampled_from([*"{},\\ ", "{a}", "a", "{x}", "b, c", "{{", "}}", "\\{", "\\,", "::"]), max_size=14).map(
    "".join
)
a_text = st.one_of(braced, st.text(st.characters(exclude_categories=()), max_size=40))
anything = settings(deadline=None)


def slow(text: str) -> list[str]:
    """The rule once more, by recursion and from the definition: the first group, what is in it, what comes after."""
    for start, sign in enumerate(text):
        depth, cuts, end = 1, [start], None
        for at in range(start + 1, len(text)) if sign == "{" and text[start - 1 : start] != "\\" else ():
            if text[at] in "{},":
                if text[at - 1] == "\\":
                    continue
                depth += {"{": 1, "}": -1, ",": 0}[text[at]]
                if depth == 0:
                    end = at
                    break
                if depth == 1 and text[at] == ",":
                    cuts.append(at)
        if end is not None:
            options = [own_commas(text[first + 1 : last].strip()) for first, last in itertools.pairwise([*cuts, end])]
            return [
                text[:start] + inner + rest for option in options for inner in slow(option) for rest in slow(text[end + 1 :])
            ]
    return [text]


def own_commas(option: str) -> str:
    """Take the backslash from the commas that no group within the option is around."""
    inner = {at for start, end in groups(option) for at in range(start, end)}
    return "".join(sign for at, sign in enumerate(option) if at in inner or option[at : at + 2] != "\\,")


@anything
@given(braced.filter(lambda text: count(text) < 500))
def test_as_many_and_the_same_as_by_the_slow_rule(text):
    assert [*expand(text)] == slow(text)


@anything
@given(a_text.filter(lambda text: count(text) <= 1000))
def test_nothing_that_comes_out_holds_a_group(text):
    prompts = expand(text)
    assert len(prompts) == count(text)
    for prompt in prompts:
        assert expand(prompt) == (prompt,)
        assert groups(prompt) == ()


@anything
@given(a_text)
def test_text_without_groups_comes_back(text):
    if not groups(text):
        assert expand(text) == (text,)
        assert Template(text).fill({}) == text
        assert variables(text) == ()


@anything
@given(a_text, a_text, a_text)
def test_a_value_never_multiplies_a_prompt_and_is_read_as_text(before, value, after):
    """Wherever it stands: what is expanded from it holds it, but for the backslashes before braces."""
    template = f"{before} {{variable}} {after}"
    if "variable" not in variables(template):
        return
    others = dict.fromkeys(variables(template), "o")
    filled = fill(template, others | {"variable": value})
    plain = fill(template, others | {"variable": "o"})
    assert count(filled) == count(plain)
    if count(filled) > 300:
        return
    inserted = fill("{variable}", {"variable": value})
    assert re.sub(r"\\([{}])", r"\1", inserted).rstrip() == value.rstrip() or "\\" in value
    marked = expand(fill(template, others | {"variable": "\ue000"}))
    for there, prompt in zip(marked, expand(filled), strict=True):
        assert ("\ue000" in there) <= (inserted.strip() in prompt)


@anything
@given(st.lists(a_text, min_size=1, max_size=4), st.data())
def test_values_without_signs_are_put_in_as_python_would(pieces, data):
    """Where no braces stand but the variables' own."""
    pieces = [re.sub(r"[{}\\]", "", piece) for piece in pieces]
    names = [f"v{number}" for number in range(len(pieces) - 1)]
    values = {name: data.draw(st.text("ab ,\"'", max_size=5)) for name in names}
    template = "".join(itertools.chain(*itertools.zip_longest(pieces, (f"{{{name}}}" for name in names), fillvalue="")))
    assert variables(template) == tuple(names)
    assert fill(template, values) == template.format(**values)

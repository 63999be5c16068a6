"""Bad input, and what it gets: an error before anything is made, that names what is wrong and says what to do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mj_widgets as mj

AB: dict[str, Any] = {"x": ["a", "b"]}


@pytest.mark.parametrize(
    ("template", "options", "error", "told"),
    [
        # the template
        (5, {}, TypeError, "A template is text"),
        ("a \ud83e", {}, ValueError, "half a character"),
        ("a \ufdd00\ufdd1", {}, ValueError, "half a character"),
        ("a {animal}", {}, ValueError, r"\{animal\} has no axis: give animal=\[…\], or write \{\{animal\}\}"),
        ("a {animal} in {place}", {"animal": ["fox"]}, ValueError, r"\{place\} has no axis"),
        ("a {n}", {"n": [1]}, ValueError, r"\{n\} is called like an option"),
        ("a {prompt}", {"prompt": ["a"]}, ValueError, "prompt is called like a column"),
        ("a fox", {"cap": 20}, TypeError, r"cap is an option of run: Sweep\(…\).run\(session, cap=20\)"),
        ("", {}, ValueError, "prompt is empty"),
        ("{x}", {"x": [""]}, ValueError, "x=''.*prompt is empty"),
        # what an axis stands for
        ("a {animal}", {"animal": ["fox"], "animl": ["owl"]}, ValueError, r"animl is no variable .* Did you mean \{animal\}"),
        ("a fox", {"styliz": [1]}, ValueError, "Did you mean stylize"),
        ("a {animal}", {"animal": ["fox"], "zzzz": [1]}, ValueError, r"zzzz is no variable .* Its variables are: \{animal\}"),
        ("a fox", {"zzzz": [1]}, ValueError, "Its variables are: none"),
        ("a {{x}}", AB, ValueError, "x is no variable"),
        ("a fox", {"turbo": [True]}, ValueError, r"turbo is a mode: write mode=\['turbo'"),
        ("a fox --s 50", {"stylize": [0]}, ValueError, r"template says --stylize.* write --stylize \{stylize\} there"),
        ("a fox --s {s}", {"s": [0], "stylize": [1]}, ValueError, "template says --stylize, and stylize is an axis too"),
        ("a fox --relax", {"mode": ["fast"]}, ValueError, "template says --relax, and mode is an axis too"),
        ("a fox", {"ar": ["1:1"], "aspect": ["3:2"]}, ValueError, "Two axes stand for --aspect"),
        ("a fox {x}", {"x": ["--s 50"], "stylize": [1]}, ValueError, "x='--s 50'.* its text says --stylize, and"),
        ("a fox {x}", {"x": ["--relax"], "mode": ["fast"]}, ValueError, "its text says --relax, and mode is an axis"),
        # values
        ("a {x}", {"x": []}, ValueError, "The axis x has no values"),
        ("a {x}", {"x": ["a", "b", "a"]}, ValueError, "The axis x has the value 'a' twice"),
        ("a {x}", {"x": [250, 250.0]}, ValueError, "The axis x has the value '250' twice"),
        ("a fox", {"chaos": ["5", "5 "]}, ValueError, "The axis chaos has the value '5' twice"),
        ("a {x}", {"x": [True]}, TypeError, "a variable takes text or a number"),
        ("a {x}", {"x": "fox"}, TypeError, r"The axis x is 'fox': give a list of values, \['fox'\]"),
        ("a fox", {"stylize": 50}, TypeError, r"The axis stylize is 50"),
        ("a fox", {"raw": ["yes"]}, TypeError, "--raw is there or not, True or False"),
        ("a fox", {"translation": [1]}, TypeError, "translation is there or not"),
        ("a fox", {"mode": ["quick"]}, ValueError, "a mode is fast, relax or turbo"),
        ("a fox", {"ar": ["3:2 --v 7"]}, ValueError, "The axis ar has the value '3:2 --v 7': --aspect would not be read back"),
        ("a fox", {"ar": ["3:2 wide"]}, ValueError, "would not be read back"),
        ("a fox", {"no": ["hats --turbo"]}, ValueError, "would not be read back"),
        # the design
        ("a {x}", {**AB, "design": "gird"}, ValueError, "no design 'gird': did you mean 'grid'"),
        ("a {x}", {**AB, "design": []}, ValueError, "take one of grid, zip"),
        ("{x} {y}", {**AB, "y": ["a"], "design": "zip"}, ValueError, "axes of one length, and these have x 2, y 1"),
        ("a {x}", {**AB, "n": 3}, ValueError, "n is for the designs latin and random; 'grid' takes all"),
        ("a {x}", {**AB, "design": "random"}, ValueError, "needs n="),
        ("a {x}", {**AB, "design": "random", "n": 3}, ValueError, r"n=3 is more than the grid has, 2 \(x 2\)"),
        ("a {x}", {**AB, "design": "latin", "n": 0}, ValueError, "n is at least 1"),
        ("a {x}", {**AB, "design": "latin", "n": 1.5}, TypeError, "n is a whole number"),
        ("a {x}", {**AB, "rng": "a"}, TypeError, "rng is a whole number"),
        ("a {x}", {**AB, "limit": 0}, ValueError, "limit is at least 1"),
        # replicates and seeds
        ("a {x}", {**AB, "replicates": 0}, ValueError, "replicates is at least 1, not 0"),
        ("a {x}", {**AB, "replicates": True}, TypeError, "replicates is a whole number"),
        ("a {x}", {**AB, "replicates": 2.0}, TypeError, "replicates is a whole number"),
        ("a {x}", {**AB, "seeds": []}, ValueError, "seeds is empty"),
        ("a {x}", {**AB, "seeds": 0}, ValueError, "seeds is at least 1"),
        ("a {x}", {**AB, "seeds": 10**9}, ValueError, "too many"),
        ("a {x}", {**AB, "seeds": range(10**9)}, ValueError, "more than 100,000 seeds"),
        ("a {x}", {**AB, "seeds": "7"}, TypeError, "seeds is a list"),
        ("a {x}", {**AB, "seeds": [-1]}, ValueError, "A seed is at least 0"),
        ("a {x}", {**AB, "seeds": [2**32]}, ValueError, "from 0 to 4294967295, not 4294967296"),
        ("a {x}", {**AB, "seeds": [1.5]}, TypeError, "A seed is a whole number"),
        ("a {x}", {**AB, "seeds": [7, 8, 7]}, ValueError, "seed 7 is there twice"),
        ("a {x}", {**AB, "seeds": [7], "seed": [8]}, ValueError, "Both an axis and seeds= say --seed"),
        ("a {x} --seed 5", {**AB, "seeds": [7]}, ValueError, "Both the template and seeds= say --seed"),
        # exclude
        ("a {x}", {**AB, "exclude": {"y": "a"}}, ValueError, "exclude names y, which is no axis"),
        ("{animal}", {"animal": ["fox"], "exclude": {"animl": "a"}}, ValueError, "did you mean animal"),
        ("a {x}", {**AB, "exclude": {"x": "c"}}, ValueError, "exclude: x has no value 'c'; it has 'a', 'b'"),
        ("a {x}", {**AB, "exclude": {}}, ValueError, "empty dict"),
        ("a {x}", {**AB, "exclude": "x"}, TypeError, "exclude is a function, a dict"),
        ("a {x}", {**AB, "exclude": 5}, TypeError, "exclude is a function, a dict"),
        ("a {x}", {**AB, "exclude": {"x": ["a", "b"]}}, ValueError, "exclude leaves no cell"),
        ("a {x}", {**AB, "design": "random", "n": 2, "exclude": {"x": "a"}}, ValueError, "n=2 .* exclude leaves 1: lower n"),
        # base
        ("a {x}", {**AB, "base": "a fox"}, TypeError, "base is an ImagineRequest or a dict"),
        ("a {x}", {**AB, "base": {"styliz": 5}}, ValueError, "Did you mean stylize"),
        ("a {x}", {**AB, "base": {"s": None}}, ValueError, "The base's s has the value None"),
        ("a {x}", {**AB, "base": {"x": "c"}, "design": "one-at-a-time"}, ValueError, "base has x 'c', which is no value"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(template: Any, options: dict[str, Any], error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        [*mj.Sweep(template, **options)]


def test_a_mistake_is_found_before_a_cell_is_looked_at() -> None:
    for options in ({"x": []}, {"y": [1]}, {**AB, "seeds": [7, 7]}, {**AB, "stylize": ["--raw"]}, {**AB, "base": {"q": "{1}"}}):
        with pytest.raises((ValueError, TypeError)):
            mj.Sweep("a {x}", **options)


def test_a_zip_may_have_a_value_twice() -> None:
    sweep = mj.Sweep("a {x} {y}", design="zip", x=["a", "a", "a"], y=["b", "c", "b"])
    assert (len(sweep), sweep.duplicates) == (2, 1)


def test_numpys_numbers_are_numbers() -> None:
    sweep = mj.Sweep(
        "a fox", stylize=np.arange(2), seeds=np.array([1, 2]), replicates=np.int64(2), base={"chaos": np.float64(5)}
    )
    assert len(sweep) == 8
    assert sweep[0].prompt == "a fox --chaos 5 --seed 1 --stylize 0"

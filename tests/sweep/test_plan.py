from __future__ import annotations

import builtins
import math
import sys
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import mj_widgets as mj
from mj_widgets.prompt.pricing import PRICES, Price, estimate, total

FOXES: dict[str, Any] = {"animal": ["fox", "owl"], "stylize": [0, 250]}


def test_a_plan_has_a_row_a_cell_and_a_column_an_axis() -> None:
    sweep = mj.Sweep("a {animal}", seeds=[7], **FOXES)
    plan = sweep.plan()
    assert list(plan.columns) == [
        *("animal", "stylize", "prompt", "mode", "replicate", "seed", "key", "duplicates", "warnings", "estimate", "paid"),
    ]
    for cell, (_, row) in zip(sweep, plan.iterrows(), strict=True):
        assert {name: row[name] for name in sweep.axes} == cell.values
        assert (row["prompt"], row["mode"], row["key"]) == (cell.prompt, cell.request.mode, cell.key)
        assert (row["replicate"], row["seed"]) == (cell.replicate, cell.seed)
    assert str(plan["stylize"].dtype) == "int64"
    assert str(plan["seed"].dtype) == "Int64"


def test_an_axis_that_is_called_like_a_column_of_the_request_is_that_column() -> None:
    plan = mj.Sweep("a fox", seed=[7, 8], mode=["relax"]).plan()
    assert list(plan.columns[:2]) == ["seed", "mode"]
    assert [*plan["seed"]] == [7, 8]
    assert plan.columns.is_unique


def test_duplicates_are_removed_and_counted() -> None:
    sweep = mj.Sweep("{x} {y}", x=["a", "a b"], y=["b c", "c", "d"], replicates=2)
    plan = sweep.plan()
    assert (len(sweep), sweep.duplicates, plan.attrs["duplicates"]) == (10, 2, 2)
    assert dict(zip(plan["prompt"], plan["duplicates"], strict=True)) == {
        "a b c": 1,
        "a c": 0,
        "a d": 0,
        "a b b c": 0,
        "a b d": 0,
    }


def test_cells_that_ask_for_the_same_in_other_words_are_found_in_every_design() -> None:
    axes: dict[str, Any] = {"x": ["a", "a b"], "y": ["b c", "c"]}
    assert mj.Sweep("{x} {y}", design="latin", n=4, **axes).duplicates == 1
    assert mj.Sweep("{x} {y}", design="random", n=4, **axes).duplicates == 1
    assert mj.Sweep("{x} {y}", exclude={"x": "a", "y": "c"}, **axes).duplicates == 1
    assert mj.Sweep("{x} {y}", **axes).plan()["key"].is_unique


def test_warnings_are_in_the_plan_beside_their_cells() -> None:
    plan = mj.Sweep("a fox", version=["6", "8.2"], hd=[True, False]).plan()
    warned = [(row["version"], row["hd"]) for _, row in plan.iterrows() if row["warnings"]]
    assert warned == [("6", True)]
    assert "Only V8 and later" in plan["warnings"][0]
    assert plan.attrs["warnings"] == 1


def test_braces_that_stand_for_several_prompts_are_told() -> None:
    [told] = mj.Sweep("a {red, blue} {x}", x=["fox"]).plan()["warnings"]
    assert told.startswith("The braces stand for 2 prompts.")


def test_what_the_service_would_refuse_is_an_error_that_names_the_cells() -> None:
    sweep = mj.Sweep("a {x}", x=["fox", "owl"], stylize=[0, 2000], version=["8.1", "7"], mode=["turbo"])
    for use in (sweep.plan, sweep.check):
        with pytest.raises(ValueError, match=r"6 of 8 cells would be refused; nothing is sent\.") as told:
            use()
        assert "Cell 0 (x='fox', stylize=0, version='8.1', mode='turbo'): V8.1 has no turbo mode" in str(told.value)
        assert "Cell 3 (x='fox', stylize=2000, version='7', mode='turbo'): --stylize takes 0 to 1000" in str(told.value)
        assert str(told.value).endswith("And 3 more.")


def test_prices_add_up_to_those_of_the_cells() -> None:
    sweep = mj.Sweep("a {x}", x=["fox", "owl"], version=["8.2", "7"], replicates=3)
    plan = sweep.plan()
    alone = total(estimate(cell.request) for cell in sweep)
    assert plan["estimate"].sum() == pytest.approx(alone.credits)
    assert plan.attrs["credits"] == pytest.approx(alone.credits)
    assert plan.attrs["at_most"] == pytest.approx(alone.at_most)
    assert plan.attrs["unknown"] == 0
    assert sweep.estimate() == alone


def test_what_is_not_known_is_said() -> None:
    sweep = mj.Sweep("a fox", mode=["fast", "relax", "turbo"])
    plan = sweep.plan()
    assert [math.isnan(cost) for cost in plan["estimate"]] == [False, True, True]
    assert plan.attrs["unknown"] == 2
    assert plan.attrs["at_most"] is None
    assert plan.attrs["summary"] == "3 cells, ≈ 0.27 credits, 2 of unknown price"
    assert sweep.estimate().credits is None


def test_prices_of_ones_own_go_first() -> None:
    mine = [Price(credits=2, mode="turbo", source="my console", date="2026-11-22"), *PRICES]
    sweep = mj.Sweep("a fox", mode=["fast", "turbo"])
    assert [*sweep.plan(prices=iter(mine))["estimate"]] == [0.27, 2]
    assert sweep.estimate(iter(mine)).credits == 2.27


def test_what_the_session_has_is_free(session: mj.Session) -> None:
    """It counts: of three replicates one is there."""
    session.imagine("a fox", mode="relax").result()
    session.imagine("a fox --stylize 0").result()
    sweep = mj.Sweep("a {animal}", replicates=3, animal=["fox", "owl"], stylize=[0])
    plan = sweep.plan(session)
    assert int(plan["paid"].sum()) == plan.attrs["paid"] == 1
    assert {*plan[plan["paid"]]["prompt"]} == {"a fox --stylize 0"}
    assert [*plan[plan["paid"]]["estimate"]] == [0]
    assert plan.attrs["credits"] == pytest.approx(5 * 0.27)
    assert plan.attrs["summary"].startswith("5 of 6 cells to pay, ≈ 1.4 credits")
    assert 0 < plan.attrs["seconds"] < 60


def test_what_failed_is_not_free(session: mj.Session) -> None:
    with pytest.raises(mj.errors.MJError):
        session.imagine("a fox sandbox:moderated").result()
    assert not mj.Sweep("a {animal} sandbox:moderated", animal=["fox"]).plan(session)["paid"].any()


def test_a_plan_of_what_is_all_there_costs_nothing(session: mj.Session) -> None:
    session.imagine("a fox").result()
    attrs = mj.Sweep("a fox").plan(session).attrs
    assert (attrs["credits"], attrs["seconds"], attrs["summary"]) == (0, 0, "0 of 1 cells to pay")


def test_without_a_session_nobody_knows_how_long_it_takes() -> None:
    assert mj.Sweep("a fox").plan().attrs["seconds"] is None


def test_planning_sends_nothing_and_changes_nothing(session: mj.Session) -> None:
    sweep = mj.Sweep("a {animal}", **FOXES)
    assert sweep.plan(session).equals(sweep.plan(session))
    assert len(session) == 0


def test_a_plan_without_pandas_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., Any] = builtins.__import__

    def without(name: str, *args: Any, **options: Any) -> Any:
        if name == "pandas":
            raise ImportError(name)
        return real(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.delitem(sys.modules, "pandas")
    with pytest.raises(ImportError, match=r'pip install "mj_widgets\[sweep\]"'):
        mj.Sweep("a fox").plan()


def test_a_plan_goes_into_a_file_and_back(tmp_path: Any) -> None:
    plan = mj.Sweep("a {animal}", seeds=[7], **FOXES).plan()
    plan.to_parquet(tmp_path / "plan.parquet")
    again = pd.read_parquet(tmp_path / "plan.parquet")
    assert again.equals(plan)
    assert again.attrs == plan.attrs

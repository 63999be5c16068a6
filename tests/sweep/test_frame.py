"""A run as a frame: tidy, complete, and written so that it reads back."""

from __future__ import annotations

import builtins
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

import mj_widgets as mj
from mj_widgets.sweep.run import SweepRun


def test_a_row_is_a_cell_and_an_axis_a_column(made: SweepRun) -> None:
    frame = made.to_dataframe()
    assert [*frame.columns[:2]] == ["animal", "place"]
    assert frame["animal"].tolist() == [cell.values["animal"] for cell in made]
    assert frame["place"].tolist()[4:6] == ["sandbox:moderated"] * 2  # the value; labels are for people
    assert frame["cell"].tolist() == [*range(12)]
    assert frame["replicate"].tolist() == [1, 2] * 6
    assert frame["prompt"].tolist() == [cell.cell.prompt for cell in made]
    assert frame["key"].is_unique
    assert frame["generation"].tolist() == [gen.id for gen in made.generations]


def test_what_failed_is_a_row_with_the_words_of_the_service(made: SweepRun) -> None:
    frame = made.to_dataframe().set_index("cell")
    refused = frame[frame["state"] == "moderated"]
    assert [*refused.index] == [4, 5, 10, 11]
    assert refused["words"].str.contains("refused").all()
    assert refused["path"].isna().all()
    assert refused["cost"].tolist() == [0.0] * 4


def test_times_are_moments_and_paths_are_below_the_session(made: SweepRun) -> None:
    done = made.to_dataframe().query("state == 'done'")
    assert str(done["sent"].dtype) == str(done["finished"].dtype) == "datetime64[ns, UTC]"
    assert (done["finished"] >= done["sent"]).all()
    assert done["seconds"].tolist() == pytest.approx((done["finished"] - done["sent"]).dt.total_seconds().tolist(), abs=1e-5)
    assert all((made.session.path / path).is_file() and path.startswith("images/") for path in done["path"])
    assert done["cost"].tolist() == done["estimate"].tolist() == [0.27] * 8


def test_what_a_person_thinks_is_there(quick: mj.Session) -> None:
    run = mj.Sweep("a {animal}", animal=["fox", "owl"]).run(quick).result(30)
    run[1].generation.rate(4, tile=2)
    run[1].generation.favourite()
    run[1].generation.tag("poster", "blue")
    frame = run.to_dataframe()
    assert frame["rating"].isna().tolist() == [True, False]
    assert frame["rating"][1] == 4
    assert frame["favourite"].tolist() == [False, True]
    assert frame["tags"].tolist() == [[], ["poster", "blue"]]


def test_cells_that_wait_are_rows_too(quick: mj.Session) -> None:
    run = mj.Sweep("a {animal}", animal=["fox", "owl", "cat"]).run(quick, cap=0.3, order="design").result(30)
    frame = run.to_dataframe()
    assert frame["state"].tolist() == ["done", "over the cap", "over the cap"]
    assert frame["sent"].isna().tolist() == [False, True, True]
    assert frame["favourite"].dtype == bool


def test_an_axis_keeps_its_name(quick: mj.Session) -> None:
    sweep = mj.Sweep("a {state} flag in {words}", state=["torn", "new"], words=["wind"], seed=[1, 2])
    frame = sweep.run(quick).result(30).to_dataframe()
    assert frame["state"].tolist() == ["torn", "torn", "new", "new"]
    assert set(frame["state_"]) == {"done"}
    assert frame["seed"].tolist() == frame["seed_"].tolist() == [1, 2, 1, 2]


def test_parquet_reads_back_with_its_manifest(made: SweepRun, tmp_path: Path) -> None:
    file = made.to_parquet(tmp_path / "deep" / "run.parquet")
    back, frame = pd.read_parquet(file), made.to_dataframe()
    assert [*back.columns] == [*frame.columns]
    assert back["prompt"].tolist() == frame["prompt"].tolist()
    assert back["sent"].tolist() == frame["sent"].tolist()
    manifest = json.loads(pq.read_schema(file).metadata[b"mj_widgets.sweep"])
    assert [cell.key for cell in mj.Sweep.from_manifest(manifest)] == back["key"].tolist()


def test_parquet_takes_an_axis_of_several_kinds(quick: mj.Session, tmp_path: Path) -> None:
    run = mj.Sweep("a fox", weird=[False, 5, 250.0]).run(quick).result(30)
    assert run.to_dataframe()["weird"].tolist() == [False, 5, 250.0]
    assert pd.read_parquet(run.to_parquet(tmp_path / "run.parquet"))["weird"].tolist() == ["off", "5", "250"]


@pytest.mark.parametrize(("missing", "ask"), [("pandas", "to_dataframe"), ("pyarrow", "to_parquet")])
def test_without_the_extra_it_says_what_to_install(
    made: SweepRun, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, missing: str, ask: str
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name.partition(".")[0] == missing:
            raise ModuleNotFoundError(name)
        return real(name, *rest, **named)

    call: Callable[..., object] = getattr(made, ask)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r'"mj_widgets\[sweep\]"'):
        call(*[tmp_path / "x.parquet"] * (ask == "to_parquet"))

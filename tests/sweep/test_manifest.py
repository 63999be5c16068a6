from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mj_widgets as mj

AXES: dict[str, Any] = {
    "animal": mj.axis(["fox", "owl", "“cat”"], labels=["Fox", "Owl", "Cat"], notes=["Red.", "", "Of a house."]),
    "stylize": np.array([0, 250]),
    "raw": [True, False],
}


def by_json(manifest: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(manifest, allow_nan=False))
    assert found == manifest
    return found


@settings(max_examples=25, deadline=None)
@given(
    design=st.sampled_from(["grid", "one-at-a-time", "latin", "random"]),
    rng=st.integers(0, 9),
    seeds=st.sampled_from([None, 2, [7, 8]]),
    replicates=st.integers(1, 2),
    base=st.sampled_from([None, {"ar": "3:2", "place": "snow"}, mj.ImagineRequest(prompt="x --ar 3:2 --s 250", version="7")]),
    exclude=st.sampled_from([None, {"animal": "owl", "raw": True}, lambda values: values["stylize"] == 250 and values["raw"]]),
)
def test_a_design_is_rebuilt_from_its_manifest(design: Any, rng: int, exclude: Any, **options: Any) -> None:
    template = "a {animal} in {place}" if isinstance(options["base"], dict) else "a {animal}"
    n = 5 if design in ("latin", "random") else None
    sweep = mj.Sweep(template, design=design, rng=rng, n=n, exclude=exclude, **options, **AXES)
    again = mj.Sweep.from_manifest(by_json(sweep.manifest()))
    assert [*again] == [*sweep]
    assert again.axes == sweep.axes
    assert again.manifest() == sweep.manifest()
    assert repr(again) == repr(sweep)


def test_a_zip_with_duplicates_is_rebuilt_too() -> None:
    sweep = mj.Sweep("a {x} {y}", design="zip", x=["a", "a b", "a"], y=["b c", "c", "d"], exclude=lambda cell: cell["y"] == "d")
    again = mj.Sweep.from_manifest(by_json(sweep.manifest()))
    assert (again.duplicates, [*again]) == (1, [*sweep])


def test_a_manifest_is_read_from_a_file(tmp_path: Path) -> None:
    sweep = mj.Sweep("a {animal} — 狐", **AXES)
    for name, ascii_only in (("a.json", True), ("b.json", False)):
        (tmp_path / name).write_text(json.dumps(sweep.manifest(), ensure_ascii=ascii_only), encoding="utf-8")
        assert [*mj.Sweep.from_manifest(tmp_path / name)] == [*mj.Sweep.from_manifest(str(tmp_path / name))] == [*sweep]


def test_one_from_a_newer_version_is_refused() -> None:
    manifest = mj.Sweep("a fox").manifest() | {"manifest": 2, "package": "9.9"}
    with pytest.raises(
        ValueError, match=r"form 2, written by mj_widgets 9\.9; this one reads forms up to 1\. Get the newer one"
    ):
        mj.Sweep.from_manifest(manifest)


@pytest.mark.parametrize(
    "damage",
    [
        *(
            {"manifest": None},
            {"manifest": "1"},
            {"manifest": True},
            {"template": "a {cat}"},
            {"template": 5},
            {"template": "a {animal} b"},
        ),
        *(
            {"axes": None},
            {"axes": [{}]},
            {"axes": []},
            {"axes": [{"name": "x", "values": [None], "labels": None, "notes": None}]},
        ),
        *(
            {"design": "gird"},
            {"seeds": [1, 1]},
            {"seeds": [5]},
            {"replicates": 3},
            {"base": 5},
            {"base": {"request": {"x": 1}}},
        ),
        *(
            {"exclude": {"kept": [[7, 7, 7]]}},
            {"exclude": {"kept": [[0]]}},
            {"exclude": 5},
            {"exclude": {}},
            {"exclude": {"rules": 5}},
        ),
        *({"cells": []}, {"cells": ["x"]}, {"cells": None}, {"limit": 1}, {"rng": -1}, {"n": 2}),
    ],
)
def test_a_damaged_one_is_refused(damage: dict[str, Any]) -> None:
    manifest = mj.Sweep("a {animal}", **AXES).manifest()
    with pytest.raises(ValueError, match="damaged"):
        mj.Sweep.from_manifest(manifest | damage)
    for name in manifest:
        if name not in ("package", "duplicates"):
            with pytest.raises(ValueError, match="damaged"):
                mj.Sweep.from_manifest({key: value for key, value in manifest.items() if key != name})


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"5", b"\xff\xfe"])
def test_a_damaged_file_is_refused(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "sweep.json").write_bytes(text)
    with pytest.raises(ValueError, match=r"sweep\.json is damaged"):
        mj.Sweep.from_manifest(tmp_path / "sweep.json")


def test_what_comes_to_other_requests_now_is_told() -> None:
    manifest = mj.Sweep("a {animal}", **AXES).manifest()
    manifest["cells"][3] = "0" * 64
    with pytest.raises(ValueError, match="1 of the 12 cells that it names come out different"):
        mj.Sweep.from_manifest(manifest)


def test_a_manifest_says_whose_it_is() -> None:
    manifest = mj.Sweep("a fox").manifest()
    assert (manifest["manifest"], manifest["package"]) == (1, mj.__version__)

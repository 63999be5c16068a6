"""A run as a folder that others read: pictures, a line for each, and a manifest."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow.json
import pytest

import mj_widgets as mj
from mj_widgets.sweep.run import SweepRun


@pytest.fixture(scope="module")
def there(made: SweepRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.export(tmp_path_factory.mktemp("export") / "foxes")


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "metadata.jsonl").read_text("utf-8").splitlines()]


def manifest(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
    return read


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_each_line_names_a_picture_and_each_picture_has_a_line(there: Path) -> None:
    found = lines(there)
    assert [line["cell"] for line in found] == [0, 1, 2, 3, 6, 7, 8, 9]
    assert sorted([line["file_name"] for line in found] + ["manifest.json", "metadata.jsonl"]) == names(there)
    assert {line["animal"] for line in found} == {"fox", "owl"}
    assert {line["tile"] for line in found} == {0}
    assert "path" not in found[0]


def test_the_lines_are_columns_of_one_kind_each(there: Path) -> None:
    """Hugging Face's reader of image folders takes them by Arrow's reader of JSON."""
    table = pyarrow.json.read_json(there / "metadata.jsonl")
    assert table.num_rows == 8
    assert {"file_name", "animal", "place", "prompt", "state", "rating", "tags"} <= {*table.column_names}


def test_a_picture_tells_how_it_was_made(made: SweepRun, there: Path, open_session: Callable[..., mj.Session]) -> None:
    line = lines(there)[5]
    gen = open_session("elsewhere").add(there / line["file_name"])
    assert gen.prompt == line["prompt"] == made[7].cell.prompt
    assert gen.id == line["generation"]


def test_the_manifest_has_all_that_happened(made: SweepRun, there: Path) -> None:
    found = manifest(there)
    assert found["export"]["finished"] is True
    assert [one["state"] for one in found["results"]] == [cell.state for cell in made]
    assert [one["request"]["prompt"] for one in found["results"]] == [cell.cell.prompt for cell in made]
    assert found["states"] == made.counts
    assert found["bill"]["number"] == 8
    assert found["versions"]["mj_widgets"] == mj.__version__
    for one in found["results"]:
        for file in one["files"]:
            assert sha256((there / file["file_name"]).read_bytes()).hexdigest() == file["sha256"]
    assert str(made.session.path) not in json.dumps(found)


def test_the_design_is_rebuilt_from_the_folder_or_the_file(made: SweepRun, there: Path) -> None:
    for source in (there, str(there), there / "manifest.json"):
        again = mj.Sweep.from_manifest(source)
        assert [cell.key for cell in again] == [cell.key for cell in made]
        assert again.axes == made.sweep.axes


def test_a_manifest_of_a_newer_version_is_refused(there: Path, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps(manifest(there) | {"manifest": 99}))
    with pytest.raises(ValueError, match="Get the newer one"):
        mj.Sweep.from_manifest(tmp_path)


def test_an_interrupted_export_goes_on(made: SweepRun, tmp_path: Path) -> None:
    """As it is after a kill: the first manifest, some pictures, a half of one under a name of its own."""
    folder = made.export(tmp_path / "foxes")
    first, second = (folder / lines(folder)[at]["file_name"] for at in (0, 1))
    whole, before = names(folder), first.stat().st_mtime_ns
    (folder / "manifest.json").write_text(json.dumps({**made.manifest(), "export": {"finished": False}}))
    (folder / "metadata.jsonl").unlink()
    second.unlink()
    (folder / ".0123456789abcdef.png").write_bytes(b"half")
    made.export(folder)
    assert names(folder) == whole
    assert manifest(folder)["export"]["finished"] is True
    assert first.stat().st_mtime_ns == before  # it was whole


def test_it_is_brought_up_to_date(session: mj.Session, tmp_path: Path) -> None:
    run = mj.Sweep("a {animal}", animal=["fox"]).run(session).result(30)
    folder = run.export(tmp_path / "foxes")
    run[0].generation.rate(5)
    run.export(folder)
    assert lines(folder)[0]["rating"] == 5
    run.export(folder, tiles=True)
    assert [line["tile"] for line in lines(folder)] == [1, 2, 3, 4]
    assert len(names(folder)) == 4 + 2


def test_names_of_the_reader_are_left_to_it(session: mj.Session, tmp_path: Path) -> None:
    run = mj.Sweep("a {image} {label}", image=["fox"], label=["red"], weird=[False, 5]).run(session).result(30)
    line = lines(run.export(tmp_path / "foxes"))[0]
    assert (line["image_"], line["label_"], line["weird"]) == ("fox", "red", "off")
    assert not {"image", "label"} & line.keys()


@pytest.mark.parametrize("kind", ["a file", "other things", "another sweep"])
def test_a_folder_of_something_else_is_left_alone(made: SweepRun, tmp_path: Path, kind: str) -> None:
    place = tmp_path / "place"
    if kind == "a file":
        place.write_text("mine")
    else:
        place.mkdir()
        (place / "mine.txt").write_text("mine")
        if kind == "another sweep":
            (place / "manifest.json").write_text(json.dumps({"run": {"id": "0123"}}))
    with pytest.raises(ValueError, match="is a file|holds"):
        made.export(place)
    assert place.is_file() or "metadata.jsonl" not in names(place)

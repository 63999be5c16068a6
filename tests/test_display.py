"""What the outputs of a real kernel hold; how they look is in tests/browser."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import mj_widgets as mj
from mj_widgets.display import grid_of

VIEW = "application/vnd.jupyter.widget-view+json"

FIRST = """
import mj_widgets as mj
session = mj.Session("t")
gen = session.imagine("a fox in snow")
gen
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where kernels run, at an embedded sandbox that draws at once."""
    monkeypatch.setenv("MJ_SANDBOX_SPEED", "0")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv(
        "PYTHONPATH", os.pathsep.join(filter(None, [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH")]))
    )
    monkeypatch.delenv("ACEDATACLOUD_API_TOKEN", raising=False)
    return tmp_path


def executed(folder: Path, *cells: str) -> nbformat.NotebookNode:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(folder)}}).execute()
    return notebook


def kinds(cell: nbformat.NotebookNode) -> list[str]:
    return ["live" if VIEW in output.get("data", {}) else "twin" for output in cell.outputs]


def test_handles_that_end_a_cell_draw_themselves_beside_their_twin(folder: Path) -> None:
    notebook = executed(folder, FIRST, "_ = await gen", "session", "%load_ext mj_widgets", "%mj -s t a cat", "x = %mj a dog")
    drawn, waited, control, _, magic, assigned = notebook.cells
    assert [kinds(cell) for cell in (drawn, control, magic)] == [["live", "twin"]] * 3
    assert [kinds(cell) for cell in (waited, assigned)] == [[], []]
    assert control.outputs[0]["data"]["text/plain"] == "Studio('t')"
    assert control.outputs[1]["data"]["text/html"].count("<img") == 4


def test_an_answer_becomes_its_words(folder: Path) -> None:
    ask = FIRST.replace("gen", "answer").replace("imagine", "describe").replace("a fox in snow", "https://a.example/fox.png")
    notebook = executed(folder, ask, "print(*answer.result(), sep='\\n')", "answer")
    asked, told, again = (cell.outputs[0] for cell in notebook.cells)
    assert asked["data"] == again["data"]
    assert re.findall("<p [^>]*>(.*?)</p>", asked["data"]["text/html"]) == told["text"].splitlines()


def test_a_sweep_draws_itself_beside_a_sheet_of_its_cells(folder: Path) -> None:
    code = FIRST.replace("gen", "run").replace(
        'session.imagine("a fox in snow")', 'mj.Sweep("a {animal}", animal=["fox"]).run(session)'
    )
    notebook = executed(folder, code, "_ = await run")
    live, sheet = notebook.cells[0].outputs
    assert VIEW in live["data"]
    assert live["data"]["text/plain"].startswith("SweepView(<SweepRun of 1 cells, ")
    assert sheet["data"]["text/html"].count("<img") == 1


def test_a_lineage_draws_itself_beside_its_outline(folder: Path) -> None:
    notebook = executed(folder, FIRST + "_ = gen.result().upscale(2).result()", "session.lineage")
    live, outline = notebook.cells[1].outputs
    assert VIEW in live["data"]
    assert live["data"]["text/plain"].startswith("<Lineage of 't': 2 generations, 1 root>")
    assert outline["data"]["text/html"].count("<img") == 2


def test_the_twin_is_filled_when_the_generation_ends(folder: Path) -> None:
    """Before `gen.result()` gives the word: an executor may end the kernel right after the last cell."""
    notebook = executed(folder, FIRST, "_ = gen.result()")
    twin = notebook.cells[0].outputs[1]["data"]["text/html"]
    assert twin.count("<img") == 4
    assert "a fox in snow" in twin


def test_one_generation_adds_at_most_120_kb_even_where_widget_state_is_saved(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """nbclient, papermill and `nbconvert --execute` save the state of every widget."""
    monkeypatch.setenv("MJ_SANDBOX_SHRINK", "1")
    one = executed(folder, FIRST, "_ = gen.result()")
    two = executed(folder, FIRST, "_ = gen.result().upscale(2).result()")
    assert "a fox in snow" in json.dumps(one.metadata.widgets)
    assert two.cells[0].outputs[1]["data"]["text/html"].count("<img") == 5
    size = [len(nbformat.writes(notebook).encode()) for notebook in (one, two)]
    assert 10_000 < size[1] - size[0] <= 120_000


def test_a_terminal_keeps_the_text(folder: Path) -> None:
    code = FIRST.replace("gen\n", "gen.result()\n") + "print(gen)"
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", "--colors=nocolor", "-c", code],
        cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "<Generation" in done.stdout
    assert "ipywidgets" not in done.stdout


def test_in_marimo_a_generation_is_an_anywidget_that_follows_it(session: mj.Session) -> None:
    """It draws no ipywidgets; how it looks there is in tests/browser/test_frontends.py."""
    gen = session.imagine("a fox")
    grid = grid_of(gen)
    gen.result(10)
    assert (grid.state["status"], grid.state["tiles"]) == ("succeeded", [1, 2, 3, 4])
    gen.rate(5)
    assert grid.state["marks"]["stars"] == {"0": 5}


def test_importing_it_beside_marimo_opens_the_door_there() -> None:
    code = "import sys, types; sys.modules['marimo'] = types.ModuleType('marimo'); import mj_widgets as mj"
    told = "print(*(hasattr(kind, '_display_') for kind in (mj.Generation, mj.Session)))"
    done = subprocess.run([sys.executable, "-c", f"{code}; {told}"], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"]

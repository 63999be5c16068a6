"""The notebooks are as they were written, and run from top to bottom without a network."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

import mj_widgets as mj

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
SWEEP = NOTEBOOKS / "02_sweep.ipynb"

pytestmark = pytest.mark.skipif(not NOTEBOOKS.exists(), reason="the notebooks are elsewhere in a wheel")


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_is_valid_and_committed_without_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    for cell in notebook.cells:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None


def test_the_sweep_runs_from_top_to_bottom(tmp_path: Path) -> None:
    notebook = nbformat.read(SWEEP, as_version=4)
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    (shown,) = [cell for cell in notebook.cells if cell.source.endswith("cap=5)\nrun")]
    assert any("application/vnd.jupyter.widget-view+json" in output.get("data", {}) for output in shown.outputs)
    assert "12 cells" in said(notebook.cells[-1])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mj_sessions", "sweep.html", "sweep_pictures"]
    assert len(mj.Sweep.from_manifest(tmp_path / "sweep_pictures")) == 12
    with mj.Session("sweep", root=tmp_path / "mj_sessions") as session:
        assert len(session) == 12


def said(cell: Any) -> str:
    """Give the text below a cell."""
    texts = [output.get("text", "") or output.get("data", {}).get("text/plain", "") for output in cell.outputs]
    return re.sub(r"\s+", " ", " ".join(texts))

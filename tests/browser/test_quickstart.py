"""The notebook that a visitor meets first."""

from __future__ import annotations

from collections.abc import Callable

import nbformat

from tests.browser.conftest import ROOT, Notebook
from tests.browser.test_control import drawn

QUICKSTART = ROOT / "notebooks" / "01_quickstart.ipynb"


def test_it_is_committed_without_outputs() -> None:
    for cell in nbformat.read(QUICKSTART, as_version=4).cells:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None


def test_it_runs_from_top_to_bottom_twice(notebook: Callable[..., Notebook]) -> None:
    cells = nbformat.read(QUICKSTART, as_version=4).cells
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    nb = notebook(*code)
    for _ in range(2):
        for index in range(len(code)):
            nb.run(index)
            assert nb.error(index) == ""
    for index in (0, len(code) - 1):
        drawn(nb.cell(index).locator(".mj-card").first, 4)

"""A real JupyterLab in a real Chromium, for benchmarks."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from playwright.sync_api import sync_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM, Lab, Notebook, _environment, _server


@contextmanager
def lab(*, save_state: bool = False, **environment: str) -> Iterator[Lab]:
    """Serve JupyterLab in a folder of its own, and open it; it may save the widgets' state with each notebook."""
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        home, root = Path(place) / "home", Path(place) / "notebooks"
        home.mkdir()
        root.mkdir()
        if save_state:
            settings = home / "config/lab/user-settings/@jupyter-widgets/jupyterlab-manager/plugin.jupyterlab-settings"
            settings.parent.mkdir(parents=True)
            settings.write_text('{"saveState": true}')
        variables = _environment(home) | {"MJ_SANDBOX_SHRINK": "1"} | environment  # pictures as large as the service's
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        with _server(home, root, variables) as url:
            yield Lab(browser, url, root, variables)
        browser.close()


def notebook(lab: Lab, name: str, *cells: str) -> Notebook:
    """Open a fresh notebook of cells."""
    content = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    (lab.root / name).parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(content, lab.root / name)
    return lab.open(name)

"""Front ends other than JupyterLab."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import nbformat
import pytest

from tests.browser.conftest import PATIENCE, Lab, Notebook, in_sight, serving
from tests.browser.test_control import drawn
from tests.browser.test_quickstart import QUICKSTART

Visit = Callable[[str], Lab]


@pytest.fixture
def quickstart(lab: Lab, request: pytest.FixtureRequest) -> str:
    """Put a copy of the quickstart into a folder of its own; give its path."""
    folder = lab.root / request.node.name
    folder.mkdir()
    shutil.copy(QUICKSTART, folder)
    return f"{folder.name}/{QUICKSTART.name}"


def generate(control: Any) -> Any:
    """Draw with the control, and take one of the pictures; give its card."""
    control.locator(".mj-prompt-box textarea").fill("a fox in snow")
    control.get_by_role("button", name="Generate").click()
    card = control.locator(".mj-card", has=control.page.locator(".mj-prompt", has_text="a fox in snow")).first
    drawn(card, 4)
    card.get_by_role("button", name="U2", exact=True).click()
    single = control.locator(".mj-card", has=control.page.get_by_role("navigation", name="Lineage")).first
    drawn(single, 1)


def test_notebook_7_runs_the_quickstart(visit: Visit, quickstart: str) -> None:
    page = visit(f"notebooks/{quickstart}")
    for words in ("reading 'schema'", "'filebrowser:open-path' not registered"):
        page.forgive(words)  # its own, while it starts
    notebook = Notebook(page, quickstart)
    notebook.panel.locator(".jp-Cell").first.wait_for()
    notebook.ready()
    notebook.run_all()
    code = [index for index, cell in enumerate(nbformat.read(QUICKSTART, as_version=4).cells) if cell.cell_type == "code"]
    assert [notebook.outcomes()[index] for index in code] == ["ran"] * len(code)
    drawn(notebook.cell(code[-1]).locator(".mj-card").first, 4)
    generate(notebook.cell(code[0]))


def test_voila_runs_the_quickstart(visit: Visit, quickstart: str) -> None:
    page = visit(f"voila/render/{quickstart}")
    page.forgive("ERR_NAME_NOT_RESOLVED")  # its icons and its formulas come from elsewhere
    page.forgive("RUNTIME-012")  # it tries to load Notebook 7's extension of JupyterLab
    generate(page.page.locator(".mj-wall").first)


# marimo, which draws anywidgets and no ipywidgets

FIRST = """
import marimo
app = marimo.App()

@app.cell
async def _():
    import httpx
    import marimo as mo
    import mj_widgets as mj
    from mj_widgets.widgets.strip import Strip
    session = mj.Session("t")
    gen = await session.imagine("a fox in snow", mode="turbo")
    single = await gen.upscale(2)
    painter = mj.MaskPainter(single)
    done, release = mo.ui.run_button(label="Done"), mo.ui.run_button(label="Release")
    return Strip, done, gen, httpx, mj, mo, painter, release, session, single
"""

CELL = """
@app.cell
def _(Strip, done, gen, httpx, mj, mo, painter, release, session, single):
    {code}
    return
"""

SHOWN = [
    "session.imagine('a lighthouse sandbox:stuck', mode='turbo')",
    "release",
    "httpx.post(f'{session.client.base_url}/sandbox/release', json={}).status_code if release.value else 0",
    "Strip(single, print)",
    "session.lineage",
    "mj.compare(gen, single)",
    "mj.contact_sheet(session)",
    "mj.Sweep('a {what}', what=['boat', 'bird']).run(session)",
    "mj.Sweep('a {what}', what=['boat', 'bird']).run(session).result().rate('Ada')",
    "mo.vstack([painter, done])",
    "f'painted: {done.value and not painter.mask.is_empty}'",
    "mj.Studio(session)",
]


@pytest.fixture(scope="module")
def marimo(chromium: Any, lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Run an app with all of them in marimo, and open it."""
    folder = tmp_path_factory.mktemp("marimo")
    (folder / "app.py").write_text(FIRST + "".join(CELL.format(code=code) for code in SHOWN))
    command = ["marimo", "run", "app.py", "--headless", "--no-token", "--port={port}"]
    with serving(*command, ready="health", cwd=folder, environment=lab.environment, log=folder / "log") as url:
        page = chromium.new_context().new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(url)
        yield page
        page.context.close()


def painted(place: Any, count: int) -> None:
    """Wait until that many of its pictures are painted."""
    there = "place => [...place.querySelectorAll('img')].filter(each => each.naturalWidth > 50).length"
    in_sight(place, lambda: place.evaluate(there) >= count)


def test_marimo_draws_a_bare_generation_live(marimo: Any) -> None:
    grid = marimo.locator(".mj-grid")
    grid.locator("[role=progressbar][aria-valuenow]").wait_for()
    marimo.get_by_role("button", name="Release").click()
    painted(grid.locator(".mj-tiles"), 4)


@pytest.mark.parametrize(
    ("place", "pictures"), [("strip", 2), ("family", 3), ("compare", 2), ("sheet", 2), ("sweep", 2), ("rating", 1)]
)
def test_marimo_draws_the(marimo: Any, place: str, pictures: int) -> None:
    marimo.get_by_role("button", name="Release").click()
    painted(marimo.locator(f".mj-{place}").first, pictures)


def test_marimo_takes_what_the_mask_painter_painted(marimo: Any) -> None:
    """In a cell that runs afterwards, here by a button."""
    stage = marimo.locator(".mj-mask-stage")
    marimo.get_by_text("painted: False").wait_for()
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    marimo.mouse.move(*middle)
    marimo.mouse.down()
    marimo.mouse.move(middle[0] + 60, middle[1] + 20, steps=4)
    marimo.mouse.up()
    marimo.locator(".mj-mask-line", has_text="% is painted").wait_for()
    marimo.get_by_role("button", name="Done").click()
    marimo.get_by_text("painted: True").wait_for()


def test_marimo_says_what_to_do_instead_of_the_control(marimo: Any) -> None:
    marimo.get_by_text("marimo does not draw the widgets that this control is made of").wait_for()

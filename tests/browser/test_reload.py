"""The page is loaded again, or shows the same session twice; and what is then in the saved notebook."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.browser.conftest import RELEASE, Lab, Notebook
from tests.browser.test_control import FIRST, draw, drawn
from tests.browser.test_saved import pictures

Make = Callable[..., Notebook]


def begin(studio: Any) -> None:
    """Begin a generation that does not end by itself."""
    draw(studio, "a lighthouse sandbox:stuck", "turbo")
    runs(studio)


def runs(studio: Any) -> None:
    """Wait until it is seen that it has begun."""
    studio.locator("[role=progressbar][aria-valuenow]").wait_for()


def test_what_runs_during_a_reload_finishes_on_the_page_and_in_the_saved_notebook(notebook: Make) -> None:
    nb = notebook(FIRST, RELEASE, "session.lineage")
    nb.run(0)
    nb.run(2)
    begin(nb.cell(0))
    nb.save()
    nb = nb.reload()
    runs(nb.cell(0))  # it is still seen, before anything new came from the kernel
    nb.run(1)
    drawn(nb.cell(0).locator(".mj-card"), 4)
    nb.twinned(0, "(picture 4 of 4)")
    nb.twinned(2, "a lighthouse")
    nb.without(".mj-twin-card")
    nb.save()
    nb = nb.reopen(kernel=False)
    assert pictures(nb.cell(0)) == 4
    assert nb.cell(0).get_by_alt_text("a lighthouse sandbox:stuck (picture 4 of 4)").is_visible()


def test_every_view_of_a_control_shows_the_same(visit: Callable[[str], Lab]) -> None:
    """A second cell, and JupyterLab's "Create New View for Cell Output"."""
    lab = visit("lab/workspaces/wide?reset").wide()
    studio = "import mj_widgets as mj\nsession = mj.Session('t')\nstudio = mj.Studio(session)\nstudio"
    nb = lab.open(lab.write("views/notebook.ipynb", studio, RELEASE, "studio"))
    nb.run(0)
    nb.run(2)
    views = [nb.cell(0), nb.cell(2), nb.new_view(0)]
    begin(views[1])
    for view in views:
        runs(view)
    nb.run(1)
    for view in views:
        drawn(view.locator(".mj-card"), 4)
    nb.without(".mj-twin-card")
    views[2].get_by_role("button", name="U2", exact=True).click()
    for view in views:
        view.locator(".mj-card").nth(1).wait_for()

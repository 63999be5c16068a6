"""What a saved notebook still shows."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import AS_SERVED, Lab, Notebook
from tests.browser.test_control import FIRST, draw, drawn

Make = Callable[..., Notebook]

ERRORS = ".jp-OutputArea-output:has-text('Error displaying widget'):visible, .jp-OutputArea-output:has-text('Studio('):visible"
PAINTED = """() => [...document.querySelectorAll('.mj-twin-card img')]
    .filter(each => each.checkVisibility()).every(each => each.complete && each.naturalWidth > 100)"""


def pictures(place: Any) -> int:
    """Count the pictures that are painted, once all that are seen are."""
    place.locator(".mj-twin-card img").first.wait_for()
    getattr(place, "page", place).wait_for_function(PAINTED)
    return int(place.locator(".mj-twin-card img:visible").count())


def test_a_saved_notebook_shows_the_grid_without_a_kernel(notebook: Make, chromium: Any) -> None:
    nb = notebook(AS_SERVED + FIRST)
    nb.run(0)
    draw(nb.cell(0), "a fox in snow --ar 3:2", "turbo")
    drawn(nb.cell(0).locator(".mj-card"), 4)
    nb.save()
    before = nb.file.stat().st_size
    nb.cell(0).get_by_role("button", name="U2", exact=True).click()
    nb.cell(0).locator(".mj-card").nth(1).wait_for()
    drawn(nb.cell(0).locator(".mj-card").nth(1), 1)
    nb.page.wait_for_function("document.querySelectorAll('.mj-twin-card').length === 2")
    nb.without(".mj-twin-card")  # the live view hides it
    nb.save()
    assert before <= 120_000 + 5_000
    assert 5_000 < nb.file.stat().st_size - before <= 120_000

    nb = nb.reopen(kernel=False)
    assert pictures(nb.cell(0)) == 5
    assert nb.page.locator(ERRORS).count() == 0

    out = nb.file.with_suffix(".html")
    subprocess.run(
        [sys.executable, "-m", "jupyter", "nbconvert", "--to", "html", str(nb.file)], check=True, capture_output=True
    )
    offline = chromium.new_context(offline=True).new_page()
    offline.goto(out.as_uri())
    assert pictures(offline) == 5
    assert offline.locator(ERRORS).count() == 0
    offline.context.close()


def test_reopened_with_a_new_kernel_the_twin_stands_in_for_the_lost_widget(notebook: Make) -> None:
    nb = notebook("import mj_widgets as mj\nsession = mj.Session('t')\nsession.imagine('a fox in snow', mode='turbo')")
    nb.run(0)
    drawn(nb.cell(0).locator(".mj-card"), 4)
    nb.save()
    nb = nb.reopen()
    assert pictures(nb.cell(0)) == 4
    assert nb.page.locator(ERRORS).count() == 0


@pytest.mark.usefixtures("notebook")
def test_widget_state_without_its_kernel_does_not_push_the_pictures_aside(lab: Lab) -> None:
    """`nbconvert --execute` and papermill save the widgets' state, from which Lab draws a control that nobody answers."""
    code = "import mj_widgets as mj\nsession = mj.Session('t')\nsession.imagine('a fox in snow', mode='turbo').result()"
    path = lab.write("executed/notebook.ipynb", code)
    for command in (["nbconvert", "--execute", "--to", "notebook", "--inplace"], ["trust"]):
        call = [sys.executable, "-m", "jupyter", *command, str(lab.root / path)]
        subprocess.run(call, check=True, capture_output=True, env=lab.environment)
    nb = lab.open(path)
    nb.page.locator(".mj-wall").wait_for(state="attached")
    assert pictures(nb.cell(0)) == 4
    assert nb.page.locator(".mj-wall:visible").count() == 0

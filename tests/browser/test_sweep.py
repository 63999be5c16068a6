"""The viewer of a sweep, as a person uses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import Notebook
from tests.browser.test_accessible import THEMES, violations

Make = Callable[..., Notebook]

SETUP = "import mj_widgets as mj\nfrom tests.benchmarks.viewer import grid, swept\n"
SMALL = (
    "sweep = mj.Sweep('a {animal} in {place} --s {stylize}', animal=['fox', 'owl', 'cat'], place=['snow', 'fog'],"
    " stylize=[0, 250, 750])\n"
    "run = swept(sweep, 'small', refused={3}).result()\n"
)
LIVE = (
    "import os; os.environ['MJ_SANDBOX_SPEED'] = '2'\nimport mj_widgets as mj\n"
    "run = mj.Sweep('a {animal} in {place}', animal=['fox', 'owl', 'cat'], place=['snow', 'fog', 'sun'])"
    ".run(mj.Session('t'), cap=20, order='design')\nrun"
)


# What the slider says, each time that it changes.
STEPS = """slider => {
    window.steps = [];
    new MutationObserver(() => {
        const value = slider.getAttribute('aria-valuetext');
        if (value !== window.steps.at(-1)) window.steps.push(value);
    }).observe(slider, {attributes: true, attributeFilter: ['aria-valuetext']});
}"""


def painted(viewer: Any) -> Any:
    """Wait until all that is in sight is there, and give the table."""
    table = viewer.get_by_role("grid")
    viewer.page.wait_for_function(
        """table => !table.hasAttribute('aria-busy') && table.querySelector('.mj-cell') &&
            [...table.querySelectorAll('.mj-cell-picture[src]')].every((image) => image.complete && image.naturalWidth > 50)""",
        arg=table.element_handle(),
    )
    return table


def at(page: Any, name: str) -> None:
    """Wait until the cell whose name begins so has the focus."""
    page.wait_for_function("name => document.activeElement?.ariaLabel?.startsWith(name)", arg=name)


@pytest.fixture
def small(notebook: Make) -> Any:
    """A viewer of eighteen cells, the fourth of which was refused."""
    nb = notebook(SETUP + SMALL + "run", "print(len(run.session), run[1].generation.marks.ratings)")
    nb.run(0)
    assert nb.error(0) == ""
    painted(nb.cell(0).locator(".mj-sweep"))
    return nb


def test_it_is_live_pauses_and_goes_on(notebook: Make) -> None:
    nb = notebook(LIVE)
    nb.run(0)
    viewer = nb.cell(0).locator(".mj-sweep")
    viewer.locator(".mj-cell[data-state=running]").first.wait_for()
    viewer.get_by_role("button", name="Pause").click()
    line = nb.cell(0).get_by_role("group", name="The same in Python")
    line.get_by_text("run.pause()").wait_for()
    viewer.get_by_text("Paused: nothing more is sent").wait_for()
    viewer.get_by_role("button", name="Resume").click()
    viewer.locator(".mj-sweep-time", has_text="done").wait_for()
    line.get_by_text("run.resume()").wait_for()
    painted(viewer)
    assert viewer.locator(".mj-cell-picture[src]").count() == 9
    assert "✓ 9 done" in viewer.inner_text()
    assert viewer.get_by_role("button", name="Pause").count() == 0


def test_axes_change_places_values_are_hidden_and_a_reload_keeps_it(small: Notebook) -> None:
    viewer = small.cell(0).locator(".mj-sweep")
    assert viewer.get_by_role("columnheader").all_inner_texts()[1:] == ["snow", "fog"]
    viewer.get_by_role("button", name="Swap rows and columns").click()
    viewer.get_by_role("columnheader", name="owl").wait_for()
    assert viewer.get_by_role("rowheader").all_inner_texts() == ["snow", "fog"]
    viewer.get_by_label("Columns (X)").select_option("stylize")
    viewer.get_by_role("columnheader", name="750").wait_for()
    viewer.get_by_role("slider", name="animal").wait_for()
    viewer.get_by_text("Values").click()
    viewer.get_by_role("checkbox", name="250").uncheck()
    viewer.get_by_role("columnheader", name="250").wait_for(state="detached")
    viewer.get_by_text("Values (1 hidden)").wait_for()
    small.save()
    nb = small.reload()
    viewer = nb.cell(0).locator(".mj-sweep")
    painted(viewer)
    assert viewer.get_by_role("columnheader").all_inner_texts()[1:] == ["0", "750"]
    viewer.get_by_role("gridcell", name="animal fox, place fog, stylize 0. Moderated").wait_for()
    viewer.get_by_role("slider", name="animal").wait_for()


def test_the_keyboard_walks_compares_rates_and_opens(small: Notebook) -> None:
    viewer = small.cell(0).locator(".mj-sweep")
    keys = small.page.keyboard
    refused = viewer.get_by_role("gridcell", name="animal fox, place fog, stylize 0. Moderated")
    assert "<b>Banned</b> words: gore" in refused.inner_text()
    viewer.get_by_role("gridcell").first.focus()
    for key, name in [
        ("ArrowRight", "animal fox, place fog, stylize 0. Moderated"),
        ("ArrowDown", "animal owl, place fog, stylize 0. Done"),
        ("Home", "animal owl, place snow, stylize 0. Done"),
        ("Control+End", "animal cat, place fog, stylize 0. Done"),
        ("ArrowUp", "animal owl, place fog, stylize 0. Done"),
    ]:
        keys.press(key)
        at(small.page, name)
    beside = viewer.get_by_role("region", name="Compared with its neighbours")
    assert "← place: snow → fog" in beside.inner_text()
    assert "↑ animal: fox → owl" in beside.inner_text()
    keys.press("4")
    viewer.get_by_role("gridcell", name="animal owl, place fog, stylize 0. Done, rated 4 of 5").wait_for()
    keys.press("Enter")
    box = small.cell(0).locator("dialog.mj-box")
    box.get_by_text("a owl in fog --s 0").first.wait_for()
    box.get_by_text("/ 20").wait_for()  # of five grids, the refused one left out
    keys.press("Escape")
    box.wait_for(state="hidden")
    at(small.page, "animal owl, place fog")
    assert small.prompt(0) == "[1]:"  # the notebook did not take the keys for its own


def test_space_plays_through_the_slider_and_ends_there(small: Notebook) -> None:
    viewer = small.cell(0).locator(".mj-sweep")
    slider = viewer.get_by_role("slider", name="stylize")
    viewer.get_by_role("gridcell").first.focus()
    slider.evaluate(STEPS)
    small.page.keyboard.press("Space")
    viewer.get_by_role("gridcell", name="animal fox, place snow, stylize 750").wait_for()
    assert small.page.evaluate("window.steps") == ["250", "750"]
    at(small.page, "animal fox, place snow, stylize 750")
    viewer.get_by_role("button", name="Play through stylize", pressed=False).wait_for()
    small.page.emulate_media(reduced_motion="reduce")
    small.page.keyboard.press("Space")  # from the end it begins anew, and steps
    at(small.page, "animal fox, place snow, stylize 0")
    small.page.keyboard.press("Space")
    at(small.page, "animal fox, place snow, stylize 250")
    viewer.get_by_role("button", name="Play through stylize", pressed=False).wait_for()
    small.page.emulate_media(reduced_motion="no-preference")


def test_of_two_thousand_only_what_is_in_sight_is_drawn_and_fetched(notebook: Make) -> None:
    nb = notebook(SETUP + "run = swept(grid(50, 40), 'many').result()\nrun")
    nb.run(0)
    viewer = nb.cell(0).locator(".mj-sweep")
    table = painted(viewer)
    assert table.locator(".mj-cell").count() < 150
    table.get_by_role("gridcell").first.focus()
    for key, name in [
        ("Control+End", "animal animal 39, place place 49"),
        ("PageUp", "animal animal 3"),
        ("Home", "animal animal 3"),
    ]:
        nb.page.keyboard.press(key)
        at(nb.page, name)
        inside = """node => {
            const [a, b] = [node.getBoundingClientRect(), node.closest('[role=grid]').getBoundingClientRect()];
            return a.left >= b.left && a.right <= b.right && a.top >= b.top + 36 && a.bottom <= b.bottom;
        }"""
        assert nb.page.locator("*:focus").evaluate(inside)
    painted(viewer)
    assert table.locator(".mj-cell").count() < 150
    stuck = table.evaluate(
        """table => {
            const top = table.getBoundingClientRect().top;
            return Math.round(table.querySelector('.mj-sweep-heads').getBoundingClientRect().top - top);
        }"""
    )
    assert stuck in (0, 1)


@pytest.mark.parametrize("theme", THEMES)
def test_it_has_no_serious_violation(small: Notebook, theme: str) -> None:
    small.page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    viewer = small.cell(0).locator(".mj-sweep")
    viewer.get_by_role("gridcell").nth(1).focus()
    assert violations(small.page) == []
    viewer.get_by_text("Values").click()
    assert violations(small.page) == []
    small.page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", THEMES[0])


def test_a_saved_notebook_shows_a_sheet(small: Notebook) -> None:
    small.page.locator(".mj-twin-sweep").wait_for(state="hidden")
    small.save()
    nb = small.reopen(kernel=False)
    sheet = nb.cell(0).locator(".mj-twin-sweep")
    sheet.wait_for()
    assert sheet.locator("img").count() == 17
    assert "moderated" in sheet.inner_text()
    assert nb.page.locator(".jp-OutputArea-output:has-text('Error displaying widget'):visible").count() == 0

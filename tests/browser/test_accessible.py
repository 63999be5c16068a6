"""axe-core looks at the control, in light and in dark, with each of its parts open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import AS_SERVED, RELEASE, Notebook
from tests.browser.test_control import FIRST, draw, drawn

THEMES = ("JupyterLab Light", "JupyterLab Dark")


def violations(page: Any, place: str = ".mj-wall") -> list[str]:
    """What axe-core calls serious or critical inside a place, with where it is."""
    found = Axe().run(page, context={"include": [[place]]}, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{each['id']}: {node['target']} {node['html'][:160]} {node['failureSummary']}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


@pytest.fixture
def theme(notebook: Callable[..., Notebook], request: pytest.FixtureRequest) -> Any:
    """Give a control in each theme."""
    nb = notebook(AS_SERVED + FIRST, RELEASE)
    nb.page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", request.param)
    nb.run(0)
    yield nb
    nb.page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", THEMES[0])


@pytest.mark.parametrize("theme", THEMES, indirect=True)
def test_the_control_has_no_serious_violation(theme: Notebook) -> None:
    studio = theme.cell(0)
    draw(studio, "a fox in snow sandbox:stuck --ar 3:2")
    studio.locator(".mj-card [role=progressbar]").first.wait_for()
    assert violations(theme.page) == []
    theme.run(1)
    drawn(studio.locator(".mj-card").first, 4)
    assert violations(theme.page) == []


@pytest.mark.parametrize("theme", THEMES, indirect=True)
def test_a_picture_large_its_keys_a_comparison_and_a_remix_have_none(theme: Notebook) -> None:
    studio, page = theme.cell(0), theme.page
    draw(studio, "a fox in snow --ar 3:2")
    drawn(studio.locator(".mj-card").first, 4)
    studio.get_by_role("button", name="Remix").click()
    studio.get_by_role("textbox", name="Remix").wait_for()
    studio.locator(".mj-tile").first.focus()
    for key in ("4", "f", "Enter"):
        page.keyboard.press(key)
    page.locator(".mj-box[open] .mj-star").first.wait_for()
    page.wait_for_function("document.querySelector('.mj-shown').naturalWidth > 512")
    assert violations(page, ".mj-box") == []
    page.keyboard.press("?")
    assert violations(page, ".mj-little[open]") == []
    for key in ("Escape", "c", "ArrowRight", "c"):
        page.keyboard.press(key)
    studio.locator(".mj-side.mj-in").nth(1).wait_for()
    assert violations(page) == []

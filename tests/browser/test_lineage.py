"""The lineage, as a person walks it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import HOSTILE, RELEASE, Notebook
from tests.browser.test_accessible import THEMES, violations

Make = Callable[..., Notebook]

AT_ONCE = "import os; os.environ['MJ_SANDBOX_SPEED'] = '0'\n"
SESSION = "import mj_widgets as mj\nsession = mj.Session('t')\n"
FOXES = (
    "fox = session.imagine('a fox in snow --ar 3:2').result()\n"
    "left = fox.upscale(1).result()\n"
    "wolf = fox.vary(2, prompt='a wolf in snow --ar 3:2').result()\n"
    "far = left.zoom_out(2).result()\n"
    "cat = session.imagine('a cat').result()\n"
)


def selected(tree: Any, name: str) -> None:
    """Wait until the one of this name is selected, in sight, and what a screen reader is at."""
    item = tree.locator("[role=treeitem][aria-selected=true]").and_(tree.get_by_role("treeitem", name=name))
    item.wait_for()
    handle = item.element_handle()
    tree.page.wait_for_function(
        """([item, tree]) => {
            const [a, b] = [item.getBoundingClientRect(), tree.getBoundingClientRect()];
            return tree.getAttribute('aria-activedescendant') === item.id && document.activeElement === tree &&
                a.top >= b.top - 1 && a.bottom <= b.bottom + 1 && a.left >= b.left - 1;
        }""",
        arg=[handle, tree.element_handle()],
    )


def painted(family: Any, number: int) -> None:
    """Wait until as many thumbnails are painted."""
    family.page.wait_for_function(
        """([family, number]) => {
            const all = [...family.querySelectorAll('.mj-node-thumb img')].filter((image) => image.src);
            return all.length === number && all.every((image) => image.complete && image.naturalWidth > 50);
        }""",
        arg=[family.element_handle(), number],
    )


def test_it_is_walked_folded_and_unfolded_by_keyboard(notebook: Make) -> None:
    nb = notebook(AT_ONCE + SESSION + FOXES, "session.lineage")
    nb.run(0)
    nb.run(1)
    family = nb.cell(1).locator(".mj-family")
    painted(family, 5)
    tree = family.get_by_role("tree", name="Lineage")
    keys = nb.page.keyboard
    tree.focus()
    selected(tree, "a cat")  # the newest
    for key, name in [
        ("Home", "a fox in snow --ar 3:2"),
        ("ArrowRight", "U1, a fox in snow --ar 3:2"),
        ("ArrowRight", "zoom out 2×, a fox in snow --ar 3:2"),  # noqa: RUF001 - a multiplication sign is meant
        ("ArrowLeft", "U1, a fox in snow --ar 3:2"),
        ("ArrowDown", "V2, a wolf in snow --ar 3:2"),
        ("ArrowDown", "a cat"),
        ("ArrowUp", "a fox in snow --ar 3:2"),
        ("End", "a cat"),
        ("Home", "a fox in snow --ar 3:2"),
    ]:
        keys.press(key)
        selected(tree, name)
    assert nb.prompt(1) == "[2]:"  # the notebook did not take the keys for its own

    keys.press("Space")
    tree.locator("[aria-expanded=false]").wait_for()
    assert tree.get_by_role("treeitem").count() == 2
    assert "3 hidden" in family.inner_text()
    keys.press("ArrowRight")
    tree.locator("[aria-expanded=true]").first.wait_for()
    painted(family, 5)
    levels = tree.get_by_role("treeitem").evaluate_all("all => all.map(each => each.ariaLevel)")
    assert levels == ["1", "2", "3", "2", "1"]
    keys.press("Enter")  # there is no control here, so it goes to what is told below
    nb.says("Copy")


def test_the_selected_one_is_told_with_its_way_its_code_and_its_branch(notebook: Make) -> None:
    nb = notebook(AT_ONCE + SESSION + FOXES, "session.lineage", "print(far.code)\nprint(session.script(far))")
    for index in range(3):
        nb.run(index)
    family = nb.cell(1).locator(".mj-family")
    painted(family, 5)
    family.get_by_role("treeitem", name="zoom out").click()
    family.locator(".mj-kin-title", has_text="zoom out").wait_for()
    told = [block.text_content() for block in family.locator(".mj-kin-code").all()]
    assert "\n".join(told).split() == nb.output(2).split()
    film = family.get_by_role("navigation")
    assert film.get_by_role("button").all_inner_texts() == ["prompt", "U1", "zoom out 2×"]  # noqa: RUF001 - a sign of multiplication
    film.get_by_role("button", name="prompt").click()
    family.locator(".mj-kin-title", has_text="Prompt").wait_for()
    nb.says("prompt")
    family.get_by_role("treeitem", name="V2").click()
    family.locator(".mj-kin-change", has_text="+ wolf").wait_for()
    assert "+ wolf" in family.get_by_role("treeitem", name="V2").inner_text()


def test_it_grows_while_one_looks_and_shows_what_runs(notebook: Make) -> None:
    nb = notebook(
        SESSION + "session.lineage",
        "gen = session.imagine('a fox sandbox:stuck', mode='relax')",
        RELEASE,
        "up = gen.upscale(3)",
    )
    nb.run(0)
    family = nb.cell(0).locator(".mj-family")
    family.get_by_text("Here the pictures of this session will stand").wait_for()
    nb.run(1)
    running = family.get_by_role("treeitem").first
    running.get_by_text("%").wait_for()
    nb.run(2)
    painted(family, 1)
    before = running.bounding_box()
    nb.run(3)
    family.get_by_role("treeitem", name="U3").wait_for()
    assert family.get_by_role("treeitem").count() == 2
    after = running.bounding_box()
    assert (after["x"], after["y"]) == (before["x"], before["y"])
    painted(family, 2)


def test_two_thousand_are_walked_and_seen_from_afar_with_few_elements(notebook: Make) -> None:
    nb = notebook(
        SESSION + "from tests.benchmarks.lineage import crowd\n" + "session = crowd('many', 2000)",
        "session.lineage",
    )
    nb.run(0)
    nb.run(1)
    assert nb.error(0) == ""
    family = nb.cell(1).locator(".mj-family")
    tree = family.get_by_role("tree")
    family.page.wait_for_function("tree => !tree.hasAttribute('aria-busy')", arg=tree.element_handle())
    assert family.locator(".mj-node").count() < 100
    tree.focus()
    for key in ("Home", "PageDown", "PageDown", "ArrowRight", "End", "ArrowUp", "ArrowLeft"):
        nb.page.keyboard.press(key)
        nb.page.wait_for_function(
            """tree => {
                const item = document.getElementById(tree.getAttribute('aria-activedescendant'));
                const [a, b] = [item?.getBoundingClientRect(), tree.getBoundingClientRect()];
                return item?.ariaSelected === 'true' && a.top >= b.top - 1 && a.bottom <= b.bottom + 1;
            }""",
            arg=tree.element_handle(),
        )
    family.get_by_role("button", name="Zoom out to an overview").click()
    nb.page.wait_for_function("document.querySelectorAll('.mj-node').length === 1")  # the others are dots
    inked = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)"
    nb.page.wait_for_function(inked, arg=family.locator("canvas").element_handle())


def test_a_prompt_of_html_and_script_is_text(notebook: Make) -> None:
    made = "    session.imagine(prompt + ' fox').result().upscale(1, prompt=prompt + ' wolf').result()\n"
    nb = notebook(f"{AT_ONCE}{SESSION}for prompt in {HOSTILE!r}:\n{made}session.lineage")
    nb.run(0)
    family = nb.cell(0).locator(".mj-family")
    painted(family, 8)
    for item in family.get_by_role("treeitem").all():
        item.click()
        item.and_(family.locator("[aria-selected=true]")).wait_for()
    family.locator(".mj-kin-asked", has_text=HOSTILE[-1]).wait_for()
    nb.unharmed()
    nb.save()
    nb = nb.reopen()
    nb.cell(0).locator(".mj-twin-tree").wait_for()
    assert HOSTILE[0] in nb.cell(0).inner_text()
    nb.unharmed()


def test_a_saved_notebook_shows_an_outline_and_a_live_one_does_not(notebook: Make) -> None:
    nb = notebook(AT_ONCE + SESSION + FOXES + "session.lineage")
    nb.run(0)
    painted(nb.cell(0).locator(".mj-family"), 5)
    nb.page.locator(".mj-twin-tree").wait_for(state="hidden")
    nb.save()
    assert nb.file.stat().st_size < 60_000
    nb = nb.reload()
    painted(nb.cell(0).locator(".mj-family"), 5)
    nb.page.locator(".mj-twin-tree").wait_for(state="hidden")
    nb = nb.reopen(kernel=False)
    nb.cell(0).locator(".mj-twin-tree").wait_for()
    pictures = nb.cell(0).locator(".mj-twin-tree img")
    assert pictures.count() == 5
    assert pictures.evaluate_all("all => all.every(each => each.naturalWidth > 50)")
    assert nb.page.locator(".jp-OutputArea-output:has-text('Error displaying widget'):visible").count() == 0


def test_in_the_control_it_stands_behind_a_button_and_enter_shows_the_selected_one(notebook: Make) -> None:
    nb = notebook(AT_ONCE + SESSION + FOXES + "mj.Studio(session)")
    nb.run(0)
    studio = nb.cell(0)
    studio.get_by_role("button", name="Lineage").click()
    tree = studio.get_by_role("tree", name="Lineage")
    tree.focus()
    selected(tree, "a cat")
    nb.page.keyboard.press("Home")
    selected(tree, "a fox in snow --ar 3:2")
    nb.page.keyboard.press("Enter")
    marked = studio.locator(".mj-card.mj-marked")
    marked.wait_for()
    assert "a fox in snow" in marked.inner_text()


@pytest.mark.parametrize("theme", THEMES)
def test_it_has_no_serious_violation(notebook: Make, theme: str) -> None:
    nb = notebook(AT_ONCE + SESSION + FOXES + "far.rate(4)\nfar.delete()\nsession.lineage")
    nb.page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    nb.run(0)
    family = nb.cell(0).locator(".mj-family")
    painted(family, 4)
    family.locator(".mj-kin-script").wait_for()
    try:
        assert violations(nb.page, ".mj-family") == []
        family.get_by_role("tree").focus()
        nb.page.keyboard.press("Home")
        nb.page.keyboard.press("Space")
        family.locator("[aria-expanded=false]").wait_for()
        assert violations(nb.page, ".mj-family") == []
    finally:
        nb.page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", THEMES[0])

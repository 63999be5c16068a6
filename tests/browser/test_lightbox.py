"""Pictures large, the keys, and two under a slider: as a person uses them who has no mouse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.browser.conftest import AS_SERVED, BUSY, HOSTILE, Notebook

Make = Callable[..., Notebook]

FOX = (
    AS_SERVED + "import os; os.environ['MJ_SANDBOX_SPEED'] = '0'\nimport mj_widgets as mj\nsession = mj.Session('t')\n"
    "fox = session.imagine('a fox in snow --ar 3:2').result()\nmj.Studio(session)"
)


def opened(nb: Notebook, tile: int = 1) -> Any:
    """Open a picture of the card that was made first, from its tile, by Enter."""
    picture = nb.cell(0).locator(f".mj-tile[data-tile='{tile}']").first
    picture.focus()
    nb.page.keyboard.press("Enter")
    box = nb.page.locator(".mj-box[open]")
    box.wait_for()
    return box


def focused(nb: Notebook, name: str) -> None:
    """Wait until what has the focus has a name that begins so."""
    nb.page.wait_for_function("name => document.activeElement.ariaLabel?.startsWith(name)", arg=name)


def cells(nb: Notebook) -> list[str]:
    """What the notebook consists of: JupyterLab's own keys would change it."""
    return list(nb.page.evaluate("[...jupyterapp.shell.currentWidget.content.widgets].map(cell => cell.model.type)"))


def test_a_picture_is_looked_at_rated_and_left_by_keyboard(notebook: Make) -> None:
    nb = notebook(FOX, "fox.marks", "mj.Studio(session)")
    nb.run(0)
    keys = nb.page.keyboard
    nb.cell(0).locator(".mj-frame.mj-full").wait_for()
    before = cells(nb)
    nb.cell(0).locator(".mj-tile").nth(2).focus()
    for key in ("a", "x", "d", "d", "y", "ArrowLeft"):  # which JupyterLab knows; the arrow goes to the picture before
        keys.press(key)
    focused(nb, "Picture 2 of 4")
    keys.press("ArrowLeft")

    box = opened(nb)
    box.locator("img.mj-shown").wait_for()
    nb.page.wait_for_function(
        "document.querySelector('.mj-shown').naturalWidth === 624"
    )  # all of it, and no longer a thumbnail
    keys.press("ArrowRight")
    box.get_by_text("2 / 4", exact=True).wait_for()
    box.locator(".mj-star").first.wait_for()
    for key in ("4", "f", "t"):
        keys.press(key)
    keys.type("r2 best")  # these are letters, and neither a reroll nor a rating
    keys.press("Enter")
    box.locator(".mj-tags li").filter(has_text="r2 best").wait_for()
    keys.press("Escape")  # out of the box of tags
    keys.press("Escape")
    box.wait_for(state="hidden")
    focused(nb, "Picture 1 of 4")

    nb.cell(0).get_by_role("button", name="rated 4 of 5, favourite").wait_for()
    nb.run(1)
    assert "ratings={2: 4}, favourites=(2,), tags=('r2 best',)" in nb.output(1)
    nb.run(2)  # a second view knows it too, and what is rated there is seen here
    nb.cell(2).get_by_role("button", name="Picture 2 of 4").focus()
    keys.press("4")
    nb.cell(0).get_by_role("button", name="Picture 2 of 4: a fox in snow --ar 3:2, favourite", exact=True).wait_for()
    assert cells(nb) == before


def test_what_costs_something_is_sent_once_however_often_it_is_pressed(notebook: Make) -> None:
    nb = notebook(FOX, "[gen.request.action for gen in session.generations[1:]]")
    nb.run(0)
    keys = nb.page.keyboard
    card = nb.cell(0).locator(".mj-card")
    nb.cell(0).locator(".mj-tile").first.focus()
    for key in ("u", "2", "u", "2", "u", "Escape", "2"):  # the last one is a rating: Esc took the choice back
        keys.press(key)
    keys.down("r")
    nb.page.wait_for_timeout(1100)  # longer than what is taken for one wish
    keys.down("r")  # it is held down
    keys.up("r")
    card.nth(2).wait_for()
    nb.cell(0).get_by_role("button", name="rated 2 of 5").wait_for()

    box = opened(nb)
    variation = box.get_by_role("group", name="Picture 1").get_by_role("button", name="Vary")
    variation.dblclick()
    card.nth(3).wait_for()
    box.get_by_text("vary(1)").wait_for()
    keys.press("Escape")
    nb.run(1)
    assert "['upscale2', 'reroll', 'variation1']" in nb.output(1)


def test_two_pictures_are_compared_by_keyboard(notebook: Make) -> None:
    nb = notebook(FOX.replace("mj.Studio", "fox.vary(2, prompt='a wolf in snow --ar 2:3').result()\nmj.Studio"))
    nb.run(0)
    keys = nb.page.keyboard
    box = opened(nb)
    keys.press("c")
    keys.press("ArrowLeft")
    box.get_by_text("4 / 8", exact=True).wait_for()
    keys.press("c")
    box.wait_for(state="hidden")
    pair = nb.cell(0).locator(".mj-compare")
    pair.locator(".mj-side.mj-in").nth(1).wait_for()
    slider = pair.get_by_role("slider")
    nb.page.wait_for_function("document.activeElement.type === 'range'")
    for _ in range(10):
        keys.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "A 55 %, B 45 %"
    assert pair.locator("del").all_inner_texts() == ["fox", "3:2"]
    assert pair.locator("ins").all_inner_texts() == ["wolf", "2:3"]
    assert pair.locator("tr.mj-differs").filter(has_text="aspect").inner_text().split() == ["aspect", "3:2", "2:3"]
    nb.cell(0).get_by_role("button", name="Close comparison").click()
    pair.wait_for(state="detached")


def test_other_words_are_sent_as_they_stand_in_the_browser(notebook: Make) -> None:
    """The kernel is busy, so it knows the older ones; the click comes after them all the same."""
    nb = notebook(FOX, BUSY)
    nb.without_subshells()
    nb.run(0)
    card = nb.cell(0).locator(".mj-card").first
    card.get_by_role("button", name="Remix").click()
    words = card.get_by_role("textbox", name="Remix")
    words.wait_for()
    nb.run(1, wait=False)
    nb.busy(1)
    words.press("End")
    words.press_sequentially(" at night")
    card.get_by_role("button", name="V1", exact=True).click()
    nb.go()
    child = nb.cell(0).locator(".mj-card").filter(has=nb.page.locator(".mj-new"))
    child.wait_for()
    assert child.locator("ins").inner_text() == "at night"


def test_while_the_kernel_is_busy_what_is_there_is_shown_and_a_key_says_that_it_waits(notebook: Make) -> None:
    nb = notebook(FOX, BUSY, "fox.rating")
    nb.without_subshells()
    nb.run(0)
    nb.cell(0).locator(".mj-frame.mj-full").wait_for()
    nb.run(1, wait=False)
    nb.busy(1)
    box = opened(nb)
    nb.page.keyboard.press("ArrowRight")
    nb.page.wait_for_function("document.querySelector('.mj-shown').naturalWidth > 100")
    nb.page.keyboard.press("5")
    box.get_by_text("The kernel is busy with a cell").wait_for()
    nb.go()
    box.locator(".mj-star[aria-label='5 of 5'][aria-pressed='true']").wait_for()
    box.get_by_text("The kernel is busy with a cell").wait_for(state="hidden")
    nb.page.keyboard.press("Escape")
    nb.run(2)
    assert nb.output(2).split()[-1] == "5"


def test_hostile_long_and_foreign_words_are_text_and_stay_within_the_window(notebook: Make) -> None:
    long = "لَوْحَة ثعلب 🦊 " + " ".join(HOSTILE) + " fox" * 25_000
    nb = notebook(
        FOX.replace("'a fox in snow --ar 3:2'", repr(long)).replace(
            "mj.Studio", "fox.tag('W' * 64, '<b>'); fox.note('</script>')\nmj.Studio"
        )
    )
    nb.lab.resize(600)
    nb.run(0)
    box = opened(nb)
    box.get_by_text("All 10").click()
    box.locator(".mj-long").wait_for()
    box.locator(".mj-tags li").nth(1).wait_for()
    assert box.locator(".mj-noting").input_value() == "</script>"
    wide = "node => [...node.querySelectorAll('*')].filter(each => each.getBoundingClientRect().right > innerWidth + 1).length"
    assert box.locator(".mj-panel").evaluate(wide) == 0
    nb.unharmed()

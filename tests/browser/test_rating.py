"""The page on which somebody judges a sweep, as a person uses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import Notebook
from tests.browser.test_accessible import THEMES, violations

Make = Callable[..., Notebook]

RUN = (
    "import mj_widgets as mj\n"
    "sweep = mj.Sweep('a {animal} in {place}', animal=['fox', 'owl', 'wolf'], place=['snow', 'fog'])\n"
    "run = sweep.run(mj.Session('t')).result()"
)
SAID = "print([judged for *_, judged, _ in run.session._judgements()])"


def asked(nb: Notebook, index: int, words: str) -> Any:
    """Wait until what is asked is in sight and may be judged, and give the page."""
    rating = nb.cell(index).locator(".mj-rating")
    rating.get_by_text(words, exact=True).wait_for()
    rating.locator(".mj-rating-stage:not([aria-busy])").wait_for()
    images = rating.locator("img").evaluate_all("images => images.map(image => image.naturalWidth)")
    assert min(images) >= 256
    return rating


def test_three_get_stars_by_keys_and_the_cell_goes_on_where_one_stopped(notebook: Make) -> None:
    nb = notebook(RUN, "run.rate('Ada')", SAID)
    nb.run(0)
    nb.run(1)
    rating = asked(nb, 1, "Ada · 1 of 7")
    assert not any(
        word in rating.evaluate("node => node.outerHTML") for word in ("fox", "owl", "wolf", "snow", "fog", "animal")
    )
    rating.locator("img").click()
    for number, key in enumerate("352"):
        asked(nb, 1, f"Ada · {number + 1} of 7")
        nb.page.keyboard.press(key)
    asked(nb, 1, "Ada · 4 of 7")
    rating.get_by_text("Before: ★★☆☆☆").wait_for()
    assert nb.prompt(1) == "[2]:"  # the notebook did not take the keys for its own
    nb.run(2)
    assert [f'"stars": {stars}' in nb.output(2) for stars in range(1, 6)] == [False, True, True, False, True]

    nb.save()
    nb = nb.reload()
    rating = asked(nb, 1, "Ada · 4 of 7")
    nb.page.keyboard.press("1")  # the focus is elsewhere
    rating.get_by_role("button", name="1 star").click()
    asked(nb, 1, "Ada · 5 of 7")
    nb.page.keyboard.press("Backspace")
    asked(nb, 1, "Ada · 4 of 7")
    nb.run(1)
    asked(nb, 1, "Ada · 4 of 7")
    nb.run(2)
    assert nb.output(2).count("stars") == 3

    nb.twinned(1, "Ada has judged 3 of 7 pictures")
    assert nb.page.locator(".mj-twin-rating:visible").count() == 0
    nb.save()
    nb = nb.reopen()
    nb.cell(1).get_by_text("Ada has judged 3 of 7 pictures. Run this cell again to go on.").wait_for()
    assert nb.page.locator(".jp-OutputArea-output:has-text('Error displaying widget'):visible").count() == 0


def test_two_are_compared_by_arrows_or_clicks_and_the_end_says_what_comes_next(notebook: Make) -> None:
    nb = notebook(RUN, "run.rate('Ada', kind='pairs', n=5, repeats=0.2)", SAID)
    nb.run(0)
    nb.run(1)
    rating = asked(nb, 1, "Ada · 1 of 5")
    rating.locator(".mj-rating-stage").focus()
    for number, key in ((1, "ArrowLeft"), (2, "ArrowDown"), (3, "z"), (2, "="), (3, "ArrowRight")):
        asked(nb, 1, f"Ada · {number} of 5")
        nb.page.keyboard.press(key)
    asked(nb, 1, "Ada · 4 of 5")
    rating.get_by_role("img", name="The right picture").dblclick()  # the second of the two clicks judges nothing
    asked(nb, 1, "Ada · 5 of 5")
    rating.get_by_role("button", name="Neither is better").click()
    rating.get_by_text("Ada · all 5 judged").wait_for()
    rating.get_by_text("Of 1 pair asked twice").wait_for()
    rating.get_by_text("run.strengths()").wait_for()
    nb.run(2)
    told = nb.output(2)
    assert [told.count(f'"won": "{won}"') for won in ("left", "right", "tie")] == [1, 2, 2]
    nb.page.keyboard.press("Tab")
    rating.get_by_role("button", name="Back").click()
    asked(nb, 1, "Ada · 5 of 5")


@pytest.mark.parametrize("theme", THEMES)
def test_it_has_no_serious_violation(notebook: Make, theme: str) -> None:
    nb = notebook(RUN, "run.rate('Ada', n=1, repeats=0)", "run.rate('Ada', kind='pairs', n=2)")
    nb.page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    nb.run(0)
    nb.run(2)
    asked(nb, 2, "Ada · 1 of 2").locator(".mj-rating-stage").focus()
    assert violations(nb.page, ".mj-rating") == []
    nb.run(1)
    rating = asked(nb, 1, "Ada · 1 of 1")
    assert violations(nb.page, ".mj-rating") == []
    rating.get_by_role("button", name="4 stars").click()
    rating.get_by_text("Thank you.").wait_for()
    assert nb.page.evaluate("document.activeElement.textContent") == "↶ Back"  # where the button was is nothing any more
    assert violations(nb.page, ".mj-rating") == []
    nb.page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", THEMES[0])

"""The control, as a person uses it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from tests.browser.conftest import BUSY, HOSTILE, RELEASE, Notebook, in_sight

Make = Callable[..., Notebook]

FIRST = "import mj_widgets as mj\nsession = mj.Session('t')\nmj.Studio(session)"
SLOWLY = "import os; os.environ['MJ_SANDBOX_SPEED'] = '2.5'\n"  # a relaxed grid takes about six seconds

# What the progress bar says, each time that it changes.
RECORD = """() => {
    window.progress = [];
    new MutationObserver(() => {
        const value = document.querySelector('.mj-wall [role=progressbar]:not([hidden])')?.getAttribute('aria-valuenow');
        if (value != null && value !== window.progress.at(-1)) window.progress.push(value);
    }).observe(document.body, {subtree: true, childList: true, attributes: true});
}"""


def draw(studio: Any, prompt: str, mode: str = "fast") -> None:
    studio.locator(".mj-prompt-box textarea").fill(prompt)
    studio.locator(".mj-mode select").select_option(mode)
    studio.get_by_role("button", name="Generate").click()


def cards(place: Any) -> list[Any]:
    """Give the cards from top to bottom, as they are seen."""
    found = place.locator(".mj-card").all()
    return sorted(found, key=lambda card: card.bounding_box()["y"])


def drawn(card: Any, pictures: int) -> None:
    """Wait until all pictures of a card are painted."""
    in_sight(card, card.locator(".mj-frame.mj-full").is_visible)
    images = card.locator(".mj-picture")
    assert images.count() == pictures
    assert images.evaluate_all("all => all.every(each => each.naturalWidth > 100)")


def test_from_the_prompt_to_the_grid_to_the_lineage(notebook: Make) -> None:
    """Steps 1 to 4 of the main job, in a narrow window."""
    nb = notebook(SLOWLY + FIRST)
    nb.lab.resize(600)
    nb.run(0)
    studio = nb.cell(0)
    page = nb.page
    wanted = "Sandbox: simulated pictures. Set ACEDATACLOUD_API_TOKEN to use the real service"
    assert studio.locator(".mj-sandbox").inner_text().strip() == wanted
    assert studio.get_by_role("button", name="Generate").is_disabled()

    page.evaluate(RECORD)
    studio.locator(".mj-prompt-box textarea").click()
    page.keyboard.type("a fox in snow --ar 3:2")
    page.keyboard.press("Control+Enter")
    studio.locator(".mj-card").wait_for()
    assert nb.prompt(0) == "[1]:"  # the notebook did not take the keys for its own
    studio.locator(".mj-preview.mj-in").wait_for()
    running = studio.locator(".mj-card").bounding_box()

    (card,) = cards(studio)
    drawn(card, 4)
    assert card.bounding_box() == running  # nothing moved when the pictures and the buttons came
    progress = [int(value) for value in page.evaluate("window.progress")]
    assert len(progress) >= 3
    assert progress == sorted(progress)
    boxes = [box.bounding_box() for box in card.locator(".mj-tile").all()]
    assert boxes[0]["y"] == boxes[1]["y"] < boxes[2]["y"] == boxes[3]["y"]
    assert boxes[0]["x"] == boxes[2]["x"] < boxes[1]["x"] == boxes[3]["x"]
    assert card.locator("img.mj-picture").first.get_attribute("alt") == "a fox in snow --ar 3:2 (picture 1 of 4)"
    assert card.locator(".mj-actions").get_by_role("button").all_inner_texts() == [
        "U1", "U2", "U3", "U4", "V1", "V2", "V3", "V4", "Region", "↻ Reroll", "Remix", "Delete",
    ]  # fmt: skip

    card.get_by_role("button", name="U2", exact=True).click()
    studio.locator(".mj-card").nth(1).wait_for()
    child, parent = cards(studio)
    drawn(child, 1)
    strip = child.get_by_role("navigation", name="Lineage")
    strip.get_by_role("button", name="U2").wait_for()
    assert strip.get_by_role("button").all_inner_texts() == ["prompt", "U2"]
    assert parent.locator(".mj-strip").count() == 0

    strip.get_by_role("button", name="prompt").click()
    studio.locator(".mj-card.mj-marked").wait_for()
    assert cards(studio)[0].locator(".mj-picture").count() == 4


def test_a_film_plays_its_clips_on_the_card(notebook: Make) -> None:
    made = "film = await session.animate(await session.imagine('a fox'), 'it runs')\nfilm"
    nb = notebook("\n".join([*FIRST.splitlines()[:2], made]))
    nb.run(0)
    nb.cell(0).get_by_role("button", name="Play clip 2 of 4").click()
    nb.page.wait_for_function("document.querySelector('.mj-frame video')?.currentTime > 0.5")
    assert nb.page.evaluate("document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames") > 2
    nb.cell(0).get_by_role("button", name="Play clip 2 of 4").click()
    assert nb.cell(0).locator("video").count() == 0


def test_stop_says_what_it_means_and_resume_goes_on(notebook: Make) -> None:
    nb = notebook(FIRST, RELEASE)
    nb.run(0)
    studio = nb.cell(0)
    draw(studio, "a red boat sandbox:stuck", "relax")
    studio.get_by_role("button", name="Stop").click()
    studio.locator(".mj-note").filter(has_text="no cancel").wait_for()
    assert "charged" in studio.locator(".mj-note").inner_text()
    assert studio.locator("[role=progressbar]:visible").count() == 0
    studio.get_by_role("button", name="Resume").click()
    studio.get_by_role("button", name="Stop").wait_for()
    nb.run(1)
    drawn(studio.locator(".mj-card"), 4)


def test_a_refusal_is_told_with_what_to_do(notebook: Make) -> None:
    nb = notebook(FIRST)
    nb.run(0)
    draw(nb.cell(0), "a fox --nosuchflag 1")
    alert = nb.cell(0).get_by_role("alert").filter(has_text=re.compile("."))
    alert.wait_for()
    assert "nosuchflag" in alert.inner_text()
    assert "Check the prompt's parameters" in alert.inner_text()


def test_after_a_restart_the_pictures_are_back_and_the_running_one_is_followed(notebook: Make) -> None:
    nb = notebook(FIRST, RELEASE)
    nb.run(0)
    studio = nb.cell(0)
    draw(studio, "a fox in snow", "turbo")
    drawn(studio.locator(".mj-card"), 4)
    draw(studio, "a lighthouse sandbox:stuck", "relax")
    studio.locator("[role=progressbar][aria-valuenow]").wait_for()
    nb.restart()
    nb.run(0)
    studio.locator(".mj-card").nth(1).wait_for()
    running, finished = cards(studio)
    drawn(finished, 4)
    assert "lighthouse" in running.locator(".mj-prompt").inner_text()
    running.get_by_role("button", name="Stop").wait_for()
    nb.run(1)
    drawn(running, 4)


def test_clicks_are_answered_while_another_cell_runs(notebook: Make) -> None:
    nb = notebook(
        "import mj_widgets as mj\nsession = mj.Session('t')\nsession.imagine('a cat').result()\nmj.Studio(session)",
        BUSY,
    )
    nb.run(0)
    studio = nb.cell(0)
    nb.run(1, wait=False)
    nb.busy(1)
    studio.get_by_role("button", name="U2", exact=True).click()
    studio.locator(".mj-card").nth(1).wait_for()
    draw(studio, "a fox in snow", "turbo")
    studio.locator(".mj-card").nth(2).wait_for()
    assert nb.prompt(1) == "[*]:"
    nb.go()
    assert cards(studio)[0].locator(".mj-prompt").inner_text() == "a fox in snow"
    drawn(cards(studio)[0], 4)


def test_a_click_that_must_wait_is_told_so_until_it_is_answered(notebook: Make) -> None:
    """Where the kernel has no second thread, messages wait for the cell; here the kernel is stopped from using it."""
    nb = notebook(FIRST, BUSY)
    nb.without_subshells()
    nb.run(0)
    studio = nb.cell(0)
    studio.locator(".mj-prompt-box textarea").fill("a fox")
    nb.run(1, wait=False)
    nb.busy(1)
    studio.locator(".mj-prompt-box textarea").press_sequentially(" in snow")
    studio.get_by_role("button", name="Generate").click()
    busy = studio.locator(".mj-busy")
    busy.wait_for()
    assert busy.inner_text().startswith("The kernel is busy with a cell")
    nb.go()
    studio.locator(".mj-card").wait_for()
    busy.wait_for(state="hidden")
    assert studio.locator(".mj-prompt").inner_text() == "a fox in snow"  # not the older text that the kernel knew


def test_the_stop_button_of_the_notebook_ends_the_waiting_and_not_the_generation(notebook: Make) -> None:
    nb = notebook(
        "import mj_widgets as mj\nsession = mj.Session('t')\ngen = session.imagine('a fox sandbox:stuck', mode='relax')",
        "await gen",
        "gen.result()",
        "gen",
        RELEASE + "\n(await gen).status.value",
    )
    nb.run(0)
    for waiting in (1, 2):
        nb.run(waiting, wait=False)
        nb.busy(waiting)
        started = time.monotonic()
        nb.interrupt()
        nb.idle(waiting)
        assert time.monotonic() - started < 5  # nothing else would end it
        assert re.search("CancelledError|KeyboardInterrupt", nb.output(waiting))
    nb.run(3)
    nb.cell(3).locator("[role=progressbar]").wait_for()
    nb.run(4)
    assert "succeeded" in nb.output(4)


def test_a_bare_generation_draws_itself_and_every_view_shows_what_comes_from_it(notebook: Make) -> None:
    nb = notebook(
        "import mj_widgets as mj\nsession = mj.Session('t')\nsession.imagine('a fox in snow', mode='turbo')",
        "studio = mj.Studio(session)\nstudio",
        "studio",
    )
    nb.run(0)
    drawn(nb.cell(0).locator(".mj-card"), 4)
    for index in (1, 2):
        nb.run(index)
        drawn(nb.cell(index).locator(".mj-card"), 4)
    nb.cell(0).get_by_role("button", name="U3", exact=True).click()
    for index in (0, 1, 2):
        nb.cell(index).locator(".mj-card").nth(1).wait_for()
        drawn(cards(nb.cell(index))[0], 1)


def test_a_cell_that_runs_again_leaves_no_control_behind_that_follows(notebook: Make) -> None:
    nb = notebook(
        FIRST,
        "import gc\nfrom mj_widgets.widgets.wall import Wall\n"
        "sum(isinstance(each, Wall) and each.following for each in gc.get_objects())",
    )
    for _ in range(3):
        nb.run(0)
    nb.run(1)
    assert nb.output(1).split() == ["[4]:", "1"]


def test_a_reload_of_the_page_keeps_the_control_and_what_was_running(notebook: Make) -> None:
    nb = notebook(SLOWLY + FIRST)
    nb.run(0)
    draw(nb.cell(0), "a fox in snow", "turbo")
    drawn(nb.cell(0).locator(".mj-card"), 4)
    draw(nb.cell(0), "a lighthouse at dusk", "relax")
    nb.save()
    nb = nb.reload()
    studio = nb.cell(0)
    studio.locator(".mj-card").nth(1).wait_for()
    nb.without(".mj-twin-card")
    for card in cards(studio):
        drawn(card, 4)
    studio.get_by_role("button", name="U1", exact=True).first.click()
    studio.locator(".mj-card").nth(2).wait_for()


def test_a_prompt_of_html_and_script_is_text_everywhere(notebook: Make) -> None:
    made = f"for prompt in {HOSTILE!r}:\n    session.imagine(prompt + ' fox').result()\n"
    nb = notebook(
        "import os; os.environ['MJ_SANDBOX_SPEED'] = '0'\nimport mj_widgets as mj\nsession = mj.Session('t')\n"
        + made
        + "session",
        "session.generations[0].upscale(1).result()",
        "mj.contact_sheet(session)",
        "mj.contact_sheet(session, by='prompt')",
    )
    for index in range(4):
        nb.run(index)
        assert nb.error(index) == ""
    drawn(nb.cell(0).locator(".mj-card").first, 4)
    draw(nb.cell(0), HOSTILE[0])
    drawn(nb.cell(1).locator(".mj-card"), 1)
    nb.cell(2).locator("img").first.wait_for()
    assert HOSTILE[0] in nb.cell(0).inner_text()
    nb.save()
    nb.unharmed()
    nb = nb.reopen()  # the twins now stand there
    nb.cell(0).locator(".mj-twin-card").first.wait_for()
    assert HOSTILE[0] in nb.cell(0).inner_text()
    nb.unharmed()

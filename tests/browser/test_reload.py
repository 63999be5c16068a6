"""The page is loaded again, or shows the same session twice; and what is then in the saved notebook."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.browser.conftest import RELEASE, Lab, Notebook
from tests.browser.test_control import FIRST, cards, draw, drawn
from tests.browser.test_saved import pictures

Make = Callable[..., Notebook]

# Goes on when the page is loading: one generation ends, and another begins and ends.
MEANWHILE = f"""import pathlib, threading, time
def go_on():
    while not pathlib.Path('go').exists():
        time.sleep(0.05)
    {RELEASE.partition(chr(10))[2]}
    session.imagine('a fox').result(20)
    while not (len(studio.cards) == 2 and all('delete' in card.buttons for card in studio.cards)):
        time.sleep(0.05)
    pathlib.Path('done').touch()
import httpx; threading.Thread(target=go_on).start()"""


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


def test_a_page_that_loads_while_cards_are_made_misses_nothing(visit: Callable[[str], Lab]) -> None:
    """The kernel's answer to the page is as it was before, and what it said since came first: as if the page were slow."""
    lab = visit("lab?reset")
    nb = lab.open(lab.write("slow/notebook.ipynb", f"{FIRST.replace('mj.Studio', 'studio = mj.Studio')}\nstudio", MEANWHILE))
    nb.run(0)
    begin(nb.cell(0))
    nb.run(1)
    nb.save()
    answers = Answers(lab.page)
    lab.page.reload(wait_until="commit")
    lab.until(lambda: answers.held)
    nb.go()
    lab.until(nb.file.with_name("done").exists)
    answers.give()
    nb.cell(0).locator(".mj-card").nth(1).wait_for()
    for card in cards(nb.cell(0)):
        drawn(card, 4)
        card.get_by_role("button", name="U2", exact=True).wait_for()
        assert card.locator(".mj-line").inner_text() == "Done"


class Answers:
    """What kernels tell a page that asks for all widgets: from now on it is held back, and what comes after it is not."""

    def __init__(self, page: Any) -> None:
        self.held: list[tuple[Any, Any]] = []
        page.route_web_socket("**/channels**", self._connect)

    def _connect(self, socket: Any) -> None:
        kernel = socket.connect_to_server()

        def hear(message: Any) -> None:
            if b"update_states" in (message if isinstance(message, bytes) else message.encode()):
                self.held.append((socket, message))
            else:
                socket.send(message)

        kernel.on_message(hear)

    def give(self) -> None:
        """Let them come."""
        for socket, message in self.held:
            socket.send(message)


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

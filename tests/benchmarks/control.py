"""The control with twenty generations, against the same pictures in ``ipywidgets.Image`` at full size."""

from __future__ import annotations

import json
from statistics import median
from typing import Any

from tests.benchmarks._lab import lab, notebook
from tests.benchmarks._show import show
from tests.browser.conftest import Lab, Notebook
from tests.browser.test_control import cards

NUMBER = 20

# Both sides note when the kernel has the finished picture, and the page notes when it has painted it.
OURS = """
import time, mj_widgets as mj
session, ended = mj.Session("control"), []
unwatch = session.watch(lambda gen: ended.append(time.time()) if gen.status.ended else None)
studio = mj.Studio(session)
studio
"""
PLAIN = """
import time, ipywidgets, mj_widgets as mj
contents = [gen.image.path.read_bytes() for gen in mj.Session("control").generations]
ended, slots, button = [], [ipywidgets.HBox() for _ in contents], ipywidgets.Button(description="Next")
def add(_):
    ended.append(time.time())
    slots[len(ended) - 1].children = (ipywidgets.Image(value=contents[len(ended) - 1], format="png"),)
button.on_click(add)
ipywidgets.VBox([button, *slots])
"""
PAINTED = """() => {
    const seen = new WeakSet();
    document.addEventListener('load', async event => {
        if (!(event.target instanceof HTMLImageElement) || !event.target.closest('.jp-OutputArea')) return;
        if (seen.has(event.target)) return;
        seen.add(event.target);
        const kind = event.target.className;
        await event.target.decode().catch(() => {});
        requestAnimationFrame(() => requestAnimationFrame(() => window.painted.push([kind, Date.now() / 1000])));
    }, true);
}"""
FINISHED = "window.painted.filter(([kind]) => kind.includes('mj-picture'))"


class Wire:
    """Counts what comes over the page's websockets."""

    def __init__(self, page: Any) -> None:
        self.received = 0
        page.on("websocket", lambda socket: socket.on("framereceived", self._count))

    def _count(self, frame: str | bytes) -> None:
        self.received += len(frame)


def _ours(page: Lab, wire: Wire) -> tuple[int, list[float], Notebook]:
    nb = notebook(page, "ours.ipynb", OURS, "import json; print(json.dumps(ended))")
    nb.run(0)
    nb.page.evaluate("window.painted = []")
    before, painted, pictures = wire.received, [], 0
    for number in range(NUMBER):
        _ask(nb.cell(0), number)
        pictures += 4 if number % 3 == 0 else 1
        nb.page.wait_for_function(f"() => {FINISHED}.length >= {pictures}")
        painted.append(nb.page.evaluate(FINISHED)[pictures - 1][1])
    return wire.received - before, _waits(nb, painted), nb


def _ask(studio: Any, number: int) -> None:
    """Go the usual way, again and again: a grid, one of its pictures, and that at twice the size."""
    if number % 3 == 0:
        box = studio.locator(".mj-prompt-box textarea")
        box.fill(f"a fox in place {number} --seed {number}")
        box.press("Control+Enter")
    else:
        name = "U2" if number % 3 == 1 else "Subtle"
        cards(studio)[0].get_by_role("button", name=name, exact=True).first.click()


def _plain(page: Lab, wire: Wire) -> tuple[int, list[float], Notebook]:
    nb = notebook(page, "plain.ipynb", PLAIN, "import json; print(json.dumps(ended))")
    nb.run(0)
    nb.page.evaluate("window.painted = []")
    before, painted = wire.received, []
    for number in range(NUMBER):
        nb.cell(0).get_by_role("button", name="Next").click()
        nb.page.wait_for_function("count => window.painted.length >= count", arg=number + 1)
        painted.append(nb.page.evaluate("window.painted")[number][1])
    return wire.received - before, _waits(nb, painted), nb


def _waits(nb: Notebook, painted: list[float]) -> list[float]:
    nb.run(1)
    return [after - ended for after, ended in zip(painted, json.loads(nb.output(1)), strict=True)]


def _saved(nb: Notebook) -> int:
    nb.save()
    return nb.file.stat().st_size


def main() -> None:
    """Make twenty pictures in the control, and show them again as plain images."""
    with lab(save_state=True, MJ_SANDBOX_SPEED="20") as page:
        wire = Wire(page.page)
        page.page.reload()  # so that its sockets are counted
        page.wait()
        page.page.evaluate(PAINTED)
        bytes_ours, waits_ours, nb = _ours(page, wire)
        saved_ours = _saved(nb)
        page.close()
        bytes_plain, waits_plain, nb = _plain(page, wire)
        saved_plain = _saved(nb)
        page.close()
    detail = f"{bytes_ours / 1e6:.1f} MB against {bytes_plain / 1e6:.1f} MB, {NUMBER} generations with their previews"
    show("bytes to the page, plain images / the control", bytes_plain / bytes_ours, ">= 10", detail)
    detail = f"{saved_ours / 1e6:.2f} MB against {saved_plain / 1e6:.1f} MB"
    show("saved notebook, plain images / the control", saved_plain / saved_ours, ">= 20", detail)
    ours, plain = median(waits_ours), median(waits_plain)
    show("last event to painted, the control / plain images", ours / plain, "<= 1", f"{ours:.3f} s against {plain:.3f} s")

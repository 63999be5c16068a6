"""The lineage of two thousand generations, against that of twenty: from running the cell to the graph painted, in a browser."""

from __future__ import annotations

import random
import tempfile
import time
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any

import nbformat

import mj_widgets as mj
from mj_widgets.models import Image, Outcome, Status
from mj_widgets.session.store import Row, Store
from tests.benchmarks._show import show

FEW, MANY = 20, 2000
ROUNDS = 9

# Resolved when the graph of a cell that is run now has all words and thumbnails that are in sight on the screen.
PAINTED = """() => new Promise((resolve) => {
    const started = performance.now();
    const nb = jupyterapp.shell.currentWidget;
    nb.content.activeCellIndex = 1;
    nb.content.widgets[1].model.outputs.clear();
    jupyterapp.commands.execute('notebook:run-cell');
    const painted = () => {
        const family = nb.node.querySelector('.mj-family');
        const view = family?.querySelector('[role=tree]');
        const images = [...(family?.querySelectorAll('.mj-node-thumb img') ?? [])];
        const whole = view && !view.hasAttribute('aria-busy') && images.length > 3 && images.every((image) =>
            image.complete && image.naturalWidth);
        if (whole) requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - started)));
        else requestAnimationFrame(painted);
    };
    requestAnimationFrame(painted);
})"""


def crowd(name: str, number: int, root: Path | str | None = None) -> mj.Session:
    """Open a session of so many finished generations, which were never made: they share a few pictures.

    Their family is as people's are: a new prompt now and then, else something made from one of the latest.
    """
    folder = Path(root or "mj_sessions") / name
    chance = random.Random(number)  # noqa: S311 - nothing secret
    store = Store(folder)
    images = [_picture(store, colour) for colour in range(6)]
    for place in range(number):
        new = place == 0 or chance.random() < 0.2
        parent = None if new else chance.randrange(max(0, place - 12), place)
        tile = chance.randrange(1, 5)
        source = None if parent is None else mj.ImageRef(image_id=f"{10**18 + parent}", generation=f"{parent:020x}", tile=tile)
        request = mj.ImagineRequest(
            prompt=f"a fox in place {place} --s {chance.randrange(9) * 50}" if new or chance.random() < 0.3 else "",
            action="generate" if new else f"{chance.choice(['upscale', 'variation'])}{tile}",
            source=source,
        )
        image = chance.choice(images).model_copy(update={"id": f"{10**18 + place}"})
        outcome = Outcome(status=Status.SUCCEEDED, progress=100, task_id=f"task-{place}", image=image, sent_at=float(place))
        store.add(Row(f"{place:020x}", float(place), "sandbox", request, outcome))
    store.close()
    return mj.Session(name, root=root)


def _picture(store: Store, colour: int) -> Image:
    import PIL.Image

    side = 512
    picture = PIL.Image.linear_gradient("L").resize((side, side)).convert("RGB")
    picture = PIL.Image.blend(picture, PIL.Image.new("RGB", (side, side), f"hsl({colour * 60}, 70%, 50%)"), 0.6)
    buffer = BytesIO()
    picture.save(buffer, "PNG")
    path = store.keep_picture(buffer.getvalue(), "png")
    picture.thumbnail((256, 256))
    small = BytesIO()
    picture.save(small, "WEBP")
    store.keep_thumbnail(path, 0, small.getvalue())
    return Image(path=path, width=side, height=side)


def main() -> None:
    """Run the same cell in two notebooks, in turn."""
    from playwright.sync_api import sync_playwright

    from tests.browser import conftest as browser

    with ExitStack() as stack:
        home, root = (Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(2))
        environment = browser._environment(home)
        url = stack.enter_context(browser._server(home, root, environment))
        playwright = stack.enter_context(sync_playwright())
        chromium = playwright.chromium.launch(executable_path=browser.CHROMIUM, args=browser.ARGUMENTS)
        lab = browser.Lab(chromium, url, root, environment)
        setup = "from tests.benchmarks.lineage import crowd\nfew, many = crowd('few', {few}), crowd('many', {many})"
        cells = [setup.format(few=FEW, many=MANY), "few.lineage"]
        nbformat.write(
            nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells]), root / "notebook.ipynb"
        )
        received: list[int] = []
        lab.page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(len(frame))))
        notebook = lab.open("notebook.ipynb")
        notebook.run(0)
        times: dict[str, list[float]] = {"few": [], "many": []}
        sizes: dict[str, int] = {}
        for turn in range(ROUNDS + 1):
            for name, found in times.items():
                received.clear()
                seconds = opened(notebook, name)
                sizes[name] = sum(received)
                if turn:  # the first of each warms the page and the kernel
                    found.append(seconds)
        lab.close()
        chromium.close()
    few, many = median(times["few"]), median(times["many"])
    kilobytes = f"{sizes['many'] / 1e3:.0f} kB against {sizes['few'] / 1e3:.0f} kB"
    detail = f"{many:.2f} s against {few:.2f} s, medians of {ROUNDS}; {kilobytes}"
    show(f"opening the lineage of {MANY} / of {FEW}", many / few, "<= 2", detail)


def opened(notebook: Any, name: str) -> float:
    """Seconds from running the cell to its graph painted."""
    notebook.write(1, f"{name}.lineage")
    seconds = notebook.page.evaluate(PAINTED) / 1000
    notebook.idle(1)
    time.sleep(0.3)  # until what the last run left is swept away
    return float(seconds)

"""The viewer of a sweep of two thousand cells, against that of fifty: from running the cell to the table painted."""

from __future__ import annotations

import time
from collections.abc import Collection
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any

import mj_widgets as mj
from mj_widgets.models import Failure, Image, Outcome, Status
from mj_widgets.session.places import Place
from mj_widgets.session.store import Row, Store
from tests.benchmarks._lab import lab, notebook
from tests.benchmarks._show import show

FEW, MANY = (10, 5), (50, 40)
ROUNDS = 9

REFUSED = Failure(message="<b>Banned</b> words: gore", status_code=403, code="forbidden")

# Resolved when the table of a cell that is run now has all words and thumbnails that are in sight on the screen.
PAINTED = """() => new Promise((resolve) => {
    const started = performance.now();
    const nb = jupyterapp.shell.currentWidget;
    nb.content.activeCellIndex = 1;
    nb.content.widgets[1].model.outputs.clear();
    jupyterapp.commands.execute('notebook:run-cell');
    const painted = () => {
        const table = nb.node.querySelector('.mj-sweep [role=grid]');
        const images = [...(table?.querySelectorAll('.mj-cell-picture[src]') ?? [])];
        const whole = table && !table.hasAttribute('aria-busy') && images.length > 8 && images.every((image) =>
            image.complete && image.naturalWidth);
        if (whole) requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - started)));
        else requestAnimationFrame(painted);
    };
    requestAnimationFrame(painted);
})"""


def swept(sweep: mj.Sweep, name: str, root: Path | str | None = None, *, refused: Collection[int] = ()) -> Any:
    """Give a run whose cells are all there, though none was ever sent: they share a few pictures."""
    folder = Path(root or "mj_sessions") / name
    store = Store(folder)
    store._db.execute("PRAGMA synchronous = OFF")  # nothing is at stake, and thousands of rows are to be there soon
    images = [_picture(store, colour) for colour in range(6)]
    for cell in sweep:
        image = images[cell.index * 7 % len(images)].model_copy(update={"id": f"{10**18 + cell.index}"})
        outcome = Outcome(status=Status.SUCCEEDED, progress=100, task_id=f"task-{cell.index}", image=image, sent_at=1.0)
        if cell.index in refused:
            outcome = Outcome(status=Status.FAILED, error=REFUSED, sent_at=1.0)
        row = Row(f"{cell.index:020x}", float(cell.index), "sandbox", cell.request, outcome)
        store.add(row, place=Place(cell.key, "an earlier one", "sandbox"))
    store.close()
    return sweep.run(mj.Session(name, root=root))


def grid(columns: int, rows: int) -> mj.Sweep:
    """Give a sweep of two axes."""
    return mj.Sweep(
        "a {animal} in {place}", animal=[f"animal {n}" for n in range(rows)], place=[f"place {n}" for n in range(columns)]
    )


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
    """Run the same cell with one and the other run, in turn."""
    with lab() as here:
        received: list[int] = []
        here.page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(len(frame))))
        here.page.reload()  # so that its socket is heard
        here.wait()
        setup = (
            "from tests.benchmarks.viewer import grid, swept, FEW, MANY\n"
            "few, many = swept(grid(*FEW), 'few').result(), swept(grid(*MANY), 'many').result()"
        )
        nb = notebook(here, "viewer.ipynb", setup, "few")
        nb.run(0)
        times: dict[str, list[float]] = {"few": [], "many": []}
        sizes: dict[str, int] = {}
        for turn in range(ROUNDS + 1):
            for name, found in times.items():
                received.clear()
                seconds = opened(nb, name)
                sizes[name] = sum(received)
                if turn:  # the first of each warms the page and the kernel
                    found.append(seconds)
        here.close()
    few, many = median(times["few"]), median(times["many"])
    kilobytes = f"{sizes['many'] / 1e3:.0f} kB against {sizes['few'] / 1e3:.0f} kB"
    detail = f"{many:.2f} s against {few:.2f} s, medians of {ROUNDS}; {kilobytes}"
    show(f"opening the viewer of {MANY[0] * MANY[1]} cells / of {FEW[0] * FEW[1]}", many / few, "<= 3", detail)


def opened(nb: Any, name: str) -> float:
    """Seconds from running the cell to its table painted."""
    nb.write(1, name)
    seconds = nb.page.evaluate(PAINTED) / 1000
    nb.idle(1)
    time.sleep(0.3)  # until what the last run left is swept away
    return float(seconds)

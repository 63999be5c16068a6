"""The cells of a sweep as a table that follows its run.

The browser gets a byte a cell and its place on each axis, and asks for the words and the thumbnails of what is in sight. So a
run of thousands opens like one of fifty.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import traitlets

from mj_widgets.session import loop
from mj_widgets.widgets.clicks import guarded
from mj_widgets.widgets.grid import marks_of
from mj_widgets.widgets.nodes import PATIENCE
from mj_widgets.widgets.pictures import PictureWidget, module, style
from mj_widgets.widgets.sweep_axes import SHOWN_STATES, ShownAxis, arranged, axes_of, byte, first_view, pack, ratio_of

if TYPE_CHECKING:
    from mj_widgets.session.generation import Generation
    from mj_widgets.sweep.cells import RunCell
    from mj_widgets.sweep.run import SweepRun
    from mj_widgets.widgets.calls import Calls

log = logging.getLogger(__name__)

PAUSE = 0.25  # seconds in which changes are collected
CELLS, THUMBNAILS = 400, 24  # that one question may ask for
AROUND = 100  # pictures that the lightbox walks through, before and after the one that was opened

_RATE = 40_000  # bytes a second that the states may take
_PROMPT = 600  # characters
_WORDS = 400
_VERBS = ("pause", "resume", "stop")


class Table(PictureWidget):
    """The cells of a run as a table whose axes one chooses. It follows the run.

    Parameters
    ----------
    run : SweepRun
        What is shown.
    x, y : str, optional
        The axes that lie there at first; ``""`` for none.
    axes : list of ShownAxis, optional
        Those of the run, where they are known already.
    calls : Calls, optional
        Does what its buttons say; without it they act just so.
    opened : callable, optional
        Is called with the number of the cell that a person opens.
    ended : callable, optional
        Is called now and then when cells have ended.

    Raises
    ------
    ValueError
        There is no such axis.

    Examples
    --------
    >>> from mj_widgets import Sweep
    >>> run = Sweep("a {animal} in {place}", animal=["fox", "owl"], place=["snow", "fog"]).run(session).result()
    >>> table = Table(run, x="animal")
    >>> table.view["x"], table.view["y"], table.told["counts"]["done"]
    ('animal', 'place', 4)
    """

    _esm = module(
        *(f"sweep_{part}" for part in ("layout", "stock", "cells", "paint", "bar", "axes", "beside", "play")), "sweep"
    )
    _css = style("sweep")

    places = traitlets.Bytes().tag(sync=True)  # of each axis, of each cell: which value; see sweep_axes.pack
    states = traitlets.Bytes().tag(sync=True)  # of each cell; see sweep_axes.byte
    progress = traitlets.Dict().tag(sync=True)  # per cent, or None, of those that run
    told = traitlets.Dict().tag(sync=True)  # counts and costs of the run
    view = traitlets.Dict().tag(sync=True)  # what a person has chosen
    at = traitlets.Int(0).tag(sync=True)  # the cell that they are at

    def __init__(
        self,
        run: SweepRun,
        *,
        x: str | None = None,
        y: str | None = None,
        axes: list[ShownAxis] | None = None,
        calls: Calls | None = None,
        opened: Callable[[int], object] = lambda _cell: None,
        ended: Callable[[], object] = lambda: None,
        **traits: Any,
    ) -> None:
        self.run = run
        self.axes = axes_of(run) if axes is None else axes
        self._opened, self._ended = opened, ended
        self._lock = threading.RLock()  # for all below
        self._turns = [0] * len(run)
        self._seen: dict[int, tuple[Any, ...]] = {}
        self._news: dict[int, None] = {}
        self._waiting = False
        view = first_view(self.axes, len(run), x, y)
        wide, places = pack(self.axes)
        state = {
            "axes": [{"name": each.name, "labels": each.labels, "notes": each.notes} for each in self.axes],
            "cells": len(run),
            "wide": wide,
            "states": SHOWN_STATES,
            "ratio": ratio_of(run.cells),
            "grids": any(cell.generation is None or cell.generation.is_grid for cell in run.cells),
            "error": "",
        }
        self._unwatch = run.watch(self._changed)  # before the survey, so that nothing is missed
        super().__init__(state, run.session.__getitem__, calls=calls, places=places, view=view, **self._survey(), **traits)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.run!r})"

    def around(self, cell: int) -> list[Generation]:
        """Give the pictures of the table as one reads them, as far as they are near a cell."""
        with self._lock:
            table = next(iter(arranged(self.axes, self.view).values()))
        order = [each for place in sorted(table) for each in table[place]]
        at = order.index(cell) if cell in order else 0
        near = (self.run.cells[each].generation for each in order[max(0, at - AROUND) : at + AROUND + 1])
        return [gen for gen in near if gen is not None]

    def tell_again(self) -> None:
        """Send what a page may have missed while it was loading."""
        with self._lock:
            self.send_state(["states", "progress", "told", "view", "at"])

    def close(self) -> None:
        """Close it."""
        if hasattr(self, "_unwatch"):  # else it was refused while it was made
            self.rest()
            with self._lock:
                super().close()

    def rest(self) -> None:
        """Stop following the run, for good."""
        self._unwatch()

    # What happens in the run

    def _changed(self, _run: SweepRun, cell: RunCell | None) -> None:
        with self._lock:
            if cell is not None:
                self._news[cell.index] = None
            if self._waiting:
                return
            self._waiting = True
        background = loop.background()
        pause = max(PAUSE, len(self.run) / _RATE)
        background.call_soon_threadsafe(background.call_later, pause, self._catch_up)

    def _catch_up(self) -> None:
        try:
            with self._lock:
                self._waiting = False
                news, self._news = [*self._news], {}
                if self.comm is None:
                    return
                with self.hold_sync():
                    ended = self._tell(news)
            if ended:
                self._ended()
        except Exception:
            log.exception("The table of the run %s could not be brought up to date", self.run.id)

    def _tell(self, news: Iterable[int]) -> bool:
        """Say what has become of a few cells, and of the run; tell whether one of them has ended."""
        states, progress, ended = bytearray(self.states), dict(self.progress), False
        for number in news:
            cell = self.run.cells[number]
            gen = cell.generation
            seen = (cell.state, cell.words, gen and (gen.id, gen.is_deleted, gen.marks, gen.image and gen.image.path))
            if self._seen.get(number) != seen:
                self._seen[number] = seen
                self._turns[number] += 1
                ended = ended or cell.state not in ("waiting", "running")
            states[number] = byte(cell, self._turns[number])
            progress.pop(str(number), None)
            if cell.state == "running":
                progress[str(number)] = gen.progress if gen else None
        self.states, self.progress, self.told = bytes(states), progress, self._summary()
        return ended

    def _survey(self) -> dict[str, Any]:
        cells = self.run.cells
        running = {str(cell.index): cell.generation for cell in cells if cell.state == "running"}
        return {
            "states": bytes(byte(cell, 0) for cell in cells),
            "progress": {number: gen.progress if gen else None for number, gen in running.items()},
            "told": self._summary(),
        }

    def _summary(self) -> dict[str, Any]:
        run = self.run
        left = run.left if run.status == "running" else None
        return {
            "counts": {state: number for state, number in run.counts.items() if number},
            "status": run.status,
            "reason": run.reason,
            "spent": run.spent,
            "cap": run.cap,
            "left": left,
            "now": time.time(),
            "simulated": run.session.simulated,
        }

    # What the view asks for

    def _hear(self, widget: object, message: dict[str, Any], buffers: object) -> None:
        kind = message.get("kind")
        if kind == "run" and message.get("verb") in _VERBS:
            self._do(str(message["verb"]))
        elif kind == "open":
            guarded(lambda: self._opened(self._cell(message["cell"]).index), self._report)()
        else:
            super()._hear(widget, message, buffers)

    def _do(self, verb: str) -> None:
        act = getattr(self.run, verb)
        if self._calls is not None:
            self._calls.do(f"run.{verb}()", lambda: act() or True)
        else:
            guarded(act, self._report)()

    def _answer(self, question: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        if "cells" not in question:
            return super()._answer(question)
        labels = [_label(self._cell(number)) for number in question["cells"][:CELLS]]
        wanted = [(int(number), int(tile)) for number, tile in question["pictures"][:THUMBNAILS]]
        given = _thumbnails([(self._cell(number).generation, tile) for number, tile in wanted])
        sizes = [*map(len, given)]
        return {"cells": labels, "pictures": wanted[: len(given)], "sizes": sizes}, [b"".join(given)]

    def _cell(self, number: Any) -> RunCell:
        if int(number) not in range(len(self.run)):
            raise ValueError(f"This run has no cell {number!r}.")
        return self.run.cells[int(number)]

    def _report(self, error: Exception | None) -> None:
        self.state = {**self.state, "error": (str(error) or type(error).__name__) if error else ""}


def _label(cell: RunCell) -> dict[str, Any]:
    gen = cell.generation
    fetched = cell.state == "done" and gen is not None and gen.image is not None and gen.image.path is not None
    return {
        "cell": cell.index,
        "id": gen.id if gen else "",
        "prompt": _cut(cell.cell.prompt, _PROMPT),
        "words": _cut(cell.words, _WORDS) if cell.words or fetched or cell.state != "done" else "The picture was not fetched.",
        "tiles": ((4 if gen.is_grid else 1) if gen and fetched else 0),
        "marks": marks_of(gen) if gen else {"stars": {}, "hearts": [], "tags": []},
    }


def _thumbnails(wanted: Iterable[tuple[Generation | None, int]]) -> list[bytes]:
    """Give as many as there is time for, the first ones; no bytes for one that there is not."""
    given: list[bytes] = []
    until = time.monotonic() + PATIENCE
    for gen, tile in wanted:
        if given and time.monotonic() > until:
            break
        try:
            given.append(gen.thumbnail(tile if gen.is_grid else 0) if gen else b"")
        except Exception:  # the view asks again when its state changes
            log.debug("A thumbnail could not be given", exc_info=True)
            given.append(b"")
    return given


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}…"

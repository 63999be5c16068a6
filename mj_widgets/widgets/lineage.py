"""The lineage as a graph: every picture of a session, what it was made from, and what was made from it.

The browser gets the place and the status of every node, a few bytes each, and asks for the words and the thumbnails of what
it shows. So a session of thousands opens like one of twenty.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import traitlets

from mj_widgets.session import loop
from mj_widgets.session.layout import Place, lay_out
from mj_widgets.widgets import nodes
from mj_widgets.widgets.cells import retire
from mj_widgets.widgets.clicks import guarded
from mj_widgets.widgets.fallback import Keeper, Twin
from mj_widgets.widgets.outline import SHOWN, outline
from mj_widgets.widgets.pictures import PictureWidget, module, style

if TYPE_CHECKING:
    from mj_widgets.session.generation import Generation
    from mj_widgets.session.session import Session
    from mj_widgets.widgets.calls import Calls

log = logging.getLogger(__name__)

PAUSE = 0.25  # seconds in which changes are collected
NODES, THUMBNAILS = 200, 16  # that one question may ask for


class Family(Keeper, PictureWidget):
    """The lineage of a session as a graph that one can walk. It follows the session.

    Parameters
    ----------
    session : Session
        Whose generations are shown, deleted ones only where something came from them.
    show : callable, optional
        Is called with the generation that a person wants to see in the control.
    calls : Calls, optional
        Does what the view wishes for; see `PictureWidget`.

    Examples
    --------
    >>> grid = session.imagine("a fox").result()
    >>> family = Family(session)
    >>> family.select(grid.upscale(2))
    >>> family.collapse(grid)
    >>> family.selected is grid  # the other one is out of sight
    True
    """

    _esm = module(
        "twin", "lineage_graph", "lineage_nodes", "lineage_dots", "lineage_stock", "lineage_panel", "lineage_view", "lineage"
    )
    _css = style("lineage")

    # Of each node, whose number is its place in these: who stands where, and what has become of it; see nodes.py.
    places = traitlets.Bytes().tag(sync=True)
    statuses = traitlets.Bytes().tag(sync=True)
    progress = traitlets.Dict().tag(sync=True)  # per cent, or None, of those that run
    at = traitlets.Int(nodes.NONE).tag(sync=True)  # the selected node

    def __init__(
        self,
        session: Session,
        *,
        show: Callable[[Generation], object] | None = None,
        calls: Calls | None = None,
        **traits: Any,
    ) -> None:
        self.session = session
        self.name = uuid4().hex[:12]
        self.following = True
        self.twin = Twin(self.name, self._first, draw=self._outline)
        self._show = show
        self._lock = threading.RLock()  # for all below
        self._nodes: list[Generation] = []
        self._numbers: dict[Generation, int] = {}
        self._folded: set[Generation] = set()
        self._parents: dict[Generation, Generation | None] = {}
        self._shown: dict[Generation, Place] = {}
        self._news: dict[Generation, None] = {}
        self._waiting = False
        state = {"name": self.name, "shows": show is not None, "error": ""}
        self._unwatch = session.watch(self._changed)  # before the survey, so that nothing is missed
        super().__init__(state, session.__getitem__, calls=calls, **self._survey(), **traits)
        self.twin.kept_by(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.session.name!r})"

    # What people and other widgets call; safe in any thread

    @property
    def selected(self) -> Generation | None:
        """The generation that is looked at; None in an empty session."""
        with self._lock:
            return self._nodes[self.at] if 0 <= self.at < len(self._nodes) else None

    def select(self, generation: Generation) -> None:
        """Look at a generation; the branches that it is in are unfolded.

        Raises
        ------
        ValueError
            It is not in this graph.
        """
        with self._lock:
            if generation not in self._parents:
                self.refresh()
            if generation not in self._parents:
                raise ValueError(f"{generation.id} is not in the lineage of {self.session.name!r}.")
            around = self._folded.intersection(self.session.lineage.ancestors(generation))
            if around:
                self._folded -= around
                self.refresh()
            self.at = self._numbers[generation]

    def collapse(self, generation: Generation) -> None:
        """Hide what came from a generation."""
        with self._lock:
            self._folded.add(generation)
            self.refresh()

    def expand(self, generation: Generation) -> None:
        """Show again what came from a generation."""
        with self._lock:
            self._folded.discard(generation)
            self.refresh()

    def refresh(self) -> None:
        """Show the session as it is now."""
        with self._lock:
            if self.comm is None:
                return
            with self.hold_sync():  # they go together, and what is as before stays
                for name, value in self._survey().items():
                    setattr(self, name, value)

    def tell_again(self) -> None:
        """Send what a page may have missed while it was loading."""
        with self._lock:
            self.send_state(["state", "places", "statuses", "progress", "at"])

    def close(self) -> None:
        """Close it; its twin stays as it is."""
        self.rest()
        with self._lock:
            super().close()

    def rest(self) -> None:
        """Stop following the session, for good."""
        self.following = False
        self._unwatch()
        self.twin.close()

    # What happens in the session

    def _changed(self, generation: Generation) -> None:
        with self._lock:
            self._news[generation] = None
            if self._waiting:
                return
            self._waiting = True
        background = loop.background()
        background.call_soon_threadsafe(background.call_later, PAUSE, self._catch_up)

    def _catch_up(self) -> None:
        try:
            with self._lock:
                self._waiting = False
                news, self._news = [*self._news], {}
                if self.comm is None or not self.following:
                    return
                if any(gen not in self._parents or gen.is_deleted for gen in news):
                    self.refresh()
                else:
                    self._tell(news)
            if any(gen.status.ended for gen in news):
                self.twin.refresh()
        except Exception:
            log.exception("The lineage of %s could not be brought up to date", self.session.name)

    def _tell(self, news: Iterable[Generation]) -> None:
        """Say what has become of a few, all of which have a place already."""
        statuses, running = bytearray(self.statuses), dict(self.progress)
        for gen in news:
            number = self._numbers[gen]
            statuses[number] = nodes.byte(gen)
            running.pop(str(number), None)
            if not gen.status.ended:
                running[str(number)] = gen.progress
        with self.hold_sync():
            self.statuses, self.progress = bytes(statuses), running

    def _survey(self) -> dict[str, Any]:
        """Give all that the view knows of every node; it takes some milliseconds for thousands."""
        self._parents = self.session.lineage.parents
        self._shown = lay_out(self._parents, self._folded)
        for gen in self._parents:
            if gen not in self._numbers:
                self._numbers[gen] = len(self._nodes)
                self._nodes.append(gen)
        return {
            "places": nodes.pack(self._nodes, self._parents, self._shown),
            "statuses": bytes(map(nodes.byte, self._nodes)),
            "progress": {str(n): gen.progress for n, gen in enumerate(self._nodes) if not gen.status.ended},
            "at": self._nearest(),
        }

    def _nearest(self) -> int:
        """Stay at the selected one, or go to what it came from when it is out of sight; begin with the newest."""
        gen = self.selected
        while gen is not None and gen not in self._shown:
            gen = gen.parent
        if gen is None:
            gen = next((gen for gen in reversed(self._parents) if gen in self._shown), None)
        return nodes.NONE if gen is None else self._numbers[gen]

    # What the view asks for

    def _hear(self, widget: object, message: dict[str, Any], buffers: object) -> None:
        kind = message.get("kind")
        if kind == "hello":
            self.send({"kind": "here"})
            self.tell_again()
        elif kind == "fold":
            guarded(lambda: self._fold(message), self._report)()
        elif kind == "show":
            guarded(lambda: self._show and self._show(self._node(message["node"])), self._report)()
        else:
            super()._hear(widget, message, buffers)

    def _answer(self, question: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        if "about" in question:
            gen = self._node(question["about"])
            return {"about": {"node": self._numbers[gen], **nodes.about(gen, self._numbers.__getitem__)}}, []
        if "nodes" not in question:
            return super()._answer(question)
        labels = [{"node": number, **nodes.label(self._node(number))} for number in question["nodes"][:NODES]]
        wanted = question["pictures"][:THUMBNAILS]
        given = nodes.thumbnails([*map(self._node, wanted)])
        sizes = [*map(len, given)]
        return {"nodes": labels, "pictures": wanted[: len(given)], "sizes": sizes}, [b"".join(given)]

    def _node(self, number: Any) -> Generation:
        if int(number) not in range(len(self._nodes)):
            raise ValueError(f"This lineage has no node {number!r}.")
        return self._nodes[int(number)]

    def _fold(self, message: dict[str, Any]) -> None:
        change = self.collapse if message.get("on") else self.expand
        change(self._node(message["node"]))

    def _report(self, error: Exception | None) -> None:
        self.state = {**self.state, "error": (str(error) or type(error).__name__) if error else ""}

    # What a saved notebook shows

    def _first(self) -> list[Generation]:
        return [*lay_out(self._parents)][:SHOWN]

    def _outline(self, generations: Iterable[Generation], name: str) -> str:
        return outline(generations, of=len(self._parents), name=name)

    def _ipython_display_(self, **_: Any) -> None:
        from IPython.core.getipython import get_ipython
        from IPython.display import display

        bundle = (self._repr_mimebundle_() or ({},))[0]
        text = repr(self.session.lineage)
        display({**bundle, "text/plain": text}, raw=True)  # type: ignore[no-untyped-call] # IPython
        kernel = getattr(get_ipython(), "kernel", None)
        if kernel is not None:
            self.twin.kept_by(self)
            self.twin.show()
            retire(kernel, self)

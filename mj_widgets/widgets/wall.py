"""Cards of a session's generations, newest first, which follow what happens to them."""

from __future__ import annotations

import itertools
import logging
import sys
import threading
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ipywidgets import VBox, Widget

from mj_widgets.widgets.calls import Calls, line
from mj_widgets.widgets.card import Card
from mj_widgets.widgets.cells import retire
from mj_widgets.widgets.clicks import Kit
from mj_widgets.widgets.compare import Comparison, side_of
from mj_widgets.widgets.fallback import Twin
from mj_widgets.widgets.lightbox import Lightbox
from mj_widgets.widgets.notice import Notice

if TYPE_CHECKING:
    from mj_widgets.session.generation import Generation
    from mj_widgets.session.session import Session

log = logging.getLogger(__name__)

Find = Callable[[], "tuple[Generation, ...]"]

PAGE = 6  # cards shown at first, and more for each "Show older"
ROOM = 12  # cards; when more come, the lowest leaves

_IN_MARIMO = """marimo does not draw the widgets that this control is made of. Here a cell draws each generation:
gen = session.imagine("a fox in snow")
and gen.upscale(2), gen.vary(3), gen.reroll() … continue it. Below is the session as a graph."""


class Wall(VBox):  # type: ignore[misc] # ipywidgets has no types
    """The live view of a session, or of one generation and what comes from it.

    Parameters
    ----------
    session : Session
        Whose generations are shown, also those made elsewhere.
    only : Generation, optional
        Show this one, and later the children that are made from what is here; None shows the whole session.

    Attributes
    ----------
    notice : Notice
        The line that the control speaks through.
    lightbox : Lightbox
        Shows one picture large, and hears the keys.
    comparison : Comparison
        Two pictures under a slider, while there are such.
    older : Button
        Shows earlier generations; None on the wall when there are none.
    twin : Twin
        What a saved notebook shows instead.
    following : bool
        Whether it still follows the session.
    """

    children: tuple[Widget, ...]

    def __init__(self, session: Session, *, only: Generation | None = None) -> None:
        self.session = session
        self.name = uuid4().hex[:12]
        self.kit = Kit(self._report)
        self.notice = Notice(
            self.name,
            sandbox=session.simulated and only is None,
            heard=self._heard,
            remixed=self._remixed,
            greeted=self.tell_again,
            generate=self._generate,
            pressed=self._pressed,
            wish=self._wish,
            layout=self.kit.layout,
        )
        self.calls = Calls(self.kit.report, self._show_code, add=self.add, show=self.show)
        for verb, do in {"act": self._act, "compare": self._compare, "delete": self._delete, "region": self._region}.items():
            self.calls.on(verb, do)
        self.older = self.kit.button("Show older", self._show_older, tip="Show earlier generations of this session")
        self.twin = self._static()
        self.twin.kept_by(self.notice)
        self._only = only
        self._find: Find | None = None  # what gives those that are shown; None for all
        self._above = self._form()
        self._bar = self._tools()
        self._lock = threading.RLock()  # for the five below; never held while the session is asked anything
        self._cards: dict[str, Card] = {}
        self._slots: dict[str, VBox] = {}
        self._places: dict[str, int] = {}
        self._free: list[VBox] = []
        self._making: set[str] = set()
        self._steps = itertools.count(1)
        self._room = ROOM
        self._column = self.kit.column((), "mj-cards")
        self.comparison = Comparison(self.kit)
        live = f"mj-live-{self.name}"
        self.lightbox = Lightbox(f".{live}", session.__getitem__, self.calls, order=self._order, layout=self.kit.layout)
        super().__init__(self._parts(), layout=self.kit.layout, _dom_classes=["mj-wall", live])
        self._known: set[str] = set()
        self.following = True
        self._unwatch = session.watch(self._changed)
        here = session.generations
        self._known.update(gen.id for gen in here)
        for gen in (only,) if only else self._all()[-PAGE:]:
            self.add(gen)
        self._offer_older()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._only or self.session.name!r})"

    @property
    def cards(self) -> tuple[Card, ...]:
        """The cards from top to bottom."""
        with self._lock:
            return tuple(self._cards[id_] for id_ in sorted(self._cards, key=self._places.__getitem__))

    def add(self, generation: Generation, *, below: bool = False) -> Card | None:
        """Give a generation a card, on top or at the bottom; one that has a card keeps it. Safe in any thread."""
        with self._lock:
            if generation.id in self._cards or generation.id in self._making or self.comm is None:
                return self._cards.get(generation.id)
            self._making.add(generation.id)
            place = next(self._steps)
        card = Card(generation, self.kit, self.calls, show=self.show)
        with self._lock:
            self._making.discard(generation.id)
            if self.comm is None:  # it was closed meanwhile
                self.kit.discard(card)
                return None
            leaving = self._lowest() if len(self._cards) >= self._room and not below else None
            self._cards[generation.id] = card
            self._put(card, self._places.get(generation.id, place if below else -place), leaving)
        if leaving:
            self.kit.discard(leaving)
            self._offer_older()
        card.refresh()  # what happened while it was made
        self.lightbox.refresh()
        if generation.status.ended:
            self.twin.refresh()
        return card

    def show(self, generation: Generation) -> None:
        """Bring a generation to the top, into sight, and mark it."""
        card = self.add(generation)
        if card is None:
            return
        with self._lock:
            if card is not self.cards[0]:
                self._place(generation.id, -next(self._steps))
        self.lightbox.refresh()
        card.grid.look()

    def tell_again(self) -> None:
        """Send what a page may have missed while it was loading. Safe in any thread.

        What the kernel tells a widget between the page's question for all and the moment that this widget stands there is lost.
        """
        for card in self.cards:
            card.tell_again()
        with self._lock:
            if self.comm is None:
                return
            for slot in (*self._slots.values(), *self._free):
                slot.send_state("children")
                slot.layout.send_state(["order", "display"])
            self._column.send_state("children")
            self.send_state("children")
        self.lightbox.tell_again()

    def close(self) -> None:
        """Close it with all that is on it; its twin stays as it is."""
        self.rest()
        with self._lock:
            self._cards.clear()
            super().close()
        for part in {*self.children, self.older}:
            self.kit.discard(part)
        self.kit.close()

    def rest(self) -> None:
        """Stop following the session, for good."""
        self.following = False
        self._unwatch()
        self.twin.close()

    # What happens to it

    def _changed(self, generation: Generation) -> None:
        """Take a change of any generation of the session; on the session's thread."""
        card = self._cards.get(generation.id)
        if card and generation.is_deleted:
            self._drop(card)
        elif card:
            card.refresh()
            self.lightbox.refresh(generation)
            if generation.status.ended:
                self.twin.refresh()
        elif generation.id not in self._known and self._belongs(generation):
            self.add(generation)
        if generation.is_deleted:
            self._known.discard(generation.id)  # it may be restored
        else:
            self._known.add(generation.id)

    def _belongs(self, generation: Generation) -> bool:
        parent = generation.parent
        if self._only is None:
            return self._find is None or generation in self._find()
        return parent is not None and parent.id in self._cards

    def _form(self) -> tuple[Widget, ...]:
        """Make what stands above the cards; a studio has a form there."""
        return ()

    def _tools(self) -> tuple[Widget, ...]:
        """Make what stands right above the cards; a studio finds there."""
        return ()

    def _static(self) -> Twin:
        """Make what a saved notebook shows."""
        return Twin(self.name, lambda: [card.generation for card in self.cards])

    def _heard(self, prompt: str) -> None:
        """Take the prompt as it stands in the browser; a studio has a box for it."""

    def _pressed(self, message: dict[str, Any]) -> None:
        """Take a key in the prompt box; see `Notice`."""

    def _generate(self) -> None:
        """Take Ctrl/⌘+Enter in the prompt box."""

    def _wish(self, message: dict[str, Any]) -> None:
        self.calls.hear(message, self.session.__getitem__)

    def _remixed(self, id_: str, words: str) -> None:
        """Take the words in a remix box as they stand in the browser."""
        card = self._cards.get(id_)
        if card and card.remix:
            card.remix.text.value = words

    def _act(self, generation: Generation, wish: dict[str, Any]) -> None:
        if isinstance(wish.get("words"), str):
            self._remixed(generation.id, wish["words"])
        card = self._cards.get(generation.id)
        action = str(wish["action"])
        self.calls.act(generation, action, prompt=card.remix.prompt_for(action) if card and card.remix else None)

    def _region(self, generation: Generation, _wish: object) -> None:
        self.show(generation)
        self._cards[generation.id].open_region()

    def _compare(self, generation: Generation, wish: dict[str, Any]) -> None:
        a = side_of(generation, int(wish["tile"]))
        b = side_of(self.session[str(wish["other"]["id"])], int(wish["other"]["tile"]))
        self.comparison.show(a, b)
        self._show_code(f"mj.compare({a.code}, {b.code})")

    def _delete(self, generation: Generation, _wish: object) -> None:
        generation.delete()
        self._show_code(line(generation, "delete"), undo=generation.id)

    def _show_code(self, code: str, *, undo: str = "") -> None:
        self.notice.show_code(code, undo=undo)
        self.lightbox.show_code(code, undo=undo)

    def _report(self, error: Exception | None) -> None:
        said = str(error) or type(error).__name__ if error else ""
        details = "".join(traceback.format_exception(error)) if error else ""
        self.notice.say(said, alarm=error is not None, details=details)
        self.lightbox.say(said, alarm=error is not None)

    def _show_older(self) -> None:
        here = [gen for gen in reversed(self._all()) if gen.id not in self._cards][:PAGE]
        self._room = max(self._room, len(self._cards) + len(here))
        for gen in here:
            self.add(gen, below=True)
        self._offer_older()

    def _offer_older(self) -> None:
        more = self._only is None and any(gen.id not in self._cards for gen in self._all())
        children = (*self._parts(), *([self.older] if more else []))
        if children != self.children:
            self.children = children

    def _parts(self) -> tuple[Widget, ...]:
        return (*self._above, self.notice, self.lightbox, *self._bar, self.comparison, self._column)

    def filter(self, find: Find | None) -> None:
        """Show only what `find` gives, the newest on top; what somebody makes here is shown all the same. None shows all."""
        self._find = find
        found = self._all()
        wanted = {gen.id for gen in found}
        for card in self.cards:
            if card.generation.id not in wanted:
                self._drop(card)
        for gen in found[-PAGE:]:
            self.add(gen, below=True)
            with self._lock:
                if gen.id in self._slots:
                    self._place(gen.id, -next(self._steps))
        self._offer_older()

    def _all(self) -> tuple[Generation, ...]:
        return self._find() if self._find else self.session.generations

    # Where the cards stand

    def _order(self) -> list[Generation]:
        return [card.generation for card in self.cards]

    def _drop(self, card: Card) -> None:
        """Take a card away; restored, its generation comes back to where it was."""
        with self._lock:
            if self._cards.pop(card.generation.id, None) is None:
                return
            slot = self._slots.pop(card.generation.id)
            slot.children, slot.layout.display = (), "none"
            self._free.append(slot)
        self.kit.discard(card)
        self.lightbox.refresh()
        self.twin.refresh()

    def _lowest(self) -> Card:
        return self._cards.pop(max(self._cards, key=self._places.__getitem__))

    def _put(self, card: Card, place: int, leaving: Card | None) -> None:
        """Put a card into a slot of its own, or into the one of the card that leaves.

        A box draws all its children after a changed one anew, so the slots stay where they are, and their order is a style.
        """
        if leaving:
            slot = self._slots.pop(leaving.generation.id)
        else:
            slot = self._free.pop() if self._free else VBox(_dom_classes=["mj-slot"])
        self._slots[card.generation.id] = slot
        self._place(card.generation.id, place)
        slot.children, slot.layout.display = (card,), None
        if slot not in self._column.children:
            self._column.children = (*self._column.children, slot)

    def _place(self, id_: str, place: int) -> None:
        self._places[id_] = place
        self._slots[id_].layout.order = str(place)

    # Where it is displayed

    def _ipython_display_(self, **_: Any) -> None:
        from IPython.core.getipython import get_ipython
        from IPython.display import display

        display({**self._repr_mimebundle_(), "text/plain": repr(self)}, raw=True)  # type: ignore[no-untyped-call] # IPython
        kernel = getattr(get_ipython(), "kernel", None)
        if kernel is not None:
            self.twin.show()
            retire(kernel, self)

    def _display_(self) -> Any:
        """Give what marimo shows in its place: it draws anywidgets and no ipywidgets."""
        from mj_widgets.widgets.lineage import Family

        marimo: Any = sys.modules["marimo"]  # it is what asks
        return marimo.vstack([marimo.plain_text(_IN_MARIMO), Family(self.session)])

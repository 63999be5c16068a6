"""One generation on a wall: its picture, where it came from, and what can be done with it next."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING

from ipywidgets import Button, VBox

from mj_widgets.models import Status
from mj_widgets.session.generation import REGION
from mj_widgets.session.unconfirmed import Unconfirmed
from mj_widgets.widgets.actions import Action, extend_tip, grouped, offered, tip
from mj_widgets.widgets.calls import Calls, line
from mj_widgets.widgets.clicks import Kit
from mj_widgets.widgets.grid import Grid
from mj_widgets.widgets.remix import Remix
from mj_widgets.widgets.strip import Strip

if TYPE_CHECKING:
    from ipywidgets import Widget

    from mj_widgets.session.generation import Generation
    from mj_widgets.widgets.region import Region

STOP, RESUME, REMIX, DELETE, RESTORE = "stop", "resume", "remix", "delete", "restore"
SEND_AGAIN, FORGET = "send_again", "forget"

_STOP_TIP = "Stop following it. The service has no cancel: it may still finish and be charged"
_RESUME_TIP = "Follow it again, or send it if it never was"
_LOOK_TIP = "Look for it once more among the recent tasks; it costs nothing"
_SEND_AGAIN_TIP = "Send it anew. If the first did arrive, both are charged"
_FORGET_TIP = "Give it up: it no longer counts against the cap"
_FETCH_TIP = "Fetch the picture again; it costs nothing"
_REMIX_TIP = "Change the words for what comes next"
_DELETE_TIP = "Put it out of sight; Undo brings it back"
_RESTORE_TIP = "Bring it back"


class Card(VBox):  # type: ignore[misc] # ipywidgets has no types
    """A generation and its buttons.

    Parameters
    ----------
    generation : Generation
        Shown as it is; call `refresh` when it changed.
    kit : Kit
        Makes the buttons.
    calls : Calls
        Does what is clicked.
    show : callable
        Is called with the ancestor that was clicked.

    Attributes
    ----------
    grid : Grid
    strip : Strip or None
        None for a generation without a parent.
    buttons : dict of str to Button
        Those that are there now, by the service's name of the action, or ``"stop"``, ``"resume"``, ``"remix"``, ``"delete"``.
    remix : Remix or None
        The box of other words, while it is open.
    region : Region or None
        The painter of a region, while it is open.
    """

    def __init__(
        self,
        generation: Generation,
        kit: Kit,
        calls: Calls,
        *,
        show: Callable[[Generation], object],
    ) -> None:
        self.generation = generation
        self.buttons: dict[str, Button] = {}
        own = kit.batch()
        bare = {"layout": own.layout, "_css": ""}  # the notice brings the styles, once for all cards
        self.grid = Grid(generation, calls=calls, **bare)
        self.strip = Strip(generation, show, **bare) if generation.parent else None
        self.remix: Remix | None = None
        self.region: Region | None = None
        self._kit = kit
        self._batch = kit  # makes the buttons that are there now
        self._calls = calls
        self._refreshing = threading.Lock()  # the loop's thread and the one that made the card may come together
        self._offered: tuple[str, ...] | None = None
        self._controls = own.column((), "mj-actions")
        super().__init__(self._parts(), layout=own.layout, _dom_classes=["mj-card"])
        self.refresh()

    def refresh(self) -> None:
        """Show what has become of the generation. Safe in any thread."""
        with self._refreshing:
            if self.comm is None:
                return
            self.grid.refresh()
            if self.strip:
                self.strip.refresh()
            offers = _offer(self.generation)
            if offers != self._offered:
                self._offered = offers
                self._replace_buttons(offers)

    def tell_again(self) -> None:
        """Send what a page may have missed while it was loading."""
        with self._refreshing:
            if self.comm is None:
                return
            self.grid.tell_again()
            self._controls.send_state("children")
            self.send_state("children")

    def close(self) -> None:
        """Close it; what is on it is left to `Kit.discard`."""
        with self._refreshing:  # so that no buttons are made for a closed card
            super().close()

    # What opens below the buttons

    def toggle_remix(self) -> None:
        """Open the box of other words, or close it."""
        leaving, self.remix = self.remix, None if self.remix else Remix(self.generation, self._kit)
        if REMIX in self.buttons:
            self.buttons[REMIX].description = "Close remix" if self.remix else "Remix"
        self._place(leaving)

    def open_region(self) -> None:
        """Open the painter of a region; what was painted in one that is open stays."""
        from mj_widgets.widgets.region import Region

        if self.region is None:
            self.region = Region(self.generation, self._kit, self._calls, close=self.close_region)
            self._place(None)
        else:
            self.region.look()

    def close_region(self) -> None:
        """Close the painter."""
        leaving, self.region = self.region, None
        self._place(leaving)

    def _parts(self) -> list[Widget]:
        return [part for part in (self.grid, self.strip, self._controls, self.remix, self.region) if part is not None]

    def _place(self, leaving: Widget | None) -> None:
        with self._refreshing:
            self.children = self._parts()
        if leaving is not None:
            self._kit.discard(leaving)

    # The buttons

    def _replace_buttons(self, offers: tuple[str, ...]) -> None:
        before, self._controls.children = self._controls.children, ()
        self._kit.discard(*before)
        self.buttons.clear()
        self._batch = self._kit.batch()
        if set(offers) & {STOP, RESUME, RESTORE}:
            self._controls.children = [self._row("", [*map(self._follow_button, offers), *self._own_buttons(remix=False)])]
            return
        groups = dict(grouped(offers))
        last = groups.pop("", [])  # those without a heading stand with our own
        rows = [self._row(heading, list(map(self._action_button, actions))) for heading, actions in groups.items()]
        if clips := [self._extend_button(clip) for clip, _ in enumerate(self.generation.clips, 1)]:
            rows.append(self._row("Extend", clips))
        self._controls.children = [
            *rows,
            self._row("", [*map(self._action_button, last), *self._own_buttons(remix=bool(offers))]),
        ]

    def _row(self, heading: str, buttons: list[Button]) -> Widget:
        return self._batch.row([*([self._batch.label(heading, "mj-heading")] if heading else []), *buttons], "mj-group")

    def _action_button(self, action: Action) -> Button:
        do = self.open_region if action.name == REGION else partial(self._act, action.name)
        self.buttons[action.name] = self._batch.button(action.label, do, tip=tip(self.generation, action))
        return self.buttons[action.name]

    def _extend_button(self, clip: int) -> Button:
        do = partial(self._extend, clip)
        self.buttons[f"extend{clip}"] = self._batch.button(f"Clip {clip}", do, tip=extend_tip(self.generation, clip))
        return self.buttons[f"extend{clip}"]

    def _own_buttons(self, *, remix: bool) -> list[Button]:
        """Make those that are not the service's."""
        if not self.generation.status.ended or self.generation.is_deleted:
            return []
        made = {}
        if remix:
            label = "Close remix" if self.remix else "Remix"
            made[REMIX] = self._batch.button(label, self.toggle_remix, tip=_REMIX_TIP, kind="mj-plain")
        made[DELETE] = self._batch.button("Delete", self._delete, tip=_DELETE_TIP, kind="mj-plain")
        self.buttons |= made
        return [*made.values()]

    def _follow_button(self, what: str) -> Button:
        generation = self.generation
        if what == STOP:
            made = self._batch.button("■ Stop", partial(self._do, generation.stop), tip=_STOP_TIP)
        elif what == RESTORE:
            made = self._batch.button("Restore", partial(self._do, generation.restore), tip=_RESTORE_TIP)
        elif what in (SEND_AGAIN, FORGET):
            label, tip = ("Send again", _SEND_AGAIN_TIP) if what == SEND_AGAIN else ("Forget", _FORGET_TIP)
            made = self._batch.button(label, partial(self._decide, what), tip=tip)
        elif generation.status is Status.UNCONFIRMED and not generation.task_id:
            made = self._batch.button("↻ Look again", partial(self._do, generation.resume), tip=_LOOK_TIP)
        elif generation.status is Status.SUCCEEDED:
            made = self._batch.button("↻ Fetch again", partial(self._do, generation.resume), tip=_FETCH_TIP)
        else:
            made = self._batch.button("▶ Resume", partial(self._do, generation.resume), tip=_RESUME_TIP)
        self.buttons[what] = made
        return made

    def _act(self, action: str) -> None:
        self._calls.act(self.generation, action, prompt=self.remix.prompt_for(action) if self.remix else None)

    def _extend(self, clip: int) -> None:
        self._calls.make(line(self.generation, "extend", clip), lambda: self.generation.extend(clip))

    def _decide(self, what: str) -> None:
        """Do one of the things that a person can do about a generation of unknown fate."""
        before = takewhile(lambda one: one.generation is not self.generation, self.generation.session.unconfirmed)
        code = f"session.unconfirmed[{len([*before])}].{what}()"
        method = getattr(Unconfirmed(self.generation), what)  # which says so, where it was decided a moment ago
        if what == SEND_AGAIN:
            self._calls.make(code, method)
        else:
            self._calls.do(code, method)

    def _delete(self) -> None:
        self._calls.hear({"verb": DELETE, "id": self.generation.id}, lambda _: self.generation)

    def _do(self, method: Callable[[], object]) -> None:
        self._calls.do(line(self.generation, method.__name__), method)


def _offer(generation: Generation) -> tuple[str, ...]:
    """Say which buttons it has."""
    if generation.is_deleted:
        return (RESTORE,)
    status = generation.status
    if not status.ended:
        return (STOP,)
    lost = status is Status.SUCCEEDED and generation.image is not None and generation.image.path is None
    if status is Status.UNCONFIRMED:
        return (RESUME, SEND_AGAIN, FORGET)
    if status is Status.STOPPED or lost:
        return (RESUME,)
    return offered(generation)

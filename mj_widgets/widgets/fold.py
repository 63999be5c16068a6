"""A part of a control that is folded away until somebody asks for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol, runtime_checkable

from ipywidgets import ToggleButton, Widget

from mj_widgets.widgets.clicks import Kit

SHUT = "mj-shut"  # the CSS class of what is not shown


@runtime_checkable
class Turning(Protocol):
    """What wants to know that it is opened or shut."""

    def turn(self, on: bool) -> None:
        """Take note of it."""


class Fold:
    """A toggle, and a box that is filled when it is first opened: most people never open most of them.

    Parameters
    ----------
    kit : Kit
        Makes both.
    label, tip : str
        What stands on the toggle, and what it says when it is pointed at.
    make : callable
        Makes what is in it.

    Attributes
    ----------
    toggle : ToggleButton
        Its value says whether it is open.
    box : VBox
        Put it where the content shall be.
    """

    def __init__(self, kit: Kit, label: str, make: Callable[[], Widget], *, tip: str) -> None:
        self.toggle = kit.field(ToggleButton, self._turn, name="mj-fold", description=label, tooltip=tip)
        self.toggle.add_class("mj-button")
        self.box = kit.column((), "mj-folded")
        self.box.add_class(SHUT)
        self._make = make
        self._lock = threading.RLock()

    @property
    def is_open(self) -> bool:
        """Whether its content is seen."""
        return bool(self.toggle.value)

    @property
    def content(self) -> Widget | None:
        """What is in it; None until it was opened."""
        return next(iter(self.box.children), None)

    def open(self, on: bool = True) -> None:
        """Open or shut it."""
        self.toggle.value = on

    def _turn(self) -> None:
        with self._lock:
            if self.is_open and self.content is None:
                self.box.children = (self._make(),)
            if isinstance(self.content, Turning):
                self.content.turn(self.is_open)
            (self.box.remove_class if self.is_open else self.box.add_class)(SHUT)

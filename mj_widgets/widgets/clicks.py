"""Buttons whose clicks are handled while a cell runs, and whose errors are seen."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from html import escape
from typing import Any

from ipywidgets import HTML, Button, HBox, Label, Layout, Style, VBox, Widget

GRACE = 5.0  # seconds

log = logging.getLogger(__name__)


def answer_while_busy(widget: Widget) -> None:
    """Let a widget's messages be handled while a cell runs, where the kernel has a second thread for them.

    JupyterLab sends them to a subshell, a thread of its own. ipykernel 7.4 sends them back to the thread that last wrote on
    the widget's comm: the main one, which a cell holds up. Its method is private and there is no setting, hence the guard.
    What is called from such a widget must be safe in any thread.
    """
    if hasattr(widget.comm, "_reply_subshell_for"):
        widget.comm._reply_subshell_for = lambda _data, default: default


def guarded(do: Callable[[], object], report: Callable[[Exception | None], None]) -> Callable[..., None]:
    """Wrap what a click does: an exception is logged and shown, because no cell is there to show it.

    Parameters
    ----------
    do : callable
        What the click does.
    report : callable
        Is told None when it begins, which takes back what was said before, and the exception when it fails.
    """

    def run(*_: Any) -> None:
        report(None)
        try:
            do()
        except Exception as error:
            log.exception("A click failed")
            report(error)

    return run


class Kit:
    """Makes stock widgets which share their layout and styles: each of these is a model that the browser loads.

    Parameters
    ----------
    report : callable
        Is told None when a click begins, and the exception when it fails.
    grace : float
        Seconds that a discarded widget stays open.
    """

    def __init__(self, report: Callable[[Exception | None], None], *, grace: float = GRACE) -> None:
        self._tell = report
        self._blamed: list[object] = [None]  # the input whose exception is shown, the same for all batches
        self._begin()
        self._leaving = Leaving(grace, keep=self._shared)

    def _begin(self) -> None:
        self._layout: Layout | None = None
        self._styles: dict[type[Widget], Style] = {}
        self._shared: list[Widget] = []

    @property
    def layout(self) -> Layout:
        """The one of all that it makes."""
        if self._layout is None:
            self._layout = Layout()
            self._shared.append(self._layout)
        return self._layout

    def batch(self) -> Kit:
        """Give a kit for widgets that come and go together, and refer to none that was opened before.

        A page that is loading hears of what is opened, and does not know yet what there was before. It waits two seconds for
        what a new widget refers to; then that breaks, and all that holds it.
        """
        made = copy(self)
        made._begin()
        return made

    def report(self, error: Exception | None) -> None:
        """Tell that a click begins, or how it failed."""
        self._blamed[0] = None
        self._tell(error)

    def button(self, label: str, do: Callable[[], object], *, tip: str = "", kind: str = "") -> Button:
        """Make a button that calls `do`; `kind` is a CSS class more."""
        made: Button = self._plain(Button, "mj-button", *([kind] if kind else []), description=label, tooltip=tip)
        made.on_click(guarded(do, self.report))
        answer_while_busy(made)
        return made

    def row(self, children: Sequence[Widget], kind: str) -> HBox:
        """Put widgets beside each other."""
        return HBox(children, layout=self.layout, _dom_classes=[kind])

    def column(self, children: Sequence[Widget], kind: str) -> VBox:
        """Put widgets below each other."""
        return VBox(children, layout=self.layout, _dom_classes=[kind])

    def label(self, text: str, kind: str) -> Label:
        """Make a heading."""
        return self._plain(Label, kind, value=text)

    def field(self, kind: type[Widget], do: Callable[[], object], *, name: str = "mj-field", **traits: Any) -> Any:
        """Make a stock input that calls `do` when its value changes; `name` is its CSS class."""
        made = self._plain(kind, name, **traits)

        def changed(_change: object) -> None:
            try:
                do()
            except Exception as error:  # what was said before stays: somebody is typing
                log.exception("A change failed")
                self.report(error)
                self._blamed[0] = made
            else:
                if self._blamed[0] is made:  # it was corrected
                    self.report(None)

        made.observe(changed, names="value")
        answer_while_busy(made)
        return made

    def text(self, text: str, kind: str) -> HTML:
        """Make a text that is shown as it is; a label would draw what stands between dollar signs as mathematics."""
        return self._plain(HTML, kind, value=escape(text))

    def _plain(self, kind: type[Widget], *classes: str, **traits: Any) -> Any:
        if kind in self._styles:
            traits["style"] = self._styles[kind]
        made = kind(layout=self.layout, _dom_classes=classes, **traits)
        if kind not in self._styles:
            self._styles[kind] = made.style
            self._shared.append(made.style)
        return made

    def discard(self, *widgets: Widget) -> None:
        """Close widgets with all that is in them, when a page that is still drawing them has had time to do so.

        Those of one batch are discarded together.
        """
        self._leaving.add(widgets)

    def close(self) -> None:
        """Close what was discarded, and what is shared, after all that was made with it."""
        self._leaving.close()


class Leaving:
    """Widgets that were discarded, and stay open for a while.

    Parameters
    ----------
    grace : float
        Seconds.
    keep : list of Widget
        Layouts and styles that others go on using, until all is closed.
    """

    def __init__(self, grace: float, *, keep: list[Widget]) -> None:
        self._grace = grace
        self._keep = keep
        self._waiting: list[tuple[float, tuple[Widget, ...]]] = []
        self._lock = threading.Lock()

    def add(self, widgets: tuple[Widget, ...]) -> None:
        """Close them later, and now those whose time has come."""
        now = time.monotonic()
        with self._lock:
            self._waiting.append((now + self._grace, widgets))
            due = [each for end, each in self._waiting if end <= now]
            self._waiting = [(end, each) for end, each in self._waiting if end > now]
        for each in due:
            self._close(each)

    def close(self) -> None:
        """Close all, and at last what was kept."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for _, each in waiting:
            self._close(each)
        for kept in self._keep:
            kept.close()

    def _close(self, widgets: Iterable[Widget]) -> None:
        """Close from the outside in, and what they share at last.

        A widget that is open and refers to a closed one would break the page's next load for the whole kernel: its state
        could not be told.
        """
        shared: dict[Widget, None] = {}
        for widget in widgets:
            self._shut(widget, shared)
        for each in shared:
            if each not in self._keep:
                each.close()

    def _shut(self, widget: Widget, shared: dict[Widget, None]) -> None:
        widget.close()
        for part in (*getattr(widget, "children", ()), getattr(widget, "style", None), widget.layout):
            if isinstance(part, Layout | Style):
                shared[part] = None
            elif part is not None:
                self._shut(part, shared)

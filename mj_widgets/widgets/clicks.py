"""Buttons whose clicks are handled while a cell runs, and whose errors are seen."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from ipywidgets import HTML, Button, ButtonStyle, HBox, Label, Layout, Style, VBox, Widget
from ipywidgets.widgets.widget_string import LabelStyle

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
    """Makes the stock widgets of one control, which share their layout and styles: each is a model that the browser loads.

    Parameters
    ----------
    report : callable
        Is told None when a click begins, and the exception when it fails.
    grace : float
        Seconds that a discarded widget stays open.
    """

    def __init__(self, report: Callable[[Exception | None], None], *, grace: float = GRACE) -> None:
        self._tell = report
        self._blamed: object = None  # the input whose exception is shown
        self._grace = grace
        self._leaving: list[tuple[float, Widget]] = []
        self._lock = threading.Lock()
        self.layout = Layout()
        self._button_style = ButtonStyle()
        self._label_style = LabelStyle()
        self._shared: list[Widget] = [self.layout, self._button_style, self._label_style]
        self._styles: dict[type[Widget], Style] = {}

    def report(self, error: Exception | None) -> None:
        """Tell that a click begins, or how it failed."""
        self._blamed = None
        self._tell(error)

    def button(self, label: str, do: Callable[[], object], *, tip: str = "", kind: str = "") -> Button:
        """Make a button that calls `do`; `kind` is a CSS class more."""
        classes = ["mj-button", *([kind] if kind else [])]
        made = Button(description=label, tooltip=tip, layout=self.layout, style=self._button_style, _dom_classes=classes)
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
        return Label(text, layout=self.layout, style=self._label_style, _dom_classes=[kind])

    def field(self, kind: type[Widget], do: Callable[[], object], *, name: str = "mj-field", **traits: Any) -> Any:
        """Make a stock input that calls `do` when its value changes; `name` is its CSS class."""
        made = self._plain(kind, name, **traits)

        def changed(_change: object) -> None:
            try:
                do()
            except Exception as error:  # what was said before stays: somebody is typing
                log.exception("A change failed")
                self.report(error)
                self._blamed = made
            else:
                if self._blamed is made:  # it was corrected
                    self.report(None)

        made.observe(changed, names="value")
        answer_while_busy(made)
        return made

    def text(self, text: str, kind: str) -> HTML:
        """Make a text that is shown as it is; a label would draw what stands between dollar signs as mathematics."""
        return self._plain(HTML, kind, value=escape(text))

    def _plain(self, kind: type[Widget], name: str, **traits: Any) -> Any:
        if kind in self._styles:
            traits["style"] = self._styles[kind]
        made = kind(layout=self.layout, _dom_classes=[name], **traits)
        if kind not in self._styles:
            self._styles[kind] = made.style
            self._shared.append(made.style)
        return made

    def discard(self, widget: Widget) -> None:
        """Close a widget with all that is in it, when a page that is still drawing it has had time to do so."""
        now = time.monotonic()
        with self._lock:
            self._leaving.append((now + self._grace, widget))
            due = [each for end, each in self._leaving if end <= now]
            self._leaving = [(end, each) for end, each in self._leaving if end > now]
        for each in due:
            self._close(each)

    def close(self) -> None:
        """Close what was discarded, and what is shared, after all that was made with it."""
        with self._lock:
            leaving, self._leaving = self._leaving, []
        for _, each in leaving:
            self._close(each)
        for shared in self._shared:
            shared.close()

    def _close(self, widget: Widget) -> None:
        """Close from the outside in.

        A widget that is open and refers to a closed one would break the page's next load for the whole kernel: its state
        could not be told.
        """
        widget.close()
        for part in (*getattr(widget, "children", ()), getattr(widget, "style", None), widget.layout):
            if isinstance(part, Layout | Style):
                if part not in self._shared:
                    part.close()
            elif part is not None:
                self._close(part)

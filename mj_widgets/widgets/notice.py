"""The line that a control speaks through; it also tells whether the kernel hears the clicks on that control."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anywidget
import traitlets

from mj_widgets.widgets.clicks import answer_while_busy
from mj_widgets.widgets.fallback import Keeper
from mj_widgets.widgets.pictures import module, style

SANDBOX = "Sandbox: simulated pictures. Set ACEDATACLOUD_API_TOKEN to use the real service"


class Notice(Keeper, anywidget.AnyWidget):
    """What the control has to say: that it simulates, what went wrong, that the kernel is busy.

    Its view listens on the whole control around it. Each click is announced to the kernel; when no answer comes within a
    second, the view says that the kernel is busy. Once the kernel has answered, the view hides the control's static twin.

    Parameters
    ----------
    name : str
        The control's, as in its CSS classes ``mj-live-<name>`` and ``mj-twin-<name>``.
    heard : callable
        Is called with the prompt as it stands in the browser when something is clicked: while the kernel is busy the
        browser holds back what was typed, and a click must not send an older text.
    generate : callable
        Is called for Ctrl/⌘+Enter in the prompt box.
    remixed : callable, optional
        Is called in the same way with the id of a generation and the words in its remix box, for each that is open.
    greeted : callable, optional
        Is called when a view begins, and again until it is answered.
    pressed : callable, optional
        Is given each message before anything else comes of it, for what keys in the form ask: the kinds ``walk`` with the steps
        ``back`` through earlier prompts, and ``search``. ``seen`` says what stood on the button that was pressed.
    wish : callable
        Is given what a view wishes for; see `Calls.hear`.
    """

    _esm = module("twin", "prompt", "notice")
    _css = style("grid", "strip", "notice", "studio", "form")

    state = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        name: str,
        *,
        sandbox: bool,
        heard: Callable[[str], None],
        generate: Callable[[], object],
        wish: Callable[[dict[str, Any]], None],
        remixed: Callable[[str, str], None] | None = None,
        greeted: Callable[[], None] = lambda: None,
        pressed: Callable[[dict[str, Any]], None] | None = None,
        **traits: Any,
    ) -> None:
        said = {"text": "", "alarm": False, "details": "", "code": "", "undo": ""}
        super().__init__(state={"name": name, "sandbox": SANDBOX if sandbox else "", **said}, **traits)
        self._heard = heard
        self._generate = generate
        self._wish = wish
        self._remixed = remixed
        self._greeted = greeted
        self._pressed = pressed
        answer_while_busy(self)
        self.on_msg(self._hear)

    @property
    def text(self) -> str:
        """What it says now; empty when there is nothing but the sandbox to speak of."""
        return str(self.state["text"])

    @property
    def code(self) -> str:
        """The line of Python that the last click was."""
        return str(self.state["code"])

    def say(self, text: str, *, alarm: bool = False, details: str = "") -> None:
        """Say something; empty text takes it back. The details are folded away."""
        self.state = {**self.state, "text": text, "alarm": alarm, "details": details}

    def show_code(self, code: str, *, undo: str = "") -> None:
        """Show what a click was in Python; `undo` is the id of a generation that it deleted."""
        self.state = {**self.state, "code": code, "undo": undo}

    def _hear(self, _widget: object, message: dict[str, Any], _buffers: object) -> None:
        self.send({"kind": "here", "key": message.get("key")})
        if message.get("kind") == "hello":
            self.send_state(["state", "twin_mark"])
            self._greeted()
        if isinstance(message.get("prompt"), str):
            self._heard(message["prompt"])
        if self._remixed and isinstance(message.get("remix"), dict):
            for id_, words in message["remix"].items():
                self._remixed(str(id_), str(words))
        if self._pressed:
            self._pressed(message)
        if message.get("kind") == "generate":
            self._generate()
        if message.get("kind") == "wish":
            self._wish(message)

"""What the service says in words: a shorter prompt, one in English, or prompts that might have made a picture."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

from ipywidgets import Button, VBox, Widget

from mj_widgets.models import Status, TextRequest
from mj_widgets.prompt.parse import parse
from mj_widgets.prompt.pricing import estimate
from mj_widgets.prompt.rules import lint
from mj_widgets.widgets.calls import Calls, line
from mj_widgets.widgets.clicks import Kit
from mj_widgets.widgets.fold import SHUT

if TYPE_CHECKING:
    from mj_widgets.session.answer import Answer
    from mj_widgets.session.generation import Generation
    from mj_widgets.session.session import Session

_TIPS = {
    "shorten": "Ask for up to five shorter prompts",
    "translate": "Ask for the prompt in English",
    "describe": "Ask for four prompts that might have made a picture",
}
_WHICH = "Describe asks about the picture whose address starts the prompt, or else about the latest picture here."
_NO_ADDRESS = {"local-file", "address", "no-https", "wrapped", "glued-addresses"}  # the linter's rules
_PAGE = 3
_SHORT = 80  # characters of a question


class Texts(VBox):  # type: ignore[misc] # ipywidgets has no types
    """Three questions, and the answers that the session keeps, newest first: they were paid for.

    Parameters
    ----------
    kit : Kit
        Makes its parts.
    session : Session
        Is asked.
    calls : Calls
        Does what is clicked.
    text : callable
        Gives the text in the prompt box.
    take : callable
        Is given the text that shall be the prompt.

    Attributes
    ----------
    buttons : dict of str to Button
        By the name of the question: ``shorten``, ``translate``, ``describe``.
    """

    children: tuple[Widget, ...]

    def __init__(
        self, kit: Kit, session: Session, calls: Calls, *, text: Callable[[], str], take: Callable[[str], None]
    ) -> None:
        self._kit = kit
        self._session = session
        self._calls = calls
        self._text = text
        self._take = take
        self._room = _PAGE
        self._lock = threading.RLock()
        self._spoken: dict[str, Spoken] = {}
        asks = {"shorten": self._shorten, "translate": self._translate, "describe": self._describe}
        self.buttons = {name: kit.button(name.capitalize(), ask) for name, ask in asks.items()}
        self._older = kit.button("Older answers", self._show_older, tip="Show earlier answers of this session")
        self._head = (kit.row([*self.buttons.values()], "mj-group"), kit.text(_WHICH, "mj-quiet"))
        super().__init__((*self._head, self._older), layout=kit.layout, _dom_classes=["mj-texts"])

    @property
    def answers(self) -> tuple[Spoken, ...]:
        """Those that are shown, newest first."""
        return tuple(part for part in self.children if isinstance(part, Spoken))

    def turn(self, on: bool) -> None:
        """Look again when it opens."""
        if on:
            self.refresh()

    def refresh(self) -> None:
        """Show the latest answers of the session, and what a question costs now."""
        for name, button in self.buttons.items():
            price = estimate(endpoint=name, prices=self._session.prices)
            button.tooltip = f"{_TIPS[name]} ({'cost not known' if price.credits is None else price})"
        with self._lock:
            every = [answer for answer in reversed(self._session.answers) if answer.request.action in self.buttons]
            for answer in every[: self._room]:
                if answer.id not in self._spoken:
                    self._spoken[answer.id] = Spoken(self._kit, self._calls, answer, self._use)
            shown = [self._spoken[answer.id] for answer in every if answer.id in self._spoken]
            (self._older.remove_class if len(every) > len(shown) else self._older.add_class)(SHUT)
            self.children = (*self._head, *shown, self._older)

    def _show_older(self) -> None:
        self._room += _PAGE
        self.refresh()

    def _shorten(self) -> None:
        words = parse(self._text()).words
        self._ask("shorten", words, partial(self._session.shorten, words))

    def _translate(self) -> None:
        words = parse(self._text()).words
        self._ask("translate", words, partial(self._session.translate, words))

    def _describe(self) -> None:
        for found in lint(self._text()):
            if found.rule in _NO_ADDRESS:
                raise ValueError(f"{found.message} Nothing was sent.")
        address = next(iter(parse(self._text()).images), None)
        if address is not None:
            self._ask("describe", address, partial(self._session.describe, address))
            return
        latest = next((gen for gen in reversed(self._session.generations) if gen.image), None)
        if latest is None or latest.image is None:
            raise ValueError("There is no picture here yet: put the address of one into the box (https://…).")
        self._ask("describe", latest.image.url, partial(self._session.describe, latest), said=f"session[{latest.id!r}]")

    def _ask(self, name: str, content: str, call: Callable[[], Answer[Any]], *, said: str = "") -> None:
        if not content:
            raise ValueError("There are no words in the box: say what to draw.")
        asked = TextRequest.model_validate({"action": name, "content": content})
        if any((a.request.action, getattr(a.request, "content", "")) == (name, asked.content) for a in self._running()):
            raise ValueError("This is being asked already: the answer comes below.")
        if self._calls.do(f"session.{name}({said or repr(content)})", call) is not None:
            self._room += 1
            self.refresh()

    def _running(self) -> list[Answer[Any]]:
        return [answer for answer in self._session.answers if not answer.status.ended]

    def _use(self, answer: Answer[Any], text: str) -> None:
        """Make a text the prompt; of the prompt that it was made from, pictures and parameters stay."""
        prompt = parse(self._text())
        request = answer.request
        if isinstance(request, TextRequest) and request.action != "describe" and request.content == prompt.words:
            said = parse(text)
            flags = [prompt.text[slice(*found.span)] for found in prompt.parameters if found.name not in said]
            text = " ".join([*prompt.images, text, *flags])
        self._take(text)


class Spoken(VBox):  # type: ignore[misc] # ipywidgets has no types
    """One answer, live: what was asked, how far it is, and its texts, each a click from being the prompt.

    Parameters
    ----------
    kit : Kit
        Makes its parts.
    calls : Calls
        Does what is clicked.
    answer : Answer
        Is shown, and followed.
    use : callable
        Is called with the answer and the text that was chosen.

    Attributes
    ----------
    uses : tuple of Button
        One for each text.
    """

    children: tuple[Widget, ...]

    def __init__(self, kit: Kit, calls: Calls, answer: Answer[Any], use: Callable[[Answer[Any], str], None]) -> None:
        self.answer = answer
        self.uses: tuple[Button, ...] = ()
        self._kit = kit
        self._calls = calls
        self._use = use
        self._lock = threading.Lock()
        self._status: Status | None = None
        asked = f"picture of {answer.parent.prompt}" if answer.parent else str(getattr(answer.request, "content", ""))
        short = asked if len(asked) <= _SHORT else f"{asked[:_SHORT]}…"
        own = kit.batch()
        self._head = own.text(f"{answer.request.action.capitalize()} · {short}", "mj-quiet")
        self.said = own.text("", "mj-said")
        super().__init__((self._head, self.said), layout=own.layout, _dom_classes=["mj-answer"])
        self._unwatch = answer.watch(self.refresh)
        self.refresh(answer)

    def refresh(self, _: Generation) -> None:
        """Show what has become of it. Safe in any thread."""
        with self._lock:
            if self.comm is None or self.answer.status is self._status:
                return
            self._status = self.answer.status
            self.said.value = _state(self.answer)
            before, self.uses, rows, batch = self.children[2:], (), [], self._kit.batch()
            if self._status is Status.SUCCEEDED:
                texts = [text for text in self.answer.outcome.texts if text.strip()]
                self.uses = tuple(
                    batch.button(
                        "Use", partial(self._use, self.answer, text), tip=f"Make this the prompt: {text[:500]}", kind="mj-use"
                    )
                    for text in texts
                )
                rows = [
                    batch.row([batch.text(text, "mj-said"), use], "mj-choice")
                    for text, use in zip(texts, self.uses, strict=True)
                ]
            elif self._status is Status.STOPPED:
                rows = [batch.button("▶ Resume", self._resume, tip="Ask for it again, where it was not sent")]
            self.children = (self._head, self.said, *rows)
            self._kit.discard(*before)

    def close(self) -> None:
        """Close it, and follow the answer no longer."""
        self._unwatch()
        with self._lock:
            super().close()

    def _resume(self) -> None:
        self._calls.do(line(self.answer, "resume"), self.answer.resume)


def _state(answer: Answer[Any]) -> str:
    """Say in HTML how far an answer is; its texts are apart."""
    if not answer.status.ended:
        since = max(0, time.time() - answer.created_at)
        usual = answer.expected
        told = f" of about {usual:.0f} s" if usual else ""
        name = escape(answer.request.action, quote=True)
        return (
            f'<progress aria-label="{name}"></progress> '
            f'<span class="mj-elapsed" style="animation-delay: -{since:.0f}s"></span>{told}'
        )
    if answer.status is Status.SUCCEEDED:
        return "" if any(text.strip() for text in answer.outcome.texts) else "The answer holds no text."
    word = answer.status.value.capitalize()
    return f"<b>{word}</b> {escape(str(answer.error)) if answer.error else ''}"

"""The control: a form of stock widgets, and below it a wall of what it made."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, get_args

from ipywidgets import Button, Dropdown, Textarea, Widget

from mj_widgets.errors import SessionError
from mj_widgets.models import Mode
from mj_widgets.prompt.parse import parse
from mj_widgets.widgets.clicks import guarded
from mj_widgets.widgets.finder import Finder
from mj_widgets.widgets.findings import Findings
from mj_widgets.widgets.fold import Fold
from mj_widgets.widgets.history import Earlier, History
from mj_widgets.widgets.panel import Panel
from mj_widgets.widgets.plan import LONGEST, MANY, Plan, read
from mj_widgets.widgets.prompts import Prompts
from mj_widgets.widgets.texts import Texts
from mj_widgets.widgets.wall import Wall

if TYPE_CHECKING:
    from mj_widgets.session.generation import Generation
    from mj_widgets.session.session import Session

_MODE_TIP = "fast: the default · relax: slower and cheaper · turbo: faster and dearer"
_GENERATE_TIP = "Draw four pictures (Ctrl+Enter, ⌘+Enter)"


class Studio(Wall):
    """A prompt box, a mode, and the session's pictures with what can be done next.

    Make it the last line of a cell. It shows the session's latest generations, and those that other cells make.

    Parameters
    ----------
    session : Session
        Where the pictures are made and kept.

    Attributes
    ----------
    prompt : Textarea
        Ctrl/⌘+Enter in it generates; ↑ and ↓ go through earlier prompts.
    mode : Dropdown
        ``fast``, ``relax`` or ``turbo``; a flag such as ``--turbo`` in the prompt moves it.
    generate : Button
        Says how many prompts it sends, and what they cost. It is off where nothing can be sent. What the linter calls an error
        does not turn it off: a refusal costs nothing, and the service may have learnt what the linter has not.
    plan : Plan
        What that button does.
    findings : Findings
        What is wrong with the prompt.
    prompts : Prompts
        What the braces in the prompt stand for.
    folds : dict of str to Fold
        What is folded away: ``parameters``, ``history``, ``words``, ``find`` and ``lineage``.

    Examples
    --------
    >>> studio = Studio(session)
    >>> studio.prompt.value = "a {red, white} fox"
    >>> studio.generate.description
    'Generate 2 · ≈ 0.54 credits'
    >>> studio.generate.click()
    >>> [card.generation.prompt for card in studio.cards]
    ['a white fox', 'a red fox']
    """

    prompt: Textarea
    mode: Dropdown
    generate: Button
    plan: Plan

    def __init__(self, session: Session) -> None:
        self._planning = threading.RLock()  # the box and the mode may change on different threads
        self._meant = False  # that so many are sent; any change takes it back
        self._seen: str | None = None  # what stood on the button when it was pressed in a browser
        super().__init__(session)

    # What it is made of

    def _form(self) -> tuple[Widget, ...]:
        kit = self.kit
        self.earlier = Earlier(self.session)
        self.prompt = kit.field(Textarea, self._typed, name="mj-prompt-box", placeholder="What shall be drawn?")
        self.mode = kit.field(Dropdown, self._replan, name="mj-mode", options=get_args(Mode), tooltip=_MODE_TIP)
        self.generate = kit.button("Generate", self._imagine, kind="mj-primary")
        self.generate.add_class("mj-generate")
        self.prompts = Prompts(kit)
        self.findings = Findings(kit, self._write)
        makers: dict[str, tuple[Callable[[], Widget], str]] = {
            "parameters": (self._make_panel, "Aspect ratio, version, stylize and others, which are written into the prompt"),
            "history": (self._make_history, "Earlier prompts (Ctrl+R in the box; ↑ and ↓ go through them)"),
            "words": (self._make_texts, "Shorten or translate the prompt, or describe a picture"),
        }
        self.folds = {name: Fold(kit, name.capitalize(), make, tip=tip) for name, (make, tip) in makers.items()}
        tools = kit.row([self.mode, *(fold.toggle for fold in self.folds.values()), self.generate], "mj-tools")
        boxes = [fold.box for fold in self.folds.values()]
        self._replan()
        return (kit.column([self.prompt, tools, self.prompts, self.findings, *boxes], "mj-form"),)

    def _tools(self) -> tuple[Widget, ...]:
        find = Fold(self.kit, "Find", self._make_finder, tip="Find by words, tag, rating or day; see what was deleted")
        lineage = Fold(self.kit, "Lineage", self._make_family, tip="Where each picture came from")
        self.folds |= {"find": find, "lineage": lineage}
        return (self.kit.row([find.toggle, lineage.toggle], "mj-shelf"), find.box, lineage.box)

    def _make_panel(self) -> Widget:
        return Panel(self.kit, text=self._text, write=self._write, lock=self._planning)

    def _make_history(self) -> Widget:
        return History(self.kit, self.earlier, self._recall)

    def _make_texts(self) -> Widget:
        return Texts(self.kit, self.session, self.calls, text=self._text, take=self._take)

    def _make_finder(self) -> Widget:
        return Finder(self.kit, self.session, self.filter)

    def _make_family(self) -> Widget:
        from mj_widgets.widgets.lineage import Family

        return Family(self.session, show=self.show, calls=self.calls)

    # The text in the box

    def _text(self) -> str:
        return str(self.prompt.value)

    def _write(self, text: str) -> None:
        self.prompt.value = text

    def _take(self, text: str) -> None:
        """Put another text into the box; ↑ brings back what stood there."""
        before = self._text()
        if before not in (text, *self.earlier.prompts):
            self.earlier.keep(before)
        self._write(text)

    def _recall(self, text: str) -> None:
        self._take(text)
        self.folds["history"].open(False)

    def _typed(self) -> None:
        text = self._text()
        wanted = parse(text).mode if len(text) <= LONGEST else None
        if wanted:
            self.mode.value = wanted
        self._replan()

    def _replan(self) -> None:
        """Say what the text comes to."""
        with self._planning:
            self.plan = read(self._text(), self.mode.value, prices=self.session.prices)
            self._meant = False
            self.generate.description = self.plan.label
            self.generate.disabled = bool(self.plan.refusal)
            self.generate.tooltip = self._tip()
            self.prompts.show(self.plan.prompts)
            self.findings.show(self.plan.findings)
            panel = self.folds["parameters"]
            if panel.is_open and isinstance(panel.content, Panel) and len(self.plan.text) <= LONGEST:
                panel.content.read()

    def _tip(self) -> str:
        if self.plan.refusal or self.plan.price is None:
            return self.plan.refusal
        price = self.plan.price
        told = "Simulated: nothing is charged. " if self.session.simulated else ""
        return f"{_GENERATE_TIP}. {told}Cost: {self.plan.cost.removeprefix('cost ')} ({price.source}, {price.date})"

    # What is pressed

    def _imagine(self) -> None:
        seen, self._seen = self._seen, None
        with self._planning:
            plan, number = self.plan, len(self.plan.prompts)
            if number > 1 and seen not in (None, self.generate.description):  # it was pressed before it could say this
                self.notice.say(f"The braces stand for {number} prompts, {plan.cost}: press again to send them.")
                return
            if number > MANY and not self._meant:
                self._meant = True
                self.generate.description = f"Generate all {number} · {plan.cost}"
                self.notice.say(f"{number} prompts are many, {plan.cost}: press again to send them all.")
                return
            self._meant = False
            self.generate.description = plan.label
        for gen in self.calls.do(plan.code, lambda: self._submit(plan)) or ():
            self.add(gen)

    def _submit(self, plan: Plan) -> list[Generation]:
        plan.check(self.session.cap, self.session.held)
        made: list[Generation] = []
        try:
            for prompt in plan.prompts:
                made.append(self.session.imagine(prompt, mode=plan.mode))  # noqa: PERF401 - those before an error are kept
        except Exception as error:
            if made:
                raise SessionError(f"{len(made)} of {len(plan.prompts)} were sent, and then: {error}") from error
            raise
        finally:
            self.earlier.sent(plan.text, made)
        return made

    def _heard(self, prompt: str) -> None:
        self.prompt.set_state({"value": prompt})  # as the box itself tells it: what was typed since is not overwritten

    def _generate(self) -> None:
        self.generate.click()

    def _pressed(self, message: dict[str, Any]) -> None:
        if isinstance(message.get("seen"), str):
            self._seen = message["seen"].strip()
        if message.get("kind") == "walk":
            guarded(lambda: self._walk(1 if message.get("back") == 1 else -1), self._report)()
        elif message.get("kind") == "search":
            self.folds["history"].open()

    def _walk(self, back: int) -> None:
        text = self.earlier.step(back, self._text())
        if text is not None:
            self._write(text)

    # What happens to it

    def _changed(self, generation: Generation) -> None:
        super()._changed(generation)
        finder = self.folds["find"].content
        if isinstance(finder, Finder) and generation.status.ended:
            finder.count()

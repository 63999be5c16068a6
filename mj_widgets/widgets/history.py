"""Earlier prompts: walked through with the arrow keys, or searched as one types."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from ipywidgets import Button, Text, VBox

from mj_widgets.widgets.clicks import Kit
from mj_widgets.widgets.fold import SHUT

if TYPE_CHECKING:
    from mj_widgets.session.generation import Generation
    from mj_widgets.session.session import Session

_SHOWN = 8
_KEPT = 50  # texts that were never sent

# What was typed for a generation, by its id: braces, mode flags and pasted dashes are not in its request. One for all the
# controls of a session, as long as the process lives; a session that is opened later has the requests.
_typed: WeakKeyDictionary[Session, dict[str, str]] = WeakKeyDictionary()


class Earlier:
    """The earlier prompts of a session, and a place among them.

    Parameters
    ----------
    session : Session
        Whose prompts.

    Examples
    --------
    >>> earlier = Earlier(session)
    >>> earlier.sent("a {red, blue} fox", [session.imagine("a red fox"), session.imagine("a blue fox")])
    >>> earlier.sent("a cat --turbo", [session.imagine("a cat --turbo")])
    >>> [earlier.step(1, "a do"), earlier.step(1, "a cat --turbo"), earlier.step(-1, "a {red, blue} fox")]
    ['a cat --turbo', 'a {red, blue} fox', 'a cat --turbo']
    >>> earlier.step(-1, "a cat --turbo")
    'a do'
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._kept: list[str] = []
        self._at = 0  # 0 is what is being typed
        self._walk: tuple[str, ...] = ()

    @property
    def prompts(self) -> tuple[str, ...]:
        """Each once, latest first: those kept that were never sent, then those sent, as they were typed."""
        typed = _typed.get(self._session, {})
        sent = (typed.get(gen.id, gen.request.prompt) for gen in reversed(self._session.generations))
        return tuple(dict.fromkeys(filter(None, (*reversed(self._kept), *sent))))

    def sent(self, text: str, generations: Iterable[Generation]) -> None:
        """Remember what was typed for generations."""
        _typed.setdefault(self._session, {}).update((gen.id, text) for gen in generations)
        self._kept = [kept for kept in self._kept if kept != text]

    def keep(self, text: str) -> None:
        """Remember a text that a click replaced before it was sent."""
        if text.strip():
            self._kept = [*(kept for kept in self._kept if kept != text), text][-_KEPT:]

    def step(self, back: int, text: str) -> str | None:
        """Go a step back (1) or forth (-1) from a text; None when there is no more.

        A text that is not the one that was given last is what is being typed: it comes back at the end.
        """
        if not self._walk or self._walk[self._at] != text:
            self._walk = (text, *(prompt for prompt in self.prompts if prompt != text))
            self._at = 0
        if not 0 <= self._at + back < len(self._walk):
            return None
        self._at += back
        return self._walk[self._at]


class History(VBox):  # type: ignore[misc] # ipywidgets has no types
    """A search among earlier prompts.

    Parameters
    ----------
    kit : Kit
        Makes its parts.
    earlier : Earlier
        Where it looks.
    take : callable
        Is given the prompt that was chosen.

    Attributes
    ----------
    search : Text
        Words that the prompts must hold, in any order; Enter takes the first prompt.
    found : tuple of str
        The prompts that are shown.
    """

    def __init__(self, kit: Kit, earlier: Earlier, take: Callable[[str], None]) -> None:
        self._kit = kit
        self._earlier = earlier
        self._take = take
        self.found: tuple[str, ...] = ()
        self.search = kit.field(Text, self.refresh, placeholder="Search earlier prompts", tooltip="Enter takes the first")
        self.search.on_msg(self._entered)
        self._buttons = tuple(self._button(number) for number in range(_SHOWN))
        self._more = kit.text("", "mj-quiet")
        super().__init__((self.search, *self._buttons, self._more), layout=kit.layout, _dom_classes=["mj-history"])

    def turn(self, on: bool) -> None:
        """Look again when it opens."""
        if on:
            self.refresh()

    def refresh(self) -> None:
        """Show what the words find now."""
        words = self.search.value.casefold().split()
        found = [prompt for prompt in self._earlier.prompts if all(word in prompt.casefold() for word in words)]
        self.found = tuple(found[:_SHOWN])
        for number, button in enumerate(self._buttons):
            shown = number < len(self.found)
            if shown:
                button.description = " ".join(self.found[number].split())[:300]
                button.tooltip = self.found[number][:2000]
            (button.remove_class if shown else button.add_class)(SHUT)
        hidden = len(found) - len(self.found)
        self._more.value = f"and {hidden} more" if hidden else "" if found else "No earlier prompt is like that."

    def _button(self, number: int) -> Button:
        return self._kit.button("", lambda: self._take(self.found[number]), kind="mj-earlier")

    def _entered(self, _widget: object, message: dict[str, Any], _buffers: object) -> None:
        if message.get("event") == "submit" and self.found:
            self._take(self.found[0])

"""What a person does with the mouse or a key, as a line of Python: done, shown, and its error seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from mj_widgets.widgets.clicks import guarded

if TYPE_CHECKING:
    from mj_widgets.session.generation import Generation

T = TypeVar("T")
Verb = Callable[["Generation", dict[str, Any]], object]


class Calls:
    """Does what the views of one control wish for. Safe in any thread.

    A wish is a message ``{"kind": "wish", "verb": ..., "id": ...}`` with what else the verb needs: ``act`` an ``action`` and
    perhaps a ``prompt``; ``rate`` a ``tile`` and ``stars``; ``favourite`` a ``tile`` and ``on``; ``tag`` and ``untag`` a list
    ``tags``; ``note`` a ``text``; ``delete``, ``restore``, ``stop``, ``resume`` and ``show`` nothing.

    Parameters
    ----------
    report : callable
        Is told None when a call begins, and the exception when it fails.
    show_code : callable
        Is given the line of Python that was just done.
    add : callable
        Is called with a generation that was made.
    show : callable
        Is called with a generation that shall be seen.
    """

    def __init__(
        self,
        report: Callable[[Exception | None], None],
        show_code: Callable[[str], None],
        *,
        add: Callable[[Generation], object],
        show: Callable[[Generation], object],
    ) -> None:
        self._report = report
        self._show_code = show_code
        self._add = add
        self._verbs: dict[str, Verb] = {
            "act": lambda gen, wish: self.act(gen, str(wish["action"]), prompt=wish.get("prompt") or None),
            "rate": lambda gen, wish: self._mark(gen, "rate", wish.get("stars"), tile=int(wish.get("tile") or 0)),
            "favourite": lambda gen, wish: self._mark(gen, "favourite", bool(wish["on"]), tile=int(wish.get("tile") or 0)),
            "tag": lambda gen, wish: self._mark(gen, "tag", *map(str, wish["tags"])),
            "untag": lambda gen, wish: self._mark(gen, "untag", *map(str, wish["tags"])),
            "note": lambda gen, wish: self._mark(gen, "note", str(wish["text"])),
            "delete": lambda gen, _: self._mark(gen, "delete"),
            "restore": lambda gen, _: self._mark(gen, "restore"),
            "stop": lambda gen, _: self._mark(gen, "stop"),
            "resume": lambda gen, _: self._mark(gen, "resume"),
            "show": lambda gen, _: show(gen),
        }

    def on(self, verb: str, do: Verb) -> None:
        """Know one verb more: `do` is called with the generation and the message."""
        self._verbs[verb] = do

    def do(self, code: str, call: Callable[[], T]) -> T | None:
        """Do a call and show its line; None when it failed, which is shown and logged."""
        done: list[T] = []
        guarded(lambda: done.append(call()), self._report)()
        if not done:
            return None
        self._show_code(code)
        return done[0]

    def act(self, generation: Generation, action: str, *, prompt: str | None = None) -> Generation | None:
        """Do what the service offers to do next, and show what comes of it."""
        return self.make(line(generation, "act", action, prompt=prompt), lambda: generation.act(action, prompt=prompt))

    def make(self, code: str, call: Callable[[], Generation]) -> Generation | None:
        """Do a call that makes a generation, and show its line and what comes of it."""
        made = self.do(code, call)
        if made is not None:
            self._show_code(made.code)  # as people write it
            self._add(made)
        return made

    def hear(self, message: dict[str, Any], find: Callable[[str], Generation]) -> None:
        """Do what a view wishes for; what cannot be done is shown."""

        def wish() -> None:
            verb = str(message.get("verb"))
            if verb not in self._verbs:
                raise ValueError(f"This control does not know how to {verb!r}.")
            self._verbs[verb](find(str(message["id"])), message)

        guarded(wish, self._report)()

    def _mark(self, generation: Generation, name: str, *arguments: Any, **named: Any) -> None:
        self.do(line(generation, name, *arguments, **named), lambda: getattr(generation, name)(*arguments, **named))


def line(generation: Generation, name: str, *arguments: Any, **named: Any) -> str:
    """Write a call on a generation as Python."""
    said = [*map(repr, arguments), *(f"{key}={value!r}" for key, value in named.items() if value)]
    return f"session[{generation.id!r}].{name}({', '.join(said)})"

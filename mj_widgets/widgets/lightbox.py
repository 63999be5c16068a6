"""One picture at a time, large, with all that is known of it and can be done with it; and the keys of a control's pictures."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import traitlets

from mj_widgets.models import Status
from mj_widgets.prompt.parse import parse
from mj_widgets.session.pace import took
from mj_widgets.widgets.actions import grouped, offered, tip
from mj_widgets.widgets.grid import changed_words, marks_of, step_of
from mj_widgets.widgets.pictures import PictureWidget, module, style

if TYPE_CHECKING:
    from mj_widgets.session.generation import Generation
    from mj_widgets.widgets.calls import Calls

_SUGGESTED = 50  # tags of the session that are offered while one is typed
_REMEMBERED = 64  # generations whose changes the views are told of

_SETTINGS = {"prompt", "source", "mask", "action", "mode", "callback_url"}  # said elsewhere, or nobody's concern


class Lightbox(PictureWidget):
    """Shows a picture of a control large, when one of its views asks with the DOM event ``mj-open``, and hears its keys.

    The event's ``detail`` has the ``id`` of the generation and the ``tile``, 0 for a single picture. The keys act on the
    picture that is shown, or on the ``.mj-tile`` that has the focus.

    Parameters
    ----------
    root : str
        CSS selector of the control that it listens on; its own view stands somewhere in it.
    find : callable
        Gives the generation of an id.
    calls : Calls
        Does what is wished for. Beside the verbs that it knows, ``"region"`` and ``"compare"``; the latter has ``tile``, and
        ``other``, a dict of ``id`` and ``tile``.
    order : callable
        Gives the generations that ← and → walk through, and is called when `refresh` is; those without a picture are skipped.
    """

    _esm = module(*(f"lightbox_{part}" for part in ("zoom", "panel", "wishes", "little", "keys")), "lightbox")
    _css = style("lightbox")

    order = traitlets.List[list[Any]]().tag(sync=True)
    """Pairs of an id and the number of its pictures."""
    versions = traitlets.Dict().tag(sync=True)
    """By id, how often those that a view has asked for have changed since."""

    def __init__(
        self,
        root: str,
        find: Callable[[str], Generation],
        calls: Calls,
        *,
        order: Callable[[], Iterable[Generation]],
        **traits: Any,
    ) -> None:
        said = {"text": "", "alarm": False, "code": "", "undo": ""}
        self._ordered = order
        self._refreshing = threading.Lock()  # any thread may bring a change
        super().__init__({"root": root, **said}, find, calls=calls, **traits)
        self.refresh()

    def refresh(self, changed: Generation | None = None) -> None:
        """Take up the order anew, and the change of a generation. Safe in any thread."""
        with self._refreshing:
            self.order = [[gen.id, 4 if gen.is_grid else 1] for gen in self._ordered() if _shows(gen)]
            if changed is not None and changed.id in self.versions:
                self.versions = {**self.versions, changed.id: self.versions[changed.id] + 1}

    def tell_again(self) -> None:
        """Send what a page may have missed while it was loading."""
        with self._refreshing:
            self.send_state(["state", "order", "versions"])

    def say(self, text: str, *, alarm: bool = False) -> None:
        """Say what went wrong; empty text takes it back. The control's own line is covered while a picture is shown."""
        with self._refreshing:
            self.state = {**self.state, "text": text, "alarm": alarm}

    def show_code(self, code: str, *, undo: str = "") -> None:
        """Show what a click was in Python; `undo` is the id of a generation that it deleted."""
        with self._refreshing:
            self.state = {**self.state, "code": code, "undo": undo}

    def _hear(self, widget: object, message: dict[str, Any], buffers: object) -> None:
        if message.get("kind") == "wish":
            self.send({"kind": "heard", "key": message.get("key")})  # the view says that the kernel is busy until then
        super()._hear(widget, message, buffers)

    def _answer(self, question: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        if question.get("what") != "entry":
            return super()._answer(question)
        generation = self._find(str(question["id"]))
        with self._refreshing:
            asked = {**self.versions, generation.id: self.versions.get(generation.id, 0)}
            self.versions = dict([*asked.items()][-_REMEMBERED:])
            return {"entry": entry_of(generation), "version": asked[generation.id]}, []


def entry_of(generation: Generation) -> dict[str, Any]:
    """Say all that is shown beside a picture."""
    image = generation.image
    return {
        "id": generation.id,
        "prompt": generation.prompt,
        "diff": changed_words(generation),
        "parameters": [*parameters(generation).items()],
        "facts": _facts(generation),
        "marks": {**marks_of(generation), "note": generation.marks.note},
        "known": list(generation.session.tags[:_SUGGESTED]),
        "groups": [
            [heading, [[action.name, action.label, tip(generation, action)] for action in actions]]
            for heading, actions in grouped(offered(generation))
        ],
        "tiles": [1, 2, 3, 4] if generation.is_grid else [0],
        "size": [image.width or 0, image.height or 0] if image else [0, 0],
        "deleted": generation.is_deleted,
        "code": generation.code,
    }


def parameters(generation: Generation) -> dict[str, str]:
    """Give what was asked beside the words: the prompt's parameters, and the request's settings."""
    prompt = parse(generation.prompt)
    found = {parameter.name: parameter.value or "on" for parameter in prompt.parameters}
    if prompt.images:
        found["images"] = "\n".join(prompt.images)
    settings = generation.request.model_dump(exclude=_SETTINGS, exclude_defaults=True)
    return found | {name.replace("_", " "): "on" if value is True else str(value) for name, value in settings.items()}


def _facts(generation: Generation) -> list[tuple[str, str]]:
    seconds = took(generation.outcome)
    made = time.strftime("%Y-%m-%d %H:%M", time.localtime(generation.created_at))
    cost = generation.estimate
    found = {
        "Step": step_of(generation),
        "Mode": getattr(generation.request, "mode", ""),
        "Made": f"{made} at {generation.service}",
        "Took": f"{seconds:.0f} s" if seconds is not None else "",
        "Estimate": "not known" if cost is None else f"≈ {cost:.2g} credits",
        "Id": generation.id,
    }
    return [(name, value) for name, value in found.items() if value]


def _shows(generation: Generation) -> bool:
    image = generation.image
    return generation.status is Status.SUCCEEDED and image is not None and image.path is not None

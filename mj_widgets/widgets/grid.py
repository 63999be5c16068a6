"""One generation as a picture: what was asked, how far it is, the preview coming into focus, then four pictures or one."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import traitlets

from mj_widgets.models import ImagineRequest, Outcome, Status
from mj_widgets.prompt.difference import Piece, word_diff
from mj_widgets.prompt.parse import parse
from mj_widgets.widgets.edges import step
from mj_widgets.widgets.pictures import PictureWidget, checked_side, module, style

if TYPE_CHECKING:
    from mj_widgets.session.generation import Generation
    from mj_widgets.widgets.calls import Calls

CHARGED = "It may have been charged."

_LINES = {
    Status.PENDING: "Waiting to be sent",
    Status.RUNNING: "Drawing",
    Status.SUCCEEDED: "Done",
    Status.FAILED: "Failed",
    Status.UNCONFIRMED: "Not confirmed",
    Status.STOPPED: "Stopped",
}
_PREVIEW_PAUSE = 0.2  # seconds; previews must keep moving while a cell holds up the kernel, so they are few and small
_PREVIEW_LIMIT = 100 * 1024  # bytes
_PROMPT_LIMIT = 2000  # characters shown; the request keeps all
_SAME_RATIO = 0.03  # a nearer ratio is the same one: the frame does not move for it


class Grid(PictureWidget):
    """The picture of one generation.

    Parameters
    ----------
    generation : Generation
        Shown as it is; call `refresh` when it changed.
    calls : Calls, optional
        Does what the view wishes for; without it, it only shows.
    """

    _esm = module("clips", "grid")
    _css = style("grid")

    preview = traitlets.Bytes().tag(sync=True)

    def __init__(self, generation: Generation, *, calls: Calls | None = None, **traits: Any) -> None:
        self.generation = generation
        self._refreshing = threading.Lock()  # the loop's thread and the one that made the card may come together
        self._previewed = 0.0
        self._waiting: dict[str, dict[str, Any]] = {}  # what views asked before there was anything to see, by key
        super().__init__(state_of(generation), lambda _id: generation, calls=calls, **traits)

    def refresh(self) -> None:
        """Show what has become of the generation. Safe in any thread."""
        with self._refreshing:
            state = state_of(self.generation, before=self.state)
            self._show_preview(done=not state["busy"])
            if {**state, "now": 0} != {**self.state, "now": 0}:
                self.state = state
            if self._waiting and not state["busy"]:
                questions, self._waiting = [*self._waiting.values()], {}
                # A view on a fine screen asks for sizes that are not ready: what follows the session must not wait for them.
                threading.Thread(target=self._reply_all, args=(questions,), daemon=True).start()

    def tell_again(self) -> None:
        """Send what a page may have missed while it was loading."""
        with self._refreshing:
            self.send_state("state")

    def look(self) -> None:
        """Bring it into sight and mark it, in every view."""
        with self._refreshing:
            self.state = {**self.state, "look": True}

    def _answer(self, question: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """Give all that the frame shows, in the size for one picture or for four; or a clip, or one picture."""
        if "sides" in question:
            tiles = self.state["tiles"]
            side = checked_side(question["sides"][len(tiles) > 1])
            return {"tiles": tiles}, [self.generation.thumbnail(tile, side=side) for tile in tiles]
        if "clip" not in question:
            return super()._answer(question)
        clips = self._find(str(question["id"])).clips
        path = clips[int(question["clip"]) - 1].path
        if path is None:
            raise ValueError("This clip was not fetched: gen.resume() tries again.")
        return {}, [path.read_bytes()]

    def _reply_all(self, questions: list[dict[str, Any]]) -> None:
        for question in questions:
            super()._hear(self, question, [])

    def _show_preview(self, *, done: bool) -> None:
        if done:
            self.preview = b""  # the pictures take its place, and a saved notebook does not carry it
        elif time.monotonic() - self._previewed >= _PREVIEW_PAUSE:
            preview = self.generation.preview or b""
            if preview != self.preview and len(preview) <= _PREVIEW_LIMIT:
                self._previewed = time.monotonic()
                self.preview = preview

    def _hear(self, widget: object, message: dict[str, Any], buffers: object) -> None:
        if message.get("kind") == "looked":
            with self._refreshing:
                self.state = {**self.state, "look": False}  # so that a page that loads later does not jump
        if "sides" in message:
            with self._refreshing:
                if self.state["busy"]:  # it is answered in the moment that there is something to see
                    self._waiting[str(message["key"])] = message
                    return
        super()._hear(widget, message, buffers)


def state_of(generation: Generation, before: dict[str, Any] | None = None) -> dict[str, Any]:
    """Say all that a view shows of a generation, but the pictures."""
    outcome = generation.outcome
    busy = not outcome.status.ended
    image = outcome.image if outcome.status is Status.SUCCEEDED else None
    fetched = image is not None and image.path is not None
    return {
        "id": generation.id,
        "prompt": shown_prompt(generation),
        "facts": facts(generation),
        "status": str(outcome.status),
        "busy": busy,
        "progress": outcome.progress if busy else None,
        "line": _line(outcome),
        "ratio": _ratio(generation, (before or {}).get("ratio")),
        "tiles": ([1, 2, 3, 4] if generation.is_grid else [0]) if fetched else [],
        "clips": [number for number, clip in enumerate(generation.clips, 1) if clip.path],
        "note": note(generation),
        "diff": changed_words(generation),
        "marks": marks_of(generation),
        **_times(generation, before or {}),
        "alarm": outcome.status in (Status.FAILED, Status.UNCONFIRMED),
        "url": image.url if image and not fetched and image.url.startswith(("https://", "http://")) else "",
        "look": bool((before or {}).get("look")),
    }


def _line(outcome: Outcome) -> str:
    if outcome.status is not Status.RUNNING or outcome.progress is None:
        return _LINES[outcome.status]
    return f"Drawing · {outcome.progress} %" if outcome.progress < 100 else "Fetching the picture"  # noqa: PLR2004 - per cent


def shown_prompt(generation: Generation) -> str:
    """Give the words that it stands for: its own, or those of the picture that it came from."""
    return _cut(generation.prompt)


def _cut(text: str) -> str:
    return text if len(text) <= _PROMPT_LIMIT else f"{text[:_PROMPT_LIMIT]}…"


def changed_words(generation: Generation) -> tuple[Piece, ...]:
    """Say how its own words differ from those of the picture that it came from; empty where they do not."""
    parent, own = generation.parent, generation.request.prompt
    if not isinstance(generation.request, ImagineRequest):  # its words say what to change, and are no picture's
        return ()
    if parent is None or not own or own == parent.prompt:
        return ()
    return word_diff(_cut(parent.prompt), _cut(own))


def marks_of(generation: Generation) -> dict[str, Any]:
    """Give what a person thinks of it, for a view: JSON has no numbers for keys."""
    marks = generation.marks
    stars = {str(tile): stars for tile, stars in marks.ratings.items()}
    return {"stars": stars, "hearts": list(marks.favourites), "tags": list(marks.tags)}


def _times(generation: Generation, before: dict[str, Any]) -> dict[str, Any]:
    """Say since when it runs, and how long it may take, for a clock in the browser.

    The browser's clock may differ from ours, so it is told what ours said; it need not be told again for that alone.
    """
    if generation.status.ended:
        return {"started": 0, "now": 0, "expected": None}
    expected = before["expected"] if before.get("started") else generation.expected
    return {"started": generation.outcome.sent_at or generation.created_at, "now": time.time(), "expected": expected}


def facts(generation: Generation) -> list[str]:
    """Say in a few words which step it is, in which mode, and whether it is simulated."""
    mode = getattr(generation.request, "mode", "")  # a question that is answered with text has none
    return [fact for fact in (step_of(generation), mode, "sandbox" if generation.session.simulated else "") if fact]


def step_of(generation: Generation) -> str:
    """Name the step from its parent, such as U2, with the mask where there is one; empty for one that came from a prompt."""
    return step(generation)


def note(generation: Generation) -> str:
    """Say what a person must know of how it ended; empty when all is well."""
    status, error = generation.status, generation.error
    if error is None:
        return "\n".join(generation.outcome.texts)
    if not status.ended:
        return ""
    if status is Status.SUCCEEDED:
        return error.message  # the address is a link beside it
    words = str(error)
    return f"{words} {CHARGED}" if status is Status.UNCONFIRMED and "charged" not in words else words


def _ratio(generation: Generation, before: float | None) -> float:
    """Width by height, known or guessed, so that the picture's place is kept for it."""
    image = generation.outcome.image
    known = image.width / image.height if image and image.width and image.height else 0.0
    ratio = known or before or _asked_ratio(generation)
    return before if before and abs(ratio / before - 1) < _SAME_RATIO else round(ratio, 4)


def _asked_ratio(generation: Generation) -> float:
    parent = generation.parent
    if parent is not None and parent.image and parent.image.width and parent.image.height:
        return float(parent.image.width / parent.image.height)
    width, _, height = (parse(generation.prompt).get("aspect") or "1:1").partition(":")
    try:
        return min(max(float(width) / float(height), 0.2), 5.0)
    except (ValueError, ZeroDivisionError):
        return 1.0

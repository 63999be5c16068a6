"""The static twin of a live view: what a saved notebook shows without a kernel, on GitHub, and through nbconvert.

A fallback inside the widget's own output is ignored when a notebook is opened again, so the twin is an output of its own. It
is empty until a generation has ended, and the live view hides it while a kernel answers.
"""

from __future__ import annotations

import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterable
from contextvars import Context
from html import escape
from typing import TYPE_CHECKING, Any
from zlib import crc32

import traitlets

from mj_widgets.errors import MJError
from mj_widgets.widgets.grid import state_of

if TYPE_CHECKING:
    from IPython.display import DisplayHandle

    from mj_widgets.session.generation import Generation

_BYTES = 60_000  # of pictures a generation; in base64, and with all the rest, it stays under 120 kB in the notebook
_SIDES = (256, 192, 128)  # pixels, tried in this order
_SINGLE_SIDES = (512, 384, *_SIDES)
_PAUSE = 0.5  # seconds between two updates, when many generations end together; more when there is much to tell
_RATE = 20_000  # bytes a second, so that a long wall that many generations end on does not flood the page
_WIDTH = 512  # pixels
_MARK = len("<!-- 01234567 -->")

# Where styles are dropped, as on GitHub or in a notebook that is not trusted, the attributes below are enough. The last rule
# hides the line that JupyterLab leaves in place of the widget: "Error displaying widget: model not found".
_STYLE = """<style>
.mj-twin { display: flex; flex-wrap: wrap; gap: 16px 20px; }
.mj-twin-card { margin: 0; max-width: 512px; font: 13px/1.45 system-ui, sans-serif; }
.mj-twin-card img { max-width: 100%; height: auto; margin: 0; border-radius: 8px; vertical-align: top; }
.mj-twin-four { display: grid; grid-template-columns: auto auto; gap: 4px; width: fit-content; }
.mj-twin-four br { display: none; }
.mj-twin-card figcaption { padding-top: 4px; overflow-wrap: anywhere; }
.mj-twin-card small { opacity: 0.7; }
.jp-OutputArea-child:not(:has(.mj-wall)):has(+ .jp-OutputArea-child .mj-twin-card) { display: none; }
</style>"""


class Twin:
    """The static output beside a live view.

    Parameters
    ----------
    name : str
        The view's, as in the CSS class ``mj-twin-<name>``.
    generations : callable
        Gives what the view shows, topmost first.
    draw : callable, optional
        Draws them as HTML; takes their list and the view's name. `page` by default.
    """

    def __init__(
        self,
        name: str,
        generations: Callable[[], Iterable[Generation]],
        *,
        draw: Callable[[list[Generation], str], str] | None = None,
    ) -> None:
        self._name = name
        self._generations = generations
        self._draw = draw or (lambda shown, name: page(shown, name=name))
        self._handles: list[DisplayHandle] = []
        self._keeper: Keeper | None = None
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._updated = 0.0
        self._pause = _PAUSE
        self._in_cell = True
        self._unheard = False

    def show(self) -> None:
        """Put it below what was just displayed."""
        from IPython.core.getipython import get_ipython
        from IPython.display import display

        shell = get_ipython()
        if shell is not None and not self._handles:
            shell.events.register("pre_run_cell", self._enter)
            shell.events.register("post_run_cell", self._flush)
        bundle = self.bundle()
        handle: DisplayHandle | None = display(bundle, raw=True, display_id=True)  # type: ignore[no-untyped-call] # IPython
        if handle is not None:
            self._handles.append(handle)
            self._tell(bundle)

    def kept_by(self, keeper: Keeper) -> None:
        """Let a widget that is drawn beside it put it right where the page can no longer be told to."""
        self._keeper = keeper
        keeper.on_msg(lambda _widget, message, _buffers: self._give(message))

    def refresh(self) -> None:
        """Say that something ended: the output is updated at once, or together with what ends right after. Any thread."""
        with self._lock:
            if not self._handles or self._timer:
                return
            wait = self._updated + self._pause - time.monotonic()
            if wait > 0:
                self._timer = threading.Timer(wait, self._update)
                self._timer.daemon = True
                self._timer.start()
                return
        self._update()

    def close(self) -> None:
        """Leave the output as it is, for good."""
        if not self._handles:
            return
        from IPython.core.getipython import get_ipython

        shell = get_ipython()
        with self._lock:
            if shell is not None and self._handles:
                shell.events.unregister("pre_run_cell", self._enter)
                shell.events.unregister("post_run_cell", self._flush)
            self._handles.clear()
            if self._timer:
                self._timer.cancel()

    def _enter(self, _info: object) -> None:
        self._in_cell = True

    def _flush(self, _result: object) -> None:
        """Update at the end of a cell what was to be updated soon: an executor may end the kernel with its last cell.

        So is what was told between two cells, when an executor does not listen.
        """
        with self._lock:
            waiting = self._timer
        if waiting:
            waiting.cancel()
        if waiting or self._unheard:
            self._update()
        self._in_cell = False

    def _update(self) -> None:
        with self._lock:
            self._timer = None
            self._updated = time.monotonic()
            self._unheard = not self._in_cell
            handles = [*self._handles]
        bundle = self.bundle()
        self._pause = max(_PAUSE, len(bundle["text/html"]) / _RATE)
        for handle in handles:
            # In a context of its own, so that it counts as output of the cell that runs now, not of the one that made the
            # generation: executors such as nbclient drop what comes for a cell that has ended.
            Context().run(handle.update, bundle, raw=True)
        self._tell(bundle)

    def bundle(self) -> dict[str, str]:
        """Give what it shows now; its HTML ends with a mark, by which a page can tell whether it is up to date."""
        shown = [gen for gen in self._generations() if gen.status.ended]
        html = self._draw(shown, self._name)
        return {"text/html": f"{html}<!-- {crc32(html.encode()):08x} -->", "text/plain": "\n".join(map(repr, shown))}

    def _tell(self, bundle: dict[str, str]) -> None:
        if self._keeper is not None:
            self._keeper.twin_mark = bundle["text/html"][-_MARK:]

    def _give(self, message: dict[str, Any]) -> None:
        if message.get("kind") == "twin" and self._keeper is not None:
            self._keeper.send({"kind": "twin", "bundle": self.bundle()})


class Keeper(traitlets.HasTraits):
    """What a widget beside a twin has, whose module runs ``keepTwin`` of ``twin.js``.

    When a page is loaded again, JupyterLab forgets which output is which, and what a kernel tells of it goes nowhere. Then the
    browser asks for the twin, and puts it into the notebook.
    """

    twin_mark = traitlets.Unicode().tag(sync=True)
    send: Callable[..., None]
    on_msg: Callable[..., None]


def page(generations: Iterable[Generation], *, name: str = "") -> str:
    """Draw generations that have ended, as HTML that needs neither script nor network.

    Returns
    -------
    str
        All text escaped; pictures as WebP in data URIs, at most 120 kB a generation. Empty of content for none.
    """
    figures = "".join(map(_figure, generations))
    return f'<div class="mj-twin mj-twin-{escape(name)}">{_STYLE + figures if figures else ""}</div>'


def words(answers: Iterable[Generation], _name: str) -> str:
    """Draw an answer of the service in words, as HTML."""
    texts = [text for answer in answers for text in answer.outcome.texts or (str(answer.error),)]
    return "".join(f'<p dir="auto">{escape(text)}</p>' for text in texts) or "<p>Asking …</p>"


def _figure(generation: Generation) -> str:
    state = state_of(generation)
    prompt = escape(_cut(state["prompt"], 600))
    words = escape(" · ".join([*state["facts"], state["line"]]))
    note = f"<br><small>{escape(state['note'])}</small>" if state["note"] else ""
    link = _link(escape(state["url"]), escape(state["url"])) if state["url"] else ""
    caption = f"<figcaption>{prompt}<br><small>{words}</small>{note} {link}</figcaption>"
    return f'<figure class="mj-twin-card">{_pictures(generation, state)}{caption}</figure>'


def _pictures(generation: Generation, state: dict[str, Any]) -> str:
    tiles: list[int] = state["tiles"]
    try:
        thumbnails = _thumbnails(generation, tiles)
    except (MJError, ValueError, OSError) as error:
        return f"<p>The pictures could not be read: {escape(str(error))}</p>"
    longest = _WIDTH // 2 - 4 if len(tiles) > 1 else _WIDTH
    width, height = round(longest * min(1, state["ratio"])), round(longest / max(1, state["ratio"]))
    images = []
    for tile, content in zip(tiles, thumbnails, strict=True):
        alt = escape(_cut(state["prompt"], 200) + (f" (picture {tile} of {len(tiles)})" if tile else ""))
        source = b64encode(content).decode()
        images.append(f'<img src="data:image/webp;base64,{source}" alt="{alt}" width="{width}" height="{height}">')
    url = generation.image.url if generation.image else ""
    rows = "<br>".join("".join(images[start : start + 2]) for start in range(0, len(images), 2))
    placed = f'<span class="mj-twin-four">{rows}</span>' if len(images) > 1 else rows
    return _link(escape(url), placed) if url.startswith(("https://", "http://")) else placed


def _thumbnails(generation: Generation, tiles: list[int]) -> list[bytes]:
    found: list[bytes] = []
    for side in _SIDES if len(tiles) > 1 else _SINGLE_SIDES:
        found = [generation.thumbnail(tile, side=side) for tile in tiles]
        if sum(map(len, found)) <= _BYTES:
            break
    return found


def _link(url: str, inside: str) -> str:
    return f'<a href="{url}" target="_blank" rel="noopener noreferrer">{inside}</a>'


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}…"

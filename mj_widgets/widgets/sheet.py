"""Contact sheets, drawn by ipyplot.

ipyplot inserts labels unescaped, re-encodes pictures as PNG of their full size, and displays each page twice. So it is given
escaped labels and thumbnails as data URIs, and one copy of what it draws is kept.
"""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING, Any, Literal

from mj_widgets.models import Status
from mj_widgets.session.session import Session
from mj_widgets.widgets.grid import shown_prompt, step_of

if TYPE_CHECKING:
    from IPython.display import HTML

    from mj_widgets.session.generation import Generation

By = Literal["prompt", "mode", "status", "action"]

_KEYS: dict[str, Callable[[Generation], str]] = {
    "prompt": shown_prompt,
    "mode": lambda gen: str(getattr(gen.request, "mode", "")),
    "status": lambda gen: str(gen.status),
    "action": lambda gen: gen.request.action,
}
_LABEL = 120  # characters
_TAB = 40  # characters

# ipyplot paints white boxes, leaves the text in the theme's colour, which may be white too, and numbers the pictures of a tab.
_STYLE = """<style>
.mj-sheet [class^=ipyplot-content-div] {
  background: rgb(127 127 127 / 0.08) !important; border: 1px solid rgb(127 127 127 / 0.3) !important;
  border-radius: 10px; overflow: hidden;
}
.mj-sheet h4 { margin: 6px 8px !important; font-weight: 400; color: inherit; }
.mj-sheet h4:has(+ h4) { display: none; }
.mj-sheet label { background: none !important; border-color: rgb(127 127 127 / 0.3) !important; cursor: pointer; }
.mj-sheet input:checked + label { background: rgb(127 127 127 / 0.2) !important; }
</style>"""

_drawing = threading.Lock()


def contact_sheet(
    pictures: Session | Iterable[Generation], *, by: By | None = None, max_images: int = 100, img_width: int = 180
) -> HTML:
    """Draw the pictures of a session small, on one page.

    Parameters
    ----------
    pictures : Session or iterable of Generation
        Those that are finished are drawn, oldest first; a grid as a whole.
    by : {"prompt", "mode", "status", "action"}, optional
        Make a tab for each.
    max_images : int
        At most so many on the page, the latest.
    img_width : int
        Width of one, in pixels.

    Returns
    -------
    IPython.display.HTML
        It shows itself when it ends a cell; ``.data`` is the page. Thumbnails are inside, so it needs no network.

    Raises
    ------
    ValueError
        `by` is none of those, or a number is not positive.
    TypeError
        `pictures` holds something else.

    Examples
    --------
    >>> "a fox in snow" in contact_sheet(session, by="mode").data
    True
    """
    if by is not None and by not in _KEYS:
        raise ValueError(f"by is one of {', '.join(map(repr, _KEYS))}, not {by!r}.")
    if max_images < 1 or img_width < 1:
        raise ValueError(f"max_images and img_width are at least 1, not {max_images} and {img_width}.")
    found = [gen for gen in _generations(pictures) if _is_drawn(gen)]
    if not found:
        return _html("<p>There is no finished picture yet. Make one: session.imagine(&quot;a fox in snow&quot;)</p>")
    shown = found[-max_images:]
    left_out = f"<p>The latest {len(shown)} of {len(found)} pictures.</p>" if len(found) > len(shown) else ""
    return _html(f'<div class="mj-sheet">{left_out}{_draw(shown, by, img_width)}{_STYLE}</div>')


def _html(page: str) -> HTML:
    from IPython.display import HTML

    return HTML(page)  # type: ignore[no-untyped-call] # IPython's


def _generations(pictures: Session | Iterable[Generation]) -> list[Generation]:
    found = list(pictures.generations if isinstance(pictures, Session) else pictures)
    wrong = next((each for each in found if not hasattr(each, "thumbnail")), None)
    if wrong is not None:
        raise TypeError(f"A contact sheet is made of generations, not of {type(wrong).__name__}.")
    return found


def _is_drawn(gen: Generation) -> bool:
    return gen.status is Status.SUCCEEDED and gen.image is not None and gen.image.path is not None


def _draw(shown: list[Generation], by: By | None, width: int) -> str:
    import ipyplot
    import numpy as np

    def column(texts: Iterable[str]) -> Any:
        return np.array(list(texts), dtype=object)  # as it is: ipyplot would pad each to the longest

    images = column(f"data:image/webp;base64,{b64encode(gen.thumbnail()).decode()}" for gen in shown)
    labels = column(map(_label, shown))
    with _drawing, _captured() as pages:
        if by is None:
            ipyplot.plot_images(images, labels, max_images=len(shown), img_width=width, show_url=False)
        else:
            tabs = _tabs([_KEYS[by](gen) for gen in shown])
            ipyplot.plot_class_tabs(
                images, column(tabs), custom_texts=labels, max_imgs_per_tab=len(shown), img_width=width, show_url=False,
                tabs_order=list(dict.fromkeys(tabs)),
            )  # fmt: skip
    return pages[-1].replace("<img ", '<img alt="" ')  # the label beside it says the same


@contextmanager
def _captured() -> Iterator[list[str]]:
    """Take what ipyplot displays: first the source text of the page, in a box, then the page."""
    from ipyplot import _html_helpers as ipyplot

    pages: list[str] = []
    display = ipyplot.display
    ipyplot.display = lambda page: pages.append(page.data)
    try:
        yield pages
    finally:
        ipyplot.display = display


def _label(gen: Generation) -> str:
    return escape(_cut(" · ".join(filter(None, (step_of(gen), shown_prompt(gen)))), _LABEL))


def _tabs(keys: list[str]) -> list[str]:
    """Name the tabs: short, escaped, and different where the keys are."""
    names: dict[str, str] = {}
    for key in keys:
        if key not in names:
            short = escape(_cut(key, _TAB))
            taken = sum(name.startswith(short) for name in names.values())
            names[key] = f"{short} ({taken + 1})" if taken else short
    return [names[key] for key in keys]


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}…"

"""The lineage as a nested list: what a saved notebook shows without a kernel, on GitHub, and through nbconvert."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from mj_widgets.errors import MJError
from mj_widgets.session import imaging
from mj_widgets.widgets.edges import differences, step
from mj_widgets.widgets.grid import state_of

if TYPE_CHECKING:
    from mj_widgets.session.generation import Generation

SHOWN = 30  # pictures

_SIDE = 96  # pixels
_LENGTH = 160  # characters of a text

# As in fallback.py: where styles are dropped the attributes are enough, and the last rule hides JupyterLab's error line.
_STYLE = """<style>
.mj-twin-tree { font: 13px/1.45 system-ui, sans-serif; }
.mj-twin-tree ul { margin: 0; padding-left: 24px; list-style: none; }
.mj-twin-tree ul ul { margin-left: 20px; border-left: 1px solid rgb(127 127 127 / 0.4); }
.mj-twin-tree li { margin: 0; padding: 4px 0; overflow-wrap: anywhere; }
.mj-twin-tree img { max-width: 64px; max-height: 64px; width: auto; height: auto; margin: 0 8px 0 0; border-radius: 6px; }
.mj-twin-tree img { vertical-align: middle; }
.mj-twin-tree small { opacity: 0.75; }
.jp-OutputArea-child:not(:has(.mj-family)):has(+ .jp-OutputArea-child .mj-twin-tree) { display: none; }
</style>"""


def outline(generations: Iterable[Generation], *, of: int, name: str = "") -> str:
    """Draw generations, each below what it was made from, as HTML that needs neither script nor network.

    Parameters
    ----------
    generations : iterable of Generation
        At most some dozen, each after its parent.
    of : int
        How many there are in all.
    name : str
        The live view's.

    Returns
    -------
    str
        All text escaped; thumbnails as WebP in data URIs, about 3 kB each. Empty of content for none.
    """
    shown = list(generations)
    lists: dict[Generation | None, list[Generation]] = {}
    for gen in shown:
        lists.setdefault(gen.parent if gen.parent in shown else None, []).append(gen)
    more = f"<p><small>and {of - len(shown)} more</small></p>" if of > len(shown) else ""
    tree = f'{_STYLE}<div class="mj-twin-tree">{_list(lists, None)}{more}</div>' if shown else ""
    return f'<div class="mj-twin mj-twin-{escape(name)}">{tree}</div>'


def _list(lists: dict[Generation | None, list[Generation]], parent: Generation | None) -> str:
    items = (f"<li>{_item(gen)}{_list(lists, gen)}</li>" for gen in lists.get(parent, ()))
    return f"<ul>{''.join(items)}</ul>" if parent in lists else ""


def _item(gen: Generation) -> str:
    said = [f"<b>{escape(_cut(step(gen)))}</b>" if step(gen) else escape(_cut(gen.prompt))]
    said += [f"<small>{escape(', '.join(differences(gen)))}</small>"] if differences(gen) else []
    if not gen.image:
        said.append(f"<small>{escape(state_of(gen)['line'])}</small>")
    return _picture(gen) + " ".join(said)


def _picture(gen: Generation) -> str:
    if gen.image is None or gen.image.path is None:
        return ""
    try:
        source = _small(gen.thumbnail())
    except (MJError, ValueError, OSError):
        return "<small>The picture could not be read.</small> "
    ratio = gen.image.width / gen.image.height if gen.image.width and gen.image.height else 1.0
    width, height = round(64 * min(1, ratio)), round(64 / max(1, ratio))
    return f'<img src="data:image/webp;base64,{source}" alt="{escape(_cut(gen.prompt))}" width="{width}" height="{height}">'


@lru_cache(maxsize=8 * SHOWN)
def _small(thumbnail: bytes) -> str:
    return b64encode(imaging.thumbnail(imaging.open_picture(thumbnail), _SIDE)).decode()


def _cut(text: str) -> str:
    return text if len(text) <= _LENGTH else f"{text[:_LENGTH]}…"

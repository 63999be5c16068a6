"""Two pictures under a slider, with what was asked differently."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from ipywidgets import VBox, Widget

from mj_widgets.models import Image
from mj_widgets.prompt.difference import word_diff
from mj_widgets.session import imaging
from mj_widgets.session.generation import Generation
from mj_widgets.session.session import opened
from mj_widgets.widgets.grid import shown_prompt, step_of
from mj_widgets.widgets.lightbox import parameters
from mj_widgets.widgets.pictures import PictureWidget, checked_side, full_size, module, picture_of, style

if TYPE_CHECKING:
    from mj_widgets.widgets.clicks import Kit

_NAMES = ("A", "B")
_COMPARED = 20_000  # characters of a prompt
_SAVED_SIDE, _SAVED_LIMIT = 384, 40 * 1024  # pixels and bytes of a picture in a saved notebook
_TAGS = {"same": "span", "gone": "del", "new": "ins"}

# The last rule hides the line that JupyterLab leaves in place of the widget: "Error displaying widget: model not found".
_STYLE = """<style>
.mj-twin-pair { margin: 0; max-width: 800px; font: 13px/1.45 system-ui, sans-serif; }
.mj-twin-pair img { max-width: 49%; height: auto; margin: 0; border-radius: 8px; vertical-align: top; }
.jp-OutputArea-child:not(:has(.mj-compare)):has(+ .jp-OutputArea-child .mj-twin-pair) { display: none; }
</style>"""


class Side(NamedTuple):
    """One of the two."""

    image: Image
    generation: Generation | None
    """None for a picture that belongs to no open session."""
    tile: int = 0

    @property
    def code(self) -> str:
        """The picture of a generation in Python."""
        return f"session[{self.generation.id!r}]" + (f".tiles[{self.tile - 1}]" if self.tile else "") if self.generation else ""


class Compare(PictureWidget):
    """Two pictures under a slider. Made by `compare`, or with a tile each.

    Parameters
    ----------
    a, b : Side
        What is left of the slider, and what is right of it.
    """

    _esm = module("compare")
    _css = style("compare")

    def __init__(self, a: Side, b: Side, *, look: bool = False, **traits: Any) -> None:
        self._sides = dict(zip(_NAMES, (a, b), strict=True))
        super().__init__(comparison(a, b) | {"look": look, "name": uuid4().hex[:12]}, _nobody, **traits)

    def __repr__(self) -> str:
        return f"Compare({', '.join(side.code or 'image' for side in self._sides.values())})"

    def _answer(self, question: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        image = self._sides[str(question["id"])].image
        if question["side"] == "full":
            return {}, [full_size(image)]
        return {}, [imaging.thumbnail(image.pil(), checked_side(question["side"]), limit=None)]

    def _hear(self, widget: object, message: dict[str, Any], buffers: object) -> None:
        if message.get("kind") == "looked":
            self.state = {**self.state, "look": False}  # so that a page that loads later does not jump
        super()._hear(widget, message, buffers)

    def _ipython_display_(self, **_: Any) -> None:
        from IPython.core.getipython import get_ipython
        from IPython.display import display

        bundle = (self._repr_mimebundle_() or ({},))[0]
        display({**bundle, "text/plain": repr(self)}, raw=True)  # type: ignore[no-untyped-call] # IPython
        if getattr(get_ipython(), "kernel", None) is not None:
            twin = {"text/html": page(self.state, self._sides), "text/plain": ""}
            display(twin, raw=True)  # type: ignore[no-untyped-call] # IPython


class Comparison(VBox):  # type: ignore[misc] # ipywidgets has no types
    """A place for a comparison on a control; empty at first.

    Parameters
    ----------
    kit : Kit
        Makes the button that closes it.

    Attributes
    ----------
    shown : Compare or None
    """

    children: tuple[Widget, ...]

    def __init__(self, kit: Kit) -> None:
        self.shown: Compare | None = None
        self._kit = kit
        super().__init__(layout=kit.layout, _dom_classes=["mj-top"])

    def show(self, a: Side, b: Side) -> None:
        """Show two pictures in place of those that are there, and bring them into sight."""
        leaving = self.children
        self.shown = Compare(a, b, look=True, layout=self._kit.layout)
        self.children = (self.shown, self._kit.button("Close comparison", self.clear))
        for part in leaving:
            self._kit.discard(part)

    def clear(self) -> None:
        """Show none."""
        leaving, self.children = self.children, ()
        self.shown = None
        for part in leaving:
            self._kit.discard(part)


def compare(a: Generation | Image, b: Generation | Image) -> Compare:
    """Show two pictures under a slider, and beside it how their prompts and parameters differ.

    Parameters
    ----------
    a, b : Generation or Image
        Finished; an `Image` may be a tile, as in ``gen.tiles[1]``. They may differ in size.

    Returns
    -------
    Compare
        Make it the last line of a cell.

    Raises
    ------
    ValueError
        There is no picture (yet).
    TypeError
        It is neither a generation nor an image.

    Examples
    --------
    >>> a, b = session.imagine("a red fox"), session.imagine("a blue fox")
    >>> shown = compare(a.result(), b.result().tiles[1])
    >>> shown.state["words"]
    [('same', 'a'), ('gone', 'red'), ('new', 'blue'), ('same', 'fox')]
    """
    return Compare(_side(a), _side(b))


def side_of(generation: Generation, tile: int) -> Side:
    """Give a picture of a generation, 0 for the whole, as a side of a comparison."""
    return Side(picture_of(generation, tile), generation, tile)


def comparison(a: Side, b: Side) -> dict[str, Any]:
    """Say all that a view shows, but the pictures."""
    told = [_told(side) for side in (a, b)]
    names = dict.fromkeys(name for each in told for name in each)
    rows = [(name, *(each.get(name, "") for each in told)) for name in names]
    prompts = [side.generation.prompt[:_COMPARED] if side.generation else "" for side in (a, b)]
    return {
        "sides": [
            {
                "id": name,
                "title": (shown_prompt(side.generation) if side.generation else "") or f"Picture {name}",
                "size": [side.image.width or 1, side.image.height or 1],
            }
            for name, side in zip(_NAMES, (a, b), strict=True)
        ],
        "words": list(word_diff(*prompts)) if a.generation and b.generation else [],
        "rows": [row for row in rows if row[1] or row[2]],
    }


def page(state: dict[str, Any], sides: dict[str, Side]) -> str:
    """Draw two pictures beside each other, as HTML that needs neither script nor network: what a saved notebook shows."""
    pictures = ""
    for told in state["sides"]:
        small = imaging.thumbnail(sides[told["id"]].image.pil(), _SAVED_SIDE, limit=_SAVED_LIMIT)
        alt = escape(f"{told['id']}: {told['title'][:200]}")
        pictures += f'<img src="data:image/webp;base64,{b64encode(small).decode()}" alt="{alt}" title="{alt}"> '
    words = " ".join(f"<{_TAGS[kind]}>{escape(text[:600])}</{_TAGS[kind]}>" for kind, text in state["words"][:200])
    figure = f'<figure class="mj-twin-pair">{pictures}<figcaption>{words}</figcaption></figure>'
    return f'<div class="mj-twin mj-twin-{state["name"]}">{_STYLE}{figure}</div>'


def _told(side: Side) -> dict[str, str]:
    image, gen, tile = side
    size = f"{image.width} × {image.height}"  # noqa: RUF001 - a multiplication sign is meant, not the letter
    if gen is None:
        return {"Size": size}
    which = (f"{tile} of {len(gen.tiles)}" if tile else "") or ("all four" if gen.is_grid else "single")
    return {"Picture": which, "Step": step_of(gen), "Mode": gen.request.mode, "Size": size, **parameters(gen)}


def _side(what: Generation | Image) -> Side:
    if isinstance(what, Generation):
        return side_of(what, 0)
    if not isinstance(what, Image):
        raise TypeError(f"Compare takes generations and images, not {type(what).__name__}: mj.compare(a, b.tiles[1])")
    if what.path is None:
        raise ValueError("This picture was not fetched: gen.resume() fetches it.")
    return next(
        (found for session in opened() for gen in session.generations if (found := _within(gen, what))), Side(what, None)
    )


def _within(generation: Generation, image: Image) -> Side | None:
    """Find a picture in a generation: a value knows its file, and not whose it is."""
    whole = generation.image
    if whole is None or (whole.id, whole.path) != (image.id, image.path):
        return None
    tiles = [each.box for each in generation.tiles]
    return Side(image, generation, tiles.index(image.box) + 1 if image.box in tiles and generation.is_grid else 0)


def _nobody(id_: str) -> Generation:
    raise KeyError(id_)

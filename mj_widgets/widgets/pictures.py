"""What our own widgets have in common: one small state, and views that ask for the pictures they lack."""

from __future__ import annotations

import logging
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from mj_widgets.widgets.clicks import answer_while_busy

if TYPE_CHECKING:
    from mj_widgets.models import Image
    from mj_widgets.session.generation import Generation
    from mj_widgets.widgets.calls import Calls

log = logging.getLogger(__name__)

HERE = Path(__file__).parent
THEME = (HERE / "theme.css").read_text("utf-8")

_SIDES = range(16, 1025)  # pixels that a view may ask for, or "full"
_QUALITY = 92  # of a tile in full size, which is cut out for the view


def module(*names: str) -> str:
    """Give the ES module of a view, of one file or several, with what all views share in front of it."""
    return _bare("pictures") + "".join(map(_bare, names))


def _bare(name: str) -> str:
    """Read a module without its comments and indents: its text goes to the page with each widget that is made of it."""
    lines = map(str.strip, (HERE / f"{name}.js").read_text("utf-8").splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith(("//", "/*", "*")))


def style(*names: str) -> str:
    """Give the style sheet of a view, with the theme in front of it."""
    return THEME + "".join((HERE / f"{name}.css").read_text("utf-8") for name in names)


class PictureWidget(anywidget.AnyWidget):
    """Answers the views, which ask for a picture when it comes into sight, and again when no answer came.

    Nothing is sent unasked, because a view that does not exist yet would miss it.

    Parameters
    ----------
    state : dict
        What is shown.
    find : callable
        Gives the generation of an id.
    calls : Calls, optional
        Does what a view wishes for: messages of the kind ``"wish"``. Without it, a view only shows.
    """

    state = traitlets.Dict().tag(sync=True)

    def __init__(
        self, state: dict[str, Any], find: Callable[[str], Generation], *, calls: Calls | None = None, **traits: Any
    ) -> None:
        super().__init__(state=state, **traits)
        self._find = find
        self._calls = calls
        answer_while_busy(self)
        self.on_msg(self._hear)

    def _hear(self, _widget: object, message: dict[str, Any], _buffers: object) -> None:
        if message.get("kind") == "want":
            try:
                answer, buffers = self._answer(message)
            except Exception as error:  # the view shows it; there is no cell that could
                log.debug("A view asked for what could not be given", exc_info=True)
                answer, buffers = {"error": str(error) or type(error).__name__}, []
            self.send({"kind": "picture", "key": message.get("key"), **answer}, buffers)
        elif message.get("kind") == "wish" and self._calls is not None:
            self._calls.hear(message, self._find)

    def _answer(self, question: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """Give what a view wants: a rendition of ``side`` pixels of a generation's tile, or all of it for ``"full"``."""
        generation, tile, side = self._find(str(question["id"])), int(question["tile"]), question["side"]
        if side == "full":
            return {}, [full_size(picture_of(generation, tile))]
        return {}, [generation.thumbnail(tile, side=checked_side(side))]


def picture_of(generation: Generation, tile: int) -> Image:
    """Give its picture for 0, or one of its tiles.

    Raises
    ------
    ValueError
        There is no picture (yet), or no such tile.
    """
    if generation.image is None:
        raise ValueError(f"{generation.id} has no picture (yet): it is {generation.status}.")
    found = (generation.image, *generation.tiles)
    if tile not in range(len(found)):
        raise ValueError(f"{generation.id} has the tiles 1 to {len(found) - 1}, and 0 for the whole; not {tile!r}.")
    return found[tile]


def checked_side(side: Any) -> int:
    """Take the size that a view asks for, or refuse it."""
    if int(side) not in _SIDES:
        raise ValueError(f"A thumbnail has {_SIDES[0]} to {_SIDES[-1]} pixels a side, not {side}.")
    return int(side)


def full_size(image: Image) -> bytes:
    """Give a picture as it was fetched; a tile is cut out and encoded as WebP, much smaller than PNG, for a browser."""
    if image.box is None:
        return image.bytes()
    buffer = BytesIO()
    image.pil().save(buffer, "WEBP", quality=_QUALITY, method=2)
    return buffer.getvalue()

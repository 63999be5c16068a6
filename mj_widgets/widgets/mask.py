"""A painter: which part of a picture shall be drawn anew."""

from __future__ import annotations

import base64
import itertools
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets

from mj_widgets.errors import ResponseError
from mj_widgets.models import Image
from mj_widgets.session import imaging, loop
from mj_widgets.session.generation import Generation
from mj_widgets.session.mask import Mask
from mj_widgets.widgets.pictures import PictureWidget, module, style

if TYPE_CHECKING:
    import numpy as np
    import PIL.Image
    from numpy.typing import NDArray

    from mj_widgets.session.session import Session

log = logging.getLogger(__name__)

SIDE = 1600  # pixels of the longer side that are shown; the mask has those of the picture

_MARK = 16  # bytes in front of what is painted: which view painted it, and its how manieth stroke that was
_NAME_LIMIT = 200  # characters


class MaskPainter(PictureWidget):
    """Paints a mask over a picture: with brush, rectangle, lasso and eraser, by mouse, pen, finger or keys.

    What is painted is in `mask` as soon as a stroke ends, hard and in the picture's own size. It stays over a reload of the
    page, and all views of a painter show the same.

    Parameters
    ----------
    picture : Generation, Image, PIL picture, path, bytes or str
        Text is a path, or an address that begins with ``http``; that is fetched by `session`, without a token.
    mask : Mask, optional
        What is painted at first; of the picture's size.
    masks : iterable of Mask
        Earlier ones that may be taken up again, such as ``session.masks``.
    session : Session, optional
        Whose client fetches an address.

    Attributes
    ----------
    size : tuple of int
        Width and height of the picture and of the mask, in pixels.

    Raises
    ------
    ValueError
        There is no picture (yet), it does not decode, or the mask has another size.

    Examples
    --------
    >>> import mj_widgets as mj
    >>> single = session.imagine("a fox").result().upscale(1).result()
    >>> painter = mj.MaskPainter(single)  # the last line of a cell: paint in it
    >>> painter.mask.is_empty, painter.mask.size == (single.image.width, single.image.height)
    (True, True)
    >>> painter.mask = painter.mask.inverted()
    >>> single.vary_region(painter.mask, prompt="a wolf").result().status.value
    'succeeded'
    """

    _esm = module("mask_raster", "mask_board", "mask_link", "mask_bar", "mask")
    _css = style("mask")

    painted = traitlets.Bytes().tag(sync=True)

    def __init__(
        self,
        picture: Generation | Image | PIL.Image.Image | str | Path | bytes,
        *,
        mask: Mask | None = None,
        masks: Iterable[Mask] = (),
        session: Session | None = None,
        **traits: Any,
    ) -> None:
        self._source, name = _source(picture, session)
        shown = self._picture()
        self.size: tuple[int, int] = shown.size
        self._masks: tuple[Mask, ...] = ()
        self._strokes = itertools.count(1)
        self._read: tuple[bytes, Mask] | None = None
        state = {"name": name[:_NAME_LIMIT], "width": shown.width, "height": shown.height, "masks": [], "look": False}
        super().__init__(state, _nothing, **traits)
        self.masks = tuple(masks)
        if mask is not None:
            self.mask = mask

    def __repr__(self) -> str:
        return f"<MaskPainter {self.size[0]} x {self.size[1]} of {self.state['name'][:60]!r}>"

    @property
    def mask(self) -> Mask:
        """What is painted now; an empty mask at first, which no request takes. Setting it shows it in every view.

        Raises
        ------
        ValueError
            What is set has another size than the picture.
        """
        painted, read = self.painted, self._read
        if read is None or read[0] != painted:
            self._read = read = painted, Mask.from_array(_unpacked(painted[_MARK:], self.size))
        return read[1]

    @mask.setter
    def mask(self, mask: Mask) -> None:
        mask = Mask.of(mask)
        if mask.size != self.size:
            raise ValueError(
                f"The mask has {mask.width} x {mask.height} pixels and the picture {self.size[0]} x {self.size[1]}: "
                f"mask.resized({self.size}) makes it fit."
            )
        self.painted = f"python  {next(self._strokes):08}".encode() + _packed(mask.to_array())

    @property
    def masks(self) -> tuple[Mask, ...]:
        """Earlier masks that may be taken up again."""
        return self._masks

    @masks.setter
    def masks(self, masks: Iterable[Mask]) -> None:
        self._masks = tuple(dict.fromkeys(masks))
        shown = [
            {"name": mask.name, "width": mask.width, "height": mask.height, "share": round(mask.coverage, 4)}
            for mask in self._masks
        ]
        self.state = {**self.state, "masks": shown}

    def look(self) -> None:
        """Bring it into sight, in every view, and the keyboard to it."""
        self.state = {**self.state, "look": True}

    def _hear(self, widget: object, message: dict[str, Any], buffers: object) -> None:
        kind = message.get("kind")
        try:
            if kind == "painted":
                self._take(str(message["by"]), base64.b64decode(message["data"], validate=True))
            elif kind == "reuse":
                found = next(mask for mask in self._masks if mask.name == message["name"])
                self.mask = found.resized(self.size) if message.get("resize") else found
        except (KeyError, TypeError, ValueError, StopIteration):
            log.exception("A view said something that a painter does not understand")
        if kind == "looked":
            self.state = {**self.state, "look": False}  # so that a page that loads later does not jump
        super()._hear(widget, message, buffers)

    def _take(self, by: str, painted: bytes) -> None:
        """Take a stroke of a view."""
        mark = by.encode("ascii")
        if len(mark) != _MARK:
            raise ValueError(f"A view is named by {_MARK} letters, not {by!r}.")
        _unpacked(painted, self.size)
        self.painted = mark + painted

    def _answer(self, question: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        if question.get("what") == "mask":
            return {}, [next(mask for mask in self._masks if mask.name == question["name"])._repr_png_()]
        side = min(int(question["side"]), SIDE)
        return {}, [imaging.thumbnail(self._picture(), side, limit=None)]

    def _picture(self) -> PIL.Image.Image:
        source = self._source
        if isinstance(source, Image):
            return source.pil()
        if isinstance(source, bytes):
            try:
                return imaging.open_picture(source)
            except ResponseError as error:
                raise ValueError(str(error)) from error
        return source


def _source(picture: Any, session: Session | None) -> tuple[Image | PIL.Image.Image | bytes, str]:
    """Give what holds the picture, and what to call it."""
    import PIL.Image

    if isinstance(picture, Generation):
        if picture.image is None:
            raise ValueError(f"{picture.id} has no picture (yet): it is {picture.status}; wait for it: await gen")
        return picture.image, picture.prompt or "the picture"
    if isinstance(picture, Image):
        return picture, "the picture"
    if isinstance(picture, PIL.Image.Image):
        return picture.copy(), "the picture"
    if isinstance(picture, bytes | bytearray | memoryview):
        return bytes(picture), "the picture"
    if isinstance(picture, str) and picture.startswith(("http://", "https://")):
        if session is None:
            raise ValueError(
                "To paint on a picture at an address, say which session fetches it: MaskPainter(url, session=session)"
            )
        content, _kind = loop.wait(loop.submit(session.client.download(picture)))
        return content, picture
    if isinstance(picture, str | Path):
        return Path(picture).read_bytes(), Path(picture).name
    raise ValueError(
        f"A picture is a generation, an Image, a PIL picture, a path, an address or bytes, not {type(picture).__name__}."
    )


def _nothing(id_: str) -> Generation:
    raise ValueError(f"A painter has one picture, and none of {id_!r}.")


# What is painted is written as in mask_raster.js: the lengths of its runs, of which the first is not painted, or where that
# would be longer, its bits; nothing at all is nothing.


def _packed(pixels: NDArray[np.bool_]) -> bytes:
    import numpy as np

    flat = pixels.ravel()
    if not flat.any():
        return b""
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    if len(changes) * 32 > flat.size:
        return b"bits" + np.packbits(flat).tobytes()
    edges = np.concatenate(([0], [0] if flat[0] else [], changes, [flat.size]))
    return b"runs" + np.diff(edges).astype("<u4").tobytes()


def _unpacked(data: bytes, size: tuple[int, int]) -> NDArray[np.bool_]:
    import numpy as np

    width, height = size
    kind, content = data[:4], data[4:]
    if not data:
        flat = np.zeros(width * height, dtype=bool)
    elif kind == b"runs" and len(content) % 4 == 0:
        runs = np.frombuffer(content, "<u4").astype(np.int64)
        if runs.sum() != width * height:
            raise ValueError(f"This is not painted on {width} x {height} pixels.")
        flat = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    elif kind == b"bits" and len(content) == (width * height + 7) // 8:
        flat = np.unpackbits(np.frombuffer(content, "u1"), count=width * height).astype(bool)
    else:
        raise ValueError(f"This is not painted on {width} x {height} pixels.")
    return flat.reshape(height, width)

"""Pixels: what is checked, cut and shrunk of a picture. Pillow is imported where it is used."""

from __future__ import annotations

import threading
import warnings
from collections import OrderedDict
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from mj_widgets.errors import ResponseError
from mj_widgets.models import Box, Image

if TYPE_CHECKING:
    import PIL.Image

THUMBNAIL = 256  # pixels of the longer side
LARGE = 512  # pixels; what a single picture is shown at
THUMBNAIL_LIMIT = 16 * 1024  # bytes; four of them and their markup stay under 120 kB in a notebook
PREVIEW_LIMIT = 100 * 1024  # bytes

_QUALITIES = (80, 65, 50, 35, 20)


def open_picture(content: bytes) -> PIL.Image.Image:
    """Decode a picture whole, and refuse what is none, or is a decompression bomb.

    Raises
    ------
    ResponseError
        It does not decode, or has too many pixels.
    """
    import PIL.Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", PIL.Image.DecompressionBombWarning)
            picture = PIL.Image.open(BytesIO(content))
            picture.load()
    except (
        OSError,
        SyntaxError,
        ValueError,
        PIL.Image.DecompressionBombError,
        PIL.Image.DecompressionBombWarning,
    ) as error:
        raise ResponseError(f"The file is no picture that can be shown: {unreadable(error)}") from error
    return picture


def unreadable(error: BaseException | None) -> str:
    """Say why Pillow cannot read a picture; where it does not know the kind, it names a buffer instead."""
    import PIL

    return "it is of no kind that is known" if isinstance(error, PIL.UnidentifiedImageError) else str(error)


def tile_boxes(width: int, height: int) -> tuple[Box, Box, Box, Box]:
    """Cut a 2x2 grid: 1 is top left, 2 top right, 3 bottom left, 4 bottom right."""
    x, y = width // 2, height // 2
    return (0, 0, x, y), (x, 0, width, y), (0, y, x, height), (x, y, width, height)


def thumbnail(picture: PIL.Image.Image, side: int = THUMBNAIL, *, limit: int | None = THUMBNAIL_LIMIT) -> bytes:
    """Shrink a picture into a square of `side` pixels, as WebP of at most `limit` bytes."""
    small = picture.convert("RGB")
    small.thumbnail((side, side))
    for quality in _QUALITIES:
        buffer = BytesIO()
        small.save(buffer, "WEBP", quality=quality, method=3)
        if limit is None or buffer.tell() <= limit:
            return buffer.getvalue()
    return thumbnail(small, side * 3 // 4, limit=limit)


class Renditions:
    """The last thumbnails that were made and are not kept in the store; decoding a picture anew for each takes long.

    Parameters
    ----------
    room : int
        Bytes that they may take in all.
    """

    def __init__(self, room: int = 32 * 2**20) -> None:
        self._room = room
        self._taken = 0
        self._found: OrderedDict[tuple[Path | None, Box | None, int], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def give(self, image: Image, side: int) -> bytes:
        """Give a thumbnail of a picture or tile, as WebP."""
        key = (image.path, image.box, side)
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                return self._found[key]
        made = thumbnail(image.pil(), side, limit=THUMBNAIL_LIMIT if side <= THUMBNAIL else None)
        self.keep(image.path, image.box, side, made)
        return made

    def keep(self, path: Path | None, box: Box | None, side: int, made: bytes) -> None:
        """Keep one that was made elsewhere."""
        with self._lock:
            self._taken += len(made) - len(self._found.pop((path, box, side), b""))
            self._found[path, box, side] = made
            while self._taken > self._room:
                self._taken -= len(self._found.popitem(last=False)[1])


renditions = Renditions()  # one for all sessions: a file is named by what is in it, so none grows old

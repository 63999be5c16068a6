"""Masks: which part of a picture is painted anew. Pillow and numpy are imported where they are used."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mj_widgets.errors import ResponseError, SessionError
from mj_widgets.session import imaging

if TYPE_CHECKING:
    import numpy as np
    import PIL.Image
    from numpy.typing import NDArray

MOST_PIXELS = 64_000_000  # 8000 x 8000; the largest upscale has a quarter of it

_HALF = 128  # from this level on, of 255, a pixel is white
_SIGHT = 256  # pixels of the longer side where a mask ends a cell
_KEPT = re.compile(r"images/[0-9a-f]{2}/([0-9a-f]{64})\.(?:png|jpg)")  # how a row names a mask; base64 has no full stop
_KINDS = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg"}


class Mask:
    r"""A mask: white is repainted, black is kept, and there is nothing in between. It cannot be changed.

    Parameters
    ----------
    png : bytes
        A picture file. Its brighter half is white; what is transparent is black.

    Raises
    ------
    ValueError
        It is no picture, or has more than 64 million pixels.
    TypeError
        It is something else than bytes, which `Mask.of` may take.

    Attributes
    ----------
    png : bytes
        A PNG of one channel, 0 or 255. The same pixels always give the same bytes.
    size : tuple of int
        Width and height, in pixels.
    name : str
        Eight hexadecimal digits by which it is known: the first of the SHA-256 of `png`.

    Examples
    --------
    >>> mask = Mask.from_array([[0, 0, 0], [0, 1, 1]])
    >>> mask.size, mask.is_empty, round(mask.coverage, 2)
    ((3, 2), False, 0.33)
    >>> mask == Mask(mask.png), mask.png[:4]
    (True, b'\x89PNG')
    """

    __slots__ = ("_name", "_png", "_size", "_white")

    _png: bytes
    _size: tuple[int, int]
    _white: int
    _name: str

    def __init__(self, png: bytes) -> None:
        if not isinstance(png, bytes | bytearray | memoryview):
            raise TypeError(f"Mask(...) takes the bytes of a file, not {type(png).__name__}: try Mask.of(...).")
        self._take(_opened(bytes(png)))

    @classmethod
    def open(cls, path: str | Path) -> Mask:
        """Read a picture file.

        Raises
        ------
        ValueError
            It is no picture.
        OSError
            It cannot be read.

        Examples
        --------
        >>> file = folder / "mask.png"
        >>> _ = file.write_bytes(Mask.from_array([[0, 1]]).png)
        >>> Mask.open(file).coverage
        0.5
        """
        return cls(Path(path).read_bytes())

    @classmethod
    def from_array(cls, array: Any) -> Mask:
        """Make one of an array of height x width: booleans, numbers from 0 to 1, or numbers from 0 to 255.

        Of numbers the brighter half is white.

        Raises
        ------
        ValueError
            It has another number of dimensions, no elements, or something else in it.

        Examples
        --------
        >>> import numpy as np
        >>> sky = np.zeros((4, 6), dtype=bool)
        >>> sky[:1] = True
        >>> Mask.from_array(sky).coverage
        0.25
        """
        import PIL.Image

        return cls._of_picture(PIL.Image.fromarray(_bools(array)))

    @classmethod
    def from_pil(cls, picture: PIL.Image.Image) -> Mask:
        """Make one of a Pillow picture; what is transparent in it is black.

        Examples
        --------
        >>> import PIL.Image
        >>> Mask.from_pil(PIL.Image.new("RGBA", (4, 4), "white")).coverage
        1.0
        """
        return cls._of_picture(picture)

    @classmethod
    def of(cls, mask: Mask | str | Path | bytes | PIL.Image.Image | Any) -> Mask:
        """Take whatever a mask may be given as: a `Mask`, a path, a file or its bytes, a Pillow picture or an array.

        Examples
        --------
        >>> mask = Mask.from_array([[0, 1]])
        >>> Mask.of(mask) is mask, Mask.of(mask.to_pil()) == Mask.of(mask.png) == Mask.of([[0, 255]])
        (True, True)
        """
        import PIL.Image

        if isinstance(mask, Mask):
            return mask
        if isinstance(mask, str | Path):
            return cls.open(mask)
        if isinstance(mask, bytes | bytearray | memoryview):
            return cls(bytes(mask))
        if isinstance(mask, PIL.Image.Image):
            return cls.from_pil(mask)
        if callable(getattr(mask, "read", None)):
            return cls(mask.read())
        return cls.from_array(mask)

    @property
    def png(self) -> bytes:
        """The file."""
        return self._png

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, in pixels."""
        return self._size

    @property
    def width(self) -> int:
        """Pixels."""
        return self._size[0]

    @property
    def height(self) -> int:
        """Pixels."""
        return self._size[1]

    @property
    def name(self) -> str:
        """Eight hexadecimal digits by which it is known."""
        return self._name

    @property
    def is_empty(self) -> bool:
        """Whether nothing is white."""
        return self._white == 0

    @property
    def coverage(self) -> float:
        """How much of it is white, from 0 to 1."""
        return self._white / (self.width * self.height)

    def to_pil(self) -> PIL.Image.Image:
        """Give it as a Pillow picture of mode ``"L"``, 0 or 255.

        Examples
        --------
        >>> Mask.from_array([[0, 1]]).to_pil().getpixel((1, 0))
        255
        """
        return _opened(self._png)

    def to_array(self) -> NDArray[np.bool_]:
        """Give it as a boolean array of height x width.

        Examples
        --------
        >>> Mask.from_array([[0, 255]]).to_array().tolist()
        [[False, True]]
        """
        import numpy as np

        return np.asarray(self.to_pil()) > 0

    def inverted(self) -> Mask:
        """Give the mask that keeps what this one repaints.

        Examples
        --------
        >>> Mask.from_array([[0, 0, 0, 1]]).inverted().coverage
        0.75
        """
        import PIL.ImageChops

        return self._of_picture(PIL.ImageChops.invert(self.to_pil()))

    def resized(self, size: tuple[int, int]) -> Mask:
        """Give it in another size: width and height in pixels. One that is not empty does not become so.

        Examples
        --------
        >>> Mask.from_array([[0, 1]]).resized((4, 2)).to_array().astype(int).tolist()
        [[0, 0, 1, 1], [0, 0, 1, 1]]
        """
        import numpy as np
        import PIL.Image

        width, height = size
        if width < 1 or height < 1 or width * height > MOST_PIXELS:
            raise ValueError(f"A mask has from 1 to {MOST_PIXELS:,} pixels, not {width} x {height}.")
        picture = self.to_pil().resize((int(width), int(height)), PIL.Image.Resampling.BILINEAR)
        fitted = self._of_picture(picture)
        if fitted.is_empty and not self.is_empty:  # it is so thin that no pixel is half covered
            rows, columns = self.to_array().nonzero()
            thin = np.zeros((height, width), dtype=bool)
            thin[rows * height // self.height, columns * width // self.width] = True
            fitted = self.from_array(thin)
        return fitted

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mask) and self._png == other._png

    def __hash__(self) -> int:
        return hash(self._png)

    def __repr__(self) -> str:
        share = "empty" if self.is_empty else f"{100 * self.coverage:.2g} % white"
        return f"<Mask {self.name} {self.width} x {self.height} {share}>"

    def _repr_png_(self) -> bytes:
        """Draw it small where it ends a cell."""
        picture = self.to_pil()
        picture.thumbnail((_SIGHT, _SIGHT))
        return _encoded(picture)

    @classmethod
    def _of_picture(cls, picture: PIL.Image.Image) -> Mask:
        made = cls.__new__(cls)
        made._take(picture)
        return made

    def _take(self, picture: PIL.Image.Image) -> None:
        hard = _hardened(picture)
        self._png = _encoded(hard)
        self._size = hard.size
        self._white = hard.histogram()[255]
        self._name = hashlib.sha256(self._png).hexdigest()[:8]


def mask_text(mask: Any, size: tuple[int, int] | None, *, resize: bool = False) -> str:
    """Encode a mask as the service takes it: a base64 PNG of the picture's size, 0 or 255; white is repainted.

    Parameters
    ----------
    mask : Mask, path, bytes, PIL image or 2-D array
        See `Mask.of`. A mask that is white all over is one, too: everything is repainted.
    size : tuple of int or None
        Width and height of the picture, in pixels; None when they are not known.
    resize : bool
        Make a mask of another size fit.

    Raises
    ------
    ValueError
        The mask has another size, or is empty.
    """
    made = Mask.of(mask)
    if made.is_empty:
        raise ValueError("The mask is empty: paint the region to change in white.")
    if size is not None and made.size != size:
        if not resize:
            raise ValueError(
                f"The mask has {made.width} x {made.height} pixels and the picture {size[0]} x {size[1]}: "
                f"resize_mask=True makes it fit, as mask.resized({size}) does."
            )
        made = made.resized(size)
    return base64.b64encode(made.png).decode()


def mask_file(text: str) -> tuple[bytes, str] | None:
    """Give the file that a request's mask is, and its kind; None when the text would not be exactly the same again."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    kind = next((kind for start, kind in _KINDS.items() if content.startswith(start)), None)
    return (content, kind) if kind and base64.b64encode(content).decode() == text else None


def is_kept(text: str) -> bool:
    """Tell whether a request's mask is no mask but the name of its file, as rows have it; such a file was not found."""
    return _KEPT.fullmatch(text) is not None


def refuse_lost(text: str | None) -> None:
    """See to it that a mask is there before it is sent.

    Raises
    ------
    SessionError
        Its file is gone, or was changed.
    """
    if text is not None and is_kept(text):
        raise SessionError(
            f"The mask of this generation is lost: its file {text} is not in the session's folder any more, or was changed. "
            "Put it back and open the session again, or give another mask."
        )


@lru_cache(maxsize=128)
def mask_of(text: str) -> Mask:
    """Read the mask of a request.

    Raises
    ------
    SessionError
        Its file is gone.
    ValueError
        It is no picture.
    """
    refuse_lost(text)
    try:
        return Mask(base64.b64decode(text.rpartition("base64,")[2], validate=True))
    except binascii.Error as error:
        raise ValueError(f"The mask of this request is no picture in base64: {text[:40]!r}") from error


def masks_of(texts: Iterable[str | None], number: int | None = None) -> tuple[Mask, ...]:
    """Read the masks of requests, each once, as many as `number`; what is none, or is lost, is left out."""
    found: dict[Mask, None] = {}
    for text in dict.fromkeys(texts):
        if len(found) == number:
            break
        with suppress(SessionError, ValueError):
            if text:
                found[mask_of(text)] = None
    return tuple(found)


@lru_cache(maxsize=4096)
def mask_name(text: str) -> str:
    """Say by which name the mask of a request is known, without decoding it; empty for one that is no picture."""
    if kept := _KEPT.fullmatch(text):
        return kept[1][:8]
    found = mask_file(text)
    return hashlib.sha256(found[0]).hexdigest()[:8] if found else ""


def _opened(content: bytes) -> PIL.Image.Image:
    try:
        return imaging.open_picture(content)
    except ResponseError as error:
        raise ValueError(f"The mask is no picture: {imaging.unreadable(error.__cause__)}.") from error


def _hardened(picture: PIL.Image.Image) -> PIL.Image.Image:
    """Make a picture black and white, and forget whatever else its file said."""
    import numpy as np
    import PIL.Image

    if not 0 < picture.width * picture.height <= MOST_PIXELS:
        raise ValueError(f"A mask has from 1 to {MOST_PIXELS:,} pixels, not {picture.width} x {picture.height}.")
    try:
        picture.load()
    except (OSError, SyntaxError) as error:  # it was opened lazily, and breaks now
        raise ValueError(f"The mask is no picture: {imaging.unreadable(error)}.") from error
    if picture.mode[0] in "IF":  # more than 8 bits, whose white Pillow does not know
        picture = PIL.Image.fromarray(_bools(np.asarray(picture)))
    elif picture.has_transparency_data:
        black = PIL.Image.new("RGBA", picture.size, (0, 0, 0, 255))
        black.alpha_composite(picture.convert("RGBA"))
        picture = black
    hard = picture.convert("L").point(lambda level: 255 * (level >= _HALF))
    return PIL.Image.frombytes("L", hard.size, hard.tobytes())


def _encoded(picture: PIL.Image.Image) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


def _bools(values: Any) -> NDArray[np.bool_]:
    """Find the brighter half of an array."""
    import numpy as np

    try:
        array = np.asarray(values)
    except ValueError as error:  # rows of different lengths
        raise ValueError(f"This is no array of height x width: {error}") from error
    if array.ndim != 2:  # noqa: PLR2004 - rows and columns
        raise ValueError(f"A mask has two dimensions, height x width, not {array.ndim}.")
    if not 0 < array.size <= MOST_PIXELS:
        raise ValueError(f"A mask has from 1 to {MOST_PIXELS:,} pixels, not {array.shape[1]} x {array.shape[0]}.")
    if array.dtype.kind not in "buif":
        raise ValueError(f"A mask is an array of booleans or numbers, not of {array.dtype}.")
    if array.dtype == bool:
        return array
    low, high = float(array.min()), float(array.max())
    if not (low >= 0 and high <= 65_535):  # noqa: PLR2004 - 16 bits; not a number is neither
        raise ValueError(f"The numbers of a mask go from 0 to 1, or from 0 to 255; these go from {low:g} to {high:g}.")
    white = next(top for top in (1, 255, 65_535) if high <= top)
    return array >= white / 2

"""Pictures saved as files that explain themselves: their pixels as they are, and what is known about them beside these."""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from mj_widgets.models import Box
from mj_widgets.session import imaging, xmp

if TYPE_CHECKING:
    import PIL.Image

    from mj_widgets.session.generation import Generation

KINDS = {".png": "PNG", ".webp": "WEBP"}
"""Pillow's names of what is written and read, by suffix."""

_EIGHT_BITS = frozenset({"1", "L", "P", "LA", "PA", "RGB", "RGBA"})


def save(gen: Generation, path: str | Path, *, tile: int = 0, overwrite: bool = False) -> Path:
    """Write the picture of a generation, or one tile of it, with all that is known about it: see `Generation.save`."""
    from mj_widgets.session import metadata  # reads what is written here

    path = Path(path).expanduser()
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise ValueError(f"A picture is saved as .png or .webp, not as {path.suffix or 'a file without a suffix'!r}: {path}")
    if path.is_dir() or (path.exists() and not overwrite):
        raise ValueError(f"{path} is there already. overwrite=True replaces a file.")
    if path.resolve().is_relative_to(gen.session.path / "images"):
        raise ValueError(f"{path} is where the session keeps its pictures as the service sent them: save it elsewhere.")
    image = gen.image
    if image is None:
        raise ValueError(f"{gen.id} has no picture (yet): it is {gen.status}.")
    tiles = gen.tiles
    if tile not in range(len(tiles) + 1):
        raise ValueError(f"{gen.id} has the tiles 1 to {len(tiles)}, and 0 for the whole; not {tile!r}.")
    part = tiles[tile - 1] if tile else image
    content = part._file()
    if image.path and hashlib.sha256(content).hexdigest() != image.path.stem:
        raise ValueError(f"The file of {gen.id} was changed since it was made: session.verify() fetches it again.")
    write(path, xmp.embed(_encoded(content, part.box, kind), metadata.packet(gen, part)))
    return path


def _encoded(content: bytes, box: Box | None, kind: str) -> bytes:
    """Give a picture's file as it is, where it is of that kind and all of it is meant; else its pixels, without loss."""
    if box is None and xmp.kind(content) == kind:
        return content
    picture = imaging.open_picture(content)
    colours = picture.info.get("icc_profile")
    part = picture.crop(box) if box else picture
    buffer = BytesIO()
    if kind == "PNG":
        part = part.convert("RGB") if part.mode in ("CMYK", "YCbCr") else part  # which PNG does not have
        part.save(buffer, "PNG", icc_profile=colours)
        return buffer.getvalue()
    if part.mode not in _EIGHT_BITS:
        raise ValueError(f"WebP holds 8 bits a channel, and this picture has more ({part.mode}): save it as .png.")
    part.convert(_colours(part)).save(buffer, "WEBP", lossless=True, exact=True, quality=50, icc_profile=colours)
    return buffer.getvalue()


def _colours(picture: PIL.Image.Image) -> str:
    return "RGBA" if "A" in picture.getbands() or "transparency" in picture.info else "RGB"


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{secrets.token_hex(8)}{path.suffix}")
    try:
        with unfinished.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)

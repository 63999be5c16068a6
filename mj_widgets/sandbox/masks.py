"""Masks: which part of a picture is painted anew."""

from __future__ import annotations

import base64
import binascii
from io import BytesIO

from PIL import Image

from mj_widgets.sandbox.picture import Picture
from mj_widgets.sandbox.prompts import RefusalError
from mj_widgets.sandbox.render import crop, png

_WHITE = 128  # from this level on, of 255, a pixel is repainted
_MOST_PIXELS = 64_000_000


def read_mask(text: str, picture: Picture) -> list[bytes]:
    """Decode a mask, and cut it up for the tiles of a picture.

    Parameters
    ----------
    text : str
        A PNG or JPEG in base64, white where the picture is painted anew. One of another size is scaled to fit.
    picture : Picture
        The picture that it lies on.

    Returns
    -------
    list of bytes
        For each tile a PNG, black and white.

    Raises
    ------
    RefusalError
        It is no picture, or nothing of it is white.
    """
    try:
        data = base64.b64decode(text.rpartition("base64,")[2], validate=True)
        with Image.open(BytesIO(data), formats=("PNG", "JPEG")) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                raise RefusalError("The mask is too large", status=413, code="content_too_large")
            grey = opened.convert("L")
    except (binascii.Error, ValueError, OSError):
        raise RefusalError("`mask` is no PNG or JPEG in base64") from None
    hard = grey.point(lambda level: 255 * (level >= _WHITE))
    if hard.getbbox() is None:
        raise RefusalError("`mask` is black: paint white what is to be repainted")
    fitted = hard.resize(picture.size, Image.Resampling.NEAREST)
    return [png(crop(picture, fitted, k).convert("1")) for k in range(len(picture.tiles))]

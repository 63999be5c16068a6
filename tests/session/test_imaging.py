from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from mj_widgets.errors import ResponseError
from mj_widgets.models import Image
from mj_widgets.session import imaging


def png(picture: PIL.Image.Image) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def test_tiles_are_in_reading_order_and_cover_the_grid() -> None:
    boxes = imaging.tile_boxes(101, 60)
    assert boxes == ((0, 0, 50, 30), (50, 0, 101, 30), (0, 30, 50, 60), (50, 30, 101, 60))


def test_a_thumbnail_is_webp_within_its_sides_and_bytes() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (700, 1400, 3), dtype="uint8")
    for picture in (PIL.Image.fromarray(noise), PIL.Image.new("RGBA", (30, 40), (1, 2, 3, 4))):
        webp = imaging.thumbnail(picture)
        small = PIL.Image.open(BytesIO(webp))
        assert small.format == "WEBP"
        assert max(small.size) <= 256
        assert len(webp) <= imaging.THUMBNAIL_LIMIT


@pytest.mark.parametrize("content", [b"", b"<html>", png(PIL.Image.new("L", (64, 64)))[:60]])
def test_what_does_not_decode_is_refused(content: bytes) -> None:
    with pytest.raises(ResponseError, match="no picture"):
        imaging.open_picture(content)


def test_a_decompression_bomb_is_refused() -> None:
    bomb = png(PIL.Image.new("1", (12_000, 12_000)))
    assert len(bomb) < 100_000
    with pytest.raises(ResponseError, match="bomb"):
        imaging.open_picture(bomb)


def test_a_thumbnail_is_made_once_and_the_room_is_bounded(tmp_path: Path) -> None:
    """Decoding a picture of 2048 x 2048 pixels takes as long as all the rest of showing it."""
    path = tmp_path / "a.png"
    PIL.Image.new("RGB", (64, 64), "red").save(path)
    picture, renditions = Image(path=path), imaging.Renditions(room=1000)
    made = renditions.give(picture, 48)
    path.unlink()
    assert renditions.give(picture, 48) is made
    renditions.keep(path, None, 32, bytes(1000))  # which leaves no room for the other
    with pytest.raises(FileNotFoundError):
        renditions.give(picture, 48)

"""Clips: a camera that moves slowly into the first frame, as MP4 with AV1 in it, which browsers play."""

from __future__ import annotations

import re
from io import BytesIO

from PIL import Image

_A_SECOND = 5  # frames
_DEPTH = 0.02  # of the frame's size, that the first of the clips moves in by in a second; the others move further
_WHEN = re.compile(rb"((?:mvhd|tkhd|mdhd).{4}).{16}", re.DOTALL)  # made and changed: the same clip is the same bytes
_LENGTH = re.compile(rb"(mvhd.{24}|tkhd.{28}).{8}", re.DOTALL)  # in ms
_WHERE = re.compile(rb"(stco.{8})(.{4})", re.DOTALL)  # the frames begin, from the start of the file
_BRAND = b"\0\0\0\x18ftypisom\0\0\0\0isomav01"


def clip(first: Image.Image, index: int, seconds: int) -> bytes:
    """Write one of four clips.

    Parameters
    ----------
    first : PIL.Image.Image
        The first frame, which is also the size of the clip.
    index : int
        Which of them, 0 to 3.
    seconds : int
        Its length.

    Returns
    -------
    bytes
        An MP4. Pillow has no writer for it, and one for AVIF sequences, which are the same (ISO/IEC 14496-12), but for two
        names, that they never end, and that they begin as a picture, which is all that a player would show.
    """
    width, height = first.size
    count = seconds * _A_SECOND
    shares = (_DEPTH * (1 + index) * seconds * k / count for k in range(count))  # the corner with the mark stays in sight
    boxes = ((width * share, height * share, width, height) for share in shares)
    start, *rest = (first.resize(first.size, Image.Resampling.BILINEAR, box=box) for box in boxes)
    file, pause = BytesIO(), 1000 // _A_SECOND  # ms
    start.save(file, "AVIF", quality=45, speed=10, max_threads=1, save_all=True, append_images=rest, duration=pause)
    head, moov, tracks = file.getvalue().partition(b"moov")
    tracks = _WHEN.sub(lambda found: found[1] + bytes(16), tracks, count=3)
    tracks = _LENGTH.sub(lambda found: found[1] + (count * pause).to_bytes(8, "big"), tracks, count=2)
    tracks = tracks.replace(b"elst\1\0\0\1", b"elst\1\0\0\0", 1)  # once, and not again and again
    gone = len(head) - 4 - len(_BRAND)  # the length of what follows stands before its name
    tracks = _WHERE.sub(lambda found: found[1] + (int.from_bytes(found[2], "big") - gone).to_bytes(4, "big"), tracks, count=1)
    return _BRAND + head[-4:] + moov + tracks.replace(b"pict", b"vide", 1)

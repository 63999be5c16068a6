"""Pictures on demand: drawn in a thread, so that nobody else waits, and kept for a little while."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from mj_widgets.sandbox.picture import Picture

if TYPE_CHECKING:
    from PIL.Image import Image

_AT_ONCE = 2  # drawings; more would only take the machine from everybody else
_KEPT = 12


class Gallery:
    """Draws pictures and encodes them.

    Parameters
    ----------
    masks : callable
        Finds a mask by its name.
    """

    def __init__(self, masks: Callable[[str], bytes]) -> None:
        self._masks = masks
        self._limiter = anyio.CapacityLimiter(_AT_ONCE)
        self._drawn = lru_cache(maxsize=_KEPT)(self._draw)
        self._encoded = lru_cache(maxsize=2 * _KEPT)(self._encode)
        self._clipped = lru_cache(maxsize=_KEPT)(self._clip)

    async def full(self, picture: Picture, *, half: bool) -> bytes:
        """Give a picture as PNG, whole or half as wide and high."""
        return await self._in_thread(partial(self._encoded, picture, "half" if half else "full"))

    async def tile(self, picture: Picture, index: int) -> bytes:
        """Give one tile of a grid as PNG."""
        return await self._in_thread(partial(self._encoded, picture, index))

    async def preview(self, picture: Picture, progress: int, *, half: bool) -> bytes:
        """Give a small picture as WebP, as clear as its progress."""
        return await self._in_thread(partial(self._preview, picture, progress, half=half))

    async def clip(self, picture: Picture, index: int, seconds: int) -> bytes:
        """Give one of four clips that start from a picture, half as wide and high, as MP4."""
        return await self._in_thread(partial(self._clipped, picture, index, seconds))

    async def _in_thread(self, work: Callable[[], bytes]) -> bytes:
        return await anyio.to_thread.run_sync(work, limiter=self._limiter)

    def _draw(self, picture: Picture) -> Image:
        from mj_widgets.sandbox.render import render  # Pillow and numpy take a while to load: not before the first picture

        return render(picture, self._masks)

    def _encode(self, picture: Picture, what: str | int) -> bytes:
        from mj_widgets.sandbox.render import crop, halved, png

        whole = self._drawn(picture)
        if isinstance(what, int):
            return png(crop(picture, whole, what))
        return png(halved(whole) if what == "half" else whole)

    def _clip(self, picture: Picture, index: int, seconds: int) -> bytes:
        from mj_widgets.sandbox.clips import clip
        from mj_widgets.sandbox.render import halved

        return clip(halved(self._drawn(picture)), index, seconds)

    def _preview(self, picture: Picture, progress: int, *, half: bool) -> bytes:
        from mj_widgets.sandbox.render import preview

        return preview(self._drawn(picture), progress, half=half)

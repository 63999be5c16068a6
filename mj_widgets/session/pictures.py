"""The files of a generation: fetched when it ends, because their addresses die, and kept by what is in them."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

from mj_widgets.api.client import Client
from mj_widgets.errors import APIError, StatusError
from mj_widgets.models import Clip, Image, Outcome, Status
from mj_widgets.session import imaging
from mj_widgets.session.generation import Generation
from mj_widgets.session.store import Store

log = logging.getLogger(__name__)

_PREVIEW_PAUSE = 0.2  # seconds between two previews of one generation
_EXPIRED = (403, 404, 410)
_PREVIEW_BYTES = 5 * 2**20


class Pictures:
    """Fetches, checks and keeps.

    Parameters
    ----------
    store : Store
        Where they are kept.
    client : Client
        Whom it asks.
    """

    def __init__(self, store: Store, client: Client) -> None:
        self._store = store
        self._client = client
        self._previews: dict[str, asyncio.Task[None]] = {}

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """What is being fetched for a look alone."""
        return [*self._previews.values()]

    async def fetch(self, gen: Generation, outcome: Outcome) -> Outcome:
        """Fetch every file of an outcome; where an address has died, ask for a fresh one.

        Raises
        ------
        MJError
            It is not there, is no picture, or cannot be written.
        """
        try:
            return await self._download(gen, outcome)
        except StatusError as error:
            fresh = await self._asked_again(gen) if error.status_code in _EXPIRED else None
            if fresh is None or _addresses(fresh) == _addresses(outcome):
                raise
            return await self._download(
                gen, outcome.model_copy(update={"image": fresh.image, "parts": fresh.parts, "clips": fresh.clips})
            )

    async def _asked_again(self, gen: Generation) -> Outcome | None:
        """Ask the service where the pictures of a generation are now."""
        try:
            record = await self._client.task(gen.task_id) if gen.task_id else None
        except APIError:
            return None
        return record.outcome if record and record.outcome.status is Status.SUCCEEDED else None

    async def _download(self, gen: Generation, outcome: Outcome) -> Outcome:
        files: dict[str, Any] = {"parts": [], "clips": []}
        if outcome.image:
            content, kind = await self._client.download(outcome.image.url)
            files["image"] = await asyncio.to_thread(keep, self._store, content, kind, outcome.image, gen.is_grid)
        for part in outcome.parts:
            content, kind = await self._client.download(part.url)
            files["parts"].append(await asyncio.to_thread(keep, self._store, content, kind, part, False))
        for clip in outcome.clips:
            content, kind = await self._client.download(clip.url, clip=True)
            path = await asyncio.to_thread(self._store.keep_picture, content, kind)
            files["clips"].append(clip.model_copy(update={"path": path}))
        return outcome.model_copy(update=files | {"parts": tuple(files["parts"]), "clips": tuple(files["clips"])})

    def show_preview(self, gen: Generation, image: Image | None) -> None:
        """Fetch the picture as far as it is drawn, and show it."""
        if image is None or gen.id in self._previews:
            return  # one at a time: what comes meanwhile is skipped, the next line brings a better one
        task = asyncio.get_running_loop().create_task(self._fetch_preview(gen, image.thumb_url or image.url))
        self._previews[gen.id] = task
        task.add_done_callback(lambda _: self._previews.pop(gen.id, None))

    async def _fetch_preview(self, gen: Generation, url: str) -> None:
        """Fetch a preview at once: its address dies when the generation ends."""
        try:
            content, _ = await self._client.download(url, limit=_PREVIEW_BYTES)
            if len(content) > imaging.PREVIEW_LIMIT:
                picture = await asyncio.to_thread(imaging.open_picture, content)
                content = await asyncio.to_thread(imaging.thumbnail, picture, 512, limit=imaging.PREVIEW_LIMIT)
        except APIError as error:
            log.debug("A preview of generation %s is gone: %s", gen.id, error)
            return
        if gen.status is Status.RUNNING:
            gen._show_preview(content)
            await asyncio.sleep(_PREVIEW_PAUSE)


def keep(store: Store, content: bytes, kind: str, image: Image, is_grid: bool) -> Image:
    """Check a picture and store it, with a thumbnail of it and of each of its tiles.

    Raises
    ------
    MJError
        It is no picture, or cannot be written.
    """
    picture = imaging.open_picture(content)
    path: Path = store.keep_picture(content, kind)
    boxes = imaging.tile_boxes(*picture.size) if is_grid and min(picture.size) > 1 else ()
    parts = enumerate((picture, *map(picture.crop, boxes)))
    store.keep_thumbnails(path, {tile: imaging.thumbnail(part) for tile, part in parts})
    if not is_grid:  # it is shown at once, and large
        imaging.renditions.keep(path, None, imaging.LARGE, imaging.thumbnail(picture, imaging.LARGE, limit=None))
    return image.model_copy(update={"path": path, "width": picture.width, "height": picture.height})


def files_of(outcome: Outcome) -> list[Image | Clip]:
    """Give all that has a file: the picture, its tiles, its clips."""
    return [*filter(None, [outcome.image]), *outcome.parts, *outcome.clips]


def is_missing(outcome: Outcome) -> bool:
    """Tell whether a file of it was not fetched, or is gone."""
    return any(file.path is None for file in files_of(outcome))


def _addresses(outcome: Outcome) -> list[str]:
    return [file.url for file in files_of(outcome)]

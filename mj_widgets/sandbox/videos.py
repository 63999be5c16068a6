"""From a request to ``/midjourney/videos`` to a job."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mj_widgets.sandbox.edits import require, seen_at, single
from mj_widgets.sandbox.fates import Fate
from mj_widgets.sandbox.jobs import Job, JobBook
from mj_widgets.sandbox.orders import Types, known
from mj_widgets.sandbox.picture import Picture
from mj_widgets.sandbox.prompts import RefusalError, read_prompt

_MODES = ("fast", "turbo")
_SECONDS, _MORE = 5, 4  # of a new clip, and what an extension adds
_SIDES = {"480p": 620, "720p": 960}  # a frame has as many pixels as a square of this side
_TYPES: Types = {
    "action": str, "prompt": str, "image_url": str, "end_image_url": str, "video_id": str, "video_index": int, "mode": str,
    "resolution": str, "loop": bool, "callback_url": str, "async": bool,
}  # fmt: skip


def place_video(body: dict[str, Any], book: JobBook, fate: Fate | None = None) -> Job:
    """Take an order for four clips, or to lengthen one of four.

    Parameters
    ----------
    body, book, fate
        As in `orders.place`.

    Raises
    ------
    RefusalError
        Something is wrong with it; nothing is kept then.
    """
    request = {"action": "generate", "mode": "fast", "resolution": "720p", **known(body, _TYPES)}
    if request["mode"] not in _MODES:
        raise RefusalError(f"mode must be one of {', '.join(_MODES)} for a video, not `{request['mode']}`")
    if request["resolution"] not in _SIDES:
        raise RefusalError(f"resolution must be one of {', '.join(_SIDES)}, not `{request['resolution']}`")
    if text := str(request.get("prompt", "")).strip():
        read_prompt(text)
    if request["action"] == "generate":
        first = seen_at(require(request, "image_url"), book)
    elif request["action"] == "extend":
        first = _parent(request, book).picture
    else:
        raise RefusalError(f"action must be generate or extend, not `{request['action']}`")
    if request.get("end_image_url"):
        seen_at(request["end_image_url"], book)
    return book.add(request, request, lambda _: _frame(first, request), endpoint="videos", fate=fate)


def seconds_of(job: Job) -> int:
    """Say how long the clips of a job are."""
    return _SECONDS + (_MORE if job.request["action"] == "extend" else 0)


def _parent(request: dict[str, Any], book: JobBook) -> Job:
    video_id, index = require(request, "video_id"), request.get("video_index", 0)
    if index not in range(4):
        raise RefusalError(f"video_index must be 0 to 3, not {index}")
    job = book.find(image_id=video_id)
    if job is None or job.endpoint != "videos" or not job.succeeded(book.clock()):
        raise RefusalError(f"video_id `{video_id}` is not known")
    return job


def _frame(picture: Picture, request: dict[str, Any]) -> Picture:
    return replace(single(picture, 0), side=_SIDES[request["resolution"]])

"""From a request to ``/midjourney/edits`` to a job, and which picture an address means."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from mj_widgets.sandbox.actions import follow, generate, repaint
from mj_widgets.sandbox.dice import mix
from mj_widgets.sandbox.fates import Fate
from mj_widgets.sandbox.jobs import Job, JobBook
from mj_widgets.sandbox.orders import Types, known, seed_of
from mj_widgets.sandbox.picture import SINGLE_SIDE, Picture
from mj_widgets.sandbox.prompts import Prompt, RefusalError, read_prompt

_MODES = ("fast", "relax", "turbo")
_TYPES: Types = {
    "image_url": str, "prompt": str, "action": str, "mode": str, "mask": str, "split_images": bool,
    "callback_url": str, "async": bool,
}  # fmt: skip
_OURS = re.compile(r"/(?:midjourney|video)/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\.png|/0_([0-3])\.png|/cover\.png)")
_PLACES = ("by the sea", "in a forest", "in the mountains", "in a city at night", "in a desert", "in a meadow", "in snow")
_FIGURES = ("fox", "lighthouse", "castle", "boat", "owl", "deer", "house", "robot", "balloon", "tree", "cat", "mushroom")


def place_edit(body: dict[str, Any], book: JobBook, fate: Fate | None = None) -> Job:
    """Take an order to change any picture that has an address.

    Parameters
    ----------
    body, book, fate
        As in `orders.place`.

    Raises
    ------
    RefusalError
        Something is wrong with it; nothing is kept then.
    """
    request = {"action": "generate", "mode": "fast", **known(body, _TYPES)}
    url, prompt = require(request, "image_url"), read_prompt(require(request, "prompt"))
    if request["mode"] not in _MODES:
        raise RefusalError(f"mode must be one of {', '.join(_MODES)}, not `{request['mode']}`")
    if request["action"] != "generate":
        raise RefusalError(f"action must be generate, not `{request['action']}`")
    source = seen_at(url, book)

    def edited(job_id: str) -> Picture:
        return _edited(request, source, prompt, seed_of(job_id, prompt), book)

    return book.add(request, request, edited, endpoint="edits", fate=fate)


def require(request: dict[str, Any], name: str) -> str:
    """Read a text that has to be there.

    Raises
    ------
    RefusalError
        It is missing, or blank.
    """
    text = str(request.get(name, "")).strip()
    if not text:
        raise RefusalError(f"{name} is required")
    return text


def job_at(url: str, book: JobBook) -> tuple[Job, int | None] | None:
    """Find the job whose picture is at an address, and the tile that is meant, 0 to 3; None when it is not of our making.

    Raises
    ------
    RefusalError
        It is no address, or there is no picture at it yet.
    """
    if not re.match(r"https?://[^/]", url):
        raise RefusalError("image_url must be the http(s) address of a picture")
    match = _OURS.search(url)
    job = book.find(job_id=match[1]) if match else None
    if match is None or job is None:
        return None
    if not job.succeeded(book.clock()):
        raise RefusalError(f"The picture at `{url}` could not be downloaded")
    return job, int(match[2]) if match[2] else None


def seen_at(url: str, book: JobBook) -> Picture:
    """Find the picture at an address; of one that is not of our making, imagine what it shows."""
    found = job_at(url, book)
    if found is None:
        return single(generate(read_prompt(scene_at(url)), mix(url), "8.2"), 0)
    job, index = found
    return job.picture if index is None else single(job.picture, index)


def single(picture: Picture, index: int) -> Picture:
    """Take one tile of a picture by itself."""
    return replace(picture, kind="single", side=SINGLE_SIDE, tiles=(picture.tiles[index],))


def scene_at(url: str) -> str:
    """Imagine what a picture that nobody looks at shows: always the same for one address."""
    figure, where = _FIGURES[mix(url, "figure") % len(_FIGURES)], _PLACES[mix(url, "place") % len(_PLACES)]
    return f"a {figure} {where} --ar {('1:1', '3:2', '2:3', '4:5', '16:9')[mix(url, 'shape') % 5]}"


def _edited(request: dict[str, Any], source: Picture, prompt: Prompt, seed: int, book: JobBook) -> Picture:
    if not request.get("mask"):
        tiles = tuple(replace(tile, features=prompt.features(tile.features)) for tile in source.tiles)
        return follow("variation_strong", replace(source, tiles=tiles), seed, None)
    from mj_widgets.sandbox.masks import read_mask  # draws: Pillow and numpy

    return repaint(source, read_mask(request["mask"], source), seed, prompt, book.keep_mask)

"""From a request to ``/midjourney/imagine`` to a job: what is understood, and what is refused."""

from __future__ import annotations

from typing import Any, TypeAlias

from mj_widgets.sandbox.actions import follow, generate, offered, repaint
from mj_widgets.sandbox.dice import mix
from mj_widgets.sandbox.fates import Fate
from mj_widgets.sandbox.jobs import Job, JobBook
from mj_widgets.sandbox.picture import Picture
from mj_widgets.sandbox.prompts import Prompt, RefusalError, read_prompt

_MODES = ("fast", "relax", "turbo")
_VERSIONS = ("5.2", "6", "6.1", "7", "8", "8.1", "8.2")
_NEWEST = "8.2"
_QUALITIES = (".25", "0.25", ".5", "0.5", "1", "2", "4")
Types: TypeAlias = dict[str, type | tuple[type, ...]]
_TYPES: Types = {
    "prompt": str, "action": str, "image_id": str, "mode": str, "mask": str, "translation": bool, "split_images": bool,
    "timeout": (int, float), "callback_url": str, "async": bool, "version": str, "hd": bool, "quality": str,
    "style_reference": bool, "moodboard": bool,
}  # fmt: skip


def place(body: dict[str, Any], book: JobBook, fate: Fate | None = None) -> Job:
    """Take an order.

    Parameters
    ----------
    body : dict
        The request's JSON.
    book : JobBook
        Where the job is kept, and the picture that it continues is found.
    fate : Fate or None
        What is to go wrong with it.

    Raises
    ------
    RefusalError
        Something is wrong with it; nothing is kept then.
    """
    request = {"action": "generate", "mode": "fast", **known(body, _TYPES)}
    prompt = _prompt(request)
    _check_model(request, prompt)
    source = None if request["action"] == "generate" else _source(request, book)
    if source and request["action"] == "reroll":  # asks again for what its parent asked for
        return book.add(request, source.origin, lambda job_id: _made(source.origin, job_id, book, fresh=True), fate=fate)
    return book.add(request, request, lambda job_id: _made(request, job_id, book), fate=fate)


def known(body: dict[str, Any], types: Types) -> dict[str, Any]:
    """Keep what the service knows; vendors' clients send null for what is not given."""
    found = {name: body[name] for name in types if body.get(name) is not None}
    for name, value in found.items():
        if not isinstance(value, types[name]) or (isinstance(value, bool) and types[name] is not bool):
            raise RefusalError(f"`{name}` has the wrong type: {type(value).__name__}")
    if found.get("timeout", 1) <= 0:
        raise RefusalError("timeout must be more than 0 seconds")
    return found


def seed_of(job_id: str, prompt: Prompt | None = None) -> int:
    """Find the seed of a job: the one that its prompt names, or else its own, which ``--seed`` takes as well."""
    named = prompt.seed if prompt else None
    return mix(job_id, "seed") % 2**32 if named is None else named


def _prompt(request: dict[str, Any]) -> Prompt | None:
    text = str(request.get("prompt", "")).strip()
    if text:
        return read_prompt(text)
    if request["action"] == "generate":
        raise RefusalError("prompt is required")
    return None


def _check_model(request: dict[str, Any], prompt: Prompt | None) -> None:
    mode, version = request["mode"], _version(request, prompt)
    if mode not in _MODES:
        raise RefusalError(f"mode must be one of {', '.join(_MODES)}, not `{mode}`")
    if request.get("version", _NEWEST) not in _VERSIONS:
        raise RefusalError(f"version must be one of {', '.join(_VERSIONS)}, not `{request['version']}`")
    if request.get("quality", "1") not in _QUALITIES:
        raise RefusalError(f"quality must be one of .25, .5, 1, 2, 4, not `{request['quality']}`")
    if version == "8.1" and mode == "turbo":
        raise RefusalError("version 8.1 has no turbo mode")
    if version == "8.1" and ("quality" in request or (prompt and "quality" in prompt.parameters)):
        raise RefusalError("version 8.1 takes no quality")


def _version(request: dict[str, Any], prompt: Prompt | None) -> str:
    """Say which model is meant: the prompt's words go before the field, which is there for billing."""
    named = prompt.parameters.get("v") if prompt else None
    return str(named or request.get("version", _NEWEST))


def _source(request: dict[str, Any], book: JobBook) -> Job:
    action = request["action"]
    if not request.get("image_id"):
        raise RefusalError(f"image_id is required for the action `{action}`")
    job = book.find(image_id=request["image_id"])
    if job is None or not job.succeeded(book.clock()) or job.endpoint == "videos":
        raise RefusalError(f"image_id `{request['image_id']}` is not known")
    if action == "variation_region":
        if not request.get("mask"):
            raise RefusalError("mask is required for the action `variation_region`")
    elif action not in offered(job.picture):
        raise RefusalError(f"The action `{action}` is not available for this image")
    return job


def _made(request: dict[str, Any], job_id: str, book: JobBook, *, fresh: bool = False) -> Picture:
    """Make the picture of a request; a fresh one does not listen to ``--seed``."""
    prompt = _prompt(request)
    seed = seed_of(job_id, None if fresh else prompt)
    if request["action"] == "generate" and prompt:
        return generate(prompt, seed, _version(request, prompt))
    source = book.find(image_id=request["image_id"])
    if source is None:  # it was there when the order was checked
        raise RefusalError(f"image_id `{request['image_id']}` is not known")
    if request["action"] != "variation_region":
        return follow(request["action"], source.picture, seed, prompt)
    from mj_widgets.sandbox.masks import read_mask  # draws: Pillow and numpy

    return repaint(source.picture, read_mask(request["mask"], source.picture), seed, prompt, book.keep_mask)

"""The endpoints that answer with words: describe, shorten, translate and seed.

They answer in JSON and at once, and are no language models: each does by a small rule what the service's
does by reading.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from mj_widgets.sandbox.chinese import in_english
from mj_widgets.sandbox.dice import chance, mix
from mj_widgets.sandbox.edits import job_at, require, scene_at, seen_at
from mj_widgets.sandbox.jobs import Job, JobBook
from mj_widgets.sandbox.orders import known, seed_of
from mj_widgets.sandbox.picture import Picture
from mj_widgets.sandbox.prompts import RefusalError, read_prompt
from mj_widgets.sandbox.talk import answer, read_body

_IN_FRONT = ("", "a drawing of ", "an illustration of ", "a quiet picture of ")
_BEHIND = ("", ", wide view", ", soft light, muted colours", ", flat shapes, calm mood")
_SMALL_WORDS = frozenset(
    ("a", "an", "the", "of", "in", "on", "at", "by", "with", "and", "or", "very", "really", "some", "that", "which", "is",
     "are", "its", "his", "her", "their", "to", "for")
)  # fmt: skip
_MOST_PROMPTS = 5
_FINEST_RATIO = 16  # no side of a described ratio is longer
_EMPTY = 0.3  # the share of answers of which one description is empty


class Texts:
    """The endpoints.

    Parameters
    ----------
    book : JobBook
        Where a description's task is kept, and pictures are found.
    """

    def __init__(self, book: JobBook) -> None:
        self.book = book

    async def describe(self, request: Request) -> Response:
        """Describe a picture four times; it makes a task, as at the service."""
        body = await read_body(request)
        job = await run_in_threadpool(place_description, body, self.book)
        return answer({"descriptions": list(job.texts)}, headers={"x-trace-id": job.trace_id})

    async def shorten(self, request: Request) -> Response:
        """Give up to five shorter prompts."""
        asked = known(await read_body(request), {"prompt": str})
        started_at = self.book.clock()
        prompts = shortened(require(asked, "prompt"))
        self.book.note_text("shorten", asked)
        finished_at = self.book.clock()
        times = {"elapsed": round(finished_at - started_at, 3), "started_at": started_at, "finished_at": finished_at}
        return answer({"prompts": prompts, "cost": 0.18, **times})

    async def translate(self, request: Request) -> Response:
        """Give a prompt in English."""
        asked = known(await read_body(request), {"content": str})
        content = in_english(require(asked, "content"))
        self.book.note_text("translate", asked)
        return answer({"content": content})

    async def seed(self, request: Request) -> Response:
        """Give a picture's seed: the same request with ``--seed`` and this number gives the same picture."""
        image_id = require(known(await read_body(request), {"image_id": str}), "image_id")
        job = self.book.find(image_id=image_id)
        if job is None or job.endpoint == "videos" or not job.succeeded(self.book.clock()):
            raise RefusalError(f"image_id `{image_id}` is not known")
        text = str(job.request.get("prompt", "")).strip()
        prompt = read_prompt(text) if text and job.request.get("action") != "reroll" else None
        return answer({"seed": str(seed_of(job.id, prompt))})


def place_description(body: dict[str, Any], book: JobBook) -> Job:
    """Describe the picture at an address: by the prompt that made it, where it is ours.

    Parameters
    ----------
    body, book
        As in `orders.place`.

    Raises
    ------
    RefusalError
        There is no picture.
    """
    request = known(body, {"image_url": str})
    url = require(request, "image_url")
    found = job_at(url, book)
    words = (_words(found[0], book) if found else "") or scene_at(url).partition(" --")[0]
    picture = seen_at(url, book)
    lines = [f"{_IN_FRONT[k]}{words}{_BEHIND[k]} --ar {_ratio(picture)}" for k in range(4)]
    turn = mix(url, "order") % 4
    lines = lines[turn:] + lines[:turn]
    if chance(url, "empty") < _EMPTY:
        lines[-1] = ""
    return book.add(request, request, lambda _: picture, endpoint="describe", texts=tuple(lines))


def shortened(prompt: str) -> list[str]:
    """Shorten a prompt step by step, its parameters last; five at most, the longest first."""
    words, dashes, parameters = prompt.partition(" --")
    told = [word for word in words.split() if not re.match(r"https?://", word)]
    weighty = [word for word in told if word.lower().strip(",.;") not in _SMALL_WORDS] or told
    sizes = sorted({-(-len(weighty) * part // _MOST_PROMPTS) for part in range(1, _MOST_PROMPTS + 1)}, reverse=True)
    prompts = [" ".join(weighty[:size]).strip(",.; ") for size in sizes]
    prompts[:1] = [f"{first}{dashes}{parameters}" for first in prompts[:1]]
    return prompts


def _words(job: Job, book: JobBook) -> str:
    """Find the words that a picture was made of: its own, or those of the nearest ancestor that has any."""
    source: Job | None = job
    while source:
        text = str(source.request.get("prompt", "")).strip()
        if text:
            return read_prompt(text).text
        source = book.find(image_id=str(source.request.get("image_id") or source.request.get("video_id") or ""))
    return ""


def _ratio(picture: Picture) -> str:
    width, height = picture.size
    flat = max(1, _FINEST_RATIO * min(width, height) // max(width, height))
    ratio = Fraction(width, height).limit_denominator(_FINEST_RATIO if width <= height else flat)
    return f"{ratio.numerator}:{ratio.denominator}"

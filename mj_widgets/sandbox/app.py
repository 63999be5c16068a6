"""The sandbox's HTTP face: what makes pictures and clips, the look-ups, and the files; texts are made in `texts`.

Every endpoint is a POST with JSON, as at the service; only files are fetched with GET. Who asks does not matter:
no token is needed, and a header that carries one is never read.
"""

from __future__ import annotations

import json
import math
import uuid
from asyncio import Event, wait_for
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any, TypeAlias

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from mj_widgets.sandbox.control import control_routes
from mj_widgets.sandbox.edits import place_edit
from mj_widgets.sandbox.fates import Fate
from mj_widgets.sandbox.faults import Faults
from mj_widgets.sandbox.gallery import Gallery
from mj_widgets.sandbox.jobs import Job, JobBook
from mj_widgets.sandbox.orders import place
from mj_widgets.sandbox.prompts import RefusalError
from mj_widgets.sandbox.replies import THUMBNAIL, accepted, preview_queries, record, result, unknown
from mj_widgets.sandbox.talk import answer, base_of, no_file, read_body, refuse
from mj_widgets.sandbox.texts import Texts
from mj_widgets.sandbox.videos import place_video, seconds_of

MOST_IDS = 50
_PATIENCE = 480.0  # seconds: how long a blocking reply waits unless told otherwise
_LOOK_AGAIN = 0.05  # seconds, at a job that is held
Place: TypeAlias = Callable[[dict[str, Any], JobBook, Fate | None], Job]


def make_app(book: JobBook, closing: Event, faults: Faults | None = None) -> Starlette:
    """Build the application.

    Parameters
    ----------
    book : JobBook
        What it remembers.
    closing : asyncio.Event
        Set when the server goes down: whoever waits is sent home at once.
    faults : Faults or None
        What ``/sandbox/faults`` speaks of; `breaking` makes them strike.
    """
    service, texts = Service(book, closing), Texts(book)
    app = Starlette(
        routes=[
            Route("/midjourney/imagine", service.imagine, methods=["POST"]),
            Route("/midjourney/edits", service.edits, methods=["POST"]),
            Route("/midjourney/videos", service.videos, methods=["POST"]),
            Route("/midjourney/describe", texts.describe, methods=["POST"]),
            Route("/midjourney/shorten", texts.shorten, methods=["POST"]),
            Route("/midjourney/translate", texts.translate, methods=["POST"]),
            Route("/midjourney/seed", texts.seed, methods=["POST"]),
            Route("/midjourney/tasks", service.tasks, methods=["POST"]),
            Route("/midjourney/{job_id}.png", service.picture, methods=["GET"]),
            Route("/midjourney/{job_id}/0_{index:int}.png", service.tile, methods=["GET"]),
            Route("/attachments/{job_id}/{name}_grid_{line:int}.webp", service.preview, methods=["GET"]),
            Route("/video/{job_id}/cover.png", service.cover, methods=["GET"]),
            Route("//video/{job_id}/0_{index:int}.mp4", service.clip, methods=["GET"]),
            *control_routes(book, faults or Faults()),
        ],
        exception_handlers={RefusalError: _refuse, HTTPException: _no_api, Exception: _broken},
    )
    app.router.redirect_slashes = False  # a path with a slash too many is no API
    return app


class Service:
    """The endpoints.

    Parameters
    ----------
    book, closing
        As in `make_app`.
    """

    def __init__(self, book: JobBook, closing: Event) -> None:
        self.book = book
        self.closing = closing
        self.gallery = Gallery(book.mask)

    async def imagine(self, request: Request) -> Response:
        """Take an order for a picture."""
        return await self._order(request, place)

    async def edits(self, request: Request) -> Response:
        """Take an order to change a picture."""
        return await self._order(request, place_edit)

    async def videos(self, request: Request) -> Response:
        """Take an order for clips."""
        return await self._order(request, place_video)

    async def _order(self, request: Request, place: Place) -> Response:
        """Take an order, and answer as the ``accept`` header and the body ask: a stream, a reply, or a receipt."""
        body = await read_body(request)
        job = await run_in_threadpool(place, body, self.book, request.scope.get("fate"))
        base, headers = base_of(request), {"x-trace-id": job.trace_id}
        if body.get("async") or body.get("callback_url"):
            return answer(accepted(job), headers=headers)
        if "application/x-ndjson" in request.headers.get("accept", ""):
            return StreamingResponse(self._lines(job, base), media_type="application/x-ndjson", headers=headers)
        limit = job.created_at + float(body.get("timeout") or _PATIENCE)
        job = await self._due(job, -1, limit)
        if job.finished_at > limit:
            return refuse(504, "timeout", "generation timed out", job.trace_id)
        if job.fate and job.fate.error:
            code, message = job.fate.error
            return refuse(403 if code == "forbidden" else 500, code, message, job.trace_id)
        return answer(result(job, len(job.lines) - 1, base), headers=headers)

    async def _lines(self, job: Job, base: str) -> AsyncIterator[bytes]:
        last = len(job.lines) - 1
        for k in range(last + 1):
            job = await self._due(job, k)
            if self.closing.is_set():
                return
            if k and job.quirk("keep-alive", 0.5):
                yield b"\n"
            end = b"" if k == last and job.quirk("no newline", 0.5) else b"\n"
            yield json.dumps(result(job, k, base)).encode() + end

    async def _due(self, job: Job, line: int, limit: float = math.inf) -> Job:
        """Wait for a line of a job, as long as `limit`; give the job as it is then: one that was held may be released."""
        while (due := job.lines[line][0]) == math.inf and self.book.clock() < limit and not self.closing.is_set():
            await self._until(min(limit, self.book.clock() + _LOOK_AGAIN))
            job = self.book.find(job_id=job.id) or job
        await self._until(min(due, limit))
        return job

    async def _until(self, due: float) -> None:
        """Sleep until a time, or until the server goes down."""
        if due < math.inf:
            with suppress(TimeoutError):
                await wait_for(self.closing.wait(), max(0.0, due - self.book.clock()))

    async def tasks(self, request: Request) -> Response:
        """Look up one job or many."""
        body = await read_body(request)
        action, base, now = body.get("action", "retrieve"), base_of(request), self.book.clock()
        if action == "retrieve":
            return self._one(body, base, now)
        if action != "retrieve_batch":
            raise RefusalError(f"action must be retrieve or retrieve_batch, not `{action}`")
        jobs, count = self._many(body)
        items = [record(job, now, base) for job in jobs]
        return answer({"items": items, "count": count})

    def _one(self, body: dict[str, Any], base: str, now: float) -> Response:
        job_id, trace_id = str(body.get("id") or ""), str(body.get("trace_id") or "")
        if not job_id and not trace_id:
            raise RefusalError("id or trace_id is required")
        job = self.book.find(job_id=job_id, trace_id=trace_id)
        if job is None:
            trace = str(uuid.uuid4())
            status, told = unknown(job_id or trace_id, trace)
            return answer(told, status=status, headers={"x-trace-id": trace})
        return answer(record(job, now, base), headers={"x-trace-id": job.trace_id})

    def _many(self, body: dict[str, Any]) -> tuple[list[Job], int]:
        ids, traces = body.get("ids") or [], body.get("trace_ids") or []
        for name, wanted in (("ids", ids), ("trace_ids", traces)):
            if not isinstance(wanted, list) or not all(isinstance(each, str) for each in wanted):
                raise RefusalError(f"{name} must be a list of strings")
            if len(wanted) > MOST_IDS:
                raise RefusalError(f"at most {MOST_IDS} {name} at a time")
        if ids or traces:
            found = self.book.find_many(job_ids=ids, trace_ids=traces)
            return found, len(found)
        numbers = {"offset": 0, "limit": 12, "created_at_min": 0.0, "created_at_max": 1e12}
        for name, usual in numbers.items():
            value = usual if body.get(name) is None else body[name]
            if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
                raise RefusalError(f"{name} must be a number, 0 or more")
            numbers[name] = value
        return self.book.page(
            offset=int(numbers["offset"]),
            limit=min(100, int(numbers["limit"])),
            since=numbers["created_at_min"],
            until=numbers["created_at_max"],
        )

    async def picture(self, request: Request) -> Response:
        """Send a finished picture, or its half. The query is compared as it came: one that was rebuilt is not found."""
        job, query = self._made(request, "imagine", "edits"), request.scope["query_string"]
        if job is None or query not in (b"", THUMBNAIL.encode()):
            return no_file()
        return Response(await self.gallery.full(job.picture, half=bool(query)), media_type="image/png")

    async def tile(self, request: Request) -> Response:
        """Send one tile of a finished grid."""
        job, index = self._made(request, "imagine", "edits"), int(request.path_params["index"])
        if job is None or job.picture.kind != "grid" or index not in range(4) or request.scope["query_string"]:
            return no_file()
        return Response(await self.gallery.tile(job.picture, index), media_type="image/png")

    async def preview(self, request: Request) -> Response:
        """Send a picture that is being drawn; when it is finished, its previews are gone."""
        job, line = self._job(request), int(request.path_params["line"])
        if job is None or job.finished(self.book.clock()) or line not in range(len(job.lines) - 1):
            return no_file()
        raw, thumb = (query.encode() for query in preview_queries(job, line))
        due, percent = job.lines[line]
        query = request.scope["query_string"]
        if due > self.book.clock() or query not in (raw, thumb):
            return no_file()
        data = await self.gallery.preview(job.picture.preview(), percent, half=query == thumb)
        return Response(data, media_type="image/webp")

    async def cover(self, request: Request) -> Response:
        """Send the first frame of clips."""
        job = self._made(request, "videos")
        if job is None or request.scope["query_string"]:
            return no_file()
        return Response(await self.gallery.full(job.picture, half=False), media_type="image/png")

    async def clip(self, request: Request) -> Response:
        """Send one of four clips; the path has two slashes in front, as the service's once had."""
        job, index = self._made(request, "videos"), int(request.path_params["index"])
        if job is None or index not in range(4) or request.scope["query_string"]:
            return no_file()
        return Response(await self.gallery.clip(job.picture, index, seconds_of(job)), media_type="video/mp4")

    def _job(self, request: Request) -> Job | None:
        return self.book.find(job_id=request.path_params["job_id"])

    def _made(self, request: Request, *endpoints: str) -> Job | None:
        job = self._job(request)
        return job if job and job.succeeded(self.book.clock()) and job.endpoint in endpoints else None


def _refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, RefusalError)  # noqa: S101 - it is registered for that class
    return refuse(error.status, error.code, error.message)


def _no_api(request: Request, _: Exception) -> Response:
    return refuse(404, "no_api", f"No API matches {request.method} {request.url.path}")


def _broken(_: Request, __: Exception) -> Response:
    return refuse(500, "api_error", "internal error")

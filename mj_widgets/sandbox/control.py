"""The sandbox's own endpoints, which the service does not have: faults, releases, and the ledger.

==============================  =========================================================================================
``POST /sandbox/faults``        asks for faults: a JSON list of what `Faults.add` takes, or one of them
``GET /sandbox/faults``         ``{"pending": [...], "fired": [...]}``
``DELETE /sandbox/faults``      forgets both
``POST /sandbox/release``       lets a stuck job go on, ``{"task_id": ...}``, or all of them, ``{}``
``GET /sandbox/ledger``         what would have been billed: see `read_ledger`
==============================  =========================================================================================
"""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mj_widgets.sandbox.faults import Faults
from mj_widgets.sandbox.jobs import JobBook
from mj_widgets.sandbox.ledger import read_ledger
from mj_widgets.sandbox.prompts import RefusalError
from mj_widgets.sandbox.talk import answer, read_body


def control_routes(book: JobBook, faults: Faults) -> list[Route]:
    """Make the routes."""

    async def ask(request: Request) -> Response:
        try:
            asked = json.loads(await request.body())
            faults.extend(asked if isinstance(asked, list) else [asked])
        except ValueError as error:
            raise RefusalError(str(error)) from None
        return answer({"pending": faults.pending})

    async def show(_: Request) -> Response:
        return answer({"pending": faults.pending, "fired": faults.fired})

    async def clear(_: Request) -> Response:
        faults.clear()
        return answer({"pending": [], "fired": []})

    async def release(request: Request) -> Response:
        body = await read_body(request)
        return answer({"released": [job.id for job in book.release(str(body.get("task_id") or ""))]})

    async def ledger(_: Request) -> Response:
        return answer(read_ledger(book))

    return [
        Route("/sandbox/faults", ask, methods=["POST"]),
        Route("/sandbox/faults", show, methods=["GET"]),
        Route("/sandbox/faults", clear, methods=["DELETE"]),
        Route("/sandbox/release", release, methods=["POST"]),
        Route("/sandbox/ledger", ledger, methods=["GET"]),
    ]

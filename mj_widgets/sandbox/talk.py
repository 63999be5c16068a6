"""How requests are read and replies written, by every endpoint alike."""

from __future__ import annotations

import json
import uuid
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mj_widgets.sandbox.prompts import RefusalError
from mj_widgets.sandbox.replies import failure

_LARGEST_BODY = 32_000_000  # bytes


async def read_body(request: Request) -> dict[str, Any]:
    """Read the JSON object that was sent.

    Raises
    ------
    RefusalError
        It is too large, or no such thing.
    """
    if int(request.headers.get("content-length", 0)) > _LARGEST_BODY:
        raise RefusalError("The request is too large", status=413, code="content_too_large")
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise RefusalError("The body is no JSON") from None
    if not isinstance(body, dict):
        raise RefusalError("The body must be a JSON object")
    return body


def base_of(request: Request) -> str:
    """Say where this sandbox is reached: ``http://host:port``."""
    return f"{request.url.scheme}://{request.url.netloc}"


def answer(body: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Reply in JSON; with a trace id of its own, unless `headers` bring one."""
    headers = headers or {"x-trace-id": str(uuid.uuid4())}
    return Response(json.dumps(body), status_code=status, headers=headers, media_type="application/json")


def refuse(status: int, code: str, message: str, trace_id: str = "") -> Response:
    """Reply with an error in the service's envelope."""
    trace_id = trace_id or str(uuid.uuid4())
    return answer(failure(code, message, trace_id), status=status, headers={"x-trace-id": trace_id})


def no_file(status: int = 404, code: str = "NoSuchKey") -> Response:
    """Answer as a picture host does, which knows no envelope."""
    return Response(f"<Error><Code>{code}</Code></Error>", status_code=status, media_type="application/xml")

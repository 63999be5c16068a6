"""The service's JSON, and what it means; the only file that knows it.

The service documents itself in several contradicting ways, so everything is read with tolerance: ids become text, sizes
and times whatever they can be, an error may be an object, a string, a list, null or missing, and words that are not known
are kept. What is about people (account ids, e-mail addresses) is left behind here: `raw` is built from an allow-list.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mj_widgets.errors import ResponseError, StatusError, hint_for, status_error
from mj_widgets.models import (
    AnyRequest,
    Clip,
    Failure,
    Image,
    ImagineRequest,
    Outcome,
    Record,
    Status,
    TextRequest,
    VideoRequest,
)

_DONE_WORDS = frozenset({"complete", "completed", "succeed", "succeeded", "success", "finished"})
_FAILED_WORDS = frozenset({"failed", "failure", "error", "cancelled", "canceled", "rejected"})
_PUBLIC = frozenset(
    {
        *("id", "type", "status", "state", "success", "task_id", "image_id", "video_id", "trace_id", "job_id"),
        *("progress", "actions", "error", "code", "message", "seed", "content", "prompts", "descriptions"),
        *("image_url", "image_width", "image_height", "raw_image_url", "raw_image_width", "raw_image_height"),
        *("sub_image_urls", "video_urls"),
        *("cost", "elapsed", "duration", "created_at", "started_at", "finished_at"),
    }
)
_MAX_SEED = 2**32 - 1
_WHOLE = 100  # per cent
_TEXT_FIELD = {"describe": "image_url", "shorten": "prompt", "translate": "content", "seed": "image_id"}
_TELLING = ("prompt", "action", "image_id", "image_url", "video_id", "content", "mask")  # what one task asks and another not
_PLAIN = (  # what is sent under the name that it has here
    *("prompt", "mask", "version", "quality", "hd", "style_reference", "moodboard", "translation", "split_images"),
    *("timeout", "callback_url", "image_url", "end_image_url", "video_id", "resolution", "loop"),
)
_LOSSLESS = 2**53  # integers beyond this may have been rounded on their way through somebody's JavaScript


def path_of(request: AnyRequest) -> str:
    """Name the endpoint that a request goes to."""
    return f"/midjourney/{request.action if isinstance(request, TextRequest) else request.endpoint}"


def body_of(request: AnyRequest, *, asynchronous: bool = False) -> dict[str, Any]:
    """Write a request as the body of its ``POST``; what has its default value is left out."""
    if isinstance(request, TextRequest):
        return {_TEXT_FIELD[request.action]: request.content}
    body: dict[str, Any] = {"action": request.action, "mode": request.mode}
    if isinstance(request, ImagineRequest) and request.source is not None:
        body["image_id"] = request.source.image_id
    if isinstance(request, VideoRequest) and request.action == "extend":
        body["video_index"] = request.video_index
    body |= {name: value for name in _PLAIN if (value := getattr(request, name, None))}
    if asynchronous:
        body["async"] = True
    return body


def asks_for(record: Record, request: AnyRequest) -> bool:
    """Tell whether a task is exactly what was asked; settings that the service added to it do not count."""
    body = body_of(request)
    said = [name for name in {*body, *_TELLING} if name != "timeout"]
    return all(str(record.request.get(name) or "") == str(body.get(name) or "") for name in said)


def read_event(data: Any, *, trace_id: str | None = None) -> Outcome:
    """Understand one line of a stream, a whole reply, or the ``response`` of a task.

    Raises
    ------
    ResponseError
        It is no JSON object.
    """
    if not isinstance(data, Mapping):
        raise ResponseError(f"The service answered with {type(data).__name__}, not with an object.")
    status, error = _status(data), None
    trace_id = _text(data.get("trace_id")) or trace_id
    if status is Status.FAILED:
        code, message = read_error(data)
        error = Failure(
            message=message or "The service says that it failed, and not why.",
            code=code,
            hint=hint_for(code),
            trace_id=trace_id,
        )
    return Outcome(
        status=status,
        progress=_WHOLE if status is Status.SUCCEEDED else _percent(data.get("progress")),
        task_id=_text(data.get("task_id")),
        image=_image(data),
        actions=tuple(str(action) for action in _list(data.get("actions"))),
        parts=tuple(Image(url=str(url)) for url in _list(data.get("sub_image_urls")) if url),
        clips=tuple(Clip(url=str(url)) for url in _list(data.get("video_urls")) if url),
        video_id=_text(data.get("video_id")),
        texts=_texts(data),
        error=error,
        cost=_number(data.get("cost")),
        trace_id=trace_id,
        started_at=_seconds(data.get("started_at")),
        finished_at=_seconds(data.get("finished_at")),
        raw=public(data),
    )


def read_seed(text: str) -> int:
    """Read a seed; a number of 19 digits has been seen in its place, which is the id of a picture.

    Raises
    ------
    ResponseError
        It is no seed.
    """
    number = int(text) if text.isdecimal() else -1
    if not 0 <= number <= _MAX_SEED:
        raise ResponseError(f"The service gave {text!r} for a seed, which goes from 0 to {_MAX_SEED}.")
    return number


def read_record(data: Any) -> Record | None:
    """Understand the record of a task; None when the service does not know it (``{}``, ``null``, no id)."""
    if not isinstance(data, Mapping) or not _text(data.get("id")):
        return None
    task_id = _text(data["id"])
    response = data.get("response")
    if isinstance(response, Mapping) and response:
        outcome = read_event(response, trace_id=_text(data.get("trace_id")))
    else:
        outcome = Outcome(status=_word_status(data) or Status.RUNNING, trace_id=_text(data.get("trace_id")))
    finished_at = _seconds(data.get("finished_at"))
    # A refusal without a code, before the record is closed, has been seen to be taken back: it counts when said twice.
    doubtful = outcome.status is Status.FAILED and not (outcome.error and outcome.error.code) and finished_at is None
    times = {name: _seconds(data.get(name)) for name in ("created_at", "started_at")} | {"finished_at": finished_at}
    request = data.get("request")
    return Record(
        id=task_id or "",
        type=_text(data.get("type")),
        request=dict(request) if isinstance(request, Mapping) else {},
        outcome=outcome.model_copy(update={"task_id": task_id, **times}),
        doubtful=doubtful,
    )


def read_batch(data: Any) -> list[Record]:
    """Understand the reply to a batch; tasks that are not known are simply absent.

    Raises
    ------
    ResponseError
        It is neither an object with ``items`` nor a list.
    """
    items = data.get("items", []) if isinstance(data, Mapping) else data
    if items is None:
        items = []
    if not isinstance(items, list):
        raise ResponseError("The service answered a batch of tasks without a list of them.")
    return [record for item in items if (record := read_record(item))]


def read_status_error(status_code: int, content: bytes, headers: Mapping[str, str], retry_after: float | None) -> StatusError:
    """Turn a reply that is not 2xx into the error that says what to do."""
    try:
        data = json.loads(content)
    except ValueError:
        data = {}
    data = data if isinstance(data, Mapping) else {"error": data}
    code, message = read_error(data)
    return status_error(
        message or f"The service answered with HTTP status {status_code}.",
        status_code=status_code,
        code=code,
        trace_id=_text(data.get("trace_id")) or headers.get("x-trace-id"),
        retry_after=retry_after,
    )


def read_error(data: Mapping[str, Any]) -> tuple[str | None, str]:
    """Find the code and the message of an error, in whichever of its shapes it comes."""
    error = data.get("error")
    if isinstance(error, Mapping):
        return _text(error.get("code")), _text(error.get("message")) or ""
    if isinstance(error, list):
        error = "; ".join(str(item) for item in error)
    message = error or data.get("detail") or data.get("message")
    return _text(data.get("code")), _text(message) or ""


def public(data: Any) -> Any:
    """Keep what is about the picture, and leave what is about people."""
    if isinstance(data, dict):
        kept = {key: data[key] for key in data if key in _PUBLIC}
        return {key: public(value) if isinstance(value, dict | list) else value for key, value in kept.items()}
    if isinstance(data, list):
        return [public(item) for item in data]
    return data


def _status(data: Mapping[str, Any]) -> Status:
    success = data.get("success")
    said = _word_status(data)
    if success is False or said is Status.FAILED or (data.get("error") and success is not True):
        return Status.FAILED
    progress = _percent(data.get("progress"))
    if _texts(data):
        return Status.SUCCEEDED
    artefact = any(data.get(name) for name in ("image_url", "raw_image_url", "video_urls"))
    whole = progress == _WHOLE or (progress is None and (success is True or said is Status.SUCCEEDED))
    return Status.SUCCEEDED if artefact and whole else Status.RUNNING


def _word_status(data: Mapping[str, Any]) -> Status | None:
    word = str(data.get("state") or data.get("status") or "").lower()
    if word in _FAILED_WORDS:
        return Status.FAILED
    return Status.SUCCEEDED if word in _DONE_WORDS else None


def _image(data: Mapping[str, Any]) -> Image | None:
    thumb, raw = _text(data.get("image_url")), _text(data.get("raw_image_url"))
    if not (thumb or raw):
        return None
    size = "raw_image" if raw else "image"
    return Image(
        id=_text(data.get("image_id")) or "",
        url=raw or thumb or "",
        thumb_url=thumb or "",
        width=_pixels(data.get(f"{size}_width")),
        height=_pixels(data.get(f"{size}_height")),
    )


def _texts(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Read the answer of a text endpoint, whichever it was; empty descriptions have been seen."""
    if data.get("image_url") or data.get("raw_image_url"):
        return ()
    many = _list(data.get("descriptions")) or _list(data.get("prompts"))
    one = data.get("content") or data.get("seed")
    return tuple(filter(None, map(_text, many or [one])))


def _text(value: Any) -> str | None:
    """Read an id or a sentence: numbers become text, empty becomes None."""
    if value is None or isinstance(value, bool | Mapping | list):
        return None
    return str(value) or None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _number(value: Any) -> float | None:
    try:
        number = float(str(value).rstrip("%"))
    except ValueError:
        return None
    return number if abs(number) < _LOSSLESS else None  # also drops infinities and NaN


def _pixels(value: Any) -> int | None:
    number = _number(value)
    return int(number) if number and number > 0 else None


def _percent(value: Any) -> int | None:
    number = _number(value)
    return None if number is None else max(0, min(100, int(number)))


def _seconds(value: Any) -> float | None:
    """Read a time: Unix seconds, or ISO 8601 as in older records."""
    number = _number(value)
    if number is not None or not isinstance(value, str):
        return number
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()

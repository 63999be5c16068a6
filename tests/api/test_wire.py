"""Every awkward shape that the service is known for (service.md 5 and 13)."""

from __future__ import annotations

import pytest

from mj_widgets.api import wire
from mj_widgets.errors import (
    AuthenticationError,
    BalanceError,
    DisabledError,
    ModerationError,
    RateLimitError,
    ResponseError,
    StatusError,
)
from mj_widgets.models import ImageRef, ImagineRequest, Status

GRID = {
    "success": True,
    "task_id": "5d0c",
    "image_id": "1490000000000009044",
    "progress": 100,
    "image_url": "https://cdn.example/5d0c.png?imageMogr2/thumbnail/!50p",
    "image_width": 1024,
    "image_height": 1024,
    "raw_image_url": "https://cdn.example/5d0c.png",
    "raw_image_width": 2048,
    "raw_image_height": 2048,
    "actions": ["upscale1", "reroll", "sparkle_9"],
}


def test_a_finished_grid_is_understood_whole() -> None:
    outcome = wire.read_event(GRID)
    assert outcome.status is Status.SUCCEEDED
    assert outcome.image is not None
    assert outcome.image.id == "1490000000000009044"
    assert outcome.image.url == "https://cdn.example/5d0c.png"
    assert outcome.image.thumb_url == "https://cdn.example/5d0c.png?imageMogr2/thumbnail/!50p"
    assert (outcome.image.width, outcome.image.height) == (2048, 2048)
    assert outcome.actions == ("upscale1", "reroll", "sparkle_9")


@pytest.mark.parametrize(
    ("told", "understood"),
    [("2048", 2048), (2048.0, 2048), ("2048.0", 2048), (None, None), ("wide", None), (0, None), (True, None)],
)
def test_sizes_may_be_numbers_or_text(told: object, understood: int | None) -> None:
    outcome = wire.read_event(GRID | {"raw_image_width": told})
    assert outcome.image is not None
    assert outcome.image.width == understood


def test_ids_are_text_even_when_the_service_writes_numbers() -> None:
    outcome = wire.read_event(GRID | {"image_id": 1490000000000009044, "task_id": 77})
    assert outcome.image is not None
    assert (outcome.image.id, outcome.task_id) == ("1490000000000009044", "77")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"progress": 35}, Status.RUNNING),  # a preview has a picture and success too
        ({"progress": "35"}, Status.RUNNING),
        ({"progress": "35%"}, Status.RUNNING),
        ({"progress": None}, Status.SUCCEEDED),  # a whole reply without progress
        ({"progress": None, "success": None}, Status.RUNNING),
        ({"image_url": None, "raw_image_url": None}, Status.RUNNING),  # no picture yet
        ({"success": False}, Status.FAILED),
        ({"success": None, "error": "broken"}, Status.FAILED),
        ({"error": None}, Status.SUCCEEDED),
        ({"state": "FAILED"}, Status.FAILED),
        ({"success": None, "progress": None, "status": "success"}, Status.SUCCEEDED),
    ],
)
def test_the_status_is_read_off_what_there_is(changes: dict[str, object], status: Status) -> None:
    assert wire.read_event(GRID | changes).status is status


@pytest.mark.parametrize("data", [None, [], "done", 7])
def test_what_is_no_object_is_an_error(data: object) -> None:
    with pytest.raises(ResponseError):
        wire.read_event(data)


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        ({"code": "api_error", "message": "fetch failed"}, "api_error", "fetch failed"),
        ("bad gateway", None, "bad gateway"),
        (["one", "two"], None, "one; two"),
        (None, None, "The service says that it failed, and not why."),
        ({}, None, "The service says that it failed, and not why."),
    ],
)
def test_an_error_comes_in_many_shapes(error: object, code: str | None, message: str) -> None:
    failure = wire.read_event({"success": False, "error": error, "trace_id": "8d"}).error
    assert failure is not None
    assert (failure.code, failure.message, failure.trace_id) == (code, message, "8d")


@pytest.mark.parametrize("data", [{}, None, [], {"id": ""}, {"response": {"success": True}}])
def test_a_task_that_is_not_known_is_none(data: object) -> None:
    assert wire.read_record(data) is None


@pytest.mark.parametrize(
    ("response", "status"),
    [
        (None, Status.RUNNING),
        ({}, Status.RUNNING),
        ({"data": []}, Status.RUNNING),
        ({"success": True, "progress": 52, "image_url": "https://cdn.example/p.webp"}, Status.RUNNING),
        (GRID, Status.SUCCEEDED),
        ({"success": True, "descriptions": ["a fox", ""]}, Status.SUCCEEDED),
        ({"success": False, "error": {"code": "forbidden", "message": "refused"}}, Status.FAILED),
    ],
)
def test_a_record_has_no_status_so_it_is_read_off_the_response(response: object, status: Status) -> None:
    record = wire.read_record({"id": "77", "type": "imagine", "created_at": 1791350485.9, "response": response})
    assert record is not None
    assert record.outcome.status is status
    assert record.outcome.task_id == "77"
    assert record.outcome.created_at == 1791350485.9


def test_a_failure_without_a_code_or_an_end_is_doubtful() -> None:
    open_ = wire.read_record({"id": "77", "response": {"success": False}, "finished_at": None})
    ended = wire.read_record({"id": "77", "response": {"success": False}, "finished_at": 1791350485.9})
    assert open_ is not None
    assert ended is not None
    assert (open_.doubtful, ended.doubtful) == (True, False)


def test_times_may_be_iso() -> None:
    record = wire.read_record({"id": "77", "created_at": "2026-10-07T12:00:00Z", "response": None})
    assert record is not None
    assert record.outcome.created_at == 1791374400.0


def test_a_batch_leaves_out_what_is_not_known() -> None:
    records = wire.read_batch({"count": 3, "items": [{"id": "77"}, {}, None, {"id": "79", "response": None}]})
    assert [record.id for record in records] == ["77", "79"]


@pytest.mark.parametrize("data", [{"items": 3}, "no", 7])
def test_a_batch_without_a_list_is_an_error(data: object) -> None:
    with pytest.raises(ResponseError):
        wire.read_batch(data)


def test_personal_fields_are_left_behind() -> None:
    personal = {"email": "a@b.example", "user_id": "u1", "application_id": "a1", "credential_id": "c1", "hold": True}
    raw = wire.read_event(GRID | personal | {"error": {"email": "a@b.example"}, "success": True}).raw
    assert "a@b.example" not in str(raw)
    assert set(raw) == set(GRID) | {"error"}


@pytest.mark.parametrize(
    ("status", "code", "cls"),
    [
        (400, "bad_request", StatusError),
        (400, "no_token", AuthenticationError),
        (400, "token_mismatched", AuthenticationError),
        (401, "token_mismatched", AuthenticationError),
        (401, "invalid_token", AuthenticationError),
        (401, "token_expired", AuthenticationError),
        (401, None, AuthenticationError),
        (402, "insufficient_balance", BalanceError),
        (403, "used_up", BalanceError),
        (403, "disabled", DisabledError),
        (403, "not_applied", DisabledError),
        (403, "forbidden", ModerationError),
        (403, "something_new", StatusError),
        (404, "no_api", DisabledError),
        (413, "content_too_large", StatusError),
        (429, "too_many_requests", RateLimitError),
        (429, "rate_limited", RateLimitError),
        (429, None, RateLimitError),
        (500, "api_error", StatusError),
        (502, None, StatusError),
        (504, "timeout", StatusError),
    ],
)
def test_each_refusal_is_the_error_that_says_what_to_do(status: int, code: str | None, cls: type[StatusError]) -> None:
    body = b'{"error": {"code": "%s", "message": "said"}, "trace_id": "1d"}' % code.encode() if code else b"<html>"
    error = wire.read_status_error(status, body, {"x-trace-id": "1d"}, 3.0)
    assert type(error) is cls
    assert (error.status_code, error.code, error.trace_id, error.retry_after) == (status, code, "1d", 3.0)
    assert error.hint or code == "something_new"


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'"gone"', b"null", b'{"error": "bad gateway"}', b'{"detail": "gone"}', b"\xff"]
)
def test_a_refusal_in_another_shape_still_says_something(body: bytes) -> None:
    assert str(wire.read_status_error(502, body, {}, None))


def test_a_body_says_only_what_differs_from_the_service_s_defaults() -> None:
    assert wire.body_of(ImagineRequest(prompt="a fox")) == {"prompt": "a fox", "action": "generate", "mode": "fast"}
    follow_up = ImagineRequest(action="upscale2", source=ImageRef(image_id="149"), mode="turbo", version="8.2", hd=True)
    assert wire.body_of(follow_up, asynchronous=True) == {
        "action": "upscale2",
        "image_id": "149",
        "mode": "turbo",
        "version": "8.2",
        "hd": True,
        "async": True,
    }

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime

import httpx
import pytest

from mj_widgets.sandbox import Sandbox
from tests.sandbox.ask import Ask
from tests.sandbox.faults.order import JSON, NDJSON, billed, jobs, order


@pytest.mark.parametrize(
    ("card", "status", "code"),
    [
        ("400", 400, "bad_request"),
        ("401", 401, "invalid_token"),
        ("403", 403, "disabled"),
        ("404", 404, "no_api"),
        ("413", 413, "content_too_large"),
        ("429", 429, "too_many_requests"),
        ("500", 500, "api_error"),
        ("503", 503, "upstream_error"),
        ("bad_token", 401, "invalid_token"),
        ("moderated", 403, "forbidden"),
        ("used_up", 403, "used_up"),
    ],
)
@pytest.mark.parametrize("accept", [JSON, NDJSON])
def test_a_refusal_makes_and_bills_nothing(*, box: Sandbox, ask: Ask, card: str, status: int, code: str, accept: str) -> None:
    before = jobs(ask), billed(box)
    for _ in range(2):
        reply = order(ask, f"a fox sandbox:{card} --ar 3:2", accept=accept)
        assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)
        assert reply.headers["x-trace-id"] == reply.json()["trace_id"]
        assert "retry-after" not in reply.headers
    assert (jobs(ask), billed(box)) == before


def test_a_gateway_s_error_is_a_bare_string_or_a_page(ask: Ask) -> None:
    assert order(ask, "sandbox:502").json() == {"error": "bad gateway"}
    page = order(ask, "sandbox:html")
    assert (page.status_code, page.headers["content-type"]) == (502, "text/html; charset=utf-8")
    assert "<html>" in page.text


def test_retry_after_in_seconds_and_as_a_date(box: Sandbox, ask: Ask) -> None:
    assert order(ask, "sandbox:429=7").headers["retry-after"] == "7"
    assert order(ask, "sandbox:429=0.5").headers["retry-after"] == "0.5"
    box.faults.add("imagine", "429", retry_after=90, http_date=True)
    date = parsedate_to_datetime(order(ask).headers["retry-after"])
    assert 85 < date.timestamp() - time.time() <= 91


def test_codes_and_messages_can_be_chosen(box: Sandbox, ask: Ask) -> None:
    box.faults.add("imagine", "429", code="rate_limited", message="慢一点", status=420)
    reply = order(ask)
    assert (reply.status_code, reply.json()["error"]) == (420, {"code": "rate_limited", "message": "慢一点"})


def test_dropped_before_anything_is_accepted(box: Sandbox, ask: Ask) -> None:
    before = jobs(ask), billed(box)
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        order(ask, "sandbox:drop")
    assert (jobs(ask), billed(box)) == before


def test_a_connection_can_be_reset(box: Sandbox, ask: Ask) -> None:
    box.faults.add("imagine", "drop", reset=True)
    with pytest.raises(httpx.ReadError):
        order(ask)


def test_redirects_are_followed_to_where_it_works(ask: Ask) -> None:
    reply = order(ask, "a fox sandbox:redirect")
    assert reply.status_code == 307
    done = ask.http.post(reply.headers["location"], json={"prompt": "a fox sandbox:redirect"})
    assert (done.status_code, done.json()["progress"]) == (200, 100)


def test_redirects_lead_to_another_host(box: Sandbox, ask: Ask) -> None:
    box.faults.add("imagine", "redirect", to="http://127.0.0.1:9/steal", status=308)
    reply = order(ask)
    assert (reply.status_code, reply.headers["location"]) == (308, "http://127.0.0.1:9/steal")

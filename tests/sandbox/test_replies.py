from __future__ import annotations

import json
from typing import Any

import pytest

from mj_widgets.sandbox.jobs import JobBook
from mj_widgets.sandbox.orders import place
from mj_widgets.sandbox.replies import failure, record, unknown
from tests.sandbox.ask import Ask

BASE = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def streams(quick: Ask) -> list[tuple[bytes, list[dict[str, Any]]]]:
    return [quick.stream("a fox") for _ in range(40)]


@pytest.fixture(scope="module")
def records() -> list[list[dict[str, Any]]]:
    """What look-ups say of forty jobs: before they start, while they run, and at their end."""
    book = JobBook(speed=1, clock=lambda: 1000.0)
    jobs = [place({"prompt": "a fox"}, book) for _ in range(40)]
    book.close()
    return [[record(job, at, BASE) for at in (1000.0, job.started_at + 0.5, 1100.0)] for job in jobs]


def _both(answers: list[bool]) -> bool:
    return any(answers) and not all(answers)


def test_ids_are_decimal_numbers_of_nineteen_digits_as_text(streams: list[tuple[bytes, list[dict[str, Any]]]]) -> None:
    for _, lines in streams:
        assert all(isinstance(line["image_id"], str) and line["image_id"].isdecimal() for line in lines)
        assert {len(line["image_id"]) for line in lines} == {19}


def test_some_sizes_are_text(streams: list[tuple[bytes, list[dict[str, Any]]]]) -> None:
    assert _both([isinstance(lines[-1]["raw_image_width"], str) for _, lines in streams])
    assert {int(lines[-1]["raw_image_width"]) for _, lines in streams} == {1024}


def test_some_streams_have_blank_lines_and_some_do_not_end_with_a_newline(
    streams: list[tuple[bytes, list[dict[str, Any]]]],
) -> None:
    assert _both([b"\n\n" in raw for raw, _ in streams])
    assert _both([raw.endswith(b"\n") for raw, _ in streams])


def test_the_order_of_the_actions_is_not_stable(streams: list[tuple[bytes, list[dict[str, Any]]]]) -> None:
    assert _both([lines[-1]["actions"][0] == "upscale1" for _, lines in streams])
    assert len({frozenset(lines[-1]["actions"]) for _, lines in streams}) == 1


def test_some_replies_carry_more_than_they_should(streams: list[tuple[bytes, list[dict[str, Any]]]]) -> None:
    assert _both(["trace_id" in lines[-1] for _, lines in streams])
    assert _both(["cost" in lines[-1] for _, lines in streams])


def test_one_job_is_always_told_alike(quick: Ask) -> None:
    task = quick.imagine("a fox")["task_id"]
    assert quick.tasks(id=task) == quick.tasks(id=task)


def test_a_pending_record_has_no_response_or_a_null(records: list[list[dict[str, Any]]]) -> None:
    pending = [each[0] for each in records]
    assert all(told.get("response") is None and not told.get("finished_at") for told in pending)
    assert _both(["response" in told for told in pending])
    assert _both(["finished_at" in told for told in pending])


def test_a_running_record_shows_its_progress(records: list[list[dict[str, Any]]]) -> None:
    for _, running, _ in records:
        assert running["response"]["success"] is True
        assert running["response"]["progress"] < 100
        assert running["response"]["actions"] == []
        assert not running.get("finished_at")


def test_a_finished_record_has_its_times(records: list[list[dict[str, Any]]]) -> None:
    finished = [each[2] for each in records]
    for told in finished:
        assert told["created_at"] < told["started_at"] < told["finished_at"]
        assert told["response"]["progress"] == 100
        assert told["request"]["prompt"] == "a fox"
    assert _both(["elapsed" in told for told in finished])
    assert all(("elapsed" in told) != ("duration" in told) for told in finished)
    assert not any("status" in told or "state" in told for told in finished)


def test_records_carry_what_is_nobodys_business(records: list[list[dict[str, Any]]]) -> None:
    """So that a client's tests can see that it drops them."""
    finished = [each[2] for each in records]
    assert all(told["user_id"] and told["application_id"] and told["credential_id"] for told in finished)
    assert _both(["email" in told for told in finished])
    assert all(told.get("email", "@sandbox.invalid").endswith("@sandbox.invalid") for told in finished)


def test_an_unknown_task_is_answered_in_three_ways(quick: Ask) -> None:
    seen = set()
    for n in range(30):
        reply = quick.http.post("/midjourney/tasks", json={"id": f"nobody-{n}"})
        seen.add((reply.status_code, (reply.json() or {}).get("error", {}).get("code"), reply.json() is None))
        assert quick.http.post("/midjourney/tasks", json={"id": f"nobody-{n}"}).status_code == reply.status_code
    assert seen == {(200, None, False), (200, None, True), (404, "not_found", False)}


def test_some_errors_say_that_they_are_no_success() -> None:
    told = [failure("bad_request", "no", f"trace {n}") for n in range(30)]
    assert _both(["success" in each for each in told])
    assert all(each["error"] == {"code": "bad_request", "message": "no"} and each["trace_id"] for each in told)
    assert all(each.get("success", False) is False for each in told)


def test_everything_is_json(records: list[list[dict[str, Any]]]) -> None:
    json.dumps([records, [unknown(f"{n}", "trace") for n in range(9)]])

from __future__ import annotations

import asyncio
import json
import threading
import time

import httpx
import pytest

from mj_widgets.sandbox import Sandbox, serve
from tests.sandbox.ask import Ask
from tests.sandbox.faults.order import JSON, NDJSON, ORDER, billed, broken, jobs, order, until


@pytest.mark.parametrize(("card", "status", "code"), [("500_after", 500, "api_error"), ("504", 504, "timeout")])
@pytest.mark.parametrize("accept", [JSON, NDJSON])
def test_an_error_after_accepting_leaves_the_job_running(
    *, box: Sandbox, ask: Ask, card: str, status: int, code: str, accept: str
) -> None:
    before = billed(box)
    reply = order(ask, f"a fox sandbox:{card}", accept=accept)
    assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)
    job = ask.tasks(trace_id=reply.headers["x-trace-id"])
    assert job["response"]["progress"] == 100
    assert billed(box) == before + 1


def test_an_error_after_accepting_does_not_wait_for_the_job() -> None:
    with serve(speed=0.001) as url, Ask(url) as ask:
        for card in ("504", "500_after"):
            assert order(ask, f"a fox sandbox:{card}", accept=JSON).status_code >= 500
        with pytest.raises(httpx.RemoteProtocolError):
            order(ask, "a fox sandbox:lost")
        assert jobs(ask) == 3


@pytest.mark.parametrize("accept", [JSON, NDJSON])
def test_a_lost_answer_is_billed(box: Sandbox, ask: Ask, accept: str) -> None:
    before = billed(box)
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        order(ask, "a lost fox sandbox:lost", accept=accept)
    assert billed(box) == before + 1
    newest = ask.tasks(action="retrieve_batch", limit=1)["items"][0]
    assert newest["request"]["prompt"] == box.ledger()[-1]["prompt"] == "a lost fox sandbox:lost"


def test_what_is_refused_anyway_is_not_accepted(ask: Ask) -> None:
    reply = order(ask, "a fox sandbox:lost --nonsense 3")
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "bad_request")


def test_texts_get_lost_too_and_are_billed(box: Sandbox, ask: Ask) -> None:
    before = billed(box)
    with pytest.raises(httpx.RemoteProtocolError):
        ask.http.post("/midjourney/shorten", json={"prompt": "a fox sandbox:lost"})
    assert billed(box) == before + 1
    assert ask.http.post("/midjourney/translate", json={"content": "狐狸 sandbox:500"}).status_code == 500
    assert billed(box) == before + 1


def test_late_is_late_and_then_as_usual(ask: Ask) -> None:
    start = time.perf_counter()
    reply = order(ask, "a fox sandbox:late=0.3", accept=JSON)
    assert time.perf_counter() - start > 0.3
    assert reply.json()["progress"] == 100


def test_late_for_ever_is_accepted_and_ends_with_the_caller(box: Sandbox) -> None:
    before = billed(box)
    with httpx.Client(base_url=box.url, timeout=0.3, trust_env=False) as http, pytest.raises(httpx.ReadTimeout):
        http.post(ORDER, json={"prompt": "sandbox:late"}, headers={"accept": NDJSON})
    assert billed(box) == before + 1
    assert box._stop is not None
    loop, _ = box._stop
    until(lambda: not [task for task in asyncio.all_tasks(loop) if "run_asgi" in repr(task)])


def test_silence_does_not_keep_the_sandbox_open() -> None:
    box = serve(speed=0)
    ended: list[str] = []

    def wait() -> None:
        with Ask(box.url) as ask:
            ended.append(broken(ask, "sandbox:late")[1])

    waiting = threading.Thread(target=wait)
    waiting.start()
    with Ask(box.url) as ask:
        until(lambda: jobs(ask) == 1)
    start = time.perf_counter()
    box.close()
    waiting.join(5)
    assert ended == ["RemoteProtocolError"]
    assert time.perf_counter() - start < 1.5


def test_a_stuck_job_stays_at_85_and_is_not_billed_until_it_is_released(box: Sandbox, ask: Ask) -> None:
    before = billed(box)
    with ask.http.stream("POST", ORDER, json={"prompt": "a fox sandbox:stuck"}, headers={"accept": NDJSON}) as reply:
        lines = (json.loads(line) for line in reply.iter_lines() if line)
        seen = [next(lines)]
        while seen[-1]["progress"] < 85:
            seen.append(next(lines))
        task_id = seen[-1]["task_id"]
        record = ask.tasks(id=task_id)
        assert (record["response"]["progress"], record.get("finished_at")) == (85, None)
        assert ask.http.get(seen[-1]["raw_image_url"]).status_code == 200
        assert ask.http.get(f"/midjourney/{task_id}.png").status_code == 404
        assert billed(box) == before
        assert box.release(task_id) == [task_id]
        assert next(lines)["progress"] == 100
    assert ask.tasks(id=task_id)["finished_at"] <= time.time()
    assert billed(box) == before + 1
    assert box.release() == []


def test_a_stuck_job_is_a_504_to_those_who_wait_for_one_reply(ask: Ask) -> None:
    reply = ask.http.post(ORDER, json={"prompt": "a fox sandbox:stuck=40", "timeout": 0.2})
    assert (reply.status_code, reply.json()["error"]["code"]) == (504, "timeout")
    job = ask.tasks(trace_id=reply.headers["x-trace-id"])
    assert job["response"]["progress"] == 40
    released = ask.http.post("/sandbox/release", json={"task_id": job["id"]}).json()
    assert released == {"released": [job["id"]]}
    assert ask.tasks(id=job["id"])["response"]["progress"] == 100


def test_a_job_may_come_loose_by_itself(box: Sandbox, ask: Ask) -> None:
    box.faults.add("imagine", "stuck", seconds=0.3)
    start = time.perf_counter()
    assert ask.imagine("a fox")["progress"] == 100
    assert time.perf_counter() - start > 0.3


def test_a_released_job_needs_the_time_that_was_left() -> None:
    with serve(speed=8) as url, Ask(url) as ask:
        task_id = ask.http.post(ORDER, json={"prompt": "a fox sandbox:stuck=10", "async": True}).json()["task_id"]
        until(lambda: (ask.tasks(id=task_id).get("response") or {}).get("progress") == 10)
        ask.http.post("/sandbox/release", json={})
        assert ask.tasks(id=task_id)["response"]["progress"] == 10
        until(lambda: ask.tasks(id=task_id)["response"]["progress"] == 100)


def test_a_job_that_was_held_for_long_is_finished_and_billed_later() -> None:
    box = serve(speed=20)
    with box as url, Ask(url) as ask:
        task_id = ask.http.post(ORDER, json={"prompt": "a fox sandbox:stuck", "async": True}).json()["task_id"]
        usually = ask.tasks(id=task_id)["created_at"] + 0.5
        until(lambda: time.time() > usually + 0.1)
        box.release()
        until(box.ledger)
        assert box.ledger()[0]["billed_at"] == ask.tasks(id=task_id)["finished_at"] > usually + 0.1


def test_one_job_is_released_and_another_stays(ask: Ask) -> None:
    ids = [ask.http.post(ORDER, json={"prompt": "a fox sandbox:stuck", "async": True}).json()["task_id"] for _ in range(2)]
    assert ask.http.post("/sandbox/release", json={"task_id": ids[1]}).json() == {"released": [ids[1]]}
    assert [ask.tasks(id=each)["response"]["progress"] for each in ids] == [85, 100]
    assert ask.http.post("/sandbox/release", json={"task_id": "nobody's"}).json() == {"released": []}
    assert ask.http.post("/sandbox/release", json={}).json() == {"released": [ids[0]]}


@pytest.mark.parametrize(
    ("card", "code", "status"),
    [("failed", "api_error", 500), ("moderated_late", "forbidden", 403), ("failed=0", "api_error", 500)],
)
def test_a_job_that_fails_says_so_in_the_stream_and_to_look_ups(
    box: Sandbox, ask: Ask, card: str, code: str, status: int
) -> None:
    before = billed(box)
    _, lines = ask.stream(f"a fox sandbox:{card}")
    *early, last = lines
    assert (last["success"], last["error"]["code"]) == (False, code)
    assert all(line["success"] and line["progress"] < 46 for line in early)
    assert (len(early) >= 2) is (card != "failed=0")
    record = ask.tasks(id=last["task_id"])
    assert record["response"]["success"] is False
    assert record["response"]["error"]["code"] == code
    assert record["finished_at"] <= time.time()
    assert ask.http.get(f"/midjourney/{last['task_id']}.png").status_code == 404
    reply = order(ask, f"a fox sandbox:{card}", accept=JSON)
    assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)
    assert billed(box) == before


def test_a_failed_job_cannot_be_continued(box: Sandbox, ask: Ask) -> None:
    ask.stream("a fox sandbox:failed")
    job = box._book.everything()[-1]
    assert ask.refusal(action="upscale1", image_id=job.image_id)[0] == 400

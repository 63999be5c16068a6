from __future__ import annotations

import json
import socket
import time

import httpx
import pytest

from mj_widgets.sandbox import serve
from tests.sandbox.ask import Ask, pixels

NDJSON = {"accept": "application/x-ndjson"}


def test_a_stream_has_several_lines_and_ends_with_the_picture(quick: Ask) -> None:
    _, lines = quick.stream("a fox in snow")
    assert len(lines) >= 5
    assert [line["progress"] for line in lines] == sorted(line["progress"] for line in lines)
    assert lines[-1]["progress"] == 100
    assert all(line["success"] is True and line["actions"] == [] for line in lines[:-1])
    assert len({line["task_id"] for line in lines}) == 1
    assert len({line["image_id"] for line in lines}) == len(lines)


def test_a_stream_arrives_as_the_picture_is_drawn() -> None:
    """The first line comes when drawing starts, not with the order, and the others one by one."""
    with serve(speed=8) as url, Ask(url) as ask:
        start = time.perf_counter()
        with ask.http.stream("POST", "/midjourney/imagine", json={"prompt": "a fox"}, headers=NDJSON) as reply:
            arrived = [time.perf_counter() - start for line in reply.iter_lines() if line.strip()]
    assert 0.1 < arrived[0] < 0.6
    assert 0.8 < arrived[-1] < 2.5
    assert sum(0.2 < at < 0.8 * arrived[-1] for at in arrived) >= 2


def test_a_plain_reply_comes_at_the_end_and_is_the_last_line(quick: Ask) -> None:
    reply = quick.imagine("a fox in snow")
    assert reply["progress"] == 100
    assert len(reply["actions"]) == 9


def test_turbo_is_quicker_than_fast_and_fast_than_relax() -> None:
    with serve(speed=40) as url, Ask(url) as ask:
        took = {}
        for mode in ("turbo", "fast", "relax"):
            start = time.perf_counter()
            ask.imagine("a fox", mode=mode)
            took[mode] = time.perf_counter() - start
    assert took["turbo"] < took["fast"] < took["relax"]


@pytest.mark.parametrize("how", [{"async": True}, {"callback_url": "https://example.com/done"}])
@pytest.mark.parametrize("accept", ["application/json", "application/x-ndjson"])
def test_an_asynchronous_order_is_only_received(slow: Ask, how: dict[str, object], accept: str) -> None:
    reply = slow.http.post("/midjourney/imagine", json={"prompt": "a fox", **how}, headers={"accept": accept})
    assert reply.json() == {"task_id": reply.json()["task_id"], "success": True}
    assert slow.tasks(id=reply.json()["task_id"])["request"]["prompt"] == "a fox"


def test_a_plain_reply_gives_up_after_its_timeout_and_the_job_goes_on() -> None:
    with serve(speed=8) as url, Ask(url) as ask:
        reply = ask.http.post("/midjourney/imagine", json={"prompt": "a fox", "timeout": 0.1})
        assert (reply.status_code, reply.json()["error"]["code"]) == (504, "timeout")
        job = ask.tasks(trace_id=reply.headers["x-trace-id"])
        deadline = time.monotonic() + 10
        while not job.get("finished_at"):
            assert time.monotonic() < deadline
            time.sleep(0.05)
            job = ask.tasks(id=job["id"])
        assert job["response"]["success"] is True


def test_the_full_picture_and_its_half(quick: Ask) -> None:
    reply = quick.imagine("a fox in snow --ar 3:2")
    full, half = quick.picture(reply["raw_image_url"]), quick.picture(reply["image_url"])
    assert full.size == (int(reply["raw_image_width"]), int(reply["raw_image_height"])) == (1248, 832)
    assert half.size == (int(reply["image_width"]), int(reply["image_height"])) == (624, 416)
    assert reply["image_url"] == reply["raw_image_url"] + "?imageMogr2/thumbnail/!50p"


@pytest.mark.parametrize(
    "query", ["imageMogr2%2Fthumbnail%2F%2150p=", "imageMogr2/thumbnail/%2150p", "imageMogr2/thumbnail/!50p=", "x=1"]
)
def test_a_query_that_was_rebuilt_finds_nothing(quick: Ask, query: str) -> None:
    raw = quick.imagine("a fox")["raw_image_url"]
    assert quick.http.get(f"{raw}?{query}").status_code == 404


def test_previews_are_there_while_drawing_and_gone_afterwards() -> None:
    """Each is small, and they come into focus."""
    with serve(speed=2) as url, Ask(url) as ask:
        sharpness, seen = [], []
        with ask.http.stream("POST", "/midjourney/imagine", json={"prompt": "a fox in snow"}, headers=NDJSON) as reply:
            for text in reply.iter_lines():
                line = json.loads(text or "{}")
                if 0 <= line.get("progress", -1) < 100:
                    got = httpx.get(line["raw_image_url"], trust_env=False)
                    if got.status_code == 200:  # the last one may have been too late
                        seen.append(line)
                        sharpness.append(len(got.content))
                        assert got.headers["content-type"] == "image/webp"
        assert len(seen) >= 4
        assert sharpness[-1] > 1.5 * sharpness[0]
        assert "_grid_0.webp?" in seen[0]["raw_image_url"]
        assert (int(seen[0]["raw_image_width"]), int(seen[0]["image_width"])) == (512, 256)
        for line in seen:
            assert ask.http.get(line["raw_image_url"]).status_code == 404


def test_a_preview_has_a_thumbnail_and_its_query_must_be_kept() -> None:
    with serve(speed=1) as url, Ask(url) as ask:
        order = {"prompt": "a fox --ar 2:1"}
        with ask.http.stream("POST", "/midjourney/imagine", json=order, headers=NDJSON) as reply:
            line = json.loads(next(text for text in reply.iter_lines() if text))
            small = ask.picture(line["image_url"])
            assert small.size == (int(line["image_width"]), int(line["image_height"]))
            assert ask.http.get(line["raw_image_url"].rstrip("&")).status_code == 404
            assert ask.http.get(line["image_url"].partition("?")[0]).status_code == 404


def test_a_preview_that_is_not_yet_due_is_not_there(slow: Ask) -> None:
    task = slow.imagine("a fox", **{"async": True})["task_id"]
    assert slow.http.get(f"/attachments/{task}/{task[:8]}_grid_3.webp").status_code == 404
    assert slow.http.get(f"/midjourney/{task}.png").status_code == 404


def test_split_images_are_the_four_tiles(quick: Ask) -> None:
    reply = quick.imagine("a fox in snow", split_images=True)
    whole = quick.picture(reply["raw_image_url"])
    tiles = [quick.picture(url) for url in reply["sub_image_urls"]]
    assert [tile.size for tile in tiles] == [(512, 512)] * 4
    assert (pixels(tiles[3]) == pixels(whole)[512:, 512:]).all()
    assert "sub_image_urls" not in quick.imagine("a fox")


@pytest.mark.parametrize(("method", "path"), [
    ("POST", "/"), ("POST", "/midjourney/blend"), ("POST", "/midjourney/imagine/"), ("GET", "/midjourney/imagine"),
    ("GET", "/midjourney/tasks"), ("DELETE", "/midjourney/tasks"), ("GET", "/health"),
])  # fmt: skip
def test_other_paths_have_no_api(quick: Ask, method: str, path: str) -> None:
    reply = quick.http.request(method, path)
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "no_api")
    assert reply.json()["trace_id"] == reply.headers["x-trace-id"]


@pytest.mark.parametrize("path", ["/midjourney/imagine", "/midjourney/tasks"])
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"a fox"', b"\xff\xfe{}"])
def test_what_is_no_json_object_is_a_bad_request(quick: Ask, path: str, body: bytes) -> None:
    reply = quick.http.post(path, content=body)
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "bad_request")


def test_a_body_that_is_too_large_is_refused_unread(quick: Ask) -> None:
    host, port = quick.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(b"POST /midjourney/imagine HTTP/1.1\r\nhost: x\r\ncontent-length: 50000000\r\n\r\n{")
        answer = b""
        while b"content_too_large" not in answer and (more := line.recv(65536)):
            answer += more
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"content_too_large" in answer


def test_a_picture_that_never_was_is_not_found(quick: Ask) -> None:
    for path in ("/midjourney/nothing.png", "/midjourney/nothing/0_1.png", "/attachments/nothing/nothing_grid_1.webp"):
        reply = quick.http.get(path)
        assert reply.status_code == 404
        assert "json" not in reply.headers["content-type"]  # the host of the pictures knows no envelope
    task = quick.act("upscale1", quick.imagine("a fox"))["task_id"]
    assert quick.http.get(f"/midjourney/{task}/0_1.png").status_code == 404  # a single picture has no tiles


def test_urls_are_on_the_host_that_was_asked(quick: Ask) -> None:
    port = quick.url.rpartition(":")[2]
    reply = httpx.post(f"http://localhost:{port}/midjourney/imagine", json={"prompt": "a fox"}, trust_env=False).json()
    assert reply["raw_image_url"].startswith(f"http://localhost:{port}/")


def test_a_token_is_neither_needed_nor_kept(quick: Ask) -> None:
    told = "Bearer a-very-secret-token"
    reply = quick.http.post("/midjourney/imagine", json={"prompt": "a fox", "token": told}, headers={"authorization": told})
    seen = reply.text + json.dumps(quick.tasks(id=reply.json()["task_id"])) + str(reply.headers)
    assert reply.status_code == 200
    assert "secret" not in seen


def test_a_task_is_found_by_its_id_and_by_its_trace(quick: Ask) -> None:
    reply = quick.http.post("/midjourney/imagine", json={"prompt": "a fox"})
    by_id = quick.tasks(action="retrieve", id=reply.json()["task_id"])
    assert by_id["response"]["image_id"] == reply.json()["image_id"]
    assert quick.tasks(trace_id=reply.headers["x-trace-id"])["id"] == by_id["id"] == reply.json()["task_id"]


def test_many_tasks_are_found_at_once_and_missing_ones_left_out(quick: Ask) -> None:
    ids = [quick.imagine("a fox")["task_id"] for _ in range(3)]
    found = quick.tasks(action="retrieve_batch", id="", ids=[*ids, "00000000-0000-0000-0000-000000000000"])
    assert found["count"] == 3
    assert {item["id"] for item in found["items"]} == set(ids)
    traces = [item["trace_id"] for item in found["items"]]
    assert quick.tasks(action="retrieve_batch", trace_ids=traces[:2])["count"] == 2


def test_recent_tasks_are_listed_newest_first_in_pages_and_spans_of_time() -> None:
    with serve(speed=0) as url, Ask(url) as ask:
        ids = [ask.imagine(f"fox number {n}")["task_id"] for n in range(15)]
        first = ask.tasks(action="retrieve_batch")
        assert [item["id"] for item in first["items"]] == ids[:-13:-1]
        assert first["count"] == 15  # of all that match, not of this page
        second = ask.tasks(action="retrieve_batch", offset=12, limit=12)
        assert [item["id"] for item in second["items"]] == ids[2::-1]
        since = ask.tasks(id=ids[10])["created_at"]
        later = ask.tasks(action="retrieve_batch", created_at_min=since)
        assert {item["id"] for item in later["items"]} == set(ids[10:])
        earlier = ask.tasks(action="retrieve_batch", created_at_max=since, limit=100)
        assert {item["id"] for item in earlier["items"]} == set(ids[:11])


@pytest.mark.parametrize(("body", "says"), [
    ({}, "id or trace_id"),
    ({"id": ""}, "id or trace_id"),
    ({"task_id": "x"}, "id or trace_id"),
    ({"action": "list"}, "action must be"),
    ({"action": "retrieve_batch", "ids": ["x"] * 51}, "at most 50"),
    ({"action": "retrieve_batch", "ids": "x"}, "list of strings"),
    ({"action": "retrieve_batch", "limit": -1}, "limit must be"),
    ({"action": "retrieve_batch", "offset": "2"}, "offset must be"),
])  # fmt: skip
def test_look_ups_that_are_refused(quick: Ask, body: dict[str, object], says: str) -> None:
    status, code, message = quick.refusal("/midjourney/tasks", **body)
    assert (status, code) == (400, "bad_request")
    assert says in message

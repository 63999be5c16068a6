"""The client over a real socket, against a service that says what a test tells it to."""

from __future__ import annotations

import asyncio
import ssl
import time
import zlib
from typing import Any

import httpx
import pytest

import mj_widgets as mj
from mj_widgets.errors import (
    APIError,
    AuthenticationError,
    BalanceError,
    ResponseError,
    StatusError,
    TransportError,
    WaitTimeoutError,
)
from mj_widgets.models import Outcome, Status
from tests.api.script import PNG, Answer, Script, lines, told

pytestmark = pytest.mark.anyio

FOX = mj.ImagineRequest(prompt="a fox")


def line(progress: int, **more: Any) -> dict[str, Any]:
    url = f"http://127.0.0.1:9/{progress}.webp"
    return {"success": True, "task_id": "t1", "progress": progress, "image_url": url, "actions": []} | more


def zipped(*data: Any) -> Answer:
    """The same lines, compressed as a gateway may."""
    packer = zlib.compressobj(wbits=31)
    chunks = [packer.compress(chunk) + packer.flush(zlib.Z_SYNC_FLUSH) for chunk in lines(*data).chunks]
    headers = {"content-type": "application/x-ndjson", "content-encoding": "gzip"}
    return Answer([*chunks, packer.flush()], headers=headers)


DONE = line(100, image_id="149", actions=["upscale1"])
RECORD = {"id": "t1", "type": "imagine", "created_at": 1.0, "finished_at": 2.0, "response": DONE}


def client(script: Script, **options: Any) -> mj.Client:
    return mj.Client(**{"token": "", "base_url": script.url, "poll_every": 0.02, "timeout": 5.0} | options)


async def outcomes(client: mj.Client, **options: Any) -> list[Outcome]:
    async with client:
        return [outcome async for outcome in client.imagine(FOX, **options)]


async def test_lines_become_outcomes_as_they_come(script: Script) -> None:
    """Each is seen before the next is sent, or a person would watch a bar that jumps."""
    script.say(lines(line(31), line(78), DONE, pause=0.15))
    started = time.monotonic()
    async with client(script) as it:
        seen = [(outcome.progress, time.monotonic() - started) async for outcome in it.imagine(FOX)]
    assert [progress for progress, _ in seen] == [None, 31, 78, 100]
    assert seen[1][1] < seen[3][1] - 0.2


async def test_the_first_outcome_comes_before_anything_is_sent(script: Script) -> None:
    script.say(lines(DONE))
    async with client(script) as it:
        events = it.imagine(FOX)
        first = await anext(events)
        assert (first.status, first.task_id, script.requests) == (Status.RUNNING, None, [])
        assert (await anext(events)).task_id == "t1"
        await events.aclose()


@pytest.mark.parametrize(
    "answer",
    [
        told(DONE),
        Answer([b"{\n", b' "success": true, "task_id": "t1",\n "progress": 100, "image_url": "http://127.0.0.1:9/x.png"}\n']),
        lines(DONE, end=b""),
        lines(b"\n", line(5), b"\n\r\n  \n", DONE),
        lines(b"garbage\n", b"[1]\n", b"\xff\xfe\n", line(5), DONE),
        lines(b'{"task_id": "t1", "suc', b'cess": true}\n', DONE),
        lines(b'{"task_id": "t1", "message": "\xe7\x8b', b'\x90"}\n', DONE),
        lines(DONE, DONE | {"image_id": "150"}),
        lines(line(60), line(20), DONE),
        zipped(line(31), DONE),
    ],
    ids=[
        *("whole", "pretty", "no newline", "blank lines", "garbage", "cut across chunks", "cut in a character"),
        *("two ends", "backwards", "gzip"),
    ],
)
async def test_a_reply_in_any_shape_ends_with_the_picture(script: Script, answer: Answer) -> None:
    script.say(answer)
    ended = [outcome for outcome in await outcomes(client(script)) if outcome.status.ended]
    assert [(outcome.status, outcome.task_id) for outcome in ended] == [(Status.SUCCEEDED, "t1")]
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        lines(line(31), cut=True),
        lines(line(31), b'{"task_id": "t1", "progre', end=b"", cut=True),
        lines(line(31), b'{"task_id": "t1", "message": "\xe7\x8b', end=b"", cut=True),
        lines(line(31)),  # it ends, and not with an end
        told({"task_id": "t1", "success": True}),
    ],
    ids=["cut", "cut in a line", "cut in a character", "no last line", "only an id"],
)
async def test_a_stream_that_breaks_after_its_first_line_goes_on_by_look_ups(script: Script, answer: Answer) -> None:
    script.say(answer, told({"items": [{"id": "t1", "response": line(60)}]}), told({"items": [RECORD]}))
    last = (await outcomes(client(script)))[-1]
    assert (last.status, last.task_id, last.actions) == (Status.SUCCEEDED, "t1", ("upscale1",))
    assert script.submits == 1


async def test_async_asks_for_the_id_alone(script: Script) -> None:
    script.say(told({"task_id": "t1", "success": True}), told({"items": [RECORD]}))
    last = (await outcomes(client(script), stream=False))[-1]
    assert last.status is Status.SUCCEEDED
    assert script.bodies[0]["async"] is True
    assert "ndjson" not in script.requests[0][2]["accept"]


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([None], TransportError),
        ([lines(cut=True)], TransportError),
        ([lines()], TransportError),
        ([told({"error": {"code": "api_error"}}, 500)], StatusError),
        ([told({"error": {"code": "timeout"}}, 504)], StatusError),
        ([told({}, 307, location="http://127.0.0.1:9/")], StatusError),
        ([told({"error": {"code": "invalid_token"}}, 401)], AuthenticationError),
        ([told({"error": {"code": "used_up"}}, 403)], BalanceError),
    ],
    ids=["no answer", "cut", "empty", "500", "504", "redirect", "401", "403"],
)
async def test_a_submit_that_may_have_arrived_is_never_sent_again(
    script: Script, answers: list[Answer | None], error: type[APIError]
) -> None:
    script.say(*answers, *[told({"items": []})] * 3, lines(DONE))
    with pytest.raises(error):
        await outcomes(client(script))
    assert script.submits == 1


async def test_too_many_requests_are_sent_again_when_the_service_says(script: Script) -> None:
    script.say(told({"error": {"code": "too_many_requests"}}, 429, retry_after="0.3"), lines(DONE))
    started = time.monotonic()
    assert (await outcomes(client(script)))[-1].status is Status.SUCCEEDED
    assert len(script.requests) == 2
    assert time.monotonic() - started >= 0.3


async def test_a_submit_that_is_sent_again_waits_for_the_gate_again(script: Script) -> None:
    """Else all that were refused together would be sent again together."""
    script.say(told({"error": {"code": "too_many_requests"}}, 429, retry_after="0"), lines(DONE))
    started = time.monotonic()
    assert (await outcomes(client(script, limits=mj.Limits(per_second=2))))[-1].status is Status.SUCCEEDED
    assert script.submits == 2
    assert time.monotonic() - started >= 0.5


async def test_no_connection_is_no_submit() -> None:
    """The port is closed: it is tried again a few times, and nothing can have been bought."""
    async with asyncio.timeout(30):
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        it = client(Script(), base_url=f"http://127.0.0.1:{port}")
        events = it.imagine(FOX)
        await anext(events)
        trying = asyncio.create_task(anext(events))
        done, _ = await asyncio.wait({trying}, timeout=0.7)
        assert not done, "it gave up at the first refusal"
        trying.cancel()
        await asyncio.gather(trying, return_exceptions=True)
        await it.aclose()


async def test_silence_ends_after_the_patience_and_blank_lines_are_silence(script: Script) -> None:
    script.say(lines(*[b"\n"] * 100, pause=0.05), *[told({"items": []})] * 3)
    with pytest.raises(TransportError, match="said nothing"):
        await outcomes(client(script, patience=0.3))


async def test_a_stream_that_repeats_itself_is_left_for_look_ups(script: Script) -> None:
    """The patience is counted from the last progress, and not from the last word."""
    script.say(lines(*[line(85)] * 100, pause=0.05), told({"items": [RECORD]}))
    started = time.monotonic()
    assert (await outcomes(client(script, patience=0.3)))[-1].status is Status.SUCCEEDED
    assert time.monotonic() - started < 3


async def test_a_stream_of_garbage_has_an_end(script: Script) -> None:
    script.say(lines(*[b"garbage\n"] * 100, pause=0.05), *[told({"items": []})] * 3)
    with pytest.raises(TransportError, match="said nothing new"):
        await outcomes(client(script, patience=0.3))


async def test_a_stream_may_take_longer_than_the_patience_while_it_moves(script: Script) -> None:
    script.say(lines(*[line(progress) for progress in range(10, 90, 10)], DONE, pause=0.2))
    assert (await outcomes(client(script, patience=0.8)))[-1].status is Status.SUCCEEDED
    assert len(script.requests) == 1


async def test_a_task_that_never_moves_is_stuck_and_says_so(script: Script) -> None:
    script.say(told({"task_id": "t1"}), *[told({"items": [{"id": "t1", "response": line(85)}]})] * 200)
    with pytest.raises(WaitTimeoutError, match="t1"):
        await outcomes(client(script, patience=0.4))


async def test_a_failure_line_is_an_outcome(script: Script) -> None:
    script.say(lines(line(46), {"success": False, "task_id": "t1", "error": {"code": "api_error", "message": "no"}}))
    last = (await outcomes(client(script)))[-1]
    assert last.status is Status.FAILED
    assert last.error is not None
    assert (last.error.code, last.error.message) == ("api_error", "no")


async def test_many_are_followed_with_one_request(script: Script) -> None:
    records = [{"id": f"t{number}", "response": DONE | {"task_id": f"t{number}"}} for number in range(7)]
    script.say(*[told({"items": records})] * 3)
    async with client(script) as it:

        async def last(task_id: str) -> Outcome:
            return [outcome async for outcome in it.follow(task_id)][-1]

        ended = await asyncio.gather(*(last(f"t{number}") for number in range(7)))
    assert [outcome.task_id for outcome in ended] == [f"t{number}" for number in range(7)]
    assert len(script.requests) <= 2


async def test_a_failure_that_is_taken_back_does_not_count(script: Script) -> None:
    doubtful = {"id": "t1", "response": {"success": False}}
    script.say(told({"task_id": "t1"}), told({"items": [doubtful]}), told({"items": [RECORD]}))
    assert (await outcomes(client(script)))[-1].status is Status.SUCCEEDED
    script.say(told({"task_id": "t1"}), *[told({"items": [doubtful]})] * 3)
    assert (await outcomes(client(script)))[-1].status is Status.FAILED


@pytest.mark.parametrize("answer", [told({}), told(None), told({"error": {"code": "not_found"}}, 404)])
async def test_an_unknown_task_is_none(script: Script, answer: Answer) -> None:
    script.say(answer)
    async with client(script) as it:
        assert await it.task("t1") is None


async def test_look_ups_are_repeated_when_they_fail_in_passing(script: Script) -> None:
    script.say(None, told({}, 503), told(RECORD))
    async with client(script) as it:
        record = await it.task("t1")
    assert record is not None
    assert record.id == "t1"


async def test_more_than_fifty_ids_are_refused_before_anything_is_sent(script: Script) -> None:
    async with client(script) as it:
        with pytest.raises(ValueError, match="50"):
            await it.tasks([str(number) for number in range(51)])
    assert script.requests == []


async def test_a_task_is_looked_up_by_its_trace_id_too(script: Script) -> None:
    script.say(told(RECORD), told({"items": [RECORD]}))
    async with client(script) as it:
        assert (await it.task(trace_id="x1")).id == "t1"
        assert [record.id for record in await it.tasks(trace_ids=["x1", "x2"])] == ["t1"]
        for wrong in ({}, {"task_id": "t1", "trace_id": "x1"}):
            with pytest.raises(ValueError, match="trace_id"):
                await it.task(**wrong)
        with pytest.raises(ValueError, match="not both"):
            await it.tasks(["t1"], trace_ids=["x1"])
    assert script.bodies == [
        {"action": "retrieve", "trace_id": "x1"},
        {"action": "retrieve_batch", "trace_ids": ["x1", "x2"]},
    ]


async def test_the_tasks_of_an_account_are_paged_through(script: Script) -> None:
    script.say(told({"items": [RECORD]}))
    async with client(script) as it:
        assert [record.id for record in await it.tasks(offset=24, limit=6, since=5.0)] == ["t1"]
        assert await it.tasks([]) == []  # none are meant, and not all
        with pytest.raises(ValueError, match="50"):
            await it.tasks(limit=51)
    assert script.bodies == [{"action": "retrieve_batch", "offset": 24, "limit": 6, "created_at_min": 5.0}]


async def test_a_picture_that_has_moved_is_fetched_where_it_is(script: Script) -> None:
    script.say(told({}, 302, location="/there//1.png?imageMogr2/thumbnail/!50p"), Answer([PNG]))
    async with client(script) as it:
        assert (await it.download(f"{script.url}/here.png?ex=1"))[0] == PNG
        assert [target for _, target, _, _ in script.requests] == ["/here.png?ex=1", "/there//1.png?imageMogr2/thumbnail/!50p"]
        script.say(*[told({}, 302, location="/here.png")] * 9)
        with pytest.raises(ResponseError, match="circles"):
            await it.download(f"{script.url}/here.png")


async def test_a_picture_is_fetched_byte_for_byte_and_without_the_token(script: Script) -> None:
    script.say(told(RECORD), Answer([PNG], headers={"content-type": "text/plain"}))
    target = "//midjourney/a%2fb/t1.png?imageMogr2/thumbnail/!50p|x=é"
    async with client(script, token="Bearer secret-token-1") as it:
        await it.task("t1")
        content, kind = await it.download(script.url + target)
    assert (content, kind) == (PNG, "png")
    (_, _, asked, _), (_, fetched, headers, _) = script.requests
    assert asked["authorization"] == "Bearer secret-token-1"
    assert "authorization" not in headers
    assert fetched == target.replace("é", "%C3%A9")


@pytest.mark.parametrize(
    ("url", "answer", "words"),
    [
        ("/x.png", Answer([b"<html>not here</html>"], headers={"content-type": "text/html"}), "no picture"),
        ("/x.png", Answer([PNG, b"\0" * 4000]), "larger than"),
        ("/x.png", told({}, 404), "404"),
    ],
)
async def test_a_download_that_is_no_picture_says_so(script: Script, url: str, answer: Answer, words: str) -> None:
    script.say(answer)
    async with client(script) as it:
        with pytest.raises(APIError, match=words):
            await it.download(script.url + url, limit=2000)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "javascript:alert(1)", ""])
async def test_only_web_addresses_are_fetched(script: Script, url: str) -> None:
    async with client(script) as it:
        with pytest.raises(ResponseError, match="address"):
            await it.download(url)


async def test_no_token_for_a_real_service_names_the_variable() -> None:
    with pytest.raises(AuthenticationError, match="ACEDATACLOUD_API_TOKEN"):
        mj.Client(base_url="https://api.acedata.cloud")


async def test_the_token_is_in_no_repr() -> None:
    it = mj.Client("Bearer secret-token-1", base_url="https://api.example")
    assert "secret" not in repr(it) + str(vars(it))
    assert (it.service, it.simulated) == ("api.example", False)


@pytest.mark.parametrize("cut_after", range(4))
async def test_wherever_the_stream_is_cut_the_picture_is_found_and_bought_once(script: Script, cut_after: int) -> None:
    told_so_far = [line(20), line(50), line(80)][:cut_after]
    listed = {"id": "t1", "created_at": time.time(), "request": {"prompt": "a fox", "action": "generate", "mode": "fast"}}
    script.say(lines(*told_so_far, cut=True))
    if not cut_after:
        script.say(told({"items": [listed]}))
    script.say(told({"items": [RECORD]}))
    assert (await outcomes(client(script)))[-1].status is Status.SUCCEEDED
    assert script.submits == 1


async def test_a_redirect_is_not_followed_with_the_token(script: Script) -> None:
    """The service does not redirect: who does may be anybody."""
    script.say(told({}, 307, location=f"{script.url}/elsewhere"), told({"items": []}))
    with pytest.raises(StatusError):
        await outcomes(client(script, token="secret-token-1"))
    assert [target for _, target, _, _ in script.requests] == ["/midjourney/imagine"]


async def test_no_redirect_of_a_submit_is_followed_by_your_own_http_client(script: Script) -> None:
    """A 307 asks for the same POST once more: it would be paid for twice."""
    script.say(told({}, 307, location=f"{script.url}/elsewhere"), lines(DONE))
    async with httpx.AsyncClient(follow_redirects=True) as http:
        with pytest.raises(StatusError):
            await outcomes(client(script, http_client=http))
    assert script.submits == 1


async def test_a_connection_that_was_closed_meanwhile_is_not_used(script: Script) -> None:
    """It was kept for the next request and the service has hung up since: a submit goes by another one, once."""
    script.say(Answer(told(RECORD).chunks, headers={"content-type": "application/json"}, hang_up=True), lines(DONE))
    async with client(script) as it:
        await it.task("t1")
        assert [outcome.status async for outcome in it.imagine(FOX)][-1] is Status.SUCCEEDED
    assert (script.submits, script.connections) == (1, 2)


async def test_a_kept_connection_that_closes_under_a_submit_leaves_its_fate_unknown(script: Script) -> None:
    """Nobody can tell whether the service had read it: it is looked for, and not sent again."""
    script.say(told(RECORD), None, *[told({"items": []})] * 3, lines(DONE))
    async with client(script) as it:
        await it.task("t1")
        with pytest.raises(TransportError) as caught:
            [outcome async for outcome in it.imagine(FOX)]
    assert caught.value.sent
    assert (script.submits, script.connections) == (1, 2)  # the second is that of the looking for it


async def test_each_endpoint_has_a_method(script: Script) -> None:
    film = line(100, video_id="17", video_urls=["http://127.0.0.1:9//0.mp4"])
    script.say(
        lines(DONE),
        lines(film),
        *(told(reply) for reply in ({"descriptions": ["a", "b"]}, {"prompts": ["c"]}, {"content": "fox"}, {"seed": 7})),
    )
    address = "https://cdn.example/x.png"
    async with client(script) as it:
        edit = mj.EditRequest(image_url=address, prompt="a hat", split_images=True)
        video = mj.VideoRequest(action="extend", video_id="16", video_index=2, resolution="480p")
        assert [outcome async for outcome in it.edits(edit)][-1].status is Status.SUCCEEDED
        assert [outcome async for outcome in it.videos(video)][-1].video_id == "17"
        assert await it.describe(address) == ("a", "b")
        assert await it.shorten("a long prompt") == ("c",)
        assert await it.translate("狐") == "fox"
        assert await it.seed("149") == 7
    assert [target for _, target, _, _ in script.requests] == [
        f"/midjourney/{name}" for name in ("edits", "videos", "describe", "shorten", "translate", "seed")
    ]
    assert script.bodies == [
        {"image_url": address, "prompt": "a hat", "split_images": True, "action": "generate", "mode": "fast"},
        {"action": "extend", "mode": "fast", "video_id": "16", "video_index": 2, "resolution": "480p"},
        {"image_url": address},
        {"prompt": "a long prompt"},
        {"content": "狐"},
        {"image_id": "149"},
    ]


async def test_the_recent_tasks_are_listed_page_by_page(script: Script) -> None:
    page = [{"id": f"t{number}", "created_at": 50.0, "response": None} for number in range(50)]
    script.say(told({"items": page, "count": 51}), told({"items": [{"id": "last", "created_at": 5.0}, {"id": "new"}]}))
    async with client(script) as it:
        records = await it.recent(since=10.0)
    assert len(records) == 51
    assert [body["offset"] for body in script.bodies] == [0, 50]


async def test_certificates_are_read_once_for_all_clients(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes long enough to be felt where each of many sessions has clients of its own."""
    script.say(*[told({"items": []})] * 2)
    async with client(script) as it:
        await it.recent(since=0.0)
    monkeypatch.setattr(ssl, "create_default_context", None)
    async with client(script) as it:
        assert await it.recent(since=0.0) == []


async def test_options_are_changed_on_a_copy(script: Script) -> None:
    it = client(script, token="secret-token-1")
    other = it.with_options(patience=1.0)
    script.say(told(RECORD))
    async with it, other:
        await other.task("t1")
    assert (it.patience, other.patience) == (600.0, 1.0)
    assert script.requests[0][2]["authorization"] == "Bearer secret-token-1"


async def test_your_own_http_client_carries_what_goes_to_the_service(script: Script) -> None:
    script.say(told(RECORD), told(RECORD))
    async with httpx.AsyncClient(headers={"x-proxy": "yes"}) as http:
        async with client(script, http_client=http) as it:
            await it.task("t1")
        await http.get(f"{script.url}/still-open")
    assert script.requests[0][2]["x-proxy"] == "yes"

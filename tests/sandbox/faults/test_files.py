from __future__ import annotations

import socket
import time
from io import BytesIO

import httpx
import pytest
from PIL import Image

from mj_widgets.sandbox import Sandbox, serve
from tests.sandbox.ask import Ask
from tests.sandbox.faults.order import FOREIGN, JSON, NDJSON, order, told


@pytest.mark.parametrize("fault", ["404", "403", "500"])
def test_a_file_is_refused_as_a_picture_host_does(box: Sandbox, ask: Ask, fault: str) -> None:
    url = ask.imagine("a fox")["raw_image_url"]
    box.faults.add("picture", fault)
    first, second = ask.http.get(url), ask.http.get(url)
    assert (first.status_code, first.headers["content-type"]) == (int(fault), "application/xml")
    assert second.status_code == 200


def test_a_picture_is_truncated_though_all_seems_well(box: Sandbox, ask: Ask) -> None:
    url = ask.imagine("a fox")["image_url"]
    whole = ask.http.get(url).content
    box.faults.add("picture", "truncated", share=0.75)
    reply = ask.http.get(url)
    assert (reply.status_code, reply.headers["content-type"]) == (200, "image/png")
    assert reply.content == whole[: int(0.75 * len(whole))]
    with pytest.raises(OSError, match="truncated"), Image.open(BytesIO(reply.content)) as opened:
        opened.load()


def test_a_picture_is_cut(box: Sandbox, ask: Ask) -> None:
    url = ask.imagine("a fox")["image_url"]
    box.faults.add("picture", "cut")
    box.faults.add("picture", "cut", byte=1000)
    for _ in range(2):
        with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
            ask.http.get(url)
    assert ask.picture(url)


def test_all_that_was_sent_before_a_cut_arrives() -> None:
    box = serve(speed=0, faults=[{"on": "picture", "fault": "cut", "byte": 800_000}])
    with box, Ask(box.url) as ask, socket.socket() as line:
        url = ask.imagine("a fox --seed 3")["raw_image_url"]  # whose picture is larger than that
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # most of it has to wait in the sandbox
        line.connect(("127.0.0.1", int(box.url.rpartition(":")[2])))
        line.sendall(f"GET {url.removeprefix(box.url)} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
        got = b"".join(iter(lambda: line.recv(65536), b""))
    head, _, body = got.partition(b"\r\n\r\n")
    told = next(line for line in head.split(b"\r\n") if line.startswith(b"content-length: "))
    assert len(body) == 800_000 < int(told.split()[1])


def test_a_picture_is_a_page(ask: Ask) -> None:
    told = ask.imagine("a fox sandbox:picture-html")
    reply = ask.http.get(told["raw_image_url"])
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_a_picture_drips_and_is_whole(ask: Ask) -> None:
    told = ask.imagine("a fox sandbox:picture-drip=0")
    assert ask.picture(told["raw_image_url"]).size == (256, 256)


def test_a_picture_is_redirected_with_its_query(box: Sandbox, ask: Ask) -> None:
    told = ask.imagine("a fox")
    box.faults.add("picture", "redirect", status=302)
    reply = ask.http.get(told["image_url"])
    assert reply.headers["location"].endswith(".png?imageMogr2/thumbnail/!50p")
    assert ask.http.get(reply.headers["location"]).content == ask.http.get(told["image_url"]).content


def test_tiles_previews_covers_and_clips_have_faults_of_their_own(box: Sandbox, ask: Ask) -> None:
    grid = ask.imagine("a fox", split_images=True)
    clips = ask.http.post("/midjourney/videos", json={"image_url": grid["raw_image_url"]}).json()
    urls = {"tile": grid["sub_image_urls"][0], "cover": clips["image_url"], "clip": clips["video_urls"][0]}
    for on, url in urls.items():
        box.faults.add(on, "503")
        assert ask.picture(grid["image_url"])
        assert [ask.http.get(url).status_code for _ in range(2)] == [503, 200]


def test_an_expired_address_is_told_anew_by_a_look_up(box: Sandbox, ask: Ask) -> None:
    told = ask.imagine("a fox")
    box.faults.add("picture", "expired")
    assert [ask.http.get(told["raw_image_url"]).status_code for _ in range(2)] == [403, 403]
    assert ask.http.get(told["image_url"]).status_code == 403
    fresh = ask.tasks(action="retrieve_batch", ids=[told["task_id"]])["items"][0]["response"]
    assert fresh["raw_image_url"] != told["raw_image_url"]
    assert ask.picture(fresh["raw_image_url"]).size == (256, 256)
    assert ask.picture(fresh["image_url"]).size == (128, 128)
    assert ask.tasks(id=told["task_id"])["response"] == fresh


def test_a_card_lets_an_address_expire(ask: Ask) -> None:
    told = ask.imagine("a fox sandbox:picture-expired")
    assert ask.http.get(told["raw_image_url"]).status_code == 403
    fresh = ask.tasks(id=told["task_id"])["response"]
    assert ask.picture(fresh["raw_image_url"])


def test_clips_expire_too(box: Sandbox, ask: Ask) -> None:
    told = ask.http.post("/midjourney/videos", json={"image_url": FOREIGN}).json()
    box.faults.add("clip", "expired")
    assert ask.http.get(told["video_urls"][2]).status_code == 403
    fresh = ask.tasks(id=told["task_id"])["response"]
    assert ask.http.get(fresh["video_urls"][2]).content[4:8] == b"ftyp"
    assert ask.picture(fresh["image_url"])


@pytest.mark.parametrize("accept", [JSON, NDJSON])
def test_an_order_tells_addresses_whose_time_has_passed(ask: Ask, accept: str) -> None:
    last = told(order(ask, "a fox sandbox:expired", accept=accept).content)[-1]
    until = int(httpx.URL(last["raw_image_url"]).params["ex"], 16)
    assert until < time.time()
    assert ask.http.get(last["raw_image_url"]).status_code == 404
    assert ask.http.get(last["image_url"]).status_code == 404
    assert ask.picture(ask.tasks(id=last["task_id"])["response"]["image_url"])

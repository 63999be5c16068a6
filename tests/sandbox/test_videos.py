from __future__ import annotations

import json
import struct
from typing import Any

import pytest

from mj_widgets.sandbox import serve
from tests.sandbox.ask import Ask, apart, pixels

NDJSON = {"accept": "application/x-ndjson"}
FOREIGN = "https://example.com/castle.jpg"


@pytest.fixture(scope="module")
def fox(quick: Ask) -> dict[str, Any]:
    """A finished grid."""
    return quick.imagine("a fox in snow --ar 3:2 --seed 5")


def post(ask: Ask, endpoint: str, **body: Any) -> dict[str, Any]:
    reply = ask.http.post(f"/midjourney/{endpoint}", json=body)
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


def boxes(data: bytes) -> list[tuple[str, bytes]]:
    """Take an MP4 apart, one level of it."""
    found = []
    while data:
        (size,) = struct.unpack(">I", data[:4])
        assert 8 <= size <= len(data)
        found.append((data[4:8].decode(), data[8:size]))
        data = data[size:]
    return found


def seconds(mp4: bytes) -> float:
    track = dict(boxes(dict(boxes(dict(boxes(mp4))["moov"]))["trak"]))
    mdhd = dict(boxes(track["mdia"]))["mdhd"]
    scale, duration = struct.unpack(">IQ", mdhd[20:32])  # version 1: times of 64 bits
    return float(duration / scale)


def test_clips_are_told_as_the_service_tells_them(quick: Ask, fox: dict[str, Any]) -> None:
    told = post(quick, "videos", image_url=fox["raw_image_url"], prompt="the snow falls")
    names = {"success", "task_id", "video_id", "progress", "image_url", "image_width", "image_height", "video_urls"}
    assert set(told) == names
    assert told["video_id"].isdecimal()
    assert len(told["video_id"]) == 16
    assert [url.removeprefix(quick.url)[:8] for url in told["video_urls"]] == ["//video/"] * 4
    assert quick.picture(told["image_url"]).size == (int(told["image_width"]), int(told["image_height"]))
    record = quick.tasks(id=told["task_id"])
    assert (record["type"], record["response"]["video_urls"]) == ("videos", told["video_urls"])


def test_clips_are_files_of_their_own(quick: Ask, fox: dict[str, Any]) -> None:
    told = post(quick, "videos", image_url=fox["raw_image_url"])
    replies = [quick.http.get(url) for url in told["video_urls"]]
    assert {reply.headers["content-type"] for reply in replies} == {"video/mp4"}
    clips = [reply.content for reply in replies]
    assert len(set(clips)) == 4
    assert [quick.http.get(url).content for url in told["video_urls"]] == clips
    parts = dict(boxes(clips[0]))
    assert [*parts] == ["ftyp", "moov", "mdat"]  # a "meta" before these says that it is a picture, and players show no more
    movie = dict(boxes(parts["moov"]))
    assert struct.unpack(">Q", movie["mvhd"][24:32])[0] == seconds(clips[0]) * 1000
    table = dict(boxes(dict(boxes(dict(boxes(movie["trak"]))["mdia"]))["minf"]))["stbl"]
    (first,) = struct.unpack(">I", dict(boxes(table))["stco"][8:])
    assert clips[0][first:] == parts["mdat"]
    width, height = struct.unpack(">2I", dict(boxes(movie["trak"]))["tkhd"][-8:])
    assert (width >> 16, height >> 16) == (int(told["image_width"]) // 2, int(told["image_height"]) // 2)
    assert max(map(len, clips)) < 200_000


def test_an_address_with_one_slash_is_another_one(quick: Ask, fox: dict[str, Any]) -> None:
    url = post(quick, "videos", image_url=fox["raw_image_url"])["video_urls"][0]
    assert quick.http.get(url).status_code == 200
    assert quick.http.get(url.replace("//video/", "/video/")).status_code == 404
    assert quick.http.get(url + "?x=1").status_code == 404
    assert quick.http.get(url.replace("0_0", "0_4")).status_code == 404


def test_a_clip_is_lengthened(quick: Ask, fox: dict[str, Any]) -> None:
    first = post(quick, "videos", image_url=fox["raw_image_url"], resolution="480p")
    longer = post(quick, "videos", action="extend", video_id=first["video_id"], video_index=3, resolution="480p")
    lengths = [seconds(quick.http.get(told["video_urls"][0]).content) for told in (first, longer)]
    assert lengths == [5.0, 9.0]
    assert longer["video_id"] != first["video_id"]
    covers = [pixels(quick.picture(told["image_url"])) for told in (first, longer)]
    assert apart(*covers) == 0


def test_clips_start_from_the_picture(quick: Ask, fox: dict[str, Any]) -> None:
    single = quick.act("upscale1", fox)
    told = post(quick, "videos", image_url=single["raw_image_url"])
    cover = quick.picture(told["image_url"])
    source = quick.picture(single["raw_image_url"]).resize(cover.size)
    assert apart(pixels(cover), pixels(source)) < 3


def test_a_stream_of_clips_ends_with_them(quick: Ask, fox: dict[str, Any]) -> None:
    reply = quick.http.post("/midjourney/videos", json={"image_url": fox["raw_image_url"]}, headers=NDJSON)
    lines = [json.loads(line) for line in reply.text.splitlines() if line.strip()]
    assert len(lines) >= 5
    assert ["video_urls" in line for line in lines] == [False] * (len(lines) - 1) + [True]
    assert not any("actions" in line or "raw_image_url" in line for line in lines)


def test_clips_are_there_when_they_are_finished(slow: Ask) -> None:
    told = post(slow, "videos", image_url=FOREIGN, **{"async": True})
    assert set(told) == {"task_id", "success"}
    assert slow.http.get(f"//video/{told['task_id']}/0_0.mp4").status_code == 404
    assert slow.http.get(f"/video/{told['task_id']}/cover.png").status_code == 404
    assert slow.tasks(id=told["task_id"]).get("finished_at") is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "image_url is required"),
        ({"prompt": "a fox"}, "image_url is required"),
        ({"image_url": "fox"}, "image_url must be the http"),
        ({"image_url": FOREIGN, "mode": "relax"}, "mode must be one of fast, turbo"),
        ({"image_url": FOREIGN, "resolution": "1080p"}, "resolution must be one of"),
        ({"image_url": FOREIGN, "end_image_url": "fox"}, "image_url must be the http"),
        ({"image_url": FOREIGN, "action": "upscale1"}, "action must be generate or extend"),
        ({"action": "extend"}, "video_id is required"),
        ({"action": "extend", "video_id": "1"}, "video_id `1` is not known"),
        ({"action": "extend", "video_id": "1", "video_index": 4}, "video_index must be 0 to 3"),
    ],
)
def test_what_a_video_refuses(quick: Ask, body: dict[str, Any], words: str) -> None:
    status, code, message = quick.refusal("/midjourney/videos", **body)
    assert (status, code) == (400, "bad_request")
    assert words in message


def test_clips_are_no_picture_to_be_continued(quick: Ask, fox: dict[str, Any]) -> None:
    clips = post(quick, "videos", image_url=fox["raw_image_url"])
    assert quick.refusal(action="variation_subtle", image_id=clips["video_id"])[:2] == (400, "bad_request")
    body = {"action": "extend", "video_id": fox["image_id"]}
    assert quick.refusal("/midjourney/videos", **body)[:2] == (400, "bad_request")


def test_after_a_restart_clips_and_edits_are_still_there(tmp_path: Any) -> None:
    state = tmp_path / "jobs.sqlite3"
    with serve(speed=0, state=state) as url, Ask(url) as ask:
        edit = post(ask, "edits", image_url=FOREIGN, prompt="a hat")
        clips = post(ask, "videos", image_url=edit["raw_image_url"])
        kept = [ask.http.get(each).content for each in (edit["image_url"], clips["video_urls"][1])]
    with serve(speed=0, state=state) as url, Ask(url) as ask:
        moved = [
            each.replace(clips["image_url"].partition("/video/")[0], url)
            for each in (edit["image_url"], clips["video_urls"][1])
        ]
        assert [ask.http.get(each).content for each in moved] == kept
        assert post(ask, "videos", action="extend", video_id=clips["video_id"])["progress"] == 100

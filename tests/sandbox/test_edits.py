from __future__ import annotations

import json
from typing import Any

import pytest
from PIL import Image

from tests.sandbox.ask import Ask, apart, encoded, pixels

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


def test_an_edit_is_a_picture_without_actions(quick: Ask, fox: dict[str, Any]) -> None:
    told = post(quick, "edits", image_url=fox["image_url"], prompt="by a lighthouse")
    assert "actions" not in told
    assert "sub_image_urls" not in told
    assert (told["success"], told["progress"]) == (True, 100)
    full, half = quick.picture(told["raw_image_url"]), quick.picture(told["image_url"])
    assert full.size == (int(told["raw_image_width"]), int(told["raw_image_height"])) == (1248, 832)
    assert half.size == (int(told["image_width"]), int(told["image_height"])) == (624, 416)
    assert quick.tasks(id=told["task_id"])["type"] == "edits"


def test_an_edit_differs_from_its_source_and_from_another_try(quick: Ask, fox: dict[str, Any]) -> None:
    tries = [post(quick, "edits", image_url=fox["raw_image_url"], prompt="by a lighthouse") for _ in range(2)]
    source, *made = [pixels(quick.picture(told["image_url"])) for told in (fox, *tries)]
    assert apart(source, made[0]) > 5
    assert apart(made[0], made[1]) > 1


def test_an_edit_with_a_mask_keeps_what_is_black(quick: Ask, fox: dict[str, Any]) -> None:
    mask = Image.new("L", (1248, 832), 0)
    mask.paste(255, (0, 0, 1248, 200))
    told = post(quick, "edits", image_url=fox["raw_image_url"], prompt="a red balloon", mask=encoded(mask))
    before, after = (pixels(quick.picture(each["raw_image_url"]))[:416, :624] for each in (fox, told))
    assert abs(before[220:330] - after[220:330]).mean() < 1.5
    assert abs(before[:190] - after[:190]).mean() > 3


def test_a_tile_can_be_edited_by_itself(quick: Ask) -> None:
    grid = quick.imagine("a fox in snow --seed 5", split_images=True)
    mask = Image.new("L", (1024, 1024), 0)
    mask.paste(255, (0, 0, 1024, 200))
    told = post(quick, "edits", image_url=grid["sub_image_urls"][2], prompt="a hat", split_images=True, mask=encoded(mask))
    assert len(told["sub_image_urls"]) == 4
    before, after = (pixels(quick.picture(each["sub_image_urls"][k])) for each, k in ((grid, 2), (told, 3)))
    assert after.shape == (512, 512, 3)
    assert abs(before[150:400] - after[150:400]).mean() < 1.5


def test_a_foreign_picture_gives_a_scene_of_its_address_and_the_prompt(quick: Ask) -> None:
    asked = [
        (FOREIGN, "snow --seed 3"),
        (FOREIGN, "snow --seed 3"),
        (FOREIGN + "?2", "snow --seed 3"),
        (FOREIGN, "dusk --seed 3"),
    ]
    made = [post(quick, "edits", image_url=url, prompt=prompt) for url, prompt in asked]
    first, again, elsewhere, otherwise = [pixels(quick.picture(told["image_url"])) for told in made]
    assert apart(first, again) == 0
    assert elsewhere.shape != first.shape or apart(first, elsewhere) > 5
    assert apart(first, otherwise) > 5


def test_an_edit_streams_and_is_continued_like_a_grid(quick: Ask, fox: dict[str, Any]) -> None:
    body = {"image_url": fox["raw_image_url"], "prompt": "a hat"}
    reply = quick.http.post("/midjourney/edits", json=body, headers=NDJSON)
    lines = [json.loads(line) for line in reply.text.splitlines() if line.strip()]
    assert len(lines) >= 5
    assert not any("actions" in line for line in lines)
    assert all(line["raw_image_url"] for line in lines)
    assert quick.act("upscale2", lines[-1])["progress"] == 100


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"prompt": "a hat"}, "image_url is required"),
        ({"image_url": FOREIGN}, "prompt is required"),
        ({"image_url": FOREIGN, "prompt": "  "}, "prompt is required"),
        ({"image_url": "castle.jpg", "prompt": "a hat"}, "image_url must be the http"),
        ({"image_url": "data:image/png;base64,AAAA", "prompt": "a hat"}, "image_url must be the http"),
        ({"image_url": FOREIGN, "prompt": "a hat", "action": "upscale1"}, "action must be generate"),
        ({"image_url": FOREIGN, "prompt": "a hat", "mode": "slow"}, "mode must be one of"),
        ({"image_url": FOREIGN, "prompt": "a hat", "mask": "AAAA"}, "`mask` is no PNG or JPEG"),
        ({"image_url": FOREIGN, "prompt": "a hat —iw 2"}, "Unrecognized argument"),
        ({"image_url": 7, "prompt": "a hat"}, "`image_url` has the wrong type"),
    ],
)
def test_what_an_edit_refuses(quick: Ask, body: dict[str, Any], words: str) -> None:
    status, code, message = quick.refusal("/midjourney/edits", **body)
    assert (status, code) == (400, "bad_request")
    assert words in message


def test_a_picture_that_is_not_finished_cannot_be_edited(slow: Ask) -> None:
    task_id = post(slow, "imagine", prompt="a fox", **{"async": True})["task_id"]
    _, code, message = slow.refusal("/midjourney/edits", image_url=f"{slow.url}/midjourney/{task_id}.png", prompt="a hat")
    assert code == "bad_request"
    assert "could not be downloaded" in message

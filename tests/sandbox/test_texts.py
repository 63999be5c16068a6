from __future__ import annotations

from typing import Any

import pytest

from mj_widgets.sandbox.chinese import in_english
from mj_widgets.sandbox.texts import shortened
from tests.sandbox.ask import Ask

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


def test_a_description_has_the_picture_s_own_words_and_shape(quick: Ask, fox: dict[str, Any]) -> None:
    told = post(quick, "describe", image_url=quick.act("upscale3", fox)["image_url"])
    assert set(told) == {"descriptions"}
    said = [text for text in told["descriptions"] if text]
    assert len(told["descriptions"]) == 4
    assert len(set(said)) == len(said) >= 3
    assert all("fox in snow" in text and text.endswith(" --ar 3:2") for text in said)


def test_descriptions_make_a_task(quick: Ask) -> None:
    told = post(quick, "describe", image_url=FOREIGN)
    newest = quick.tasks(action="retrieve_batch", limit=1)["items"][0]
    assert newest["type"] == "describe"
    assert newest["response"]["descriptions"] == told["descriptions"]
    assert "success" not in newest["response"]
    assert newest["request"]["image_url"] == FOREIGN
    assert newest["finished_at"]


def test_a_description_is_empty_now_and_then_and_the_same_each_time(quick: Ask) -> None:
    urls = [f"https://example.com/{k}.png" for k in range(30)]
    told = [post(quick, "describe", image_url=url)["descriptions"] for url in urls]
    empty = [texts.count("") for texts in told]
    assert set(empty) == {0, 1}
    assert 3 < sum(empty) < 18
    assert post(quick, "describe", image_url=urls[0])["descriptions"] == told[0]
    assert len({texts[0] for texts in told}) > 10


def test_shorter_prompts_get_shorter(quick: Ask) -> None:
    told = post(quick, "shorten", prompt="a very misty lake with tall pines, and an alpine dawn over it --ar 16:9")
    assert told["prompts"][0] == "misty lake tall pines, alpine dawn over it --ar 16:9"
    lengths = [len(prompt.split(" --")[0].split()) for prompt in told["prompts"]]
    assert lengths == sorted(lengths, reverse=True)
    assert 2 <= len(lengths) <= 5
    assert told["cost"] == 0.18
    assert told["started_at"] <= told["finished_at"]
    assert told["elapsed"] >= 0


@pytest.mark.parametrize(
    ("prompt", "prompts"),
    [
        ("fox", ["fox"]),
        ("the", ["the"]),
        ("a red fox", ["red fox", "red"]),
        ("https://example.com/a.png a red fox --s 5", ["red fox --s 5", "red"]),
        ("the one, of a kind", ["one, kind", "one"]),
    ],
)
def test_short_prompts_stay_what_they_are(prompt: str, prompts: list[str]) -> None:
    assert shortened(prompt) == prompts


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("一只狐狸在雪地里", "a fox in snow"),
        ("猫头鹰和月亮、水彩画。", "owl and moon, watercolour."),
        ("热气球", "hot-air balloon"),
        ("a fox in snow", "a fox in snow"),
        ("un renard dans la neige", "un renard dans la neige"),
        ("饕餮", "饕餮"),
        ("狐狸 --ar 3:2", "fox --ar 3:2"),
    ],
)
def test_translation_knows_some_words_and_echoes_the_rest(text: str, english: str) -> None:
    assert in_english(text) == english


def test_translations_come_as_content(quick: Ask) -> None:
    assert post(quick, "translate", content="一座灯塔") == {"content": "a lighthouse"}


def test_the_seed_makes_the_same_picture_again(quick: Ask) -> None:
    first = quick.imagine("a fox in snow")
    seed = post(quick, "seed", image_id=first["image_id"])["seed"]
    assert isinstance(seed, str)
    assert 0 <= int(seed) <= 4294967295
    again = quick.imagine(f"a fox in snow --seed {seed}")
    assert quick.http.get(again["image_url"]).content == quick.http.get(first["image_url"]).content
    assert post(quick, "seed", image_id=again["image_id"])["seed"] == seed


def test_a_seed_that_was_asked_for_is_told_and_a_reroll_has_another(quick: Ask, fox: dict[str, Any]) -> None:
    assert post(quick, "seed", image_id=fox["image_id"]) == {"seed": "5"}
    reroll = quick.act("reroll", fox, prompt="a fox in snow --seed 5")
    assert post(quick, "seed", image_id=reroll["image_id"])["seed"] != "5"


@pytest.mark.parametrize(
    ("endpoint", "body", "words"),
    [
        ("describe", {}, "image_url is required"),
        ("describe", {"image_url": "fox"}, "image_url must be the http"),
        ("shorten", {}, "prompt is required"),
        ("shorten", {"prompt": ["a", "fox"]}, "`prompt` has the wrong type"),
        ("translate", {"content": " "}, "content is required"),
        ("seed", {}, "image_id is required"),
        ("seed", {"image_id": "7"}, "image_id `7` is not known"),
        ("seed", {"image_id": 7}, "`image_id` has the wrong type"),
    ],
)
def test_what_texts_refuse(quick: Ask, endpoint: str, body: dict[str, Any], words: str) -> None:
    status, code, message = quick.refusal(f"/midjourney/{endpoint}", **body)
    assert (status, code) == (400, "bad_request")
    assert words in message


def test_a_picture_that_is_not_finished_has_no_seed(slow: Ask) -> None:
    task_id = post(slow, "imagine", prompt="a fox", **{"async": True})["task_id"]
    assert slow.tasks(id=task_id)["type"] == "imagine"
    assert slow.refusal("/midjourney/seed", image_id="1300000000000000000")[1] == "bad_request"

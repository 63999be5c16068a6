from __future__ import annotations

from typing import Any

import pytest

from mj_widgets.sandbox import Sandbox, serve
from mj_widgets.sandbox.faults import Faults
from tests.sandbox.ask import Ask
from tests.sandbox.faults.order import FOREIGN, order


def test_the_schedule_goes_in_its_order_and_then_is_over(box: Sandbox, ask: Ask) -> None:
    box.faults.add("imagine", "429", times=2)
    box.faults.add("imagine", "500")
    assert [order(ask).status_code for _ in range(5)] == [429, 429, 500, 200, 200]
    assert box.faults.pending == []
    assert [fired["fault"] for fired in box.faults.fired] == ["429", "429", "500"]


def test_a_fault_can_wait_for_its_turn(box: Sandbox, ask: Ask) -> None:
    box.faults.add("imagine", "500", after=2)
    assert [order(ask).status_code for _ in range(4)] == [200, 200, 500, 200]


def test_a_fault_can_be_for_ever(box: Sandbox, ask: Ask) -> None:
    box.faults.add("submit", "503", times=None)
    assert [order(ask).status_code for _ in range(4)] == [503] * 4
    box.faults.clear()
    assert order(ask).status_code == 200


def test_a_fault_is_for_what_matches(box: Sandbox, ask: Ask) -> None:
    fox, owl = ask.imagine("a fox"), ask.imagine("an owl")
    box.faults.add("imagine", "500", match="wolf")
    box.faults.add("picture", "404", match="owl")
    box.faults.add("tasks", "503", match=owl["task_id"])
    box.faults.add("imagine", "403", match="upscale2")
    box.faults.add("picture", "403", match="thumbnail")
    assert [order(ask, prompt).status_code for prompt in ("a fox", "a wolf", "a wolf")] == [200, 500, 200]
    assert ask.http.get(fox["raw_image_url"]).status_code == 200
    assert [ask.http.get(owl["raw_image_url"]).status_code for _ in range(2)] == [404, 200]
    assert [ask.http.post("/midjourney/tasks", json={"id": told["task_id"]}).status_code for told in (fox, owl)] == [200, 503]
    assert ask.act("upscale1", fox)["success"]
    assert ask.refusal(action="upscale2", image_id=fox["image_id"])[0] == 403
    assert ask.http.get(fox["image_url"]).status_code == 403


@pytest.mark.parametrize(
    ("on", "endpoint", "body"),
    [
        ("imagine", "imagine", {"prompt": "a fox"}),
        ("submit", "imagine", {"prompt": "a fox"}),
        ("edits", "edits", {"prompt": "a fox", "image_url": FOREIGN}),
        ("submit", "videos", {"image_url": FOREIGN}),
        ("text", "describe", {"image_url": FOREIGN}),
        ("order", "shorten", {"prompt": "a fox"}),
        ("translate", "translate", {"content": "狐狸"}),
        ("*", "seed", {"image_id": "1"}),
        ("*", "tasks", {"id": "1"}),
    ],
)
def test_every_call_can_go_wrong(box: Sandbox, ask: Ask, on: str, endpoint: str, body: dict[str, Any]) -> None:
    box.faults.add(on, "429")
    reply = ask.http.post(f"/midjourney/{endpoint}", json=body)
    assert (reply.status_code, reply.json()["error"]["code"]) == (429, "too_many_requests")
    assert box.faults.fired[-1]["on"] == endpoint


def test_the_schedule_can_be_asked_for_over_http(box: Sandbox, ask: Ask) -> None:
    one = {"on": "imagine", "fault": "429", "retry_after": 2}
    pending = ask.http.post("/sandbox/faults", json=[one, {"on": "tasks", "fault": "empty", "times": 3}]).json()["pending"]
    assert [(entry["fault"], entry["times"]) for entry in pending] == [("429", 1), ("empty", 3)]
    assert len(ask.http.post("/sandbox/faults", json=one).json()["pending"]) == 3
    assert order(ask).headers["retry-after"] == "2"
    shown = ask.http.get("/sandbox/faults").json()
    assert [entry["fault"] for entry in shown["pending"]] == ["empty", "429"]
    assert [entry["fault"] for entry in shown["fired"]] == ["429"]
    ask.http.delete("/sandbox/faults")
    assert box.faults.pending == []


def test_a_schedule_can_be_given_from_the_start() -> None:
    with serve(speed=0, faults=[{"on": "imagine", "fault": "500"}]) as url, Ask(url) as ask:
        assert [order(ask).status_code for _ in range(2)] == [500, 200]
    faults = Faults()
    with serve(speed=0, faults=faults) as url, Ask(url) as ask:
        faults.add("imagine", "503")
        assert order(ask).status_code == 503


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"on": "imagine"}, "needs 'on' and 'fault'"),
        ("429", "needs 'on' and 'fault'"),
        ({"on": "everything", "fault": "429"}, "on must be one of"),
        ({"on": "imagine", "fault": "weather"}, "there is no fault 'weather'"),
        ({"on": "imagine", "fault": "429", "seconds": 1}, "429 has no option seconds"),
        ({"on": "imagine", "fault": "429", "name": "500"}, "429 has no option name"),
        ({"on": "imagine", "fault": "429", "retry_after": "soon"}, "retry_after of 429 must be float | None"),
        ({"on": "imagine", "fault": "429", "times": 0}, "times must be 1 or more"),
        ({"on": "imagine", "fault": "429", "after": "x"}, "after must be a number"),
        ({"on": "imagine", "fault": "cut", "inside": "out"}, "inside must be line or character"),
        ({"on": "imagine", "fault": "cut", "byte": True}, "byte of cut must be int | None"),
        ({"on": "tasks", "fault": "stuck"}, "stuck is for what draws"),
    ],
)
def test_a_wrong_entry_is_refused_and_nothing_of_its_list_is_kept(box: Sandbox, ask: Ask, entry: Any, words: str) -> None:
    reply = ask.http.post("/sandbox/faults", json=[{"on": "imagine", "fault": "429"}, entry])
    assert reply.status_code == 400
    assert words in reply.json()["error"]["message"]
    assert box.faults.pending == []
    with pytest.raises(ValueError, match=r".+"):
        Faults([entry])

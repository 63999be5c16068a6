from __future__ import annotations

from mj_widgets.sandbox import Sandbox
from tests.sandbox.ask import Ask


def test_look_ups_fail_and_recover(box: Sandbox, ask: Ask) -> None:
    task_id = ask.imagine("a fox")["task_id"]
    box.faults.extend([{"on": "tasks", "fault": "500"}, {"on": "tasks", "fault": "429", "retry_after": 0}])
    replies = [ask.http.post("/midjourney/tasks", json={"id": task_id}) for _ in range(3)]
    assert [reply.status_code for reply in replies] == [500, 429, 200]
    assert replies[1].headers["retry-after"] == "0"
    assert replies[2].json()["response"]["progress"] == 100


def test_look_ups_find_nothing_for_a_while(box: Sandbox, ask: Ask) -> None:
    task_id = ask.imagine("a fox")["task_id"]
    box.faults.add("tasks", "empty", times=2)
    box.faults.add("tasks", "empty", null=True)
    assert [ask.tasks(id=task_id), ask.tasks(ids=[task_id], action="retrieve_batch"), ask.tasks(id=task_id)] == [{}, {}, None]
    box.faults.add("tasks", "unknown", times=2)
    assert ask.tasks(ids=[task_id], action="retrieve_batch") == {"items": [], "count": 0}
    assert ask.tasks(id=task_id) == {}
    assert ask.tasks(id=task_id)["id"] == task_id


def test_a_card_can_be_for_the_look_ups_of_its_job(ask: Ask) -> None:
    told = ask.imagine("a fox sandbox:tasks-500x2")
    other = ask.imagine("a fox")["task_id"]
    assert ask.tasks(id=other)["id"] == other
    for expected in (500, 500, 200):
        reply = ask.http.post("/midjourney/tasks", json={"action": "retrieve_batch", "ids": [other, told["task_id"]]})
        assert reply.status_code == expected

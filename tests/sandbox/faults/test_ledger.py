from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from mj_widgets.sandbox import Sandbox, serve
from tests.sandbox.ask import Ask
from tests.sandbox.faults.order import FOREIGN, ORDER, order, until


def test_the_ledger_has_each_success_once(box: Sandbox, ask: Ask) -> None:
    known = len(box.ledger())
    start = time.time()
    grid = ask.imagine("a fox in snow")
    single = ask.act("upscale1", grid)
    turbo = ask.imagine("a fox", mode="turbo")
    clips = ask.http.post("/midjourney/videos", json={"image_url": FOREIGN, "prompt": "wind"}).json()
    ask.http.post("/midjourney/describe", json={"image_url": FOREIGN})
    ask.http.post("/midjourney/shorten", json={"prompt": "a fox in the snow"})
    ask.http.post("/midjourney/seed", json={"image_id": grid["image_id"]})
    ask.tasks(id=grid["task_id"])
    entries = box.ledger()[known:]
    assert [(entry["type"], entry["action"], entry["prompt"], entry["credits"]) for entry in entries] == [
        ("imagine", "generate", "a fox in snow", 0.27),
        ("imagine", "upscale1", "", 0.05),
        ("imagine", "generate", "a fox", 0.54),
        ("videos", "generate", "wind", 1.05),
        ("describe", "describe", FOREIGN, 0.18),
        ("shorten", "shorten", "a fox in the snow", 0.18),
    ]
    ids = [told["task_id"] for told in (grid, single, turbo, clips)]
    assert [entry["task_id"] for entry in entries[:4]] == ids
    assert entries[-1]["task_id"] is None
    assert all(start <= entry["created_at"] <= entry["billed_at"] <= time.time() for entry in entries)
    assert ask.http.get("/sandbox/ledger").json()[known:] == entries


@pytest.mark.parametrize(
    ("body", "cost"),
    [
        ({"version": "8", "hd": True}, 1.08),
        ({"version": "8", "hd": True, "quality": "4"}, 4.32),
        ({"version": "8", "style_reference": True}, 1.08),
        ({"version": "8.1", "hd": True}, 0.44),
        ({"version": "8.2", "hd": True}, 0.27),
        ({"mode": "relax"}, 0.14),
    ],
)
def test_what_is_dearer_is_billed_dearer(box: Sandbox, ask: Ask, body: dict[str, Any], cost: float) -> None:
    ask.imagine("a fox", **body)
    assert box.ledger()[-1]["credits"] == cost


def test_a_running_job_is_billed_when_it_is_finished() -> None:
    box = serve(speed=20)
    with box as url, Ask(url) as ask:
        ask.http.post(ORDER, json={"prompt": "a fox", "async": True})
        assert box.ledger() == []
        until(lambda: box.ledger() != [])
        (entry,) = box.ledger()
        assert 0.2 < entry["billed_at"] - entry["created_at"] < 0.6


def test_the_ledger_and_stuck_jobs_survive_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "jobs.sqlite3"
    box = serve(speed=0, state=state)
    with box as url, Ask(url) as ask:
        ask.imagine("a fox")
        with pytest.raises(httpx.RemoteProtocolError):
            order(ask, "an owl sandbox:lost")
        ask.http.post("/midjourney/translate", json={"content": "狐狸"})
        stuck = ask.http.post(ORDER, json={"prompt": "a wolf sandbox:stuck", "async": True}).json()["task_id"]
        ask.stream("a bear sandbox:failed")
        before = box.ledger()
    assert [entry["prompt"] for entry in before] == ["a fox", "an owl sandbox:lost", "狐狸"]
    box = serve(speed=0, state=state)
    with box as url, Ask(url) as ask:
        assert box.ledger() == before
        assert ask.tasks(id=stuck)["response"]["progress"] == 85
        assert box.release() == [stuck]
        assert box.ledger()[-1]["task_id"] == stuck

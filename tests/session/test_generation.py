from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

import pytest

import mj_widgets as mj
from mj_widgets.errors import GenerationError, WaitTimeoutError
from mj_widgets.models import Status
from tests.api.script import PNG, Answer, Script, lines, told

OpenSession = Callable[..., mj.Session]


def answer(script: Script, *actions: str) -> Answer:
    url = f"{script.url}/t1.png"
    return lines({"success": True, "task_id": "t1", "progress": 100, "image_id": "149", "image_url": url, "actions": actions})


def test_a_grid_has_four_tiles_that_make_the_whole(session: mj.Session) -> None:
    grid = session.imagine("a fox").result(30)
    whole = grid.image.pil()
    assert len(grid.tiles) == 4
    assert grid.is_grid
    for tile in grid.tiles:
        assert tile.pil().tobytes() == whole.crop(tile.box).tobytes()
        assert (tile.width, tile.height) == tile.pil().size
    single = grid.upscale(2).result(30)
    assert (len(single.tiles), single.is_grid) == (1, False)


def test_the_actions_are_those_that_the_service_offers(session: mj.Session) -> None:
    grid = session.imagine("a fox").result(30)
    assert {f"upscale{tile}" for tile in range(1, 5)} <= set(grid.actions)
    single = grid.act("upscale2").result(30)
    assert "zoom_out_2x" in single.actions


def test_each_way_to_continue_is_a_child(session: mj.Session) -> None:
    grid = session.imagine("a fox").result(30)
    single = grid.upscale(2).result(30)
    mask = [[0] * single.image.width] * (single.image.height // 2) + [[1] * single.image.width] * (
        single.image.height - single.image.height // 2
    )
    children = [
        single.vary("subtle"),
        single.vary("strong"),
        single.zoom_out(1.5),
        single.zoom_out(2),
        single.pan("left"),
        single.upscale("subtle"),
        single.vary_region(mask, prompt="a hat"),
        single.vary("subtle", mode="turbo", prompt="a wolf"),
    ]
    assert [child.result(60).status for child in children] == [Status.SUCCEEDED] * len(children)
    assert single.children == tuple(children)
    assert [child.request.action for child in children][2:7] == [
        "zoom_out_1_5x",
        "zoom_out_2x",
        "pan_left",
        "upscale_subtle",
        "variation_region",
    ]
    assert children[6].prompt == "a hat"
    assert (children[7].request.mode, children[7].prompt) == ("turbo", "a wolf")
    assert children[5].upscale("subtle").request.action == "redo_upscale_subtle"
    assert (grid.reroll().parent, grid.vary(4).request.source.tile) == (grid, 4)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda grid: grid.upscale(5), "tiles 1 to 4"),
        (lambda grid: grid.vary(0), "tiles 1 to 4"),
        (lambda grid: grid.act("zoom_out_2x"), "does not offer 'zoom_out_2x'.*upscale1"),
        (lambda grid: grid.act("nonsense"), "does not offer"),
        (lambda grid: grid.upscale("subtle"), "does not offer"),
        (lambda grid: grid.zoom_out(3), "1.5 or 2"),
        (lambda grid: grid.pan("north"), "left, right, up or down"),
        (lambda grid: grid.act("variation_region"), "needs a mask"),
        (lambda grid: grid.vary_region([[0, 0], [0, 1]]), "The mask has 2 x 2"),
        (lambda grid: grid.act("reroll", mode="slow"), "fast"),
        (lambda grid: grid.thumbnail(5), "tiles 1 to 4"),
    ],
)
def test_bad_input_names_the_fix_and_nothing_is_sent(session: mj.Session, act: Callable[..., object], words: str) -> None:
    grid = session.imagine("a fox").result(30)
    with pytest.raises(ValueError, match=words):
        act(grid)
    assert len(session) == 1


def test_a_name_never_seen_before_passes_through(script: Script, open_session: OpenSession) -> None:
    session = open_session(base_url=script.url)
    script.say(answer(script, "sparkle_9"), Answer([PNG]))
    gen = session.imagine("a fox").result(10)
    script.say(answer(script), Answer([PNG]))
    child = gen.act("sparkle_9").result(10)
    assert script.bodies[-1]["action"] == "sparkle_9"
    script.say(answer(script), Answer([PNG]))
    assert child.act("anything").result(10).status is Status.SUCCEEDED  # nothing was listed, so nothing is forbidden


def test_acting_before_there_is_a_picture_says_to_wait(script: Script, open_session: OpenSession) -> None:
    session = open_session(base_url=script.url)
    script.say(lines(*[b"\n"] * 50, pause=0.05))
    gen = session.imagine("a fox")
    with pytest.raises(ValueError, match="await gen"):
        gen.upscale(1)
    with pytest.raises(ValueError, match="no picture"):
        gen.thumbnail()


def test_the_code_is_the_line_that_made_it(session: mj.Session) -> None:
    root = session.imagine('it\'s a "fox" --ar 3:2', mode="turbo").result(30)
    child = root.upscale(2).result(30)
    assert eval(root.code, {"session": session}).request == root.request  # noqa: S307 - our own line
    assert eval(child.code, {"session": session}).request == child.request  # noqa: S307
    mask = [[1] * child.image.width] * child.image.height
    repainted = child.vary_region(mask, prompt="a hat")
    assert eval(repainted.code, {"session": session, "mask": mask}).request == repainted.request  # noqa: S307


@pytest.mark.anyio
async def test_awaiting_gives_the_finished_generation(session: mj.Session) -> None:
    gen = await session.imagine("a fox")
    assert gen.status is Status.SUCCEEDED
    assert await gen is gen


@pytest.mark.anyio
async def test_updates_go_from_now_to_the_end(script: Script, open_session: OpenSession) -> None:
    session = open_session(base_url=script.url)
    running = [{"success": True, "task_id": "t1", "progress": number, "actions": []} for number in (20, 60)]
    script.say(Answer([*lines(*running).chunks, *answer(script).chunks], headers=lines().headers, pause=0.2), Answer([PNG]))
    seen = [outcome async for outcome in session.imagine("a fox").updates()]
    assert [outcome.progress for outcome in seen if outcome.progress in (20, 60)] == [20, 60]
    assert seen[-1].status is Status.SUCCEEDED


@pytest.mark.anyio
async def test_a_cancelled_await_leaves_the_generation_running(session: mj.Session) -> None:
    gen = session.imagine("a fox")

    async def wait() -> None:
        await gen

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert (await gen).status is Status.SUCCEEDED


def test_waiting_too_long_says_that_it_goes_on(script: Script, open_session: OpenSession) -> None:
    session = open_session(base_url=script.url)
    script.say(lines(*[b"\n"] * 100, pause=0.05))
    gen = session.imagine("a fox")
    with pytest.raises(WaitTimeoutError, match="goes on"):
        gen.result(0.2)
    assert gen.status in (Status.PENDING, Status.RUNNING)


def test_a_refusal_is_data_and_waiting_for_it_raises(script: Script, open_session: OpenSession) -> None:
    session = open_session(base_url=script.url)
    script.say(told({"error": {"code": "forbidden", "message": "moderators say no"}, "trace_id": "2a"}, 403))
    gen = session.imagine("a fox")
    with pytest.raises(GenerationError, match="moderators say no.*change the words") as caught:
        gen.result(10)
    assert caught.value.generation is gen
    assert isinstance(caught.value.__cause__, mj.errors.ModerationError)
    assert gen.status is Status.FAILED
    assert (gen.error.code, gen.error.trace_id, gen.error.status_code) == ("forbidden", "2a", 403)


def test_results_may_be_waited_for_on_several_threads(session: mj.Session) -> None:
    gen = session.imagine("a fox")
    found: list[mj.Generation] = []
    threads = [threading.Thread(target=lambda: found.append(gen.result(30))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [gen] * 4


def test_ids_sort_by_time(session: mj.Session) -> None:
    ids = []
    for _ in range(3):
        ids.append(session.imagine("a fox").id)
        time.sleep(0.002)  # ids count milliseconds
    assert ids == sorted(ids)

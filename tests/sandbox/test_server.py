from __future__ import annotations

import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
from PIL import Image

from mj_widgets.sandbox import Sandbox, serve
from tests.sandbox.ask import Ask, apart, encoded, pixels

ORDER = "/midjourney/imagine"


def _python(code: str, *arguments: object) -> str:
    """Run code in a process of its own, where every warning is an error and anything on the standard error is too much."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout.strip()


def test_importing_it_loads_nothing_heavy() -> None:
    heavy = "{'numpy', 'PIL', 'starlette', 'uvicorn', 'anyio', 'sqlite3', 'asyncio'}"
    code = f"import sys; before = set(sys.modules); import mj_widgets.sandbox; print(({heavy} - before) & set(sys.modules))"
    assert _python(code) == "set()"


def test_an_unknown_name_is_an_attribute_error() -> None:
    import mj_widgets.sandbox as package

    assert sorted(dir(package)) == ["Sandbox", "serve"]
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        _ = package.nothing_of_the_kind


def test_it_is_ready_at_once_and_gone_at_once() -> None:
    start = time.perf_counter()
    with serve() as url:
        assert httpx.post(url + "/midjourney/tasks", json={"id": "x"}, trust_env=False).status_code in (200, 404)
        ready = time.perf_counter() - start
        start = time.perf_counter()
    assert ready < 2
    assert time.perf_counter() - start < 2
    with pytest.raises(httpx.ConnectError):
        httpx.post(url + "/midjourney/tasks", json={}, trust_env=False)


def test_a_fresh_process_leaves_no_warning_and_no_log_behind() -> None:
    """Also when it ends without closing the sandbox, and while a stream is open."""
    code = """
import logging, httpx
logging.basicConfig(level=logging.INFO)
logging.getLogger("httpx").setLevel(logging.CRITICAL)
from mj_widgets.sandbox import serve
url = serve(speed=0.01).__enter__()
with httpx.Client(trust_env=False) as client:
    request = client.build_request("POST", url + "/midjourney/imagine", json={"prompt": "a fox"},
                                   headers={"accept": "application/x-ndjson"})
    reply = client.send(request, stream=True)
    print(reply.status_code)
    reply.close()
"""
    assert _python(code) == "200"


def test_lines_are_sent_at_once(quick: Ask) -> None:
    """Without TCP_NODELAY each would wait 40 ms for the acknowledgement of the one before it."""
    took = []
    for _ in range(20):
        start = time.perf_counter()
        quick.stream("a fox")
        took.append(time.perf_counter() - start)
    assert statistics.median(took) < 0.035


def test_closing_does_not_wait_for_open_streams() -> None:
    sandbox = Sandbox(speed=0.001)
    with httpx.stream(
        "POST",
        sandbox.url + ORDER,
        json={"prompt": "a fox in snow"},
        headers={"accept": "application/x-ndjson"},
        trust_env=False,
    ) as reply:
        assert reply.status_code == 200
        start = time.perf_counter()
        sandbox.close()
        assert time.perf_counter() - start < 1.5
        assert reply.read() == b""


def test_closing_does_not_wait_for_blocking_replies() -> None:
    sandbox = Sandbox(speed=0.001)
    answers: list[int] = []

    def order() -> None:
        answers.append(httpx.post(sandbox.url + ORDER, json={"prompt": "a fox"}, trust_env=False, timeout=30).status_code)

    waiting = threading.Thread(target=order)
    waiting.start()
    with Ask(sandbox.url) as ask:
        deadline = time.monotonic() + 10
        while ask.tasks(action="retrieve_batch")["count"] == 0:
            assert time.monotonic() < deadline
    sandbox.close()
    waiting.join(5)
    assert answers == [504]


def test_it_may_be_closed_twice() -> None:
    sandbox = serve(speed=0)
    sandbox.close()
    sandbox.close()


def test_the_port_can_be_chosen_and_is_free_again_afterwards() -> None:
    with serve() as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises(OSError, match=f"port {port} of 127.0.0.1 cannot be used"):
            serve(port=port)
    with serve(port=port) as again:
        assert again == url


def test_only_this_machine_reaches_it() -> None:
    with serve() as url:
        host, port = url.removeprefix("http://").split(":")
        assert host == "127.0.0.1"
        with pytest.raises(OSError, match=r".+"):
            socket.create_connection(("127.0.0.2", int(port)), timeout=1)


@pytest.mark.parametrize("speed", [-1, -0.001])
def test_a_negative_speed_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="speed must be 0"):
        serve(speed=speed)


@pytest.mark.parametrize("shrink", [2, 4])
def test_pictures_may_be_smaller_and_replies_say_so(shrink: int) -> None:
    """From the preview to the second upscale, and to a repaint of it."""
    white = encoded(Image.new("L", (8, 8), 255))
    with serve(speed=0, shrink=shrink) as url, Ask(url) as ask:
        lines = ask.stream("a fox in snow")[1]
        grid = lines[-1]
        single = ask.act("upscale2", grid)
        large = ask.act("upscale_subtle", single)
        for reply, side in (
            (grid, 1024),
            (single, 1024),
            (large, 2048),
            (ask.act("zoom_out_2x", single), 1024),
            (ask.act("variation_region", large, mask=white), 1024),
        ):
            wanted = (side // shrink, side // shrink)
            assert (int(reply["raw_image_width"]), int(reply["raw_image_height"])) == wanted
            assert ask.picture(reply["raw_image_url"]).size == wanted
            assert ask.picture(reply["image_url"]).size == (int(reply["image_width"]), int(reply["image_height"]))
        assert int(lines[0]["raw_image_width"]) <= int(grid["raw_image_width"])


def test_a_smaller_picture_shows_the_same() -> None:
    drawn = []
    for shrink in (1, 2):
        with serve(speed=0, shrink=shrink) as url, Ask(url) as ask:
            drawn.append(ask.picture(ask.imagine("a red fox by a lake --seed 77")["raw_image_url"]))
    large, small = drawn
    assert apart(pixels(large.reduce(2)), pixels(small)) < 5


@pytest.mark.parametrize("shrink", [0, -1, 3, 8])
def test_sides_are_divided_by_one_two_or_four(shrink: int) -> None:
    with pytest.raises(ValueError, match="shrink must be one of 1, 2, 4"):
        serve(shrink=shrink)


def test_without_a_file_each_sandbox_starts_empty() -> None:
    with serve(speed=0) as url, Ask(url) as ask:
        ask.imagine("a fox")
        assert ask.tasks(action="retrieve_batch")["count"] == 1
    with serve(speed=0) as url, Ask(url) as ask:
        assert ask.tasks(action="retrieve_batch")["count"] == 0


def test_with_a_file_pictures_can_be_continued_after_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "not yet there" / "sandbox.sqlite3"
    with serve(speed=0, state=state) as url, Ask(url) as ask:
        grid = ask.imagine("a fox in snow --ar 3:2")
        before = pixels(ask.picture(grid["raw_image_url"]))
    with serve(speed=0, state=state) as url, Ask(url) as ask:
        found = ask.tasks(id=grid["task_id"])["response"]
        assert found["raw_image_url"].startswith(url)
        after = ask.picture(found["raw_image_url"])
        assert (pixels(after) == before).all()
        single = ask.act("upscale2", grid)
        assert int(single["raw_image_width"]) == after.width  # one of four, at twice the size


def test_a_running_job_goes_on_while_no_sandbox_runs(tmp_path: Path) -> None:
    state = tmp_path / "sandbox.sqlite3"
    with serve(speed=8, state=state) as url, Ask(url) as ask:
        task = ask.imagine("a fox", **{"async": True})["task_id"]
        assert (ask.tasks(id=task).get("response") or {"progress": 0})["progress"] < 100
    time.sleep(1.3)  # a fast grid takes 0.85 to 1.15 s at this speed
    with serve(speed=1, state=state) as url, Ask(url) as ask:
        assert ask.tasks(id=task)["response"]["progress"] == 100


def test_two_processes_share_a_file(tmp_path: Path) -> None:
    state = tmp_path / "sandbox.sqlite3"
    code = """
import sys, httpx
from pathlib import Path
from mj_widgets.sandbox import serve
with serve(speed=0, state=Path(sys.argv[1])) as url:
    print(httpx.post(url + "/midjourney/imagine", json={"prompt": "a fox"}, trust_env=False).json()["image_id"])
"""
    with serve(speed=0, state=state) as url, Ask(url) as ask:
        theirs = _python(code, state)
        single = ask.act("upscale1", {"image_id": theirs})
        assert single["success"] is True


def test_a_file_that_is_something_else_is_named(tmp_path: Path) -> None:
    state = tmp_path / "notes.txt"
    state.write_text("This is no database, and long enough for SQLite to say so." * 20)
    with pytest.raises(OSError, match="notes.txt does not hold a sandbox's jobs"):
        serve(state=state)
    assert state.read_text().startswith("This is no database")


def test_drawing_keeps_nobody_else_waiting() -> None:
    """While large pictures are drawn, look-ups are answered."""
    with serve(speed=0) as url, Ask(url) as ask:
        single = ask.act("upscale1", ask.imagine("a fox in snow"))
        large = [ask.act("upscale_subtle", single)["raw_image_url"] for _ in range(2)]
        threads = [threading.Thread(target=lambda u=each: httpx.get(u, timeout=60, trust_env=False)) for each in large]
        for thread in threads:
            thread.start()
        longest = 0.0
        while any(thread.is_alive() for thread in threads):
            start = time.perf_counter()
            ask.tasks(id=single["task_id"])
            longest = max(longest, time.perf_counter() - start)
        assert longest < 1.0  # one of them takes longer than that


def test_the_same_request_and_seed_give_the_same_bytes_in_another_sandbox() -> None:
    drawn = []
    for _ in range(2):
        with serve(speed=0) as url, Ask(url) as ask:
            reply = ask.imagine("a red fox by a lake --seed 77")
            drawn.append(ask.http.get(reply["raw_image_url"]).content)
    assert drawn[0] == drawn[1]


def test_without_a_seed_each_task_has_its_own(quick: Ask) -> None:
    one, other = (pixels(quick.picture(quick.imagine("a red fox by a lake")["raw_image_url"])) for _ in range(2))
    assert apart(one, other) > 5

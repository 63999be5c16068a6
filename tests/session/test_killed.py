"""Processes that die, and processes that meet: nothing is lost, nothing is sent twice."""

from __future__ import annotations

import multiprocessing
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import httpx
import pytest

import mj_widgets as mj
from mj_widgets.errors import MJError
from mj_widgets.models import Outcome, Status
from mj_widgets.session.store import Row, Store

GENERATIONS = 20
KILLS = 50

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")


class Noted(httpx.AsyncHTTPTransport):
    """Carries requests as ever, and writes each down."""

    def __init__(self, notes: Path) -> None:
        super().__init__()
        self._notes = notes

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        with self._notes.open("a") as file:
            file.write(f"{request.method} {request.url.path}\n")
        return await super().handle_async_request(request)


def opened(root: str, name: str, url: str, notes: str) -> mj.Session:
    client = mj.Client("", base_url=url, poll_every=0.1, transport=Noted(Path(notes)))
    return mj.Session(name, root=root, client=client)


def work(root: str, name: str, url: str, notes: str) -> None:
    """Make what is not made yet, and see all of it to its end; what a script of a researcher does."""
    session = opened(root, name, url, notes)
    have = {gen.prompt: gen for gen in session.generations}
    for number in range(GENERATIONS):
        # Each session has words of its own: the same words in two would leave a question for a person, and rightly so.
        gen = have.get(prompt := f"a fox in place {number}, {name}")
        if gen is None:
            session.imagine(prompt)
        elif gen.status is Status.STOPPED and gen.outcome.sent_at is None:
            gen.resume()
    for gen in session.generations:
        with suppress(MJError):
            gen.result(60)
    session.close()


def share(root: str, name: str, url: str, notes: str, prefix: str) -> None:
    """Open a folder that somebody else has open too, and add to it."""
    with opened(root, name, url, notes) as session:
        for gen in [session.imagine(f"a {prefix} {number}") for number in range(5)]:
            gen.result(60)
        for gen in session.generations:
            gen.result(60)


@pytest.fixture(scope="module")
def fork() -> multiprocessing.context.ForkServerContext:
    """Make processes that have the package loaded already: fifty are killed."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["mj_widgets.session.session", __name__])
    return context


@pytest.fixture
def slow_url() -> Iterator[str]:
    """A sandbox that takes about half a second a picture, so that there is something to kill."""
    with mj.sandbox.serve(speed=16, shrink=4) as url:
        yield url


def billed(url: str) -> list[str]:
    return [entry["task_id"] for entry in httpx.get(f"{url}/sandbox/ledger").json()]


def test_killed_at_fifty_random_moments_everything_billed_is_there_once(
    fork: multiprocessing.context.ForkServerContext, slow_url: str, tmp_path: Path
) -> None:
    chance, kills, names = random.Random(7), 0, []  # noqa: S311 - it chooses moments, not secrets
    while kills < KILLS:
        names.append(f"round {len(names)}")
        arguments = (str(tmp_path), names[-1], slow_url, str(tmp_path / "notes"))
        while kills < KILLS:
            process = fork.Process(target=work, args=arguments)
            process.start()
            process.join(chance.uniform(0.05, 1.0))
            if process.exitcode is None:
                process.kill()  # which takes it well when the process has just ended
            process.join()
            kills += process.exitcode == -signal.SIGKILL
            if process.exitcode == 0:
                break
        last = fork.Process(target=work, args=arguments)
        last.start()
        last.join(120)
        assert last.exitcode == 0
    found = Counter()
    for name in names:
        with mj.Session(name, root=tmp_path, client=mj.Client("", base_url=slow_url, poll_every=0.1)) as session:
            assert len(session) == GENERATIONS
            for gen in session.generations:  # what is unconfirmed is looked for once more
                with suppress(MJError):
                    gen.result(30)
            assert {str(gen.status) for gen in session.generations} <= {"succeeded", "unconfirmed"}
            found.update(gen.task_id for gen in session.generations if gen.image and gen.image.path.exists())
    assert found == Counter(billed(slow_url))
    assert set(found.values()) == {1}


def test_two_processes_may_have_a_folder_open_at_once(
    fork: multiprocessing.context.ForkServerContext, slow_url: str, tmp_path: Path
) -> None:
    """Each row is there, nobody is told that it is locked, and what a third left running is followed by one of them."""
    with opened(str(tmp_path), "shared", slow_url, str(tmp_path / "notes")) as session:
        left = [session.imagine(f"a wolf {number}") for number in range(5)]
        while any(gen.task_id is None for gen in left):
            time.sleep(0.02)
    notes = tmp_path / "two"
    processes = [
        fork.Process(target=share, args=(str(tmp_path), "shared", slow_url, str(notes), prefix)) for prefix in ("fox", "cat")
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0, 0]
    with closing(Store(tmp_path / "shared")) as store:
        rows = store.rows()
    assert Counter(str(row.outcome.status) for row in rows) == {"succeeded": 15}
    assert sorted(row.outcome.task_id for row in rows) == sorted(billed(slow_url))
    fetched = Counter(line for line in notes.read_text().splitlines() if line.startswith("GET /midjourney/"))
    assert set(fetched.values()) == {1}


def test_what_dies_beside_us_is_taken_over(slow_url: str, tmp_path: Path) -> None:
    """A second process had it, and its lock is gone: we follow what it followed, without being opened anew."""
    with mj.Session("shared", root=tmp_path, client=mj.Client("", base_url=slow_url, poll_every=0.1)) as first:
        task = first.imagine("a fox")
        while task.task_id is None:
            time.sleep(0.02)
    store = Store(tmp_path / "shared")
    request, outcome = task.request, Outcome(status=Status.RUNNING, task_id=task.task_id, sent_at=1.0)
    store.add(Row("g9", 9e9, "sandbox", request, outcome))
    with mj.Session("shared", root=tmp_path, client=mj.Client("", base_url=slow_url, poll_every=0.1)) as session:
        gen = session["g9"]
        with pytest.raises(mj.errors.WaitTimeoutError):
            gen.result(1.5)  # it belongs to the other, who does nothing
        store.close()
        assert gen.result(30).status is Status.SUCCEEDED


def test_a_script_that_just_ends_leaves_rows_that_are_followed(slow_url: str, tmp_path: Path) -> None:
    """Nobody closed anything, and the picture was on its way: that is no failure."""
    code = f"""
import mj_widgets as mj
session = mj.Session("ended", root={str(tmp_path)!r}, client=mj.Client("", base_url={slow_url!r}))
made = [session.imagine(f"a fox {{number}}") for number in range(5)]
made[0].result(30)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert "Traceback" not in done.stderr
    client = mj.Client("", base_url=slow_url, poll_every=0.1)
    with closing(Store(tmp_path / "ended")) as store:
        assert {row.outcome.status for row in store.rows()} <= {Status.RUNNING, Status.SUCCEEDED}
    with mj.Session("ended", root=tmp_path, client=client) as session:
        assert [gen.result(30).status for gen in session.generations] == [Status.SUCCEEDED] * 5

"""Processes that die in the middle of a sweep, and processes that run the same one: no cell is paid twice."""

from __future__ import annotations

import multiprocessing
import random
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

import mj_widgets as mj
from mj_widgets.sandbox import Sandbox, serve

CELLS = 60
KILLS = 10

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")


def sweep(cells: int) -> mj.Sweep:
    return mj.Sweep("a fox in place {place}", place=range(cells // 2), replicates=2)


def opened(root: str, url: str) -> mj.Session:
    limits = mj.Limits(in_flight=5, per_second=None)
    return mj.Session("killed", root=root, client=mj.Client("", base_url=url, poll_every=0.1, limits=limits))


def work(root: str, url: str, cells: int, seed: int, begun: Event) -> None:
    """Run the sweep to its end; what a script of a researcher does."""
    begun.set()
    session = opened(root, url)
    sweep(cells).run(session, cap=20, seed=seed).result(60)
    session.close()


@pytest.fixture(scope="module")
def fork() -> multiprocessing.context.ForkServerContext:
    """Make processes that have the package loaded already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["mj_widgets.sweep.run", "mj_widgets.session.session", __name__])
    return context


@pytest.fixture
def slow() -> Iterator[Sandbox]:
    """A sandbox that takes a moment for each, so that there is something to kill, and shows no pictures."""
    sandbox = serve(speed=12, faults=[{"on": "file", "fault": "404", "times": None}])
    yield sandbox
    sandbox.close()


def compare(root: Path, service: Sandbox, cells: int) -> None:
    """See that each cell is accounted for, that what is billed is known, and that no cell was billed twice."""
    with opened(str(root), service.url) as session:
        run = sweep(cells).run(session, cap=20).result(60)
        states = {state for state, number in run.counts.items() if number}
        assert states <= {"done", "unconfirmed"}
        assert len(session) == len(run) == cells  # a row for each, and no second one
        billed = Counter(entry["task_id"] for entry in service.ledger())
        assert billed == Counter(cell.generation.task_id for cell in run if cell.state == "done")
        assert len(billed) <= cells
        assert set(billed.values()) == {1}
        assert max(Counter(entry["prompt"] for entry in service.ledger()).values()) <= 2


def test_killed_at_ten_random_moments_it_goes_on_and_pays_for_no_cell_twice(
    fork: multiprocessing.context.ForkServerContext, slow: Sandbox, tmp_path: Path
) -> None:
    chance, kills = random.Random(5), 0  # noqa: S311 - it chooses moments, not secrets
    while kills < KILLS:
        begun = fork.Event()
        process = fork.Process(target=work, args=(str(tmp_path), slow.url, CELLS, 0, begun))
        process.start()
        begun.wait()
        process.join(chance.uniform(0, 0.8))  # all of it takes 8 s at least
        process.kill()
        process.join()
        kills += process.exitcode == -signal.SIGKILL
    assert 0 < len(slow.ledger()) < CELLS
    compare(tmp_path, slow, CELLS)


def test_two_processes_run_one_sweep_and_pay_for_each_cell_once(
    fork: multiprocessing.context.ForkServerContext, slow: Sandbox, tmp_path: Path
) -> None:
    begun = fork.Event()  # it is gone for the processes when it is gone here
    processes = [fork.Process(target=work, args=(str(tmp_path), slow.url, 20, seed, begun)) for seed in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0, 0]
    assert len(slow.ledger()) == 20
    compare(tmp_path, slow, 20)

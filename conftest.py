"""What the tests share: a sandbox with no waiting, and sessions in a folder of their own."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import mj_widgets as mj

LONGEST = (
    "tests/browser/",
    "tests/session/test_faults.py",
    "tests/session/test_killed.py",
    "tests/sweep/test_run_killed.py",
    "tests/test_notebooks.py",
    "tests/test_main.py",
    "tests/test_display.py",
    "tests/test_secrets.py",
    "tests/sandbox/test_videos.py",
    "tests/sandbox/test_server.py",
    "tests/session/test_metadata.py",
    "tests/session/test_script.py",
    "tests/sweep/test_measure.py",
)
"""They begin first, so that no worker is left alone with one of them in the end."""


def pytest_configure() -> None:
    """Undo what the surroundings may have chosen, and the tests cannot have."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or each of two hundred processes compiles the package anew
    sys.dont_write_bytecode = False
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell ignores it for what it runs in the background


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest tests first."""
    items.sort(key=lambda item: [not item.nodeid.startswith(path) for path in LONGEST])


def pytest_xdist_auto_num_workers() -> int:
    """Take a worker more than there are cores: tests often wait."""
    return (os.cpu_count() or 1) + 1


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep each group on one worker; what drives a browser makes two, with a server and a page each. The rest is free."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            if nodeid.startswith("tests/browser/"):
                return f"browser {nodeid < 'tests/browser/test_lineage'}"  # the two halves take about as long
            return nodeid.rpartition("@")[2]

    return Scheduling(config, log)


@pytest.fixture
def anyio_backend() -> str:
    """Async tests run on asyncio, as a notebook does."""
    return "asyncio"


@pytest.fixture(autouse=True)
def _no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may speak for the person who runs it."""
    monkeypatch.delenv("ACEDATACLOUD_API_TOKEN", raising=False)
    monkeypatch.delenv("ACEDATACLOUD_API_BASE_URL", raising=False)
    monkeypatch.setenv("MJ_SANDBOX_SPEED", "0")
    monkeypatch.setenv("MJ_SANDBOX_SHRINK", "4")


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    """The address of a sandbox that draws at once, and small pictures: drawing them is most of what these tests cost."""
    with mj.sandbox.serve(speed=0, shrink=4) as url:
        yield url


@pytest.fixture(scope="session")
def full_size_url() -> Iterator[str]:
    """The address of a sandbox that draws pictures as large as it serves them to people."""
    with mj.sandbox.serve(speed=0) as url:
        yield url


@pytest.fixture
def open_session(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., mj.Session]]:
    """Open sessions below `tmp_path`, at the sandbox; all are closed in the end."""
    opened: list[mj.Session] = []

    def open_(name: str = "test", *, base_url: str | None = None, **options: object) -> mj.Session:
        url = base_url or request.getfixturevalue("sandbox_url")
        client = mj.Client("", base_url=url, poll_every=0.05, **options)
        opened.append(mj.Session(name, root=tmp_path, client=client))
        return opened[-1]

    yield open_
    for session in opened:
        session.close()


@pytest.fixture
def session(open_session: Callable[..., mj.Session]) -> mj.Session:
    """An empty session at the sandbox."""
    return open_session()


@pytest.fixture(autouse=True)
def _examples(request: pytest.FixtureRequest, doctest_namespace: dict[str, object]) -> None:
    """Give the docstrings' examples a session at the sandbox, its address, and a folder to put things in."""
    if isinstance(request.node, pytest.DoctestItem):
        from mj_widgets.session.loop import run

        doctest_namespace["session"] = request.getfixturevalue("session")
        doctest_namespace["url"] = request.getfixturevalue("sandbox_url")
        doctest_namespace["run"] = run
        doctest_namespace["Sweep"] = mj.Sweep
        doctest_namespace["folder"] = request.getfixturevalue("tmp_path")

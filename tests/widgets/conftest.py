from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import comm
import pytest
from comm.base_comm import BaseComm

import mj_widgets as mj
from mj_widgets.session import loop
from tests.api.script import Script

HOSTILE = [
    "<img src=x onerror=\"document.title='hurt'\">",
    "</textarea><script>document.title='hurt'</script>",
    "x\"onerror=\"document.title='hurt'",
    "<b>&amp;</b> 'quoted' --no <i>",
]


class Wire(BaseComm):
    """A comm without a browser: it keeps what is sent, and brings what a browser would say."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.sent: list[tuple[dict[str, Any], list[bytes]]] = []
        super().__init__(*args, **options)

    def publish_msg(self, msg_type: str, data: Any = None, metadata: Any = None, buffers: Any = None, **_: Any) -> None:
        del metadata
        if msg_type == "comm_msg":
            self.sent.append((data, buffers or []))

    @property
    def told(self) -> set[str]:
        """The names of what was told of the state."""
        updates = [data for data, _ in self.sent if data["method"] == "update"]
        return {name for data in updates for name in (*data["state"], *(path[0] for path in data["buffer_paths"]))}

    @property
    def messages(self) -> list[tuple[dict[str, Any], list[bytes]]]:
        """The custom messages, with their buffers."""
        return [(data["content"], buffers) for data, buffers in self.sent if data["method"] == "custom"]


def says(widget: Any, **message: Any) -> None:
    """Let a view of the widget send a message."""
    widget.comm.handle_msg({"content": {"data": {"method": "custom", "content": message}}, "buffers": []})


def until(true: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait for what another thread is about to do."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def wire(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each widget a comm of this kind; outside a kernel the stock one drops everything."""
    monkeypatch.setattr(comm, "create_comm", Wire)


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    """A served sandbox that is done at once."""
    with mj.sandbox.serve(speed=0, shrink=4) as url:
        yield url


@pytest.fixture
def session(url: str, tmp_path: Path) -> Iterator[mj.Session]:
    """A session at that sandbox."""
    with mj.Session("t", root=tmp_path, client=mj.Client("", base_url=url)) as session:
        yield session


@pytest.fixture(scope="session")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[mj.Session]:
    """A session with finished pictures, for tests that only look: drawing them takes a while.

    A tile of them is as large as a thumbnail, which then weighs what it weighs for people.
    """
    root = tmp_path_factory.mktemp("gallery")
    with (
        mj.sandbox.serve(speed=0, shrink=2) as url,
        mj.Session("gallery", root=root, client=mj.Client("", base_url=url)) as session,
    ):
        made = [session.imagine("a fox in snow --ar 3:2"), session.imagine("a cat", mode="relax")]
        made += [session.imagine(f"{prompt} fox") for prompt in HOSTILE]
        for gen in made:
            until(lambda gen=gen: gen.status.ended, 60)
        made[0].upscale(2).result(60)
        yield session


@pytest.fixture
def fox(gallery: mj.Session) -> mj.Generation:
    """The grid of it, 3:2."""
    return gallery.generations[0]


@pytest.fixture
def single(fox: mj.Generation) -> mj.Generation:
    """Its second tile."""
    return fox.children[0]


@pytest.fixture(params=HOSTILE)
def hostile(gallery: mj.Session, request: pytest.FixtureRequest) -> mj.Generation:
    """A finished one whose prompt is HTML and script."""
    return gallery.find(prompt=f"{request.param} fox")[0]


@pytest.fixture
def script() -> Iterator[Script]:
    """A service that says what a test tells it to."""
    service = Script()
    server = loop.wait(loop.submit(asyncio.start_server(service.serve, "127.0.0.1", 0)))
    service.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield service
    loop.background().call_soon_threadsafe(server.close)


@pytest.fixture
def scripted(script: Script, tmp_path: Path) -> Iterator[mj.Session]:
    """A session at that service."""
    with mj.Session("s", root=tmp_path, client=mj.Client("", base_url=script.url, poll_every=0.05)) as session:
        yield session

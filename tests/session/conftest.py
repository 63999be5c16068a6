from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from mj_widgets.session import loop
from tests.api.script import Script


@pytest.fixture
def script() -> Iterator[Script]:
    """A service that says what a test tells it to, for tests that are not async."""

    async def start() -> tuple[Script, asyncio.Server]:
        service = Script()
        server = await asyncio.start_server(service.serve, "127.0.0.1", 0)
        service.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        return service, server

    service, server = loop.submit(start()).result(5)
    yield service
    loop.call(server.close)

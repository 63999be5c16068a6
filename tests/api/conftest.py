from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.api.script import Script


@pytest.fixture
async def script() -> AsyncIterator[Script]:
    """A scripted service on a port of its own."""
    service = Script()
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0)
    service.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield service
    server.close()

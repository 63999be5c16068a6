"""What the tests of faults do over and over."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import httpx

from mj_widgets.sandbox import Sandbox
from tests.sandbox.ask import Ask

ORDER = "/midjourney/imagine"
JSON, NDJSON = "application/json", "application/x-ndjson"
FOREIGN = "https://example.com/castle.jpg"


def order(ask: Ask, prompt: str = "a fox", accept: str = JSON) -> httpx.Response:
    """Order a picture, whatever comes of it."""
    return ask.http.post(ORDER, json={"prompt": prompt}, headers={"accept": accept})


def broken(ask: Ask, prompt: str = "a fox", accept: str = NDJSON) -> tuple[bytes, str]:
    """Order a picture; give what came until the connection broke, and how it broke."""
    got = b""
    try:
        with ask.http.stream("POST", ORDER, json={"prompt": prompt}, headers={"accept": accept}) as reply:
            for chunk in reply.iter_raw():
                got += chunk
    except httpx.TransportError as error:
        return got, type(error).__name__
    return got, ""


def told(text: bytes) -> list[dict[str, Any]]:
    """Read lines that are sound."""
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def jobs(ask: Ask) -> int:
    """How many jobs there are."""
    return int(ask.tasks(action="retrieve_batch", limit=1)["count"])


def billed(box: Sandbox) -> int:
    """How many entries the ledger has."""
    return len(box.ledger())


def until(condition: Callable[[], object]) -> None:
    """Wait for something, and not for ever."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)

"""One request to the sandbox, as `breaking` and the faults see it."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

from starlette.types import Message, Receive, Scope

from mj_widgets.sandbox.jobs import JobBook
from mj_widgets.sandbox.mishaps import HangUpError

_MOVED, FRESH = "/sandbox/moved", "/sandbox/fresh"
_LARGEST_BODY = 32_000_000  # bytes; what is larger the application refuses unread
_ENDPOINT = re.compile(r"/midjourney/([a-z]+)")
_FILES = {
    "picture": re.compile(r"/midjourney/([^/]+)\.png"),
    "tile": re.compile(r"/midjourney/([^/]+)/0_\d+\.png"),
    "preview": re.compile(r"/attachments/([^/]+)/[^/]+"),
    "cover": re.compile(r"/video/([^/]+)/cover\.png"),
    "clip": re.compile(r"//video/([^/]+)/0_\d+\.mp4"),
}
_ENDPOINTS = frozenset({"imagine", "edits", "videos", "describe", "shorten", "translate", "seed", "tasks"})


class OneCall:
    """What is known of one request: the `Call` of `mishaps` and the `About` of `faults`."""

    def __init__(self, scope: Scope, book: JobBook, closing: asyncio.Event, expired: set[str]) -> None:
        path = str(scope.get("path", ""))
        self.is_moved, self.is_fresh = path.startswith(_MOVED), path.startswith(FRESH)
        self.path = path.removeprefix(_MOVED).removeprefix(FRESH)
        self.query = bytes(scope.get("query_string", b"")).decode("latin-1")
        self.body, self.trace_id = b"", ""
        self.gone = asyncio.Event()
        self.on, self.job_id = _named(self.path, str(scope.get("method", ""))) if scope["type"] == "http" else ("", "")
        self.is_file, self.is_stream = self.on in _FILES, False
        headers = dict(scope.get("headers", ()))
        if int(headers.get(b"content-length", 0)) > _LARGEST_BODY:
            self.on = ""
        self._book, self._closing, self._expired = book, closing, expired

    async def read(self, receive: Receive) -> Receive:
        """Read the whole body; give a `receive` that starts with it."""
        pieces, message = [], await receive()
        while message["type"] == "http.request":
            pieces.append(message.get("body", b""))
            if not message.get("more_body"):
                break
            message = await receive()
        self.body = b"".join(pieces)
        first = [{"type": "http.request", "body": self.body} if message["type"] == "http.request" else message]

        async def again() -> Message:
            return first.pop() if first else await receive()

        return again

    def watch(self, receive: Receive) -> Watch:
        """Notice when the caller leaves."""
        return Watch(receive, self.gone)

    async def wait(self, seconds: float | None) -> None:
        """Wait so long, or for ever; hang up when the caller leaves or the sandbox closes."""
        waits = [asyncio.ensure_future(event.wait()) for event in (self.gone, self._closing)]
        try:
            done, _ = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
        if done:
            raise HangUpError

    def expire(self) -> None:
        """Let the addresses of this file's job die."""
        self._expired.add(self.job_id)

    def says(self, words: str) -> bool:
        """Tell whether its address, its body, or a prompt that it is about has these words in it."""
        if not words or words in f"{self.path}?{self.query}" or words.encode() in self.body:
            return True
        texts = self._book.prompts(self._asked()) if self.on in (*_FILES, "tasks") else self._data().values()
        return any(words in str(text) for text in texts)

    def prompts(self) -> list[str]:
        """Give the prompts with cards that it is about: its own, or those of the jobs that it asks for."""
        if self.on in (*_FILES, "tasks"):
            return self._book.prompts(self._asked(), containing="sandbox:")
        data = self._data() if b"sandbox:" in self.body else {}
        return [str(data[name]) for name in ("prompt", "content") if data.get(name)]

    def _asked(self) -> list[str]:
        data = self._data()
        ids = [self.job_id, data.get("id"), *_texts(data.get("ids"))]
        traces = [data.get("trace_id"), *_texts(data.get("trace_ids"))]
        return [str(each) for each in (*ids, *traces) if each]

    def _data(self) -> dict[str, Any]:
        try:
            data = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return data if isinstance(data, dict) else {}


class Watch:
    """Notices when the caller leaves, as long as its context lasts."""

    def __init__(self, receive: Receive, gone: asyncio.Event) -> None:
        self._receive, self._gone = receive, gone

    async def __aenter__(self) -> None:
        self._task = asyncio.create_task(self._look())

    async def __aexit__(self, *_: object) -> None:
        await end(self._task)

    async def _look(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._gone.set()


async def end(task: asyncio.Task[None]) -> None:
    """Cancel a task, and wait until it is over."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _named(path: str, method: str) -> tuple[str, str]:
    """Say what a request asks for, and of which job; nothing for what has no faults."""
    if method == "POST":
        match = _ENDPOINT.fullmatch(path)
        return (match[1], "") if match and match[1] in _ENDPOINTS else ("", "")
    for on, pattern in _FILES.items():
        if match := pattern.fullmatch(path):
            return on, match[1]
    return "", ""


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []

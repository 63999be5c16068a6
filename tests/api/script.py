"""A service of a few lines: it says exactly what a test tells it to, over a real socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)


@dataclass
class Answer:
    """What to say to one request."""

    chunks: Iterable[bytes] = ()
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    pause: float = 0.0  # seconds before each chunk
    cut: bool = False  # close the connection instead of ending the body
    hang_up: bool = False  # close it afterwards, without having said so


def told(data: Any, status: int = 200, **headers: str) -> Answer:
    """A whole JSON reply."""
    names = {"content-type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer([json.dumps(data).encode()], status, names)


def lines(*data: Any, end: bytes = b"\n", **options: Any) -> Answer:
    """A stream, a chunk a line; bytes are sent as they are."""
    chunks = [item if isinstance(item, bytes) else json.dumps(item).encode() + b"\n" for item in data]
    if chunks:
        chunks[-1] = chunks[-1].removesuffix(b"\n") + end
    return Answer(chunks, headers={"content-type": "application/x-ndjson"}, **options)


class Script:
    """Answers requests in turn, and remembers them."""

    def __init__(self) -> None:
        self.answers: list[Answer | None] = []
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.connections = 0
        self.url = ""

    def say(self, *answers: Answer | None) -> None:
        """Queue answers; None closes the connection without one."""
        self.answers.extend(answers)

    @property
    def submits(self) -> int:
        """How often something was sent that costs money."""
        return sum(not target.endswith("/tasks") for method, target, _, _ in self.requests if method == "POST")

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """The JSON that was sent."""
        return [json.loads(body) for _, _, _, body in self.requests if body]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *rest = head.decode("latin-1").split("\r\n")
                method, target, _ = first.split(" ")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest if line)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                self.requests.append((method, target, headers, body))
                answer = self.answers.pop(0) if self.answers else told({"error": "the script is at its end"}, 500)
                if answer is None or not await self._answer(writer, answer):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, writer: asyncio.StreamWriter, answer: Answer) -> bool:
        head = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
        writer.write(f"HTTP/1.1 {answer.status} Said\r\n{head}transfer-encoding: chunked\r\n\r\n".encode())
        for chunk in answer.chunks:
            await asyncio.sleep(answer.pause)
            writer.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
            await writer.drain()
        if answer.cut:
            return False
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return not answer.hang_up

"""What can happen to the bytes of an answer on their way: faults as those in `mishaps`."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import cycle
from typing import Any, ClassVar

from mj_widgets.sandbox.mishaps import Call, HangUpError, Mishap, Reply

_GARBAGE = (
    b"<html>busy</html>", b'{"success": tr', b"[]", b"42", b'"text"', b"null", b"\xff\xfe\x00", b'{"note": {"left": []}}',
)  # fmt: skip
_EXPIRED = "ex=65a0c2f0&is=659f7170&hm=00ab12&"  # January 2024
_WHOLE = 100  # per cent


@dataclass
class Cut(Mishap):
    """The connection is closed in the middle of the answer (service notes 10: a stream without a terminal line).

    Without options: after the first line, and of what is no stream after half of it.

    Attributes
    ----------
    line : int or None
        After how many lines that say something; 0 is before the first, and at once.
    inside : str
        ``line``: in the middle of the line after these; ``character``: there, in the middle of a character of UTF-8.
    byte : int or None
        After how many bytes of the body.
    reset : bool
        Whether the connection is reset, and not merely closed.
    """

    main: ClassVar[str] = "line"
    line: int | None = None
    inside: str = ""
    byte: int | None = None
    reset: bool = False

    def __post_init__(self) -> None:
        if self.inside not in ("", "line", "character"):
            raise ValueError(f"inside must be line or character, not {self.inside!r}")

    async def lines(self, lines: AsyncIterator[bytes], call: Call) -> AsyncIterator[bytes]:
        """Cut by lines."""
        by_line = self.byte is None and call.is_stream
        left = 1 if self.line is None else self.line
        if by_line and left == 0 and not self.inside:
            raise HangUpError(reset=self.reset)
        async for line in lines:
            if by_line and line.strip():
                if left == 0:
                    yield _first_half(line, self.inside)
                    raise HangUpError(reset=self.reset)
                left -= 1
            yield line
            if by_line and left == 0 and not self.inside:
                raise HangUpError(reset=self.reset)

    async def chunks(self, chunks: AsyncIterator[bytes], call: Call) -> AsyncIterator[bytes]:
        """Cut by bytes."""
        left = self.byte
        async for chunk in chunks:
            if left is None and not call.is_stream:
                left = len(chunk) // 2
            if left is not None and left <= len(chunk):
                yield chunk[:left]
                raise HangUpError(reset=self.reset)
            left = None if left is None else left - len(chunk)
            yield chunk


@dataclass
class Drip(Mishap):
    """The answer comes in tiny pieces with pauses between them (service notes 13.20: chunk behaviour).

    Attributes
    ----------
    size : int
        Bytes of a piece; 0 takes 16, or a fortieth of a file.
    pause : float
        Seconds.
    """

    main: ClassVar[str] = "pause"
    size: int = 0
    pause: float = 0.002

    async def chunks(self, chunks: AsyncIterator[bytes], call: Call) -> AsyncIterator[bytes]:
        """Break it up."""
        async for chunk in chunks:
            size = self.size or (-(-len(chunk) // 40) if call.is_file else 16)
            for start in range(0, len(chunk), size):
                yield chunk[start : start + size]
                await call.wait(self.pause)


@dataclass
class KeepAlive(Mishap):
    """Blank lines of several kinds, before, between and after the others, and while nothing is said (service notes 13.20).

    Attributes
    ----------
    every : float
        Seconds.
    """

    main: ClassVar[str] = "every"
    resizes: ClassVar[bool] = True
    every: float = 0.05

    async def lines(self, lines: AsyncIterator[bytes], call: Call) -> AsyncIterator[bytes]:
        """Put blanks in."""
        del call
        blanks = cycle((b"\n", b"\r\n", b" \n"))
        ahead: asyncio.Future[bytes | None] | None = None
        try:
            while True:
                yield next(blanks)
                ahead = asyncio.ensure_future(anext(lines, None))
                while not (await asyncio.wait({ahead}, timeout=self.every))[0]:
                    yield next(blanks)
                if (line := ahead.result()) is None:
                    return
                yield line
        finally:
            if ahead:
                ahead.cancel()
                await asyncio.gather(ahead, return_exceptions=True)


@dataclass
class Garbage(Mishap):
    """Before each line one that is none: HTML, half an object, other JSON, no text at all, an object that says nothing.

    Service notes 10: truncated lines, and lines without a task id.
    """

    resizes: ClassVar[bool] = True

    async def lines(self, lines: AsyncIterator[bytes], call: Call) -> AsyncIterator[bytes]:
        """Put garbage in."""
        del call
        rubbish = cycle(_GARBAGE)
        async for line in lines:
            yield next(rubbish) + b"\n"
            yield line


@dataclass
class TwoFinals(Mishap):
    """After the last line comes another one (service notes 2.7: several posts; 13.20).

    Attributes
    ----------
    then : str
        ``same``, or ``failure``: a line that says it failed after all.
    """

    resizes: ClassVar[bool] = True
    then: str = "same"

    async def lines(self, lines: AsyncIterator[bytes], call: Call) -> AsyncIterator[bytes]:
        """Say the end twice."""
        del call
        async for line in lines:
            yield line
            data = _read(line)
            if data.get("progress") == _WHOLE:
                error = {"code": "api_error", "message": "job could not be completed"}
                again = data if self.then == "same" else {"success": False, "task_id": data.get("task_id"), "error": error}
                yield b"\n" + json.dumps(again).encode() + b"\n"


@dataclass
class Backwards(Mishap):
    """Every second line says less progress than the one before it (service notes 13: what a client must tolerate)."""

    resizes: ClassVar[bool] = True

    async def lines(self, lines: AsyncIterator[bytes], call: Call) -> AsyncIterator[bytes]:
        """Turn it back."""
        del call
        before: int | None = None
        async for line in lines:
            data = _read(line)
            progress = data.get("progress")
            if before is not None and isinstance(progress, int) and progress < _WHOLE:
                yield json.dumps({**data, "progress": max(0, before - 10)}).encode() + b"\n"
                before = None
            else:
                before = progress if isinstance(progress, int) else before
                yield line


@dataclass
class Expired(Mishap):
    """An address that has expired; `/midjourney/tasks` tells another one, which works (service notes 6.6).

    On a submit the last line tells signed addresses whose ``ex=`` has passed. On a file it is 403 from then on.
    """

    resizes: ClassVar[bool] = True

    def instead(self, call: Call) -> Reply | None:
        """Refuse a file whose address has expired."""
        if not call.is_file:
            return None
        call.expire()
        return Reply(403, b"<Error><Code>AccessDenied</Code></Error>", {"content-type": "application/xml"})

    async def lines(self, lines: AsyncIterator[bytes], call: Call) -> AsyncIterator[bytes]:
        """Tell addresses of the past."""
        del call
        async for line in lines:
            data = _read(line)
            if data.get("progress") == _WHOLE and isinstance(data.get("raw_image_url"), str):
                raw = f"{data['raw_image_url']}?{_EXPIRED}"
                told = {**data, "raw_image_url": raw, "image_url": f"{raw}width=512&height=512"}
                yield json.dumps(told).encode() + b"\n"
            else:
                yield line


@dataclass
class Unicode(Mishap):
    """Lines with characters of several bytes in them (service notes 4: messages may be Chinese)."""

    resizes: ClassVar[bool] = True

    async def lines(self, lines: AsyncIterator[bytes], call: Call) -> AsyncIterator[bytes]:
        """Add a message."""
        del call
        async for line in lines:
            yield _chinese(line) if _read(line) else line


@dataclass
class Gzip(Mishap):
    """The answer is compressed, whether or not it was asked to be (service notes 13.20: gzip behaviour)."""

    resizes: ClassVar[bool] = True

    def headers(self, headers: dict[str, str]) -> dict[str, str]:
        """Say so."""
        return {**headers, "content-encoding": "gzip"}

    async def chunks(self, chunks: AsyncIterator[bytes], call: Call) -> AsyncIterator[bytes]:
        """Compress piece by piece, so that each line can be read when it comes."""
        del call
        packer = zlib.compressobj(wbits=31)
        async for chunk in chunks:
            yield packer.compress(chunk) + packer.flush(zlib.Z_SYNC_FLUSH)
        yield packer.flush()


@dataclass
class Truncated(Mishap):
    """Only the first part comes, and the answer ends as if that were all (issue 3: image truncated).

    Attributes
    ----------
    share : float
        How much of it comes; half.
    """

    main: ClassVar[str] = "share"
    resizes: ClassVar[bool] = True
    share: float = 0.5

    async def chunks(self, chunks: AsyncIterator[bytes], call: Call) -> AsyncIterator[bytes]:
        """Leave the rest out."""
        del call
        async for chunk in chunks:
            yield chunk[: int(self.share * len(chunk))]
            return


def _read(line: bytes) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _chinese(line: bytes) -> bytes:
    return json.dumps({"message": "正在绘制", **_read(line)}, ensure_ascii=False).encode() + b"\n"


def _first_half(line: bytes, inside: str) -> bytes:
    if inside == "line":
        return line[: len(line) // 2]
    whole = _chinese(line)
    return whole[: whole.index("正".encode()) + 1]

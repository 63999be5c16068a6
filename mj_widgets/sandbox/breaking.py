"""The layer in front of the application in which things go wrong: it does what `faults` asks for."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing, suppress
from typing import ClassVar, cast

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mj_widgets.sandbox.calls import FRESH, OneCall, end
from mj_widgets.sandbox.faults import Faults
from mj_widgets.sandbox.jobs import JobBook
from mj_widgets.sandbox.mishaps import HangUpError, Mishap, Reply

_AT_ONCE = struct.pack("ii", 1, 0)  # on, for no time: closing a socket resets its connection
_REFUSED = 400  # the lowest status that is a refusal


class Breaking:
    """An ASGI application in front of another, in which faults strike.

    Parameters
    ----------
    app : ASGI application
        The one that answers when nothing goes wrong.
    book : JobBook
        Finds the prompts that files and look-ups are about.
    faults : Faults
        Says what goes wrong.
    closing : asyncio.Event
        Set when the server goes down: silences end.

    Notes
    -----
    To hang up it needs the transport as ``scope["state"]["transport"]``, which `server` puts there.
    """

    def __init__(self, app: ASGIApp, book: JobBook, faults: Faults, closing: asyncio.Event) -> None:
        self.app = app
        self.book = book
        self.faults = faults
        self.closing = closing
        self.expired: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI wants it."""
        call = OneCall(scope, self.book, self.closing, self.expired)
        if call.is_moved or call.is_fresh:
            scope = {**scope, "path": call.path, "raw_path": call.path.encode()}
        if not call.on:
            await self.app(scope, receive, send)
            return
        receive = await call.read(receive)
        mishaps = self.faults.take(call)
        if call.on == "tasks" and self.expired:
            mishaps = [*mishaps, _Fresh(self.expired)]
        if call.is_file and call.job_id in self.expired and not call.is_fresh:
            await _say(Reply(403, b"<Error><Code>AccessDenied</Code></Error>", {"content-type": "application/xml"}), send)
        elif mishaps:
            await self._break(mishaps, call, scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _break(self, mishaps: list[Mishap], call: OneCall, scope: Scope, receive: Receive, send: Send) -> None:
        async with AsyncExitStack() as stack:
            body = await receive()
            await stack.enter_async_context(call.watch(receive))
            try:
                reply = next((reply for mishap in mishaps if (reply := mishap.instead(call))), None)
                if reply is None:
                    answer = await stack.enter_async_context(Answer(self.app, _with_fate(scope, mishaps), body, call))
                    reply = await _after(mishaps, call, answer)
                    if reply is None:
                        await _distort(mishaps, call, answer, send)
                        return
                await _say(reply, send)
            except HangUpError as error:
                transport = scope["state"]["transport"]
                if error.reset:
                    with suppress(OSError):  # it is closed already
                        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
                    transport.abort()
                else:
                    transport.close()  # what was written before is sent first
                await call.gone.wait()


class Answer:
    """What the application answers, as it comes; leaving the context ends the application."""

    def __init__(self, app: ASGIApp, scope: Scope, body: Message, call: OneCall) -> None:
        self._messages: asyncio.Queue[Message | None] = asyncio.Queue()
        self._first = [body]
        self._call = call
        self._task = asyncio.create_task(self._run(app, scope))
        self.start: Message = {}

    async def __aenter__(self) -> Answer:
        message = await self._messages.get()
        if message is None:  # it raised
            await self._task
            raise HangUpError
        self.start = message
        return self

    async def __aexit__(self, *_: object) -> None:
        await end(self._task)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Give the pieces of its body."""
        while (message := await self._messages.get()) is not None:
            if message.get("body"):
                yield bytes(message["body"])
            if not message.get("more_body"):
                return
        raise HangUpError  # it did not come to its end

    async def _run(self, app: ASGIApp, scope: Scope) -> None:
        try:
            await app(scope, self._receive, self._messages.put)
        finally:
            self._messages.put_nowait(None)

    async def _receive(self) -> Message:
        if self._first:
            return self._first.pop()
        await self._call.gone.wait()
        return {"type": "http.disconnect"}


class _Fresh(Mishap):
    """Tells other addresses for the files whose own have expired."""

    resizes: ClassVar[bool] = True

    def __init__(self, expired: set[str]) -> None:
        self._expired = expired

    async def chunks(self, chunks: AsyncIterator[bytes], call: object) -> AsyncIterator[bytes]:
        del call
        async for chunk in chunks:
            told = chunk
            for job_id in self._expired:
                for folder in ("/midjourney/", "//video/", "/video/"):
                    told = re.sub(f"(://[^/]+){folder}{job_id}".encode(), rf"\1{FRESH}{folder}{job_id}".encode(), told)
            yield told


def _with_fate(scope: Scope, mishaps: list[Mishap]) -> Scope:
    """Tell the application what is to become of the job; and where its answer is not wanted, that it need not wait."""
    fate = next((fate for mishap in mishaps if (fate := mishap.fate())), None)
    headers = list(scope["headers"])
    if any(mishap.early for mishap in mishaps):
        headers = [(name, value) for name, value in headers if name != b"accept"] + [(b"accept", b"application/x-ndjson")]
    return {**scope, "fate": fate, "headers": headers}


async def _after(mishaps: list[Mishap], call: OneCall, answer: Answer) -> Reply | None:
    call.trace_id = dict(answer.start["headers"]).get(b"x-trace-id", b"").decode()
    if answer.start["status"] < _REFUSED:
        for mishap in mishaps:
            if reply := await mishap.after(call):
                return reply
    return None


async def _distort(mishaps: list[Mishap], call: OneCall, answer: Answer, send: Send) -> None:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in answer.start["headers"]}
    call.is_stream = "ndjson" in headers.get("content-type", "")
    as_lines = "json" in headers.get("content-type", "")
    for mishap in mishaps:
        headers = mishap.headers(headers)
    async with AsyncExitStack() as stack:
        body: AsyncIterator[bytes] = answer.chunks()
        for hook in ("lines", "chunks") if as_lines else ("chunks",):
            for mishap in mishaps:
                before, body = body, getattr(mishap, hook)(body, call)
                if body is not before:
                    await stack.enter_async_context(aclosing(cast("AsyncGenerator[bytes]", body)))
        if any(mishap.resizes for mishap in mishaps):
            headers.pop("content-length", None)
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": answer.start["status"], "headers": raw})
        async for chunk in body:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _say(reply: Reply, send: Send) -> None:
    headers = {**reply.headers, "content-length": str(len(reply.body))}
    raw = [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": raw})
    await send({"type": "http.response.body", "body": reply.body, "more_body": False})

"""How requests are carried. With the sandbox and the tests, the only file that knows httpx.

A submit is sent once, and a second time only where the first cannot have arrived; what is free is asked again when it fails
in passing. The token goes to the service's own address; pictures are fetched by a client that never saw it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator
from contextlib import aclosing, asynccontextmanager
from functools import cache
from string import punctuation
from typing import Any
from urllib.parse import quote, urljoin

import httpx
import stamina
from pydantic import SecretStr

from mj_widgets.api.policy import Call, Gate, Verdict, judge, retry_after
from mj_widgets.api.wire import read_status_error
from mj_widgets.errors import APIError, RateLimitError, ResponseError, StatusError, TransportError

log = logging.getLogger(__name__)

PICTURES = frozenset({"png", "jpg", "webp", "gif"})
CLIPS = frozenset({"mp4"})

_MAX_REDIRECTS = 5
_MAX_LINE = 8 * 2**20  # bytes of one line; a longer one is no answer
_CONNECT_TIMEOUT = 15.0  # seconds
_LOOK_UP_TIMEOUT = 30.0  # seconds
_JSON = "application/json"
_NDJSON = "application/x-ndjson"
_AFTER_HOST = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
_MAGIC = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpg"), (b"GIF8", "gif"))


class Pulse:
    """When a stream last said something new; its reader knows what is news, and says so."""

    def __init__(self) -> None:
        self.at = 0.0  # by the loop's clock

    def beat(self) -> None:
        """Count from now."""
        self.at = asyncio.get_running_loop().time()


class Http:
    """Carries requests to one address, on one event loop.

    Parameters
    ----------
    base_url : str
        Without a slash at its end.
    token : SecretStr
        May be empty.
    gate : Gate
        Lets submits through.
    timeout, patience : float
        Seconds without a byte, and without news, before a submit is given up.
    transport : httpx.AsyncBaseTransport, optional
        Another way to carry, for tests.
    client : httpx.AsyncClient, optional
        The caller's own, for requests to the service; it is not closed here.
    """

    def __init__(
        self,
        base_url: str,
        token: SecretStr,
        gate: Gate,
        *,
        timeout: float,
        patience: float,
        transport: httpx.AsyncBaseTransport | None = None,
        client: httpx.AsyncClient | None = None,
    ) -> None:
        self._base_url = base_url
        self._auth = _Bearer(token) if token else None
        self._gate = gate
        self._timeout = timeout
        self._patience = patience
        self._transport = transport
        self._given = client
        self._api: httpx.AsyncClient | None = None
        self._bare: httpx.AsyncClient | None = None

    async def aclose(self) -> None:
        """Close the connections."""
        for http in (self._api, self._bare):
            if http is not None and http is not self._given:
                await http.aclose()
        self._api = self._bare = None

    async def submit(
        self, path: str, body: dict[str, Any], *, stream: bool, pulse: Pulse
    ) -> AsyncGenerator[tuple[Any, str | None]]:
        """Send what costs money, and yield each object of the answer, with the trace id.

        Parameters
        ----------
        path, body
            Where to, and what.
        stream : bool
            Whether lines are wanted as the service draws.
        pulse : Pulse
            Beats with each object that is news to who reads them.

        Raises
        ------
        APIError
            It was refused, or broke on its way; `judge` tells whether it may have been bought.
        """
        http = self._with_token()
        accept = f"{_NDJSON}, {_JSON}" if stream else _JSON
        request = self._post(http, path, body, accept=accept)
        async for attempt in _repeated("submit"):
            with attempt:
                if attempt.num > 1:
                    await self._gate.start()
                try:
                    response = await _send(http, request, auth=self._auth)
                except RateLimitError as error:
                    self._gate.hold(error.retry_after)
                    raise
        trace_id = response.headers.get("x-trace-id")
        pulse.beat()
        async with aclosing(self._lines(response, pulse)) as lines:
            async for line in lines:
                data = _parsed(line)
                if isinstance(data, dict):
                    yield data, trace_id
                else:
                    log.debug("A line of %d bytes is no object; passed over.", len(line))

    async def look(self, path: str, body: dict[str, Any]) -> Any:
        """Ask for something that is free, again when it fails in passing; give its JSON.

        Raises
        ------
        APIError
            It was refused, or failed each time.
        """
        http = self._with_token()
        request = self._post(http, path, body, accept=_JSON, timeout=_LOOK_UP_TIMEOUT)
        async for attempt in _repeated("look up"):
            with attempt:
                response = await _send(http, request, auth=self._auth)
                async with _translated():
                    content = await response.aread()
        try:
            return json.loads(content or b"null")
        except ValueError:
            raise ResponseError(f"The service answered {path} with something that is no JSON.") from None

    async def fetch(self, url: str, *, limit: int, kinds: frozenset[str] = PICTURES) -> tuple[bytes, str]:
        """Fetch a file of at most `limit` bytes from exactly this address; give it and its kind.

        Raises
        ------
        APIError
            It is not there, is of no such kind, or is too large.
        """
        if not url.startswith(("http://", "https://")):
            raise ResponseError(f"The picture's address is not one of the web: {url[:100]}")
        async for attempt in _repeated("look up"):
            with attempt:
                content, told = await self._fetch_once(url, limit)
        kind = _kind(content)
        if kind not in kinds:
            what = "picture" if kinds is PICTURES else "clip"
            raise ResponseError(f"The {what}'s address gave {told or 'something'} that is no {what}: {url}")
        return content, kind

    async def _fetch_once(self, url: str, limit: int) -> tuple[bytes, str]:
        response = await self._get(url)
        content = bytearray()
        async with _translated(), aclosing(response):
            told = int(response.headers.get("content-length") or 0)
            async for chunk in response.aiter_bytes():
                content += chunk
                if max(len(content), told) > limit:
                    raise ResponseError(f"The file is larger than {limit / 2**20:.0f} MB: {url}")
        return bytes(content), response.headers.get("content-type", "")

    async def _get(self, url: str) -> httpx.Response:
        """Ask for a file, and go where its address sends us: httpx would ask for the first path there once more."""
        http = self._without_token()
        for _ in range(_MAX_REDIRECTS):
            target = quote(_AFTER_HOST.sub("", url).partition("#")[0], safe=punctuation).encode() or b"/"
            # The target as it was written: httpx would tidy the path, and rebuilding the query breaks it.
            response = await _send(http, http.build_request("GET", url, extensions={"target": target}), redirect_too=True)
            if response.is_success:
                return response
            await response.aclose()
            url = urljoin(url, response.headers["location"])
        raise ResponseError(f"The file's address leads in circles: {url}")

    async def _lines(self, response: httpx.Response, pulse: Pulse) -> AsyncGenerator[bytes]:
        """Cut a body into lines; a reply that is one object is one line. The response is closed in the end."""
        whole = _NDJSON not in response.headers.get("content-type", "")
        buffer = b""
        async with _translated(), aclosing(response):
            chunks = response.aiter_bytes()
            while (chunk := await self._next(chunks, pulse.at + self._patience)) is not None:
                buffer += chunk
                if len(buffer) > _MAX_LINE:
                    raise ResponseError("The service's answer has no end.")
                if whole:
                    continue
                *lines, buffer = buffer.split(b"\n")
                for line in lines:
                    if line.strip():  # blank lines keep a connection alive
                        yield line
        last = buffer.split(b"\n") if whole and _parsed(buffer) is None else [buffer]
        for line in filter(bytes.strip, last):
            yield line

    async def _next(self, chunks: AsyncIterator[bytes], deadline: float) -> bytes | None:
        try:
            async with asyncio.timeout_at(deadline):
                return await anext(chunks, None)
        except TimeoutError:
            raise TransportError(f"The service has said nothing new for {self._patience:.0f} s.") from None

    def _with_token(self) -> httpx.AsyncClient:
        if self._api is None:
            self._api = self._given or self._client(httpx.Timeout(self._timeout, connect=_CONNECT_TIMEOUT))
        return self._api

    def _post(self, http: httpx.AsyncClient, path: str, body: dict[str, Any], *, accept: str, **options: Any) -> httpx.Request:
        return http.build_request("POST", self._base_url + path, json=body, headers={"accept": accept}, **options)

    def _without_token(self) -> httpx.AsyncClient:
        if self._bare is None:
            self._bare = self._client(httpx.Timeout(_LOOK_UP_TIMEOUT))
        return self._bare

    def _client(self, timeout: httpx.Timeout) -> httpx.AsyncClient:
        # Servers close what was idle for some seconds (often 5): what is sent in that moment may have arrived or not.
        pool = httpx.Limits(max_connections=None, max_keepalive_connections=20, keepalive_expiry=2)
        return httpx.AsyncClient(verify=_trusted(), timeout=timeout, limits=pool, transport=self._transport)


class _Bearer(httpx.Auth):
    """Writes the token into a request as it leaves, so that it is in no variable that a traceback could show."""

    def __init__(self, token: SecretStr) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["authorization"] = f"Bearer {self._token.get_secret_value()}"
        yield request


@cache
def _trusted() -> ssl.SSLContext:
    """Read the certificates that are trusted: once, as it takes 30 ms in which the event loop does nothing else."""
    return httpx.create_ssl_context()


async def _send(
    http: httpx.AsyncClient, request: httpx.Request, auth: httpx.Auth | None = None, *, redirect_too: bool = False
) -> httpx.Response:
    """Send, and give the open response; raise where its status is not 2xx.

    No redirect is followed here, whatever the client is set to: a 307 would send what is paid for a second time.
    """
    async with _translated():
        response = await http.send(request, auth=auth, stream=True, follow_redirects=False)
        if response.is_success or (redirect_too and response.has_redirect_location):
            return response
        async with aclosing(response):
            content = await response.aread()
    pause = retry_after(response.headers.get("retry-after"))
    raise read_status_error(response.status_code, content, response.headers, pause)


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    """Turn httpx's exceptions into ours; it happens here only."""
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
        raise TransportError(f"The service cannot be reached: {_words(error)}", sent=False) from error
    except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
        raise TransportError(f"The connection to the service broke: {_words(error)}") from error


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _repeated(call: Call) -> AsyncIterator[Any]:
    """Repeat a call as `judge` says; stamina does the waiting."""
    decide: Callable[[Exception], bool | float] = _decide_submit if call == "submit" else _decide_look_up
    attempts = 8 if call == "submit" else 5
    return stamina.retry_context(on=decide, attempts=attempts, timeout=None, wait_initial=0.5, wait_max=20.0)


def _decide_submit(error: Exception) -> bool | float:
    return _decide("submit", error)


def _decide_look_up(error: Exception) -> bool | float:
    return _decide("look up", error)


def _decide(call: Call, error: Exception) -> bool | float:
    if not isinstance(error, APIError) or judge(call, error) is not Verdict.REPEAT:
        return False
    wished = error.retry_after if isinstance(error, StatusError) else None
    return True if wished is None else wished


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:  # also a character that is cut in the middle
        return None


def _kind(content: bytes) -> str | None:
    """Tell a picture by its first bytes; a server's word for it is not to be relied on."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    if content[4:8] == b"ftyp":
        return "mp4"
    return next((kind for magic, kind in _MAGIC if content.startswith(magic)), None)

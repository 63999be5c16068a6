"""The async client: one method an endpoint."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing
from typing import TYPE_CHECKING, Any, NoReturn, Self
from urllib.parse import urlsplit

from pydantic import SecretStr

from mj_widgets.api import wire
from mj_widgets.api.follow import BATCH, Follower, has_moved
from mj_widgets.api.http import CLIPS, PICTURES, Http, Pulse
from mj_widgets.api.policy import Limits, Verdict, gate_for, judge
from mj_widgets.errors import (
    TOKEN_VARIABLE,
    APIError,
    AuthenticationError,
    ResponseError,
    StatusError,
    TransportError,
    hint_for,
)
from mj_widgets.models import (
    AnyRequest,
    EditRequest,
    ImagineRequest,
    Outcome,
    Record,
    Status,
    TextRequest,
    VideoRequest,
)

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

BASE_URL = "https://api.acedata.cloud"
BASE_URL_VARIABLE = "ACEDATACLOUD_API_BASE_URL"
MAX_DOWNLOAD = 50 * 2**20  # bytes

Known = Callable[[str], bool]

_TASKS = "/midjourney/tasks"
_MAX_PAGES = 20
_CLOCKS_DIFFER = 120.0  # seconds
_ALONE = Limits(in_flight=1, per_second=None)
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_NOT_FOUND = 404


def _nothing_known(_: str) -> bool:
    return False


class Client:
    """Speaks to the service, for as long as it is open, on one event loop.

    Parameters
    ----------
    token : str, optional
        The API token; by default that of the environment's ``ACEDATACLOUD_API_TOKEN``. "Bearer " in front is dropped. It is
        sent to `base_url` only.
    base_url : str, optional
        By default the environment's ``ACEDATACLOUD_API_BASE_URL``, or the service's own. On this machine (127.0.0.1) no token
        is needed: that is where a sandbox is.
    timeout : float
        Seconds without a byte before a submit is given up (and followed by its task id, where one is known).
    patience : float
        Seconds without progress before a running generation counts as stuck.
    poll_every : float
        Seconds between look-ups of running tasks.
    limits : Limits, optional
        How many at once and how fast; shared by all clients of this token in the process.
    transport : httpx.AsyncBaseTransport, optional
        Another way to carry requests, for tests.
    http_client : httpx.AsyncClient, optional
        Your own, for what goes to the service: proxies, certificates. You close it.

    Raises
    ------
    AuthenticationError
        There is no token, and `base_url` is not on this machine.

    Examples
    --------
    >>> from mj_widgets import Client, ImagineRequest, run, sandbox
    >>> async def last(url):
    ...     async with Client(base_url=url) as client:
    ...         async for outcome in client.imagine(ImagineRequest(prompt="a fox in snow")):
    ...             pass
    ...     return outcome
    >>> with sandbox.serve(speed=0) as url:
    ...     print(run(last(url)).status)
    succeeded
    """

    def __init__(
        self,
        token: str | None = None,
        *,
        base_url: str | None = None,
        timeout: float = 600.0,
        patience: float = 600.0,
        poll_every: float = 4.0,
        limits: Limits | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        self.base_url = (base_url or os.environ.get(BASE_URL_VARIABLE) or BASE_URL).rstrip("/")
        self._token = SecretStr(_bare(token if token is not None else os.environ.get(TOKEN_VARIABLE, "")))
        if not self._token and not self._local:
            raise AuthenticationError(
                f"There is no API token for {self.base_url}.",
                status_code=401,
                code="no_token",
                hint=hint_for("no_token"),
            )
        self.patience = patience
        self._options: dict[str, Any] = {
            "base_url": self.base_url,
            "timeout": timeout,
            "patience": patience,
            "poll_every": poll_every,
            "limits": limits,
            "transport": transport,
            "http_client": http_client,
        }
        self._account = hashlib.sha256(f"{self.base_url} {self._token.get_secret_value()}".encode()).hexdigest()
        self._gate = gate_for(self._account, limits or (Limits() if self._token else Limits(per_second=None)))
        self._http = Http(
            self.base_url,
            self._token,
            self._gate,
            timeout=timeout,
            patience=patience,
            transport=transport,
            client=http_client,
        )
        self._poll_every = poll_every
        self._follower = Follower(self.tasks, every=poll_every)

    def __reduce__(self) -> NoReturn:
        raise TypeError("A Client holds a token and connections, so it is not pickled: make one where it is needed.")

    def __repr__(self) -> str:
        return f"Client(base_url={self.base_url!r})"

    @property
    def service(self) -> str:
        """Which service this is: pictures of one cannot be continued with another."""
        return "sandbox" if self.simulated else urlsplit(self.base_url).netloc

    @property
    def simulated(self) -> bool:
        """Whether it speaks to a sandbox: to this machine, and without a token."""
        return self._local and not self._token

    @property
    def limits(self) -> Limits:
        """How many at once and how fast."""
        return self._gate.limits

    @property
    def _local(self) -> bool:
        return urlsplit(self.base_url).hostname in _LOOPBACK

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections. What was sent goes on at the service.

        Examples
        --------
        >>> run(Client(base_url=url).aclose())
        """
        await self._follower.aclose()
        await self._http.aclose()

    def with_options(self, **changes: Any) -> Client:
        """Give another client with the same token, and some options changed; both are to be closed.

        Examples
        --------
        >>> Client(base_url="http://127.0.0.1:9").with_options(patience=30).patience
        30
        """
        return Client(self._token.get_secret_value(), **self._options | changes)

    def imagine(
        self, request: ImagineRequest, *, stream: bool = True, known: Known = _nothing_known
    ) -> AsyncGenerator[Outcome]:
        """Make a picture, or continue one, and yield what becomes of it: see `send`.

        Examples
        --------
        >>> async def asked():
        ...     async with Client(base_url=url) as client:
        ...         return [one.status.value async for one in client.imagine(ImagineRequest(prompt="a fox"))][-1]
        >>> run(asked())
        'succeeded'
        """
        return self.send(request, stream=stream, known=known)

    def edits(self, request: EditRequest, *, stream: bool = True, known: Known = _nothing_known) -> AsyncGenerator[Outcome]:
        """Change a picture that has an address, and yield what becomes of it: see `send`.

        Examples
        --------
        >>> async def asked():
        ...     async with Client(base_url=url) as client:
        ...         request = EditRequest(image_url="https://a.example/1.png", prompt="a hat")
        ...         return [one.status.value async for one in client.edits(request)][-1]
        >>> run(asked())
        'succeeded'
        """
        return self.send(request, stream=stream, known=known)

    def videos(self, request: VideoRequest, *, stream: bool = True, known: Known = _nothing_known) -> AsyncGenerator[Outcome]:
        """Make clips from a picture, or extend some, and yield what becomes of it: see `send`.

        Examples
        --------
        >>> async def asked():
        ...     async with Client(base_url=url) as client:
        ...         request = VideoRequest(image_url="https://a.example/1.png", prompt="it runs")
        ...         return [len(one.clips) async for one in client.videos(request)][-1]
        >>> run(asked())
        4
        """
        return self.send(request, stream=stream, known=known)

    async def describe(self, image_url: str) -> tuple[str, ...]:
        """Ask for prompts that might have made a picture; up to four.

        Examples
        --------
        >>> async def asked():
        ...     async with Client(base_url=url) as client:
        ...         return len(await client.describe("https://a.example/1.png")) > 0
        >>> run(asked())
        True
        """
        return await self._answer(TextRequest(action="describe", content=image_url))

    async def shorten(self, prompt: str) -> tuple[str, ...]:
        """Ask for shorter prompts that say the same; up to five.

        Examples
        --------
        >>> async def asked():
        ...     async with Client(base_url=url) as client:
        ...         return len(await client.shorten("a very, very beautiful red fox in snow")) > 0
        >>> run(asked())
        True
        """
        return await self._answer(TextRequest(action="shorten", content=prompt))

    async def translate(self, text: str) -> str:
        """Ask for a prompt in English.

        Examples
        --------
        >>> async def asked():
        ...     async with Client(base_url=url) as client:
        ...         return await client.translate("红色的狐狸") != ""
        >>> run(asked())
        True
        """
        return (await self._answer(TextRequest(action="translate", content=text)))[0]

    async def seed(self, image_id: str) -> int:
        """Ask for the seed of a picture, 0 to 4294967295.

        Examples
        --------
        >>> async def asked():
        ...     async with Client(base_url=url) as client:
        ...         outcomes = [one async for one in client.imagine(ImagineRequest(prompt="a fox"))]
        ...         return 0 <= await client.seed(outcomes[-1].image.id) < 2**32
        >>> run(asked())
        True
        """
        return wire.read_seed((await self._answer(TextRequest(action="seed", content=image_id)))[0])

    async def send(self, request: AnyRequest, *, stream: bool = True, known: Known = _nothing_known) -> AsyncGenerator[Outcome]:
        """Send any request, once, and yield what becomes of it.

        The first outcome, running and without a task id, comes *before* anything is sent: who keeps a ledger writes it
        down then. Outcomes follow as the service draws; when the stream breaks after its first line, by look-ups. When
        nobody knows whether it arrived, it is looked for among the recent tasks, and taken up if exactly one matches.
        Until its task id is known, an identical request waits.

        Parameters
        ----------
        request : ImagineRequest, EditRequest, VideoRequest or TextRequest
            What is asked.
        stream : bool
            Live lines with previews; False asks for the task id alone and follows it by look-ups.
        known : callable, optional
            Tells whether a task id belongs to somebody already, so that it is not taken for this one's.

        Yields
        ------
        Outcome
            The last one has ended: it succeeded or failed.

        Raises
        ------
        StatusError
            The service refused: nothing was bought, unless the status is 408 or 5xx.
        TransportError
            No answer; with ``sent`` it may have been bought.
        ResponseError
            The answer cannot be understood; it may have been bought.
        WaitTimeoutError
            Nothing has moved for `patience` seconds; `follow` takes it up again.

        Examples
        --------
        >>> async def asked():
        ...     async with Client(base_url=url) as client:
        ...         return [one.status.value async for one in client.send(ImagineRequest(prompt="a fox"))][0]
        >>> run(asked())
        'running'
        """
        async with AsyncExitStack() as alone:
            await alone.enter_async_context(self.alone(request))
            async with self._gate.slot():
                await self._gate.start()
                sent_at = time.time()
                yield Outcome(status=Status.RUNNING, sent_at=sent_at)
                task_id: str | None = None
                try:
                    async with aclosing(self._told(request, stream=stream)) as outcomes:
                        async for outcome in outcomes:
                            task_id = outcome.task_id
                            if task_id:
                                await alone.aclose()
                            yield outcome
                            if outcome.status.ended:
                                return
                except APIError as error:
                    task_id = task_id or await self._look_for(request, error, sent_at, known)
                    log.info("The answer to task %s broke (%s); it is followed by look-ups.", task_id, type(error).__name__)
                    await alone.aclose()
                    yield Outcome(status=Status.RUNNING, task_id=task_id)
                async with aclosing(self.follow(task_id or "")) as outcomes:
                    async for outcome in outcomes:
                        yield outcome

    async def find(self, request: AnyRequest, *, since: float, known: Known = _nothing_known) -> list[Record]:
        """Look among the recent tasks for those that are exactly this request. It is free.

        Parameters
        ----------
        request : ImagineRequest, EditRequest, VideoRequest or TextRequest
            What was asked.
        since : float
            Unix seconds by our clock when it was sent; the service's may differ by two minutes.
        known : callable, optional
            Tells whether a task id belongs to somebody already.

        Examples
        --------
        >>> async def asked():
        ...     async with Client(base_url=url) as client:
        ...         request = ImagineRequest(prompt="one of its kind")
        ...         outcomes = [one async for one in client.send(request)]
        ...         found = await client.find(request, since=outcomes[0].sent_at)
        ...         return found[0].id == outcomes[-1].task_id
        >>> run(asked())
        True
        """
        records = await self.recent(since=since - _CLOCKS_DIFFER)
        return [record for record in records if wire.asks_for(record, request) and not known(record.id)]

    async def follow(self, task_id: str) -> AsyncGenerator[Outcome]:
        """Yield what becomes of a task that was sent before, by look-ups.

        Raises
        ------
        WaitTimeoutError
            Nothing has moved for `patience` seconds.
        APIError
            The service refuses to be asked, or does not know the task.

        Examples
        --------
        >>> async def asked():
        ...     async with Client(base_url=url) as client:
        ...         outcomes = [one async for one in client.imagine(ImagineRequest(prompt="a fox"))]
        ...         return [one.status.value async for one in client.follow(outcomes[-1].task_id)][-1]
        >>> run(asked())
        'succeeded'
        """
        async with aclosing(self._follower.follow(task_id, patience=self.patience)) as outcomes:
            async for outcome in outcomes:
                yield outcome

    async def task(self, task_id: str | None = None, *, trace_id: str | None = None) -> Record | None:
        """Look one task up, by its id or its trace id; None when the service does not know it. It is free.

        Raises
        ------
        ValueError
            Neither is given, or both are.

        Examples
        --------
        >>> async def asked():
        ...     async with Client(base_url=url) as client:
        ...         outcomes = [one async for one in client.imagine(ImagineRequest(prompt="a fox"))]
        ...         record = await client.task(trace_id=outcomes[-1].trace_id)
        ...         return record.id == outcomes[-1].task_id
        >>> run(asked())
        True
        """
        if bool(task_id) == bool(trace_id):
            raise ValueError("Give the id of a task, or its trace_id.")
        asked = {"id": task_id} if task_id else {"trace_id": trace_id}
        try:
            data = await self._http.look(_TASKS, {"action": "retrieve"} | asked)
        except StatusError as error:
            if error.status_code == _NOT_FOUND and error.code != "no_api":
                return None
            raise
        return wire.read_record(data)

    async def tasks(
        self,
        ids: Sequence[str] | None = None,
        *,
        trace_ids: Sequence[str] | None = None,
        offset: int = 0,
        limit: int = 12,
        since: float | None = None,
    ) -> list[Record]:
        """Look up to fifty tasks up at once, or page through those of this account. It is free.

        Parameters
        ----------
        ids, trace_ids : sequence of str, optional
            Those that are meant; what the service does not know is absent. Without them: the tasks of this account, newest
            first as the service gives them.
        offset, limit : int
            How many to leave out, and how many to give, at most fifty.
        since : float, optional
            Unix seconds by the service's clock: none that was made before.

        Raises
        ------
        ValueError
            There are more than fifty, or both kinds of ids.

        Examples
        --------
        >>> async def asked():
        ...     async with Client(base_url=url) as client:
        ...         for prompt in ("a fox", "a wolf"):
        ...             made = [one async for one in client.imagine(ImagineRequest(prompt=prompt))][-1]
        ...         named = await client.tasks([made.task_id])
        ...         return named == await client.tasks(trace_ids=[made.trace_id]), len(await client.tasks(offset=1, limit=1))
        >>> run(asked())
        (True, 1)
        """
        if ids is not None and trace_ids is not None:
            raise ValueError("Give ids or trace_ids, not both.")
        named = ids if trace_ids is None else trace_ids
        number = limit if named is None else len(named)
        if number > BATCH:
            raise ValueError(f"At most {BATCH} tasks can be looked up at once, not {number}.")
        if named is None:
            asked: dict[str, Any] = {"offset": offset, "limit": limit}
            asked |= {} if since is None else {"created_at_min": since}
        elif named:
            asked = {"ids" if trace_ids is None else "trace_ids": list(named)}
        else:
            return []  # without a name the service would list them all
        return wire.read_batch(await self._http.look(_TASKS, {"action": "retrieve_batch"} | asked))

    async def recent(self, *, since: float) -> list[Record]:
        """List the tasks of this account since a moment in Unix seconds, newest first as the service gives them.

        Examples
        --------
        >>> async def asked():
        ...     async with Client(base_url=url) as client:
        ...         return [one async for one in client.imagine(ImagineRequest(prompt="a fox"))][-1].task_id in {
        ...             record.id for record in await client.recent(since=0)
        ...         }
        >>> run(asked())
        True
        """
        found: dict[str, Record] = {}
        for page in range(_MAX_PAGES):
            records = await self.tasks(offset=page * BATCH, limit=BATCH, since=since)
            fresh = {record.id: record for record in records if record.id not in found}
            found |= fresh
            if len(records) < BATCH or not fresh:
                break
        return [record for record in found.values() if (record.outcome.created_at or since) >= since]

    async def download(self, url: str, *, limit: int = MAX_DOWNLOAD, clip: bool = False) -> tuple[bytes, str]:
        """Fetch a picture or a clip, without our token, from exactly this address.

        Parameters
        ----------
        url : str
            As the service wrote it; it is sent byte for byte, because rebuilding its query breaks it.
        limit : int
            Bytes.
        clip : bool
            Whether a video clip is expected, and not a picture.

        Returns
        -------
        tuple of bytes and str
            The file and its kind: ``png``, ``jpg``, ``webp``, ``gif`` or ``mp4``.

        Raises
        ------
        ResponseError
            It is no picture, or too large.
        StatusError, TransportError
            It is not there.

        Examples
        --------
        >>> async def asked():
        ...     async with Client(base_url=url) as client:
        ...         outcomes = [one async for one in client.imagine(ImagineRequest(prompt="a fox"))]
        ...         return (await client.download(outcomes[-1].image.url))[1]
        >>> run(asked())
        'png'
        """
        return await self._http.fetch(url, limit=limit, kinds=CLIPS if clip else PICTURES)

    async def _told(self, request: AnyRequest, *, stream: bool) -> AsyncGenerator[Outcome]:
        """Send, and yield what the service answers; every outcome has the task id once it was said."""
        text = isinstance(request, TextRequest)  # these answer at once, and in JSON alone
        body = wire.body_of(request, asynchronous=not stream and not text)
        task_id: str | None = None
        last: Outcome | None = None
        pulse = Pulse()
        async with aclosing(self._http.submit(wire.path_of(request), body, stream=stream and not text, pulse=pulse)) as events:
            async for data, trace_id in events:
                outcome = wire.read_event(data, trace_id=trace_id)
                if has_moved(last, outcome):
                    pulse.beat()
                last = outcome
                task_id = task_id or outcome.task_id
                yield outcome if outcome.task_id else outcome.model_copy(update={"task_id": task_id})
        if task_id is None:
            raise TransportError("The service's answer ended before it said anything.")

    async def _look_for(self, request: AnyRequest, error: APIError, sent_at: float, known: Known) -> str:
        """Find the task of a submit of unknown fate; raise its error where there is not exactly one."""
        if judge("submit", error) is not Verdict.UNKNOWN:
            raise error
        for pause in (0.0, self._poll_every, 2 * self._poll_every):
            await asyncio.sleep(pause)
            try:
                found = await self.find(request, since=sent_at, known=known)
            except APIError:
                raise error from None
            if len(found) == 1:
                return found[0].id
            if found:
                error.candidates = tuple(record.id for record in found)
                break
        raise error

    async def _answer(self, request: TextRequest) -> tuple[str, ...]:
        async with aclosing(self.send(request)) as outcomes:
            async for outcome in outcomes:
                if outcome.texts:
                    return outcome.texts
        raise ResponseError(f"The service answered {request.action} without a text.")

    def alone(self, request: AnyRequest) -> AbstractAsyncContextManager[None]:
        """Hold back every identical request of this account, until it is known which task is whose.

        Examples
        --------
        >>> async def asked():
        ...     client = Client(base_url=url)
        ...     async with client.alone(ImagineRequest(prompt="a fox")):
        ...         return "nobody else asks for it now"
        >>> run(asked())
        'nobody else asks for it now'
        """
        digest = hashlib.sha256(f"{self._account} {request!r}{request.mask}".encode()).hexdigest()
        return gate_for(digest, _ALONE).slot()


def _bare(token: str) -> str:
    """Drop what is often pasted along with a token."""
    token = token.strip()
    return token[7:].strip() if token[:7].lower() == "bearer " else token

"""The use cases: make, continue, find, keep."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast
from weakref import WeakSet

from mj_widgets.api.client import Client
from mj_widgets.errors import TOKEN_VARIABLE, CapError, SessionError
from mj_widgets.models import (
    AnyRequest,
    EditRequest,
    ImageRef,
    ImagineRequest,
    Mode,
    Outcome,
    Status,
    TextRequest,
    VideoRequest,
)
from mj_widgets.prompt.parse import parse
from mj_widgets.prompt.pricing import PRICES, Price, estimate
from mj_widgets.session import finding, imaging, loop, pace
from mj_widgets.session.answer import Answer
from mj_widgets.session.default import default_client
from mj_widgets.session.finding import Moment
from mj_widgets.session.generation import Generation, Watcher, new_id
from mj_widgets.session.ledger import Handle, Ledger, given_up
from mj_widgets.session.lineage import Lineage
from mj_widgets.session.marks import Change, tags_of
from mj_widgets.session.mask import Mask, mask_text, masks_of, refuse_lost
from mj_widgets.session.measures import Measure
from mj_widgets.session.pictures import files_of, is_missing
from mj_widgets.session.places import Place
from mj_widgets.session.store import Row, Store
from mj_widgets.session.unconfirmed import Unconfirmed

if TYPE_CHECKING:
    import pandas as pd

_NAME = re.compile(r"\w[\w .-]{0,98}\w|\w")
_CLOSING = 10.0  # seconds

_open: dict[Path, Session] = {}  # one session a folder: running its cell again gives the same one
_open_lock = threading.RLock()


class Session:
    """A folder of generations, and the client that makes them.

    Opening it brings everything back, without network; generations that were running are followed again. A folder is open
    once in a process: opening it again gives the same session.

    Parameters
    ----------
    name : str
        The folder's name: letters, digits, spaces, ``_``, ``-`` and ``.``.
    root : path, optional
        Where the folder is; ``./mj_sessions`` by default.
    cap : float, optional
        Credits that may be spent in all; a request that might pass it is refused. See `bill`.
    prices : iterable of Price, optional
        What things cost; `mj_widgets.prompt.pricing.PRICES` by default.
    client : Client, optional
        By default one with the token of ``ACEDATACLOUD_API_TOKEN``; without a token, the embedded sandbox, whose pictures are
        simulated. It is closed with the session.

    Raises
    ------
    ValueError
        The name cannot be a folder's.
    SessionError
        The folder is damaged, or from a newer version.

    Examples
    --------
    >>> import mj_widgets as mj
    >>> with mj.Session("foxes", root=folder) as session:
    ...     gen = session.imagine("a fox in snow").result()
    >>> gen.image.path.exists()
    True
    """

    name: str
    path: Path
    client: Client

    def __new__(
        cls,
        name: str = "default",
        *,
        root: str | Path | None = None,
        client: Client | None = None,
        cap: float | None = None,
        prices: Iterable[Price] | None = None,
    ) -> Self:
        """Give the session of that folder if it is open, or open it."""
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ValueError(
                f"{name!r} cannot be the name of a session: use letters, digits, spaces, '_', '-' and '.'; "
                "root= puts its folder elsewhere."
            )
        folder = (Path(root) if root is not None else Path("mj_sessions")).resolve() / name
        with _open_lock:
            found = _open.get(folder)
            if found is None:
                found = super().__new__(cls)
                found._start(name, folder, client)
                _open[folder] = found
            elif client is not None and client.service != found.client.service:
                raise SessionError(f"The session {name!r} is open with {found.client.service}; close it first: session.close()")
            if cap is not None:
                found.cap = _checked_cap(cap)
            if prices is not None:
                found.prices = tuple(prices)
            return found  # type: ignore[return-value] # no subclass shares a folder

    def _start(self, name: str, folder: Path, client: Client | None) -> None:
        self.name = name
        self.path = folder
        self.closed = False
        self.cap: float | None = None
        self._prices: tuple[Price, ...] = PRICES
        self._lock = threading.Lock()
        self._watchers: list[Watcher] = []
        self._generations: dict[str, Generation] = {}
        self._family: dict[str, list[Generation]] = {}
        self._latest = 0.0  # when the newest was made
        self._runs: WeakSet[Handle] = WeakSet()  # of sweeps: they end with the session
        self._store = Store(folder)
        self.client = client or default_client(folder.parent)
        self._ledger = Ledger(self._store, self.client)
        for row in self._store.rows():
            self._keep(self._handle(row))
        self.resume()

    def __repr__(self) -> str:
        state = " closed" if self.closed else ""
        return f"<Session {self.name!r} {len(self._generations)} generations at {self.client.service}{state}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __getitem__(self, id_: str) -> Generation:
        gen = self._find(id_)
        if gen is None:
            raise KeyError(f"The session {self.name!r} has no generation {id_!r}.")
        return gen

    def __len__(self) -> int:
        return len(self._generations)

    # What is there

    @property
    def simulated(self) -> bool:
        """Whether its pictures come from a sandbox."""
        return self.client.simulated

    @property
    def generations(self) -> tuple[Generation, ...]:
        """All that make pictures and are not deleted, newest last."""
        return tuple(gen for gen in self._all() if not (isinstance(gen, Answer) or gen.is_deleted))

    @property
    def deleted(self) -> tuple[Generation, ...]:
        """Those of them that are deleted, newest last; ``gen.restore()`` brings one back."""
        return tuple(gen for gen in self._all() if gen.is_deleted and not isinstance(gen, Answer))

    @property
    def answers(self) -> tuple[Answer[Any], ...]:
        """All that gave text and are not deleted, newest last."""
        return tuple(gen for gen in self._all() if isinstance(gen, Answer) and not gen.is_deleted)

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags that are in use, the most used first."""
        return tags_of(gen.marks for gen in self.generations)

    @property
    def masks(self) -> tuple[Mask, ...]:
        """The masks that were used here, the latest first, each once; those whose file is gone are left out."""
        return masks_of(gen.request.mask for gen in reversed(self.generations))

    @property
    def lineage(self) -> Lineage:
        """Where each picture came from."""
        return Lineage(self)

    def find(
        self,
        *,
        text: str | None = None,
        prompt: str | None = None,
        status: str | None = None,
        tag: str | None = None,
        rating: int | None = None,
        favourite: bool | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
    ) -> tuple[Generation, ...]:
        """Filter the generations; what is given must all hold.

        Parameters
        ----------
        text : str, optional
            Part of the prompt, of a tag or of the note, in capitals or not.
        prompt : str, optional
            Part of the prompt, in capitals or not.
        status : str or Status, optional
            For example ``"succeeded"``.
        tag : str, optional
            A whole tag, in capitals or not.
        rating : int, optional
            The fewest stars that it, or one of its tiles, has.
        favourite : bool, optional
            Whether it, or one of its tiles, is a favourite.
        since, until : datetime, date, str or float, optional
            When it was asked for, both included: text is ISO 8601, a number Unix seconds, a day the whole day. Local time,
            where no zone is named.

        Raises
        ------
        ValueError
            There is no such status, rating or time.

        Examples
        --------
        >>> fox = session.imagine("a red fox").result()
        >>> session.find(prompt="FOX", status="succeeded") == (fox,)
        True
        >>> fox.rate(4)
        >>> fox.tag("for print")
        >>> session.find(text="print", rating=4, since="2024-05-01") == (fox,)
        True
        """
        return finding.find(
            self.generations,
            text=text,
            prompt=prompt,
            status=status,
            tag=tag,
            rating=rating,
            favourite=favourite,
            since=since,
            until=until,
        )

    def expected(self, request: AnyRequest) -> float | None:
        """Give the seconds that such a request usually takes, as far as this session has seen.

        Returns
        -------
        float or None
            The median of the latest that succeeded with its endpoint, mode and action, or else with its endpoint and mode;
            None when there are none.

        Examples
        --------
        >>> gen = session.imagine("a fox").result()
        >>> 0 < session.expected(gen.request) < 60
        True
        """
        return self._expected(request)

    def to_dataframe(self) -> pd.DataFrame:
        """Give a frame, a row a generation; needs pandas: ``pip install "mj_widgets[sweep]"``.

        Examples
        --------
        >>> session.imagine("a fox", mode="relax").result().status.value
        'succeeded'
        >>> list(session.to_dataframe()["mode"])
        ['relax']
        """
        from mj_widgets.session import export

        return export.frame(self.generations)

    def export(self, path: str | Path) -> Path:
        """Save the pictures into a folder, as `Generation.save` does, with a ``metadata.jsonl`` that says what each one is.

        Returns
        -------
        Path
            The folder.

        Examples
        --------
        >>> session.imagine("a fox").result().status.value
        'succeeded'
        >>> sorted(file.suffix for file in session.export(folder / "out").iterdir())
        ['.jsonl', '.png']
        """
        from mj_widgets.session import export

        return export.folder(self.generations, Path(path))

    def script(self, gen: Generation | None = None) -> str:
        """Write the session as a Python script that runs: in another session it asks for the same again, and pays again.

        Parameters
        ----------
        gen : Generation, optional
            Write only what led to this one.

        Returns
        -------
        str
            What it costs is estimated at its top. What failed is there as a comment.

        Examples
        --------
        >>> fox = session.imagine("a red fox").result().upscale(2)
        >>> print(session.script(fox).partition("again')")[2])
        <BLANKLINE>
        <BLANKLINE>
        red_fox = session.imagine('a red fox')
        red_fox_u2 = red_fox.result().upscale(2)
        <BLANKLINE>
        for gen in (red_fox, red_fox_u2):
            gen.result()
        <BLANKLINE>
        """
        from mj_widgets.session import script

        return script.script(self, gen)

    def add(self, path: str | Path) -> Generation:
        """Read a picture that was saved with `Generation.save` or `export` back into a generation. It costs nothing.

        It has its request, its place in the lineage and its actions again, which work with the service that made it. The file
        of one tile becomes a picture of its own, which can be upscaled and varied.

        Parameters
        ----------
        path : path
            A PNG or WebP. It is copied.

        Returns
        -------
        Generation
            The one that the session has already, where it does; one that was deleted is restored.

        Raises
        ------
        ValueError
            The file is no picture, or does not say how it was made; nothing was kept.

        Examples
        --------
        >>> file = session.imagine("a fox").result().save(folder / "fox.png")
        >>> import mj_widgets as mj
        >>> with mj.Session("elsewhere", root=folder, client=mj.Client("", base_url=url)) as other:
        ...     fox = other.add(file)
        ...     single = fox.upscale(2).result()
        >>> fox.prompt, single.parent is fox
        ('a fox', True)
        """
        self._must_be_open()
        from mj_widgets.session import metadata

        return metadata.add(self, path)

    # Making

    def imagine(self, prompt: str, *, mode: Mode | None = None, **parameters: Any) -> Generation:
        """Make a picture; it starts at once and goes on by itself.

        Parameters
        ----------
        prompt : str
            Words and parameters, as in ``"a fox in snow --ar 3:2"``. ``--fast``, ``--relax`` and ``--turbo`` set the mode.
        mode : {"fast", "relax", "turbo"}, optional
            Fast by default.
        **parameters
            The other fields of `ImagineRequest`, such as ``version="8.2"``.

        Returns
        -------
        Generation
            ``await`` it, call its ``result()``, or let it draw itself.

        Raises
        ------
        ValueError
            The prompt is empty, or a parameter is wrong; nothing was sent.
        SessionError
            The session is closed.

        Examples
        --------
        >>> session.imagine("a fox in snow --relax").request.mode
        'relax'
        """
        parsed = parse(prompt)
        if mode and parsed.mode and mode != parsed.mode:
            raise ValueError(f"The prompt says --{parsed.mode} and mode says {mode!r}: drop one of them.")
        chosen = mode or parsed.mode or "fast"
        return self.submit(ImagineRequest(prompt=str(parsed), mode=chosen, **parameters))

    def blend(self, *urls: str, prompt: str = "", mode: Mode | None = None) -> Generation:
        """Make a picture out of two to five others, given by their addresses.

        Examples
        --------
        >>> session.blend("https://a.example/1.png", "https://a.example/2.png", prompt="a fox").result().is_grid
        True
        """
        if not 2 <= len(urls) <= 5:  # noqa: PLR2004 - the service's limits
            raise ValueError(f"Blend takes two to five picture addresses, not {len(urls)}.")
        return self.imagine(" ".join((*urls, prompt)).strip(), mode=mode)

    def edit(
        self,
        image: str | Generation,
        prompt: str,
        *,
        mask: Any = None,
        resize_mask: bool = False,
        mode: Mode | None = None,
        split_images: bool = False,
    ) -> Generation:
        """Change a picture by words.

        Parameters
        ----------
        image : str or Generation
            The address of a picture, or one of ours.
        prompt : str
            What to change.
        mask : Mask, path, bytes, PIL image or 2-D array, optional
            White is repainted. Of the picture's size, which is known for our own; `MaskPainter` paints one for any picture.
        resize_mask : bool
            Make a mask of another size fit one of our own pictures.
        mode : {"fast", "relax", "turbo"}, optional
            Fast by default.
        split_images : bool
            Ask for the four tiles as files of their own.

        Examples
        --------
        >>> session.edit("https://a.example/1.png", "add a hat").result().request.endpoint
        'edits'
        """
        url, source = _address(image)
        size = image.image.pil().size if isinstance(image, Generation) and image.image else None
        painted = None if mask is None else mask_text(mask, size, resize=resize_mask)
        return self.submit(
            EditRequest(
                image_url=url, prompt=prompt, source=source, mask=painted, mode=mode or "fast", split_images=split_images
            )
        )

    def animate(self, image: str | Generation, prompt: str = "", **parameters: Any) -> Generation:
        """Make four clips that start from a picture.

        Parameters
        ----------
        image : str or Generation
            The address of a picture, or one of ours: the first frame.
        prompt : str
            What happens.
        **parameters
            The other fields of `VideoRequest`: ``mode`` (fast or turbo), ``resolution``, ``loop``, ``end_image_url``.

        Returns
        -------
        Generation
            With `clips`, and their first frame as the picture; ``extend`` makes them longer.

        Examples
        --------
        >>> grid = session.imagine("a fox").result()
        >>> film = session.animate(grid, "it turns its head").result()
        >>> len(film.clips), film.parent is grid
        (4, True)
        """
        url, source = _address(image)
        return self.submit(VideoRequest(image_url=url, prompt=prompt, source=source, **parameters))

    def describe(self, image: str | Generation) -> Answer[tuple[str, ...]]:
        """Ask for up to four prompts that might have made a picture.

        Examples
        --------
        >>> len(session.describe("https://cdn.example/fox.png").result()) > 0
        True
        """
        url, source = _address(image)
        return self._ask("describe", url, source)

    def shorten(self, prompt: str) -> Answer[tuple[str, ...]]:
        """Ask for up to five shorter prompts that say the same.

        Examples
        --------
        >>> isinstance(session.shorten("a very, very beautiful picture of a red fox in snow").result()[0], str)
        True
        """
        return self._ask("shorten", prompt)

    def translate(self, text: str) -> Answer[str]:
        """Ask for a prompt in English.

        Examples
        --------
        >>> session.translate("红色的狐狸").result() != ""
        True
        """
        return self._ask("translate", text)

    def seed(self, gen: Generation) -> Answer[int]:
        """Ask for the seed of a finished picture, 0 to 4294967295.

        Examples
        --------
        >>> grid = session.imagine("a fox").result()
        >>> 0 <= session.seed(grid).result() <= 4294967295
        True
        """
        if gen.image is None:
            raise ValueError(f"{gen.id} has no picture (yet): it is {gen.status}.")
        self._must_know(gen)
        return self._ask("seed", gen.image.id, ImageRef(image_id=gen.image.id, generation=gen.id))

    def submit(self, request: AnyRequest) -> Generation:
        """Store a request, start it, and give its handle.

        Raises
        ------
        SessionError
            The session is closed, or its service did not make the picture that is to be continued; nothing was sent.

        Examples
        --------
        >>> from mj_widgets import ImagineRequest
        >>> session.submit(ImagineRequest(prompt="a fox", version="8.2")).result().request.version
        '8.2'
        """
        return self._submit(request)

    def _submit(self, request: AnyRequest, place: Place | None = None, instead_of: Generation | None = None) -> Generation:
        """Start a request, perhaps for a cell of a sweep; where another process makes that cell, give what it makes."""
        self._must_be_open()
        refuse_lost(request.mask)
        parent = self._find(request.source.generation) if request.source and request.source.generation else None
        if parent is not None:
            self._must_know(parent)
        price = estimate(request, prices=self.prices)
        if self.cap is not None and price.at_most == inf:
            raise CapError(
                f"What this costs is not known ({price.note}), so it may pass the cap of {self.cap:g} credits. "
                "Nothing was sent. Give its price: session.prices = [mj.Price(credits=..., ...), *session.prices]"
            )
        row = Row(new_id(), time.time(), self.client.service, request, Outcome(), price.credits, price.at_most)
        old = (instead_of.id, given_up(instead_of.outcome)) if instead_of else None
        id_ = self._store.add(row, cap=self.cap, place=place, instead_of=old)
        if id_ != row.id:
            return self._found(id_)
        if instead_of and old:
            loop.call(partial(instead_of._show, old[1]))
        gen = self._handle(row)
        self._keep(gen)
        loop.call(partial(self._ledger.begin, gen))
        return gen

    def resume(self) -> None:
        """Follow again what was running when the last process ended.

        What is unconfirmed is looked for once more, and pictures that are missing are fetched; none of it costs anything.

        Examples
        --------
        >>> gen = session.imagine("a fox")
        >>> session.resume()  # it runs already: nothing happens
        >>> gen.result().status.value
        'succeeded'
        """
        self._must_be_open()
        mine = self._store.claim()
        for gen in self._all():
            missing = gen.status is Status.SUCCEEDED and is_missing(gen.outcome)
            waits = missing or not gen.status.ended or gen.status is Status.UNCONFIRMED
            if gen.service != self.client.service or not waits or gen.is_deleted:
                continue
            loop.call(partial(self._ledger.take_up if gen.id in mine else self._ledger.mind, gen))

    @property
    def unconfirmed(self) -> tuple[Unconfirmed, ...]:
        """Those of which nobody knows what has become, each with what can be done about it."""
        return tuple(Unconfirmed(gen) for gen in self._all() if gen.status is Status.UNCONFIRMED)

    def verify(self) -> tuple[Generation, ...]:
        """Check every stored picture and clip against its hash, and fetch again what is missing or was changed.

        Returns
        -------
        tuple of Generation
            Those whose files are being fetched again.

        Examples
        --------
        >>> session.imagine("a fox").result().image.path.unlink()
        >>> [gen.result().image.path.exists() for gen in session.verify()]
        [True]
        """
        self._must_be_open()
        made = [gen for gen in self.generations if gen.image]
        whole = {gen: [self._store.is_whole(file.path) for file in files_of(gen.outcome)] for gen in made}
        broken = [gen for gen, files in whole.items() if not all(files)]
        for gen in broken:
            loop.call(partial(self._ledger.fetch_again, gen))
        return tuple(broken)

    def vacuum(self) -> int:
        """Remove from disk the pictures, clips and thumbnails of deleted generations, and what was left half written.

        What another generation has as well stays, and so does what was asked and what it cost: `bill` and `lineage` are as
        before. ``gen.restore()`` then fetches the picture again, if the service still has it.

        Returns
        -------
        int
            Bytes that are free now.

        Examples
        --------
        >>> gen = session.imagine("a fox").result()
        >>> gen.delete()
        >>> session.vacuum() > 0, gen.image.path
        (True, None)
        """
        self._must_be_open()
        freed = self._store.vacuum()
        loop.call(partial(self._ledger.look_again, [gen for gen in self._all() if gen.is_deleted]))
        return freed

    def bill(self) -> pd.DataFrame:
        """Give a frame of what was estimated, in credits, by day, mode and action; needs pandas.

        Failed and refused generations cost nothing. What is unconfirmed, or still runs, is counted as held.

        Examples
        --------
        >>> session.imagine("a fox").result().status.value
        'succeeded'
        >>> list(session.bill().columns)
        ['day', 'mode', 'action', 'number', 'credits', 'unknown', 'open']
        """
        from mj_widgets.session import export

        return export.bill(self._all())

    @property
    def held(self) -> float:
        """Credits that are spent, or held for what is on its way: what the cap is compared with."""
        return self._store.held()

    def watch(self, callback: Watcher) -> Callable[[], None]:
        """Call `callback(generation)` after each stored change of any generation, on the background thread.

        Returns
        -------
        callable
            Call it to end that.

        Examples
        --------
        >>> seen = []
        >>> unwatch = session.watch(lambda gen: seen.append(gen.status.value))
        >>> session.imagine("a fox").result().status.value
        'succeeded'
        >>> unwatch()
        >>> seen[0], seen[-1]
        ('pending', 'succeeded')
        """
        with self._lock:
            self._watchers.append(callback)

        def unwatch() -> None:
            with self._lock:
                if callback in self._watchers:
                    self._watchers.remove(callback)

        return unwatch

    def close(self) -> None:
        """Stop following and close the folder. What was sent goes on, and is followed when it is opened again.

        Examples
        --------
        >>> session.close()
        >>> session.closed
        True
        """
        with _open_lock:
            if self.closed:
                return
            self.closed = True
            _open.pop(self.path, None)
        closed = SessionError(f"The session {self.name!r} was closed; opened again, it follows what was running.")
        loop.wait(loop.submit(self._ledger.aclose([*self._all(), *self._runs], closed)), _CLOSING)
        loop.wait(loop.submit(self.client.aclose()), _CLOSING)
        self._store.close()

    @property
    def prices(self) -> tuple[Price, ...]:
        """What things cost; the first row that fits wins. Setting it prices anew what had no known price."""
        return self._prices

    @prices.setter
    def prices(self, prices: Iterable[Price]) -> None:
        self._prices = tuple(prices)
        for gen in self._all():
            if gen.estimate is None:
                price = estimate(gen.request, prices=self._prices)
                gen.estimate = price.credits
                self._store.reprice(gen.id, price.credits, price.at_most if gen.outcome.cost is None else gen.outcome.cost)

    # For the generations

    def _ask(self, action: str, content: str, source: ImageRef | None = None) -> Answer[Any]:
        answer = self.submit(TextRequest.model_validate({"action": action, "content": content, "source": source}))
        return cast("Answer[Any]", answer)

    def _handle(self, row: Row) -> Generation:
        return Answer(self, row) if isinstance(row.request, TextRequest) else Generation(self, row)

    def _knows(self, task_id: str) -> bool:
        return self._store.knows(task_id)  # also what another process has made here

    def _expected(self, request: AnyRequest, without: Generation | None = None) -> float | None:
        return pace.expected(request, (gen for gen in reversed(self._all()) if gen is not without))

    def _find(self, id_: str) -> Generation | None:
        return self._generations.get(id_)

    def _children(self, id_: str) -> tuple[Generation, ...]:
        with self._lock:
            return tuple(self._family.get(id_, ()))

    def _watchers_of(self, gen: Generation) -> list[Watcher]:
        with self._lock:
            return [] if isinstance(gen, Answer) else [*self._watchers]

    def _stop(self, gen: Generation) -> None:
        self._must_be_open()
        loop.call(partial(self._ledger.stop, gen))

    def _adopt(self, gen: Generation, task_id: str) -> None:
        self._must_be_open()
        if self._store.knows(task_id, but=gen.id):
            raise ValueError(f"The task {task_id} belongs to another generation of this session.")
        loop.call(partial(self._ledger.adopt, gen, task_id))

    def _forget(self, gen: Generation) -> None:
        self._must_be_open()
        loop.call(partial(self._ledger.forget, gen))

    def _send_again(self, gen: Generation) -> Generation:
        return self._submit(gen.request, instead_of=gen)

    def _resume(self, gen: Generation, place: Place | None = None) -> None:
        self._must_be_open()
        self._must_know(gen)

        def resume() -> None:
            if gen.is_deleted:
                raise ValueError(f"{gen.id} is deleted: gen.restore() brings it back.")
            if gen.status is Status.FAILED:
                raise ValueError(f"{gen.id} failed: there is nothing to follow. session.submit(gen.request) asks again.")
            if gen.outcome.sent_at is None:
                refuse_lost(gen.request.mask)
            self._ledger.resume(gen, cap=self.cap, place=place)

        loop.call(resume)

    def _cells(self) -> dict[str, list[Generation]]:
        """Give what was made for the cells of sweeps, by their keys, oldest first."""
        found: dict[str, list[Generation]] = {}
        for key, id_ in self._store.cells():
            found.setdefault(key, []).append(self._found(id_))
        return found

    def _put(self, found: Iterable[tuple[str, str]]) -> None:
        self._must_be_open()
        self._store.put(found)

    def _spent(self, sweep: str) -> float:
        return self._store.spent(sweep, self.client.service)

    def _keep_measures(self, found: Iterable[Measure]) -> None:
        self._store.keep_measures(found)

    def _measures(self) -> list[Measure]:
        return self._store.measures()

    def _judge(self, sweep: str, rater: str, kind: str, judged: str) -> int:
        return self._store.judge(sweep, rater, kind, judged)

    def _unjudge(self, number: int) -> None:
        self._store.unjudge(number)

    def _judgements(self) -> list[tuple[int, str, str, str, float]]:
        return self._store.judgements()

    def _keep_sweep(self, id_: str, manifest: str) -> None:
        self._must_be_open()
        self._store.keep_sweep(id_, manifest)

    def _join(self, run: Handle) -> None:
        """End this with the session."""
        self._runs.add(run)

    def _follows(self, gen: Generation) -> bool:
        """Tell whether this process follows it, and no other one."""
        return self._ledger.follows(gen)

    def _found(self, id_: str) -> Generation:
        """Give a generation that is in the folder; another process may have made it since we looked."""

        def load() -> Generation:
            gen = self._find(id_)
            if gen is None:
                gen = self._handle(self._store.row(id_))
                self._keep(gen)
                self._ledger.mind(gen)
            return gen

        return self._find(id_) or loop.call(load)

    def _mark(self, id_: str, change: Change) -> None:
        self._must_be_open()
        loop.call(partial(self._ledger.mark, self[id_], change))

    def _restore(self, id_: str, change: Change) -> None:
        self._mark(id_, change)
        gen = self[id_]
        if gen.service == self.client.service and (gen.status is Status.SUCCEEDED or not gen.status.ended):
            loop.call(partial(self._ledger.resume, gen, cap=self.cap, place=None))

    def _thumbnail(self, gen: Generation, tile: int, side: int) -> bytes:
        image = gen.image
        if image is None or image.path is None:
            raise ValueError(f"{gen.id} has no picture (yet): it is {gen.status}.")
        tiles = gen.tiles
        if not 0 <= tile <= len(tiles):
            raise ValueError(f"{gen.id} has the tiles 1 to {len(tiles)}, and 0 for the whole; not {tile!r}.")
        if side == imaging.THUMBNAIL and not self.closed and (kept := self._store.thumbnail(image.path, tile)):
            return kept
        return imaging.renditions.give(tiles[tile - 1] if tile else image, side)

    # Inside

    def _all(self) -> list[Generation]:
        with self._lock:
            return [*self._generations.values()]

    def _keep(self, gen: Generation) -> None:
        source = gen.request.source
        with self._lock:
            self._generations[gen.id] = gen
            if source and source.generation:
                self._family.setdefault(source.generation, []).append(gen)
            if gen.created_at < self._latest:  # it was added: it goes where it will be when the folder is opened again
                self._generations = {one.id: one for one in sorted(self._generations.values(), key=_age)}
                for family in self._family.values():
                    family.sort(key=_age)
            self._latest = max(self._latest, gen.created_at)

    def _must_be_open(self) -> None:
        if self.closed:
            raise SessionError(f"The session {self.name!r} is closed: open it again with mj.Session({self.name!r}).")

    def _must_know(self, gen: Generation) -> None:
        if gen.service != self.client.service:
            verb = "unset" if gen.service == "sandbox" else "set"
            raise SessionError(
                f"This picture was made at {gen.service}, and the session now speaks to {self.client.service}, which does "
                f"not know it: {verb} {TOKEN_VARIABLE}, restart and open the session again. Nothing was sent."
            )


def opened() -> tuple[Session, ...]:
    """Give the sessions that are open in this process."""
    with _open_lock:
        return tuple(_open.values())


def _checked_cap(cap: float) -> float:
    if not cap > 0:
        raise ValueError(f"A cap is a number of credits above 0, not {cap!r}; leave it out for none.")
    return cap


def _age(gen: Generation) -> tuple[float, str]:
    return gen.created_at, gen.id


def _address(image: str | Generation) -> tuple[str, ImageRef | None]:
    """Give where a picture is, and the edge to it where it is one of ours."""
    if not isinstance(image, Generation):
        return image, None
    if image.image is None:
        raise ValueError(f"{image.id} has no picture (yet): it is {image.status}.")
    if not image.image.url:
        raise ValueError(f"{image.id} was added from a file, and the service has no address for it: upscale it first.")
    return image.image.url, ImageRef(image_id=image.image.id, generation=image.id)

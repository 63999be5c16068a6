"""The live handle: what people hold, await, look at and continue."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mj_widgets.errors import GenerationError, MJError, WaitTimeoutError
from mj_widgets.models import Clip, Failure, Image, ImageRef, ImagineRequest, Marks, Mode, Outcome, Status, VideoRequest
from mj_widgets.session import imaging, lines, loop
from mj_widgets.session.marks import Marked
from mj_widgets.session.mask import Mask, mask_name, mask_of, mask_text
from mj_widgets.session.store import Row

if TYPE_CHECKING:
    import PIL.Image

    from mj_widgets.session.session import Session

log = logging.getLogger(__name__)

Watcher = Callable[["Generation"], None]

REGION = "variation_region"  # never listed by the service, and always possible on a picture of its own

_TILE = re.compile(r"(?:upscale|variation)([1-4])")
_ONE_PICTURE = re.compile(r"(redo_)?upscale")
_ZOOMS = {1.5: "zoom_out_1_5x", 2.0: "zoom_out_2x"}


class Generation(Marked):
    """One generation: its request, what has become of it, and its family. Made by a `Session`; it has started.

    It may be used from any thread: ``await gen`` in a cell, ``gen.result()`` in a script or a callback, or nothing at all.
    Interrupting either stops the waiting only: the picture is paid for, and goes on being followed.

    Attributes
    ----------
    id : str
        Ours, made and stored before anything is sent; sorts by time.
    request : ImagineRequest, EditRequest, VideoRequest or TextRequest
        What was asked.
    session : Session
        Where it is kept.
    created_at : float
        Unix seconds.
    estimate : float or None
        Credits that it costs when it succeeds; None when that is not known.
    service : str
        Which service made it: ``"sandbox"``, or a host. Only that one can continue it.

    Examples
    --------
    >>> gen = session.imagine("a fox in snow --ar 3:2").result()
    >>> gen.status.value, len(gen.tiles)
    ('succeeded', 4)
    >>> gen.upscale(2).result().parent is gen
    True
    """

    def __init__(self, session: Session, row: Row) -> None:
        self.id, self.created_at, self.service, self.request, self._outcome, self.estimate, _, self._marks = row
        self.session = session
        self._preview: bytes | None = None
        self._inherited = ""
        self._cause: BaseException | None = None
        self._lock = threading.Lock()
        self._watchers: list[Watcher] = []
        self._ended: Future[None] = Future()
        if self.status.ended:
            self._ended.set_result(None)

    def __repr__(self) -> str:
        progress = f" {self.progress} %" if self.status is Status.RUNNING and self.progress is not None else ""
        return f"<Generation {self.id} {self.status}{progress} {self.request.action} {self.prompt[:60]!r}>"

    # What is known

    @property
    def outcome(self) -> Outcome:
        """What has become of it, as far as is known."""
        return self._outcome

    @property
    def status(self) -> Status:
        """Pending, running, succeeded, failed, unconfirmed or stopped."""
        return self._outcome.status

    @property
    def progress(self) -> int | None:
        """Per cent; None when the service has not said."""
        return self._outcome.progress

    @property
    def expected(self) -> float | None:
        """Seconds that such a request usually takes in this session; None when it made none like it. See `Session.expected`."""
        return self.session._expected(self.request, without=self)

    @property
    def task_id(self) -> str | None:
        """The service's id of the job; None until it has said."""
        return self._outcome.task_id

    @property
    def error(self) -> Failure | None:
        """Why it failed or stopped, or why its picture was not fetched, and what to do."""
        return self._outcome.error

    @property
    def actions(self) -> tuple[str, ...]:
        """What the service offers to do next."""
        return self._outcome.actions

    @property
    def prompt(self) -> str:
        """The prompt, or the one it inherits where a follow-up has none of its own."""
        last: Generation = self
        gen: Generation | None = self
        while gen is not None:
            if found := gen.request.prompt or gen._inherited:
                self._inherited = found  # it never changes, and thousands may be asked in a row
                return found
            last, gen = gen, gen.parent
        return last.outcome.inherited

    @property
    def image(self) -> Image | None:
        """The finished picture; None before."""
        return self._outcome.image if self.status is Status.SUCCEEDED else None

    @property
    def is_grid(self) -> bool:
        """Whether its picture is a 2x2 grid; before it is there, whether one is expected."""
        if self._outcome.image and self._outcome.image.tile:  # the file of one tile, of a grid that is elsewhere
            return False
        if isinstance(self.request, VideoRequest):  # the first frame of its clips
            return False
        if self.actions:
            return any(_TILE.fullmatch(action) for action in self.actions)
        return not _ONE_PICTURE.match(self.request.action)

    @property
    def tiles(self) -> tuple[Image, ...]:
        """The four pictures of a grid in reading order, or the one of a single; empty before it is finished."""
        image = self.image
        if image is None or not self.is_grid:
            return (image,) if image else ()
        if min(image.width or 0, image.height or 0) < 2:  # noqa: PLR2004 - nothing to cut
            return (image,)
        boxes = imaging.tile_boxes(image.width or 0, image.height or 0)
        return tuple(
            image.model_copy(update={"box": box, "width": box[2] - box[0], "height": box[3] - box[1], "tile": tile})
            for tile, box in enumerate(boxes, 1)
        )

    @property
    def clips(self) -> tuple[Clip, ...]:
        """The video clips, each with its file."""
        return self._outcome.clips

    @property
    def preview(self) -> bytes | None:
        """The latest preview, an encoded picture of at most 100 kB, while it is being drawn."""
        return self._preview

    @property
    def parent(self) -> Generation | None:
        """The generation whose picture it started from."""
        source = self.request.source
        return self.session._find(source.generation) if source and source.generation else None

    @property
    def children(self) -> tuple[Generation, ...]:
        """Those that started from its pictures, oldest first."""
        return self.session._children(self.id)

    @property
    def code(self) -> str:
        """The line of Python that made it."""
        return lines.code(self)

    @property
    def mask(self) -> Mask | None:
        """The mask that it was asked with; None where there was none.

        Raises
        ------
        SessionError
            Its file is gone.
        """
        return mask_of(self.request.mask) if self.request.mask else None

    @property
    def mask_name(self) -> str:
        """The name of its mask, also where its file is gone; empty where there was none."""
        return mask_name(self.request.mask) if self.request.mask else ""

    def thumbnail(self, tile: int = 0, side: int = imaging.THUMBNAIL) -> bytes:
        """Give a small rendition of the finished picture, or of one tile.

        Parameters
        ----------
        tile : int
            0 for the whole, 1 to 4 for a tile of a grid.
        side : int
            Pixels of the longer side. Those of 256 are kept in the store, at most 16 kB each.

        Returns
        -------
        bytes
            WebP.

        Raises
        ------
        ValueError
            There is no picture (yet), or no such tile.

        Examples
        --------
        >>> grid = session.imagine("a fox").result()
        >>> len(grid.thumbnail(tile=2)) <= 16 * 1024
        True
        """
        return self.session._thumbnail(self, tile, side)

    def save(self, path: str | Path, *, tile: int = 0, overwrite: bool = False) -> Path:
        """Save the picture as a file that explains itself: prompt, parameters, ids, parent and what it is are in it.

        Other programs read the prompt, and that it was made by a trained algorithm (XMP, after IPTC); `Session.add` reads all
        of it back. The pixels are those of the stored picture. Neither token nor account nor any path of this machine is in it.

        Parameters
        ----------
        path : path
            Ends in ``.png`` or ``.webp``. Its folder is made where it is not there.
        tile : int
            0 for the whole, 1 to 4 for a tile of a grid.
        overwrite : bool
            Whether a file that is there already may be replaced.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        ValueError
            There is no picture (yet), no such tile, or a file already, or the suffix is another.

        Examples
        --------
        >>> grid = session.imagine("a fox").result()
        >>> grid.save(folder / "fox.webp", tile=2).name
        'fox.webp'
        """
        from mj_widgets.session import saving

        return saving.save(self, path, tile=tile, overwrite=overwrite)

    # Waiting

    def __await__(self) -> Generator[Any, None, Generation]:
        return self._wait().__await__()

    def result(self, timeout: float | None = None) -> Generation:
        """Wait, in plain code, until it is finished.

        Parameters
        ----------
        timeout : float, optional
            Seconds; None waits as long as it takes.

        Returns
        -------
        Generation
            Itself, finished.

        Raises
        ------
        GenerationError
            It failed, or nobody knows what has become of it.
        WaitTimeoutError
            It took longer than `timeout`, or it was stopped; it may still finish.

        Examples
        --------
        >>> session.imagine("a fox").result(timeout=60).status.value
        'succeeded'
        """
        try:
            loop.wait(self._ended, timeout)
        except TimeoutError:
            raise WaitTimeoutError(
                f"{self.id} has not finished in {timeout:g} s. It goes on; call result() again to wait for more."
            ) from None
        return self._checked()

    async def updates(self) -> AsyncGenerator[Outcome]:
        """Yield what is known now, then each outcome as it comes, to the end; of a burst, the latest.

        Examples
        --------
        >>> from mj_widgets import run
        >>> async def statuses(gen):
        ...     return [outcome.status.value async for outcome in gen.updates()]
        >>> run(statuses(session.imagine("a fox")))[-1]
        'succeeded'
        """
        changed: Future[None] = Future()
        lock = threading.Lock()

        def note(_: Generation) -> None:
            with lock:
                if not changed.done():
                    changed.set_result(None)

        unwatch = self.watch(note)
        try:
            while True:
                with lock:
                    changed = Future()
                outcome = self._outcome
                yield outcome
                if outcome.status.ended:
                    return
                if self._outcome is outcome:
                    await loop.wait_async(changed)
        finally:
            unwatch()

    def watch(self, callback: Watcher) -> Callable[[], None]:
        """Call `callback(generation)` after each stored change, on the background thread.

        Returns
        -------
        callable
            Call it to end that.

        Examples
        --------
        >>> seen = []
        >>> gen = session.imagine("a fox")
        >>> unwatch = gen.watch(lambda gen: seen.append(gen.status))
        >>> gen.result().status.value
        'succeeded'
        >>> unwatch()
        """
        with self._lock:
            self._watchers.append(callback)

        def unwatch() -> None:
            with self._lock, suppress(ValueError):
                self._watchers.remove(callback)

        return unwatch

    def stop(self) -> None:
        """Stop following it. The service has no cancel: once sent, it may still finish and be charged.

        Examples
        --------
        >>> gen = session.imagine("a fox sandbox:stuck")
        >>> gen.stop()
        >>> gen.status.value
        'stopped'
        """
        self.session._stop(self)

    def resume(self) -> Generation:
        """Follow it again, look for it if it is unconfirmed, fetch its picture again, or send it if it never was.

        Raises
        ------
        ValueError
            There is nothing to follow: it failed.

        Examples
        --------
        >>> gen = session.imagine("a fox")
        >>> gen.stop()
        >>> gen.resume().result().status.value
        'succeeded'
        """
        self.session._resume(self)
        return self

    # Continuing

    def act(
        self,
        action: str,
        *,
        prompt: str | None = None,
        mode: Mode | None = None,
        mask: Any = None,
        resize_mask: bool = False,
    ) -> Generation:
        """Do what the service offers to do next with this picture.

        Parameters
        ----------
        action : str
            One of `actions`, or ``"variation_region"``.
        prompt : str, optional
            Other words for the result; None keeps the old ones.
        mode : {"fast", "relax", "turbo"}, optional
            None takes that of this generation.
        mask : Mask, path, bytes, PIL image or 2-D array, optional
            For ``"variation_region"``; of the picture's size, white is repainted. White all over repaints everything.
        resize_mask : bool
            Make a mask of another size fit.

        Returns
        -------
        Generation
            The child; it has started.

        Raises
        ------
        ValueError
            It is not finished, or the action is not offered; nothing was sent.
        SessionError
            The session is closed, or speaks to another service than the one that made this picture.

        Examples
        --------
        >>> grid = session.imagine("a red boat").result()
        >>> grid.act("upscale3").result().is_grid
        False
        """
        return self.session.submit(self._follow_up(action, prompt, mode, mask, resize_mask))

    def _follow_up(
        self, action: str, prompt: str | None = None, mode: Mode | None = None, mask: Any = None, resize_mask: bool = False
    ) -> ImagineRequest:
        """Make the request of `act`."""
        image = self.image
        if image is None:
            raise ValueError(f"{self.id} has no picture to continue ({self.status}); wait for it: await gen")
        if self.actions and action not in self.actions and action != REGION:
            raise ValueError(f"The service does not offer {action!r} here. It offers: {', '.join(self.actions)}.")
        if action == REGION and mask is None:
            raise ValueError("variation_region needs a mask: gen.vary_region(mask), white is repainted.")
        if action == REGION and image.tile:
            raise ValueError(f"This is tile {image.tile} of a grid, and a mask is for a whole: upscale({image.tile}) it first.")
        tile = _TILE.fullmatch(action)
        return ImagineRequest(
            prompt=prompt or "",
            action=action,
            mode=mode or self.request.mode,
            source=ImageRef(image_id=image.id, generation=self.id, tile=int(tile[1]) if tile else None),
            mask=None if mask is None else mask_text(mask, image.pil().size, resize=resize_mask),
        )

    def upscale(self, which: int | str, **options: Any) -> Generation:
        """Take one tile of a grid (1 to 4), or enlarge a single picture (``"subtle"``, ``"creative"``, ``"2x"``, ``"4x"``).

        Examples
        --------
        >>> grid = session.imagine("a fox").result()
        >>> grid.upscale(2).result().upscale("subtle").result().request.action
        'upscale_subtle'
        """
        if isinstance(which, str) and f"upscale_{which}" not in self.actions and f"redo_upscale_{which}" in self.actions:
            return self.act(f"redo_upscale_{which}", **options)
        return self.act(_numbered("upscale", which), **options)

    def vary(self, which: int | str, **options: Any) -> Generation:
        """Make a new grid from one tile (1 to 4), or from a single picture (``"subtle"``, ``"strong"``).

        Examples
        --------
        >>> grid = session.imagine("a fox").result()
        >>> grid.vary(3, prompt="a wolf").result().prompt
        'a wolf'
        """
        return self.act(_numbered("variation", which), **options)

    def vary_region(
        self, mask: Mask | str | Path | bytes | PIL.Image.Image | Any, prompt: str | None = None, **options: Any
    ) -> Generation:
        """Repaint a region: `mask` is a `Mask`, or whatever `Mask.of` takes, of the picture's size; white is repainted.

        The other options are those of `act`; ``resize_mask=True`` makes a mask of another size fit.

        Examples
        --------
        >>> import numpy as np
        >>> single = session.imagine("a fox").result().upscale(1).result()
        >>> mask = np.zeros((single.image.height, single.image.width), dtype=bool)
        >>> mask[:200] = True  # the sky
        >>> single.vary_region(mask, prompt="a storm").result().is_grid
        True
        """
        return self.act(REGION, prompt=prompt, mask=mask, **options)

    def reroll(self, **options: Any) -> Generation:
        """Make another grid from the same prompt.

        Examples
        --------
        >>> session.imagine("a fox").result().reroll().result().is_grid
        True
        """
        return self.act("reroll", **options)

    def zoom_out(self, factor: float = 2.0, **options: Any) -> Generation:
        """Draw more around a single picture: `factor` is 1.5 or 2.

        Examples
        --------
        >>> single = session.imagine("a fox").result().upscale(1).result()
        >>> single.zoom_out(1.5).result().request.action
        'zoom_out_1_5x'
        """
        if factor not in _ZOOMS:
            raise ValueError(f"The factor to zoom out by is 1.5 or 2, not {factor!r}.")
        return self.act(_ZOOMS[factor], **options)

    def extend(self, clip: int = 1, prompt: str = "", **parameters: Any) -> Generation:
        """Make one of its four clips (1 to 4) longer; the other fields are those of `VideoRequest`.

        Examples
        --------
        >>> film = session.animate("https://a.example/1.png", "it turns its head").result()
        >>> film.extend(2, "it runs away").result().parent is film
        True
        """
        if not self.outcome.video_id:
            raise ValueError(f"{self.id} is no video: session.animate(gen, prompt) makes one.")
        if clip not in range(1, 5):
            raise ValueError(f"There are the clips 1 to 4, not {clip!r}.")
        source = ImageRef(image_id=self.outcome.video_id, generation=self.id, tile=clip)
        return self.session.submit(
            VideoRequest(
                action="extend",
                prompt=prompt,
                video_id=self.outcome.video_id,
                video_index=clip - 1,
                source=source,
                **parameters,
            )
        )

    def pan(self, direction: str, **options: Any) -> Generation:
        """Extend a single picture ``"left"``, ``"right"``, ``"up"`` or ``"down"``.

        Examples
        --------
        >>> single = session.imagine("a fox").result().upscale(1).result()
        >>> single.pan("left").result().request.action
        'pan_left'
        """
        if direction not in ("left", "right", "up", "down"):
            raise ValueError(f"The direction to pan is left, right, up or down, not {direction!r}.")
        return self.act(f"pan_{direction}", **options)

    # For the session, on its loop

    def _show(self, outcome: Outcome) -> None:
        """Take what was just stored, and tell who watches."""
        self._outcome = outcome
        if outcome.status.ended:
            self._preview = None
        elif self._ended.done():
            self._ended = Future()
        self._tell()
        if outcome.status.ended:  # last: who waits may end the process, and with it the views
            self._end(None)

    def _show_marks(self, marks: Marks) -> None:
        self._marks = marks
        self._tell()

    def _show_preview(self, content: bytes) -> None:
        self._preview = content
        self._tell()

    def _end(self, error: MJError | None) -> None:
        if not self._ended.done():
            self._ended.set_exception(error) if error else self._ended.set_result(None)

    def _tell(self) -> None:
        if loop.is_ending():
            return
        with self._lock:
            watchers = [*self._watchers]
        for watcher in (*watchers, *self.session._watchers_of(self)):
            try:
                watcher(self)
            except Exception:
                log.exception("A view of generation %s broke; the generation goes on.", self.id)

    async def _wait(self) -> Generation:
        await loop.wait_async(self._ended)
        return self._checked()

    def _checked(self) -> Generation:
        if self.status is Status.SUCCEEDED:
            return self
        words = str(self.error or f"The generation is {self.status}.")
        if self.status is Status.STOPPED:
            raise WaitTimeoutError(words)
        raise GenerationError(words, generation=self) from self._cause


def _numbered(verb: str, which: int | str) -> str:
    if isinstance(which, str):
        return f"{verb}_{which}"
    if which not in (1, 2, 3, 4):
        raise ValueError(f"A grid has the tiles 1 to 4, not {which!r}.")
    return f"{verb}{which}"


def new_id(now: Callable[[], float] = time.time) -> str:
    """Make an id that sorts by time: milliseconds, then chance."""
    import secrets

    return f"{int(now() * 1000):012x}{secrets.token_hex(4)}"

"""What things are: frozen values that hold no client and do no requests."""

from __future__ import annotations

import builtins
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from mj_widgets.errors import sentences

if TYPE_CHECKING:
    import PIL.Image

Mode = Literal["fast", "relax", "turbo"]
Box = tuple[int, int, int, int]

_DISPLAY_SIDE = 768  # pixels; a picture that ends a cell is shown at most this large


class Value(BaseModel):
    """A frozen value; a field it does not know is an error that names it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Status(StrEnum):
    """What has become of a generation."""

    PENDING = "pending"  #: kept here, not yet sent
    RUNNING = "running"  #: sent
    SUCCEEDED = "succeeded"  #: finished, with a picture
    FAILED = "failed"  #: refused or broken; it costs nothing
    UNCONFIRMED = "unconfirmed"  #: sent, no answer: it may have been charged
    STOPPED = "stopped"  #: no longer followed by us; it may still finish and be charged

    @property
    def ended(self) -> bool:
        """Whether nothing more will come by itself."""
        return self not in (Status.PENDING, Status.RUNNING)


class Image(Value):
    """A picture: where it came from, how large it is, and the file that holds it."""

    id: str = ""
    """The service's id, a decimal number of 19 digits kept as text; empty when it gave none."""
    url: str = ""
    """The full-size picture, byte for byte as the service wrote it."""
    thumb_url: str = ""
    """A smaller rendition; the only one while it is being drawn."""
    width: int | None = None
    """Pixels."""
    height: int | None = None
    """Pixels."""
    path: Path | None = None
    """The file; None until it was fetched. A tile shares the file of its grid, and `box` says where."""
    box: Box | None = None
    """The part of the file that is meant: left, upper, right, lower, in pixels; None for all of it."""
    tile: int | None = Field(default=None, ge=1, le=4)
    """Which tile of the grid `id` it is; None for the whole."""

    def pil(self) -> PIL.Image.Image:
        """Open the picture, as a ``PIL.Image.Image`` of ``width`` x ``height`` pixels.

        Raises
        ------
        ValueError
            The file was never fetched.

        Examples
        --------
        >>> gen = session.imagine("a fox").result()
        >>> gen.image.pil().size == (gen.image.width, gen.image.height)
        True
        """
        import PIL.Image

        with PIL.Image.open(BytesIO(self._file())) as picture:
            picture.load()
            return picture.crop(self.box) if self.box else picture.copy()

    def bytes(self) -> builtins.bytes:
        r"""Read the file; a tile is cut out and encoded as PNG.

        Raises
        ------
        ValueError
            The file was never fetched.

        Examples
        --------
        >>> session.imagine("a fox").result().tiles[0].bytes()[:4]
        b'\x89PNG'
        """
        if self.box is None:
            return self._file()
        buffer = BytesIO()
        self.pil().save(buffer, "PNG")
        return buffer.getvalue()

    def _file(self) -> builtins.bytes:
        if self.path is None:
            where = f" It is at {self.url}" if self.url else ""
            raise ValueError(f"This picture was not fetched.{where}")
        return self.path.read_bytes()

    def _repr_jpeg_(self) -> builtins.bytes | None:
        """Draw the picture small where it ends a cell, so that the notebook stays small."""
        if self.path is None:
            return None
        picture = self.pil().convert("RGB")
        picture.thumbnail((_DISPLAY_SIDE, _DISPLAY_SIDE))
        buffer = BytesIO()
        picture.save(buffer, "JPEG", quality=85)
        return buffer.getvalue()


class ImageRef(Value):
    """The picture that a follow-up action starts from: an edge of the lineage."""

    image_id: str
    """The service's id of the picture."""
    generation: str | None = None
    """Our id of the generation that made it, where it is known."""
    tile: int | None = Field(default=None, ge=1, le=4)
    """The tile of a grid, 1 to 4 in reading order; None for the whole."""


class Failure(Value):
    """Why it failed, in the service's words, and what to do about it."""

    message: str
    code: str | None = None
    """The service's code: an open vocabulary."""
    hint: str = ""
    status_code: int | None = None
    trace_id: str | None = None
    """The id to quote to the service's support."""

    def __str__(self) -> str:
        return sentences(self.message, self.hint)


def _stripped(text: str) -> str:
    return text.strip()


def whole(text: str) -> bool:
    """Tell whether a text can be sent and stored: half of a character, as of an emoji that was cut, cannot."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


class Asked(Value):
    """What every request that makes a picture has in common."""

    endpoint: ClassVar[str]

    prompt: Annotated[str, AfterValidator(_stripped)] = ""
    """Words and parameters; may be empty for a follow-up action."""
    action: str = Field(default="generate", min_length=1)
    """``generate``, or what the service offered; never an enum, because it invents new ones."""
    mode: Mode = "fast"
    source: ImageRef | None = None
    """The picture that it starts from: the edge of the lineage."""
    mask: str | None = Field(default=None, repr=False)
    """A base64 PNG or JPEG of the source's size; white is repainted."""
    split_images: bool = False
    """Ask for the four tiles as files of their own."""
    callback_url: str | None = None
    """Let the service post the result there as well; it then answers with the task id alone."""

    @field_validator("*", mode="before")
    @classmethod
    def _whole(cls, value: object) -> object:
        if isinstance(value, str) and not whole(value):
            place = next(number for number, character in enumerate(value) if not whole(character))
            raise ValueError(
                f"character {place + 1} is half of one, such as of an emoji that was cut, and cannot be sent: take it out"
            )
        return value


class ImagineRequest(Asked):
    """A picture from words, or what follows from one.

    Examples
    --------
    >>> ImagineRequest(prompt="a fox in snow --ar 3:2").mode
    'fast'
    """

    endpoint: ClassVar[str] = "imagine"

    version: str | None = None
    """A model version such as ``"8.2"``; None leaves it to the prompt and the service."""
    quality: str | None = None
    hd: bool = False
    style_reference: bool = False
    moodboard: bool = False
    translation: bool = False
    """Let the service translate the prompt."""
    timeout: float | None = Field(default=None, gt=0)
    """Seconds that the service may wait for the picture; None leaves its own 480 s."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.action == "generate" and not self.prompt:
            raise ValueError("the prompt is empty: say what to draw")
        if self.action != "generate" and self.source is None:
            raise ValueError(f"the action {self.action!r} needs a source: an ImageRef of the picture to start from")
        return self


class EditRequest(Asked):
    """A change to any picture that has an address."""

    endpoint: ClassVar[str] = "edits"

    prompt: Annotated[str, AfterValidator(_stripped)] = Field(min_length=1)
    image_url: str = Field(pattern="^https?://")
    """The picture itself, not a page that shows it."""


class VideoRequest(Asked):
    """Clips from a picture, or longer ones from clips."""

    endpoint: ClassVar[str] = "videos"

    mode: Literal["fast", "turbo"] = "fast"
    image_url: str | None = Field(default=None, pattern="^https?://")
    """The first frame; there are no videos from words alone."""
    end_image_url: str | None = Field(default=None, pattern="^https?://")
    """The last frame."""
    video_id: str | None = None
    """The clips to extend."""
    video_index: int = Field(default=0, ge=0, le=3)
    """Which of the four."""
    resolution: Literal["480p", "720p"] | None = None
    loop: bool = False

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.action == "generate" and not self.image_url:
            raise ValueError("a video starts from a picture: give image_url")
        if self.action == "extend" and not self.video_id:
            raise ValueError("to extend a video give its video_id")
        return self


class TextRequest(Asked):
    """A question whose answer is text. It is paid for like a picture."""

    endpoint: ClassVar[str] = "text"

    action: Literal["describe", "shorten", "translate", "seed"]
    content: Annotated[str, AfterValidator(_stripped)] = Field(min_length=1)
    """An image's address, a prompt, a text, or an image's id."""


AnyRequest = ImagineRequest | EditRequest | VideoRequest | TextRequest


class Clip(Value):
    """A video clip."""

    url: str
    path: Path | None = None
    """The file; None until it was fetched."""


class Outcome(Value):
    """What has become of a generation, as far as is known."""

    status: Status = Status.PENDING
    progress: int | None = Field(default=None, ge=0, le=100)
    """Per cent; None when the service has not said."""
    task_id: str | None = None
    image: Image | None = None
    """The picture; while running, a preview whose URL dies when it ends."""
    actions: tuple[str, ...] = ()
    """What the service offers to do next, in its order."""
    parts: tuple[Image, ...] = ()
    """The tiles as files of their own, where they were asked for."""
    clips: tuple[Clip, ...] = ()
    video_id: str | None = None
    texts: tuple[str, ...] = ()
    """The answer to a `TextRequest`."""
    error: Failure | None = None
    candidates: tuple[str, ...] = ()
    """Task ids that an unconfirmed generation may have, where there are several."""
    cost: float | None = None
    """Credits, where the service says so; it rarely does."""
    trace_id: str | None = None
    sent_at: float | None = None
    """Unix seconds by our clock; None when it was never sent."""
    created_at: float | None = None
    """Unix seconds by the service's clock, as are the next two."""
    started_at: float | None = None
    finished_at: float | None = None
    """Where the service did not say: when we heard of it, by our clock."""
    ended_at: float | None = None
    """Unix seconds by our clock, when we heard that it had ended."""
    inherited: str = ""
    """Of one that was added from a file: the prompt that it took over, for when its parent is not here."""
    raw: dict[str, Any] = Field(default_factory=dict, repr=False)
    """The service's own words, without personal fields."""


class Marks(Value):
    """What a person thinks of a generation. `Generation.rate`, ``favourite``, ``tag``, ``note`` and ``delete`` make it.

    Examples
    --------
    >>> gen = session.imagine("a fox").result()
    >>> gen.rate(4, tile=2)
    >>> gen.marks
    Marks(ratings={2: 4}, favourites=(), tags=(), note='', deleted_at=None)
    """

    ratings: dict[int, int] = Field(default_factory=dict)
    """By tile, 0 for the whole: one to five stars."""
    favourites: tuple[int, ...] = ()
    """Tiles, sorted; 0 is the whole."""
    tags: tuple[str, ...] = ()
    """As they were typed; no two differ in capitals alone."""
    note: str = ""
    deleted_at: float | None = None
    """Unix seconds; None while it is not deleted."""


class Record(Value):
    """What the service remembers of a task."""

    id: str
    type: str | None = None
    request: dict[str, Any] = Field(default_factory=dict, repr=False)
    """The body that was sent, with additions of the service's own."""
    outcome: Outcome
    doubtful: bool = False
    """A failure that the service may still take back: believe it when it is said twice."""

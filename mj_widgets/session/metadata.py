"""What a picture's file says about how it was made, and how it becomes a generation again.

The file is written by `mj_widgets.session.saving`, and holds it as `mj_widgets.session.xmp` says. What is read may come from
anybody: it is checked as a whole before anything is kept.
"""

from __future__ import annotations

import json
import threading
import time
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import ConfigDict, Field, ValidationError

from mj_widgets.api.client import MAX_DOWNLOAD
from mj_widgets.errors import ResponseError
from mj_widgets.models import (
    AnyRequest,
    EditRequest,
    Image,
    ImageRef,
    ImagineRequest,
    Marks,
    Outcome,
    Status,
    Value,
    VideoRequest,
)
from mj_widgets.prompt.parse import parse
from mj_widgets.session import imaging, loop, pictures, saving, xmp
from mj_widgets.session.generation import Generation, new_id
from mj_widgets.session.marks import NOTE_LIMIT, STARS, TAG_LIMIT, TAGS_LIMIT
from mj_widgets.session.mask import is_kept, mask_name
from mj_widgets.session.store import Row

if TYPE_CHECKING:
    from mj_widgets.session.session import Session

FORMAT = 1  # goes up when an older reader would misunderstand what is written

_REQUESTS: dict[str, type[AnyRequest]] = {cls.endpoint: cls for cls in (ImagineRequest, EditRequest, VideoRequest)}
_PRIVATE = {"mask", "callback_url"}  # a mask is named by what is in it; an address to call back may hold a secret

_adding = threading.Lock()  # one at a time, so that a file that is added twice at once is added once

_Id = Annotated[str, Field(pattern=r"^[0-9a-f]{20}$")]
_Name = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
_Tile = Annotated[int, Field(ge=1, le=4)]
_Part = Annotated[int, Field(ge=0, le=4)]
_Stars = Annotated[int, Field(ge=STARS[0], le=STARS[-1])]
_Tag = Annotated[str, Field(max_length=TAG_LIMIT, pattern=r"^\S([^\n\r]*\S)?$")]
_Seconds = Annotated[float, Field(ge=0, lt=1e11, allow_inf_nan=False)]


class _Source(Value):
    image_id: _Name
    generation: _Name | None = None
    tile: _Tile | None = None


class _Marks(Value):
    ratings: dict[_Part, _Stars] = Field(default_factory=dict)
    favourites: frozenset[_Part] = frozenset()
    tags: Annotated[tuple[_Tag, ...], Field(max_length=TAGS_LIMIT)] = ()
    note: str = Field(default="", max_length=NOTE_LIMIT)

    def value(self) -> Marks:
        each = {tag.casefold(): tag for tag in reversed(self.tags)}
        tags = tuple(tag for tag in self.tags if each[tag.casefold()] == tag)
        return Marks(ratings=self.ratings, favourites=tuple(sorted(self.favourites)), tags=tags, note=self.note)


class _Record(Value):
    """What a file says about its picture. What is there for other readers alone is not named here."""

    model_config = ConfigDict(extra="ignore")

    id: _Id
    service: Annotated[_Name, Field(min_length=1)]
    endpoint: Literal["imagine", "edits", "videos"]
    request: dict[str, Any]
    mask: str | None = None
    source: _Source | None = None
    prompt: str
    task_id: _Name | None = None
    image_id: _Name = ""
    url: str = Field(default="", max_length=4000, pattern=r"^(https?://.*)?$")
    tile: _Tile | None = None
    actions: Annotated[tuple[_Name, ...], Field(max_length=200)] = ()
    video_id: _Name | None = None
    made_at: _Seconds
    created_at: _Seconds | None = None
    started_at: _Seconds | None = None
    finished_at: _Seconds | None = None
    marks: _Marks = _Marks()

    def asked(self, mask: str | None) -> AnyRequest:
        """Make the request that it tells of."""
        fields = {name: value for name, value in self.request.items() if name not in _PRIVATE}
        source = self.source and ImageRef(**self.source.model_dump())
        return _REQUESTS[self.endpoint].model_validate(fields | {"source": source, "mask": mask})


def packet(gen: Generation, image: Image) -> bytes:
    """Write all that is known about a generation's picture, or a tile of it, as XMP."""
    words = xmp.Words(
        prompt=gen.prompt,
        system="the sandbox of mj_widgets, which simulates Midjourney" if gen.service == "sandbox" else "Midjourney",
        tool=tool(),
        created_at=gen.created_at,
        tags=gen.tags,
        rating=gen.rating,
    )
    return xmp.packet(words, _record(gen, image))


@cache
def tool() -> str:
    """Name what writes: ours, and its version."""
    return f"mj_widgets {version('mj_widgets')}"


def _record(gen: Generation, image: Image) -> dict[str, Any]:
    """Say all that is needed to go on with it elsewhere. No path, token or account is in it."""
    request, outcome, source = gen.request, gen.outcome, gen.request.source
    bought = outcome.sent_at is not None  # from here; one that was added was paid for elsewhere
    record = {
        "format": FORMAT,
        "id": gen.id,
        "service": gen.service,
        "task_id": gen.task_id,
        "image_id": image.id,
        "tile": image.tile,
        "url": image.url if image.tile is None and image.url.startswith("http") else None,
        "width": image.width,
        "height": image.height,
        "endpoint": request.endpoint,
        "request": request.model_dump(mode="json", exclude_defaults=True, exclude={*_PRIVATE, "source"}),
        "mask": request.mask and mask_name(request.mask),
        "source": source and source.model_dump(exclude_none=True),
        "parent": source and {"id": source.generation, "action": request.action, "tile": source.tile},
        "prompt": gen.prompt,
        "parameters": {parameter.name: parameter.value for parameter in parse(gen.prompt).parameters},
        "actions": outcome.actions,
        "video_id": outcome.video_id,
        "made_at": gen.created_at,
        "created_at": outcome.created_at,
        "started_at": outcome.started_at,
        "finished_at": outcome.finished_at,
        "estimate": gen.estimate if bought else None,
        "cost": outcome.cost,
        "marks": _marks(gen, image),
    }
    return {name: value for name, value in record.items() if value not in (None, [], {}, ())}


def _marks(gen: Generation, image: Image) -> dict[str, Any]:
    """Say what a person thinks of the picture in the file; of one tile, what was said of that."""
    marks, alone = gen.marks, image.box is not None
    here = {0: image.tile} if alone else {tile: tile for tile in range(5)}
    told = {
        "ratings": {tile: marks.ratings[there] for tile, there in here.items() if there in marks.ratings},
        "favourites": [tile for tile, there in here.items() if there in marks.favourites],
        "tags": marks.tags,
        "note": marks.note,
    }
    return {name: value for name, value in told.items() if value}


def add(session: Session, path: str | Path) -> Generation:
    """Read a file that was saved with its metadata back into a generation: see `Session.add`."""
    path = Path(path).expanduser()
    content, kind, record = _read(path)
    with _adding:
        gen = _known(session, record)
        if gen is not None:
            _bring_back(gen, content, kind)
            return gen
        _refuse_circle(session, record, path)
        row = _row(session, record)
        outcome = _with_file(session._handle(row), content, kind)
        row = row._replace(outcome=outcome)
        session._store.add(row)
        gen = session._handle(row)
        session._keep(gen)
    loop.call(gen._tell)
    return gen


def _bring_back(gen: Generation, content: bytes, kind: str) -> None:
    """Leave what the session has as it is, but for what it lacks: the file, or being in sight."""
    if gen.image and gen.image.path is None:
        outcome = _with_file(gen, content, kind)
        gen.session._store.save(gen.id, outcome)
        loop.call(partial(gen._show, outcome))
    if gen.is_deleted:
        gen.restore()


def _with_file(gen: Generation, content: bytes, kind: str) -> Outcome:
    assert gen.image  # noqa: S101 - what is added, or brought back, has succeeded
    image = pictures.keep(gen.session._store, content, kind, gen.image, gen.is_grid)
    return gen.outcome.model_copy(update={"image": image, "error": None})


def _read(path: Path) -> tuple[bytes, str, _Record]:
    if not path.is_file():
        raise ValueError(f"There is no file {path}.")
    with path.open("rb") as file:
        content = file.read(MAX_DOWNLOAD + 1)
    if len(content) > MAX_DOWNLOAD:
        raise ValueError(f"{path} is larger than the {MAX_DOWNLOAD // 2**20} MB that a picture may have. Nothing was kept.")
    try:
        kind = imaging.open_picture(content).format or "no picture"
        if kind not in saving.KINDS.values():
            raise ValueError(f"it is {kind}, and only PNG and WebP are read")
        written = xmp.packet_of(content)
        told = xmp.read_record(written) if written else None
        record = None if told is None else _understood(told)
    except (ResponseError, ValueError) as error:
        raise ValueError(f"{path} cannot be added: {_said(error)}. Nothing was kept.") from error
    if record is None:
        raise ValueError(
            f"{path} carries no metadata of mj_widgets, so nobody knows how it was made or what can be done with it (other "
            "programs drop them when they save). What works with any picture that has an address: "
            "session.edit(url, prompt), session.animate(url, prompt) and session.describe(url)."
        )
    return content, kind.lower(), record


def _understood(told: object) -> _Record:
    if not isinstance(told, dict) or not isinstance(told.get("format"), int):
        raise ValueError("its metadata are not such as mj_widgets writes")
    if told["format"] > FORMAT:
        raise ValueError("it was saved by a newer mj_widgets; upgrade: python -m pip install -U mj_widgets")
    try:
        json.dumps(told, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:  # it could be kept, and never be read again
        raise ValueError("its metadata are damaged: there is half a character in a text") from error
    record = _Record.model_validate(told)
    record.asked(None)
    return record


def _said(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        return f"its metadata are damaged: {f'{where}: ' if where else ''}{first['msg']}"
    return str(error).rstrip(".")


def _known(session: Session, record: _Record) -> Generation | None:
    """Find what the session has of it already: the generation itself, or the same tile as it was added before."""
    if record.tile is None:
        return session._find(record.id)
    tile = record.service, record.image_id, record.tile
    alone = (gen for gen in session._all() if gen.outcome.image and gen.outcome.image.tile)
    return next((gen for gen in alone if gen.image and (gen.service, gen.image.id, gen.image.tile) == tile), None)


def _refuse_circle(session: Session, record: _Record, path: Path) -> None:
    """Let nobody be their own ancestor: whoever walks the lineage would never arrive."""
    above: str | None = record.source.generation if record.source else None
    while above:
        if above == record.id:
            raise ValueError(f"{path} cannot be added: its parent comes from itself. Nothing was kept.")
        gen = session._find(above)
        above = gen.request.source.generation if gen and gen.request.source else None


def _row(session: Session, record: _Record) -> Row:
    made_at = min(record.made_at, time.time())
    actions = record.actions
    if record.tile:  # the service knows the grid, and what it offers there for other tiles is nothing for this file
        actions = tuple(action for action in actions if action in (f"upscale{record.tile}", f"variation{record.tile}"))
    outcome = Outcome(
        status=Status.SUCCEEDED,
        progress=100,
        task_id=record.task_id,
        image=Image(id=record.image_id, url="" if record.tile else record.url, tile=record.tile),
        actions=actions,
        video_id=None if record.tile else record.video_id,
        created_at=record.created_at,
        started_at=record.started_at,
        finished_at=record.finished_at,
        inherited=record.prompt,
    )
    request = record.asked(_mask(session, record.mask))
    id_ = new_id(lambda: made_at) if record.tile else record.id
    return Row(id_, made_at, record.service, request, outcome, estimate=0.0, marks=record.marks.value())


def _mask(session: Session, name: str | None) -> str | None:
    """Find a mask that was named, if the session has it."""
    masks = (gen.request.mask for gen in session._all())
    return next((mask for mask in masks if name and mask and mask_name(mask) == name and not is_kept(mask)), None)

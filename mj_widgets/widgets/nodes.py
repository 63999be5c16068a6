"""What is told of a node of the lineage: a byte for each, a few words and a thumbnail in sight, all about the selected one."""

from __future__ import annotations

import logging
import sys
import time
from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mj_widgets.models import Status
from mj_widgets.session.layout import Place
from mj_widgets.widgets import edges
from mj_widgets.widgets.grid import note, shown_prompt

if TYPE_CHECKING:
    from mj_widgets.session.generation import Generation

log = logging.getLogger(__name__)

PATIENCE = 0.15  # seconds that making thumbnails may take; the view asks for the rest again

NONE = -1  # in place of a node, or of a column and a row
_NOBODY, _GONE = -1, -2  # in place of a parent: it is a root, or it is no longer in the graph
_STATUSES = (*Status, "deleted")
_LIKED, _PICTURE, _STARS = 3, 4, 5  # bits of a byte; the lower three are the status
_PROMPT = 160  # characters of a node
_WAY = 24  # pictures on the film strip


def pack(
    nodes: Sequence[Generation], parents: Mapping[Generation, Generation | None], places: Mapping[Generation, Place]
) -> bytes:
    """Give three columns of 32 bits a node, little end first: its parent, its column, its row.

    Parameters
    ----------
    nodes : sequence of Generation
        All that ever had a number, which is its place here.
    parents : mapping
        The parent of each that is in the graph.
    places : mapping
        The place of each that is shown.
    """
    numbers = {gen: number for number, gen in enumerate(nodes)}
    packed = array("i")
    for gen in nodes:
        parent = parents.get(gen)
        packed.append(_GONE if gen not in parents else _NOBODY if parent is None else numbers[parent])
    for axis in (0, 1):
        packed.extend(places[gen][axis] if gen in places else NONE for gen in nodes)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def byte(gen: Generation) -> int:
    """Pack what has become of a generation, and what a person thinks of it."""
    image = gen.image
    found = _STATUSES.index("deleted" if gen.is_deleted else gen.status)
    found |= gen.is_favourite << _LIKED | (image is not None and image.path is not None) << _PICTURE
    return found | (gen.rating or 0) << _STARS


def label(gen: Generation) -> dict[str, Any]:
    """Say what stands at a node and on the edge to it."""
    return {
        "id": gen.id,
        "step": edges.name(gen),
        "prompt": _cut(gen.prompt),
        "diff": [*filter(None, (edges.mask(gen), *edges.differences(gen)))],
        "note": _cut(note(gen)),
    }


def thumbnails(gens: Sequence[Generation]) -> list[bytes]:
    """Give as many as there is time for, the first ones; no bytes for one that there is not."""
    given: list[bytes] = []
    until = time.monotonic() + PATIENCE
    for gen in gens:
        if given and time.monotonic() > until:
            break
        try:
            given.append(gen.thumbnail())
        except Exception:  # the view asks again when its status changes
            log.debug("The thumbnail of %s could not be given", gen.id, exc_info=True)
            given.append(b"")
    return given


def about(gen: Generation, number: Callable[[Generation], int]) -> dict[str, Any]:
    """Say all that stands below the graph of the selected one."""
    session = gen.session
    way = session.lineage.path(gen)
    seen = way if len(way) <= _WAY else (way[0], *way[1 - _WAY :])
    return {
        "id": gen.id,
        "step": edges.step(gen),
        "prompt": shown_prompt(gen),
        "facts": [getattr(gen.request, "mode", ""), *(["sandbox"] if session.simulated else [])],
        "diff": edges.differences(gen),
        "note": note(gen),
        "tags": list(gen.tags),
        "remark": gen.marks.note,
        "code": gen.code,
        "script": session.script(gen),
        "way": [{"node": number(each), "step": edges.name(each) or "prompt"} for each in seen],
        "left_out": len(way) - len(seen),
    }


def _cut(text: str) -> str:
    return text if len(text) <= _PROMPT else f"{text[:_PROMPT]}…"

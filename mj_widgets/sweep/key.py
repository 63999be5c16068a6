"""What a cell is known by: the same on every machine, in every process, and in every session.

`identity` writes down what a request asks for, as JSON with sorted names, in ASCII, with no needless space: ``prompt`` and
``mode``, and of the other fields those that differ from their default. A mask stands there as the SHA-256 of its text, a
source as the service's id of the picture and the tile. What changes no picture is left out: how long to wait, where to call
back, and our own ids. `key_of` is the SHA-256 of ``[identity,number]``, in hexadecimal, where the number says which of the
requests with this identity it is, from 1: replicates ask for the same, and are still not the same.

A field that `ImagineRequest` gains one day leaves all older keys as they are, as long as its default changes nothing.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from mj_widgets.models import ImagineRequest, whole

_SAME_PICTURE = {"timeout", "callback_url"}
_MARK = "\ue000"
OPEN, CLOSE = "\ufdd0", "\ufdd1"
"""Around what stands for a value: Unicode keeps these two for programs, and no template and no value may hold them."""
_FIELDS = [name for name in ImagineRequest.model_fields if name not in {*_SAME_PICTURE, "prompt", "mode", "source", "mask"}]


def can_be_sent(text: str) -> bool:
    """Tell whether a text may stand in a template or a value: no half of a character, and none that is kept for us."""
    return whole(text) and OPEN not in text and CLOSE not in text


def identity(request: ImagineRequest) -> str:
    """Write down what is asked for.

    Examples
    --------
    >>> identity(ImagineRequest(prompt="a fox --v 7", timeout=60))
    '{"mode":"fast","prompt":"a fox --v 7"}'
    """
    before, after = around(request)
    return f"{before}{json.dumps(request.prompt)}{after}"


def around(request: ImagineRequest) -> tuple[str, str]:
    """Give the identity's text before the prompt and after it: of many cells these are the same."""
    body: dict[str, Any] = {"prompt": _MARK, "mode": request.mode}
    for name in _FIELDS:
        value = getattr(request, name)
        if value != ImagineRequest.model_fields[name].default:
            body[name] = value
    if request.source is not None:
        body["source"] = {"image_id": request.source.image_id, "tile": request.source.tile}
    if request.mask is not None:
        body["mask"] = sha256(request.mask.encode()).hexdigest()
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    before, _, after = text.partition(f'"prompt":{json.dumps(_MARK)}')
    return f'{before}"prompt":', after


def key_of(identity_: str, number: int) -> str:
    """Give the key of a cell.

    Examples
    --------
    >>> key_of('{"mode":"fast","prompt":"a fox"}', 1)[:12]
    '243edf46ef66'
    """
    return sha256(f"[{identity_},{number}]".encode()).hexdigest()

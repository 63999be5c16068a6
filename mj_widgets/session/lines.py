"""A generation as the line of Python that made it.

What people would write is written: ``session["..."].upscale(2)``. Where none of their methods asks for exactly the same, the
request itself is submitted. Texts are written by ``repr``, so whatever a prompt holds stays a text.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mj_widgets.models import AnyRequest, EditRequest, ImageRef, ImagineRequest, TextRequest, VideoRequest
from mj_widgets.prompt.parse import parse
from mj_widgets.session.mask import is_kept, mask_of

if TYPE_CHECKING:
    from mj_widgets.session.generation import Generation

_BLENDED = range(2, 6)  # pictures
_METHODS = {
    **{f"upscale{n}": f"upscale({n})" for n in range(1, 5)},
    **{f"variation{n}": f"vary({n})" for n in range(1, 5)},
    **{f"upscale_{how}": f"upscale({how!r})" for how in ("subtle", "creative", "2x", "4x")},
    **{f"variation_{how}": f"vary({how!r})" for how in ("subtle", "strong")},
    **{f"pan_{way}": f"pan({way!r})" for way in ("left", "right", "up", "down")},
    "reroll": "reroll()",
    "zoom_out_1_5x": "zoom_out(1.5)",
    "zoom_out_2x": "zoom_out(2)",
}


@dataclass(frozen=True)
class Words:
    """How to speak of what a line needs: the same line names things otherwise in a script."""

    picture: Callable[[Generation], str]
    """A finished generation."""
    mask: Callable[[Generation], str]
    """The mask that a generation was asked with."""
    request: Callable[[Generation], str]
    """Its whole request, where no method asks for it."""


def code(gen: Generation) -> str:
    """Write the line of Python that made a generation, for where ``session`` is its session."""
    words = Words(
        picture=lambda parent: f"session[{parent.id!r}]",
        mask=lambda gen: f"session[{gen.id!r}].mask",
        request=lambda gen: f"session[{gen.id!r}].request",
    )
    return line(gen, words)


def line(gen: Generation, words: Words) -> str:
    """Write the call that makes what made a generation."""
    request = gen.request
    spoken = None
    if isinstance(request, ImagineRequest):
        spoken = _continued(gen, request, words) if request.source else _imagined(request)
    elif isinstance(request, EditRequest):
        spoken = _edited(gen, request, words)
    elif isinstance(request, VideoRequest):
        spoken = _extended(gen, request, words) if request.action == "extend" else _animated(gen, request, words)
    elif isinstance(request, TextRequest):
        spoken = _questioned(gen, request, words)
    return spoken or f"session.submit({words.request(gen)})"


# Each of these writes a call as people do, or gives None when no such call makes exactly this request.


def _imagined(request: ImagineRequest) -> str | None:
    prompt = parse(request.prompt)
    if request.action != "generate" or request.mask or prompt.mode or str(prompt) != request.prompt:
        return None
    named = _rest(request, "prompt")
    pictures = prompt.images
    if len(pictures) in _BLENDED and not named.keys() - {"mode"}:
        words = "".join(request.prompt.split(maxsplit=len(pictures))[len(pictures) :])
        if " ".join((*pictures, words)).strip() == request.prompt:
            return f"session.blend({arguments(*pictures, prompt=words or None, **named)})"
    return f"session.imagine({arguments(request.prompt, **named)})"


def _continued(gen: Generation, request: ImagineRequest, words: Words) -> str | None:
    parent, action = gen.parent, request.action
    tile = int(action[-1]) if re.fullmatch(r"(upscale|variation)[1-4]", action) else None
    if parent is None or not _starts_from(request, parent, tile) or _rest(request, "prompt", "action", "mode", "mask"):
        return None
    mode = request.mode if request.mode != parent.request.mode else None
    named = {"prompt": request.prompt or None, "mode": mode}
    if (request.mask and not _says(request.mask)) or (action == "variation_region" and not request.mask):
        return None
    start = words.picture(parent)
    if action == "variation_region":
        return f"{start}.vary_region({arguments(Name(words.mask(gen)), **named)})"
    if request.mask:
        return f"{start}.act({arguments(action, mask=Name(words.mask(gen)), **named)})"
    verb, _, first = _METHODS.get(action, f"act({action!r})").removesuffix(")").partition("(")
    return f"{start}.{verb}({', '.join(filter(None, (first, arguments(**named))))})"


def _edited(gen: Generation, request: EditRequest, words: Words) -> str | None:
    picture = _picture(gen, request.image_url, words)
    named = _rest(request, "prompt", "image_url", "mask")
    if picture is None or named.keys() - {"mode", "split_images"} or (request.mask and not _says(request.mask)):
        return None
    mask = Name(words.mask(gen)) if request.mask else None
    return f"session.edit({arguments(picture, request.prompt, mask=mask, **named)})"


def _animated(gen: Generation, request: VideoRequest, words: Words) -> str | None:
    picture = _picture(gen, request.image_url, words)
    if picture is None or request.mask or request.action != "generate":
        return None
    said = (request.prompt,) if request.prompt else ()
    return f"session.animate({arguments(picture, *said, **_rest(request, 'prompt', 'image_url'))})"


def _extended(gen: Generation, request: VideoRequest, words: Words) -> str | None:
    parent, clip = gen.parent, request.video_index + 1
    if parent is None or request.mask or request.video_id != parent.outcome.video_id:
        return None
    if request.source != ImageRef(image_id=request.video_id or "", generation=parent.id, tile=clip):
        return None
    said = (request.prompt,) if request.prompt else ()
    named = _rest(request, "prompt", "action", "video_id", "video_index")
    return f"{words.picture(parent)}.extend({arguments(clip, *said, **named)})"


def _questioned(gen: Generation, request: TextRequest, words: Words) -> str | None:
    if _rest(request, "action", "content") or request.mask:
        return None
    if request.action == "seed":
        parent = gen.parent
        asked = parent and _starts_from(request, parent, None) and parent.image and request.content == parent.image.id
        return f"session.seed({words.picture(parent)})" if parent and asked else None
    if request.action == "describe":
        picture = _picture(gen, request.content, words)
        return picture and f"session.describe({arguments(picture)})"
    return None if request.source else f"session.{request.action}({arguments(request.content)})"


def _picture(gen: Generation, url: str | None, words: Words) -> str | None:
    """Write the picture that was given by its address, or by the generation that made it."""
    parent = gen.parent
    if gen.request.source is None:
        return url
    if parent is None or parent.image is None or parent.image.url != url or not _starts_from(gen.request, parent, None):
        return None
    return Name(words.picture(parent))


def _says(mask: str) -> bool:
    """Tell whether a `Mask` gives the very text that was sent."""
    return not is_kept(mask) and base64.b64encode(mask_of(mask).png).decode() == mask


def _starts_from(request: AnyRequest, parent: Generation, tile: int | None) -> bool:
    image = parent.image
    return image is not None and request.source == ImageRef(image_id=image.id, generation=parent.id, tile=tile)


def _rest(request: AnyRequest, *said: str) -> dict[str, Any]:
    """Give the fields that a call must still name."""
    return request.model_dump(exclude_defaults=True, exclude={"source", "mask", *said})


class Name(str):
    """A piece of code, written without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def arguments(*values: Any, **named: Any) -> str:
    """Write what a call is given; a name without a value is left out."""
    return ", ".join([*map(repr, values), *(f"{name}={value!r}" for name, value in named.items() if value is not None)])

"""What an edge of the lineage says: the step from a picture to the next, and in few words what was asked otherwise."""

# ruff: noqa: RUF001 - a minus sign is meant, not the hyphen

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mj_widgets.prompt.difference import word_diff
from mj_widgets.session.mask import mask_name
from mj_widgets.widgets.actions import describe

if TYPE_CHECKING:
    from mj_widgets.session.generation import Generation

_STEPS = {"edits": "edit", "videos": "animate"}  # the same action, "generate", at other endpoints
_UNSAID = ("action", "callback_url", "split_images", "timeout", "image_url", "video_id", "video_index")  # or said by the step
_COMPARED = 2000  # characters of a prompt
_LENGTH = 60  # characters of one difference
_MOST = 20  # differences told


def step(generation: Generation) -> str:
    """Name the step from its parent, such as U2, with the mask where there is one; empty for one that continues nothing."""
    return " · ".join(filter(None, (name(generation), mask(generation))))


def name(generation: Generation) -> str:
    """Name the step from its parent, such as U2; empty for one that continues nothing."""
    request = generation.request
    if request.source is None:
        return ""
    return _STEPS.get(request.endpoint, "edit") if request.action == "generate" else describe(request.action).step


def mask(generation: Generation) -> str:
    """Name the mask that it was asked with; empty where there is none."""
    text = generation.request.mask
    known = mask_name(text) if text else ""
    return f"mask {known}" if known else ""


def differences(generation: Generation) -> list[str]:
    """Say what was asked otherwise than for its parent: a few words each; empty for a root."""
    request = generation.request
    if generation.parent is None:
        return []
    if request.endpoint in _STEPS:  # its words say what to change, and are no picture's
        return [f"“{_cut(request.prompt)}”"] if request.prompt else []
    found = generation.session.lineage.diff(generation.parent, generation)
    said = _words(*(value or "" for value in found.pop("words", ("", ""))))
    said += [_setting(name, before, after) for name, (before, after) in found.items() if name not in _UNSAID]
    return [_cut(each) for each in said[:_MOST]]


def _words(before: str, after: str) -> list[str]:
    pieces = word_diff(before[:_COMPARED], after[:_COMPARED])
    return [f"{sign} {words}" for wanted, sign in (("new", "+"), ("gone", "−")) for kind, words in pieces if kind == wanted]


def _setting(name: str, before: Any, after: Any) -> str:
    if before is None:
        return f"+ {name}{_value(after)}"
    if after is None:
        return f"− {name}{_value(before)}"
    return f"{name}{_value(before)} →{_value(after) or ' on'}"


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        return f" {len(value)}" if value else " none"
    return "" if value in ("", True) else f" {value}"


def _cut(text: str) -> str:
    return text if len(text) <= _LENGTH else f"{text[: _LENGTH - 1]}…"

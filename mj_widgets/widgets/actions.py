"""What the service's actions are called on a button, in which group they stand, and what they do."""

# ruff: noqa: RUF001 - a multiplication sign is meant, not the letter

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mj_widgets.models import AnyRequest, ImagineRequest, VideoRequest
from mj_widgets.prompt.pricing import estimate
from mj_widgets.session.generation import REGION

if TYPE_CHECKING:
    from mj_widgets.session.generation import Generation

_PLACES = ("top left", "top right", "bottom left", "bottom right")


class Action(NamedTuple):
    """An action as people know it."""

    name: str
    """The service's name, which is what is sent."""
    group: str
    """The heading that it stands under; empty for none."""
    label: str
    """The text on its button."""
    step: str
    """The text under a thumbnail in a lineage."""
    tip: str
    """What it does, in a sentence."""


def _known() -> dict[str, Action]:
    rows = [
        *(
            Action(f"upscale{n}", "Upscale", f"U{n}", f"U{n}", f"Make picture {n} ({place}) a picture of its own")
            for n, place in enumerate(_PLACES, start=1)
        ),
        *(
            Action(f"variation{n}", "Vary", f"V{n}", f"V{n}", f"Draw four variations of picture {n} ({place})")
            for n, place in enumerate(_PLACES, start=1)
        ),
        Action("reroll", "", "↻ Reroll", "reroll", "Run the same prompt again for four new pictures"),
        Action("upscale_subtle", "Upscale", "Subtle", "upscale subtle", "Double the size, true to the picture"),
        Action("upscale_creative", "Upscale", "Creative", "upscale creative", "Double the size and add new detail"),
        Action("upscale_2x", "Upscale", "2×", "upscale 2×", "Enlarge to twice the size"),
        Action("upscale_4x", "Upscale", "4×", "upscale 4×", "Enlarge to four times the size"),
        *(
            Action(f"redo_upscale_{what}", "Upscale", f"Redo {label}", f"redo {label}", f"Enlarge again: {label}")
            for what, label in {"subtle": "subtle", "creative": "creative", "2x": "2×", "4x": "4×"}.items()
        ),
        Action("variation_subtle", "Vary", "Subtle", "vary subtle", "Draw four variations that change a little"),
        Action("variation_strong", "Vary", "Strong", "vary strong", "Draw four variations that change a lot"),
        Action("variation_region", "Vary", "Region", "region", "Paint over a part, and have it drawn anew"),
        Action("zoom_out_1_5x", "Zoom out", "1.5×", "zoom out 1.5×", "Show half as much again around the picture"),
        Action("zoom_out_2x", "Zoom out", "2×", "zoom out 2×", "Show twice as much around the picture"),
        *(
            Action(f"pan_{way}", "Pan", arrow, f"pan {arrow}", f"Extend the picture {words}")
            for way, arrow, words in (
                ("left", "←", "to the left"),
                ("right", "→", "to the right"),
                ("up", "↑", "upwards"),
                ("down", "↓", "downwards"),
            )
        ),
        Action("square", "Shape", "Square", "square", "Extend the picture to a square"),
        Action("generate", "", "Generate", "prompt", "Draw four pictures from the prompt"),
        Action("extend", "", "Extend", "extend", "Make the clip longer"),
    ]
    return {action.name: action for action in rows}


_KNOWN = _known()


def describe(name: str) -> Action:
    """Tell how an action is shown; one never seen before keeps its name.

    Examples
    --------
    >>> describe("upscale2").label, describe("sparkle_3x").label
    ('U2', 'sparkle_3x')
    """
    return _KNOWN.get(name) or Action(name, "More", name, name, f"The service offers this and calls it {name}")


def grouped(names: tuple[str, ...]) -> list[tuple[str, list[Action]]]:
    """Sort what the service offers, whose order changes, into groups in the order that people know.

    Parameters
    ----------
    names : tuple of str
        The service's names; each comes back exactly once.

    Returns
    -------
    list of (str, list of Action)
        Headings with their actions; those never seen before come last.
    """
    places = {name: place for place, name in enumerate(_KNOWN)}
    found: dict[str, list[Action]] = {}
    for name in sorted(dict.fromkeys(names), key=lambda name: places.get(name, len(places))):
        action = describe(name)
        found.setdefault(action.group, []).append(action)
    return list(found.items())


def offered(generation: Generation) -> tuple[str, ...]:
    """Say what can be done next with a finished picture: what the service offers, and the repainting of a region.

    The service never lists the region, and takes it for any picture that it made.
    """
    image, service = generation.image, generation.session.client.service
    if image is None or image.path is None or isinstance(generation.request, VideoRequest) or REGION in generation.actions:
        return generation.actions
    known = image.id and not image.tile and generation.service == service  # a tile that was saved alone is part of a grid
    return (*generation.actions, REGION) if known else generation.actions


def tip(generation: Generation, action: Action, *, prompt: str | None = None) -> str:
    """Say what an action does, and what it is estimated to cost.

    Parameters
    ----------
    generation : Generation
        Whose picture it continues.
    action : Action
        What is done.
    prompt : str, optional
        Other words for the result.
    """
    # What Generation.act would send, as far as a price depends on it. It takes 0.05 ms, so nothing is kept.
    request = ImagineRequest.model_construct(action=action.name, mode=generation.request.mode, prompt=prompt or "")
    return f"{action.tip} · {_cost(generation, request)}"


def extend_tip(generation: Generation, clip: int) -> str:
    """Say what it is to make a clip longer, and what that is estimated to cost."""
    return f"Make clip {clip} longer · {_cost(generation, VideoRequest.model_construct(action='extend'))}"


def _cost(generation: Generation, request: AnyRequest) -> str:
    cost = estimate(request, prices=generation.session.prices)
    return "cost not known" if cost.credits is None else str(cost)

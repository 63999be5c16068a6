"""What a run cost, so far as it is known, without a frame."""

from __future__ import annotations

from math import fsum
from typing import TYPE_CHECKING, Any

from mj_widgets.models import Status

if TYPE_CHECKING:
    from mj_widgets.session.generation import Generation
    from mj_widgets.sweep.run import SweepRun


def cost(gen: Generation) -> float | None:
    """Give what it cost: what the service said, or the estimate; 0 where nothing was made, None where nobody knows."""
    if gen.status is Status.FAILED or gen.outcome.sent_at is None:
        return 0.0
    return gen.estimate if gen.outcome.cost is None else gen.outcome.cost


def bill(run: SweepRun) -> dict[str, Any]:
    """Add up a run, as JSON holds it.

    Returns
    -------
    dict
        ``spent`` (credits that the sweep spent or holds in its session), ``cap``, ``pictures`` (what the pictures of its cells
        cost, whoever paid for them), ``unknown`` (cells that may have cost something nobody knows), ``open`` (those that have
        not ended, or may have been charged) and ``modes``, the same by mode.
    """
    made: dict[str, list[Generation]] = {}
    for gen in run.generations:
        if gen.status is not Status.FAILED and gen.outcome.sent_at is not None:
            made.setdefault(gen.request.mode, []).append(gen)
    every = [gen for some in made.values() for gen in some]
    return {
        "spent": run.spent,
        "cap": run.cap,
        **_summed(every),
        "modes": {mode: _summed(some) for mode, some in sorted(made.items())},
    }


def _summed(some: list[Generation]) -> dict[str, Any]:
    costs = [cost(gen) for gen in some]
    return {
        "number": len(some),
        "pictures": round(fsum(each for each in costs if each is not None), 6),  # sums of tenths are not exact
        "unknown": sum(each is None for each in costs),
        "open": sum(gen.status is not Status.SUCCEEDED for gen in some),
    }

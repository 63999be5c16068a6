"""The cells of a run: what has become of each, in a word that a table, a view and a report agree on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mj_widgets.errors import AuthenticationError, BalanceError, DisabledError, ModerationError, status_error
from mj_widgets.models import Failure, Image, Status
from mj_widgets.sweep.axis import Scalar
from mj_widgets.sweep.cell import Cell

if TYPE_CHECKING:
    from mj_widgets.session.generation import Generation

STATES = (
    "waiting",  # nothing was sent yet
    "running",
    "done",
    "moderated",  # refused for its words or its picture, before it was drawn or while it was
    "rejected",  # refused, or failed, for another reason; it cost nothing
    "timed out",  # nothing moved for long, or it was stopped; it may still finish
    "unconfirmed",  # sent, and nobody answered: it may have been charged
    "over the cap",
    "skipped",  # the run was stopped before it was sent
)
"""What a cell can be; each cell is one of them at any time."""

NEVER_SENT = "Stopped before it was sent: nothing was charged."

_OF_THE_ACCOUNT = (AuthenticationError, BalanceError, DisabledError)


class RunCell:
    """One cell of a run, alive: the run changes it as its generation goes on.

    Attributes
    ----------
    cell : Cell
        What is asked for, and what it is known by.
    generation : Generation or None
        What was made for it; None before.
    state : str
        One of `STATES`.
    words : str
        Why it is so, in the service's words where it said something; empty where there is nothing to say.
    """

    __slots__ = ("__weakref__", "cell", "generation", "state", "words")

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self.generation: Generation | None = None
        self.state = "waiting"
        self.words = ""

    def __repr__(self) -> str:
        told = ", ".join(f"{axis}={label}" for axis, label in self.labels.items())
        return f"<RunCell {self.index} {self.state}: {told}>"

    @property
    def index(self) -> int:
        """Its place in the design, from 0."""
        return self.cell.index

    @property
    def key(self) -> str:
        """What it is known by, in every run and session."""
        return self.cell.key

    @property
    def replicate(self) -> int:
        """Which of the cells with the same values it is, from 1."""
        return self.cell.replicate

    @property
    def values(self) -> Mapping[str, Scalar]:
        """By axis."""
        return self.cell.values

    @property
    def labels(self) -> Mapping[str, str]:
        """By axis."""
        return self.cell.labels

    @property
    def image(self) -> Image | None:
        """Its picture; None where there is none (yet)."""
        return self.generation.image if self.generation else None

    @property
    def tiles(self) -> tuple[Image, ...]:
        """The four pictures of its grid, or the one of a single; empty where there is none (yet)."""
        return self.generation.tiles if self.generation else ()


_PLAIN = {
    Status.PENDING: "waiting",
    Status.RUNNING: "running",
    Status.SUCCEEDED: "done",
    Status.UNCONFIRMED: "unconfirmed",
    Status.STOPPED: "timed out",
}


def state_of(gen: Generation) -> tuple[str, str]:
    """Give the state of a cell with this generation, and the words for it."""
    if is_unsent(gen):
        return "waiting", ""
    words = str(gen.error or "")
    if gen.status is not Status.FAILED:
        return _PLAIN[gen.status], words
    if is_of_the_account(gen.error):
        return "waiting", words
    moderated = gen.error is not None and _means(gen.error, ModerationError)
    return "moderated" if moderated else "rejected", words


def is_unsent(gen: Generation) -> bool:
    """Tell whether it was stopped before it was sent."""
    return gen.status is Status.STOPPED and gen.outcome.sent_at is None


def is_of_the_account(failure: Failure | None) -> bool:
    """Tell whether it was refused for the token or the balance, and not for what was asked: nothing was bought."""
    return failure is not None and _means(failure, *_OF_THE_ACCOUNT)


def _means(failure: Failure, *kinds: type[Exception]) -> bool:
    return isinstance(status_error("", status_code=failure.status_code or 0, code=failure.code), kinds)

"""One request of a sweep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from json.encoder import encode_basestring_ascii
from typing import NamedTuple

from mj_widgets.models import ImagineRequest
from mj_widgets.sweep.axis import Scalar
from mj_widgets.sweep.key import key_of
from mj_widgets.sweep.points import Point
from mj_widgets.sweep.shapes import Shape


@dataclass(frozen=True)
class Cell:
    """One request of a sweep."""

    index: int
    """Its place in the design, from 0."""
    replicate: int
    """Which of the cells with the same values it is, from 1."""
    seed: int | None
    """What ``--seed`` says; None where it is left to the service."""
    values: Mapping[str, Scalar] = field(hash=False)
    """By axis."""
    labels: Mapping[str, str] = field(hash=False)
    request: ImagineRequest = field(hash=False, repr=False)
    key: str = field(repr=False)
    """What it is known by, everywhere and always: see `mj_widgets.sweep.key`."""
    number: int = field(default=1, repr=False)
    """Which of those with the same request it is, from 1: with different seeds each is the first of its own."""

    @property
    def prompt(self) -> str:
        """The text that is sent."""
        return self.request.prompt


class Row(NamedTuple):
    """A cell that is not made yet."""

    at: int
    place: int
    """Of its point in the design."""
    point: Point
    """With the seed's number at the end, where there are seeds."""
    replicate: int
    number: int
    shape: Shape
    text: str

    @property
    def identity(self) -> str:
        """What it asks for, as `mj_widgets.sweep.key.identity` writes it."""
        return f"{self.shape.before}{encode_basestring_ascii(self.text)}{self.shape.after}"

    @property
    def key(self) -> str:
        """The cell's key."""
        return key_of(self.identity, self.number)

"""What people say of pictures, as data.

A judgement is of one picture, one to five stars, or of two, of which one is better or neither. An item is named by the key of
its cell, which is a hash: it says nothing of the values of any axis.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal["stars", "pairs"]
Won = Literal["left", "right", "tie"]

MOST_STARS = 5


class Choice(NamedTuple):
    """What somebody said of two pictures."""

    rater: str
    left: str
    right: str
    won: Won
    repeat: bool = False
    """Whether they had been shown before, the other way round."""

    @property
    def winner(self) -> str:
        """The item that won; empty for a tie."""
        return {"left": self.left, "right": self.right}.get(self.won, "")

    @property
    def both(self) -> tuple[str, str]:
        """The two, in an order that does not hang on the side."""
        first, second = sorted((self.left, self.right))
        return first, second


class Stars(NamedTuple):
    """What somebody said of one picture."""

    rater: str
    item: str
    stars: int
    repeat: bool = False

"""Somebody judges a run's pictures: what is asked next, and what was said.

What was said is kept with the session at once. A sitting holds none of it, so one may stop at any time, and sit down again in
this process or in another one.
"""

from __future__ import annotations

from collections import defaultdict, deque
from hashlib import sha256
from typing import TYPE_CHECKING, get_args

from mj_widgets.sweep import rating
from mj_widgets.sweep.agreement import Agreement, agreement
from mj_widgets.sweep.deck import Look, Pair, looks, pairs
from mj_widgets.sweep.judgement import Choice, Kind, Stars, Won

if TYPE_CHECKING:
    from mj_widgets.models import Image
    from mj_widgets.sweep.run import SweepRun


class Sitting:
    """Somebody who judges the pictures of a run, blind. Made by `SweepRun.rate`; it draws itself.

    Attributes
    ----------
    run : SweepRun
        Whose pictures are judged.
    rater : str
        Who judges.
    kind : {"stars", "pairs"}
        Whether pictures get stars, or are compared two by two.
    deck : tuple of Look or Pair
        What is asked, in this order. All raters are asked the same, each in an order of his own.

    Examples
    --------
    >>> run = Sweep("a {animal}", animal=["fox", "owl"]).run(session).result()
    >>> sitting = run.rate("Ada")
    >>> sitting.judge(4)
    >>> sitting
    <Sitting of Ada, stars: 1 of 2>
    >>> run.rate("Ada").done  # it goes on where she stopped
    1
    """

    def __init__(self, run: SweepRun, rater: str, *, kind: Kind, tiles: bool, n: int | None, repeats: float) -> None:
        self.run, self.kind = run, kind
        self.rater = " ".join(str(rater).split())
        if not self.rater:
            raise ValueError('A judgement is somebody\'s: name the rater, as in run.rate("Ada").')
        if kind not in get_args(Kind):
            raise ValueError(f"kind is 'stars' or 'pairs', not {kind!r}.")
        self._items = rating.items(run, tiles=tiles)
        _must_be_enough(run, len(self._items), kind)
        deal = looks if kind == "stars" else pairs
        self.deck: tuple[Look | Pair, ...] = tuple(
            deal(self._items, n, seed=_seed(run.id), order=_seed(run.id, self.rater), repeats=repeats)
        )

    def __repr__(self) -> str:
        return f"<Sitting of {self.rater}, {self.kind}: {self.done:,} of {len(self):,}>"

    def __len__(self) -> int:
        return len(self.deck)

    @property
    def said(self) -> dict[int, Stars | Choice]:
        """What was said of the deck, oldest first: by the place of a card in it."""
        return {place: judgement for place, (_, judgement) in self._said().items()}

    @property
    def done(self) -> int:
        """How many of the deck are judged."""
        return len(self._said())

    @property
    def ahead(self) -> list[int]:
        """The places in the deck of what is not judged yet; the first is asked next."""
        said = self._said()
        return [place for place in range(len(self)) if place not in said]

    def pictures(self, place: int) -> tuple[Image, ...]:
        """Give what is shown for a card of the deck: one picture, or the left one and the right one."""
        return tuple(self._items[name].image for name in rating.names(self.deck[place]))

    def judge(self, said: int | Won, *, place: int | None = None) -> None:
        """Keep what the rater says.

        Parameters
        ----------
        said : int or {"left", "right", "tie"}
            1 to 5 stars, or which of the two is better.
        place : int, optional
            Of which card of the deck; by default of the one that is asked next.

        Raises
        ------
        ValueError
            There are not so many stars, or no such side; or it is judged already.
        """
        ahead = self.ahead
        if not ahead:
            raise ValueError(f"All {len(self):,} are judged: undo() takes the last one back.")
        if place is not None and place not in ahead:
            raise ValueError(f"The card {place!r} is judged already, or is not in the deck.")
        card = self.deck[ahead[0] if place is None else place]
        if isinstance(card, Look):
            rating.judge(self.run, Stars(self.rater, card.item, said, card.repeat))  # type: ignore[arg-type] # it is checked
        else:
            rating.judge(self.run, Choice(self.rater, card.left, card.right, said, card.repeat))  # type: ignore[arg-type] # as above

    def undo(self) -> None:
        """Take the last judgement back, so that it is asked again; nothing where there is none."""
        said = [*self._said().values()]
        if said:
            self.run.session._unjudge(said[-1][0])

    def agreement(self) -> list[Agreement]:
        """Say how far the rater agrees with himself on what he was asked twice."""
        return agreement(self.said.values())

    def _said(self) -> dict[int, tuple[int, Stars | Choice]]:
        """Give the number, too. It is looked up each time: another view, or another process, may have taken one back."""
        places: dict[object, deque[int]] = defaultdict(deque)
        for place, card in enumerate(self.deck):
            places[frozenset(rating.names(card)), card.repeat].append(place)
        found: dict[int, tuple[int, Stars | Choice]] = {}
        for number, judgement, _ in rating.judgements(self.run):
            waiting = places.get((frozenset(rating.names(judgement)), judgement.repeat))
            if judgement.rater == self.rater and waiting:
                found[waiting.popleft()] = number, judgement
        return found


def _must_be_enough(run: SweepRun, number: int, kind: Kind) -> None:
    if not number and run.status in ("running", "paused"):
        raise ValueError("The run has no picture yet: wait for it, with await run.")
    if not number:
        raise ValueError("No cell of the run has a picture: run.counts says what became of them.")
    if number == 1 and kind == "pairs":
        raise ValueError("There is one picture, and two are compared: tiles=True compares the tiles of a grid.")


def _seed(*of: str) -> int:
    return int.from_bytes(sha256("\n".join(of).encode()).digest()[:8])

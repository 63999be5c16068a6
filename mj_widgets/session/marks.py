"""What a person thinks of a generation: stars, favourites, tags, a note, and whether it is deleted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from mj_widgets.models import Marks, whole

if TYPE_CHECKING:
    from mj_widgets.models import Image, Status
    from mj_widgets.session.session import Session

Change = Callable[[Marks], Marks]

TAG_LIMIT = 64  # characters
TAGS_LIMIT = 50  # of one generation
NOTE_LIMIT = 10_000  # characters
STARS = range(1, 6)


class Marked:
    """What can be said about a generation. Each change is stored before it is shown, and none is lost, from any thread."""

    id: str
    session: Session
    _marks: Marks

    if TYPE_CHECKING:  # the generation has these

        @property
        def status(self) -> Status:
            """What has become of it."""

        @property
        def tiles(self) -> tuple[Image, ...]:
            """Its pictures."""

    @property
    def marks(self) -> Marks:
        """All of it, as a value."""
        return self._marks

    @property
    def rating(self) -> int | None:
        """Its most stars, of the whole or of a tile; None when it has none."""
        return max(self._marks.ratings.values(), default=None)

    @property
    def tags(self) -> tuple[str, ...]:
        """Its tags, as they were typed."""
        return self._marks.tags

    @property
    def is_favourite(self) -> bool:
        """Whether the whole or a tile is a favourite."""
        return bool(self._marks.favourites)

    @property
    def is_deleted(self) -> bool:
        """Whether it is out of sight; nothing of it is lost before `Session.vacuum`."""
        return self._marks.deleted_at is not None

    def rate(self, stars: int | None, *, tile: int = 0) -> None:
        """Give the whole picture, or a tile, one to five stars; None takes them away.

        Raises
        ------
        ValueError
            There are not so many stars, or there is no such tile.

        Examples
        --------
        >>> grid = session.imagine("a fox").result()
        >>> grid.rate(3)
        >>> grid.rate(5, tile=2)
        >>> grid.rating, grid.marks.ratings
        (5, {0: 3, 2: 5})
        """
        if stars is not None and (isinstance(stars, bool) or stars not in STARS):
            raise ValueError(f"A rating is 1 to 5 stars, or None to take it away; not {stars!r}.")
        self._must_have(tile)
        self._mark(lambda marks: _with(marks, ratings=_rated(marks.ratings, int(tile), stars)))

    def favourite(self, on: bool = True, *, tile: int = 0) -> None:
        """Make the whole picture, or a tile, a favourite; ``favourite(False)`` makes it none.

        Examples
        --------
        >>> grid = session.imagine("a fox").result()
        >>> grid.favourite(tile=3)
        >>> grid.is_favourite, session.find(favourite=True) == (grid,)
        (True, True)
        """
        self._must_have(tile)
        self._mark(
            lambda marks: _with(marks, favourites=sorted({*marks.favourites, int(tile)} - (set() if on else {int(tile)})))
        )

    def tag(self, *tags: str) -> None:
        """Add tags. Capitals are kept as they are typed, and do not tell tags apart.

        Raises
        ------
        ValueError
            A tag is empty, longer than a line or than 64 characters, or there would be more than 50.

        Examples
        --------
        >>> gen = session.imagine("a fox")
        >>> gen.tag("for print", "Foxes")
        >>> gen.tag("foxes")  # it has it already
        >>> gen.tags
        ('for print', 'Foxes')
        """
        new = [_checked_tag(tag) for tag in tags]
        self._mark(lambda marks: _with(marks, tags=_added(marks.tags, new)))

    def untag(self, *tags: str) -> None:
        """Take tags away; those that it does not have are no matter.

        Examples
        --------
        >>> gen = session.imagine("a fox")
        >>> gen.tag("for print", "Foxes")
        >>> gen.untag("foxes")
        >>> gen.tags
        ('for print',)
        """
        unwanted = {_text("A tag", tag).strip().casefold() for tag in tags}
        self._mark(lambda marks: _with(marks, tags=[tag for tag in marks.tags if tag.casefold() not in unwanted]))

    def note(self, text: str) -> None:
        """Write a note in place of the last one; an empty text takes it away.

        Raises
        ------
        ValueError
            It has more than 10 000 characters.

        Examples
        --------
        >>> gen = session.imagine("a fox")
        >>> gen.note("The ears are too long; try tile 3 again.")
        >>> gen.marks.note
        'The ears are too long; try tile 3 again.'
        """
        if len(_text("A note", text)) > NOTE_LIMIT:
            raise ValueError(f"A note has at most {NOTE_LIMIT:,} characters, and this one {len(text):,}: shorten it.")
        self._mark(lambda marks: _with(marks, note=text))

    def delete(self) -> None:
        """Put it out of sight. Nothing leaves the disk before `Session.vacuum`, and `restore` brings it back.

        What came from it, and what it came from, still know it: `parent` and `children` are as before.

        Raises
        ------
        ValueError
            It has not ended; it is paid for.

        Examples
        --------
        >>> gen = session.imagine("a fox").result()
        >>> gen.delete()
        >>> gen in session.generations, session.deleted == (gen,)
        (False, True)
        """

        def deleted(marks: Marks) -> Marks:
            if not self.status.ended:
                raise ValueError(f"{self.id} is {self.status}, and paid for: wait for it, or stop it first: gen.stop()")
            return marks if marks.deleted_at is not None else _with(marks, deleted_at=time.time())

        self._mark(deleted)

    def restore(self) -> None:
        """Undo `delete`; a picture that `Session.vacuum` removed is fetched again, if the service still has it.

        Examples
        --------
        >>> gen = session.imagine("a fox").result()
        >>> gen.delete()
        >>> gen.restore()
        >>> session.generations == (gen,)
        True
        """
        self.session._restore(self.id, lambda marks: _with(marks, deleted_at=None))

    def _mark(self, change: Change) -> None:
        self.session._mark(self.id, change)

    def _must_have(self, tile: int) -> None:
        number = len(self.tiles)
        if isinstance(tile, bool) or tile not in range(number + 1):
            there = f"the tiles 1 to {number}, and 0 for the whole" if number else "no tiles (yet), only 0 for the whole"
            raise ValueError(f"{self.id} has {there}; not {tile!r}.")


def tags_of(marks: Iterable[Marks]) -> tuple[str, ...]:
    """List tags, the most used first, each as it was first typed."""
    spelled: dict[str, str] = {}
    used: dict[str, int] = {}
    for tag in (tag for one in marks for tag in one.tags):
        key = tag.casefold()
        spelled.setdefault(key, tag)
        used[key] = used.get(key, 0) + 1
    return tuple(spelled[key] for key in sorted(used, key=lambda key: (-used[key], key)))


def _with(marks: Marks, **changes: Any) -> Marks:
    return Marks.model_validate(dict(marks) | changes)


def _rated(ratings: dict[int, int], tile: int, stars: int | None) -> dict[int, int]:
    others = {one: given for one, given in ratings.items() if one != tile}
    return dict(sorted((others | ({} if stars is None else {tile: int(stars)})).items()))


def _added(tags: Iterable[str], new: Iterable[str]) -> list[str]:
    each: dict[str, str] = {}
    for tag in (*tags, *new):
        each.setdefault(tag.casefold(), tag)
    if len(each) > TAGS_LIMIT:
        raise ValueError(
            f"A generation has at most {TAGS_LIMIT} tags, and with these {len(each)}: gen.untag(*tags) makes room."
        )
    return [*each.values()]


def _checked_tag(tag: str) -> str:
    text = _text("A tag", tag).strip()
    if not text:
        raise ValueError("A tag is empty: say a word or a few.")
    if len(text) > TAG_LIMIT:
        raise ValueError(
            f"A tag has at most {TAG_LIMIT} characters, and {text[:20] + '…'!r} {len(text):,}: gen.note(text) takes more."
        )
    if len(text.splitlines()) > 1:
        raise ValueError(f"A tag is one line, and {text!r} is more: gen.tag(*tags) takes several.")
    return text


def _text(what: str, text: str) -> str:
    """Refuse what is no text, or cannot be written: half of a character from beyond the first plane, for one."""
    if not isinstance(text, str):
        raise TypeError(f"{what} is text, not {type(text).__name__}.")
    if not whole(text):
        raise ValueError(
            f"{what} holds half a character, such as of an emoji that was cut, which cannot be written: take it out of "
            f"{text[:20]!r}."
        )
    return text

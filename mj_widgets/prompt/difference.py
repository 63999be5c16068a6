"""What was changed between two texts, word by word."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Literal

Piece = tuple[Literal["same", "gone", "new"], str]

_MOST = 2000  # words; the matching takes their square


def word_diff(before: str, after: str) -> tuple[Piece, ...]:
    """Compare two texts word by word.

    Returns
    -------
    tuple of (kind, str)
        In reading order: words that are the ``"same"`` in both, are ``"gone"`` from the first, or are ``"new"`` in the second.
        A space belongs between two pieces. Texts of more than 2000 words are not searched for what they share.

    Examples
    --------
    >>> word_diff("a red fox in snow", "a blue fox in deep snow")
    (('same', 'a'), ('gone', 'red'), ('new', 'blue'), ('same', 'fox in'), ('new', 'deep'), ('same', 'snow'))
    """
    old, new = before.split(), after.split()
    if old == new:
        return (("same", " ".join(new)),) if new else ()
    if max(len(old), len(new)) > _MOST:
        return _pieces(old, new)
    found: list[Piece] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        found += [("same", " ".join(new[c:d]))] if kind == "equal" else _pieces(old[a:b], new[c:d])
    return tuple(found)


def _pieces(gone: list[str], new: list[str]) -> tuple[Piece, ...]:
    pieces: tuple[Piece, ...] = (("gone", " ".join(gone)), ("new", " ".join(new)))
    return tuple(piece for piece in pieces if piece[1])

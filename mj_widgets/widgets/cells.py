"""Which cell shows what: a cell that runs again leaves nothing behind that follows the session."""

from __future__ import annotations

import time
from typing import Any, Protocol

from mj_widgets.widgets.clicks import GRACE


class Following(Protocol):
    """A live view of a session."""

    def rest(self) -> None:
        """Stop following, for good."""

    def close(self) -> None:
        """Close it with all that is on it."""


_retired: list[tuple[float, Following]] = []  # when each may be closed
_shown: dict[str, tuple[str, list[Following]]] = {}  # by cell: the run that showed them, and the views


def retire(kernel: Any, view: Following) -> None:
    """End what an earlier run of this cell showed: its output is gone, and it would go on following the session.

    It is closed when the next is retired: a page may still be drawing it.
    """
    parent = kernel.get_parent()
    cell, run = parent.get("metadata", {}).get("cellId"), parent.get("header", {}).get("msg_id")
    if not cell:
        return
    earlier, views = _shown.get(cell, ("", []))
    _shown[cell] = run, [*(views if earlier == run else []), view]
    on_page = [each for _, others in _shown.values() for each in others]
    gone = [each for each in views if each not in on_page]
    now = time.monotonic()
    for each in gone:
        each.rest()
    _retired.extend((now + GRACE, each) for each in gone)
    while _retired and _retired[0][0] <= now:
        _retired.pop(0)[1].close()

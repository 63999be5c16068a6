"""What a session has of a sweep: one rule for what a plan calls free, and for what a run sends.

A cell has what was made for its key, in whatever sweep. If that came to no picture, or there is none, it takes what was asked
for by other ways (a line of code, a click) and is exactly the same, as long as no other cell stands for it. What another
service made does not count.
"""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING

from mj_widgets.models import ImagineRequest, Status
from mj_widgets.sweep.cells import state_of
from mj_widgets.sweep.key import identity

if TYPE_CHECKING:
    from mj_widgets.session.generation import Generation
    from mj_widgets.session.session import Session

_WORTH = {Status.SUCCEEDED: 2, Status.RUNNING: 1, Status.PENDING: 1}


class Stock:
    """The generations that cells may have; each is given out once.

    Parameters
    ----------
    session : Session or None
        None has nothing.
    reuse : bool
        Whether what was made by other ways counts.
    """

    def __init__(self, session: Session | None, *, reuse: bool = True) -> None:
        self._made: dict[str, list[Generation]] = {}
        self._free: dict[str, list[Generation]] = {}
        if session is None:
            return
        service = session.client.service
        cells = session._cells()
        taken = {gen.id for made in cells.values() for gen in made}
        self._made = {key: [gen for gen in made if gen.service == service] for key, made in cells.items()}
        for gen in session.generations if reuse else ():
            if gen.service == service and gen.id not in taken and is_there(gen) and isinstance(gen.request, ImagineRequest):
                self._free.setdefault(identity(gen.request), []).append(gen)
        for free in self._free.values():
            free.sort(key=_worth)

    def take(self, asked: str, key: str) -> Generation | None:
        """Give what a cell has, by its `identity` and its key: the best that there is, and of equals the latest."""
        made = max(reversed(self._made.get(key, ())), key=_worth, default=None)
        if made is not None and is_there(made):
            return made
        free = self._free.get(asked)
        return free.pop() if free else made

    def tried(self, key: str) -> tuple[Generation, ...]:
        """Give all that was made for a cell, oldest first."""
        return tuple(self._made.get(key, ()))


def is_there(gen: Generation | None) -> bool:
    """Tell whether there is a picture, or one on its way."""
    return gen is not None and gen.status in _WORTH


def is_to_send(gen: Generation | None, retry: Container[str] = ()) -> bool:
    """Tell whether a run sends something for a cell that has this; what was refused is sent again where one asks for it."""
    if gen is None:
        return True
    if is_there(gen):
        return False
    state, _ = state_of(gen)
    return state == "waiting" or (state in retry and not (state == "unconfirmed" and gen.task_id))


def _worth(gen: Generation) -> int:
    return _WORTH.get(gen.status, 0)

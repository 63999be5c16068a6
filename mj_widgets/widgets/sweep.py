"""The viewer of a sweep: a table of all that was asked for, alive while it runs, the lightbox, and what was made from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipywidgets import Widget

from mj_widgets.session import loop
from mj_widgets.widgets.fallback import Twin
from mj_widgets.widgets.sweep_axes import axes_of, first_view
from mj_widgets.widgets.sweep_page import page
from mj_widgets.widgets.sweep_table import Table
from mj_widgets.widgets.wall import Wall

if TYPE_CHECKING:
    from mj_widgets.session.generation import Generation
    from mj_widgets.sweep.cells import RunCell
    from mj_widgets.sweep.run import SweepRun
    from mj_widgets.widgets.card import Card


class SweepView(Wall):
    """A run as a table, with the lightbox; what is made from its pictures here stands below, on cards.

    Parameters
    ----------
    run : SweepRun
        What is shown.
    x, y : str, optional
        The axes that lie there at first; ``""`` for none.

    Attributes
    ----------
    table : Table

    Raises
    ------
    ValueError
        There is no such axis.

    Examples
    --------
    >>> from mj_widgets import Sweep
    >>> run = Sweep("a {animal} in {place}", animal=["fox", "owl"], place=["snow", "fog"]).run(session).result()
    >>> SweepView(run, x="animal", y="place")
    SweepView(<SweepRun of 4 cells, done: 4 done>)
    """

    def __init__(self, run: SweepRun, *, x: str | None = None, y: str | None = None) -> None:
        self.run = run
        self._made: dict[str, Generation] = {}
        self._near: list[Generation] = []
        self._axes = axes_of(run)
        self._first = first_view(self._axes, len(run), x, y)
        super().__init__(run.session)
        self._unwatch_run = run.watch(self._followed)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.run!r})"

    def add(self, generation: Generation, *, below: bool = False) -> Card | None:
        """Give something that was made from a picture here a card."""
        self._made[generation.id] = generation
        return super().add(generation, below=below)

    def tell_again(self) -> None:
        """Send what a page may have missed while it was loading. Safe in any thread."""
        super().tell_again()
        self.table.tell_again()

    def close(self) -> None:
        """Close it with all that is on it; its twin stays as it is."""
        if hasattr(self, "_unwatch_run"):  # else it was refused while it was made
            super().close()

    def rest(self) -> None:
        """Stop following the run, for good."""
        super().rest()
        self._unwatch_run()
        self.table.rest()

    # How it differs from the wall of a session

    def _tools(self) -> tuple[Widget, ...]:
        self.table = Table(
            self.run, x=self._first["x"], y=self._first["y"], axes=self._axes, calls=self.calls, opened=self._open,
            ended=self._refresh_twin, layout=self.kit.layout,
        )  # fmt: skip
        return (self.table,)

    def _static(self) -> Twin:
        return Twin(self.name, tuple, draw=lambda _shown, name: page(self.run, self.table.axes, self.table.view, name=name))

    def _all(self) -> tuple[Generation, ...]:
        return tuple(self._made.values())

    def _belongs(self, generation: Generation) -> bool:
        parent = generation.parent
        return parent is not None and parent.id in self._cards

    def _order(self) -> list[Generation]:
        return [*self._near, *super()._order()]

    def _open(self, cell: int) -> None:
        self._near = self.table.around(cell)
        self.lightbox.refresh()

    # What happens in the run

    def _followed(self, _run: SweepRun, cell: RunCell | None) -> None:
        if cell is None:
            self.twin.refresh()
        elif cell.generation is not None and cell.generation.id in self.lightbox.versions:
            self.lightbox.refresh(cell.generation)

    def _refresh_twin(self) -> None:
        """Draw the static form anew, on another thread: it reads many small pictures."""
        loop.background().run_in_executor(None, self.twin.refresh)

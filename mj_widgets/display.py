"""Tells IPython and marimo how our handles draw themselves, which they cannot know: the widgets stand above them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from mj_widgets.session.answer import Answer
    from mj_widgets.session.generation import Generation
    from mj_widgets.session.lineage import Lineage
    from mj_widgets.session.session import Session
    from mj_widgets.sweep.run import SweepRun
    from mj_widgets.sweep.sitting import Sitting
    from mj_widgets.widgets.grid import Grid
    from mj_widgets.widgets.lineage import Family
    from mj_widgets.widgets.rating import Rating
    from mj_widgets.widgets.sweep_table import Table

_DOOR = "_display_"


def register(shell: InteractiveShell | None = None) -> None:
    """Let our handles draw themselves where they end a cell. Doing it again changes nothing.

    Parameters
    ----------
    shell : InteractiveShell, optional
        By default the one that is running. A terminal has no widgets, so there they keep their text.
    """
    from IPython.core.getipython import get_ipython

    shell = shell or get_ipython()
    if shell is None or shell.display_formatter is None or getattr(shell, "kernel", None) is None:
        return
    formatter = shell.display_formatter.ipython_display_formatter
    formatter.for_type_by_name("mj_widgets.session.generation", "Generation", show_generation)
    formatter.for_type_by_name("mj_widgets.session.answer", "Answer", show_answer)
    formatter.for_type_by_name("mj_widgets.session.session", "Session", show_session)
    formatter.for_type_by_name("mj_widgets.session.lineage", "Lineage", show_lineage)
    formatter.for_type_by_name("mj_widgets.sweep.run", "SweepRun", show_run)
    formatter.for_type_by_name("mj_widgets.sweep.sitting", "Sitting", show_sitting)


def show_generation(generation: Generation) -> None:
    """Draw a generation live, and later what is made from it here."""
    from mj_widgets.widgets.wall import Wall

    Wall(generation.session, only=generation)._ipython_display_()


def show_answer(answer: Answer[Any]) -> None:
    """Write the words of an answer, as soon as they are there."""
    from mj_widgets.widgets.fallback import Twin, words

    twin = Twin("answer", lambda: [answer], draw=words)
    answer.watch(lambda _: twin.refresh())
    twin.show()


def show_session(session: Session) -> None:
    """Draw a session as its control."""
    from mj_widgets.widgets.studio import Studio

    Studio(session)._ipython_display_()


def show_lineage(lineage: Lineage) -> None:
    """Draw a lineage as a graph that one can walk."""
    from mj_widgets.widgets.lineage import Family

    Family(lineage.session)._ipython_display_()


def show_run(run: SweepRun) -> None:
    """Draw a sweep that runs, or has run, as a table of its cells."""
    from mj_widgets.widgets.sweep import SweepView

    SweepView(run)._ipython_display_()


def show_sitting(sitting: Sitting) -> None:
    """Draw the page on which somebody judges a run."""
    page_of(sitting)._ipython_display_()


def register_in_marimo() -> None:
    """Let them draw themselves in marimo, which draws anywidgets and no ipywidgets; it looks for ``_display_``."""
    from mj_widgets.session.generation import Generation
    from mj_widgets.session.lineage import Lineage
    from mj_widgets.session.session import Session
    from mj_widgets.sweep.run import SweepRun
    from mj_widgets.sweep.sitting import Sitting

    doors = {
        Generation: grid_of, Session: family_of, Lineage: lambda lineage: family_of(lineage.session), SweepRun: table_of,
        Sitting: page_of,
    }  # fmt: skip
    for kind, draw in doors.items():
        setattr(kind, _DOOR, draw)


def grid_of(generation: Generation) -> Grid:
    """Draw a generation live, without buttons."""
    from mj_widgets.widgets.grid import Grid

    grid = Grid(generation)

    def refresh(_: Generation) -> None:
        if getattr(grid.comm, "_closed", True):  # its cell ran again
            unwatch()
        else:
            grid.refresh()

    unwatch = generation.watch(refresh)
    grid.refresh()  # what happened while it was made
    return grid


def family_of(session: Session) -> Family:
    """Draw a session as a graph of its pictures that one can walk."""
    from mj_widgets.widgets.lineage import Family

    return Family(session)


def table_of(run: SweepRun) -> Table:
    """Draw the run of a sweep as a table of its cells."""
    from mj_widgets.widgets.sweep_table import Table

    return Table(run)


def page_of(sitting: Sitting) -> Rating:
    """Draw the page on which somebody judges a run."""
    from mj_widgets.widgets.rating import Rating

    return Rating(sitting)

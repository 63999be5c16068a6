"""A sweep: a template, its axes, and the requests that they come to."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from operator import index as as_index
from pathlib import Path
from types import MappingProxyType, NoneType
from typing import TYPE_CHECKING, Any, Self, overload

from mj_widgets.models import ImagineRequest
from mj_widgets.prompt.pricing import Estimate, Price
from mj_widgets.sweep import manifest, plan
from mj_widgets.sweep.axis import Axis
from mj_widgets.sweep.cell import Cell
from mj_widgets.sweep.exclude import Exclude, Excluded, Kept
from mj_widgets.sweep.layout import Layout
from mj_widgets.sweep.reading import Design, read_axes, read_points, read_seeds, read_shapes, read_template, whole
from mj_widgets.sweep.recipe import Base, read_base

if TYPE_CHECKING:
    import pandas as pd

    from mj_widgets.session.session import Session
    from mj_widgets.sweep.run import OnError, Order, SweepRun

LIMIT = 100_000


class Sweep:
    """A template with named variables, and what is tried in their places.

    Nothing is sent by it, and next to nothing is computed before it is asked for: a cell is made when it is looked at.

    Parameters
    ----------
    template : str
        A prompt. ``{animal}`` is a variable, ``{{animal}}`` the text ``{animal}``; Midjourney's own ``{red, blue}`` and ``::``
        stay as they are.
    design : {"grid", "zip", "one-at-a-time", "latin", "random"}
        Each value with each; the first of all axes, then the second of all, ...; each axis by itself around a centre, which
        is `base` or the first value of each; a Latin hypercube, in which the values of each axis come equally often; points of
        the grid drawn by lot, none twice. The last two take `n`.
    replicates : int
        How often each request is made. Without seeds each replicate is a draw of the service's own, and their spread is the
        luck that an effect has to be told from.
    seeds : int or iterable of int, optional
        Seeds from 0 to 4294967295, or how many are to be drawn. **Every cell gets the same ones**: they are blocks, in the
        words of the statistician. Two cells of one seed start from the same noise, so that their difference is less of luck
        and more of what was changed, and fewer pictures show it. With seeds, `replicates` is 1 unless one wants to know how
        far one seed makes one picture. A seed of its own for each cell would mix luck into every comparison; there is no
        option for it, but ``replicates`` without seeds does it.
    exclude : callable, dict or list of dict, optional
        What is left out: a function of the values by axis that says True of it, or values that may not come together, as in
        ``{"animal": "whale", "place": ["wood", "desert"]}``.
    base : ImagineRequest or dict, optional
        What the cells have in common where neither the template nor an axis says otherwise: the fields and the flags of a
        request (its words do not count), or parameters by name. A dict may also give a variable that has no axis, and for
        ``"one-at-a-time"`` the centre.
    n : int, optional
        The number of points that are drawn; for ``"latin"`` the size of the largest axis by default. More of them start
        with the same ones.
    rng : int
        The seed of the lots for ``"latin"``, ``"random"`` and a number of `seeds`.
    limit : int
        More cells than that are not planned or run. (They can be counted, and looked at one by one.)
    **axes : iterable of values, or Axis
        A variable of the template, or a parameter of the request: ``stylize``, ``chaos``, ``weird``, ``quality``, ``seed``,
        ``version``, ``aspect`` or ``ar``, ``raw``, ``tile``, ``hd``, ``negative`` or ``no``, ``sref``, ``cref``, ``oref``,
        ``iw``, ...; ``mode``, ``translation``. False leaves a flag out. A flag that the template has already is an error, not
        overridden: whoever reads the template should see what is sent. See `axis` for labels.

    Attributes
    ----------
    axes : Mapping of str to Axis
        Values, labels and notes, by name, in the order in which they were given.
    seeds : tuple of int or None
        Those that every cell gets.
    template, design, replicates, base, n, rng, limit
        As they were given.

    Raises
    ------
    ValueError
        A variable has no axis, an axis no variable; values are missing, twice there, or hold braces; the axes of a zip have
        different lengths; and so on. The message names it, and what to do.
    TypeError
        A value is neither text nor a number.

    Examples
    --------
    >>> sweep = Sweep("a red {animal} in {place} --s {stylize}", animal=["fox", "owl"], place=["snow", "fog"], stylize=[0, 250])
    >>> len(sweep), sweep[5].prompt
    (8, 'a red owl in snow --s 250')
    >>> sweep
    <Sweep grid of animal 2 x place 2 x stylize 2: 8 cells>

    Three seeds, the same ones for each aspect ratio:

    >>> for cell in Sweep("a fox", ar=["1:1", "3:2"], seeds=[7, 8, 9]):
    ...     print(cell.index, cell.values, cell.seed, cell.prompt)
    0 {'ar': '1:1'} 7 a fox --aspect 1:1 --seed 7
    1 {'ar': '1:1'} 8 a fox --aspect 1:1 --seed 8
    2 {'ar': '1:1'} 9 a fox --aspect 1:1 --seed 9
    3 {'ar': '3:2'} 7 a fox --aspect 3:2 --seed 7
    4 {'ar': '3:2'} 8 a fox --aspect 3:2 --seed 8
    5 {'ar': '3:2'} 9 a fox --aspect 3:2 --seed 9
    """

    def __init__(
        self,
        template: str,
        /,
        *,
        design: Design = "grid",
        replicates: int = 1,
        seeds: int | Iterable[int] | None = None,
        exclude: Exclude | Kept | None = None,
        base: ImagineRequest | Mapping[str, Any] | None = None,
        n: int | None = None,
        rng: int = 0,
        limit: int = LIMIT,
        **axes: Axis | Iterable[Any],
    ) -> None:
        read = read_template(template)
        found = read_axes(axes)
        self.template = template
        self.axes: Mapping[str, Axis] = MappingProxyType(found)
        self.design: Design = design
        self.replicates = whole(replicates, "replicates", least=1)
        self.rng = whole(rng, "rng", least=0)
        self.seeds = read_seeds(seeds, self.rng)
        self.limit = whole(limit, "limit", least=1)
        self.base = base if isinstance(base, (ImagineRequest, NoneType)) else read_base(base)
        common = Base.read(self.base, read.names)
        shapes = read_shapes(read, found, common, self.seeds)
        points = read_points(design, found, shapes.columns, common, n=n, rng=self.rng)
        self.n = points.count if points.drawn else None
        excluded = exclude if exclude is None or isinstance(exclude, Kept) else Excluded(exclude, found)
        self._layout = Layout(found, shapes, points, excluded, self.seeds, self.replicates, self.limit)

    # Its cells

    def __len__(self) -> int:
        if self._layout.size > sys.maxsize:
            self._layout.must_fit()
        return self._layout.size

    def __iter__(self) -> Iterator[Cell]:
        self._layout.must_fit()
        return map(self._layout.cell, self._layout.rows())

    @overload
    def __getitem__(self, index: int) -> Cell: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Cell, ...]: ...
    def __getitem__(self, index: int | slice) -> Cell | tuple[Cell, ...]:
        size = self._layout.size
        if isinstance(index, slice):
            return tuple(self[at] for at in range(*index.indices(size)))
        at = as_index(index)
        if not -size <= at < size:
            raise IndexError(f"The sweep has {size:,} cells: there is none with the index {at}.")
        return self._layout.cell(self._layout.row(at % size))

    @property
    def duplicates(self) -> int:
        """How many cells were left out because another one asks for the same, with the same replicate."""
        return self._layout.duplicates

    # What is known before it is sent

    def check(self) -> None:
        """See to it that the service will take each cell, as far as the linter knows.

        Raises
        ------
        ValueError
            It will refuse some; the message names them, and says why. Or there are more than `limit`.

        Examples
        --------
        >>> Sweep("a fox", stylize=[0, 250]).check()
        >>> Sweep("a fox", stylize=[0, 2500]).check()
        Traceback (most recent call last):
        ValueError: 1 of 2 cells would be refused; nothing is sent. Cell 1 (stylize=2500): --stylize takes 0 to 1000, not 2500.
        """
        plan.check(self._layout)

    def plan(self, session: Session | None = None, *, prices: Iterable[Price] | None = None) -> pd.DataFrame:
        """Give a frame of every cell, as it would be sent; needs pandas: ``pip install "mj_widgets[sweep]"``.

        Parameters
        ----------
        session : Session, optional
            What it has already is free. It matches by what is asked for, and by number: with two pictures of a request
            there, of three replicates one is left to pay. What was refused there is not sent again, so that is free too.
        prices : iterable of Price, optional
            What things cost; the session's by default.

        Returns
        -------
        pandas.DataFrame
            A row a cell: a column for each axis, ``prompt``, ``mode``, ``replicate``, ``seed``, ``key``, ``duplicates`` (cells
            that were left out for this one), ``warnings`` of the linter, ``estimate`` in credits (NaN: unknown; 0 what is paid
            for) and ``paid``. In its ``attrs``: ``cells``, ``duplicates``, ``paid``, ``warnings`` (cells that have some),
            ``credits`` (of those whose price is known), ``unknown`` (cells whose price is not), ``at_most`` (None: nothing
            bounds it), ``seconds`` (by what the session has seen; None: it has seen none such) and ``summary``, a sentence.

        Raises
        ------
        ValueError
            The service would refuse some of the cells, or there are more than `limit`.

        Examples
        --------
        >>> sweep = Sweep("a {animal} --v {version}", animal=["fox", "owl"], version=["8.2", "7"])
        >>> plan = sweep.plan()
        >>> plan[["animal", "prompt", "estimate"]]
          animal         prompt  estimate
        0    fox  a fox --v 8.2      0.27
        1    fox    a fox --v 7      0.26
        2    owl  a owl --v 8.2      0.27
        3    owl    a owl --v 7      0.26
        >>> plan.attrs["summary"]
        '4 cells, ≈ 1.1 credits'
        """
        return plan.frame(self._layout, session, prices)

    def estimate(self, prices: Iterable[Price] | None = None) -> Estimate:
        """Estimate what all cells cost if each succeeds; unknown where the price of one is.

        Examples
        --------
        >>> print(Sweep("a {animal} --v 8.2", animal=["fox", "owl"]).estimate())
        ≈ 0.54 credits
        """
        return plan.price(self._layout, prices)

    # Running it

    def run(
        self,
        session: Session,
        *,
        cap: float | None = None,
        order: Order = "random",
        on_error: OnError = "record",
        seed: int = 0,
        retry: str | Iterable[str] = (),
        reuse: bool = True,
    ) -> SweepRun:
        """Make every cell that the session does not have yet. It returns at once; await what it gives, or look at it.

        Running the same sweep again, after whatever happened, goes on: what is done stays, what runs is followed, and what
        was refused, or may have been charged, is not sent again unasked.

        Parameters
        ----------
        session : Session
            Where the pictures go; its own cap holds too.
        cap : float, optional
            Credits that this sweep may spend in the session, over all of its runs. Cells above it are left out, and made when
            it is run with a higher one.
        order : {"random", "design", "cheap-first"}
            In which cells are sent. Random, so that time is no hidden axis: a service that changes within a day would else
            look like an effect of what was sent late.
        on_error : {"record", "raise"}
            Whether a cell that is refused is a result like others, or ends the run with a `GenerationError`.
        seed : int
            Of the random order: the same gives the same.
        retry : str or iterable of str, optional
            States of which cells are sent again: ``"moderated"``, ``"rejected"``, ``"timed out"``, ``"unconfirmed"``. The last
            two may have been charged, and may be so twice.
        reuse : bool
            Whether a picture that was asked for elsewhere in the session in exactly the same words counts as a cell's, for
            nothing.

        Returns
        -------
        SweepRun
            It has started.

        Raises
        ------
        ValueError
            The service would refuse some of the cells, there are more than `limit`, or the cap is not above 0.
        CapError
            There is a cap, and nobody knows what some cells cost: see ``session.prices``.
        SessionError
            The session is closed.

        Examples
        --------
        >>> run = Sweep("a {animal}", animal=["fox", "owl"], replicates=2).run(session, cap=2)
        >>> run.result().counts["done"], round(run.spent, 2)
        (4, 1.08)
        """
        from mj_widgets.sweep.run import start

        return start(self, session, cap=cap, order=order, on_error=on_error, seed=seed, retry=retry, reuse=reuse)

    # What it is rebuilt from

    def manifest(self) -> dict[str, Any]:
        """Give all that the design is rebuilt from, as JSON holds it, with the keys of its cells.

        A function that excludes cannot be written down; what it left is.

        Examples
        --------
        >>> sweep = Sweep("a {animal}", animal=["fox", "owl"], seeds=[1, 2])
        >>> again = Sweep.from_manifest(sweep.manifest())
        >>> [cell.key for cell in again] == [cell.key for cell in sweep]
        True
        """
        return manifest.write(self, self._layout)

    @classmethod
    def from_manifest(cls, source: Mapping[str, Any] | str | Path) -> Self:
        """Rebuild a design from its manifest, or from the file or the exported folder that holds it.

        Raises
        ------
        ValueError
            It is from a newer version, or damaged, or it comes to other requests now than it did.

        Examples
        --------
        >>> import json
        >>> file = folder / "sweep.json"
        >>> _ = file.write_text(json.dumps(Sweep("a {animal}", animal=["fox", "owl"]).manifest()))
        >>> Sweep.from_manifest(file)
        <Sweep grid of animal 2: 2 cells>
        """
        return manifest.read(cls, source)

    def __repr__(self) -> str:
        told = self._layout.sizes
        try:
            cells = f"{self._layout.size:,} cells" if self._layout.size != 1 else "1 cell"
            twice = f", {self.duplicates:,} duplicates left out" if self.duplicates else ""
        except ValueError:
            cells, twice = "cells that cannot be counted", ""
        seeds = f", {len(self.seeds)} seeds" if self.seeds else ""
        replicates = f", {self.replicates} replicates" if self.replicates > 1 else ""
        return f"<Sweep {self.design}{' of ' if told else ''}{told}{seeds}{replicates}: {cells}{twice}>"

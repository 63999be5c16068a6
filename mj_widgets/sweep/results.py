"""What a run comes to: thin methods, each of which asks the room that does it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mj_widgets.models import Mode
from mj_widgets.sweep.judging import Judging

if TYPE_CHECKING:
    import pandas as pd
    import PIL.Image

    from mj_widgets.sweep.figure import Pages
    from mj_widgets.sweep.run import SweepRun


class Results(Judging):
    """The methods of a `SweepRun` that make something of its pictures."""

    def promote(
        self,
        k: int,
        by: Any = "rating",
        *,
        action: str | None = None,
        mode: Mode | None = None,
        version: str | None = None,
        **options: Any,
    ) -> SweepRun:
        """Send the best cells on: a cheap first pass, then money on the few.

        Parameters
        ----------
        k : int
            How many cells.
        by : str, callable, or one number a cell
            What is best: ``"rating"``, the stars that raters gave in `rate`, or else those of the pictures; ``"strength"`` of
            those that were compared there; the name of a metric; a column of `to_dataframe`; a function of a `RunCell`; or one
            number a cell, in their order. More is better; None and NaN do not count.
        action : str, optional
            What to do with each: ``"upscale1"``, ``"reroll"``, ... ``"upscale"`` or ``"variation"`` alone takes the best tile
            of each: the one with the most stars, or as the metric says; a function gives a dict of numbers by tile then.
        mode : {"fast", "relax", "turbo"}, optional
            Alone: ask for the same again in this mode. With `action`: the mode of that.
        version : str, optional
            Ask for the same again with this version.
        **options
            Those of `Sweep.run`: ``cap``, ``order``, ``on_error``, ``retry``, ``reuse``, ``seed``.

        Returns
        -------
        SweepRun
            A run of the chosen cells, with the axes of this one. Doing it again resumes it, and pays nothing twice.

        Raises
        ------
        ValueError
            No cell can be compared, there is nothing to do, the service would refuse it, or does not offer it.

        Examples
        --------
        >>> run = Sweep("a {animal}", animal=["fox", "owl"], mode=["relax"]).run(session).result()
        >>> run[1].generation.rate(5, tile=3)
        >>> best = run.promote(1, action="upscale").result()
        >>> best[0].labels, best[0].generation.request.action
        ({'animal': 'owl', 'mode': 'relax'}, 'upscale3')
        >>> run.promote(2, by=lambda cell: len(cell.generation.prompt), mode="fast").result().counts["done"]
        2
        """
        from mj_widgets.sweep.promote import promote

        return promote(self._run, k, by, action=action, mode=mode, version=version, **options)

    # Out of here

    def to_dataframe(self) -> pd.DataFrame:
        """Give a frame, a row a cell in the order of the design; needs pandas: ``pip install "mj_widgets[sweep]"``.

        Returns
        -------
        pandas.DataFrame
            A column for each axis with its values; ``cell``, ``replicate``, ``seed``, ``key``, ``prompt``, ``mode``, ``state``
            and ``words`` (the service's), ``generation``, ``task_id`` and ``image_id``, ``sent`` and ``finished`` (UTC),
            ``seconds``, ``estimate`` and ``cost`` in credits, ``rating``, ``favourite``, ``tags``, ``note``, ``width`` and
            ``height`` in pixels, ``path`` below the session's folder; ``stars`` and ``strength`` where raters judged (see
            `rate`; ``rating`` is what was given to the picture itself); then a column for each metric that was measured. Where
            an axis has one of these names, the other column is called ``seed_``, say.

        Raises
        ------
        ImportError
            pandas is not installed.

        Examples
        --------
        >>> run = Sweep("a {animal}", animal=["fox", "owl"], stylize=[0, 250]).run(session).result()
        >>> run.to_dataframe()[["animal", "stylize", "prompt", "state", "estimate"]]
          animal  stylize               prompt state  estimate
        0    fox        0    a fox --stylize 0  done      0.27
        1    fox      250  a fox --stylize 250  done      0.27
        2    owl        0    a owl --stylize 0  done      0.27
        3    owl      250  a owl --stylize 250  done      0.27
        """
        from mj_widgets.sweep import frame

        return frame.frame(self._run)

    def to_parquet(self, path: str | Path) -> Path:
        """Write the frame as a Parquet file, with the manifest of the run in its metadata; needs pandas and pyarrow.

        An axis with values of several kinds, as ``[False, 5]``, becomes a column of text. The manifest is JSON, and stands in
        the metadata of the schema under ``mj_widgets.sweep``.

        Returns
        -------
        Path
            The file; one that was there is replaced.

        Raises
        ------
        ImportError
            pandas or pyarrow is not installed.

        Examples
        --------
        >>> import json, pyarrow.parquet
        >>> run = Sweep("a {animal}", animal=["fox", "owl"]).run(session).result()
        >>> file = run.to_parquet(folder / "run.parquet")
        >>> manifest = json.loads(pyarrow.parquet.read_schema(file).metadata[b"mj_widgets.sweep"])
        >>> manifest["template"]
        'a {animal}'
        """
        from mj_widgets.sweep import frame

        return frame.parquet(self._run, path)

    def grid(
        self,
        x: str | None = None,
        y: str | None = None,
        *,
        only: Mapping[str, Any] | None = None,
        tile: int = 0,
        side: int = 160,
        page: tuple[int, int] = (12, 12),
        title: str | None = None,
        dark: bool = False,
        font: str | Path | None = None,
    ) -> PIL.Image.Image | Pages:
        """Draw a labelled picture of it, from small renditions; cells without a picture say in words why they have none.

        Parameters
        ----------
        x, y : str, optional
            The axes across and down: the first two by default. ``"seed"`` and ``"replicate"`` can be axes as well; else those
            stand side by side. All other axes make a page for each combination of their values.
        only : dict, optional
            By axis, the values or labels to keep.
        tile : int
            1 to 4 for that tile of each grid, 0 for the whole.
        side : int
            Pixels of the longer side of each picture; up to 256 it is fast.
        page : (int, int)
            Pictures across, and rows down, that a page has at most.
        title : str, optional
            The template by default.
        dark : bool
            Light letters on a dark ground.
        font : path, optional
            A font file, for letters that Pillow's own has not: it has Latin ones only.

        Returns
        -------
        PIL.Image.Image or Pages
            One picture where all is on one page; else a list of them, which shows itself and has ``save(path)``.

        Raises
        ------
        ValueError
            There is no such axis, or value, or it comes to more than 200 pages.

        Examples
        --------
        >>> sweep = Sweep("a {animal} in {place}", animal=["fox", "owl"], place=["snow", "fog", "sun"])
        >>> run = sweep.run(session).result()
        >>> picture = run.grid(x="place", y="animal")
        >>> picture.save(folder / "grid.png")
        >>> len(run.grid(x="animal", y="place", page=(2, 1)))
        3
        """
        from mj_widgets.sweep import figure

        return figure.grid(self._run, x, y, only=only, tile=tile, side=side, page=page, title=title, dark=dark, font=font)

    def report(self, path: str | Path, *, x: str | None = None, y: str | None = None, title: str | None = None) -> Path:
        """Write one page of HTML that holds all of it: open it from disk, send it to somebody, keep it beside the paper.

        It needs neither a network nor a kernel, and asks for none. One chooses there what lies across and down; small pictures
        of every cell are inside (16 MB of them at most: the more cells, the smaller), with the states, the bill, the effects
        of what was measured, and the manifest.

        Parameters
        ----------
        path : path
            The file; one that was there is replaced.
        x, y : str, optional
            What lies across and down when it is opened: the first two axes by default.
        title : str, optional
            The session's name by default.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        ValueError
            There is no such axis, or there are more cells than a page can hold.

        Examples
        --------
        >>> run = Sweep("a {animal}", animal=["fox", "owl"], stylize=[0, 250]).run(session).result()
        >>> run.report(folder / "sweep.html").stat().st_size < 500_000
        True
        """
        from mj_widgets.sweep import report

        return report.report(self._run, path, x=x, y=y, title=title)

    def export(self, path: str | Path, *, tiles: bool = False) -> Path:
        """Copy the pictures into a folder that explains itself, and that others read without this package.

        There, ``metadata.jsonl`` has a line for each picture, as ``datasets.load_dataset("imagefolder", data_dir=...)`` of
        Hugging Face reads it; each picture's own metadata are inside of its file (see `Session.add`); and ``manifest.json``
        has the design, every request with what became of it, the SHA-256 of every file, versions and the bill:
        ``Sweep.from_manifest(folder)`` rebuilds the design. What was interrupted is done again, and goes on.

        Parameters
        ----------
        path : path
            A folder that is new or empty, or that has an export of the same sweep, which is brought up to date.
        tiles : bool
            Each tile of a grid as a file of its own.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        ValueError
            Something else is in the folder.

        Examples
        --------
        >>> run = Sweep("a {animal}", animal=["fox", "owl"]).run(session).result()
        >>> there = run.export(folder / "foxes")
        >>> sorted(file.suffix for file in there.iterdir())
        ['.json', '.jsonl', '.png', '.png']
        >>> Sweep.from_manifest(there)
        <Sweep grid of animal 2: 2 cells>
        """
        from mj_widgets.sweep import folder

        return folder.export(self._run, path, tiles=tiles)

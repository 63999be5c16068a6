"""What a run's pictures say, and what people say of them: thin methods, each of which asks the room that does it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from mj_widgets.sweep.deck import REPEATS

if TYPE_CHECKING:
    import pandas as pd
    import PIL.Image

    from mj_widgets.sweep.judgement import Kind
    from mj_widgets.sweep.measure import Chosen
    from mj_widgets.sweep.run import SweepRun
    from mj_widgets.sweep.sitting import Sitting


class Judging:
    """The methods of a `SweepRun` that tell its pictures apart."""

    @property
    def _run(self) -> SweepRun:
        return cast("SweepRun", self)

    def measure(
        self, metrics: Chosen = None, *, client: Any = None, processes: int | None = None, progress: bool = True
    ) -> pd.DataFrame:
        """Measure the pictures; needs pandas: ``pip install "mj_widgets[sweep]"``.

        What was measured is kept in the session by what is in the file, so that measuring again costs nothing. Whoever
        measures says the same to the last bit. Interrupted, or killed, it keeps what it had.

        Parameters
        ----------
        metrics : str, callable, list of these, or dict of callables, optional
            Names of `mj_widgets.sweep.metrics.METRICS`, all of them by default; or functions that take a
            ``PIL.Image.Image`` and give a number, a text, or a dict of them, which becomes columns ``name.key``. A function
            that is marked with `metrics.of_tiles` takes the list of a grid's tiles. One that is marked with
            `metrics.version` is not done again as long as its version is the same; others are, each time, because nothing
            tells whether their code has changed.
        client : dask.distributed.Client, optional
            A cluster that measures; ``pip install "mj_widgets[dask]"``. Paths go there, and the bytes of the files where a
            worker does not see them; neither the session nor the token. Its workers need mj_widgets. A worker that dies
            costs nothing: Dask has another one do it again.
        processes : int, optional
            Processes of this machine; 1 is this one. As many as there are processors by default, where there are enough
            pictures to be worth it. What only this process knows, such as a function of a notebook, is done in this one.
        progress : bool
            Whether to show how far it is, in a notebook or a terminal.

        Returns
        -------
        pandas.DataFrame
            A row a picture, four for a grid: a column for each axis, ``cell`` (its place in the design), ``key``,
            ``replicate``, ``seed``, ``tile`` (0: a picture that is no grid), one for each metric, and ``error``: why a number
            is missing, for this picture alone. What is said of a grid's tiles together stands beside each of them. A name
            that an axis has gets a dash below: ``seed_``.

        Raises
        ------
        ValueError
            There is no such metric, or it has no name.

        Examples
        --------
        >>> run = Sweep("a {animal}", animal=["fox", "owl"]).run(session).result()
        >>> frame = run.measure(["sharpness", "contrast"])
        >>> list(frame.columns), len(frame)
        (['animal', 'cell', 'key', 'replicate', 'seed', 'tile', 'sharpness', 'contrast', 'error'], 8)

        One's own:

        >>> def colours(picture):
        ...     red, green, blue = picture.convert("RGB").resize((1, 1)).getpixel((0, 0))
        ...     return {"red": red / 255, "green": green / 255, "blue": blue / 255}
        >>> list(run.measure(colours).columns[6:-1])
        ['colours.red', 'colours.green', 'colours.blue']
        """
        from mj_widgets.sweep import measure

        return measure.measure(self._run, metrics, client=client, processes=processes, progress=progress)

    def measured(self) -> dict[str, list[Any]]:
        """Give what was measured so far, in this run or another one: by metric a number a cell, in their order.

        The number is the mean over the tiles, None where there is none; what is text is left out. `to_dataframe` has it, too.

        Examples
        --------
        >>> run = Sweep("a {animal}", animal=["fox", "owl"]).run(session).result()
        >>> frame = run.measure("contrast")
        >>> {name: len(numbers) for name, numbers in run.measured().items()}
        {'contrast': 2}
        """
        from mj_widgets.sweep import measure

        return measure.measured(self._run)

    def effects(
        self, metric: Any = "rating", *, level: float = 0.95, resamples: int = 2000, rng: int = 0, progress: bool = True
    ) -> pd.DataFrame:
        """Say what each axis does to the pictures, and whether that is more than luck.

        The noise floor is the spread of what was made alike: replicates, or seeds that all cells share; pictures of one seed
        are compared with each other. Without either nobody can say what luck does, and it says so.

        Parameters
        ----------
        metric : str or callable
            ``"rating"``: the stars that raters gave, or else those of the pictures; ``"strength"`` of those that were compared
            two by two; a metric's name, or one's own (see `measure`); or one that was measured before, such as
            ``"colours.red"``. The tiles of a grid were made together, so that their mean counts, once.
        level : float
            With which probability an interval holds, and luck stays below the noise floor, for each axis by itself.
        resamples : int
            How often luck is drawn anew for the intervals.
        rng : int
            The seed of those draws.
        progress : bool
            Whether to show how far the measuring is.

        Returns
        -------
        pandas.DataFrame
            A row for each value of each axis: ``axis``, ``value``, ``label``, ``n`` (cells), ``mean``, ``low`` and ``high``
            (its bootstrap interval), ``noise`` (the standard deviation of luck), ``luck`` (the noise floor: by how much luck
            alone makes two values differ), ``above_luck`` (None where nobody can say) and ``verdict``, a sentence. See
            `mj_widgets.sweep.effects.effects`.

        Raises
        ------
        ValueError
            There is no such metric, or it has no numbers.

        Examples
        --------
        >>> run = Sweep("a fox", stylize=[0, 250], replicates=2).run(session).result()
        >>> for cell in run:
        ...     cell.generation.rate(1 if cell.values["stylize"] == 0 else 5)
        >>> print(run.effects()["verdict"][0])
        stylize changes rating: +4 [4, 4] from 0 to 250, above luck (±0).
        """
        from mj_widgets.sweep import seen

        return seen.effects(self._run, metric, seen.checked(level, resamples, rng), progress=progress)

    def plot_effects(
        self,
        metric: Any = "rating",
        *,
        level: float = 0.95,
        resamples: int = 2000,
        rng: int = 0,
        progress: bool = True,
        width: int = 760,
        dark: bool = False,
        font: str | Path | None = None,
    ) -> PIL.Image.Image:
        """Draw `effects`: the mean of each value with its interval, on a band that is as wide as luck reaches.

        Parameters
        ----------
        metric, level, resamples, rng, progress
            As for `effects`.
        width : int
            Pixels, 400 or more.
        dark : bool
            Light on dark.
        font : path, optional
            A TrueType or OpenType file for labels in other than Latin letters.

        Returns
        -------
        PIL.Image.Image
            It shows itself as the last line of a cell; ``save("effects.png")`` keeps it.

        Examples
        --------
        >>> run = Sweep("a fox", stylize=[0, 250], replicates=2).run(session).result()
        >>> run.plot_effects("contrast", width=600).width
        600
        """
        from mj_widgets.sweep import plot

        frame = self.effects(metric, level=level, resamples=resamples, rng=rng, progress=progress)
        return plot.plot(frame, width=width, dark=dark, font=font)

    def rate(
        self, rater: str, *, kind: Kind = "stars", tiles: bool = False, n: int | None = None, repeats: float = REPEATS
    ) -> Sitting:
        """Let somebody judge the pictures, blind: make it the last line of a cell.

        Nothing on it says what a picture was made with. Pictures come in an order by lot, another one for each rater, and a
        few come twice, so that it shows how far somebody agrees with himself. What was judged is kept with the session at
        once: stop at any time, and run the cell again to go on, also in a sweep that was made longer.

        Parameters
        ----------
        rater : str
            Who judges.
        kind : {"stars", "pairs"}
            One to five stars for each picture, by the keys 1 to 5; or which of two is better, by the arrows.
        tiles : bool
            Each tile of a grid by itself.
        n : int, optional
            How many are asked, repeats among them; by default each picture once and the repeats, or as many pairs that each
            picture is in ten of them.
        repeats : float
            The share, from 0 to 0.5, of what is asked twice.

        Returns
        -------
        Sitting
            It draws itself. ``judge(4)`` or ``judge("left")`` is what a key does, ``undo()`` takes the last one back.

        Raises
        ------
        ValueError
            Nobody is named, there are no pictures, or but one to compare, or a number is out of range.

        Examples
        --------
        >>> run = Sweep("a {animal}", animal=["fox", "owl", "cat"]).run(session).result()
        >>> run.rate("Ada", kind="pairs")
        <Sitting of Ada, pairs: 0 of 3>
        """
        from mj_widgets.sweep.sitting import Sitting

        return Sitting(self._run, rater, kind=kind, tiles=tiles, n=n, repeats=repeats)

    def ratings(self) -> pd.DataFrame:
        """Give the stars that raters gave in `rate`: a row for each picture that has some.

        Returns
        -------
        pandas.DataFrame
            A column for each axis, ``cell``, ``key``, ``tile`` (0: the whole), ``stars`` (the mean, in which each rater counts
            once), ``raters`` and ``n`` (how often it was asked).

        Examples
        --------
        >>> from mj_widgets.sweep import rating
        >>> run = Sweep("a {animal}", animal=["fox", "owl"]).run(session).result()
        >>> number = rating.judge(run, rating.Stars("me", run[1].key, 5))
        >>> run.ratings()[["animal", "stars", "raters"]]
          animal  stars  raters
        0    owl    5.0       1
        """
        from mj_widgets.sweep import rating

        return rating.ratings(self._run)

    def strengths(self, *, prior: float = 0.5, level: float = 0.95) -> pd.DataFrame:
        """Give how strong the pictures are that were compared two by two in `rate`, the strongest first (Bradley and Terry).

        Parameters
        ----------
        prior : float
            The weight of a tie with an average picture, which each has beforehand: so no strength is infinite.
        level : float
            With which probability an interval holds.

        Returns
        -------
        pandas.DataFrame
            A column for each axis, ``cell``, ``key``, ``tile`` (0: the whole), ``strength`` (the logarithm of the odds against
            an average one), ``low``, ``high``, ``wins``, ``losses`` and ``ties``. See
            `mj_widgets.sweep.strength.bradley_terry`.

        Examples
        --------
        >>> from mj_widgets.sweep import rating
        >>> run = Sweep("a {animal}", animal=["fox", "owl"]).run(session).result()
        >>> number = rating.judge(run, rating.Choice("me", run[0].key, run[1].key, "right"))
        >>> run.strengths()[["animal", "wins", "losses"]]
          animal  wins  losses
        0    owl     1       0
        1    fox     0       1
        """
        from mj_widgets.sweep import rating

        return rating.strengths(self._run, prior=prior, level=level)

    def agreement(self) -> pd.DataFrame:
        """Say how far raters agree with each other, and each with himself on what he was asked twice.

        Returns
        -------
        pandas.DataFrame
            ``kind``, ``measure``, ``raters``, ``value`` and ``n``: see `mj_widgets.sweep.agreement.agreement`.

        Examples
        --------
        >>> from mj_widgets.sweep import rating
        >>> run = Sweep("a {animal}", animal=["fox", "owl"]).run(session).result()
        >>> for rater in ("Ada", "Bo"):
        ...     number = rating.judge(run, rating.Choice(rater, run[0].key, run[1].key, "left"))
        >>> run.agreement()[["measure", "raters", "value"]].values.tolist()[0]
        ['same choice', 'Ada, Bo', 1.0]
        """
        from mj_widgets.sweep import rating

        return rating.agreements(self._run)

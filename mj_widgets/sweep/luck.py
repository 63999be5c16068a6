"""Whether a difference is more than luck: the statistics behind `mj_widgets.sweep.effects`, on plain arrays.

What is measured of a picture is taken to be the sum of what each axis adds, of the seed's share where seeds are shared, and of
luck. The axes' shares are fitted by least squares, so that cells that are missing, or a design that is no grid, favour no
value; with a whole grid they are the plain means. How large luck is, only pictures tell that differ in nothing else:

- *Replicates without a seed*: pictures of equal values. Luck is their spread, pooled over all cells.
- *Shared seeds*: a seed's pictures are related, so the seed is what was drawn by lot, not the picture. For each seed the values
  of an axis are compared with each other, and luck is how far seeds disagree about that.

What one cannot see in the fit, that an axis acts otherwise beside another one, is not taken for luck.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from mj_widgets.sweep.chance import error_between, largest, normal_bound, normals, smoothed, student
from mj_widgets.sweep.fit import Fit, plain

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

_AT_ONCE = 2_000_000  # numbers that are drawn together


class Found(NamedTuple):
    """What is known of one axis."""

    means: Floats
    """By value; NaN where no picture has it."""
    low: Floats
    high: Floats
    noise: float
    """The standard deviation of pictures that differ in luck alone; NaN where none do."""
    luck: float
    """The difference between two values that luck alone exceeds once in 1 / (1 - level) times; NaN where nobody can say."""
    pair: tuple[int, int] | None
    """The two values that differ most, in their order; None for fewer than two."""
    difference: float
    bounds: tuple[float, float]
    """Between which the difference is; as wide as for the largest of all differences, since it was chosen for being that."""
    alone: bool
    """False when the axis changes together with others, so that nobody can tell whose effect it is."""

    @property
    def is_above_luck(self) -> bool | None:
        """Whether the axis does anything; None where nobody can say."""
        if self.pair is None or math.isnan(self.luck) or not self.alone:
            return None
        return abs(self.difference) > self.luck * (1 + 1e-9) + 1e-12 * float(abs(self.means[[*self.pair]]).max())


class Study(NamedTuple):
    """Cells, one beside the other."""

    measured: Floats
    codes: Sequence[Ints]
    """For each axis, which of its values each cell has."""
    sizes: Sequence[int]
    """For each axis, how many values it has."""
    seeds: Ints | None
    """Which seed each cell has; None where they have none."""


class Draws(NamedTuple):
    """How luck is drawn anew."""

    level: float
    """The probability with which an interval holds, and luck stays below its floor."""
    resamples: int
    rng: int
    """The seed of the draws."""


class _Evidence(NamedTuple):
    """What the cells say of one axis."""

    means: Floats
    """By value; NaN where no cell has it."""
    alone: bool
    errors: Floats | None = None
    """By how much the means are off when luck is drawn anew: resamples x values. None where luck is not known."""
    freedom: int = 0
    """Degrees of freedom of a mean's luck."""
    covariance: Floats | None = None
    """Of the means that are there, as far as they are compared, in units of the spread."""
    spread: float = math.nan
    """The standard deviation of luck in a comparison."""
    compared: int = 0
    """Degrees of freedom of the spread."""


def judge(study: Study, draws: Draws) -> list[Found]:
    """Say for each axis what it changes."""
    import numpy as np

    spread, noise = _within(study)
    if study.seeds is None:
        found = _by_pictures(study, spread, noise, draws)
    else:
        found = _by_seeds(study, study.seeds, draws)
        noise = math.nan if len(np.unique(study.seeds)) < 2 else noise  # noqa: PLR2004 - one seed is no spread of seeds
    return [_found(evidence, noise, draws, axis) for axis, evidence in enumerate(found)]


def _within(study: Study) -> tuple[Floats, float]:
    """Give how far pictures of equal values are from their mean, each as if by itself, and their standard deviation."""
    import numpy as np

    _, group = np.unique(np.stack(study.codes), axis=1, return_inverse=True)
    group = group.reshape(-1)
    size = np.bincount(group)
    off = study.measured - (np.bincount(group, study.measured) / size)[group]
    many = size[group] > 1
    off = off[many] * np.sqrt(size[group] / np.maximum(size[group] - 1, 1))[many]  # a mean of few is drawn to each of them
    weight = 1 - 1 / size[group][many]
    return off, math.sqrt(float(off**2 @ weight) / float(weight.sum())) if len(off) else math.nan


# Replicates without a seed


def _by_pictures(study: Study, spread: Floats, noise: float, draws: Draws) -> list[_Evidence]:
    import numpy as np

    fit = Fit(study.codes, study.sizes)
    axes = range(len(study.sizes))
    alone = [fit.is_alone(axis) for axis in axes]
    weights = [fit.weights(axis) if alone[axis] else plain(study.codes[axis], study.sizes[axis]) for axis in axes]
    if not len(spread):
        return [_Evidence(weight @ study.measured, alone[axis]) for axis, weight in enumerate(weights)]
    freedom = len(study.measured) - len(np.unique(np.stack(study.codes), axis=1).T)
    found = []
    for axis, (weight, errors) in enumerate(zip(weights, _resampled(spread, weights, draws), strict=True)):
        there = np.isfinite(weight[:, 0])
        covariance = weight[there] @ weight[there].T
        normal = noise * normals(covariance, draws.resamples, np.random.default_rng([draws.rng, axis]))
        errors[:, there] = smoothed(errors[:, there], normal, freedom)
        found.append(_Evidence(weight @ study.measured, alone[axis], errors, freedom, covariance, noise, freedom))
    return found


def _resampled(spread: Floats, weights: list[Floats], draws: Draws) -> list[Floats]:
    """Draw luck anew for each picture, and see what becomes of the means: resamples x values, for each axis."""
    import numpy as np

    generator = np.random.default_rng(draws.rng)
    stacked = np.nan_to_num(np.concatenate(weights))
    number = stacked.shape[1]
    drawn = []
    left = draws.resamples
    while left > 0:
        now = max(1, min(left, _AT_ONCE // number))
        drawn.append(generator.choice(spread, (now, number)) @ stacked.T)
        left -= now
    ends = np.cumsum([len(weight) for weight in weights])[:-1]
    return np.split(np.concatenate(drawn), ends, axis=1)


# Shared seeds


def _by_seeds(study: Study, seeds: Ints, draws: Draws) -> list[_Evidence]:
    import numpy as np

    whole = Fit(study.codes, study.sizes)
    parts = [seeds == seed for seed in np.unique(seeds)]
    fits = [Fit([codes[part] for codes in study.codes], study.sizes) for part in parts]
    found = []
    for axis, size in enumerate(study.sizes):
        own = [fit.weights(axis) @ study.measured[part] for fit, part in zip(fits, parts, strict=True) if fit.is_alone(axis)]
        evidence = None
        if whole.is_alone(axis) and len(own) > 1:  # one seed tells nothing of seeds
            evidence = _compared(np.array(own), draws, axis)
        if evidence is None:
            means = plain(study.codes[axis], size) @ study.measured
            evidence = _Evidence(means, whole.is_alone(axis))
        found.append(evidence)
    return found


def _compared(table: Floats, draws: Draws, axis: int) -> _Evidence | None:
    """Compare values within seeds: seeds x values, some of them NaN.

    Each is what its seed and its value add, and what the seed thinks of that value alone, which is luck. What is missing is
    put as what the two add (F. Yates, 1933). None when some values share no seed with the others, not even over a third.
    """
    import numpy as np

    there = np.isfinite(table).any(axis=0)
    known = table[:, there]
    seed, value = np.nonzero(np.isfinite(known))
    fit = Fit([value, seed], [known.shape[1], known.shape[0]])
    if not fit.is_alone(0):
        return None
    entries, weights = known[seed, value], fit.weights(0)
    model = (weights @ entries)[None, :] + (fit.weights(1) @ entries)[:, None] - fit.mean @ entries
    filled = np.where(np.isfinite(known), known, model)
    off = entries - model[seed, value]
    freedom = len(entries) - sum(known.shape) + 1
    spread = math.sqrt(float(off @ off) / freedom) if freedom > 0 else math.nan
    means, errors = np.full(table.shape[1], np.nan), np.full((draws.resamples, table.shape[1]), np.nan)
    means[there] = filled.mean(axis=0)
    errors[:, there] = _seeds_anew(filled, draws.resamples, np.random.default_rng([draws.rng, axis]))
    return _Evidence(means, True, errors, len(table) - 1, weights @ weights.T, spread, freedom)


def _seeds_anew(table: Floats, resamples: int, generator: Any) -> Floats:
    """Draw the seeds anew, each with all that it made, and see what becomes of the means: resamples x values."""
    number = len(table)
    off = table - table.mean(axis=0)
    picked = off[generator.integers(0, number, (resamples, number))].mean(axis=1)
    normal = generator.standard_normal((resamples, number)) @ off / number
    wider = math.sqrt(number / (number - 1))  # the spread of a few is too small
    return wider * smoothed(picked, normal, number - 1)


# What both come to


def _found(evidence: _Evidence, noise: float, draws: Draws, axis: int) -> Found:
    import numpy as np

    means, errors = evidence.means, evidence.errors
    there = np.flatnonzero(np.isfinite(means))
    low, high = np.full_like(means, np.nan), np.full_like(means, np.nan)
    tails = [(1 - draws.level) / 2, (1 + draws.level) / 2]
    if errors is not None:
        wider = student(draws.level, evidence.freedom) / normal_bound(draws.level)
        low[there], high[there] = means[there] + wider * np.quantile(errors[:, there], tails, axis=0)
    if len(there) < 2 or not evidence.alone:  # noqa: PLR2004 - nothing to compare
        return Found(means, low, high, noise, math.nan, None, math.nan, (math.nan, math.nan), evidence.alone)
    first, second = sorted((int(np.nanargmin(means)), int(np.nanargmax(means))))
    if first == second:  # all are the same
        first, second = there[[0, -1]].tolist()
    difference = float(means[second] - means[first])
    luck, bounds = math.nan, (math.nan, math.nan)
    if errors is not None and evidence.covariance is not None and evidence.compared > 0:
        generator = np.random.default_rng([draws.rng, axis, 1])
        most = largest(evidence.covariance, evidence.compared, draws.level, generator)
        luck = most * evidence.spread
        places = (int(np.searchsorted(there, one)) for one in (first, second))
        # A resampled difference is off as one of many is, of many pictures; this was chosen for being the largest.
        wider = most / (error_between(evidence.covariance, *places) * normal_bound(draws.level))
        below, above = np.quantile(errors[:, second] - errors[:, first], tails)
        bounds = (difference + wider * float(below), difference + wider * float(above))
    return Found(means, low, high, noise, luck, (first, second), difference, bounds, evidence.alone)

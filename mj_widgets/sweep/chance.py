"""How large a difference luck makes: Student's t, Tukey's range, and means that are drawn anew."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_DRAWS = 20_000


def largest(covariance: Floats, freedom: int, level: float, generator: Any) -> float:
    """Give how far apart the means of values that do nothing come to lie, in units of the spread that was estimated.

    For two values it is Student's t; for more, the range of them all over the spread (Tukey's studentized range), drawn for
    the very cells that are there, since they may be unequal.

    Parameters
    ----------
    covariance : values x values
        Of the means, in units of the spread.
    freedom : int
        Degrees of freedom of the spread.
    level : float
        The probability of staying below.
    generator : numpy.random.Generator
    """
    import numpy as np

    if len(covariance) == 2:  # noqa: PLR2004 - Student's case
        return student(level, freedom) * error_between(covariance, 0, 1)
    drawn = normals(covariance, _DRAWS, generator)
    spreads = np.sqrt(generator.chisquare(freedom, _DRAWS) / freedom)
    return float(np.quantile(np.ptp(drawn, axis=1) / spreads, level))


def error_between(covariance: Floats, first: int, second: int) -> float:
    """Give the standard error of the difference of two means."""
    c = covariance
    return math.sqrt(max(float(c[first, first] + c[second, second] - 2 * c[first, second]), 0.0))


def normals(covariance: Floats, number: int, generator: Any) -> Floats:
    """Draw means that vary together as `covariance` says: number x values."""
    import numpy as np

    values, vectors = np.linalg.eigh(covariance)
    drawn: Floats = generator.standard_normal((number, len(covariance))) @ (np.sqrt(np.maximum(values, 0))[:, None] * vectors.T)
    return drawn


def normal_bound(level: float) -> float:
    """Give what a normal variable stays within, on both sides, with a probability: 1.96 at 0.95."""
    return NormalDist().inv_cdf((1 + level) / 2)


def smoothed(errors: Floats, normal: Floats, freedom: int) -> Floats:
    """Fill the gaps between resampled means, of which a few pictures make only a few (the shrunk smoothed bootstrap).

    B. W. Silverman, G. A. Young, Biometrika 74, 1987. The variance stays; with many pictures next to nothing changes.
    """
    share = 1 / freedom
    return (errors + math.sqrt(share) * normal) / math.sqrt(1 + share)


def student(level: float, freedom: int) -> float:
    """Give the t that Student's distribution stays within, on both sides, with a probability.

    Examples
    --------
    >>> round(student(0.95, 10), 3)
    2.228
    """
    low, high = 0.0, 1.0
    while _student_within(high, freedom) < level:
        low, high = high, high * 2
    for _ in range(60):  # halves it down to the last bit
        middle = (low + high) / 2
        low, high = (middle, high) if _student_within(middle, freedom) < level else (low, middle)
    return high


def _student_within(t: float, freedom: int) -> float:
    """Give the probability of lying within -t and t (M. Abramowitz, I. Stegun, 26.7.3 and 26.7.4)."""
    angle = math.atan(t / math.sqrt(freedom))
    cosine, sine = math.cos(angle), math.sin(angle)
    odd = freedom % 2
    term = cosine if odd else 1.0
    total = term if freedom > 1 else 0.0
    for number in range(2 + odd, freedom - 1, 2):
        term *= (number - 1) / number * cosine**2
        total += term
    return 2 / math.pi * (angle + sine * total) if odd else sine * total

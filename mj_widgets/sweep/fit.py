"""Least squares with what each value of each axis adds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

_SAME = 1e-7  # below it, of numbers near 1, it is rounding


class Fit:
    """Least squares with what each value of each axis adds, as weights of the cells."""

    def __init__(self, codes: Sequence[Ints], sizes: Sequence[int]) -> None:
        import numpy as np

        self.codes = codes
        self.sizes = sizes
        columns = [np.ones((len(codes[0]), 1))]
        self._at: list[Ints] = []
        start = 1
        for one, size in zip(codes, sizes, strict=True):
            columns.append(np.eye(size)[one])
            self._at.append(np.arange(start, start + size))
            start += size
        matrix = np.concatenate(columns, axis=1)
        normal = matrix.T @ matrix
        inverse = np.linalg.pinv(normal, rcond=1e-10, hermitian=True)
        self._solved = inverse @ matrix.T
        self._known = inverse @ normal  # what can be told from the cells stays itself under it
        self._average = matrix.mean(axis=0)
        self.mean = self._average @ self._solved

    def weights(self, axis: int) -> Floats:
        """Give values x cells: by them each value's mean is made of the cells; NaN for a value that no cell has."""
        import numpy as np

        weights = self._asked(axis) @ self._solved
        weights[np.bincount(self.codes[axis], minlength=self.sizes[axis]) == 0] = np.nan
        return weights

    def is_alone(self, axis: int) -> bool:
        """Tell whether the values of an axis can be compared, whatever the other axes do."""
        import numpy as np

        asked = self._asked(axis)[np.unique(self.codes[axis])]
        differences = asked - asked[0]
        return bool(np.abs(differences @ self._known - differences).max() < _SAME)

    def _asked(self, axis: int) -> Floats:
        import numpy as np

        asked = np.tile(self._average, (self.sizes[axis], 1))
        asked[:, self._at[axis]] = np.eye(self.sizes[axis])
        return asked


def plain(codes: Ints, size: int) -> Floats:
    """Give values x cells by which the plain means are made; NaN for a value that no cell has."""
    import numpy as np

    weights = np.eye(size)[:, codes]
    number = weights.sum(axis=1, keepdims=True)
    return np.where(number > 0, weights / np.maximum(number, 1), np.nan)

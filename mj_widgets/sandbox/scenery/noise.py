"""Smooth random fields over the plane.

A window's axes are straight, therefore a field over it is an outer product: a small lattice of random values is blended
along x, then along y. That is some ten times faster than looking at each pixel by itself.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mj_widgets.sandbox.dice import mix

Floats: TypeAlias = NDArray[np.float32]

_BLOCK, _COLUMNS = 250_000, 256
_WIDEST = 3000  # bumps; our largest picture has fewer pixels than this
_GAIN = 1.9  # a cubic B-spline flattens its lattice by about this much


def smoothstep(low: float, high: float, value: Floats) -> Floats:
    """Go from 0 at `low` to 1 at `high`, smoothly."""
    t = np.clip((value - np.float32(low)) / np.float32(high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def lattice(seed: int, xs: NDArray[np.int64], ys: NDArray[np.int64]) -> Floats:
    """Make random values in [-1, 1] at whole coordinates, of shape (len(ys), len(xs))."""
    key = _scrambled(np.array([seed & 0xFFFFFFFF], np.uint32))  # or the next seed would be the next column
    columns = _scrambled((xs & 0xFFFFFFFF).astype(np.uint32) + key)
    rows = (ys & 0xFFFFFFFF).astype(np.uint32) * np.uint32(0x9E3779B1)
    values = _scrambled(columns[None, :] ^ rows[:, None])
    return (values * np.float32(2 / 0xFFFFFFFF) - np.float32(1)).astype(np.float32)


def _scrambled(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Let every bit that goes in move every bit that comes out (the finaliser "lowbias32" of Chris Wellons)."""
    for multiplier in (0x7FEB352D, 0x846CA68B):
        values = (values ^ (values >> np.uint32(16))) * np.uint32(multiplier)
    return values ^ (values >> np.uint32(15))


def _spline(at: Floats, period: int | None) -> tuple[NDArray[np.int64], Floats]:
    """Say which lattice points coordinates need, and how much of each, as a matrix of shape (len(at), len(points))."""
    floor = np.floor(at)
    f = (at - floor).astype(np.float32)
    g = 1 - f
    first = floor.astype(np.int64) - 1
    points = np.arange(first.min(), first.max() + 4)
    weights = np.zeros((len(at), len(points)), np.float32)
    rows, start = np.arange(len(at)), first - first.min()
    taps = (g**3 / 6, (3 * f**3 - 6 * f**2 + 4) / 6, (3 * g**3 - 6 * g**2 + 4) / 6, f**3 / 6)
    for k, tap in enumerate(taps):
        weights[rows, start + k] = tap
    return (points if period is None else points % period), weights


def noise(xs: Floats, ys: Floats, seed: int, periods: tuple[int, int] | None = None) -> Floats:
    """Make noise of about -1 to 1 with one bump a unit, of shape (len(ys), len(xs)).

    Parameters
    ----------
    xs, ys : (w,) and (h,) arrays
        Places. From so far away that bumps are much smaller than pixels, there is only their mean, 0.
    seed : int
        Which noise.
    periods : (int, int), optional
        Whole numbers of bumps after which it repeats.
    """
    if max(np.ptp(xs), np.ptp(ys)) > _WIDEST:
        return np.zeros((len(ys), len(xs)), np.float32)
    points_x, across = _spline(xs, periods and periods[0])
    points_y, down = _spline(ys, periods and periods[1])
    values = lattice(seed, points_x, points_y) * np.float32(_GAIN)
    return _product(down, _product(values, np.ascontiguousarray(across.T)))


def _product(left: Floats, right: Floats) -> Floats:
    """Multiply matrices in blocks that a BLAS library leaves to one thread.

    For larger ones OpenBLAS wakes a thread for each core, and they wait for each other without sleeping: on a machine that
    has other things to do, that makes 0.2 ms into 20 (above 262144 multiplications, see its interface/gemm.c).
    """
    (height, depth), width = left.shape, right.shape[1]
    product = np.empty((height, width), np.float32)
    rows = max(2, _BLOCK // (_COLUMNS * depth))
    for x in range(0, width, _COLUMNS):
        for y in range(0, height, rows):
            np.matmul(left[y : y + rows], right[:, x : x + _COLUMNS], out=product[y : y + rows, x : x + _COLUMNS])
    return product


def clouds(xs: Floats, ys: Floats, seed: int, octaves: int, finest: float) -> Floats:
    """Sum octaves of noise, each half as large and half as strong; those below `finest` units are left out softly."""
    total = np.zeros((len(ys), len(xs)), np.float32)
    for octave in range(octaves):
        size = 0.5**octave
        weight = size * _visible(size, finest)
        if weight > 0:
            total += noise(xs / np.float32(size), ys / np.float32(size), mix(seed, octave)) * np.float32(weight)
    return total


def _visible(size: float, finest: float) -> float:
    """Say how much is left of bumps of a size: what is smaller than a pixel or two would only shimmer."""
    return min(1.0, max(0.0, size / finest - 1))


def profile(xs: Floats, seed: int, octaves: int, finest: float, *, at: float = 0.0, ridged: float = 0.0) -> Floats:
    """Sum octaves of noise along a line, of shape (len(xs),).

    Parameters
    ----------
    xs : (n,) array
        Places, with one bump a unit.
    at : float
        A second coordinate: moving it morphs the line slowly.
    ridged : float
        0 for rolling hills, 1 for sharp peaks.
    """
    total = np.zeros(len(xs), np.float32)
    for octave in range(octaves):
        size = 0.5**octave
        weight = size * _visible(size, finest)
        if weight <= 0:
            break
        place = np.array([at + 0.37 * octave], np.float32)
        bump = noise(xs / np.float32(size), place, mix(seed, octave))[0]
        peak = 0.9 - 2.2 * np.abs(bump)  # folding the noise turns its zeros into crests
        total += ((1 - ridged) * bump + ridged * peak) * np.float32(weight)
    return total

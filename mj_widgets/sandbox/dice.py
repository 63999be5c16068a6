"""Randomness that stays where it is: the same key gives the same number, in every process and at every zoom."""

from __future__ import annotations

import math
from hashlib import blake2b


def mix(seed: int | str, *keys: int | str) -> int:
    """Hash a seed and keys to a whole number below 2**64."""
    return int.from_bytes(blake2b(repr((seed, *keys)).encode(), digest_size=8).digest(), "big")


def chance(seed: int | str, *keys: int | str) -> float:
    """Hash a seed and keys to a number in [0, 1)."""
    return mix(seed, *keys) / 2**64


def between(low: float, high: float, seed: int | str, *keys: int | str) -> float:
    """Hash a seed and keys to a number in [low, high)."""
    return low + (high - low) * chance(seed, *keys)


def normal(seed: int | str, *keys: int | str) -> float:
    """Hash a seed and keys to a number of the standard normal distribution."""
    radius = math.sqrt(-2 * math.log(1 - chance(seed, *keys, "radius")))
    return radius * math.cos(2 * math.pi * chance(seed, *keys, "angle"))

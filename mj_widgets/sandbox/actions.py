"""What can be done to a picture: every action makes one set of numbers out of another.

Because a picture is a window onto an endless plane, each action is true: an upscale looks at the same window with more
pixels, a zoom out looks at a larger one, a pan moves it, a variation takes a step on the plane of variations, and a
repaint lets another scene show through a mask.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from mj_widgets.sandbox.dice import chance, mix, normal
from mj_widgets.sandbox.picture import DIMENSIONS, GRID_SIDE, LARGEST_SIDE, SINGLE_SIDE, Box, Lock, Picture, Repaint, Tile
from mj_widgets.sandbox.prompts import Prompt

_TILES = (1, 2, 3, 4)
_FIRST_STEP, _SUBTLE_STEP, _VARIATION_STEP, _STRONG_STEP = 0.35, 0.28, 0.7, 1.6
_NEIGHBOURS = {"day": "golden", "golden": "sunset", "sunset": "dusk", "dusk": "night", "dawn": "day", "night": "dusk"}
_DIRECTIONS = {"left": (-0.5, 0.0), "right": (0.5, 0.0), "up": (0.0, 0.5), "down": (0.0, -0.5)}
_NOWHERE: Box = (1e9, 1e9, 1e9 + 1, 1e9 + 1)
_SEAMS = (2, 7)  # horizon and hue: a repainted part that moved them would never fit its surroundings
_MODERN, _FORMER = ("upscale_subtle", "upscale_creative"), ("upscale_2x", "upscale_4x")

Keep: TypeAlias = Callable[[bytes], str]
"""Keeps a mask, and says by which name it is found again."""


def offered(picture: Picture) -> list[str]:
    """Name the actions that the service lists for a picture."""
    if picture.kind == "grid":
        return [*(f"upscale{n}" for n in _TILES), "reroll", *(f"variation{n}" for n in _TILES)]
    larger = list(_FORMER if picture.version.startswith("5") else _MODERN)
    if picture.kind != "single":
        larger = [f"redo_{name}" for name in larger]
    moves = [f"pan_{direction}" for direction in _DIRECTIONS]
    left, bottom, right, top = picture.tiles[0].view
    square = ["square"] if not math.isclose(right - left, top - bottom, rel_tol=1e-3) else []
    return [*larger, "variation_subtle", "variation_strong", "zoom_out_2x", "zoom_out_1_5x", *moves, *square]


def generate(prompt: Prompt, seed: int, version: str) -> Picture:
    """Make four pictures of a prompt."""
    features = prompt.features()
    chaos = prompt.number("chaos", 0) / 100
    wide, high = math.sqrt(prompt.ratio) / 2, 1 / math.sqrt(prompt.ratio) / 2
    tiles = []
    for k in range(4):
        key = mix(seed, "tile", k)
        other = _NEIGHBOURS.get(features.mood, features.mood)
        mood = other if chance(key, "mood") < chaos - 0.3 else features.mood
        step = _FIRST_STEP + 1.6 * chaos
        tiles.append(Tile(key, _step((0.0,) * DIMENSIONS, key, step), (-wide, -high, wide, high), replace(features, mood=mood)))
    return Picture("grid", GRID_SIDE, tuple(tiles), version, prompt.number("stop", 100))


def follow(action: str, source: Picture, seed: int, prompt: Prompt | None) -> Picture:
    """Carry out an action that `offered` lists, other than ``reroll``, which is its parent's action with a new seed.

    Parameters
    ----------
    source : Picture
        The picture that it continues.
    seed : int
        Makes the four results differ, and differ from those of another try.
    prompt : Prompt or None
        New words, for a variation.
    """
    name = action.removeprefix("redo_")
    if name.startswith("upscale_"):
        return _upscaled(name, source, seed)
    if name.startswith("upscale"):
        return replace(source, kind="single", side=SINGLE_SIDE, tiles=(source.tiles[int(name[-1]) - 1],))
    if name.startswith("variation"):
        return _varied(name, source, seed, prompt)
    return _moved(name, source, seed)


def repaint(source: Picture, masks: list[bytes], seed: int, prompt: Prompt | None, keep: Keep) -> Picture:
    """Paint a part anew, four times.

    Parameters
    ----------
    masks : list of bytes
        One mask for each of the source's tiles.
    keep : callable
        Where the masks are kept.
    """
    names = [keep(mask) for mask in masks]
    tiles = []
    for k in range(4):
        which = k % len(source.tiles)
        tile = source.tiles[which]
        if prompt:
            features, locks, size = prompt.features(tile.features), tile.locks, _VARIATION_STEP
        else:  # something else of the same kind: as if nothing of the land had been seen yet
            features, locks, size = replace(tile.features, casts=()), (*tile.locks, Lock(_NOWHERE, mix(seed, k))), _STRONG_STEP
        moved = _step(tile.vector, mix(seed, k), size)
        vector = tuple(was if i in _SEAMS else now for i, (was, now) in enumerate(zip(tile.vector, moved, strict=True)))
        part = Repaint(names[which], tile.view, tile.seed, vector, features, locks)
        tiles.append(replace(tile, repaints=(*tile.repaints, part)))
    return replace(source, kind="grid", side=GRID_SIDE, tiles=tuple(tiles))


def _step(vector: tuple[float, ...], key: int, size: float) -> tuple[float, ...]:
    return tuple(round(at + size * normal(key, "step", i), 4) for i, at in enumerate(vector))


def _upscaled(name: str, source: Picture, seed: int) -> Picture:
    (tile,) = source.tiles
    if name == "upscale_creative":  # it re-imagines a little
        tile = _stepped(tile, seed, 0.12)
    return replace(source, kind=name, side=LARGEST_SIDE, tiles=(tile,))


def _varied(name: str, source: Picture, seed: int, prompt: Prompt | None) -> Picture:
    size = {"variation_subtle": _SUBTLE_STEP, "variation_strong": _STRONG_STEP}.get(name, _VARIATION_STEP)
    tile = source.tiles[int(name[-1]) - 1 if name[-1].isdigit() else 0]
    if prompt:
        tile = replace(tile, features=prompt.features())
    return _grid(source, [_stepped(tile, mix(seed, k), size) for k in range(4)])


def _stepped(tile: Tile, key: int, size: float) -> Tile:
    parts = tuple(replace(part, vector=_step(part.vector, key, size)) for part in tile.repaints)
    return replace(tile, vector=_step(tile.vector, key, size), repaints=parts)


def _moved(name: str, source: Picture, seed: int) -> Picture:
    (tile,) = source.tiles
    left, bottom, right, top = tile.view
    wide, high = right - left, top - bottom
    x, y = (left + right) / 2, (bottom + top) / 2
    if name.startswith("pan_"):
        across, up = _DIRECTIONS[name.removeprefix("pan_")]
        x, y = x + across * wide, y + up * high
    elif name == "square":
        wide = high = max(wide, high)
    else:
        factor = {"zoom_out_2x": 2.0, "zoom_out_1_5x": 1.5}[name]
        wide, high = factor * wide, factor * high
    view: Box = (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
    seen = [(*tile.locks, Lock(tile.view, mix(seed, k))) for k in range(4)]
    return _grid(source, [replace(tile, view=view, locks=locks) for locks in seen])


def _grid(source: Picture, tiles: list[Tile]) -> Picture:
    return replace(source, kind="grid", side=GRID_SIDE, tiles=tuple(tiles))

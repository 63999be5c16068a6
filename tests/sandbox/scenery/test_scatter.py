from __future__ import annotations

import numpy as np

from mj_widgets.sandbox.features import read
from mj_widgets.sandbox.picture import Box, Lock
from mj_widgets.sandbox.scenery.plan import Scene, plan
from mj_widgets.sandbox.scenery.scatter import Thing, along, scatter
from mj_widgets.sandbox.scenery.window import Stage, Window

FIRST: Box = (-0.5, -0.5, 0.5, 0.5)
SECOND: Box = (-1.0, -1.0, 1.0, 1.0)


def _stage(box: Box, *locks: Lock, pixels: int = 512) -> Stage:
    scene = Scene(1, (0.0,) * 8, read("a fox"), locks)
    window = Window.on(box, (pixels, pixels))
    return Stage(window, scene, plan(scene), window.ys)


def _inside(things: list[Thing], box: Box) -> set[Thing]:
    return {thing for thing in things if box[0] < thing.x < box[2] and box[1] < thing.y < box[3]}


def test_a_part_of_the_plane_has_the_same_things_in_every_window() -> None:
    near = _inside(list(scatter("star", FIRST, 0.05, _stage(FIRST))), FIRST)
    far = _inside(list(scatter("star", SECOND, 0.05, _stage(SECOND))), FIRST)
    assert near == far
    assert len(near) > 300


def test_what_was_seen_stays_and_what_was_not_follows_the_new_seed() -> None:
    before = _inside(list(scatter("star", FIRST, 0.05, _stage(FIRST))), FIRST)
    results = [list(scatter("star", SECOND, 0.05, _stage(SECOND, Lock(FIRST, seed)))) for seed in (5, 6)]
    for things in results:
        assert _inside(things, FIRST) == before
    outside = [_inside(things, SECOND) - before for things in results]
    assert all(len(found) > 500 for found in outside)
    shared = outside[0] & outside[1]
    assert len(shared) < 0.2 * len(outside[0])  # along the old edge: those could be seen in part


def test_many_locks_are_followed_in_their_order() -> None:
    """A pan to the left, then one to the right: the middle is as it was at first, the left as the first pan left it."""
    left: Box = (-1.0, -0.5, 0.0, 0.5)
    right: Box = (-0.5, -0.5, 0.5, 0.5)
    panned = _inside(list(scatter("star", left, 0.05, _stage(left, Lock(FIRST, 5)))), left)
    back = _inside(list(scatter("star", left, 0.05, _stage(left, Lock(FIRST, 5), Lock(left, 6)))), left)
    assert panned == back
    first = _inside(list(scatter("star", right, 0.05, _stage(right))), right)
    again = _inside(list(scatter("star", right, 0.05, _stage(right, Lock(FIRST, 5), Lock(left, 6)))), right)
    assert {thing for thing in first if thing.x < 0} == {thing for thing in again if thing.x < 0}


def test_there_is_about_as_much_in_every_zoom() -> None:
    """Small things vanish far away, and larger ones appear."""
    counts, levels = [], []
    for zoom in (1, 2, 8, 64, 1024):
        box = (-0.5 * zoom, -0.5 * zoom, 0.5 * zoom, 0.5 * zoom)
        things = list(scatter("star", box, 0.05, _stage(box)))
        counts.append(len(things))
        levels.append(max(thing.level for thing in things))
    assert max(counts) < 6 * min(counts)
    assert levels == sorted(levels)
    assert levels[-1] > 100


def test_things_on_a_line_keep_their_places_too() -> None:
    before = {t for t in along("tree", 0.1, _stage(FIRST)) if -0.5 < t.x < 0.5}
    after = [set(along("tree", 0.1, _stage(SECOND, Lock(FIRST, seed)))) for seed in (5, 6)]
    assert all(before <= things for things in after)
    assert after[0] != after[1]
    assert 8 <= len(before) <= 12
    assert np.all([thing.y == 0 for thing in before])

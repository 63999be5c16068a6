from __future__ import annotations

import numpy as np
import pytest

from mj_widgets.sandbox.features import read
from mj_widgets.sandbox.picture import Box, Lock
from mj_widgets.sandbox.scenery.land import Ridge, hills, terrain
from mj_widgets.sandbox.scenery.plan import SHORE, Scene, plan
from mj_widgets.sandbox.scenery.window import Stage, Window

FIRST: Box = (-0.5, -0.5, 0.5, 0.5)
RIDGE = Ridge(0.1, 0.1, 0.4, 0.9)


def _stage(text: str, zoom: float = 1, *locks: Lock) -> Stage:
    scene = Scene(1, (0.0,) * 8, read(text), locks)
    window = Window.on((-0.5 * zoom, -0.5 * zoom, 0.5 * zoom, 0.5 * zoom), (256, 256))
    return Stage(window, scene, plan(scene), window.ys)


def test_ridges_keep_what_was_seen_and_differ_beside_it() -> None:
    xs = np.linspace(-1, 1, 401, dtype=np.float32)
    plain, five, six = (
        terrain(_stage("mountains", 2, *locks), xs, RIDGE, "far 1", 0.01)
        for locks in ((), (Lock(FIRST, 5),), (Lock(FIRST, 6),))
    )
    seen = np.abs(xs) <= 0.5
    assert (plain[seen] == five[seen]).all()
    assert np.abs(five - six)[~seen].max() > 0.01
    assert np.abs(np.diff(five)).max() < 0.05  # without a step at the old edge


def test_the_first_mountain_is_always_there() -> None:
    for seed in range(12):
        scene = Scene(seed, (0.0,) * 8, read("mountains"))
        window = Window.on(FIRST, (256, 256))
        stage = Stage(window, scene, plan(scene), window.ys)
        assert terrain(stage, window.xs, RIDGE, "far 0", 0.01).max() > 0.1


@pytest.mark.parametrize("text", ["a field", "a fox by a lake", "the sea"])
def test_a_zoom_out_finds_nearer_hills(text: str) -> None:
    """Each is lower and larger than the one before; those that are too far away to be seen are left out."""
    for zoom in (1.0, 2.0, 16.0, 1000.0):
        found = hills(_stage(text, zoom))
        assert found == sorted(found)
        assert [size for _, size in found] == sorted(size for _, size in found)
        assert len(found) < 12
        if zoom >= 2:
            assert found[-1][0] > 0.2 * zoom


def test_the_shore_is_there_when_somebody_stands_on_it() -> None:
    assert SHORE in [drop for drop, _ in hills(_stage("a fox by the sea"))]
    assert SHORE not in [drop for drop, _ in hills(_stage("a boat on the sea"))]

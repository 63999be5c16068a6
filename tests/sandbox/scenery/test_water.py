from __future__ import annotations

import numpy as np

from mj_widgets.sandbox.features import read
from mj_widgets.sandbox.scenery.plan import Scene, plan
from mj_widgets.sandbox.scenery.water import mirrored

HEIGHTS = np.linspace(0.5, -0.5, 201, dtype=np.float32)


def test_water_looks_up() -> None:
    scene = Scene(1, (0.0,) * 8, read("the sea"))
    composed = plan(scene)
    seen = mirrored(HEIGHTS, scene, composed)
    above = composed.horizon <= HEIGHTS
    assert (seen[above] == HEIGHTS[above]).all()
    below = seen[~above] - composed.horizon
    depth = composed.horizon - HEIGHTS[~above]
    assert (below >= 0).all()
    assert np.abs(below - 1.12 * depth).max() < 0.1
    assert np.corrcoef(below, depth)[0, 1] > 0.9


def test_land_does_not() -> None:
    scene = Scene(1, (0.0,) * 8, read("a desert"))
    assert mirrored(HEIGHTS, scene, plan(scene)) is HEIGHTS

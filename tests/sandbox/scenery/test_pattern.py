from __future__ import annotations

import numpy as np
import pytest

from mj_widgets.sandbox.features import read
from mj_widgets.sandbox.scenery.plan import Scene
from mj_widgets.sandbox.scenery.scene import paint
from mj_widgets.sandbox.scenery.window import Window


@pytest.mark.parametrize(("ratio", "piece"), [(1.0, (1.0, 1.0)), (4.0, (2.0, 0.5))])
def test_the_plane_repeats_piece_by_piece(ratio: float, piece: tuple[float, float]) -> None:
    scene = Scene(3, (0.4,) * 8, read("a fox", repeat=ratio))
    here, there = (
        Window.on((x * piece[0], y * piece[1], (x + 0.5) * piece[0], (y + 0.5) * piece[1]), (96, 96))
        for x, y in ((0.25, 0.1), (-2.75, 3.1))
    )
    for window in (here, there):
        paint(window, scene)
    assert np.abs(here.rgb - there.rgb).mean() < 0.004
    assert here.rgb.std() > 0.05

from __future__ import annotations

import numpy as np
import pytest

from mj_widgets.sandbox.features import read
from mj_widgets.sandbox.picture import Lock
from mj_widgets.sandbox.scenery.plan import Plan, Scene, plan
from mj_widgets.sandbox.scenery.sky import paint_sky
from mj_widgets.sandbox.scenery.window import Stage, Window


def _sky(text: str, *locks: Lock, box: tuple[float, float, float, float] = (-0.5, -0.1, 0.5, 0.9)) -> tuple[np.ndarray, Plan]:
    scene = Scene(1, (0.0,) * 8, read(text), locks)
    window = Window.on(box, (200, 200))
    composed = plan(scene)
    paint_sky(Stage(window, scene, composed, window.ys))
    return window.rgb, composed


@pytest.mark.parametrize("text", ["clear hills at noon", "clear hills at dawn", "clear hills at sunset"])
def test_it_is_brightest_at_the_sun_and_deeper_above(text: str) -> None:
    rgb, composed = _sky(text)
    x, y, _ = composed.sun
    row, column = round((0.9 - y) * 200), round((x + 0.5) * 200)
    assert rgb[:, row, column] == pytest.approx(np.array(composed.palette.sun), abs=0.02)
    assert rgb.sum(axis=0)[row, column] >= rgb.sum(axis=0).max() - 0.1
    assert rgb[:, 0].mean() < rgb[:, 150].mean()


def test_colours_follow_each_other_smoothly() -> None:
    rgb, _ = _sky("clear hills at dusk, no sun")
    assert np.abs(np.diff(rgb[:, :, 5], axis=1)).max() < 0.03


def test_stars_come_out_by_night() -> None:
    night, composed = _sky("clear hills at night")
    above = night[:, : round((0.9 - composed.horizon - 0.4) * 200)].sum(axis=0)
    points = above > np.median(above, axis=1, keepdims=True) + 0.15
    assert 10 < points.sum() < 2500


def test_clouds_keep_what_was_seen() -> None:
    box, seen = (-1.0, -0.1, 1.0, 1.9), (-0.5, -0.1, 0.5, 0.9)
    five, six = (_sky("cloudy hills at noon", Lock(seen, seed), box=box)[0] for seed in (5, 6))
    differ = np.abs(five - six).max(axis=0)
    assert differ[100:, 50:150].max() == 0
    assert differ.max() > 0.1


def test_a_synthwave_sun_has_stripes() -> None:
    rgb, composed = _sky("synthwave")
    x, y, radius = composed.sun
    column = rgb[:, :, round((x + 0.5) * 200)].sum(axis=0)
    lower = column[round((0.9 - y) * 200) : round((0.9 - y + 0.9 * radius) * 200)]
    bright = lower > (lower.max() + lower.min()) / 2
    assert (np.diff(bright.astype(int)) != 0).sum() >= 3

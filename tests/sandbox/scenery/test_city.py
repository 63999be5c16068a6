from __future__ import annotations

import numpy as np

from mj_widgets.sandbox.features import read
from mj_widgets.sandbox.picture import Lock
from mj_widgets.sandbox.scenery.city import paint_skyline
from mj_widgets.sandbox.scenery.plan import Scene, plan
from mj_widgets.sandbox.scenery.window import Stage, Window


def _skyline(text: str, *locks: Lock, zoom: float = 1, size: int = 400) -> tuple[np.ndarray, float]:
    """The skyline on an empty sheet, and the horizon."""
    scene = Scene(1, (0.0,) * 8, read(text), locks)
    window = Window.on((-0.5 * zoom, -0.5 * zoom, 0.5 * zoom, 0.5 * zoom), (size, size))
    composed = plan(scene)
    paint_skyline(Stage(window, scene, composed, window.ys))
    return window.rgb, composed.horizon


def test_houses_of_many_heights_stand_on_the_horizon() -> None:
    rgb, horizon = _skyline("a city at noon")
    built = rgb.sum(axis=0) > 0
    ground = round((0.5 - horizon) * 400) - 2
    assert built[ground].all()
    heights = built[:ground].sum(axis=0)
    assert heights.min() > 5
    assert len(np.unique(heights)) > 20
    assert heights.max() < 0.45 * 400


def test_more_windows_are_lit_by_night() -> None:
    shares = []
    for text in ("a city at dusk", "a city at night"):
        rgb, _ = _skyline(text)
        walls = rgb.max(axis=0)
        shares.append((walls > 0.75).mean())
    assert shares[1] > 1.5 * shares[0]


def test_what_was_seen_stays_and_the_rest_is_built_anew() -> None:
    seen = Lock((-0.5, -0.5, 0.5, 0.5), 5)
    plain, locked = _skyline("a city at noon", zoom=2)[0], _skyline("a city at noon", seen, zoom=2)[0]
    differ = np.abs(plain - locked).max(axis=0)
    assert differ[:, 100:300].max() == 0
    assert differ[:, :80].max() > 0.05


def test_from_afar_the_lights_are_a_glimmer() -> None:
    """On average a wall is as bright as it is near by."""
    near, far = (_skyline("a city at night", size=size)[0] for size in (800, 100))
    assert abs(far.mean() - near.mean()) < 0.1 * near.mean()

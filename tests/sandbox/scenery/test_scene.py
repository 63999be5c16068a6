"""What is painted, and where: the sky above, the land and the water below."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from mj_widgets.sandbox.dice import normal
from mj_widgets.sandbox.features import read
from mj_widgets.sandbox.picture import Box
from mj_widgets.sandbox.scenery.palette import MOODS
from mj_widgets.sandbox.scenery.plan import Scene, plan
from mj_widgets.sandbox.scenery.scene import paint
from mj_widgets.sandbox.scenery.window import Window

SQUARE: Box = (-0.5, -0.5, 0.5, 0.5)


def _scene(text: str, seed: int = 1, **parameters: str | float) -> Scene:
    return Scene(seed, tuple(0.3 * normal(seed, i) for i in range(8)), read(text, **parameters))  # type: ignore[arg-type]


@cache
def _painted(text: str, seed: int = 1, size: int = 200, **parameters: str) -> np.ndarray:
    window = Window.on(SQUARE, (size, size))
    paint(window, _scene(text, seed, **parameters))
    return window.rgb


def _row(text: str, height: float, seed: int = 1) -> int:
    """The row of pixels at a height above the horizon."""
    return round((0.5 - plan(_scene(text, seed)).horizon - height) * 200)


PLACES = ("mountains", "a lake", "a forest", "a city", "a desert", "a field", "outer space")


@pytest.mark.parametrize("mood", sorted(MOODS))
@pytest.mark.parametrize("place", PLACES)
def test_every_place_can_be_painted_in_every_mood(place: str, mood: str) -> None:
    painted = _painted(f"{place} {mood}", size=64)
    assert np.isfinite(painted).all()
    assert painted.min() > -0.02
    assert painted.max() < 1.02
    assert painted.std() > 0.02


@pytest.mark.parametrize("weather", ["snow", "rain", "fog", "aurora", "clouds", "stars", "birds", "moon", "synthwave"])
def test_weather_is_seen(weather: str) -> None:
    plain, other = _painted("a field at dusk"), _painted(f"a field at dusk, {weather}")
    assert np.abs(plain - other).max() > 0.08


def test_water_mirrors_the_sky() -> None:
    """Below the horizon it is as bright as above it, and on land it is not."""
    text = "the clear sea at dawn"
    above, below = (_painted(text)[:, _row(text, height)].mean(axis=1) for height in (0.02, -0.02))
    assert np.abs(above - below).mean() < 0.15
    desert = "a desert at dawn"
    above, below = (_painted(desert)[:, _row(desert, height)].mean(axis=1) for height in (0.3, -0.3))
    assert np.abs(above - below).mean() > 0.15


def test_the_sun_shines_on_the_water() -> None:
    text = "the clear sea at sunset"
    composed, painted = plan(_scene(text)), _painted(text).sum(axis=0)
    row = _row(text, -0.05)
    under = round((composed.sun[0] + 0.5) * 200)
    far = 20 if under > 100 else 180
    assert painted[row - 6 : row + 6, under - 4 : under + 4].mean() > painted[row - 6 : row + 6, far - 4 : far + 4].mean() + 0.1


def test_far_ridges_are_paler_than_near_ones() -> None:
    """On average over some pictures, what is further away is more like the air before it."""
    text, air = "a clear forest at noon", np.array(MOODS["day"].sky[3])
    far, near = (
        np.mean([np.abs(_painted(text, seed)[:, _row(text, height, seed)].mean(axis=1) - air).mean() for seed in range(6)])
        for height in (0.06, -0.25)
    )
    assert far + 0.1 < near


def test_windows_are_lit_by_night() -> None:
    dark = _painted("a city at night", size=400).sum(axis=0)
    row = round((0.5 - plan(_scene("a city at night")).horizon - 0.06) * 400)
    strip = dark[row - 12 : row + 12]
    assert (strip > strip.mean() + 0.6).mean() > 0.03


def test_figures_are_mirrored_only_in_water() -> None:
    with_boat, without = _painted("a boat on the clear sea"), _painted("the clear sea", size=200)
    stand = plan(_scene("a boat on the clear sea")).stands[0]
    below = round((0.5 - stand.y + 0.3 * stand.height) * 200)
    column = round((stand.x + 0.5) * 200)
    assert np.abs(with_boat - without)[:, below - 2 : below + 2, column - 3 : column + 3].max() > 0.05


def test_pictures_of_different_seeds_differ() -> None:
    for text in PLACES:
        assert np.abs(_painted(text, 1) - _painted(text, 2)).mean() > 0.02


def test_a_part_of_a_window_is_painted_as_in_the_whole() -> None:
    part = Window.on((-0.5, -0.5, 0.0, 0.5), (100, 200))
    paint(part, _scene("a fox on snowy hills"))
    assert np.abs(part.rgb[:, :, :90] - _painted("a fox on snowy hills")[:, :, :90]).mean() < 0.01

from __future__ import annotations

import numpy as np
import pytest

from mj_widgets.sandbox.scenery import figures
from mj_widgets.sandbox.scenery.plan import Stand
from mj_widgets.sandbox.scenery.window import Window, column

ROLES = figures.dress((0.8, 0.2, 0.2), (1, 0.8, 0), (0.5, 0.5, 0.6))
FOX = Stand("fox", 0.0, -0.2, 0.4, flip=False, colour=(0.8, 0.2, 0.2))


def _window(size: int = 100) -> Window:
    return Window.on((-0.5, -0.5, 0.5, 0.5), (size, size))


def _ink(window: Window) -> np.ndarray:
    """How dark each pixel of a white window became."""
    return np.abs(window.rgb - 1).max(axis=0)


def _white(size: int = 100) -> Window:
    window = _window(size)
    window.over((1.0, 1.0, 1.0), np.ones((1, 1), np.float32))
    return window


def test_pixels_know_where_they_are() -> None:
    window = Window.on((-1.0, -0.5, 1.0, 0.5), (4, 2))
    assert list(window.xs) == [-0.75, -0.25, 0.25, 0.75]
    assert list(window.ys) == [0.25, -0.25]
    assert window.pixel == 0.5
    assert window.box == pytest.approx((-1.0, -0.5, 1.0, 0.5))


def test_an_edge_is_half_covered_where_it_lies() -> None:
    window = _window()
    covered = window.edge(np.array([-1, -0.005, 0, 0.005, 1], np.float32))
    assert list(covered) == pytest.approx([0, 0, 0.5, 1, 1])


def test_a_colour_is_laid_over_some_rows() -> None:
    window = _window(4)
    window.over((1.0, 0.5, 0.0), np.full((1, 1), 0.5, np.float32), slice(1, 3))
    assert window.rgb[:, 0].max() == 0
    assert window.rgb[0, 1, 0] == 0.5
    assert window.rgb[1, 2, 3] == 0.25


def test_a_dot_is_where_it_should_be_and_faint_when_tiny() -> None:
    window = _white()
    window.dot(0.2, -0.3, 0.05, (0.0, 0.0, 0.0), 1.0)
    rows, columns = np.nonzero(_ink(window) > 0.5)
    assert (rows.mean(), columns.mean()) == pytest.approx((79.5, 69.5), abs=0.6)
    tiny = _white()
    tiny.dot(0.2, -0.3, 0.004, (0.0, 0.0, 0.0), 1.0)
    assert 0 < _ink(tiny).max() < 0.4


@pytest.mark.parametrize("x", [-5.0, 5.0, 0.52, -0.55])
def test_what_is_outside_does_no_harm(x: float) -> None:
    window = _white()
    for draw in (
        lambda: window.dot(x, 0.0, 0.01, (0.0, 0.0, 0.0), 1.0),
        lambda: window.place(FOX._replace(x=x), ROLES, (1.0, 1.0, 1.0), 1),
        lambda: window.place(FOX._replace(x=x), ROLES, (1.0, 1.0, 1.0), 1, mirror=0.5),
        lambda: window.shadow(FOX._replace(x=x), (0.0, 0.0, 0.0)),
    ):
        draw()
    assert np.isfinite(window.rgb).all()


def test_a_figure_covers_its_box() -> None:
    window = _white(200)
    window.place(FOX, ROLES, (1.0, 1.0, 1.0), 1)
    rows, columns = np.nonzero(_ink(window) > 0.2)
    left, bottom, right, top = FOX.box
    assert window.xs[columns.min()] == pytest.approx(left, abs=0.02)
    assert window.xs[columns.max()] == pytest.approx(right, abs=0.02)
    assert window.ys[rows.max()] == pytest.approx(bottom, abs=0.02)
    assert window.ys[rows.min()] == pytest.approx(top, abs=0.02)


def test_a_part_of_a_figure_is_the_same_in_a_smaller_window() -> None:
    whole, part = _white(200), Window.on((-0.5, -0.5, 0.0, 0.5), (100, 200))
    part.over((1.0, 1.0, 1.0), np.ones((1, 1), np.float32))
    for window in (whole, part):
        window.place(FOX, ROLES, (1.0, 1.0, 1.0), -1)
    assert np.abs(whole.rgb[:, :, :95] - part.rgb[:, :, :95]).mean() < 0.002


def test_a_reflection_lies_below_and_upside_down() -> None:
    upright, mirrored = _white(200), _white(200)
    upright.place(FOX._replace(y=0.0, height=0.3), ROLES, (1.0, 1.0, 1.0), 1)
    mirrored.place(FOX._replace(y=0.0, height=0.3), ROLES, (1.0, 1.0, 1.0), 1, mirror=1.0)
    above, below = _ink(upright) > 0.2, _ink(mirrored) > 0.2
    assert (above != below[::-1]).mean() < 0.01


def test_light_falls_on_the_side_of_the_sun() -> None:
    sides = []
    for towards in (-1, 1):
        window = _window(400)
        window.place(FOX._replace(figure="owl", y=-0.3, height=0.6), ROLES, (1.0, 1.0, 1.0), towards)
        sides.append(window.rgb.sum(axis=0))
    gained = sides[1] - sides[0]
    assert gained[:, 220:].sum() > 0 > gained[:, :180].sum()


def test_a_column_is_a_colour_for_many_pixels() -> None:
    assert column((0.1, 0.2, 0.3)).shape == (3, 1, 1)
    array = np.zeros((3, 4, 5), np.float32)
    assert column(array) is array

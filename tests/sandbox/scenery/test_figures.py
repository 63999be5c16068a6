from __future__ import annotations

import numpy as np
import pytest

from mj_widgets.sandbox.scenery import figures

ROLES = figures.dress((0.8, 0.2, 0.2), (1, 0.8, 0), (0.5, 0.5, 0.6))


def _drawn(name: str, scale: float) -> tuple[np.ndarray, tuple[int, int]]:
    left, bottom, right, top = figures.extent(name)
    reach = max(-left, right)
    size = (int(2 * reach * scale) + 4, int((top - bottom) * scale) + 4)
    foot = (size[0] / 2, size[1] - 2 + bottom * scale)
    return np.asarray(figures.draw(name, ROLES, size, foot, scale), float), size


@pytest.mark.parametrize("name", sorted(figures.SHAPES))
def test_every_figure_fills_its_extent_and_no_more(name: str) -> None:
    picture, (width, height) = _drawn(name, 1.5)
    rows, columns = np.nonzero(picture[..., 3] > 100)
    left, bottom, right, top = figures.extent(name)
    assert rows.max() - rows.min() == pytest.approx((top - bottom) * 1.5, abs=9)
    assert columns.max() - columns.min() == pytest.approx((right - left) * 1.5, abs=9)
    assert rows.min() > 0
    assert rows.max() < height - 1
    assert 0 < columns.min() < columns.max() < width
    assert 0.05 < (picture[..., 3] > 0).mean() < 0.95


@pytest.mark.parametrize("name", sorted(figures.SHAPES))
def test_every_figure_stands_on_its_foot_or_floats_above(name: str) -> None:
    _, bottom, _, top = figures.extent(name)
    assert -15 < bottom < 55
    assert 60 < top < 125


def test_a_figure_can_look_either_way() -> None:
    picture, size = _drawn("fox", 1)
    bottom = figures.extent("fox")[1]
    other = figures.draw("fox", ROLES, size, (size[0] / 2, size[1] - 2 + bottom), -1)
    assert np.abs(np.asarray(other, float) - picture[:, ::-1])[..., 3].mean() < 4


def test_edges_are_soft_and_a_larger_one_is_the_same_figure() -> None:
    small, _ = _drawn("cat", 1)
    large, size = _drawn("cat", 4)
    partial = (small[..., 3] > 20) & (small[..., 3] < 235)
    assert partial.sum() > 30
    share = (large[..., 3] > 127).sum() / (small[..., 3] / 255).sum()
    assert share == pytest.approx(16, rel=0.03)
    assert size[0] > 100


def test_every_role_has_a_colour() -> None:
    roles = {part.role for name in figures.SHAPES for part in figures.parts(name)}
    assert roles <= set(ROLES)

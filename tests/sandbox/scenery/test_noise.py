from __future__ import annotations

import numpy as np
import pytest

from mj_widgets.sandbox.scenery.noise import clouds, lattice, noise, profile, smoothstep

LINE = np.linspace(-4, 4, 256, dtype=np.float32)


def test_a_place_has_its_value_whatever_is_looked_at() -> None:
    """A window, a part of it, and one with fewer pixels agree."""
    whole = noise(LINE, LINE, 7)
    np.testing.assert_allclose(noise(LINE[50:90], LINE[100:130], 7), whole[100:130, 50:90], atol=1e-5)
    np.testing.assert_allclose(noise(LINE[::4], LINE[::4], 7), whole[::4, ::4], atol=1e-5)
    np.testing.assert_allclose(profile(LINE[::4], 7, 4, 0.2), profile(LINE, 7, 4, 0.2)[::4], atol=1e-5)


def test_it_is_smooth_lively_and_around_zero() -> None:
    field = noise(LINE * 4, LINE * 4, 7)
    assert np.abs(np.diff(field, axis=0)).max() < 0.5
    assert 0.3 < field.std() < 0.8
    assert abs(field.mean()) < 0.15


def test_seeds_make_different_fields() -> None:
    one, other = noise(LINE * 4, LINE * 4, 7), noise(LINE * 4, LINE * 4, 8)
    assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.15


def test_a_lattice_is_even() -> None:
    values = lattice(3, np.arange(-100, 100), np.arange(-100, 100))
    assert values.min() >= -1
    assert values.max() <= 1
    assert abs(values.mean()) < 0.02
    assert len(np.unique(values)) > 39_000


@pytest.mark.parametrize("periods", [(3, 5), (8, 8)])
def test_periodic_noise_repeats(periods: tuple[int, int]) -> None:
    field = noise(LINE, LINE, 7, periods)
    shifted = noise(LINE + np.float32(periods[0]), LINE - np.float32(2 * periods[1]), 7, periods)
    np.testing.assert_allclose(field, shifted, atol=1e-4)


def test_details_finer_than_asked_for_are_left_out() -> None:
    rough, soft = (np.abs(np.diff(clouds(LINE, LINE, 7, 6, finest), axis=1)).mean() for finest in (0.01, 0.5))
    assert rough > 1.3 * soft


def test_from_very_far_away_only_the_mean_is_left() -> None:
    far = np.linspace(-1e6, 1e6, 256, dtype=np.float32)
    assert not noise(far, LINE, 7).any()


def test_a_second_coordinate_morphs_a_profile_slowly() -> None:
    here, near, away = (profile(LINE, 7, 4, 0.1, at=at) for at in (0.0, 0.1, 2.0))
    assert 0 < np.abs(near - here).mean() < np.abs(away - here).mean()


def test_a_step_is_flat_outside_and_rises_inside() -> None:
    step = smoothstep(-1, 1, LINE)
    assert (step[LINE <= -1] == 0).all()
    assert (step[LINE >= 1] == 1).all()
    assert (np.diff(step) >= 0).all()

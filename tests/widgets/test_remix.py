from __future__ import annotations

import pytest

from mj_widgets.widgets.remix import takes_words


@pytest.mark.parametrize("action", ["variation1", "reroll", "zoom_out_2x", "pan_left", "variation_region", "sparkle_3x"])
def test_what_draws_anew_takes_other_words(action: str) -> None:
    assert takes_words(action)


@pytest.mark.parametrize("action", ["upscale1", "upscale_creative", "redo_upscale_2x"])
def test_an_upscale_repeats_a_picture_and_takes_none(action: str) -> None:
    assert not takes_words(action)

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mj_widgets.sandbox.actions import follow, generate, repaint
from mj_widgets.sandbox.picture import Picture
from mj_widgets.sandbox.prompts import read_prompt


def test_a_picture_survives_json_whatever_happened_to_it() -> None:
    grid = generate(read_prompt("two red foxes --ar 3:2 --stop 50"), 1, "8.2")
    single = follow("upscale1", follow("zoom_out_2x", follow("upscale2", grid, 1, None), 2, None), 3, None)
    picture = repaint(single, [b"mask"], 4, read_prompt("a hat"), lambda _: "name")
    assert picture.tiles[0].locks
    assert picture.tiles[0].repaints
    assert Picture.from_json(json.loads(json.dumps(picture.to_json()))) == picture


@pytest.mark.parametrize("ratio", ["1:1", "3:2", "2:3", "16:9", "9:16", "4:5", "21:9", "7:1", "14:1", "1:14", "1.5:1"])
def test_all_shapes_have_about_as_many_pixels_and_sizes_that_fit_each_other(ratio: str) -> None:
    grid = generate(read_prompt(f"a fox --ar {ratio}"), 1, "8.2")
    width, height = grid.size
    wanted = grid.tiles[0].view
    assert width * height == pytest.approx(1024 * 1024, rel=0.06)
    assert width / height == pytest.approx((wanted[2] - wanted[0]) / (wanted[3] - wanted[1]), rel=0.06)
    assert follow("upscale1", grid, 1, None).size == (width, height)  # one of four, at twice the size
    assert grid.preview().size == (width // 2, height // 2)
    assert all(side % 8 == 0 for side in grid.preview().size)
    single = follow("upscale1", grid, 1, None)
    assert follow("upscale_subtle", single, 1, None).size == (2 * width, 2 * height)
    assert single.preview().size == (width // 2, height // 2)
    assert replace(grid, kind="single", tiles=grid.tiles[:1]).size == grid.tile_size

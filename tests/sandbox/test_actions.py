from __future__ import annotations

import itertools

import pytest

from mj_widgets.sandbox.actions import follow, generate, offered
from mj_widgets.sandbox.picture import Picture
from mj_widgets.sandbox.prompts import read_prompt

GRID = ["upscale1", "upscale2", "upscale3", "upscale4", "reroll", "variation1", "variation2", "variation3", "variation4"]
MOVES = ["variation_subtle", "variation_strong", "zoom_out_2x", "zoom_out_1_5x", "pan_left", "pan_right", "pan_up", "pan_down"]


def _grid(text: str = "a fox", version: str = "8.2") -> Picture:
    return generate(read_prompt(text), 1, version)


def _single(text: str = "a fox", version: str = "8.2") -> Picture:
    return follow("upscale1", _grid(text, version), 1, None)


def test_a_grid_offers_what_the_service_offers() -> None:
    assert offered(_grid()) == GRID


@pytest.mark.parametrize(("version", "larger"), [
    ("8.2", ["upscale_subtle", "upscale_creative"]), ("6", ["upscale_subtle", "upscale_creative"]),
    ("5.2", ["upscale_2x", "upscale_4x"]),
])  # fmt: skip
def test_a_single_picture_offers_its_models_upscales(version: str, larger: list[str]) -> None:
    assert offered(_single(version=version)) == [*larger, *MOVES]


def test_after_a_second_upscale_it_is_offered_to_be_redone() -> None:
    assert offered(follow("upscale_creative", _single(), 1, None))[:2] == ["redo_upscale_subtle", "redo_upscale_creative"]
    old = follow("upscale_4x", _single(version="5.2"), 1, None)
    assert offered(old)[:2] == ["redo_upscale_2x", "redo_upscale_4x"]
    assert offered(follow("redo_upscale_2x", old, 1, None)) == offered(old)


def test_only_what_is_not_square_can_be_made_square() -> None:
    assert "square" not in offered(_single())
    wide = _single("a fox --ar 3:2")
    assert "square" in offered(wide)
    made = follow("upscale1", follow("square", wide, 1, None), 1, None)
    assert made.size == (1024, 1024)
    assert "square" not in offered(made)


@pytest.mark.parametrize("action", [*MOVES, "variation3"])
def test_variations_zooms_and_pans_are_grids_of_four_that_differ(action: str) -> None:
    source = _grid() if action == "variation3" else _single()
    made = follow(action, source, 1, None)
    assert offered(made) == GRID
    assert len({str(tile) for tile in made.tiles}) == 4


def test_a_variation_of_a_tile_starts_from_that_tile() -> None:
    grid = _grid()
    assert {tile.seed for tile in follow("variation3", grid, 1, None).tiles} == {grid.tiles[2].seed}
    assert follow("upscale4", grid, 1, None).tiles == (grid.tiles[3],)


def test_another_try_gives_something_else_and_the_same_seed_the_same() -> None:
    for action in MOVES:
        assert follow(action, _single(), 1, None) == follow(action, _single(), 1, None)
        assert follow(action, _single(), 1, None) != follow(action, _single(), 2, None)


def test_chaos_drives_the_four_apart() -> None:
    def spread(text: str) -> float:
        tiles = _grid(text).tiles
        pairs = itertools.combinations(tiles, 2)
        return sum(sum(abs(a - b) for a, b in zip(one.vector, other.vector, strict=True)) for one, other in pairs)

    assert spread("a fox --chaos 100") > 3 * spread("a fox --chaos 0")


def test_windows_move_and_grow_as_the_action_says() -> None:
    left, bottom, right, top = _single().tiles[0].view

    def view(action: str) -> tuple[float, ...]:
        return follow(action, _single(), 1, None).tiles[0].view

    assert view("zoom_out_2x") == pytest.approx((2 * left, 2 * bottom, 2 * right, 2 * top))
    assert view("zoom_out_1_5x") == pytest.approx((1.5 * left, 1.5 * bottom, 1.5 * right, 1.5 * top))
    half = (right - left) / 2
    assert view("pan_left") == pytest.approx((left - half, bottom, right - half, top))
    assert view("pan_right") == pytest.approx((left + half, bottom, right + half, top))
    assert view("pan_up") == pytest.approx((left, bottom + half, right, top + half))
    assert view("pan_down") == pytest.approx((left, bottom - half, right, top - half))

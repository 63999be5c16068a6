from __future__ import annotations

import math
import subprocess
import sys
from itertools import permutations

import numpy as np
import PIL.Image
import PIL.ImageFilter
import pytest

from mj_widgets.sweep import metrics
from mj_widgets.sweep.metrics import (
    METRICS,
    contrast,
    difference_hash,
    diversity,
    earth_mover,
    hash_distance,
    lab,
    palette,
    palette_distance,
    palette_diversity,
    sharpness,
)


def drawn(seed: int, size: tuple[int, int] = (96, 64)) -> PIL.Image.Image:
    """Smooth noise, different for each seed."""
    noise = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    return PIL.Image.fromarray(noise).resize(size, PIL.Image.Resampling.BICUBIC)


def plain(colour: str, size: tuple[int, int] = (32, 32)) -> PIL.Image.Image:
    return PIL.Image.new("RGB", size, colour)


# Sharpness and contrast


def test_sharpness_of_one_bright_pixel_is_what_the_hand_computes() -> None:
    """In 5 x 5 black pixels one of 10: of the 9 Laplacians one is -40, four are 10 and four 0; their mean is 0."""
    picture = PIL.Image.new("L", (5, 5), 0)
    picture.putpixel((2, 2), 10)
    assert sharpness(picture) == (40**2 + 4 * 10**2) / 9


def test_a_slope_has_no_edges() -> None:
    assert sharpness(PIL.Image.linear_gradient("L")) == 0


def test_blur_is_less_sharp() -> None:
    picture = drawn(1).resize((12, 8)).resize((96, 64), PIL.Image.Resampling.NEAREST)
    assert sharpness(picture.filter(PIL.ImageFilter.GaussianBlur(2))) < sharpness(picture) / 2


def test_sharpness_of_a_speck_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="at least 3 x 3 pixels, not 2 x 9"):
        sharpness(plain("red", (2, 9)))


def test_contrast_of_half_black_and_half_white_is_a_half() -> None:
    picture = plain("black")
    picture.paste("white", (0, 0, 16, 32))
    assert contrast(picture) == 0.5


def test_contrast_is_the_standard_deviation_of_the_luma() -> None:
    picture = drawn(2)
    assert contrast(picture) == pytest.approx(np.asarray(picture.convert("L")).std() / 255, rel=1e-12)


# The difference hash


@pytest.mark.parametrize(("turned", "bits"), [(90, "f" * 16), (270, "0" * 16), (0, "0" * 16)])
def test_a_bit_says_where_it_grows_lighter_to_the_right(turned: int, bits: str) -> None:
    assert difference_hash(PIL.Image.linear_gradient("L").rotate(turned)) == bits


def test_bits_are_in_reading_order() -> None:
    """Of 9 x 8 pixels nothing is shrunk: one light pixel at the top left corner is darker to its right, nowhere lighter."""
    picture = PIL.Image.new("L", (9, 8), 0)
    picture.putpixel((1, 0), 255)  # lighter than its left neighbour: the first bit
    picture.putpixel((8, 7), 255)  # the last
    assert difference_hash(picture) == "8000000000000001"


def test_a_smaller_rendition_is_near_and_another_picture_far() -> None:
    picture = drawn(3, (640, 480))
    assert hash_distance(picture, picture.resize((320, 240))) <= 2
    assert hash_distance(picture, drawn(4)) > 16


# Palettes


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        ((255, 255, 255), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),  # Lindbloom's calculator, sRGB and D65
        ((0, 0, 255), (32.30, 79.19, -107.86)),
    ],
)
def test_lab_of_known_colours(colour: tuple[int, int, int], expected: tuple[float, float, float]) -> None:
    assert lab(*colour) == pytest.approx(expected, abs=0.02)


def test_the_distance_of_plain_colours_is_their_difference_in_lab() -> None:
    assert palette_distance(plain("red"), plain("blue")) == pytest.approx(math.dist(lab(255, 0, 0), lab(0, 0, 255)))


def test_moving_a_quarter_of_the_pixels_costs_a_quarter() -> None:
    picture = plain("black")
    picture.paste("white", (0, 0, 16, 16))
    assert palette_distance(plain("black"), picture) == 25


def test_where_a_colour_is_does_not_matter() -> None:
    picture = drawn(5)
    assert palette_distance(picture, picture.transpose(PIL.Image.Transpose.ROTATE_180)) < 2.3  # is not seen
    assert palette_distance(picture, picture) == 0


def test_the_earth_is_moved_at_the_least_cost() -> None:
    """Compared with every way of moving equal heaps."""
    lots = np.random.default_rng(6)
    for _ in range(30):
        here, there = ([(tuple(lots.uniform(0, 99) for _ in range(3)), 7) for _ in range(4)] for _ in range(2))
        best = min(
            sum(math.dist(a, b) for (a, _), (b, _) in zip(here, order, strict=True)) / 4 for order in permutations(there)
        )
        assert earth_mover(here, there) == pytest.approx(best)
        assert earth_mover(there, here) == pytest.approx(best)


def test_unequal_heaps_are_split() -> None:
    """5 at 0 and 3 at 10 become 2 at 0, 4 at 6 and 2 at 10: 3 go 6 far and 1 goes 4 far."""
    here, there = (
        [((0.0, 0.0, 0.0), 5), ((10.0, 0.0, 0.0), 3)],
        [((0.0, 0.0, 0.0), 2), ((6.0, 0.0, 0.0), 4), ((10.0, 0.0, 0.0), 2)],
    )
    assert earth_mover(here, there) == pytest.approx((3 * 6 + 1 * 4) / 8)


def test_palettes_of_photographs_keep_the_rules_of_a_distance() -> None:
    pictures = [drawn(seed) for seed in range(6)]
    for a, b, c in zip(pictures, pictures[1:], pictures[2:], strict=False):
        assert palette_distance(a, b) == pytest.approx(palette_distance(b, a))
        assert palette_distance(a, c) <= palette_distance(a, b) + palette_distance(b, c) + 1e-9
    assert sum(weight for _, weight in palette(pictures[0])) == 64**2


# The tiles of a grid


def test_four_times_the_same_is_not_diverse() -> None:
    tile = drawn(7)
    assert diversity([tile] * 4) == palette_diversity([tile] * 4) == 0


def test_diversity_is_the_mean_over_the_six_pairs() -> None:
    """One light tile among three dark ones: three pairs of six are 100 apart."""
    assert palette_diversity([plain("white"), *[plain("black")] * 3]) == 50
    rising, falling = (PIL.Image.linear_gradient("L").rotate(turned) for turned in (90, 270))
    assert diversity([rising, rising, falling, falling]) == 64 * 4 / 6


def test_a_whole_grid_is_cut_in_four() -> None:
    grid = plain("black", (64, 64))
    grid.paste("white", (0, 0, 32, 32))
    assert palette_diversity(grid) == 50


def test_one_tile_has_no_diversity() -> None:
    assert math.isnan(diversity([drawn(8)]))


# All of them


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "1", "CMYK", "LA"])
def test_any_kind_of_picture_is_measured(mode: str) -> None:
    picture = drawn(9).convert(mode)
    for metric in METRICS.values():
        assert isinstance(metric(picture), (float, str))


def test_another_process_says_the_same_to_the_last_bit() -> None:
    code = "from tests.sweep.test_metrics import said; print(said())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == said()


def said() -> str:
    return repr([metric(drawn(seed, (200, 120))) for seed in range(3) for metric in METRICS.values()])


def test_each_says_of_which_version_it_is() -> None:
    assert all(getattr(metric, "version", None) for metric in METRICS.values())
    assert metrics.diversity.of_tiles  # type: ignore[attr-defined]

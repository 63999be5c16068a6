"""Each action is true: what a picture shows follows from the picture that it continues."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mj_widgets.sandbox.actions import follow, generate, repaint
from mj_widgets.sandbox.masks import read_mask
from mj_widgets.sandbox.picture import Picture
from mj_widgets.sandbox.prompts import read_prompt
from mj_widgets.sandbox.render import crop, halved, png, preview, render
from tests.sandbox.ask import Pixels, apart, encoded, pixels

PROMPTS = ("a fox in snow", "a neon city at night", "a boat on a mountain lake at dawn --ar 3:2")
MASKS: dict[str, bytes] = {}


def _keep(mask: bytes) -> str:
    MASKS[str(len(MASKS))] = mask
    return str(len(MASKS) - 1)


def _small(picture: Picture) -> Picture:
    """The same picture with a quarter of its pixels, so that the tests are quick."""
    return replace(picture, side=256 if picture.kind == "grid" else 512 if picture.kind == "single" else 1024)


@cache
def _grid(prompt: str, seed: int = 1) -> Picture:
    return _small(generate(read_prompt(prompt), seed, "8.2"))


@cache
def _single(prompt: str) -> Picture:
    return _then("upscale2", _grid(prompt))


def _then(action: str, source: Picture, seed: int = 1) -> Picture:
    return _small(follow(action, source, seed, None))


def _repainted(source: Picture, mask: Image.Image, words: str | None) -> Picture:
    """The four results of a repaint, or the first of them when it is of a single picture."""
    prompt = read_prompt(words) if words else None
    made = _small(repaint(source, read_mask(encoded(mask), source), 5, prompt, _keep))
    return made if source.kind == "grid" else _then("upscale1", made)


def _mask(picture: Picture, box: tuple[int, int, int, int]) -> Image.Image:
    mask = Image.new("L", picture.size, 0)
    ImageDraw.Draw(mask).rectangle(box, fill=255)
    return mask


@cache
def _drawn(picture: Picture) -> Image.Image:
    return render(picture, MASKS.__getitem__)


def _tiles(picture: Picture) -> list[Pixels]:
    return [pixels(crop(picture, _drawn(picture), k)) for k in range(len(picture.tiles))]


def _smaller(image: Image.Image, times: int) -> Pixels:
    return pixels(image.reduce(times))


def _colour(prompt: str) -> Pixels:
    return _smaller(_drawn(_grid(prompt)), 8).mean(axis=(0, 1))


@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_four_tiles_differ(prompt: str) -> None:
    for one, other in itertools.combinations(_tiles(_grid(prompt)), 2):
        assert apart(one, other) > 5


@pytest.mark.parametrize("prompt", PROMPTS)
def test_an_upscale_is_the_same_tile_with_more_pixels(prompt: str) -> None:
    tiles, upscaled = _tiles(_grid(prompt)), _smaller(_drawn(_single(prompt)), 2)
    assert apart(upscaled, tiles[1]) < 3
    assert min(apart(upscaled, tiles[k]) for k in (0, 2, 3)) > 5
    grown = pixels(crop(_grid(prompt), _drawn(_grid(prompt)), 1).resize(_drawn(_single(prompt)).size))
    assert apart(pixels(_drawn(_single(prompt))), grown) > 0.9  # and it is drawn, not stretched


def test_a_faithful_second_upscale_keeps_the_picture_and_a_creative_one_almost() -> None:
    single = _single(PROMPTS[0])
    subtle, creative = (_smaller(_drawn(_then(f"upscale_{how}", single)), 2) for how in ("subtle", "creative"))
    faithful, free = apart(subtle, pixels(_drawn(single))), apart(creative, pixels(_drawn(single)))
    assert faithful < 2
    assert faithful < free < 15


def test_at_full_size_it_is_the_same() -> None:
    """All other tests draw fewer pixels than a sandbox serves."""
    grid = generate(read_prompt(PROMPTS[0]), 1, "8.2")
    single = follow("upscale2", grid, 1, None)
    zoomed = follow("zoom_out_2x", single, 1, None)
    old = _smaller(_drawn(single), 2)
    assert old.shape == (512, 512, 3)
    assert apart(old, _tiles(grid)[1]) < 2
    assert apart(_smaller(_drawn(single), 4), _tiles(zoomed)[2][128:384, 128:384]) < 3


@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize(("action", "factor"), [("zoom_out_2x", 2.0), ("zoom_out_1_5x", 1.5)])
def test_a_zoom_out_shows_the_old_picture_in_the_middle(prompt: str, action: str, factor: float) -> None:
    zoomed = _then(action, _single(prompt))
    width, height = zoomed.tile_size
    old = _smaller(_drawn(_single(prompt)), 4)
    tiles = _tiles(zoomed)
    for k in range(4):
        assert apart(old, _inner(crop(zoomed, _drawn(zoomed), k), factor, old)) < 6  # skylines shimmer
    assert apart(old, pixels(_drawn(zoomed).resize(old.shape[1::-1], Image.Resampling.BOX, (0, 0, width, height)))) > 8
    assert min(apart(tiles[0], tile) for tile in tiles[1:]) > 0.8  # and each finds something else around it


def _inner(zoomed: Image.Image, factor: float, like: Pixels) -> Pixels:
    """The middle of a picture, at another's size."""
    x, y = (length * (1 - 1 / factor) / 2 for length in zoomed.size)
    return pixels(zoomed.resize(like.shape[1::-1], Image.Resampling.BOX, (x, y, zoomed.width - x, zoomed.height - y)))


def test_zooming_out_again_and_again_keeps_what_was_there_and_stays_quick() -> None:
    single = replace(_single(PROMPTS[0]), side=256)
    for depth in range(12):
        before = _smaller(_drawn(single), 2)
        start = time.thread_time()
        single = replace(follow("upscale1", follow("zoom_out_2x", single, depth, None), 1, None), side=256)
        now = _drawn(single)
        assert time.thread_time() - start < 2
        assert apart(_inner(now, 2, before), before) < 6
    assert pixels(now).std() > 10  # there is still something to be seen


@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize(("action", "across", "up"), [
    ("pan_left", -1, 0), ("pan_right", 1, 0), ("pan_up", 0, 1), ("pan_down", 0, -1),
])  # fmt: skip
def test_a_pan_keeps_half_of_the_picture(prompt: str, action: str, across: int, up: int) -> None:
    old = _smaller(_drawn(_single(prompt)), 2)
    height, width = old.shape[:2]
    was, now = zip(_halves(height, -up), _halves(width, across), strict=True)
    for tile in _tiles(_then(action, _single(prompt))):
        assert _overlap(old[was], tile[now]) < 3


def _halves(length: int, move: int) -> tuple[slice, slice]:
    """The part of an axis that is still seen after a move by half of it, and where it is then."""
    first, second, everything = slice(0, length // 2), slice(length - length // 2, length), slice(0, length)
    return {-1: (first, second), 0: (everything, everything), 1: (second, first)}[move]


def _overlap(one: Pixels, other: Pixels) -> float:
    """How many levels two pictures differ, but for the tenth that differs most: there the marks are."""
    differences = np.sort(np.abs(one - other).mean(axis=2).ravel())
    return float(differences[: int(0.9 * len(differences))].mean())


def test_squaring_shows_more_of_the_short_side() -> None:
    squared = _then("square", _single(PROMPTS[2]))
    side = squared.tile_size[0]
    old = pixels(_drawn(_single(PROMPTS[2])).resize((side, round(side / 1.5)), Image.Resampling.BOX))
    for tile in _tiles(squared):
        upper = (side - old.shape[0]) // 2
        assert _overlap(old, tile[upper : upper + old.shape[0]]) < 4


@pytest.mark.parametrize("prompt", PROMPTS)
def test_a_subtle_variation_is_nearer_than_a_strong_one(prompt: str) -> None:
    old = _smaller(_drawn(_single(prompt)), 2)
    subtle, strong = (
        [apart(tile, old) for tile in _tiles(_then(f"variation_{how}", _single(prompt)))] for how in ("subtle", "strong")
    )
    assert min(subtle) > 0.8
    assert np.mean(subtle) * 1.3 < np.mean(strong)
    assert max(subtle) < max(strong)


@pytest.mark.parametrize("words", ["a red fox", None])
def test_a_repaint_changes_what_the_mask_covers_and_nothing_else(words: str | None) -> None:
    single = _single("a house on autumn hills")
    mask = Image.new("L", single.size, 0)
    ImageDraw.Draw(mask).ellipse((100, 250, 310, 450), fill=255)
    white, old = np.asarray(mask) > 0, pixels(_drawn(single))
    four = repaint(single, read_mask(encoded(mask), single), 5, read_prompt(words) if words else None, _keep)
    results = [pixels(_drawn(_then(f"upscale{n}", four))) for n in (1, 2, 3, 4)]
    for new in results:
        changed = np.abs(new - old).max(axis=2)
        assert changed[~white].max() == 0
        assert (changed[white] > 0).mean() > 0.3
    assert all(np.abs(a - b)[white].mean() > 0.3 for a, b in itertools.combinations(results, 2))


def test_a_red_fox_in_the_mask_is_red_and_in_the_mask() -> None:
    single = _single("a teal sea")
    picture = pixels(_drawn(_repainted(single, _mask(single, (50, 200, 250, 400)), "a red fox")))
    reddish = (picture[..., 0] > 180) & (picture[..., 1] < 110)
    assert reddish[200:400, 50:250].mean() > 0.1
    assert reddish.sum() == reddish[200:400, 50:250].sum()


def test_a_repaint_of_a_grid_changes_the_tiles_that_the_mask_covers() -> None:
    grid = _grid(PROMPTS[0])
    old, new = pixels(_drawn(grid)), pixels(_drawn(_repainted(grid, _mask(grid, (300, 300, 450, 450)), None)))
    changed = np.abs(new - old).max(axis=2) > 0
    assert changed[300:450, 300:450].mean() > 0.5
    assert changed.sum() == changed[300:451, 300:451].sum()


def test_a_repainted_part_stays_through_zooms_upscales_and_repaints() -> None:
    single = _single("a teal sea")
    first = _repainted(single, _mask(single, (50, 200, 250, 400)), "a red fox")
    zoomed = _then("upscale1", _then("zoom_out_2x", first))
    assert apart(pixels(_drawn(zoomed))[128:384, 128:384], _smaller(_drawn(first), 2)) < 4
    second = _repainted(first, _mask(first, (300, 50, 400, 150)), None)
    changed = np.abs(pixels(_drawn(second)) - pixels(_drawn(first))).max(axis=2) > 0
    assert changed.any()
    assert changed.sum() == changed[50:151, 300:401].sum()


@pytest.mark.parametrize("line", [1, 3])
def test_the_thinnest_mask_still_shows(line: int) -> None:
    single = _single("a teal sea")
    mask = Image.new("L", single.size, 0)
    ImageDraw.Draw(mask).line((50, 250, 450, 250), fill=255, width=line)
    new = _repainted(single, mask, "a red night")
    changed = np.abs(pixels(_drawn(new)) - pixels(_drawn(single))).max(axis=2) > 0
    assert changed.sum() > 0.8 * (np.asarray(mask) > 0).sum()
    assert not changed[np.asarray(mask) == 0].any()


def test_the_same_numbers_give_the_same_bytes() -> None:
    assert png(render(_grid(PROMPTS[0]), MASKS.__getitem__)) == png(render(_grid(PROMPTS[0]), MASKS.__getitem__))


def test_colour_words_colour_the_picture() -> None:
    assert _colour("a red forest")[0] > _colour("a teal forest")[0] + 40
    assert _colour("a teal forest")[2] > _colour("a red forest")[2] + 30
    assert _colour("a black forest").mean() + 40 < _colour("a white forest").mean()


def test_the_time_of_day_lights_the_picture() -> None:
    assert _colour("mountains at night").mean() + 80 < _colour("mountains at noon").mean()
    red, _, blue = _colour("the sea at sunset")
    assert red > blue
    red, _, blue = _colour("the sea at noon")
    assert blue > red


def test_ink_has_no_colour() -> None:
    drawn = _smaller(_drawn(_grid("ink sketch of a fox")), 4)
    assert (drawn.max(axis=2) - drawn.min(axis=2)).mean() < 12


def test_each_figure_is_there() -> None:
    """A prompt with a noun differs from the same one without it, where its figure stands."""
    without = _tiles(_grid("a winter forest at noon"))
    for noun in ("fox", "house", "lighthouse"):
        for one, other in zip(_tiles(_grid(f"a {noun} in a winter forest at noon")), without, strict=True):
            assert (np.abs(one - other).max(axis=2) > 30).mean() > 0.01


@pytest.mark.parametrize(
    "parameter",
    [
        "--stylize 0",
        "--stylize 1000",
        "--weird 3000",
        "--chaos 100",
        "--tile",
        "--no fox",
        "--seed 9",
        "--style raw",
        "--niji 6",
        "--sref https://a.example/1.png",
        "--stop 30",
    ],
)
def test_each_parameter_does_something_to_be_seen(parameter: str) -> None:
    prompt = read_prompt(f"a fox in a forest {parameter}")
    seed = 1 if prompt.seed is None else prompt.seed
    plain, other = _grid("a fox in a forest"), _small(generate(prompt, seed, "8.2"))
    assert apart(pixels(_drawn(plain)), pixels(_drawn(other))) > 0.9


def test_stylize_makes_richer_colours() -> None:
    def strength(prompt: str) -> float:
        drawn = _smaller(_drawn(_grid(prompt)), 8)
        return float((drawn.max(axis=2) - drawn.min(axis=2)).mean())

    assert strength("a forest --s 0") < strength("a forest") < strength("a forest --s 1000")


def test_chaos_drives_the_four_apart() -> None:
    def spread(prompt: str) -> float:
        means = [tile.mean(axis=(0, 1)) for tile in _tiles(_grid(prompt))]
        return float(np.mean([np.abs(a - b).mean() for a, b in itertools.combinations(means, 2)]))

    assert spread("a fox in a forest --chaos 100") > 1.5 * spread("a fox in a forest --chaos 0")


def test_stopping_early_leaves_it_blurred() -> None:
    def detail(prompt: str) -> float:
        return float(np.abs(np.diff(pixels(_drawn(_grid(prompt))), axis=1)).mean())

    assert detail("a fox in a forest --stop 30") < 0.7 * detail("a fox in a forest")


@pytest.mark.parametrize("prompt", ["a fox --tile", "a fox --tile --ar 3:2", "--tile teal waves", "a fox --tile --ar 1:2"])
def test_the_edges_of_a_pattern_fit(prompt: str) -> None:
    """What is left of the left edge is at the right edge; the corner with the mark is left out."""
    for tile in _tiles(_grid(prompt) if not prompt.startswith("--") else _grid("teal waves --tile")):
        height, width = tile.shape[:2]
        rows = slice(0, int(0.8 * height))
        seam = np.abs(tile[rows, 0] - tile[rows, -1]).mean()
        beside = np.abs(tile[rows, 0] - tile[rows, 1]).mean()
        assert seam < 3 * beside + 2
        columns = slice(0, int(0.5 * width))
        assert np.abs(tile[0, columns] - tile[-1, columns]).mean() < 3 * np.abs(tile[0, columns] - tile[1, columns]).mean() + 2


def _label(tile: Pixels) -> Pixels:
    height, width = tile.shape[:2]
    side = (height * width) ** 0.5
    return tile[-int(0.1 * side) :, -int(0.28 * side) :]


@pytest.mark.parametrize("prompt", ["a white sky", "a black night --ar 2:3", PROMPTS[0]])
def test_every_picture_bears_the_mark(prompt: str) -> None:
    """Letters, almost white, on a plate that is darker: also in a thumbnail of 256 pixels, and in a preview."""
    grid = _grid(prompt)
    tiles = [*_tiles(grid), pixels(_drawn(_single(prompt)))]
    small = _drawn(grid).resize((256, 256), Image.Resampling.LANCZOS)
    tiles += [pixels(small.crop((x, y, x + 128, y + 128))) for x in (0, 128) for y in (0, 128)]
    tiles.append(pixels(_drawn(_single(prompt).preview())))
    for tile in tiles:
        label = _label(tile).mean(axis=2)
        plate, letters = np.percentile(label, 25), label.max()
        assert letters > plate + 60
        assert (label > (letters + plate) / 2).mean() > 0.03


def test_a_preview_comes_into_focus() -> None:
    small = _drawn(generate(read_prompt(PROMPTS[0]), 1, "8.2").preview())
    sizes = [len(preview(small.copy(), percent, half=False)) for percent in (5, 35, 65, 95)]
    assert sizes == sorted(sizes)
    assert sizes[-1] > 2 * sizes[0]
    assert len(preview(small.copy(), 95, half=True)) < 30_000


def test_half_is_half() -> None:
    assert halved(_drawn(_grid(PROMPTS[2]))).size == (312, 208)


def test_a_grid_is_drawn_in_half_a_second() -> None:
    """Of one core's time, with its encoding; the best of three, as other processes get in the way."""
    took = []
    for seed in range(3):
        grid = generate(read_prompt("a fox in snow"), 100 + seed, "8.2")
        start = time.thread_time()
        png(render(grid, MASKS.__getitem__))
        took.append(time.thread_time() - start)
    assert min(took) < 0.5

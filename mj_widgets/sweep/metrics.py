"""What the pixels say: numbers that need neither torch nor a model.

Each is done in whole numbers as far as possible, so that it is the same in every process, to the last bit. A metric is any
callable that takes a picture (``PIL.Image.Image``) and gives a number, a text, or a dict of them; one that is marked with
`of_tiles` takes the list of a grid's tiles.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any, TypeVar

from mj_widgets.session.imaging import tile_boxes

if TYPE_CHECKING:
    import PIL.Image

    Picture = PIL.Image.Image

Value = float | int | str | bool | None
Metric = Callable[[Any], Value | Mapping[str, Value]]
M = TypeVar("M", bound=Callable[..., Any])

HASH_SIDE = 8  # its square is the number of bits
PALETTE_SIDE = 64  # pixels; the palette is taken of a picture so small
PALETTE_COLOURS = 8

_WHITE = (0.950456, 1.0, 1.088754)  # D65, 2 degrees
_TO_XYZ = ((0.412453, 0.357580, 0.180423), (0.212671, 0.715160, 0.072169), (0.019334, 0.119193, 0.950227))

Weight = tuple[tuple[float, float, float], int]
"""A colour in CIE Lab, and how many pixels have it."""


def of_tiles(metric: M) -> M:
    """Mark a metric that takes the tiles of a grid, a list of pictures, and says one thing of them all."""
    metric.of_tiles = True  # type: ignore[attr-defined] # a mark
    return metric


def version(number: str) -> Callable[[M], M]:
    """Mark a metric with the version of its code: what it said is kept, and taken again as long as the version is the same.

    A metric without one is done anew each time, because nothing tells whether its code, or what it calls, has changed.

    Examples
    --------
    >>> @version("1")
    ... def redness(picture):
    ...     return picture.convert("RGB").resize((1, 1)).getpixel((0, 0))[0] / 255
    >>> redness.version
    '1'
    """

    def mark(metric: M) -> M:
        metric.version = number  # type: ignore[attr-defined] # a mark
        return metric

    return mark


@version("1")
def sharpness(picture: Picture) -> float:
    """Give the variance of the Laplacian of the luma.

    Blur has few edges, so its Laplacian hardly varies. It depends on the size: compare pictures of one size.

    Parameters
    ----------
    picture : PIL.Image.Image
        At least 3 x 3 pixels.

    Returns
    -------
    float
        Grey levels (of 255) squared; 0 for a plain surface, at most 1 040 400. The kernel is that of four neighbours, the
        luma that of ITU-R BT.601; the outermost pixels, which have no four neighbours, are left out.

    Raises
    ------
    ValueError
        The picture is smaller.

    References
    ----------
    J. L. Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy: a comparative study", ICPR 2000: the measure
    LAPV.

    Examples
    --------
    >>> import PIL.Image
    >>> sharpness(PIL.Image.new("L", (8, 8), 100))
    0.0
    """
    import numpy as np

    if min(picture.size) < 3:  # noqa: PLR2004 - the kernel's size
        raise ValueError(f"Sharpness needs at least 3 x 3 pixels, not {picture.width} x {picture.height}.")
    grey = np.asarray(_luma(picture), dtype=np.int32)
    middle = grey[1:-1, 1:-1]
    edges = (grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * middle).astype(np.int64)
    return _variance(edges.size, int(edges.sum()), int((edges * edges).sum()))


@version("1")
def contrast(picture: Picture) -> float:
    """Give the RMS contrast: the standard deviation of the luma.

    Returns
    -------
    float
        As a share of the whole scale: 0 for a plain surface, 0.5 for half black and half white. It says nothing of where
        light and dark are.

    References
    ----------
    E. Peli, "Contrast in complex images", J. Opt. Soc. Am. A 7(10), 1990.

    Examples
    --------
    >>> import PIL.Image
    >>> contrast(PIL.Image.new("L", (8, 8), 100))
    0.0
    """
    counts = _luma(picture).histogram()
    levels = [*enumerate(counts)]
    total, squares = sum(level * count for level, count in levels), sum(level**2 * count for level, count in levels)
    return math.sqrt(_variance(sum(counts), total, squares)) / 255


@version("1")
def difference_hash(picture: Picture) -> str:
    """Give the 64 bits that say where a picture grows lighter from left to right.

    Pictures that look alike have nearly the same bits, also at another size or quality; see `hash_distance`.

    Returns
    -------
    str
        16 hexadecimal digits, row after row from top left: the luma is shrunk to 9 x 8 pixels (Lanczos), and a bit is 1 where
        a pixel is lighter than the one to its left.

    References
    ----------
    N. Krawetz, "Kind of Like That", The Hacker Factor Blog, 2013: dHash. The bits are those of the package imagehash.

    Examples
    --------
    >>> import PIL.Image
    >>> difference_hash(PIL.Image.linear_gradient("L").rotate(90))
    'ffffffffffffffff'
    """
    import PIL.Image

    small = _luma(picture).resize((HASH_SIDE + 1, HASH_SIDE), PIL.Image.Resampling.LANCZOS)
    pixels = small.tobytes()
    rows = [pixels[start : start + HASH_SIDE + 1] for start in range(0, len(pixels), HASH_SIDE + 1)]
    bits = "".join("1" if right > left else "0" for row in rows for left, right in pairwise(row))
    return f"{int(bits, 2):0{HASH_SIDE**2 // 4}x}"


def hash_distance(a: str | Picture, b: str | Picture) -> int:
    """Count the bits in which two pictures, or their hashes, differ.

    Returns
    -------
    int
        0 to 64. Up to about 10 they are mostly renditions of one picture (Krawetz); unrelated ones are near 32.

    Examples
    --------
    >>> hash_distance("ff00000000000000", "0f00000000000001")
    5
    """
    first, second = (int(one if isinstance(one, str) else difference_hash(one), 16) for one in (a, b))
    return (first ^ second).bit_count()


def palette_distance(a: Picture, b: Picture) -> float:
    """Tell how far the colours of two pictures are from each other, wherever in the picture they are.

    Each is shrunk to 64 x 64 pixels (box) and to 8 colours (median cut), these are taken to CIE Lab (sRGB, D65), and the
    distance is the earth mover's: the least colour difference, over all pixels, by which one palette becomes the other.

    Returns
    -------
    float
        CIE 1976 colour difference (Delta E) of a pixel, on average: 0 for the same palette, 100 between black and white,
        about 2.3 where a difference is just seen.

    References
    ----------
    Y. Rubner, C. Tomasi, L. J. Guibas, "The earth mover's distance as a metric for image retrieval", IJCV 40(2), 2000.

    Examples
    --------
    >>> import PIL.Image
    >>> palette_distance(PIL.Image.new("RGB", (8, 8), "black"), PIL.Image.new("RGB", (8, 8), "white"))
    100.0
    """
    return earth_mover(palette(a), palette(b))


def palette(picture: Picture) -> list[Weight]:
    """Give the main colours of a picture and how many of 4096 pixels each has, the most frequent first."""
    import PIL.Image

    small = picture.convert("RGB").resize((PALETTE_SIDE, PALETTE_SIDE), PIL.Image.Resampling.BOX)
    reduced = small.quantize(PALETTE_COLOURS, PIL.Image.Quantize.MEDIANCUT).convert("RGB")
    found: Any = reduced.getcolors(PALETTE_SIDE**2)
    return [(lab(*colour), count) for count, colour in sorted(found, reverse=True)]


def lab(red: int, green: int, blue: int) -> tuple[float, float, float]:
    """Take a colour from sRGB, 0 to 255, to CIE Lab (D65), in thousandths.

    Rounded, because the cube root's last bit is not the same with every C library.
    """
    linear = [*map(_linear, (red, green, blue))]
    xyz = (sum(part * light for part, light in zip(row, linear, strict=True)) for row in _TO_XYZ)
    x, y, z = (_cube_root(value / white) for value, white in zip(xyz, _WHITE, strict=True))
    return round(116 * y - 16, 3), round(500 * (x - y), 3), round(200 * (y - z), 3)


def earth_mover(a: Sequence[Weight], b: Sequence[Weight]) -> float:
    """Give the least mean distance over which the weights of `a`, whose sum is that of `b`, are moved to become `b`.

    The transport problem, by the cheapest path again and again until all is moved: exact, and quick for palettes.
    """
    total = sum(weight for _, weight in a)
    if total != sum(weight for _, weight in b):
        raise ValueError("Both must have the same weight in all.")
    costs = [[math.dist(colour, other) for other, _ in b] for colour, _ in a]
    flow = [[0] * len(b) for _ in a]
    supply, demand = [weight for _, weight in a], [weight for _, weight in b]
    while any(supply):
        path = _cheapest(costs, flow, supply, demand)
        moved = min(supply[path[0]], demand[path[-1]], *(flow[path[at + 1]][path[at]] for at in range(1, len(path) - 1, 2)))
        supply[path[0]] -= moved
        demand[path[-1]] -= moved
        for at in range(len(path) - 1):
            if at % 2:
                flow[path[at + 1]][path[at]] -= moved
            else:
                flow[path[at]][path[at + 1]] += moved
    rows = zip(costs, flow, strict=True)
    return math.fsum(cost * units for row, sent in rows for cost, units in zip(row, sent, strict=True)) / total


def _cheapest(costs: list[list[float]], flow: list[list[int]], supply: list[int], demand: list[int]) -> list[int]:
    """Find the cheapest way from a colour that has some left to one that lacks some: out, back, out, ... (Bellman and Ford)."""
    out = [0.0 if left else math.inf for left in supply]
    back = [math.inf] * len(demand)
    before_out: list[int | None] = [None] * len(supply)
    before_back = [0] * len(demand)
    changed = True
    while changed:
        changed = False
        for i, row in enumerate(costs):
            for j, cost in enumerate(row):
                if out[i] + cost < back[j] - _NOTHING:
                    back[j], before_back[j], changed = out[i] + cost, i, True
        for j, reached in enumerate(back):
            for i, row in enumerate(costs):
                if flow[i][j] and reached - row[j] < out[i] - _NOTHING:
                    out[i], before_out[i], changed = reached - row[j], j, True
    end = min((j for j, lacks in enumerate(demand) if lacks), key=back.__getitem__)
    path = [end]
    while True:
        start = before_back[path[0]]
        path.insert(0, start)
        previous = before_out[start]
        if previous is None:
            return path
        path.insert(0, previous)


_NOTHING = 1e-9  # a way that is shorter by less is the same: rounding must not make it go round in circles


@version("1")
@of_tiles
def diversity(tiles: Sequence[Picture] | Picture) -> float:
    """Tell how different the tiles of a grid are from each other in what they show.

    Parameters
    ----------
    tiles : list of PIL.Image.Image, or one
        One picture is taken for a grid of 2 x 2.

    Returns
    -------
    float
        The mean `hash_distance` of all pairs: 0 for four times the same, near 32 for four that have nothing in common. NaN
        for fewer than two tiles.
    """
    return _mean(map(hash_distance, *_pairs([difference_hash(tile) for tile in _tiles(tiles)])))


@version("1")
@of_tiles
def palette_diversity(tiles: Sequence[Picture] | Picture) -> float:
    """Tell how different the tiles of a grid are from each other in their colours.

    Returns
    -------
    float
        The mean `palette_distance` of all pairs. NaN for fewer than two tiles.
    """
    return _mean(map(earth_mover, *_pairs([palette(tile) for tile in _tiles(tiles)])))


METRICS: dict[str, Metric] = {
    "sharpness": sharpness,
    "contrast": contrast,
    "difference_hash": difference_hash,
    "diversity": diversity,
    "palette_diversity": palette_diversity,
}
"""Those that are known by name."""


def _tiles(tiles: Sequence[Picture] | Picture) -> list[Picture]:
    import PIL.Image

    if isinstance(tiles, PIL.Image.Image):
        return [*map(tiles.crop, tile_boxes(*tiles.size))]
    return [*tiles]


def _pairs(found: list[Any]) -> tuple[list[Any], list[Any]]:
    both = [*combinations(found, 2)]
    return [first for first, _ in both], [second for _, second in both]


def _mean(distances: Any) -> float:
    found = [*distances]
    return math.fsum(found) / len(found) if found else math.nan


def _luma(picture: Picture) -> Picture:
    return picture if picture.mode == "L" else picture.convert("RGB").convert("L")


def _variance(number: int, total: int, squares: int) -> float:
    """Give the variance from whole sums: exact, so it does not matter in which order they were added."""
    return (number * squares - total**2) / number**2


def _linear(value: int) -> float:
    """Undo the gamma of sRGB (IEC 61966-2-1)."""
    part = value / 255
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)  # noqa: PLR2004 - where its line ends


def _cube_root(value: float) -> float:
    return math.cbrt(value) if value > (6 / 29) ** 3 else value / (3 * (6 / 29) ** 2) + 4 / 29

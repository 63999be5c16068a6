"""A run as a labelled picture, for a paper, a slide or a wall: axis names and values on every page, failures in words."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mj_widgets.session.imaging import THUMBNAIL
from mj_widgets.sweep.arrangement import Arrangement, Only, Page
from mj_widgets.sweep.lettering import Colour, Lettering

if TYPE_CHECKING:
    import PIL.Image
    from PIL.ImageDraw import ImageDraw

    from mj_widgets.sweep.cells import RunCell
    from mj_widgets.sweep.run import SweepRun

MOST_PAGES = 200
_SMALLEST, _LARGEST = 32, 2048  # pixels of a picture's longer side
_MARGIN, _GAP = 24, 8
_LINES = 4  # of a label
_NOTHING = "(nothing)"  # how a value of no text is called


class _Inks(NamedTuple):
    paper: Colour
    ink: Colour
    quiet: Colour
    edge: Colour
    bad: Colour
    bad_paper: Colour
    idle_paper: Colour


_LIGHT = _Inks((255, 255, 255), (24, 26, 30), (88, 94, 104), (210, 214, 220), (160, 28, 28), (253, 238, 236), (244, 245, 247))
_DARK = _Inks((22, 24, 28), (235, 237, 240), (166, 173, 182), (66, 70, 78), (255, 158, 148), (58, 30, 30), (34, 37, 42))

_IDLE = {"waiting", "running", "skipped", "over the cap"}  # nothing went wrong with these


class Pages(list["PIL.Image.Image"]):
    """The pages of a figure, pictures in reading order; they show themselves where they end a cell."""

    def save(self, path: str | Path) -> list[Path]:
        """Save the pages beside each other: ``grid.png`` becomes ``grid-01.png``, ``grid-02.png``, ...

        Returns
        -------
        list of Path
            The files.
        """
        path = Path(path).expanduser()
        width = len(str(len(self)))
        files = [path.with_stem(f"{path.stem}-{number:0{max(2, width)}}") for number in range(1, len(self) + 1)]
        for page, file in zip(self, files, strict=True):
            page.save(file)
        return files

    def _repr_html_(self) -> str:
        return "".join(
            f'<img alt="Page {number} of {len(self)}" style="max-width: 100%; margin: 0 0 12px" src="{_data(page)}">'
            for number, page in enumerate(self, 1)
        )


def grid(
    run: SweepRun,
    x: str | None = None,
    y: str | None = None,
    *,
    only: Only | None = None,
    tile: int = 0,
    side: int = 160,
    page: tuple[int, int] = (12, 12),
    title: str | None = None,
    dark: bool = False,
    font: str | Path | None = None,
) -> PIL.Image.Image | Pages:
    """Draw a run: see `SweepRun.grid`."""
    if not _SMALLEST <= side <= _LARGEST:
        raise ValueError(f"side is the longer side of a picture, {_SMALLEST} to {_LARGEST} pixels, not {side!r}.")
    if tile not in range(5):
        raise ValueError(f"tile is 1 to 4, or 0 for the whole, not {tile!r}.")
    across, down = page
    if across < 1 or down < 1:
        raise ValueError(f"A page has at least one column and one row, not {page!r}.")
    arrangement = Arrangement(run, x, y, only)
    pages: list[Page] = []
    for one in arrangement.pages(max(1, across // max(1, arrangement.beside)), down):
        pages.append(one)
        if len(pages) > MOST_PAGES:
            raise ValueError(
                f"This comes to more than {MOST_PAGES} pages: keep fewer values, as in only={{'stylize': [0, 250]}}, or put "
                "more on a page, as in page=(30, 30). run.report() shows all of it on one page."
            )
    sheet = _Sheet(run, arrangement, across, tile=tile, side=side, inks=_DARK if dark else _LIGHT, font=font)
    head = title if title is not None else str(getattr(run.sweep, "template", ""))
    drawn = Pages(sheet.draw(one, head, f"{number} / {len(pages)}") for number, one in enumerate(pages, 1))
    return drawn[0] if len(drawn) == 1 else drawn


class _Sheet:
    """Draws pages of one run, all with the same measures."""

    def __init__(
        self,
        run: SweepRun,
        arrangement: Arrangement,
        across: int,
        *,
        tile: int,
        side: int,
        inks: _Inks,
        font: str | Path | None,
    ) -> None:
        self._arrangement, self._tile, self._side, self._inks = arrangement, tile, side, inks
        self._across = max(1, across // max(1, arrangement.beside))
        self._text, self._large = Lettering(max(12, side // 12), font), Lettering(max(15, side // 9), font)
        self._box = _box([cell for cell in run if _has_picture(cell)], tile, side)
        self._beside = max(1, arrangement.beside)
        self._place = self._beside * (self._box[0] + _GAP) - _GAP
        self._column = self._place + 2 * _GAP
        self._left = self._width_of_labels() if arrangement.y else 0

    def draw(self, page: Page, title: str, number: str) -> PIL.Image.Image:
        """Draw one."""
        from PIL import Image, ImageDraw

        bands = _bands(page, self._across)
        columns = max(len(band) for band in bands)
        width = max(2 * _MARGIN + self._left + columns * self._column, 320)
        head = self._heading(page, title, number, width)
        heights = [self._band_height(band, page) for band in bands]
        height = 2 * _MARGIN + sum(lettering.height(lines) for lettering, lines, _ in head) + _GAP + sum(heights)
        picture = Image.new("RGB", (width, height), self._inks.paper)
        on = ImageDraw.Draw(picture)
        y = _MARGIN
        for lettering, lines, colour in head:
            lettering.draw(on, lines, (_MARGIN, y), colour)
            y += lettering.height(lines)
        y += _GAP
        for band, tall in zip(bands, heights, strict=True):
            self._draw_band(picture, on, page, band, y)
            y += tall
        return picture

    def _heading(self, page: Page, title: str, number: str, width: int) -> list[tuple[Lettering, tuple[str, ...], Colour]]:
        """Say what it is, which axis lies where, and what the others are set to."""
        axes = [f"{where}: {name}" for where, name in (("across", self._arrangement.x), ("down", self._arrangement.y)) if name]
        fixed = " · ".join(f"{name}: {label or _NOTHING}" for name, label in page.fixed)
        room = width - 2 * _MARGIN
        told = [
            (self._large, title, self._inks.ink),
            (self._large, fixed, self._inks.ink),
            (self._text, " · ".join([*axes, *[f"page {number}"] * (number != "1 / 1")]), self._inks.quiet),
        ]
        return [(lettering, lettering.lines(text, room, 3), colour) for lettering, text, colour in told if text]

    def _width_of_labels(self) -> int:
        labels = self._arrangement.labels[self._arrangement.y]
        widest = max((self._text.width(label[:60]) for label in labels), default=0)
        return min(max(widest, self._text.width(self._arrangement.y[:30])), self._side) + 2 * _GAP

    def _column_lines(self, band: Iterable[str]) -> list[tuple[str, ...]]:
        return [self._text.lines(label or _NOTHING, self._place, _LINES) for label in band]

    def _band_height(self, band: tuple[str, ...], page: Page) -> int:
        head = max(map(self._text.height, self._column_lines(band)))
        return head + _GAP + max(1, len(page.rows)) * (self._box[1] + 2 * _GAP)

    def _draw_band(self, picture: PIL.Image.Image, on: ImageDraw, page: Page, band: tuple[str, ...], top: int) -> None:
        named = self._column_lines(band)
        head = max(map(self._text.height, named))
        for at, lines in enumerate(named):
            left = _MARGIN + self._left + at * self._column + _GAP
            self._text.draw(on, lines, (left, top + head - self._text.height(lines)), self._inks.ink, centred=self._place)
        y = top + head + _GAP
        for row in page.rows or ("",):
            if page.rows:
                lines = self._text.lines(
                    row or _NOTHING, self._left - 2 * _GAP, max(_LINES, self._box[1] // self._text.leading)
                )
                middle = y + max(0, (self._box[1] - self._text.height(lines)) // 2)
                self._text.draw(on, lines, (_MARGIN, middle), self._inks.ink)
            for at, column in enumerate(band):
                left = _MARGIN + self._left + at * self._column + _GAP
                self._draw_cells(picture, on, page.cells.get((column, row), ()), (left, y))
            y += self._box[1] + 2 * _GAP

    def _draw_cells(self, picture: PIL.Image.Image, on: ImageDraw, cells: tuple[RunCell, ...], at: tuple[int, int]) -> None:
        x, y = at
        if not cells:  # the design has nothing there
            middle = x + self._place // 2, y + self._box[1] // 2
            on.line((middle[0] - 8, middle[1], middle[0] + 8, middle[1]), fill=self._inks.edge, width=2)
        for cell in cells:
            small = _thumbnail(cell, self._tile, self._side)
            if small is None:
                self._draw_words(on, cell, (x, y))
            else:
                picture.paste(small, (x + (self._box[0] - small.width) // 2, y + (self._box[1] - small.height) // 2))
            x += self._box[0] + _GAP

    def _draw_words(self, on: ImageDraw, cell: RunCell, at: tuple[int, int]) -> None:
        inks, (x, y) = self._inks, at
        idle = cell.state in _IDLE or cell.state == "done"
        corner = x + self._box[0] - 1, y + self._box[1] - 1
        on.rectangle((x, y, *corner), fill=inks.idle_paper if idle else inks.bad_paper, outline=inks.edge if idle else inks.bad)
        room = self._box[0] - 2 * _GAP
        state = self._text.lines("picture not here" if cell.state == "done" else cell.state, room, _LINES)
        self._text.draw(on, state, (x + _GAP, y + _GAP), inks.quiet if idle else inks.bad)
        below = self._text.height(state)
        most = (self._box[1] - 2 * _GAP - below) // self._text.leading
        if most >= 1:
            self._text.draw(
                on, self._text.lines(" · ".join(cell.words.splitlines()), room, most), (x + _GAP, y + _GAP + below), inks.ink
            )


def _bands(page: Page, across: int) -> list[tuple[str, ...]]:
    """Break the columns into lines, where there is no axis down."""
    return [page.columns[at : at + across] for at in range(0, len(page.columns), across)]


def _has_picture(cell: RunCell) -> bool:
    return cell.image is not None and cell.image.path is not None


def _box(cells: list[RunCell], tile: int, side: int) -> tuple[int, int]:
    """Give the room for a picture: as wide as the widest, as high as the highest, with `side` as the longer side of each."""
    sizes = []
    for cell in cells:
        parts = cell.tiles
        part = parts[tile - 1] if tile and tile <= len(parts) else cell.image
        if part and part.width and part.height:
            scale = side / max(part.width, part.height)
            sizes.append((round(part.width * scale), round(part.height * scale)))
    if not sizes:
        return side, side
    wide, high = (max(size[at] for size in sizes) for at in (0, 1))
    return max(wide, side // 2), max(high, side // 2)


def _thumbnail(cell: RunCell, tile: int, side: int) -> PIL.Image.Image | None:
    """Open the picture of a cell, small; None where there is none, or its file has gone."""
    from PIL import Image

    gen = cell.generation
    if gen is None or not _has_picture(cell):
        return None
    try:
        stored = gen.thumbnail(tile if len(gen.tiles) >= tile else 0, THUMBNAIL if side <= THUMBNAIL else side)
    except OSError:  # somebody removed it
        return None
    with Image.open(BytesIO(stored)) as picture:
        small = picture.convert("RGB")
    scale = side / max(small.size)
    size = max(1, round(small.width * scale)), max(1, round(small.height * scale))
    return small if size == small.size else small.resize(size, Image.Resampling.LANCZOS)


def _data(page: Any) -> str:
    buffer = BytesIO()
    page.save(buffer, "WEBP", quality=80)
    return f"data:image/webp;base64,{b64encode(buffer.getvalue()).decode()}"

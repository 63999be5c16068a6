"""A run as tables of small pictures: what a saved notebook shows without a kernel, on GitHub, and through nbconvert."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any

from mj_widgets.errors import MJError
from mj_widgets.session import imaging
from mj_widgets.widgets.sweep_axes import ShownAxis, arranged

if TYPE_CHECKING:
    from mj_widgets.sweep.cells import RunCell
    from mj_widgets.sweep.run import SweepRun

CELLS = 400  # on the page
BYTES = 600_000  # of pictures, a third more in base64

_ACROSS = 8  # columns before a table goes on below
_FEW, _SIDES = 60, (160, 96)  # pixels of a picture, where there are few cells and where there are many
_LENGTH = 120  # characters of a text

# As in fallback.py: where styles are dropped the attributes are enough, and the last rule hides JupyterLab's error line.
_STYLE = """<style>
.mj-twin-sweep { font: 13px/1.45 system-ui, sans-serif; }
.mj-twin-sweep table { margin: 8px 0; border-collapse: collapse; }
.mj-twin-sweep caption { text-align: left; font-weight: 600; }
.mj-twin-sweep :is(th, td) { padding: 4px; border: 1px solid rgb(127 127 127 / 0.35); text-align: left; vertical-align: top; }
.mj-twin-sweep td { max-width: 180px; overflow-wrap: anywhere; }
.mj-twin-sweep img { max-width: none; margin: 0; border-radius: 4px; }
.mj-twin-sweep small { opacity: 0.8; }
.jp-OutputArea-child:not(:has(.mj-wall)):has(+ .jp-OutputArea-child .mj-twin-sweep) { display: none; }
</style>"""


class _Budget:
    """How much more may stand on a page."""

    def __init__(self, run: SweepRun) -> None:
        self.run = run
        self.cells, self.bytes = CELLS, BYTES
        self.side = _SIDES[len(run) > _FEW]

    def picture(self, cell: RunCell) -> str:
        """Draw a cell."""
        self.cells -= 1
        gen = cell.generation
        if cell.state != "done" or gen is None or gen.is_deleted or gen.image is None or gen.image.path is None:
            state = "deleted" if gen is not None and gen.is_deleted else cell.state
            words = f"<br><small>{escape(_cut(cell.words))}</small>" if cell.words else ""
            return f"<b>{escape(state)}</b>{words}"
        try:
            source = _small(gen.thumbnail(), self.side)
        except (MJError, ValueError, OSError):
            return "<small>The picture could not be read.</small>"
        self.bytes -= len(source) * 3 // 4
        ratio = gen.image.width / gen.image.height if gen.image.width and gen.image.height else 1.0
        width, height = round(self.side * min(1, ratio)), round(self.side / max(1, ratio))
        alt = escape(", ".join(f"{name} {label}" for name, label in cell.labels.items()) or cell.cell.prompt)
        return f'<img src="data:image/webp;base64,{source}" alt="{alt}" width="{width}" height="{height}">'


def page(run: SweepRun, axes: Sequence[ShownAxis], view: Mapping[str, Any], *, name: str = "") -> str:
    """Draw a run as HTML that needs neither script nor network, with the axes where the view has them.

    Returns
    -------
    str
        All text escaped; thumbnails as WebP in data URIs, at most 1 MB in all, and then it says what is left out.
    """
    budget = _Budget(run)
    tables = "".join(_tables(axes, view, budget))
    shown = CELLS - budget.cells
    counts = ", ".join(f"{number:,} {state}" for state, number in run.counts.items() if number)
    head = f"<p>{len(run):,} cells of a sweep: {escape(counts)}.</p>"
    more = f"<p><small>and {len(run) - shown:,} more cells</small></p>" if shown < len(run) else ""
    inside = f'{_STYLE}<div class="mj-twin-sweep mj-twin-card">{head}{tables}{more}</div>'
    return f'<div class="mj-twin mj-twin-{escape(name)}">{inside}</div>'


def _tables(axes: Sequence[ShownAxis], view: Mapping[str, Any], budget: _Budget) -> Iterator[str]:
    known = {axis.name: axis for axis in axes}
    x, y = known.get(view.get("x", "")), known.get(view.get("y", ""))
    slid = [axis for axis in axes if axis not in (x, y) and view.get("picks", {}).get(axis.name, -1) != -1]
    for places, table in arranged(axes, view).items():
        said = " · ".join(f"{axis.name}: {axis.labels[place]}" for axis, place in zip(slid, places, strict=True))
        columns = sorted({column for _, column in table})
        rows = sorted({row for row, _ in table})
        for start in range(0, len(columns), _ACROSS):
            if budget.cells <= 0 or budget.bytes <= 0:
                return
            yield _table(table, (y, rows), (x, columns[start : start + _ACROSS]), said, budget)


def _table(
    table: Mapping[tuple[int, int], list[int]],
    down: tuple[ShownAxis | None, Sequence[int]],
    across: tuple[ShownAxis | None, Sequence[int]],
    said: str,
    budget: _Budget,
) -> str:
    (y, rows), (x, columns) = down, across
    corner = escape(" / ".join(axis.name for axis in (y, x) if axis))
    heads = "".join(f'<th scope="col">{_named(x, column)}</th>' for column in columns)
    lines = []
    for row in rows:
        if budget.cells <= 0 or budget.bytes <= 0:
            break
        cells = (
            " ".join(budget.picture(budget.run.cells[cell]) for cell in table.get((row, column), ())) for column in columns
        )
        lines.append(f'<tr><th scope="row">{_named(y, row)}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>')
    caption = f"<caption>{escape(_cut(said))}</caption>" if said else ""
    return f'<table>{caption}<tr><th scope="col">{corner}</th>{heads}</tr>{"".join(lines)}</table>'


def _named(axis: ShownAxis | None, place: int) -> str:
    return escape(_cut(axis.labels[place])) if axis else ""


@lru_cache(maxsize=2 * CELLS)
def _small(thumbnail: bytes, side: int) -> str:
    return b64encode(imaging.thumbnail(imaging.open_picture(thumbnail), side)).decode()


def _cut(text: str) -> str:
    return text if len(text) <= _LENGTH else f"{text[:_LENGTH]}…"

"""Painting a mask: by mouse on a card, by keys, and what comes of it."""

# ruff: noqa: RUF001 - a multiplication sign is meant, not the letter

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.browser.conftest import Notebook

Make = Callable[..., Notebook]

# Compares, tile for tile, the repainted grid with the picture that it came from, as it was in its own grid.
COMPARE = """\
import json
import numpy as np
child = session.generations[-1].result(60)
pixels = [np.asarray(tile.pil().convert("RGB"), int) for tile in (child.parent.parent.tiles[1], *child.tiles)]
inside = child.mask.resized(child.tiles[0].pil().size).to_array()
changed = [(pixels[0] != after).any(axis=2) for after in pixels[1:]]
print(json.dumps({
    "mask": child.mask.to_pil().getbbox(), "size": child.mask.size,
    "levels": sorted({level for _, level in child.mask.to_pil().getcolors()}),
    "outside": int(sum(each[~inside].sum() for each in changed)), "inside": float(min(each[inside].mean() for each in changed)),
    "prompt": child.prompt, "again": eval(child.code.split(".vary_region(")[1].split(",")[0]) == child.mask,
}))"""

PAINTER = """\
import PIL.Image, mj_widgets as mj
painter = mj.MaskPainter(PIL.Image.new("RGB", (900, 600), "tan"))
painter"""


def drag(page: Any, *points: tuple[float, float]) -> None:
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=4)
    page.mouse.up()


def stage_of(place: Any) -> tuple[Any, dict[str, float]]:
    """Give the picture that is painted on, and where it is on the page."""
    stage = place.locator(".mj-mask-stage")
    stage.hover(trial=True)  # in sight, and at rest
    return stage, stage.bounding_box()


def test_only_what_is_painted_changes(notebook: Make) -> None:
    """Paint with the mouse on an upscaled picture, and press Repaint at once: the last stroke is in."""
    nb = notebook(
        "import mj_widgets as mj\nsession = mj.Session('t')\n"
        "single = session.imagine('a fox in snow --ar 3:2').result(60).upscale(2).result(60)\nmj.Studio(session)",
        COMPARE,
    )
    nb.run(0)
    studio, page = nb.cell(0), nb.page
    card = studio.locator(".mj-card:has(.mj-tiles[data-count='1'])")
    card.get_by_role("button", name="Region", exact=True).click()
    region = card.locator(".mj-region")
    assert region.locator("textarea").input_value() == "a fox in snow --ar 3:2"
    region.locator("textarea").fill("a castle --ar 3:2")
    _, box = stage_of(region)
    region.get_by_role("button", name="Rectangle").click()
    corners = [(box["x"] + share * box["width"], box["y"] + share * box["height"]) for share in (0.25, 0.5)]
    drag(page, *corners)
    drag(page, *[(x + box["width"] * 0.25, y) for x, y in corners])
    region.get_by_role("button", name="Repaint · ≈ 0.2").click()
    studio.locator(".mj-card").nth(2).wait_for()
    assert region.locator(".mj-mask-line").inner_text() == "13 % is painted."  # the painter stays, for another go
    studio.locator(".mj-call code").filter(has_text=".vary_region(session[").first.wait_for()
    nb.run(1)
    found = json.loads(nb.output(1))
    width, height = found["size"]
    assert all(
        abs(at - want) <= 2 for at, want in zip(found["mask"], (width / 4, height / 4, 3 * width / 4, height / 2), strict=True)
    )
    assert found["levels"] == [0, 255]
    assert found["outside"] == 0
    assert found["inside"] > 0.1
    assert (found["prompt"], found["again"]) == ("a castle --ar 3:2", True)


def test_keys_paint_and_undo_and_the_page_may_be_reloaded(notebook: Make) -> None:
    nb = notebook(PAINTER, "print(painter.mask.to_pil().getbbox(), painter.mask.coverage)", "")
    nb.run(0)
    stage, _ = stage_of(nb.cell(0))
    page, line = nb.page, nb.cell(0).locator(".mj-mask-line")

    def painted() -> str:
        nb.cell(0).locator(".mj-mask[data-told='yes']").wait_for()  # a cell runs beside what the page says
        nb.run(1)
        return nb.output(1).strip()

    def press(*keys: str) -> str:
        stage.focus()
        for key in keys:
            page.keyboard.press(key)
        return str(line.inner_text())

    assert press("ArrowRight") == "Rectangle at 338, 225, 225 × 150 of 900 × 600 pixels."
    assert (
        press("Shift+ArrowLeft", "Control+ArrowUp", "Alt+ArrowDown") == "Rectangle at 278, 224, 225 × 156 of 900 × 600 pixels."
    )
    assert press("Enter") == "Painted at 278, 224, 225 × 156. 7 % is painted."
    assert painted() == "(278, 224, 503, 380) 0.065"
    assert press("Shift+ArrowRight", "Enter", "Control+z") == "Undone. 7 % is painted."
    assert press("Control+z", "Control+Shift+Z").startswith("Done again.")
    assert press("b") == "Brush."
    slider = page.locator("input[type=range]").first
    before = float(slider.input_value())
    for pressed in ({"ctrlKey": True, "altKey": True, "modifierAltGraph": True}, {"altKey": True}):  # AltGr+9, and Option+6
        page.evaluate(
            "how => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: ']', bubbles: true, ...how}))",
            pressed,
        )
        assert float(slider.input_value()) > before
        before = float(slider.input_value())
    assert nb.panel.locator(".jp-Notebook-cell").count() == 3  # the notebook took none of the keys for its own
    nb.save()
    nb.reload()
    stage, _ = stage_of(nb.cell(0))
    line.filter(has_text="% is painted.").wait_for()
    nb.run(1)
    assert nb.output(1).strip() == "(278, 224, 503, 380) 0.065"


def test_brush_eraser_and_a_second_view(notebook: Make) -> None:
    """At any zoom a stroke lands where it is seen, and another view of the painter shows it."""
    nb = notebook(PAINTER, "painter", "print([painter.mask.to_pil().getpixel((450, y)) for y in (300, 250)])")
    nb.run(0)
    nb.run(1)
    page = nb.page
    other = nb.cell(1).locator(".mj-mask-line")
    _, box = stage_of(nb.cell(0))
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    drag(page, (middle[0], box["y"] + 5), (middle[0], middle[1] + 60))
    other.filter(has_text="% is painted.").wait_for()
    assert other.inner_text() == nb.cell(0).locator(".mj-mask-line").inner_text()
    nb.cell(0).get_by_role("button", name="Eraser").click()
    drag(page, middle, (middle[0] + 1, middle[1]))
    nb.cell(0).locator(".mj-mask[data-told='yes']").wait_for()
    nb.run(2)
    assert nb.output(2).strip() == "[0, 255]"
    assert other.inner_text() == nb.cell(0).locator(".mj-mask-line").inner_text()

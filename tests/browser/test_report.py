"""The standalone report of a sweep, opened from disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import mj_widgets as mj
from tests.browser.conftest import HOSTILE, PATIENCE

OpenSession = Callable[..., mj.Session]


@pytest.fixture
def report(chromium: Any, open_session: OpenSession, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Run a sweep, write its report, and open that from disk; nothing may leave the page, and nothing may go wrong on it."""
    context = chromium.new_context(viewport={"width": 1200, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def open_(sweep: mj.Sweep, **options: Any) -> Any:
        session = open_session(limits=mj.Limits(in_flight=5, per_second=None))
        file = sweep.run(session).result(60).report(tmp_path / "sweep.html", **options)
        session.close()
        page.goto(file.as_uri())
        page.locator("#sheet table").wait_for()
        return page

    yield open_
    context.close()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert [url for url in asked if url.startswith("file:")] == [(tmp_path / "sweep.html").as_uri()]
    assert complaints == []


def heads(page: Any, part: str) -> list[str]:
    return list(page.locator(f"#sheet {part} th").all_inner_texts())


def test_axes_are_swapped_and_chosen_by_keyboard(report: Callable[..., Any]) -> None:
    page = report(mj.Sweep("a {animal} in {place}", animal=["fox", "owl"], place=["snow", "fog"], chaos=[0, 50]))
    assert [text.strip() for text in heads(page, "thead")[1:]] == ["fox", "owl"]
    for _ in range(2):
        page.keyboard.press("Tab")  # across, swap
    page.keyboard.press("Enter")
    assert [text.strip() for text in heads(page, "thead")[1:]] == ["snow", "fog"]
    assert [text.strip() for text in heads(page, "tbody")] == ["fox", "owl"]
    assert page.evaluate("document.activeElement.id") == "swap"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # down, then the slider of the third
    assert page.evaluate("document.activeElement.getAttribute('aria-valuetext')") == "0"
    page.keyboard.press("ArrowRight")
    assert "chaos: 50" in page.locator("#here").inner_text()
    assert all("--chaos 50" in image.get_attribute("alt") for image in page.locator("#sheet img").all())
    page.locator("#axis-y").select_option(label="chaos")
    assert [text.strip() for text in heads(page, "tbody")] == ["0", "50"]
    page.locator("#axis-y").select_option(label="nothing")
    assert page.locator("#sheet tbody tr").count() == 1


def test_pictures_are_walked_through_and_enlarged_by_keyboard(report: Callable[..., Any]) -> None:
    sweep = mj.Sweep("a {animal} in {place}", animal=["fox", "owl"], place=["snow", "sandbox:moderated"], replicates=2)
    page = report(sweep, x="place", y="animal")
    focused = "document.activeElement.querySelector('img')?.alt ?? document.activeElement.textContent"
    page.locator("#sheet button").first.focus()
    page.keyboard.press("ArrowRight")
    assert "place snow, replicate 2" in page.evaluate(focused)
    page.keyboard.press("ArrowDown")
    assert "animal owl, place snow, replicate 2" in page.evaluate(focused)
    page.keyboard.press("Enter")
    dialog = page.locator("dialog")
    assert dialog.is_visible()
    assert dialog.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 256
    assert "a owl in snow" in dialog.inner_text()
    page.keyboard.press("ArrowRight")
    assert "moderated: there is no picture." in dialog.inner_text()
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    page.locator("#sheet button:focus", has_text="moderated").wait_for()  # the close event comes a little later
    assert page.locator("#sheet button[tabindex='0']").count() == 1


def test_headers_stay_in_sight(report: Callable[..., Any]) -> None:
    page = report(mj.Sweep("a fox {place}", place=["here", "there"], chaos=range(8)), x="chaos", y="place")
    page.set_viewport_size({"width": 500, "height": 400})
    page.locator("#sheet").evaluate("sheet => sheet.scrollTo(400, 150)")
    edges = """sheet => {
        const box = each => sheet.querySelector(each).getBoundingClientRect();
        const {left, top} = sheet.getBoundingClientRect();
        return [box('tbody th').left - left, box('thead th:nth-child(5)').top - top, sheet.scrollLeft, sheet.scrollTop];
    }"""
    left, top, right, down = page.locator("#sheet").evaluate(edges)
    assert (right, down > 0) == (400, True)
    assert abs(left) <= 2
    assert abs(top) <= 2


def test_hostile_prompts_are_inert(report: Callable[..., Any]) -> None:
    labels = [f"{text} " for text in HOSTILE]
    hostile = mj.axis(["red", "</script><!--<b>x</b>", "blue", "old"], labels=labels, notes=HOSTILE)
    page = report(mj.Sweep("a fox {words} {more}", words=hostile, more=HOSTILE[:1]), title=HOSTILE[0])
    page.locator(".cell").first.click()
    page.keyboard.press("Escape")
    for summary in page.locator("summary").all():
        summary.click()
    page.wait_for_timeout(200)
    assert page.evaluate("window.hurt") is None
    assert page.title() == HOSTILE[0]
    assert page.locator("h1").inner_text() == HOSTILE[0]
    assert [one.split("\n")[0].strip() for one in heads(page, "thead")[1:]] == HOSTILE
    assert page.locator("svg, textarea, #sheet script").count() == 0


def test_it_can_be_read_in_the_light_and_in_the_dark(report: Callable[..., Any]) -> None:
    page = report(mj.Sweep("a {animal}", animal=["fox", "owl sandbox:moderated"]))
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert contrast(page, "h1") >= 7
        for selector in ("#told", "#sheet thead th", ".cell.bad", ".cell.bad b", "#choose label"):
            assert contrast(page, selector) >= 4.5, (scheme, selector)


def contrast(page: Any, selector: str) -> float:
    """Give the contrast of a text against what is behind it, after WCAG."""
    return float(
        page.locator(selector).first.evaluate(
            """element => {
                const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
                const read = colour => {
                    canvas.clearRect(0, 0, 1, 1);
                    canvas.fillStyle = colour;
                    canvas.fillRect(0, 0, 1, 1);
                    return [...canvas.getImageData(0, 0, 1, 1).data];
                };
                let behind = element;
                while (behind && read(getComputedStyle(behind).backgroundColor)[3] < 255) behind = behind.parentElement;
                const shine = colour => read(colour).slice(0, 3)
                    .map(each => each / 255)
                    .map(each => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4))
                    .reduce((sum, each, at) => sum + each * [0.2126, 0.7152, 0.0722][at], 0);
                const ground = getComputedStyle(behind ?? document.body).backgroundColor;
                const both = [getComputedStyle(element).color, ground].map(shine);
                return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
            }"""
        )
    )

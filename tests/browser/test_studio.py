"""The form, as a person types into it and clicks on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import Notebook
from tests.browser.test_control import FIRST

Make = Callable[..., Notebook]
Place = tuple[int, str]


class Form:
    """The form of a control."""

    def __init__(self, nb: Notebook) -> None:
        self.page = nb.page
        self.studio = nb.cell(0)
        self.box = self.studio.locator(".mj-prompt-box textarea")

    def fold(self, name: str) -> Any:
        """Locate a toggle."""
        return self.studio.locator(".mj-fold").filter(has_text=name)

    def says(self, text: str) -> None:
        """Wait until the box holds a text."""
        self.page.wait_for_function("([box, text]) => box.value === text", arg=[self.box.element_handle(), text])

    @property
    def caret(self) -> Place:
        """Where it stands, and which part has the focus."""
        place, tag = self.box.evaluate("box => [box.selectionStart, document.activeElement.tagName]")
        return place, tag


@pytest.fixture
def form(notebook: Make) -> Form:
    nb = notebook(FIRST)
    nb.run(0)
    return Form(nb)


def test_the_caret_stays_while_controls_write_into_the_text(form: Form) -> None:
    form.box.click()
    form.page.keyboard.type("a red fox in snow")
    for _ in range(8):
        form.page.keyboard.press("ArrowLeft")
    form.fold("Parameters").click()
    form.studio.locator(".mj-fold[aria-expanded=true]").filter(has_text="Parameters").wait_for()
    form.studio.get_by_label("Aspect ratio").select_option("3:2")
    form.says("a red fox in snow --ar 3:2")
    form.studio.get_by_role("slider", name="Chaos").press("ArrowRight")
    form.says("a red fox in snow --ar 3:2 --c 1")
    assert form.caret[0] == 9
    form.box.focus()
    form.page.keyboard.type(" and a cat")
    form.says("a red fox and a cat in snow --ar 3:2 --c 1")
    form.studio.get_by_label("Aspect ratio").select_option(index=0)
    form.says("a red fox and a cat in snow --c 1")
    assert form.caret[0] == 19
    form.box.fill("a fox --c 50")
    form.page.wait_for_function("document.querySelector('.mj-parameters [aria-label=Chaos]').ariaValueNow === '50.0'")


def test_a_mistake_is_mended_by_a_click_and_typing_goes_on(form: Form) -> None:
    form.box.fill("a fox --styliz 250")
    finding = form.studio.get_by_role("status").filter(has_text="Error --styliz is no known flag")
    finding.get_by_role("button", name="Write --stylize").click()
    form.says("a fox --stylize 250")
    form.studio.locator(".mj-finding:visible").first.wait_for(state="detached")
    form.page.wait_for_function("document.activeElement.tagName === 'TEXTAREA'")


def test_text_to_the_left_stands_so_in_the_box_the_history_and_the_fields(form: Form) -> None:
    form.box.fill("ثعلب أحمر {في الثلج, تحت المطر} --nosuch")
    form.fold("2 prompts").click()
    form.fold("Parameters").click()
    without = form.studio.get_by_label("Without")
    without.fill("قبعة")
    form.studio.get_by_role("button", name="Generate 2 ·").click()
    form.studio.locator(".mj-card").nth(1).wait_for()
    form.fold("History").click()
    earlier = form.studio.locator(".mj-earlier:visible").first
    earlier.wait_for()
    for part in (form.box, without, earlier, form.studio.locator(".mj-list li").first):
        assert part.evaluate("part => [part.dir, getComputedStyle(part).direction]") == ["auto", "rtl"]


def test_turbo_beside_a_version_without_it_is_mended_and_an_alarm_leaves_with_its_cause(form: Form) -> None:
    form.studio.get_by_label("Mode").select_option("turbo")
    form.box.fill("a fox --v 8.1")
    form.studio.get_by_role("button", name="Take fast").click()
    form.says("a fox --v 8.1 --fast")
    form.page.wait_for_function("document.querySelector('.mj-mode select').selectedOptions[0].label === 'fast'")
    form.studio.locator(".mj-finding:visible").first.wait_for(state="detached")
    form.fold("Parameters").click()
    ratio, alarm = form.studio.get_by_label("Any ratio"), form.studio.get_by_role("alert").filter(has_text="--ar cannot be")
    ratio.fill("3:2 x")
    ratio.press("Enter")
    alarm.wait_for()
    ratio.fill("")
    alarm.wait_for(state="detached")


def test_six_prompts_are_shown_with_their_price_and_sent_once_by_a_double_click(form: Form) -> None:
    form.box.fill("a {red, white, grey} fox in {snow, rain} --nosuch")
    button = form.studio.get_by_role("button", name="Generate 6 · ≈ 1.6 credits")
    form.fold("6 prompts").click()
    form.studio.locator(".mj-list li").filter(has_text="a grey fox in rain --nosuch").wait_for()
    button.dblclick()
    form.studio.locator(".mj-card").nth(5).wait_for()
    form.box.fill("the last --nosuch")
    form.page.keyboard.press("Control+Enter")
    form.studio.locator(".mj-card").nth(6).wait_for()
    assert form.studio.locator(".mj-card").count() == 7


def test_the_arrows_and_the_search_bring_earlier_prompts_back(form: Form) -> None:
    for prompt, label in (("a {red, white} fox --nosuch 1", "Generate 2 ·"), ("a cat —ar 3:2 --nosuch 2", "Generate ·")):
        form.box.fill(prompt)
        form.studio.get_by_role("button", name=label).wait_for()
        form.page.keyboard.press("Control+Enter")
        form.studio.locator(".mj-notice code").filter(has_text=prompt[:5]).wait_for()
    form.box.fill("half a thought\nof two lines")
    form.page.keyboard.press("ArrowUp")  # to the first line
    assert form.box.input_value().startswith("half")
    form.page.keyboard.press("ArrowUp")
    form.says("a cat —ar 3:2 --nosuch 2")
    assert form.caret == (24, "TEXTAREA")
    form.page.keyboard.press("ArrowUp")
    form.says("a {red, white} fox --nosuch 1")
    form.page.keyboard.press("ArrowDown")
    form.says("a cat —ar 3:2 --nosuch 2")
    form.page.keyboard.press("ArrowDown")
    form.says("half a thought\nof two lines")
    form.page.keyboard.press("Control+r")
    form.page.wait_for_function("document.activeElement.closest('.mj-history')")
    form.page.keyboard.type("fox")
    form.studio.get_by_role("button", name="a {red, white} fox --nosuch 1").first.wait_for()  # for a moment two have that name
    form.studio.get_by_role("button", name="a cat —ar").wait_for(state="hidden")
    form.page.keyboard.press("Enter")
    form.says("a {red, white} fox --nosuch 1")
    assert form.caret == (29, "TEXTAREA")

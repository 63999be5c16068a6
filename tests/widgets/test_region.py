from __future__ import annotations

import numpy as np
import pytest

import mj_widgets as mj
from mj_widgets.widgets.calls import Calls
from mj_widgets.widgets.clicks import Kit
from mj_widgets.widgets.grid import state_of
from mj_widgets.widgets.region import Region
from tests.widgets.conftest import says


class Shown:
    """A region on a card, and what its clicks said and made."""

    def __init__(self, generation: mj.Generation) -> None:
        self.errors: list[Exception] = []
        self.added: list[mj.Generation] = []
        self.lines: list[str] = []
        self.closed = 0
        self.kit = Kit(self.report)
        calls = Calls(self.report, self.lines.append, add=self.added.append, show=lambda _: None)
        self.region = Region(generation, self.kit, calls, close=self.close)

    def report(self, error: Exception | None) -> None:
        if error:
            self.errors.append(error)

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def sky(single: mj.Generation) -> mj.Mask:
    """The upper quarter of it."""
    values = np.zeros((single.image.height, single.image.width), dtype=bool)
    values[: single.image.height // 4] = True
    return mj.Mask.from_array(values)


def test_repaint_makes_a_child_and_shows_a_line_that_runs(gallery: mj.Session, single: mj.Generation, sky: mj.Mask) -> None:
    shown = Shown(single)
    shown.region.painter.mask = sky
    shown.region.prompt.value = " a storm "
    shown.region.repaint.click()
    (child,) = shown.added
    assert (child.parent, child.mask, child.request.prompt) == (single, sky, "a storm")
    again = eval(shown.lines[-1], {"session": gallery})  # noqa: S307 - our own line
    assert again.request == child.request
    assert shown.region.painter.mask == sky  # for another go
    assert shown.region.painter.masks[0] == sky
    assert state_of(child)["facts"][0] == f"region · mask {sky.name}"
    assert child.result(30).status is mj.Status.SUCCEEDED


def test_an_empty_mask_is_told_and_nothing_is_sent(gallery: mj.Session, single: mj.Generation) -> None:
    before = len(gallery)
    shown = Shown(single)
    shown.region.painter.mask = shown.region.painter.mask.inverted().inverted()
    shown.region.repaint.click()
    assert "empty" in str(shown.errors[0])
    assert (shown.added, len(gallery)) == ([], before)


def test_the_button_says_what_it_costs(single: mj.Generation) -> None:
    region = Shown(single).region
    assert region.prompt.value == "a fox in snow --ar 3:2"
    assert region.repaint.description == "Repaint · ≈ 0.26 credits"
    region.prompt.value = "a fox --hd"
    assert region.repaint.description == "Repaint · cost not known"


def test_the_words_are_those_in_the_browser_when_it_is_clicked(single: mj.Generation, sky: mj.Mask) -> None:
    shown = Shown(single)
    shown.region.painter.mask = sky
    says(shown.region.painter, kind="said", text="a rainbow")
    shown.region.repaint.click()
    assert shown.added[0].request.prompt == "a rainbow"
    shown.added[0].result(30)


def test_what_was_painted_is_there_again_after_it_was_closed(single: mj.Generation, sky: mj.Mask) -> None:
    shown = Shown(single)
    shown.region.painter.mask = sky
    shown.region.shut.click()
    assert shown.closed == 1
    assert Shown(single).region.painter.mask == sky
    shown.kit.discard(shown.region)
    shown.kit.close()
    again = Shown(single)
    again.region.painter.mask = sky.inverted().inverted()
    again.region.painter.mask = mj.Mask.from_array(sky.to_array() * 0)
    again.region.shut.click()
    assert Shown(single).region.painter.mask.is_empty

from __future__ import annotations

import pytest
from PIL import Image

from mj_widgets.sandbox.jobs import JobBook
from mj_widgets.sandbox.orders import place
from mj_widgets.sandbox.prompts import RefusalError
from tests.sandbox.ask import Ask, apart, encoded, pixels

MASK = encoded(Image.new("L", (64, 64), 255))


@pytest.mark.parametrize(("body", "says"), [
    ({}, "prompt is required"),
    ({"prompt": "  "}, "prompt is required"),
    ({"prompt": None}, "prompt is required"),
    ({"prompt": "a fox --arr 3:2"}, "Unrecognized argument(s): `--arr`"),
    ({"prompt": "a fox —ar 3:2"}, "Unrecognized argument(s): `—ar`"),
    ({"prompt": "https://a.example/1.png " * 6 + "a fox"}, "at most 5"),
    ({"prompt": "a fox", "mode": "slow"}, "mode must be one of fast, relax, turbo"),
    ({"prompt": "a fox", "mode": 1}, "`mode` has the wrong type"),
    ({"prompt": ["a fox"]}, "`prompt` has the wrong type"),
    ({"prompt": "a fox", "async": "yes"}, "`async` has the wrong type"),
    ({"prompt": "a fox", "timeout": True}, "`timeout` has the wrong type"),
    ({"prompt": "a fox", "timeout": 0}, "timeout must be more"),
    ({"prompt": "a fox", "version": 7}, "`version` has the wrong type"),
    ({"prompt": "a fox", "version": "9"}, "version must be one of"),
    ({"prompt": "a fox", "quality": "3"}, "quality must be one of"),
    ({"prompt": "a fox", "version": "8.1", "mode": "turbo"}, "8.1 has no turbo"),
    ({"prompt": "a fox --v 8.1 --q 1"}, "8.1 takes no quality"),
    ({"prompt": "a fox", "version": "8.1", "quality": "1"}, "8.1 takes no quality"),
    ({"action": "upscale1"}, "image_id is required"),
    ({"action": "upscale1", "image_id": "1300000000000000000"}, "is not known"),
])  # fmt: skip
def test_orders_that_are_refused(quick: Ask, body: dict[str, object], says: str) -> None:
    status, code, message = quick.refusal(**body)
    assert (status, code) == (400, "bad_request")
    assert says in message


def test_what_is_refused_is_not_kept() -> None:
    book = JobBook(speed=0)
    with pytest.raises(RefusalError):
        place({"prompt": "a fox --arr 3:2"}, book)
    assert book.page() == ([], 0)
    book.close()


@pytest.mark.parametrize("action", ["upscale_subtle", "zoom_out_2x", "square", "upscale5", "upsample1", "nonsense", "retrieve"])
def test_an_action_that_a_grid_does_not_offer_is_refused(quick: Ask, action: str) -> None:
    grid = quick.imagine("a fox")
    assert action not in grid["actions"]
    assert quick.refusal(action=action, image_id=grid["image_id"])[1:] == (
        "bad_request",
        f"The action `{action}` is not available for this image",
    )


def test_a_preview_cannot_be_continued(quick: Ask) -> None:
    """Only the last line's image_id is of use."""
    _, lines = quick.stream("a fox")
    assert "is not known" in quick.refusal(action="upscale1", image_id=lines[0]["image_id"])[2]
    assert quick.act("upscale1", lines[-1])["success"] is True


def test_null_is_the_same_as_not_given(quick: Ask) -> None:
    assert quick.imagine("a fox", callback_url=None, mask=None, mode=None, action=None)["success"] is True


@pytest.mark.parametrize(("version", "larger"), [("8.2", "upscale_creative"), ("5.2", "upscale_2x")])
def test_every_offered_action_can_be_carried_out(quick: Ask, version: str, larger: str) -> None:
    grid = quick.imagine("a fox --ar 3:2", version=version)
    single = quick.act("upscale1", grid)
    largest = quick.act(larger, single)
    assert f"redo_{larger}" in largest["actions"]
    for source in (grid, single, largest):
        for action in source["actions"]:
            assert quick.act(action, source)["actions"]


def test_region_is_accepted_for_every_picture_though_it_is_never_offered(quick: Ask) -> None:
    grid = quick.imagine("a fox")
    single = quick.act("upscale1", grid)
    for source in (grid, single, quick.act("upscale_subtle", single)):
        assert "variation_region" not in source["actions"]
        repainted = quick.act("variation_region", source, mask=MASK, prompt="a hat")
        assert "upscale1" in repainted["actions"]


def test_region_needs_a_mask(quick: Ask) -> None:
    grid = quick.imagine("a fox")
    assert "mask is required" in quick.refusal(action="variation_region", image_id=grid["image_id"])[2]


def test_a_reroll_does_the_same_again_with_another_seed(quick: Ask) -> None:
    """Also where a seed was named, and for a picture that came from an action."""
    grid = quick.imagine("a fox in snow --seed 5")
    again = quick.act("reroll", grid)
    assert apart(pixels(quick.picture(grid["raw_image_url"])), pixels(quick.picture(again["raw_image_url"]))) > 5
    zoomed = quick.act("zoom_out_2x", quick.act("upscale1", grid))
    rerolled = quick.act("reroll", quick.act("reroll", zoomed))
    middle = (slice(132, 380), slice(132, 380))
    one, other = (pixels(quick.picture(reply["raw_image_url"])) for reply in (zoomed, rerolled))
    assert apart(one[middle], other[middle]) < 1  # it zooms out of the same picture ...
    assert apart(one, other) > 1  # ... and finds something else around it


def test_a_variation_may_have_new_words(quick: Ask) -> None:
    single = quick.act("upscale1", quick.imagine("a fox in snow --seed 5"))
    remixed = quick.act("variation_subtle", single, prompt="a teal sea at night")
    same = quick.act("variation_subtle", single)
    red, _, blue = pixels(quick.picture(remixed["raw_image_url"])).mean(axis=(0, 1))
    assert blue > red + 20
    assert apart(pixels(quick.picture(remixed["raw_image_url"])), pixels(quick.picture(same["raw_image_url"]))) > 30

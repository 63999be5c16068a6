from __future__ import annotations

import base64
from io import BytesIO

import pytest
from PIL import Image, ImageDraw

from mj_widgets.sandbox.actions import follow, generate
from mj_widgets.sandbox.masks import read_mask
from mj_widgets.sandbox.prompts import RefusalError, read_prompt
from tests.sandbox.ask import Ask, encoded

GRID = generate(read_prompt("a fox"), 1, "8.2")
SINGLE = follow("upscale1", GRID, 1, None)


def _mask(size: tuple[int, int], box: tuple[float, float, float, float]) -> Image.Image:
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).rectangle(box, fill=255)
    return mask


def _opened(data: bytes) -> Image.Image:
    with Image.open(BytesIO(data)) as picture:
        return picture.convert("L")


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("size", [(1024, 1024), (512, 512), (410, 410), (100, 60)])
def test_a_mask_of_any_size_is_made_to_fit(kind: str, size: tuple[int, int]) -> None:
    text = encoded(_mask(size, (0, 0, size[0] / 2, size[1])), kind)
    (mask,) = map(_opened, read_mask(text, SINGLE))
    assert mask.size == SINGLE.size
    assert mask.getpixel((100, 500)) == 255
    assert mask.getpixel((900, 500)) == 0
    assert {level for _, level in mask.getcolors()} == {0, 255}


def test_a_grids_mask_is_cut_up_for_its_tiles() -> None:
    masks = [_opened(mask) for mask in read_mask(encoded(_mask((1024, 1024), (600, 600, 900, 900))), GRID)]
    assert [mask.getbbox() is not None for mask in masks] == [False, False, False, True]
    assert masks[3].size == (512, 512)
    assert masks[3].getbbox() == (600 - 512, 600 - 512, 901 - 512, 901 - 512)


def test_colours_and_a_data_url_do_no_harm() -> None:
    text = encoded(_mask((64, 64), (0, 0, 63, 63)).convert("RGB"))
    assert read_mask("data:image/png;base64," + text, SINGLE) == read_mask(text, SINGLE)


@pytest.mark.parametrize("text", [
    "no base64 at all", "https://a.example/mask.png", base64.b64encode(b"no picture").decode(),
    encoded(Image.new("P", (8, 8), 1), "GIF"), encoded(_mask((64, 64), (0, 0, 63, 63)))[:60],
])  # fmt: skip
def test_what_is_no_mask_is_refused(text: str) -> None:
    with pytest.raises(RefusalError, match="no PNG or JPEG"):
        read_mask(text, SINGLE)


def test_a_black_mask_is_refused(quick: Ask) -> None:
    single = quick.act("upscale1", quick.imagine("a fox"))
    black = encoded(Image.new("L", (64, 64), 0))
    status, code, message = quick.refusal(action="variation_region", image_id=single["image_id"], mask=black)
    assert (status, code) == (400, "bad_request")
    assert "paint white" in message

from __future__ import annotations

import base64
from io import BytesIO
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

import mj_widgets as mj
from tests.widgets.conftest import says

PICTURE = PIL.Image.new("RGB", (40, 30), "tan")
PAINTED = np.zeros((30, 40), dtype=bool)
PAINTED[10:20, 5:25] = True
RUNS = np.diff(np.concatenate(([0], np.flatnonzero(np.diff(PAINTED.ravel())) + 1, [PAINTED.size])))


def stroke(runs: np.ndarray, *, by: str = "abcdefgh00000001") -> dict[str, str]:
    """What a view says of a stroke."""
    return {"kind": "painted", "by": by, "data": base64.b64encode(b"runs" + runs.astype("<u4").tobytes()).decode()}


def png() -> bytes:
    buffer = BytesIO()
    PICTURE.save(buffer, "PNG")
    return buffer.getvalue()


def test_nothing_is_painted_at_first_and_that_is_refused_before_it_is_paid_for(single: mj.Generation) -> None:
    painter = mj.MaskPainter(single)
    assert painter.mask.is_empty
    assert painter.mask.size == (single.image.width, single.image.height)
    before = len(single.session)
    with pytest.raises(ValueError, match="empty"):
        single.vary_region(painter.mask)
    assert len(single.session) == before


def test_a_stroke_of_a_view_is_the_mask_at_once() -> None:
    painter = mj.MaskPainter(PICTURE)
    says(painter, **stroke(RUNS))
    assert painter.mask == mj.Mask.from_array(PAINTED)
    assert painter.painted[:16] == b"abcdefgh00000001"  # by which that view knows that it has arrived
    says(painter, kind="painted", by="abcdefgh00000002", data="")
    assert painter.mask.is_empty


@pytest.mark.parametrize(
    "message",
    [
        stroke(RUNS[:-1]),
        stroke(RUNS, by="short"),
        stroke(RUNS, by="ünïcode000000001"),
        {"kind": "painted", "by": "abcdefgh00000001", "data": "no base64"},
        {"kind": "painted", "by": "abcdefgh00000001", "data": base64.b64encode(b"bits12").decode()},
        {"kind": "painted", "by": "abcdefgh00000001", "data": base64.b64encode(b"what").decode()},
        {"kind": "painted"},
        {"kind": "reuse", "name": "nosuch", "resize": True},
    ],
)
def test_nonsense_of_a_view_changes_nothing(message: dict[str, str]) -> None:
    painter = mj.MaskPainter(PICTURE, mask=mj.Mask.from_array(PAINTED))
    says(painter, **message)
    assert painter.mask == mj.Mask.from_array(PAINTED)


def test_a_mask_set_in_python_is_told_to_the_views_and_comes_back_the_same() -> None:
    painter = mj.MaskPainter(PICTURE)
    noise = np.random.default_rng(0).random((30, 40)) < 0.5
    for pixels in (PAINTED, ~PAINTED, noise, noise * 0, noise * 0 + 1, PAINTED):
        painter.mask = mj.Mask.from_array(pixels)
        assert painter.mask == mj.Mask.from_array(pixels)
        assert len(painter.painted) <= 16 + 4 + max(4 * (len(RUNS) + 1), 40 * 30 / 8)
    painter.mask = mj.Mask.from_array(PAINTED)
    before = painter.painted
    painter.mask = mj.Mask.from_array(PAINTED)
    assert painter.painted != before  # so that a view that has painted since hears of it


def test_a_mask_of_another_size_is_refused_with_both_sizes_and_the_fix() -> None:
    for set_ in (lambda mask: mj.MaskPainter(PICTURE, mask=mask), lambda mask: setattr(mj.MaskPainter(PICTURE), "mask", mask)):
        with pytest.raises(ValueError, match=r"2 x 2 .* 40 x 30.*resized\(\(40, 30\)\)"):
            set_(mj.Mask.from_array([[0, 1], [1, 0]]))


def test_an_earlier_mask_is_taken_up_again_and_resized_only_when_that_was_said() -> None:
    small, same = mj.Mask.from_array([[0, 1], [1, 0]]), mj.Mask.from_array(PAINTED)
    painter = mj.MaskPainter(PICTURE, masks=[small, same, small])
    assert [(each["name"], each["width"]) for each in painter.state["masks"]] == [(small.name, 2), (same.name, 40)]
    says(painter, kind="reuse", name=same.name)
    assert painter.mask == same
    says(painter, kind="reuse", name=small.name, resize=False)
    assert painter.mask == same
    says(painter, kind="reuse", name=small.name, resize=True)
    assert painter.mask == small.resized((40, 30))


def test_a_view_gets_the_picture_and_the_earlier_masks_when_it_asks() -> None:
    mask = mj.Mask.from_array(PAINTED)
    painter = mj.MaskPainter(PIL.Image.new("RGB", (4000, 3000), "tan"), masks=[mask])
    for question, size, kind in [
        ({"what": "picture", "side": 9999}, (1600, 1200), "WEBP"),
        ({"what": "mask", "name": mask.name}, (40, 30), "PNG"),
    ]:
        says(painter, kind="want", key="k", **question)
        message, (content,) = painter.comm.messages[-1]
        assert message == {"kind": "picture", "key": "k"}
        shown = PIL.Image.open(BytesIO(content))
        assert (shown.size, shown.format) == (size, kind)
    says(painter, kind="want", key="k", what="mask", name="nosuch")
    message, buffers = painter.comm.messages[-1]
    assert message["error"]
    assert buffers == []


def test_any_picture_will_do(single: mj.Generation, tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(png())
    for picture in (PICTURE, png(), bytearray(png()), tmp_path / "photo.png", str(tmp_path / "photo.png")):
        assert mj.MaskPainter(picture).size == (40, 30)
    size = (single.image.width, single.image.height)
    assert mj.MaskPainter(single).size == mj.MaskPainter(single.image).size == size
    assert mj.MaskPainter(single).state["name"] == "a fox in snow --ar 3:2"
    session = single.session
    assert mj.MaskPainter(single.image.url, session=session).size == size


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (b"no picture", "no picture"),
        (7, "not int"),
        (None, "not NoneType"),
        ("https://a.example/1.png", "session=session"),
    ],
)
def test_what_is_no_picture_is_refused(picture: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        mj.MaskPainter(picture)


def test_an_edit_of_any_picture_takes_what_was_painted(gallery: mj.Session, single: mj.Generation) -> None:
    painter = mj.MaskPainter(single.image.url, session=gallery)
    painter.mask = painter.mask.inverted()
    gen = gallery.edit(single.image.url, "a hat", mask=painter.mask)
    assert gen.mask == painter.mask
    assert gen.result(30).status is mj.Status.SUCCEEDED


def test_what_a_notebook_saves_of_it_is_short() -> None:
    painter = mj.MaskPainter(PIL.Image.new("L", (2000, 2000)), mask=mj.Mask.from_array(np.tri(2000)))
    assert len(repr(painter)) < 100
    assert len(painter.painted) < 20_000

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import PIL.Image
import PIL.ImageCms
import pytest

import mj_widgets as mj
from mj_widgets.errors import SessionError
from mj_widgets.models import EditRequest, Outcome, Status
from mj_widgets.session.mask import mask_name, mask_text
from mj_widgets.session.store import Row, Store
from tests.api.script import Answer, Script, told

OpenSession = Callable[..., mj.Session]

VALUES = np.zeros((4, 6), dtype=bool)
VALUES[1:3, 2:5] = True


def png(picture: PIL.Image.Image, **options: object) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, "PNG", **options)
    return buffer.getvalue()


def decoded(text: str) -> np.ndarray:
    return np.asarray(PIL.Image.open(BytesIO(base64.b64decode(text))))


# The value


def test_a_mask_may_be_a_path_bytes_a_picture_an_array_or_a_mask(tmp_path: Path) -> None:
    picture = PIL.Image.fromarray(VALUES.astype("uint8") * 255)
    picture.save(tmp_path / "mask.png")
    masks = (
        *(tmp_path / "mask.png", str(tmp_path / "mask.png"), png(picture), bytearray(png(picture)), picture),
        *(VALUES, VALUES * 1.0, VALUES * 255, VALUES.tolist(), VALUES.astype("uint16") * 65_535),
        *(picture.convert("RGB"), picture.convert("1"), picture.convert("P"), mj.Mask.from_array(VALUES)),
    )
    for mask in masks:
        assert (decoded(mask_text(mask, (6, 4))) == VALUES * 255).all()


def test_the_same_pixels_have_the_same_name_whatever_they_came_from() -> None:
    picture = PIL.Image.fromarray(VALUES.astype("uint8") * 255)
    loud = png(picture, dpi=(300, 300), icc_profile=PIL.ImageCms.ImageCmsProfile(PIL.ImageCms.createProfile("sRGB")).tobytes())
    made = mj.Mask.from_array(VALUES)
    assert made == mj.Mask(made.png) == mj.Mask(png(picture, dpi=(72, 72), compress_level=0)) == mj.Mask(loud)
    assert len({made, mj.Mask.of(picture)}) == 1
    assert (made.name, len(made.name)) == (mask_name(base64.b64encode(made.png).decode()), 8)
    assert made != made.inverted()


def test_it_cannot_be_changed() -> None:
    mask = mj.Mask.from_array(VALUES)
    with pytest.raises(AttributeError):
        mask.png = b""
    mask.to_pil().putpixel((0, 0), 255)
    mask.to_array()[:] = True
    assert (mask.to_array() == VALUES).all()


def test_an_open_file_is_a_mask_and_a_buffer_is_no_bytes() -> None:
    mask = mj.Mask.from_array(VALUES)
    assert mj.Mask.of(BytesIO(mask.png)) == mask
    for other in (BytesIO(mask.png), "mask.png", 5, None):
        with pytest.raises(TypeError, match=rf"not {type(other).__name__}: try Mask.of"):
            mj.Mask(other)


def test_a_soft_mask_becomes_hard() -> None:
    mask = mj.Mask.from_array(np.tile(np.arange(0, 256, dtype="uint8"), (2, 1)))
    assert set(np.unique(mask.to_pil())) == {0, 255}
    assert mask.coverage == 0.5


def test_what_is_transparent_is_kept() -> None:
    picture = PIL.Image.new("RGBA", (4, 2), (255, 255, 255, 0))
    picture.paste((255, 255, 255, 255), (0, 0, 1, 2))
    assert mj.Mask.of(picture).coverage == 0.25


def test_coverage_and_emptiness() -> None:
    assert mj.Mask.from_array(VALUES).coverage == 0.25
    assert mj.Mask.from_array(VALUES * 0).is_empty
    assert not mj.Mask.from_array(VALUES).is_empty


def test_a_resized_mask_stays_hard_and_its_thin_lines_stay() -> None:
    line = np.zeros((500, 500), dtype=bool)
    line[:, 250] = True
    small = mj.Mask.from_array(line).resized((20, 30))
    assert (small.size, small.is_empty) == ((20, 30), False)
    assert mj.Mask.from_array(VALUES).resized((12, 8)).coverage == pytest.approx(0.25, abs=0.05)
    for size in [(0, 5), (5, -1), (10**6, 10**6)]:
        with pytest.raises(ValueError, match="pixels"):
            small.resized(size)


def test_it_draws_itself_small_at_the_end_of_a_cell() -> None:
    drawn = PIL.Image.open(BytesIO(mj.Mask.from_array(np.eye(1000))._repr_png_()))
    assert max(drawn.size) == 256


BOMB = png(PIL.Image.new("1", (12_000, 12_000)))


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (b"", "no picture"),
        (b"<html>", "no picture"),
        (png(PIL.Image.new("L", (64, 64)))[:60], "no picture"),
        (BOMB, "bomb"),
        (PIL.Image.new("L", (0, 5)), "pixels"),
        (np.ones((4, 6, 3)), "two dimensions, height x width, not 3"),
        (np.ones(4), "two dimensions"),
        (BytesIO(b"<html>"), r"^The mask is no picture: it is of no kind that is known\.$"),
        (7, "two dimensions"),
        (None, "two dimensions"),
        (np.ones((0, 6)), "pixels"),
        ([], "two dimensions"),
        ([[1, 2], [1]], "no array"),
        ([["a", "b"]], "booleans or numbers"),
        ([[None]], "booleans or numbers"),
        ([[1j]], "booleans or numbers"),
        ([[0.5, float("nan")]], "from 0 to 1"),
        ([[0.5, float("inf")]], "from 0 to 1"),
        ([[-1, 1]], "from 0 to 1"),
        ([[0, 10**9]], "from 0 to 1"),
    ],
)
def test_what_is_no_mask_is_refused_with_the_reason(mask: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        mj.Mask.of(mask)


def test_a_picture_that_breaks_when_it_is_read_is_refused() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (60, 60), dtype="uint8")
    lazy = PIL.Image.open(BytesIO(png(PIL.Image.fromarray(noise))[:200]))
    with pytest.raises(ValueError, match="no picture"):
        mj.Mask.from_pil(lazy)


# What is asked with it


def test_a_mask_of_another_size_is_refused_with_both_sizes_and_the_fix() -> None:
    with pytest.raises(ValueError, match=r"6 x 4 .* 8 x 8.*resize_mask=True.*mask.resized\(\(8, 8\)\)"):
        mask_text(VALUES, (8, 8))


def test_it_is_made_to_fit_where_that_is_wanted() -> None:
    assert decoded(mask_text(VALUES, (12, 8), resize=True)).shape == (8, 12)
    assert mask_text(VALUES, (6, 4), resize=True) == mask_text(VALUES, (6, 4))


def test_an_empty_mask_is_refused_before_it_is_paid_for(session: mj.Session) -> None:
    single = session.imagine("a fox").result(30).upscale(1).result(30)
    with pytest.raises(ValueError, match="empty"):
        single.vary_region(mj.Mask.from_array(np.zeros((single.image.height, single.image.width))))
    with pytest.raises(ValueError, match="empty"):
        session.edit("https://a.example/1.png", "a hat", mask=np.zeros((4, 6)))
    assert len(session) == 2


def test_a_repaint_knows_its_mask_and_the_session_each_mask_once(session: mj.Session) -> None:
    single = session.imagine("a fox").result(30).upscale(1).result(30)
    size = (single.image.width, single.image.height)
    first = mj.Mask.from_array(np.eye(size[1], size[0]))
    everything = mj.Mask.from_array(np.ones((4, 4)))
    children = [
        single.vary_region(first, prompt="a hat"),
        single.act("variation_region", mask=everything, resize_mask=True),
        single.vary_region(first.png),
        session.edit("https://a.example/1.png", "a hat", mask=everything),
    ]
    assert [child.mask for child in children] == [first, everything.resized(size), first, everything]
    assert session.masks == (everything, first, everything.resized(size))
    assert single.mask is None


def test_only_what_the_mask_covers_is_another(session: mj.Session) -> None:
    grid = session.imagine("a fox").result(30)
    single = grid.upscale(2).result(30)
    height, width = single.image.height, single.image.width
    covered = np.zeros((height, width), dtype=bool)
    covered[height // 5 : height // 2, width // 3 : width * 2 // 3] = True
    child = single.vary_region(mj.Mask.from_array(covered), prompt="a castle").result(30)
    before, after = (np.asarray(tile.pil().convert("RGB"), int) for tile in (grid.tiles[1], child.tiles[0]))
    small = child.mask.resized(child.tiles[0].pil().size).to_array()
    changed = (before != after).any(axis=2)
    assert not changed[~small].any()
    assert changed[small].mean() > 0.5


# How it is kept


def rows(folder: Path) -> list[dict[str, object]]:
    with sqlite3.connect(folder / "session.sqlite3") as db:
        found = [json.loads(text) for (text,) in db.execute("SELECT request FROM generations ORDER BY created_at")]
    db.close()
    return found


@pytest.fixture
def store(tmp_path: Path):
    store = Store(tmp_path / "foxes")
    yield store
    store.close()


def asked(mask: str | None) -> Row:
    return Row("g1", 1.5, "sandbox", EditRequest(prompt="a hat", image_url="https://a.example/1.png", mask=mask), Outcome())


def jpeg() -> str:
    buffer = BytesIO()
    PIL.Image.fromarray(VALUES).convert("RGB").save(buffer, "JPEG")
    return base64.b64encode(buffer.getvalue()).decode()


@pytest.mark.parametrize(
    ("mask", "files"),
    [
        (mask_text(VALUES, None), 1),
        (jpeg(), 1),
        ("data:image/png;base64," + mask_text(VALUES, None), 0),
        ("https://a.example/mask.png", 0),
        (mask_text(VALUES, None).rstrip("=") + "\n", 0),
        (base64.b64encode(b"something else").decode(), 0),
        (base64.b64encode(b"\x89PNG").decode().replace("w==", "x=="), 0),  # decodes, and would be encoded otherwise
        (None, 0),
    ],
)
def test_a_request_comes_back_letter_by_letter(store: Store, mask: str | None, files: int) -> None:
    """A lost request is looked for by comparing what was asked exactly."""
    store.add(asked(mask))
    assert store.rows() == [asked(mask)]
    assert len([*store.folder.glob("images/*/*")]) == files
    if files:
        assert mask not in json.dumps(rows(store.folder))


def test_a_mask_is_a_file_of_its_own_once_and_named_in_the_row(store: Store) -> None:
    text = mask_text(VALUES, None)
    store.add(asked(text))
    store.add(asked(text)._replace(id="g2"))
    (file,) = store.folder.glob("images/*/*")
    assert file.read_bytes() == mj.Mask.from_array(VALUES).png
    assert [row["mask"] for row in rows(store.folder)] == [file.relative_to(store.folder).as_posix()] * 2


def test_a_row_from_before_opens_still(store: Store) -> None:
    """They carry the mask itself."""
    text = mask_text(VALUES, None)
    store.add(asked(None))
    with store._writing() as db:
        db.execute("UPDATE generations SET request = ?", (asked(text).request.model_dump_json(exclude_defaults=True),))
    assert store.rows() == [asked(text)]


def test_a_changed_mask_file_is_written_anew(store: Store) -> None:
    text = mask_text(VALUES, None)
    store.add(asked(text))
    (file,) = store.folder.glob("images/*/*")
    file.write_bytes(b"changed")
    store.add(asked(text)._replace(id="g2"))
    assert store.rows()[1].request.mask == text


@pytest.mark.parametrize("break_", [Path.unlink, lambda file: file.write_bytes(png(PIL.Image.new("L", (6, 4))))])
def test_a_mask_that_is_gone_is_told_when_it_is_asked_for(
    open_session: OpenSession, tmp_path: Path, break_: Callable[[Path], object]
) -> None:
    session = open_session()
    kept = mj.Mask.from_array(np.eye(4))
    session.edit("https://a.example/1.png", "a scarf", mask=kept).result(30)
    gen = session.edit("https://a.example/1.png", "a hat", mask=VALUES).result(30)
    name = gen.mask.name
    session.close()
    break_(next(file for file in tmp_path.glob("test/images/*/*") if file.stem.startswith(name)))
    session = open_session()
    gen = session[gen.id]
    assert (gen.status, gen.mask_name) == (Status.SUCCEEDED, name)
    with pytest.raises(SessionError, match=f"mask.*lost.*{name}"):
        _ = gen.mask
    assert session.masks == (kept,)
    with pytest.raises(SessionError, match="another mask"):
        session.submit(gen.request)
    assert len(session) == 2


def test_what_was_never_sent_is_not_sent_without_its_mask(script: Script, open_session: OpenSession, tmp_path: Path) -> None:
    session = open_session(base_url=script.url)
    script.say(Answer([], pause=5))
    first = session.edit("https://a.example/1.png", "a hat", mask=VALUES)
    second = session.edit("https://a.example/1.png", "a hat", mask=VALUES)  # waits until the first is known
    second.stop()
    assert second.outcome.sent_at is None
    first.stop()
    session.close()
    for file in tmp_path.glob("test/images/*/*"):
        file.unlink()
    sent = len(script.bodies)
    session = open_session(base_url=script.url)
    with pytest.raises(SessionError, match="lost"):
        session[second.id].resume()
    assert len(script.bodies) == sent


def test_a_lost_answer_is_found_by_the_very_same_mask_after_a_restart(script: Script, open_session: OpenSession) -> None:
    session = open_session(base_url=script.url)
    script.say(told({"error": {"code": "timeout", "message": "timed out"}}, 504), *[told({"items": []})] * 9)
    gen = session.edit("https://a.example/1.png", "a hat", mask=VALUES)
    with pytest.raises(mj.errors.GenerationError):
        gen.result(30)
    body = script.bodies[0]
    session.close()
    assert body["mask"] == gen.request.mask
    session = open_session(base_url=script.url)
    assert session[gen.id].request == gen.request


def test_vacuum_leaves_masks_alone(session: mj.Session) -> None:
    gen = session.edit("https://a.example/1.png", "a hat", mask=VALUES).result(30)
    other = session.edit("https://a.example/2.png", "a hat", mask=VALUES).result(30)
    gen.delete()
    session.vacuum()
    assert other.mask == mj.Mask.from_array(VALUES)
    assert len([*session.path.glob(f"images/*/{gen.mask_name}*")]) == 1

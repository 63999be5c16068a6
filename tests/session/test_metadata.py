from __future__ import annotations

import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import PIL.Image
import PIL.PngImagePlugin
import pytest

import mj_widgets as mj
from mj_widgets.errors import SessionError
from tests.api.script import Answer, Script, lines
from tests.session.forging import NAMES, packet, record, with_packet, with_record

OpenSession = Callable[..., mj.Session]

pytestmark = pytest.mark.xdist_group("metadata")  # what they share is made once

HARD = "a \"fox\" & <b>'hat'</b> </script> 🦊 שועל\u202e\r\n]]> --ar 3:2 --s 50"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory, sandbox_url: str) -> Iterator[Shelf]:
    """A grid, what came from it, and their files: made once, and not to be changed."""
    with mj.Session("shelf", root=tmp_path_factory.mktemp("shelf"), client=mj.Client("", base_url=sandbox_url)) as session:
        yield Shelf(session)


class Shelf:
    def __init__(self, session: mj.Session) -> None:
        folder = session.path.parent
        self.session = session
        self.grid = session.imagine(HARD).result(60)
        self.grid.rate(4)
        self.grid.rate(5, tile=3)
        self.grid.favourite(tile=3)
        self.grid.tag("for print", "Foxes")
        self.grid.note("ears\ntoo long")
        self.single = self.grid.upscale(2).result(60)
        self.png = self.grid.save(folder / "grid.png")
        self.webp = self.grid.save(folder / "grid.webp")
        self.tile = self.grid.save(folder / "tile.png", tile=3)
        self.child = self.single.save(folder / "child.png")


def pixels(content: bytes | Path) -> bytes:
    with PIL.Image.open(BytesIO(content) if isinstance(content, bytes) else content) as picture:
        return picture.convert("RGBA").tobytes()


def kept(session: mj.Session) -> list[Path]:
    return [file for file in (session.path / "images").rglob("*") if file.is_file()]


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_other_programs_read_the_prompt_and_that_an_algorithm_made_it(shelf: Shelf, kind: str) -> None:
    root = packet(getattr(shelf, kind))
    prompt = shelf.grid.prompt
    for name in ("dc:description", "core:AltTextAccessibility"):
        assert root.findtext(f".//{name}/rdf:Alt/rdf:li", namespaces=NAMES) == prompt
    assert root.findtext(".//ext:AIPromptInformation", namespaces=NAMES) == prompt
    assert (
        root.findtext(".//ext:DigitalSourceType", namespaces=NAMES)
        == "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    )
    assert root.findtext(".//xmp:CreatorTool", namespaces=NAMES) == f"mj_widgets {mj.__version__}"
    assert root.findtext(".//xmp:Rating", namespaces=NAMES) == "5"
    assert [item.text for item in root.findall(".//dc:subject/rdf:Bag/rdf:li", NAMES)] == ["for print", "Foxes"]


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_the_pixels_are_those_of_the_stored_picture(shelf: Shelf, tmp_path: Path, kind: str) -> None:
    whole = shelf.grid.image.bytes()
    assert pixels(getattr(shelf, kind)) == pixels(whole)
    file = shelf.grid.save(tmp_path / f"one.{kind}", tile=2)
    assert pixels(file) == pixels(shelf.grid.tiles[1].bytes())


def test_what_is_kept_stays_as_the_service_sent_it(shelf: Shelf) -> None:
    assert shelf.session.verify() == ()
    assert b"XML:com.adobe.xmp" not in shelf.grid.image.bytes()


def test_neither_a_token_nor_a_path_nor_an_address_to_call_back_is_in_it(tmp_path: Path, sandbox_url: str) -> None:
    client = mj.Client("token-whisper", base_url=sandbox_url)
    with mj.Session("secret", root=tmp_path, client=client) as session:
        file = session.imagine("a fox", callback_url="https://hook.example/?key=whisper").result(60).save(tmp_path / "fox.png")
    content = file.read_bytes()
    assert [word for word in ("whisper", str(tmp_path), "hook.example") if word.encode() in content] == []


def test_what_the_service_wrote_into_its_file_stays_out(script: Script, open_session: OpenSession, tmp_path: Path) -> None:
    """Its files name the account, and perhaps say something of a place."""
    words = PIL.PngImagePlugin.PngInfo()
    words.add_text("Author", "somebody@example.com")
    buffer = BytesIO()
    PIL.Image.new("RGB", (4, 4), "teal").save(buffer, "PNG", pnginfo=words, dpi=(72, 72), exif=b"Exif\0\0somewhere")
    gen = made(script, open_session, buffer.getvalue())
    for name in ("fox.png", "fox.webp"):
        content = gen.save(tmp_path / name).read_bytes()
        assert b"somebody" not in content
        assert b"somewhere" not in content
        assert pixels(content) == pixels(buffer.getvalue())
    with PIL.Image.open(tmp_path / "fox.png") as saved:
        assert saved.info["dpi"] == pytest.approx((72, 72), abs=0.1)


def made(script: Script, open_session: OpenSession, content: bytes) -> mj.Generation:
    """Let the service send just this file."""
    url = f"{script.url}/t1.png"
    script.say(
        lines({"success": True, "task_id": "t1", "progress": 100, "image_id": "149", "image_url": url}), Answer([content])
    )
    return open_session("scripted", base_url=script.url).imagine("a fox").result(10)


def encoded(kind: str, **options: Any) -> bytes:
    picture = PIL.Image.effect_noise((24, 18), 90).convert("RGB")
    buffer = BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def test_a_lossy_webp_is_not_encoded_again(script: Script, open_session: OpenSession, tmp_path: Path) -> None:
    content = encoded("WEBP", quality=40)
    gen = made(script, open_session, content)
    saved = gen.save(tmp_path / "fox.webp").read_bytes()
    assert content[20:] in saved  # the picture's own chunk
    assert pixels(saved) == pixels(gen.save(tmp_path / "fox.png").read_bytes()) == pixels(content)
    assert open_session("other").add(tmp_path / "fox.webp").prompt == "a fox"


@pytest.mark.parametrize("transparent", [False, True])
def test_a_webp_with_extras_keeps_its_colours_and_loses_its_words(
    script: Script, open_session: OpenSession, tmp_path: Path, transparent: bool
) -> None:
    picture = PIL.Image.new("RGBA" if transparent else "RGB", (7, 5), (10, 200, 30, 128)[: 4 if transparent else 3])
    buffer = BytesIO()
    picture.save(buffer, "WEBP", lossless=True, exif=b"Exif\0\0somewhere", xmp=b"<old/>", icc_profile=b"profile!")
    saved = made(script, open_session, buffer.getvalue()).save(tmp_path / "fox.webp")
    with PIL.Image.open(saved) as found:
        assert (found.mode, found.info["icc_profile"], found.getexif()) == (picture.mode, b"profile!", {})
    assert pixels(saved) == pixels(buffer.getvalue())
    assert record(saved)["prompt"] == "a fox"
    assert b"<old/>" not in saved.read_bytes()


@pytest.mark.parametrize("kind", ["JPEG", "GIF"])
def test_what_is_neither_png_nor_webp_is_exported_as_png(
    script: Script, open_session: OpenSession, tmp_path: Path, kind: str
) -> None:
    content = encoded(kind)
    gen = made(script, open_session, content)
    (file,) = gen.session.export(tmp_path / "out").glob("*.png")
    assert pixels(file) == pixels(content)
    assert record(file)["id"] == gen.id


def test_a_picture_of_16_bits_is_saved_whole_or_not_at_all(script: Script, open_session: OpenSession, tmp_path: Path) -> None:
    buffer = BytesIO()
    PIL.Image.new("I;16", (4, 4), 700).save(buffer, "PNG")
    gen = made(script, open_session, buffer.getvalue())
    with PIL.Image.open(gen.save(tmp_path / "deep.png", tile=0)) as found:
        assert found.getpixel((0, 0)) == 700
    with pytest.raises(ValueError, match=r"8 bits a channel.*save it as \.png"):
        gen.save(tmp_path / "deep.webp")


@pytest.mark.parametrize(
    ("name", "tile", "words"),
    [
        ("fox.jpg", 0, r"as \.png or \.webp, not as '\.jpg'"),
        ("fox", 0, "without a suffix"),
        ("fox.png", 5, "tiles 1 to 4"),
        ("fox.png", -1, "tiles 1 to 4"),
        ("there.png", 0, "there already. overwrite=True"),
        ("folder.png", 0, "there already"),
    ],
)
def test_what_cannot_be_saved_is_said_and_nothing_is_written(
    shelf: Shelf, tmp_path: Path, name: str, tile: int, words: str
) -> None:
    (tmp_path / "there.png").write_text("mine")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(ValueError, match=words):
        shelf.grid.save(tmp_path / name, tile=tile)
    assert (tmp_path / "there.png").read_text() == "mine"
    assert len([*tmp_path.iterdir()]) == 2


def test_a_file_is_replaced_when_that_is_meant_and_its_folder_is_made(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    file = shelf.single.save("~/a/b/fox.PNG")
    assert file == tmp_path / "a" / "b" / "fox.PNG"
    shelf.grid.save(file, overwrite=True)
    assert record(file)["id"] == shelf.grid.id
    assert [*file.parent.iterdir()] == [file]


def test_what_the_session_keeps_is_not_written_over(shelf: Shelf) -> None:
    with pytest.raises(ValueError, match="save it elsewhere"):
        shelf.grid.save(shelf.grid.image.path, overwrite=True)
    assert shelf.session.verify() == ()


def test_a_file_that_was_changed_is_not_passed_on(shelf: Shelf, session: mj.Session, tmp_path: Path) -> None:
    gen = session.add(shelf.tile)
    gen.image.path.write_bytes(gen.image.bytes()[:-40] + b"\0" * 40)
    with pytest.raises(ValueError, match=r"was changed.*session\.verify\(\)"):
        gen.save(tmp_path / "fox.png")
    assert [*tmp_path.glob("*.png")] == []


def test_a_tile_whose_file_is_lost_says_so_and_is_no_grid_instead(
    shelf: Shelf, open_session: OpenSession, session: mj.Session
) -> None:
    """The service has the grid alone, and that is another picture."""
    tile = session.add(shelf.tile)
    tile.image.path.unlink()
    assert session.verify() == (tile,)
    tile.result(30)
    assert "could not be fetched" in tile.error.message
    session.close()
    tile = open_session()[tile.id]
    tile.result(30)
    assert (tile.image.path, tile.image.tile) == (None, 3)
    assert open_session().add(shelf.tile) is tile
    assert (tile.error, tile.image.bytes()) == (None, shelf.tile.read_bytes())


def test_what_has_no_picture_is_not_saved(session: mj.Session, tmp_path: Path) -> None:
    gen = session.imagine("a fox sandbox:stuck")
    with pytest.raises(ValueError, match="no picture"):
        gen.save(tmp_path / "fox.png")
    gen.stop()


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_a_saved_picture_becomes_the_same_generation_elsewhere(shelf: Shelf, session: mj.Session, kind: str) -> None:
    file, heard = getattr(shelf, kind), []
    unwatch = session.watch(heard.append)
    gen = session.add(file)
    unwatch()
    assert heard == [gen]
    old = shelf.grid
    for name in ("id", "created_at", "service", "request", "prompt", "task_id", "status", "actions", "marks", "is_grid"):
        assert getattr(gen, name) == getattr(old, name), name
    assert (gen.image.id, gen.image.url, gen.image.width) == (old.image.id, old.image.url, old.image.width)
    assert gen.image.bytes() == file.read_bytes()
    assert len(gen.tiles) == 4
    assert len(gen.thumbnail(tile=4)) > 0
    assert session.generations == session.lineage.roots == (gen,)


def test_adding_costs_nothing_and_going_on_costs_as_always(shelf: Shelf, session: mj.Session) -> None:
    session.cap = 0.3
    gen = session.add(shelf.png)
    assert (session.held, gen.estimate, len(session.bill())) == (0, 0, 0)
    single = gen.act("upscale1").result(30)
    assert (single.parent, single.prompt, single.is_grid) == (gen, gen.prompt, False)
    assert session.held == single.estimate > 0
    assert session.verify() == ()
    gen.image.path.unlink()
    assert session.verify() == (gen,)  # it is fetched from where it was made, for nothing
    gen.result(30)
    assert session.held == single.estimate


def test_it_is_still_there_when_the_folder_is_opened_again(shelf: Shelf, open_session: OpenSession) -> None:
    with open_session() as session:
        late = session.imagine("a cat").result(30)
        child, grid = session.add(shelf.child), session.add(shelf.png)
        ids = [gen.id for gen in session.generations]
        assert ids == [grid.id, child.id, late.id]
    again = open_session()
    assert [gen.id for gen in again.generations] == ids
    assert again[child.id].parent is again[grid.id]
    assert again[grid.id].outcome == grid.outcome


def test_one_that_is_there_already_is_given_back(shelf: Shelf, session: mj.Session) -> None:
    gen = session.add(shelf.png)
    gen.note("changed since")
    files = kept(session)
    assert session.add(shelf.webp) is gen
    assert gen.marks.note == "changed since"
    assert kept(session) == files


def test_one_that_was_deleted_is_restored_even_after_its_file_has_gone(shelf: Shelf, session: mj.Session) -> None:
    for file in (shelf.png, shelf.tile):
        gen = session.add(file)
        gen.delete()
        session.vacuum()
        assert gen.image.path is None
        assert session.add(file) is gen
        assert (gen.is_deleted, gen.image.bytes()) == (False, file.read_bytes())


def test_a_file_that_is_added_twice_at_once_is_added_once(shelf: Shelf, session: mj.Session) -> None:
    found: list[mj.Generation] = []
    threads = [threading.Thread(target=lambda: found.append(session.add(shelf.tile))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert session.generations == (found[0],)


def test_a_follow_up_says_its_prompt_without_its_parent_and_finds_it_later(shelf: Shelf, session: mj.Session) -> None:
    single = session.add(shelf.child)
    assert (single.parent, single.request.prompt, single.prompt) == (None, "", shelf.grid.prompt)
    assert single.request.source == shelf.single.request.source
    assert single.act("zoom_out_2x").result(30).prompt == shelf.grid.prompt
    grid = session.add(shelf.png)
    assert (single.parent, grid.children) == (grid, (single,))
    assert session.lineage.roots == (grid,)


def test_a_tile_becomes_a_picture_of_its_own_with_what_can_be_done_with_it(shelf: Shelf, session: mj.Session) -> None:
    tile = session.add(shelf.tile)
    assert (tile.is_grid, len(tile.tiles), tile.prompt) == (False, 1, shelf.grid.prompt)
    assert tile.image.bytes() == shelf.tile.read_bytes()
    assert {*tile.actions} == {"upscale3", "variation3"}  # in the service's order
    assert (tile.marks.ratings, tile.marks.favourites, tile.tags) == ({0: 5}, (0,), shelf.grid.tags)
    single = tile.upscale(3).result(30)
    assert (single.request.source.tile, single.parent, single.is_grid) == (3, tile, False)
    assert single.image.bytes() == shelf.grid.upscale(3).result(30).image.bytes()
    assert tile.vary(3).result(30).is_grid
    with pytest.raises(ValueError, match="does not offer 'upscale1'"):
        tile.upscale(1)
    assert session.add(shelf.tile) is tile
    grid = session.add(shelf.png)
    assert (grid.id, tile.id != grid.id, grid.is_grid) == (shelf.grid.id, True, True)


def test_what_needs_the_whole_grid_is_refused_for_a_tile_before_it_is_paid_for(shelf: Shelf, session: mj.Session) -> None:
    tile = session.add(shelf.tile)
    mask = [[1] * tile.image.width] * tile.image.height
    for wrong in (
        lambda: tile.vary_region(mask),
        lambda: session.edit(tile, "a hat"),
        lambda: session.animate(tile),
        lambda: session.describe(tile),
    ):
        with pytest.raises(ValueError, match="upscale"):
            wrong()
    assert len(session) == 1


def test_a_tile_is_saved_as_that_tile_again(
    shelf: Shelf, session: mj.Session, open_session: OpenSession, tmp_path: Path
) -> None:
    tile = session.add(shelf.tile)
    file = tile.save(tmp_path / "again.webp")
    third = open_session("third").add(file)
    assert (third.image.tile, third.actions, third.is_grid) == (3, tile.actions, False)
    assert third.marks == tile.marks
    assert pixels(file) == pixels(shelf.tile)


def test_a_mask_is_named_and_found_where_it_is(shelf: Shelf, session: mj.Session, tmp_path: Path) -> None:
    painted = [[1] * shelf.single.image.width] * shelf.single.image.height
    made = shelf.single.vary_region(painted, prompt="a hat").result(60)
    file = made.save(tmp_path / "made.png")
    assert record(file)["mask"] == made.mask.name
    assert made.request.mask.encode()[:100] not in file.read_bytes()
    single = session.add(shelf.child)
    single.vary_region(painted, prompt="another hat").stop()
    assert session.add(file).request == made.request


def test_without_its_mask_a_region_is_a_picture_like_others(shelf: Shelf, session: mj.Session, tmp_path: Path) -> None:
    painted = [[1] * shelf.single.image.width] * shelf.single.image.height
    made = shelf.single.vary_region(painted, prompt="a hat").result(60)
    gen = session.add(made.save(tmp_path / "made.png"))
    assert (gen.mask, gen.request.action, gen.is_grid) == (None, "variation_region", True)
    assert gen.upscale(1).result(60).prompt == "a hat"


@pytest.mark.parametrize("ask", ["edit", "animate"])
def test_an_edit_and_the_cover_of_a_film_come_back_as_well(
    shelf: Shelf, session: mj.Session, open_session: OpenSession, tmp_path: Path, ask: str
) -> None:
    made = getattr(shelf.session, ask)(shelf.grid, "it snows").result(60)
    gen = open_session("other").add(made.save(tmp_path / "made.png"))
    assert (gen.request, gen.actions, gen.prompt) == (made.request, made.actions, "it snows")
    if ask == "animate":
        assert gen.extend(2).result(60).request.video_index == 1
    assert session.generations == ()


def test_an_exported_folder_can_be_added_back(shelf: Shelf, session: mj.Session, tmp_path: Path) -> None:
    for file in sorted(shelf.session.export(tmp_path / "out").glob("*.png")):
        session.add(file)
    assert {shelf.grid.id, shelf.single.id} <= {gen.id for gen in session.generations}


def test_another_service_does_not_go_on_with_it(shelf: Shelf, tmp_path: Path) -> None:
    with mj.Session("live", root=tmp_path, client=mj.Client("token", base_url="http://api.example")) as live:
        gen = live.add(shelf.png)
        with pytest.raises(SessionError, match="made at sandbox.*Nothing was sent"):
            gen.upscale(1)
        assert len(live) == 1


def test_a_picture_that_was_saved_without_its_words_says_what_works_instead(
    shelf: Shelf, session: mj.Session, tmp_path: Path
) -> None:
    for name in ("again.png", "again.webp"):
        with PIL.Image.open(shelf.png) as picture:
            picture.resize((8, 8)).save(tmp_path / name)
        with pytest.raises(ValueError, match=r"carries no metadata of mj_widgets.*session\.edit\(url, prompt\)"):
            session.add(tmp_path / name)
    (tmp_path / "other.png").write_bytes(b"")
    with_packet(tmp_path / "again.png", tmp_path / "other.png", "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    with pytest.raises(ValueError, match="carries no metadata of mj_widgets"):
        session.add(tmp_path / "other.png")
    assert kept(session) == []


def bomb() -> bytes:
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    packed = (struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lambda _: b"", "no picture"),
        (lambda _: b"a fox", "no picture"),
        (lambda png: png[: len(png) // 2], "no picture"),
        (lambda png: png[:40] + b"\0\0\0\0" + png[44:], "cannot be added"),
        (lambda _: encoded("JPEG"), "it is JPEG, and only PNG and WebP are read"),
        (lambda _: bomb(), "no picture"),
        (lambda png: png + b"\0" * 2**20 * 50, "larger than the 50 MB"),
    ],
)
def test_a_broken_file_is_refused_and_nothing_is_kept(
    shelf: Shelf, session: mj.Session, tmp_path: Path, content: Callable[[bytes], bytes], words: str
) -> None:
    file = tmp_path / "broken.png"
    file.write_bytes(content(shelf.tile.read_bytes()))
    with pytest.raises(ValueError, match=words):
        session.add(file)
    assert (len(session), kept(session)) == (0, [])


def test_what_is_no_file_is_refused(session: mj.Session, tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.png", tmp_path, "/dev/zero"):
        with pytest.raises(ValueError, match="There is no file"):
            session.add(path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": 2}, "newer mj_widgets; upgrade"),
        ({"format": "1"}, "not such as mj_widgets writes"),
        ({"id": "../../etc/passwd"}, "id: "),
        ({"id": "x" * 20}, "id: "),
        ({"id": 7}, "id: "),
        ({"prompt": None}, "prompt: "),
        ({"prompt": "\ud800"}, "half a character"),
        ({"request": {"prompt": "\ud800"}}, "half a character"),
        ({"prompt": ["a", "fox"]}, "prompt: "),
        ({"endpoint": "text"}, "endpoint: "),
        ({"endpoint": "../.."}, "endpoint: "),
        ({"request": []}, "request: "),
        ({"request": {"prompt": ""}}, "the prompt is empty"),
        ({"request": {"prompt": "a fox", "surprise": 1}}, "surprise: "),
        ({"request": {"prompt": "a fox", "mode": "slow"}}, "mode: "),
        ({"endpoint": "edits", "request": {"prompt": "a fox", "image_url": "file:///etc/passwd"}}, "image_url: "),
        ({"source": {"image_id": "1", "tile": 9}}, "source.tile: "),
        ({"tile": 9}, "tile: "),
        ({"url": "file:///etc/passwd"}, "url: "),
        ({"actions": "upscale1"}, "actions: "),
        ({"actions": ["x" * 300]}, "actions.0: "),
        ({"actions": ["x"] * 300}, "actions: "),
        ({"made_at": "yesterday"}, "made_at: "),
        ({"made_at": -1}, "made_at: "),
        ({"made_at": 1e300}, "made_at: "),
        ({"marks": {"ratings": {"1": 6}}}, "marks.ratings.1: "),
        ({"marks": {"tags": ["x" * 10_000]}}, "marks.tags.0: "),
        ({"marks": {"note": "x" * 20_000}}, "marks.note: "),
        ({"marks": []}, "marks: "),
    ],
)
def test_words_that_nobody_of_us_wrote_are_refused(
    shelf: Shelf, session: mj.Session, tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    file = with_record(small(shelf, tmp_path), tmp_path / "hostile.png", record(shelf.png) | change)
    with pytest.raises(ValueError, match=f"(?s)hostile.png cannot be added: .*{words}.*Nothing was kept"):
        session.add(file)
    assert (len(session), kept(session)) == (0, [])


def small(shelf: Shelf, folder: Path) -> Path:
    """Give a file with the same words and few pixels."""
    with PIL.Image.open(shelf.png) as picture:
        picture.resize((8, 8)).save(folder / "few.png")
        return with_packet(folder / "few.png", folder / "small.png", picture.info["xmp"].decode())


DEEP = "[" * 200_000


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("", "carries no metadata"),
        ("{", "damaged"),
        ("[]", "not such as"),
        ("null", "carries no metadata"),
        ('{"format": NaN}', "NaN"),
        (DEEP, "damaged"),
        ('{"format": ' + "9" * 5000 + "}", "damaged|newer|digits"),
        ('"' + "x" * 10 * 2**20 + '"', "at most 4,194,304|no picture"),
    ],
)
def test_a_record_that_is_none_is_refused(shelf: Shelf, session: mj.Session, tmp_path: Path, told: str, words: str) -> None:
    for packed in (False, True):
        file = with_record(small(shelf, tmp_path), tmp_path / "hostile.png", told, zip=packed)
        with pytest.raises(ValueError, match=words):
            session.add(file)
    assert (len(session), kept(session)) == (0, [])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<x", "damaged"),
        ("", "carries no metadata|damaged"),
        ("<a>" * 100_000, "damaged"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document type"),
        ('<?xml version="1.0" encoding="utf-16"?><a/>', "carries no metadata"),
        ("<a>&nothing;</a>", "damaged"),
    ],
)
def test_a_packet_that_is_none_is_refused(shelf: Shelf, session: mj.Session, tmp_path: Path, text: str, words: str) -> None:
    file = with_packet(small(shelf, tmp_path), tmp_path / "hostile.png", text)
    with pytest.raises(ValueError, match=words):
        session.add(file)
    assert (len(session), kept(session)) == (0, [])


def test_a_program_that_rewrites_the_packet_does_not_harm_it(shelf: Shelf, session: mj.Session, tmp_path: Path) -> None:
    """Adobe's library writes simple properties as attributes; others pack the text."""
    root = packet(shelf.png)
    for description in root.iter(f"{{{NAMES['rdf']}}}Description"):
        found = description.find("mj:record", NAMES)
        assert found is not None
        description.set(found.tag, found.text or "")
        description.remove(found)
    file = with_packet(small(shelf, tmp_path), tmp_path / "rewritten.png", ElementTree.tostring(root, "unicode"), zip=True)
    assert session.add(file).id == shelf.grid.id


def test_nobody_becomes_their_own_ancestor(shelf: Shelf, session: mj.Session, tmp_path: Path) -> None:
    """Whoever walks up the lineage would never come to an end."""
    told, few = record(shelf.child), small(shelf, tmp_path)
    parent, child = shelf.grid.id, shelf.single.id
    own = with_record(few, tmp_path / "own.png", told | {"source": {"image_id": "1", "generation": child, "tile": 1}})
    with pytest.raises(ValueError, match="its parent comes from itself"):
        session.add(own)
    session.add(shelf.child)
    below = told | {"id": parent, "source": {"image_id": "1", "generation": child, "tile": 1}}
    with pytest.raises(ValueError, match="its parent comes from itself"):
        session.add(with_record(few, tmp_path / "below.png", below))
    assert [gen.id for gen in session.generations] == [child]


def test_a_time_to_come_is_taken_for_now(shelf: Shelf, session: mj.Session, tmp_path: Path) -> None:
    file = with_record(small(shelf, tmp_path), tmp_path / "late.png", record(shelf.png) | {"made_at": 9e10})
    gen = session.add(file)
    later = session.imagine("a cat")
    assert session.generations == (gen, later)
    assert later.result(30).status is mj.Status.SUCCEEDED


def test_a_prompt_of_100_kb_and_signs_that_xml_cannot_hold_come_back(
    script: Script, open_session: OpenSession, tmp_path: Path
) -> None:
    prompt = "\x01 \x0b fox \x7f \ufffe " + "🦊" * 25_000 + " the end"
    url = f"{script.url}/t1.png"
    told = {"success": True, "task_id": "t1", "progress": 100, "image_id": "149", "image_url": url}
    for kind in ("png", "webp"):
        script.say(lines(told | {"task_id": kind}), Answer([encoded("PNG")]))
        gen = open_session("long", base_url=script.url).imagine(prompt).result(10)
        file = gen.save(tmp_path / f"fox.{kind}")
        assert packet(file).findtext(".//dc:description//rdf:li", namespaces=NAMES).count("🦊") == 25_000
        assert open_session("other").add(file).prompt == gen.prompt
    assert "\x01" in gen.prompt

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import PIL.Image
import pytest

import mj_widgets as mj
from mj_widgets.errors import SessionError
from tests.api.script import Script, lines

OpenSession = Callable[..., mj.Session]


@pytest.mark.parametrize("name", ["../x", "a/b", "a\\b", "", ".", "..", ".hidden", "a.", "x" * 101, "a\nb", "a:b", 7])
def test_a_name_that_cannot_be_a_folder_s_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        mj.Session(name, root=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["foxes", "lesson 3", "v1.2-test_b", "Füchse", "狐"])
def test_a_name_may_be_in_any_script(open_session: OpenSession, tmp_path: Path, name: str) -> None:
    open_session(name)
    assert (tmp_path / name / "session.sqlite3").exists()


def test_what_was_made_is_back_when_it_is_opened_again(open_session: OpenSession) -> None:
    with open_session() as session:
        grid = session.imagine("a fox in snow --ar 3:2").result(30)
        single = grid.upscale(2).result(30)
    again = open_session(base_url="http://127.0.0.1:9")  # nobody listens there: no network is needed
    assert [gen.id for gen in again.generations] == [grid.id, single.id]
    back = again[single.id]
    assert back.parent is again[grid.id]
    assert back.outcome == single.outcome
    assert back.image is not None
    assert back.image.bytes() == single.image.bytes()
    assert back.thumbnail() == single.thumbnail()


def test_an_open_folder_gives_the_same_session(open_session: OpenSession, session: mj.Session, tmp_path: Path) -> None:
    """So that running the first cell again does not leave two behind."""
    assert open_session() is session
    live = mj.Client("token", base_url="https://api.example")
    with pytest.raises(SessionError, match="close it first"):
        mj.Session("test", root=tmp_path, client=live)


def test_bad_input_is_refused_before_anything_is_kept(session: mj.Session) -> None:
    for wrong in (
        lambda: session.imagine(""),
        lambda: session.imagine("   "),
        lambda: session.imagine("--relax"),
        lambda: session.imagine("a fox", mode="slow"),
        lambda: session.imagine("a fox", aspect_ratio="3:2"),
        lambda: session.imagine("a fox --turbo", mode="relax"),
        lambda: session.blend("https://a.example/1.png"),
    ):
        with pytest.raises(ValueError, match=r"\w"):
            wrong()
    with pytest.raises(TypeError):
        session.imagine(None)
    assert session.generations == ()


def test_the_mode_is_lifted_from_the_prompt_and_a_pasted_dash_mended(session: mj.Session) -> None:
    request = session.imagine("a fox —ar 3:2 --turbo").request
    assert (request.prompt, request.mode) == ("a fox --ar 3:2", "turbo")


def test_a_closed_session_says_how_to_open_it(session: mj.Session) -> None:
    gen = session.imagine("a fox").result(30)
    session.close()
    session.close()
    for use in (lambda: session.imagine("a cat"), lambda: gen.upscale(1), session.resume, gen.resume):
        with pytest.raises(SessionError, match=r"open it again with mj\.Session\('test'\)"):
            use()


def test_closing_ends_the_wait_for_an_answer_too(script: Script, open_session: OpenSession) -> None:
    session = open_session(base_url=script.url)
    script.say(lines(*[b"\n"] * 200, pause=0.05))
    answer = session.shorten("a very red fox")
    session.close()
    with pytest.raises(SessionError, match="was closed"):
        answer.result(5)


def test_a_picture_of_the_sandbox_is_not_sent_to_a_live_service(open_session: OpenSession, tmp_path: Path) -> None:
    """Nor the other way round: neither knows the other's pictures, and one of them charges."""
    with open_session() as session:
        grid_id = session.imagine("a fox").result(30).id
    with mj.Session("test", root=tmp_path, client=mj.Client("token", base_url="http://api.example")) as live:
        with pytest.raises(SessionError, match="made at sandbox.*unset ACEDATACLOUD_API_TOKEN.*Nothing was sent"):
            live[grid_id].upscale(1)
        assert len(live) == 1


def test_find_filters(session: mj.Session) -> None:
    fox, cat = session.imagine("a red Fox").result(30), session.imagine("a cat").result(30)
    child = fox.upscale(1).result(30)
    assert session.find(prompt="FOX") == (fox, child)
    assert session.find(status="succeeded") == (fox, cat, child)
    assert session.find(status=mj.Status.FAILED) == ()
    with pytest.raises(ValueError, match="lost"):
        session.find(status="lost")


def test_an_id_that_is_not_there_is_a_key_error(session: mj.Session) -> None:
    with pytest.raises(KeyError, match="nothing-here"):
        session["nothing-here"]


def test_a_watcher_hears_of_every_generation_until_it_stops(session: mj.Session) -> None:
    heard: list[tuple[str, mj.Status]] = []
    unwatch = session.watch(lambda gen: heard.append((gen.id, gen.status)))
    first = session.imagine("a fox").result(30)
    unwatch()
    session.imagine("a cat").result(30)
    assert {id_ for id_, _ in heard} == {first.id}
    assert heard[0] == (first.id, mj.Status.PENDING)
    assert heard[-1] == (first.id, mj.Status.SUCCEEDED)


def test_a_watcher_that_breaks_does_not_stop_the_generation(session: mj.Session, caplog: pytest.LogCaptureFixture) -> None:
    session.watch(lambda _: 1 / 0)
    assert session.imagine("a fox").result(30).status is mj.Status.SUCCEEDED
    assert "ZeroDivisionError" in caplog.text
    assert "a fox" not in caplog.text


def test_a_frame_has_a_row_a_generation(session: mj.Session) -> None:
    grid = session.imagine("a fox").result(30)
    single = grid.upscale(3).result(30)
    frame = session.to_dataframe()
    assert list(frame["id"]) == [grid.id, single.id]
    assert list(frame["prompt"]) == ["a fox", "a fox"]
    assert (frame["parent"][1], frame["tile"][1]) == (grid.id, 3)


def test_an_empty_session_gives_an_empty_frame_with_its_columns(session: mj.Session) -> None:
    assert "prompt" in session.to_dataframe().columns


def test_a_folder_has_the_pictures_and_a_line_for_each(session: mj.Session, tmp_path: Path) -> None:
    gen = session.imagine("a fox").result(30)
    folder = session.export(tmp_path / "out")
    (line,) = (json.loads(text) for text in (folder / "metadata.jsonl").read_text().splitlines())
    with PIL.Image.open(folder / line["file_name"]) as picture:
        assert picture.tobytes() == gen.image.pil().tobytes()
    assert (line["prompt"], line["id"]) == ("a fox", gen.id)
    assert str(tmp_path) not in (folder / "metadata.jsonl").read_text()


def test_without_a_token_the_sandbox_is_embedded(tmp_path: Path) -> None:
    with mj.Session("foxes", root=tmp_path) as session:
        assert session.simulated
        grid = session.imagine("a fox").result(30)
    with mj.Session("foxes", root=tmp_path) as again:
        assert again[grid.id].upscale(1).result(30).status is mj.Status.SUCCEEDED


@pytest.mark.parametrize(("shrink", "width"), [("", 1024), ("2", 512), ("4", 256)])
def test_the_embedded_sandbox_draws_as_small_as_the_environment_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shrink: str, width: int
) -> None:
    monkeypatch.setenv("MJ_SANDBOX_SHRINK", shrink)
    with mj.Session("foxes", root=tmp_path) as session:
        assert session.imagine("a fox").result(30).image.width == width

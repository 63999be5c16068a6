from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import mj_widgets as mj
from mj_widgets.errors import GenerationError
from tests.api.script import Script, lines, told
from tests.session.forging import record, with_record

OpenSession = Callable[..., mj.Session]

pytestmark = pytest.mark.xdist_group("script")  # what they share is made once

A, B = "https://a.example/1.png", "https://a.example/2.png"


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory, sandbox_url: str) -> Iterator[mj.Session]:
    """A session with something of every kind, in which nobody makes anything more."""
    with mj.Session("full", root=tmp_path_factory.mktemp("full"), client=mj.Client("", base_url=sandbox_url)) as session:
        fill(session)
        yield session


def fill(session: mj.Session) -> None:
    grid = session.imagine("a red fox in snow --ar 3:2", mode="relax").result(60)
    single = grid.upscale(2).result(60)
    above = single.image.height // 3
    mask = [[0] * single.image.width] * above + [[1] * single.image.width] * (single.image.height - above)
    ref = mj.ImageRef(image_id=grid.image.id, generation=grid.id, tile=1)
    film = session.animate(grid, "it turns its head", mode="turbo").result(60)
    larger = single.upscale("subtle", mode="fast").result(60)
    made = [
        *(larger.upscale("subtle"), single.vary("strong"), single.vary("subtle", prompt='a "wolf"\n🐺')),
        *(single.zoom_out(1.5), single.pan("up"), single.act("square")),
        *(single.vary_region(mask), single.vary_region(mask, prompt="it's a hat", mode="turbo")),
        *(grid.vary(3), grid.reroll(mode="fast"), film.extend(4, "it runs", resolution="480p")),
        session.edit(single, "add a hat", mask=mask, mode="relax", split_images=True),
        *(session.edit(A, "add a hat"), session.animate(A, "snow", end_image_url=B, loop=True)),
        session.blend(A, B, prompt="foxes", mode="turbo"),
        session.imagine('"); raise SystemExit #\n</script> \u202e שועל \\', version="8.2", timeout=99.5),
        session.submit(mj.ImagineRequest(prompt="a cat --turbo")),
        session.submit(mj.ImagineRequest(action="upscale1", version="8.2", source=ref)),
        session.submit(mj.EditRequest(image_url=A, prompt="a hat", callback_url="http://127.0.0.1:9/")),
    ]
    for gen in made:
        gen.result(60)
    for answer in (
        *(
            session.describe(grid),
            session.describe(A),
            session.shorten("a very, very red fox"),
            session.translate("红色的狐狸"),
        ),
        session.seed(grid),
    ):
        answer.result(60)
    grid.rate(4, tile=2)
    grid.rate(1)
    grid.favourite(tile=4)
    single.tag("for print", 'it\'s "good"')
    single.note("one\ntwo")
    film.delete()


def run(script: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run a script in a folder of its own, as ``python script.py`` would."""
    monkeypatch.chdir(folder)
    names: dict[str, Any] = {}
    try:
        exec(script, names)  # noqa: S102 - our own
    finally:
        if "session" in names:
            names["session"].close()
    return names


def asked(session: mj.Session) -> list[dict[str, Any]]:
    """Give all requests with numbers in place of ids and of addresses that the service gave."""
    everything = [session[id_] for id_ in session._generations]
    places: dict[str | None, str] = {}
    for number, gen in enumerate(everything):
        places |= {gen.id: f"<{number}>", gen.outcome.video_id: f"<film {number}>"}
        if gen.image:
            places |= {gen.image.id: f"<image {number}>", gen.image.url: f"<url {number}>"}

    def numbered(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: numbered(one) for name, one in value.items()}
        return places.get(value, value) if isinstance(value, str) else value

    del places[None], places[""]  # what the service did not say
    return [{"endpoint": gen.request.endpoint} | numbered(gen.request.model_dump()) for gen in everything]


def test_the_script_of_a_session_makes_the_same_session_again(
    full: mj.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = run(full.script(), tmp_path, monkeypatch)["session"]
    assert again.name == "full again"
    assert asked(again) == asked(full)
    assert [gen.marks.model_copy(update={"deleted_at": None}) for gen in again._all()] == [
        gen.marks.model_copy(update={"deleted_at": None}) for gen in full._all()
    ]
    assert [gen.is_deleted for gen in again._all()] == [gen.is_deleted for gen in full._all()]
    assert {gen.status for gen in again._all()} == {mj.Status.SUCCEEDED}


def test_a_branch_is_written_from_its_root(full: mj.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    last = next(gen for gen in full.generations if gen.request.action == "redo_upscale_subtle")
    names = run(full.script(last), tmp_path, monkeypatch)
    assert [gen.request.action for gen in names["session"].generations] == [
        *("generate", "upscale2", "upscale_subtle", "redo_upscale_subtle")
    ]
    assert names["red_fox_u2_subtle"].parent is names["red_fox_u2"]


def test_the_lines_are_such_as_people_write(full: mj.Session) -> None:
    script = full.script()
    for line in (
        "red_fox = session.imagine('a red fox in snow --ar 3:2', mode='relax')",
        "red_fox_u2 = red_fox.result().upscale(2)",
        "red_fox_u2_zoom = red_fox_u2.result().zoom_out(1.5)",
        "red_fox_u2_up = red_fox_u2.result().pan('up')",
        "red_fox_u2_square = red_fox_u2.result().act('square')",
        "red_fox_u2_region = red_fox_u2.result().vary_region(mask)",
        "red_fox_u2_region_2 = red_fox_u2.result().vary_region(mask, prompt=\"it's a hat\", mode='turbo')",
        "red_fox_reroll = red_fox.result().reroll(mode='fast')",
        "red_fox_film = session.animate(red_fox.result(), 'it turns its head', mode='turbo')",
        "red_fox_film_longer = red_fox_film.result().extend(4, 'it runs', resolution='480p')",
        f"foxes = session.blend('{A}', '{B}', prompt='foxes', mode='turbo')",
        "red_fox_describe = session.describe(red_fox.result())",
        "red_fox_seed = session.seed(red_fox.result())",
        "cat = session.submit(mj.ImagineRequest(prompt='a cat --turbo'))",
        "red_fox.rate(4, tile=2)",
        "red_fox.favourite(tile=4)",
        "red_fox_film.delete()",
    ):
        assert line in script.splitlines()
    assert script.count("mj.Mask(") == 1
    assert "\u202e" not in script


def test_the_line_of_a_generation_asks_for_the_same_again(full: mj.Session) -> None:
    generations = full._all()
    for gen in generations:
        made = eval(gen.code, {"session": full})  # noqa: S307 - our own line
        made.stop()
        assert made.request == gen.request, gen.code
    assert len(generations) > 25


def test_it_says_first_what_it_would_cost(session: mj.Session) -> None:
    assert "# Running it makes 0 requests again. Estimated cost: free." in session.script().splitlines()
    grid = session.imagine("a fox").result(30)
    assert "# Running it makes 1 request again. Estimated cost: ≈ 0.27 credits." in session.script().splitlines()
    session.imagine("a fox", mode="relax").result(30)
    assert "Estimated cost: ≈ 0.27 credits and 1 of unknown price." in session.script()
    assert "Estimated cost: unknown." in session.script(session.generations[1])
    assert "makes 1 request again" in session.script(grid)


def test_what_failed_and_what_was_stopped_is_a_comment(
    script: Script, open_session: OpenSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = open_session(base_url=script.url)
    script.say(told({"error": {"code": "forbidden", "message": "no\n\u202eraise SystemExit"}}, 403))
    with suppress(GenerationError):
        session.imagine("a fox\nraise SystemExit").result(10)
    script.say(lines(*[b"\n"] * 50, pause=0.05))
    session.imagine("a dog").stop()
    text = session.script()
    assert r"# fox_raise = session.imagine('a fox\nraise SystemExit')  # failed: no raise SystemExit" in text.splitlines()
    assert "\u202e" not in text
    assert "# dog = session.imagine('a dog')  # was stopped" in text.splitlines()
    assert len(run(text, tmp_path, monkeypatch)["session"]) == 0


def test_what_was_never_answered_is_a_comment(session: mj.Session) -> None:
    with suppress(GenerationError):
        session.imagine("a cat sandbox:500").result(30)
    assert "# cat_sandbox = session.imagine('a cat sandbox:500')  # was sent and never answered" in session.script()


def test_what_comes_from_elsewhere_is_left_out_and_so_is_what_came_from_it(
    session: mj.Session, open_session: OpenSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid = session.imagine("a fox").result(30)
    file = grid.upscale(1).result(30).save(tmp_path / "fox.png")
    other = open_session("other")
    single = other.add(file)
    other.imagine("a cat").result(30)
    single.zoom_out().result(30)
    text = other.script()
    assert f"# fox: upscale1 'a fox'  # left out: it continues {grid.id}, which is not in this session" in text.splitlines()
    assert "# fox_2: zoom_out_2x 'a fox'  # left out: it continues one that was left out" in text.splitlines()
    (cat,) = run(text, tmp_path, monkeypatch)["session"].generations
    assert cat.prompt == "a cat"


def test_what_was_deleted_is_left_out(session: mj.Session) -> None:
    session.imagine("a fox").result(30).delete()
    assert "fox" not in session.script()


def test_a_generation_of_another_session_is_refused(session: mj.Session, open_session: OpenSession) -> None:
    with pytest.raises(ValueError, match="is not of the session 'test'"):
        session.script(open_session("other").imagine("a fox"))


def test_names_are_names_and_each_is_given_once(session: mj.Session) -> None:
    prompts = [
        *("class", "print", "session", "mj", "gen", "match", "None", "b64decode", "the a of", "🦊", "3 7", "-- a b", "º"),
        *(
            "a fox",
            "A FOX!",
            "fox_2",
            "ﬁre ﬁre",
            "fire fire",
            "狐",
            "שועל",
            "x" * 200,
            "İstanbul",
            "__import__('os')",
            "e\u0301",
        ),
    ]
    for prompt in prompts:
        session.imagine(prompt)
    found = {}
    for line in ast.parse(session.script()).body:
        match line:
            case ast.Assign([ast.Name(name)], ast.Call(ast.Attribute(attr="imagine"), [ast.Constant(prompt)])):
                found[name] = prompt
    assert [*found.values()] == prompts
    assert [name for name in found if keyword.iskeyword(name) or hasattr(builtins, name)] == []
    assert {"fox", "fox_2", "fox_3", "狐", "picture"} <= found.keys()
    assert max(map(len, found)) < 40


def test_a_long_line_of_descent_has_short_names(session: mj.Session) -> None:
    gen = session.imagine("a fox").result(30)
    for _ in range(5):
        gen = gen.reroll().result(30)
    names = re.findall(r"^(\w+) = .*(?:imagine|reroll)\(", session.script(gen), re.MULTILINE)
    assert names == ["fox", *(f"fox{'_reroll' * number}" for number in (1, 2, 3, 4)), "fox_2"]


def test_a_parent_comes_first_whatever_the_clocks_said(session: mj.Session, open_session: OpenSession, tmp_path: Path) -> None:
    """Two files may come from two computers."""
    grid = session.imagine("a fox").result(30)
    file, early = grid.save(tmp_path / "grid.png"), tmp_path / "early.png"
    child = grid.upscale(1).result(30).save(tmp_path / "child.png")
    with_record(child, early, record(child) | {"made_at": grid.created_at - 100})
    other = open_session("other")
    gens = [other.add(path) for path in (file, early)]
    assert other.generations == (gens[1], gens[0])
    assert re.findall(r"^(\w+) = \w+\.(?:imagine|result)", other.script(), re.MULTILINE) == ["fox", "fox_u1"]

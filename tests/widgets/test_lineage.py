# ruff: noqa: RUF001 - signs of minus and multiplication are meant

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import mj_widgets as mj
from mj_widgets.models import Outcome, Status
from mj_widgets.session.store import Row, Store
from mj_widgets.widgets.lineage import Family
from mj_widgets.widgets.outline import outline
from tests.api.script import Script, lines, told
from tests.widgets.conftest import HOSTILE, says, until

MANY = 2000

Four = tuple[mj.Generation, mj.Generation, mj.Generation, mj.Generation]
Fail = Callable[..., mj.Generation]


def places(family: Family) -> list[tuple[int, int, int]]:
    """Give the parent, the column and the row of each node, as a view reads them."""
    numbers = array("i", family.places)
    count = len(numbers) // 3
    return [*zip(numbers[:count], numbers[count : 2 * count], numbers[2 * count :], strict=True)]


def statuses(family: Family) -> list[str]:
    return [[*Status, "deleted"][byte & 7] for byte in family.statuses]


def answer(family: Family, **question: Any) -> tuple[dict[str, Any], list[bytes]]:
    says(family, kind="want", key="k", **question)
    return family.comm.messages[-1]


def four(session: mj.Session) -> Four:
    """Make a grid, two from it, and one from the first of them."""
    grid = session.imagine("a fox in snow --s 50").result(30)
    left = grid.upscale(2).result(30)
    return grid, left, grid.vary(3, prompt="a wolf in snow --s 250").result(30), left.zoom_out(2).result(30)


@pytest.fixture(scope="module")
def den(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Four]:
    """Four for tests that only look: drawing them takes a while."""
    root = tmp_path_factory.mktemp("den")
    with mj.Session("den", root=root, client=mj.Client("", base_url=url)) as session:
        yield four(session)


@pytest.fixture
def failed(scripted: mj.Session, script: Script) -> Fail:
    """Make generations that fail at once, which takes no drawing."""

    def make(prompt: str, source: mj.Generation | None = None) -> mj.Generation:
        script.say(told({"error": "no"}, 400))
        reference = source and mj.ImageRef(image_id="1", generation=source.id)
        made = scripted.submit(mj.ImagineRequest(prompt=prompt, action="reroll" if source else "generate", source=reference))
        until(lambda: made.status.ended)
        return made

    return make


@pytest.fixture(scope="module")
def crowd(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[mj.Session]:
    """A session of two thousand, in one chain."""
    root = tmp_path_factory.mktemp("crowd")
    store = Store(root / "crowd")
    for number in range(MANY):
        source = mj.ImageRef(image_id="1", generation=f"{number - 1:020x}") if number else None
        request = mj.ImagineRequest(prompt="" if number else "a fox", action="reroll" if number else "generate", source=source)
        store.add(Row(f"{number:020x}", float(number), "sandbox", request, Outcome(status=Status.FAILED)))
    store.close()
    with mj.Session("crowd", root=root, client=mj.Client("", base_url=url)) as session:
        yield session


def test_every_node_has_a_place_and_a_byte(den: Four) -> None:
    family = Family(den[0].session)
    assert places(family) == [(-1, 0, 0), (0, 1, 0), (0, 1, 1), (1, 2, 0)]
    assert statuses(family) == ["succeeded"] * 4
    assert family.selected is den[3]


def test_two_thousand_cost_thirteen_bytes_each_and_open_at_once(crowd: mj.Session) -> None:
    family = Family(crowd)
    told = [len(value) if isinstance(value, bytes) else len(json.dumps(value)) for value in family.get_state().values()]
    program = len(family._esm) + len(family._css)
    assert sum(told) - program < 14 * MANY + 3000
    assert places(family)[-1] == (MANY - 2, MANY - 1, 0)


def test_the_last_of_a_long_chain_is_told_with_the_ends_of_its_way(crowd: mj.Session) -> None:
    family = Family(crowd)
    message, _ = answer(family, about=MANY - 1)
    way = [each["node"] for each in message["about"]["way"]]
    assert way == [0, *range(MANY - 23, MANY)]
    assert message["about"]["left_out"] == MANY - 24


def test_a_view_gets_the_words_and_thumbnails_that_it_asks_for_in_one_piece(den: Four) -> None:
    family = Family(den[0].session)
    message, (content,) = answer(family, nodes=[0, 2], pictures=[1, 0])
    assert [node["step"] for node in message["nodes"]] == ["", "V3"]
    assert [node["diff"] for node in message["nodes"]] == [[], ["+ wolf", "− fox", "stylize 50 → 250"]]
    assert message["pictures"] == [1, 0][: len(message["pictures"])]  # the rest is asked for again
    first, *others = message["sizes"]
    assert content[:first] == den[1].thumbnail()
    assert not others or content[first:] == den[0].thumbnail()


def test_a_picture_that_there_is_not_is_no_bytes(failed: Fail) -> None:
    family = Family(failed("a fox").session)
    message, buffers = answer(family, nodes=[], pictures=[0])
    assert (message["pictures"], message["sizes"], b"".join(buffers)) == ([0], [0], b"")


@pytest.mark.parametrize(
    "question", [{"about": 99}, {"about": "x"}, {"nodes": [99], "pictures": []}, {"nodes": [-1], "pictures": []}]
)
def test_a_view_that_asks_for_nonsense_gets_the_reason(gallery: mj.Session, question: dict[str, Any]) -> None:
    message, buffers = answer(Family(gallery), **question)
    assert message["key"] == "k"
    assert message["error"]
    assert buffers == []


def test_the_selected_one_is_told_with_its_code_and_its_branch(den: Four) -> None:
    grid, _, _, leaf = den
    about = answer(Family(den[0].session), about=3)[0]["about"]
    assert about["code"] == leaf.code
    assert about["script"] == den[0].session.script(leaf)
    assert about["way"] == [{"node": 0, "step": "prompt"}, {"node": 1, "step": "U2"}, {"node": 3, "step": "zoom out 2×"}]
    assert about["prompt"] == grid.prompt
    assert about["step"] == "zoom out 2×"


def test_an_edit_shows_its_words_and_a_region_its_mask(session: mj.Session) -> None:
    single = session.imagine("a fox").result(30).upscale(1).result(30)
    mask = np.zeros((single.image.height, single.image.width), dtype=bool)
    mask[:100] = True
    single.vary_region(mask, prompt="a storm").result(30)
    session.edit(single, "add a hat").result(30)
    region, edit = answer(Family(session), nodes=[2, 3], pictures=[])[0]["nodes"]
    assert (edit["step"], edit["diff"]) == ("edit", ["“add a hat”"])
    assert region["diff"][0] == f"mask {single.children[0].mask.name}"
    assert "+ storm" in region["diff"]


def test_folding_hides_a_branch_and_the_selected_one_goes_to_where_it_was_folded(den: Four) -> None:
    grid, left, right, leaf = den
    family = Family(den[0].session)
    says(family, kind="fold", node=1, on=True)
    assert places(family) == [(-1, 0, 0), (0, 1, 0), (0, 1, 1), (1, -1, -1)]
    assert family.selected is left
    family.select(leaf)  # which unfolds it
    assert places(family)[3] == (1, 2, 0)
    family.collapse(grid)
    assert family.selected is grid
    says(family, kind="fold", node=0, on=False)
    assert [row for *_, row in places(family)] == [0, 0, 1, 0]
    family.select(right)
    assert family.selected is right


def test_what_is_of_another_session_cannot_be_selected(den: Four, fox: mj.Generation) -> None:
    with pytest.raises(ValueError, match="not in the lineage"):
        Family(den[0].session).select(fox)


def test_it_grows_and_what_was_there_keeps_its_number(failed: Fail) -> None:
    root = failed("a fox")
    left, _ = failed("", root), failed("", root)
    family = Family(root.session)
    family.select(root)
    failed("", left)
    until(lambda: len(places(family)) == 4 and statuses(family) == ["failed"] * 4)
    failed("", left)
    until(lambda: len(places(family)) == 5 and statuses(family) == ["failed"] * 5)
    assert places(family) == [(-1, 0, 0), (0, 1, 0), (0, 1, 2), (1, 2, 0), (1, 2, 1)]
    assert family.selected is root


def test_progress_is_told_in_a_few_bytes_and_not_the_places_again(scripted: mj.Session, script: Script) -> None:
    steps = [{"success": True, "task_id": "t", "image_id": "1", "progress": n, "actions": []} for n in (10, 30, 60)]
    script.say(lines(*steps, {**steps[-1], "success": False, "error": {"message": "no"}}, pause=0.5))
    family = Family(scripted)
    gen = scripted.imagine("a fox")
    seen: list[Any] = []
    family.observe(lambda change: seen.append(change["new"]), names="progress")
    until(lambda: gen.status.ended)
    until(lambda: statuses(family) == ["failed"])
    sent = [path for data, _ in family.comm.sent if data["method"] == "update" for path in data["buffer_paths"]]
    assert sent.count(["places"]) == 1
    assert {"0": 30} in seen
    assert family.progress == {}


def test_a_star_a_heart_and_a_deletion_are_in_the_byte(failed: Fail) -> None:
    root = failed("a fox")
    left, right = failed("", root), failed("", root)
    leaf = failed("", left)
    family = Family(root.session)
    root.rate(4)
    leaf.favourite()
    right.delete()
    until(lambda: [row for *_, row in places(family)] == [0, 0, -1, 0])
    assert family.statuses[0] >> 5 == 4
    assert family.statuses[3] >> 3 & 1 == 1
    assert places(family)[2][0] == -2
    left.delete()  # what came from it is still here
    until(lambda: statuses(family)[1] == "deleted")
    assert places(family)[1] == (0, 1, 0)
    right.restore()
    until(lambda: places(family)[2] == (0, 1, 1))


def test_enter_shows_it_in_the_control_and_what_fails_is_told(den: Four) -> None:
    shown: list[mj.Generation] = []

    def show(generation: mj.Generation) -> None:
        if shown:
            raise ValueError("no room")
        shown.append(generation)

    family = Family(den[0].session, show=show)
    says(family, kind="show", node=2)
    assert shown == [den[2]]
    says(family, kind="show", node=2)
    assert family.state["error"] == "no room"
    says(family, kind="fold", node=0, on=True)
    assert family.state["error"] == ""


def test_an_empty_session_selects_its_first_when_it_comes(scripted: mj.Session, failed: Fail) -> None:
    family = Family(scripted)
    assert family.selected is None
    gen = failed("a fox")
    until(lambda: family.selected is gen)


def test_closed_it_follows_no_more(failed: Fail) -> None:
    session = failed("a fox").session
    family, other = Family(session), Family(session)
    family.close()
    failed("a cat")
    until(lambda: len(places(other)) == 2)
    assert len(places(family)) == 1
    family.close()


def test_a_hello_is_answered_with_all_that_a_page_may_have_missed(gallery: mj.Session) -> None:
    family = Family(gallery)
    says(family, kind="hello")
    assert family.comm.messages == [({"kind": "here"}, [])]
    assert family.comm.told >= {"state", "places", "statuses", "progress", "at"}


@pytest.mark.parametrize("prompt", HOSTILE)
def test_a_hostile_prompt_is_a_text_in_the_view_and_escaped_in_a_saved_notebook(gallery: mj.Session, prompt: str) -> None:
    gen = gallery.find(prompt=f"{prompt} fox")[0]
    (label,) = answer(Family(gallery), nodes=[gallery.generations.index(gen)], pictures=[])[0]["nodes"]
    assert label["prompt"] == f"{prompt} fox"
    assert prompt not in outline([gen], of=1)


def test_a_saved_notebook_has_small_pictures_nested_as_they_came(den: Four) -> None:
    drawn = outline([den[0], den[1], den[3], den[2]], of=1000)
    shape = "".join(re.findall(r"</?(?:ul|li)>", drawn))
    assert shape == "<ul><li><ul><li><ul><li></li></ul></li><li></li></ul></li></ul>"
    assert drawn.count("<img") == 4
    assert len(drawn) < 4 * 6000 + 2000
    assert "and 996 more" in drawn


def test_a_family_as_it_is_shown_holds_at_most_thirty(crowd: mj.Session) -> None:
    family = Family(crowd)
    drawn = family._outline(family._first(), "x")
    assert drawn.count("<li>") == 30
    assert "and 1970 more" in drawn


def test_a_prompt_of_100_kb_is_cut(failed: Fail) -> None:
    gen = failed("fox " * 25_000)
    (label,) = answer(Family(gen.session), nodes=[0], pictures=[])[0]["nodes"]
    assert len(label["prompt"]) < 200
    assert len(outline([gen], of=1)) < 3000

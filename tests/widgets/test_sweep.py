from __future__ import annotations

import json
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import mj_widgets as mj
from mj_widgets.sweep.run import SweepRun
from mj_widgets.widgets.sweep import SweepView
from mj_widgets.widgets.sweep_axes import ALL
from mj_widgets.widgets.sweep_page import page
from mj_widgets.widgets.sweep_table import Table
from tests.benchmarks.viewer import MANY, grid, swept
from tests.widgets.conftest import HOSTILE, says, until

PLACES = mj.axis(["snow", "fog"], labels=["white", "grey"], notes=["It is cold.", ""])


def answer(table: Table, **question: Any) -> tuple[dict[str, Any], list[bytes]]:
    says(table, kind="want", key="k", **question)
    return table.comm.messages[-1]


def states(table: Table) -> list[str]:
    return [table.state["states"][byte & 15] for byte in table.states]


def closing(made: SweepRun) -> Iterator[SweepRun]:
    with made.session:
        yield made.result(30)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SweepRun]:
    """Twelve cells of two axes and two replicates; the second is refused."""
    sweep = mj.Sweep("a {animal} in {place}", animal=["fox", "owl", "cat"], place=PLACES, replicates=2)
    yield from closing(swept(sweep, "small", tmp_path_factory.mktemp("small"), refused={1}))


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SweepRun]:
    yield from closing(swept(grid(*MANY), "crowd", tmp_path_factory.mktemp("crowd")))


def of(sweep: mj.Sweep, root: Path) -> SweepRun:
    return swept(sweep, "t", root)


def test_a_hello_is_answered_with_all_that_a_page_may_have_missed(run: SweepRun) -> None:
    view = SweepView(run)
    view.table.comm.sent.clear()
    says(view.notice, kind="hello", key="k")
    assert view.table.comm.told == {"states", "progress", "told", "view", "at"}
    view.close()


def test_each_cell_has_a_place_on_each_axis_and_a_byte(run: SweepRun) -> None:
    table = Table(run)
    assert [axis["name"] for axis in table.state["axes"]] == ["animal", "place", "replicate"]
    assert table.state["axes"][1]["labels"] == ("white", "grey")
    assert table.state["axes"][1]["notes"] == ("It is cold.", "")
    numbers = array("H", table.places)
    assert [*zip(numbers[:12], numbers[12:24], numbers[24:], strict=True)][:5] == [
        (0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1), (1, 0, 0)
    ]  # fmt: skip
    assert states(table) == ["done", "moderated", *["done"] * 10]
    assert table.told["counts"] == {"done": 11, "moderated": 1}


def test_the_first_two_axes_lie_and_replicates_stand_side_by_side(run: SweepRun) -> None:
    view = Table(run).view
    assert (view["y"], view["x"], view["picks"]["replicate"]) == ("animal", "place", ALL)
    assert (Table(run, x="animal").view["y"], Table(run, y="").view["x"]) == ("place", "animal")


def test_a_single_axis_is_one_row(tmp_path: Path) -> None:
    made = of(mj.Sweep("a {animal}", animal=["fox", "owl"], replicates=2), tmp_path)
    with made.session:
        view = Table(made).view
    assert (view["x"], view["y"]) == ("animal", "")


def test_where_not_each_meets_each_a_slider_would_hide_most_so_all_are_shown(tmp_path: Path) -> None:
    sweep = mj.Sweep("a {a} {b} {c}", design="zip", a=["1", "2"], b=["3", "4"], c=["5", "6"])
    made = of(sweep, tmp_path)
    with made.session:
        assert Table(made).view["picks"]["c"] == ALL


def test_blocked_seeds_are_an_axis(tmp_path: Path) -> None:
    made = of(mj.Sweep("a {animal}", animal=["fox", "owl"], seeds=[7, 8]), tmp_path)
    with made.session:
        axes = Table(made).state["axes"]
    assert [(axis["name"], axis["labels"]) for axis in axes] == [("animal", ("fox", "owl")), ("seed", ("7", "8"))]


@pytest.mark.parametrize(("asked", "words"), [({"x": "colour"}, "not 'colour'"), ({"x": "place", "y": "place"}, "both")])
def test_an_axis_that_is_not_there_is_an_error(run: SweepRun, asked: dict[str, str], words: str) -> None:
    for kind in (SweepView, Table):
        with pytest.raises(ValueError, match=words):
            kind(run, **asked)


def test_two_thousand_cost_a_few_bytes_each(crowd: SweepRun) -> None:
    table = Table(crowd)
    told = [len(value) if isinstance(value, bytes) else len(json.dumps(value)) for value in table.get_state().values()]
    assert sum(told) - len(table._esm) - len(table._css) < 5 * len(crowd) + 5000


def test_a_view_gets_words_and_thumbnails_of_the_cells_that_it_asks_for_in_one_piece(run: SweepRun) -> None:
    message, (content,) = answer(Table(run), cells=[0, 1], pictures=[[2, 0], [0, 3]])
    first, second = message["cells"]
    assert (first["id"], first["tiles"], first["words"]) == (run[0].generation.id, 4, "")
    assert (second["tiles"], second["words"]) == (0, run[1].words)
    assert "gore" in second["words"]
    assert [tuple(each) for each in message["pictures"]][:1] == [(2, 0)]
    assert content[: message["sizes"][0]] == run[2].generation.thumbnail()


@pytest.mark.parametrize("question", [{"cells": [99], "pictures": []}, {"cells": ["x"], "pictures": []}])
def test_a_view_that_asks_for_nonsense_gets_the_reason(run: SweepRun, question: dict[str, Any]) -> None:
    message, _ = answer(Table(run), **question)
    assert message["error"]


def test_it_follows_a_run_and_its_buttons_are_lines_of_python(session: mj.Session) -> None:
    view = SweepView(mj.Sweep("a {animal}", animal=[f"cat {n}" for n in range(12)]).run(session))
    says(view.table, kind="run", verb="pause")
    assert view.notice.code == "run.pause()"
    until(lambda: view.table.told["status"] == "paused" and "running" not in view.table.told["counts"])
    assert view.table.told["counts"]["waiting"] == states(view.table).count("waiting") > 0
    says(view.table, kind="run", verb="resume")
    view.run.result(60)
    until(lambda: states(view.table) == ["done"] * 12)
    assert view.table.told["spent"] == view.run.spent > 0
    says(view.table, kind="run", verb="close")  # no verb of a run
    assert view.notice.code == "run.resume()"
    view.close()


def test_what_changes_is_gathered(session: mj.Session) -> None:
    made = mj.Sweep("a {animal}", animal=[f"cat {n}" for n in range(8)]).run(session)
    table = Table(made)
    changes: list[int] = []
    made.watch(lambda *_: changes.append(1))
    made.result(60)
    until(lambda: states(table) == ["done"] * 8)
    updates = [data for data, _ in table.comm.sent if data["method"] == "update"]
    assert len(updates) < len(changes)


def test_a_star_and_a_deletion_are_asked_about_anew(run: SweepRun) -> None:
    table = Table(run)
    before = table.states[5]
    run[5].generation.rate(4, tile=2)
    until(lambda: table.states[5] != before)
    assert answer(table, cells=[5], pictures=[])[0]["cells"][0]["marks"]["stars"] == {"2": 4}
    run[5].generation.delete()
    until(lambda: states(table)[5] == "deleted")
    run[5].generation.restore()
    until(lambda: states(table)[5] == "done")


def test_the_lightbox_walks_through_the_table_as_it_lies(run: SweepRun) -> None:
    view = SweepView(run, x="animal", y="place")
    assert view.lightbox.order == []
    says(view.table, kind="open", cell=0)
    walked = [id_ for id_, _ in view.lightbox.order]
    cells = [0, 4, 5, 8, 9, 2, 3, 6, 7, 10, 11]  # the second one was refused
    assert walked == [run[cell].generation.id for cell in cells]
    view.table.view = {**view.table.view, "hidden": {"animal": [1]}}
    says(view.table, kind="open", cell=0)
    assert len(view.lightbox.order) == 7
    view.close()


def test_of_a_large_table_the_lightbox_gets_what_is_around(crowd: SweepRun) -> None:
    view = SweepView(crowd)
    says(view.table, kind="open", cell=1000)
    assert len(view.lightbox.order) == 201
    view.close()


def test_what_is_made_from_a_picture_gets_a_card_and_nothing_else_does(session: mj.Session) -> None:
    made = mj.Sweep("a {animal}", animal=["fox"]).run(session).result(30)
    view = SweepView(made)
    session.imagine("a whale").result(30)
    says(view.lightbox, kind="wish", verb="act", id=made[0].generation.id, action="upscale2", key="1")
    until(lambda: len(view.cards) == 1)
    assert view.cards[0].generation.parent is made[0].generation
    view.cards[0].generation.result(30)
    view.close()


def test_closed_it_follows_no_more(session: mj.Session) -> None:
    made = mj.Sweep("a {animal}", animal=["fox", "owl"]).run(session)
    made.pause()
    view = SweepView(made)
    view.close()
    before = view.table.states
    made.resume().result(30)
    assert view.table.states == before


def test_a_table_by_itself_shows_what_fails(session: mj.Session) -> None:
    made = mj.Sweep("a {animal}", animal=["fox"]).run(session).result(30)
    table = Table(made)
    session.close()
    says(table, kind="run", verb="resume")
    assert "closed" in table.state["error"]


def test_a_saved_notebook_has_a_labelled_sheet_with_the_words_of_what_failed(run: SweepRun) -> None:
    table = Table(run)
    drawn = page(run, table.axes, table.view, name="x")
    assert drawn.count("<img") == 11
    assert drawn.count('alt="animal ') == 11
    assert '<th scope="col">white</th>' in drawn
    assert "<b>moderated</b>" in drawn
    assert "&lt;b&gt;Banned&lt;/b&gt;" in drawn
    assert "<b>Banned" not in drawn


def test_a_large_sheet_is_cut_and_says_so(crowd: SweepRun) -> None:
    table = Table(crowd)
    drawn = page(crowd, table.axes, table.view)
    assert len(drawn) < 1_000_000
    assert 300 < drawn.count("<img") <= 450
    assert f"and {2000 - drawn.count('<img'):,} more cells" in drawn


def test_what_is_hidden_is_not_on_the_sheet(run: SweepRun) -> None:
    table = Table(run)
    drawn = page(run, table.axes, {**table.view, "hidden": {"animal": [0, 1]}})
    assert drawn.count("<img") == 4
    assert "fox" not in drawn


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_value_is_escaped_on_the_sheet(text: str, tmp_path: Path) -> None:
    made = of(mj.Sweep("a {animal}", animal=[text, "fox"]), tmp_path)
    with made.session:
        table = Table(made)
        assert text not in page(made, table.axes, table.view)

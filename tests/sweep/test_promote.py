"""The best cells are sent on, once."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

import mj_widgets as mj
from mj_widgets.sandbox import Sandbox
from mj_widgets.sweep.promote import Promotion
from mj_widgets.sweep.run import SweepRun
from tests.sweep.conftest import EACH

OpenSession = Callable[..., mj.Session]

ANIMALS = ["fox", "owl", "cat", "dog"]


@pytest.fixture
def run(quick: mj.Session) -> SweepRun:
    """Four cells, of which the second is the best, and of that the third tile."""
    run = mj.Sweep("a {animal}", animal=ANIMALS).run(quick).result(30)
    for cell, stars in zip(run, (3, 5, 1, 4), strict=True):
        cell.generation.rate(stars, tile=3 if stars == 5 else 2)
        cell.generation.rate(1, tile=1)
    return run


def asked(run: SweepRun) -> list[tuple[str, str]]:
    return [(cell.labels["animal"], cell.generation.request.action) for cell in run]


def test_the_best_are_sent_on_best_first(run: SweepRun) -> None:
    best = run.promote(2, action="upscale1").result(30)
    assert asked(best) == [("owl", "upscale1"), ("dog", "upscale1")]
    assert [cell.generation.parent for cell in best] == [run[1].generation, run[3].generation]
    assert best.sweep.axes is run.sweep.axes


def test_the_best_tile_is_that_with_the_most_stars(run: SweepRun) -> None:
    best = run.promote(2, action="upscale").result(30)
    assert asked(best) == [("owl", "upscale3"), ("dog", "upscale2")]


def test_promoting_again_pays_nothing_and_more_of_them_the_new_ones_alone(run: SweepRun, service: Sandbox) -> None:
    first = run.promote(2, action="upscale").result(30)
    assert run.promote(2, action="upscale").result(30).generations == first.generations
    assert len(service.ledger()) == 6
    assert run.promote(3, action="upscale").result(30).generations[:2] == first.generations
    assert len(service.ledger()) == 7


def test_another_process_finds_what_was_promoted(
    run: SweepRun, service: Sandbox, quick: mj.Session, open_session: OpenSession
) -> None:
    first = [gen.id for gen in run.promote(2, action="upscale").result(30).generations]
    quick.close()
    again = mj.Sweep("a {animal}", animal=ANIMALS).run(open_session(base_url=service.url)).result(30)
    assert [gen.id for gen in again.promote(2, action="upscale").result(30).generations] == first
    assert len(service.ledger()) == 6


def test_what_was_clicked_is_not_paid_again(run: SweepRun) -> None:
    clicked = run[1].generation.upscale(3).result(30)
    assert run.promote(1, action="upscale").result(30).generations == (clicked,)


def test_the_same_is_asked_for_in_another_mode_or_with_another_version(run: SweepRun) -> None:
    turbo = run.promote(1, mode="turbo").result(30)
    assert turbo[0].cell.request == mj.ImagineRequest(prompt="a owl", mode="turbo")
    older = run.promote(1, version="7").result(30)
    assert older[0].generation.request.prompt == "a owl --version 7"
    assert older[0].generation.parent is None


def test_replicates_stay_two_of_a_kind(quick: mj.Session) -> None:
    run = mj.Sweep("a {animal}", animal=["fox"], replicates=3).run(quick).result(30)
    best = run.promote(2, by=lambda cell: cell.replicate, mode="turbo").result(30)
    assert [cell.replicate for cell in best] == [3, 2]
    assert len({*best.generations}) == 2
    more = run.promote(3, by=lambda cell: cell.replicate, mode="turbo").result(30)
    assert more.generations[:2] == best.generations


def test_what_is_best_may_be_told_by_a_function_a_column_or_numbers(run: SweepRun) -> None:
    def first(by: object) -> str:
        return run.promote(1, by=by, action="upscale1").result(30)[0].labels["animal"]

    assert first(lambda cell: len(cell.labels["animal"]) + (cell.index == 2)) == "cat"
    assert first([1, 2, 3, 9]) == "dog"
    assert first({0: 7, 2: 5}) == "fox"
    assert first([None, math.nan, 1, None]) == "cat"


def test_of_a_function_the_best_tile_counts(run: SweepRun) -> None:
    best = run.promote(1, by=lambda cell: {1: 0, 4: cell.index}, action="variation").result(30)
    assert asked(best) == [("dog", "variation4")]


def test_what_is_best_may_be_told_by_a_metric(session: mj.Session) -> None:
    run = mj.Sweep("a {animal}", animal=ANIMALS[:2]).run(session).result(60)
    frame = run.measure("sharpness", progress=False)
    tile = frame.loc[frame["sharpness"].idxmax()]
    best = run.promote(1, by="sharpness", action="upscale").result(60)
    assert asked(best) == [(tile["animal"], f"upscale{tile['tile']}")]
    means = frame.groupby("cell")["sharpness"].mean()
    chosen = run.promote(1, by="sharpness", mode="turbo").result(60)
    assert chosen[0].labels["animal"] == run[int(means.idxmax())].labels["animal"]
    assert run.promote(1, by="estimate", action="upscale1").result(60)[0].labels["animal"] == "fox"
    with pytest.raises(ValueError, match="'beauty' measures nothing here: give 'rating', 'strength', 'sharpness'"):
        run.promote(1, by="beauty", action="upscale1")


def test_of_equals_those_come_first_that_the_design_has_first(run: SweepRun) -> None:
    assert [cell.labels["animal"] for cell in run.promote(3, by=lambda _: 1, action="upscale1").result(30)] == ANIMALS[:3]


def test_cells_without_a_picture_are_left_out(quick: mj.Session) -> None:
    run = mj.Sweep("a {animal}", animal=["fox sandbox:moderated", "owl"]).run(quick).result(30)
    assert len(run.promote(5, by=lambda _: 1, action="upscale1").result(30)) == 1


def test_its_options_are_those_of_a_run(run: SweepRun, service: Sandbox) -> None:
    best = run.promote(4, action="variation1", cap=EACH * 3, order="design").result(30)  # the service says that it cost EACH
    assert best.counts["over the cap"] == 1
    assert len(service.ledger()) == 4 + 3


def test_its_manifest_says_what_was_done_with_which_design(run: SweepRun) -> None:
    best = run.promote(1, action="upscale").result(30)
    told = best.manifest()
    assert told["promoted"] == {"action": "upscale"}
    assert told["source"]["id"] == run.id
    assert told["requests"][0]["action"] == "upscale3"
    assert told["cells"] == [best[0].key]
    assert isinstance(best.sweep, Promotion)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "Say what to do with them"),
        ({"action": "upscale1", "version": "7"}, "leave out action= or version="),
        ({"action": "upscale_4x"}, "does not offer 'upscale_4x'"),
        ({"mode": "fast"}, "was asked for like that already"),
        ({"action": "upscale", "by": lambda _: 3}, "says nothing of the tiles"),
        ({"action": "upscale1", "by": [1, 2]}, "2 numbers for 4 cells"),
        ({"action": "upscale1", "by": lambda _: "much"}, "by gives 'much'"),
        ({"action": "upscale1", "by": lambda _: None}, "no number for any cell"),
        ({"action": "upscale1", "cap": 0}, "A cap is"),
        ({"version": "8.2 --sparkle"}, "cannot be set to '8.2 --sparkle'"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_sent(
    run: SweepRun, quick: mj.Session, options: dict[str, object], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        run.promote(2, **options)
    assert len(quick) == 4


def test_without_a_number_of_cells_nothing_is_promoted(run: SweepRun) -> None:
    with pytest.raises(ValueError, match="1 or more, not 0"):
        run.promote(0, action="upscale1")


def test_what_nobody_rated_has_no_best(quick: mj.Session) -> None:
    run = mj.Sweep("a {animal}", animal=["fox"]).run(quick).result(30)
    with pytest.raises(ValueError, match="No picture is rated yet"):
        run.promote(1, action="upscale1")
    run[0].generation.rate(3)
    with pytest.raises(ValueError, match="No tile is rated yet"):
        run.promote(1, action="upscale")


def test_before_a_cell_is_done_there_is_none_to_promote(quick: mj.Session, service: Sandbox) -> None:
    run = mj.Sweep("a {animal}", animal=["fox sandbox:stuck"]).run(quick)
    with pytest.raises(ValueError, match="wait for the run first"):
        run.promote(1, action="upscale1")
    run.stop()
    service.release()

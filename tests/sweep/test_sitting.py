from __future__ import annotations

from collections.abc import Callable

import pytest

import mj_widgets as mj
from mj_widgets.sweep.run import SweepRun
from mj_widgets.sweep.sitting import Sitting

ANIMALS = ["fox", "owl", "cat", "dog"]


@pytest.fixture
def run(session: mj.Session) -> SweepRun:
    """Four pictures, and one that was refused."""
    sweep = mj.Sweep("a {animal}", animal=[*ANIMALS, "sandbox:moderated"])
    return sweep.run(session).result(60)


def shown(sitting: Sitting, place: int) -> list[str]:
    """Give what is seen on a card, which the rater is not told."""
    animals = {cell.image: cell.labels["animal"] for cell in sitting.run if cell.image}
    return [animals[image] for image in sitting.pictures(place)]


def test_what_somebody_says_becomes_the_ratings(run: SweepRun) -> None:
    sitting = run.rate("Ada", repeats=0.25)
    assert len(sitting) == 5
    while sitting.ahead:
        sitting.judge(1 + len(shown(sitting, sitting.ahead[0])[0]) * ("owl" in shown(sitting, sitting.ahead[0])))
    found = run.ratings()
    assert dict(zip(found["animal"], found["stars"], strict=True)) == {"fox": 1, "owl": 4, "cat": 1, "dog": 1}
    assert list(found["n"]).count(2) == 1
    (same, off) = sitting.agreement()
    assert (same.measure, same.value, same.n, off.value) == ("same again", 1.0, 1, 0.0)


def test_pairs_become_strengths_whichever_side_they_were_on(run: SweepRun) -> None:
    for rater in ("Ada", "Bo"):
        sitting = run.rate(rater, kind="pairs", repeats=0)
        while sitting.ahead:
            animals = shown(sitting, sitting.ahead[0])
            sitting.judge("left" if animals == sorted(animals) else "right")
    assert list(run.strengths()["animal"]) == sorted(ANIMALS)
    agreed = run.agreement().set_index("measure")
    assert agreed.loc["same choice", ["value", "n"]].tolist() == [1.0, 6]


@pytest.mark.parametrize("kind", ["stars", "pairs"])
def test_each_rater_has_an_order_of_his_own(made: SweepRun, kind: str) -> None:
    decks = {made.rate(rater, kind=kind, repeats=0).deck for rater in ("Ada", "Bo", "Cy", "Ada")}
    assert len(decks) == 3
    assert len({frozenset(frozenset(card[:-1]) for card in deck) for deck in decks}) == 1


def test_it_goes_on_where_this_rater_stopped_in_another_process_too(
    run: SweepRun, open_session: Callable[..., mj.Session]
) -> None:
    first = run.rate("Ada")
    first.judge(3)
    first.judge(5)
    run.session.close()
    again = mj.Sweep("a {animal}", animal=[*ANIMALS, "sandbox:moderated"]).run(open_session()).result(60)
    second = again.rate("  Ada\n")
    assert second.deck == first.deck
    assert [one.stars for one in second.said.values()] == [3, 5]
    assert second.ahead == [2, 3]
    assert repr(second) == "<Sitting of Ada, stars: 2 of 4>"
    assert again.rate("Bo").done == again.rate("Ada", kind="pairs").done == 0


def test_the_last_one_is_taken_back_and_asked_again(run: SweepRun) -> None:
    sitting = run.rate("Ada", kind="pairs")
    sitting.undo()
    run.rate("Bo", kind="pairs").judge("tie")
    sitting.judge("left")
    sitting.judge("tie")
    sitting.undo()
    assert [one.won for one in sitting.said.values()] == ["left"]
    assert sitting.ahead[0] == 1
    assert run.rate("Bo", kind="pairs").done == 1


def test_a_picture_more_is_asked_and_those_that_were_judged_are_not_asked_again(run: SweepRun) -> None:
    """The deck is another one then; what was said is found in it by what it was said of."""
    run[0].generation.delete()
    sitting = run.rate("Ada", repeats=0)
    assert len(sitting) == 3
    for _ in range(3):
        sitting.judge(2)
    run[0].generation.restore()
    (place,) = run.rate("Ada", repeats=0).ahead
    assert shown(run.rate("Ada", repeats=0), place) == ["fox"]


def test_a_sweep_that_is_made_longer_keeps_what_was_said(session: mj.Session) -> None:
    run = mj.Sweep("a {animal}", animal=ANIMALS[:3]).run(session).result(60)
    sitting = run.rate("Ada", repeats=0)
    while sitting.ahead:
        sitting.judge(2)
    longer = mj.Sweep("a {animal}", animal=ANIMALS).run(session).result(60)
    again = longer.rate("Ada", repeats=0)
    (place,) = again.ahead
    assert shown(again, place) == ["dog"]
    again.judge(5)
    assert longer.ratings()["stars"].tolist() == [2, 2, 2, 5]
    assert run.ratings()["stars"].tolist() == [2, 2, 2]


def test_tiles_are_judged_by_themselves(run: SweepRun) -> None:
    sitting = run.rate("Ada", tiles=True, n=6, repeats=0)
    assert len({image.box for place in sitting.ahead for image in sitting.pictures(place)} | {None}) > 2
    sitting.judge(4)
    assert run.ratings()["tile"][0] in (1, 2, 3, 4)
    assert run.rate("Ada").done == 0


def test_a_card_is_judged_once(run: SweepRun) -> None:
    sitting = run.rate("Ada", n=1, repeats=0)
    with pytest.raises(ValueError, match="card 7"):
        sitting.judge(4, place=7)
    sitting.judge(4, place=0)
    with pytest.raises(ValueError, match="All 1 are judged: undo"):
        sitting.judge(4)


@pytest.mark.parametrize(
    ("rater", "options", "words"),
    [
        (" ", {}, r'name the rater, as in run.rate\("Ada"\)'),
        ("Ada", {"kind": "star"}, "kind is 'stars' or 'pairs', not 'star'"),
        ("Ada", {"n": -1}, "n is 1 or more"),
        ("Ada", {"repeats": 1}, "from 0 to 0.5"),
    ],
)
def test_what_is_asked_for_wrongly_is_told_with_the_fix(
    made: SweepRun, rater: str, options: dict[str, str], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        made.rate(rater, **options)


@pytest.mark.parametrize(("kind", "said"), [("stars", 6), ("stars", "left"), ("pairs", 3), ("pairs", "middle")])
def test_what_is_no_judgement_is_not_kept(made: SweepRun, kind: str, said: object) -> None:
    sitting = made.rate("Ada", kind=kind)
    with pytest.raises(ValueError, match=f"not {said!r}"):
        sitting.judge(said)
    assert sitting.done == 0


def test_where_there_is_too_little_to_judge_it_says_what_to_do(session: mj.Session) -> None:
    going = mj.Sweep("a {animal} sandbox:stuck", animal=["fox"]).run(session)
    with pytest.raises(ValueError, match="no picture yet: wait for it, with await run"):
        going.rate("Ada")
    going.stop()
    refused = mj.Sweep("a {animal} sandbox:moderated", animal=["fox"]).run(session).result(60)
    with pytest.raises(ValueError, match="No cell of the run has a picture: run.counts"):
        refused.rate("Ada")
    single = mj.Sweep("a {animal}", animal=["fox"]).run(session).result(60)
    with pytest.raises(ValueError, match="tiles=True compares the tiles"):
        single.rate("Ada", kind="pairs")
    assert len(single.rate("Ada", kind="pairs", tiles=True, repeats=0)) == 6


def test_what_raters_say_chooses_what_is_promoted_and_stands_in_the_frame(run: SweepRun) -> None:
    run[0].generation.rate(5)  # the picture's own star, which a rater has not seen
    assert "stars" not in run.to_dataframe()
    sitting = run.rate("Ada", repeats=0)
    while sitting.ahead:
        sitting.judge(4 if shown(sitting, sitting.ahead[0]) == ["cat"] else 2)
    assert [cell.labels["animal"] for cell in run.promote(1, mode="relax")] == ["cat"]
    frame = run.to_dataframe()
    assert frame["stars"].tolist()[:4] == [2, 2, 4, 2]
    assert frame["rating"].tolist()[0] == 5


@pytest.mark.parametrize(("by", "kind", "best"), [("rating", "stars", 5), ("strength", "pairs", "left")])
def test_the_tile_that_raters_like_best_is_the_one_that_goes_on(session: mj.Session, by: str, kind: str, best: object) -> None:
    run = mj.Sweep("a {animal}", animal=["fox"]).run(session).result(60)
    sitting = run.rate("Ada", kind=kind, tiles=True, repeats=0)
    with pytest.raises(ValueError, match="tiles=True"):
        run.promote(1, by, action="upscale")
    while sitting.ahead:
        tiles = [image.tile for image in sitting.pictures(sitting.ahead[0])]
        other: object = 1 if kind == "stars" else "tie" if 3 not in tiles else "right"
        sitting.judge(best if tiles[0] == 3 else other)
    (promoted,) = run.promote(1, by, action="upscale")
    assert promoted.cell.request.action == "upscale3"

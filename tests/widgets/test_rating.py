from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO

import PIL.Image
import pytest

import mj_widgets as mj
from mj_widgets.sweep.run import SweepRun
from mj_widgets.widgets.rating import Rating, page
from tests.widgets.conftest import says

WORDS = ["fox", "owl", "cat", "snow", "animal"]


@pytest.fixture(scope="module")
def made(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SweepRun]:
    """A run with pictures, made once."""
    with mj.Session("made", root=tmp_path_factory.mktemp("made"), client=mj.Client("", base_url=url)) as session:
        yield mj.Sweep("a {animal} in snow", animal=["fox", "owl", "cat"]).run(session).result(60)


@pytest.fixture
def run(made: SweepRun) -> Iterator[SweepRun]:
    """The same, of which nobody has said anything."""
    yield made
    for number, *_ in made.session._judgements():
        made.session._unjudge(number)


def said(run: SweepRun) -> list[object]:
    """Give what was kept, oldest first."""
    return [json.loads(judged).get("stars") or json.loads(judged)["won"] for *_, judged, _ in run.session._judgements()]


def judge(shown: Rating, *answers: object) -> None:
    """Let a view say these of what is asked, one after the other."""
    for answer in answers:
        says(shown, kind="judge", card=shown.state["ahead"][0], said=answer)


def test_what_a_view_says_is_kept_and_the_next_is_asked(run: SweepRun) -> None:
    shown = Rating(run.rate("Ada"))
    judge(shown, 4, 2)
    assert said(run) == [4, 2]
    assert (shown.state["done"], shown.state["of"], shown.state["ahead"], shown.state["last"]) == (2, 3, [2], 2)
    assert Rating(run.rate("Ada")).state["ahead"] == [2]


def test_what_a_view_says_twice_counts_once(run: SweepRun) -> None:
    """It says it again when no answer came."""
    shown = Rating(run.rate("Ada"))
    for _ in range(2):
        says(shown, kind="judge", card=0, said=4)
    assert said(run) == [4]
    assert shown.state["error"] == ""


def test_a_view_takes_the_last_one_back(run: SweepRun) -> None:
    shown = Rating(run.rate("Ada", kind="pairs", repeats=0))
    judge(shown, "left", "tie")
    says(shown, kind="undo")
    assert said(run) == ["left"]
    assert (shown.state["done"], shown.state["ahead"], shown.state["last"]) == (1, [1, 2], "left")
    for _ in range(2):
        says(shown, kind="undo")
    assert (shown.state["done"], shown.state["last"], shown.state["error"]) == (0, "", "")


def test_the_end_says_how_far_one_agreed_with_oneself_and_what_comes_next(run: SweepRun) -> None:
    shown = Rating(run.rate("Ada", repeats=0.4))
    assert shown.state["summary"] == shown.state["next"] == []
    judge(shown, 1, 2, 3, 4, 5)
    assert shown.state["summary"][0].startswith("Of 2 pictures asked twice, 0 got the same answer again.")
    assert "run.ratings()" in shown.state["next"]
    assert shown.state["ahead"] == []
    compared = Rating(run.rate("Ada", kind="pairs", repeats=0.4))
    judge(compared, "left", "left", "left")
    assert "run.strengths()" in compared.state["next"]


@pytest.mark.parametrize("kind", ["stars", "pairs"])
def test_nothing_that_goes_to_the_page_says_what_a_picture_is(run: SweepRun, kind: str) -> None:
    sitting = run.rate("Ada", kind=kind)
    shown = Rating(sitting)
    judge(shown, *([3] if kind == "stars" else ["left"]))
    for card in sitting.ahead:
        says(shown, kind="want", key=str(card), card=card, which=0, side=512)
    secrets = [*WORDS, "repeat", *(cell.key for cell in run), *(cell.generation.id for cell in run)]
    secrets += [text for cell in run for text in (cell.image.path.name, cell.image.url, cell.image.id)]
    told = json.dumps([shown.state, shown.comm.sent[-1][0]["content"], page(shown.state), repr(sitting)])
    assert [secret for secret in secrets if secret in told] == []
    for _, buffers in shown.comm.messages:
        with PIL.Image.open(BytesIO(buffers[0])) as picture:
            assert picture.format == "WEBP"  # encoded anew: the file of the service names the prompt inside
            assert {*picture.info} <= {"loop", "background", "timestamp", "duration"}


def test_a_view_that_asks_gets_the_left_one_and_the_right_one(run: SweepRun) -> None:
    sitting = run.rate("Ada", kind="pairs")
    shown = Rating(sitting)
    for which in (0, 1):
        says(shown, kind="want", key="k", card=1, which=which, side=512)
        _, (content,) = shown.comm.messages[-1]
        with PIL.Image.open(BytesIO(content)) as got, sitting.pictures(1)[which].pil() as picture:
            here, there = (each.convert("L").resize((8, 8)).tobytes() for each in (got, picture))
            assert max(abs(a - b) for a, b in zip(here, there, strict=True)) < 12


def test_a_picture_that_cannot_be_read_says_so_without_naming_it(run: SweepRun) -> None:
    sitting = run.rate("Ada")
    shown = Rating(sitting)
    path = sitting.pictures(0)[0].path
    hidden = path.rename(path.with_suffix(".away"))
    try:
        says(shown, kind="want", key="k", card=0, which=0, side=600)
        message, _ = shown.comm.messages[-1]
    finally:
        hidden.rename(path)
    assert message["error"] == "This picture cannot be read. session.verify() fetches it again."


@pytest.mark.parametrize("message", [{"kind": "judge", "card": 0, "said": 9}, {"kind": "judge", "card": "x", "said": 3}])
def test_what_is_no_judgement_is_shown_as_a_mistake_until_the_next(run: SweepRun, message: dict[str, object]) -> None:
    shown = Rating(run.rate("Ada"))
    says(shown, **message)
    assert shown.state["error"]
    assert said(run) == []
    judge(shown, 3)
    assert shown.state["error"] == ""


def test_once_the_session_is_closed_it_says_so(session: mj.Session) -> None:
    shown = Rating(mj.Sweep("a {animal}", animal=["fox"]).run(session).result(60).rate("Ada"))
    session.close()
    says(shown, kind="judge", card=0, said=3)
    assert "closed" in shown.state["error"]
    assert shown.state["ahead"] == [0]


def test_a_saved_notebook_says_how_far_it_is(run: SweepRun) -> None:
    shown = Rating(run.rate("<b>Ada</b>"))
    judge(shown, 3)
    assert "&lt;b&gt;Ada&lt;/b&gt; has judged 1 of 3 pictures. Run this cell again to go on." in page(shown.state)
    judge(shown, 3, 3)
    assert "3 of 3 pictures.</p>" in page(shown.state)

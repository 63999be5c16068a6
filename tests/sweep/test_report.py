"""One page that holds a run, and asks nobody for anything. How it behaves in a browser: tests/browser/test_report.py."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Iterator
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import PIL.Image
import pytest

import mj_widgets as mj
from mj_widgets.sweep import report
from mj_widgets.sweep.run import SweepRun

HOSTILE = ['</script><script>alert("fox")</script>', "</script x <img src=x ", "<!--<script>", "&lt;b&gt; ]]> \u2028"]


class Tags(HTMLParser):
    """Collects what a browser would take for tags, and for addresses."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attributes if name in ("src", "href", "action", "srcset")]


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    assert not set("<>&") & set(found[1])
    read: dict[str, Any] = json.loads(found[1])
    return read


@pytest.fixture(scope="module")
def page(made: SweepRun, tmp_path_factory: pytest.TempPathFactory) -> str:
    return made.report(tmp_path_factory.mktemp("report") / "deep" / "sweep.html").read_text("utf-8")


def test_every_cell_is_in_it_with_its_picture_or_its_words(made: SweepRun, page: str) -> None:
    data = data_of(page)
    assert [cell["index"] for cell in data["cells"]] == [*range(12)]
    assert [cell["prompt"] for cell in data["cells"]] == [cell.cell.prompt for cell in made]
    for cell in data["cells"]:
        if cell["state"] == "done":
            with PIL.Image.open(BytesIO(b64decode(cell["picture"]))) as picture:
                assert picture.format == "WEBP"
        else:
            assert (cell["state"], cell["picture"]) == ("moderated", None)
            assert "refused" in cell["words"]


def test_it_has_the_axes_the_states_the_bill_and_the_manifest(made: SweepRun, page: str) -> None:
    data = data_of(page)
    assert [(one["name"], one["beside"]) for one in data["axes"]] == [("animal", False), ("place", False), ("replicate", True)]
    assert data["axes"][1]["labels"] == ["snow", "fog", "refused"]
    assert data["axes"][1]["notes"] == ["White.", "", ""]
    assert data["cells"][9]["at"] == [1, 1, 1]
    assert (data["x"], data["y"]) == (0, 1)
    assert data["states"] == {"done": 8, "moderated": 4}
    assert data["bill"] == {
        "spent": pytest.approx(made.spent),
        "cap": None,
        "number": 8,
        "pictures": pytest.approx(8 * 0.27),
        "unknown": 0,
        "open": 0,
        "modes": {"fast": {"number": 8, "pictures": pytest.approx(8 * 0.27), "unknown": 0, "open": 0}},
    }
    assert [cell.key for cell in mj.Sweep.from_manifest(data["manifest"])] == [cell.key for cell in made]


def test_the_page_refers_to_nothing_and_forbids_itself_to(page: str) -> None:
    read = Tags(page)
    assert read.addresses == []
    assert read.tags.count("script") == 2
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert "default-src 'none'" in policy[1]
    assert "img-src data:;" in policy[1]
    assert "unsafe" not in policy[1]
    assert not re.search(r"https?://", re.sub(r'<script type="application/json".*?</script>', "", page, flags=re.DOTALL))


def test_what_people_typed_is_no_markup(quick: mj.Session, tmp_path: Path, page: str) -> None:
    places = mj.axis(["snow"], labels=[HOSTILE[0]], notes=[HOSTILE[1]])
    run = mj.Sweep("a fox {animal} in {place}", animal=HOSTILE, place=places).run(quick).result(30)
    run[0].generation.tag("<i>")
    hostile = run.report(tmp_path / "sweep.html", title=HOSTILE[0]).read_text("utf-8")
    assert Tags(hostile).tags == Tags(page).tags
    assert data_of(hostile)["axes"][0]["labels"] == HOSTILE
    assert "alert(" not in hostile.replace('alert(\\"fox\\")', "").replace("alert(&quot;fox&quot;)", "")


@pytest.fixture(scope="module")
def large(full_size_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SweepRun]:
    """A run whose pictures are as large as the service's."""
    client = mj.Client("", base_url=full_size_url, poll_every=0.05)
    with mj.Session("large", root=tmp_path_factory.mktemp("large"), client=client) as session:
        yield mj.Sweep("a {animal}", animal=["fox", "owl"]).run(session).result(60)


def test_a_few_pictures_are_half_as_large_as_they_came(large: SweepRun, tmp_path: Path) -> None:
    for cell in data_of(large.report(tmp_path / "sweep.html").read_text("utf-8"))["cells"]:
        with PIL.Image.open(BytesIO(b64decode(cell["picture"]))) as picture:
            assert max(picture.size) == 512


def test_many_pictures_become_small_ones(large: SweepRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "LIMIT", 2 * 3000)
    data = data_of(large.report(tmp_path / "sweep.html").read_text("utf-8"))
    sizes = [len(b64decode(cell["picture"])) for cell in data["cells"]]
    assert len(sizes) == 2
    assert max(sizes) <= 3000


def test_ratings_bring_their_effects(session: mj.Session, tmp_path: Path) -> None:
    run = mj.Sweep("a {animal}", animal=["fox", "owl"], replicates=2).run(session).result(30)
    for cell, stars in zip(run, (1, 2, 4, 5), strict=True):
        cell.generation.rate(stars)
    (effect,) = data_of(run.report(tmp_path / "sweep.html").read_text("utf-8"))["effects"]
    assert effect["metric"] == "rating"
    assert [row[:3] for row in effect["rows"]] == [["animal", "fox", 2], ["animal", "owl", 2]]
    assert [row[3] for row in effect["rows"]] == pytest.approx([1.5, 4.5])
    assert len(effect["verdicts"]) == 1


def test_it_opens_where_one_says(made: SweepRun, tmp_path: Path) -> None:
    data = data_of(made.report(tmp_path / "a.html", x="replicate", y="animal", title="Foxes").read_text("utf-8"))
    assert (data["x"], data["y"], data["title"]) == (2, 0, "Foxes")
    with pytest.raises(ValueError, match="x is 'colour'"):
        made.report(tmp_path / "b.html", x="colour")
    assert not (tmp_path / "b.html").exists()


def test_it_holds_what_is_not_finished(quick: mj.Session, tmp_path: Path) -> None:
    run = mj.Sweep("a {animal}", animal=["fox", "owl"]).run(quick, cap=0.3, order="design").result(30)
    data = data_of(run.report(tmp_path / "sweep.html").read_text("utf-8"))
    assert [cell["state"] for cell in data["cells"]] == ["done", "over the cap"]
    assert [cell["picture"] for cell in data["cells"]] == [None, None]  # its file was not there to fetch

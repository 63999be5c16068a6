from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mj_widgets.sandbox.jobs import Job, JobBook
from mj_widgets.sandbox.orders import place


@pytest.fixture
def book() -> Iterator[JobBook]:
    book = JobBook(speed=1, clock=lambda: 1000.0)
    yield book
    book.close()


def _job(book: JobBook, **body: object) -> Job:
    return place({"prompt": "a fox", **body}, book)


def test_how_far_a_job_is_follows_from_the_clock_alone(book: JobBook) -> None:
    job = _job(book)
    assert job.line_at(1000.0) is None
    assert job.line_at(job.started_at) == 0
    seen = [job.lines[job.line_at(1000.0 + tenth / 10) or 0][1] for tenth in range(110)]
    assert seen == sorted(seen)
    assert seen[-1] == 100
    assert len(set(seen)) >= 7
    assert not job.finished(job.finished_at - 0.001)
    assert job.finished(job.finished_at)


@pytest.mark.parametrize(("mode", "low", "high"), [("turbo", 3.4, 4.6), ("fast", 6.8, 9.2), ("relax", 11.9, 16.1)])
def test_modes_have_their_pace(book: JobBook, mode: str, low: float, high: float) -> None:
    assert low <= _job(book, mode=mode).duration <= high


def test_upscales_are_quick(book: JobBook) -> None:
    book.speed = 0
    grid = _job(book)
    book.speed = 1
    single = place({"action": "upscale1", "image_id": grid.image_id, "mode": "relax"}, book)
    assert 2.5 <= single.duration <= 3.5


def test_speed_scales_time(book: JobBook) -> None:
    book.speed = 10
    assert 0.68 <= _job(book).duration <= 0.92
    book.speed = 0
    job = _job(book)
    assert job.duration == 0
    assert job.finished(1000.0)
    assert len(job.lines) > 4


def test_lines_come_in_order_whatever_the_job(book: JobBook) -> None:
    for _ in range(50):
        lines = _job(book).lines
        assert lines == sorted(lines)
        assert [percent for _, percent in lines][-2] < 100


def test_a_job_is_found_by_each_of_its_ids(book: JobBook) -> None:
    job = _job(book)
    for name, value in (("job_id", job.id), ("trace_id", job.trace_id), ("image_id", job.image_id)):
        assert book.find(**{name: value}) == job
        assert book.find(**{name: "nobody"}) is None
    assert book.find() is None


def test_a_mask_is_found_by_its_name_and_kept_once(book: JobBook) -> None:
    name = book.keep_mask(b"mask")
    assert book.keep_mask(b"mask") == name
    assert book.mask(name) == b"mask"


def test_a_file_in_another_format_is_started_afresh(tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "jobs.sqlite3"
    with sqlite3.connect(path) as other:
        other.executescript("CREATE TABLE jobs (something_else); PRAGMA user_version = 99;")
    other.close()
    book = JobBook(path, speed=0)
    assert book.find(job_id=_job(book).id) is not None
    book.close()

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import distributed
import numpy as np
import PIL.Image
import pytest

import mj_widgets as mj
from mj_widgets.session.imaging import tile_boxes
from mj_widgets.sweep import crew
from mj_widgets.sweep.measuring import Ask, Job, NotHereError, measure_file
from mj_widgets.sweep.metrics import METRICS, contrast, diversity, sharpness, version

pytestmark = pytest.mark.xdist_group("measure")  # what they share is made once
ALL = dict(METRICS)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, sandbox_url: str) -> Iterator[mj.SweepRun]:
    """Four cells, each with its grid."""
    client = mj.Client("", base_url=sandbox_url, poll_every=0.05)
    with mj.Session("measured", root=tmp_path_factory.mktemp("measure"), client=client) as session:
        yield mj.Sweep("a {animal}", animal=["fox", "owl"], stylize=[0, 250]).run(session).result()


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> list[Job]:
    """Twelve pictures to measure, each in four tiles."""
    return made(tmp_path_factory.mktemp("pictures"), 12)


def made(folder: Path, number: int) -> list[Job]:
    lots = np.random.default_rng(5)
    asked = []
    for at in range(number):
        path = folder / f"{at}.png"
        noise = PIL.Image.fromarray(lots.integers(0, 256, (6, 6, 3), dtype=np.uint8))
        noise.resize((120, 80), PIL.Image.Resampling.BICUBIC).save(path)
        boxes = tile_boxes(120, 80)
        tiles = [
            Ask(tile, (box,), name)
            for tile, box in enumerate(boxes, 1)
            for name in ("sharpness", "contrast", "difference_hash")
        ]
        grid = [Ask(0, boxes, name) for name in ("diversity", "palette_diversity")]
        asked.append(Job(hashlib.sha256(path.read_bytes()).hexdigest(), str(path), (*tiles, *grid)))
    return asked


def collected(done: crew.Done) -> dict[str, list[Any]]:
    return {job.file: answers for job, answers in done}


# The frame


def test_each_tile_of_each_cell_has_a_row(run: mj.SweepRun) -> None:
    frame = run.measure(progress=False)
    assert frame[["animal", "stylize", "tile"]].values.tolist() == [
        [animal, stylize, tile] for animal in ("fox", "owl") for stylize in (0, 250) for tile in (1, 2, 3, 4)
    ]
    assert [*METRICS] == [*frame.columns][7:-1]
    assert (frame["error"] == "").all()


def test_the_numbers_are_those_of_the_tiles(run: mj.SweepRun) -> None:
    frame = run.measure(["sharpness", "diversity"], progress=False)
    tiles = [tile.pil() for tile in run[1].tiles]
    rows = frame[frame["cell"] == 1]
    assert rows["sharpness"].tolist() == [sharpness(tile) for tile in tiles]
    assert rows["diversity"].tolist() == [diversity(tiles)] * 4
    assert rows["key"].tolist() == [run[1].key] * 4


def test_a_picture_that_is_no_grid_is_one_row(run: mj.SweepRun) -> None:
    single = run.promote(1, by=lambda cell: cell.index, action="upscale2").result()
    frame = single.measure(["contrast", "diversity"], progress=False)
    assert frame["tile"].tolist() == [0]
    assert frame["contrast"].tolist() == [contrast(single[0].image.pil())]
    assert frame["diversity"].isna().all()
    assert frame["error"].tolist() == [""]


def test_an_axis_keeps_its_name_and_ours_gets_a_dash(run: mj.SweepRun) -> None:
    other = mj.Sweep("a {tile}", tile=["fox"], seed=[3]).run(run.session).result()
    frame = other.measure("contrast", progress=False)
    assert [*frame.columns] == ["tile", "seed", "cell", "key", "replicate", "seed_", "tile_", "contrast", "error"]
    assert frame["tile"].unique().tolist() == ["fox"]
    assert frame["tile_"].tolist() == [1, 2, 3, 4]


def test_the_frame_of_the_run_has_the_mean_of_each_cell(run: mj.SweepRun) -> None:
    tiles = run.measure(["sharpness", "difference_hash"], progress=False)
    frame = run.to_dataframe()
    assert frame["sharpness"].tolist() == pytest.approx(tiles.groupby("cell")["sharpness"].mean().tolist())
    assert "difference_hash" not in run.measured()


# One's own metrics


def test_a_dict_becomes_columns(run: mj.SweepRun) -> None:
    frame = run.measure({"size": lambda picture: {"wide": picture.width, "high": np.int64(picture.height)}}, progress=False)
    assert frame["size.wide"].tolist() == [tile.width for cell in run for tile in cell.tiles]
    assert frame["size.high"].iloc[0] == run[0].tiles[0].height
    assert "size" not in frame
    assert run.measured()["size.wide"] == [cell.tiles[0].width for cell in run]


def test_a_metric_that_fails_for_one_picture_fails_for_that_one_alone(run: mj.SweepRun) -> None:
    worst = run[2].tiles[1].pil().tobytes()

    def picky(picture: PIL.Image.Image) -> float:
        if picture.tobytes() == worst:
            raise ValueError("I do not like this one.")
        return 1.0

    frame = run.measure([picky, "contrast"], progress=False)
    assert frame["picky"].isna().tolist() == [at == 9 for at in range(16)]
    assert frame["error"][9] == "picky: ValueError: I do not like this one."
    assert frame["contrast"].notna().all()


def test_what_is_no_number_is_refused(run: mj.SweepRun) -> None:
    frame = run.measure({"parts": lambda picture: picture.split()}, progress=False)
    assert "parts: TypeError: A metric gives a number" in frame["error"][0]


def test_a_metric_that_draws_on_the_picture_does_not_change_what_others_see(run: mj.SweepRun) -> None:
    def vandal(picture: PIL.Image.Image) -> float:
        picture.paste(0, (0, 0, *picture.size))
        return 0.0

    frame = run.measure({"vandal": vandal, "seen": sharpness}, progress=False)
    assert (frame["seen"] > 0).all()


@pytest.mark.parametrize(
    ("metrics", "message"),
    [
        ("beauty", "There is no metric 'beauty': give 'sharpness', 'contrast'"),
        ([lambda _: 1.0], "has no name: give it one"),
        ([], "at least one metric"),
        ({"tile": len}, "'tile' is a column of every frame"),
    ],
)
def test_a_metric_that_nobody_knows_is_refused_in_words(run: mj.SweepRun, metrics: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        run.measure(metrics)


# Nothing is measured twice


def test_what_was_measured_is_not_measured_again(run: mj.SweepRun) -> None:
    asked = 0

    @version("1")
    def counted(_: PIL.Image.Image) -> float:
        nonlocal asked
        asked += 1
        return asked

    first, again = (run.measure(counted, progress=False)["counted"].tolist() for _ in range(2))
    assert first == again == [*range(1, 17)]
    assert asked == 16
    counted.version = "2"  # type: ignore[attr-defined]
    assert run.measure(counted, progress=False)["counted"].tolist() == [*range(17, 33)]


def test_a_metric_of_which_nobody_knows_the_version_is_done_again(run: mj.SweepRun) -> None:
    numbers = iter(range(100))
    metric = {"counted_anew": lambda _: next(numbers)}
    assert run.measure(metric, progress=False)["counted_anew"].tolist() == [*range(16)]
    assert run.measure(metric, progress=False)["counted_anew"].tolist() == [*range(16, 32)]
    assert run.measured()["counted_anew"][0] == (16 + 17 + 18 + 19) / 4


def test_another_metric_of_the_same_name_is_another_one(run: mj.SweepRun) -> None:
    def contrast(_: PIL.Image.Image) -> float:
        return -1.0

    before = run.measure("contrast", progress=False)["contrast"].tolist()
    assert run.measure(version("1")(contrast), progress=False)["contrast"].unique().tolist() == [-1]
    assert run.measure("contrast", progress=False)["contrast"].tolist() == before


def test_an_interrupted_measure_keeps_what_it_had(run: mj.SweepRun) -> None:
    seen = []

    @version("1")
    def interrupted(picture: PIL.Image.Image) -> float:
        seen.append(picture)
        if len(seen) == 9:
            raise KeyboardInterrupt
        return 1.0

    with pytest.raises(KeyboardInterrupt):
        run.measure(interrupted, progress=False)
    assert run.measure(interrupted, progress=False)["interrupted"].tolist() == [1.0] * 16
    assert len(seen) == 8 + 1 + 8


def test_a_file_that_was_changed_is_not_measured(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    PIL.Image.new("RGB", (8, 8)).save(path)
    job = Job("0" * 64, str(path), (Ask(0, (None,), "contrast"),))
    assert "somebody changed it" in measure_file(job, METRICS)[0].error


def test_a_file_that_is_gone_is_said() -> None:
    job = Job("0" * 64, "/nowhere/a.png", (Ask(0, (None,), "contrast"),))
    with pytest.raises(NotHereError):
        measure_file(job, METRICS)
    ((_, answers),) = crew.here([job], METRICS)
    assert answers[0].error.startswith("The file cannot be read: ")


# In other processes


def test_other_processes_say_the_same_to_the_last_bit(jobs: list[Job]) -> None:
    packed = crew.packed(ALL)
    assert packed
    assert collected(crew.beside(jobs, ALL, packed, 2)) == collected(crew.here(jobs, ALL))


def deadly(marker: str, picture: PIL.Image.Image) -> float:
    """Kill the process, where it was not done yet, by its own number."""
    try:
        Path(marker).touch(exist_ok=False)
    except FileExistsError:
        return sharpness(picture)
    os.kill(os.getpid(), signal.SIGKILL)
    return 0.0


def test_a_process_that_is_killed_loses_nothing(jobs: list[Job], tmp_path: Path) -> None:
    metrics = ALL | {"sharpness": partial(deadly, str(tmp_path / "killed"))}
    packed = crew.packed(metrics)
    assert packed
    assert collected(crew.beside(jobs, metrics, packed, 2)) == collected(crew.here(jobs, ALL))
    assert (tmp_path / "killed").exists()


def always_deadly(picture: PIL.Image.Image) -> float:
    if picture.getpixel((0, 0)) == (1, 2, 3):
        os.kill(os.getpid(), signal.SIGKILL)
    return 1.0


def test_a_picture_at_which_each_process_dies_is_an_error_of_that_picture(jobs: list[Job], tmp_path: Path) -> None:
    path = tmp_path / "deadly.png"
    PIL.Image.new("RGB", (8, 8), (1, 2, 3)).save(path)
    bad = Job(hashlib.sha256(path.read_bytes()).hexdigest(), str(path), (Ask(0, (None,), "sharpness"),))
    metrics = ALL | {"sharpness": always_deadly}
    found = collected(crew.beside([bad, *jobs[:2]], metrics, crew.packed(metrics) or b"", 1))
    assert [answer.error for answer in found[bad.file]] == [
        "The process that measured it ended, 2 times: it was killed, or ran out of memory."
    ]
    assert all(not answer.error for job in jobs[:2] for answer in found[job.file])


def test_a_function_that_only_this_process_knows_is_not_sent() -> None:
    assert crew.packed({"own": lambda picture: picture.width}) is None
    named = partial(contrast)
    assert crew.packed({"ours": named}) is not None


def test_what_another_process_cannot_load_is_done_here(jobs: list[Job]) -> None:
    """Its module is there under another name only, as that of a test that was started in its own folder."""
    hidden = partial(contrast)
    packed = (crew.packed({"contrast": hidden}) or b"").replace(b"mj_widgets.sweep.metrics", b"mj_widgets.sweep.nowhere")
    asked = [job._replace(asked=(Ask(0, (None,), "contrast"),)) for job in jobs[:3]]
    found = collected(crew.beside(asked, {"contrast": hidden}, packed, 1))
    assert found == collected(crew.here(asked, {"contrast": contrast}))


def test_a_script_is_not_run_again_by_the_processes_that_it_starts(tmp_path: Path) -> None:
    """It would ask for its pictures, and pay for them, again."""
    script = tmp_path / "script.py"
    script.write_text(
        "from pathlib import Path\n"
        "from tests.sweep.test_measure import ALL, crew, made\n"
        "with Path('runs').open('a') as runs:\n"
        "    runs.write('paid ')\n"
        "print(len([*crew.beside(made(Path(), 4), ALL, crew.packed(ALL), 2)]))\n"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["4"]
    assert (tmp_path / "runs").read_text() == "paid "


def loud(picture: PIL.Image.Image) -> float:
    sys.stdout.write("What I see is ")
    subprocess.run([sys.executable, "-c", "print('lovely')"], check=True)
    return picture.width


def test_a_metric_may_print(jobs: list[Job]) -> None:
    metrics = ALL | {"contrast": loud}
    found = collected(crew.beside(jobs[:2], metrics, crew.packed(metrics) or b"", 1))
    assert {answer.value for answers in found.values() for answer in answers if answer.metric == "contrast"} == {60}


# On a cluster


@pytest.fixture(scope="module")
def cluster() -> Iterator[distributed.Client]:
    """Two real processes."""
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as started,
        distributed.Client(started) as client,
    ):
        yield client


def test_a_cluster_says_the_same_to_the_last_bit(cluster: distributed.Client, run: mj.SweepRun) -> None:
    def anew(client: Any) -> list[list[Any]]:
        metrics = {name: partial(metric) for name, metric in METRICS.items() if name not in ("diversity", "palette_diversity")}
        frame = run.measure(metrics, client=client, progress=False)
        return frame[[*metrics]].values.tolist()

    assert anew(cluster) == anew(None)


def test_a_worker_that_is_killed_loses_nothing(cluster: distributed.Client, jobs: list[Job], tmp_path: Path) -> None:
    metrics = ALL | {"sharpness": partial(deadly, str(tmp_path / "killed"))}
    assert collected(crew.on(cluster, jobs, metrics)) == collected(crew.here(jobs, ALL))
    assert (tmp_path / "killed").exists()


def test_bytes_go_where_the_file_is_not_seen(
    cluster: distributed.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The workers were started elsewhere, and the paths are relative."""
    asked = made(tmp_path, 3)
    expected = collected(crew.here(asked, ALL))
    monkeypatch.chdir(tmp_path)
    unseen = [job._replace(path=Path(job.path).name) for job in asked]
    assert collected(crew.on(cluster, unseen, ALL)) == expected


def test_a_metric_of_a_notebook_works_on_a_cluster(cluster: distributed.Client, run: mj.SweepRun) -> None:
    wide = run[0].tiles[0].width
    frame = run.measure({"wider": lambda picture: picture.width - wide}, client=cluster, progress=False)
    assert frame["wider"].tolist() == [0] * 16


# Progress


def test_it_says_how_far_it_is_on_a_terminal(run: mj.SweepRun, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal:
        text = ""

        def isatty(self) -> bool:
            return True

        def write(self, text: str) -> None:
            self.text += text

        def flush(self) -> None:
            pass

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    run.measure({"wide": lambda picture: picture.width})
    assert terminal.text.endswith("\r4 of 4 pictures measured\n")


def test_it_says_nothing_where_nobody_looks(run: mj.SweepRun, capsys: pytest.CaptureFixture[str]) -> None:
    run.measure({"wide": lambda picture: picture.width})
    assert capsys.readouterr() == ("", "")

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

import mj_widgets

PACKAGE = Path(mj_widgets.__file__).parent
NOTEBOOK = "01_quickstart.ipynb"
WORDS = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of the repository: the notebooks stand beside the package."""
    folder = tmp_path / "clone"
    _copy(folder)
    (folder / "pyproject.toml").touch()
    (folder / "notebooks").mkdir()
    (folder / "notebooks" / NOTEBOOK).write_text(WORDS)
    return folder


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """A place that a wheel was installed into: the notebook is inside of the package."""
    folder = tmp_path / "site-packages"
    _copy(folder)
    (folder / "mj_widgets" / "notebooks").mkdir()
    (folder / "mj_widgets" / "notebooks" / NOTEBOOK).write_text(WORDS)
    return folder


@pytest.fixture
def user(tmp_path: Path) -> Path:
    """The folder that the user is in."""
    folder = tmp_path / "user"
    folder.mkdir()
    return folder


def _copy(folder: Path) -> None:
    shutil.copytree(PACKAGE, folder / "mj_widgets", ignore=shutil.ignore_patterns("__pycache__", "notebooks"))


def _jupyterlab(tmp_path: Path, code: str) -> Path:
    """Another package of that name, which says how it was called, or is not to be found."""
    folder = tmp_path / "stand-in"
    (folder / "jupyterlab").mkdir(parents=True)
    (folder / "jupyterlab" / "__init__.py").write_text(code)
    (folder / "jupyterlab" / "labapp.py").write_text(
        "import json\nclass LabApp:\n    @classmethod\n    def launch_instance(cls, argv):\n        print(json.dumps(argv))\n"
    )
    return folder


def _environment(*paths: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths)), "PYTHONUNBUFFERED": "1"}


def _run(*arguments: str, paths: tuple[Path, ...] = (PACKAGE.parent,), cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "mj_widgets", *arguments],
        env=_environment(*paths),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@contextmanager
def _running(*arguments: str, environment: dict[str, str], cwd: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that is interrupted at the end, as Ctrl-C at a terminal does, and has to end well and ask nothing."""
    terminal, its_end = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "mj_widgets", *arguments],
        env=environment,
        cwd=cwd,
        stdin=its_end,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=30)
        assert process.returncode == 0, said
        assert "Traceback" not in said
    finally:
        process.kill()
        process.communicate()
        os.close(terminal)
        os.close(its_end)


def test_in_a_clone_the_notebook_itself_is_opened(tmp_path: Path, clone: Path, user: Path) -> None:
    done = _run(paths=(clone, _jupyterlab(tmp_path, "")), cwd=user)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0] == str(clone / "notebooks" / NOTEBOOK)
    assert list(user.iterdir()) == []


def test_from_a_wheel_a_copy_is_opened_beside_the_user(tmp_path: Path, wheel: Path, user: Path) -> None:
    done = _run(paths=(wheel, _jupyterlab(tmp_path, "")), cwd=user)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0] == str(user / NOTEBOOK)
    assert (user / NOTEBOOK).read_text() == WORDS


def test_a_copy_that_is_there_is_never_overwritten(tmp_path: Path, wheel: Path, user: Path) -> None:
    (user / NOTEBOOK).write_text("mine")
    done = _run(paths=(wheel, _jupyterlab(tmp_path, "")), cwd=user)
    assert json.loads(done.stdout)[0] == str(user / NOTEBOOK)
    assert (user / NOTEBOOK).read_text() == "mine"


def test_a_notebooks_folder_of_somebody_else_is_not_ours(tmp_path: Path, wheel: Path, user: Path) -> None:
    (wheel / "notebooks").mkdir()
    (wheel / "notebooks" / NOTEBOOK).write_text("somebody else's")
    done = _run(paths=(wheel, _jupyterlab(tmp_path, "")), cwd=user)
    assert json.loads(done.stdout)[0] == str(user / NOTEBOOK)
    assert (user / NOTEBOOK).read_text() == WORDS


def test_options_are_passed_on(tmp_path: Path, clone: Path, user: Path) -> None:
    paths = (clone, _jupyterlab(tmp_path, ""))
    plain = json.loads(_run(paths=paths, cwd=user).stdout)
    asked = json.loads(_run("--no-browser", "--port", "9999", paths=paths, cwd=user).stdout)
    assert "--no-browser" not in plain
    assert {"--no-browser", "--port=9999"} <= set(asked)
    assert ("--allow-root" in plain) == (os.geteuid() == 0)


def test_without_jupyterlab_it_says_what_to_install(tmp_path: Path, wheel: Path, user: Path) -> None:
    missing = "raise ModuleNotFoundError(\"No module named 'jupyterlab'\", name='jupyterlab')"
    done = _run(paths=(wheel, _jupyterlab(tmp_path, missing)), cwd=user)
    assert done.returncode == 1
    assert 'python -m pip install "mj_widgets[lab]"' in done.stderr
    assert "Traceback" not in done.stderr
    assert list(user.iterdir()) == []


def test_a_jupyterlab_that_is_broken_says_so_itself(tmp_path: Path, clone: Path, user: Path) -> None:
    broken = "raise ModuleNotFoundError(\"No module named 'tornado'\", name='tornado')"
    done = _run(paths=(clone, _jupyterlab(tmp_path, broken)), cwd=user)
    assert done.returncode == 1
    assert "No module named 'tornado'" in done.stderr


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path, wheel: Path, user: Path) -> None:
    (user / NOTEBOOK).symlink_to(tmp_path / "nowhere" / "at all")
    done = _run(paths=(wheel, _jupyterlab(tmp_path, "")), cwd=user)
    assert done.returncode == 1
    assert "nowhere" in done.stderr or NOTEBOOK in done.stderr
    assert "Traceback" not in done.stderr


def test_an_installation_without_the_notebook_says_so(tmp_path: Path, user: Path) -> None:
    _copy(tmp_path / "bare")
    done = _run(paths=(tmp_path / "bare", _jupyterlab(tmp_path, "")), cwd=user)
    assert done.returncode == 1
    assert f"{NOTEBOOK} is not part of this installation" in done.stderr


def test_help_tells_what_there_is(tmp_path: Path) -> None:
    done = _run("--help", cwd=tmp_path)
    assert done.returncode == 0
    for word in ("--no-browser", "--port", "sandbox", "ACEDATACLOUD_API_TOKEN"):
        assert word in done.stdout
    assert "--speed" in _run("sandbox", "--help", cwd=tmp_path).stdout


@pytest.mark.parametrize("speed", ["-1", "inf", "nan", "quick"])
def test_a_speed_that_makes_no_sense_is_refused(speed: str, tmp_path: Path) -> None:
    done = _run("sandbox", f"--speed={speed}", cwd=tmp_path)
    assert done.returncode == 2
    assert "--speed" in done.stderr


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = _run("sandbox", "--port", str(port), cwd=tmp_path)
    assert done.returncode == 1
    assert f"port {port} of 127.0.0.1 cannot be used" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_sandbox_is_served_until_it_is_interrupted(tmp_path: Path) -> None:
    state = tmp_path / "jobs.sqlite3"
    options = ("sandbox", "--speed", "0", "--state", str(state))
    with _running(*options, environment=_environment(PACKAGE.parent), cwd=tmp_path) as process:
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("Sandbox: ").strip()
        reply = httpx.post(url + "/midjourney/imagine", json={"prompt": "a fox"}, trust_env=False)
        assert reply.json()["progress"] == 100
    assert state.exists()
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False)


def test_the_sandbox_says_how_it_is_used(tmp_path: Path) -> None:
    with _running("sandbox", environment=_environment(PACKAGE.parent), cwd=tmp_path) as process:
        assert process.stdout is not None
        said = ""
        while "Ctrl-C" not in said:
            said += process.stdout.readline()
        url = said.split()[1]
        assert f'mj.Client(base_url="{url}")' in said
        assert f"ACEDATACLOUD_API_BASE_URL={url}" in said


def test_jupyterlab_opens_on_the_notebook_and_ends_on_ctrl_c(clone: Path, user: Path, tmp_path: Path) -> None:
    """The real one."""
    pytest.importorskip("jupyterlab")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folders = {f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    environment = {**_environment(clone), **folders, "JUPYTER_TOKEN": "token"}
    with (
        _running("--no-browser", "--port", str(port), environment=environment, cwd=user) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", params={"token": "token"}, trust_env=False) as client,
    ):
        deadline = time.monotonic() + 60
        while True:
            assert process.poll() is None
            try:
                reply = client.get(f"/api/contents/{NOTEBOOK}")
                break
            except httpx.TransportError:
                assert time.monotonic() < deadline
                time.sleep(0.1)
        assert reply.json()["type"] == "notebook"
        assert client.get("/").headers["location"].startswith(f"/lab/tree/{NOTEBOOK}")  # as the printed address does
        assert client.get(f"/lab/tree/{NOTEBOOK}").status_code == 200

"""``python -m mj_widgets``: JupyterLab on the quickstart; ``python -m mj_widgets sandbox``: a sandbox by itself."""

from __future__ import annotations

import argparse
import os
import sys
import threading
from collections.abc import Sequence
from importlib import import_module
from importlib.resources import files
from pathlib import Path

NOTEBOOK = "01_quickstart.ipynb"

_NO_LAB = """JupyterLab is not installed here. Install it with

    python -m pip install "mj_widgets[lab]"

or open the notebook in a Jupyter of your own: {notebook}"""
_SERVED = """Sandbox: {url}

It needs no token, costs nothing, and draws simulated pictures. In Python:

    import mj_widgets as mj
    session = mj.Session("foxes", client=mj.Client(base_url="{url}"))

or, for every client that is made without a base URL (of ours, and of others that read this variable):

    export ACEDATACLOUD_API_BASE_URL={url}

Ctrl-C ends it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those of the process.

    Returns
    -------
    int
        The exit code: 0, or 1 with a message on the standard error.
    """
    options = _parser().parse_args(arguments)
    try:
        return _sandbox(options) if options.command == "sandbox" else _lab(options)
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        return _complain(str(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m mj_widgets",
        description="Open JupyterLab on the quickstart notebook. Without a token its pictures come from a sandbox.",
        epilog="Set ACEDATACLOUD_API_TOKEN to use the real service.",
    )
    parser.add_argument("--no-browser", action="store_true", help="start JupyterLab, and open no browser")
    parser.add_argument("--port", type=int, help="the port of JupyterLab; by default 8888, or the next that is free")
    commands = parser.add_subparsers(dest="command", title="instead", metavar="sandbox")
    sandbox = commands.add_parser(
        "sandbox",
        help="serve the sandbox alone: a stand-in for the service",
        description="Serve a stand-in for the service on 127.0.0.1: no token, no cost, simulated pictures.",
    )
    sandbox.add_argument("--port", type=int, default=0, help="its port; by default one that is free")
    sandbox.add_argument(
        "--speed", type=_speed, default=1.0, help="how fast simulated time goes: 10 is ten times as fast, 0 waits for nothing"
    )
    sandbox.add_argument("--state", type=Path, help="a file to keep the jobs in; by default they end with the sandbox")
    return parser


def _speed(text: str) -> float:
    speed = float(text)
    if not 0 <= speed < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not 0 or more")
    return speed


def _lab(options: argparse.Namespace) -> int:
    notebook = _original() or _packaged()
    if notebook is None:
        return _complain(f"{NOTEBOOK} is not part of this installation: install mj_widgets again")
    try:
        lab = import_module("jupyterlab.labapp")
    except ModuleNotFoundError as error:
        if error.name != "jupyterlab":  # it is there, and broken: its own words say more
            raise
        return _complain(_NO_LAB.format(notebook=notebook))
    if notebook != _original():
        notebook = _copied(notebook, Path.cwd())
    told = [str(notebook), "--ServerApp.answer_yes=True"]  # Ctrl-C ends it, and asks no questions
    told.append(f"--LabApp.default_url=/lab/tree/{NOTEBOOK}")  # where the printed address leads
    told += ["--no-browser"] * options.no_browser
    told += [f"--port={options.port}"] if options.port is not None else []
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        told.append("--allow-root")  # containers and classrooms; Jupyter refuses otherwise
    lab.LabApp.launch_instance(told)
    return 0


def _original() -> Path | None:
    """Find the notebook in a clone, where it is edited."""
    clone = Path(__file__).resolve().parent.parent
    notebook = clone / "notebooks" / NOTEBOOK
    return notebook if notebook.is_file() and (clone / "pyproject.toml").is_file() else None


def _packaged() -> Path | None:
    """Find the notebook in an installed package, where it must stay as it is."""
    notebook = Path(str(files("mj_widgets") / "notebooks" / NOTEBOOK))
    return notebook if notebook.is_file() else None


def _copied(notebook: Path, folder: Path) -> Path:
    """Put a copy beside the user; one that is there already is theirs, and stays."""
    copy = folder / NOTEBOOK
    if not copy.exists():
        copy.write_bytes(notebook.read_bytes())
    return copy


def _sandbox(options: argparse.Namespace) -> int:
    from mj_widgets.sandbox import serve

    with serve(port=options.port, speed=options.speed, state=options.state) as url:
        sys.stdout.write(_SERVED.format(url=url) + "\n")
        sys.stdout.flush()
        ending = threading.Event()
        while not ending.wait(1):  # in steps: on Windows a wait without end would not hear Ctrl-C
            pass
    return 0


def _complain(message: str) -> int:
    sys.stderr.write(message + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())

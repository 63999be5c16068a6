"""The token is in nothing that is kept, shown or shared."""

from __future__ import annotations

import pickle
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import mj_widgets as mj

TOKEN = "tok-7f3c9e1b5d"  # noqa: S105 - of nobody

CELLS = [
    "import stamina; stamina.set_testing(True, attempts=2)",  # what fails is tried again, without the waiting
    "import logging; logging.basicConfig(level=logging.DEBUG, filename='log.txt', force=True)",
    "import mj_widgets as mj; session = mj.Session('foxes', client=mj.Client(base_url={url!r})); mj.Studio(session)",
    "gen = await session.imagine('a fox'); gen",
    "single = gen.upscale(2).result(); single.code, repr(session), repr(session.client), vars(session.client), gen.outcome",
    "mj.contact_sheet(session)",
    "%xmode Verbose\nsession.imagine('')",
    "await session.imagine('a fox --arr 3:2')",
    "mj.Session('elsewhere', client=mj.Client(base_url='http://127.0.0.1:9', timeout=1)).describe('https://a.example')",
    "import asyncio\nasync def broken():\n    async with session.client.with_options(timeout=1) as client:\n"
    "        await client.download('http://127.0.0.1:9/x')\nawait broken()",
    "import pickle; pickle.dumps(session.client)",
]


def test_a_whole_session_in_a_notebook_leaves_no_trace_of_the_token(
    tmp_path: Path, sandbox_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACEDATACLOUD_API_TOKEN", TOKEN)
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(source.replace("{url!r}", repr(sandbox_url))) for source in CELLS]
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=120, allow_errors=True, resources=resources).execute()
    failed = [cell.source for cell in notebook.cells for output in cell.outputs if output.output_type == "error"]
    assert len(failed) == 4, failed
    nbformat.write(notebook, tmp_path / "ran.ipynb")
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert {"log.txt", "ran.ipynb", "session.sqlite3"} <= {file.name for file in files}
    assert [file.name for file in files if TOKEN.encode() in file.read_bytes()] == []
    assert "a fox" in (tmp_path / "ran.ipynb").read_text()


def test_a_client_is_not_pickled(sandbox_url: str) -> None:
    with pytest.raises(TypeError, match="holds a token"):
        pickle.dumps(mj.Client(TOKEN, base_url=sandbox_url))


def test_what_was_made_is_pickled_without_it(session: mj.Session) -> None:
    gen = session.imagine("a fox").result(30)
    for value in (gen.request, gen.outcome, gen.image):
        assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301 - our own


def test_logs_carry_no_prompt_above_debug(session: mj.Session, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        session.imagine("a very private fox").result(30)
        with pytest.raises(mj.errors.GenerationError):
            session.imagine("a very private fox --arr").result(30)
    above = [record.getMessage() for record in caplog.records if record.levelname != "DEBUG"]
    assert not any("private" in message for message in above)

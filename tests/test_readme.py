"""What the README promises is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import mj_widgets as mj

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"

pytestmark = pytest.mark.skipif(not README.exists(), reason="the README is not in a wheel")


def test_every_test_that_it_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", README.read_text("utf-8")))
    there = {
        name for file in (ROOT / "tests").rglob("test_*.py") for name in re.findall(r"def (test_\w+)", file.read_text("utf-8"))
    }
    assert len(named) > 15
    assert named - there == set()


def test_its_table_of_errors_is_complete() -> None:
    table = README.read_text("utf-8")
    bases = {"MJError", "APIError"}  # these are for `except`, and are never raised themselves
    raised = {
        name for name, value in vars(mj.errors).items() if isinstance(value, type) and issubclass(value, mj.errors.MJError)
    }
    assert {name for name in raised - bases if f"| `{name}`" not in table} == set()


@pytest.mark.parametrize("heading", ["Ten lines", "Sweeps"])
def test_its_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heading: str) -> None:
    monkeypatch.chdir(tmp_path)
    block = re.search(rf"## {heading}\n.*?```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert block is not None
    code = "async def cell():\n" + "".join(f"    {line}\n" for line in block[1].splitlines()) + "    return session"
    names: dict[str, object] = {}
    exec(code, names)  # noqa: S102 - our own README
    mj.run(names["cell"]()).close()

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import mj_widgets as mj
from mj_widgets.sandbox import Sandbox
from mj_widgets.session.lineage import Lineage
from mj_widgets.session.unconfirmed import Unconfirmed
from mj_widgets.sweep.run import SweepRun

HEAVY = ("pandas", "numpy", "PIL", "ipyplot", "starlette", "uvicorn", "ipywidgets", "anywidget")


def test_every_public_name_is_there_and_sorted() -> None:
    assert sorted(mj.__all__) == mj.__all__
    assert {name for name in mj.__all__ if getattr(mj, name, None) is None} == set()
    assert set(mj.__all__) <= set(dir(mj))


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="Studi0"):
        _ = mj.Studi0


def test_importing_brings_nothing_heavy() -> None:
    """A session, a client and the values work headless; what draws and what counts is loaded when it is used."""
    code = f"import sys, mj_widgets as mj; mj.Session, mj.Client, mj.sandbox; print([n for n in {HEAVY!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_each_error_is_ours_and_in_the_picture() -> None:
    found = [cls for _, cls in inspect.getmembers(mj.errors, inspect.isclass) if issubclass(cls, Exception)]
    assert len(found) > 12
    for cls in found:
        assert issubclass(cls, mj.errors.MJError)
        assert cls.__name__ in (mj.errors.__doc__ or "")
        assert cls.__name__.endswith("Error")


@pytest.mark.parametrize("cls", [mj.Client, mj.Session, mj.Generation, mj.Sweep, SweepRun, Lineage, Unconfirmed, Sandbox])
def test_each_public_method_has_an_example(cls: type) -> None:
    """And each example runs: pytest collects the docstrings of the package."""
    methods = [(name, method) for name, method in inspect.getmembers(cls, inspect.isfunction) if name[0] != "_"]
    assert len(methods) >= 3
    assert [name for name, method in methods if ">>>" not in (method.__doc__ or "")] == []

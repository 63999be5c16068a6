from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.error import UsageError

import mj_widgets as mj
from mj_widgets.magics import ImagineMagics


@pytest.fixture
def mjm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ImagineMagics]:
    """The magics, in a folder of their own and at a sandbox."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ACEDATACLOUD_API_TOKEN", raising=False)
    monkeypatch.setenv("MJ_SANDBOX_SPEED", "0")
    yield ImagineMagics(None)
    for folder in (tmp_path / "mj_sessions").iterdir():
        if folder.is_dir():
            mj.Session(folder.name).close()


@pytest.mark.parametrize(
    "line",
    [
        "a fox's tail --ar 3:2",
        'a "quoted" fox',
        "a fox -w -m turbo",
        "a {red, blue} fox for $5 --s 250",
        "-- a dash in front",
        "--tile of foxes",
        "-minus one",
    ],
)
def test_the_prompt_is_taken_word_for_word(mjm: ImagineMagics, line: str) -> None:
    assert mjm.mj(line).request.prompt == line


def test_options_stand_in_front(mjm: ImagineMagics) -> None:
    gen = mjm.mj("-m relax --session foxes a fox --s 250")
    assert gen.request.mode == "relax"
    assert gen.session.name == "foxes"
    assert gen.request.prompt == "a fox --s 250"


def test_the_session_is_the_default_one(mjm: ImagineMagics) -> None:
    assert mjm.mj("a fox").session is mj.Session("default")


def test_wait_waits(mjm: ImagineMagics) -> None:
    assert mjm.mj("-w a fox").status is mj.Status.SUCCEEDED


def test_a_cell_is_the_prompt(mjm: ImagineMagics) -> None:
    gen = mjm.mj("--mode turbo", "a fox\nin deep snow\n")
    assert gen.request.prompt.split() == ["a", "fox", "in", "deep", "snow"]
    assert gen.request.mode == "turbo"


@pytest.mark.parametrize("line", ["", "   ", "-w", "-m fast"])
def test_without_a_prompt_it_says_how(mjm: ImagineMagics, line: str) -> None:
    mjm.mj("a fox")  # so that there is a session to close
    with pytest.raises(UsageError, match="%mj a fox"):
        mjm.mj(line)


def test_an_unknown_mode_is_named(mjm: ImagineMagics) -> None:
    mjm.mj("a fox")
    with pytest.raises(UsageError, match="warp"):
        mjm.mj("-m warp a fox")

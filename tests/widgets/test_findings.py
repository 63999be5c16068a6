from __future__ import annotations

import pytest

from mj_widgets.prompt.rules import Finding, lint
from mj_widgets.widgets.clicks import Kit
from mj_widgets.widgets.findings import Findings
from tests.widgets.conftest import HOSTILE


@pytest.fixture
def written() -> list[str]:
    return []


@pytest.fixture
def findings(written: list[str]) -> Findings:
    return Findings(Kit(lambda _: None), written.append)


def said(findings: Findings) -> list[str]:
    return [row.said.value for row in findings.children if "mj-shut" not in row._dom_classes]


def test_each_says_its_level_in_a_word_its_reason_and_its_fix(findings: Findings, written: list[str]) -> None:
    findings.show(lint("a fox --styliz 2000"))
    assert said(findings) == ['<b class="mj-error">✕ Error</b> --styliz is no known flag, and the service refuses those.']
    assert findings.children[0].button.description == "Write --stylize"
    findings.fix(0)
    assert written == ["a fox --stylize 2000"]


def test_the_worst_come_first(findings: Findings) -> None:
    findings.show(lint("a fox —ar 3:2 --iw 1 --s 5000"))
    assert [row.split('"')[1] for row in said(findings)] == ["mj-error", "mj-warning", "mj-info"]


def test_what_can_not_be_mended_has_no_button(findings: Findings, written: list[str]) -> None:
    findings.show(lint("--ar 3:2"))
    assert "mj-shut" in findings.children[0].button._dom_classes
    findings.fix(0)
    assert written == []


def test_the_same_is_told_once_and_no_more_than_can_be_read(findings: Findings) -> None:
    findings.show(lint("a fox" + " --foo 1" * 9))
    assert len(said(findings)) == 1
    findings.show([Finding("warning", f"number {number}", (0, 0), "x") for number in range(9)])
    assert len(said(findings)) == 5
    assert "And 5 more" in said(findings)[-1]


def test_rows_are_used_again(findings: Findings) -> None:
    findings.show(lint("a fox —ar 3:2 --s 5000"))
    rows = findings.children
    findings.show(())
    assert said(findings) == []
    findings.show(lint("a fox --s 5000"))
    assert findings.children == rows
    assert len(said(findings)) == 1


@pytest.mark.parametrize("text", HOSTILE)
def test_html_is_shown_as_text(findings: Findings, text: str) -> None:
    findings.show([Finding("error", text, (0, 0), "x", text, text)])
    assert "<img" not in said(findings)[0]
    assert "<script" not in said(findings)[0]

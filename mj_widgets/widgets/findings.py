"""What is wrong with the prompt, below the box, each with a fix of one click."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from itertools import zip_longest

from ipywidgets import VBox

from mj_widgets.prompt.rules import Finding
from mj_widgets.widgets.clicks import Kit
from mj_widgets.widgets.fold import SHUT

_SHOWN = 5
_WORDS = {"error": "✕ Error", "warning": "⚠ Warning", "info": "ℹ Note"}  # noqa: RUF001 - the sign for information


class Findings(VBox):  # type: ignore[misc] # ipywidgets has no types
    """A list of findings; the worst come first.

    Parameters
    ----------
    kit : Kit
        Makes the rows, which are kept and used again.
    write : callable
        Is given the mended text.
    """

    def __init__(self, kit: Kit, write: Callable[[str], None]) -> None:
        self._kit = kit
        self._write = write
        self._rows: list[_Row] = []
        self.shown: tuple[Finding, ...] = ()
        super().__init__(layout=kit.layout, _dom_classes=["mj-findings"])

    def show(self, findings: Sequence[Finding]) -> None:
        """Show other findings; those that say the same are shown, and mended, as one."""
        unlike: dict[str, Finding] = {}
        for found in sorted(findings, key=lambda found: [*_WORDS].index(found.level)):
            unlike.setdefault(found.message, found)
        each = [*unlike.values()]
        if len(each) > _SHOWN:
            more = Finding("info", f"And {len(each) - _SHOWN + 1} more.", (0, 0), "more")
            each = [*each[: _SHOWN - 1], more]
        if tuple(each) == self.shown:
            return
        self.shown = tuple(each)
        while len(self._rows) < len(each):
            self._rows.append(_Row(self._kit, self._write))
            self.children = tuple(self._rows)
        for row, found in zip_longest(self._rows, each):
            row.show(found)

    def fix(self, number: int) -> None:
        """Press the button of one that is shown."""
        self._rows[number].button.click()


class _Row(VBox):  # type: ignore[misc] # ipywidgets has no types
    """One finding."""

    def __init__(self, kit: Kit, write: Callable[[str], None]) -> None:
        self.found: Finding | None = None
        self._write = write
        self.said = kit.text("", "mj-said")
        self.button = kit.button("", self._mend, kind="mj-fix")
        super().__init__((self.said, self.button), layout=kit.layout, _dom_classes=["mj-finding", SHUT])

    def show(self, found: Finding | None) -> None:
        if found == self.found:
            return
        self.found = found
        if found is None:
            self.add_class(SHUT)
            return
        self.said.value = f'<b class="mj-{found.level}">{_WORDS[found.level]}</b> {escape(found.message)}'
        self.button.description = found.fix_label or ""
        (self.button.remove_class if found.fix is not None else self.button.add_class)(SHUT)
        self.remove_class(SHUT)

    def _mend(self) -> None:
        if self.found is not None and self.found.fix is not None:
            self._write(self.found.fix)

"""The prompts that braces stand for, to be seen before they are paid for."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ipywidgets import HTML, VBox

from mj_widgets.widgets.clicks import Kit
from mj_widgets.widgets.fold import SHUT, Fold

_LISTED = 100
_SHORT = 500  # characters of each


class Prompts(VBox):  # type: ignore[misc] # ipywidgets has no types
    """A list, folded away; nothing where there is one prompt alone.

    Parameters
    ----------
    kit : Kit
        Makes its parts.

    Attributes
    ----------
    fold : Fold
        Holds the list.
    """

    def __init__(self, kit: Kit) -> None:
        self._prompts: Sequence[str] = ()
        self.fold = Fold(kit, "", lambda: kit.text("", "mj-list"), tip="Show each prompt that is sent")
        self.fold.toggle.observe(self._list, names="value")
        super().__init__((self.fold.toggle, self.fold.box), layout=kit.layout, _dom_classes=["mj-prompts", SHUT])

    def show(self, prompts: Sequence[str]) -> None:
        """Take other prompts."""
        if prompts == self._prompts:
            return
        self._prompts = prompts
        self.fold.toggle.description = f"{len(prompts)} prompts"
        self._list()
        (self.remove_class if len(prompts) > 1 else self.add_class)(SHUT)

    def _list(self, _change: object = None) -> None:
        if self.fold.is_open and isinstance(self.fold.content, HTML):
            rows = "".join(f'<li dir="auto">{escape(prompt[:_SHORT])}</li>' for prompt in self._prompts[:_LISTED])
            more = len(self._prompts) - _LISTED
            self.fold.content.value = f'<ol tabindex="0">{rows}</ol>' + (f"<p>and {more} more</p>" if more > 0 else "")

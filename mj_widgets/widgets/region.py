"""Repainting a region: a painter, other words, and a button, on the card of the picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from ipywidgets import Button, Textarea, VBox

from mj_widgets.models import ImagineRequest
from mj_widgets.prompt.pricing import estimate
from mj_widgets.session.generation import REGION, Generation
from mj_widgets.session.mask import Mask, masks_of
from mj_widgets.widgets.calls import Calls, line
from mj_widgets.widgets.mask import MaskPainter

if TYPE_CHECKING:
    from mj_widgets.widgets.clicks import Kit

EARLIER = 12  # masks that are offered again

_TIP = "Draw four pictures that differ where it is painted"
_CLOSE_TIP = "Close the painter; what is painted is there when it is opened again"

_unfinished: WeakKeyDictionary[Generation, Mask] = WeakKeyDictionary()  # what was painted when a painter was closed


class Region(VBox):  # type: ignore[misc] # ipywidgets has no types
    """Paint over a part of a picture, say what shall be there, and have it drawn anew.

    Parameters
    ----------
    generation : Generation
        Whose picture it is.
    kit : Kit
        Makes the buttons.
    calls : Calls
        Does the repainting.
    close : callable
        Is called when it shall be closed.

    Attributes
    ----------
    painter : MaskPainter
        Stays as it is after a repaint, for another go.
    prompt : Textarea
        Begins with the words of the generation; empty keeps them.
    repaint, shut : Button
    """

    painter: MaskPainter
    prompt: Textarea
    repaint: Button
    shut: Button

    def __init__(self, generation: Generation, kit: Kit, calls: Calls, *, close: Callable[[], object]) -> None:
        self.generation = generation
        self._calls = calls
        self._leave = close
        unfinished = _unfinished.get(generation)
        self.painter = MaskPainter(generation, mask=unfinished, masks=self._earlier(), layout=kit.layout)
        self.painter.on_msg(self._hear)
        self.prompt = kit.field(
            Textarea, self._reprice, value=generation.prompt, description="What shall be there", name="mj-region-words"
        )
        self.repaint = kit.button("Repaint", self._repaint, tip=_TIP, kind="mj-primary")
        self.shut = kit.button("Close", self._close, tip=_CLOSE_TIP)
        self._reprice()
        row = kit.row([self.repaint, self.shut], "mj-group")
        super().__init__([self.painter, self.prompt, row], layout=kit.layout, _dom_classes=["mj-region"])
        self.look()

    def look(self) -> None:
        """Bring it into sight."""
        self.painter.look()

    def close(self) -> None:
        """Close it, and keep what is painted."""
        self._keep()
        super().close()

    def _repaint(self) -> None:
        gen, mask, prompt = self.generation, self.painter.mask, self.prompt.value.strip() or None
        made = self._calls.make(line(gen, "vary_region", mask, prompt=prompt), lambda: gen.vary_region(mask, prompt=prompt))
        if made is not None:
            self.painter.masks = self._earlier()

    def _close(self) -> None:
        self._keep()
        self._leave()

    def _keep(self) -> None:
        if self.painter.mask.is_empty:
            _unfinished.pop(self.generation, None)
        else:
            _unfinished[self.generation] = self.painter.mask

    def _reprice(self) -> None:
        request = ImagineRequest.model_construct(action=REGION, mode=self.generation.request.mode, prompt=self.prompt.value)
        cost = estimate(request, prices=self.generation.session.prices)
        self.repaint.description = f"Repaint · {'cost not known' if cost.credits is None else cost}"

    def _hear(self, _widget: object, message: dict[str, Any], _buffers: object) -> None:
        """Take the words as they stand in the browser: while the kernel is busy it holds back what was typed."""
        if message.get("kind") == "said":
            self.prompt.value = str(message.get("text", ""))

    def _earlier(self) -> tuple[Mask, ...]:
        return masks_of((gen.request.mask for gen in reversed(self.generation.session.generations)), EARLIER)

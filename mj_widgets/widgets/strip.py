"""The way from the prompt to a picture: a strip of thumbnails, each of which shows its generation when clicked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mj_widgets.models import Status
from mj_widgets.widgets.grid import shown_prompt, step_of
from mj_widgets.widgets.pictures import PictureWidget, module, style

if TYPE_CHECKING:
    from mj_widgets.session.generation import Generation


class Strip(PictureWidget):
    """The generations from the root to this one.

    Parameters
    ----------
    generation : Generation
        Where it ends; call `refresh` when that changed.
    show : callable
        Is called with the generation that was clicked.
    """

    _esm = module("strip")
    _css = style("strip")

    def __init__(self, generation: Generation, show: Callable[[Generation], object], **traits: Any) -> None:
        self._path = generation.session.lineage.path(generation)
        self._show = show
        by_id = {each.id: each for each in self._path}
        super().__init__({"steps": self._steps()}, by_id.__getitem__, **traits)

    def refresh(self) -> None:
        """Show what has become of the generations. Safe in any thread."""
        self.state = {"steps": self._steps()}

    def choose(self, id_: str) -> None:
        """Show one of its generations, as a click on it does."""
        self._show(self._find(id_))

    def _hear(self, widget: object, message: dict[str, Any], buffers: object) -> None:
        if message.get("kind") == "show":
            self.choose(str(message.get("id")))
        super()._hear(widget, message, buffers)

    def _steps(self) -> list[dict[str, Any]]:
        return [
            {
                "id": each.id,
                "label": step_of(each) or "prompt",
                "prompt": shown_prompt(each)[:200],
                "here": each is self._path[-1],
                "ready": each.status is Status.SUCCEEDED and each.image is not None and each.image.path is not None,
            }
            for each in self._path
        ]

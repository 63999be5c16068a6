"""Other words for what comes next: a box on a card, whose text goes with the card's actions while it is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipywidgets import Textarea, VBox

from mj_widgets.widgets.actions import describe

if TYPE_CHECKING:
    from mj_widgets.session.generation import Generation
    from mj_widgets.widgets.clicks import Kit

HINT = "These words go with what you press next on this card; an upscale keeps its picture as it is."


class Remix(VBox):  # type: ignore[misc] # ipywidgets has no types
    """The box.

    Parameters
    ----------
    generation : Generation
        Whose words are changed.
    kit : Kit
        Makes the widgets.

    Attributes
    ----------
    text : Textarea
        Begins with the words of the generation.
    """

    def __init__(self, generation: Generation, kit: Kit) -> None:
        self.text: Textarea = kit.field(
            Textarea, lambda: None, name="mj-remix-text", value=generation.prompt, description="Remix"
        )
        self._before = generation.prompt
        # The second class tells the notice's view whose text it is.
        classes = ["mj-remix", f"mj-remix-{generation.id}"]
        super().__init__([self.text, kit.label(HINT, "mj-hint")], layout=kit.layout, _dom_classes=classes)

    def prompt_for(self, action: str) -> str | None:
        """Give the words that go with an action; None where they are those that it has anyway."""
        text = self.text.value.strip()
        return text if text and text != self._before and takes_words(action) else None


def takes_words(action: str) -> bool:
    """Say whether other words make another picture: an upscale repeats the one there is."""
    return describe(action).group != "Upscale"

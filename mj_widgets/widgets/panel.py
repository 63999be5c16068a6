"""The parameters as controls, which write into the prompt's text and read from it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from ipywidgets import Checkbox, Dropdown, FloatSlider, IntSlider, Text, VBox, Widget

from mj_widgets.prompt.parse import parse
from mj_widgets.widgets.clicks import Kit
from mj_widgets.widgets.fields import NEWEST, NIJI, Choice, Field, Raw, Scale, Switch, Version, version_of

_VERSIONS = ("8.1", "8", "7", "6.1", "6", "5.2", "5.1", "5", "4", "3", "2", "1", NIJI)
_RATIOS = ("16:9", "3:2", "4:3", "5:4", "4:5", "3:4", "2:3", "9:16", "21:9")
_QUALITIES = ("0.25", "0.5", "2", "4")


class Panel(VBox):  # type: ignore[misc] # ipywidgets has no types
    """Controls for the parameters. What a control cannot show stays in the text, untouched.

    Parameters
    ----------
    kit : Kit
        Makes the controls.
    text : callable
        Gives the text in the prompt box.
    write : callable
        Is given the text in which one parameter was changed.
    lock : RLock
        Is held while either is done: the box and the controls may change on different threads, and each reads the other.

    Attributes
    ----------
    fields : dict of str to Field
        By the flag that they write; ``ratio`` is the aspect ratio as text.
    """

    def __init__(
        self, kit: Kit, *, text: Callable[[], str], write: Callable[[str], None], lock: AbstractContextManager[Any]
    ) -> None:
        self._kit = kit
        self._text = text
        self._write = write
        self._lock = lock
        self._reading = False
        self.fields: dict[str, Field] = {}
        rows = (self._choices(), self._scales(), self._words(), self._switches())
        super().__init__([kit.row(row, "mj-set") for row in rows], layout=kit.layout, _dom_classes=["mj-parameters"])

    def turn(self, on: bool) -> None:
        """Read the text when it opens."""
        if on:
            self.read()

    def read(self) -> None:
        """Show what the text says."""
        with self._lock:
            self._reading = True
            try:
                prompt = parse(self._text())
                version = version_of(prompt)
                for field in self.fields.values():
                    field.read(prompt, version)
            finally:
                self._reading = False

    def _choices(self) -> list[Widget]:
        add, digits = self._add, "Width to height in whole numbers, such as 7:4"
        return [
            add("ar", Choice, Dropdown, "Aspect ratio", "Width to height, 1:1 by default", "1:1", _RATIOS),
            add("ratio", Field, Text, "Any ratio", digits, placeholder="7:4"),
            add("v", Version, Dropdown, "Version", f"The model that draws, {NEWEST} by default", NEWEST, _VERSIONS),
            add("q", Choice, Dropdown, "Quality", "How long it draws; more is dearer. 1 by default", "1", _QUALITIES),
        ]

    def _scales(self) -> list[Widget]:
        add, taste = self._add, "How much of Midjourney's own taste: 0 to 1000, 100 by default"
        weight = "How much the pictures in front count: 0 to 2, 1 by default"
        return [
            add("s", Scale, IntSlider, "Stylize", taste, max=1000, value=100),
            add("c", Scale, IntSlider, "Chaos", "How much the four pictures differ: 0 to 100, 0 by default", max=100, value=0),
            add("w", Scale, IntSlider, "Weird", "How odd the pictures are: 0 to 3000, 0 by default", max=3000, value=0),
            add("iw", Scale, FloatSlider, "Image weight", weight, max=2.0, step=0.1, value=1.0, readout_format=".1f"),
        ]

    def _words(self) -> list[Widget]:
        add, seed = self._add, "The same seed draws alike: 0 to 4294967295, random by default"
        style = "Addresses of pictures, or codes, whose style to take; none by default"
        person = "Address of a picture whose person to take; told of version 6. None by default"
        thing = "Address of a picture whose object to take; told of version 7. None by default"
        return [
            add("no", Field, Text, "Without", "What shall not be there, with commas between", placeholder="hats, cars"),
            add("seed", Field, Text, "Seed", seed, placeholder="random"),
            add("sref", Field, Text, "Style reference", style, placeholder="https://…"),
            add("cref", Field, Text, "Character reference", person, placeholder="https://…"),
            add("oref", Field, Text, "Object reference", thing, placeholder="https://…"),
        ]

    def _switches(self) -> list[Widget]:
        add = self._add
        return [
            add("raw", Raw, Checkbox, "Raw", "Less of Midjourney's own style; off by default", indent=False),
            add("tile", Switch, Checkbox, "Tile", "A picture that repeats without a seam; off by default", indent=False),
            add("hd", Switch, Checkbox, "HD", "Larger pictures, which are dearer; off by default", indent=False),
        ]

    def _add(self, key: str, kind: type[Field], control: type[Any], name: str, tip: str, *more: Any, **traits: Any) -> Widget:
        made = self._kit.field(control, partial(self._changed, key), description=name, **traits)
        self.fields[key] = kind(made, "ar" if key == "ratio" else key, tip, *more)
        return made

    def _changed(self, key: str) -> None:
        """Write what somebody chose; what `read` shows is in the text already."""
        with self._lock:
            if not self._reading:
                text = self._text()
                written = self.fields[key].write(text)
                if written != text:
                    self._write(written)

"""A bar that finds: by words, status, tag, rating, favourites and day, or among what was deleted."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

from ipywidgets import Checkbox, DatePicker, Dropdown, Text, VBox

from mj_widgets.models import Status
from mj_widgets.widgets.clicks import Kit

if TYPE_CHECKING:
    from mj_widgets.session.generation import Generation
    from mj_widgets.session.session import Session
    from mj_widgets.widgets.wall import Find

_ANY = ""
_STARS = [("Any rating", _ANY), *((f"{'★' * stars} or more" if stars < 5 else "★" * stars, stars) for stars in range(1, 6))]  # noqa: PLR2004
_VACUUM = "gen.restore() brings one back; session.vacuum() removes the files of all of them, for good."


class Finder(VBox):  # type: ignore[misc] # ipywidgets has no types
    """The bar. Its controls stand for the arguments of `Session.find`.

    Parameters
    ----------
    kit : Kit
        Makes the controls.
    session : Session
        Is searched.
    show : callable
        Is given what finds those that shall be shown, or None for all.

    Attributes
    ----------
    fields : dict of str to Widget
        By the argument of `Session.find`.
    bin : Checkbox
        Shows those that are deleted instead.
    said : HTML
        How many there are, and the line of Python that finds them.
    """

    def __init__(self, kit: Kit, session: Session, show: Callable[[Find | None], None]) -> None:
        self._session = session
        self._show = show
        self._asked: dict[str, Any] | None = None

        def field(control: type[Any], **traits: Any) -> Any:
            return kit.field(control, self.apply, **traits)

        statuses = [("Any status", _ANY), *((status.value.capitalize(), status.value) for status in Status)]
        self.fields: dict[str, Any] = {
            "text": field(Text, placeholder="Words in prompts, tags, notes", tooltip="Words in prompts, tags, notes"),
            "status": field(Dropdown, options=statuses, tooltip="Status"),
            "tag": field(Dropdown, options=[("Any tag", _ANY)], tooltip="Tag"),
            "rating": field(Dropdown, options=_STARS, tooltip="The fewest stars"),
            "favourite": field(Checkbox, description="Favourites", indent=False, tooltip="Favourites alone"),
            "since": field(DatePicker, description="From", tooltip="The first day"),
            "until": field(DatePicker, description="To", tooltip="The last day"),
        }
        self.bin = field(Checkbox, description="Deleted", indent=False, tooltip="Those that are deleted, to restore them")
        self.said = kit.text("", "mj-quiet")
        bar = kit.row([*self.fields.values(), self.bin], "mj-finder-bar")
        super().__init__((bar, self.said), layout=kit.layout, _dom_classes=["mj-finder"])

    def turn(self, on: bool) -> None:
        """Begin to find, or show all again."""
        if not on:
            self._asked = None
            self._show(None)
            return
        tag = self.fields["tag"]
        options = (("Any tag", _ANY), *((name[:40], name) for name in self._session.tags))
        if options != tag.options:
            before = tag.value
            tag.options = options
            tag.value = before if before in self._session.tags else _ANY
        self.apply()

    def apply(self) -> None:
        """Show what the controls ask for."""
        asked = {"deleted": True} if self.bin.value else self._arguments()
        if asked != self._asked:
            self._asked = asked
            for control in self.fields.values():
                control.disabled = self.bin.value
            self._show(self._find if asked else None)
        self.count()

    def count(self) -> None:
        """Say how many there are now."""
        if self._asked is None:
            return
        if self.bin.value:
            self.said.value = f"{len(self._session.deleted)} deleted · <code>session.deleted</code> · {escape(_VACUUM)}"
            return
        every, arguments = len(self._session.generations), ", ".join(f"{key}={value!r}" for key, value in self._asked.items())
        number = f"{len(self._find())} of {every}" if arguments else f"{every} here"
        self.said.value = f"{number} · <code>session.find({escape(arguments)})</code>"

    def _arguments(self) -> dict[str, Any]:
        values = {name: control.value for name, control in self.fields.items()}
        values["text"] = values["text"].strip()
        for day in ("since", "until"):
            values[day] = values[day].isoformat() if values[day] else None
        return {name: value for name, value in values.items() if value}

    def _find(self) -> tuple[Generation, ...]:
        return self._session.deleted if self.bin.value else self._session.find(**(self._asked or {}))

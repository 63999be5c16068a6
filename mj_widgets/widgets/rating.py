"""The page on which somebody judges a run: one picture, or two, and nothing that says what they were made with.

The browser gets numbers of cards, and pixels that were encoded anew: no prompt, value, name or file is in the page or in the
widget's state.
"""

from __future__ import annotations

import logging
from html import escape
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from mj_widgets.session import imaging
from mj_widgets.sweep.judgement import Choice, Stars
from mj_widgets.widgets.cells import retire
from mj_widgets.widgets.clicks import guarded
from mj_widgets.widgets.fallback import Keeper, Twin
from mj_widgets.widgets.pictures import PictureWidget, checked_side, module, style
from mj_widgets.widgets.sweep_axes import ratio_of

if TYPE_CHECKING:
    from mj_widgets.session.generation import Generation
    from mj_widgets.sweep.sitting import Sitting

log = logging.getLogger(__name__)

AHEAD = 4  # cards that a view is told of: it fetches their pictures before it shows them

_NOUNS = {"stars": "picture", "pairs": "pair"}
_NEXT = {
    "stars": ["run.ratings()", 'run.effects("rating")', "run.agreement()"],
    "pairs": ["run.strengths()", 'run.effects("strength")', "run.agreement()"],
}

# As in fallback.py: the last rule hides JupyterLab's error line.
_STYLE = """<style>
.mj-twin-rating { font: 13px/1.45 system-ui, sans-serif; }
.jp-OutputArea-child:not(:has(.mj-rating)):has(+ .jp-OutputArea-child .mj-twin-rating) { display: none; }
</style>"""


class Rating(Keeper, PictureWidget):
    """A sitting as a page with keys. Made where a `Sitting` ends a cell.

    Parameters
    ----------
    sitting : Sitting
        Who judges what.

    Examples
    --------
    >>> run = Sweep("a {animal}", animal=["fox", "owl"]).run(session).result()
    >>> page = Rating(run.rate("Ada"))
    >>> page.state["done"], page.state["of"], page.state["ahead"]
    (0, 2, [0, 1])
    """

    _esm = module("twin", "rating")
    _css = style("rating")

    def __init__(self, sitting: Sitting, **traits: Any) -> None:
        self.sitting = sitting
        name = uuid4().hex[:12]
        fixed = {
            "name": name,
            "rater": sitting.rater,
            "kind": sitting.kind,
            "of": len(sitting),
            "ratio": ratio_of(sitting.run.cells),
            "error": "",
        }
        super().__init__(fixed | self._stand(), _nobody, **traits)
        self.twin = Twin(name, tuple, draw=lambda _shown, _name: page(self.state))

    def __repr__(self) -> str:
        return f"Rating({self.sitting!r})"

    def rest(self) -> None:
        """Say nothing more to the static twin, for good."""
        self.twin.close()

    # What the view says and asks for

    def _hear(self, widget: object, message: dict[str, Any], buffers: object) -> None:
        kind = message.get("kind")
        if kind == "hello":
            self.send({"kind": "here"})
        elif kind in ("judge", "undo"):
            guarded(lambda: self._take(message), self._report)()
        else:
            super()._hear(widget, message, buffers)

    def _take(self, message: dict[str, Any]) -> None:
        if message["kind"] == "undo":
            self.sitting.undo()
        elif int(message["card"]) in self.sitting.ahead:  # else it was said already: a view says again what was not answered
            self.sitting.judge(message["said"], place=int(message["card"]))
        self.state = {**self.state, **self._stand()}
        self.twin.refresh()

    def _answer(self, question: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        card, side = int(question["card"]), checked_side(question["side"])
        image = self.sitting.pictures(card)[int(question["which"])]
        try:
            return {}, [imaging.renditions.give(image, side)]
        except (OSError, ValueError) as error:  # whose words may name the file
            log.warning("A picture that is to be judged cannot be read: %s", error)
            raise ValueError("This picture cannot be read. session.verify() fetches it again.") from error

    def _report(self, error: Exception | None) -> None:
        self.state = {**self.state, "error": (str(error) or type(error).__name__) if error else ""}

    # What there is to say

    def _stand(self) -> dict[str, Any]:
        """Say how far it is."""
        said, ahead = self.sitting.said, self.sitting.ahead
        return {
            "done": len(said),
            "ahead": ahead[:AHEAD],
            "last": _last(said),
            "summary": [] if ahead else _summary(self.sitting),
            "next": [] if ahead else _NEXT[self.sitting.kind],
        }

    def _ipython_display_(self, **_: Any) -> None:
        from IPython.core.getipython import get_ipython
        from IPython.display import display

        bundle = (self._repr_mimebundle_() or ({},))[0]
        display({**bundle, "text/plain": repr(self.sitting)}, raw=True)  # type: ignore[no-untyped-call] # IPython
        kernel = getattr(get_ipython(), "kernel", None)
        if kernel is not None:
            self.twin.kept_by(self)
            self.twin.show()
            retire(kernel, self)


def page(state: dict[str, Any]) -> str:
    """Say how far somebody is, as HTML that needs neither script nor network: what a saved notebook shows, blind as well."""
    told = f"{state['rater']} has judged {state['done']:,} of {state['of']:,} {_NOUNS[state['kind']]}s."
    words = " ".join([told, *state["summary"]] if not state["ahead"] else [told, "Run this cell again to go on."])
    inside = f'{_STYLE}<p class="mj-twin-rating">{escape(words)}</p>'
    return f'<div class="mj-twin mj-twin-{state["name"]}">{inside}</div>'


def _last(said: dict[int, Stars | Choice]) -> int | str:
    """Give what was said last; empty where nothing was."""
    last = next(reversed(said.values()), None)
    return "" if last is None else last.stars if isinstance(last, Stars) else last.won


def _summary(sitting: Sitting) -> list[str]:
    """Say how far the rater agreed with himself."""
    noun = _NOUNS[sitting.kind]
    told = []
    for one in sitting.agreement():
        if one.measure == "same again":
            same = round(one.value * one.n)
            told.append(f"Of {one.n:,} {noun}{'s' * (one.n > 1)} asked twice, {same:,} got the same answer again.")
        if one.measure == "off again" and one.value:
            told.append(f"Stars differed by {one.value:.2g} on average.")
    return told


def _nobody(id_: str) -> Generation:
    raise KeyError(id_)

"""A session, or what led to one generation, as a script that runs."""

from __future__ import annotations

import base64
import builtins
import keyword
import re
import textwrap
import unicodedata
from collections.abc import Container, Iterable
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

from mj_widgets.models import ImagineRequest, Status, TextRequest
from mj_widgets.prompt.parse import parse
from mj_widgets.prompt.pricing import Estimate, estimate, total
from mj_widgets.session.lines import Name, Words, arguments, line
from mj_widgets.session.mask import is_kept, mask_of
from mj_widgets.session.metadata import tool

if TYPE_CHECKING:
    from mj_widgets.session.generation import Generation
    from mj_widgets.session.session import Session

_WIDTH = 120  # columns of what is wrapped; a line that holds a prompt is as long as it is
_LONGEST_NAME = 32
_TAKEN = {*dir(builtins), *keyword.kwlist, *keyword.softkwlist, "mj", "session", "gen", "b64decode"}
_STOP_WORDS = frozenset(
    ("a", "an", "and", "at", "by", "for", "from", "in", "into", "is", "it", "its", "of", "on", "or", "over", "some", "that")
) | {"the", "this", "to", "under", "with"}

_SUFFIXES = {
    **{f"upscale{n}": f"u{n}" for n in range(1, 5)},
    **{f"variation{n}": f"v{n}" for n in range(1, 5)},
    "variation_region": "region",
    "zoom_out_1_5x": "zoom",
    "zoom_out_2x": "zoom",
    "extend": "longer",
}
_TEXTS = ("shorten", "translate")  # what they ask about is a text, and no address or id
_LEFT_OUT = {
    Status.FAILED: "failed",
    Status.STOPPED: "was stopped",
    Status.UNCONFIRMED: "was sent and never answered",
}


def script(session: Session, gen: Generation | None = None) -> str:
    """Write a session, or what led to one generation, as a script: see `Session.script`."""
    if gen is not None and gen.session is not session:
        raise ValueError(f"{gen.id} is not of the session {session.name!r}.")
    return _Script(session).write(_living(session) if gen is None else session.lineage.path(gen))


def _living(session: Session) -> list[Generation]:
    """Give all that is not deleted, and of the deleted ones those from which something of it came; parents first."""
    wanted: set[Generation] = set()
    for gen in session._all():
        wanted.update([] if gen.is_deleted else _above(gen, wanted))
    ordered: dict[Generation, None] = {}
    for gen in session._all():
        if gen in wanted:  # of two that were added from elsewhere, the clocks may have differed
            ordered |= dict.fromkeys(reversed(_above(gen, ordered)))
    return [*ordered]


def _above(gen: Generation, known: Container[Generation]) -> list[Generation]:
    """Give a generation, its parent and so on, as far as they are not known yet."""
    found: list[Generation] = []
    one: Generation | None = gen
    while one is not None and one not in known:
        found.append(one)
        one = one.parent
    return found


class _Script:
    """One script while it is written."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._names: dict[str, str] = {}  # by generation
        self._masks: dict[str, str] = {}  # by content
        self._taken = {*_TAKEN}
        self._numbers: dict[str, int] = {}  # the last one that each name was given
        self._lines: list[str] = []
        self._estimates: list[Estimate] = []
        self._words = Words(picture=lambda gen: f"{self._names[gen.id]}.result()", mask=self._mask, request=self._request)

    def write(self, generations: Iterable[Generation]) -> str:
        for gen in generations:
            self._add(gen)
        return "\n".join([*self._head(), *self._lines, *self._tail(), ""])

    def _tail(self) -> list[str]:
        """Wait for all; what a person thought of a tile can be said when it is there."""
        if not self._names:
            return []
        names = ", ".join(self._names.values()) + "," * (len(self._names) == 1)
        line = f"for gen in ({names}):"
        loop = [line] if len(line) <= _WIDTH else ["for gen in (", *_wrapped(names), "):"]
        marks = [line for id_, name in self._names.items() for line in _marks(self._session[id_], name)]
        return ["", *loop, "    gen.result()", *([""] if marks else []), *marks]

    def _head(self) -> list[str]:
        name, known = self._session.name, [one for one in self._estimates if one.credits is not None]
        number, unknown = len(self._estimates), len(self._estimates) - len(known)
        cost = str(total(known))
        if unknown:
            cost = f"{cost} and {unknown} of unknown price" if known else "unknown"
        again = f"{name[:94].rstrip(' .-')} again"
        return [
            f"# The session {name!r} as a script, written by {tool()}.",
            f"# Running it makes {number} {'request' if number == 1 else 'requests'} again. Estimated cost: {cost}.",
            "# Without an API token the sandbox answers, for nothing.",
            "",
            *(["from base64 import b64decode", ""] if self._masks else []),
            "import mj_widgets as mj",
            "",
            f"session = mj.Session({again!r})",
            "",
        ]

    def _add(self, gen: Generation) -> None:
        reason, name = self._reason(gen), self._name(gen)
        if not reason:
            call = line(gen, self._words)
            self._lines.append(f"{name} = {call}")
            self._names[gen.id] = name
            self._estimates.append(estimate(gen.request, prices=self._session.prices))
        elif self._parent_is_here(gen):
            call = line(gen, replace(self._words, mask=lambda _: "mask"))
            self._lines.append(f"# {name} = {call}  # {_plain(reason)}")
        else:
            self._lines.append(f"# {name}: {_plain(gen.request.action)} {_plain(gen.prompt)!r}  # {_plain(reason)}")

    def _parent_is_here(self, gen: Generation) -> bool:
        """Whether a line can say what it would be, if it were asked again."""
        source = gen.request.source
        return source is None or source.generation in self._names

    def _reason(self, gen: Generation) -> str:
        """Say why it cannot be asked for again; empty when it can."""
        request, source = gen.request, gen.request.source
        if gen.status in _LEFT_OUT:
            why = f": {gen.error.message}" if gen.error and gen.status is Status.FAILED else ""
            return _LEFT_OUT[gen.status] + why
        if source and source.generation is None:
            return "left out: it continues a picture that was not made here"
        if source and gen.parent is None:
            return f"left out: it continues {source.generation}, which is not in this session"
        if source and source.generation not in self._names:
            return "left out: it continues one that was left out"
        if is_kept(request.mask) if request.mask else request.action == "variation_region":
            return "left out: its mask is not here"
        return ""

    def _mask(self, gen: Generation) -> str:
        """Write a mask down where it is first needed, and give its name."""
        content = gen.request.mask or ""
        if content not in self._masks:
            self._masks[content] = self._unique("mask")
            self._lines.append(f"{self._masks[content]} = mj.Mask(b64decode({_packed(content)!r}))")
        return self._masks[content]

    def _request(self, gen: Generation) -> str:
        request, parent, source = gen.request, gen.parent, gen.request.source
        fields = request.model_dump(exclude_defaults=True, exclude={"source"})
        if source and parent:
            start, image = self._words.picture(parent), parent.image
            same = {parent.outcome.video_id: "outcome.video_id"}
            if image:
                same |= {image.url: "image.url", image.id: "image.id"}
            now = {old: Name(f"{start}.{new}") for old, new in same.items() if old}
            fields = {name: now.get(value, value) if isinstance(value, str) else value for name, value in fields.items()}
            ref = arguments(
                image_id=now.get(source.image_id, source.image_id), generation=Name(f"{start}.id"), tile=source.tile
            )
            fields["source"] = Name(f"mj.ImageRef({ref})")
        return f"mj.{type(request).__name__}({arguments(**fields)})"

    def _name(self, gen: Generation) -> str:
        """Call a generation by its prompt, and one that continues another by both."""
        source, request = gen.request.source, gen.request
        before = self._names.get(source.generation or "") if source else None
        own = {"edits": "edit", "videos": "film"}.get(request.endpoint, request.action)
        step = _SUFFIXES.get(request.action, own if request.action == "generate" else request.action.rpartition("_")[2])
        if before and len(before) + len(step) < _LONGEST_NAME and f"{before}_{step}".isidentifier():
            return self._unique(f"{before}_{step}")
        text = request.content if isinstance(request, TextRequest) and request.action in _TEXTS else gen.prompt
        first = _first_words(text) or ("picture" if request.endpoint != "text" else "")
        ending = "" if isinstance(request, ImagineRequest) else f"_{step}"
        return self._unique(f"{first}{ending}".strip("_"))

    def _unique(self, name: str) -> str:
        number, found = self._numbers.get(name, 1), name
        while found in self._taken:
            number += 1
            found = f"{name}_{number}"
        self._numbers[name] = number
        self._taken.add(found)
        return found


def _first_words(text: str) -> str:
    """Make a name of a prompt's first words that say something."""
    found: list[str] = []
    for word in re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", parse(text).words[:1000]).lower()):
        backwards = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in word)  # they turn a line of code about
        if word.isidentifier() and word == unicodedata.normalize("NFKC", word) and word not in _STOP_WORDS and not backwards:
            found.append(word[: _LONGEST_NAME // 2])
    name = "_".join(found[:2])
    return name if name.isidentifier() else ""


def _packed(mask: str) -> str:
    """Write a mask as shortly as a PNG can: a bit a pixel. A `Mask` makes the same of it."""
    buffer = BytesIO()
    mask_of(mask).to_pil().convert("1").save(buffer, "PNG", optimize=True)
    return base64.b64encode(buffer.getvalue()).decode()


def _marks(gen: Generation, name: str) -> list[str]:
    """Write what a person thought of it."""
    marks = gen.marks
    lines = [f"{name}.rate({arguments(stars, tile=tile or None)})" for tile, stars in sorted(marks.ratings.items())]
    lines += [f"{name}.favourite({arguments(tile=tile or None)})" for tile in marks.favourites]
    lines += [f"{name}.tag({arguments(*marks.tags)})"] if marks.tags else []
    lines += [f"{name}.note({arguments(marks.note)})"] if marks.note else []
    return lines + ([f"{name}.delete()"] if marks.deleted_at is not None else [])


def _plain(text: str) -> str:
    """Make a text fit for a comment: one line of what can be seen."""
    return textwrap.shorten("".join(letter if letter.isprintable() else " " for letter in text), 200, placeholder=" …")


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent="    ", subsequent_indent="    ", break_long_words=False)

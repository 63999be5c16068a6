"""Faults on demand: what goes wrong, when, and how to ask for it.

**By a word in the prompt**, at any sandbox, like the test cards of a payment service::

    sandbox:FAULT                 every time that this prompt is sent
    sandbox:FAULT=VALUE           with the fault's main option (in brackets below)
    sandbox:FAULTxTIMES           only the first so many times; then the next card of the prompt, or none
    sandbox:picture-FAULT         not on the order, but on its picture; so with tile, preview, cover, clip, file, tasks
    sandbox:FAULT+FAULT=VALUE     both at once

**By a schedule**, for tests: ``serve(faults=[...])``, `Faults.add` on ``sandbox.faults``, or from another process
``POST /sandbox/faults``; each of it for the next calls that match::

    {"on": "imagine", "fault": "429", "times": 2, "retry_after": 1}

====================  =================================================================================================
card                  what happens
====================  =================================================================================================
``429``               refused: too many requests [retry_after]; with ``http_date`` the header is a date
``400`` ``413``       refused: a bad request, or one that is too large
``bad_token``         refused: 401
``used_up``           refused: 403, the balance is used up
``moderated``         refused: 403 forbidden, by moderation
``403`` ``404``       refused: the application is disabled; there is no such API
``500`` ``502``       refused before anything is accepted; so with ``503``
``html``              a gateway's page instead of an answer [status]; of a file with 200 and ``text/html``
``drop``              the connection is closed before anything is accepted
``redirect``          307 to another address
``empty``             ``{}``; ``unknown``: a look-up that finds nothing
``500_after``         accepted, then 500; ``504``: accepted, then 504. The job goes on
``lost``              accepted, then the connection is closed without a word. The job goes on
``late``              accepted, then silence [seconds], for ever without
``stuck``             the job stays at 85 % [at] until it is released
``failed``            the job fails at 46 % [at]; ``moderated_late``: it is refused there by moderation
``cut``               the connection is closed after one line [line], or ``inside`` of it, or after a ``byte``
``drip``              the answer comes in tiny pieces with pauses [pause]
``keepalive``         blank lines everywhere, and all the time [every]
``garbage``           lines that are none; ``unicode``: characters of several bytes
``two_finals``        the last line comes twice; ``then="failure"``: and says the contrary
``backwards``         progress goes back now and then
``gzip``              the answer is compressed
``truncated``         half of it comes, as if that were all [share]
``expired``           addresses that are dead already; on a file: it dies, and a look-up tells another one
====================  =================================================================================================

`refusals`, `mishaps` and `distortions` have all the options, and what in the service's notes each stands for.
"""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from functools import partial
from typing import Any, Protocol

from mj_widgets.sandbox import distortions as d
from mj_widgets.sandbox import mishaps as m
from mj_widgets.sandbox import refusals as r

_FILES = ("picture", "tile", "preview", "cover", "clip")
_ORDERS = ("imagine", "edits", "videos")
_TEXTS = ("describe", "shorten", "translate", "seed")
GROUPS: dict[str, tuple[str, ...]] = {
    **{name: (name,) for name in (*_ORDERS, *_TEXTS, *_FILES, "tasks")},
    "submit": _ORDERS,
    "text": _TEXTS,
    "order": (*_ORDERS, *_TEXTS),
    "file": _FILES,
    "*": (*_ORDERS, *_TEXTS, *_FILES, "tasks"),
}
"""What ``on`` may be: the name of a call, or of a group of them."""

_PLAIN: dict[str, type[m.Mishap]] = {
    "html": r.Html, "drop": r.Drop, "redirect": r.Redirect, "empty": r.Empty, "unknown": r.Unknown, "lost": m.Lost,
    "late": m.Late, "stuck": m.Stuck, "failed": m.Failed, "cut": d.Cut, "drip": d.Drip, "keepalive": d.KeepAlive,
    "garbage": d.Garbage, "unicode": d.Unicode, "two_finals": d.TwoFinals, "backwards": d.Backwards, "gzip": d.Gzip,
    "truncated": d.Truncated, "expired": d.Expired,
}  # fmt: skip
MISHAPS: dict[str, Callable[..., m.Mishap]] = {
    **{name: partial(r.Refused, name=name) for name in r.REFUSALS},
    **{name: partial(m.FailedAfter, name=name) for name in ("500_after", "504")},
    **_PLAIN,
    "moderated_late": partial(m.Failed, code="forbidden", message="prompt refused by moderation"),
}
"""Every fault by its name."""

_OWN = "order"  # what a card is for that names nothing else
_WORD = re.compile(r"sandbox:(\S+)")
_PART = r"[a-z0-9_]+?(?:=\d+(?:\.\d+)?)?"
_CARD = re.compile(rf"(?:({'|'.join((*_FILES, 'file', 'tasks'))})-)?({_PART}(?:\+{_PART})*)(?:x(\d+))?")


class About(Protocol):
    """A call, as far as the schedule wants to know."""

    on: str
    path: str
    is_moved: bool
    is_fresh: bool

    def says(self, words: str) -> bool:
        """Tell whether its address, its body, or a prompt that it is about has these words in it."""

    def prompts(self) -> list[str]:
        """Give the prompts with cards that it is about: its own, or those of the jobs that it asks for."""


@dataclass
class Fault:
    """One entry of the schedule: see `Faults.add`."""

    on: str
    fault: str
    times: int | None = 1
    after: int = 0
    match: str = ""
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.on not in GROUPS:
            raise ValueError(f"on must be one of {', '.join(GROUPS)}, not {self.on!r}")
        if self.times is not None and (not isinstance(self.times, int) or self.times < 1):
            raise ValueError(f"times must be 1 or more, or None for always, not {self.times!r}")
        if not isinstance(self.after, int) or not isinstance(self.match, str):
            raise ValueError("after must be a number, and match a text")
        self.mishaps = make(self.fault, self.options)
        if not set(GROUPS[self.on]) & set(_ORDERS) and any(mishap.fate() for mishap in self.mishaps):
            raise ValueError(f"{self.fault} is for what draws ({', '.join(_ORDERS)}), not for {self.on}")

    def told(self) -> dict[str, Any]:
        """Write it as it was asked for."""
        return {
            "on": self.on,
            "fault": self.fault,
            "times": self.times,
            "after": self.after,
            "match": self.match,
            **self.options,
        }


def make(names: str, options: dict[str, Any]) -> list[m.Mishap]:
    """Make the mishaps that are named, joined with ``+``.

    Raises
    ------
    ValueError
        A name or an option is not known, or is of the wrong type.
    """
    made, left = [], dict(options)
    for name in names.split("+"):
        if name not in MISHAPS:
            raise ValueError(f"there is no fault {name!r}; there are {', '.join(sorted(MISHAPS))}")
        plain = MISHAPS[name]()
        own = {each.name: str(each.type) for each in fields(plain) if each.name != "name" and each.name in options}
        for option, wanted in own.items():
            _check(name, option, options[option], wanted)
            left.pop(option, None)
        made.append(MISHAPS[name](**{option: options[option] for option in own}))
    if left:
        raise ValueError(f"{names} has no option {', '.join(left)}")
    return made


def _check(name: str, option: str, value: object, wanted: str) -> None:
    kind = "None" if value is None else type(value).__name__
    kinds = [word.strip() for word in wanted.split("|")]
    if kind not in kinds and not (kind == "int" and "float" in kinds):
        raise ValueError(f"{option} of {name} must be {wanted}, not {value!r}")


class Faults:
    """The schedule of one sandbox, and a record of what happened.

    Parameters
    ----------
    plan : iterable of dict
        Entries, each with what `add` takes.

    Attributes
    ----------
    fired : list of dict
        Every fault that struck: ``on``, ``fault``, ``path``, ``at`` in Unix seconds.

    Examples
    --------
    >>> faults = Faults([{"on": "imagine", "fault": "429", "retry_after": 1}])
    >>> faults.add("picture", "truncated", times=2)
    >>> [entry["fault"] for entry in faults.pending]
    ['429', 'truncated']
    """

    def __init__(self, plan: Iterable[dict[str, Any]] = ()) -> None:
        self.fired: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._entries: list[Fault] = []
        self._cards: Counter[tuple[str, str]] = Counter()
        self.extend(plan)

    @property
    def pending(self) -> list[dict[str, Any]]:
        """What is still to come, in its order."""
        with self._lock:
            return [entry.told() for entry in self._entries]

    def add(self, on: str, fault: str, *, times: int | None = 1, after: int = 0, match: str = "", **options: Any) -> None:
        """Ask for a fault. Of several that match a call, the one that was asked for first strikes.

        Parameters
        ----------
        on : str
            The call: ``imagine``, ``edits``, ``videos``, ``describe``, ``shorten``, ``translate``, ``seed``, ``tasks``,
            ``picture``, ``tile``, ``preview``, ``cover`` or ``clip``; or one of several: ``submit`` (the first three),
            ``text`` (the next four), ``order`` (both), ``file`` (the last five), ``*`` (all).
        fault : str
            A name of the table above, or several joined with ``+``.
        times : int or None
            For how many calls; None for all.
        after : int
            So many matching calls are let pass first.
        match : str
            Words that the call's address, its body, or the prompt of the job that it is about must have in it.
        **options
            Those of the fault.

        Raises
        ------
        ValueError
            There is no such call, fault or option.
        """
        self.extend([{"on": on, "fault": fault, "times": times, "after": after, "match": match, **options}])

    def extend(self, plan: Iterable[dict[str, Any]]) -> None:
        """Ask for several faults at once, or for none if one of them is wrong."""
        known = {each.name for each in fields(Fault)} - {"options"}
        entries = []
        for asked in plan:
            if not isinstance(asked, dict) or not isinstance(asked.get("on"), str) or not isinstance(asked.get("fault"), str):
                raise ValueError(f"a fault needs 'on' and 'fault', both texts: {asked!r}")
            options = {name: value for name, value in asked.items() if name not in known}
            entries.append(Fault(**{name: asked[name] for name in known & asked.keys()}, options=options))
        with self._lock:
            self._entries += entries

    def clear(self) -> None:
        """Forget what is to come, and what happened; the cards start anew."""
        with self._lock:
            self._entries.clear()
            self._cards.clear()
            self.fired.clear()

    def take(self, call: About) -> list[m.Mishap]:
        """Say what goes wrong with a call, and count it."""
        if call.is_moved:
            return []
        with self._lock:
            return self._scheduled(call) or self._carded(call)

    def _scheduled(self, call: About) -> list[m.Mishap]:
        for entry in self._entries:
            if call.on not in GROUPS[entry.on] or not call.says(entry.match):
                continue
            if entry.after:
                entry.after -= 1
                continue
            if entry.times is not None:
                entry.times -= 1
                if not entry.times:
                    self._entries.remove(entry)
            self._note(call, entry.fault)
            return entry.mishaps
        return []

    def _carded(self, call: About) -> list[m.Mishap]:
        for prompt in call.prompts():
            for word in _WORD.findall(prompt):
                card = word.rstrip(".,;:!?)\"'")
                match = _CARD.fullmatch(card)
                on, parts, times = match.groups() if match else (None, card, None)
                try:
                    made = [mishap for part in parts.split("+") for mishap in _dealt(part)]
                except ValueError as error:
                    return [r.Refused("400", message=f"`sandbox:{card}` is no test card: {error}")]
                key = (prompt, f"{call.on} {card}")
                over = times is not None and self._cards[key] >= int(times)
                if call.on not in GROUPS[on or _OWN] or over or (call.is_fresh and parts == "expired"):
                    continue
                self._cards[key] += 1
                self._note(call, parts)
                return made
        return []

    def _note(self, call: About, fault: str) -> None:
        self.fired.append({"on": call.on, "fault": fault, "path": call.path, "at": time.time()})


def _dealt(part: str) -> list[m.Mishap]:
    """Make the mishap of a card, or of one part of it; its value is for the main option."""
    name, equals, value = part.partition("=")
    if not equals:
        return make(name, {})
    main = make(name, {})[0].main
    if not main or not value.replace(".", "", 1).isdecimal():
        raise ValueError(f"{name} takes no value {value}")
    return make(name, {main: float(value) if "." in value else int(value)})

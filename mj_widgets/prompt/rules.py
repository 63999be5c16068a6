"""What a prompt may say: a linter that gives the reason in a sentence and, where it can, the mended text.

`RULES` lists what may be found, and the functions of `_CHECKS` find it. Ranges, versions and refusals are those of the
service's docs and of the vendor's own form; what is told elsewhere, or inferred, is a warning that says so.

The prompt is read as it is sent, with pasted dashes mended and mode flags taken out. A value may be a group, as in
``--ar {3:2, 1:1}``: each alternative has to be right. Where a group holds a flag, or a part of one, nothing is said about
flags: lint what `expand` makes of it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property, lru_cache
from itertools import islice, pairwise
from typing import Literal, NamedTuple, get_args
from unicodedata import normalize

from mj_widgets.models import Asked, Mode
from mj_widgets.prompt.parse import KNOWN, SWITCHES, Parameter, Prompt, parse
from mj_widgets.prompt.slips import ANY, slips
from mj_widgets.prompt.template import expansions, groups, unpaired
from mj_widgets.prompt.values import OLD, RANGES, V8, judged, version_of

Level = Literal["error", "warning", "info"]


class Rule(NamedTuple):
    """What a finding says; a name in braces stands for what was found."""

    level: Level
    message: str
    """One sentence, with the reason."""
    label: str = "{better}"
    """What the fix does, for a button."""


RULES = {
    "empty": Rule("error", "The prompt is empty: say what to draw."),
    "no-words": Rule("error", "There are only flags: say what to draw."),
    "half-character": Rule("error", "Half a character, such as of an emoji that was cut, cannot be sent.", "Take it out"),
    "words-taken": Rule("error", "All that follows --{flag} belongs to it, so nothing is left to draw.", "Write {better}"),
    "quoted": Rule("error", "The quotes around it all are read too, with the last value.", "Remove the quotes"),
    "discord": Rule("warning", "The command of a chat room is read as words here.", "Remove it"),
    "one-image": Rule("warning", "One image without words may be refused: say what to draw, or add an image to blend with."),
    "many-images": Rule("error", "At most 5 images may stand in front, not {number}.", "Keep the first 5"),
    "image-not-first": Rule("warning", "An image counts in front only; here its address is read as words.", "Put it in front"),
    "not-a-picture": Rule("warning", "This seems to be a page, or a file of another kind: give the picture's own address."),
    "local-file": Rule("warning", "A picture is given by its address, https://…: a file on this computer is read as words."),
    "address": Rule("warning", "An address that does not start with https:// is read as words.", "Write https://"),
    "no-https": Rule("warning", "An address without https:// in front is read as words.", "Write https://"),
    "wrapped": Rule("warning", "An address in brackets or quotes is read as words.", "Write it bare"),
    "glued-addresses": Rule("warning", "A space goes between two addresses; these are read as one.", "Put a space between"),
    "address-mark": Rule("warning", "A mark right after an address is read as part of it.", "Remove the mark"),
    "space-inside": Rule("warning", "A space ends an address; inside it is written %20.", "Write %20"),
    "insecure-url": Rule("warning", "The service asks for images by https.", "Write https"),
    "long": Rule("warning", "A prompt of over 6000 characters may be refused; nobody tells where the limit is."),
    "translate": Rule("info", "Midjourney knows English best, and the service can translate this (translation=True)."),
    "loose-brace": Rule("warning", "A brace without its partner makes no group.", "Write a parenthesis"),
    "escaped-brace": Rule("warning", "It is uncertain that Midjourney reads an escaped brace as text.", "Write a parenthesis"),
    "dash": Rule("info", "A dash stands for the two hyphens of a flag; it is mended on sending.", "Write two hyphens"),
    "dash-word": Rule("warning", "A dash right before a word may be taken for a flag, and refused.", "Put a space between"),
    "hyphens": Rule("warning", "A flag starts with two hyphens; with these it is read as a word.", "Write two hyphens"),
    "hyphens-apart": Rule("warning", "A flag's name follows its hyphens; after a space it is read as words.", "Close the gap"),
    "no-hyphens": Rule("warning", "A flag starts with two hyphens; without them it is read as words.", "Write two hyphens"),
    "lone-hyphens": Rule("warning", "Hyphens without a name are no flag, and may be refused.", "Remove them"),
    "no-space": Rule("warning", "A flag that touches what is before it is read as part of that.", "Put a space between"),
    "glued": Rule("error", "{flag} is taken for a name, and refused as unknown: a space ends a name.", "Put a space between"),
    "unknown-flag": Rule("error", "--{flag} is no known flag, and the service refuses those.", "Write --{better}"),
    "repeated": Rule("warning", "--{flag} stands here {number} times, and it is uncertain which of them counts."),
    "stray-mark": Rule("warning", "A mark between flags is read as a word; a space parts them.", "Remove it"),
    "switch-value": Rule("warning", "--{flag} takes no value, so {value} is read as a word.", "{better}"),
    "stray-words": Rule("warning", "Words after a flag and its value may be refused or left out.", "Put them before the flags"),
    "mode-conflict": Rule("error", "--{flag} contradicts the mode {mode} that is asked for beside the text.", "Remove it"),
    "mode-twice": Rule("warning", "Of several modes the last one counts, --{mode}.", "Keep the last"),
    "missing-value": Rule("error", "--{flag} needs a value."),
    "not-a-number": Rule("error", "--{flag} takes a number, not {value}."),
    "not-whole": Rule("warning", "--{flag} is documented for whole numbers, not for {value}."),
    "range": Rule("error", "--{flag} takes {low} to {high}, not {value}."),
    "range-uncertain": Rule("warning", "--{flag} is told to take {low} to {high}; whether it takes {value} is uncertain."),
    "repeat-cost": Rule("warning", "--{flag} {value} asks for {value} grids, and each is charged."),
    "aspect": Rule("error", "--{flag} takes a ratio such as 3:2, with no zero in it, not {value}."),
    "aspect-spaces": Rule("error", "A space ends a value, so --{flag} gets {value} alone.", "Write {better}"),
    "aspect-decimal": Rule("warning", "--{flag} is documented for whole numbers, not for {value}."),
    "quality": Rule("warning", "--{flag} is told to take {known} in V{version}; whether it takes {value} is uncertain."),
    "reference-comma": Rule("warning", "Spaces go between references; a comma is read as part of one.", "Write spaces"),
    "version": Rule("warning", "--{flag} {value} is no version that is known here; it may be refused."),
    "niji": Rule("info", "--{flag} {value} may work, but the vendor's own form offers 5 alone."),
    "niji-style": Rule("warning", "--{flag} {value} is told of niji models; whether others take it is uncertain."),
    "turbo-version": Rule("error", "V8.1 has no turbo mode: the service refuses it.", "Remove --turbo"),
    "quality-version": Rule("error", "V8.1 takes no --quality: the service refuses it.", "Remove it"),
    "iw-version": Rule("warning", "V8 and later (the default) are told to take no --iw; it may be refused.", "Remove it"),
    "hd-version": Rule("warning", "Only V8 and later are told to take --hd; elsewhere it may be refused.", "Remove it"),
    "niji-version": Rule("warning", "--niji and --version both choose a model; which one counts is uncertain.", "Remove it"),
}  # fmt: skip
"""Every rule by its stable id."""

_MOST_TOLD = 25  # findings; nobody reads more, and each may hold a copy of the text
_MOST_TRIED = 50  # alternatives of a value, and unknown flags for which a near one is sought
_MOST_IMAGES = 5
_LONG = 6000  # characters
_MOST_SHOWN = 40  # characters of a flag or a value in a message
_DEFAULT_VERSION = "8.2"
_JOINED = {"no": ", ", "sref": " ", "cref": " ", "oref": " ", "profile": " "}  # repeated ones become one
_NEEDS_VALUE = {*RANGES, *_JOINED, "aspect", "niji", "quality", "style", "version"} - {"profile"}
_REJECTED = [
    ("quality-version", {"8.1"}, "quality"), ("iw-version", V8, "iw"),
    ("hd-version", {*OLD, "niji"}, "hd"), ("niji-version", {"niji"}, "version"),
]  # fmt: skip
_REWORDING = {  # the fixes that mean to change words or the mode
    "dash-word", "hyphens", "loose-brace", "escaped-brace", "glued", "unknown-flag", "image-not-first", "mode-conflict",
    "turbo-version", "words-taken", "quoted", "discord", "address", "no-https", "wrapped", "glued-addresses", "address-mark",
    "space-inside", "hyphens-apart", "no-hyphens", "lone-hyphens", "no-space", "half-character", "stray-mark", "switch-value",
    "aspect-spaces",
}  # fmt: skip
_MEANT = {"ratio": "ar", "size": "ar", "negative": "no", "neg": "no", "not": "no", "without": "no", "model": "version"}
_TURNED = {"true": True, "yes": True, "1": True, "on": True, "false": False, "no": False, "0": False, "off": False}
_QUOTES = {'"': '"', "'": "'", "`": "`", "\u201c": "\u201d", "\u201e": "\u201c", "\u2018": "\u2019", "\u00ab": "\u00bb"}
_MARKS = re.compile(r"[,;:.|]+")

_DASH = re.compile(rf"(?<!\S)[\u2013\u2014]+(?={ANY}(?!\S))")
_MODE = re.compile(rf"(?<!\S)--((?ai:{'|'.join(get_args(Mode))}))(?!\S)")
_GLUED = re.compile(rf"(?<!\S)(?:--({ANY})(?:[=:,;]+|\.+(?!\S)|(?=[.\d]))|[\u2013\u2014]+({ANY})(?:[=:]+|(?=\.?\d)))(?=(\S*))")
_TOKEN = re.compile(r"\S+")
_URL = re.compile(r"(?i)https?://[^,;.]")
_SPACED = re.compile(r"(?ai)(\d{1,9})(?:\s*(?:[:/x*\u00d7]|by|to)\s+|\s+(?:[:/x*\u00d7]|by|to)\s*|\s+)(\d{1,9})(?!\S)")
_TOUCHING = re.compile(rf"[^\s-]--{ANY}(?:[=:]|\.?\d|(?!\S))")  # the next flag, as `slips` finds it
_FOREIGN = re.compile(r"(?=[^\W\d_])[\u0370-\u1dff\u2c80-\ua71f\ua800-\uaaff\uabc0-\ufaff\ufb13-\uff20\uff66-\U0003ffff]")


@dataclass(frozen=True)
class Finding:
    """What is wrong with a prompt, and what would mend it."""

    level: Level
    """``error``: the service will refuse it, or money would be wasted; ``warning``: it may be so; ``info``: good to know."""
    message: str
    """A sentence, with the reason."""
    span: tuple[int, int]
    """Where in the text; ``(0, 0)`` when a field of the request says it."""
    rule: str
    """The id in `RULES`."""
    fix: str | None = None
    """The whole text without this, and without what else gets the same message; None where we cannot know what is meant."""
    fix_label: str | None = None
    """What the fix does, for a button."""


class _Edit(NamedTuple):
    start: int
    end: int
    text: str = ""  # nothing: the white space before it goes as well


class _Hit(NamedTuple):
    rule: str
    span: tuple[int, int]
    edits: Sequence[_Edit] = ()
    facts: dict[str, object] = {}  # noqa: RUF012 - read only

    def says(self, template: str) -> str:
        return template.format_map({name: _short(fact) for name, fact in self.facts.items()}) if self.facts else template


@dataclass(frozen=True)
class _Draft:
    """A text, read for linting."""

    typed: str
    asked: Asked | None = None
    mode: Mode | None = None

    @cached_property
    def dashes(self) -> list[tuple[int, int]]:
        """Where in `text` a pasted dash was mended, and how far what comes after it was moved."""
        found: list[tuple[int, int]] = []
        moved = 0
        for dash in _DASH.finditer(self.typed):
            moved += 2 - len(dash[0])
            found.append((dash.end() + moved - 2, moved))
        return found

    def place(self, position: int) -> int:
        """Turn a position in `text` into one in what was typed."""
        before = bisect_left(self.dashes, (position,))
        return position - (self.dashes[before - 1][1] if before else 0)

    @cached_property
    def text(self) -> str:
        """The text with dashes mended: all positions are those in it, but for those of a finding."""
        return _DASH.sub("--", self.typed)

    @cached_property
    def prompt(self) -> Prompt:
        """What is sent; mode flags are blanked instead of taken out, so that all else keeps its place."""
        return Prompt(_MODE.sub(lambda flag: " " * len(flag[0]), self.text))

    @cached_property
    def groups(self) -> tuple[tuple[int, int], ...]:
        return groups(self.prompt.text)

    def grouped(self, position: int) -> bool:
        """Whether it lies in a group."""
        before = bisect_left(self.groups, (position,))
        return before > 0 and position < self.groups[before - 1][1]

    @cached_property
    def flags(self) -> tuple[Parameter, ...]:
        """The parameters; none where a group holds a part of one."""
        edges = [edge for parameter in self.prompt.parameters for edge in parameter.span]
        whole = all(bisect_right(edges, start) == bisect_left(edges, end) for start, end in self.groups)
        return self.prompt.parameters if whole else ()

    @cached_property
    def gaps(self) -> list[list[re.Match[str]]]:
        """Images and words, token by token: those before the parameters, then those after each."""
        spans = [(0, 0), *(parameter.span for parameter in self.prompt.parameters), (len(self.text), 0)]
        return [[*_TOKEN.finditer(self.prompt.text, end, start)] for (_, end), (start, _) in pairwise(spans)]

    @cached_property
    def quoted(self) -> tuple[int, int] | None:
        """Where quotes around all of it start and end; they are none of its words if there are flags inside."""
        bare = self.text.strip()
        first = len(self.text) - len(self.text.lstrip())
        pair = {bare[0], bare[-1]} if bare and _QUOTES.get(bare[0]) == bare[-1] else set()
        return (first, first + len(bare)) if pair and self.flags and not pair & {*bare[1:-1]} else None

    def quotes(self, flag: Parameter) -> bool:
        """Whether the closing quote ends a flag."""
        return self.quoted is not None and self.quoted[1] == flag.span[1]

    @cached_property
    def spaced(self) -> dict[int, re.Match[str]]:
        """Ratios with spaces in them, by where their flag starts."""
        ratios = (flag for flag in self.flags if flag.name == "aspect" and flag.value)
        found = ((flag.span[0], _SPACED.match(self.prompt.text, flag.span[1] - len(flag.value))) for flag in ratios)
        return {start: ratio for start, ratio in found if ratio}

    @cached_property
    def said(self) -> tuple[list[re.Match[str]], list[re.Match[str]]]:
        """Images, words."""
        tokens = [token for gap in self.gaps for token in gap]
        return tokens[: len(self.prompt.images)], tokens[len(self.prompt.images) :]

    @cached_property
    def versions(self) -> set[str]:
        """The versions that may draw it; none when that cannot be told."""
        if len(self.flags) < len(self.prompt.parameters) or (self.asked and self.asked.endpoint != "imagine"):
            return set()
        values = {flag.name: flag.value for flag in self.flags}
        named = values.get("version") or getattr(self.asked, "version", None) or _DEFAULT_VERSION
        return {"niji"} if "niji" in values else {*map(version_of, _alternatives(named))}

    @cached_property
    def sense(self) -> tuple[Mode | None, list[str]]:
        """The mode and the words."""
        prompt = parse(self.typed)
        return prompt.mode, prompt.words.split()

    def fixed(self, rule: str, edits: list[_Edit]) -> str | None:
        """Apply edits; None if a flag would then take words, or the mode would be lost."""
        if not edits:
            return None
        pieces: list[str] = []
        done = 0
        for start, end, text in sorted(edits, key=lambda edit: edit[:2]):
            kept = self.text[done : max(start, done)]
            pieces += kept if text else kept.rstrip(), text
            done = max(end, done)
        fixed = "".join([*pieces, self.text[done:]])
        fixed = fixed.strip() if self.text == self.text.strip() else fixed
        return fixed if rule in _REWORDING or _Draft(fixed).sense == self.sense else None


def lint(request_or_text: str | Asked, *, mode: Mode | None = None) -> tuple[Finding, ...]:
    r"""Say what is wrong with a prompt, in the order of the text; where very much is wrong, the worst of it.

    Parameters
    ----------
    request_or_text : str or ImagineRequest or EditRequest
        The prompt as it was typed, or a request, whose other fields count too. What video prompts take is not known, so
        nothing is found in them.
    mode : {"fast", "relax", "turbo"}, optional
        The mode that is asked for beside the text; a request has one.

    Examples
    --------
    >>> for finding in lint("a fox --styliz 2000 --ar=3:2"):
    ...     print(f"{finding.level}: {finding.message}\n{finding.fix_label}: {finding.fix}")
    error: --styliz is no known flag, and the service refuses those.
    Write --stylize: a fox --stylize 2000 --ar=3:2
    error: --ar=3:2 is taken for a name, and refused as unknown: a space ends a name.
    Put a space between: a fox --styliz 2000 --ar 3:2
    >>> lint("a fox in snow --ar 3:2 --s {0, 250} --raw")
    ()
    """
    if isinstance(request_or_text, str):
        draft = _Draft(request_or_text, mode=mode)
    elif request_or_text.endpoint in ("imagine", "edits"):
        draft = _Draft(request_or_text.prompt, request_or_text, mode or request_or_text.mode)
    else:
        return ()
    hits = [(hit, hit.says(RULES[hit.rule].message)) for check in _CHECKS for hit in check(draft)]
    edits: defaultdict[tuple[str, str], list[_Edit]] = defaultdict(list)
    for hit, message in hits:
        edits[hit.rule, message] += hit.edits
    worst = sorted(hits, key=lambda hit: get_args(Level).index(RULES[hit[0].rule].level))[:_MOST_TOLD]
    fixes = {key: draft.fixed(key[0], edits[key]) for key in {(hit.rule, message) for hit, message in worst}}
    findings = []
    for hit, message in sorted(worst, key=lambda hit: hit[0].span):
        level, _, label = RULES[hit.rule]
        fix = fixes[hit.rule, message] if hit.edits else None
        span = (draft.place(hit.span[0]), draft.place(hit.span[1]))
        findings.append(Finding(level, message, span, hit.rule, fix, None if fix is None else hit.says(label)))
    return tuple(findings)


def _short(fact: object) -> str:
    text = str(fact)
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"


# -- what finds them: the text


def _text(draft: _Draft) -> Iterator[_Hit]:
    text, (images, words) = draft.prompt.text, draft.said
    everything = (0, len(text))
    if not words and (draft.asked is None or draft.asked.action == "generate") and len(images) < 2:  # noqa: PLR2004 - a blend
        yield _Hit("one-image" if images else "no-words" if text.strip() else "empty", everything)
    swallowed = next((flag for flag in draft.flags if flag.name == "no" and " " in flag.value), None)
    if swallowed and not words and not images and (draft.asked is None or draft.asked.action == "generate"):
        unwanted, rest = swallowed.value.split(maxsplit=1)
        better = f"{rest} --{swallowed.spelling} {unwanted}"
        fixable = swallowed is draft.flags[0] and "," not in swallowed.value
        edits = [_Edit(*swallowed.span, better)] if fixable else []
        yield _Hit("words-taken", swallowed.span, edits, {"flag": swallowed.spelling, "better": better})
    if len(text) > _LONG:
        yield _Hit("long", everything)
    foreign = next((word for word in words if not word[0].isascii() and _FOREIGN.search(word[0])), None)
    if foreign and not getattr(draft.asked, "translation", False):
        yield _Hit("translate", foreign.span())
    for start, _ in draft.dashes:
        yield _Hit("dash", (start, start + 2), [_Edit(start, start + 2, "--")])
    for start in unpaired(text):
        yield _Hit("loose-brace", (start, start + 1), [_Edit(start, start + 1, "(" if text[start] == "{" else ")")])
    if draft.quoted:
        first, end = draft.quoted
        yield _Hit("quoted", draft.quoted, [_Edit(first, first + 1), _Edit(end - 1, end)])
    for slip, found in slips(text):
        if slip.rule == "no-space" and draft.grouped(found.start()):  # an alternative may start with a flag
            continue
        yield _Hit(slip.rule, found.span(), [] if slip.better is None else [_Edit(*found.span(), found.expand(slip.better))])


def _images(draft: _Draft) -> Iterator[_Hit]:
    images, words = draft.said
    if over := images[_MOST_IMAGES:]:
        edits = [_Edit(*image.span()) for image in over]
        yield _Hit("many-images", (over[0].start(), over[-1].end()), edits, {"number": len(images)})
    for image in images:
        start, end = image.end() - len(image[0]) + len(image[0].rstrip(",;.")), image.end()
        if start < end:
            yield _Hit("address-mark", (start, end), [_Edit(start, end)])
    later = [word for word in words if _URL.match(word[0]) and not draft.grouped(word.start())]
    for word in later:
        first = words[0].start()
        edits = [_Edit(first, first, word[0].rstrip(",;.") + " "), _Edit(*word.span())]
        yield _Hit("image-not-first", word.span(), edits if len(images) + len(later) <= _MOST_IMAGES else ())


def _modes(draft: _Draft) -> Iterator[_Hit]:
    flags: defaultdict[str, list[_Edit]] = defaultdict(list)
    mode: str | None = None
    for flag in _MODE.finditer(draft.text):
        flags[mode := flag[1].lower()].append(_Edit(*flag.span()))
    wanted = draft.mode or mode
    for name, edits in flags.items():
        if name != wanted:
            yield _Hit("mode-conflict" if draft.mode else "mode-twice", edits[0][:2], edits, {"flag": name, "mode": wanted})
    if "turbo" in {wanted, *flags} and "8.1" in draft.versions:
        turbo = flags.get("turbo", ())
        yield _Hit("turbo-version", turbo[0][:2] if turbo else (0, 0), turbo if draft.mode != "turbo" else ())


# -- flags


def _flags(draft: _Draft) -> Iterator[_Hit]:
    for glued in _GLUED.finditer(draft.text):
        if not draft.grouped(glued.start()):
            edit = _Edit(*glued.span(), f"--{glued[1] or glued[2]} ")
            yield _Hit("glued", glued.span(), [edit], {"flag": glued[0] + glued[3]})
    unknown = [flag for flag in draft.flags if flag.name not in KNOWN and not _GLUED.match(draft.text, flag.span[0])]
    unknown = [flag for flag in unknown if not draft.quotes(flag)]
    near = {name: _near(name) for name in islice(dict.fromkeys(flag.spelling for flag in unknown), _MOST_TRIED)}
    for flag in unknown:
        span = (flag.span[0], flag.span[0] + 2 + len(flag.spelling))
        better = near.get(flag.spelling)
        edits = [_Edit(*span, f"--{better}")] if better else ()
        yield _Hit("unknown-flag", span, edits, {"flag": flag.spelling, "better": better})


@lru_cache(maxsize=1000)
def _near(name: str) -> str | None:
    plain = normalize("NFKC", name[:_MOST_SHOWN]).lower()
    return _MEANT.get(plain) or next(iter(get_close_matches(plain, KNOWN, 1)), None)


def _repeated(draft: _Draft) -> Iterator[_Hit]:
    by_name: defaultdict[str, list[Parameter]] = defaultdict(list)
    for flag in draft.flags:
        by_name[flag.name].append(flag)
    for name, (*before, last) in by_name.items():
        if before and name in KNOWN:
            facts = {"flag": name, "number": len(before) + 1, "better": "Keep the last"}
            edits = [_Edit(*flag.span) for flag in before]
            if name in _JOINED:
                facts["better"] = "Join them"
                values = dict.fromkeys(flag.value for flag in (*before, last) if flag.value)
                edits.append(_Edit(*last.span, " ".join([f"--{last.spelling}", *filter(None, [_JOINED[name].join(values)])])))
            yield _Hit("repeated", before[0].span, edits, facts)


def _stray(draft: _Draft) -> Iterator[_Hit]:
    for flag, gap in zip(draft.flags, draft.gaps[1:], strict=False):
        if _TOUCHING.search(flag.value):
            continue
        end = draft.spaced[flag.span[0]].end() if flag.span[0] in draft.spaced else 0
        tokens = [token for token in gap if token.start() >= end]
        if tokens and flag.name in SWITCHES and _turned(tokens) is not None:
            value, *tokens = tokens
            on = _TURNED[value[0].lower()]
            better = f"Remove {value[0] if on else f'--{flag.spelling}'}"
            facts: dict[str, object] = {"flag": flag.spelling, "value": value[0], "better": better}
            yield _Hit(
                "switch-value", value.span(), [_Edit(*value.span())] if on else [_Edit(flag.span[0], value.end())], facts
            )
        for mark in tokens:
            if _MARKS.fullmatch(mark[0]):
                yield _Hit("stray-mark", mark.span(), [_Edit(*mark.span())])
        words = [token for token in tokens if not _MARKS.fullmatch(token[0])]
        if words and {*words[0][0]} != {"-"}:
            first = draft.flags[0].span[0]
            edits = [edit for word in words for edit in (_Edit(first, first, f"{word[0]} "), _Edit(*word.span()))]
            yield _Hit("stray-words", (words[0].start(), words[-1].end()), edits)


def _turned(tokens: list[re.Match[str]]) -> bool | None:
    """Whether a switch was told to be on or off: "on a table" and "no hats" are words."""
    first = tokens[0][0].lower()
    return _TURNED.get(first) if len(tokens) == 1 or first in ("true", "false") else None


def _rejected(draft: _Draft) -> Iterator[_Hit]:
    for rule, versions, name in _REJECTED:
        flags = [flag for flag in draft.flags if flag.name == name]
        field = name in ("hd", "quality") and getattr(draft.asked, name, None)
        if draft.versions & versions and (flags or field):
            yield _Hit(rule, flags[0].span if flags else (0, 0), () if field else [_Edit(*flag.span) for flag in flags])


# -- values


def _values(draft: _Draft) -> Iterator[_Hit]:
    for flag in draft.flags:
        start, end = flag.span
        if _TOUCHING.search(flag.value) or draft.quotes(flag):
            continue
        alternatives = _alternatives(flag.value) if flag.name in _NEEDS_VALUE else ()
        verdicts = ((value, judged(flag.name, value, draft.versions)) for value in alternatives)
        value, wrong = next(((value, wrong) for value, wrong in verdicts if wrong), ("", None))
        if spaced := draft.spaced.get(start):
            better = f"{spaced[1]}:{spaced[2]}"
            facts: dict[str, object] = {"flag": flag.spelling, "value": flag.value, "better": better}
            yield _Hit("aspect-spaces", (start, spaced.end()), [_Edit(*spaced.span(), better)], facts)
        elif wrong:
            edit = _Edit(end - len(value), end, wrong.better) if wrong.better else _Edit(start, end)
            better = f"Write {wrong.better}" if wrong.better else f"Remove --{flag.spelling}"
            facts = {"flag": flag.spelling, "value": value, "better": better, **wrong.facts}
            yield _Hit(wrong.rule, flag.span, [edit] if wrong.better is not None and value == flag.value else (), facts)


def _alternatives(value: str) -> list[str]:
    """Give what a value stands for: of very many the first; nothing where it would take long to tell."""
    if "{" not in value:
        return [value]
    return [*islice(expansions(value), _MOST_TRIED)] if len(value) < _LONG else []


_CHECKS = (_text, _images, _modes, _flags, _repeated, _stray, _rejected, _values)

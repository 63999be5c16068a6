"""What the value of a flag may be, version by version, and what was meant instead.

What each finding is called, and why it matters, stands in `mj_widgets.prompt.rules`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple
from unicodedata import normalize

OLD = {"1", "2", "3", "4", "5", "5.1", "5.2", "6", "6.1", "7"}
V8 = {"8", "8.1", "8.2"}
_QUALITIES = {**dict.fromkeys(OLD, (0.25, 0.5, 1, 2)), "8": (1, 4), "8.2": (1, 2)}
RANGES = {  # the first row that a number is outside of counts
    "stylize": [(0, 1000, "range")], "chaos": [(0, 100, "range")], "weird": [(0, 3000, "range")],
    "seed": [(0, 4294967295, "range")], "stop": [(10, 100, "range")], "repeat": [(1, 40, "range")],
    "iw": [(0, 3, "range"), (0, 2, "range-uncertain")],  # as third parties have it, and as the vendor's form does
    "sw": [(0, 1000, "range-uncertain")], "sv": [(1, 6, "range-uncertain")], "ow": [(1, 1000, "range-uncertain")],
    "exp": [(0, 100, "range-uncertain")], "cw": [(0, 100, "range-uncertain")],
}  # fmt: skip
_NIJI_STYLES = {"cute", "expressive", "original", "scenic"}
_NEWEST = {"default", "last", "latest", "newest"}
_AROUND = "\"'`()[]<>\u2018\u2019\u201c\u201d\u201e,;.%"  # what strays to the ends of a value
_MOST_READ = 40  # characters of a value

_NUMBER = re.compile(r"(?a)[+-]?(?:\d+\.?\d*|\.\d+)")
_RATIO = re.compile(r"(?ai)(\d{1,9}(?:\.\d{1,9})?)(?:[:;,/x*\u00d7-]|by|to)(\d{1,9}(?:\.\d{1,9})?)")
_THOUSANDS = re.compile(r"(?a)\d{1,3}(?:,\d{3})+")
_AFTER_REFERENCE = re.compile(r"[,;]+(?=\s|\Z)")
_CODES = re.compile(r"(?a)(?<!\S)\d+(?:[,;]\d+)+(?![^\s,;])")


class Wrong(NamedTuple):
    """What is wrong with a value."""

    rule: str
    better: str | None = ""
    """What to write instead; nothing drops the flag, and None leaves it to the user."""
    facts: dict[str, object] = {}  # noqa: RUF012 - read only


def judged(name: str, value: str, versions: set[str]) -> Wrong | None:
    """Judge one value of a flag, in a prompt for one of these versions; None where nothing is wrong with it."""
    if not value:
        return Wrong("missing-value")
    if name in RANGES or name in ("niji", "quality"):
        if not _NUMBER.fullmatch(value):
            better = _tidied(value)
            return Wrong("not-a-number", better if _NUMBER.fullmatch(better) else "")
        return _NUMBERS.get(name, _number)(name, float(value), versions)
    return _WORDS[name](value, versions) if name in _WORDS else None


def version_of(value: str) -> str:
    """Write a version as it is written here: no letter, and no ``.0``."""
    return value.lower().removeprefix("v").removesuffix(".0")


def _tidied(value: str) -> str:
    """Write a number as it is written here: no quotes, no brackets, no thousands, a decimal point, plain digits."""
    plain = normalize("NFKC", value[:_MOST_READ]).strip(_AROUND)
    return plain.replace(",", "" if _THOUSANDS.fullmatch(plain) else ".")


def _number(name: str, number: float, _: set[str]) -> Wrong | None:
    for low, high, rule in RANGES[name]:
        if not low <= number <= high:
            return Wrong(rule, str(low if number < low else high), {"low": low, "high": high})
    if name != "iw" and not number.is_integer():
        return Wrong("not-whole", str(round(number)))
    return Wrong("repeat-cost") if name == "repeat" and number > 1 else None


def _niji(_: str, number: float, __: set[str]) -> Wrong | None:
    return Wrong("niji", None) if number != 5 else None  # noqa: PLR2004 - the version


def _quality(_: str, number: float, versions: set[str]) -> Wrong | None:
    known = {version: _QUALITIES[version] for version in sorted(versions & {*_QUALITIES})}
    version = next((version for version in known if number not in known[version]), None)
    if version is None:
        return None
    common = {*known[version]}.intersection(*known.values()) or known[version]
    nearest = min(sorted(common), key=lambda quality: abs(quality - number))
    told = " or ".join(f"{quality:g}" for quality in known[version])
    return Wrong("quality", f"{nearest:g}", {"known": told, "version": version})


def _aspect(value: str, _: set[str]) -> Wrong | None:
    plain = normalize("NFKC", value[:_MOST_READ]).strip(_AROUND)
    sides = _RATIO.fullmatch("1:1" if plain.lower() == "square" else plain)
    if not sides or not all(map(Fraction, sides.groups())):
        return Wrong("aspect")
    if "." in sides[0]:
        ratio = Fraction(sides[1]) / Fraction(sides[2])
        return Wrong("aspect-decimal", f"{ratio.numerator}:{ratio.denominator}")
    better = f"{sides[1]}:{sides[2]}"
    return Wrong("aspect", better) if better != value else None


def _model(value: str, _: set[str]) -> Wrong | None:
    if version_of(value) in OLD | V8:
        return Wrong("version", version_of(value)) if value[0] in "vV" else None
    better = version_of(_tidied(value.lower().lstrip("v.")))
    return Wrong("version", better if better in OLD | V8 else "" if value.lower() in _NEWEST else None)


def _reference(value: str, _: set[str]) -> Wrong | None:
    parted = _CODES.sub(lambda codes: re.sub("[,;]", " ", codes[0]), _AFTER_REFERENCE.sub("", value))
    return Wrong("reference-comma", parted) if parted not in ("", value) else None


def _style(value: str, versions: set[str]) -> Wrong | None:
    return Wrong("niji-style") if value.lower() in _NIJI_STYLES and versions and "niji" not in versions else None


_NUMBERS: dict[str, Callable[[str, float, set[str]], Wrong | None]] = {"niji": _niji, "quality": _quality}
_WORDS: dict[str, Callable[[str, set[str]], Wrong | None]] = {"aspect": _aspect, "style": _style, "version": _model}
_WORDS |= dict.fromkeys(("cref", "oref", "sref"), _reference)

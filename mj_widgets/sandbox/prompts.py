"""What a prompt says: pictures in front, words, and parameters; and what the service refuses.

Messages are worded as the service words them, as far as they are known (service notes, sections 4 and 7).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from mj_widgets.sandbox.dice import mix
from mj_widgets.sandbox.features import Features, read
from mj_widgets.sandbox.scenery.palette import HUES

MOST_URLS = 5

_ALIASES = {"aspect": "ar", "version": "v", "s": "stylize", "c": "chaos", "w": "weird", "q": "quality", "r": "repeat"}
_RANGES = {
    "stylize": (0, 1000), "chaos": (0, 100), "weird": (0, 3000), "seed": (0, 4294967295), "stop": (10, 100),
    "repeat": (1, 40), "iw": (0, 3), "sw": (0, 1000), "sv": (1, 6), "ow": (1, 1000), "exp": (0, 100), "cw": (0, 100),
    "quality": (0.25, 4),
}  # fmt: skip
_FREE = frozenset({"v", "niji", "no", "style", "sref", "cref", "oref", "p", "profile"})
_BARE = frozenset({"raw", "tile", "hd", "draft", "fast", "relax", "turbo"})
_WHOLE = frozenset(_RANGES) - {"iw", "quality"}
_KNOWN = frozenset(_RANGES) | _FREE | _BARE | {"ar"}
_FLAG = re.compile(r"(?<!\S)(--|[\u2014\u2013])([A-Za-z]+)(?=\s|$)")
_RATIO = re.compile(r"(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)")
_STEEPEST = 14  # a picture is at most so many times as wide as high


class RefusalError(Exception):
    """The service says no.

    Attributes
    ----------
    status : int
        The HTTP status.
    code, message : str
        What the envelope says.
    """

    def __init__(self, message: str, *, status: int = 400, code: str = "bad_request") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Prompt:
    """A prompt that was accepted.

    Attributes
    ----------
    urls : tuple of str
        The pictures in front.
    text : str
        The words.
    parameters : dict
        Each parameter by its long name, with what stands behind it.
    """

    urls: tuple[str, ...]
    text: str
    parameters: dict[str, str]

    def number(self, name: str, default: int) -> int:
        """Read a parameter that is a whole number."""
        return int(float(self.parameters.get(name, default)))

    @cached_property
    def ratio(self) -> float:
        """Width over height."""
        match = _RATIO.fullmatch(self.parameters.get("ar", "1:1"))
        assert match, "checked when it was read"  # noqa: S101 - as it says
        return float(match[1]) / float(match[2])

    @property
    def seed(self) -> int | None:
        """The seed that was asked for."""
        return self.number("seed", 0) if "seed" in self.parameters else None

    def features(self, base: Features | None = None) -> Features:
        """Find what a scene has to show; `base` is the scene that it is painted into."""
        stylize = self.number("stylize", 0 if "raw" in (self.parameters.get("style"), *self.parameters) else 100)
        found = read(
            self.text,
            without=self.parameters.get("no", ""),
            stylize=min(1000, stylize + (300 if "niji" in self.parameters else 0)),
            weird=self.number("weird", 0),
            repeat=self.ratio if "tile" in self.parameters else 0.0,
            base=base,
        )
        pictures = [*self.urls, *self.parameters.get("sref", "").split()]
        return found.tinted([sorted(HUES)[mix(url) % len(HUES)] for url in pictures])


def read_prompt(text: str) -> Prompt:
    """Take a prompt apart.

    Raises
    ------
    RefusalError
        A parameter is unknown, or out of its range; there are too many pictures in front, or no words at all.
    """
    urls, rest = _leading_urls(text)
    parts = _FLAG.split(rest)
    words, marks, names, values = parts[0].strip(), parts[1::3], parts[2::3], parts[3::3]
    unknown = [
        mark + name for mark, name in zip(marks, names, strict=True)
        if mark != "--" or _ALIASES.get(name.lower(), name.lower()) not in _KNOWN
    ]  # fmt: skip
    if unknown:
        raise RefusalError("Unrecognized argument(s): " + ", ".join(f"`{flag}`" for flag in unknown))
    if not words and len(urls) < 2:  # noqa: PLR2004 - two pictures make a blend
        raise RefusalError("The prompt has no words: describe the picture, or put two image URLs in front to blend them")
    parameters = {}
    for name, value in zip(names, values, strict=True):
        long = _ALIASES.get(name.lower(), name.lower())
        parameters[long] = _checked(long, value.strip())
    return Prompt(urls, words, parameters)


def _leading_urls(text: str) -> tuple[tuple[str, ...], str]:
    words = text.split()
    count = next((i for i, word in enumerate(words) if not re.match(r"https?://", word)), len(words))
    if count > MOST_URLS:
        raise RefusalError(f"Too many image URLs: at most {MOST_URLS} may stand in front of a prompt, these are {count}")
    return tuple(words[:count]), " ".join(words[count:])


def _checked(name: str, value: str) -> str:
    if name == "ar":
        match = _RATIO.fullmatch(value)
        sides = (float(match[1]), float(match[2])) if match else (0.0, 0.0)
        if not min(sides) or max(sides) > _STEEPEST * min(sides):
            raise RefusalError(f"Invalid value for `--ar`: `{value}` is not a ratio such as 3:2, up to {_STEEPEST}:1")
    elif name in _RANGES:
        low, high = _RANGES[name]
        try:
            number = int(value) if name in _WHOLE else float(value)
        except ValueError:
            raise RefusalError(f"Invalid value for `--{name}`: `{value}` is not a number") from None
        if not low <= number <= high:
            raise RefusalError(f"Invalid value for `--{name}`: {value} is not between {low} and {high}")
    elif name in _FREE and name != "p" and not value:
        raise RefusalError(f"Missing value for `--{name}`")
    return value

"""Text <-> parameters: what a prompt says, read off the text that is sent.

A prompt is image URLs, then words, then flags with their values::

    https://…/fox.png  a fox in snow  --ar 3:2 --no hats, red things --raw
    `images`           `words`        `parameters`

A `Prompt` holds its text and its mode; the rest is derived, so nothing is lost or rewritten on the way back. `parse`
looks at one token (text without white space) at a time: a pasted dash is mended, a mode flag is lifted out. What comes
out is left alone the next time, hence, for any text::

    parse(str(prompt)) == dataclasses.replace(prompt, mode=None)
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise, takewhile
from typing import SupportsFloat, get_args, overload

from mj_widgets.models import Mode

_ALIASES = {
    "ar": "aspect",
    "c": "chaos",
    "p": "profile",
    "personalize": "profile",
    "q": "quality",
    "r": "repeat",
    "s": "stylize",
    "v": "version",
    "w": "weird",
}
SWITCHES = frozenset({"draft", "hd", "raw", "tile"})
"""The flags that take no value."""

_TAKE_A_WORD = {"aspect", "chaos", "exp", "quality", "repeat", "seed", "stop", "style", "stylize", "weird"}
_TAKE_A_WORD |= {"niji", "version"} | {"cw", "iw", "ow", "sv", "sw"}
_TAKE_ALL = {"cref", "no", "oref", "profile", "sref"}  # so does a flag that is not known
_MODES: dict[str, Mode] = {f"--{mode}": mode for mode in get_args(Mode)}

KNOWN = frozenset({*_ALIASES, *SWITCHES, *_TAKE_A_WORD, *_TAKE_ALL, *get_args(Mode)})
"""Every spelling of a flag that is understood, without dashes."""

_TOKEN = re.compile(r"(\S+)(\s*)")
_FLAG = re.compile(r"(?<!\S)--([^\W\d_]\S*)")
_NOTHING = re.compile(r"()")
_WORD = re.compile(r"\s*((?:\{[^{}]*\}|\S)*)")  # {3:2, 1:1} is one word
_ALL = re.compile(r"\s*((?:.*\S)?)", re.DOTALL)
_URL = re.compile(r"https?://.", re.IGNORECASE)


def long_name(flag: str) -> str:
    """Give Midjourney's long name of a flag, or its own name where it is not known.

    Examples
    --------
    >>> long_name("--ar"), long_name("S"), long_name("--Sparkle")
    ('aspect', 'stylize', 'Sparkle')
    """
    bare = flag.lstrip("-")
    known = bare.lower()
    return _ALIASES.get(known, known) if known in KNOWN else bare


@dataclass(frozen=True)
class Parameter:
    """A flag and its value. How it is spelled, and where it stands, is no part of equality."""

    name: str
    """Midjourney's long name, without dashes; as written where it is not known."""
    value: str = ""
    """The text after it; empty for a switch such as ``--raw``."""
    spelling: str = field(default="", compare=False)
    """The name as written, without dashes."""
    span: tuple[int, int] = field(default=(0, 0), compare=False, repr=False)
    """Where the flag starts and its value ends in `Prompt.text`."""


@dataclass(frozen=True)
class Prompt:
    """What a prompt says. Made by `parse`; equal to one that sends the same text in the same mode."""

    text: str
    """The text to send, as ``str`` gives it: dashes mended, no mode flags, no outer white space."""
    mode: Mode | None = None
    """The mode that a flag asked for; the last one counts."""

    def __str__(self) -> str:
        return self.text

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters in the order of the text, repeated ones too.

        A value runs to the next flag, but no further than its flag can take: ``--raw`` takes nothing, ``--ar`` a word,
        ``--no`` and a flag that is not known take all. What is left over belongs to the words.
        """
        flags = [*_FLAG.finditer(self.text)]
        ends = [*(flag.start() for flag in flags), len(self.text)][1:]
        found = []
        for flag, end in zip(flags, ends, strict=True):
            name = long_name(flag[1])
            taken = _NOTHING if name in SWITCHES else _WORD if name in _TAKE_A_WORD else _ALL
            value = taken.match(self.text, flag.end(), end)
            assert value  # noqa: S101 - each of the three matches the empty text
            found.append(Parameter(name, value[1], flag[1], (flag.start(), value.end() if value[1] else flag.end())))
        return tuple(found)

    @cached_property
    def images(self) -> tuple[str, ...]:
        """The image URLs that it starts with."""
        return tuple(takewhile(_URL.match, self._said.split()))

    @cached_property
    def words(self) -> str:
        """The text that is neither image nor parameter; pieces from between the parameters are joined by a space."""
        urls = len(self.images)
        return "".join(self._said.split(maxsplit=urls)[urls:])

    @cached_property
    def _said(self) -> str:
        """The images and the words: all that is no parameter."""
        spans = [(0, 0), *(parameter.span for parameter in self.parameters), (len(self.text), 0)]
        pieces = (self.text[end:start].strip() for (_, end), (start, _) in pairwise(spans))
        return " ".join(filter(None, pieces))

    @overload
    def get(self, name: str) -> str | None: ...
    @overload
    def get(self, name: str, default: str) -> str: ...
    def get(self, name: str, default: str | None = None) -> str | None:
        """Look a parameter up by any of its spellings; of repeated ones the last counts.

        Examples
        --------
        >>> prompt = parse("a fox --ar 3:2 --raw")
        >>> prompt.get("aspect"), prompt.get("--ar"), prompt.get("seed"), prompt.get("seed", "0")
        ('3:2', '3:2', None, '0')

        The value of a switch is empty, so ask with ``in`` whether it is there:

        >>> prompt.get("raw"), "raw" in prompt, "tile" in prompt
        ('', True, False)
        """
        wanted = long_name(name)
        return next((found.value for found in reversed(self.parameters) if found.name == wanted), default)

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def with_parameter(self, name: str, value: str | float | None) -> Prompt:
        """Set a parameter where it (last) stands, or at the end; other text stays, but for repeats of the same parameter.

        Parameters
        ----------
        name : str
            Any spelling; one that is in the text already stays spelled as it is there.
        value : str, float, bool or None
            None or False removes it; True or an empty string writes the flag alone.

        Raises
        ------
        ValueError
            It would not be read back as this value, or it would change the words.
        TypeError
            The value is neither text nor a number.

        Examples
        --------
        >>> prompt = parse("a fox --ar 3:2 --s 50")
        >>> str(prompt.with_parameter("aspect", "1:1").with_parameter("raw", True))
        'a fox --ar 1:1 --s 50 --raw'
        >>> str(prompt.with_parameter("ar", None))
        'a fox --s 50'
        """
        wanted, flag, text = _written(value), name.lstrip("-"), self.text
        old = [parameter for parameter in self.parameters if parameter.name == long_name(name)]
        if wanted is not None and old:
            place = old.pop()
            start, end = place.span
            text = f"{text[:start]}--{place.spelling} {wanted}".rstrip() + text[end:]
        elif wanted is not None:
            text = f"{text} --{flag} {wanted}"
        for start, end in (parameter.span for parameter in reversed(old)):
            text = text[:start] + text[end:].lstrip()
        changed = replace(parse(text), mode=self.mode)
        if changed.get(name) != wanted or changed._said.split() != self._said.split():
            what = f"--{flag} cannot be " + ("removed" if wanted is None else f"set to {wanted!r}")
            raise ValueError(f"{what}: values hold no flags, and words come before the parameters, in {self.text!r}")
        return changed

    def replace(self, **parameters: str | float | None) -> Prompt:
        """Set several parameters, one after the other, as `with_parameter` does.

        Examples
        --------
        >>> str(parse("a fox --v 7 --tile").replace(v="8.2", tile=False, stylize=250))
        'a fox --v 8.2 --stylize 250'
        """
        prompt = self
        for name, value in parameters.items():
            prompt = prompt.with_parameter(name, value)
        return prompt


def parse(text: str) -> Prompt:
    """Read a prompt; ``str`` of it is the text to send.

    Raises
    ------
    TypeError
        It is not text.

    Examples
    --------
    >>> prompt = parse("https://example.com/a.png a fox —ar 3:2 --no hats, red things --turbo --sparkle 3")
    >>> prompt.images, prompt.words, prompt.mode
    (('https://example.com/a.png',), 'a fox', 'turbo')
    >>> [(parameter.name, parameter.value) for parameter in prompt.parameters]
    [('aspect', '3:2'), ('no', 'hats, red things'), ('sparkle', '3')]
    >>> str(prompt)
    'https://example.com/a.png a fox --ar 3:2 --no hats, red things --sparkle 3'
    """
    if not isinstance(text, str):
        raise TypeError(f"a prompt is text (str), not {type(text).__name__}")
    mode: Mode | None = None
    kept: list[str] = []
    for token, gap in _TOKEN.findall(text):
        mended = _mended(token)
        if lifted := _MODES.get(mended.lower()):
            mode = lifted
        else:
            kept += mended, gap
    return Prompt("".join(kept).rstrip(), mode)


def _mended(token: str) -> str:
    """Put back the two hyphens that an editor made a dash of (en, em), where a known flag and nothing else follows."""
    name = token.lstrip("\u2013\u2014")
    return f"--{name}" if name != token and name.lower() in KNOWN else token


def _written(value: object) -> str | None:
    """Write a value as text; None when its parameter is to go."""
    if value is None or isinstance(value, bool):
        return "" if value else None
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, SupportsFloat):  # numpy's numbers too
        return str(value) if isinstance(value, int) else f"{float(value):.10g}"  # 250.0 is 250, 0.1 + 0.2 is 0.3
    raise TypeError(f"a parameter's value is text or a number, not {type(value).__name__}")

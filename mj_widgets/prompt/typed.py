"""A text that somebody is typing: one parameter is set in it, and all else stays as it was typed.

`Prompt.with_parameter` gives the text to send, with dashes mended and mode flags lifted out. Under somebody's hands these stay
where they are, as do line breaks and white space at the end.
"""

from __future__ import annotations

import re

from mj_widgets.prompt.parse import Prompt, long_name, parse
from mj_widgets.prompt.template import groups, unpaired

_DASHED = re.compile(r"(?<!\S)[-\u2013\u2014]\S+")  # `parse` changes no other token


def set_parameter(text: str, flag: str, value: str | None) -> str:
    """Set a parameter where it (last) stands, or at the end.

    Parameters
    ----------
    text : str
        As it was typed.
    flag : str
        Any spelling, without dashes; one that is in the text already stays spelled as it is there.
    value : str or None
        None removes it; an empty string writes the flag alone.

    Raises
    ------
    ValueError
        It stands inside braces, or it would not be read back as this value, or something else would change.

    Examples
    --------
    >>> set_parameter("a fox  --turbo \N{EM DASH}ar 3:2 ", "ar", "1:1")
    'a fox  --turbo --ar 1:1 '
    >>> set_parameter("a fox --ar 3:2 --raw", "ar", None), set_parameter("a fox", "s", "50")
    ('a fox --raw', 'a fox --s 50')
    """
    wanted = None if value is None else value.strip()
    said, places, modes = _said(text)
    old = [found for found in Prompt(said).parameters if found.name == long_name(flag)]
    spans = [(places[found.span[0]], places[found.span[1]]) for found in old]
    around = groups(text)
    if unpaired(wanted or ""):
        raise ValueError(f"--{flag} cannot be set to {wanted!r}: a brace has no partner.")
    if any(left < end and start < right and not start <= left < right <= end for start, end in spans for left, right in around):
        raise ValueError(f"--{flag} stands inside braces: change it there.")
    changed = text if old or wanted is None else f"{text} {_written(flag, wanted)}"
    for number, (start, end) in reversed([*enumerate(spans, start=1)]):
        kept = [mode for place, mode in modes if start < place < end]  # one between a flag and its value
        if number == len(spans) and wanted is not None:
            kept.insert(0, _written(old[-1].spelling, wanted))
        changed = changed[:start] + " ".join(kept) + changed[end:] if kept else _cut(changed, start, end)
    if parse(changed).get(flag) != wanted or _rest(changed, flag) != _rest(text, flag):
        what = "removed" if wanted is None else f"set to {wanted!r}"
        raise ValueError(f"--{flag} cannot be {what} here: a value holds no flags, and words come before the parameters.")
    return changed


def _said(text: str) -> tuple[str, list[int], list[tuple[int, str]]]:
    """Give the text with dashes mended and mode flags blanked, where each of its characters was typed, and those flags."""
    pieces: list[str] = []
    places: list[int] = []
    modes: list[tuple[int, str]] = []
    done = 0
    for token in _DASHED.finditer(text):
        start, end = token.span()
        mended = str(parse(token[0]))
        if not mended:
            modes.append((start, token[0]))
        pieces += text[done:start], mended or " " * (end - start)
        places += range(done, start)
        places += [max(start, end - left) for left in range(len(pieces[-1]), 0, -1)]
        done = end
    return "".join([*pieces, text[done:]]), [*places, *range(done, len(text) + 1)], modes


def _written(flag: str, value: str) -> str:
    return f"--{flag} {value}" if value else f"--{flag}"


def _cut(text: str, start: int, end: int) -> str:
    """Take a token out, with one white space beside it."""
    before, after = text[:start], text[end:]
    return before[:-1] + after if before[-1:].isspace() else before + after[1:]


def _rest(text: str, flag: str) -> tuple[object, ...]:
    """Give what a text says but for one parameter, to compare."""
    prompt = parse(text)
    others = [found for found in prompt.parameters if found.name != long_name(flag)]
    inside = [found.value for found in prompt.parameters if found.name == long_name(flag)]
    braces = sum(len(groups(value)) for value in inside)
    return prompt.mode, prompt.images, prompt.words.split(), others, len(groups(text)) - braces

"""Slips of the hand that a pattern finds in a prompt's text: in dashes, in the spaces around a flag, in addresses.

What each is called, and why it matters, stands in `mj_widgets.prompt.rules`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from mj_widgets.prompt.parse import KNOWN


class Slip(NamedTuple):
    """A kind of slip."""

    rule: str
    pattern: re.Pattern[str]
    better: str | None = None
    """What to write instead, as `re.Match.expand` takes it; None where it cannot be known."""


ANY = f"(?ai:{'|'.join(sorted(KNOWN))})"
"""A pattern for every spelling of a flag, without dashes."""

_DASH = r"[-\u2010-\u2015\u2212\u30fc\ufe58\ufe63\uff0d]"  # whatever an editor or a keyboard makes of a hyphen
_ENDS = r"(?:[=:]|\.?\d|(?!\S))"  # what may come right after the name of a flag
_PICTURE = r"\.(?ai:bmp|gif|heic|jpe?g|png|tiff?|webp)"
_LONGEST = 2000  # characters of an address
_HTTP = r"(?ai:https?://)"

SLIPS = tuple(
    Slip(rule, re.compile(pattern), better)
    for rule, pattern, better in [
        ("half-character", "[\ud800-\udfff]", ""),
        ("discord", r"(?ai)\A\s*(?:/imagine\b(?:\s+prompt\b)?:?|imagine\s+prompt:|prompt:)\s*", ""),
        # -- dashes
        ("dash-word", rf"(?<!\S)([\u2013\u2014]+)(?!{ANY}(?:[=:]|\.?\d))(?=[^\W\d_])", r"\1 "),
        ("hyphens-apart", rf"(?<!\S){_DASH}\s-(?={ANY}{_ENDS})", "--"),  # - -ar
        ("hyphens-apart", rf"(?<!\S){_DASH}+\s+(?={ANY}\s+(?:\d|\.\d))", "--"),  # -- ar 3:2
        ("hyphens-apart", rf"(?<!\S)--\s+(?=(?ai:no)\s+[^\s-]|{ANY}(?:\s+--[^\W\d_]|\s*\Z))", "--"),  # -- no hats, and -- raw
        ("hyphens", rf"(?<!\S)(?:(?!--{ANY}|[\u2013\u2014]+{ANY}){_DASH}+|\\-\\?-)(?={ANY}{_ENDS})", "--"),
        ("lone-hyphens", r"(?<!\S)--+(?:\s+--+){0,9}(?!\S)(?=\s+--[^\W\d_-]|\s*\Z)", ""),
        ("no-hyphens", rf"(?<!\S)(?<!{_DASH}\s)((?ai:ar|aspect)\s+\d{{1,5}}:\d{{1,5}})(?!\S)", r"--\1"),
        ("no-space", rf"(?<=[^\s{{-])--(?={ANY}(?:{_ENDS}|--|[\u2013\u2014]+{ANY}\s+\d))", " --"),
        ("no-space", rf"(?<=[^\W_])[\u2013\u2014]+(?={ANY}\s+\d)", " --"),
        # -- braces
        ("escaped-brace", r"\\\{", "("),
        ("escaped-brace", r"\\\}", ")"),
        # -- addresses
        ("address", rf"(?ai)(?<!\S)(?:https?:/*){{2,}}(?=[\w-]+\.)|(?<!\S)(?!{_HTTP})(?:"
         r"(?:h{1,2}t{1,3}p{1,2}|ttp)s{0,2}\s?[:;.]?\s?[/\\]{1,3}|https?:)(?=[\w-]+\.\w)", "https://"),
        ("no-https", rf"(?ai)(?<!\S)(www\.[\w-]+\.\S+|(?:[\w-]+\.)+[a-z]{{2,6}}/\S*[^\s/]{_PICTURE})(?!\S)", r"https://\1"),
        ("wrapped", rf"!?\[[^][]{{0,80}}\]\(({_HTTP}[^\s()]+)\)", r"\1"),
        ("wrapped", rf"(?<!\S)[<\"'`(\[\u2018\u201c\u00ab]({_HTTP}[^\s<>\"'`()\[\]\u2019\u201d\u00bb]+)"
         r"[>\"'`)\]\u2019\u201d\u00bb][,;.]*(?!\S)", r"\1"),
        ("glued-addresses", rf"({_PICTURE})[,;]*(?={_HTTP})", r"\1 "),
        ("space-inside", rf"(?<!\S)({_HTTP}\S*/[^\s./?#]+)\s(?=(?:[\w()-]+\s){{0,3}}[\w()-]+{_PICTURE}(?!\S))", r"\1%20"),
        ("insecure-url", r"(?<!\S)(?ai:http)(?=://\S)", "https"),
        ("not-a-picture", r"""(?xi)(?<!\S) https?:// (?:  # a page that shows pictures, or the name of another file
            (?:www\.)? (?: (?:m\.)?youtube\.com | youtu\.be | (?:artstation|deviantart|facebook|imgur|instagram|twitter|x)\.com
            | (?:\w+\.)?pinterest\.[\w.]+ | drive\.google\.com | photos\.app\.goo\.gl | flickr\.com/photos
            | unsplash\.com/photos | pexels\.com/photo | midjourney\.com/(?:app|explore|imagine|jobs)
            | \w+\.wiki[mp]edia\.org/wiki )(?=[/?\s]|\Z)
            | [^\s?\#]+/[^\s?\#/]*\.(?:aspx?|html?|json|md|mov|mp4|pdf|php|psd|svg|txt|webm|zip)
                (?=[?\#,;:\s]|\Z) )\S*""", None),
        ("local-file", rf"""(?xi)(?<!\S) ["'(]? (?!\S*{_HTTP}|\S*%20)
            (?: file:/\S+ | data:image/\S+ | \S*[^\s/\\]{_PICTURE} ) ["'),;.]* (?!\S)""", None),
    ]
)  # fmt: skip


def slips(text: str) -> Iterator[tuple[Slip, re.Match[str]]]:
    """Find the slips in a text; of those that overlap the first of the list is told, and that it is no picture."""
    inside = bytearray(len(text))  # what is told already
    for slip in SLIPS:
        for found in slip.pattern.finditer(text):
            start, end = found.span()
            if slip.rule != "not-a-picture" and any(inside[start:end]):
                continue
            if slip.rule == "no-space" and "://" in text[max(start - _LONGEST, 0) : start].rsplit(maxsplit=1)[-1]:
                continue
            yield slip, found
            if slip.rule == "space-inside":
                end = _address_end(text, end)
            inside[start:end] = b"\1" * (end - start)


def _address_end(text: str, start: int) -> int:
    """Where the file's name ends whose spaces cut an address off."""
    ends = re.compile(_PICTURE).search(text, start)
    return ends.end() if ends else start

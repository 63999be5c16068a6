"""Metadata inside a picture's file: an XMP packet, put into a PNG or a WebP and read out again. No pixel is touched.

Other programs read what IPTC and Adobe have named; we read `RECORD`, a JSON text in a name space of our own. The names are
those of the IPTC Photo Metadata Standard 2025.1 and of Adobe's XMP Specification, part 1.
"""

from __future__ import annotations

import json
import re
import struct
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import NamedTuple
from xml.etree.ElementTree import ParseError, XMLParser
from xml.sax.saxutils import escape

TRAINED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
LIMIT = 4 * 2**20  # bytes of a packet: many times the longest prompt

_OURS = "urn:mj-widgets:ns:1/"
_SPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "mj": _OURS,
}
_RECORD = f"{{{_OURS}}}record"
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEYWORD = b"XML:com.adobe.xmp"
_WEBP_XMP, _WEBP_EXIF, _WEBP_ALPHA = 0x04, 0x08, 0x10  # bits of the first byte of VP8X

# What a picture needs to look as it does. All else goes: the service writes the name of the account into its files.
_PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs sPLT acTL fcTL fdAT".split()
)
_WEBP_KEPT = frozenset((b"VP8X", b"ICCP", b"ANIM", b"ANMF", b"ALPH", b"VP8 ", b"VP8L"))


class Words(NamedTuple):
    """What other programs may show of a picture."""

    prompt: str
    system: str
    """What drew it."""
    tool: str
    """What wrote the file: ours, and its version."""
    created_at: float
    """Unix seconds."""
    tags: tuple[str, ...] = ()
    rating: int | None = None
    """1 to 5."""


def packet(words: Words, record: object) -> bytes:
    """Write an XMP packet; `record` is anything that JSON can hold.

    Raises
    ------
    ValueError
        It is larger than any reader of ours takes.
    """
    created = datetime.fromtimestamp(words.created_at, UTC).isoformat(timespec="seconds")
    lines = [
        _line("dc:description", _listed("Alt", [words.prompt])),
        _line("dc:subject", _listed("Bag", words.tags)) if words.tags else "",
        _line("xmp:CreatorTool", _text(words.tool)),
        _line("xmp:CreateDate", created),
        _line("xmp:Rating", str(words.rating)) if words.rating else "",
        _line("photoshop:Credit", _text(f"{words.system}, through mj_widgets")),
        _line("Iptc4xmpCore:AltTextAccessibility", _listed("Alt", [words.prompt])),
        _line("Iptc4xmpExt:DigitalSourceType", TRAINED),
        _line("Iptc4xmpExt:AISystemUsed", _text(words.system)),
        _line("Iptc4xmpExt:AIPromptInformation", _text(words.prompt)),
        _line("mj:record", _text(json.dumps(record, separators=(",", ":")))),  # ASCII: XML has no way to say \x00
    ]
    spaces = "".join(f'\n    xmlns:{prefix}="{space}"' for prefix, space in _SPACES.items())
    written = "\n".join(
        [
            '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>',
            '<x:xmpmeta xmlns:x="adobe:ns:meta/">',
            ' <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
            f'  <rdf:Description rdf:about=""{spaces}>',
            *filter(None, lines),
            "  </rdf:Description>",
            " </rdf:RDF>",
            "</x:xmpmeta>",
            '<?xpacket end="w"?>',
        ]
    ).encode()
    if len(written) > LIMIT:
        raise ValueError(f"What there is to say about this picture takes {len(written):,} bytes; a file holds {LIMIT:,}.")
    return written


def _line(name: str, content: str) -> str:
    return f"   <{name}>{content}</{name}>"


def _listed(kind: str, texts: Iterable[str]) -> str:
    """Write a list; one of alternatives says which language it is in."""
    language = ' xml:lang="x-default"' if kind == "Alt" else ""
    return f"<rdf:{kind}>{''.join(f'<rdf:li{language}>{_text(text)}</rdf:li>' for text in texts)}</rdf:{kind}>"


def _text(text: str) -> str:
    """Escape a text; a character that XML cannot hold at all becomes U+FFFD."""
    return escape(_NO_XML.sub("\ufffd", text), {"\r": "&#13;"})  # a bare carriage return would be read as a line feed


def read_record(written: bytes) -> object:
    """Read our record out of an XMP packet; None when there is none.

    Raises
    ------
    ValueError
        The packet or the record is damaged, too large, or no honest one.
    """
    if len(written) > LIMIT:
        raise ValueError(f"its metadata have {len(written):,} bytes; at most {LIMIT:,} are read")
    finder = _Finder()
    try:
        text = written.decode("utf-8-sig").strip("\0 \t\r\n")  # a decoded text cannot hide a declaration in its encoding
        if "<!DOCTYPE" in text:  # who declares entities means to blow it up
            raise ValueError("its metadata declare a document type, which XMP never does")
        parser = XMLParser(target=finder)  # noqa: S314 - it builds no tree, and entities cannot be declared: see above
        parser.feed(text)
        parser.close()
        return json.loads("".join(finder.found), parse_constant=_no_number) if finder.found else None
    except (ParseError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"its metadata are damaged: {error}") from error


def _no_number(name: str) -> float:
    raise ValueError(f"its metadata are damaged: {name} is no number")


class _Finder:
    """Takes one property out of a packet, as an element or, as some programs rewrite it, as an attribute."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._inside = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._inside = tag == _RECORD and not self.found
        if _RECORD in attributes and not self.found:
            self.found.append(attributes[_RECORD])

    def data(self, text: str) -> None:
        if self._inside:
            self.found.append(text)

    def end(self, _: str) -> None:
        self._inside = False

    def close(self) -> None:
        """Be asked for nothing: what was found is in `found`."""


def kind(content: bytes) -> str | None:
    """Tell which of the two kinds of file it is that hold a packet, as Pillow names them; None for another."""
    if content.startswith(_PNG):
        return "PNG"
    return "WEBP" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else None


def embed(content: bytes, written: bytes) -> bytes:
    """Put a packet into a PNG or a WebP, in place of all that is there but the picture itself.

    Raises
    ------
    ValueError
        It is neither, or it is damaged.
    """
    try:
        return _into_png(content, written) if kind(content) == "PNG" else _into_webp(content, written)
    except (struct.error, IndexError) as error:
        raise ValueError(f"The picture's file is damaged: {error}.") from error


def packet_of(content: bytes) -> bytes | None:
    """Take the packet out of a file that decodes as a picture; None when it has none.

    Raises
    ------
    ValueError
        It is neither PNG nor WebP, or it is damaged.
    """
    try:
        if kind(content) != "PNG":
            return next((data for name, data in _webp_chunks(content) if name == b"XMP "), None)
        for name, data in _png_chunks(content):
            if name == b"iTXt" and data.startswith(_PNG_KEYWORD + b"\0"):
                return _png_text(data[len(_PNG_KEYWORD) + 1 :])
    except (struct.error, IndexError, zlib.error) as error:
        raise ValueError(f"its metadata are damaged: {error}") from error
    return None


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at, name = len(_PNG), b""
    while name != b"IEND":
        size, name = struct.unpack_from(">I4s", content, at)
        if at + size + 12 > len(content):
            raise IndexError(f"the chunk at byte {at} goes beyond its end")
        yield name, content[at + 8 : at + 8 + size]
        at += size + 12  # with its length, its name and its checksum


def _png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I4s", len(data), name) + data + struct.pack(">I", zlib.crc32(name + data))


def _png_text(data: bytes) -> bytes:
    """Read what comes after the keyword of an international text: flag, method, language, translated keyword, text."""
    _, _, text = data[2:].split(b"\0", 2) if data[2:].count(b"\0") >= 2 else (b"", b"", b"")  # noqa: PLR2004 - as told
    if not data[0]:
        return text
    return zlib.decompressobj().decompress(text, LIMIT + 1)  # no more, however far it would unfold


def _into_png(content: bytes, written: bytes) -> bytes:
    parts = [_PNG]
    for name, data in _png_chunks(content):
        if name in _PNG_KEPT:
            parts.append(_png_chunk(name, data))
        if name == b"IHDR":
            parts.append(_png_chunk(b"iTXt", _PNG_KEYWORD + b"\0" * 5 + written))  # not packed, in no language
    return b"".join(parts)


def _webp_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    if kind(content) != "WEBP":
        raise ValueError("it is neither PNG nor WebP")
    end = min(len(content), 8 + struct.unpack_from("<I", content, 4)[0])
    at = 12
    while at < end:
        name, size = struct.unpack_from("<4sI", content, at)
        if at + 8 + size > len(content):
            raise IndexError(f"the chunk at byte {at} goes beyond its end")
        yield name, content[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _into_webp(content: bytes, written: bytes) -> bytes:
    chunks = [(name, data) for name, data in _webp_chunks(content) if name in _WEBP_KEPT]
    if chunks[0][0] == b"VP8X":
        flags = chunks[0][1][0] & ~_WEBP_EXIF
        chunks[0] = b"VP8X", bytes([flags | _WEBP_XMP]) + chunks[0][1][1:]
    else:
        chunks.insert(0, (b"VP8X", _webp_header(content)))
    parts = [
        struct.pack("<4sI", name, len(data)) + data + b"\0" * (len(data) % 2) for name, data in [*chunks, (b"XMP ", written)]
    ]
    body = b"WEBP" + b"".join(parts)
    return struct.pack("<4sI", b"RIFF", len(body)) + body


def _webp_header(content: bytes) -> bytes:
    """Make the header that a WebP without extras does not have: flags, and the size less one in 24 bits each."""
    import PIL.Image

    with PIL.Image.open(BytesIO(content)) as picture:
        flags = _WEBP_XMP | (_WEBP_ALPHA if "A" in picture.getbands() else 0)
        width, height = picture.size
    return bytes([flags, 0, 0, 0]) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")

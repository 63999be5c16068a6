"""Reads what a saved picture says by other means than ours, and writes what nobody of us would."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import PIL.Image
import PIL.PngImagePlugin

NAMES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "ext": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "core": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "mj": "urn:mj-widgets:ns:1/",
}


def packet(file: Path) -> ElementTree.Element:
    with PIL.Image.open(file) as picture:
        written = picture.info["xmp"]
    return ElementTree.fromstring(written)  # noqa: S314 - our own


def record(file: Path) -> dict[str, Any]:
    return json.loads(packet(file).findtext(".//mj:record", namespaces=NAMES) or "")


def with_record(file: Path, to: Path, told: Any, **options: Any) -> Path:
    """Write the picture of a file with other words in our record, as anybody may."""
    root = packet(file)
    found = root.find(".//mj:record", NAMES)
    assert found is not None
    found.text = told if isinstance(told, str) else json.dumps(told)
    return with_packet(file, to, ElementTree.tostring(root, "unicode"), **options)


def with_packet(file: Path, to: Path, text: str, **options: Any) -> Path:
    words = PIL.PngImagePlugin.PngInfo()
    words.add_itxt("XML:com.adobe.xmp", text, **options)
    with PIL.Image.open(file) as picture:
        picture.save(to, pnginfo=words, compress_level=1)
    return to

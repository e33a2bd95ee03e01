"""What a letter is, in simple Dublin Core (ISO 15836-1), as OAI-PMH writes it."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree

from sipadek.archive import Letter
from sipadek.naskah import secrecy_name
from sipadek.packages.xml_text import child, document

_DC: Final = "http://purl.org/dc/elements/1.1/"
_OAI: Final = "http://www.openarchives.org/OAI/2.0/oai_dc/"

ElementTree.register_namespace("dc", _DC)
ElementTree.register_namespace("oai_dc", _OAI)


def dublin_core(letter: Letter, *, identifier: str) -> bytes:
    """The letter as an XML document; ``identifier`` names it beyond its office, and comes first. The
    creator is the sender (own field ``dari``), or else the unit; a recipient (``kepada``) is a
    contributor; ``rights`` is the grade of secrecy in words."""
    root = ElementTree.Element(f"{{{_OAI}}}dc")
    details = letter.details
    own = dict(details.extra)
    told = (
        ("title", details.subject),
        ("identifier", identifier),
        ("identifier", letter.number),
        ("creator", own.get("dari", "") or details.unit),
        ("contributor", own.get("kepada", "")),
        ("publisher", details.unit),
        ("date", details.date.isoformat()),
        ("subject", details.classification),
        ("type", details.kind or "Text"),
        ("format", "application/pdf" if letter.filed_digest else ""),
        ("language", "id"),
        ("rights", secrecy_name(details.secrecy.value)),
        *(("description", f"{name}: {value}") for name, value in details.extra),
    )
    for name, value in told:
        if value:
            child(root, f"{{{_DC}}}{name}", value)
    return document(root)

"""What happened to a letter, in PREMIS 3.0: its objects, the ledger's events, and who acted.

Types of events are those of the vocabulary of the Library of Congress (id.loc.gov/vocabulary/
preservation/eventType); the ledger's own kind begins the detail.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree

from sipadek.archive import Letter
from sipadek.ledger import Event
from sipadek.packages.xml_text import child, document

_NS: Final = "http://www.loc.gov/premis/v3"
_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_TYPES: Final = {
    "number.reserved": "accession",
    "letter.issued": "ingestion",
    "letter.recognised": "metadata extraction",
    "number.voided": "deaccession",
}
_OTHER_TYPE: Final = "metadata modification"

ElementTree.register_namespace("premis", _NS)
ElementTree.register_namespace("xsi", _XSI)


def premis(
    letter: Letter, events: Sequence[tuple[int, Event]], *, identifier: str, origin: str
) -> bytes:
    """The letter's history as an XML document. ``events`` have their places in the log ``origin``."""
    root = ElementTree.Element(_name("premis"), {"version": "3.0"})
    if letter.filed_digest:
        _file(root, letter, identifier)
        _original(root, letter, identifier)
    else:
        entity = _object(root, "intellectualEntity", identifier)
        _identifier(entity, "object", "number", letter.number)
    agents: dict[str, str] = {}
    for place, event in events:
        _event(root, place, event, identifier, origin)
        if event.data.get("actor"):
            agents[str(event.data["actor"])] = "person"
        if event.data.get("signer"):
            agents[str(event.data["signer"])] = "person"
        if event.data.get("extractor"):
            agents[str(event.data["extractor"])] = "software"
    for agent, kind in agents.items():
        element = child(root, _name("agent"))
        _identifier(element, "agent", "name", agent)
        child(element, _name("agentName"), agent)
        child(element, _name("agentType"), kind)
    return document(root)


def _file(root: ElementTree.Element, letter: Letter, identifier: str) -> None:
    element = _object(root, "file", identifier)
    _identifier(element, "object", "number", letter.number)
    _characteristics(element, letter.filed_digest, letter.filed_size)
    child(element, _name("originalName"), "filed.pdf")


def _original(root: ElementTree.Element, letter: Letter, identifier: str) -> None:
    """What was received: the first bytes of the filed PDF."""
    element = _object(root, "bitstream", f"{identifier}#original")
    _characteristics(element, letter.original_digest, letter.original_size)
    relation = child(element, _name("relationship"))
    child(relation, _name("relationshipType"), "structural")
    child(relation, _name("relationshipSubType"), "is included in")
    _identifier(relation, "relatedObject", "URI", identifier)


def _object(root: ElementTree.Element, kind: str, identifier: str) -> ElementTree.Element:
    element = child(root, _name("object"))
    element.set(f"{{{_XSI}}}type", f"premis:{kind}")
    _identifier(element, "object", "URI", identifier)
    return element


def _characteristics(element: ElementTree.Element, digest: str, size: int) -> None:
    inner = child(element, _name("objectCharacteristics"))
    child(inner, _name("compositionLevel"), "0")
    fixity = child(inner, _name("fixity"))
    child(fixity, _name("messageDigestAlgorithm"), "SHA-256")
    child(fixity, _name("messageDigest"), digest)
    child(inner, _name("size"), str(size))
    designation = child(child(inner, _name("format")), _name("formatDesignation"))
    child(designation, _name("formatName"), "application/pdf")


def _event(
    root: ElementTree.Element, place: int, event: Event, identifier: str, origin: str
) -> None:
    element = child(root, _name("event"))
    _identifier(element, "event", "ledger", f"{origin}#{place}")
    child(element, _name("eventType"), _TYPES.get(event.kind, _OTHER_TYPE))
    child(element, _name("eventDateTime"), event.at.isoformat())
    detail = child(element, _name("eventDetailInformation"))
    told = json.dumps(event.data, ensure_ascii=False, sort_keys=True)
    child(detail, _name("eventDetail"), f"{event.kind} {told}")
    for field, role in (
        ("actor", "implementer"),
        ("signer", "authorizer"),
        ("extractor", "executing program"),
    ):
        if event.data.get(field):
            linked = _identifier(element, "linkingAgent", "name", str(event.data[field]))
            child(linked, _name("linkingAgentRole"), role)
    _identifier(element, "linkingObject", "URI", identifier)


def _identifier(parent: ElementTree.Element, of: str, kind: str, value: str) -> ElementTree.Element:
    element = child(parent, _name(f"{of}Identifier"))
    child(element, _name(f"{of}IdentifierType"), kind)
    child(element, _name(f"{of}IdentifierValue"), value)
    return element


def _name(name: str) -> str:
    return f"{{{_NS}}}{name}"

"""Dublin Core and PREMIS are well-formed XML that says what the register says."""

from __future__ import annotations

import datetime
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from sipadek.archive import Letter, LetterDetails, Secrecy, State
from sipadek.ledger import Event
from sipadek.packages import dublin_core, premis

AT = datetime.datetime(2026, 11, 24, 3, tzinfo=datetime.UTC)
DC = "{http://purl.org/dc/elements/1.1/}"
PREMIS = "{http://www.loc.gov/premis/v3}"
NAME = "urn:sipadek:log:a"
texts = st.text(max_size=40)


def letter(subject: str = "Perihal", extra: dict[str, str] | None = None, **more: str) -> Letter:
    details = LetterDetails(
        series="ket",
        subject=subject,
        date=AT.date(),
        unit="KEL-LEGOK",
        classification="400.12",
        secrecy=Secrecy.RAHASIA,
        extra=extra or {},
    )
    return Letter(
        id="a" * 26,
        number="400.12/001/KEL-LEGOK/2026",
        sequence=1,
        counter="",
        state=State.ISSUED,
        details=details,
        key="k",
        original_digest="1" * 64,
        original_size=10,
        reserved_at=AT,
        filed_size=20,
        **more,
    )


def test_dublin_core_names_what_archives_ask_for() -> None:
    made = letter(extra={"dari": "Camat", "kepada": "Dinas Sosial"}, filed_digest="2" * 64)
    root = ElementTree.fromstring(dublin_core(made, identifier=NAME))
    found = [(each.tag.removeprefix(DC), each.text) for each in root]
    assert found[:3] == [
        ("title", "Perihal"),
        ("identifier", NAME),
        ("identifier", made.number),
    ]
    assert ("creator", "Camat") in found
    assert ("contributor", "Dinas Sosial") in found
    assert ("rights", "Rahasia") in found
    assert ("format", "application/pdf") in found
    assert ("date", "2026-11-24") in found


@given(subject=texts, sender=texts)
def test_any_text_gives_xml_that_can_be_read(subject: str, sender: str) -> None:
    root = ElementTree.fromstring(dublin_core(letter(subject, {"dari": sender}), identifier=NAME))
    kept = "".join(c if c in "\t\n\r" or ord(c) >= 32 else "\ufffd" for c in subject)
    kept = kept.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
    lines = kept.replace("\r\n", "\n").replace("\r", "\n")  # as XML reads them
    assert (root.findtext(f"{DC}title") or "").replace("\r\n", "\n").replace("\r", "\n") == lines


def test_premis_has_the_objects_the_events_and_who_acted() -> None:
    data = {"actor": "Ani", "extractor": "pypdfium2 5", "signer": "CN=Siti"}
    events = [
        (7, Event(kind="number.reserved", at=AT, subject="a", data={"actor": "Ani"})),
        (9, Event(kind="letter.issued", at=AT, subject="a", data=data)),
    ]
    made = letter(filed_digest="2" * 64)
    root = ElementTree.fromstring(premis(made, events, identifier=NAME, origin="log"))
    order = [each.tag.removeprefix(PREMIS) for each in root]
    assert order == ["object", "object", "event", "event", "agent", "agent", "agent"]
    assert [each.text for each in root.iter(f"{PREMIS}messageDigest")] == ["2" * 64, "1" * 64]
    assert [each.text for each in root.iter(f"{PREMIS}eventIdentifierValue")] == ["log#7", "log#9"]
    assert [each.text for each in root.iter(f"{PREMIS}eventType")] == ["accession", "ingestion"]
    agents = [each.text for each in root.iter(f"{PREMIS}agentName")]
    assert agents == ["Ani", "CN=Siti", "pypdfium2 5"]
    assert "CN=Siti" in [each.text for each in root.iter(f"{PREMIS}linkingAgentIdentifierValue")]


def test_a_letter_without_pdf_is_an_intellectual_entity() -> None:
    root = ElementTree.fromstring(premis(letter(), [], identifier=NAME, origin="log"))
    (found,) = root
    kind = "{http://www.w3.org/2001/XMLSchema-instance}type"
    assert found.get(kind) == "premis:intellectualEntity"

"""Commands about letters that are in the register."""

from __future__ import annotations

import html
import re
import shutil
import sys
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

import sipadek
from sipadek.cli.failing import FINE, NO
from sipadek.cli.keys import load_certificates, read_password
from sipadek.cli.output import (
    complain,
    document,
    note,
    on_terminal,
    one_line,
    passages,
    properties,
    say,
)
from sipadek.cli.parameters import Engine, Json, LetterName, OfficeFolder, Trust
from sipadek.cli.retention_values import destruction_value
from sipadek.cli.values import hit_value, letter_value, person, report_value, signature_value
from sipadek.errors import InvalidInput
from sipadek.naskah import secrecy_name
from sipadek.office import Verified

_TAG = re.compile(r"</?mark>")


def search(
    office: OfficeFolder,
    query: Annotated[
        str,
        typer.Argument(
            metavar="QUERY",
            help=(
                'Words (all must occur), "a phrase", word*, w?rd, ATAU (or), BUKAN (not), parentheses;'
                " perihal: nomor: dari: kepada: unit: kode: jenis: sifat: tahun: tanggal: before a word"
                " ask for that field; urut:terbaru (newest first) or urut:terlama sorts."
            ),
        ),
    ],
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="At most so many letters.")] = 20,
    offset: Annotated[int, typer.Option(min=0, metavar="N", help="Pass over so many first.")] = 0,
    unit: Annotated[
        list[str] | None,
        typer.Option(metavar="UNIT", help="See only this unit's letters; can be repeated."),
    ] = None,
    clearance: Annotated[
        str, typer.Option(metavar="SECRECY", help="See letters up to this: B, T, R or SR.")
    ] = "SR",
    facets: Annotated[
        bool,
        typer.Option(
            help="Tell how many are of each unit, kind, year, classification and secrecy."
        ),
    ] = False,
    engine: Engine = None,
    json: Json = False,
) -> int:
    """Find issued letters, best first. Exit code 1 where none matches."""
    viewer = sipadek.Viewer(
        units=None if unit is None else frozenset(unit),
        clearance=clearance,
    )
    with sipadek.open(office, create=False, index=engine) as opened:
        results = opened.search(query, limit=limit, offset=offset, viewer=viewer, facets=facets)
    code = FINE if results.hits else NO
    if json:
        hits = [hit_value(hit) for hit in results.hits]
        document(
            {
                "total": results.total,
                "others": results.others,
                "offset": offset,
                "limit": limit,
                "suggestion": results.suggestion,
                "hits": hits,
                "facets": {
                    field.value: {each.value: each.count for each in counts}
                    for field, counts in results.facets.items()
                },
            }
        )
        return code
    if results.suggestion:
        complain(f"no letter matches {query!r}; shown is what matches {results.suggestion!r}")
    if not results.hits:
        beyond = f" beyond the first {offset}" if results.total or results.others else ""
        query = results.suggestion or query
        complain(f"no letter matches {query!r}{beyond}; try fewer or other words")
        return code
    rows = [
        [
            hit.letter.number,
            hit.letter.details.date.isoformat(),
            hit.letter.details.unit,
            hit.letter.details.subject,
            f"{'[part] ' if hit.partial else ''}{'[OCR] ' if hit.recognised else ''}"
            f"{plain_snippet(hit.snippet)}",
        ]
        for hit in results.hits
    ]
    passages(["NUMBER", "DATE", "UNIT", "SUBJECT", "FOUND"], rows)
    behind = f"; {results.others} more hold some of the words [part]" if results.others else ""
    for field, counts in results.facets.items():
        note(f"{field.value}: {', '.join(f'{each.value} {each.count}' for each in counts)}")
    note(f"{len(results.hits)} of {results.total} letters{behind}")
    return code


def plain_snippet(snippet: str) -> str:
    """A hit's snippet as text."""
    return one_line(html.unescape(_TAG.sub("", snippet)))


def show(office: OfficeFolder, letter: LetterName, json: Json = False) -> int:
    """Show what the register holds about a letter."""
    with sipadek.open(office, create=False) as opened:
        found = opened.get(letter)
        gone = opened.retention.destruction(found.id)
    if json:
        value = letter_value(found)
        document(value if gone is None else {**value, "destroyed": destruction_value(gone)})
    else:
        properties([*_properties(found), ("Content", "" if gone is None else gone.text)])
    return FINE


def _properties(letter: sipadek.Letter) -> list[tuple[str, str]]:
    details = letter.details
    original = f"{letter.original_size} bytes, SHA-256 {letter.original_digest}"
    filed = f"{letter.filed_size} bytes, SHA-256 {letter.filed_digest}"
    return [
        ("Number", letter.number),
        ("State", letter.state.value),
        ("Reason", letter.void_reason),
        ("Subject", details.subject),
        ("Date", details.date.isoformat()),
        ("Unit", details.unit),
        ("Classification", details.classification),
        ("Kind", details.kind),
        ("Post", details.post),
        ("Own fields", ", ".join(f"{name}: {value}" for name, value in details.extra)),
        ("Secrecy", f"{details.secrecy.value} ({secrecy_name(details.secrecy.value)})"),
        ("Series", f"{details.series}, {letter.sequence} of {letter.counter}"),
        ("Signer", person(letter.signer)),
        ("Reserved", f"{letter.reserved_at:%Y-%m-%d %H:%M:%S} UTC"),
        ("Issued", f"{letter.issued_at:%Y-%m-%d %H:%M:%S} UTC" if letter.issued_at else ""),
        ("Held until", f"{letter.expires_at:%Y-%m-%d %H:%M:%S} UTC" if letter.expires_at else ""),
        ("Put in", letter.reason),
        ("By", letter.actor),
        ("Original", original if letter.original_digest else ""),
        ("Filed PDF", filed if letter.filed_digest else ""),
        ("Id", letter.id),
        ("Key", letter.key),
    ]


def original(
    office: OfficeFolder,
    letter: LetterName,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Where it goes; - is standard output."),
    ] = None,
    filed: Annotated[
        bool, typer.Option("--filed", help="The filed PDF, stamped and signed, instead.")
    ] = False,
    json: Json = False,
) -> int:
    """Give a letter's original back, bit for bit as it was received."""
    to_stdout = output is None or str(output) == "-"
    if to_stdout and json:
        raise InvalidInput("--json and the PDF cannot both be standard output; give -o FILE")
    if to_stdout and sys.stdout is None:
        raise InvalidInput("standard output is closed; give -o FILE")
    if output is None and on_terminal(sys.stdout):
        raise InvalidInput("standard output is a terminal; give -o FILE, or redirect it")
    with sipadek.open(office, create=False) as opened:
        found = opened.get(letter)
        with (opened.filed if filed else opened.original)(found.id) as content:
            if output is None or to_stdout:
                shutil.copyfileobj(content, sys.stdout.buffer)
                return FINE
            _save(content, output)
    size, digest = (
        (found.filed_size, found.filed_digest)
        if filed
        else (found.original_size, found.original_digest)
    )
    if json:
        document({"number": found.number, "path": str(output), "size": size, "digest": digest})
    else:
        say(f"{found.number}: {size} bytes in {output}")
    return FINE


def _save(content: BinaryIO, path: Path) -> None:
    try:
        with path.open("wb") as file:
            shutil.copyfileobj(content, file)
    except OSError as error:
        raise InvalidInput(
            f"cannot write {path}: {error.strerror}; choose another -o", path=str(path)
        ) from None


def verify(
    office: Annotated[
        Path, typer.Argument(metavar="[OFFICE]", help="The office's folder; without it see FILE.")
    ],
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A PDF that someone shows.")
    ] = None,
    trust: Trust = None,
    pdf_password_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Holds the password of an encrypted PDF.")
    ] = None,
    json: Json = False,
) -> int:
    """Check that a PDF is a letter of this office, unaltered; or, without OFFICE, its signatures.

    With an office it must be, byte for byte, what the register holds. The signatures must lead to a
    trusted root: the office's, or those of --trust. Exit code 1 where it is not so.
    """
    roots = [each for path in trust or () for each in load_certificates(path)]
    password = read_password(pdf_password_file) or ""
    if file is None:
        report = sipadek.verify(office, trust=roots, password=password)
        if json:
            document(report_value(report))
        else:
            say(report.text)
        return FINE
    with sipadek.open(office, create=False) as opened:
        verified = opened.verify(file, trust=roots, password=password)
    if json:
        signatures = [signature_value(each) for each in verified.signatures]
        told = {"verified": True, "letter": letter_value(verified.letter), "signatures": signatures}
        if verified.destroyed is not None:
            told["destroyed"] = destruction_value(verified.destroyed)
        document(told)
    else:
        _show_verified(verified)
    return FINE


def _show_verified(verified: Verified) -> None:
    letter = verified.letter
    say(f"{letter.number}: verified, registered and unaltered")
    pairs = [("Subject", letter.details.subject), ("Date", letter.details.date.isoformat())]
    for each in verified.signatures:
        at = f"{each.claimed_at:%Y-%m-%d %H:%M:%S} UTC" if each.claimed_at else "unknown"
        reach = "the entire file" if each.entire_file else f"the first {each.covered} bytes"
        pairs += [
            ("Signer", person(each.signer)),
            ("Trusted root", person(each.root)),
            ("Signed", f"{at} (by the signer's clock)"),
            ("Covers", reach),
            ("Scheme", each.scheme),
        ]
    if verified.destroyed is not None:
        pairs.append(("Office's copy", verified.destroyed.text))
    if not verified.signatures:
        pairs.append(("Signatures", "none: the letter was stamped, not signed"))
    properties(pairs)


def void(
    office: OfficeFolder,
    letter: LetterName,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; it stays in the register.")],
    json: Json = False,
) -> int:
    """Make a number void. It stays in the register and is never given again."""
    with sipadek.open(office, create=False) as opened:
        voided = opened.void(letter, reason=reason)
    if json:
        document(letter_value(voided))
    else:
        say(f"{voided.number}: void ({one_line(voided.void_reason)})")
    return FINE

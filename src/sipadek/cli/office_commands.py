"""Commands about an office as a whole."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography.hazmat.primitives import hashes

import sipadek
from sipadek.cli.failing import FINE
from sipadek.cli.keys import load_certificates
from sipadek.cli.output import document, note, say, table
from sipadek.cli.parameters import Actor, Json, Kept, OfficeFolder, as_pairs
from sipadek.cli.values import letter_value
from sipadek.errors import InvalidInput, NotAnOffice, NotFound
from sipadek.numbering import Series
from sipadek.office import go_on_from_older


def init(office: OfficeFolder, json: Json = False) -> int:
    """Make an office in a new or empty folder. An office that is there stays as it is."""
    try:
        sipadek.open(office, create=False).close()
        created = False
    except NotAnOffice:
        sipadek.open(office).close()
        created = True
    if json:
        document({"office": str(office), "created": created})
    else:
        say(f"{office}: {'the office is made' if created else 'there is an office already'}")
    return FINE


def series(
    office: OfficeFolder,
    code: Annotated[
        str | None, typer.Argument(metavar="CODE", help="The series; without it all are listed.")
    ] = None,
    pattern: Annotated[
        str | None,
        typer.Option(
            metavar="PATTERN", help="Defines the series, such as '{kode}/{nomor:4}/{unit}/{tahun}'."
        ),
    ] = None,
    scope: Annotated[
        str | None,
        typer.Option(
            metavar="A,B",
            help="What has counters of its own: unit, classification, kind, secrecy."
            " [default: nothing, one counter for all]",
        ),
    ] = None,
    restart: Annotated[
        str | None,
        typer.Option(
            metavar="WHEN", help="When it begins again: yearly, monthly, never. [default: yearly]"
        ),
    ] = None,
    timezone: Annotated[
        str | None,
        typer.Option(metavar="ZONE", help="Says what day it is. [default: Asia/Jakarta]"),
    ] = None,
    start: Annotated[
        int | None, typer.Option(metavar="N", help="The first number. [default: 1]")
    ] = None,
    kinds: Annotated[
        list[str] | None,
        typer.Option(
            "--kind",
            metavar="KIND=PATTERN",
            help="The pattern of a kind of letter that looks otherwise; can be repeated.",
        ),
    ] = None,
    insertion: Annotated[
        str | None,
        typer.Option(metavar="FORM", help="How a number put in later shows it, such as '.A'."),
    ] = None,
    repeats: Annotated[
        bool,
        typer.Option(
            "--repeats", help="The same number may come again after a restart; the date tells."
        ),
    ] = False,
    json: Json = False,
) -> int:
    """List the series, show one, or define one with --pattern.

    A series is defined once; the same definition again changes nothing, another one is refused.
    """
    options = {
        "restart": restart,
        "timezone": timezone,
        "start": start,
        "insertion": insertion,
        "repeats": repeats or None,
        "kinds": as_pairs("kind", kinds) or None,
    }
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    if scope is not None:
        given["scope"] = [name.strip() for name in scope.split(",") if name.strip()]
    if pattern is None and given:
        option = next(iter(given)).removesuffix("kinds") or "kind"
        raise InvalidInput(f"--{option} defines a series; give CODE and --pattern too")
    if pattern is not None and code is None:
        raise InvalidInput("the series has no name; write its CODE behind the office's folder")
    with sipadek.open(office, create=False) as opened:
        if code is not None and pattern is not None:
            opened.define_series(code, pattern, **given)
        found = opened.series()
    if code is not None:
        found = tuple(each for each in found if each.code == code)
        if not found:
            raise NotFound(
                f"there is no series {code!r}; define it with --pattern, or leave it out to see all",
                series=code,
            )
    _show_series(found, json=json, single=code is not None)
    return FINE


def _show_series(found: tuple[Series, ...], *, json: bool, single: bool) -> None:
    if json:
        values = [each.definition() for each in found]
        document(values[0] if single else {"series": values})
        return
    rows = [
        [s.code, s.pattern, ", ".join(s.scope), s.restart.value, s.timezone, str(s.start)]
        for s in found
    ]
    table(["SERIES", "PATTERN", "SCOPE", "RESTART", "TIME ZONE", "START"], rows)
    if not found:
        note("No series yet; define one with --pattern.")


def trust(
    office: OfficeFolder,
    root: Annotated[Path, typer.Argument(metavar="ROOT.pem", help="Root certificates, as PEM.")],
    json: Json = False,
) -> int:
    """Trust a root certificate from now on. Signatures that lead to it verify."""
    certificates = load_certificates(root)
    with sipadek.open(office, create=False) as opened:
        for certificate in certificates:
            opened.trust(certificate)
    rows = [
        (each.subject.rfc4514_string(), each.fingerprint(hashes.SHA256()).hex())
        for each in certificates
    ]
    if json:
        document({"trusted": [{"subject": subject, "sha256": sha} for subject, sha in rows]})
    else:
        table(["TRUSTED ROOT", "SHA-256"], rows)
    return FINE


def recover(
    office: OfficeFolder,
    older_than: Annotated[
        float,
        typer.Option(
            metavar="MINUTES", min=0, help="Leave alone what is younger: it may be at work."
        ),
    ] = 15,
    kept: Kept = None,
    restored: Annotated[
        str,
        typer.Option(metavar="REASON", help="Take this folder although it is older than --kept."),
    ] = "",
    actor: Actor = "",
    json: Json = False,
) -> int:
    """Tidy up after an interruption.

    Letters whose filed PDF was kept are completed, the others made void with a reason. With --restored
    an older folder is taken as the office, and the ledger says so.
    """
    if restored:
        return _restore(office, kept, restored, actor, json=json)
    try:
        age = datetime.timedelta(minutes=older_than)
        with sipadek.open(office, create=False, kept=kept) as opened:
            recovered = opened.recover(older_than=age)
    except (OverflowError, ValueError):
        raise InvalidInput(f"--older-than {older_than} is out of range; give minutes") from None
    if json:
        document(
            {
                "completed": [letter_value(letter) for letter in recovered.completed],
                "voided": [letter_value(letter) for letter in recovered.voided],
                "dropped": recovered.dropped,
            }
        )
        return FINE
    rows = [[each.number, "completed", each.details.subject] for each in recovered.completed]
    rows += [[each.number, "void", each.details.subject] for each in recovered.voided]
    if rows:
        table(["NUMBER", "RESULT", "SUBJECT"], rows)
    say(
        f"{len(recovered.completed)} completed, {len(recovered.voided)} void,"
        f" {recovered.dropped} left-over files dropped"
    )
    return FINE


def _restore(office: Path, kept: Path | None, reason: str, actor: str, *, json: bool) -> int:
    if kept is None:
        raise InvalidInput("--restored needs --kept, the file with the newest checkpoint")
    done = go_on_from_older(office, kept=kept, reason=reason, actor=actor)
    if json:
        document({"kept": done.kept, "found": done.found, "unregistered": list(done.unregistered)})
        return FINE
    say(
        f"went on from {done.found} events where {done.kept} had been signed;"
        f" {len(done.unregistered)} objects are in no letter. Make void what was given since."
    )
    return FINE

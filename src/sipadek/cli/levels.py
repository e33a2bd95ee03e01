"""The commands that raise a signature's level, and keep the highest one alive."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated

import typer

from sipadek import office
from sipadek.cli.failing import FINE
from sipadek.cli.keys import load_certificates, read_password, time_stamper
from sipadek.cli.output import document, say
from sipadek.cli.parameters import Json, PdfPasswordFile, TsaPasswordFile, TsaUser
from sipadek.errors import InvalidInput
from sipadek.signing import Level, RevocationSource

_LEVELS: dict[str, Level] = {"B-T": "B-T", "B-LT": "B-LT", "B-LTA": "B-LTA"}

Pdf = Annotated[
    Path, typer.Argument(metavar="PDF", exists=True, dir_okay=False, help="A signed PDF.")
]
Output = Annotated[
    Path, typer.Option("--output", "-o", metavar="FILE", help="Where it goes; may be the same.")
]
Trust = Annotated[
    list[Path], typer.Option(metavar="PEM", exists=True, help="Root certificates; can be repeated.")
]
Tsa = Annotated[str, typer.Option("--tsa", metavar="URL", help="The time-stamping authority.")]
AllowPrivate = Annotated[
    bool,
    typer.Option("--allow-private", help="Ask OCSP and CRL addresses inside private networks too."),
]


def raise_(
    pdf: Pdf,
    output: Output,
    to: Annotated[str, typer.Option(metavar="LEVEL", help="B-T, B-LT or B-LTA.")],
    trust: Trust,
    tsa: Tsa,
    tsa_user: TsaUser = "",
    tsa_password_file: TsaPasswordFile = None,
    allow_private: AllowPrivate = False,
    pdf_password_file: PdfPasswordFile = None,
    json: Json = False,
) -> int:
    """Add time stamps, certificates and revocation answers to a signed PDF.

    What cannot be had is named, and nothing is written. A PDF that has the level stays as it is.
    """
    if to not in _LEVELS:
        raise InvalidInput(f"--to is {to!r}; give B-T, B-LT or B-LTA")
    signed = office.raise_level(
        pdf,
        output,
        to=_LEVELS[to],
        at=datetime.datetime.now(datetime.UTC),
        trust=[root for path in trust for root in load_certificates(path)],
        timestamp=time_stamper(tsa, tsa_user, tsa_password_file),
        revocation=_revocation(allow_private),
        password=read_password(pdf_password_file),
    )
    return _told(output, signed, json=json)


def renew(
    pdf: Pdf,
    output: Output,
    trust: Trust,
    tsa: Tsa,
    within: Annotated[
        int, typer.Option(metavar="DAYS", min=0, help="Renew what ends within so many days.")
    ] = 180,
    tsa_user: TsaUser = "",
    tsa_password_file: TsaPasswordFile = None,
    allow_private: AllowPrivate = False,
    pdf_password_file: PdfPasswordFile = None,
    json: Json = False,
) -> int:
    """Put a new time stamp over a B-LTA file before its newest one ends.

    Where that lasts longer than the days given, nothing is added.
    """
    signed = office.renew(
        pdf,
        output,
        at=datetime.datetime.now(datetime.UTC),
        within=datetime.timedelta(days=within),
        trust=[root for path in trust for root in load_certificates(path)],
        timestamp=time_stamper(tsa, tsa_user, tsa_password_file),
        revocation=_revocation(allow_private),
        password=read_password(pdf_password_file),
    )
    return _told(output, signed, json=json)


def _revocation(allow_private: bool) -> RevocationSource:
    from sipadek.trust_services import HttpRevocation

    return HttpRevocation(allow=lambda _: True) if allow_private else HttpRevocation()


def _told(output: Path, signed: office.Signed, *, json: bool) -> int:
    if json:
        document({"path": str(output), "size": signed.size, "added": signed.added})
    elif signed.added:
        say(f"{output}: {signed.added} bytes added")
    else:
        say(f"{output}: nothing was to be added")
    return FINE

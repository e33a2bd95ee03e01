"""The command that signs a PDF, without an office."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated

import typer

from sipadek.cli.failing import FINE
from sipadek.cli.keys import load_signer, read_file, read_password, time_stamper
from sipadek.cli.output import document, say
from sipadek.cli.parameters import (
    Certificate,
    Json,
    KeyFile,
    PassphraseFile,
    PdfPasswordFile,
    Pkcs12,
    Pss,
    TsaPasswordFile,
    TsaUser,
)
from sipadek.errors import InvalidInput
from sipadek.office import sign as sign_pdf
from sipadek.signing import Claim
from sipadek.stamping import Mark, Picture, Text


def sign(
    pdf: Annotated[
        Path, typer.Argument(metavar="PDF", exists=True, dir_okay=False, help="It stays as it is.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Where the signed PDF goes.")
    ],
    pkcs12: Pkcs12 = None,
    certificate: Certificate = None,
    key_file: KeyFile = None,
    passphrase_file: PassphraseFile = None,
    pss: Pss = False,
    tsa: Annotated[
        str, typer.Option("--tsa", metavar="URL", help="Add this authority's time stamp (B-T).")
    ] = "",
    tsa_user: TsaUser = "",
    tsa_password_file: TsaPasswordFile = None,
    field: Annotated[
        str, typer.Option(metavar="NAME", help="A field that waits, or the new one's name.")
    ] = "",
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why it is signed.")] = "",
    location: Annotated[str, typer.Option(metavar="TEXT", help="Where it is signed.")] = "",
    contact: Annotated[str, typer.Option(metavar="TEXT", help="How to ask the signer.")] = "",
    certify: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=0,
            max=3,
            help="Certify the PDF; later it takes 1: nothing, 2: signatures and forms, 3: notes too.",
        ),
    ] = 0,
    text: Annotated[
        str, typer.Option(metavar="TEXT", help="The signature shows it; \\n parts lines.")
    ] = "",
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE", exists=True, help="It shows a PNG or JPEG.")
    ] = None,
    width: Annotated[float, typer.Option(metavar="POINTS", help="Of the picture.")] = 120.0,
    page: Annotated[
        str, typer.Option(metavar="PAGE", help="Where it shows: first, last or a number.")
    ] = "first",
    anchor: Annotated[
        str, typer.Option(metavar="PLACE", help="There: bottom-right, top and so on.")
    ] = "bottom-right",
    margin: Annotated[
        float, typer.Option(metavar="POINTS", min=0, help="From the page's edges.")
    ] = 36.0,
    tag: Annotated[str, typer.Option(metavar="TAG", help="It shows where this text stands.")] = "",
    pdf_password_file: PdfPasswordFile = None,
    json: Json = False,
) -> int:
    """Sign a PDF in one appended revision, without a number and without an office.

    Several may sign one after the other. Without --text and --picture the signature does not show. An
    earlier signature that forbids this one is respected.
    """
    signer = load_signer(
        pkcs12=pkcs12,
        certificate=certificate,
        key_file=key_file,
        passphrase_file=passphrase_file,
        pss=pss,
    )
    if signer is None:
        raise InvalidInput(
            "there is no key to sign with; give --pkcs12, or --certificate and --key-file"
        )
    shown: list[Picture | Text] = []
    if picture is not None:
        shown.append(Picture(data=read_file(picture), width=width))
    if text:
        shown.append(Text(text=text.replace("\\n", "\n")))
    marks = [Mark(what=it, pages=page, anchor=anchor, margin=margin, tag=tag) for it in shown]
    claim = Claim(
        at=datetime.datetime.now(datetime.UTC),
        field=field,
        reason=reason,
        location=location,
        contact=contact,
        certify=certify or None,  # type: ignore[arg-type]  # typer holds it within 0 to 3
    )
    password = read_password(pdf_password_file)
    stamper = time_stamper(tsa, tsa_user, tsa_password_file) if tsa else None
    signed = sign_pdf(
        pdf, output, signer, claim, visible=marks, password=password, timestamp=stamper
    )
    if json:
        document({"path": str(output), "size": signed.size, "added": signed.added})
    else:
        say(f"{output}: signed, {signed.added} bytes added")
    return FINE

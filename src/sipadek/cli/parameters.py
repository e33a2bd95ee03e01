"""Parameters that several commands have."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from sipadek.errors import InvalidInput

OfficeFolder = Annotated[Path, typer.Argument(metavar="OFFICE", help="The office's folder.")]
LetterName = Annotated[
    str, typer.Argument(metavar="NUMBER_OR_ID", help="The letter's number, or its id.")
]
Post = Annotated[str, typer.Option(metavar="POST", help="Jabatan, where it stands in the number.")]
Extra = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=VALUE", help="The pattern's own field {x.NAME}; can be repeated."),
]
Date = Annotated[
    str | None,
    typer.Option(metavar="YYYY-MM-DD", help="Document date. [default: today in the series]"),
]
Actor = Annotated[str, typer.Option(metavar="NAME", help="Who does it, for the record.")]
Kept = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="The newest checkpoint, kept outside of the office's folder."
    ),
]
Engine = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="A search index beside the register: tantivy or whoosh. [default: the register's own]",
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "-o", "--output", metavar="FILE", help="Write it there. [default: standard output]"
    ),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Trust = Annotated[
    list[Path] | None,
    typer.Option(metavar="PEM", help="A root certificate to trust as well; can be repeated."),
]
Pkcs12 = Annotated[
    Path | None, typer.Option("--pkcs12", metavar="FILE", help="Sign with this PKCS #12 file.")
]
Certificate = Annotated[
    Path | None, typer.Option(metavar="PEM", help="Sign with this certificate (and issuers),")
]
KeyFile = Annotated[Path | None, typer.Option(metavar="PEM", help="and this key.")]
PassphraseFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Holds the key's passphrase. [default: it is asked for]"),
]
Pss = Annotated[bool, typer.Option("--pss", help="Sign RSASSA-PSS (RSA keys).")]
TsaUser = Annotated[str, typer.Option(metavar="NAME", help="Its user.")]
TsaPasswordFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Holds its user's password.")
]
PdfPasswordFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Holds the password of an encrypted PDF.")
]


def as_pairs(option: str, texts: list[str] | None) -> dict[str, str]:
    """The values of an option that is repeated as NAME=VALUE. Raises InvalidInput."""
    pairs: dict[str, str] = {}
    for text in texts or ():
        name, equals, value = text.partition("=")
        if not equals:
            raise InvalidInput(f"--{option} {text!r} has no value; write NAME=VALUE")
        if name in pairs:
            raise InvalidInput(f"--{option} gives {name!r} twice; write it once")
        pairs[name] = value
    return pairs


def as_date(text: str | None) -> datetime.date | None:
    """The date of an option. Raises InvalidInput for anything but YYYY-MM-DD."""
    if text is None:
        return None
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise InvalidInput(
            f"{text!r} is not a date; write YYYY-MM-DD, such as 2026-11-24", date=text
        ) from None


def as_which(text: str) -> Any:
    """Which of several places an option means: a number, or a word that `Mark` knows."""
    return int(text) if text.lstrip("-").isdecimal() else text

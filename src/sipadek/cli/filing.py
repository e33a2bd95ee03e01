"""The command that files letters."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import attrs
import typer

import sipadek
from sipadek.cli.failing import CANNOT, FINE, NO, error_value, exit_code
from sipadek.cli.keys import load_signer, read_password
from sipadek.cli.output import complain, document, note, progress, table
from sipadek.cli.parameters import (
    Actor,
    Certificate,
    Date,
    Extra,
    Json,
    KeyFile,
    OfficeFolder,
    PassphraseFile,
    Pkcs12,
    Post,
    Pss,
    as_date,
    as_pairs,
)
from sipadek.cli.values import letter_value
from sipadek.errors import InvalidInput

_BATCH = 64  # letters that share each commit


@attrs.frozen
class _Ended:
    """How one file ended; ``before``: an earlier run had filed it."""

    outcome: sipadek.Outcome
    before: bool

    @property
    def path(self) -> str:
        return str(self.outcome.request.source)

    @property
    def result(self) -> str:
        if self.outcome.letter is None:
            return "refused"
        return "filed before" if self.before else "filed"

    def value(self) -> dict[str, Any]:
        letter, error = self.outcome.letter, self.outcome.error
        return {
            "source": self.path,
            "result": self.result,
            "letter": None if letter is None else letter_value(letter),
            "error": None if error is None else error_value(error),
        }


def file(
    office: OfficeFolder,
    pdfs: Annotated[
        list[Path], typer.Argument(metavar="PDF", exists=True, dir_okay=False, help="Originals.")
    ],
    series: Annotated[str, typer.Option(metavar="CODE", help="The series that gives the numbers.")],
    subject: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Perihal. [default: the file's name]")
    ] = None,
    unit: Annotated[str, typer.Option(metavar="UNIT", help="The unit that issues it.")] = "",
    classification: Annotated[str, typer.Option(metavar="CODE", help="Classification code.")] = "",
    kind: Annotated[str, typer.Option(metavar="KIND", help="Kind of letter.")] = "",
    secrecy: Annotated[str, typer.Option(metavar="SECRECY", help="B, T, R or SR.")] = "B",
    post: Post = "",
    extra: Extra = None,
    date: Date = None,
    key: Annotated[
        str | None,
        typer.Option(
            metavar="KEY", help="Idempotency key. [default: the series and the PDF's content]"
        ),
    ] = None,
    actor: Actor = "",
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="Puts the number in behind an earlier one: why.")
    ] = "",
    after: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBER", help="Behind this one. [default: the last on or before the date]"
        ),
    ] = None,
    from_stock: Annotated[
        bool, typer.Option("--from-stock", help="Takes a number that was held for the date.")
    ] = False,
    pkcs12: Pkcs12 = None,
    certificate: Certificate = None,
    key_file: KeyFile = None,
    passphrase_file: PassphraseFile = None,
    pss: Pss = False,
    workers: Annotated[
        int,
        typer.Option(
            min=0, max=64, metavar="N", help="Processes that stamp and sign; 0: this one."
        ),
    ] = 0,
    verify_url: Annotated[
        str, typer.Option(metavar="URL", help="What stands before the letter's id in the QR code.")
    ] = "",
    stamp_page: Annotated[
        str, typer.Option(metavar="PAGE", help="Of the stamp: first, last, or a number.")
    ] = "first",
    stamp_tag: Annotated[
        str, typer.Option(metavar="TAG", help="The stamp goes where this text stands, on any page.")
    ] = "",
    free: Annotated[
        bool, typer.Option("--free", help="The stamp goes where nothing is on the page.")
    ] = False,
    no_stamp: Annotated[
        bool, typer.Option("--no-stamp", help="Sign without a stamp, as for certified PDFs.")
    ] = False,
    pdf_password_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Holds the password of encrypted PDFs.")
    ] = None,
    json: Json = False,
) -> int:
    """Number, stamp, sign and keep PDFs, and make them findable.

    Without a key they are stamped only. A PDF that cannot be filed is refused and the others go on
    (exit code 1). A PDF that was filed before in the same way keeps its number.
    """
    if key is not None and len(pdfs) > 1:
        raise InvalidInput(f"--key names one letter, but {len(pdfs)} PDFs came; leave it out")
    signer = load_signer(
        pkcs12=pkcs12,
        certificate=certificate,
        key_file=key_file,
        passphrase_file=passphrase_file,
        pss=pss,
    )
    common: dict[str, Any] = {
        "series": series,
        "unit": unit,
        "classification": classification,
        "kind": kind,
        "secrecy": secrecy,
        "post": post,
        "extra": as_pairs("extra", extra),
        "date": as_date(date),
        "key": key,
        "actor": actor,
        "reason": reason,
        "after": after,
        "from_stock": from_stock,
        "password": read_password(pdf_password_file),
    }
    requests = [
        sipadek.FileRequest(source=path, subject=subject or _subject(path), **common)
        for path in pdfs
    ]
    style = sipadek.StampStyle(
        verify_url=verify_url,
        page="all" if stamp_tag and stamp_page == "first" else stamp_page,
        tag=stamp_tag,
        free=free,
        stamp=not no_stamp,
    )
    with sipadek.open(office, create=False, style=style) as opened:
        _check_series(opened, series)
        ended = list(_file(opened, requests, signer=signer, workers=workers))
    _show(ended, json=json)
    return _code(ended)


def _file(
    office: sipadek.Office,
    requests: list[sipadek.FileRequest],
    *,
    signer: sipadek.Signer | None,
    workers: int,
) -> Iterator[_Ended]:
    started = datetime.datetime.now(datetime.UTC)
    batch = max(8, min(_BATCH, len(requests) // 16))  # small enough for a bar that moves
    with progress("Filing") as advance:
        outcomes = office.file_many(requests, signer=signer, workers=workers, batch=batch)
        for done, outcome in enumerate(outcomes, start=1):
            issued = None if outcome.letter is None else outcome.letter.issued_at
            yield _Ended(outcome, issued is not None and issued < started)
            advance(done, len(requests))


def _show(ended: list[_Ended], *, json: bool) -> None:
    refused = [each for each in ended if each.outcome.error is not None]
    if json:
        document(
            {
                "filed": len(ended) - len(refused),
                "refused": len(refused),
                "letters": [each.value() for each in ended],
            }
        )
    else:
        rows = [
            [
                each.outcome.letter.number,
                f"{each.outcome.letter.details.date}",
                each.result,
                each.path,
            ]
            for each in ended
            if each.outcome.letter is not None
        ]
        if rows:
            table(["NUMBER", "DATE", "RESULT", "FILE"], rows)
        if len(ended) > 1:
            note(f"{len(rows)} of {len(ended)} filed")
    for each in refused:
        assert each.outcome.error is not None
        complain(f"{each.path} is refused: {each.outcome.error.message}")


def _code(ended: list[_Ended]) -> int:
    """CANNOT where nothing was filed and only what was typed is at fault, else NO for a refusal."""
    codes = {
        FINE if each.outcome.error is None else exit_code(each.outcome.error) for each in ended
    }
    if codes == {CANNOT}:
        return CANNOT
    return FINE if codes <= {FINE} else NO


def _check_series(office: sipadek.Office, code: str) -> None:
    known = [each.code for each in office.series()]
    if code not in known:
        listed = f"there are {', '.join(known)}" if known else "none is defined yet"
        raise InvalidInput(
            f"there is no series {code!r}, {listed}; define it with `sipadek series OFFICE CODE"
            " --pattern …`",
            series=code,
        )


def _subject(path: Path) -> str:
    """A file's name as a subject; a byte in it that is no UTF-8 becomes a question mark."""
    return path.stem.encode("utf-8", "replace").decode("utf-8")

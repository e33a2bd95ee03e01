"""Bringing in letters that have their numbers from elsewhere.

Such a letter keeps its number as an own field, by which it is found, and gets an accession number in a
series that serves nothing else. The office's own series give numbers to new letters only: an old one
among them would look like a letter of this year, and its own number like a gap.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Final

import attrs

from sipadek.archive import FORMER_NUMBER, Letter, ReservationRequest, State
from sipadek.errors import InvalidInput, SipadekError
from sipadek.intake import Fault, Incoming
from sipadek.numbering import Series
from sipadek.office.filing import FileRequest
from sipadek.office.office import Office
from sipadek.office.receiving import chunks
from sipadek.office.stamping import StampStyle

ACCESSION_PATTERN: Final = "ARSIP-{nomor:6}"
"""How the numbers of imported letters look."""

_TOGETHER: Final = 64
_UNTOUCHED: Final = StampStyle(untouched=True)


@attrs.frozen(kw_only=True)
class Imported:
    """How one letter came in: exactly one of ``letter`` and ``error`` is there. ``place`` says where it
    stood; ``before`` that an earlier run had brought it in."""

    place: str
    letter: Letter | None = None
    error: SipadekError | None = None
    before: bool = False


def import_letters(
    office: Office,
    letters: Iterable[Incoming | Fault],
    *,
    source: str,
    actor: str,
    series: str = "arsip-lama",
    workers: int = 0,
) -> Iterator[Imported]:
    """Bring letters in, in their order; nothing is stamped on them.

    ``source`` names where they come from, such as 'paperless 2019': with a letter's key it is the
    idempotency key, so the same call again goes on after an interruption and doubles nothing. Each gets
    an accession number ('ARSIP-000001') in ``series``, which is made when missing and serves imported
    letters alone. Its own number is kept as the own field ``nomor-asal``, the source as ``asal``. A
    letter without a file is registered without one. Files are filed by ``workers`` processes.

    A letter that cannot be taken is an `Imported` with its error, and the others go on. Raises
    InvalidInput where there is no source or actor, or ``series`` gives other numbers.
    """
    for name, text in (("source", source), ("actor", actor)):
        if not text.strip():
            raise InvalidInput(
                f"say the {name} of what is imported; the record keeps it", field=name
            )
    _ensure_series(office, series)
    coming = iter(letters)
    while batch := list(itertools.islice(coming, _TOGETHER)):
        yield from _bring(office, batch, partial(_request, source, actor, series), workers)


def _ensure_series(office: Office, code: str) -> None:
    wanted = Series(code=code, pattern=ACCESSION_PATTERN, restart="never")
    found = next((each for each in office.series() if each.code == code), None)
    if found is None:
        office.define_series(code, ACCESSION_PATTERN, restart="never")
    elif (found.pattern, found.restart) != (wanted.pattern, wanted.restart):
        raise InvalidInput(
            f"the series {code!r} gives numbers of its own ({found.pattern}); imported letters keep"
            " theirs and get accession numbers beside it: name a series that is not defined yet",
            series=code,
        )


def _request(source: str, actor: str, series: str, one: Incoming) -> FileRequest:
    told = {
        **one.extra,
        FORMER_NUMBER: one.number,
        "asal": source,
        "dari": one.sender,
        "kepada": one.recipient,
    }
    return FileRequest(
        source=one.path or b"",
        series=series,
        subject=one.subject,
        unit=one.unit,
        classification=one.classification,
        kind=one.kind,
        secrecy=one.secrecy,
        extra={name: value for name, value in told.items() if value},
        date=one.date,
        key=f"{source}:{one.key}",
        actor=actor,
        style=_UNTOUCHED,
    )


def _bring(
    office: Office,
    batch: Sequence[Incoming | Fault],
    ask: Callable[[Incoming], FileRequest],
    workers: int,
) -> Iterator[Imported]:
    """What becomes of a batch: those that are known are passed over, files are filed together, and so
    are the letters without one."""
    asked = {at: ask(one) for at, one in enumerate(batch) if isinstance(one, Incoming)}
    known = office.numbers.find_keys([str(one.key) for one in asked.values()])
    ended: dict[int, Imported] = {}
    files: dict[int, FileRequest] = {}
    bare: dict[int, ReservationRequest] = {}
    for at, one in enumerate(batch):
        try:
            if isinstance(one, Fault):
                raise InvalidInput(one.message, place=one.place)
            digest = _checked(one)
        except InvalidInput as refused:
            ended[at] = Imported(place=one.place, error=refused)
            continue
        before = known.get(str(asked[at].key))
        if before is not None and _same(before, asked[at], digest):
            ended[at] = Imported(place=one.place, letter=before, before=True)
        elif digest:
            files[at] = asked[at]
        else:
            bare[at] = _reservation(asked[at], "", 0)
    outcomes = office.file_many(files.values(), workers=workers)
    for at, outcome in zip(files, outcomes, strict=True):
        ended[at] = Imported(place=batch[at].place, letter=outcome.letter, error=outcome.error)
    given = office.numbers.give([*bare.values()])
    for at, result in zip(bare, given, strict=True):
        if isinstance(result, Letter):
            ended[at] = Imported(place=batch[at].place, letter=result)
        else:
            ended[at] = Imported(place=batch[at].place, error=result)
    yield from (ended[at] for at in range(len(batch)))


def _checked(one: Incoming) -> str:
    """The SHA-256 of its file, '' without one. Raises InvalidInput where the file is another one."""
    if one.path is None:
        return ""
    found = hashlib.sha256()
    also = hashlib.md5(usedforsecurity=False) if len(one.checksum) == 32 else found
    for chunk in chunks(one.path):
        found.update(chunk)
        if also is not found:
            also.update(chunk)
    if one.checksum and also.hexdigest() != one.checksum.lower():
        raise InvalidInput(
            f"{one.path.name} is not the file that was exported: its checksum is {also.hexdigest()},"
            f" not {one.checksum}; export it again",
            path=str(one.path),
        )
    return found.hexdigest()


def _same(letter: Letter, request: FileRequest, digest: str) -> bool:
    """Whether it came in before, just so; otherwise the register says what is wrong."""
    wanted = _reservation(request, digest, letter.original_size)
    return (
        letter.state is State.ISSUED
        and letter.original_digest == digest
        and letter.details == wanted.details
    )


def _reservation(request: FileRequest, digest: str, size: int) -> ReservationRequest:
    assert request.date is not None  # every letter that comes in has one
    return request.reservation(digest, size, request.date)

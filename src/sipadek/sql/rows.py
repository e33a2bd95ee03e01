"""The register's rows and the values they stand for."""

from __future__ import annotations

import datetime
import functools
import hashlib
import json
import secrets
from typing import Any, Final

from sipadek.archive.letter import Letter, LetterDetails, ReservationRequest, Secrecy, State
from sipadek.errors import DamagedRegister, InvalidInput
from sipadek.numbering import NumberFields
from sipadek.sql import schema

COLUMNS: Final = schema.columns("sipadek_entry")
SELECT: Final = f"SELECT {', '.join(COLUMNS)} FROM sipadek_entry"  # noqa: S608
INSERT: Final = (
    f"INSERT INTO sipadek_entry ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608
)
ISSUE: Final = (
    "UPDATE sipadek_entry SET state = 'issued', filed_digest = ?, filed_size = ?, signer = ?,"
    " extractor = ?, issued_at = ? WHERE position = ?"
)
VOID: Final = "UPDATE sipadek_entry SET state = 'void', void_reason = ? WHERE position = ?"

MAX_LEASE: Final = datetime.timedelta(days=3660)
"""The longest that a number can be held."""

ID_LENGTH: Final = 26
# Each of 256 byte values stands for one of 32 characters, all equally often.
_BASE32: Final = b"abcdefghijklmnopqrstuvwxyz234567" * 8
MAX_SIZE: Final = 2**53 - 1  # What an event can hold.
_TEXTS: Final = ("series", "subject", "unit", "classification", "kind", "post")


def new_id(at: datetime.datetime) -> str:
    """26 characters of lowercase base32 that nobody can guess: the millisecond of ``at``, then 85
    random bits. Ids of one time stand together in the index of ids; wholly random ones would touch a
    page each, and a batch in a register of ten million letters took more than twice as long."""
    start = _time_letters(at)
    return start + secrets.token_bytes(ID_LENGTH - len(start)).translate(_BASE32).decode()


@functools.lru_cache(maxsize=64)
def _time_letters(at: datetime.datetime) -> str:
    """The lowest 45 bits of the millisecond, five to a letter."""
    milliseconds = int(at.timestamp() * 1000)
    return bytes(_BASE32[milliseconds >> shift & 31] for shift in range(40, -1, -5)).decode()


def in_utc(at: datetime.datetime) -> datetime.datetime:
    """The same moment in UTC.

    Raises:
        InvalidInput: the time has no time zone, or is out of range in UTC.
    """
    if at.utcoffset() is None:
        raise InvalidInput(f"A time must have a time zone, got {at!r}. Use datetime.UTC.", at=at)
    try:
        return at.astimezone(datetime.UTC)
    except OverflowError as error:
        raise InvalidInput(f"The time {at!r} is out of range in UTC.", at=at) from error


def time_text(at: datetime.datetime) -> str:
    """The time in UTC, of fixed width, so that text order is time order. Raises like ``in_utc``."""
    return in_utc(at).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def fingerprint(request: ReservationRequest, *more: str) -> str:
    """SHA-256 (hex) over everything a retry with the same key must repeat; ``check`` comes first,
    so that no part holds the NUL between them. ``more`` is what an operation adds to it."""
    details = request.details
    parts = [
        details.series,
        details.subject,
        details.date.isoformat(),
        details.unit,
        details.classification,
        details.kind,
        details.secrecy.value,
        request.content,
        str(request.size),
    ]
    # What version 1 did not know is left out where it is not used: its fingerprints stay good.
    if details.post or details.extra or more:
        parts += [details.post, extra_text(details), *more]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def extra_text(details: LetterDetails) -> str:
    """The own fields as canonical JSON, '' for none."""
    return json.dumps(dict(details.extra), ensure_ascii=False) if details.extra else ""


def check(request: ReservationRequest) -> None:
    """Refuse what the tables could not hold.

    Raises:
        InvalidInput: an empty key, text with NUL or lone surrogates, no digest, an impossible size,
            a lease that is not positive, or longer than MAX_LEASE.
    """
    details = request.details
    check_text("key", request.key)
    check_text("actor", request.actor)
    for name, value in details.extra:
        check_text(f"extra {name}", value)
    for name in _TEXTS:
        check_text(name, getattr(details, name))
    if not request.key:
        raise InvalidInput("The idempotency key is empty. Give each letter a key.", field="key")
    if request.content or request.size:
        check_digest("content", request.content)
        check_size("size", request.size)
    if request.lease is not None and not datetime.timedelta(0) < request.lease <= MAX_LEASE:
        raise InvalidInput(
            f"The lease is {request.lease}. Give a positive time of at most {MAX_LEASE.days} days, or "
            "none.",
            field="lease",
        )


def check_text(name: str, text: str) -> None:
    """Raises InvalidInput for text that SQLite or an event cannot hold."""
    try:
        text.encode()
        sound = "\0" not in text
    except UnicodeEncodeError:
        sound = False
    if not sound:
        raise InvalidInput(
            f"{name} {text!r} holds a NUL or half of a surrogate pair. Clean the text first.",
            field=name,
        )


def check_digest(name: str, digest: str) -> None:
    """Raises InvalidInput for anything but a SHA-256 of 64 lowercase hex digits."""
    if len(digest) != 64 or digest.strip("0123456789abcdef"):
        raise InvalidInput(
            f"{name} must be a SHA-256 of 64 lowercase hex digits, got {digest!r}.", field=name
        )


def check_size(name: str, size: int) -> None:
    """Raises InvalidInput for what is no length in bytes."""
    if not 0 <= size <= MAX_SIZE:
        raise InvalidInput(f"{name} must be a length in bytes, got {size}.", field=name)


def number_fields(details: LetterDetails) -> NumberFields:
    """What of the details can stand in a number."""
    return NumberFields(
        date=details.date,
        unit=details.unit,
        classification=details.classification,
        kind=details.kind,
        secrecy=details.secrecy.value,
        post=details.post,
        extra=dict(details.extra),
    )


def reserved_row(position: int, letter: Letter, print_: str, moment: str) -> tuple[Any, ...]:
    """The row of a letter just reserved at ``moment`` (text), in the order of ``COLUMNS``."""
    details = letter.details
    return (
        position,
        letter.id,
        details.series,
        letter.counter,
        letter.sequence,
        letter.insertion,
        letter.number,
        State.RESERVED.value,
        letter.key,
        print_,
        details.unit,
        details.classification,
        details.kind,
        details.post,
        extra_text(details),
        details.secrecy.value,
        details.secrecy.rank,
        details.subject,
        details.date.isoformat(),
        details.date.year,
        letter.original_digest,
        letter.original_size,
        "",
        0,
        "",
        "",
        letter.actor,
        letter.reason,
        letter.paper,
        letter.key if letter.stock else "",
        moment,
        None if letter.expires_at is None else time_text(letter.expires_at),
        None,
        "",
    )


def letter(row: tuple[Any, ...]) -> Letter:
    """The letter of a row in the order of ``COLUMNS``.

    Raises:
        DamagedRegister: the row holds what this library never wrote.
    """
    (
        position, id_, series, counter, sequence, insertion, number, state, key, _print,
        unit, classification, kind, post, extra, secrecy, _rank, subject, date, _year,
        original_digest, original_size, filed_digest, filed_size, signer, _extractor,
        actor, reason, paper, stock, reserved_at, expires_at, issued_at, void_reason,
    ) = row  # fmt: skip
    try:
        return Letter(
            id=id_,
            number=number,
            sequence=sequence,
            counter=counter,
            state=State(state),
            details=LetterDetails(
                series=series,
                subject=subject,
                date=datetime.date.fromisoformat(date),
                unit=unit,
                classification=classification,
                kind=kind,
                secrecy=Secrecy(secrecy),
                post=post,
                extra=json.loads(extra) if extra else (),
            ),
            key=key,
            original_digest=original_digest,
            original_size=original_size,
            reserved_at=datetime.datetime.fromisoformat(reserved_at),
            filed_digest=filed_digest,
            filed_size=filed_size,
            signer=signer,
            issued_at=datetime.datetime.fromisoformat(issued_at) if issued_at else None,
            void_reason=void_reason,
            insertion=insertion,
            reason=reason,
            actor=actor,
            stock=stock == key,
            paper=paper,
            expires_at=datetime.datetime.fromisoformat(expires_at) if expires_at else None,
        )
    except (TypeError, ValueError) as error:
        raise DamagedRegister(
            f"The register's entry {position} (letter {id_}) holds a value sipadek never wrote: "
            f"{error}. Audit the office.",
            letter=id_,
        ) from error

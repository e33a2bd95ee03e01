"""What the register holds about a letter, and what it is asked to do. Pure values."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Iterable, Mapping
from typing import Final

import attrs


class Secrecy(enum.StrEnum):
    """Sifat surat, in rising order of secrecy."""

    BIASA = "B"
    TERBATAS = "T"
    RAHASIA = "R"
    SANGAT_RAHASIA = "SR"

    @property
    def rank(self) -> int:
        """0 for biasa up to 3 for sangat rahasia; compare secrecy by this."""
        return _RANKS[self]


_RANKS = {secrecy: rank for rank, secrecy in enumerate(Secrecy)}


class State(enum.StrEnum):
    """Where a number stands. Every number ends issued or void; none goes back."""

    RESERVED = "reserved"
    ISSUED = "issued"
    VOID = "void"


FORMER_NUMBER: Final = "nomor-asal"
"""The own field for the number that a letter had elsewhere, before it came here; it is found by it."""


def _pairs(
    value: Mapping[str, str] | Iterable[tuple[str, str]],
) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(dict(value).items())) if value else ()


@attrs.frozen(kw_only=True)
class LetterDetails:
    """What the host says of a letter when it asks for a number.

    ``date`` is the document date: it decides the year of the counter and stands in the number.
    ``unit``, ``classification``, ``kind`` and ``post`` (jabatan) may be empty where the series' pattern
    does not use them. ``extra`` holds the host's own fields: a mapping, kept as sorted pairs. They can
    stand in the number; in any series ``dari`` (sender) and ``kepada`` (recipient) are what the search
    finds letters by.
    """

    series: str
    subject: str
    date: datetime.date
    unit: str = ""
    classification: str = ""
    kind: str = ""
    secrecy: Secrecy = Secrecy.BIASA
    post: str = ""
    extra: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_pairs)


@attrs.frozen(kw_only=True)
class ReservationRequest:
    """One number asked for. ``key`` is the idempotency key; ``content`` is the SHA-256 (hex) of the
    original's bytes, ``size`` its length in bytes; both stay empty where only a number is wanted. The
    same key with the same details and content is the same letter.

    ``lease`` is how long the number is held, at most ten years: one that is not issued by then becomes
    void. ``actor`` names who asks, for the record. Neither makes a repeated request another one.
    """

    key: str
    details: LetterDetails
    content: str = ""
    size: int = 0
    lease: datetime.timedelta | None = None
    actor: str = ""


@attrs.frozen(kw_only=True)
class Filed:
    """The outcome of stamping and signing: what commit 2 puts on record for one letter.

    ``digest`` (SHA-256, hex) and ``size`` (bytes) are those of the filed PDF, whose first
    ``Letter.original_size`` bytes are the original. ``signer`` is the subject of the signer's
    certificate as RFC 4514 text, empty when stamped only. ``pages`` is the text of each page, for the
    index, ``about`` what the document says of itself, and ``extractor`` names what read it
    ('pypdfium2 5.15.2').
    """

    letter: str
    digest: str
    size: int
    signer: str
    pages: tuple[str, ...]
    extractor: str
    about: str = ""


@attrs.frozen(kw_only=True)
class Letter:
    """A register entry. Times are UTC; digests are SHA-256 in hex; sizes are bytes.

    ``original_digest`` is empty where only a number was wanted, ``filed_digest`` where nothing is filed
    (yet). ``insertion`` is 0, or 1, 2, … for numbers put in after the one of that ``sequence``, for
    ``reason``. ``stock`` marks a number held for a date and not yet asked for by any letter.
    ``paper`` is the same for all numbers of one paper that several series register.
    """

    id: str
    number: str
    sequence: int
    counter: str
    state: State
    details: LetterDetails
    key: str
    original_digest: str
    original_size: int
    reserved_at: datetime.datetime
    filed_digest: str = ""
    filed_size: int = 0
    signer: str = ""
    issued_at: datetime.datetime | None = None
    void_reason: str = ""
    insertion: int = 0
    reason: str = ""
    actor: str = ""
    stock: bool = False
    paper: str = ""
    expires_at: datetime.datetime | None = None

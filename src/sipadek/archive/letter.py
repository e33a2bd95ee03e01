"""What the register holds about a letter, and what it is asked to do. Pure values."""

from __future__ import annotations

import datetime
import enum

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
        return tuple(Secrecy).index(self)


class State(enum.StrEnum):
    """Where a number stands. Every number ends issued or void; none goes back."""

    RESERVED = "reserved"
    ISSUED = "issued"
    VOID = "void"


@attrs.frozen(kw_only=True)
class LetterDetails:
    """What the host says of a letter when it asks for a number.

    ``date`` is the document date: it decides the year of the counter and stands in the number.
    ``unit``, ``classification`` and ``kind`` may be empty where the series' pattern does not use them.
    """

    series: str
    subject: str
    date: datetime.date
    unit: str = ""
    classification: str = ""
    kind: str = ""
    secrecy: Secrecy = Secrecy.BIASA


@attrs.frozen(kw_only=True)
class ReservationRequest:
    """One number asked for. ``key`` is the idempotency key; ``content`` is the SHA-256 (hex) of the
    original's bytes, ``size`` its length in bytes. The same key with the same details and content is
    the same letter."""

    key: str
    details: LetterDetails
    content: str
    size: int


@attrs.frozen(kw_only=True)
class Filed:
    """The outcome of stamping and signing: what commit 2 puts on record for one letter.

    ``digest`` (SHA-256, hex) and ``size`` (bytes) are those of the filed PDF, whose first
    ``Letter.original_size`` bytes are the original. ``signer`` is the subject of the signer's
    certificate as RFC 4514 text, empty when stamped only. ``pages`` is the text of each page, for the
    index, and ``extractor`` names what read it ('pypdfium2 5.15.2').
    """

    letter: str
    digest: str
    size: int
    signer: str
    pages: tuple[str, ...]
    extractor: str


@attrs.frozen(kw_only=True)
class Letter:
    """A register entry. Times are UTC; digests are SHA-256 in hex; sizes are bytes."""

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

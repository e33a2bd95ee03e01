"""The higher PAdES levels of a signed PDF, and keeping the highest one alive.

ETSI EN 319 142-1: B-T is a time stamp over the signature, in it or behind it; B-LT adds what validates
it to the document's security store; B-LTA puts a document time stamp over that. A document time stamp
counts until its authority's certificates end; before that another one is put over it (`renew`).

Everything is appended; no received byte changes. Where nothing is to be done nothing is appended.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Sequence
from typing import Literal, TypeAlias

import attrs
from cryptography import x509

from sipadek.errors import (
    BrokenPdf,
    InvalidInput,
    SigningError,
    TimestampFailed,
    ValidationDataMissing,
)
from sipadek.pdf.document import Document
from sipadek.pdf.forms import add_annotation, add_signature_field
from sipadek.pdf.objects import text_string
from sipadek.pdf.revision import Revision, SignatureHole
from sipadek.pdf.syntax import Buffer
from sipadek.signing.collecting import Collector, NoRevocationSource, expiry
from sipadek.signing.dss import ValidationData, add_to_store, has_store, read_store
from sipadek.signing.embedded import Embedded, embedded, proven_since
from sipadek.signing.pades import Widget
from sipadek.signing.prepared import HashState, covered_digest, fill_hole
from sipadek.signing.revocation import RevocationSource
from sipadek.signing.timestamp import TimestampAuthority, stamp_digest

Level: TypeAlias = Literal["B-T", "B-LT", "B-LTA"]

_MOST_TRIES = 3


def raise_level(
    pdf: Buffer,
    *,
    to: Level,
    at: datetime.datetime,
    trust: Sequence[x509.Certificate],
    timestamp: TimestampAuthority,
    revocation: RevocationSource,
    password: str | None = None,
    original: HashState | None = None,
) -> bytes:
    """The bytes to append so that every signature of ``pdf`` has the level ``to``.

    Empty where all of them have it, or a higher one. ``at`` (aware) is now; ``trust`` holds the roots
    that chains must lead to; ``original`` is the SHA-256 state of the whole of ``pdf`` where that is
    kept, it is not changed. A signature without a time stamp gets a document time stamp, in a
    revision of its own.

    The signatures are checked against their bytes, and what is fetched is validated before it is put
    in. Whether something was changed between signatures is not judged: `verify_pdf` does that.

    Raises:
        NotSigned, SignatureInvalid: no signature, or one that does not fit.
        ValidationDataMissing: for B-LT and B-LTA; it names the certificate for which no chain or no
            revocation answer was to be had. Nothing is appended then.
        KeyRevoked: a certificate was revoked before it was used.
        TimestampFailed, TrustServiceUnavailable: no time stamp was to be had.
        PdfError: the file cannot be opened, or is damaged.
    """
    if to not in ("B-T", "B-LT", "B-LTA"):
        raise InvalidInput(f"{to!r} is no level to raise to; give B-T, B-LT or B-LTA")
    work = _Work.begin(pdf, at, trust, timestamp, revocation, password, original)
    found = work.found
    if any(proven_since(e, found) is None for e in found if e.kind == "signature"):
        work = work.appended(ValidationData(), stamped=True)
    if to == "B-T":
        return work.tail
    needed = ValidationData()
    newest = work.found[-1]
    covered = newest.kind == "timestamp" and newest.end == work.size
    if work.missing() or not has_store(work.document):
        needed, covered = work.gather(), False
    stamped = to == "B-LTA" and not covered
    if needed or stamped:
        work = work.appended(needed, stamped=stamped)
    return work.tail


def renew(
    pdf: Buffer,
    *,
    at: datetime.datetime,
    within: datetime.timedelta,
    trust: Sequence[x509.Certificate],
    timestamp: TimestampAuthority,
    revocation: RevocationSource,
    password: str | None = None,
    original: HashState | None = None,
) -> bytes:
    """The bytes to append so that the newest document time stamp outlives ``at + within``.

    Empty where it does already. Otherwise what validates it (and whatever else lacks) goes into the
    security store, and a new document time stamp over all, in one revision. The arguments are those
    of `raise_level`, and so are the errors; besides:

    Raises:
        InvalidInput: the newest signature or stamp is no document time stamp; raise to B-LTA first.
        TimestampFailed: the newest stamp has ended already, or the new one would not last longer.
    """
    work = _Work.begin(pdf, at, trust, timestamp, revocation, password, original)
    newest = work.found[-1]
    if newest.kind != "timestamp":
        raise InvalidInput("the PDF does not end with a document time stamp; raise it to B-LTA")
    ends = work.expiry(newest)
    if ends > at + within:
        return b""
    if ends <= at:
        raise TimestampFailed(
            f"The newest time stamp ended at {ends.isoformat()}; a new one cannot prove what it did."
            " Take a copy that was renewed in time.",
            ended=ends,
        )
    done = work.appended(work.gather(), stamped=True)
    if done.expiry(done.found[-1]) <= ends:
        raise TimestampFailed(
            f"The authority's new time stamp ends no later than the present one, at"
            f" {ends.isoformat()}. Use an authority with a longer certificate."
        )
    return done.tail


@attrs.frozen(kw_only=True)
class _Work:
    """The file as it stands, with what was appended so far in ``tail``."""

    data: Buffer
    tail: bytes
    state: HashState
    document: Document
    found: tuple[Embedded, ...]
    known: ValidationData
    at: datetime.datetime
    trust: Sequence[x509.Certificate]
    timestamp: TimestampAuthority
    revocation: RevocationSource
    password: str | None

    @classmethod
    def begin(
        cls,
        pdf: Buffer,
        at: datetime.datetime,
        trust: Sequence[x509.Certificate],
        timestamp: TimestampAuthority,
        revocation: RevocationSource,
        password: str | None,
        original: HashState | None,
    ) -> _Work:
        if at.utcoffset() is None:
            raise InvalidInput("The time has no time zone. Give an aware datetime.", at=at)
        document = _opened(pdf, password)
        return cls(
            data=pdf,
            tail=b"",
            state=hashlib.sha256(pdf) if original is None else original.copy(),
            document=document,
            found=embedded(document),
            known=read_store(document),
            at=at,
            trust=tuple(trust),
            timestamp=timestamp,
            revocation=revocation,
            password=password,
        )

    @property
    def size(self) -> int:
        return len(self.data)

    def gather(self) -> ValidationData:
        """What validates everything in the file, as far as the file does not hold it."""
        return self._collect(self.found, self.revocation, fresh=True)

    def missing(self) -> bool:
        """That the file does not hold all of it; a document time stamp over the whole file needs
        nothing yet."""
        newest = self.found[-1]
        at_end = newest.kind == "timestamp" and newest.end == self.size
        try:
            nothing = NoRevocationSource()
            return bool(self._collect(self.found[:-1] if at_end else self.found, nothing))
        except ValidationDataMissing:
            return True

    def _collect(
        self, of: tuple[Embedded, ...], source: RevocationSource, *, fresh: bool = False
    ) -> ValidationData:
        collector = Collector(roots=self.trust, source=source, now=self.at, known=self.known)
        for each in of:
            newest = each is self.found[-1] and each.kind == "timestamp"
            collector.add(each, self.found, fresh=fresh and newest)
        return collector.gathered().without(self.known)

    def expiry(self, newest: Embedded) -> datetime.datetime:
        return expiry(newest, roots=self.trust, known=self.known, source=self.revocation)

    def appended(self, data: ValidationData, *, stamped: bool) -> _Work:
        """With one more revision."""
        tail = self._stamped(data) if stamped else self._revision(data).build().data
        whole = b"".join((self.data, tail))
        state = self.state.copy()
        state.update(tail)
        document = _opened(whole, self.password)
        return attrs.evolve(
            self,
            data=whole,
            tail=self.tail + tail,
            state=state,
            document=document,
            found=embedded(document),
            known=read_store(document),
        )

    def _revision(self, data: ValidationData) -> Revision:
        revision = Revision(self.document)
        add_to_store(revision, data)
        return revision

    def _stamped(self, data: ValidationData) -> bytes:
        room = self.timestamp.token_size
        for _ in range(_MOST_TRIES):
            revision = self._revision(data)
            add_document_timestamp(revision, f"sipadek-stempel-{self.size}", room)
            tail = revision.build()
            token = stamp_digest(self.timestamp, covered_digest(tail, self.state)).token
            if len(token) <= room:
                return fill_hole(tail, token)
            room = max(len(token), self.timestamp.token_size) + 16
        raise SigningError(
            f"the authority's tokens do not keep to a size; the last has {room} bytes"
        )


def add_document_timestamp(revision: Revision, field: str, token_size: int) -> None:
    """An invisible field with room for a document time stamp (ISO 32000-2, 12.8.5)."""
    page, _ = revision.document.first_page()
    widget = Widget(page=page)
    value = revision.reserve()
    ref = revision.add(
        b"<<%s/Subtype/Widget/FT/Sig/T%s/V %s>>"
        % (widget.entries(), text_string(field), bytes(value))
    )
    revision.put_signature(
        value,
        SignatureHole(
            before=b"<</Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161/ByteRange",
            between=b"/Contents",
            after=b">>",
            size=token_size,
        ),
    )
    add_annotation(revision, page, ref)
    add_signature_field(revision, ref)


def _opened(pdf: Buffer, password: str | None) -> Document:
    document = Document.open(pdf, password=password)
    if document.repaired:
        raise BrokenPdf("the PDF is damaged; what its signatures cover could not be kept for sure")
    return document

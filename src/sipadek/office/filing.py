"""The way of one letter: receive, reserve (commit 1), seal, keep, issue (commit 2)."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import attrs
from cryptography import x509

from sipadek.archive import (
    Filed,
    Letter,
    LetterDetails,
    ObjectStore,
    ReservationRequest,
    Secrecy,
    State,
)
from sipadek.errors import InvalidInput, KeyConflict, PdfError, SipadekError, StampError
from sipadek.office.receiving import Received, Source, receive
from sipadek.office.recovering import find_kept
from sipadek.office.sealing import file_revision, opened, rehearse
from sipadek.office.stamping import StampStyle
from sipadek.pdf import Document, ExtractedText, Sights, extracting
from sipadek.signing import (
    DocumentSigner,
    RevocationSource,
    Signer,
    TimestampAuthority,
    check_signer,
)
from sipadek.sql import Register

_SAMPLE = "0" * 32
"""The id of a letter that there is not."""


def _secrecy(value: str) -> Secrecy:
    try:
        return Secrecy(value)
    except ValueError:
        known = ", ".join(Secrecy)
        raise InvalidInput(f"secrecy is {value!r}; give one of {known}", secrecy=value) from None


@attrs.frozen(kw_only=True)
class FileRequest:
    """One letter to file.

    ``source`` is the original: bytes, a path, or a binary file that is read once. ``series`` is the
    code of the series that numbers it. ``date`` is the document date, by default today in the series'
    time zone: it decides the year of the number. ``key`` is the idempotency key: the same key with the
    same content and details is the same letter, whenever it is asked again; by default the series and
    the content are the key. ``post`` (jabatan) and ``extra`` (own fields) stand in the number where the
    pattern has them; ``actor`` names who files, for the record. ``password`` opens an encrypted
    original. ``style`` is how this letter is stamped, by default as the office does it.

    The number is the next one, unless a letter comes late: with a ``reason`` (and an ``actor``) it is
    put in behind the number ``after``, by default the last one on or before the date; ``from_stock``
    takes one that was held for the date. See `sipadek.sql.Numbers.insert` and ``draw``.
    """

    source: Source = attrs.field(repr=False)
    series: str
    subject: str
    unit: str = ""
    classification: str = ""
    kind: str = ""
    secrecy: Secrecy = attrs.field(default=Secrecy.BIASA, converter=_secrecy)
    post: str = ""
    extra: Mapping[str, str] = attrs.field(factory=dict)
    date: datetime.date | None = None
    key: str | None = None
    actor: str = ""
    reason: str = ""
    after: str | None = None
    from_stock: bool = False
    password: str | None = attrs.field(default=None, repr=False)
    style: StampStyle | None = attrs.field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        if self.after is not None and not self.reason:
            raise InvalidInput("A number is only put in after another one for a reason; give it.")
        if self.from_stock and self.reason:
            raise InvalidInput("A number is either put in or drawn from stock; choose one.")

    def key_for(self, digest: str) -> str:
        """The idempotency key, where the original has that SHA-256 (hex)."""
        return self.key if self.key is not None else f"{self.series}:sha256:{digest}"

    def reservation(self, digest: str, size: int, date: datetime.date) -> ReservationRequest:
        """What the register is asked for, once the content and the date are known."""
        details = LetterDetails(
            series=self.series,
            subject=self.subject,
            date=date,
            unit=self.unit,
            classification=self.classification,
            kind=self.kind,
            secrecy=self.secrecy,
            post=self.post,
            extra=self.extra,
        )
        return ReservationRequest(
            key=self.key_for(digest), details=details, content=digest, size=size, actor=self.actor
        )


@attrs.frozen(kw_only=True)
class Filing:
    """What files letters: where they are registered and kept, how they are stamped, who signs: a
    ``signer`` here, a ``service``, or nobody. The signer's signatures are stamped by ``timestamp`` and
    the signer is checked against ``roots`` with ``revocation``, where those are given."""

    register: Register
    store: ObjectStore
    style: StampStyle
    signer: Signer | None
    service: DocumentSigner | None = None
    timestamp: TimestampAuthority | None = None
    revocation: RevocationSource | None = None
    roots: tuple[x509.Certificate, ...] = ()

    def check(self, at: datetime.datetime) -> None:
        """That who signs can do so at ``at``; asked once for a call, before a number is taken. Raises
        SigningError."""
        if self.service is not None:
            self.service.check(at)
        if self.signer is None:
            return
        self.signer.check(at)
        if self.revocation is not None:
            check_signer(self.signer, at, trust=self.roots, revocation=self.revocation)
        if self.timestamp is not None:
            _ = self.timestamp.token_size  # learned from the authority, which so has to be there

    def file(self, request: FileRequest, *, at: datetime.datetime) -> Letter:
        """File one letter in this process. ``at`` is now (aware).

        Raises leaves of SipadekError. When it raises, either no number was taken, or the number is
        void with the reason, or it stays reserved and the same key goes on with it.
        """
        if self.service is None:
            self.check(at)
        with self.store.stage() as staged:
            received = receive(request.source, staged, digests=digests_of(self.signer))
            staged.finish()
            signed, password = self.signer is not None, request.password
            style = self.style_of(request)
            with (
                opened(staged.path, style=style, signed=signed, password=password) as document,
                extracting(staged.path, password=password) as text,
            ):
                known = self._asked_before(request, received, at)
                sights = self._rehearsed(document, request, staged.path, received.digest, at)
                (letter,) = self.reserve([(request, received.digest, received.size)], at=at)
                if isinstance(letter, SipadekError):
                    raise letter
                if letter.state is State.ISSUED:
                    text()  # leaves the process that reads it ready for the next
                    return letter
                kept = find_kept(self.register, self.store, letter) if known else None
                if kept is not None:
                    text()
                    return self.register.issue([kept], at=at)[0]
                filed = self._seal(
                    document, request, staged.path, received, letter, text, sights, at
                )
            self.store.put(staged, filed.digest)
            return self.register.issue([filed], at=at)[0]

    def _asked_before(
        self, request: FileRequest, received: Received, at: datetime.datetime
    ) -> bool:
        """Whether a service may have signed this letter before. If not so and the letter is new, the
        service is asked whether it could sign, before a number is taken."""
        if self.service is None:
            return False
        key = request.key_for(received.digest)
        letter = self.register.find_keys([key]).get(key)
        if letter is None or letter.state is State.RESERVED:
            self.check(at)
        return letter is not None and letter.state is State.RESERVED

    def style_of(self, request: FileRequest) -> StampStyle:
        """How the request's letter is stamped."""
        return request.style or self.style

    def expected(self, request: FileRequest, at: datetime.datetime) -> Letter:
        """The letter as it would be if no other came before it. No number is taken.

        Raises NotFound (no such series) or InvalidNumber.
        """
        asked = self._asked(request, "0" * 64, 0, at)
        if isinstance(asked, SipadekError):
            raise asked
        return Letter(
            id=_SAMPLE, number=self.register.expected(asked.details), sequence=0, counter="",
            state=State.RESERVED, details=asked.details, key=asked.key,
            original_digest=asked.content, original_size=asked.size, reserved_at=at,
        )  # fmt: skip

    def sample(self, request: FileRequest, at: datetime.datetime) -> Letter | None:
        """As `expected`; None where that raises, since the register says why when it is asked."""
        try:
            return self.expected(request, at)
        except SipadekError:
            return None

    def known(self, request: FileRequest, digest: str) -> bool:
        """Whether the request repeats one that a number was taken for."""
        return bool(self.register.find_keys([request.key_for(digest)]))

    def _rehearsed(
        self,
        document: Document,
        request: FileRequest,
        path: Path,
        digest: str,
        at: datetime.datetime,
    ) -> Sights | None:
        """What `rehearse` saw, or None where there is nothing to rehearse with."""
        sample = self.sample(request, at)
        if sample is None:
            return None
        try:
            return rehearse(
                document, path, sample,
                style=self.style_of(request), signer=self.signer, service=self.service,
                password=request.password,
            )  # fmt: skip
        except SipadekError:
            if self.known(request, digest):
                return None
            raise

    def reserve(
        self, wanted: Sequence[tuple[FileRequest, str, int]], *, at: datetime.datetime
    ) -> list[Letter | SipadekError]:
        """Commit 1: a number for each request whose original's digest and size are known.

        A retry without a date keeps the date of the letter it repeats, also on another day.
        """
        asked = [self._asked(request, digest, size, at) for request, digest, size in wanted]
        outcomes = self._reserved([request for request, _, _ in wanted], asked, at)
        repeats = [
            n
            for n, (request, _, _) in enumerate(wanted)
            if request.date is None and isinstance(outcomes[n], KeyConflict)
        ]
        if repeats:
            known = self.register.find_keys([wanted[n][0].key_for(wanted[n][1]) for n in repeats])
            for n in repeats:
                request, digest, size = wanted[n]
                date = known[request.key_for(digest)].details.date
                asked[n] = request.reservation(digest, size, date)
            again = self._reserved([wanted[n][0] for n in repeats], [asked[n] for n in repeats], at)
            for n, outcome in zip(repeats, again, strict=True):
                outcomes[n] = outcome
        return outcomes

    def _asked(
        self, request: FileRequest, digest: str, size: int, at: datetime.datetime
    ) -> ReservationRequest | SipadekError:
        """What the register is asked for; NotFound where there is no such series."""
        try:
            date = request.date or self.register.series(request.series).local_date(at)
        except SipadekError as error:
            return error
        return request.reservation(digest, size, date)

    def _reserved(
        self,
        requests: Sequence[FileRequest],
        asked: Sequence[ReservationRequest | SipadekError],
        at: datetime.datetime,
    ) -> list[Letter | SipadekError]:
        """All that take the next number do so together, the late ones each by itself."""
        outcomes: list[Letter | SipadekError | None] = []
        together: list[ReservationRequest] = []
        for request, one in zip(requests, asked, strict=True):
            if isinstance(one, SipadekError):
                outcomes.append(one)
            elif request.reason or request.from_stock:
                outcomes.append(self._late(request, one, at))
            else:
                outcomes.append(None)
                together.append(one)
        given = iter(self.register.reserve(together, at=at) if together else ())
        return [next(given) if one is None else one for one in outcomes]

    def _late(
        self, request: FileRequest, asked: ReservationRequest, at: datetime.datetime
    ) -> Letter | SipadekError:
        try:
            if request.from_stock:
                return self.register.draw(asked, at=at)
            return self.register.insert(asked, reason=request.reason, after=request.after, at=at)
        except SipadekError as error:
            return error

    def _seal(
        self,
        document: Document,
        request: FileRequest,
        path: Path,
        received: Received,
        letter: Letter,
        text: Callable[[], ExtractedText],
        sights: Sights | None,
        at: datetime.datetime,
    ) -> Filed:
        try:
            return file_revision(
                document,
                path,
                received,
                letter,
                text,
                style=self.style_of(request),
                signer=self.signer,
                password=request.password,
                service=self.service,
                at=at,
                sights=sights,
                timestamp=self.timestamp,
            )
        except (
            PdfError,
            StampError,
            InvalidInput,
        ) as error:  # no retry of the same content can go better
            self.register.void(letter.id, reason=f"{error.code}: {error.message}", at=at)
            raise


def digests_of(signer: Signer | None) -> frozenset[str]:
    """The hashes to keep while receiving."""
    return frozenset() if signer is None else frozenset((signer.scheme.digest,))

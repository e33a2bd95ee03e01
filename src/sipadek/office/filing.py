"""The way of one letter: receive, reserve (commit 1), seal, keep, issue (commit 2)."""

from __future__ import annotations

import datetime
import zoneinfo
from pathlib import Path

import attrs

from sipadek.archive import (
    Filed,
    Letter,
    LetterDetails,
    ObjectStore,
    ReservationRequest,
    Secrecy,
    State,
)
from sipadek.errors import InvalidInput, PdfError, SipadekError, StampError
from sipadek.office.receiving import Received, Source, receive
from sipadek.office.sealing import StampStyle, file_revision, opened
from sipadek.pdf import Document
from sipadek.signing import Signer
from sipadek.sql import Register


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
    the content are the key. ``password`` opens an encrypted original.
    """

    source: Source = attrs.field(repr=False)
    series: str
    subject: str
    unit: str = ""
    classification: str = ""
    kind: str = ""
    secrecy: Secrecy = attrs.field(default=Secrecy.BIASA, converter=_secrecy)
    date: datetime.date | None = None
    key: str | None = None
    password: str | None = attrs.field(default=None, repr=False)

    def reservation(
        self, register: Register, digest: str, size: int, at: datetime.datetime
    ) -> ReservationRequest:
        """What the register is asked for, once the content is known."""
        key = self.key if self.key is not None else f"{self.series}:sha256:{digest}"
        date = self.date
        if date is None:  # a retry on another day is still the letter of the first day
            known = register.find_key(key)
            date = known.details.date if known is not None else None
        if date is None:
            date = at.astimezone(zoneinfo.ZoneInfo(register.series(self.series).timezone)).date()
        details = LetterDetails(
            series=self.series,
            subject=self.subject,
            date=date,
            unit=self.unit,
            classification=self.classification,
            kind=self.kind,
            secrecy=self.secrecy,
        )
        return ReservationRequest(
            key=key,
            details=details,
            content=digest,
            size=size,
        )


@attrs.frozen(kw_only=True)
class Filing:
    """What files letters: where they are registered and kept, how they are stamped, who signs."""

    register: Register
    store: ObjectStore
    style: StampStyle
    signer: Signer | None

    def file(self, request: FileRequest, *, at: datetime.datetime) -> Letter:
        """File one letter in this process. ``at`` is now (aware).

        Raises leaves of SipadekError. When it raises, either no number was taken, or the number is
        void with the reason, or it stays reserved and the same key goes on with it.
        """
        if self.signer is not None:
            self.signer.check(at)
        with self.store.stage() as staged:
            received = receive(request.source, staged, digests=digests_of(self.signer))
            staged.finish()
            signed, password = self.signer is not None, request.password
            with opened(staged.path, signed=signed, password=password) as document:
                letter = self._reserve(request, received, at)
                if letter.state is State.ISSUED:
                    return letter
                filed = self._seal(document, request, staged.path, received, letter, at)
            self.store.put(staged, filed.digest)
            return self.register.issue([filed], at=at)[0]

    def _reserve(self, request: FileRequest, received: Received, at: datetime.datetime) -> Letter:
        reservation = request.reservation(self.register, received.digest, received.size, at)
        (outcome,) = self.register.reserve([reservation], at=at)
        if isinstance(outcome, SipadekError):
            raise outcome
        return outcome

    def _seal(
        self,
        document: Document,
        request: FileRequest,
        path: Path,
        received: Received,
        letter: Letter,
        at: datetime.datetime,
    ) -> Filed:
        try:
            return file_revision(
                document,
                path,
                received,
                letter,
                style=self.style,
                signer=self.signer,
                password=request.password,
            )
        except (PdfError, StampError) as error:  # no retry of the same content can go better
            self.register.void(letter.id, reason=f"{error.code}: {error.message}", at=at)
            raise


def digests_of(signer: Signer | None) -> frozenset[str]:
    """The hashes to keep while receiving."""
    return frozenset() if signer is None else frozenset((signer.scheme.digest,))

"""Filing many letters: the two commits are made for a batch at once, the middle runs in workers."""

from __future__ import annotations

import contextlib
import datetime
import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import attrs

from sipadek.archive import Filed, Letter, StagedFile, State
from sipadek.errors import (
    InvalidInput,
    PdfError,
    SigningRefused,
    SipadekError,
    StampError,
    TrustServiceUnavailable,
    WorkerLost,
)
from sipadek.office.filing import FileRequest, Filing, digests_of
from sipadek.office.receiving import Received, Source, receive
from sipadek.office.sealing import file_revision, opened, rehearse
from sipadek.office.stamping import StampStyle
from sipadek.office.timestamping import ImpatientAuthority
from sipadek.office.workers import Workers
from sipadek.pdf import Document, extracting
from sipadek.signing import Signer, TimestampAuthority

Clock = Callable[[], datetime.datetime]


@attrs.frozen(kw_only=True)
class Outcome:
    """How the filing of one request ended: exactly one of ``letter`` and ``error`` is there."""

    request: FileRequest
    letter: Letter | None = None
    error: SipadekError | None = None


@attrs.frozen
class _Intake:
    """Stage one, in a worker: copy the original to ``path``, hash it, look whether it can be filed."""

    source: Source | None
    path: Path
    sample: Letter | None
    style: StampStyle
    signer: Signer | None
    password: str | None

    def run(self) -> tuple[str, int, SipadekError | None]:
        """Digest and size of the original, and what stands against drawing on it."""
        if self.source is None:
            received = _received(self.path, frozenset())
        else:
            with open(self.path, "wb", opener=_privately) as file:
                received = receive(self.source, file)
        signed = self.signer is not None
        with opened(self.path, style=self.style, signed=signed, password=self.password) as document:
            return received.digest, received.size, self._objection(document)

    def _objection(self, document: Document) -> SipadekError | None:
        if self.sample is None:
            return None
        try:
            rehearse(
                document, self.path, self.sample,
                style=self.style, signer=self.signer, password=self.password,
            )  # fmt: skip
        except SipadekError as error:
            return error
        return None


@attrs.frozen
class _Sealing:
    """Stage two, in a worker: append the revision to the original at ``path``."""

    path: Path
    letter: Letter
    style: StampStyle
    signer: Signer | None
    timestamp: TimestampAuthority | None
    password: str | None

    def run(self) -> Filed:
        with self.path.open("r+b") as file:  # a worker that died may have left a part of a tail
            file.truncate(self.letter.original_size)
        received = _received(self.path, digests_of(self.signer))
        signed = self.signer is not None
        with (
            opened(self.path, style=self.style, signed=signed, password=self.password) as document,
            extracting(self.path, password=self.password) as text,
        ):
            return file_revision(
                document,
                self.path,
                received,
                self.letter,
                text,
                style=self.style,
                signer=self.signer,
                password=self.password,
                timestamp=self.timestamp,
            )


def _privately(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _received(path: Path, digests: frozenset[str]) -> Received:
    return receive(path, _Nowhere(), digests=digests)


class _Nowhere:
    def write(self, data: bytes, /) -> int:
        return len(data)


@attrs.define
class _Place:
    """One request on its way through a batch."""

    request: FileRequest
    staged: StagedFile
    letter: Letter | None = None
    error: SipadekError | None = None

    def outcome(self) -> Outcome:
        return Outcome(request=self.request, letter=self.letter, error=self.error)


@attrs.define
class _Batch:
    """A batch on its way. Its staging files live until `close`."""

    filing: Filing
    places: list[_Place]
    stack: contextlib.ExitStack
    _received: Callable[[], list[tuple[str, int, SipadekError | None] | SipadekError]]
    _sealed: Callable[[], list[Filed | SipadekError]] = list
    _waiting: list[_Place] = attrs.field(factory=list)

    @classmethod
    def begin(
        cls,
        filing: Filing,
        requests: Iterable[FileRequest],
        workers: Workers,
        at: datetime.datetime,
    ) -> _Batch:
        stack = contextlib.ExitStack()
        places = []
        works = []
        for request in requests:
            staged = stack.enter_context(filing.store.stage())
            source: Source | None = request.source
            if hasattr(source, "read"):  # an open file cannot go to another process
                receive(request.source, staged)
                staged.finish()
                source = None
            places.append(_Place(request, staged))
            style, sample = filing.style_of(request), filing.sample(request, at)
            works.append(
                _Intake(source, staged.path, sample, style, filing.signer, request.password)
            )
        return cls(filing, places, stack, workers.start(_Intake.run, works))

    def reserve(
        self, workers: Workers, at: datetime.datetime, failed: TrustServiceUnavailable | None
    ) -> None:
        """Commit 1 for all that can be filed, then start sealing. Where an earlier batch ``failed`` to
        get time stamps, nothing takes a number and all get that error."""
        wanted: list[tuple[_Place, str, int]] = []
        for place, result in zip(self.places, self._received(), strict=True):
            if failed is not None:
                place.error = failed
                continue
            if isinstance(result, SipadekError):
                place.error = result
                continue
            digest, size, objection = result
            if objection is not None and not self.filing.known(place.request, digest):
                place.error = objection
            else:
                wanted.append((place, digest, size))
        asked = [(place.request, digest, size) for place, digest, size in wanted]
        outcomes = self.filing.reserve(asked, at=at) if asked else []
        for (place, _, _), outcome in zip(wanted, outcomes, strict=True):
            if isinstance(outcome, SipadekError):
                place.error = outcome
            else:
                place.letter = outcome
        sealing: dict[str, _Place] = {}
        for place in self.places:
            if place.letter is not None and place.letter.state is State.RESERVED:
                sealing.setdefault(place.letter.id, place)
        self._waiting = list(sealing.values())
        self._sealed = workers.start(_Sealing.run, [self._work(place) for place in self._waiting])

    def _work(self, place: _Place) -> _Sealing:
        assert place.letter is not None
        filing = self.filing
        style, password = filing.style_of(place.request), place.request.password
        return _Sealing(
            place.staged.path, place.letter, style, filing.signer, filing.timestamp, password
        )

    def issue(self, at: datetime.datetime) -> list[Outcome]:
        """Keep what was sealed, then commit 2 for all of it."""
        filing = self.filing
        filed: list[Filed] = []
        kept: list[tuple[StagedFile, str]] = []
        ended: dict[str, Letter | SipadekError] = {}
        for place, result in zip(self._waiting, self._sealed(), strict=True):
            assert place.letter is not None
            if isinstance(result, Filed):
                filed.append(result)
                kept.append((place.staged, result.digest))
            else:
                if isinstance(result, PdfError | StampError | InvalidInput | WorkerLost):
                    reason = f"{result.code}: {result.message}"
                    filing.register.void(place.letter.id, reason=reason, at=at)
                ended[place.letter.id] = result
        if filed:
            filing.store.put_many(kept)
            ended |= {letter.id: letter for letter in filing.register.issue(filed, at=at)}
        for place in self.places:
            if place.letter is not None and place.letter.id in ended:
                end = ended[place.letter.id]
                place.letter, place.error = (end, None) if isinstance(end, Letter) else (None, end)
        return [place.outcome() for place in self.places]

    @property
    def failed(self) -> TrustServiceUnavailable | None:
        """The error of a time-stamping authority that did not answer."""
        found = (p.error for p in self.places if isinstance(p.error, TrustServiceUnavailable))
        return next(found, None)

    def close(self) -> None:
        """Drop the staging files that were not kept."""
        self.stack.close()


def file_one_by_one(
    filing: Filing, requests: Iterable[FileRequest], *, clock: Clock
) -> Iterator[Outcome]:
    """File each request by itself. Once the signer is refused (a leaf of SigningRefused) the others get
    the same error unasked: a wrong passphrase that is sent again and again locks the account."""
    refused: SigningRefused | None = None
    for request in requests:
        if refused is not None:
            yield Outcome(request=request, error=refused)
            continue
        try:
            outcome = Outcome(request=request, letter=filing.file(request, at=clock()))
        except SipadekError as error:
            if isinstance(error, SigningRefused) and type(error) is not SigningRefused:
                refused = error
            outcome = Outcome(request=request, error=error)
        yield outcome


def file_many(
    filing: Filing, requests: Iterable[FileRequest], *, workers: Workers, size: int, clock: Clock
) -> Iterator[Outcome]:
    """File all requests in batches of ``size``; outcomes come in the order of the requests.

    Three batches are under way at a time: one is taken in, one is sealed, one is committed, so that
    neither the workers nor the register wait for each other.
    """
    filing.check(clock())
    if filing.timestamp is not None:
        filing = attrs.evolve(filing, timestamp=ImpatientAuthority(authority=filing.timestamp))
    failed: TrustServiceUnavailable | None = None
    iterator = iter(requests)
    groups = iter(lambda: list(itertools.islice(iterator, size)), [])
    taken: _Batch | None = None
    sealed: _Batch | None = None
    coming: _Batch | None = None
    try:
        for group in itertools.chain(groups, (None, None)):
            coming = _Batch.begin(filing, group, workers, clock()) if group is not None else None
            if taken is not None:
                taken.reserve(workers, clock(), failed)
            if sealed is not None:
                yield from sealed.issue(clock())
                failed = failed or sealed.failed
                sealed.close()
            sealed, taken, coming = taken, coming, None
    finally:
        for batch in (coming, taken, sealed):
            if batch is not None:
                batch.close()

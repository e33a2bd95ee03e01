"""The front door: a whole document office in one folder."""

from __future__ import annotations

import datetime
import os
import zoneinfo
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Self

import attrs
from cryptography import x509

from sipadek.archive import Letter
from sipadek.errors import LetterDestroyed, NotFound
from sipadek.numbering import Series
from sipadek.objects import DirectoryStore
from sipadek.office.archive_office import OfficeArchive
from sipadek.office.batch import Outcome, file_many, file_one_by_one
from sipadek.office.business import OfficeBusiness
from sipadek.office.content_audit import Progress
from sipadek.office.evaluation_office import OfficeEvaluation
from sipadek.office.filing import FileRequest, Filing
from sipadek.office.folder import Folder
from sipadek.office.indexing import OfficeIndex
from sipadek.office.keeping import Kept
from sipadek.office.ledger_office import OfficeLedger
from sipadek.office.parts import FilePart
from sipadek.office.previewing import preview
from sipadek.office.receiving import Source
from sipadek.office.recognising import PageRecogniser, Recognition, recognise
from sipadek.office.recovering import Recovered, recover
from sipadek.office.services_office import OfficeServices
from sipadek.office.stamping import StampStyle
from sipadek.office.synonyms import OwnSynonyms
from sipadek.office.uploads import drop_stale
from sipadek.office.verifying import Verified, verify
from sipadek.office.workers import Workers
from sipadek.search import (
    EVERYTHING,
    AccessPolicy,
    Results,
    SavedSearch,
    SearchIndex,
    Sort,
    understand,
)
from sipadek.signing import (
    DocumentSigner,
    RevocationSource,
    Signer,
    TimestampAuthority,
    Verifier,
    split_signer,
)
from sipadek.sql import Database, KeepingDatabase, Numbers, Register
from sipadek.text import Tesseract

if TYPE_CHECKING:  # It brings the books, which filing does not need.
    from sipadek.office.retention import OfficeRetention

_ZONE: Final = "Asia/Jakarta"  # Of an office without a series.


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


class Office(
    OfficeBusiness, OfficeServices, OfficeLedger, OfficeIndex, OfficeEvaluation, OfficeArchive
):
    """An office's register, archive and index. Made by `open_office`; close it, or use ``with``.

    Safe to share between threads; several processes may have the same office open.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        create: bool = True,
        clock: Callable[[], datetime.datetime] = _now,
        trust: Sequence[x509.Certificate] = (),
        style: StampStyle | None = None,
        timestamp: TimestampAuthority | None = None,
        revocation: RevocationSource | None = None,
        kept: str | os.PathLike[str] | None = None,
        index: SearchIndex | str | None = None,
    ) -> None:
        self._folder = Folder.prepare(path, create=create)
        self._index = self._beside(index)
        self._clock = clock
        self._trust = tuple(trust)
        self._style = style or StampStyle()
        self._timestamp = timestamp
        self._revocation = revocation
        key = self._folder.checkpoint_key()
        self._store = DirectoryStore(self._folder.objects)
        self._verifier = Verifier()
        self._synonyms = OwnSynonyms(self._folder.synonyms)
        self._verifying = key.verifier
        self._database = Database(self._folder.register, lock=self._folder.lock)
        self._kept = None if kept is None else Kept(Path(kept))
        place = KeepingDatabase(self._database)
        try:
            self._register = Register(place, key=key, origin=key.name, clock=clock)
            if self._kept is not None:
                self._kept.check(self._register, key.verifier)
                place.kept = self._kept
        except BaseException:
            self._database.close()
            raise

    def close(self) -> None:
        """Close the office's database. Nothing is lost by not calling it."""
        self._verifier.close()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Office {self._folder.root}>"

    # --- series ---------------------------------------------------------------------------------

    def define_series(
        self,
        code: str,
        pattern: str,
        *,
        scope: Iterable[str] = (),
        restart: str = "yearly",
        timezone: str = "Asia/Jakarta",
        start: int = 1,
        kinds: Mapping[str, str] | None = None,
        insertion: str = "",
        repeats: bool = False,
    ) -> Series:
        """Define a series of numbers, once; the same definition again changes nothing.

        ``pattern`` is as `sipadek.numbering.Pattern` describes; ``scope`` names the fields ('unit',
        'classification', 'kind', 'secrecy', 'post', 'x.…') that have a counter each; ``restart`` is
        'yearly', 'monthly' or 'never', by the document date; ``timezone`` says what day it is;
        ``start`` is the first number; ``kinds`` gives kinds of letter a pattern of their own;
        ``insertion`` such as '.A' lets numbers be put in later; ``repeats`` lets a number that does not
        tell its year come again. Raises InvalidPattern, SeriesConflict or InvalidInput.
        """
        series = Series(
            code=code,
            pattern=pattern,
            scope=tuple(scope),
            restart=restart,
            timezone=timezone,
            start=start,
            kinds=kinds or {},
            insertion=insertion,
            repeats=repeats,
        )
        return self._register.define_series(series, at=self._clock())

    def series(self) -> tuple[Series, ...]:
        """All series, by code."""
        return tuple(self._register.all_series())

    @property
    def numbers(self) -> Numbers:
        """What can be done with numbers alone: give, hold, put in, draw, close a year, account."""
        return self._register

    @property
    def retention(self) -> OfficeRetention:
        """Record folders, how long they are kept, and what becomes of them."""
        from sipadek.office.retention import OfficeRetention

        return OfficeRetention(
            self._register.retention,
            store=self._store,
            scour=self._database.scour,
            checkpoint=self.checkpoint,
        )

    # --- filing ---------------------------------------------------------------------------------

    def file(
        self,
        source: Source,
        *,
        series: str,
        subject: str,
        unit: str = "",
        classification: str = "",
        kind: str = "",
        secrecy: str = "B",
        post: str = "",
        extra: Mapping[str, str] | None = None,
        date: datetime.date | None = None,
        key: str | None = None,
        actor: str = "",
        reason: str = "",
        after: str | None = None,
        from_stock: bool = False,
        signer: Signer | DocumentSigner | None = None,
        password: str | None = None,
        style: StampStyle | None = None,
    ) -> Letter:
        """Number, stamp, sign and keep one letter, and make it findable.

        The arguments are those of `FileRequest`; with ``signer`` the letter is signed (PAdES B-B, B-T
        where the office has a time-stamping authority, or by a service that signs whole PDFs, after the
        stamp), without one it is only stamped. Raises leaves of PdfError, NumberingError, SigningError,
        StampError, InvalidInput, NotFound (no such series) or StorageFailed. After any of them the
        same call can be made again: the same key never takes a second number.
        """
        request = FileRequest(
            source=source,
            series=series,
            subject=subject,
            unit=unit,
            classification=classification,
            kind=kind,
            secrecy=secrecy,
            post=post,
            extra=extra or {},
            date=date,
            key=key,
            actor=actor,
            reason=reason,
            after=after,
            from_stock=from_stock,
            password=password,
            style=style,
        )
        return self._filing(signer).file(request, at=self._clock())

    def file_many(
        self,
        requests: Iterable[FileRequest],
        *,
        signer: Signer | DocumentSigner | None = None,
        workers: int = 0,
        executor: Executor | None = None,
        batch: int = 64,
    ) -> Iterator[Outcome]:
        """File many letters; outcomes come in the order of the requests.

        ``workers`` processes (0: none) do the reading, stamping and signing; or an ``executor`` of
        your own does. ``batch`` letters share each commit. A request that cannot be filed becomes an
        Outcome with its error; the others go on. A worker that dies on a file, or takes more than a
        minute of processor time for it, costs only that file.

        With a ``signer`` that is a service, the letters go to it one after another from this process.
        Once it refuses the signer (wrong passphrase, not active, …), the rest get that error unasked; so
        they do once a time-stamping authority does not answer, and no more numbers are taken.
        """
        if split_signer(signer)[1] is not None:
            yield from file_one_by_one(self._filing(signer), requests, clock=self._clock)
            return
        with Workers(workers, executor) as pool:
            yield from file_many(
                self._filing(signer), requests, workers=pool, size=batch, clock=self._clock
            )

    def preview(
        self,
        request: FileRequest,
        *,
        signer: Signer | DocumentSigner | None = None,
        page: int = 1,
        width: int = 600,
    ) -> bytes:
        """The page (from 1) of the letter as it would be filed now, as a PNG ``width`` pixels wide.

        Nothing is taken, signed or kept. The number is the next one as things stand, and may be given
        to another letter first; the QR code is a sample. Raises as `file` would before it takes a
        number, InvalidInput where there is no such page, and MissingExtra without Pillow.
        """
        return preview(self._filing(signer), request, page=page, width=width, at=self._clock())

    def _filing(self, signer: Signer | DocumentSigner | None) -> Filing:
        local, service = split_signer(signer)
        return Filing(
            register=self._register,
            store=self._store,
            style=self._style,
            signer=local,
            service=service,
            timestamp=self._timestamp,
            revocation=self._revocation,
            roots=() if self._revocation is None else self._roots(),
        )

    def _roots(self) -> tuple[x509.Certificate, ...]:
        return (*self._trust, *self._folder.trusted())

    def void(self, number_or_id: str, *, reason: str) -> Letter:
        """Make a letter's number void. It stays in the register with its reason and is never reused."""
        return self._register.void(self.get(number_or_id).id, reason=reason, at=self._clock())

    # --- finding --------------------------------------------------------------------------------

    def get(self, number_or_id: str) -> Letter:
        """The letter of that number or id. Raises NotFound, or InvalidInput where several series gave
        the same number."""
        return self._register.get(number_or_id)

    def find_key(self, key: str) -> Letter | None:
        """The letter that took a number under that idempotency key; None where none did."""
        return self._register.find_keys([key]).get(key)

    def letters(self) -> Iterator[Letter]:
        """All letters, in the order in which they were reserved."""
        return self._register.letters()

    def search(
        self,
        query: str,
        *,
        limit: int = 20,
        offset: int = 0,
        viewer: AccessPolicy | None = None,
        sort: Sort | None = None,
        today: datetime.date | None = None,
        facets: bool = False,
    ) -> Results:
        """Issued letters that match, in the order of ``sort`` (by default what ``urut:`` in the query
        asks for, or else the best match first).

        ``viewer`` limits what is seen, counted and shown; without one everything is. Where words stand
        in no letter that may be seen and nothing is found, near words are tried:
        ``Results.suggestion`` is then the query that was served. ``today`` is what 'bulan-lalu' and
        the like are counted from, by default today by the office's clock, in the time zone of its
        first series. ``facets`` asks for `Results.facets`, too.
        ``synonyms.csv`` in the office's folder adds the office's own synonyms.

        An index that turns out to be damaged is made anew at once, from the texts that the register
        keeps.

        Raises InvalidQuery, or InvalidInput for a line of ``synonyms.csv`` (``fields['line']``).
        """
        ask = partial(
            self._register.search,
            query,
            viewer or EVERYTHING,
            limit=limit,
            offset=offset,
            sort=sort,
            today=today or self._today(),
            synonyms=self._synonyms.current(),
            facets=facets,
            index=self._index,
        )
        return self._served(ask)

    def similar(
        self, number_or_id: str, *, limit: int = 10, viewer: AccessPolicy | None = None
    ) -> Results:
        """At most ``limit`` issued letters that are like that one, the most alike first. Raises
        NotFound, also where ``viewer`` may not see the letter."""
        letter = self.get(number_or_id)
        return self._register.similar(letter.id, viewer or EVERYTHING, limit=limit)

    def _today(self) -> datetime.date:
        zone = next((each.timezone for each in self._register.all_series()), _ZONE)
        return self._clock().astimezone(zoneinfo.ZoneInfo(zone)).date()

    def save_search(self, name: str, query: str, *, owner: str = "") -> SavedSearch:
        """Keep a query under a name, in the place of ``owner``'s search of that name. Raises
        InvalidQuery for one that cannot be understood."""
        understand(query, today=self._today(), synonyms=self._synonyms.current())
        search = SavedSearch(owner=owner, name=name, query=query, saved_at=self._clock())
        self._register.save_search(search)
        return search

    def saved_searches(self, owner: str = "") -> tuple[SavedSearch, ...]:
        """The queries that ``owner`` has saved, by name."""
        return self._register.saved_searches(owner)

    def drop_search(self, name: str, *, owner: str = "") -> None:
        """Forget a saved query. Raises NotFound where there is none."""
        self._register.drop_search(owner, name)

    def original(self, number_or_id: str) -> BinaryIO:
        """The original as it was received, bit for bit, as a binary file to read. Close it.

        Raises NotFound, LetterDestroyed, or DamagedObject where the stored bytes no longer match the
        register.
        """
        letter = self._filed_letter(number_or_id)
        return FilePart.checked(
            self._store.open(letter.filed_digest), letter.original_size, letter.original_digest
        )

    def filed(self, number_or_id: str) -> BinaryIO:
        """The filed PDF, stamped and signed, as a binary file to read. Raises as `original`."""
        letter = self._filed_letter(number_or_id)
        return FilePart.checked(
            self._store.open(letter.filed_digest), letter.filed_size, letter.filed_digest
        )

    def _filed_letter(self, number_or_id: str) -> Letter:
        letter = self.get(number_or_id)
        if not letter.filed_digest:
            raise NotFound(
                f"{letter.number} is {letter.state}, it has no filed PDF", number=letter.number
            )
        if (gone := self._register.retention.destruction(letter.id)) is not None:
            raise LetterDestroyed(
                f"{letter.number} was {gone.text}; the register keeps its number and digests",
                number=letter.number,
                decision=gone.decision.number,
                on=gone.minutes.date.isoformat(),
            )
        return letter

    def recognise(
        self,
        recogniser: PageRecogniser | None = None,
        *,
        limit: int | None = None,
        again: bool = False,
        progress: Progress | None = None,
    ) -> Recognition:
        """Read the pages on which filing found no text, so that their words are found: at most ``limit``
        of them, of the oldest letters first.

        ``recogniser`` is by default `sipadek.text.Tesseract` with Indonesian. Meant for a process of
        its own: it takes seconds a page, and filing goes on beside it. Call it again after an
        interruption. Each page is looked at once, whatever comes of it; with ``again`` also those that
        failed, or that another recogniser (another language, another version) was at.

        ``progress`` is called with pages done and pages in all. Raises MissingExtra where there is
        nothing to read with, OfficeError where another process is at it, StorageFailed.
        """
        return recognise(
            self._register,
            self._store,
            recogniser or Tesseract(),
            clock=self._clock,
            lock=self._folder.recognising,
            limit=limit,
            again=again,
            progress=progress,
        )

    # --- proving --------------------------------------------------------------------------------

    def trust(self, root: x509.Certificate) -> None:
        """Trust a root certificate from now on, in every process that opens this office. The ledger
        says that it is trusted; the certificate lies in ``keys/roots/``."""
        fingerprint = self._folder.trust(root)
        self._register.trust_root(fingerprint, at=self._clock())

    def verify(
        self, source: Source, *, trust: Sequence[x509.Certificate] = (), password: str = ""
    ) -> Verified:
        """The evidence that a PDF is a letter of this office, whole and unaltered.

        A letter that the office destroyed at the end of its retention is verified as well, and the
        evidence says so. Raises a leaf of VerificationFailed that says what is wrong. Trusted are the
        roots given here, at opening, and with `trust`. ``password`` opens an encrypted one. It is
        judged in a child process with limits of time and memory, which lives until the office is closed.
        """
        roots = (*trust, *self._roots())
        found = verify(
            source,
            find=self._register.find_filed,
            trust=roots,
            password=password,
            limits=self._verifier,
        )
        gone = self._register.retention.destruction(found.letter.id)
        return found if gone is None else attrs.evolve(found, destroyed=gone)

    def recover(
        self, *, older_than: datetime.timedelta = datetime.timedelta(minutes=15)
    ) -> Recovered:
        """Tidy up after an interruption.

        A letter reserved for its PDF longer than ``older_than`` ago is completed where its filed PDF was
        already kept, and otherwise made void with a reason; numbers whose lease is over are made void;
        left-over files are dropped; a destruction that was carried out is finished. Choose it longer
        than any filing takes, since another process may be at one.
        """
        now = self._clock()
        self.retention.finish()
        stale = drop_stale(self._folder.incoming, at=now)
        found = recover(self._register, self._store, before=now - older_than, at=now)
        return attrs.evolve(found, dropped=found.dropped + stale)


def open_office(
    path: str | os.PathLike[str],
    *,
    create: bool = True,
    clock: Callable[[], datetime.datetime] = _now,
    trust: Sequence[x509.Certificate] = (),
    style: StampStyle | None = None,
    timestamp: TimestampAuthority | None = None,
    revocation: RevocationSource | None = None,
    kept: str | os.PathLike[str] | None = None,
    index: SearchIndex | str | None = None,
) -> Office:
    """Open the office in a folder, made on first use unless ``create`` is false.

    ``clock`` gives the time (aware); ``trust`` holds root certificates beside those the office
    remembers; ``style`` says how letters are stamped.

    With ``timestamp`` the signature of every letter that is signed by a key here gets a time stamp
    (PAdES B-T). With ``revocation`` it is asked, once for each call of ``file`` and ``file_many`` and
    before a number is taken, whether the signer's certificate was revoked, and that it leads to a
    trusted root where there are any; a service that cannot be reached stops nothing. Services that
    sign whole PDFs do both by themselves.

    ``kept`` is a file outside of the folder, best on another disk, that holds the newest checkpoint
    and is written anew with every transaction. An older folder that was put back is noticed by it.

    ``index`` is a search index beside the register that finds and ranks in the stead of the register's
    own: 'tantivy' or 'whoosh', kept in the office's folder, or one that you made. It follows the ledger;
    while it is behind, lost or damaged, the register's own index answers.

    Raises NotAnOffice (the folder holds something else), OlderState (it is older than ``kept``),
    CheckpointInvalid (``kept`` is damaged), KeyUnusable, UnsafeDatabase, MissingExtra (the engine is not
    installed) or StorageFailed.
    """
    return Office(
        path,
        create=create,
        clock=clock,
        trust=trust,
        style=style,
        timestamp=timestamp,
        revocation=revocation,
        kept=kept,
        index=index,
    )

"""The register: series, numbers, letters and their history, in one SQLite file.

All writing is gap-free and idempotent: a number is given in the transaction that records it, and
the event that proves it is logged in the same one.
"""

from __future__ import annotations

import datetime
import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from sipadek.archive.letter import Filed, Letter, State
from sipadek.errors import InvalidInput, LedgerInconsistent, NotAnOffice
from sipadek.ledger import (
    Checkpoint,
    CheckpointKey,
    CompactRange,
    CosignatureVerifier,
    Event,
    Proof,
    WitnessRequest,
)
from sipadek.search import (
    AccessPolicy,
    Query,
    Results,
    SavedSearch,
    SearchIndex,
    Sort,
    Synonyms,
    understand,
)
from sipadek.sql import (
    case_rows,
    events,
    following,
    index_checking,
    issuing,
    letter_index,
    proving,
    reading,
    recognition,
    reindexing,
    retention,
    rows,
    saved,
    searching,
)
from sipadek.sql.cases import Cases
from sipadek.sql.checking import Finding
from sipadek.sql.log import EventLog, KnownHead
from sipadek.sql.numbers import Clock, Numbers, Transactions
from sipadek.sql.reading import Content
from sipadek.sql.recognition import Recognised

_WITH_KEYS: Final = f"{rows.SELECT} WHERE key IN (SELECT value FROM json_each(?))"  # noqa: S608
_NUMBERS_AT: Final = (
    "SELECT position, number FROM sipadek_entry WHERE position IN (SELECT value FROM json_each(?))"
)
_ORIGIN: Final = "SELECT value FROM sipadek_meta WHERE name = 'origin'"


class RegisterPlace(Transactions, Protocol):
    """The file that the register is in."""

    @property
    def path(self) -> Path:
        """Where it is, for messages."""
        ...


class Register(Numbers):
    """The numbers, letters and search index kept in ``database``; ``key`` signs its log, which is
    named ``origin``.

    Safe to share between threads, and any number of processes may hold one on the same file.

    Raises:
        NotAnOffice: the database holds the register of another origin.
        DamagedRegister: the log's head was not signed by ``key``.
    """

    def __init__(
        self,
        database: RegisterPlace,
        *,
        key: CheckpointKey,
        origin: str,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(database, EventLog(key=key, origin=origin), clock=clock)
        self._database = database
        with database.write() as connection:
            letter_index.create(connection)
            recognition.create(connection)
            saved.create(connection)
            case_rows.create(connection)
            if self._log.start(connection):
                connection.execute("INSERT INTO sipadek_meta VALUES ('origin', ?)", (origin,))
            (found,) = connection.execute(_ORIGIN).fetchone() or (None,)
            if found != origin:
                raise NotAnOffice(
                    f"The register {database.path} is that of {found!r}, not of {origin!r}. "
                    "Open it with its own name and key.",
                    origin=found,
                )
            self._log.head(connection)

    @property
    def retention(self) -> retention.Retention:
        """What lies in which record folder, and what becomes of it."""
        return retention.Retention(self._database, self._log, now=self._now)

    @property
    def cases(self) -> Cases:
        """The cases of correspondence and services, in the same file and log."""
        return Cases(self._database, self._log)

    # --- the way of a letter --------------------------------------------------------------------

    def issue(self, filed: Sequence[Filed], *, at: datetime.datetime | None = None) -> list[Letter]:
        """Put letters on record as filed, and make them findable, all in one transaction.

        A letter that is issued already is returned as it is.

        Raises:
            InvalidInput: ``at`` has no time zone, or a digest, size or text cannot be kept.
            NotFound: a letter is not in the register; none of them was issued.
            NumberVoid: a letter (``fields['letter']``) was made void; none of them was issued.
            StorageFailed, DamagedRegister: none of them was issued.
        """
        at = self._now(at)
        issuing.check(filed)
        if not filed:
            return []
        with self._database.write() as connection:
            letters, logged = issuing.issue(connection, filed, at)
            self._log.append(connection, logged)
        return letters

    # --- reading --------------------------------------------------------------------------------

    def find_filed(self, digest: str) -> Letter | None:
        """The letter whose filed PDF has this SHA-256 (hex), None where there is none."""
        rows.check_text("digest", digest)
        with self._database.read() as connection:
            return reading.filed(connection, digest)

    def count(self) -> int:
        """How many letters the register holds, in all states."""
        with self._database.read() as connection:
            count: int = connection.execute("SELECT count(*) FROM sipadek_entry").fetchone()[0]
        return count

    def letters(self, state: State | None = None) -> Iterator[Letter]:
        """All letters (of that state) in the order of reservation, read in pages as they are
        taken: no lock is held between, and letters may be written meanwhile."""
        return reading.letters(self._database, state)

    def pending(self, before: datetime.datetime) -> tuple[Letter, ...]:
        """Letters reserved before that time and not yet issued, oldest first.

        Raises:
            InvalidInput: the time has no time zone.
        """
        moment = rows.time_text(before)
        with self._database.read() as connection:
            return reading.pending(connection, moment)

    def contents(self, after: int = 0) -> Iterator[Content]:
        """What is said of the bytes of all letters behind position ``after``; read like ``letters``."""
        return reading.contents(self._database, after)

    def event_count(self) -> int:
        """How many events the log holds."""
        with self._database.read() as connection:
            count: int = connection.execute("SELECT count(*) FROM sipadek_event").fetchone()[0]
        return count

    def events(self, start: int = 0) -> Iterator[bytes]:
        """The canonical bytes of the log's events from ``start`` (0-based) on, in order; read in
        pages like ``letters``."""
        return reading.events(self._database, start)

    # --- proving --------------------------------------------------------------------------------

    def proof(self, letter: str, *, kind: str = "") -> Proof:
        """The bundle that proves the newest event (of that ``kind``) of the letter with that id.

        Raises:
            NotFound: the log has no such event.
            DamagedRegister: this office's key did not sign the log's head.
        """
        with self._database.read() as connection:
            head = self._log.head(connection)
            return proving.proof(connection, head, self._log.verifier, letter=letter, kind=kind)

    def prover(self) -> proving.Prover:
        """What proves all events of the log as it is now, each in little time; 100 bytes of memory for
        every event. Raises as `proof`."""
        with self._database.read() as connection:
            head = self._log.head(connection)
            return proving.prover(connection, head, self._log.verifier)

    def dossier(self, number_or_id: str) -> tuple[Letter, list[tuple[int, bytes]]]:
        """The letter of that number or id, and the bytes of its events with their places in the log, as
        of one moment. Raises NotFound or InvalidInput."""
        with self._database.read() as connection:
            return proving.dossier(connection, number_or_id)

    def witness_request(self, old_size: int) -> WitnessRequest:
        """What a witness needs to cosign the present head, when it last cosigned ``old_size`` events.

        Raises:
            InvalidInput: the log never had that size.
        """
        with self._database.read() as connection:
            return proving.witness_request(connection, self._log.head(connection), old_size)

    def add_cosignature(
        self, note: str, *, witness: CosignatureVerifier, at: datetime.datetime | None = None
    ) -> datetime.datetime:
        """Keep a checkpoint of this log that a witness cosigned, as an event; returns when it did.

        Raises:
            CheckpointInvalid: this office, or the witness, did not sign it.
            LedgerInconsistent: it is not of this log's history.
        """
        at = self._now(at)
        checkpoint = self._log.verifier.verify_checkpoint(note, origin=self._log.origin)
        cosigned = witness.verify(note)
        data = {"checkpoint": note, "witness": str(witness)}
        event = Event(kind=events.CHECKPOINT_COSIGNED, at=at, subject=witness.name, data=data)
        with self._database.write() as connection:
            head = self._log.head(connection)
            if checkpoint.size > head.size:
                raise LedgerInconsistent(
                    f"the log has {head.size} events, the cosigned checkpoint {checkpoint.size}"
                )
            if proving.grown_root(connection, CompactRange(), checkpoint.size) != checkpoint.root:
                raise LedgerInconsistent("the cosigned checkpoint is of another history")
            self._record(connection, event)
        return cosigned

    def known_head(self) -> KnownHead:
        """The log's head, verified, with what `goes_on_from` needs."""
        with self._database.read() as connection:
            self._log.head(connection)
            found = KnownHead.stored(connection)
        assert found is not None
        return found

    def goes_on_from(self, known: CompactRange) -> bool:
        """Whether the signed head is of a log that begins with ``known``. Only the events since are
        read; `verify_history` reads all."""
        with self._database.read() as connection:
            head = self._log.head(connection)
            if known.size > head.size:
                return False
            return proving.grown_root(connection, known, head.size) == head.root

    def restored(
        self, *, lost: Checkpoint, reason: str, actor: str, at: datetime.datetime | None = None
    ) -> None:
        """Put on record that this log goes on although a longer one, or another, was signed before.

        Raises:
            InvalidInput: no reason or no actor.
        """
        at = self._now(at)
        for name, text in (("reason", reason), ("actor", actor)):
            rows.check_text(name, text)
            if not text.strip():
                raise InvalidInput(f"Say the {name} of going on from an older state.", field=name)
        data = {
            "actor": actor,
            "lost_root": lost.root.hex(),
            "lost_size": lost.size,
            "reason": reason,
        }
        event = Event(kind=events.LOG_RESTORED, at=at, subject=self._log.origin, data=data)
        with self._database.write() as connection:
            self._record(connection, event)

    def cosigned(self) -> tuple[str, ...]:
        """The checkpoints that witnesses cosigned, as far as the log keeps them, newest first."""
        with self._database.read() as connection:
            return tuple(proving.cosigned_notes(connection))

    def trust_root(self, fingerprint: str, *, at: datetime.datetime | None = None) -> None:
        """Put on record that the root certificate of that SHA-256 (hex) is trusted, once."""
        at = self._now(at)
        rows.check_digest("fingerprint", fingerprint)
        with self._database.write() as connection:
            if fingerprint not in proving.roots(connection):
                event = Event(kind=events.ROOT_TRUSTED, at=at, subject=fingerprint)
                self._record(connection, event)

    def trusted_roots(self) -> frozenset[str]:
        """The SHA-256 (hex) of every root certificate that was put on record as trusted."""
        with self._database.read() as connection:
            return proving.roots(connection)

    def _record(self, connection: sqlite3.Connection, event: Event) -> None:
        """Log an event that is about no entry."""
        self._log.append(connection, [(None, event.canonical_bytes())])

    # --- search ---------------------------------------------------------------------------------

    def search(
        self,
        query: Query | str,
        policy: AccessPolicy,
        *,
        limit: int = 20,
        offset: int = 0,
        sort: Sort | None = None,
        today: datetime.date | None = None,
        synonyms: Synonyms | None = None,
        facets: bool = False,
        index: SearchIndex | None = None,
    ) -> Results:
        """Issued letters that match and that ``policy`` lets be seen, in the order of ``sort``; by
        default the one that the query asks for (``urut:``), or else the best match first.

        Where fewer than ``searching.ENOUGH`` letters hold all words that stand side by side in a query
        text, those that hold some come behind, if the best match comes first: see ``Results.others``.

        A query text that finds nothing, because of words that stand in no letter that may be seen,
        is served with near words in their place: see ``Results.suggestion``. ``today`` and
        ``synonyms`` are those of ``parse_query``.

        ``index`` finds the letters in the stead of the register's own index, where it holds the same: it
        follows at most `following.BATCH` events first. Where it is further behind, busy or damaged the
        register's own finds them; one that is damaged is begun anew.

        Raises:
            InvalidQuery: the query text cannot be understood.
            InvalidInput: ``limit`` or ``offset`` is negative, or ``policy`` asks for words.
            IndexDamaged: the register's index is damaged.
        """
        understood = partial(understand, today=today, synonyms=synonyms)
        ask = partial(
            searching.find,
            query=query,
            understood=understood,
            policy=policy,
            limit=limit,
            offset=offset,
            sort=sort,
            facets=facets,
        )
        with self._database.read() as connection:
            found = None if index is None else following.found(connection, index, ask)
            if found is None:
                found = ask(connection)
        return searching.shown(found, policy)

    def follow(
        self,
        index: SearchIndex,
        *,
        anew: bool = False,
        progress: Callable[[int, int], object] | None = None,
    ) -> int:
        """Tell an index beside the register what it does not know yet, or everything ``anew``; how many
        events that were. Letters may be filed meanwhile. ``progress`` is called with events followed
        and events in all."""
        return following.follow(self._database, index, anew=anew, progress=progress)

    def lag(self, index: SearchIndex) -> int:
        """How many events such an index is behind."""
        with self._database.read() as connection:
            return following.lag(connection, index)

    def similar(self, id: str, policy: AccessPolicy, *, limit: int = 10) -> Results:
        """At most ``limit`` issued letters that are like the one of that id and may be seen, the most
        alike first.

        Raises:
            NotFound: there is no such letter, or it may not be seen.
            InvalidInput: ``limit`` is negative, or ``policy`` asks for words.
            IndexDamaged: the register's index is damaged.
        """
        rows.check_text("id", id)
        with self._database.read() as connection:
            found = searching.alike(connection, id, policy, limit=limit)
        return searching.shown(found, policy)

    def save_search(self, search: SavedSearch) -> None:
        """Keep it, in the place of its owner's search of that name."""
        for name, text in (("owner", search.owner), ("name", search.name), ("query", search.query)):
            rows.check_text(name, text)
        if not search.name.strip() or not search.query.strip():
            raise InvalidInput("A saved search needs a name and a query.", name=search.name)
        with self._database.write() as connection:
            saved.save(connection, search)

    def saved_searches(self, owner: str) -> tuple[SavedSearch, ...]:
        """The owner's searches, by name."""
        rows.check_text("owner", owner)
        with self._database.read() as connection:
            return saved.all_of(connection, owner)

    def drop_search(self, owner: str, name: str) -> None:
        """Forget a saved search. Raises NotFound where there is none."""
        rows.check_text("owner", owner)
        rows.check_text("name", name)
        with self._database.write() as connection:
            saved.drop(connection, owner, name)

    # --- recognition ----------------------------------------------------------------------------

    def unrecognised(self, *, unlike: str | None = None) -> int:
        """How many pages of issued letters wait to be recognised; with ``unlike`` also those that
        failed or that another recogniser than this was at."""
        with self._database.read() as connection:
            return recognition.waiting(connection, unlike=unlike)

    def next_unrecognised(
        self, *, after: tuple[int, int] = (0, 0), limit: int, unlike: str | None = None
    ) -> tuple[int, Letter, tuple[int, ...]] | None:
        """The next letter with such pages behind ``after`` (position, page): its position, itself, and
        at most ``limit`` of those pages (from 1). None where there is none."""
        with self._database.read() as connection:
            return recognition.next_pages(connection, after=after, limit=limit, unlike=unlike)

    def record_recognised(
        self, position: int, found: Sequence[Recognised], *, recogniser: str, at: datetime.datetime
    ) -> None:
        """Index what was found on pages of a letter, and log it, in one transaction.

        Raises InvalidInput, StorageFailed or DamagedRegister: nothing was changed.
        """
        with self._database.write() as connection:
            logged = recognition.record(connection, position, found, recogniser=recogniser, at=at)
            self._log.append(connection, logged)

    # --- audit ----------------------------------------------------------------------------------

    def check_index(self, *, deep: bool = True) -> Iterator[Finding]:
        """What is wrong with the search index; ``rebuild_index`` mends it."""
        with self._database.read() as connection:
            faults = index_checking.check(connection, deep=deep)
            positions = json.dumps([fault.position for fault in faults if fault.position])
            numbers = dict(connection.execute(_NUMBERS_AT, (positions,)).fetchall())
        for fault in faults:
            subject = "the search index"
            if fault.position is not None:
                subject = numbers.get(fault.position, f"entry {fault.position}")
            yield Finding(code=fault.code, subject=subject, message=fault.message)

    def reindex(self, *, progress: Callable[[int, int], object] | None = None) -> int:
        """Make the search index anew from the kept texts while letters are filed and found; returns how
        many letters are in it. One call at a time, of all processes. ``progress`` is called with
        letters done and letters in all."""
        return reindexing.reindex(self._database, progress=progress)

    def rebuild_index(self) -> int:
        """Make the search index anew from the kept texts, in one transaction; returns how many
        letters are in it."""
        with self._database.write() as connection:
            return letter_index.rebuild(connection)

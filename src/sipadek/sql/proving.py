"""What the log can prove to others: that an event stands in it, and that it only grew.

The queries here are in the part of SQL that SQLite and PostgreSQL share.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Final

from sipadek.archive.letter import Letter
from sipadek.errors import InvalidInput, LedgerInconsistent, NotFound
from sipadek.ledger import (
    CheckpointVerifier,
    CompactRange,
    Event,
    MerkleTree,
    Proof,
    WitnessRequest,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
)
from sipadek.sql import events, reading
from sipadek.sql.log import LogHead

_LEAVES: Final = (
    "SELECT body FROM sipadek_event WHERE position >= ? AND position < ? ORDER BY position"
)
_OF_NO_ENTRY: Final = "SELECT body FROM sipadek_event WHERE entry IS NULL ORDER BY position DESC"
_OF_ENTRY: Final = (
    "SELECT event.position, event.body FROM sipadek_event AS event JOIN sipadek_entry AS entry"
    " ON entry.position = event.entry WHERE entry.id = ? ORDER BY event.position DESC"
)


def leaves(connection: sqlite3.Connection, start: int, end: int) -> list[bytes]:
    """The leaf hashes of the events from ``start`` to before ``end``."""
    found = [leaf_hash(bytes(body)) for (body,) in connection.execute(_LEAVES, (start, end))]
    if len(found) != end - start:
        raise LedgerInconsistent(
            f"{len(found)} events stand between {start} and {end} of the log; audit the office"
        )
    return found


def witness_request(connection: sqlite3.Connection, head: LogHead, old_size: int) -> WitnessRequest:
    """What a witness needs to cosign ``head``, when it last cosigned ``old_size`` events. Raises
    InvalidInput for a size that the log never had."""
    if not 0 <= old_size <= head.size:
        raise InvalidInput(
            f"the log has {head.size} events and never had {old_size}; if a witness knows of more,"
            " an older state was put back",
            size=old_size,
        )
    known = leaves(connection, 0, head.size) if 0 < old_size < head.size else []
    proof = consistency_proof(known, old_size) if known else ()
    return WitnessRequest(old_size=old_size, proof=proof, checkpoint=head.checkpoint)


def cosigned_notes(connection: sqlite3.Connection) -> Iterator[str]:
    """The cosigned checkpoints that the log keeps, newest first; what cannot be read is left out."""
    for body in (bytes(row[0]) for row in connection.execute(_OF_NO_ENTRY).fetchall()):
        if events.CHECKPOINT_COSIGNED.encode() in body:
            try:
                event = Event.parse(body)
            except LedgerInconsistent:
                continue
            if event.kind == events.CHECKPOINT_COSIGNED:
                yield str(event.data.get("checkpoint"))


def roots(connection: sqlite3.Connection) -> frozenset[str]:
    """The root certificates that are on record as trusted, by SHA-256 (hex)."""
    found = set()
    for body in (bytes(row[0]) for row in connection.execute(_OF_NO_ENTRY).fetchall()):
        if events.ROOT_TRUSTED.encode() in body:
            try:
                event = Event.parse(body)
            except LedgerInconsistent:
                continue
            if event.kind == events.ROOT_TRUSTED:
                found.add(event.subject)
    return frozenset(found)


def proof(
    connection: sqlite3.Connection,
    head: LogHead,
    verifier: CheckpointVerifier,
    *,
    letter: str,
    kind: str = "",
) -> Proof:
    """The bundle for the newest event (of that ``kind``) of the letter with that id, under the newest
    cosigned checkpoint that covers it, or else under ``head``. Takes time in proportion to the log.

    Raises NotFound where there is no such event.
    """
    position, body = _newest(connection, letter, kind)
    size, note = head.size, head.checkpoint
    newest = next(cosigned_notes(connection), None)
    if newest is not None:
        cosigned = verifier.verify_checkpoint(newest)
        if position < cosigned.size <= size:
            size, note = cosigned.size, newest
    path = inclusion_proof(leaves(connection, 0, size), position)
    return Proof(index=position, path=path, checkpoint=note, extra=body)


def _newest(connection: sqlite3.Connection, letter: str, kind: str) -> tuple[int, bytes]:
    for position, stored in connection.execute(_OF_ENTRY, (letter,)).fetchall():
        body = bytes(stored)
        if not kind or Event.parse(body).kind == kind:
            return position, body
    raise NotFound(f"The log has no event {kind or 'at all'} of letter {letter}.", letter=letter)


class Prover:
    """Makes proofs of many events under few checkpoints: each tree is built once.

    ``leaves`` are the leaf hashes of the log up to its head; ``cosigned`` the newest cosigned
    checkpoint (size, note), where there is one, and ``head`` that of the log. A proof is under
    ``cosigned`` where that covers the event.
    """

    def __init__(
        self, leaves: list[bytes], head: tuple[int, str], cosigned: tuple[int, str] | None
    ) -> None:
        self._leaves = leaves
        self._heads = [each for each in (cosigned, head) if each is not None]
        self._trees: dict[int, MerkleTree] = {}

    @property
    def size(self) -> int:
        """How many events it can prove."""
        return len(self._leaves)

    def proof(self, position: int, body: bytes) -> Proof:
        """The bundle of the event at that place, with these bytes; it must be below ``size``."""
        size, note = next(each for each in self._heads if position < each[0])
        if size not in self._trees:
            self._trees[size] = MerkleTree(self._leaves[:size])
        path = self._trees[size].inclusion_proof(position)
        return Proof(index=position, path=path, checkpoint=note, extra=body)


def prover(connection: sqlite3.Connection, head: LogHead, verifier: CheckpointVerifier) -> Prover:
    """What proves every event of the log as it is now. Raises LedgerInconsistent."""
    newest = next(cosigned_notes(connection), None)
    cosigned = None
    if newest is not None:
        size = verifier.verify_checkpoint(newest).size
        cosigned = (size, newest) if size <= head.size else None
    return Prover(leaves(connection, 0, head.size), (head.size, head.checkpoint), cosigned)


def dossier(connection: sqlite3.Connection, letter: str) -> tuple[Letter, list[tuple[int, bytes]]]:
    """The letter with that id or number, and its events with their places, oldest first. Raises
    NotFound or InvalidInput."""
    found = reading.letter(connection, letter)
    stored = connection.execute(_OF_ENTRY, (found.id,)).fetchall()
    return found, [(position, bytes(body)) for position, body in reversed(stored)]


def grown_root(connection: sqlite3.Connection, known: CompactRange, size: int) -> bytes:
    """The root of the tree that begins with ``known`` and goes on with the log's events to ``size``."""
    return known.extend(leaves(connection, known.size, size)).root()

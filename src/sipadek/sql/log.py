"""The event log inside the register: leaves verbatim, and one signed head.

Every transaction that adds events signs the new head once. Before it builds on a head it found, it
makes sure that this office's key signed that head: otherwise someone could rewrite history in the
file and have the next honest letter sign it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final, Self

import attrs

from sipadek.errors import CheckpointInvalid, DamagedRegister, LedgerInconsistent
from sipadek.ledger import CheckpointKey, CheckpointVerifier, CompactRange, leaf_hash
from sipadek.ledger.merkle import HASH_SIZE

_HEAD: Final = "SELECT size, hashes, checkpoint FROM sipadek_log_head"
_NEW: Final = (
    "SELECT (SELECT count(*) FROM sipadek_log_head) + EXISTS (SELECT 1 FROM sipadek_event)"
)
_INSERT: Final = "INSERT INTO sipadek_event (position, entry, body) VALUES (?, ?, ?)"
_UPDATE: Final = "UPDATE sipadek_log_head SET size = ?, hashes = ?, checkpoint = ?"

Stored = tuple[int, bytes, str]
"""A head as the tables have it: size, hashes one after the other, signed note."""


@attrs.frozen(kw_only=True)
class LogHead:
    """The log's ``size`` in events, its Merkle ``root``, and the signed note that says so."""

    size: int
    root: bytes
    checkpoint: str

    @classmethod
    def of(cls, stored: Stored) -> Self:
        """The head that is stored so."""
        size, hashes, note = stored
        return cls(size=size, root=CompactRange(size, split(hashes)).root(), checkpoint=note)


@attrs.frozen(kw_only=True)
class KnownHead:
    """A head with all that is needed to see whether a longer log goes on from it."""

    range: CompactRange
    checkpoint: str

    @classmethod
    def stored(cls, connection: sqlite3.Connection) -> Self | None:
        """The head in the tables, not verified; None where there is none."""
        row = connection.execute(_HEAD).fetchone()
        if row is None:
            return None
        return cls(range=CompactRange(row[0], split(row[1])), checkpoint=row[2])


def split(hashes: bytes) -> tuple[bytes, ...]:
    """The hashes that a head stores one after the other."""
    return tuple(hashes[at : at + HASH_SIZE] for at in range(0, len(hashes), HASH_SIZE))


class HeadSigner:
    """Signs heads of the log of ``origin`` with ``key``, and tells whether one is its own."""

    def __init__(self, *, key: CheckpointKey, origin: str) -> None:
        self.origin = origin
        self._key = key
        self._signed: Stored | None = None  # The head that is known to be ours.

    @property
    def verifier(self) -> CheckpointVerifier:
        """The public half of the key."""
        return self._key.verifier

    def signed(self, range_: CompactRange) -> Stored:
        """The head of that range, as it is stored."""
        note = self._key.sign_checkpoint(self.origin, range_.size, range_.root())
        return range_.size, b"".join(range_.hashes), note

    def checked(self, stored: Stored | None) -> Stored:
        """A head that was found stored; raises DamagedRegister where it is missing or not ours."""
        if stored is None:
            raise DamagedRegister("The event log has lost its head. Audit the office.")
        if stored != self._signed:
            size, hashes, note = stored
            try:
                root = CompactRange(size, split(hashes)).root()
                checkpoint = self.verifier.verify_checkpoint(note, origin=self.origin)
            except (CheckpointInvalid, LedgerInconsistent, TypeError) as error:  # NULL, damaged
                raise _not_ours(str(error)) from error
            if (checkpoint.size, checkpoint.root) != (size, root):
                raise _not_ours("the signed checkpoint is of another history")
            self._signed = stored
        return stored


class EventLog(HeadSigner):
    """Appends to the log of ``origin`` and signs with ``key``; safe under the register's queue."""

    def start(self, connection: sqlite3.Connection) -> bool:
        """Sign the empty log of a new register, and tell whether it was new. A head that went
        missing later stays missing."""
        if connection.execute(_NEW).fetchone() != (0,):
            return False
        stored = self.signed(CompactRange())
        connection.execute(
            "INSERT INTO sipadek_log_head (size, hashes, checkpoint, only) VALUES (?, ?, ?, 1)",
            stored,
        )
        return True

    def head(self, connection: sqlite3.Connection) -> LogHead:
        """The head as stored; its signature is verified.

        Raises:
            DamagedRegister: this office's key did not sign it.
        """
        return LogHead.of(self._read(connection))

    def append(
        self, connection: sqlite3.Connection, events: Sequence[tuple[int | None, bytes]]
    ) -> None:
        """Add (entry position or None, canonical bytes) in this order, and sign the new head.

        Raises:
            DamagedRegister: this office's key did not sign the present head.
        """
        if not events:
            return
        size, hashes, _ = self._read(connection)
        grown = CompactRange(size, split(hashes)).extend(leaf_hash(body) for _, body in events)
        connection.executemany(
            _INSERT, [(size + n, entry, body) for n, (entry, body) in enumerate(events)]
        )
        stored = self.signed(grown)
        connection.execute(_UPDATE, stored)
        self._signed = stored

    def _read(self, connection: sqlite3.Connection) -> Stored:
        return self.checked(connection.execute(_HEAD).fetchone())


def _not_ours(reason: str) -> DamagedRegister:
    return DamagedRegister(
        f"The event log's head is not one this office signed ({reason}). Nothing was written. "
        "Audit the office before filing more letters.",
        reason=reason,
    )

"""Sealing: events that wait in the outbox get their places in the log, and its new head is signed.

One transaction at a time seals; the row of the head is its lock, which any number of processes may
wait for. What is sealed comes in the order of the outbox: an entry's later event was written by a
transaction that had waited for the entry's row, so its place there is later too. Before building on
a head, it is made sure that this office's key signed it.
"""

from __future__ import annotations

from typing import Final

from sipadek.errors import DamagedRegister
from sipadek.ledger import CompactRange, leaf_hash
from sipadek.postgres.handle import Handle
from sipadek.sql.log import HeadSigner, LogHead, Stored, split

MAX_SEALED: Final = 1000
"""Most events that one transaction seals."""

_HEAD: Final = "SELECT size, hashes, checkpoint FROM sipadek.log_head"
_START: Final = (
    'INSERT INTO sipadek.log_head ("only", size, hashes, checkpoint) VALUES (1, %s, %s, %s)'
)
_WAITING: Final = "SELECT id, body FROM sipadek.outbox ORDER BY id LIMIT %s"
_MOVE: Final = (
    "WITH gone AS (DELETE FROM sipadek.outbox WHERE id = ANY(%s) RETURNING id, entry, body)"
    " INSERT INTO sipadek.event (position, entry, body)"
    " SELECT %s::bigint + row_number() OVER (ORDER BY id) - 1, entry, body FROM gone"
)
_UPDATE: Final = "UPDATE sipadek.log_head SET size = %s, hashes = %s, checkpoint = %s"


class Sealer(HeadSigner):
    """Seals the log of ``origin`` and signs it with ``key``."""

    def start(self, handle: Handle) -> None:
        """Sign the empty log of new tables."""
        handle.run(_START, self.signed(CompactRange()))

    def head(self, handle: Handle) -> LogHead:
        """The head as stored; its signature is verified.

        Raises:
            DamagedRegister: this office's key did not sign it.
        """
        return LogHead.of(self._read(handle, _HEAD))

    def seal(self, handle: Handle) -> int:
        """Seal what waits, at most ``MAX_SEALED`` events; how many they were.

        Raises:
            DamagedRegister: this office's key did not sign the present head.
        """
        size, hashes, _ = self._read(handle, f"{_HEAD} FOR UPDATE")
        waiting = handle.run(_WAITING, (MAX_SEALED,)).fetchall()
        if not waiting:
            return 0
        grown = CompactRange(size, split(hashes)).extend(leaf_hash(body) for _, body in waiting)
        moved = handle.run(_MOVE, ([id_ for id_, _ in waiting], size)).rowcount
        if moved != len(waiting):
            raise DamagedRegister(
                "Events left the outbox while they were sealed. Audit the office."
            )
        handle.run(_UPDATE, self.signed(grown))
        return moved

    def stored(self, handle: Handle) -> Stored | None:
        """The head as the table has it, not verified; None where there is none."""
        row = handle.run(_HEAD).fetchone()
        return None if row is None else (int(row[0]), bytes(row[1]), str(row[2]))

    def _read(self, handle: Handle, query: str) -> Stored:
        row = handle.run(query).fetchone()
        return self.checked(None if row is None else (int(row[0]), bytes(row[1]), str(row[2])))

"""A checkpoint kept outside of the office's folder, which tells when an older folder is put back.

Nothing inside a folder can tell that the whole of it is a copy from last week. This file can, as long
as it was not put back together with the folder: it holds the newest signed head of the log, and is
written anew after every transaction.
"""

from __future__ import annotations

import json
from pathlib import Path

import attrs

from sipadek.archive.durable import replace_file, storage_errors
from sipadek.errors import CheckpointInvalid, LedgerInconsistent, OlderState
from sipadek.ledger import CheckpointVerifier, CompactRange
from sipadek.sql import KnownHead, Register


@attrs.frozen
class Kept:
    """The file at ``path``. It need not be there yet."""

    path: Path

    def read(self) -> KnownHead | None:
        """What it holds, None where there is no file. Raises CheckpointInvalid for anything else."""
        try:
            with storage_errors("Reading", self.path):
                if not self.path.exists():
                    return None
                value = json.loads(self.path.read_bytes())
            known = CompactRange(
                value["size"], tuple(bytes.fromhex(each) for each in value["hashes"])
            )
            return KnownHead(range=known, checkpoint=str(value["checkpoint"]))
        except (ValueError, TypeError, KeyError, LedgerInconsistent) as error:
            raise CheckpointInvalid(
                f"the kept checkpoint {self.path} cannot be read ({error}); restore it. Delete it only"
                " if you are sure that the office's folder is the newest there is",
                path=str(self.path),
            ) from error

    def write(self, head: KnownHead) -> None:
        """Keep ``head``; the file changes whole or not at all, and survives a power loss."""
        value = {
            "checkpoint": head.checkpoint,
            "hashes": [each.hex() for each in head.range.hashes],
            "size": head.range.size,
        }
        replace_file(self.path, json.dumps(value, indent=1).encode())

    def check(self, register: Register, verifier: CheckpointVerifier) -> None:
        """That the register's log goes on from the kept head; then the present one is kept.

        Raises:
            OlderState: it does not: an older or another folder was put in its place.
            CheckpointInvalid: the file is damaged, or of another office.
        """
        known = self.read()
        if known is not None:
            checkpoint = verifier.verify_checkpoint(known.checkpoint)
            if (checkpoint.size, checkpoint.root) != (known.range.size, known.range.root()):
                raise CheckpointInvalid(
                    f"the kept checkpoint {self.path} contradicts itself; restore it",
                    path=str(self.path),
                )
            size = register.head().size
            if size < known.range.size:
                raise self._older(f"has {size} events", known.range.size, size)
            if not register.goes_on_from(known.range):
                raise self._older("has another history", known.range.size, size)
        self.write(register.known_head())

    def _older(self, what: str, kept: int, found: int) -> OlderState:
        return OlderState(
            f"the register {what}; the checkpoint kept in {self.path} proves one of {kept} events."
            " An older folder was put back. Put the newest one in its place; if there is none,"
            " `sipadek recover OFFICE --kept FILE --restored REASON` takes this one, and numbers given"
            " since must be made void by hand",
            kept=kept,
            found=found,
            path=str(self.path),
        )

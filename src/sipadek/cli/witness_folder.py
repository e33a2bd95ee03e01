"""A witness's own folder: its key, and the last checkpoint of each log that it cosigned."""

from __future__ import annotations

import datetime
import hashlib
from pathlib import Path

import attrs

from sipadek.archive.durable import replace_file, storage_errors
from sipadek.errors import InvalidInput
from sipadek.ledger import CheckpointVerifier, CosignerKey, Witness


@attrs.frozen
class WitnessFolder:
    """``witness.key`` holds its name and secret key, ``witness.pub`` what others need, ``last/`` the
    newest checkpoint cosigned of each log."""

    root: Path

    def cosign(
        self, request: str, *, log: CheckpointVerifier, name: str, at: datetime.datetime
    ) -> str:
        """The cosigned checkpoint; it is on the disk as the last one before it is given out. Raises
        what `Witness.cosign` raises, and InvalidInput for a new folder without a name."""
        key = self._key(name)
        known = hashlib.sha256(str(log).encode()).hexdigest()[:32]
        place = self.root / "last" / f"{known}.checkpoint"
        with storage_errors("Reading", place):
            last = place.read_text("utf-8") if place.exists() else ""
        cosigned = Witness(key, log, last).cosign(request, at=at)
        replace_file(place, cosigned.encode(), mode=0o644)
        return cosigned

    def _key(self, name: str) -> CosignerKey:
        secret = self.root / "witness.key"
        if not secret.exists():
            if not name:
                raise InvalidInput(
                    f"there is no witness in {self.root}; give --name, such as"
                    " inspektorat.kota.example, to make one"
                )
            made = CosignerKey.generate(name)
            replace_file(secret, f"{name}\n".encode() + made.to_pem(), mode=0o600)
            replace_file(self.root / "witness.pub", f"{made.verifier}\n".encode(), mode=0o644)
        with storage_errors("Reading", secret):
            held, _, pem = secret.read_bytes().partition(b"\n")
        found = held.decode("ascii", "replace")
        if name not in ("", found):
            raise InvalidInput(f"the witness in {self.root} is {found!r}, not {name!r}")
        return CosignerKey.from_pem(pem, found)

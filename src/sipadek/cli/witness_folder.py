"""A witness's own folder: its key, and the last checkpoint of each log that it cosigned."""

from __future__ import annotations

import datetime
import hashlib
import os
from pathlib import Path

import attrs

from sipadek.archive.durable import storage_errors, sync_directory, sync_file
from sipadek.errors import InvalidInput
from sipadek.ledger import CheckpointVerifier, CosignerKey, Witness


def key_text(given: str) -> str:
    """A verifier key as text, or that in the file of that name. Raises InvalidInput."""
    path = Path(given)
    if "+" in given and not path.exists():
        return given
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{given} is no key and no file with one ({error})") from None


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
        _write(place, cosigned.encode(), mode=0o644)
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
            _write(secret, f"{name}\n".encode() + made.to_pem(), mode=0o600)
            _write(self.root / "witness.pub", f"{made.verifier}\n".encode(), mode=0o644)
        with storage_errors("Reading", secret):
            held, _, pem = secret.read_bytes().partition(b"\n")
        found = held.decode("ascii", "replace")
        if name not in ("", found):
            raise InvalidInput(f"the witness in {self.root} is {found!r}, not {name!r}")
        return CosignerKey.from_pem(pem, found)


def _write(path: Path, data: bytes, *, mode: int) -> None:
    temporary = path.with_name(f".{path.name}.part")
    with storage_errors("Writing", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        sync_file(temporary)
        temporary.replace(path)
        sync_directory(path.parent)

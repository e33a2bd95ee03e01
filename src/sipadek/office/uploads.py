"""Receiving a file in pieces over a network that breaks: what has arrived stays, and goes on.

An upload has a name, best the letter's idempotency key. Its bytes lie in ``incoming/`` of the office's
folder, each piece synced before it is acknowledged. What is whole is told by the SHA-256 that its sender
gives, never by its length alone.
"""

from __future__ import annotations

import datetime
import hashlib
from pathlib import Path
from typing import Final

import attrs

from sipadek.archive.durable import storage_errors, sync_directory, sync_file
from sipadek.errors import InvalidInput, UploadRefused
from sipadek.office.alone import alone
from sipadek.office.receiving import CHUNK

MAX_UPLOAD: Final = 4 * 1024**3
"""The largest file that is received, in bytes."""

KEPT: Final = datetime.timedelta(days=14)
"""How long an upload that nobody goes on with is kept."""


@attrs.frozen
class Upload:
    """A file on its way in. Made by `Office.receive`; any process may go on with it."""

    name: str
    path: Path
    max_size: int = MAX_UPLOAD

    @property
    def offset(self) -> int:
        """How many bytes have arrived, and are safe: where the next piece begins."""
        with storage_errors("looking at", self.path):
            return self.path.stat().st_size if self.path.exists() else 0

    def write(self, piece: bytes, *, offset: int) -> int:
        """Take the bytes that stand at ``offset`` of the file; the offset after them.

        A piece that arrived before, since its acknowledgement was lost, is compared and not written
        again; one that goes beyond what is here is added.

        Raises:
            UploadRefused: the piece begins behind ``offset``'s end (``fields['offset']`` tells where to
                go on), differs from what arrived, or makes the file too large. Nothing was written.
            OfficeError: another process is writing the same upload.
            StorageFailed: the disk refused.
        """
        with alone(self.path.with_suffix(".lock"), f"receiving {self.name!r}"):
            here = self.offset
            if not 0 <= offset <= here:
                raise self._refused(f"the piece begins at byte {offset}, {here} have arrived", here)
            if offset + len(piece) > self.max_size:
                raise self._refused(f"it would have more than {self.max_size} bytes", here)
            with storage_errors("writing", self.path), self.path.open("ab+") as file:
                file.seek(offset)
                known = file.read(min(len(piece), here - offset))
                if known != piece[: len(known)]:
                    raise self._refused("the piece differs from what arrived before", here)
                file.write(piece[len(known) :])
                file.flush()
                sync_file(self.path)
            return max(here, offset + len(piece))

    def finish(self, *, sha256: str) -> Path:
        """The whole file, to be given to `Office.file`; `discard` the upload once that has its letter.

        Raises:
            UploadRefused: its SHA-256 (hex) is another one: bytes are missing, or were damaged.
        """
        if not self.offset:
            raise self._refused("nothing has arrived", 0)
        digest = hashlib.sha256()
        with storage_errors("reading", self.path), self.path.open("rb") as file:
            while piece := file.read(CHUNK):
                digest.update(piece)
        if digest.hexdigest() != sha256.lower():
            raise self._refused(
                f"the SHA-256 of the {self.offset} bytes that arrived is {digest.hexdigest()}, not"
                f" {sha256}; send what is missing, or discard the upload and begin anew",
                self.offset,
            )
        return self.path

    def discard(self) -> None:
        """Forget what has arrived."""
        with storage_errors("deleting", self.path):
            self.path.unlink(missing_ok=True)
            self.path.with_suffix(".lock").unlink(missing_ok=True)

    def _refused(self, reason: str, offset: int) -> UploadRefused:
        return UploadRefused(
            f"the upload {self.name!r} cannot go on so: {reason}.", name=self.name, offset=offset
        )


def upload(folder: Path, name: str, *, max_size: int = MAX_UPLOAD) -> Upload:
    """The upload of that name, begun or not. Raises InvalidInput for a name that is none."""
    if not name or len(name) > 200 or not name.isprintable():
        raise InvalidInput(
            f"an upload's name has 1 to 200 printable characters, not {name!r:.60}", name=name
        )
    with storage_errors("making", folder):
        if not folder.exists():
            folder.mkdir(parents=True, exist_ok=True)
            sync_directory(folder.parent)
        folder.chmod(0o700)
    place = folder / f"{hashlib.sha256(name.encode()).hexdigest()}.part"
    return Upload(name, place, max_size)


def drop_stale(folder: Path, *, at: datetime.datetime) -> int:
    """Drop uploads that nobody has gone on with for `KEPT`; how many."""
    dropped = 0
    for place in folder.glob("*.part") if folder.exists() else ():
        touched = datetime.datetime.fromtimestamp(place.stat().st_mtime, datetime.UTC)
        if touched < at - KEPT:
            Upload(place.stem, place).discard()
            dropped += 1
    return dropped

"""A checked view of the beginning of a file."""

from __future__ import annotations

import hashlib
import io
from typing import BinaryIO, cast

from sipadek.errors import DamagedObject
from sipadek.office.receiving import CHUNK


class FilePart(io.RawIOBase):
    """The first ``size`` bytes of a binary file, read-only; closing it closes the file."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._size = size

    @classmethod
    def checked(cls, file: BinaryIO, size: int, digest: str) -> BinaryIO:
        """The part, after its bytes were found to have the SHA-256 ``digest`` (hex).

        Raises DamagedObject where they have not.
        """
        part = cls(file, size)
        found = hashlib.sha256()
        length = 0
        while chunk := part.read(CHUNK):
            found.update(chunk)
            length += len(chunk)
        if length != size or found.hexdigest() != digest:
            part.close()
            raise DamagedObject(
                f"the stored bytes are damaged: {length} bytes with SHA-256 {found.hexdigest()}, the"
                f" register holds {size} bytes with {digest}; audit the office and restore a backup",
                digest=digest,
            )
        part.seek(0)
        return cast(BinaryIO, io.BufferedReader(part, CHUNK))

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        left = max(0, self._size - self._file.tell())
        data = self._file.read(min(left, len(buffer)))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_END:
            offset, whence = self._size + offset, io.SEEK_SET
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        self._file.close()
        super().close()

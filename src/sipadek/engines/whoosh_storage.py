"""What is mended of Whoosh's files, in a storage of our own.

Whoosh reads a segment that is one compound file through ``BytesIO``, which copies it: opening an
index of 200,000 letters took 490 ms and 600 MB. Segments are written as single files here
(``compound=False``) and each is mapped into memory, of which the system reads only what is touched.
"""

from __future__ import annotations

import mmap
from io import BytesIO
from typing import Any

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile


class MappedFile(StructFile):  # type: ignore[misc]
    """A file that is read from a map of it."""

    def __init__(self, map_: mmap.mmap, name: str) -> None:
        super().__init__(map_, name=name)
        self._map = map_
        self.is_real = False  # Arrays are read as bytes: a map is no file of the system.

    def get(self, position: int, length: int) -> bytes:
        """Bytes from there, without moving."""
        return self._map[position : position + length]


class MappedStorage(FileStorage):  # type: ignore[misc]
    """A folder whose files are mapped to be read."""

    def open_file(self, name: str, **_: Any) -> StructFile:
        """An existing file."""
        with open(self._fpath(name), "rb") as file:  # noqa: PTH123 - as Whoosh names it
            try:
                map_ = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            except ValueError:  # An empty file cannot be mapped.
                return StructFile(BytesIO(), name=name)
        return MappedFile(map_, name)

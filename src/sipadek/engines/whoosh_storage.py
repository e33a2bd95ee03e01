"""What is mended of Whoosh's files, in a storage of our own.

Whoosh makes an object of every word and pickles where it stands. Words come as lists here, and
places are plain numbers.

Whoosh reads a segment that is one compound file through ``BytesIO``, which copies it: opening an
index of 200,000 letters took 490 ms and 600 MB. Segments are written as single files here
(``compound=False``) and each is mapped into memory, of which the system reads only what is touched.
"""

from __future__ import annotations

import mmap
from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile
from whoosh.formats import Positions


class Places(Positions):  # type: ignore[misc]
    """Where a word stands in a list of words."""

    def word_values(
        self, value: Sequence[str], *_: Any, **__: Any
    ) -> Iterator[tuple[str, int, float, bytes]]:
        """(Word, how often, weight, places) of each word."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for place, word in enumerate(value):
            found[word].append(place)
        for word, places in found.items():
            yield word, len(places), float(len(places)), array("I", places).tobytes()

    def decode_positions(self, valuestring: bytes) -> list[int]:
        """The places again."""
        return array("I", valuestring).tolist()

    def decode_frequency(self, valuestring: bytes) -> int:
        """How many they are."""
        return len(valuestring) // array("I").itemsize


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

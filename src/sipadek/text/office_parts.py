"""The XML parts of an office file, unpacked as a stream and within limits.

Of an archive only the parts that are asked for are unpacked, each up to MAX_PART. A part with a
document type is refused: office files have none (ISO/IEC 29500-2, 7.3.2), and only there can entities
be defined.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol
from xml.parsers import expat

import attrs

from sipadek.errors import DocumentUnreadable

MAX_PART: Final = 64 * 1024**2
"""Bytes that one part may unpack to."""
MAX_TOTAL: Final = 128 * 1024**2
"""Bytes that all parts which are read may unpack to."""
MAX_ELEMENTS: Final = 3_000_000
"""XML elements in all parts that are read; each takes about a microsecond."""
MAX_DIRECTORY: Final = 4 * 1024**2
"""Bytes of an archive's list of parts; some 40,000 of them."""

_CHUNK: Final = 256 * 1024


class Reader(Protocol):
    """What takes in an XML part; names come without their namespace."""

    def start(self, tag: str, attributes: Mapping[str, str], /) -> None: ...

    def end(self, tag: str, /) -> None: ...

    def text(self, data: str, /) -> None: ...


def opened(data: bytes) -> zipfile.ZipFile:
    """The archive, whose list of parts is small enough to be read."""
    end = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557))
    size = int.from_bytes(data[end + 12 : end + 16], "little") if end >= 0 else 0
    if size > MAX_DIRECTORY:
        raise _too_much("list of parts", MAX_DIRECTORY)
    return zipfile.ZipFile(io.BytesIO(data))


@attrs.define
class Parts:
    """An archive's parts, and how many bytes of them may still be unpacked."""

    archive: zipfile.ZipFile
    left: int = attrs.field(factory=lambda: MAX_TOTAL)
    elements: int = attrs.field(factory=lambda: MAX_ELEMENTS)
    names: Mapping[str, zipfile.ZipInfo] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.names = {info.filename: info for info in self.archive.infolist()}

    def chunks(self, name: str) -> Iterator[bytes]:
        """The part's bytes; none where there is no such part. What the archive says of its size is not
        believed."""
        info = self.names.get(name)
        if info is None:
            return
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise NotImplementedError("a compression that office files do not use")
        left = MAX_PART
        with self.archive.open(info) as part:
            while chunk := part.read(_CHUNK):
                left -= len(chunk)
                self.left -= len(chunk)
                if left < 0 or self.left < 0:
                    raise _too_much(name, MAX_PART if left < 0 else MAX_TOTAL)
                yield chunk

    def walk(self, name: str, reader: Reader) -> None:
        """Read an XML part, if it is there."""

        def start(tag: str, attributes: Mapping[str, str]) -> None:
            self.elements -= 1
            if self.elements < 0:
                raise DocumentUnreadable(
                    f"The document has more than {MAX_ELEMENTS} elements, which no letter has. Save what"
                    " matters as a PDF."
                )
            reader.start(
                tag.rpartition(" ")[2],
                {name.rpartition(" ")[2]: value for name, value in attributes.items()},
            )

        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = start
        parser.EndElementHandler = lambda tag: reader.end(tag.rpartition(" ")[2])
        parser.CharacterDataHandler = reader.text
        if name in self.names:
            for chunk in self.chunks(name):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)


def _refuse_doctype(*_: Any) -> None:
    raise DocumentUnreadable(
        "A part of the document has a document type, which office files must not have: it could name"
        " entities without end. Save it again from an office program."
    )


def _too_much(what: str, most: int) -> DocumentUnreadable:
    return DocumentUnreadable(
        f"The document's {what} takes more than {most} bytes when it is unpacked, which no letter does."
        " Save what matters as a PDF."
    )

"""A PDF opened for extension: its objects by number, its catalog, its first page, its signatures.

Only what is asked for is read, so that a file of a gigabyte opens as fast as a small one. A file
whose cross-reference is damaged is read by looking for its objects instead (`repaired`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs

from sipadek.errors import BrokenPdf, EncryptedPdf, LimitExceeded, NotAPdf
from sipadek.pdf.encryption import Encryption, unlock
from sipadek.pdf.objects import Dictionary, Ref
from sipadek.pdf.rebuild import rebuild
from sipadek.pdf.syntax import (
    Buffer,
    read_array,
    read_dictionary,
    read_integer,
    read_ref,
    read_string,
    skip_space,
    value_end,
)
from sipadek.pdf.xref import (
    MAX_OBJECTS,
    MAX_ROWS,
    MAX_SECTIONS,
    Compressed,
    Entry,
    Free,
    Listed,
    Plain,
    Rows,
    Section,
    inflate,
    object_at,
    raw_stream,
    read_section,
    stream_filters,
    undo_predictor,
)

_STARTXREF = re.compile(rb"startxref[\x00\t\n\x0c\r ]+(\d{1,19})")
_COMMENT = re.compile(rb"%[^\r\n]*")
_NUMBER = re.compile(rb"\d{1,10}")
_MAX_FOLLOWED = 64
_MAX_NODES = 2000
_MAX_KIDS = 2_000_000  # Most nodes of a page tree that are named and not yet looked at.
_MAX_KEPT = 4096  # Bytes of a value that is kept once read.
_MAX_CONTAINER = 64 * 1024 * 1024  # Bytes that an object stream may inflate to.
_WORK = 256 * 1024 * 1024  # Bytes of large values that may be read in all, beside ...
_WORK_PER_BYTE = 8  # ... so many for each byte of the file.
_ARRAY_WORK = 4  # How much longer a byte takes where each element is cut out.
_PLAIN_FILTERS: tuple[list[bytes], ...] = ([], [b"/FlateDecode"])


@attrs.define
class Document:
    """An open PDF. Make one with `Document.open`; it holds no file open of its own.

    ``shift`` is how far before byte offset 0 of the PDF the file begins (junk before the header);
    ``startxref`` is the newest section's offset as the file counts it, None where it was `repaired`.
    """

    data: Buffer
    sections: tuple[Section, ...]
    shift: int
    startxref: int | None
    encryption: Encryption | None = None
    _containers: dict[int, dict[int, bytes]] = attrs.field(factory=dict, repr=False)
    _first_page: tuple[Ref, Dictionary] | None = attrs.field(default=None, repr=False)
    _values: dict[int, bytes] = attrs.field(factory=dict, repr=False)
    _dictionaries: dict[bytes, Dictionary] = attrs.field(factory=dict, repr=False)
    _work: int = attrs.field(default=0, repr=False)

    @classmethod
    def open(cls, data: Buffer, *, password: str | None = None) -> Document:
        """Open a whole PDF held in ``data`` (bytes or an mmap).

        Raises NotAPdf, BrokenPdf, EncryptedPdf (a password is needed, or wrong) or LimitExceeded.
        """
        header = data[:1024].find(b"%PDF-")
        if header < 0:
            raise NotAPdf("the file does not begin with %PDF-; give a PDF")
        try:
            document = cls._through_xref(data, header)
            document._unlock(password)
            document.first_page()
        except EncryptedPdf:
            raise
        except BrokenPdf:
            document = cls(data, (rebuild(data, header),), header, None)
            document._unlock(password)
            document._add_compressed()
            document.first_page()
        return document

    @classmethod
    def _through_xref(cls, data: Buffer, header: int) -> Document:
        last = data.rfind(b"startxref")
        match = _STARTXREF.match(data, last) if last >= 0 else None
        if match is None:
            raise BrokenPdf("the PDF has no startxref; it is cut off")
        offset = int(match[1])
        problem = BrokenPdf("the cross-reference cannot be read")
        for shift in sorted({0, header}, reverse=True):  # most readers count from the header
            try:
                sections = tuple(_chain(data, offset, shift))
            except BrokenPdf as error:
                problem = error
                continue
            if b"Root" not in sections[0].trailer:
                raise BrokenPdf("the trailer names no catalog")
            return cls(data, sections, shift, offset)
        raise problem

    @property
    def repaired(self) -> bool:
        """The cross-reference was damaged and was rebuilt from the objects themselves."""
        return self.startxref is None

    @property
    def trailer(self) -> Dictionary:
        """The newest trailer."""
        return self.sections[0].trailer

    def end(self) -> int:
        """The first object number that is surely free: above /Size and every entry."""
        size = read_integer(self.trailer.get(b"Size")) or 0
        if size > MAX_OBJECTS:  # surely wrong, and no object is lost by not believing it
            size = 0
        return max(1, size, *(section.end() for section in self.sections))

    def _unlock(self, password: str | None) -> None:
        value = self.trailer.get(b"Encrypt", b"null")
        if value == b"null":
            return
        encrypt = read_dictionary(self.resolve(value))[0]
        self.encryption = unlock(encrypt, self.first_id(), password, self.resolve)

    def first_id(self) -> bytes:
        """The first part of the file identifier, empty where there is none."""
        value = self.resolve(self.trailer.get(b"ID", b"[]"))
        try:
            return read_string(read_array(value)[0])
        except (BrokenPdf, IndexError, ValueError):
            return b""

    def _add_compressed(self) -> None:
        """A rebuilt index knows only objects that stand in the open; add those in object streams."""
        section = self.sections[0]
        assert isinstance(section, Listed)
        for number, entry in list(section.entries.items()):
            if not isinstance(entry, Plain):
                continue
            try:
                _, start = object_at(self.data, entry.offset + self.shift)
                if b"/ObjStm" in self.data[start : start + 512]:
                    for index, inner in enumerate(self._container(number)):
                        section.entries.setdefault(inner, Compressed(number, index))
            except BrokenPdf:
                continue

    def entry(self, number: int) -> Entry:
        """Where object ``number`` stands, by the newest section that speaks of it."""
        for section in self.sections:
            found = section.lookup(number)
            if found is not None:
                return found
        return Free()

    def value(self, ref: Ref) -> bytes:
        """The value of an object as its bytes (for a stream its dictionary); ``null`` where unused."""
        known = self._values.get(ref.number)
        if known is not None:
            return known
        entry = self.entry(ref.number)
        if isinstance(entry, Free):
            return b"null"
        if isinstance(entry, Compressed):
            return self._container(entry.container).get(ref.number, b"null")
        start = self._start(ref.number, entry)
        value = bytes(self.data[start : value_end(self.data, start)])
        self._charge(len(value))
        if len(value) <= _MAX_KEPT and len(self._values) < _MAX_NODES:
            self._values[ref.number] = value
        return value

    def _charge(self, size: int) -> None:
        """Keep account of large values: a small file that names one of them from many places could
        have it read for hours."""
        if size <= _MAX_KEPT:
            return
        self._work += size
        if self._work > _WORK + _WORK_PER_BYTE * len(self.data):
            raise LimitExceeded("the PDF has large objects read again and again; print it anew")

    def _start(self, number: int, entry: Plain) -> int:
        found, start = object_at(self.data, entry.offset + self.shift)
        if found.number != number:
            raise BrokenPdf(f"object {number} was expected where object {found.number} stands")
        return start

    def resolve(self, value: bytes) -> bytes:
        """Follow references until a value that is none."""
        for _ in range(_MAX_FOLLOWED):
            ref = read_ref(value)
            if ref is None:
                return value
            value = self.value(ref)
        raise BrokenPdf("references in the PDF lead in a circle")

    def dictionary(self, value: bytes) -> Dictionary:
        """The dictionary that ``value`` is or refers to; an empty one where it is something else."""
        value = self.resolve(value)
        if not value.startswith(b"<<"):
            return Dictionary()
        known = self._dictionaries.get(value)
        if known is None:
            self._charge(len(value))
            known = read_dictionary(value)[0]
            if len(value) <= _MAX_KEPT and len(self._dictionaries) < _MAX_NODES:
                self._dictionaries[value] = known
        return Dictionary(known)  # callers change theirs

    def array(self, value: bytes) -> list[bytes]:
        """The array that ``value`` is or refers to; an empty one where it is something else."""
        value = self.resolve(value)
        self._charge(_ARRAY_WORK * len(value))
        return read_array(value) if value.startswith(b"[") else []

    def raw_stream(self, ref: Ref) -> tuple[Dictionary, bytes]:
        """A stream's dictionary and its data, decrypted and still under its filters.

        The filter entries of the dictionary are resolved.
        """
        entry = self.entry(ref.number)
        if not isinstance(entry, Plain):
            raise BrokenPdf(f"object {ref.number} is no stream")
        dictionary, end = read_dictionary(self.data, self._start(ref.number, entry))
        length = read_integer(self.resolve(dictionary.get(b"Length", b"null")))
        raw = raw_stream(self.data, end, length)
        for key in (b"Filter", b"DecodeParms"):
            if key in dictionary:
                dictionary[key] = self.resolve(dictionary[key])
        if self.encryption is not None and dictionary.get(b"Type") != b"/XRef":
            raw = self.encryption.decrypt_stream(Ref(ref.number, entry.generation), raw)
        return dictionary, raw

    def stream(self, ref: Ref, limit: int) -> bytes:
        """A stream's data, decoded; at most ``limit`` bytes. Raises BrokenPdf where it is no stream or
        under another filter than Flate, LimitExceeded where it is larger."""
        dictionary, raw = self.raw_stream(ref)
        filters, parameters = stream_filters(dictionary)
        if filters not in _PLAIN_FILTERS:
            raise BrokenPdf(f"stream {ref.number} uses an unusual filter")
        if filters:
            return undo_predictor(inflate(raw, limit), parameters)
        if len(raw) > limit:
            raise LimitExceeded(f"stream {ref.number} has more than {limit} bytes")
        return raw

    def _object_stream(self, number: int) -> tuple[Dictionary, bytes]:
        dictionary, raw = self.raw_stream(Ref(number))
        filters, parameters = stream_filters(dictionary)
        if filters not in _PLAIN_FILTERS:
            raise BrokenPdf(f"object stream {number} uses an unusual filter")
        if filters:
            raw = inflate(raw, _MAX_CONTAINER)
            self._charge(len(raw))
            raw = undo_predictor(raw, parameters)
        return dictionary, raw

    def holds_objects(self, number: int) -> bool:
        """Whether the object is an object stream that something was read from."""
        return number in self._containers

    def _container(self, number: int) -> dict[int, bytes]:
        if number not in self._containers:
            self._containers[number] = {}  # what reading it asks of itself is not there
            dictionary, data = self._object_stream(number)
            first = read_integer(self.resolve(dictionary.get(b"First", b"null")))
            heads = _COMMENT.sub(b"", data[: first or 0]).split()
            if first is None or len(heads) % 2 or not all(map(_NUMBER.fullmatch, heads)):
                raise BrokenPdf(f"object stream {number} is damaged")
            objects: dict[int, bytes] = {}
            left = len(data)
            for inner, offset in zip(heads[::2], heads[1::2], strict=True):
                start = skip_space(data, first + int(offset))
                objects[int(inner)] = value = data[start : value_end(data, start)]
                left -= len(value)
                if left < 0:
                    raise BrokenPdf(f"the objects in object stream {number} overlap")
            self._containers[number] = objects
        return self._containers[number]

    def catalog(self) -> tuple[Ref, Dictionary]:
        """The catalog and its reference."""
        ref = read_ref(self.trailer.get(b"Root", b""))
        if ref is None:
            raise BrokenPdf("the trailer names no catalog")
        catalog = self.dictionary(bytes(ref))
        if b"Pages" not in catalog:
            raise BrokenPdf("the catalog names no pages")
        return ref, catalog

    def first_page(self) -> tuple[Ref, Dictionary]:
        """The first page, with what it inherits from the page tree, and its reference."""
        if self._first_page is None:
            self._first_page = self._find_first_page()
        return self._first_page

    def _find_first_page(self) -> tuple[Ref, Dictionary]:
        found = next(self._pages(most=_MAX_NODES), None)
        if found is None:
            raise BrokenPdf("the PDF has no page")
        return found

    def pages(self) -> Iterator[tuple[Ref, Dictionary]]:
        """Every page in order, each as `first_page` gives it; one that stands in the tree twice comes
        once. Raises LimitExceeded for a tree of more nodes than a PDF can have objects."""
        return self._pages(most=MAX_OBJECTS)

    def _pages(self, *, most: int) -> Iterator[tuple[Ref, Dictionary]]:
        _, catalog = self.catalog()
        inheritable = (b"MediaBox", b"CropBox", b"Rotate", b"Resources")
        seen: set[Ref] = set()
        pending: list[tuple[bytes, Dictionary]] = [(catalog[b"Pages"], Dictionary())]
        while pending:
            value, inherited = pending.pop()
            ref = read_ref(value)
            if ref is None or ref in seen:
                continue
            seen.add(ref)
            if len(seen) > most or len(pending) > _MAX_KIDS:
                raise LimitExceeded(f"the PDF's page tree has more than {most} nodes before a page")
            node = self.dictionary(value)
            if not node:
                continue
            merged = Dictionary({**inherited, **node})
            if b"Kids" not in node and node.get(b"Type") != b"/Pages":
                yield ref, merged
                continue
            passed = Dictionary({key: merged[key] for key in inheritable if key in merged})
            pending += [(kid, passed) for kid in reversed(self.array(node.get(b"Kids", b"null")))]


def _chain(data: Buffer, offset: int, shift: int) -> Iterator[Section]:
    """The sections from the newest to the oldest; a hybrid's stream comes right after its table."""
    seen: set[int] = set()
    unpacked = 0
    following: int | None = offset
    while following is not None:
        if following in seen or len(seen) >= MAX_SECTIONS:
            raise BrokenPdf("the chain of cross-reference sections leads in a circle")
        seen.add(following)
        section = read_section(data, following + shift)
        hidden = read_integer(section.trailer.get(b"XRefStm"))
        if hidden is not None:
            section = _hybrid(section, read_section(data, hidden + shift))
        unpacked += len(section.rows) if isinstance(section, Rows) else 0
        if unpacked > MAX_ROWS:
            raise LimitExceeded(f"the PDF's cross-references take more than {MAX_ROWS} bytes")
        yield section
        following = read_integer(section.trailer.get(b"Prev"))


def _hybrid(table: Section, stream: Section) -> Section:
    """A table and its /XRefStm as one section; live entries of both must not contradict each other."""
    entries: dict[int, Entry] = {}
    for number in {*table.numbers(), *stream.numbers()}:
        visible, hidden = table.lookup(number), stream.lookup(number)
        live = [e for e in (visible, hidden) if e is not None and not isinstance(e, Free)]
        if len(live) == 2 and live[0] != live[1]:
            raise BrokenPdf(f"table and cross-reference stream disagree about object {number}")
        entries[number] = live[0] if live else Free()
    return Listed(table.trailer, entries)

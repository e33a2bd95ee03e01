"""One incremental update: what is added to a PDF, leaving every byte that is there in place.

ISO 32000-2, 7.5.6. The update uses the same kind of cross-reference as the file it extends (PDF/A-1
allows tables only). Values that were in the file are written back byte for byte.
"""

from __future__ import annotations

import hashlib
import zlib

import attrs

from sipadek.errors import BrokenPdf
from sipadek.pdf.document import Document
from sipadek.pdf.objects import Dictionary, Ref
from sipadek.pdf.syntax import read_array, read_dictionary, replace_strings
from sipadek.pdf.xref import MAX_OBJECTS, Compressed, Listed, Plain, Rows

_STRUCTURAL = frozenset(
    b"Size Prev XRefStm Index W Length Filter DecodeParms Type F FFilter FDecodeParms DL".split()
)


_MARK = b"SipadekLetter"
_DRAWN = b"SipadekMarks"


def letter_mark(document: Document) -> str:
    """The mark of the newest revision that has one, empty where there is none."""
    marks = (section.trailer.get(_MARK) for section in document.sections)
    return next((mark for mark in marks if mark), b"/")[1:].decode("ascii", "replace")


@attrs.frozen(kw_only=True)
class Tail:
    """The bytes to append. ``hole`` is where a signature goes: the (start, end) in ``data`` of the
    hexadecimal digits and their angle brackets; None without a signature."""

    data: bytes
    hole: tuple[int, int] | None


@attrs.frozen(kw_only=True)
class SignatureHole:
    """An object with a place to be filled in after hashing: ``before`` ends with ``/ByteRange``,
    ``between`` stands between the byte range and the hole, ``size`` is the room in bytes."""

    before: bytes
    between: bytes
    after: bytes
    size: int


@attrs.define
class Revision:
    """Collects new and changed objects for a document; `build` gives the bytes to append.

    ``mark`` (a name) is put into the trailer as /SipadekLetter: whose revision this is. Names are not
    encrypted, so `letter_mark` finds it in any file.
    """

    document: Document
    mark: str = ""
    _objects: dict[Ref, bytes | SignatureHole] = attrs.field(factory=dict)
    _next: int = attrs.field(init=False)
    _drawn: list[bytes] = attrs.field(init=False, factory=list)

    def __attrs_post_init__(self) -> None:
        self._next = self.document.end()

    def draws_first(self, name: str) -> bool:
        """Note in the trailer that what is named so was drawn; False where an earlier revision did."""
        known = self.document.array(self.document.trailer.get(_DRAWN, b"null"))
        written = b"/" + name.encode()
        if written in known:
            return False
        self._drawn = [*known, written]
        return True

    def reserve(self) -> Ref:
        """A new object number whose body is given later, by `put`."""
        if self._next > MAX_OBJECTS:
            raise BrokenPdf("the PDF uses every object number; nothing can be added")
        self._next += 1
        return Ref(self._next - 1)

    def put(self, ref: Ref, body: bytes) -> None:
        """The body of a reserved object, strings in plain."""
        encryption = self.document.encryption
        if encryption is not None:
            body = replace_strings(body, lambda s: encryption.encrypt_string(ref, s))
        self._objects[ref] = body

    def add(self, body: bytes) -> Ref:
        """A new object; ``body`` is PDF syntax with its strings in plain."""
        ref = self.reserve()
        self.put(ref, body)
        return ref

    def add_stream(self, entries: bytes, data: bytes, *, compress: bool = True) -> Ref:
        """A new stream. ``entries`` is the inside of its dictionary, without /Length and /Filter."""
        ref = self.reserve()
        if compress:
            data = zlib.compress(data, 1)  # small already; more effort gains little
            entries += b"/Filter/FlateDecode"
        encryption = self.document.encryption
        if encryption is not None:
            data = encryption.encrypt_stream(ref, data)
            entries = replace_strings(entries, lambda s: encryption.encrypt_string(ref, s))
        head = b"<<%s/Length %d>>" % (entries, len(data))
        self._objects[ref] = head + b"\nstream\n" + data + b"\nendstream"
        return ref

    def replace(self, ref: Ref, body: bytes) -> None:
        """An object of the file anew; strings taken from it stay as they stand there.

        Raises BrokenPdf for an object stream, which holds others and is nothing else.
        """
        if self.document.holds_objects(ref.number):
            raise BrokenPdf(f"object {ref.number} of the PDF is used as what it is not")
        placed = self._placed(ref)
        from_stream = isinstance(self.document.entry(ref.number), Compressed)
        if from_stream and placed not in self._objects:
            self.put(placed, body)  # strings inside object streams are not encrypted one by one
        else:
            self._objects[placed] = body

    def _placed(self, ref: Ref) -> Ref:
        """The reference under which the object stands in the open."""
        entry = self.document.entry(ref.number)
        return Ref(ref.number, entry.generation if isinstance(entry, Plain) else 0)

    def current(self, ref: Ref) -> Dictionary:
        """A dictionary object as it stands now: as changed here already, else as in the file."""
        pending = self._objects.get(self._placed(ref))
        if isinstance(pending, bytes):
            return read_dictionary(pending)[0]
        return self.document.dictionary(bytes(ref))

    def put_signature(self, ref: Ref, hole: SignatureHole) -> None:
        """The signature dictionary, with room for what is filled in when its digest is known.

        ``hole.before`` and ``hole.after`` carry strings in plain.
        """
        encryption = self.document.encryption
        if encryption is not None:
            hole = attrs.evolve(
                hole,
                before=replace_strings(hole.before, lambda s: encryption.encrypt_string(ref, s)),
                after=replace_strings(hole.after, lambda s: encryption.encrypt_string(ref, s)),
            )
        self._objects[ref] = hole

    def build(self) -> Tail:
        """The bytes to append to the file; with a signature, its /ByteRange is already filled in."""
        base = len(self.document.data)
        parts: list[bytes] = [b"" if self.document.data[-1:] in b"\r\n" else b"\n"]
        position = base + len(parts[0])
        offsets: dict[Ref, int] = {}
        signed: tuple[SignatureHole, int] | None = None
        for ref, body in self._objects.items():
            offsets[ref] = position - self.document.shift
            head = b"%d %d obj\n" % (ref.number, ref.generation)
            if isinstance(body, SignatureHole):
                signed = (body, position + len(head))
            chunk = head + _written(body) + b"\nendobj\n"
            parts.append(chunk)
            position += len(chunk)
        identifier = hashlib.sha256(b"".join(parts)).digest()[:16]
        parts.append(self._cross_reference(offsets, position, identifier))
        data = b"".join(parts)
        if signed is None:
            return Tail(data=data, hole=None)
        return _fill_byte_range(data, base, *signed)

    def _trailer(self, identifier: bytes) -> Dictionary:
        document = self.document
        kept = {k: v for k, v in document.trailer.items() if k not in _STRUCTURAL}
        trailer = Dictionary(kept)
        first = b"<%s>" % identifier.hex().encode()
        parts = []
        if b"ID" in trailer:
            parts = read_array(document.resolve(trailer[b"ID"]))
        if len(parts) == 2 or document.encryption is None:
            trailer[b"ID"] = b"[%s%s]" % (parts[0] if len(parts) == 2 else first, first)
        if self._drawn:
            trailer[_DRAWN] = b"[%s]" % b" ".join(self._drawn)
        if self.mark:
            trailer[_MARK] = b"/" + self.mark.encode()
        if document.startxref is not None:
            trailer[b"Prev"] = b"%d" % document.startxref
        return trailer

    def _cross_reference(self, offsets: dict[Ref, int], position: int, identifier: bytes) -> bytes:
        document = self.document
        trailer = self._trailer(identifier)
        section = document.sections[0]
        rows: dict[int, tuple[int, int, int]] = {}
        if document.repaired:  # a full section, so that readers need not look for objects again
            assert isinstance(section, Listed)
            rows = {0: (0, 0, 65535)}
            for number, entry in section.entries.items():
                if isinstance(entry, Plain):
                    rows[number] = (1, entry.offset, entry.generation)
                elif isinstance(entry, Compressed):
                    rows[number] = (2, entry.container, entry.index)
        as_stream = isinstance(section, Rows) or any(kind == 2 for kind, _, _ in rows.values())
        for ref, offset in offsets.items():
            rows[ref.number] = (1, offset, ref.generation)
        if as_stream:
            own = self._next
            rows[own] = (1, position - document.shift, 0)
            trailer[b"Size"] = b"%d" % (own + 1)
            body = _stream_section(rows, trailer, own)
        else:
            trailer[b"Size"] = b"%d" % self._next
            body = _table_section(rows) + b"trailer\n" + bytes(trailer) + b"\n"
        return body + b"startxref\n%d\n%%%%EOF\n" % (position - document.shift)


_BYTE_RANGE_ROOM = b"[0 " + b" " * 62 + b"]"


def _written(body: bytes | SignatureHole) -> bytes:
    if isinstance(body, bytes):
        return body
    return b"".join((body.before, _BYTE_RANGE_ROOM, body.between, _room(body), body.after))


def _room(hole: SignatureHole) -> bytes:
    return b"<" + b"0" * (2 * hole.size) + b">"


def _fill_byte_range(data: bytes, base: int, hole: SignatureHole, position: int) -> Tail:
    """/ByteRange: everything but the hole (ISO 32000-2, 12.8.1)."""
    at = position - base + len(hole.before)
    start = at + len(_BYTE_RANGE_ROOM) + len(hole.between)
    end = start + len(_room(hole))
    numbers = b"[0 %d %d %d" % (base + start, base + end, len(data) - end)
    filled = numbers.ljust(len(_BYTE_RANGE_ROOM) - 1) + b"]"
    return Tail(data=data[:at] + filled + data[at + len(filled) :], hole=(start, end))


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    """Sorted numbers as (first, count) runs."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and sum(runs[-1]) == number:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((number, 1))
    return runs


def _table_section(rows: dict[int, tuple[int, int, int]]) -> bytes:
    out = [b"xref\n" if rows else b"xref\n0 0\n"]  # a subsection is needed, even an empty one
    for first, count in _runs(sorted(rows)):
        out.append(b"%d %d\n" % (first, count))
        for number in range(first, first + count):
            kind, offset, generation = rows[number]
            out.append(b"%010d %05d %s \n" % (offset, generation, b"n" if kind else b"f"))
    return b"".join(out)


def _stream_section(rows: dict[int, tuple[int, int, int]], trailer: Dictionary, own: int) -> bytes:
    numbers = sorted(rows)
    width = max(2, (max(second for _, second, _ in rows.values()).bit_length() + 7) // 8)
    data = b"".join(
        kind.to_bytes(1, "big") + second.to_bytes(width, "big") + third.to_bytes(2, "big")
        for kind, second, third in (rows[n] for n in numbers)
    )
    index = b" ".join(b"%d %d" % run for run in _runs(numbers))
    head = Dictionary({b"Type": b"/XRef", **trailer})
    head[b"W"] = b"[1 %d 2]" % width
    head[b"Index"] = b"[" + index + b"]"
    head[b"Length"] = b"%d" % len(data)
    return b"%d 0 obj\n" % own + bytes(head) + b"\nstream\n" + data + b"\nendstream\nendobj\n"

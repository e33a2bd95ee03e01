"""Writes indirect objects as a PDF file: sections one after another, each with its cross-reference.

ISO 32000-1, 7.5: tables (7.5.4), streams with object streams (7.5.7, 7.5.8), and hybrids of both
(7.5.8.4), whose table and stream never list the same object as in use.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

import attrs

from sipadek.testing.pdf_encryption import SecurityHandler
from sipadek.testing.pdf_values import Name, Stream, Value, body, syntax

__all__ = ["Item", "Section", "XrefKind", "own_numbers", "write_sections", "xref_stream"]

XrefKind: TypeAlias = Literal["table", "stream", "hybrid"]
_PER_OBJECT_STREAM = 50
_MARK = b"%\xe2\xe3\xcf\xd3\n"


@attrs.frozen
class Item:
    """An indirect object. ``hideable``: a hybrid file may keep it from readers of tables only;
    ``exposed``: it never stands in an object stream, and its strings are not encrypted."""

    value: Value
    generation: int = 0
    hideable: bool = False
    exposed: bool = False


@attrs.frozen(kw_only=True)
class Section:
    """The file's first part, or one incremental update. ``trailer`` lacks /Size and /Prev."""

    objects: Mapping[int, Item]
    trailer: Mapping[str, Value]
    kind: XrefKind = "table"
    free: frozenset[int] = frozenset()


@attrs.frozen
class _Entry:
    """A row of a cross-reference: 0 free, 1 in the open, 2 in an object stream (7.5.8.3)."""

    kind: int
    second: int
    third: int


def write_sections(
    sections: Iterable[Section],
    *,
    version: str = "1.7",
    start: int = 0,
    security: SecurityHandler | None = None,
    predictor: bool = True,
    hidden_freed: bool = False,
) -> bytes:
    """The whole file. ``start`` is the offset that the file gives its own first byte.

    ``hidden_freed``: the table of a hybrid lists the objects of its stream as free, as in the
    standard's example, instead of leaving them out. poppler 22.12 and pypdf 7.1 then miss them.
    """
    writer = _Writer(start, security, predictor, hidden_freed)
    writer.out += b"%PDF-" + version.encode() + b"\n" + _MARK
    for section in sections:
        writer.section(section)
    return bytes(writer.out)


def own_numbers(section: Section) -> int:
    """At most so many object numbers, above all it was given, a section takes for its streams."""
    return 2 + len(section.objects) // _PER_OBJECT_STREAM


@attrs.define
class _Writer:
    start: int
    security: SecurityHandler | None
    predictor: bool
    hidden_freed: bool
    out: bytearray = attrs.field(factory=bytearray)
    previous: int | None = None
    size: int = 1

    def section(self, section: Section) -> None:
        self.size = max(
            self.size, 1 + max(section.objects, default=0), 1 + max(section.free, default=0)
        )
        if section.kind == "stream":
            packed = {n for n, item in section.objects.items() if _packable(item)}
        elif section.kind == "hybrid":
            packed = {n for n, item in section.objects.items() if _packable(item) and item.hideable}
        else:
            packed = set()
        rows = {n: _Entry(0, 0, 1) for n in section.free}
        for number, item in section.objects.items():
            if number not in packed:
                rows[number] = self.write_object(number, item)
        hidden = self.object_streams({n: section.objects[n] for n in sorted(packed)})
        trailer = dict(section.trailer)
        if self.previous is not None:
            trailer["Prev"] = self.previous
        # Updates need not list object 0, but pypdf doubts tables that begin elsewhere.
        rows[0] = _Entry(0, 0, 65535)
        if section.kind == "stream":
            at = self.xref_stream_object(rows | hidden, trailer)
        else:
            if section.kind == "hybrid":
                trailer["XRefStm"] = self.xref_stream_object(hidden, {"Root": trailer["Root"]})
                if self.hidden_freed:
                    rows |= {n: _Entry(0, 0, 0) for n in hidden}
            at = self.position()
            self.out += _table(_link_free(rows)) + b"trailer\n"
            self.out += syntax({"Size": self.size} | trailer) + b"\n"
        self.out += b"startxref\n%d\n%%%%EOF\n" % at
        self.previous = at

    def position(self) -> int:
        return self.start + len(self.out)

    def new_number(self) -> int:
        self.size += 1
        return self.size - 1

    def write_object(self, number: int, item: Item) -> _Entry:
        entry = _Entry(1, self.position(), item.generation)
        security = None if item.exposed else self.security

        def encrypt(data: bytes) -> bytes:
            assert security is not None
            return security.encrypt(data, number, item.generation)

        cipher = encrypt if security else None
        content = body(item.value, cipher, cipher)
        self.out += b"%d %d obj\n" % (number, item.generation) + content + b"\nendobj\n"
        return entry

    def object_streams(self, items: Mapping[int, Item]) -> dict[int, _Entry]:
        """Write the objects into object streams; their rows and those of the streams."""
        rows: dict[int, _Entry] = {}
        numbers = list(items)
        for begin in range(0, len(numbers), _PER_OBJECT_STREAM):
            group = numbers[begin : begin + _PER_OBJECT_STREAM]
            bodies = [body(items[number].value) for number in group]
            offsets = [sum(len(b) + 1 for b in bodies[:index]) for index in range(len(bodies))]
            index = b" ".join(b"%d %d" % pair for pair in zip(group, offsets, strict=True)) + b" "
            stream = Stream(
                {"Type": Name("ObjStm"), "N": len(group), "First": len(index)},
                index + b" ".join(bodies),
                compress=True,
            )
            container = self.new_number()
            rows[container] = self.write_object(container, Item(stream))
            rows |= {number: _Entry(2, container, at) for at, number in enumerate(group)}
        return rows

    def xref_stream_object(self, rows: Mapping[int, _Entry], trailer: dict[str, Value]) -> int:
        number, at = self.new_number(), self.position()
        listed = _link_free({**rows, number: _Entry(1, at, 0)})
        triples = {n: (e.kind, e.second, e.third) for n, e in listed.items()}
        stream = xref_stream(triples, {"Size": self.size} | trailer, predictor=self.predictor)
        self.write_object(number, Item(stream, exposed=True))
        return at


def _packable(item: Item) -> bool:
    return not (isinstance(item.value, Stream) or item.generation or item.exposed)


def xref_stream(
    rows: Mapping[int, tuple[int, int, int]],
    trailer: Mapping[str, Value],
    *,
    predictor: bool = True,
) -> Stream:
    """A cross-reference stream listing the rows (type and two fields, by object number)."""
    runs = _runs(rows)
    packed = [
        struct.pack(">BIH", *rows[number])
        for first, count in runs
        for number in range(first, first + count)
    ]
    entries: dict[str, Value] = {"Type": Name("XRef")} | dict(trailer)
    entries |= {"W": [1, 4, 2], "Index": [value for run in runs for value in run]}
    if predictor:
        entries["DecodeParms"] = {"Predictor": 12, "Columns": 7}
        above = [bytes(7), *packed]
        packed = [
            b"\2" + bytes((now - before) & 255 for now, before in zip(row, up, strict=True))
            for row, up in zip(packed, above, strict=False)
        ]
    return Stream(entries, b"".join(packed), compress=True)


def _table(rows: Mapping[int, _Entry]) -> bytes:
    out = bytearray(b"xref\n")
    for first, count in _runs(rows):
        out += b"%d %d\n" % (first, count)
        for number in range(first, first + count):
            row = rows[number]
            out += b"%010d %05d %s \n" % (row.second, row.third, b"n" if row.kind else b"f")
    return bytes(out)


def _runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Consecutive numbers as (first, count)."""
    runs: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if runs and sum(runs[-1]) == number:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((number, 1))
    return runs


def _link_free(rows: Mapping[int, _Entry]) -> dict[int, _Entry]:
    """Free entries form a ring: each names the next, the last one object 0 (7.5.4)."""
    free = sorted(number for number, row in rows.items() if row.kind == 0)
    following = dict(zip(free, [*free[1:], 0], strict=False))
    return {
        number: attrs.evolve(row, second=following[number]) if row.kind == 0 else row
        for number, row in rows.items()
    }

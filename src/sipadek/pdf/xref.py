"""Where a PDF's objects are: cross-reference tables and streams, read only where they are asked.

ISO 32000-2, 7.5.4 to 7.5.8. A table of 100,000 entries is a slice of the file until one of its entries
is looked up; a cross-reference stream is inflated once and its predictor undone only for the row wanted.
"""

from __future__ import annotations

import re
import zlib
from functools import cached_property
from itertools import accumulate
from typing import Protocol

import attrs

from sipadek.errors import BrokenPdf, LimitExceeded
from sipadek.pdf.objects import Dictionary, Ref
from sipadek.pdf.spans import Spans
from sipadek.pdf.syntax import (
    Buffer,
    read_array,
    read_dictionary,
    read_integer,
    skip_space,
)

MAX_SECTIONS = 4096
"""Most cross-reference sections (that is, revisions) that are followed."""
MAX_ROWS = 128 * 1024 * 1024
"""Most bytes that a file's cross-reference streams may inflate to, together."""
_MAX_PREDICTED = 16 * 1024 * 1024
"""Most bytes that a predictor is undone for, one by one: a few seconds."""
MAX_GENERATION = 65_535
"""Highest generation number (ISO 32000-2, 7.5.4)."""
MAX_OBJECTS = 8_388_607
"""Highest object number that is accepted (ISO 32000-1, annex C)."""

_OBJECT = re.compile(
    rb"[\x00\t\n\x0c\r ]*(\d{1,10})[\x00\t\n\x0c\r ]+(\d{1,5})[\x00\t\n\x0c\r ]+obj"
)
_SUBSECTION = re.compile(
    rb"[\x00\t\n\x0c\r ]*(\d{1,10})[\x00\t\n\x0c\r ]+(\d{1,10})[^\S\r\n]*\r?\n?"
)
_ENTRY = re.compile(
    rb"[\x00\t\n\x0c\r ]*(\d{1,10})[\x00\t\n\x0c\r ]+(\d{1,5})[\x00\t\n\x0c\r ]+([nf])"
)
_EXACT_ENTRY = re.compile(rb"(\d{10}) (\d{5}) ([nf])[\r\n ]{2}")
_STREAM = re.compile(rb"stream(\r\n|\n|\r)")


def _sound(_: Plain, __: attrs.Attribute[int], value: int) -> None:
    if value > MAX_GENERATION:
        raise BrokenPdf(f"an object of the PDF has the generation {value}, above {MAX_GENERATION}")


@attrs.frozen
class Plain:
    """The object stands in the file at ``offset`` (bytes, as the file counts them).

    Raises BrokenPdf for a generation that no cross-reference can hold.
    """

    offset: int
    generation: int = attrs.field(validator=_sound)


@attrs.frozen
class Compressed:
    """The object is number ``index`` of the object stream ``container``."""

    container: int
    index: int


@attrs.frozen
class Free:
    """The number is not in use."""


Entry = Plain | Compressed | Free


class Section(Protocol):
    """One cross-reference section, newest information first in a chain of them."""

    @property
    def trailer(self) -> Dictionary:
        """Its trailer dictionary."""
        ...

    def lookup(self, number: int) -> Entry | None:
        """The entry of an object number, or None where this section has none."""

    def end(self) -> int:
        """One more than the highest object number here."""

    def numbers(self) -> list[int]:
        """Every object number here."""


@attrs.frozen
class Table:
    """A classic table: (first number, count, position of its first entry) for each subsection."""

    data: Buffer
    trailer: Dictionary
    subsections: tuple[tuple[int, int, int], ...]

    @cached_property
    def _spans(self) -> Spans:
        return Spans([(first, count) for first, count, _ in self.subsections])

    def lookup(self, number: int) -> Entry | None:
        which = self._spans.find(number)
        if which is None:
            return None
        first, _, position = self.subsections[which]
        return _exact_entry(self.data, position + 20 * (number - first), number)

    def end(self) -> int:
        return max((first + count for first, count, _ in self.subsections), default=0)

    def numbers(self) -> list[int]:
        return [n for first, count, _ in self.subsections for n in range(first, first + count)]


@attrs.frozen
class Listed:
    """A section held as a mapping: an odd table, or one rebuilt from the objects themselves."""

    trailer: Dictionary
    entries: dict[int, Entry]

    def lookup(self, number: int) -> Entry | None:
        return self.entries.get(number)

    def end(self) -> int:
        return max(self.entries, default=-1) + 1

    def numbers(self) -> list[int]:
        return list(self.entries)


@attrs.frozen
class Rows:
    """A cross-reference stream. With ``up``, rows still carry the PNG 'Up' predictor: the value of a
    byte is then the sum of its column so far, which is cheap to take for the one row wanted."""

    trailer: Dictionary
    rows: bytes
    widths: tuple[int, int, int]
    index: tuple[tuple[int, int], ...]
    up: bool

    @cached_property
    def _spans(self) -> Spans:
        return Spans(self.index)

    @cached_property
    def _before(self) -> list[int]:
        return list(accumulate((count for _, count in self.index), initial=0))

    def lookup(self, number: int) -> Entry | None:
        which = self._spans.find(number)
        if which is None:
            return None
        return self._entry(self._before[which] + number - self.index[which][0])

    def _entry(self, row: int) -> Entry | None:
        size = sum(self.widths)
        stride = size + self.up
        if (row + 1) * stride > len(self.rows):
            return None
        if self.up:
            stop = (row + 1) * stride
            raw = bytes(sum(self.rows[k:stop:stride]) & 0xFF for k in range(1, stride))
        else:
            raw = self.rows[row * stride : (row + 1) * stride]
        w0, w1, _ = self.widths
        kind = int.from_bytes(raw[:w0], "big") if w0 else 1
        second, third = (
            int.from_bytes(raw[w0 : w0 + w1], "big"),
            int.from_bytes(raw[w0 + w1 :], "big"),
        )
        match kind:
            case 0:
                return Free()
            case 1:
                return Plain(second, third)
            case 2:
                return Compressed(second, third)
        return None

    def end(self) -> int:
        return max((first + count for first, count in self.index), default=0)

    def numbers(self) -> list[int]:
        stride = sum(self.widths) + self.up
        left = len(self.rows) // stride if stride else 0
        numbers: list[int] = []
        for first, count in self.index:  # which may claim more rows than there are
            numbers += range(first, first + min(count, left))
            left -= min(count, left)
        return numbers


def inflate(data: bytes, limit: int) -> bytes:
    """zlib data, as far as it goes. Raises LimitExceeded past ``limit`` bytes."""
    inflater = zlib.decompressobj()
    try:
        out = inflater.decompress(data, limit + 1)
    except zlib.error as error:
        raise BrokenPdf(f"compressed data in the PDF is damaged: {error}") from None
    if len(out) > limit:
        raise LimitExceeded(f"a stream of the PDF inflates to more than {limit} bytes")
    return out


def object_at(data: Buffer, position: int) -> tuple[Ref, int]:
    """Number and generation of the object that begins at ``position``, and where its value begins."""
    match = _OBJECT.match(data, position) if 0 <= position < len(data) else None
    if match is None:
        raise BrokenPdf(f"no object at byte {position}; the cross-reference is wrong")
    return Ref(int(match[1]), int(match[2])), skip_space(data, match.end())


def raw_stream(data: Buffer, position: int, length: int | None) -> bytes:
    """The undecoded bytes of a stream whose dictionary ended at ``position``.

    ``length`` is its resolved /Length, or None; where it is wrong, ``endstream`` is looked for.
    """
    match = _STREAM.match(data, skip_space(data, position))
    if match is None:
        raise BrokenPdf(f"expected a stream at byte {position}")
    start = match.end()
    if length is not None and 0 <= length <= len(data) - start:
        tail = data[start + length : start + length + 20].lstrip(b"\x00\t\n\x0c\r ")
        if tail.startswith(b"endstream"):
            return bytes(data[start : start + length])
    end = data.find(b"endstream", start)
    if end < 0:
        raise BrokenPdf(f"the stream at byte {start} does not end")
    return bytes(data[start:end])


def undo_predictor(data: bytes, parameters: Dictionary) -> bytes:
    """The data before its PNG predictor (ISO 32000-2, 7.4.4.4); unchanged where there is none."""
    predictor = read_integer(parameters.get(b"Predictor")) or 1
    if predictor == 1:
        return data
    if len(data) > _MAX_PREDICTED:
        raise LimitExceeded(f"a predictor is used on more than {_MAX_PREDICTED} bytes")
    size = read_integer(parameters.get(b"Columns")) or 1
    if (read_integer(parameters.get(b"Colors")) or 1) != 1 or not 1 <= size <= 65536:
        raise BrokenPdf(f"a predictor with {size} columns or several colours is not supported here")
    if predictor == 2:  # TIFF: each byte is the difference from the one at its left
        rows = (data[start : start + size] for start in range(0, len(data), size))
        return bytes(total & 0xFF for row in rows for total in accumulate(row))
    above = bytearray(size)
    out = bytearray()
    for start in range(0, len(data), size + 1):
        row = bytearray(data[start + 1 : start + 1 + size].ljust(size, b"\x00"))
        _undo_row(data[start], row, above)
        out += row
        above = row
    return bytes(out)


def _undo_row(kind: int, row: bytearray, above: bytearray) -> None:
    for i in range(len(row)):
        left = row[i - 1] if i else 0
        if kind == 1:
            add = left
        elif kind == 2:
            add = above[i]
        elif kind == 3:
            add = (left + above[i]) // 2
        elif kind == 4:
            add = _paeth(left, above[i], above[i - 1] if i else 0)
        else:
            add = 0
        row[i] = (row[i] + add) & 0xFF


def _paeth(left: int, up: int, corner: int) -> int:
    estimate = left + up - corner
    return min((left, up, corner), key=lambda c: abs(estimate - c))


def read_table(data: Buffer, position: int) -> Section:
    """The table whose keyword ``xref`` ended at ``position``, with its trailer."""
    subsections = []
    exact = True
    while match := _SUBSECTION.match(data, position):
        first, count = int(match[1]), int(match[2])
        start = match.end()
        if first + count > MAX_OBJECTS + 1:
            raise LimitExceeded(f"the PDF claims {first + count} objects, more than {MAX_OBJECTS}")
        end = start + 20 * count
        if count and not (
            _EXACT_ENTRY.match(data, start)
            and _EXACT_ENTRY.match(data, end - 20)
            and not _ENTRY.match(data, end)
        ):
            exact = False
            break
        subsections.append((first, count, start))
        position = end
    if not exact:
        return _read_odd_table(data, subsections, position)
    return Table(data, _trailer(data, position), tuple(subsections))


def _exact_entry(data: Buffer, position: int, number: int) -> Entry:
    match = _EXACT_ENTRY.match(data, position)
    if match is None:
        raise BrokenPdf(f"the cross-reference entry of object {number} is damaged")
    return Free() if match[3] == b"f" else Plain(int(match[1]), int(match[2]))


def _read_odd_table(data: Buffer, before: list[tuple[int, int, int]], position: int) -> Section:
    """A table whose entries are not twenty bytes each."""
    entries: dict[int, Entry] = {}
    for first, count, start in reversed(before):  # of two entries the first counts
        for number in range(first, first + count):
            entries[number] = _exact_entry(data, start + 20 * (number - first), number)
    while match := _SUBSECTION.match(data, position):
        position = match.end()
        for number in range(int(match[1]), int(match[1]) + int(match[2])):
            line = _ENTRY.match(data, position)
            if line is None:
                raise BrokenPdf(f"the cross-reference entry of object {number} is damaged")
            used = line[3] == b"n"
            entries[number] = Plain(int(line[1]), int(line[2])) if used else Free()
            position = line.end()
    return Listed(_trailer(data, position), entries)


def _trailer(data: Buffer, position: int) -> Dictionary:
    position = skip_space(data, position)
    if data[position : position + 7] != b"trailer":
        raise BrokenPdf(f"expected the trailer at byte {position}")
    return read_dictionary(data, position + 7)[0]


def read_xref_stream(data: Buffer, position: int) -> Section:
    """The cross-reference stream object at ``position``."""
    _, start = object_at(data, position)
    trailer, end = read_dictionary(data, start)
    if trailer.get(b"Type") != b"/XRef":
        raise BrokenPdf(f"the object at byte {position} is no cross-reference stream")
    rows = raw_stream(data, end, read_integer(trailer.get(b"Length")))
    widths = [read_integer(w) for w in read_array(trailer.get(b"W", b"[]"))]
    if len(widths) != 3 or any(w is None or not 0 <= w <= 8 for w in widths):
        raise BrokenPdf("the cross-reference stream's /W is damaged")
    w = (widths[0] or 0, widths[1] or 0, widths[2] or 0)
    rows, up = _decode_rows(rows, trailer, sum(w))
    return Rows(trailer, rows, w, _stream_index(trailer), up)


def _decode_rows(rows: bytes, trailer: Dictionary, size: int) -> tuple[bytes, bool]:
    filters, parameters = stream_filters(trailer)
    if filters == []:
        return rows, False
    if filters != [b"/FlateDecode"]:
        raise BrokenPdf("the cross-reference stream uses an unusual filter")
    rows = inflate(rows, MAX_ROWS)
    stride = size + 1
    whole = len(rows) // stride
    png = (read_integer(parameters.get(b"Predictor")) or 1) >= 10
    up = png and rows[0 : whole * stride : stride].count(2) == whole
    if up and read_integer(parameters.get(b"Columns")) == size:
        return rows, True
    return undo_predictor(rows, parameters), False


def stream_filters(dictionary: Dictionary) -> tuple[list[bytes], Dictionary]:
    """The filter names of a stream, and the parameters of the last one. Direct values only."""
    value = dictionary.get(b"Filter", dictionary.get(b"F", b"[]"))
    filters = read_array(value) if value.startswith(b"[") else [value]
    parameters = dictionary.get(b"DecodeParms", dictionary.get(b"DP", b"<<>>"))
    if parameters.startswith(b"["):
        parameters = (read_array(parameters) or [b"<<>>"])[-1]
    short = {b"/Fl": b"/FlateDecode", b"/A85": b"/ASCII85Decode"}
    filters = [short.get(f, f) for f in filters if f != b"null"]
    if not parameters.startswith(b"<<"):
        parameters = b"<<>>"
    return filters, read_dictionary(parameters)[0]


def _stream_index(trailer: Dictionary) -> tuple[tuple[int, int], ...]:
    size = read_integer(trailer.get(b"Size")) or 0
    numbers = [read_integer(n) for n in read_array(trailer.get(b"Index", b"[0 %d]" % size))]
    if len(numbers) % 2 or any(n is None or not 0 <= n <= MAX_OBJECTS + 1 for n in numbers):
        raise BrokenPdf("the cross-reference stream's /Index is damaged")
    whole = [n or 0 for n in numbers]
    return tuple(zip(whole[::2], whole[1::2], strict=True))


def read_section(data: Buffer, position: int) -> Section:
    """The section at ``position``: a table or a stream."""
    if not 0 <= position < len(data):
        raise BrokenPdf(f"the cross-reference is said to be at byte {position}, outside the file")
    position = skip_space(data, position)
    if data[position : position + 4] == b"xref":
        return read_table(data, position + 4)
    return read_xref_stream(data, position)

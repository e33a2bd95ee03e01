"""Lines of CSV in the dialects and encodings that spreadsheets write."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from sipadek.books.csv_file import unguarded
from sipadek.errors import InvalidInput

_UTF8_SEQUENCE: Final = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")


def csv_lines(text: str, delimiter: str) -> Iterator[tuple[int, Sequence[Any]]]:
    """The records with the line on which each begins; guards against formulas are taken away. Raises
    InvalidInput where quotes do not close."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise InvalidInput(
                f"line {line} cannot be read as CSV ({error}); look for a quote that is not closed, "
                "and write quotes inside of texts twice",
                line=line,
            ) from error
        if cells is None:
            return
        yield line, [unguarded(cell) for cell in cells]


def decoded(data: bytes, encoding: str = "") -> str:
    """The text of a file: by default UTF-8 (or UTF-16 with its mark), else Windows-1252. Raises
    InvalidInput where the encoding is in doubt."""
    for mark, name in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16")):
        if data.startswith(mark) and not encoding:
            encoding = name
    if encoding:
        return _by(encoding, data)
    with contextlib.suppress(UnicodeDecodeError):
        return data.decode()
    if _UTF8_SEQUENCE.search(data):
        raise InvalidInput(
            "the file is UTF-8 in some places and not in others; save it anew as UTF-8, or say "
            "which encoding it has, such as encoding='cp1252'"
        )
    return _by("cp1252", data)


def _by(encoding: str, data: bytes) -> str:
    try:
        return data.decode(encoding)
    except LookupError:
        raise InvalidInput(
            f"encoding {encoding!r} is not known; use 'utf-8' or 'cp1252'", encoding=encoding
        ) from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidInput(
            f"line {line} holds bytes that are no {encoding} text; save the file as UTF-8",
            line=line,
            encoding=encoding,
        ) from error

"""Reading the pages on which filing found no text, behind the back of filing.

Filing queues such pages in the register and goes on. Here they are read from the letter's original,
some at a time: what was read is on record before the next ones are begun, so an interruption, of
whatever kind, costs those alone.
"""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final, Protocol

import attrs

from sipadek.archive import Letter, ObjectStore
from sipadek.errors import SipadekError
from sipadek.office.alone import alone
from sipadek.office.parts import FilePart
from sipadek.office.receiving import CHUNK
from sipadek.pdf import scan_page_apart
from sipadek.sql import Register
from sipadek.sql.recognition import Recognised

PAGES_AT_ONCE: Final = 8
"""Pages of a letter that are put on record together."""


class PageRecogniser(Protocol):
    """What reads the text on a picture of a page, such as `sipadek.text.Tesseract`.

    ``name`` says what it is, with version and language: it stands in the log. ``read`` raises a
    SipadekError where a picture cannot be read, and gives '' where there is nothing to read.
    """

    @property
    def name(self) -> str: ...

    def read(self, picture: Path, *, dpi: int) -> str: ...


@attrs.frozen(kw_only=True)
class Recognition:
    """How many pages were ``recognised``, how many had nothing to read (``empty``), how many could not
    be read (``failed``), how many are still ``waiting``, and what read them (``recogniser``)."""

    recognised: int
    empty: int
    failed: int
    waiting: int
    recogniser: str


def recognise(
    register: Register,
    store: ObjectStore,
    recogniser: PageRecogniser,
    *,
    clock: Callable[[], datetime.datetime],
    lock: Path,
    limit: int | None = None,
    again: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Recognition:
    """See `Office.recognise`. ``lock`` is a file that one process at a time holds."""
    unlike = recogniser.name if again else None
    tally = {"recognised": 0, "empty": 0, "failed": 0}
    with alone(lock, "recognising this office's pages"):
        due = register.unrecognised(unlike=unlike)
        total = due if limit is None else min(limit, due)
        after, done = (0, 0), 0
        while done < total:
            most = min(PAGES_AT_ONCE, total - done)
            work = register.next_unrecognised(after=after, limit=most, unlike=unlike)
            if work is None:
                break
            position, letter, pages = work
            found = list(_read(store, recogniser, letter, pages))
            register.record_recognised(position, found, recogniser=recogniser.name, at=clock())
            for one in found:
                tally[_kind(one)] += 1
            after, done = (position, pages[-1]), done + len(pages)
            if progress is not None:
                progress(done, total)
        waiting = register.unrecognised()
    return Recognition(**tally, waiting=waiting, recogniser=recogniser.name)


def _read(
    store: ObjectStore, recogniser: PageRecogniser, letter: Letter, pages: tuple[int, ...]
) -> Iterator[Recognised]:
    """What is on these pages. The copies lie in staging files, which `recover` drops if need be."""
    with store.stage() as original, store.stage() as picture:
        try:
            with _original(store, letter) as source, original.path.open("wb") as target:
                shutil.copyfileobj(source, target, CHUNK)
        except SipadekError:  # the audit says what is wrong with it
            yield from (Recognised(page=page, text=None) for page in pages)
            return
        for page in pages:
            try:
                scan = scan_page_apart(original.path, page - 1, picture.path, password=None)
                text = "" if scan.white else recogniser.read(picture.path, dpi=scan.dpi)
            except SipadekError:
                yield Recognised(page=page, text=None)
            else:
                yield Recognised(page=page, text=text)


def _original(store: ObjectStore, letter: Letter) -> BinaryIO:
    file = store.open(letter.filed_digest)
    return FilePart.checked(file, letter.original_size, letter.original_digest)


def _kind(one: Recognised) -> str:
    if one.text is None:
        return "failed"
    return "recognised" if one.readable else "empty"

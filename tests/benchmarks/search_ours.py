"""sipadek's default engine in a search benchmark: the register, as an office uses it, without PDFs."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

from search_engines import Engine, Question, tree_megabytes
from search_letters import PATTERN, IndexLetter

import sipadek.search
from sipadek.archive import Filed, Letter, LetterDetails, ReservationRequest, Secrecy
from sipadek.engines import open_index
from sipadek.errors import SipadekError
from sipadek.ledger import CheckpointKey
from sipadek.numbering import Series
from sipadek.search import Sort, Viewer, understand
from sipadek.sql import Database, Register, letter_index

NAME = "bench"
SERIES = Series(code="surat", pattern=PATTERN, scope=("unit",))
EVERYTHING = Viewer()
_SECRECY = tuple(Secrecy)


class Ours(Engine):
    """Numbers are reserved first; what is measured puts letters on record as filed: their state, the
    signed event, the kept text and the index, in one transaction with an fsync."""

    kinds = ("term", "phrase", "and", "prefix", "permitted")
    # Sorting is asked for in the query's text, where this version knows it.
    if hasattr(sipadek.search, "Sort"):
        kinds = (*kinds, "newest")

    def __init__(self, folder: Path, dsn: str) -> None:
        folder.mkdir(exist_ok=True)
        pem = folder / "key.pem"
        if not pem.exists():
            pem.write_bytes(CheckpointKey.generate(NAME).to_pem())
        self._path = folder / "register.sqlite"
        self._database = Database(self._path, lock=folder / "lock")
        key = CheckpointKey.from_pem(pem.read_bytes(), NAME)
        self.register = Register(self._database, key=key, origin=NAME)
        self.register.define_series(SERIES)

    def reserve(self, batch: list[IndexLetter]) -> list[Filed]:
        reserved = self.register.reserve([_request(one) for one in batch])
        return [_filed(one, letter) for one, letter in zip(batch, reserved, strict=True)]

    def build(self, reserved: list[Filed]) -> None:
        self.register.issue(reserved)

    add = build

    def ask(self, question: Question) -> tuple[int, list[int]]:
        """What the peers tell: the total and the best 20, from the text that a person types."""
        text, viewer = _asked(question)
        asked = understand(text)
        sort = asked.sort or Sort.RELEVANCE
        with self._database.read() as connection:
            total, hits = letter_index.search(connection, asked.query, viewer, limit=20, sort=sort)
        return total, [position for position, _ in hits]

    def page(self, question: Question) -> int:
        """What an office shows: with the letters themselves and a snippet of each."""
        text, viewer = _asked(question)
        return self.register.search(text, viewer).total

    def ranked(self, text: str, *, any_word: bool = False, limit: int) -> list[int]:
        """As the register finds them; ``any_word`` is the peers' choice, and changes nothing."""
        try:
            found = self.register.search(text, EVERYTHING, limit=limit)
        except SipadekError:  # A query that is refused finds nothing.
            return []
        return [int(hit.letter.key) for hit in found.hits]

    def megabytes(self) -> float:
        with sqlite3.connect(self._path) as connection:
            (size,) = connection.execute(
                "SELECT sum(length(block)) FROM sipadek_letter_index_data"
            ).fetchone()
        return float(size) / 1e6

    def close(self) -> None:
        self._database.close()


class Beside(Ours):
    """An index beside the register. Letters are issued first; what is measured is that it follows:
    it reads them back from the register, analyses and commits them."""

    kinds = Engine.kinds
    name = ""

    def __init__(self, folder: Path, dsn: str) -> None:
        super().__init__(folder, dsn)
        self._folder = folder / "index"
        self._index = open_index(self.name, self._folder)

    def reserve(self, batch: list[IndexLetter]) -> list[Filed]:
        reserved = super().reserve(batch)
        self.register.issue(reserved)
        return reserved

    def build(self, reserved: list[Filed]) -> None:
        self.register.follow(self._index)

    add = build

    def ask(self, question: Question) -> tuple[int, list[int]]:
        text, viewer = _asked(question)
        sort = Sort.NEWEST if question.kind == "newest" else Sort.RELEVANCE
        query = understand(text).query
        total, hits = self._index.search(query, viewer, limit=20, sort=sort)
        return total, [position for position, _ in hits]

    def ranked(self, text: str, *, any_word: bool = False, limit: int) -> list[int]:
        try:
            found = self.register.search(text, EVERYTHING, limit=limit, index=self._index)
        except SipadekError:
            return []
        return [int(hit.letter.key) for hit in found.hits]

    def megabytes(self) -> float:
        return tree_megabytes(self._folder)


class BesideTantivy(Beside):
    """See `Beside`."""

    name = "tantivy"


class BesideWhoosh(Beside):
    """See `Beside`."""

    name = "whoosh"


def _asked(question: Question) -> tuple[str, Viewer]:
    text = " ".join(question.words)
    match question.kind:
        case "phrase":
            return f'"{text}"', EVERYTHING
        case "and":
            return f"{text} tahun:{question.year}", EVERYTHING
        case "prefix":
            return f"{text}*", EVERYTHING
        case "newest":
            return f"{text} urut:terbaru", EVERYTHING
        case "permitted":
            return text, Viewer(units=frozenset(question.units), clearance=Secrecy.TERBATAS)
        case _:
            return text, EVERYTHING


def _request(letter: IndexLetter) -> ReservationRequest:
    details = LetterDetails(
        series="surat",
        subject=letter.subject,
        date=letter.date,
        unit=letter.unit,
        classification=letter.code,
        kind=letter.kind,
        secrecy=_SECRECY[letter.secrecy],
    )
    digest = hashlib.sha256(letter.number.encode()).hexdigest()
    return ReservationRequest(key=str(letter.position), details=details, content=digest, size=1)


def _filed(letter: IndexLetter, reserved: Letter | SipadekError) -> Filed:
    if isinstance(reserved, SipadekError):
        raise reserved
    if reserved.number != letter.number:  # The peers index the number that the register gives.
        raise AssertionError(f"{reserved.number} was given where {letter.number} was expected")
    digest = hashlib.sha256(b"filed" + letter.number.encode()).hexdigest()
    return Filed(
        letter=reserved.id,
        digest=digest,
        size=2,
        signer="",
        pages=(letter.body,),
        extractor="bench",
    )

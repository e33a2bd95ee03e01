"""The year of a made-up city, put on record in an office: through the register, or filed as PDFs."""

from __future__ import annotations

import datetime
import hashlib
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from typing import Final, Protocol

import attrs

from sipadek.archive import Filed, Letter, LetterDetails, ReservationRequest
from sipadek.archive.legacy import LegacyKind, LegacyNumber
from sipadek.errors import InvalidInput, SipadekError
from sipadek.naskah import roman_month
from sipadek.numbering import Series
from sipadek.office import FileRequest, Office
from sipadek.signing import Signer
from sipadek.sql import Register
from sipadek.testing.city import City
from sipadek.testing.city_cases import CaseBook
from sipadek.testing.city_year import CityLetter, UnitYear, unit_year, working_days
from sipadek.testing.pdfs import PdfRecipe, build

__all__ = ["SERIES", "CityClock", "GivesNumbers", "Recorded", "record_numbers", "record_year"]

SERIES: Final = "surat"
"""The series that numbers all letters of the city; each unit has its own counter."""

_PATTERN: Final = "{kode}/{nomor:4}/{unit}/{bulan:romawi}/{tahun}"
_ACTOR: Final = "Pencatat Contoh"
_CLOSING: Final = datetime.time(9)  # UTC: 16.00 WIB.
_UNDATED: Final = 40  # One line of an older book in so many has no date.


@attrs.define
class CityClock:
    """The clock of an office in which a year passes: it says what it is set to."""

    now: datetime.datetime = datetime.datetime(2021, 1, 1, tzinfo=datetime.UTC)

    def __call__(self) -> datetime.datetime:
        return self.now


@attrs.define
class Recorded:
    """How many letters were put on record, by the way in which they came, and how many cases
    (dispositions and applications)."""

    signed: int = 0
    stamped: int = 0
    by_hand: int = 0
    imported: int = 0
    cases: int = 0

    @property
    def letters(self) -> int:
        """All letters."""
        return self.signed + self.stamped + self.by_hand + self.imported


Progress = Callable[[int, int], None]


def record_year(
    office: Office,
    city: City,
    *,
    clock: CityClock,
    share: float = 1.0,
    pdfs: bool = False,
    signer: Signer | None = None,
    executor: Executor | None = None,
    progress: Progress = lambda _, __: None,
) -> Recorded:
    """Put the city's year on record, day by day, in an ``office`` that was opened with ``clock``.

    ``share`` of its days are done. Without ``pdfs`` every letter is numbered and issued in the register,
    with the digest of a PDF that is not there. With them each one is a PDF that is stamped, or signed by
    ``signer``, and kept, on the ``executor`` if there is one. ``progress`` is called with days done and
    days in all.
    """
    if pdfs and signer is None:
        raise InvalidInput("letters that are filed as PDFs need a signer; give one", field="signer")
    years = [unit_year(city, unit, share=share) for unit in city.units]
    office.define_series(SERIES, _PATTERN, scope=["unit"])
    work = _Work(office, clock, signer if pdfs else None, executor)
    assert isinstance(office.numbers, Register)
    cases = CaseBook(office.numbers.cases, lambda unit: work.newest.get(unit, ""))
    cases.plan(years)
    letters = _by_day(years)
    days = sorted({*letters, *cases.days})
    if share < 1:  # What would be reported later is not yet.
        days = [day for day in days if day <= working_days(city, share=share)[-1]]
    books = {year.unit.code: _book(year) for year in years}
    for done, day in enumerate(days, 1):
        clock.now = datetime.datetime.combine(day, _CLOSING, datetime.UTC)
        for year in years:
            joined = year.unit.habits.joined
            if joined and joined <= day:
                work.take_over(year.unit.code, books)
        work.day([letter for letter in letters.get(day, ()) if letter.way != "imported"])
        cases.day(day)
        progress(done, len(days))
    work.recorded.cases = cases.opened
    for code in list(books):
        work.take_over(code, books)
    return work.recorded


class GivesNumbers(Protocol):
    """The numbers of an office, or on a server."""

    def define_series(self, series: Series, /, *, at: datetime.datetime) -> Series:
        """Define the series."""
        ...

    def give(
        self, requests: Sequence[ReservationRequest], /, *, at: datetime.datetime
    ) -> list[Letter | SipadekError]:
        """A number, or an error, for each."""
        ...


def record_numbers(numbers: GivesNumbers, city: City, *, share: float = 1.0) -> int:
    """Give the numbers of the city's year and nothing else, those of a day in one transaction; how many.
    For where no letters are kept, such as `sipadek.postgres`."""
    years = [unit_year(city, unit, share=share) for unit in city.units]
    keys = itertools.count()
    first = datetime.datetime(city.year, 1, 1, tzinfo=datetime.UTC)
    numbers.define_series(Series(code=SERIES, pattern=_PATTERN, scope=("unit",)), at=first)
    for _, letters in sorted(_by_day(years).items()):
        requests = [_request(letter, next(keys)) for letter in letters]
        _sound(numbers.give(requests, at=letters[0].at))
    return next(keys)


def _by_day(years: Sequence[UnitYear]) -> dict[datetime.date, list[CityLetter]]:
    days: defaultdict[datetime.date, list[CityLetter]] = defaultdict(list)
    for letter in itertools.chain.from_iterable(year.letters for year in years):
        days[letter.at.date()].append(letter)
    return days


def _book(year: UnitYear) -> list[LegacyNumber]:
    """The unit's older book: its numbers before it joined, some of them without a date."""
    code = year.unit.code
    lines = [letter for letter in year.letters if letter.way == "imported"]
    return [
        LegacyNumber(
            counter=f"unit={code};{letter.at.year}",
            sequence=n,
            line=n,
            kind=LegacyKind.NUMBER,
            number=_number(letter, n),
            date=None if n % _UNDATED == 0 else letter.at.date(),
            subject=letter.subject,
        )
        for n, letter in enumerate(lines, 1)
    ]


def _number(letter: CityLetter, n: int) -> str:
    at = letter.at
    return f"{letter.classification}/{n:04}/{letter.unit}/{roman_month(at.month)}/{at.year}"


@attrs.define
class _Work:
    """Puts letters on record, a day at a time."""

    office: Office
    clock: CityClock
    signer: Signer | None
    executor: Executor | None
    recorded: Recorded = attrs.Factory(Recorded)
    newest: dict[str, str] = attrs.Factory(dict)
    _keys: Iterator[int] = attrs.Factory(itertools.count)

    def take_over(self, unit: str, books: dict[str, list[LegacyNumber]]) -> None:
        """Import the unit's older book, once."""
        if book := books.pop(unit, []):
            self.office.numbers.import_legacy(
                SERIES, book, source=f"Buku agenda {unit}", actor=_ACTOR, at=self.clock.now
            )
            self.recorded.imported += len(book)

    def day(self, letters: Sequence[CityLetter]) -> None:
        """All letters of one day."""
        by_hand = [letter for letter in letters if letter.way == "by-hand"]
        made = [letter for letter in letters if letter.way != "by-hand"]
        if by_hand:
            requests = [_request(letter, next(self._keys)) for letter in by_hand]
            _sound(self.office.numbers.give(requests, at=self.clock.now))
        if self.signer is None:
            self._register(made)
        else:
            self._file([one for one in made if one.way == "signed"], self.signer)
            self._file([one for one in made if one.way == "stamped"], None)
        self.recorded.by_hand += len(by_hand)
        self.recorded.signed += sum(one.way == "signed" for one in made)
        self.recorded.stamped += sum(one.way == "stamped" for one in made)

    def _register(self, letters: Sequence[CityLetter]) -> None:
        register = self.office.numbers
        assert isinstance(register, Register)
        if not letters:
            return
        requests = [_request(letter, next(self._keys), content=True) for letter in letters]
        reserved = _sound(register.reserve(requests, at=self.clock.now))
        filed = [
            Filed(
                letter=entry.id,
                digest=hashlib.sha256(entry.id.encode()).hexdigest(),
                size=40_000,
                signer=f"CN=Pejabat {letter.unit} (CONTOH)" if letter.way == "signed" else "",
                pages=(letter.subject,),
                extractor="city",
            )
            for entry, letter in zip(reserved, letters, strict=True)
        ]
        self._note(register.issue(filed, at=self.clock.now))

    def _file(self, letters: Sequence[CityLetter], signer: Signer | None) -> None:
        requests = [
            FileRequest(
                source=build(PdfRecipe(texts=(_page(letter, n),))),
                series=SERIES,
                subject=letter.subject,
                unit=letter.unit,
                classification=letter.classification,
                kind=letter.kind,
                date=letter.at.date(),
                key=f"kota-{n}",
                actor=_ACTOR,
            )
            for letter, n in ((letter, next(self._keys)) for letter in letters)
        ]
        if requests:
            outcomes = self.office.file_many(requests, signer=signer, executor=self.executor)
            for outcome in outcomes:
                if outcome.letter is None:
                    raise outcome.error or AssertionError
                self._note([outcome.letter])

    def _note(self, letters: Sequence[Letter]) -> None:
        """Each unit's newest letter, for the applications that end with one."""
        self.newest.update((letter.details.unit, letter.id) for letter in letters)


def _request(letter: CityLetter, n: int, *, content: bool = False) -> ReservationRequest:
    key = f"kota-{n}"
    return ReservationRequest(
        key=key,
        details=LetterDetails(
            series=SERIES,
            subject=letter.subject,
            date=letter.at.date(),
            unit=letter.unit,
            classification=letter.classification,
            kind=letter.kind,
        ),
        content=hashlib.sha256(key.encode()).hexdigest() if content else "",
        size=30_000 if content else 0,
        actor=_ACTOR,
    )


def _page(letter: CityLetter, n: int) -> str:
    return f"{letter.subject}\nNaskah contoh {n} dari {letter.unit}, {letter.at:%d-%m-%Y}"


def _sound(outcomes: Sequence[Letter | SipadekError]) -> list[Letter]:
    for outcome in outcomes:
        if isinstance(outcome, SipadekError):
            raise outcome
    return [outcome for outcome in outcomes if isinstance(outcome, Letter)]

"""``kill -9`` while numbers are leased, held in stock, drawn, inserted and given at once."""

from __future__ import annotations

import contextlib
import datetime
import itertools
import random
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import attrs
from crew import Crew
from journal import Given, Journal, Told, told
from judge import Kept, Row, judge
from killing import WRITERS, await_moment
from places import NOW, Place, request

from sipadek.archive import Letter
from sipadek.errors import NotFound, NumberVoid, SipadekError
from sipadek.numbering import Series

HOUR = datetime.timedelta(hours=1)
DECREE = Series(code="keputusan", pattern="SK-{nomor}/{tahun}", insertion=".A")
STOCK = 3


class Served(Kept, Protocol):
    """Where numbers are, with a server or without."""

    def settle(self) -> None: ...


@attrs.frozen
class FilePlace(Place):
    """A register in a file: who is dead holds nothing."""

    def settle(self) -> None:
        pass


def killed(
    folder: Path,
    *,
    tries: int,
    chance: random.Random,
    new: Callable[[Path], Served] = FilePlace.new,
) -> Row:
    """What is asked for follows from the key. Whoever gets no answer is followed by another who asks
    the same, twice."""
    row = Row("kill-9-acts", f"{WRITERS} writers lease, hold, draw and insert numbers, SIGKILL")
    place = new(folder / "register")
    with place.opened(series=(DECREE,)):
        pass
    facts, known, retried = Told(), list[str](), 0
    for number in range(tries):
        journals = folder / f"round-{number}"
        journals.mkdir(parents=True)
        with Crew() as crew:
            for writer in range(WRITERS):
                to = journals / f"{writer}.journal"
                crew.start(_act, place, to, f"r{number}.w{writer}", chance.getrandbits(32))
            await_moment(journals, number, chance)
            crew.kill()
            row.expect_none("writers failed", crew.failed())
        now = told(journals)
        facts.given += now.given
        facts.other += now.other
        place.settle()
        verdict = judge(place, facts.given, known=known)
        known.append(verdict.checkpoint)
        row.add(verdict)
        again = _retry(place, now, {letter.key: letter for letter in verdict.letters}, row)
        facts.given += again.given
        facts.other += again.other
        retried += len(again.asked)
        row.tries += 1
    verdict = judge(place, facts.given, known=known)
    row.add(verdict)
    _check_held(facts, verdict.letters, row)
    row.acknowledged = len(facts.given) + STOCK * sum("held" in fact for fact in facts.other)
    kinds = {what for what, _ in map(_what, {one.key for one in facts.given})}
    row.expect("an act never came to its end", kinds >= {*_ACTS} - {"stock"})
    row.note = f"{retried} acts without an answer done again"
    return row


# --- the acts -------------------------------------------------------------------------------------


def _lease(numbers: Any, key: str) -> list[Letter]:
    return _reserve(numbers.reserve, attrs.evolve(_wanted(key), lease=HOUR))


def _stock(numbers: Any, key: str) -> list[Letter]:
    return list(numbers.stock(_wanted(key).details, STOCK, key=key, actor="Siti", at=NOW))


def _draw(numbers: Any, key: str) -> list[Letter]:
    return [numbers.draw(_wanted(key), at=NOW)]


def _insert(numbers: Any, key: str) -> list[Letter]:
    wanted = attrs.evolve(_wanted(key), actor="Siti")
    return [numbers.insert(wanted, reason="surat susulan", at=NOW)]


def _give(numbers: Any, key: str) -> list[Letter]:
    return _reserve(numbers.give, attrs.evolve(_wanted(key), content="", size=0))


_ACTS: dict[str, Callable[[Any, str], list[Letter]]] = {
    "lease": _lease,
    "stock": _stock,
    "draw": _draw,
    "insert": _insert,
    "give": _give,
}


def _what(key: str) -> tuple[str, Callable[[Any, str], list[Letter]]]:
    return list(_ACTS.items())[zlib.crc32(key.encode()) // 64 % len(_ACTS)]


def _wanted(key: str) -> Any:
    return request(key, series=DECREE.code)


def _reserve(give: Callable[..., list[Letter | SipadekError]], wanted: Any) -> list[Letter]:
    (outcome,) = give([wanted], at=NOW)
    if isinstance(outcome, SipadekError):
        raise outcome
    return [outcome]


def _do(numbers: Any, key: str, journal: Journal) -> list[Letter]:
    """Acknowledge what comes of it. There may be no stock, no number to insert after, and a lease
    may be over by the time of a retry."""
    what, act = _what(key)
    journal.ask([key])
    try:
        letters = act(numbers, key)
    except (NotFound, NumberVoid) as error:
        journal.tell(none=key, why=str(error))
        return []
    if what == "stock":
        held = [(one.counter, one.sequence, one.number) for one in letters]
        journal.tell(held=key, numbers=held)
    else:
        journal.give(letters)
    return letters


def _act(place: Served, to: Path, prefix: str, seed: int) -> None:
    journal, chance = Journal(to), random.Random(seed)
    with place.opened() as numbers:
        for call in itertools.count():
            _do(numbers, f"{prefix}.{call}", journal)
            if chance.random() < 0.05:
                numbers.expire(at=NOW + 2 * HOUR)


# --- afterwards -----------------------------------------------------------------------------------


def _retry(place: Served, now: Told, before: dict[str, Letter], row: Row) -> Told:
    """Do again what got no answer; the second time must give the same."""
    answered = {fact[name] for fact in now.other for name in ("held", "none") if name in fact}
    with _collected() as (journal, data), place.opened() as numbers:
        for key in now.unanswered:
            if key in answered:
                continue
            first, second = (_do(numbers, key, journal) for _ in range(2))
            same = [Given.of(one) for one in first] == [Given.of(one) for one in second]
            row.expect(f"the second retry of {key} gave another number", same)
            if key in before and first:
                kept = Given.of(before[key]) == Given.of(first[0])
                row.expect(f"the retry of {key} gave a second number", kept)
        return Told().read(data())


@contextlib.contextmanager
def _collected() -> Iterator[tuple[Journal, Callable[[], bytes]]]:
    """A journal that is read by this process."""
    with tempfile.TemporaryFile() as file:

        def data() -> bytes:
            file.seek(0)
            return file.read()

        yield Journal(file.fileno()), data


def _check_held(facts: Told, letters: tuple[Letter, ...], row: Row) -> None:
    """Numbers in stock: each still there, under whatever key it was drawn, and in one stock only."""
    kept = {(one.counter, one.sequence, one.number) for one in letters}
    stocks: dict[tuple[object, ...], set[object]] = {}
    for fact in facts.other:
        if "held" in fact:
            for place in fact["numbers"]:  # type: ignore[attr-defined]
                stocks.setdefault(tuple(place), set()).add(fact["held"])
    row.lost = (row.lost or 0) + len(stocks.keys() - kept)
    row.doubled = (row.doubled or 0) + sum(len(keys) > 1 for keys in stocks.values())
    row.expect("no number was held in stock", stocks)

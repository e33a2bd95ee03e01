"""The same operations leave the same bytes in the log as on SQLite."""

from __future__ import annotations

import datetime
import itertools
from pathlib import Path
from typing import Any

import pytest
from postgres_office import PostgresOffice
from sql_office import NOW, Office
from test_numbers import AGENDA, DAY, DECREE, HOUR, NUMBER, REPEAT, ask, book

from sipadek.archive import Letter, LetterDetails, ReservationRequest, Secrecy
from sipadek.numbering import Series
from sipadek.sql import rows

PARTS = Series(
    code="rumit",
    pattern="{kode}/{nomor:4}/{x.bidang}/{jabatan}/{bulan:romawi}/{tahun}",
    scope=("x.bidang",),
    restart="monthly",
    start=9998,
)


def rich(key: str, **more: Any) -> ReservationRequest:
    details = LetterDetails(
        series="rumit",
        subject='Undangan "rapat" 1111111111 \\ 2222222222 — ñ 😀\n\u2028%s {nomor}',
        date=DAY,
        unit="1111111111",
        classification="400.2222222222",
        kind=more.pop("kind", "1111111111"),
        secrecy=Secrecy.RAHASIA,
        post="1111111111",
        extra={"bidang": "2222222222"},
    )
    return ReservationRequest(key=key, details=details, **more)


def script(register: Any) -> list[Any]:
    """Every operation, single and in batches."""
    for series in (AGENDA, DECREE, PARTS, AGENDA):
        register.define_series(series, at=NOW)
    lines = book((1, NUMBER), (2, NUMBER), (2, REPEAT))
    register.import_legacy("agenda", lines, source="buku 2026", actor="T", at=NOW)
    said: list[Any] = [
        register.reserve([ask("a", actor="S", lease=HOUR)], at=NOW),
        register.reserve([ask("a", actor="S", lease=HOUR)], at=NOW),
        register.reserve([ask("pdf", content="ab" * 32, size=123)], at=NOW),
        *(register.reserve([rich(f"r{n}", actor='"\\ñ')], at=NOW) for n in range(5)),
        *(register.reserve([rich(f"n{n}", kind="nota")], at=NOW) for n in range(3)),
        register.reserve([rich(f"many {n}") for n in range(12)], at=NOW),
        register.reserve([ask("b"), ask("bad", unit="/"), ask("b"), ask("b", unit="C")], at=NOW),
        register.reserve([ask("bad", unit="/")], at=NOW),
        register.reserve([ask("none", series="tidak-ada")], at=NOW),
        register.reserve([ask("", unit="A")], at=NOW),
        register.give([ask("g1"), ask("g2", unit="B")], at=NOW),
        register.reserve_paper([ask("p1"), ask("p2", series="keputusan")], at=NOW),
        register.insert(ask("i", actor="S"), reason="susulan", at=NOW),
        register.insert(ask("j", actor="S"), reason="lagi", after="3/A/2026", at=NOW),
        register.stock(ask("", subject="Cadangan").details, 3, key="stok", actor="T", at=NOW),
        register.draw(ask("drawn", subject="Susulan", lease=HOUR), at=NOW),
        register.reserve([ask("late", lease=HOUR), ask("new")], at=NOW),
        register.reserve([ask("newer"), ask("a", actor="S", lease=HOUR)], at=NOW + HOUR),
        register.expire(at=NOW + HOUR),
    ]
    first = said[-8][0]  # g1
    said += [
        register.confirm([first.id, register.get("1/B/2026").id], at=NOW + HOUR),
        register.void(first.id, reason="salah", actor="S", at=NOW + HOUR),
        register.close_period(
            "agenda", "2026", reason="akhir", actor="S", at=NOW + HOUR, void_held=True
        ),
        register.reserve([ask("shut")], at=NOW + HOUR),
        register.reserve([ask("shut"), ask("b")], at=NOW + HOUR),
    ]
    register.reopen_period("agenda", "2026", reason="koreksi", actor="S", at=NOW + HOUR)
    said += [
        register.reserve([ask("shut")], at=NOW + 2 * HOUR),
        register.reserve([ask("next", date=datetime.date(2027, 1, 2))], at=NOW + HOUR),
        register.counters(),
        register.accounts(),
        register.all_series(),
        register.find_keys(["a", "b", "none"]),
    ]
    return said


def plain(outcome: Any) -> Any:
    if isinstance(outcome, Exception):
        return type(outcome), str(outcome)
    if isinstance(outcome, list | tuple) and not hasattr(outcome, "_fields"):
        return [plain(one) for one in outcome]
    return outcome


def test_the_bytes_are_those_of_sqlite(
    office: PostgresOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ids() -> None:
        # Of the first letters only the place counts, so that repeats and errors take none.
        counter = itertools.count()
        monkeypatch.setattr(rows, "new_id", lambda _: f"{next(counter):026d}")

    other = Office(tmp_path)
    ids()
    told = script(other.register)
    ids()
    mine = script(office.register)
    assert renamed(plain(mine), office.register) == renamed(plain(told), other.register)
    office.register.seal()
    sealed = [body for (body,) in office.sql("SELECT body FROM sipadek.event ORDER BY position")]
    wanted = list(other.register.events())
    assert len(wanted) > 50
    assert [with_places(body, office.register) for body in sealed] == [
        with_places(body, other.register) for body in wanted
    ]
    assert office.register.head().size == other.register.head().size
    assert office.findings() == []
    other.close()


def places(register: Any) -> dict[str, str]:
    return {letter.id: f"{n:026d}" for n, letter in enumerate(register.letters())}


def with_places(body: bytes, register: Any) -> str:
    text = body.decode()
    for id_, place in places(register).items():
        text = text.replace(f'"{id_}"', f'"#{place}"')
    return text


def renamed(outcome: Any, register: Any) -> str:
    text = repr(outcome)
    for id_, place in places(register).items():
        text = text.replace(f"'{id_}'", f"'#{place}'")
    return text


def test_a_letter_is_what_was_told_of_it(office: PostgresOffice) -> None:
    office.define(PARTS)
    for n in range(3):
        (letter,) = office.register.reserve([rich(f"r{n}", lease=HOUR)], at=NOW)
        assert isinstance(letter, Letter)
        assert office.register.get(letter.id) == letter
        fields = rows.number_fields(letter.details)
        assert letter.number == PARTS.render(letter.sequence, fields)

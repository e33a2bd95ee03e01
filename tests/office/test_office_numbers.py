"""Numbers of an office that have no PDF here live beside its letters."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest

import sipadek
from sipadek import State
from sipadek.archive import LetterDetails, ReservationRequest

Pdf = Callable[..., bytes]
DAY = datetime.timedelta(days=1)


def ask(key: str, **more: datetime.timedelta) -> ReservationRequest:
    details = LetterDetails(
        series="agenda", subject="Surat masuk", date=datetime.date(2026, 11, 24), unit="U"
    )
    return ReservationRequest(key=key, details=details, **more)


def test_held_numbers_outlive_the_tidying_up(folder: Path, letter_pdf: Pdf) -> None:
    now = [datetime.datetime(2026, 11, 24, 3, tzinfo=datetime.UTC)]
    with sipadek.open(folder, clock=lambda: now[0]) as office:
        office.define_series("agenda", "{nomor}/{tahun}")
        office.numbers.reserve([ask("held"), ask("leased", lease=3 * DAY)])
        office.numbers.stock(ask("").details, 2, key="stock", actor="T")
        office.numbers.give([ask("given")])
        now[0] += 2 * DAY
        recovered = office.recover()
        assert (recovered.completed, recovered.voided) == ((), ())
        now[0] += 2 * DAY
        (lapsed,) = office.recover().voided
        assert (lapsed.key, lapsed.state) == ("leased", State.VOID)
        letter = office.file(letter_pdf(), series="agenda", subject="Dengan PDF")
        assert letter.number == "6/2026"
        assert office.audit().clean
        with pytest.raises(sipadek.SipadekError, match="no filed PDF"):
            office.original("5/2026")


def test_a_letter_is_filed_with_a_post_and_own_fields(folder: Path, letter_pdf: Pdf) -> None:
    with sipadek.open(folder) as office:
        office.define_series("surat", "{nomor}/{jabatan}/{x.bidang}/{tahun}", scope=("post",))
        letter = office.file(
            letter_pdf(),
            series="surat",
            subject="Undangan",
            post="CAMAT",
            extra={"bidang": "PEM"},
            date=datetime.date(2026, 11, 24),
            actor="loket 3",
        )
        assert letter.number == "1/CAMAT/PEM/2026"
        assert office.get(letter.number) == letter
        assert letter.actor == "loket 3"
        assert office.audit().clean

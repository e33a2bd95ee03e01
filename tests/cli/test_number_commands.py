"""give, confirm, insert, stock, draw, close, reopen, account."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Run

AGENDA = ("--series", "agenda", "--unit", "U", "--date", "2026-11-03")


@pytest.fixture
def agenda(run: Run, tmp_path: Path) -> Path:
    folder = tmp_path / "agenda"
    assert run("init", folder).code == 0
    from sipadek import open as open_office

    with open_office(folder) as office:
        office.define_series("agenda", "{nomor}/{unit}/{tahun}", scope=["unit"], insertion=".A")
    return folder


def test_a_number_is_given_and_the_same_key_is_the_same_number(run: Run, agenda: Path) -> None:
    ask = ("give", agenda, *AGENDA, "--subject", "Surat masuk", "--key", "a")
    for _ in range(2):
        ran = run(*ask)
        assert (ran.code, ran.err) == (0, "")
        assert ran.rows == [["1/U/2026", "issued", "2026-11-03", "Surat masuk"]]
    other = run("give", agenda, *AGENDA, "--subject", "Lain", "--key", "a")
    assert other.code == 1
    assert "belongs to the number 1/U/2026" in other.err


def test_a_held_number_is_confirmed(run: Run, agenda: Path) -> None:
    ran = run("give", agenda, *AGENDA, "--subject", "S", "--key", "a", "--hold", "24", "--json")
    (letter,) = ran.value["letters"]
    assert letter["state"] == "reserved"
    assert letter["expires_at"] is not None
    assert run("confirm", agenda, letter["id"]).rows[0][:2] == ["1/U/2026", "issued"]
    assert "Held until" in run("show", agenda, "1/U/2026").out


def test_a_number_is_put_in(run: Run, agenda: Path) -> None:
    run("give", agenda, *AGENDA, "--subject", "S", "--key", "a")
    ask = ("insert", agenda, *AGENDA, "--subject", "Susulan", "--key", "b", "--actor", "Sekretaris")
    ran = run(*ask, "--reason", "surat tertinggal")
    assert ran.rows == [["1.A/U/2026", "reserved", "2026-11-03", "Susulan"]]
    assert run(*ask, "--reason", " ").code == 2


def test_a_stock_is_held_and_drawn(run: Run, agenda: Path) -> None:
    ran = run("stock", agenda, "2", *AGENDA, "--key", "s", "--actor", "Tata usaha")
    assert [row[0] for row in ran.rows] == ["1/U/2026", "2/U/2026"]
    ran = run("draw", agenda, *AGENDA, "--subject", "Terlambat", "--key", "a")
    assert ran.rows == [["1/U/2026", "reserved", "2026-11-03", "Terlambat"]]


def test_a_year_is_closed_and_opened_again(run: Run, agenda: Path) -> None:
    why = ("--reason", "akhir tahun", "--actor", "Sekretaris")
    run("give", agenda, *AGENDA, "--subject", "S", "--key", "a", "--hold", "1")
    refused = run("close", agenda, "agenda", "2026", *why)
    assert refused.code == 2
    assert "still held" in refused.err
    assert "numbers made void: 1" in run("close", agenda, "agenda", "2026", *why, "--void-held").out
    closed = run("give", agenda, *AGENDA, "--subject", "S", "--key", "b", "--json")
    assert closed.code == 1
    assert closed.value["error"]["code"] == "period-closed"
    assert run("reopen", agenda, "agenda", "2026", *why).code == 0
    assert run("give", agenda, *AGENDA, "--subject", "S", "--key", "b").code == 0


def test_every_number_is_accounted_for(run: Run, agenda: Path) -> None:
    run("give", agenda, *AGENDA, "--subject", "S", "--key", "a")
    run("void", agenda, "1/U/2026", "--reason", "salah")
    ran = run("account", agenda)
    assert ran.code == 0
    assert ran.rows[0] == ["agenda", "unit=U;2026", "1", "1", "0", "0", "0", "1", "0", "none"]
    assert ran.rows[-1] == ["void", "1/U/2026", "", "salah"]
    (account,) = run("account", agenda, "agenda", "--json").value["accounts"]
    assert account["void"][0]["reason"] == "salah"
    assert account["missing"] == []


def test_options_that_cannot_be_are_told(run: Run, agenda: Path) -> None:
    ask = ("give", agenda, *AGENDA, "--subject", "S", "--key", "a")
    for wrong in (("--extra", "bidang"), ("--secrecy", "X"), ("--date", "3 November")):
        assert run(*ask, *wrong).code == 2
    assert run("give", agenda, "--series", "none", "--subject", "S", "--key", "a").code in (1, 2)

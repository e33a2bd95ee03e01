"""scorecard: the table, one unit, the letters behind a score, and the files."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest
from command_line import Run

import sipadek
from sipadek.archive import LetterDetails, ReservationRequest


@pytest.fixture
def used(run: Run, office: Path, tmp_path: Path) -> Path:
    """An office in which KEL-A gave three numbers; the file of units names KEL-B too."""
    with sipadek.open(office) as opened:
        requests = [
            ReservationRequest(
                key=f"k{n}",
                details=LetterDetails(
                    series="ket",
                    subject="Undangan",
                    date=datetime.datetime.now(datetime.UTC).date(),
                    unit="KEL-A",
                    classification="005",
                    kind="undangan",
                ),
            )
            for n in range(3)
        ]
        opened.numbers.give(requests)
    (tmp_path / "unit.toml").write_text(
        '[[unit]]\ncode = "KEL-A"\n[[unit]]\ncode = "KEL-B"\nname = "Kelurahan B"\n', "utf-8"
    )
    return office


def test_the_units_are_scored(run: Run, used: Path, tmp_path: Path) -> None:
    ran = run("scorecard", used, "--units", tmp_path / "unit.toml")
    assert ran.code == 0
    head, first, second = ran.out.splitlines()
    assert head.startswith("UNIT\tKIND\tCATEGORY\tSCORE")
    assert first.startswith("KEL-A\tKelurahan\tKurang\t1.")
    assert second.startswith("KEL-B\tKelurahan\tKurang\t1.00\tVolume, Ragam jenis")


def test_the_scores_are_one_document(run: Run, used: Path, tmp_path: Path) -> None:
    value = json.loads(run("scorecard", used, "--units", tmp_path / "unit.toml", "--json").out)
    assert [each["code"] for each in value["units"]] == ["KEL-A", "KEL-B"]
    one = json.loads(run("scorecard", used, "--unit", "KEL-A", "--behind", "direct", "--json").out)
    assert one["parts"][0]["facts"] == 3
    assert [each["way"] for each in one["behind"]] == ["by-hand"] * 3


def test_one_unit_is_told_part_by_part(run: Run, used: Path) -> None:
    ran = run("scorecard", used, "--unit", "KEL-A")
    assert "3 hanya nomornya, 0 dari buku lama, dari 3 naskah" in ran.out
    assert "\tmissed\t" in ran.out
    assert "KEL-A: Kurang, 1." in ran.out
    ran = run("scorecard", used, "--unit", "KEL-A", "--behind", "volume")
    assert "005/001/KEL-A/" in ran.out
    assert ran.out.endswith("3 behind it\n")
    assert run("scorecard", used, "--unit", "KEL-A", "--behind", "service").out == "0 behind it\n"


def test_page_and_table_are_written(run: Run, used: Path, tmp_path: Path) -> None:
    page, table = tmp_path / "n.html", tmp_path / "n.csv"
    ran = run("scorecard", used, "--html", page, "--csv", table, "--name", "Kota <Contoh>")
    assert ran.code == 0
    assert "Kota &lt;Contoh&gt;" in page.read_text("utf-8")
    assert table.read_text("utf-8-sig").splitlines()[1].startswith("KEL-A,")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--period", "2026-13"), "is not a period"),
        (("--period", "2999"), "has begun"),
        (("--behind", "signed"), "needs the --unit"),
        (("--unit", "KEL-Z"), "no unit 'KEL-Z'"),
        (("--unit", "KEL-A", "--behind", "cepat"), "no measure"),
        (("--units", "tidak-ada.toml"), "tidak-ada.toml"),
    ],
)
def test_what_cannot_be_scored_is_told(
    run: Run, used: Path, more: tuple[str, ...], said: str
) -> None:
    ran = run("scorecard", used, *more)
    assert ran.code != 0
    assert said in ran.err

"""Every kind of damage is named, and nothing else is."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sipadek
from sipadek.testing.authority import Authority
from sipadek.testing.pdfs import PdfRecipe, build

Pdf = Callable[..., bytes]


@pytest.fixture
def filled(office: sipadek.Office, letter_pdf: Pdf) -> list[sipadek.Letter]:
    return [
        office.file(letter_pdf(f"isi {i}"), series="ket", subject=f"Perihal {i}", unit="U")
        for i in range(4)
    ]


def _object(folder: Path, letter: sipadek.Letter) -> Path:
    path = folder / "objects" / letter.filed_digest[:2] / letter.filed_digest
    path.chmod(0o600)
    return path


def _codes(office: sipadek.Office) -> list[tuple[str, str]]:
    return [(finding.code, finding.subject) for finding in office.audit().findings]


def test_an_untouched_office_is_clean(office: sipadek.Office, filled: list[sipadek.Letter]) -> None:
    steps: list[tuple[int, int]] = []
    report = office.audit(progress=lambda done, total: steps.append((done, total)))
    assert report.clean
    assert (report.letters, report.objects) == (4, 4)
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_lost_object_is_named(
    office: sipadek.Office, folder: Path, filled: list[sipadek.Letter]
) -> None:
    _object(folder, filled[2]).unlink()
    assert _codes(office) == [("object-missing", filled[2].number)]


def test_swapped_objects_are_named(
    office: sipadek.Office, folder: Path, filled: list[sipadek.Letter]
) -> None:
    one, two = _object(folder, filled[0]), _object(folder, filled[1])
    held = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(held)
    assert _codes(office) == [("object-altered", letter.number) for letter in filled[:2]]


def test_a_truncated_object_is_named(
    office: sipadek.Office, folder: Path, filled: list[sipadek.Letter]
) -> None:
    os.truncate(_object(folder, filled[3]), filled[3].original_size - 1)
    assert _codes(office) == [("object-altered", filled[3].number)]


def test_an_object_that_cannot_be_read_is_named(
    office: sipadek.Office, folder: Path, filled: list[sipadek.Letter]
) -> None:
    path = _object(folder, filled[3])
    path.unlink()
    path.mkdir()  # not even root can read that
    assert _codes(office) == [("object-unreadable", filled[3].number)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sipadek_entry SET subject = 'lain' WHERE position = 2",
        "UPDATE sipadek_entry SET number = '099/U/2026' WHERE position = 2",
        "UPDATE sipadek_entry SET original_digest = filed_digest WHERE position = 2",
        "DELETE FROM sipadek_entry WHERE position = 2",
        "UPDATE sipadek_counter SET last = 9",
        "UPDATE sipadek_event SET body = CAST(body || x'20' AS BLOB) WHERE position = 3",
        "DELETE FROM sipadek_event WHERE position = (SELECT max(position) FROM sipadek_event)",
        "UPDATE sipadek_letter_text SET pages = 'diganti' WHERE position = 2",
        "UPDATE sipadek_series SET definition = replace(definition, '{nomor', '{nomor:9')",
    ],
)
def test_a_row_changed_by_sql_is_named(
    office: sipadek.Office, folder: Path, filled: list[sipadek.Letter], statement: str
) -> None:
    with sqlite3.connect(folder / "register.sqlite") as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(statement)
    connection.close()
    findings = office.audit().findings
    assert findings
    if "position = 2" in statement and "entry SET" in statement:
        assert any("002/U/2026" in f.subject + f.message for f in findings)


@pytest.fixture(scope="module")
def archived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes, str]:
    folder = tmp_path_factory.mktemp("arsip")
    with sipadek.open(folder) as office:
        office.define_series("ket", "{nomor:3}/{unit}/{tahun}", scope=["unit"])
        letter = office.file(build(PdfRecipe()), series="ket", subject="Perihal", unit="U")
        path = _object(folder, letter)
        return path, path.read_bytes(), letter.number


@given(data=st.data())
def test_any_flipped_byte_of_a_filed_pdf_is_named(
    archived: tuple[Path, bytes, str], data: st.DataObject
) -> None:
    path, whole, number = archived
    at = data.draw(st.integers(0, len(whole) - 1))
    flipped = bytearray(whole)
    flipped[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(flipped)
    try:
        with sipadek.open(path.parent.parent.parent) as office:
            assert [(f.code, f.subject) for f in office.audit().findings] == [
                ("object-altered", number)
            ]
    finally:
        path.write_bytes(whole)


def test_a_ledger_signed_by_another_key_is_refused(
    folder: Path,
    office: sipadek.Office,
    filled: list[sipadek.Letter],
    tmp_path: Path,
    authority: Authority,
) -> None:
    office.close()
    with sipadek.open(tmp_path / "lain"):
        pass
    for name in ("checkpoint.key", "checkpoint.pub"):
        (folder / "keys" / name).write_bytes((tmp_path / "lain" / "keys" / name).read_bytes())
    with pytest.raises(sipadek.SipadekError):
        sipadek.open(folder)

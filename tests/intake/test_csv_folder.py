"""A folder with a CSV: headings in their dialects, faults by line, nothing outside of the folder."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipadek.archive import Secrecy
from sipadek.errors import InvalidInput
from sipadek.intake import Fault, Incoming, read_csv_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "berkas").mkdir()
    (tmp_path / "berkas" / "a.pdf").write_bytes(b"%PDF")
    (tmp_path / "rahasia.pdf").write_bytes(b"%PDF")
    return tmp_path / "berkas"


def read(folder: Path, text: str, **more: object) -> list[Incoming | Fault]:
    table = folder / "daftar.csv"
    table.write_text(text, encoding="utf-8-sig")
    return [*read_csv_folder(table, **more)]  # type: ignore[arg-type]


def test_headings_are_known_in_the_words_of_offices(folder: Path) -> None:
    text = (
        "Berkas;No. Surat;Tgl Surat;Perihal;Dari;Kepada;Sifat;Kode Klasifikasi;Map\n"
        "a.pdf;470/12/2019;3 Maret 2019;Undangan;Camat;Lurah;Rahasia;470;12\n"
        ";13;2019-03-04;Tanpa berkas;;;;;\n"
        "\n"
    )
    one, two = read(folder, text, extra=["Map"])
    assert one == Incoming(
        key="a.pdf",
        place="line 2",
        date=datetime.date(2019, 3, 3),
        subject="Undangan",
        number="470/12/2019",
        sender="Camat",
        recipient="Lurah",
        classification="470",
        secrecy=Secrecy.RAHASIA,
        path=(folder / "a.pdf").resolve(),
        extra={"map": "12"},
    )
    assert isinstance(two, Incoming)
    assert (two.key, two.path, two.secrecy) == ("13", None, Secrecy.BIASA)


def test_columns_can_be_named(folder: Path) -> None:
    text = "Scan,Tanggal,Isi\na.pdf,1/2/2020,Laporan\n"
    (one,) = read(folder, text, columns={"file": "Scan", "subject": "Isi"})
    assert isinstance(one, Incoming)
    assert (one.subject, one.path) == ("Laporan", (folder / "a.pdf").resolve())


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("a.pdf,1,32/1/2020,x,", "calendar"),
        ("a.pdf,1,,x,", "no date"),
        ("a.pdf,1,2020-01-02,,", "no subject"),
        ("b.pdf,1,2020-01-02,x,", "no file"),
        ("../rahasia.pdf,1,2020-01-02,x,", "outside"),
        ("..\\rahasia.pdf,1,2020-01-02,x,", "outside"),
        ("/etc/passwd,1,2020-01-02,x,", "outside"),
        (",,2020-01-02,x,", "no key"),
        ("a.pdf,1,2020-01-02,x,Z", "secrecy"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_the_others_go_on(
    folder: Path, line: str, word: str
) -> None:
    text = f"Berkas,Nomor,Tanggal,Perihal,Sifat\n{line}\n,2,2020-01-02,baik,\n"
    fault, good = read(folder, text)
    assert isinstance(fault, Fault)
    assert fault.place == "line 2"
    assert word in fault.message
    assert isinstance(good, Incoming)


def test_a_link_out_of_the_folder_is_refused(folder: Path) -> None:
    (folder / "tautan.pdf").symlink_to(folder.parent / "rahasia.pdf")
    (fault,) = read(folder, "Berkas,Tanggal,Perihal\ntautan.pdf,2020-01-02,x\n")
    assert isinstance(fault, Fault)


def test_two_lines_with_one_key_are_a_fault(folder: Path) -> None:
    text = "Kunci,Tanggal,Perihal\n7,2020-01-02,x\n7,2020-01-02,y\n"
    _, fault = read(folder, text)
    assert isinstance(fault, Fault)
    assert "line 2" in fault.message


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("Nomor,Perihal\n1,x\n", {}),
        ("Tanggal,Perihal\n2020-01-02,x\n", {"file": "Scan"}),
        ("Tanggal,Perihal\n2020-01-02,x\n", {"berkas": "Tanggal"}),
        ("", {}),
    ],
)
def test_a_table_without_what_is_needed_is_refused(
    folder: Path, text: str, columns: dict[str, str]
) -> None:
    with pytest.raises(InvalidInput):
        read(folder, text, columns=columns)


@given(text=st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    table = tmp_path_factory.mktemp("csv") / "t.csv"
    table.write_bytes(("Tanggal,Perihal,Nomor\n" + text).encode("utf-8", "replace"))
    try:
        for one in read_csv_folder(table):
            assert isinstance(one, Fault) or one.subject
    except InvalidInput:
        pass

"""Patterns by kind: the ministry's practice, what is refused, and what a number tells of its kind."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from sipadek.errors import InvalidInput, InvalidNumber, InvalidPattern
from sipadek.numbering import MAX_KINDS, NumberFields, Series

APRIL = datetime.date(2020, 4, 30)
KHUSUS = "{nomor}/{unit}/{bulan:2}/{tahun}"
MINISTRY = Series(
    code="kementerian",
    pattern="{sifat}-{nomor}/{unit}/{kode}/{bulan:2}/{tahun}",
    kinds={
        "nota-dinas": "{nomor}/{unit}/{kode}/{bulan:2}/{tahun}",
        "berita-acara": KHUSUS,
        "pengumuman": KHUSUS,
        "surat-kuasa": KHUSUS,
        "keputusan": "NOMOR {nomor} TAHUN {tahun}",
    },
    insertion=".A",
)


def fields(kind: str, **changes: Any) -> NumberFields:
    usual = {"date": APRIL, "unit": "IJ", "classification": "KP.07.6", "secrecy": "R"}
    return NumberFields(kind=kind, **(usual | changes))


def series(pattern: str, kinds: Any, **changes: Any) -> Series:
    return Series(**({"code": "surat", "pattern": pattern, "kinds": kinds} | changes))


@pytest.mark.parametrize(
    ("kind", "number", "inserted"),
    [
        ("surat-dinas", "R-99/IJ/KP.07.6/04/2020", "R-99.B/IJ/KP.07.6/04/2020"),
        ("", "R-99/IJ/KP.07.6/04/2020", "R-99.B/IJ/KP.07.6/04/2020"),
        ("nota-dinas", "99/IJ/KP.07.6/04/2020", "99.B/IJ/KP.07.6/04/2020"),
        ("berita-acara", "99/IJ/04/2020", "99.B/IJ/04/2020"),
        ("surat-kuasa", "99/IJ/04/2020", "99.B/IJ/04/2020"),
        ("keputusan", "NOMOR 99 TAHUN 2020", "NOMOR 99.B TAHUN 2020"),
    ],
)
def test_the_kind_picks_the_pattern_and_all_share_a_counter(
    kind: str, number: str, inserted: str
) -> None:
    assert MINISTRY.render(99, fields(kind)) == number
    assert MINISTRY.render(99, fields(kind), 2) == inserted
    assert MINISTRY.counter(fields(kind)) == "2020"
    parsed = MINISTRY.parse(inserted)
    assert (parsed.sequence, parsed.insertion, parsed.year) == (99, 2, 2020)
    assert MINISTRY.render(99, parsed.fields(), 2) == inserted


def test_a_number_tells_its_kind_where_one_kind_has_the_pattern() -> None:
    assert MINISTRY.parse("99/IJ/KP.07.6/04/2020").kind == "nota-dinas"
    shared = MINISTRY.parse("99/IJ/04/2020")
    assert (shared.kind, shared.kinds) == ("", ("berita-acara", "pengumuman", "surat-kuasa"))
    plain = MINISTRY.parse("R-99/IJ/KP.07.6/04/2020")
    assert (plain.kind, plain.kinds) == ("", ())


def test_a_code_in_digits_tells_a_letter_with_secrecy_from_one_without() -> None:
    with pytest.raises(InvalidPattern, match="angka") as refused:
        series("{sifat}-{kode}/{nomor}/{unit}", {"ND": "{kode}/{nomor}/{unit}"}, repeats=True)
    assert refused.value.fields["number"] == "B-A/1/A"
    row = series(
        "{sifat}-{kode:angka}/{nomor}/{unit}", {"ND": "{kode:angka}/{nomor}/{unit}"}, repeats=True
    )
    letter = fields("", unit="SET", classification="000.1.5", secrecy="T")
    assert row.render(11502, letter) == "T-000.1.5/11502/SET"
    assert row.parse("T-000.1.5/11502/SET").secrecy == "T"
    assert row.parse("000.1.5/11502/SET").kind == "ND"


@pytest.mark.parametrize(
    ("pattern", "kinds", "number"),
    [
        # The last field may hold any separator.
        ("{kode}/{nomor}/{unit}", {"BA": "{nomor}/{unit}"}, "1/1/A"),
        ("{nomor}/{unit}", {"BA": "{unit}/{nomor}"}, "1/1"),
        ("{nomor}/{bulan}", {"BA": "{nomor}/{tanggal}"}, "1/1"),
        ("{nomor}/{jenis}", {"BA": "{nomor}/ND"}, "1/ND"),
        ("{nomor:2}", {"BA": "{nomor:3}"}, "100"),
        ("{nomor}/A", {"BA": "{nomor}/A", "ND": "{nomor}/{x.a}"}, "1/A"),
    ],
)
def test_two_patterns_with_one_number_are_refused(
    pattern: str, kinds: dict[str, str], number: str
) -> None:
    with pytest.raises(InvalidPattern, match="could both give the number") as refused:
        series(pattern, kinds, repeats=True)
    found = refused.value.fields["number"]
    assert len(found) == len(number)
    for text in (pattern, [*kinds.values()][-1]):
        series(text, {}, repeats=True).parse(found)
        assert repr(text) in refused.value.message


@pytest.mark.parametrize(
    ("pattern", "kinds"),
    [
        ("{kode}/{nomor}/{unit}/{tahun}", {"BA": "{nomor}/{unit}/{tahun}"}),
        ("{jenis}/{nomor}/{unit}", {"BA": "{jenis}/{nomor}/{x.a}"}),
        ("{jenis}/{nomor}", {"ND": "ND/{nomor}"}),
        ("{nomor}/{bulan}", {"BA": "{nomor}/{bulan:romawi}", "ND": "{nomor}/{sifat}"}),
        ("{nomor}/{tahun}", {"BA": "{nomor}/{tahun:2}"}),
        ("{nomor}/{unit}/x", {"BA": "{nomor}/{unit}/y"}),
        ("{nomor} TAHUN {tahun}", {"BA": "{nomor} BULAN {tahun}"}),
    ],
)
def test_patterns_that_differ_are_accepted(pattern: str, kinds: dict[str, str]) -> None:
    series(pattern, kinds, repeats=True)


def test_a_kind_in_its_own_pattern_is_told_by_either() -> None:
    row = series("{jenis}/{nomor}/{unit}", {"BA": "{jenis}/{nomor}/{x.a}"}, repeats=True)
    assert row.parse("ND/1/A").unit == "A"
    assert row.parse("BA/1/A").extra == {"a": "A"}
    assert row.parse("BA/1/A").kind == "BA"
    with pytest.raises(InvalidPattern, match="cannot stand in it"):
        series("{nomor}/x", {"B/A": "{jenis}/{nomor}"}, repeats=True)


def test_a_kind_that_counts_by_itself_must_be_told() -> None:
    apart = {"ND": "{nomor}/ND/{tahun}", "BA": "{nomor}/BA/{tahun}"}
    row = series("{nomor}/{jenis}.{tahun}", apart, scope=("kind",))
    assert row.counter(fields("ND")) == "kind=ND;2020"
    assert row.counter(fields("SK")) == "kind=SK;2020"
    assert row.counter(row.parse("1/BA/2020").fields()) == "kind=BA;2020"
    with pytest.raises(InvalidPattern, match="every kind has its own counter"):
        series("{nomor}/{jenis}.{tahun}", dict.fromkeys(apart, "{nomor}/{tahun}"), scope=("kind",))
    with pytest.raises(InvalidPattern, match="every kind has its own counter"):
        series("{nomor}/{tahun}", apart, scope=("kind",))


def test_every_pattern_tells_scope_and_period() -> None:
    pattern = "{nomor}/{unit}/{tahun}"
    with pytest.raises(InvalidPattern, match=r"add {unit}"):
        series(pattern, {"KEP": "NOMOR {nomor} TAHUN {tahun}"}, scope=("unit",))
    with pytest.raises(InvalidPattern, match=r"add {tahun}"):
        series(pattern, {"KEP": "NOMOR {nomor} OLEH {unit}"}, scope=("unit",))


def test_a_kind_with_the_common_pattern_changes_nothing() -> None:
    row = series("{nomor}/{tahun}", {"ND": "{nomor}/{tahun}"})
    assert row == series("{nomor}/{tahun}", {})
    assert "kinds" not in row.definition()


@pytest.mark.parametrize(
    "kinds",
    [
        *(None, 3, "ND", ["ND"], {"": "{nomor}/x"}, {" ND": "{nomor}/x"}, {"é": "{nomor}/x"}),
        *({3: "{nomor}/x"}, {"A" * 65: "{nomor}/x"}, {"ND": None}, {"ND": ["{nomor}"]}),
        [["ND", "{nomor}/x"], ["ND", "{nomor}/y"]],
        [["ND", "{nomor}/x", "{nomor}/y"]],
        {f"K{n}": f"{{nomor}}/{n}" for n in range(MAX_KINDS + 1)},
    ],
)
def test_wrong_kinds_are_refused(kinds: Any) -> None:
    with pytest.raises(InvalidInput, match="kinds"):
        series("{nomor}/{tahun}", kinds)


def test_a_wrong_pattern_of_a_kind_is_refused() -> None:
    with pytest.raises(InvalidPattern, match="it has 0"):
        series("{nomor}/{tahun}", {"ND": "ND/{tahun}"})


def test_a_refusal_is_that_of_the_pattern_which_read_furthest() -> None:
    with pytest.raises(InvalidNumber) as refused:
        MINISTRY.parse("NOMOR 12 TAHUN MMXX")
    assert "{tahun} at character 16" in refused.value.message
    with pytest.raises(InvalidNumber, match="bytes"):
        MINISTRY.parse(b"12")  # type: ignore[arg-type]


def test_a_kind_that_is_no_text_picks_no_pattern() -> None:
    with pytest.raises(InvalidNumber, match="kind"):
        MINISTRY.counter(fields(["ND"]))  # type: ignore[arg-type]

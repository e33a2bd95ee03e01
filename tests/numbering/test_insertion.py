"""Numbers inserted after a parent: how they look, and where they could not be told apart."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from sipadek.errors import InvalidInput, InvalidNumber, InvalidPattern
from sipadek.numbering import INSERTIONS, MAX_INSERTION, NumberFields, Pattern, Series

NOVEMBER = datetime.date(2026, 11, 24)
FIELDS = NumberFields(date=NOVEMBER, unit="KEL", classification="400", secrecy="R")


@pytest.mark.parametrize(
    ("pattern", "insertion", "numbers"),
    [
        ("{nomor}/{unit}/{bulan:romawi}/{tahun}", ".A",
         {0: "123/KEL/XI/2026", 1: "123.A/KEL/XI/2026", 28: "123.AB/KEL/XI/2026"}),
        ("{nomor:3}", ".1", {0: "123", 1: "123.1", 10: "123.10"}),
        ("{nomor:4}", ".a", {1: "0123.a", 26: "0123.z", 27: "0123.aa", 702: "0123.zz"}),
        ("{kode}/{nomor}.{unit}", "A", {0: "400/123.KEL", 3: "400/123C.KEL"}),
        ("{nomor}{bulan:romawi}", "a", {0: "123XI", 703: "123aaaXI"}),
        ("{sifat}-{nomor}/{unit}", "-A", {5: "R-123-E/KEL"}),
        ("{nomor}.{unit}", "-a", {5: "123-e.KEL"}),
        ("NOMOR {nomor} TAHUN {tahun}", "-1", {9: "NOMOR 123-9 TAHUN 2026"}),
    ],
)  # fmt: skip
def test_an_inserted_number_stands_after_its_parent(
    pattern: str, insertion: str, numbers: dict[int, str]
) -> None:
    row = Series(code="surat", pattern=pattern, insertion=insertion, repeats=True)
    for n, number in numbers.items():
        assert row.render(123, FIELDS, n) == number
        parsed = row.parse(number)
        assert (parsed.sequence, parsed.insertion) == (123, n)


@pytest.mark.no_cover
@pytest.mark.parametrize("insertion", INSERTIONS)
def test_every_insertion_has_one_label(insertion: str) -> None:
    pattern = Pattern.compile("{nomor}", insertion)
    numbers = [pattern.render(7, FIELDS, n) for n in range(MAX_INSERTION + 1)]
    assert numbers[:2] == ["7", f"7{insertion}"]
    assert len(set(numbers)) == len(numbers)
    assert [pattern.parse(number).insertion for number in numbers] == list(range(len(numbers)))


@pytest.mark.parametrize(
    ("insertion", "number"),
    [
        *((".A", text) for text in ["7.", "7.a", "7A", "7.A.A", "7.0", "7.1", ".A", "7.ZZZ"]),
        *((".A", text) for text in ["7.ZZZZ", "7.Ä", "7.A ", "07.A"]),
        *((".1", text) for text in ["7.0", "7.01", "7.1.1", "7.A", "7.10000", "7.99999", "7.١"]),
        *(("A", text) for text in ["7.A", "7a", "A7", "7ZZZ"]),
        *(("-1", text) for text in ["7--1", "7-", "7.1"]),
    ],
)
def test_there_is_no_second_spelling(insertion: str, number: str) -> None:
    pattern = Pattern.compile("{nomor}", insertion)
    with pytest.raises(InvalidNumber):
        pattern.parse(number)


@pytest.mark.parametrize(
    ("pattern", "insertion"),
    [
        ("{nomor}.{unit}", ".A"),
        ("{nomor}. {unit}", ".1"),
        ("{nomor}{bulan:romawi}", "A"),
        ("{nomor}{bulan:romawi}", ".A"),
        ("{nomor}{sifat}", "-A"),
        ("{nomor}-{unit}", "-1"),
        ("{nomor}TAHUN{tahun}", "A"),
        ("{nomor}b{tahun}", "a"),
    ],
)
def test_an_insertion_that_could_belong_to_what_follows_is_refused(
    pattern: str, insertion: str
) -> None:
    Series(code="surat", pattern=pattern, repeats=True)
    with pytest.raises(InvalidPattern, match="inserted number") as refused:
        Series(code="surat", pattern=pattern, insertion=insertion, repeats=True)
    assert repr(insertion) in refused.value.message


@pytest.mark.parametrize("insertion", ["1", ".B", "..A", "/A", " A", ".", "aA", None, 1, ["A"]])
def test_an_unknown_insertion_is_refused(insertion: Any) -> None:
    with pytest.raises(InvalidInput, match="insertion"):
        Series(code="surat", pattern="{nomor}/{tahun}", insertion=insertion)


@pytest.mark.parametrize("insertion", [-1, MAX_INSERTION + 1, True, 1.0, "1", None])
@pytest.mark.parametrize("form", ["", ".A"])
def test_an_insertion_that_is_none_is_refused(form: str, insertion: Any) -> None:
    row = Series(code="surat", pattern="{nomor}/{tahun}", insertion=form)
    with pytest.raises(InvalidNumber, match="insertion") as refused:
        row.render(1, FIELDS, insertion)
    assert refused.value.fields["field"] == "insertion"


def test_a_series_without_insertions_has_none() -> None:
    row = Series(code="surat", pattern="{nomor}/{tahun}")
    assert row.render(1, FIELDS, 0) == "1/2026"
    with pytest.raises(InvalidNumber, match="no inserted numbers"):
        row.render(1, FIELDS, 1)
    with pytest.raises(InvalidNumber):
        row.parse("1.A/2026")


def test_an_insertion_counts_in_the_comparison_of_patterns() -> None:
    kinds = {"ND": "{tanggal}.{nomor}"}
    row = Series(code="surat", pattern="{nomor}", kinds=kinds, insertion="-1", repeats=True)
    assert row.definition()["insertion"] == "-1"
    assert row.parse("7.1-1").kind == "ND"
    with pytest.raises(InvalidPattern, match=r"could both give the number '1\.1'"):
        Series(code="surat", pattern="{nomor}", kinds=kinds, insertion=".1", repeats=True)

"""Codes, schemes and rules: order, what stands above, reading tables with their faults."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipadek.books import read_table
from sipadek.errors import InvalidInput
from sipadek.retention import (
    Authority,
    Classification,
    Fate,
    RetentionRule,
    RuleSet,
    Scheme,
    Successions,
    ancestors,
    check_code,
    code_key,
    read_rules,
    read_scheme,
    read_successions,
)

OLD_PLAN = Path(
    os.environ.get("SIPADEK_KLASIFIKASI")
    or Path(__file__).parents[3] / "shared" / "data" / "klasifikasi-78-2012.csv"
)
SEGMENTS = st.lists(st.integers(0, 1200).map(str), min_size=1, max_size=5)
ODD = ["000", "005", "000.1.5", "471.01", "471.1", "01.5", "1.3"]
CODES = st.one_of(SEGMENTS.map(".".join), st.sampled_from(ODD))


def table(*rows: Sequence[Any]) -> list[tuple[int, Sequence[Any]]]:
    return list(enumerate(rows, 1))


# --- codes ----------------------------------------------------------------------------------------


def test_segments_are_compared_as_numbers() -> None:
    codes = ["400.10", "400.9", "1000", "400", "400.10.2", "005", "400.9.10", "400.9.9"]
    assert sorted(codes, key=code_key) == [
        "005", "400", "400.9", "400.9.9", "400.9.10", "400.10", "400.10.2", "1000",
    ]  # fmt: skip


@given(st.lists(CODES, unique=True))
def test_the_order_is_total_and_what_is_above_comes_first(codes: list[str]) -> None:
    found = sorted(codes, key=code_key)
    numbers = [[int(segment) for segment in code.split(".")] for code in found]
    assert numbers == sorted(numbers)
    assert len({code_key(code) for code in codes}) == len(codes)
    for code in codes:
        parts = code.split(".")
        for count in range(1, len(parts)):
            assert code_key(".".join(parts[:count])) < code_key(code)


@given(CODES)
def test_what_is_above_ends_at_the_top(code: str) -> None:
    found = ancestors(code)
    assert found[0] == code
    assert len({*found}) == len(found)
    for each in found:
        assert {*ancestors(each)} <= {*found}


def test_above_codes_of_the_old_plan_stand_those_with_zeros() -> None:
    assert ancestors("471.1") == ("471.1", "471", "470", "400")
    assert ancestors("005") == ("005", "000")
    assert ancestors("400.12.2.1") == ("400.12.2.1", "400.12.2", "400.12", "400")


@pytest.mark.parametrize(
    "code",
    ["", "400.", ".400", "400..1", "4O0", "400,1", " 400", "400\n", "٤٠٠", None, 400.1, "1" * 10],
)
def test_what_is_no_code(code: object) -> None:
    with pytest.raises(InvalidInput):
        check_code(code)


# --- schemes --------------------------------------------------------------------------------------


@given(
    st.lists(
        st.tuples(CODES, st.text(min_size=1, max_size=9), st.booleans()),
        max_size=9,
        unique_by=lambda row: row[0],
    )
)
def test_a_scheme_comes_back_from_its_definition(rows: list[tuple[str, str, bool]]) -> None:
    entries = tuple(Classification(code=c, name=n, enabled=e) for c, n, e in rows)
    scheme = Scheme(name="83/2022", source="Permendagri 83/2022", entries=entries)
    again = Scheme.from_definition(scheme.definition())
    assert again == scheme
    assert [entry.code for entry in again.entries] == sorted((c for c, _, _ in rows), key=code_key)
    for code, name, _ in rows:
        found = again.get(code)
        assert found is not None
        assert found.name == name
        assert again.path(code)[-1] == found


def test_a_table_in_opensids_layout_is_read() -> None:
    rows = table(
        ["id", "kode", "nama", "uraian", "enabled"],
        ["1", "400.10", "Pemberdayaan  masyarakat", "-", "1"],
        ["", "", "", "", ""],
        ["2", "400.9", "Sosial", "Urusan sosial", "0"],
    )
    scheme = read_scheme(rows, name="83/2022", source="Permendagri 83/2022")
    assert scheme.entries == (
        Classification(code="400.9", name="Sosial", description="Urusan sosial", enabled=False),
        Classification(code="400.10", name="Pemberdayaan masyarakat"),
    )


def test_every_fault_is_named_by_line_and_column() -> None:
    rows = table(
        ["kode", "nama", "enabled"],
        ["400", "Kesra", "1"],
        ["400", "Kesra lagi", "1"],
        ["400.x", "Salah", "1"],
        ["500", "", "1"],
        ["600", "Pembangunan", "ya"],
        [400.1, "Angka", "1"],
        ["700"],
    )
    with pytest.raises(InvalidInput) as caught:
        read_scheme(rows, name="n", source="s")
    faults = caught.value.fields["faults"]
    assert [fault[: fault.index(":")] for fault in faults] == [
        "line 3, kode", "line 4, kode", "line 5, nama", "line 6, enabled", "line 7, kode",
        "line 8, nama",
    ]  # fmt: skip
    assert "400 stands in line 2 already" in faults[0]
    assert "400.1 and 400.10 are the same" in faults[4]
    assert "and 1 more" in caught.value.message
    found = read_scheme(rows, name="n", source="s", set_aside={3, 4, 5, 6, 7, 8})
    assert [entry.code for entry in found.entries] == ["400"]


@pytest.mark.parametrize(
    ("headings", "told"),
    [
        (["kode", "uraian"], "no column 'nama'"),
        (["kode", "nama", "nama"], "'nama' twice"),
        ([], "no column"),
    ],
)
def test_a_table_without_its_headings(headings: list[str], told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        read_scheme(table(headings), name="n", source="s")


def test_a_workbook_keeps_zeros_only_in_cells_of_text() -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (["kode", "nama"], ["005", "Undangan"], ["400.10", "Desa"]):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    scheme = read_scheme(read_table(io.BytesIO(file.getvalue()), xlsx=True), name="n", source="s")
    assert [entry.code for entry in scheme.entries] == ["005", "400.10"]
    book.active.append([400.10, "Angka"])
    file = io.BytesIO()
    book.save(file)
    with pytest.raises(InvalidInput, match=r"line 4, kode: the cell holds the number 400\.1"):
        read_scheme(read_table(io.BytesIO(file.getvalue()), xlsx=True), name="n", source="s")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_in_each_dialect(delimiter: str) -> None:
    lines = [["kode", "nama", "uraian"], ["400.10", '"a, b; c"', "x"]]
    text = "\n".join(delimiter.join(line) for line in lines)
    found = read_scheme(read_table(io.BytesIO(text.encode()), xlsx=False), name="n", source="s")
    assert found.entries[0].name == "a, b; c"


@pytest.mark.skipif(not OLD_PLAN.is_file(), reason="the plan of Permendagri 78/2012 is not here")
def test_the_plan_of_permendagri_78_2012_is_imported() -> None:
    with OLD_PLAN.open("rb") as file:
        rows = read_table(file, xlsx=False)
    with pytest.raises(InvalidInput) as caught:
        read_scheme(rows, name="78/2012", source="Permendagri 78/2012")
    faults = caught.value.fields["faults"]
    assert [fault.split(":")[0].split(", ")[1] for fault in faults] == ["nama", "kode", "nama"]
    aside = {int(fault.split(",")[0].removeprefix("line ")) for fault in faults}
    scheme = read_scheme(rows, name="78/2012", source="Permendagri 78/2012", set_aside=aside)
    assert len(scheme.entries) == 2331 - 3
    found = scheme.get("471")
    assert found is not None
    assert [each.code for each in scheme.path("471.1")] == ["400", "470", "471", "471.1"]
    codes = [entry.code for entry in scheme.entries]
    assert codes == sorted(codes, key=lambda code: [int(each) for each in code.split(".")])


# --- rules ----------------------------------------------------------------------------------------


def rule(code: str, active: int = 2) -> RetentionRule:
    return RetentionRule(code=code, active_years=active, inactive_years=3, fate=Fate.DESTROY)


@given(st.lists(CODES, unique=True, max_size=12), CODES)
def test_the_longest_prefix_that_has_a_rule_decides(codes: list[str], wanted: str) -> None:
    rules = RuleSet(name="n", scheme="s", source="x", rules=tuple(map(rule, codes)))
    found = rules.rule_for(wanted)
    segments = wanted.split(".")
    best = [c for c in codes if segments[: len(c.split("."))] == c.split(".")]
    if best:
        assert found == rule(max(best, key=lambda c: c.count(".")))
    elif found is not None:  # of the hundreds and tens of the old plan
        assert found.code in {segments[0][:2] + "0", segments[0][0] + "00"}


def test_a_neighbour_is_no_prefix() -> None:
    rules = RuleSet(name="n", scheme="s", source="x", rules=(rule("400.1"), rule("400.12")))
    assert rules.rule_for("400.10") is None
    assert rules.rule_for("400.12.2.1") == rule("400.12")


def test_rules_are_read_and_come_back() -> None:
    rows = table(
        ["kode", "aktif", "inaktif", "nasib", "pemicu", "pengecualian", "dasar"],
        ["000.1.5", 2, 4.0, "Musnah", "-", "kecuali rapat pimpinan", "-"],
        ["400.12.3", "2", "3", "PERMANEN", "setelah perkara selesai", "", "Lampiran II"],
        ["700", "1", "0", "dinilai kembali"],
    )
    mine = [Authority(fate=Fate.DESTROY, least_years=0, name="Wali Kota Jambi")]
    found = read_rules(rows, name="JRA", scheme="83/2022", source="Perwal", authorities=mine)
    first = found.rule_for("000.1.5.1")
    assert first is not None
    assert (first.active_years, first.inactive_years, first.fate) == (2, 4, Fate.DESTROY)
    assert (first.trigger, first.exceptions) == ("", "kecuali rapat pimpinan")
    assert [each.fate for each in found.rules[1:]] == [Fate.PERMANENT, Fate.REAPPRAISE]
    assert found.rules[1].source == "Lampiran II"
    assert RuleSet.from_definition(found.definition()) == found


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (["000", "dua", "3", "musnah"], "line 2, aktif: 'dua' are no whole years"),
        (["000", "2", 3.5, "musnah"], "line 2, inaktif: '3.5' are no whole years"),
        (["000", "2", "-1", "musnah"], "line 2, inaktif"),
        (["000", "2", "501", "musnah"], "line 2: inactive_years is 501"),
        (["000", "2", "3", "dibakar"], "line 2, nasib: 'dibakar' is not known"),
        (["nol", "2", "3", "musnah"], "line 2, kode"),
    ],
)
def test_faults_of_rules(row: list[Any], told: str) -> None:
    rows = table(["kode", "aktif", "inaktif", "nasib"], row)
    with pytest.raises(InvalidInput) as caught:
        read_rules(rows, name="n", scheme="s", source="x")
    assert told in caught.value.message


def test_what_old_codes_became() -> None:
    rows = table(
        ["kode_lama", "kode_baru"], ["470", "400.12"], ["471", "400.12.2"], ["471", "400.12.10"]
    )
    found = read_successions(rows, old="78/2012", new="83/2022", source="Permendagri 83/2022")
    assert found.successors("471.1") == ("400.12.2", "400.12.10")
    assert found.successors("479") == ("400.12",)
    assert found.successors("500") == ()
    assert Successions.from_definition(found.definition()) == found
    assert found.name == "78/2012 → 83/2022"


@pytest.mark.parametrize("text", ["", " ", "a\nb"])
def test_names_are_texts_of_one_line(text: str) -> None:
    with pytest.raises(InvalidInput, match="give a text of one line"):
        Scheme(name=text, source="x", entries=())

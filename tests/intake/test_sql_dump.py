"""Rows come out of an SQL dump as they went in, whatever stands in the texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipadek.errors import InvalidInput
from sipadek.intake.sql_dump import dump_rows

texts = st.text(st.characters(blacklist_categories=("Cs",)), max_size=30)
rows = st.lists(st.tuples(st.integers(-5, 10**6), st.none() | texts), min_size=1, max_size=5)


def quoted(text: str | None, *, doubled: bool) -> str:
    if text is None:
        return "NULL"
    text = text.replace("\\", "\\\\").replace("'", "''" if doubled else "\\'")
    for character, name in (("\0", "0"), ("\n", "n"), ("\r", "r"), ("\x1a", "Z")):
        text = text.replace(character, f"\\{name}")
    return f"'{text}'"


@given(rows=rows, named=st.booleans(), doubled=st.booleans(), together=st.booleans())
def test_rows_come_out_as_they_went_in(
    rows: list[tuple[int, str | None]], named: bool, doubled: bool, together: bool
) -> None:
    written = [f"({number},{quoted(text, doubled=doubled)})" for number, text in rows]
    columns = " (`id`, `isi`)" if named else ""
    joined = ",\n".join(written)
    inserts = (
        f"INSERT INTO `surat` {columns} VALUES\n{joined};\n"
        if together
        else "".join(f"INSERT INTO surat{columns} VALUES {each};\n" for each in written)
    )
    dump = (
        "-- phpMyAdmin; it's a comment\n/*!40101 SET NAMES utf8 */;\nDROP TABLE IF EXISTS `surat`;\n"
        "# another one: 'open\nCREATE TABLE `surat` (\n  `id` int(11) NOT NULL AUTO_INCREMENT,\n"
        "  `isi` varchar(30) DEFAULT 'a,(b' COMMENT 'x; y',\n  PRIMARY KEY (`id`)\n);\n"
        "INSERT INTO `lain` VALUES (1,'INSERT INTO `surat` VALUES (9,9);');\n" + inserts
    )
    found = [row for _, _, row in dump_rows(dump, ["surat"])]
    assert found == [{"id": str(number), "isi": text or ""} for number, text in rows]


def test_lines_are_told() -> None:
    dump = "INSERT INTO t (a) VALUES\n(1),\n('x\ny'),\n(2);"
    assert [line for _, line, _ in dump_rows(dump, ["t"])] == [2, 3, 5]


@pytest.mark.parametrize(
    "dump",
    [
        "INSERT INTO t VALUES (1);",  # whose columns nobody said
        "INSERT INTO t (a) VALUES (1,2);",
        "INSERT INTO t (a) VALUES ('open);",
    ],
)
def test_a_dump_that_cannot_be_read_is_refused(dump: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        [*dump_rows(dump, ["t"])]
    assert refused.value.fields["line"] == 1


@given(text=texts)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        for _ in dump_rows(f"INSERT INTO t (a) VALUES {text}", ["t"]):
            pass
    except InvalidInput:
        pass

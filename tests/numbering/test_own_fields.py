"""Posts and the host's own fields: in patterns, in scopes, in what goes in and comes out."""

from __future__ import annotations

import datetime
import pickle
from typing import Any

import pytest

from sipadek.errors import InvalidInput, InvalidNumber, InvalidPattern
from sipadek.numbering import NumberFields, ParsedNumber, Pattern, Series

NOVEMBER = datetime.date(2026, 11, 24)
PATTERN = "{nomor}/{x.bidang}/{jabatan}/{x.seksi-2}/{tahun}"


def fields(**changes: Any) -> NumberFields:
    usual = {"date": NOVEMBER, "post": "LURAH", "extra": {"bidang": "PPA", "seksi-2": "II/b"}}
    return NumberFields(**(usual | changes))


def test_own_fields_stand_in_numbers() -> None:
    pattern = Pattern.compile("{nomor}/{x.bidang}-{jabatan}-{x.seksi-2}")
    number = pattern.render(5, fields())
    assert number == "5/PPA-LURAH-II/b"
    assert pattern.parse(number) == ParsedNumber(
        sequence=5, post="LURAH", extra={"bidang": "PPA", "seksi-2": "II/b"}
    )


@pytest.mark.parametrize(
    ("value", "reason"),
    [("", "needs it"), ("A/B", "separator"), ("É", "ASCII"), (" A", "spaces"), ("A" * 65, "most")],
)
def test_their_values_keep_the_rules_of_a_unit(value: str, reason: str) -> None:
    row = Series(code="surat", pattern=PATTERN)
    for changes in ({"extra": {"bidang": value, "seksi-2": "A"}}, {"post": value}):
        with pytest.raises(InvalidNumber, match=reason) as refused:
            row.counter(fields(**changes))
        assert refused.value.fields["field"] in ("x.bidang", "post")
    with pytest.raises(InvalidNumber, match=r"x\.bidang"):
        row.counter(fields(extra={}))


def test_own_fields_and_posts_have_counters() -> None:
    row = Series(
        code="surat",
        pattern="{nomor}|{unit}|{x.bidang}|{jabatan}|{x.a}|{tahun}",
        scope=("x.bidang", "post", "x.a", "unit"),
    )
    assert row.scope == ("unit", "post", "x.a", "x.bidang")
    extra = {"a": "1;x.bidang=2", "bidang": "50%"}
    found = row.counter(fields(unit="KEL", extra=extra))
    assert found == "unit=KEL;post=LURAH;x.a=1%3Bx.bidang=2;x.bidang=50%25;2026"
    assert row.counter(row.parse(row.render(1, fields(unit="KEL", extra=extra))).fields()) == found


@pytest.mark.parametrize(
    ("scope", "missing"), [(("x.bidang",), "{x.bidang}"), (("post",), "{jabatan}")]
)
def test_a_number_must_tell_them(scope: tuple[str, ...], missing: str) -> None:
    for repeats in (False, True):
        with pytest.raises(InvalidPattern, match=f"add {missing}"):
            Series(code="surat", pattern="{nomor}/{tahun}", scope=scope, repeats=repeats)


@pytest.mark.parametrize("name", ["x.", "x", "x.A", "x.1", "x.a b", "X.a", "x.a.b", "x.a-", "a"])
def test_a_name_that_cannot_be_is_refused(name: str) -> None:
    with pytest.raises(InvalidPattern):
        Pattern.compile(f"{{nomor}}/{{{name}}}")
    with pytest.raises(InvalidInput, match="scope"):
        Series(code="surat", pattern="{nomor}/{tahun}", scope=(name,))


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        ({"Bidang": "A"}, "Bidang"),
        ({"x.bidang": "A"}, "x.bidang"),
        ({1: "A"}, "1"),
        ({"a" * 33: "A"}, "a"),
        ({"bidang": 1}, "int"),
        ([("bidang", "A")], "list"),
        (None, "NoneType"),
    ],
)
def test_extra_values_that_no_pattern_can_name_are_refused(extra: Any, reason: str) -> None:
    with pytest.raises(InvalidNumber, match=reason):
        fields(extra=extra)


def test_an_own_field_may_stand_once() -> None:
    with pytest.raises(InvalidPattern, match="more than once"):
        Pattern.compile("{nomor}/{x.a}/{x.a}")
    with pytest.raises(InvalidPattern, match="own"):
        Pattern.compile("{nomor}/{bidang}")


def test_fields_are_values() -> None:
    extra = {"bidang": "PPA", "a": "1"}
    one = fields(extra=extra)
    extra["bidang"] = "changed"
    assert one.extra["bidang"] == "PPA"
    assert one.extra == {"a": "1", "bidang": "PPA"}
    assert one == fields(extra={"a": "1", "bidang": "PPA"})
    assert hash(one) == hash(fields(extra={"a": "1", "bidang": "PPA"}))
    assert one != fields(extra={"a": "1"})
    assert pickle.loads(pickle.dumps(one)) == one
    with pytest.raises((TypeError, AttributeError)):
        one.extra["a"] = "2"  # type: ignore[index]
    assert fields(extra=one.extra).extra is one.extra


def test_a_code_in_digits() -> None:
    pattern = Pattern.compile("{kode:angka}-{nomor}")
    assert pattern.parse("400.12.2.1-7").classification == "400.12.2.1"
    for code in ["", "KP.07", "400.", ".400", "400..1", "4-1", "١", "1." * 33 + "1", None, 400]:
        with pytest.raises(InvalidNumber, match="classification"):
            pattern.render(1, fields(classification=code))
    for text in ["{kode:angka}.{nomor}", "{kode:angka}{unit}/{nomor}", "{kode:angka}1/{nomor}"]:
        with pytest.raises(InvalidPattern):
            Pattern.compile(text)

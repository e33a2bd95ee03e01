"""The pattern language: what is expressible, what is refused, and the laws of reading back."""

from __future__ import annotations

import datetime
import pickle
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipadek.errors import InvalidNumber, InvalidPattern
from sipadek.numbering import MAX_PATTERN, MAX_SEQUENCE, MAX_VALUE, NumberFields, Pattern

NOVEMBER = datetime.date(2026, 11, 24)
FREE = ("unit", "classification", "kind")

# A small alphabet, full of what could be mistaken for a separator, a digit or a Roman month.
NASTY = "1I-/. BSRXT{}%;A0"
FIELDS = [
    *("{nomor}", "{nomor:2}", "{nomor:4}", "{kode}", "{unit}", "{jenis}", "{sifat}"),
    *("{bulan}", "{bulan:2}", "{bulan:romawi}", "{tahun}", "{tahun:2}", "{tanggal}", "{tanggal:2}"),
    *("{kode:angka}", "{jabatan}", "{x.a}"),
]
literals = st.text("1I-/. BXT", min_size=1, max_size=3) | st.sampled_from(
    ["{{", "}}", "/", " TAHUN "]
)


@st.composite
def patterns(draw: st.DrawFn) -> Pattern:
    """Any accepted pattern: pieces in random order, whatever the compiler lets through."""
    chosen = draw(st.lists(st.sampled_from(FIELDS[3:]), max_size=5, unique_by=lambda f: f[:4]))
    chosen.insert(draw(st.integers(0, len(chosen))), draw(st.sampled_from(FIELDS[:3])))
    pieces = [draw(literals)] + [field + draw(literals) for field in chosen]
    try:
        return Pattern.compile("".join(pieces))
    except InvalidPattern:
        return Pattern.compile("-".join(chosen))


values = st.text(NASTY, min_size=1, max_size=5)
number_fields = st.builds(
    NumberFields,
    date=st.dates(datetime.date(1990, 1, 1), datetime.date(2110, 12, 31)),
    unit=values,
    classification=values,
    kind=values,
    secrecy=st.sampled_from(["B", "T", "R", "SR"]),
    post=values,
    extra=st.fixed_dictionaries({"a": values}),
)
sequences = st.integers(1, 120) | st.integers(1, MAX_SEQUENCE)


def told(pattern: Pattern, sequence: int, fields: NumberFields) -> dict[str, object]:
    """What a number of the pattern has to tell, from the outside."""
    everything = {
        "sequence": sequence,
        "unit": fields.unit,
        "classification": fields.classification,
        "kind": fields.kind,
        "secrecy": fields.secrecy,
        "post": fields.post,
        "year": fields.date.year,
        "month": fields.date.month,
        "day": fields.date.day,
    }
    silent: dict[str, object] = dict.fromkeys(everything, "") | {
        "year": None,
        "month": None,
        "day": None,
    }
    return {
        name: value if name in pattern.attributes else silent[name]
        for name, value in everything.items()
    }


@given(patterns(), sequences, number_fields)
def test_a_rendered_number_reads_back(
    pattern: Pattern, sequence: int, fields: NumberFields
) -> None:
    try:
        number = pattern.render(sequence, fields)
    except InvalidNumber:
        return
    parsed = pattern.parse(number)
    expected = told(pattern, sequence, fields)
    assert {name: getattr(parsed, name) for name in expected} == expected
    assert pattern.render(parsed.sequence, parsed.fields()) == number


@given(patterns(), sequences, number_fields, st.data())
def test_there_is_no_second_spelling(
    pattern: Pattern, sequence: int, fields: NumberFields, data: st.DataObject
) -> None:
    try:
        number = pattern.render(sequence, fields)
    except InvalidNumber:
        return
    start = data.draw(st.integers(0, len(number)))
    end = data.draw(st.integers(start, min(len(number), start + 2)))
    changed = number[:start] + data.draw(st.text(NASTY, max_size=2)) + number[end:]
    try:
        parsed = pattern.parse(changed)
    except InvalidNumber:
        assert changed != number
    else:
        assert pattern.render(parsed.sequence, parsed.fields()) == changed


@given(patterns(), st.text())
def test_any_text_is_read_or_refused(pattern: Pattern, text: str) -> None:
    try:
        parsed = pattern.parse(text)
    except InvalidNumber:
        return
    assert pattern.render(parsed.sequence, parsed.fields()) == text


@given(patterns(), sequences, number_fields)
def test_check_refuses_exactly_what_render_refuses(
    pattern: Pattern, sequence: int, fields: NumberFields
) -> None:
    def outcome(call: object) -> str:
        try:
            call()  # type: ignore[operator]
        except InvalidNumber as refused:
            return refused.message
        return ""

    assert outcome(lambda: pattern.check(fields)) == outcome(
        lambda: pattern.render(sequence, fields)
    )


@given(
    st.text(string.printable + "é\u200b\u00a0", max_size=30)
    | st.lists(st.sampled_from(FIELDS) | st.sampled_from(["{", "}", "/", "{x}", "{nomor:0}"])).map(
        "".join
    )
)
def test_any_text_is_a_pattern_or_refused(text: str) -> None:
    try:
        pattern = Pattern.compile(text)
    except InvalidPattern:
        return
    assert pattern.text == text
    assert pickle.loads(pickle.dumps(pattern)) == pattern


@pytest.mark.parametrize(
    ("text", "sequence", "fields", "number"),
    [
        ("{kode}/{nomor}/{unit}", 15, {"classification": "000.8.3.3", "unit": "OR"},
         "000.8.3.3/15/OR"),
        ("{kode}/{nomor}.{unit}/{bulan:romawi}/{tahun}", 1289,
         {"classification": "800.1.11.1", "unit": "DPPAD", "date": datetime.date(2023, 10, 2)},
         "800.1.11.1/1289.DPPAD/X/2023"),
        ("{sifat}-{kode}/{nomor}/{unit}", 11502,
         {"secrecy": "T", "classification": "000.1.5", "unit": "SET"}, "T-000.1.5/11502/SET"),
        ("{sifat}/{nomor:3}/{kode}/{bulan:romawi}/{tahun}", 1,
         {"classification": "400.12.3.2", "date": datetime.date(2025, 10, 1)},
         "B/001/400.12.3.2/X/2025"),
        ("{kode}/{nomor}/{jenis}/{unit}/{tahun}", 281,
         {"classification": "100.3.4.2", "kind": "Kept.", "unit": "403.013",
          "date": datetime.date(2025, 1, 1)}, "100.3.4.2/281/Kept./403.013/2025"),
        ("{nomor:3}/{unit}-{kode}/{bulan:romawi}/{tahun}", 1,
         {"unit": "KPA.1", "classification": "900", "date": datetime.date(2017, 1, 31)},
         "001/KPA.1-900/I/2017"),
        ("{sifat}-{nomor}/{unit}/{kode}/{bulan:2}/{tahun}", 99,
         {"secrecy": "R", "unit": "IJ", "classification": "KP.07.6",
          "date": datetime.date(2020, 4, 30)}, "R-99/IJ/KP.07.6/04/2020"),
        ("NOMOR {nomor} TAHUN {tahun}", 12, {}, "NOMOR 12 TAHUN 2026"),
        ("{tahun}{bulan:2}{tanggal:2}-{nomor:4}", 7, {}, "20261124-0007"),
        ("{sifat}{nomor}{bulan:romawi}{tahun:2}", 7, {"secrecy": "SR"}, "SR7XI26"),
        ("{{{nomor}}}", 3, {}, "{3}"),
        ("№ {nomor}", 3, {}, "№ 3"),
    ],
)  # fmt: skip
def test_the_patterns_in_use_are_expressible(
    text: str, sequence: int, fields: dict[str, object], number: str
) -> None:
    pattern = Pattern.compile(text)
    given_fields = NumberFields(**({"date": NOVEMBER} | fields))  # type: ignore[arg-type]
    assert pattern.render(sequence, given_fields) == number
    assert pattern.parse(number).sequence == sequence


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "1 to"),
        ("{nomor}" + "x" * MAX_PATTERN, "1 to"),
        ("{tahun}", "exactly one"),
        ("{nomor}/{nomor:4}", "exactly one"),
        ("{nomor}/{tahun}/{tahun:2}", "more than once"),
        ("{number}", "not a field; the fields are"),
        ("{}", "not a field"),
        ("{nomor:1}", "unknown format; write"),
        ("{nomor:04}", "unknown format"),
        ("{nomor:10}", "unknown format"),
        ("{nomor }", "not a field"),
        ("{kode:huruf}", "{kode} or {kode:angka}"),
        ("{bulan:nama}", "{bulan} or {bulan:2} or {bulan:romawi}"),
        ("{nomor", "no partner"),
        ("nomor}", "no partner"),
        ("{{nomor}", "no partner"),
        ("{{nomor}}", "exactly one"),
        ("{nomor}{tahun}", "cannot be told apart"),
        ("{nomor}2026", "could belong to it"),
        ("{bulan:romawi}X{nomor}", "could belong to it"),
        ("{unit}{nomor}", "cannot be told apart"),
        ("{unit}{kode}/{nomor}", "cannot be told apart"),
        ("{nomor}{unit}", "cannot be told apart"),
        ("{tanggal}{bulan}/{nomor}", "cannot be told apart"),
        (" {nomor}", "spaces at its ends"),
        ("{nomor}  {tahun}", "double space"),
        ("{nomor}\n{tahun}", "printable"),
        ("{nomor}\u202e{tahun}", "printable"),
        ("e\u0301 {nomor}", "NFC"),
    ],
)
def test_a_pattern_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(InvalidPattern) as refused:
        Pattern.compile(text)
    assert reason in refused.value.message


def test_only_text_is_a_pattern_or_a_number() -> None:
    with pytest.raises(InvalidPattern, match="int"):
        Pattern.compile(4)  # type: ignore[arg-type]
    with pytest.raises(InvalidNumber, match="bytes"):
        Pattern.compile("{nomor}").parse(b"4")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "needs it"),
        ("KEL/x", "separator"),
        ("KEL\x07", "printable"),
        ("KEL\nLEGOK", "printable"),
        ("КEL", "ASCII"),
        (" KEL", "spaces"),
        ("KEL  LEGOK", "spaces"),
        ("K" * (MAX_VALUE + 1), "at most"),
        (None, "NoneType"),
    ],
)
@pytest.mark.parametrize("name", FREE)
def test_a_value_that_cannot_stand_in_a_number_is_refused(
    name: str, value: str, reason: str
) -> None:
    pattern = Pattern.compile("{nomor}/{unit}/{kode}/{jenis}/x")
    usual = {"unit": "A", "classification": "1.2", "kind": "K"}
    with pytest.raises(InvalidNumber, match=reason) as refused:
        pattern.render(1, NumberFields(date=NOVEMBER, **(usual | {name: value})))
    assert refused.value.fields["field"] == name
    assert refused.value.fields["value"] == value
    assert name in refused.value.message
    assert len(refused.value.message) < 250


def test_the_last_field_may_hold_any_separator() -> None:
    pattern = Pattern.compile("{nomor}/{unit}")
    number = pattern.render(1, NumberFields(date=NOVEMBER, unit="SET/UM"))
    assert pattern.parse(number).unit == "SET/UM"


def test_a_value_may_not_run_into_a_long_separator() -> None:
    pattern = Pattern.compile("{unit} TAHUN {tahun}/{nomor}")
    accepted = NumberFields(date=NOVEMBER, unit="KEL TAHUNAN")
    assert pattern.parse(pattern.render(1, accepted)).unit == "KEL TAHUNAN"
    with pytest.raises(InvalidNumber, match="separator"):
        pattern.render(1, NumberFields(date=NOVEMBER, unit="KEL TAHUN TAHUN"))
    # Not a whole separator inside, but one made together with what follows.
    with pytest.raises(InvalidNumber, match="separator"):
        Pattern.compile("{unit}--/{nomor}").render(1, NumberFields(date=NOVEMBER, unit="A--/B"))
    short = Pattern.compile("{unit}-.-{nomor}")
    with pytest.raises(InvalidNumber, match="separator"):
        short.render(1, NumberFields(date=NOVEMBER, unit="A-."))


@pytest.mark.parametrize("sequence", [0, -1, MAX_SEQUENCE + 1, True, 1.0, "1", None])
def test_a_sequence_that_is_none_is_refused(sequence: int) -> None:
    with pytest.raises(InvalidNumber, match="sequence"):
        Pattern.compile("{nomor}").render(sequence, NumberFields(date=NOVEMBER))


@pytest.mark.parametrize("year", [1999, 2100])
def test_a_short_year_stands_for_this_century_only(year: int) -> None:
    pattern = Pattern.compile("{nomor}/{tahun:2}")
    with pytest.raises(InvalidNumber, match="2000 to 2099"):
        pattern.render(1, NumberFields(date=datetime.date(year, 1, 1)))


def test_a_year_has_four_digits() -> None:
    with pytest.raises(InvalidNumber, match="1000"):
        Pattern.compile("{nomor}/{tahun}").render(1, NumberFields(date=datetime.date(26, 1, 1)))


@pytest.mark.parametrize(
    "number",
    [
        *("", "1/1/2026", "01/1/2026", "00001/1/2026", "0000/1/2026", "0001/01/2026"),
        *("0001/13/2026", "0001/1/02026", "0001/1/0026", "0001/1/2026 ", " 0001/1/2026"),
        *("٠٠٠١/1/2026", "+001/1/2026", "0001/1/2026\n", "0001//2026", "0001/1"),
    ],
)
def test_an_irregular_number_is_refused(number: str) -> None:
    pattern = Pattern.compile("{nomor:4}/{bulan}/{tahun}")
    assert pattern.parse("0001/1/2026").month == 1
    with pytest.raises(InvalidNumber):
        pattern.parse(number)


@pytest.mark.parametrize("number", ["31/2/2026/1", "29/2/2026/1", "31/11/2026/1"])
def test_a_day_that_does_not_exist_is_refused(number: str) -> None:
    pattern = Pattern.compile("{tanggal}/{bulan}/{tahun}/{nomor}")
    assert pattern.parse("29/2/2028/1").day == 29
    with pytest.raises(InvalidNumber, match="does not exist"):
        pattern.parse(number)


def test_a_refusal_says_where() -> None:
    with pytest.raises(InvalidNumber) as refused:
        Pattern.compile("{nomor}/{bulan:romawi}/{tahun}").parse("12/11/2026")
    assert refused.value.fields["position"] == 3
    assert "{bulan:romawi} at character 4" in refused.value.message


def test_width_is_a_minimum() -> None:
    pattern = Pattern.compile("{nomor:4}")
    fields = NumberFields(date=NOVEMBER)
    assert pattern.render(7, fields) == "0007"
    assert pattern.render(12345, fields) == "12345"
    assert pattern.parse("12345").sequence == 12345


def test_a_datetime_is_not_a_document_date() -> None:
    with pytest.raises(InvalidNumber, match="local_date"):
        NumberFields(date=datetime.datetime(2026, 11, 24))

"""Series: counters never collide, definitions compare and survive storage."""

from __future__ import annotations

import datetime
import json
import pickle
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipadek.archive import Secrecy
from sipadek.errors import InvalidInput, InvalidNumber, InvalidPattern
from sipadek.numbering import NumberFields, Pattern, Restart, Series

USUAL = "{kode}/{nomor:4}/{unit}/{bulan:romawi}/{tahun}"
NOVEMBER = datetime.date(2026, 11, 24)
FIELDS = [
    *("{kode}", "{unit}", "{jenis}", "{sifat}", "{bulan}", "{bulan:2}", "{bulan:romawi}"),
    *("{tahun}", "{tahun:2}", "{tanggal}", "{tanggal:2}"),
]
SCOPES = ("unit", "classification", "kind", "secrecy")


def series(**changes: Any) -> Series:
    return Series(**({"code": "surat", "pattern": USUAL} | changes))


@st.composite
def any_series(draw: st.DrawFn) -> Series:
    """Any accepted series: random pieces, scope and restart, or else all that is safe of them."""
    separators = st.sampled_from(["/", "-", ".", " I ", ";", "%", "", "1"])
    pieces = draw(st.lists(st.sampled_from(FIELDS), max_size=6, unique_by=lambda f: f[:4]))
    pieces.insert(
        draw(st.integers(0, len(pieces))), draw(st.sampled_from(["{nomor}", "{nomor:3}"]))
    )
    text = "".join(piece + draw(separators) for piece in pieces)
    scope = draw(st.lists(st.sampled_from(SCOPES), unique=True, max_size=3))
    restart = draw(st.sampled_from(Restart))
    try:
        return series(pattern=text, scope=tuple(scope), restart=restart)
    except InvalidPattern:
        told = Pattern.compile("|".join(pieces)).attributes
        scope = [name for name in scope if name in told]
        yearly = "year" in told and restart is Restart.YEARLY
        restart = restart if yearly or {"year", "month"} <= told else Restart.NEVER
        return series(pattern="|".join(pieces), scope=tuple(scope), restart=restart)


codes = st.text("A1;%=-/.", min_size=1, max_size=2)
number_fields = st.builds(
    NumberFields,
    date=st.dates(datetime.date(2025, 11, 1), datetime.date(2026, 2, 28))
    | st.sampled_from([datetime.date(1926, 1, 1), datetime.date(2126, 1, 1)]),
    unit=codes,
    classification=codes,
    kind=codes,
    secrecy=st.sampled_from(["B", "T", "R", "SR"]),
)
sequences = st.integers(1, 30)


@st.composite
def neighbours(draw: st.DrawFn, one: NumberFields) -> NumberFields:
    """Fields that differ in little, as those that could collide do."""
    other = draw(number_fields)
    kept = draw(st.sets(st.sampled_from(["date", "unit", "classification", "kind", "secrecy"])))
    return attrs.evolve(other, **{name: getattr(one, name) for name in kept})


@given(any_series(), sequences, number_fields, sequences, st.data())
def test_two_places_never_give_one_number(
    row: Series, first: int, one: NumberFields, second: int, data: st.DataObject
) -> None:
    other = data.draw(neighbours(one))
    try:
        places = [(row.counter(one), first), (row.counter(other), second)]
    except InvalidNumber:
        return
    if row.render(first, one) == row.render(second, other):
        assert places[0] == places[1]


@given(any_series(), sequences, number_fields)
def test_a_number_tells_its_counter(row: Series, sequence: int, fields: NumberFields) -> None:
    try:
        counter = row.counter(fields)
    except InvalidNumber:
        with pytest.raises(InvalidNumber):
            row.render(sequence, fields)
        return
    parsed = row.parse(row.render(sequence, fields))
    assert (parsed.sequence, row.counter(parsed.fields())) == (sequence, counter)


@given(
    st.lists(st.sampled_from(SCOPES), unique=True),
    st.sampled_from(Restart),
    number_fields,
    number_fields,
)
def test_counters_are_equal_only_where_scope_and_period_are(
    scope: list[str], restart: Restart, one: NumberFields, other: NumberFields
) -> None:
    # A separator that no code holds, so that every drawn value is accepted.
    row = series(
        pattern="{unit}|{kode}|{jenis}|{sifat}|{bulan}|{tahun}|{nomor}",
        scope=tuple(scope),
        restart=restart,
    )
    dates = {Restart.YEARLY: "%Y", Restart.MONTHLY: "%Y %m", Restart.NEVER: ""}[restart]
    keys = [
        [getattr(fields, name) for name in scope] + [fields.date.strftime(dates)]
        for fields in (one, other)
    ]
    assert (row.counter(one) == row.counter(other)) == (keys[0] == keys[1])


@given(any_series())
def test_a_definition_survives_storage(row: Series) -> None:
    stored = json.dumps(row.definition())
    again = Series.from_definition(json.loads(stored))
    assert again == row
    assert hash(again) == hash(row)
    assert json.dumps(again.definition()) == stored
    assert pickle.loads(pickle.dumps(row)) == row


def test_the_counter_has_one_spelling() -> None:
    fields = NumberFields(
        date=NOVEMBER, unit="KEL-LEGOK", classification="400.12", secrecy=Secrecy.RAHASIA
    )
    pattern = "{sifat}/" + USUAL
    assert series(scope=("unit",)).counter(fields) == "unit=KEL-LEGOK;2026"
    assert series(restart="monthly").counter(fields) == "2026-11"
    assert series(restart="never").counter(fields) == "all"
    one = series(pattern=pattern, scope=("secrecy", "unit"))
    other = series(pattern=pattern, scope=("unit", "secrecy"))
    assert one == other
    assert one.counter(fields) == "unit=KEL-LEGOK;secrecy=R;2026"


@pytest.mark.parametrize(
    ("pattern", "scope", "restart", "missing"),
    [
        ("{nomor}/{tahun}", ("unit",), "yearly", "{unit}"),
        ("{nomor}/{unit}/{tahun}", ("unit", "kind"), "yearly", "{jenis}"),
        ("{nomor}/{tahun}", ("classification",), "never", "{kode}"),
        ("{nomor}/{tahun}", ("secrecy",), "yearly", "{sifat}"),
        ("{kode}/{nomor}/{unit}", (), "yearly", "{tahun}"),
        ("{nomor}/{tahun}", (), "monthly", "{bulan}"),
        ("{nomor}/{bulan:2}", (), "monthly", "{tahun}"),
    ],
)
def test_a_pattern_whose_counters_collide_is_refused(
    pattern: str, scope: tuple[str, ...], restart: str, missing: str
) -> None:
    with pytest.raises(InvalidPattern) as refused:
        series(pattern=pattern, scope=scope, restart=restart)
    assert f"add {missing}" in refused.value.message


def test_a_short_year_is_enough_for_a_yearly_restart() -> None:
    row = series(pattern="{nomor}/{tahun:2}")
    assert row.render(1, NumberFields(date=NOVEMBER)) == "1/26"
    for year in (1926, 2126):
        with pytest.raises(InvalidNumber):
            row.counter(NumberFields(date=datetime.date(year, 11, 24)))


@pytest.mark.parametrize(
    "changes",
    [
        *({"code": code} for code in ["", "Surat", "a b", "a--b", "-a", "a/b", "a" * 65, "é", 3]),
        *(
            {"scope": scope}
            for scope in ["unit", ("kode",), ("unit", "unit"), None, ("date",), (1,), ([],)]
        ),
        *({"restart": restart} for restart in ["daily", "", None, "YEARLY"]),
        *(
            {"timezone": zone}
            for zone in ["", "WIB", "asia", "Asia", "Asia/", "Asia/Nowhere", "/etc/localtime",
                         "../Asia/Jakarta", "localtime", "Asia/Jak\x00arta", "Asia/Jakartá", None]
        ),
        *({"start": start} for start in [0, -1, True, 1.5, "1", None, 10**12]),
        *({"repeats": repeats} for repeats in [0, 1, "yes", None]),
    ],
)  # fmt: skip
def test_a_wrong_definition_is_refused(changes: dict[str, Any]) -> None:
    (name,) = changes
    with pytest.raises(InvalidInput, match=name.replace("zone", " zone")):
        series(**changes)


@pytest.mark.parametrize("change", [{"extra": 1}, {"start": None}])
def test_an_altered_stored_definition_is_refused(change: dict[str, Any]) -> None:
    definition = series().definition()
    Series.from_definition(definition)
    with pytest.raises(InvalidInput):
        Series.from_definition(definition | change)
    del definition["scope"]
    with pytest.raises(InvalidInput, match="scope"):
        Series.from_definition(definition)


@pytest.mark.parametrize(
    ("zone", "moment", "date"),
    [
        ("Asia/Jakarta", "2025-12-31T16:59:59+00:00", "2025-12-31"),
        ("Asia/Jakarta", "2025-12-31T17:00:00+00:00", "2026-01-01"),
        ("Asia/Makassar", "2025-12-31T16:00:00+00:00", "2026-01-01"),
        ("Asia/Jayapura", "2025-12-31T15:00:00+00:00", "2026-01-01"),
        ("UTC", "2026-01-01T06:59:59+07:00", "2025-12-31"),
    ],
)
def test_the_year_turns_in_the_zone_of_the_series(zone: str, moment: str, date: str) -> None:
    local = series(timezone=zone).local_date(datetime.datetime.fromisoformat(moment))
    assert local == datetime.date.fromisoformat(date)


@pytest.mark.parametrize(
    ("zone", "hours"), [("Asia/Jakarta", 7), ("Asia/Makassar", 8), ("Asia/Jayapura", 9)]
)
def test_the_document_date_decides_the_year(zone: str, hours: int) -> None:
    row = series(pattern="{nomor}/{tahun}", timezone=zone)
    midnight = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC) - datetime.timedelta(hours=hours)
    moments = [midnight - datetime.timedelta(microseconds=1), midnight]
    for moment, date, year in zip(
        moments, [(2025, 12, 31), (2026, 1, 1)], ["2025", "2026"], strict=True
    ):
        fields = NumberFields(date=row.local_date(moment))
        assert fields.date == datetime.date(*date)
        assert (row.counter(fields), row.render(7, fields)) == (year, f"7/{year}")


def test_numbers_may_repeat_where_the_date_stands_beside_them() -> None:
    fields = [
        NumberFields(date=datetime.date(year, 1, 2), unit="OR", classification="000.8.3.3")
        for year in (2025, 2026)
    ]
    with pytest.raises(InvalidPattern, match="repeats=True"):
        series(pattern="{kode}/{nomor}/{unit}")
    for restart in Restart:
        row = series(pattern="{kode}/{nomor}/{unit}", restart=restart, repeats=True)
        assert {row.render(15, each) for each in fields} == {"000.8.3.3/15/OR"}
        assert row.parse("000.8.3.3/15/OR").year is None
    row = series(pattern="{kode}/{nomor}/{unit}", repeats=True)
    assert [row.counter(each) for each in fields] == ["2025", "2026"]
    with pytest.raises(InvalidPattern, match=r"add {jenis}"):
        series(pattern="{kode}/{nomor}/{unit}", scope=("kind",), repeats=True)
    # Where the number tells the period anyway, they do not repeat, and nothing else changes.
    assert series(repeats=True).counter(fields[0]) == series().counter(fields[0])


def test_later_entries_stand_in_a_definition_only_where_they_say_something() -> None:
    known = {"code", "pattern", "restart", "scope", "start", "timezone"}
    assert set(series().definition()) == known
    assert series(kinds={}, insertion="", repeats=False).definition() == series().definition()
    full = series(repeats=True, insertion=".A", kinds={"Kept.": "NOMOR {nomor}"}).definition()
    assert {name: full[name] for name in set(full) - known} == {
        "repeats": True,
        "insertion": ".A",
        "kinds": [["Kept.", "NOMOR {nomor}"]],
    }


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(InvalidInput, match="time zone"):
        series().local_date(datetime.datetime(2026, 1, 1))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("A;classification=B", "C"), ("A", "B;classification=C")),
        (("A;", "C"), ("A%3B", "C")),
    ],
)
def test_a_value_cannot_imitate_the_counter_of_another(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    row = series(pattern="{unit}|{kode}|{nomor}|{tahun}", scope=("unit", "classification"))
    counters = {
        row.counter(NumberFields(date=NOVEMBER, unit=unit, classification=classification))
        for unit, classification in (one, other)
    }
    assert len(counters) == 2

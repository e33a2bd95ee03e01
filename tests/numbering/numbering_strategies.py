"""Series, fields and texts full of what could be mistaken for something else."""

from __future__ import annotations

import datetime
from typing import Any

from hypothesis import strategies as st

from sipadek.errors import InvalidNumber, InvalidPattern
from sipadek.numbering import INSERTIONS, NumberFields, ParsedNumber, Pattern, Restart, Series

NASTY = "1I-/. BSRXT{}%;A0a"
KINDS = ("ND", "KEP", "BA-1", "I")
FIELDS = (
    *("{kode}", "{kode:angka}", "{unit}", "{jabatan}", "{jenis}", "{sifat}", "{x.a}", "{x.b-1}"),
    *("{bulan}", "{bulan:2}", "{bulan:romawi}", "{tahun}", "{tahun:2}", "{tanggal}", "{tanggal:2}"),
)
NUMBERS = ("{nomor}", "{nomor:2}", "{nomor:3}")
SCOPES = ("unit", "classification", "kind", "secrecy", "post", "x.a", "x.b-1")

separators = st.sampled_from(["/", "-", ".", " ", ";", "%", "", "A", "1", "I", "-/", " TAHUN "])
insertions = st.sampled_from(["", *INSERTIONS])


def _name(field: str) -> str:
    return field.strip("{}").partition(":")[0]


@st.composite
def pattern_texts(draw: st.DrawFn, *, most: int = 4, separators: Any = separators) -> str:
    """What may or may not be a pattern: fields in any order, anything between them."""
    pieces = draw(st.lists(st.sampled_from(FIELDS), max_size=most, unique_by=_name))
    pieces.insert(draw(st.integers(0, len(pieces))), draw(st.sampled_from(NUMBERS)))
    return "".join(draw(separators) + piece for piece in pieces) + draw(separators)


@st.composite
def any_series(draw: st.DrawFn, *, repeats: bool | None = None) -> Series:
    """Any accepted series: as drawn where that is accepted, or else the nearest that is safe."""
    pattern = draw(pattern_texts())
    kinds = draw(st.dictionaries(st.sampled_from(KINDS), pattern_texts(), max_size=3))
    if len(kinds) > 1 and draw(st.booleans()):
        first, second, *_ = kinds
        kinds[first] = kinds[second]
    drawn: dict[str, Any] = {
        "code": "surat",
        "pattern": pattern,
        "kinds": kinds,
        "insertion": draw(insertions),
        "scope": tuple(draw(st.lists(st.sampled_from(SCOPES), unique=True, max_size=2))),
        "restart": draw(st.sampled_from(Restart)),
        "repeats": draw(st.booleans()) if repeats is None else repeats,
    }
    # Safe: fields apart, kinds marked in front, counters by nothing that a number leaves out.
    texts = sorted(kinds.values())
    apart = {
        "pattern": f"<>{_apart(pattern)}",
        "kinds": {kind: f"<{texts.index(text)}>{_apart(text)}" for kind, text in kinds.items()},
    }
    told = {"restart": Restart.NEVER, "scope": ()}
    for change in ({}, told, apart, apart | told):
        try:
            return Series(**(drawn | change))
        except InvalidPattern:
            continue
    raise AssertionError(drawn)


def _apart(text: str) -> str:
    """The fields of a pattern with a separator that no insertion holds."""
    return "|".join(f"{{{piece.partition('}')[0]}}}" for piece in text.split("{")[1:])


def values(alphabet: str = NASTY) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=1, max_size=3)


number_fields = st.builds(
    NumberFields,
    date=st.dates(datetime.date(2025, 11, 1), datetime.date(2026, 2, 28))
    | st.sampled_from([datetime.date(1926, 1, 1), datetime.date(2126, 12, 31)]),
    unit=values(),
    classification=values("01.") | values(),
    kind=st.sampled_from(KINDS) | values(),
    secrecy=st.sampled_from(["B", "T", "R", "SR"]),
    post=values(),
    extra=st.fixed_dictionaries({"a": values(), "b-1": values()}),
)
sequences = st.integers(1, 120) | st.integers(1, 10**12 - 1)
inserted = st.integers(0, 60) | st.integers(0, 9999)


def told(row: Series, sequence: int, fields: NumberFields, insertion: int) -> ParsedNumber:
    """What a number of the series has to tell, from the outside."""
    text = row.kinds.get(fields.kind, row.pattern)
    sharing = tuple(sorted(kind for kind in row.kinds if row.kinds[kind] == text))
    names = Pattern.compile(text).attributes
    everything: dict[str, Any] = {
        "unit": fields.unit,
        "classification": fields.classification,
        "kind": fields.kind,
        "secrecy": fields.secrecy,
        "post": fields.post,
        "year": fields.date.year,
        "month": fields.date.month,
        "day": fields.date.day,
    }
    found = {name: value for name, value in everything.items() if name in names}
    if len(sharing) == 1:
        found["kind"] = fields.kind
    elif "kind" not in names:
        found["kinds"] = sharing
    own = {name: value for name, value in fields.extra.items() if f"x.{name}" in names}
    return ParsedNumber(sequence=sequence, insertion=insertion, extra=own, **found)


def rendered(row: Series, sequence: int, fields: NumberFields, insertion: int) -> str | None:
    """The number, or None where the values cannot stand in it."""
    try:
        return row.render(sequence, fields, insertion)
    except InvalidNumber:
        return None

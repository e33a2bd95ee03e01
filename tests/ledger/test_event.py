"""Events: one spelling each, and nothing else is read."""

from __future__ import annotations

import datetime
import enum
import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipadek.archive import Secrecy
from sipadek.errors import InvalidInput, LedgerInconsistent
from sipadek.ledger import MAX_EVENT, Event

MOMENT = datetime.datetime(2026, 11, 24, 3, 4, 5, 6, tzinfo=datetime.UTC)
WIB = datetime.timezone(datetime.timedelta(hours=7))
BODY = (
    b'{"at":"2026-11-24T03:04:05.000006Z","data":{"n":[1,true,"\xc3\xa9"]},'
    b'"kind":"letter.issued","subject":"L1"}'
)
ISSUED = Event(kind="letter.issued", at=MOMENT, subject="L1", data={"n": [1, True, "é"]})

keys = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
scalars = texts | st.integers(-(2**53) + 1, 2**53 - 1) | st.booleans()
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
words = st.from_regex(r"[a-z]{1,8}\.[a-z]{1,8}", fullmatch=True)
events = st.builds(
    Event,
    kind=words,
    at=st.datetimes(
        datetime.datetime(1000, 1, 2), datetime.datetime(9999, 12, 30), timezones=st.timezones()
    ),
    subject=st.text("AZaz09-/. é", min_size=1, max_size=20),
    data=st.dictionaries(keys, values, max_size=4),
)


@given(events)
def test_an_event_reads_back(event: Event) -> None:
    body = event.canonical_bytes()
    again = Event.parse(body)
    assert again == event
    assert again.canonical_bytes() == body
    assert pickle.loads(pickle.dumps(event)) == event


@given(events, events)
def test_two_events_share_their_bytes_only_if_equal(one: Event, other: Event) -> None:
    assert (one.canonical_bytes() == other.canonical_bytes()) == (one == other)


@given(events)
def test_the_bytes_are_plain_json_with_one_line(event: Event) -> None:
    body = event.canonical_bytes()
    assert b"\n" not in body
    loaded = json.loads(body)
    assert loaded["data"] == event.data
    assert list(loaded) == ["at", "data", "kind", "subject"]


@given(events, st.data())
def test_any_changed_byte_is_noticed(event: Event, data: st.DataObject) -> None:
    body = event.canonical_bytes()
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, min(len(body), start + 2)))
    changed = body[:start] + data.draw(st.binary(max_size=2)) + body[end:]
    try:
        again = Event.parse(changed)
    except LedgerInconsistent:
        assert changed != body
    else:
        assert again.canonical_bytes() == changed
        assert (again == event) == (changed == body)


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_anything_else_is_refused(body: bytes) -> None:
    with pytest.raises(LedgerInconsistent, match="not an event"):
        Event.parse(body)


def test_the_bytes_of_an_event_stay_what_they_are() -> None:
    assert ISSUED.canonical_bytes() == BODY
    assert Event.parse(BODY) == ISSUED


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"{", b" {"),
        (b"}", b"}\n"),
        (b":", b": "),
        (b"\xc3\xa9", b"\\u00e9"),
        (b"\xc3\xa9", b"\xe9"),
        (b"\xc3\xa9", b"\\ud800"),
        (b'"n":[', b'"n":[1.0,'),
        (b'"n":[', b'"n":[1e2,'),
        (b'"n":[', b'"n":[-0,'),
        (b'"n":[', b'"n":[NaN,'),
        (b'"n":[', b'"n":[Infinity,'),
        (b'"n":[', b'"n":[null,'),
        (b'"n":[', b'"n":[9007199254740992,'),
        (b'"n":[', b'"n":[' + b"9" * 5000 + b","),
        (b'"n":[', b'"n":' + b"[" * 100_000),
        (b'"n":[', b'"n":0,"n":['),
        (b'"n":[', b'"N":['),
        (b'"at":', b'"a":1,"at":'),
        (b"000006Z", b"000006+00:00"),
        (b"000006Z", b"000006"),
        (b"T", b" "),
        (b"2026-11-24T03:04:05.000006Z", b"2026-11-24T10:04:05.000006+07:00"),
        (b'"2026-11-24T03:04:05.000006Z"', b"1"),
        (b'"kind":"letter.issued",', b""),
        (b"letter.issued", b"Letter.Issued"),
        (b'"L1"', b'""'),
        (BODY, b"[]"),
        (BODY, b'{"at":'),
        (BODY, b"\xef\xbb\xbf" + BODY),
        (BODY, b" " * (MAX_EVENT + 1)),
    ],
)
def test_a_second_spelling_is_refused(old: bytes, new: bytes) -> None:
    assert old in BODY
    with pytest.raises(LedgerInconsistent):
        Event.parse(BODY.replace(old, new))


class Order(enum.IntEnum):
    FIRST = 1


def test_data_is_copied_into_plain_values() -> None:
    scope = ["unit"]
    event = Event(
        kind="a.b", at=MOMENT, subject="x", data={"s": scope, "e": Order.FIRST, "c": Secrecy.BIASA}
    )
    scope.append("kind")
    assert event.data == {"s": ["unit"], "e": 1, "c": "B"}
    assert [type(value) for value in event.data.values()] == [list, int, str]
    assert Event(kind="a.b", at=MOMENT, subject="x", data={"t": (1, 2)}).data == {"t": [1, 2]}


def test_time_is_kept_in_utc() -> None:
    event = Event(kind="a.b", at=MOMENT.astimezone(WIB), subject="x")
    assert event.at.utcoffset() == datetime.timedelta(0)
    assert event.canonical_bytes().startswith(b'{"at":"2026-11-24T03:04:05.000006Z"')


@pytest.mark.parametrize(
    "changes",
    [
        *({"kind": kind} for kind in ["", "issued", "A.b", "a..b", "a.b-", None, "a.b\n"]),
        *({"subject": subject} for subject in ["", "a\nb", "\ud800", "x" * 201, None, 1]),
        *({"at": at} for at in [None, "2026", MOMENT.replace(tzinfo=None), MOMENT.date()]),
        {"at": datetime.datetime.min.replace(tzinfo=WIB)},
        *(
            {"data": {"a": value}}
            for value in [1.0, None, b"", {1, 2}, 2**53, -(2**53), "\ud800", object(), [[1.0]],
                          {"A": 1}, {1: 1}, {"": 1}, [[[[[[[[[1]]]]]]]]]]
        ),
        *({"data": data} for data in [None, [], "a", {"a b": 1}, {"é": 1}, {"a" * 65: 1}]),
    ],
)  # fmt: skip
def test_what_has_no_canonical_bytes_is_refused(changes: dict[str, Any]) -> None:
    usual: dict[str, Any] = {"kind": "letter.issued", "at": MOMENT, "subject": "L1", "data": {}}
    Event(**usual)
    with pytest.raises(InvalidInput):
        Event(**(usual | changes))


def test_an_event_has_a_greatest_size() -> None:
    with pytest.raises(InvalidInput, match="digest"):
        Event(kind="a.b", at=MOMENT, subject="x", data={"a": "x" * MAX_EVENT}).canonical_bytes()

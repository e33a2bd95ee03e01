"""The register's promises, one by one; test_register_model.py holds them together."""

from __future__ import annotations

import concurrent.futures
import contextlib
import datetime
import multiprocessing
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sql_office import NOW, ORIGIN, PLAIN, SERIES, Office, digest_of, filed, request

from sipadek.archive import Letter, LetterDetails, ReservationRequest, Secrecy, State
from sipadek.errors import (
    DamagedRegister,
    InvalidInput,
    InvalidNumber,
    KeyConflict,
    NotAnOffice,
    NotFound,
    NumberVoid,
    SeriesConflict,
    SipadekError,
)
from sipadek.ledger import CheckpointKey, CompactRange, Event, leaf_hash
from sipadek.numbering import Series
from sipadek.search import Sort, Viewer, parse_query
from sipadek.sql import CounterState, Database, Register, rows

EVERYONE = Viewer()


# --- series -------------------------------------------------------------------------------------


@given(
    st.lists(st.datetimes(timezones=st.just(datetime.UTC)), min_size=2, max_size=40),
)
def test_ids_of_one_time_stand_together_and_none_comes_twice(
    moments: list[datetime.datetime],
) -> None:
    ids = [rows.new_id(moment) for moment in [*moments, *moments]]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z2-7]{26}", id_) for id_ in ids)
    starts = {int(moment.timestamp() * 1000) % 2**45 for moment in moments}
    assert len({id_[:9] for id_ in ids}) == len(starts)


def test_series_are_defined_once(office: Office) -> None:
    before = office.register.head().size
    assert office.register.define_series(SERIES, at=NOW) == SERIES
    assert office.register.head().size == before
    assert office.register.all_series() == (PLAIN, SERIES)
    assert office.register.series("surat") == SERIES
    with pytest.raises(SeriesConflict):
        office.register.define_series(attrs.evolve(SERIES, start=2), at=NOW)
    with pytest.raises(NotFound):
        office.register.series("none")


def test_a_series_of_another_process_is_seen(office: Office, tmp_path: Path) -> None:
    other = Database(office.path, lock=tmp_path / "locks" / "register.lock")
    with contextlib.closing(other):
        register = Register(other, key=office.key, origin=ORIGIN)
        register.define_series(Series(code="baru", pattern="B-{nomor}/{tahun}"), at=NOW)
    (letter,) = office.reserved(request("a", series="baru"))
    assert letter.number == "B-1/2026"


# --- reserving ----------------------------------------------------------------------------------


def test_numbers_count_in_each_counter(office: Office) -> None:
    letters = office.reserved(
        request("a"),
        request("b"),
        request("c", unit="KEL-BARU"),
        request("d", year=2027),
        request("e", series="nota"),
        request("f", series="nota", unit="KEL-BARU"),
    )
    assert [letter.number for letter in letters] == [
        "400.12.2.1/0001/KEL-LEGOK/XI/2026",
        "400.12.2.1/0002/KEL-LEGOK/XI/2026",
        "400.12.2.1/0001/KEL-BARU/XI/2026",
        "400.12.2.1/0001/KEL-LEGOK/XI/2027",
        "N-7",
        "N-8",
    ]
    assert office.register.counters() == tuple(
        CounterState(series=s, counter=c, start=f, last=n, reserved=r, issued=0, void=0)
        for s, c, f, n, r in [
            ("nota", "all", 7, 8, 2),
            ("surat", "unit=KEL-BARU;2026", 1, 1, 1),
            ("surat", "unit=KEL-LEGOK;2026", 1, 2, 2),
            ("surat", "unit=KEL-LEGOK;2027", 1, 1, 1),
        ]
    )


def test_a_letter_is_what_was_asked_for(office: Office) -> None:
    asked = request("a", secrecy=Secrecy.RAHASIA, subject="Perihal ‘rahasia’\n日本")
    (letter,) = office.reserved(asked)
    assert letter == Letter(
        id=letter.id,
        number="400.12.2.1/0001/KEL-LEGOK/XI/2026",
        sequence=1,
        counter="unit=KEL-LEGOK;2026",
        state=State.RESERVED,
        details=asked.details,
        key="a",
        original_digest=asked.content,
        original_size=1234,
        reserved_at=NOW,
    )
    assert re.fullmatch(r"[a-z2-7]{26}", letter.id)
    assert office.register.get(letter.id) == letter
    assert office.register.get(letter.number) == letter
    assert list(office.register.letters()) == [letter]


def test_times_are_kept_in_utc(office: Office) -> None:
    wib = datetime.timezone(datetime.timedelta(hours=7))
    (letter,) = office.register.reserve([request("a")], at=NOW.astimezone(wib))
    assert isinstance(letter, Letter)
    assert letter.reserved_at.utcoffset() == datetime.timedelta(0)
    assert office.register.get(letter.id) == letter
    with pytest.raises(InvalidInput):
        office.register.reserve([request("b")], at=NOW.replace(tzinfo=None))


def test_a_retry_is_not_a_second_letter(office: Office) -> None:
    first, again = office.reserved(request("a"), request("a"))
    assert first == again
    assert office.reserved(request("a")) == [first]
    assert office.register.head().size == 3
    assert office.register.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"content": digest_of("other")},
        {"size": 1235},
        {"subject": "Lain"},
        {"unit": "KEL-BARU"},
        {"classification": "400"},
        {"kind": "SK"},
        {"secrecy": Secrecy.TERBATAS},
        {"date": datetime.date(2026, 11, 4)},
        {"series": "nota"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_key_with_anything_else_is_a_conflict(office: Office, change: dict[str, object]) -> None:
    (letter,) = office.reserved(request("a"))
    asked = request("a")
    if set(change) <= {"content", "size"}:
        asked = attrs.evolve(asked, **change)  # type: ignore[arg-type]
    else:
        asked = attrs.evolve(asked, details=attrs.evolve(asked.details, **change))  # type: ignore[arg-type]
    (error,) = office.reserve(asked)
    assert isinstance(error, KeyConflict)
    assert error.fields["letter"] == letter.id
    # In one call as well, and without hurting its neighbours.
    first, conflict, last = office.reserve(
        attrs.evolve(request("a"), key="n"), attrs.evolve(asked, key="n"), request("z")
    )
    assert isinstance(first, Letter)
    assert isinstance(conflict, KeyConflict)
    assert isinstance(last, Letter)
    assert last.sequence == first.sequence + 1


def test_fields_do_not_run_into_each_other_in_the_fingerprint(office: Office) -> None:
    asked = request("a")
    one = attrs.evolve(asked, details=attrs.evolve(asked.details, kind="ab", subject="c"))
    two = attrs.evolve(asked, details=attrs.evolve(asked.details, kind="a", subject="bc"))
    assert isinstance(office.reserve(one, two)[1], KeyConflict)


def test_refused_requests_take_no_number(office: Office) -> None:
    asked = request("bad")
    refused = [
        (request("b", unit=""), InvalidNumber),
        (request("c", series="none"), NotFound),
        (attrs.evolve(asked, key=""), InvalidInput),
        (attrs.evolve(asked, key="a\0b"), InvalidInput),
        (attrs.evolve(asked, key="a\ud800"), InvalidInput),
        (attrs.evolve(asked, content="0" * 63), InvalidInput),
        (attrs.evolve(asked, content="0" * 63 + "G"), InvalidInput),
        (attrs.evolve(asked, size=-1), InvalidInput),
        (attrs.evolve(asked, size=2**53), InvalidInput),
        (request("d", subject="half \udc00"), InvalidInput),
        (request("e", series="no\ud800"), InvalidInput),
        (request("f", subject="x" * 2**20), InvalidInput),
    ]
    asked_for = [request("first"), *(bad for bad, _ in refused), request("last")]
    first, *errors, last = office.reserve(*asked_for)
    assert [type(error) for error in errors] == [wanted for _, wanted in refused]
    assert isinstance(first, Letter)
    assert isinstance(last, Letter)
    assert (first.sequence, last.sequence) == (1, 2)
    assert office.findings() == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    key=st.text(min_size=1),
    subject=st.text(),
    kind=st.text(),
    size=st.integers(0, 2**53 - 1),
    secrecy=st.sampled_from(Secrecy),
    at=st.datetimes(timezones=st.just(datetime.UTC)),
)
def test_event_bytes_are_canonical(
    office: Office,
    key: str,
    subject: str,
    kind: str,
    size: int,
    secrecy: Secrecy,
    at: datetime.datetime,
) -> None:
    asked = ReservationRequest(
        key=key,
        details=LetterDetails(
            series="nota",
            subject=subject,
            date=datetime.date(2026, 1, 1),
            kind=kind,
            secrecy=secrecy,
        ),
        content=digest_of(key),
        size=size,
    )
    (letter,) = office.register.reserve([asked], at=at)
    if isinstance(letter, SipadekError):
        assert isinstance(letter, InvalidInput | KeyConflict)
        return
    assert office.register.get(letter.id).details == asked.details
    office.register.issue(
        [attrs.evolve(filed(letter), signer=subject.replace("\0", ""), extractor=kind)], at=at
    )
    for body in office.register.events():
        assert Event.parse(body).canonical_bytes() == body


# --- issuing and voiding ------------------------------------------------------------------------


def test_issuing_puts_a_letter_on_record_and_makes_it_findable(office: Office) -> None:
    (letter,) = office.reserved(request("a"))
    assert office.register.search("domisili", EVERYONE).total == 0
    later = NOW + datetime.timedelta(seconds=3)
    (issued,) = office.register.issue([filed(letter)], at=later)
    assert issued == attrs.evolve(
        letter,
        state=State.ISSUED,
        filed_digest=filed(letter).digest,
        filed_size=5678,
        signer="CN=Lurah Legok",
        issued_at=later,
    )
    assert office.register.get(letter.id) == issued
    assert office.register.find_filed(issued.filed_digest) == issued
    assert office.register.find_filed(digest_of("none")) is None
    assert office.reserved(request("a")) == [issued]
    results = office.register.search("domisili", EVERYONE)
    assert results.total == 1
    assert results.hits[0].letter == issued
    assert "<mark>" in results.hits[0].snippet
    assert office.findings() == []


def test_issuing_again_changes_nothing(office: Office) -> None:
    (letter,) = office.reserved(request("a"))
    first, twin = office.register.issue(
        [filed(letter), attrs.evolve(filed(letter), digest=digest_of("other"))], at=NOW
    )
    assert first == twin
    size = office.register.head().size
    other = attrs.evolve(filed(letter), digest=digest_of("another"), pages=("x",))
    later = NOW + datetime.timedelta(days=1)
    assert office.register.issue([other], at=later) == [first]
    assert office.register.head().size == size
    assert office.findings() == []


def test_issuing_is_all_or_nothing(office: Office) -> None:
    good, bad = office.reserved(request("a"), request("b"))
    office.register.void(bad.id, reason="salah ketik", at=NOW)
    with pytest.raises(NumberVoid) as caught:
        office.register.issue([filed(good), filed(bad)], at=NOW)
    assert caught.value.fields["letter"] == bad.id
    assert office.register.get(good.id).state is State.RESERVED
    with pytest.raises(NotFound):
        office.register.issue([filed(good), attrs.evolve(filed(good), letter="none")], at=NOW)
    for wrong in ({"digest": "x"}, {"size": -1}, {"signer": "\0"}, {"letter": "\ud800"}):
        with pytest.raises(InvalidInput):
            office.register.issue([attrs.evolve(filed(good), **wrong)], at=NOW)
    assert office.register.get(good.id).state is State.RESERVED
    assert office.register.search("domisili", EVERYONE).total == 0


def test_void_numbers_are_kept_and_never_given_again(office: Office) -> None:
    first, second = office.reserved(request("a"), request("b"))
    office.register.issue([filed(second)], at=NOW)
    for letter in (first, second):
        void = office.register.void(letter.id, reason="dibatalkan", at=NOW)
        assert void.state is State.VOID
        assert void.void_reason == "dibatalkan"
        assert office.register.get(letter.id) == void
        assert office.register.void(letter.id, reason="lain", at=NOW) == void
        assert isinstance(office.reserve(request(letter.key))[0], NumberVoid)
    (third,) = office.reserved(request("c"))
    assert third.sequence == 3
    assert office.register.get(second.id).filed_digest == filed(second).digest
    assert office.findings() == []
    with pytest.raises(InvalidInput):
        office.register.void(third.id, reason="  ", at=NOW)
    with pytest.raises(NotFound):
        office.register.void("none", reason="tidak ada", at=NOW)


# --- reading ------------------------------------------------------------------------------------


def test_a_number_of_two_series_must_be_asked_for_by_id(office: Office) -> None:
    office.register.define_series(attrs.evolve(PLAIN, code="nota2"), at=NOW)
    one, two = office.reserved(request("a", series="nota"), request("b", series="nota2"))
    assert one.number == two.number
    with pytest.raises(InvalidInput) as caught:
        office.register.get(one.number)
    assert caught.value.fields["letters"] == [one.id, two.id]
    assert office.register.get(two.id) == two
    with pytest.raises(NotFound):
        office.register.get("N-9")
    with pytest.raises(InvalidInput):
        office.register.get("\ud800")


def test_streams_go_through_all_pages_while_others_write(office: Office) -> None:
    letters = office.reserved(*(request(f"{n}") for n in range(1203)))
    office.register.issue([filed(letter) for letter in letters[::2]], at=NOW)
    seen = []
    for letter in office.register.letters():
        if len(seen) == 10:
            office.reserved(request("meanwhile"))
        seen.append(letter.id)
    assert seen[:1203] == [letter.id for letter in letters]
    assert len(seen) == 1204
    issued = [letter.id for letter in office.register.letters(State.ISSUED)]
    assert issued == [letter.id for letter in letters[::2]]
    bodies = list(office.register.events())
    assert len(bodies) == office.register.head().size == 2 + 1204 + 602
    assert list(office.register.events(1200)) == bodies[1200:]
    root = CompactRange.of(map(leaf_hash, bodies)).root()
    assert office.register.head().root == root


def test_pending_letters_are_those_reserved_before(office: Office) -> None:
    minutes = [NOW + datetime.timedelta(minutes=n) for n in range(4)]
    letters = []
    for n, at in enumerate(minutes):
        (letter,) = office.register.reserve([request(f"{n}")], at=at)
        assert isinstance(letter, Letter)
        letters.append(letter)
    office.register.issue([filed(letters[0])], at=NOW)
    assert office.register.pending(minutes[3]) == tuple(letters[1:3])


def test_search_shows_no_one_what_they_may_not_see(office: Office) -> None:
    letters = office.reserved(
        request("a"),
        request("b", unit="KEL-BARU"),
        request("c", secrecy=Secrecy.RAHASIA),
    )
    office.register.issue([filed(letter) for letter in letters], at=NOW)
    legok = Viewer(units=frozenset({"KEL-LEGOK"}), clearance=Secrecy.BIASA)
    results = office.register.search("domisili", legok)
    assert results.total == 1
    assert [hit.letter.key for hit in results.hits] == ["a"]
    everything = office.register.search("domisili", EVERYONE, limit=2)
    assert (everything.total, len(everything.hits)) == (3, 2)
    assert len(office.register.search("domisili", EVERYONE, limit=2, offset=2).hits) == 1


def test_near_words_are_tried_where_nothing_is_found(office: Office) -> None:
    letters = office.reserved(request("a"), request("b", unit="KEL-BARU", subject="Domisila"))
    office.register.issue([filed(letter) for letter in letters], at=NOW)
    typed = office.register.search("domisli KEL-LEGOK", EVERYONE)
    assert (typed.suggestion, typed.total) == ("domisili KEL-LEGOK", 1)
    assert typed.query == parse_query(typed.suggestion)
    assert "<mark>" in typed.hits[0].snippet
    # Served as typed, or with nothing better.
    for query, total in (("domisili", 2), ("xyzzy", 0), ("domisli ATAU domisila", 1), ("9999", 0)):
        results = office.register.search(query, EVERYONE)
        assert (results.suggestion, results.total) == ("", total)
    assert office.register.search(parse_query("domisli"), EVERYONE).total == 0
    # Who may not see the letter gets no suggestion from it, and one from what they may see.
    baru = Viewer(units=frozenset({"KEL-BARU"}))
    assert office.register.search("perihal:domisli", baru).suggestion == ""
    assert office.register.search("perihal:domisilla", baru).suggestion == "perihal:domisila"
    assert office.register.search("perihal:domisli", EVERYONE).suggestion == "perihal:domisili"


def test_the_order_is_that_of_the_call_the_query_or_the_best_match(office: Office) -> None:
    letters = office.reserved(request("a"), request("b"), request("c"))
    office.register.issue([filed(letter) for letter in letters], at=NOW)

    def keys(query: str, sort: Sort | None = None) -> str:
        hits = office.register.search(query, EVERYONE, sort=sort).hits
        return "".join(hit.letter.key for hit in hits)

    assert keys("domisili urut:terlama") == keys("domisili", Sort.OLDEST) == "abc"
    assert keys("domisili urut:terbaru") == keys("domisili") == "cba"
    assert keys("domisili urut:terlama", Sort.NEWEST) == "cba"


def test_sender_and_recipient_are_own_fields_of_the_letter(office: Office) -> None:
    wanted = request("a")
    own = {"dari": "Camat Telanaipura", "kepada": "Dinas Sosial"}
    wanted = attrs.evolve(wanted, details=attrs.evolve(wanted.details, extra=own))
    letters = office.reserved(wanted, request("b"))
    office.register.issue([filed(letter) for letter in letters], at=NOW)
    for _ in range(2):
        for query, total in (("dari:camat", 1), ("kepada:dinsos", 1), ("kepada:camat", 0)):
            assert office.register.search(query, EVERYONE).total == total
        assert list(office.register.check_index()) == []
        office.register.rebuild_index()


def test_the_index_can_be_made_anew(office: Office) -> None:
    letters = office.reserved(request("a"), request("b"))
    office.register.issue([filed(letter) for letter in letters], at=NOW)
    with office.database.write() as connection:
        connection.execute(
            "INSERT INTO sipadek_letter_index(sipadek_letter_index) VALUES ('delete-all')"
        )
    assert office.findings()
    assert office.register.rebuild_index() == 2
    assert office.findings() == []
    assert office.register.search("domisili", EVERYONE).total == 2


# --- whose register -----------------------------------------------------------------------------


def test_another_origin_or_key_is_refused(office: Office) -> None:
    office.reserved(request("a"))
    with pytest.raises(NotAnOffice):
        Register(office.database, key=office.key, origin="other.example")
    with pytest.raises(DamagedRegister):
        Register(office.database, key=CheckpointKey.generate(ORIGIN), origin=ORIGIN)


def test_no_honest_letter_signs_a_rewritten_history(office: Office) -> None:
    """Someone with the file but without the key drops an event and mends the head."""
    office.reserved(request("a"), request("b"))
    bodies = list(office.register.events())[:-1]
    forged = CompactRange.of(map(leaf_hash, bodies))
    with contextlib.closing(sqlite3.connect(office.path)) as connection:
        connection.execute("DELETE FROM sipadek_event WHERE position = ?", (len(bodies),))
        connection.execute("DELETE FROM sipadek_entry WHERE key = 'b'")
        connection.execute("UPDATE sipadek_counter SET last = 1")
        connection.execute(
            "UPDATE sipadek_log_head SET size = ?, hashes = ?",
            (forged.size, b"".join(forged.hashes)),
        )
        connection.commit()
    with pytest.raises(DamagedRegister, match="signed"):
        office.reserve(request("c"))
    with pytest.raises(DamagedRegister):
        office.register.head()
    assert any(finding.startswith("log-altered") for finding in office.findings())


def test_a_counter_that_was_set_back_gives_no_number_twice(office: Office) -> None:
    office.reserved(request("a"), request("b"))
    with contextlib.closing(sqlite3.connect(office.path)) as connection:
        connection.execute("UPDATE sipadek_counter SET last = 1")
        connection.commit()
    with pytest.raises(DamagedRegister, match="contradicts"):
        office.reserve(request("c"))
    assert office.register.count() == 2


# --- races and crashes --------------------------------------------------------------------------


def _take(folder: Path, pem: bytes, keys: list[str]) -> list[str]:
    database = Database(folder / "register.sqlite", lock=folder / "locks" / "register.lock")
    with contextlib.closing(database):
        register = Register(database, key=CheckpointKey.from_pem(pem, ORIGIN), origin=ORIGIN)
        numbers = []
        for key in keys:
            (letter,) = register.reserve([request(key)], at=NOW)
            assert isinstance(letter, Letter)
            register.issue([filed(letter)], at=NOW)
            numbers.append(letter.number)
        return numbers


def test_processes_and_threads_race_over_keys_and_counters(office: Office, tmp_path: Path) -> None:
    keys = [f"shared {n}" for n in range(15)]
    pem = office.key.to_pem()
    with (
        concurrent.futures.ProcessPoolExecutor(
            3, mp_context=multiprocessing.get_context("spawn")
        ) as processes,
        concurrent.futures.ThreadPoolExecutor(3) as threads,
    ):
        running = [
            executor.submit(_take, tmp_path, pem, [*keys, *(f"{kind}{n} {k}" for k in range(5))])
            for kind, executor in (("p", processes), ("t", threads))
            for n in range(3)
        ]
        taken = [future.result() for future in running]
    assert all(numbers[:15] == taken[0][:15] for numbers in taken)
    everything = {number for numbers in taken for number in numbers}
    (counter,) = office.register.counters()
    assert counter.last == counter.issued == len(everything) == 15 + 6 * 5
    assert office.findings() == []


def _write_until_killed(folder: str, pem: str, start: str) -> None:
    path = Path(folder)
    database = Database(path / "register.sqlite", lock=path / "locks" / "register.lock")
    key = CheckpointKey.from_pem(bytes.fromhex(pem), ORIGIN)
    register = Register(database, key=key, origin=ORIGIN)
    n = 0
    while True:
        batch = [request(f"{start}.{n}.{k}") for k in range(3)]
        letters = register.reserve(batch, at=NOW)
        for letter in letters:
            assert isinstance(letter, Letter)
            print("reserved", letter.key, letter.number, flush=True)
        for letter in register.issue([filed(letters[0])], at=NOW):  # type: ignore[arg-type]
            print("issued", letter.key, letter.number, flush=True)
        n += 1


@pytest.mark.skipif(sys.platform == "win32", reason="needs kill -9")
def test_a_killed_writer_loses_nothing_it_acknowledged(office: Office, tmp_path: Path) -> None:
    acknowledged: list[list[str]] = []
    for start in range(4):
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import sys, test_register; test_register._write_until_killed(*sys.argv[1:])",
                str(tmp_path),
                office.key.to_pem().hex(),
                str(start),
            ],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parent,
            text=True,
        )
        assert process.stdout is not None
        lines = [process.stdout.readline()]
        assert lines[0]
        time.sleep(0.02 + 0.05 * start)
        os.kill(process.pid, signal.SIGKILL)
        lines += process.stdout.readlines()
        process.wait()
        process.stdout.close()
        # A last line may be cut in two.
        acknowledged += [line.split(" ") for line in lines if line.endswith("\n")]
    found = {letter.key: letter for letter in office.register.letters()}
    for what, key, number in acknowledged:
        assert found[key].number == number.strip()
        assert what == "reserved" or found[key].state is State.ISSUED
    (counter,) = office.register.counters()
    assert counter.last == counter.reserved + counter.issued == len(found)
    assert office.findings() == []

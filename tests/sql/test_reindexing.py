"""The register's own index is made anew while letters are filed, read and made void."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sql_office import NOW, SERIES, Office, filed, request

from sipadek.archive import Letter
from sipadek.errors import IndexDamaged
from sipadek.search import EVERYTHING
from sipadek.sql import reindexing
from sipadek.sql.recognition import Recognised


class Clerk:
    """Does something each time the index has grown by a batch."""

    def __init__(self, office: Office, steps: list[str]) -> None:
        self._office = office
        self._steps = steps
        self._open: list[Letter] = []
        self._count = 0

    def __call__(self, *_: int) -> None:
        if self._steps:
            getattr(self, self._steps.pop())()

    def reserve(self) -> None:
        self._count += 1
        self._open += self._office.reserved(request(f"key-{self._count}"))

    def issue(self) -> None:
        """Perhaps a letter that was reserved before those that are indexed by now."""
        if self._open:
            self._office.register.issue([filed(self._open.pop(0))], at=NOW)

    def file(self) -> None:
        self.reserve()
        self._office.register.issue([filed(self._open.pop())], at=NOW)

    def blank(self) -> None:
        self.reserve()
        told = attrs.evolve(filed(self._open.pop()), pages=("", "Kedua", ""))
        self._office.register.issue([told], at=NOW)

    def read(self) -> None:
        due = self._office.register.next_unrecognised(limit=1)
        if due is not None:
            self.recognise(due[0], due[2][0], "ind", "terbaca berdomisili")

    def read_again(self) -> None:
        """Another recogniser reads something else in a page."""
        due = self._office.register.next_unrecognised(limit=1, unlike="none")
        if due is not None:
            self.recognise(due[0], due[2][0], "eng", f"terbaca ulang {self._count}")

    def recognise(self, position: int, page: int, recogniser: str, text: str) -> None:
        found = [Recognised(page=page, text=text)]
        self._office.register.record_recognised(position, found, recogniser=recogniser, at=NOW)

    def void(self) -> None:
        for letter in self._office.register.letters():
            if letter.state == "issued":
                self._office.register.void(letter.id, reason="salah", at=NOW)
                break


STEP = st.sampled_from(["file", "file", "blank", "reserve", "issue", "read", "read_again", "void"])


@contextlib.contextmanager
def worked(steps: list[str]) -> Iterator[Office]:
    with tempfile.TemporaryDirectory() as folder:
        office = Office(Path(folder))
        with contextlib.closing(office):
            office.register.define_series(SERIES, at=NOW)
            clerk = Clerk(office, [])
            for step in ("reserve", *steps):
                getattr(clerk, step)()
            office.clerk = clerk  # type: ignore[attr-defined]
            yield office


@settings(max_examples=12)
@given(
    st.lists(STEP, min_size=6, max_size=20), st.lists(STEP, max_size=10), st.lists(STEP, max_size=4)
)
def test_no_letter_is_left_out_or_stale(
    before: list[str], during: list[str], after: list[str]
) -> None:
    with worked(before) as office, mock.patch.object(reindexing, "BATCH", 2):
        clerk = office.clerk  # type: ignore[attr-defined]
        clerk._steps = list(during)
        assert office.register.reindex(progress=clerk) >= 0
        assert office.findings() == []
        for step in after:  # The index that took the other's place is written like it.
            getattr(clerk, step)()
        assert office.findings() == []
        with office.database.read() as connection:
            (count,) = connection.execute(
                "SELECT count(*) FROM sipadek_entry WHERE state = 'issued'"
            ).fetchone()
        assert office.register.reindex() == count


def test_the_old_index_serves_until_the_new_one_is_whole() -> None:
    with worked(["file"] * 6) as office, mock.patch.object(reindexing, "BATCH", 2):
        told: list[tuple[int, int]] = []

        def search(*at: int) -> None:
            told.append(at)  # type: ignore[arg-type]
            assert office.register.search("berdomisili", EVERYTHING).total == 6

        assert office.register.reindex(progress=search) == 6
        assert told == [(2, 6), (4, 6), (6, 6), (6, 6)]


def test_an_interruption_leaves_the_old_index_and_the_next_call_begins_anew() -> None:
    with worked(["file"] * 6) as office, mock.patch.object(reindexing, "BATCH", 2):
        for at in (2, 4):

            def stop(done: int, _: int, at: int = at) -> None:
                if done == at:
                    raise KeyboardInterrupt

            with pytest.raises(KeyboardInterrupt):
                office.register.reindex(progress=stop)
            assert office.findings() == []
            assert office.register.search("berdomisili", EVERYTHING).total == 6
        with office.database.read() as connection:
            assert connection.execute("SELECT 1 FROM sipadek_letter_index_new_docsize").fetchone()
        office.close()
        office.open()
        assert office.register.reindex() == 6
        assert office.findings() == []


@pytest.mark.parametrize("rows", ["id = 10", "id > 10"])
def test_a_damaged_index_is_made_anew(rows: str) -> None:
    with worked(["file"] * 6) as office:
        office.close()
        with contextlib.closing(sqlite3.connect(office.path)) as other:
            other.execute(
                f"UPDATE sipadek_letter_index_data SET block = X'FFFFFFFFFFFFFFFF' WHERE {rows}"
            )
            other.commit()
        office.open()
        with pytest.raises(IndexDamaged):
            office.register.search("berdomisili", EVERYTHING)
        assert office.register.reindex() == 6
        assert office.findings() == []
        assert office.register.search("berdomisili", EVERYTHING).total == 6


def test_other_connections_see_the_index_that_took_the_others_place() -> None:
    with worked(["file"] * 3) as office, office.database.read() as connection:
        wild = "berdom*li"
        assert office.register.search(wild, EVERYTHING).total == 3
        count = "SELECT count(*) FROM sipadek_letter_index WHERE sipadek_letter_index MATCH 'kedua'"
        assert connection.execute(count).fetchone() == (3,)
        office.register.reindex()
        assert connection.execute(count).fetchone() == (3,)  # As it was when the reading began.
        office.clerk.file()  # type: ignore[attr-defined]
        assert office.register.search(wild, EVERYTHING).total == 4
        connection.rollback()
        assert connection.execute(count).fetchone() == (4,)

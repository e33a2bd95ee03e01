"""Indexes beside the register follow its log, whatever happens in between."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sql_office import NOW, ORIGIN, SERIES, Office, filed, request

from sipadek.engines import ENGINES, open_index
from sipadek.errors import DamagedRegister
from sipadek.ledger import CheckpointKey
from sipadek.search import ANALYSIS, EVERYTHING, SearchIndex, Sort, Viewer, parse_query
from sipadek.sql import following, letter_index
from sipadek.sql.recognition import Recognised

QUERIES = ("berdomisili", "perihal:keterangan BUKAN dua", '"halaman kedua"', "terba*", "tahun:2026")
STEPS = st.lists(
    st.sampled_from(["file", "file", "blank", "void", "read", "search", "reopen", "lose", "flip"]),
    max_size=14,
)


class World:
    """A register, an index beside it, and what is done to both."""

    def __init__(self, folder: Path, engine: str) -> None:
        self.office = Office(folder)
        self.office.register.define_series(SERIES, at=NOW)
        self.engine = engine
        self.folder = folder / "index"
        self.index = open_index(engine, self.folder)
        self.count = 0

    def file(self, *pages: str) -> None:
        self.count += 1
        (letter,) = self.office.reserved(
            request(f"key-{self.count}", subject=f"Keterangan {'dua'[: self.count % 4]}")
        )
        told = filed(letter)
        if pages:
            told = attrs.evolve(told, pages=pages)
        self.office.register.issue([told], at=NOW)

    def blank(self) -> None:
        self.file("", "Halaman kedua")

    def void(self) -> None:
        for letter in list(self.office.register.letters())[-1:]:
            if letter.state != "void":
                self.office.register.void(letter.id, reason="salah", at=NOW)

    def read(self) -> None:
        due = self.office.register.next_unrecognised(limit=1)
        if due is not None:
            found = [Recognised(page=page, text="terbaca berdomisili") for page in due[2]]
            self.office.register.record_recognised(due[0], found, recogniser="x", at=NOW)

    def reopen(self) -> None:
        self.index = open_index(self.engine, self.folder)

    def lose(self) -> None:
        with self.index.writing() as writer:
            assert writer is not None
            writer.clear()

    def flip(self) -> None:
        """Some file of the index is not what it was."""
        for path in sorted(self.folder.glob("data-*/*"))[-2:]:
            path.write_bytes(b"\xff" * 40)
        self.reopen()

    def search(self) -> None:
        """What is found with the index is what is found without, also while it is behind."""
        register = self.office.register
        for query in QUERIES:
            for viewer in (EVERYTHING, Viewer(units=frozenset({"LAIN"}))):
                for sort in (None, Sort.OLDEST):
                    mine = register.search(query, viewer, sort=sort, index=self.index)
                    own = register.search(query, viewer, sort=sort)
                    assert (mine.total, mine.others) == (own.total, own.others), query
                    assert {hit.letter.id for hit in mine.hits} == {h.letter.id for h in own.hits}
                    assert sort is None or [h.letter for h in mine.hits] == [
                        h.letter for h in own.hits
                    ]

    def compare(self) -> None:
        """The index by itself finds what the register's finds."""
        for query in map(parse_query, QUERIES):
            with self.office.database.read() as connection:
                total, own = letter_index.search(connection, query, EVERYTHING, limit=1000)
            assert self.index.search(query, EVERYTHING, limit=0) == (total, [])
            _, hits = self.index.search(query, EVERYTHING, limit=1000)
            assert {position for position, _ in hits} == {position for position, _ in own}

    def close(self) -> None:
        self.office.close()


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=5)
@given(STEPS)
def test_whatever_happens_the_index_finds_what_the_register_finds(
    engine: str, steps: list[str]
) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.closing(World(Path(folder), engine)) as world,
    ):
        for step in steps:
            getattr(world, step)()
        world.search()
        world.search()  # A damaged one was begun anew by now.
        assert world.office.register.lag(world.index) == 0
        world.compare()
        assert world.office.findings() == []


def _follow_until_killed(folder: str, pem: str) -> None:
    office = Office.__new__(Office)
    office.folder, office.path = Path(folder), Path(folder) / "register.sqlite"
    office.key = CheckpointKey.from_pem(bytes.fromhex(pem), ORIGIN)
    office.open()
    world = World.__new__(World)
    world.office, world.count = office, 1000
    indexes = [open_index(engine, Path(folder) / engine) for engine in ENGINES]
    while True:
        world.file()
        world.void()
        world.blank()
        world.read()
        for index in indexes:
            office.register.follow(index)
        print("followed", flush=True)


def test_a_killed_follower_leaves_nothing_out(tmp_path: Path) -> None:
    with contextlib.closing(World(tmp_path, "whoosh")) as world:
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import sys, test_following; test_following._follow_until_killed(*sys.argv[1:])",
                str(tmp_path),
                world.office.key.to_pem().hex(),
            ],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parent,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "followed\n"
        time.sleep(random.uniform(0, 0.2))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        for engine in ENGINES:
            world.index = open_index(engine, tmp_path / engine)
            mark = world.index.mark()
            assert mark is not None, "what was followed is kept"
            assert mark.upto > 0
            world.file()
            world.search()
            world.compare()
            assert world.office.register.lag(world.index) == 0


def test_an_index_of_another_log_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    with (
        contextlib.closing(World(tmp_path / "one", "whoosh")) as one,
        contextlib.closing(World(tmp_path / "two", "whoosh")) as two,
    ):
        one.file()
        one.file("satu satunya")
        one.office.register.follow(one.index)
        for count in range(3):  # A shorter log, one as long, a longer one.
            two.file("lain halnya")
            if not count:
                one.office.register.follow(one.index)
            two.index = one.index
            assert two.office.register.lag(one.index) == two.office.register.event_count()
            two.search()
            two.compare()
            assert two.office.register.search("satunya", EVERYTHING, index=two.index).total == 0
            one.office.register.follow(one.index)
            one.compare()


def test_another_analysis_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with contextlib.closing(World(tmp_path, "whoosh")) as world:
        world.file()
        assert world.office.register.follow(world.index) == world.office.register.event_count()
        assert world.office.register.follow(world.index) == 0
        monkeypatch.setattr(type(ANALYSIS), "version", "other")
        assert world.office.register.lag(world.index) == world.office.register.event_count()
        assert world.office.register.follow(world.index) == world.office.register.event_count()
        mark = world.index.mark()
        assert mark is not None
        assert mark.analysis == "other"


def test_a_search_follows_one_batch_and_the_register_answers_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "BATCH", 4)
    with contextlib.closing(World(tmp_path, "whoosh")) as world:
        for _ in range(5):
            world.file()
        register, lags = world.office.register, []
        while lag := register.lag(world.index):
            lags.append(lag)
            assert register.search("berdomisili", EVERYTHING, index=world.index).total == 5
        assert lags == [11, 7, 3]
        world.compare()


def test_who_is_not_the_writer_does_not_wait(tmp_path: Path) -> None:
    with contextlib.closing(World(tmp_path, "whoosh")) as world:
        world.file()
        register = world.office.register
        with world.index.writing():
            assert register.search("berdomisili", EVERYTHING, index=world.index).total == 1
            assert register.lag(world.index) == register.event_count()
        register.follow(world.index)
        with world.index.writing():
            world.search()
            world.flip()
            world.search()
            assert world.index.mark() is not None, "nobody else's index is taken away"
        world.search()
        world.search()
        world.compare()


def test_progress_is_told_in_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with contextlib.closing(World(tmp_path, "whoosh")) as world:
        for _ in range(3):
            world.file()
        monkeypatch.setattr(following, "BULK", 3)
        told: list[tuple[int, int]] = []
        world.office.register.follow(world.index, progress=lambda *at: told.append(at))
        assert told == [(3, 7), (6, 7), (7, 7)]
        told.clear()
        world.office.register.follow(world.index, anew=True, progress=lambda *at: told.append(at))
        assert told == [(3, 7), (6, 7), (7, 7)]
        world.compare()


class Lying:
    """An engine with a fault: it finds a letter that it should not."""

    def __init__(self, index: SearchIndex, position: int) -> None:
        self._index, self._position = index, position
        self.mark, self.writing = index.mark, index.writing

    def search(self, *_: object, **__: object) -> tuple[int, list[tuple[int, float]]]:
        return 1, [(self._position, 1.0)]


def test_a_fault_of_an_engine_shows_nothing(tmp_path: Path) -> None:
    with contextlib.closing(World(tmp_path, "whoosh")) as world:
        world.file()
        world.office.reserved(request("reserved"))
        register = world.office.register
        register.follow(world.index)
        # What may not be seen is refused, what is not issued is asked of the register.
        nobody = Viewer(units=frozenset())
        with pytest.raises(DamagedRegister):
            register.search("berdomisili", nobody, index=Lying(world.index, 1))
        for position in (2, 99):
            results = register.search("berdomisili", EVERYTHING, index=Lying(world.index, position))
            assert [hit.letter.key for hit in results.hits] == ["key-1"]

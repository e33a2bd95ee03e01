"""Opening the register's file: safe settings or none, one writer at a time, no shared forks."""

from __future__ import annotations

import concurrent.futures
import contextlib
import multiprocessing
import os
import resource
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sipadek.errors import (
    DamagedRegister,
    NotAnOffice,
    OfficeError,
    SipadekError,
    StorageFailed,
    UnsafeDatabase,
)
from sipadek.sql.database import Database, configure

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
forking = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


def open_at(folder: Path) -> Database:
    return Database(folder / "register.sqlite", lock=folder / "locks" / "register.lock")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with contextlib.closing(open_at(tmp_path)) as opened:
        yield opened


def add(database: Database, name: str) -> None:
    with database.write() as connection:
        connection.execute("INSERT INTO sipadek_meta VALUES (?, 'x')", (name,))


def names(database: Database) -> set[str]:
    with database.read() as connection:
        rows = connection.execute("SELECT name FROM sipadek_meta").fetchall()
    return {name for (name,) in rows} - {"schema_version"}


# --- settings -----------------------------------------------------------------------------------


def test_every_connection_runs_with_the_safe_settings(database: Database) -> None:
    with database.read() as one, database.read() as two:
        for connection in (one, two):
            found = [
                connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            ]
            assert found == ["wal", 2, 1, 10_000]


def test_a_place_that_cannot_keep_a_write_ahead_log_is_refused(tmp_path: Path) -> None:
    # SQLite's dot-file locking has no shared memory, as on many network disks.
    path = tmp_path / "register.sqlite"
    connection = sqlite3.connect(
        f"file:{path}?vfs=unix-dotfile", uri=True, isolation_level=None, timeout=0.1
    )
    with contextlib.closing(connection), pytest.raises(UnsafeDatabase) as caught:
        configure(connection, path)
    assert caught.value.fields["setting"] == "journal_mode"


def test_an_in_memory_database_is_refused() -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    with contextlib.closing(connection), pytest.raises(UnsafeDatabase):
        configure(connection, Path(":memory:"))


def test_settings_that_do_not_take_are_refused(tmp_path: Path) -> None:
    # Inside a transaction SQLite quietly keeps the old setting of foreign_keys.
    path = tmp_path / "register.sqlite"
    open_at(tmp_path).close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN")
    with contextlib.closing(connection), pytest.raises(SipadekError):
        configure(connection, path)


# --- what is refused ----------------------------------------------------------------------------


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "register.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE someone (else_ TEXT)")
        connection.commit()
    before = path.read_bytes()
    with pytest.raises(NotAnOffice):
        open_at(tmp_path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("version", ["3", "1", "", "0"])
def test_other_versions_are_refused(tmp_path: Path, version: str) -> None:
    open_at(tmp_path).close()
    with contextlib.closing(sqlite3.connect(tmp_path / "register.sqlite")) as connection:
        connection.execute(
            "UPDATE sipadek_meta SET value = ? WHERE name = 'schema_version'", (version,)
        )
        connection.commit()
    with pytest.raises(NotAnOffice, match="version"):
        open_at(tmp_path)


def test_missing_tables_are_refused(tmp_path: Path) -> None:
    open_at(tmp_path).close()
    with contextlib.closing(sqlite3.connect(tmp_path / "register.sqlite")) as connection:
        connection.execute("DROP TABLE sipadek_log_head")
    with pytest.raises(NotAnOffice, match="log_head"):
        open_at(tmp_path)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "register.sqlite").write_bytes(b"surat " * 1000)
    with pytest.raises(NotAnOffice):
        open_at(tmp_path)


def test_a_corrupt_file_is_told(tmp_path: Path) -> None:
    with contextlib.closing(open_at(tmp_path)) as database:
        for n in range(300):
            add(database, f"name {n}")
    path = tmp_path / "register.sqlite"
    data = bytearray(path.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(DamagedRegister, match="backup"):
        open_at(tmp_path)


def test_a_folder_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "register.sqlite").mkdir()
    with pytest.raises(StorageFailed):
        open_at(tmp_path)


def test_a_lock_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "locks").write_text("in the way")
    with pytest.raises(StorageFailed):
        open_at(tmp_path)


# --- transactions -------------------------------------------------------------------------------


def test_a_failed_write_leaves_nothing(database: Database) -> None:
    add(database, "taken")

    def half_and_fail() -> None:
        with database.write() as connection:
            connection.execute("INSERT INTO sipadek_meta VALUES ('half', 'x')")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_and_fail()
    assert names(database) == {"taken"}
    add(database, "whole")
    assert names(database) == {"taken", "whole"}


def test_a_write_that_lost_its_transaction_is_not_acknowledged(database: Database) -> None:
    # SQLite rolls back by itself after some errors of the disk; a caller that went on would be in
    # autocommit.
    with pytest.raises(StorageFailed), database.write() as connection:
        connection.execute("ROLLBACK")
    add(database, "after")
    assert names(database) == {"after"}


def test_reading_sees_one_state_and_does_not_wait(database: Database) -> None:
    add(database, "first")
    with database.read() as connection:
        count = "SELECT count(*) FROM sipadek_meta WHERE name <> 'schema_version'"
        assert connection.execute(count).fetchone() == (1,)
        add(database, "second")
        assert connection.execute(count).fetchone() == (1,)
    assert names(database) == {"first", "second"}


def test_a_write_inside_a_write_is_an_error_not_a_standstill(database: Database) -> None:
    with pytest.raises(OfficeError, match="inside"), database.write(), database.write():
        pass
    add(database, "after")


def test_contradictions_are_told_as_damage(database: Database) -> None:
    add(database, "once")
    with pytest.raises(DamagedRegister):
        add(database, "once")


def test_a_closed_database_is_told(tmp_path: Path) -> None:
    database = open_at(tmp_path)
    database.close()
    database.close()
    with pytest.raises(OfficeError, match="closed"):
        add(database, "late")
    assert not (tmp_path / "register.sqlite-wal").exists()


def test_another_program_holding_the_database_is_told(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.read() as connection:
        connection.execute("PRAGMA busy_timeout = 50")
    outsider = sqlite3.connect(tmp_path / "register.sqlite", isolation_level=None)
    with contextlib.closing(outsider):
        outsider.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageFailed, match="locked"):
            add(database, "waiting")
    add(database, "after")


# --- the queue ----------------------------------------------------------------------------------


def _increment(folder: Path, times: int) -> None:
    with contextlib.closing(open_at(folder)) as database:
        for _ in range(times):
            with database.write() as connection:
                found = connection.execute("SELECT value FROM sipadek_meta WHERE name = 'n'")
                (value,) = found.fetchone() or ("0",)
                connection.execute(
                    "REPLACE INTO sipadek_meta VALUES ('n', ?)", (str(int(value) + 1),)
                )


def test_processes_and_threads_queue(tmp_path: Path) -> None:
    open_at(tmp_path).close()
    with (
        concurrent.futures.ProcessPoolExecutor(
            3, mp_context=multiprocessing.get_context("spawn")
        ) as processes,
        concurrent.futures.ThreadPoolExecutor(3) as threads,
    ):
        running = [
            executor.submit(_increment, tmp_path, 25)
            for executor in (processes, threads)
            for _ in range(3)
        ]
        for future in running:
            future.result()
    with contextlib.closing(open_at(tmp_path)) as database, database.read() as connection:
        query = "SELECT value FROM sipadek_meta WHERE name = 'n'"
        assert connection.execute(query).fetchone() == ("150",)


def test_many_processes_open_a_new_office_together(tmp_path: Path) -> None:
    with concurrent.futures.ProcessPoolExecutor(
        4, mp_context=multiprocessing.get_context("spawn")
    ) as processes:
        for future in [processes.submit(_increment, tmp_path, 1) for _ in range(8)]:
            future.result()


def test_waiting_with_a_limit_ends(database: Database) -> None:
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with database.queue.hold():
            held.set()
            done.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    try:
        with pytest.raises(OfficeError, match="longer"), database.queue.hold(timeout=0.05):
            pass
    finally:
        done.set()
        thread.join()
    with database.queue.hold(timeout=0.05):
        assert database.queue.mine


# --- a refusing disk ----------------------------------------------------------------------------


def _fill(folder: Path) -> tuple[list[str], set[str]]:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with contextlib.closing(open_at(folder)) as database:
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        size = (folder / "register.sqlite-wal").stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100_000, hard))
        kept: list[str] = []
        with contextlib.suppress(StorageFailed):
            for n in range(10_000):
                add(database, f"{n} " + "x" * 500)
                kept.append(f"{n} " + "x" * 500)
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        add(database, "space again")
        return [*kept, "space again"], names(database)


@pytest.mark.skipif(sys.platform == "win32", reason="needs resource limits")
def test_a_full_disk_is_told_and_keeps_what_was_acknowledged(tmp_path: Path) -> None:
    with concurrent.futures.ProcessPoolExecutor(
        1, mp_context=multiprocessing.get_context("spawn")
    ) as executor:
        kept, found = executor.submit(_fill, tmp_path).result()
    assert 1 < len(kept) < 10_000
    assert found == set(kept)


# --- forks --------------------------------------------------------------------------------------


def in_child(work: object) -> str:
    """Run ``work`` in a forked child and return what it returned, or the error's text."""
    assert callable(work)
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:  # pragma: no cover
        try:
            answer = str(work())
        except BaseException as error:
            answer = f"{type(error).__name__}: {error}"
        os.write(writer, answer.encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        answer = pipe.read()
    os.waitpid(process, 0)
    return answer


@needs_fork
@forking
def test_a_child_uses_connections_of_its_own(database: Database) -> None:
    add(database, "before")
    assert in_child(lambda: (add(database, "child"), sorted(names(database)))[1]) == str(
        ["before", "child"]
    )
    add(database, "after")
    assert names(database) == {"before", "child", "after"}


@needs_fork
@forking
def test_what_a_child_commits_after_the_parent_closed_is_kept(tmp_path: Path) -> None:
    """The loss this guards against: a parent that believes it closes last deletes the log."""
    database = open_at(tmp_path)
    add(database, "parent")
    go_reader, go_writer = os.pipe()
    ready_reader, ready_writer = os.pipe()
    process = os.fork()
    if process == 0:  # pragma: no cover
        with database.read():
            os.write(ready_writer, b"1")
            os.read(go_reader, 1)
        add(database, "child")
        os._exit(0)
    os.read(ready_reader, 1)
    database.close()
    os.write(go_writer, b"1")
    assert os.waitpid(process, 0)[1] == 0
    with contextlib.closing(open_at(tmp_path)) as opened:
        assert names(opened) == {"parent", "child"}


@needs_fork
@forking
@pytest.mark.parametrize("use", ["read", "write"])
def test_a_fork_while_another_thread_is_in_a_transaction_is_refused(
    database: Database, tmp_path: Path, use: str
) -> None:
    inside, done = threading.Event(), threading.Event()

    def work() -> None:
        with getattr(database, use)() as connection:
            connection.execute("SELECT * FROM sipadek_meta").fetchall()
            inside.set()
            done.wait()

    thread = threading.Thread(target=work)
    thread.start()
    inside.wait()
    try:
        assert in_child(lambda: names(database)).startswith("UnsafeDatabase")
        assert in_child(lambda: names(open_at(tmp_path))).startswith("UnsafeDatabase")
    finally:
        done.set()
        thread.join()
    assert in_child(lambda: names(database)) == "set()"
    add(database, "parent goes on")


@needs_fork
@forking
def test_a_fork_inside_a_write_leaves_the_write_to_the_parent(database: Database) -> None:
    with database.write() as connection:
        connection.execute("INSERT INTO sipadek_meta VALUES ('parent', 'x')")
        assert in_child(lambda: add(database, "child")).startswith("UnsafeDatabase")
    assert names(database) == {"parent"}


@needs_fork
@forking
def test_forks_from_many_threads_while_others_write(database: Database) -> None:
    stop = time.monotonic() + 1.0
    written: list[str] = []

    def write(thread: int) -> None:
        n = 0
        while time.monotonic() < stop:
            add(database, f"{thread}.{n}")
            written.append(f"{thread}.{n}")
            n += 1

    def fork() -> list[str]:
        seen = []
        while time.monotonic() < stop:
            seen.append(in_child(lambda: len(names(database))))
        return seen

    with concurrent.futures.ThreadPoolExecutor(3) as threads:
        writers = [threads.submit(write, n) for n in range(2)]
        seen = threads.submit(fork).result()
        for writer in writers:
            writer.result()
    assert names(database) == set(written)
    assert all(answer.isdigit() or answer.startswith("UnsafeDatabase") for answer in seen)
    assert seen


@needs_fork
@forking
def test_a_child_that_dies_does_not_keep_the_queue(database: Database) -> None:
    with database.queue.hold():
        process = os.fork()
        if process == 0:  # pragma: no cover
            time.sleep(0.3)
            os._exit(0)
    with database.queue.hold(timeout=0.1):
        pass
    os.waitpid(process, 0)

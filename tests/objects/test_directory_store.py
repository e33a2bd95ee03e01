"""The folder store: what is put comes back, survives, and nothing else gets in."""

from __future__ import annotations

import concurrent.futures
import datetime
import hashlib
import multiprocessing
import os
import resource
import signal
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sipadek.archive.store import ObjectStore
from sipadek.errors import InvalidInput, NotFound, StorageFailed
from sipadek.objects import DirectoryStore


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return DirectoryStore(tmp_path / "objects")


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def put(store: ObjectStore, data: bytes) -> str:
    with store.stage() as staged:
        staged.write(data)
        store.put(staged, digest_of(data))
    return digest_of(data)


def read(store: ObjectStore, digest: str) -> bytes:
    with store.open(digest) as file:
        return file.read()


def staging(store: ObjectStore) -> list[Path]:
    assert isinstance(store, DirectoryStore)
    return list((store.root / "staging").iterdir())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(st.binary(max_size=200), max_size=6), max_size=4))
def test_everything_put_comes_back(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[bytes]]
) -> None:
    store = DirectoryStore(tmp_path_factory.mktemp("store"))
    known = set()
    for batch in batches:
        staged = [store.stage() for _ in batch]
        for file, data in zip(staged, batch, strict=True):
            file.write(data)
        store.put_many([(file, digest_of(d)) for file, d in zip(staged, batch, strict=True)])
        for file in staged:
            file.__exit__(None, None, None)
        known.update(batch)
    assert list(store.digests()) == sorted(map(digest_of, known))
    for data in known:
        assert read(store, digest_of(data)) == data
        assert store.size(digest_of(data)) == len(data)
        assert store.exists(digest_of(data))
    assert staging(store) == []


def test_objects_are_read_only_and_each_kept_once(store: DirectoryStore) -> None:
    digest = put(store, b"surat")
    path = store.root / digest[:2] / digest
    before = path.stat()
    assert stat.S_IMODE(before.st_mode) == 0o444
    assert put(store, b"surat") == digest
    assert path.stat().st_ino == before.st_ino
    assert list(store.digests()) == [digest]


@pytest.mark.parametrize("damage", [b"", b"sura", b"Surat", b"surat and more"])
def test_a_damaged_object_is_replaced_by_the_next_put(store: DirectoryStore, damage: bytes) -> None:
    digest = put(store, b"surat")
    path = store.root / digest[:2] / digest
    path.chmod(0o644)
    path.write_bytes(damage)
    put(store, b"surat")
    assert read(store, digest) == b"surat"
    assert stat.S_IMODE(path.stat().st_mode) == 0o444


def test_another_process_may_write_the_staging_file(store: ObjectStore) -> None:
    with store.stage() as staged:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            pool.apply(Path.write_bytes, (staged.path, b"made elsewhere"))
        store.put(staged, digest_of(b"made elsewhere"))
    assert read(store, digest_of(b"made elsewhere")) == b"made elsewhere"


def test_what_is_not_put_vanishes(store: ObjectStore) -> None:
    with store.stage() as staged:
        staged.write(b"half")
    assert staging(store) == []
    assert list(store.digests()) == []
    with pytest.raises(StorageFailed, match="gone"):
        store.put(staged, digest_of(b"half"))


@given(name=st.text(max_size=70))
def test_only_digests_are_names(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    store = DirectoryStore(tmp_path_factory.getbasetemp() / "names")
    for call in (store.open, store.size, store.exists, store.delete):
        with pytest.raises(InvalidInput):
            call(name)
    with store.stage() as staged, pytest.raises(InvalidInput):
        store.put(staged, name)


@pytest.mark.parametrize(
    "name", ["A" * 64, "a" * 63, "a" * 64 + "\n", "../" + "a" * 61, "a" * 63 + "g", "٣" * 64]
)
def test_near_digests_are_refused(store: ObjectStore, name: str) -> None:
    with pytest.raises(InvalidInput):
        store.open(name)


def test_absent_objects(store: ObjectStore) -> None:
    absent = digest_of(b"never")
    assert not store.exists(absent)
    with pytest.raises(NotFound):
        store.open(absent)
    with pytest.raises(NotFound):
        store.size(absent)
    store.delete(absent)


def test_delete_and_put_again(store: ObjectStore) -> None:
    digest = put(store, b"surat")
    store.delete(digest)
    assert not store.exists(digest)
    assert list(store.digests()) == []
    put(store, b"surat")
    assert read(store, digest) == b"surat"


def test_foreign_files_are_passed_over(store: DirectoryStore) -> None:
    digest = put(store, b"surat")
    (store.root / "README").write_text("not an object")
    (store.root / digest[:2] / "notes.txt").write_text("not an object")
    other = "00" if digest[:2] != "00" else "01"
    (store.root / other).mkdir()
    (store.root / other / digest).write_bytes(b"in the wrong place")
    assert list(store.digests()) == [digest]


def test_clean_removes_only_old_staging_files(store: DirectoryStore) -> None:
    now = datetime.datetime.now(datetime.UTC)
    old, young = store.stage(), store.stage()
    for staged in (old, young):
        staged.write(b"%PDF-")
        staged.finish()
    past = (now - datetime.timedelta(hours=2)).timestamp()
    os.utime(old.path, (past, past))
    assert store.clean(before=now - datetime.timedelta(hours=1)) == 1
    assert staging(store) == [young.path]
    young.__exit__(None, None, None)
    with pytest.raises(InvalidInput):
        store.clean(before=datetime.datetime(2026, 1, 1))


def _put_all(root: Path, contents: list[bytes]) -> None:
    store = DirectoryStore(root)
    for data in contents:
        put(store, data)


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_races_over_the_same_objects_leave_them_intact(tmp_path: Path, kind: str) -> None:
    contents = [f"letter {n}".encode() * 500 for n in range(12)]
    executor: concurrent.futures.Executor
    if kind == "threads":
        executor = concurrent.futures.ThreadPoolExecutor(6)
    else:
        executor = concurrent.futures.ProcessPoolExecutor(
            3, mp_context=multiprocessing.get_context("spawn")
        )
    with executor:
        list(executor.map(_put_all, [tmp_path] * 6, [contents, contents[::-1]] * 3))
    store = DirectoryStore(tmp_path)
    assert list(store.digests()) == sorted(map(digest_of, contents))
    assert [read(store, digest_of(data)) for data in contents] == contents
    assert staging(store) == []


def _write_beyond_the_limit(root: Path) -> list[str]:
    """A file size limit is a disk that refuses bytes, on any machine and without privileges."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
    store = DirectoryStore(root)
    seen = []
    for data in (b"x" * 50_000, b"y" * 9_000):
        try:
            put(store, data)
        except StorageFailed as error:
            seen.append(error.message)
    # The last bytes are only refused when the buffer is handed over.
    with store.stage() as staged:
        for _ in range(11):
            staged.write(b"z" * 1000)
        try:
            store.put(staged, digest_of(b"z" * 11_000))
        except StorageFailed as error:
            seen.append(error.message)
    return [*seen, *store.digests(), *(path.name for path in staging(store))]


@pytest.mark.skipif(sys.platform == "win32", reason="needs resource limits")
def test_a_refusing_disk_is_told_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with concurrent.futures.ProcessPoolExecutor(
        1, mp_context=multiprocessing.get_context("spawn")
    ) as executor:
        first, second, kept = executor.submit(_write_beyond_the_limit, tmp_path).result()
    assert "File too large" in first
    assert "File too large" in second
    assert kept == digest_of(b"y" * 9_000)


def test_a_root_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageFailed):
        DirectoryStore(tmp_path / "file" / "objects")

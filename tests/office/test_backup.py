"""A backup is of one moment, copies what is new, outlives interruptions, and becomes the office."""

from __future__ import annotations

import datetime
import hashlib
import itertools
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sipadek
from sipadek.archive import LetterDetails, ReservationRequest
from sipadek.errors import (
    DamagedRegister,
    InvalidInput,
    KeyUnusable,
    NotFound,
    OfficeError,
    OlderState,
)
from sipadek.objects import DirectoryStore
from sipadek.office import check_backup, restore
from sipadek.testing.pdfs import PdfRecipe, build

START = datetime.datetime(2026, 11, 24, 3, 0, tzinfo=datetime.UTC)


class Desk:
    """An office with a clock that goes on, and a backup of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder, self.target, self.kept = root / "arsip", root / "cadangan", root / "kept.json"
        self.seconds = itertools.count()
        self.office = self.opened(self.folder, kept=self.kept)
        self.office.define_series("ket", "{nomor:3}/{unit}/{tahun}", scope=["unit"])

    def opened(self, folder: Path, **more: Path) -> sipadek.Office:
        return sipadek.open(folder, clock=self.now, **more)  # type: ignore[arg-type]

    def now(self) -> datetime.datetime:
        return START + datetime.timedelta(seconds=next(self.seconds))

    def file(self, text: str) -> sipadek.Letter:
        pdf = build(PdfRecipe(texts=(text,)))
        return self.office.file(pdf, series="ket", subject=text, unit="U", date=START.date())

    def give(self, *keys: str) -> None:
        details = LetterDetails(series="ket", subject="x", date=START.date(), unit="U")
        self.office.numbers.give([ReservationRequest(key=key, details=details) for key in keys])

    def object_path(self, letter: sipadek.Letter, root: Path | None = None) -> Path:
        digest = letter.filed_digest
        return (root or self.folder) / "objects" / digest[:2] / digest


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.office.close()


def overwrite(path: Path, data: bytes) -> None:
    path.chmod(0o600)
    path.write_bytes(data)


# --- what a backup is -----------------------------------------------------------------------------


def test_a_restored_office_is_the_one_that_was_backed_up(desk: Desk, tmp_path: Path) -> None:
    letter = desk.file("satu")
    desk.give("dua")
    (desk.folder / "synonyms.csv").write_text("ktp,kartu tanda penduduk\n")
    backup = desk.office.backup(desk.target, keys=True)
    assert backup.whole
    assert (backup.copied, backup.copied_bytes) == (1, letter.filed_size)
    done = restore(desk.target, tmp_path / "baru", clock=desk.now)
    assert done.report.clean
    assert not done.older
    with desk.opened(tmp_path / "baru", kept=desk.kept) as restored:
        assert restored.checkpoint() == desk.office.checkpoint() == backup.state.checkpoint
        assert [*restored.letters()] == [*desk.office.letters()]
        assert restored.search("satu").hits[0].letter == letter
        assert restored.filed(letter.number).read() == desk.office.filed(letter.number).read()
        assert (tmp_path / "baru" / "synonyms.csv").exists()
    assert (tmp_path / "baru" / "keys" / "checkpoint.key").stat().st_mode & 0o077 == 0


def test_only_new_contents_are_copied_and_nothing_is_linked(desk: Desk) -> None:
    first = desk.file("satu")
    desk.office.backup(desk.target)
    inode = desk.object_path(first, desk.target).stat()
    assert inode.st_nlink == 1
    assert inode.st_ino != desk.object_path(first).stat().st_ino
    second = desk.file("dua")
    backup = desk.office.backup(desk.target)
    assert (backup.copied, backup.copied_bytes) == (1, second.filed_size)
    assert backup.state.objects == 2
    assert desk.object_path(first, desk.target).stat().st_mtime_ns == inode.st_mtime_ns


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="needs sha256sum")
def test_sha256sum_checks_a_state(desk: Desk) -> None:
    letter = desk.file("satu")
    state = desk.office.backup(desk.target).state
    command = ["sha256sum", "--check", "--quiet", f"states/{state.name}/SHA256SUMS"]
    assert subprocess.run(command, cwd=desk.target).returncode == 0
    overwrite(desk.object_path(letter, desk.target), b"lain")
    assert subprocess.run(command, cwd=desk.target, capture_output=True).returncode == 1


@settings(max_examples=8)
@given(acts=st.lists(st.sampled_from(["file", "give", "backup"]), min_size=1, max_size=7))
def test_every_state_is_the_office_of_its_moment(
    acts: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    desk = Desk(tmp_path_factory.mktemp("kantor"))
    expected = []
    with desk.office as office:
        for number, act in enumerate([*acts, "backup"]):
            if act == "file":
                desk.file(f"surat {number}")
            elif act == "give":
                desk.give(f"nomor {number}")
            else:
                name = office.backup(desk.target).state.name
                expected.append((name, [*office.letters()], office.checkpoint()))
    for name, letters, checkpoint in expected:
        folder = desk.root / name
        done = restore(desk.target, folder, state=name, keys=desk.folder / "keys", clock=desk.now)
        assert done.older == (checkpoint != expected[-1][2])
        assert {each.code for each in done.report.findings} <= {"log-rolled-back"}
        with desk.opened(folder) as restored:
            assert ([*restored.letters()], restored.checkpoint()) == (letters, checkpoint)


def test_backing_up_while_others_file_gives_one_moment(desk: Desk, tmp_path: Path) -> None:
    desk.file("awal")
    going, stop = threading.Event(), threading.Event()

    def filing() -> None:
        for number in itertools.count():
            desk.file(f"surat {number}")
            going.set()
            if stop.is_set():
                return

    thread = threading.Thread(target=filing)
    thread.start()
    going.wait()
    states = [desk.office.backup(desk.target).state for _ in range(3)]
    stop.set()
    thread.join()
    assert desk.office.numbers.head().size > states[0].events
    for state in states:
        report = check_backup(
            desk.target, state=state.name, keys=desk.folder / "keys", clock=desk.now
        )
        assert report.clean, report.findings
        assert report.letters == state.letters
        assert desk.office.audit(known=[state.checkpoint]).clean


# --- what goes wrong ------------------------------------------------------------------------------


class Killed(BaseException):
    """Ends a run where a kill would."""


def stop_at(wanted: int) -> Callable[[int, int], None]:
    def progress(done: int, _: int) -> None:
        if done == wanted:
            raise Killed

    return progress


@pytest.fixture
def full(desk: Desk) -> Desk:
    """With 40 objects: two rounds of copying."""
    desk.file("satu")
    desk.give(*(f"isi {number}" for number in range(39)))
    named = []
    for number in range(39):
        data = f"isi {number}".encode()
        digest = hashlib.sha256(data).hexdigest()
        shard = desk.folder / "objects" / digest[:2]
        shard.mkdir(exist_ok=True)
        (shard / digest).write_bytes(data)
        named.append((digest, len(data), f"isi {number}"))
    # Rows that name an object: cheaper than letters, and enough for what is copied.
    with desk.office._database.write() as connection:
        connection.executemany(
            "UPDATE sipadek_entry SET filed_digest = ?, filed_size = ? WHERE key = ?", named
        )
    return desk


@pytest.mark.parametrize(("wanted", "left"), [(1, 40), (33, 8), (40, 8)])
def test_an_interrupted_backup_goes_on(full: Desk, wanted: int, left: int, tmp_path: Path) -> None:
    with pytest.raises(Killed):
        full.office.backup(full.target, progress=stop_at(wanted))
    with pytest.raises(NotFound):
        restore(full.target, tmp_path / "baru")
    (full.target / "objects" / "staging" / "0.part").write_bytes(b"of a kill")
    assert full.office.backup(full.target, keys=True).copied == left
    assert not [*full.target.rglob("*.part")]
    assert restore(full.target, tmp_path / "baru", signatures=False).report.objects == 40


@pytest.mark.parametrize(("wanted", "left"), [(1, 40), (33, 8), (40, 8)])
def test_an_interrupted_restore_goes_on(full: Desk, wanted: int, left: int, tmp_path: Path) -> None:
    full.office.backup(full.target, keys=True)
    with pytest.raises(Killed):
        restore(full.target, tmp_path / "baru", progress=stop_at(wanted))
    assert not (tmp_path / "baru" / "keys").exists()
    if left < 40:
        with pytest.raises(DamagedRegister):  # half an office is not opened
            sipadek.open(tmp_path / "baru")
    done = restore(full.target, tmp_path / "baru", signatures=False)
    assert done.copied == left
    with sipadek.open(tmp_path / "baru") as restored:
        assert restored.filed(next(restored.letters()).number).read()


def test_an_older_state_is_noticed_and_taken_only_with_a_reason(desk: Desk, tmp_path: Path) -> None:
    desk.file("satu")
    desk.office.backup(desk.target, keys=True)
    lost = desk.file("dua")
    desk.office.close()
    done = restore(desk.target, tmp_path / "baru", kept=desk.kept, clock=desk.now)
    assert done.older
    assert [each.code for each in done.report.findings] == ["log-rolled-back"]
    with pytest.raises(OlderState):
        desk.opened(tmp_path / "baru", kept=desk.kept)
    shutil.rmtree(tmp_path / "baru")
    done = restore(
        desk.target,
        tmp_path / "baru",
        kept=desk.kept,
        reason="disk rusak",
        actor="Ani",
        clock=desk.now,
    )
    assert done.older
    with desk.opened(tmp_path / "baru", kept=desk.kept) as office:
        assert office.audit().clean
        assert b'"log.restored"' in [*office._register.events()][-1]
        with pytest.raises(NotFound):
            office.get(lost.id)


def test_without_a_kept_file_a_newer_state_tells(desk: Desk, tmp_path: Path) -> None:
    first = desk.office.backup(desk.target, keys=True).state
    desk.give("satu")
    desk.office.backup(desk.target, keys=True)
    done = restore(
        desk.target, tmp_path / "baru", state=first.name, reason="coba", actor="Ani", clock=desk.now
    )
    assert done.older
    with desk.opened(tmp_path / "baru") as office:
        assert b"log.restored" in [*office._register.events()][-1]


def test_what_the_office_has_lost_is_told_and_the_rest_is_kept(desk: Desk, tmp_path: Path) -> None:
    whole, missing, damaged = desk.file("satu"), desk.file("dua"), desk.file("tiga")
    desk.object_path(missing).unlink()
    overwrite(desk.object_path(damaged), b"%PDF lain")
    backup = desk.office.backup(desk.target, keys=True)
    assert not backup.whole
    assert set(backup.state.lost) == {missing.filed_digest, damaged.filed_digest}
    assert backup.copied == 1
    done = restore(desk.target, tmp_path / "baru", clock=desk.now)
    assert {each.subject for each in done.report.findings} == {missing.number, damaged.number}
    with desk.opened(tmp_path / "baru") as office:
        assert office.filed(whole.number).read()


def test_an_earlier_backup_has_what_was_lost_since(desk: Desk) -> None:
    letter = desk.file("satu")
    desk.office.backup(desk.target)
    desk.object_path(letter).unlink()
    assert desk.office.backup(desk.target).whole


def test_damage_in_the_backup_is_found_by_checking_it(desk: Desk) -> None:
    letter = desk.file("satu")
    desk.file("dua")
    desk.office.backup(desk.target, keys=True)
    desk.file("tiga")
    desk.office.backup(desk.target, keys=True)
    assert check_backup(desk.target, clock=desk.now).clean
    path = desk.object_path(letter, desk.target)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    overwrite(path, bytes(data))
    findings = check_backup(desk.target, clock=desk.now).findings
    assert [each.subject for each in findings] == [letter.number]


def test_a_register_that_is_not_the_one_that_was_backed_up_is_refused(
    desk: Desk, tmp_path: Path
) -> None:
    state = desk.office.backup(desk.target, keys=True).state
    register = desk.target / "states" / state.name / "register.sqlite"
    data = bytearray(register.read_bytes())
    data[-1] ^= 1
    register.write_bytes(data)
    with pytest.raises(DamagedRegister):
        restore(desk.target, tmp_path / "baru")
    with pytest.raises(DamagedRegister):
        check_backup(desk.target)


def test_the_secret_key_is_in_the_backup_only_on_request(desk: Desk, tmp_path: Path) -> None:
    desk.office.backup(desk.target)
    assert not [*desk.target.rglob("checkpoint.key")]
    with pytest.raises(KeyUnusable):
        restore(desk.target, tmp_path / "satu")
    with desk.opened(tmp_path / "lain"), pytest.raises(KeyUnusable):
        restore(desk.target, tmp_path / "dua", keys=tmp_path / "lain" / "keys")
    assert restore(desk.target, tmp_path / "dua", keys=desk.folder / "keys").report.clean


def test_old_states_go_with_the_contents_that_nothing_names(desk: Desk) -> None:
    desk.file("satu")
    first = desk.office.backup(desk.target).state
    store = DirectoryStore(desk.target / "objects")
    with store.stage() as stray:
        stray.write(b"milik keadaan yang hilang")
        store.put(stray, hashlib.sha256(b"milik keadaan yang hilang").hexdigest())
    desk.file("dua")
    second = desk.office.backup(desk.target, keep=2)
    assert second.removed == 1
    third = desk.office.backup(desk.target, keep=2)
    names = [each.name for each in (desk.target / "states").iterdir()]
    assert sorted(names) == [second.state.name, third.state.name]
    assert first.name not in names
    assert len([*store.digests()]) == 2
    with pytest.raises(InvalidInput):
        desk.office.backup(desk.target, keep=0)


def test_other_folders_are_refused(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "penuh").mkdir()
    (tmp_path / "penuh" / "catatan.txt").write_text("x")
    with pytest.raises(InvalidInput):
        desk.office.backup(tmp_path / "penuh")
    desk.office.backup(desk.target, keys=True)
    with desk.opened(tmp_path / "lain") as other, pytest.raises(InvalidInput):
        other.backup(desk.target)
    for taken in (desk.folder, tmp_path / "penuh"):
        with pytest.raises(InvalidInput):
            restore(desk.target, taken)
    with pytest.raises(InvalidInput):
        restore(tmp_path / "penuh", tmp_path / "baru")
    with pytest.raises(NotFound):
        restore(desk.target, tmp_path / "baru", state="20000101T000000.000000Z")


def test_one_process_backs_up_at_a_time(desk: Desk) -> None:
    refused: list[BaseException] = []

    def again(*_: int) -> None:
        try:
            desk.office.backup(desk.target)
        except sipadek.SipadekError as error:
            refused.append(error)

    desk.file("satu")
    desk.office.backup(desk.target, progress=again)
    assert [type(each) for each in refused] == [OfficeError]

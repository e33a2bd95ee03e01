"""The office's folder and its keys."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import sipadek
from sipadek.errors import NotAnOffice, StorageFailed


def test_a_folder_of_other_things_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "catatan.txt").write_text("halo")
    for create in (True, False):
        with pytest.raises(NotAnOffice):
            sipadek.open(tmp_path, create=create)
    assert [path.name for path in tmp_path.iterdir()] == ["catatan.txt"]
    with pytest.raises(NotAnOffice):
        sipadek.open(tmp_path / "catatan.txt")


def test_an_office_is_made_only_where_that_is_asked(tmp_path: Path) -> None:
    with pytest.raises(NotAnOffice, match="sipadek init"):
        sipadek.open(tmp_path / "baru", create=False)
    assert not (tmp_path / "baru").exists()
    sipadek.open(tmp_path / "baru").close()
    sipadek.open(tmp_path / "baru", create=False).close()


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_keys_are_for_the_owner_alone(folder: Path, office: sipadek.Office) -> None:
    assert (folder / "keys").stat().st_mode & 0o777 == 0o700
    assert (folder / "keys" / "checkpoint.key").stat().st_mode & 0o777 == 0o600
    assert "PRIVATE" not in repr(office)


def test_a_lost_key_is_told(folder: Path, office: sipadek.Office) -> None:
    office.close()
    (folder / "keys" / "checkpoint.key").unlink()
    with pytest.raises(sipadek.SipadekError):
        sipadek.open(folder)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "berkas").touch()  # not even root can make a folder in it
    with pytest.raises(StorageFailed):
        sipadek.open(tmp_path / "berkas" / "arsip")


def test_an_office_that_another_process_makes_meanwhile_has_lost_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exists = Path.exists

    def late(path: Path) -> bool:
        """The other process makes the office right after this one saw no key."""
        found = exists(path)
        if path.name == "checkpoint.key" and not found:
            monkeypatch.undo()
            sipadek.open(tmp_path / "arsip").close()
        return found

    monkeypatch.setattr(Path, "exists", late)
    sipadek.open(tmp_path / "arsip").close()
    with sipadek.open(tmp_path / "arsip", create=False) as office:
        assert office.audit().clean


def test_many_processes_may_make_the_same_office_at_once(tmp_path: Path) -> None:
    script = "import sipadek, sys; sipadek.open(sys.argv[1]).close()"
    folder = tmp_path / "arsip"
    started = [
        subprocess.Popen([sys.executable, "-c", script, str(folder)], stderr=subprocess.PIPE)
        for _ in range(6)
    ]
    errors = [process.communicate()[1].decode() for process in started]
    assert [process.returncode for process in started] == [0] * 6, errors
    assert sorted(p.name for p in (folder / "keys").iterdir()) == [
        "checkpoint.key",
        "checkpoint.pub",
        "roots",
    ]

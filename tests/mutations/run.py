"""Bugs planted in a copy of the sources, and the first test that notices each.

    python tests/mutations/run.py [--json] [--jobs N] [NAMES…]

Names are parts of bugs' names; without any, all bugs are planted. The same tests run on an unchanged
copy as well, and must pass there. The exit code is 1 if a bug survives, gets no verdict, or cannot be
planted any more.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import attrs
from bugs import BUGS, Bug
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[2]
SECONDS = 150.0  # For the tests of one bug.
SECONDS_UNCHANGED = 600.0  # For those of all bugs, without one.
_FAILED = re.compile(r"^FAILED (?:.*/)?(\S+\.py::.+?)(?: - (.*))?$", re.MULTILINE)


@attrs.frozen(kw_only=True)
class Judged:
    """``failed`` is the first failing test and ``why`` what it said; ``fault`` is why there is no
    verdict."""

    bug: str
    failed: str
    why: str
    fault: str
    seconds: float


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help="parts of bugs' names; without any, all bugs")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    parser.add_argument("--jobs", type=int, default=1, help="bugs judged at once")
    arguments = parser.parse_args()
    bugs = [
        bug
        for bug in BUGS
        if not arguments.names or any(name in bug.name for name in arguments.names)
    ]
    if not bugs:
        parser.error(f"no bug is named so; there are: {', '.join(bug.name for bug in BUGS)}")
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sipadek-mutations-") as folder:
        sources = Path(folder) / "sources"
        # Once, since someone may be editing; without what Python may take for compiled from a copy.
        shutil.copytree(ROOT / "src", sources, ignore=shutil.ignore_patterns("__pycache__"))
        faults = [fault for bug in bugs if (fault := bug.misplaced(sources))]
        if faults:
            print("\n".join(faults), file=sys.stderr)
            return 1
        control, rows = judge_all(Path(folder), sources, bugs, arguments.jobs)
    if arguments.json:
        print(json.dumps([attrs.asdict(row) for row in [control, *rows]], indent=1))
    else:
        show(control, rows, time.monotonic() - begun)
    sound = not control.failed and not control.fault
    return 0 if sound and all(row.failed for row in rows) else 1


def judge_all(
    folder: Path, sources: Path, bugs: Sequence[Bug], jobs: int
) -> tuple[Judged, list[Judged]]:
    """The verdict on the unchanged sources, and those on the bugs."""
    tests = tuple(dict.fromkeys(test for bug in bugs for test in bug.tests))
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        control = pool.submit(judge, folder, sources, None, tests)
        rows = list(pool.map(lambda bug: judge(folder, sources, bug, bug.tests), bugs))
    return control.result(), rows


def judge(folder: Path, sources: Path, bug: Bug | None, tests: Sequence[str]) -> Judged:
    """Plant the bug in a copy of the sources and run the tests there."""
    copy = Path(tempfile.mkdtemp(dir=folder))
    shutil.copytree(sources, copy, dirs_exist_ok=True)
    if bug is not None:
        bug.plant(copy)
    begun = time.monotonic()
    code, output = run_tests(copy, tests, SECONDS if bug else SECONDS_UNCHANGED)
    seconds = round(time.monotonic() - begun, 1)
    shutil.rmtree(copy)
    failed = _FAILED.search(output)
    fault = ""
    if code not in (0, 1) or (code == 1 and failed is None):
        last = output.strip().splitlines()[-1:] or [""]
        fault = f"no verdict (exit code {code}): {last[0]}"
    caught = failed is not None and not fault
    name = "(none)" if bug is None else bug.name
    verdict = failed[1] if failed is not None and caught else fault or "passed"
    print(f"{name}: {verdict} ({seconds:.1f} s)", file=sys.stderr, flush=True)
    return Judged(
        bug=name,
        failed=failed[1] if failed is not None and caught else "",
        why=failed[2] or "" if failed is not None and caught else "",
        fault=fault,
        seconds=seconds,
    )


def run_tests(copy: Path, tests: Sequence[str], seconds: float) -> tuple[int | None, str]:
    """pytest's exit code (None: it took too long) and what it printed."""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(copy), str(Path(__file__).parent)]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "SIPADEK_COPY": str(copy),
        "COLUMNS": "200",
    }
    options = ["-x", "-rf", "--tb=no", "-p", "first_failure", "-p", "no:cacheprovider"]
    with subprocess.Popen(
        [sys.executable, "-m", "pytest", *options, *tests],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # With the processes that tests started.
            return None, f"not done after {seconds:.0f} s"
    return process.returncode, output


def show(control: Judged, rows: Sequence[Judged], seconds: float) -> None:
    console = Console(width=150)
    table = Table("bug", "caught by", title="Planted bugs")
    table.add_column("s", justify="right")
    for row in [control, *rows]:
        passed = "all tests pass" if row is control else "[bold red]SURVIVED"
        table.add_row(row.bug, row.failed or row.fault or passed, f"{row.seconds:.1f}")
    console.print(table)
    caught = sum(bool(row.failed) for row in rows)
    console.print(f"{caught} of {len(rows)} bugs caught in {seconds:.0f} s")


if __name__ == "__main__":
    sys.exit(main())

"""Bugs planted in a copy of the sources, and the first test that notices each.

    python tests/mutations/run.py [--json] [--model] [--jobs N] [NAMES…]

Names are parts of bugs' names; without any, all bugs are planted. With ``--model`` the state machine
alone must notice them. The same tests run on an unchanged copy as well, and must pass there. The exit
code is 1 if a bug survives, and 2 if a bug's text is not in the sources exactly once.
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
from bugs import BUGS, MODEL, Bug
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[2]
SECONDS = 90.0  # For the tests of one bug.
_FAILED = re.compile(r"^FAILED (?:.*/)?(\S+\.py::.+?)(?: - .*)?$", re.MULTILINE)


@attrs.frozen(kw_only=True)
class Judged:
    """``failed`` is the first failing test; ``fault`` is why there is no verdict."""

    bug: str
    failed: str
    fault: str
    seconds: float


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help="parts of bugs' names; without any, all bugs")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    parser.add_argument("--model", action="store_true", help="ask the state machine alone")
    parser.add_argument("--jobs", type=int, default=2, help="bugs judged at once")
    arguments = parser.parse_args()
    bugs = [
        attrs.evolve(bug, tests=(MODEL,)) if arguments.model else bug
        for bug in BUGS
        if not arguments.names or any(name in bug.name for name in arguments.names)
    ]
    if not bugs:
        parser.error(f"no bug is named so; there are: {', '.join(bug.name for bug in BUGS)}")
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sipadek-mutations-") as folder:
        sources = Path(folder) / "sources"
        shutil.copytree(ROOT / "src", sources)  # Once: someone may be editing.
        faults = [fault for bug in bugs if (fault := misplaced(sources, bug))]
        if faults:
            print("\n".join(faults), file=sys.stderr)
            return 2
        rows = judge_all(Path(folder), sources, bugs, arguments.jobs)
    if arguments.json:
        print(json.dumps([attrs.asdict(row) for row in rows], indent=1))
    else:
        show(rows, time.monotonic() - begun)
    control, *planted = rows
    sound = not control.failed and not control.fault
    return 0 if sound and all(row.failed for row in planted) else 1


def misplaced(sources: Path, bug: Bug) -> str:
    count = (sources / "sipadek" / bug.file).read_text(encoding="utf-8").count(bug.old)
    return "" if count == 1 else f"{bug.name}: {bug.file} has {bug.old!r} {count} times, not once."


def judge_all(folder: Path, sources: Path, bugs: Sequence[Bug], jobs: int) -> list[Judged]:
    """The verdict on the unchanged sources, then those on the bugs."""
    tests = tuple(dict.fromkeys(test for bug in bugs for test in bug.tests))
    unchanged = attrs.evolve(bugs[0], name="(none)", new=bugs[0].old, tests=tests)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        return list(
            pool.map(
                lambda pair: judge(folder / str(pair[0]), sources, pair[1]),
                enumerate([unchanged, *bugs]),
            )
        )


def judge(copy: Path, sources: Path, bug: Bug) -> Judged:
    """Plant the bug in a copy of the sources and run its tests there."""
    shutil.copytree(sources, copy)
    file = copy / "sipadek" / bug.file
    file.write_text(file.read_text(encoding="utf-8").replace(bug.old, bug.new), encoding="utf-8")
    for compiled in file.parent.glob(f"__pycache__/{file.stem}.*"):
        compiled.unlink()
    begun = time.monotonic()
    code, output = run_tests(copy, bug.tests)
    seconds = round(time.monotonic() - begun, 1)
    shutil.rmtree(copy)
    failed = _FAILED.search(output)
    fault = ""
    if code not in (0, 1) or (code == 1 and failed is None):
        last = output.strip().splitlines()[-1:] or [""]
        fault = f"no verdict (exit code {code}): {last[0]}"
    return Judged(
        bug=bug.name,
        failed=failed[1] if failed is not None and not fault else "",
        fault=fault,
        seconds=seconds,
    )


def run_tests(copy: Path, tests: Sequence[str]) -> tuple[int | None, str]:
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
            output, _ = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # With the processes that tests started.
            return None, f"not done after {SECONDS:.0f} s"
    return process.returncode, output


def show(rows: Sequence[Judged], seconds: float) -> None:
    console = Console(width=150)
    table = Table("bug", "caught by", title="Planted bugs")
    table.add_column("s", justify="right")
    for row in rows:
        verdict = row.failed or row.fault
        if not verdict:
            verdict = "all tests pass" if row is rows[0] else "[bold red]SURVIVED"
        table.add_row(row.bug, verdict, f"{row.seconds:.1f}")
    console.print(table)
    caught = sum(bool(row.failed) for row in rows[1:])
    console.print(f"{caught} of {len(rows) - 1} bugs caught in {seconds:.0f} s")


if __name__ == "__main__":
    sys.exit(main())

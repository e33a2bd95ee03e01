"""Faults injected for real, and what of the rules still holds afterwards.

    python tests/faults/run.py NAME [--json] [--tries N] [--seed S] [--dir DIR]

Names: ``filing`` (a batch is killed with its workers at random moments and run again), ``numbering``
(writers of the register are killed, lose power, a full disk, and more), ``archive`` (one thing in an
office is changed, which the audit must name). The exit code is 0 if nothing was lost, doubled, left
unexplained or unnoticed.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

NAMES = {"archive": "archive", "filing": "filing", "numbering": "numbering"}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", choices=sorted(NAMES))
    parser.add_argument("--json", action="store_true", help="print total and rows as JSON")
    parser.add_argument("--tries", type=int, help="how many faults, each recovered from")
    parser.add_argument("--seed", type=int, help="draw as another run of this seed did")
    parser.add_argument("--dir", type=Path, help="work in a new folder below this one")
    arguments = parser.parse_args()
    fault = importlib.import_module(NAMES[arguments.name])
    tries = fault.TRIES if arguments.tries is None else arguments.tries
    if tries < 1:
        parser.error("--tries must be at least 1")
    with tempfile.TemporaryDirectory(prefix="sipadek-faults-", dir=arguments.dir) as folder:
        result = fault.run(Path(folder), tries=tries, seed=arguments.seed)
    if arguments.json:
        print(json.dumps(result, indent=1))
    else:
        _show(arguments.name, result)
    wrong = any(count for name, count in result["total"].items() if name != "tries")
    return 1 if wrong or result.get("failures") else 0


def _show(name: str, result: dict[str, Any]) -> None:
    """Columns in which no row says anything are left out."""
    console = Console(width=170 if len(result["rows"][0]) > 10 else 130)
    table = Table(title=name)
    told = [
        column
        for column, first in result["rows"][0].items()
        if first or any(row[column] not in (None, "") for row in result["rows"])
    ]
    for column in told:
        texts = isinstance(result["rows"][0][column], str)
        table.add_column(column.replace("_", " "), justify="left" if texts else "right")
    for row in result["rows"]:
        table.add_row(*(_cell(row[column]) for column in told))
    console.print(table)
    console.print(", ".join(f"{count} {name}" for name, count in result["total"].items()))
    if "seed" in result:
        console.print(f"seed {result['seed']}")
    for failure in result.get("failures", ()):
        console.print(failure, markup=False)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if value is None else str(value)


if __name__ == "__main__":
    sys.exit(main())

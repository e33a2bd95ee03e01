"""Faults injected for real, and what of the rules still holds afterwards.

    python tests/faults/run.py NAME [--json] [--tries N] [--dir DIR]

Names: ``filing`` (a batch is killed with its workers at random moments and run again). The exit code
is 0 if nothing was lost, doubled or left unexplained.
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

NAMES = {"filing": "filing"}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", choices=sorted(NAMES))
    parser.add_argument("--json", action="store_true", help="print total and rows as JSON")
    parser.add_argument(
        "--tries", type=int, default=20, help="faults that hit, each recovered from"
    )
    parser.add_argument("--dir", type=Path, help="work in a new folder below this one")
    arguments = parser.parse_args()
    fault = importlib.import_module(NAMES[arguments.name])
    with tempfile.TemporaryDirectory(prefix="sipadek-faults-", dir=arguments.dir) as folder:
        result = fault.run(Path(folder), tries=arguments.tries)
    if arguments.json:
        print(json.dumps(result, indent=1))
    else:
        _show(arguments.name, result)
    return 1 if any(count for name, count in result["total"].items() if name != "tries") else 0


def _show(name: str, result: dict[str, Any]) -> None:
    console = Console(width=130)
    table = Table(title=name)
    for column in result["rows"][0]:
        table.add_column(column.replace("_", " "), justify="right")
    for row in result["rows"]:
        table.add_row(*(str(value) for value in row.values()))
    console.print(table)
    console.print(", ".join(f"{count} {name}" for name, count in result["total"].items()))


if __name__ == "__main__":
    sys.exit(main())

"""Benchmarks: floor, peers and sipadek interleaved in one run.

    python tests/benchmarks/run.py NAME [--json] [--quick] [--dir DIR]
    python tests/benchmarks/run.py archive [--letters N]...
    python tests/benchmarks/run.py search [--letters N]... [--engine NAME]... [--corpus FILE]
    python tests/benchmarks/run.py search-quality [--corpus FILE]

Names: ``archive`` (growth and audit at --letters, by default 1000 and 10000), ``extraction`` (of the
files below the folder in SIPADEK_CORPUS), ``file``, ``numbering``,
``numbering-pg`` (of the latter, what is on PostgreSQL), ``search``,
``search-quality``, ``signing``, ``stamping``. Those of search read real text (peraturan.jsonl.gz) from
--corpus, or the environment variable SIPADEK_PERATURAN, or ../shared/data beside the clone, and make
letters where it is nowhere. The peers come with the extra ``bench``, the server with ``dev``. Ratios
named ``x_vs_floor`` are ours divided by the floor (of costs: smaller is better; of numbering's rates:
larger), ``query_vs_raw_fts5`` and ``index_vs_raw_fts5`` likewise,
``x_vs_PEER`` the peer's cost divided by ours (larger is better). Without --dir it works in the
system's folder for temporary files; give a folder on a real disk where that one is kept in memory,
or fsync costs nothing.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from table import show

NAMES = {
    "archive": "archive",
    "extraction": "extraction",
    "file": "filing",
    "numbering": "numbering",
    "numbering-pg": "numbering_pg",
    "search": "search_speed",
    "search-quality": "search_quality",
    "signing": "signing",
    "stamping": "stamping",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("name", choices=sorted(NAMES))
    parser.add_argument("--json", action="store_true", help="print rows and ratios as JSON")
    parser.add_argument("--quick", action="store_true", help="few repetitions: does it run?")
    parser.add_argument("--dir", type=Path, help="work in a new folder below this one")
    parser.add_argument("--corpus", type=Path, help="search: a file of texts, a JSON object a line")
    parser.add_argument("--letters", type=int, action="append", help="archive, search: repeatable")
    parser.add_argument("--engine", action="append", help="search: only these beside sipadek")
    arguments = parser.parse_args()
    try:
        benchmark = importlib.import_module(NAMES[arguments.name])
    except ModuleNotFoundError as missing:
        print(f"{missing.name} is missing: pip install 'sipadek[bench]'", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="sipadek-bench-", dir=arguments.dir) as folder:
        result = benchmark.run(Path(folder), quick=arguments.quick, **_more(arguments))
    if arguments.json:
        print(json.dumps(result, indent=1))
    else:
        show(arguments.name, result["rows"], result["ratios"])
    return 0


def _more(arguments: argparse.Namespace) -> dict[str, Any]:
    """What only the benchmarks of the archive and of search take."""
    if arguments.name == "archive":
        return {"letters": arguments.letters or ()}
    if not arguments.name.startswith("search"):
        return {}
    more: dict[str, Any] = {"corpus": arguments.corpus}
    if arguments.name == "search":
        more |= {"letters": arguments.letters or (), "engines": arguments.engine or ()}
    return more


if __name__ == "__main__":
    sys.exit(main())

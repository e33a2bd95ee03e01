"""Print a benchmark's rows and ratios."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table


def show(title: str, rows: list[dict[str, Any]], ratios: dict[str, float]) -> None:
    """A table of the rows, and one line per ratio."""
    console = Console(width=110)
    table = Table(title=title)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    for column in columns:
        table.add_column(column, justify="left" if column in ("case", "way") else "right")
    for row in rows:
        table.add_row(*(str(row.get(column, "")) for column in columns))
    console.print(table)
    for name, ratio in ratios.items():
        console.print(f"{name} = {ratio:.2f}")

"""The table of a corpus run."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

COLUMNS = (
    "files", "eligible", "filed", "share", "harmed", "unseen", "tracebacks", "hangs",
    "ms_median", "ms_p95", "peak_mib",
)  # fmt: skip


def show(data: dict[str, Any]) -> None:
    """Folders and total, then everything that went wrong."""
    console = Console(width=150)
    table = Table(title="Filed, and judged by qpdf, pdfium and poppler")
    table.add_column("folder")
    for column in COLUMNS:
        table.add_column(column.replace("_", " "), justify="right")
    table.add_column("refused")
    for figures in (*data["folders"], {"folder": "total"} | data["total"]):
        refused = ", ".join(f"{count} {reason}" for reason, count in figures["refused"].items())
        cells = [_cell(column, figures[column]) for column in COLUMNS]
        table.add_row(figures["folder"], *cells, refused)
    console.print(table)
    for refusal in data["refusals"]:
        if refusal["eligible"]:
            _line(console, "refused", refusal["file"], f"{refusal['reason']}: {refusal['message']}")
    for harm in data["harms"]:
        _line(console, "harmed", harm["file"], f"{harm['judge']}: {harm['why']}")
    for kind in ("tracebacks", "hangs"):
        for told in data[kind]:
            _line(console, kind, told["file"], told["message"])
    for finding in data["findings"]:
        _line(console, "audit", "", finding)


def _cell(column: str, value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.1%}" if column == "share" else str(value)


def _line(console: Console, kind: str, file: str, text: str) -> None:
    console.print(f"{kind}  {file}\n    {text}", markup=False, highlight=False, soft_wrap=True)

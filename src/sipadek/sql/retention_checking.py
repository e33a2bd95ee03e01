"""Comparing the tables of retention with what their events say."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

from sipadek.sql import retention_tables as tables
from sipadek.sql import rows
from sipadek.sql.checking import Finding
from sipadek.sql.retention_events import ToldOfRetention, plan_digest


def check(connection: sqlite3.Connection, told: ToldOfRetention) -> Iterator[Finding]:
    """Every difference, one by one. A host's database without these tables must have no events."""
    if not tables.exists(connection):
        if told.plans or told.records.folders:
            yield Finding("folder-differs", "the register", "The tables of retention are missing.")
        return
    yield from _plans(connection, told)
    folders = {name: tables.folder_row(each) for name, each in told.records.folders.items()}
    yield from _rows(connection, "folder", tables.FOLDER_COLUMNS, folders)
    disposals = {name: tables.disposal_row(each) for name, each in told.records.disposals.items()}
    yield from _rows(connection, "disposal", tables.DISPOSAL_COLUMNS, disposals)


def _plans(connection: sqlite3.Connection, told: ToldOfRetention) -> Iterator[Finding]:
    query = "SELECT kind, name, content, actor, imported_at FROM sipadek_plan"
    found = {
        (kind, name): (plan_digest(str(content)), actor, moment)
        for kind, name, content, actor, moment in connection.execute(query)
    }
    wanted = {
        place: (event.data.get("digest"), event.data.get("actor"), rows.time_text(event.at))
        for place, event in told.plans.items()
    }
    for place in sorted(found.keys() | wanted.keys()):
        if found.get(place) != wanted.get(place):
            yield Finding(
                "plan-differs",
                " ".join(map(str, place)),
                f"The table of plans says (digest, actor, time) {found.get(place)}; the log says "
                f"{wanted.get(place)}.",
            )


def _rows(
    connection: sqlite3.Connection,
    what: str,
    columns: tuple[str, ...],
    wanted: Mapping[str, tuple[Any, ...]],
) -> Iterator[Finding]:
    query = f"SELECT {', '.join(columns)} FROM sipadek_{what}"  # noqa: S608
    found = {str(row[0]): row for row in connection.execute(query)}
    code = f"{what}-differs"
    for name in sorted(found.keys() | wanted.keys()):
        if name not in found:
            yield Finding(code, name, f"The log knows the {what}; the table lacks it.")
        elif name not in wanted:
            yield Finding(code, name, f"No event of the log knows the {what}.")
        else:
            for column, value, right in zip(columns, found[name], wanted[name], strict=True):
                if value != right or type(value) is not type(right):
                    yield Finding(
                        code,
                        name,
                        f"The column {column} of {what} says {value!r}; the log says {right!r}.",
                    )

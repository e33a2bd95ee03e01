"""The tables of retention: plans, record folders, what lies in them, and disposals.

They stand beside the register's own tables and are made where they are missing, like those of
``recognition``. Their rows follow from the events of ``retention_events``.

Every function takes an ``sqlite3.Connection`` inside the caller's transaction and neither begins nor
ends one.
"""

from __future__ import annotations

import datetime
import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any, Final

import attrs

from sipadek.errors import DamagedRegister
from sipadek.retention import (
    Disposal,
    DisposalKind,
    Fate,
    FolderState,
    Paper,
    RecordFolder,
    Records,
    Step,
)

MAKE_TABLES: Final = (
    """
CREATE TABLE sipadek_plan (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    content TEXT NOT NULL, -- Canonical JSON.
    actor TEXT NOT NULL,
    imported_at TEXT NOT NULL,
    PRIMARY KEY (kind, name),
    CHECK (kind IN ('scheme', 'rules', 'successions'))
) STRICT
""",
    """
CREATE TABLE sipadek_folder (
    name TEXT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,
    scheme TEXT NOT NULL,
    title TEXT NOT NULL,
    unit TEXT NOT NULL,
    year INTEGER NOT NULL,
    state TEXT NOT NULL,
    closed_on TEXT,
    rules TEXT NOT NULL,
    rule_code TEXT NOT NULL,
    active_years INTEGER NOT NULL,
    inactive_years INTEGER NOT NULL,
    fate TEXT,
    exceptions TEXT NOT NULL,
    inactive_on TEXT,
    fate_on TEXT,
    hold_reason TEXT NOT NULL,
    hold_by TEXT NOT NULL,
    disposal TEXT NOT NULL,
    UNIQUE (code, unit, year, title),
    CHECK (state IN ('aktif', 'inaktif', 'dinilai kembali', 'musnah', 'statis')),
    CHECK ((closed_on IS NULL) = (fate_on IS NULL))
) STRICT
""",
    # Due are closed folders only.
    "CREATE INDEX sipadek_folder_due ON sipadek_folder (state, fate_on) WHERE closed_on IS NOT NULL",
    """
CREATE TABLE sipadek_folder_letter (
    position INTEGER NOT NULL PRIMARY KEY REFERENCES sipadek_entry (position),
    folder TEXT NOT NULL REFERENCES sipadek_folder (name),
    -- The disposal under which the letter was destroyed, '' while it was not.
    destroyed TEXT NOT NULL DEFAULT ''
) STRICT
""",
    "CREATE INDEX sipadek_folder_letter_folder ON sipadek_folder_letter (folder, position)",
    "CREATE INDEX sipadek_folder_letter_destroyed ON sipadek_folder_letter (position)"
    " WHERE destroyed <> ''",
    """
CREATE TABLE sipadek_disposal (
    name TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    step TEXT NOT NULL,
    as_of TEXT NOT NULL,
    folders TEXT NOT NULL, -- JSON, like the panel and the papers.
    authority TEXT NOT NULL,
    panel TEXT NOT NULL,
    papers TEXT NOT NULL
) STRICT
""",
)
DESTROYED: Final = "SELECT position FROM sipadek_folder_letter WHERE destroyed <> ''"
"""The positions of letters that were destroyed."""

FOLDER_COLUMNS: Final = tuple(attrs.fields_dict(RecordFolder))
DISPOSAL_COLUMNS: Final = tuple(attrs.fields_dict(Disposal))
_FOLDERS: Final = f"SELECT {', '.join(FOLDER_COLUMNS)} FROM sipadek_folder"  # noqa: S608
_DISPOSALS: Final = f"SELECT {', '.join(DISPOSAL_COLUMNS)} FROM sipadek_disposal"  # noqa: S608


def create(connection: sqlite3.Connection) -> None:
    """Make the tables where they are missing."""
    query = "SELECT 1 FROM sqlite_schema WHERE name = 'sipadek_disposal'"
    if connection.execute(query).fetchone() is None:
        for statement in MAKE_TABLES:
            connection.execute(statement)


def exists(connection: sqlite3.Connection) -> bool:
    """Whether the tables are there; a host's database may have none."""
    query = "SELECT 1 FROM sqlite_schema WHERE name = 'sipadek_folder_letter'"
    return connection.execute(query).fetchone() is not None


def canonical(value: Any) -> str:
    """A definition as it is kept, and as its digest is taken."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


# --- values and rows ------------------------------------------------------------------------------


def folder_row(folder: RecordFolder) -> tuple[Any, ...]:
    """The folder in the order of ``FOLDER_COLUMNS``."""
    return tuple(_cell(getattr(folder, name)) for name in FOLDER_COLUMNS)


def disposal_row(disposal: Disposal) -> tuple[Any, ...]:
    """The disposal in the order of ``DISPOSAL_COLUMNS``."""
    told = {name: getattr(disposal, name) for name in DISPOSAL_COLUMNS}
    told["folders"] = canonical(disposal.folders)
    told["panel"] = canonical(disposal.panel)
    told["papers"] = canonical({str(s): paper.value() for s, paper in disposal.papers.items()})
    return tuple(map(_cell, told.values()))


def _cell(value: Any) -> Any:
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value) if isinstance(value, str) else value


def _folder(row: tuple[Any, ...]) -> RecordFolder:
    told = dict(zip(FOLDER_COLUMNS, row, strict=True))
    try:
        for name in ("closed_on", "inactive_on", "fate_on"):
            told[name] = _date(told[name])
        fate = told.pop("fate")
        state = FolderState(told.pop("state"))
        return RecordFolder(**told, state=state, fate=None if fate is None else Fate(fate))
    except (TypeError, ValueError) as error:
        raise _damaged("folder", row[0], error) from error


def _disposal(row: tuple[Any, ...]) -> Disposal:
    told = dict(zip(DISPOSAL_COLUMNS, row, strict=True))
    try:
        papers = json.loads(told["papers"]).items()
        return Disposal(
            name=told["name"],
            kind=DisposalKind(told["kind"]),
            step=Step(told["step"]),
            as_of=datetime.date.fromisoformat(told["as_of"]),
            folders=tuple(json.loads(told["folders"])),
            authority=told["authority"],
            panel=tuple(json.loads(told["panel"])),
            papers={Step(step): Paper.of(paper) for step, paper in papers},
        )
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise _damaged("disposal", row[0], error) from error


def _date(text: str | None) -> datetime.date | None:
    return None if text is None else datetime.date.fromisoformat(text)


def _damaged(what: str, name: str, error: Exception) -> DamagedRegister:
    return DamagedRegister(
        f"The {what} {name!r} holds a value sipadek never wrote: {error}. Audit the office.",
        name=name,
    )


# --- reading and writing --------------------------------------------------------------------------


def load(
    connection: sqlite3.Connection, *, folders: Iterable[str] = (), disposal: str = ""
) -> Records:
    """The folders of these names, and the disposal with its folders, as far as there are any."""
    records, wanted = Records(), {*folders}
    for found in select_disposals(connection, "name = ?", (disposal,)):
        records.disposals[found.name] = found
        wanted |= {*found.folders}
    names = (json.dumps(sorted(wanted)),)
    for folder in select_folders(connection, "name IN (SELECT value FROM json_each(?))", names):
        records.folders[folder.name] = folder
    return records


def save(connection: sqlite3.Connection, before: Records, after: Records) -> None:
    """Write what ``after`` has and ``before`` had not, or had otherwise."""
    for name, folder in after.folders.items():
        if before.folders.get(name) != folder:
            _put(connection, "sipadek_folder", FOLDER_COLUMNS, folder_row(folder))
    for name, disposal in after.disposals.items():
        if before.disposals.get(name) != disposal:
            _put(connection, "sipadek_disposal", DISPOSAL_COLUMNS, disposal_row(disposal))


def _put(
    connection: sqlite3.Connection, table: str, columns: tuple[str, ...], row: tuple[Any, ...]
) -> None:
    changed = ", ".join(f"{name} = excluded.{name}" for name in columns[1:])
    connection.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
        f" ON CONFLICT (name) DO UPDATE SET {changed}",
        row,
    )


def select_folders(
    connection: sqlite3.Connection, where: str, values: tuple[Any, ...] = ()
) -> Iterator[RecordFolder]:
    """The folders for which ``where`` holds, by name."""
    query = f"{_FOLDERS} WHERE {where} ORDER BY name"
    yield from map(_folder, connection.execute(query, values).fetchall())


def select_disposals(
    connection: sqlite3.Connection, where: str, values: tuple[Any, ...] = ()
) -> Iterator[Disposal]:
    """The disposals for which ``where`` holds, by name."""
    query = f"{_DISPOSALS} WHERE {where} ORDER BY name"
    yield from map(_disposal, connection.execute(query, values).fetchall())


def placing(connection: sqlite3.Connection, position: int) -> tuple[str, str]:
    """The folder that the letter lies in, and the disposal it was destroyed under; '' for neither."""
    found = connection.execute(
        "SELECT folder, destroyed FROM sipadek_folder_letter WHERE position = ?", (position,)
    ).fetchone()
    return found or ("", "")

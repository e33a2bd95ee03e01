"""What a register's file says, read by SQLite alone: the judge of whether a change changed anything.

Two files say the same if all their tables, rows, columns and types are the same, if the search index
holds the same words at the same places, and if SQLite's own check finds neither damaged. What lies
in free pages, in the remains of deleted rows, in the file's header and in the search index's
housekeeping beside that is not said by anybody.
"""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any, Final

Dump = dict[str, list[Any]]

INDEX: Final = "sipadek_letter_index"
SCHEMA: Final = "sqlite_schema"
DAMAGED: Final = "damaged"


def dump_copy(folder: Path, copy: Path) -> Dump:
    """All that is said, read in a copy of the register's file and its log. What cannot be read stands
    under ``damaged``."""
    copy.mkdir()
    try:
        for path in folder.glob("register.sqlite*"):
            if path.suffix in (".sqlite", ".sqlite-wal"):
                shutil.copy(path, copy / path.name)
        return _dump(copy / "register.sqlite")
    finally:
        shutil.rmtree(copy)


def _dump(path: Path) -> Dump:
    if not path.exists():
        return {DAMAGED: ["no file"]}
    connection = sqlite3.connect(path)
    connection.text_factory = bytes
    try:
        found = _tables(connection)
        check = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        if check != [b"ok"]:
            found[DAMAGED] = check
        return found | _index(connection)
    except (sqlite3.Error, UnicodeDecodeError, OverflowError) as error:
        return {DAMAGED: [repr(error)]}
    finally:
        connection.close()


def _tables(connection: sqlite3.Connection) -> Dump:
    query = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name"
    schema = connection.execute(query).fetchall()
    names = [row[1].decode() for row in schema if row[0] == b"table"]
    found: Dump = {
        SCHEMA: [row for row in schema if not row[1].startswith(f"{INDEX}_".encode())],
        "pragma": [connection.execute(f"PRAGMA {name}").fetchall() for name in (
            "user_version", "application_id", "encoding")],
    }  # fmt: skip
    for name in names:
        columns = connection.execute(f'PRAGMA table_info("{name}")').fetchall()
        found[f"{SCHEMA} {name}"] = columns
        if name in (INDEX, f"{INDEX}_data", f"{INDEX}_idx"):
            continue  # Said by what the index answers.
        told = ", ".join(f'"{row[1].decode()}"' for row in columns)
        types = ", ".join(f'typeof("{row[1].decode()}")' for row in columns)
        found[name] = connection.execute(f'SELECT {told}, {types} FROM "{name}"').fetchall()
    return found


def _index(connection: sqlite3.Connection) -> Dump:
    """Every word's places by reading on and by looking it up, and what the ranking is reckoned from."""
    for kind in ("instance", "row"):
        connection.execute(
            f"CREATE VIRTUAL TABLE temp.words_{kind} USING fts5vocab(main, {INDEX}, {kind})"
        )
    found: Dump = {"words": connection.execute("SELECT * FROM temp.words_instance").fetchall()}
    found["found"] = connection.execute(
        "SELECT word.term, place.doc, place.col, place.offset FROM temp.words_row AS word"
        " CROSS JOIN temp.words_instance AS place ON place.term = word.term"
    ).fetchall()
    found["averages"] = connection.execute(
        f"SELECT block FROM {INDEX}_data WHERE id = 1"
    ).fetchall()
    return found


def changed(one: Dump, other: Dump) -> set[str]:
    """The tables of which two files say different things; ``damaged`` where SQLite finds one damaged."""
    return {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}

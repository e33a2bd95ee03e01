"""Damage by SQL: one row edited, deleted or put in; a ledger rewritten; checkpoints forged."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import attrs

from sipadek.ledger import CheckpointKey, CompactRange, Event, leaf_hash
from sipadek.sql import events, letter_index

ROW_TABLES: Final = (
    "sipadek_meta",
    "sipadek_series",
    "sipadek_counter",
    "sipadek_entry",
    "sipadek_closed",
    "sipadek_legacy",
    "sipadek_event",
    "sipadek_log_head",
    "sipadek_letter_text",
    "sipadek_plan",
    "sipadek_folder",
    "sipadek_folder_letter",
    "sipadek_disposal",
    "sipadek_letter_index_analysis",
    "sipadek_letter_index_data",
    "sipadek_letter_index_idx",
    "sipadek_letter_index_docsize",
    "sipadek_letter_index_config",
)
INDEX_TABLES: Final = ROW_TABLES[13:]
_KEYS: Final = {
    "sipadek_letter_index_idx": ("segid", "term"),
    "sipadek_letter_index_config": ("k",),
}
LOG: Final = ("event log", "event_log", "older-state")


@attrs.frozen
class Damage:
    """What was done, and words of which one must be in what names it. ``changed`` false: nothing that
    anybody can read was changed, None: SQLite's reading of the register decides. ``kept`` true: only
    a checkpoint outside of the folder can tell."""

    what: str
    names: tuple[str, ...]
    changed: bool | None = True
    kept: bool = False


class Impossible(Exception):
    """This damage cannot be done to these rows; draw another."""


@contextlib.contextmanager
def changing(folder: Path) -> Iterator[sqlite3.Connection]:
    """The register, without any of the checks that hold others to its rules."""
    with contextlib.closing(sqlite3.connect(folder / "register.sqlite")) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        try:
            yield connection
        except sqlite3.IntegrityError as error:
            raise Impossible from error
        connection.commit()


def _row(
    connection: sqlite3.Connection, table: str, chance: random.Random
) -> tuple[dict[str, Any], int]:
    """A row drawn, and a condition that only it meets."""
    key = _KEYS.get(table, ("rowid",))[0]
    rows = connection.execute(f"SELECT {key}, * FROM {table}").fetchall()
    if not rows:
        raise Impossible
    names = [each[1] for each in connection.execute(f"PRAGMA table_info({table})")]
    row = chance.choice(rows)
    return dict(zip(names, row[-len(names) :], strict=True)), row[0]


def _old(row: dict[str, Any]) -> dict[str, Any]:
    return {f"old_{name}": value for name, value in row.items()}


def _where(table: str) -> str:
    if table not in _KEYS:
        return "rowid = :id"
    return " AND ".join(f"{name} = :old_{name}" for name in _KEYS[table])


def _names(connection: sqlite3.Connection, table: str, row: dict[str, Any]) -> tuple[str, ...]:
    """How the row's letter, series or table is called."""
    match table:
        case "sipadek_entry":
            return (str(row["number"]), str(row["id"]))
        case "sipadek_folder_letter":  # A row without an entry is named by its place.
            number = connection.execute(
                "SELECT number FROM sipadek_entry WHERE position = ?", (row["position"],)
            ).fetchone()
            return (*(number or ()), f"Row {row['position']} of {table}")
        case "sipadek_letter_text":
            number = connection.execute(
                "SELECT number FROM sipadek_entry WHERE position = ?", (row["position"],)
            ).fetchone()
            return (number[0],) if number else (f"entry {row['position']}",)
        case "sipadek_series":
            return (str(row["code"]),)
        case "sipadek_plan":
            return (f"{row['kind']} {row['name']}",)
        case "sipadek_folder" | "sipadek_disposal":
            return (str(row["name"]),)
        case "sipadek_counter" | "sipadek_legacy":
            return (f"{row['series']} {row['counter']}",)
        case "sipadek_closed":
            return (f"{row['series']} {row['period']}",)
        case "sipadek_event":  # Of which letter it is may be what was changed.
            number = connection.execute(
                "SELECT number FROM sipadek_entry WHERE position = ?", (row["entry"],)
            ).fetchone()
            return (*LOG, *(number or ()))
        case "sipadek_log_head":
            return LOG
        case "sipadek_meta":
            return ("meta", "register of version", "is that of")
        case _:
            return ("search index", "index-")


def edited(folder: Path, chance: random.Random) -> Damage:
    """One column of one row says something else."""
    table = chance.choice(ROW_TABLES)
    with changing(folder) as connection:
        row, id_ = _row(connection, table, chance)
        column = chance.choice(list(row))
        value = _other(row[column], chance)
        names = (*_names(connection, table, row), *_names(connection, table, row | {column: value}))
        connection.execute(
            f"UPDATE {table} SET {column} = :value WHERE {_where(table)}",
            _old(row) | {"id": id_, "value": value},
        )
    what = f"{table}.{column} of {id_}: {row[column]!r:.60} is now {value!r:.60}"
    return Damage(what, names, changed=None)


def _other(value: Any, chance: random.Random) -> Any:
    match value:
        case None:
            return "2026-11-24T03:00:00.000000Z"
        case int():
            return chance.choice([value + 1, value - 1, 0, chance.randrange(1, 1 << 20), -value])
        case bytes():
            return _flipped(value, chance)
        case _:
            text = str(value)
            at = chance.randrange(len(text) + 1)
            return chance.choice(
                [
                    text[:at] + chance.choice("aZ09 é") + text[at:],
                    text[:at] + text[at + 1 :],
                    text + " ",
                ]
            )


def _flipped(value: bytes, chance: random.Random) -> bytes:
    if not value:
        return b"\1"
    data = bytearray(value)
    data[chance.randrange(len(data))] ^= chance.randrange(1, 256)
    return bytes(data)


def deleted(folder: Path, chance: random.Random) -> Damage:
    """One row is gone."""
    table = chance.choice(ROW_TABLES)
    with changing(folder) as connection:
        row, id_ = _row(connection, table, chance)
        names = _names(connection, table, row)
        if table.startswith("sipadek_letter_index_"):
            names = (*names, "cannot be found")
        connection.execute(f"DELETE FROM {table} WHERE {_where(table)}", _old(row) | {"id": id_})
    return Damage(f"{table}: row {id_} deleted", names, changed=None)


def inserted(folder: Path, chance: random.Random) -> Damage:
    """A row that is another one's likeness."""
    table = chance.choice(ROW_TABLES)
    with changing(folder) as connection:
        row, id_ = _row(connection, table, chance)
        new = dict(row)
        for column, value in row.items():
            if isinstance(value, str) and column not in ("series", "state", "secrecy", "kind"):
                new[column] = value[:-1] + chance.choice("0123456789abcdef") if value else value
            elif column in ("position", "sequence", "line", "only", "id", "segid", "pgno", "last"):
                new[column] = value + chance.randrange(1, 1000)
        names = _names(connection, table, new)
        marks = ", ".join("?" * len(new))
        columns = ", ".join(f'"{name}"' for name in new)
        connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", [*new.values()])
    return Damage(f"{table}: a likeness of row {id_} put in", names, changed=None)


_SCHEMA_CHANGES: Final = (
    "CREATE TABLE lain (nama TEXT)",
    "CREATE TRIGGER diam AFTER UPDATE ON sipadek_entry BEGIN DELETE FROM sipadek_closed; END",
    "CREATE VIEW semua AS SELECT * FROM sipadek_entry",
    "CREATE INDEX lain ON sipadek_entry (subject)",
    "DROP INDEX sipadek_entry_filed",
    "DROP INDEX sipadek_event_entry",
    "ALTER TABLE sipadek_entry ADD COLUMN catatan TEXT",
    "ALTER TABLE sipadek_counter RENAME COLUMN last TO akhir",
    "ALTER TABLE sipadek_letter_text ADD COLUMN catatan TEXT",
    "DROP TABLE sipadek_closed",
    "DROP TABLE sipadek_letter_text",
    "PRAGMA user_version = 7",
    "PRAGMA application_id = 7",
)


def schema_changed(folder: Path, chance: random.Random) -> Damage:
    """A table, index, trigger or view is other than it was made."""
    statement = chance.choice(_SCHEMA_CHANGES)
    with changing(folder) as connection:
        connection.execute(statement)
    return Damage(statement, ("register", "database", "letter_text"), changed=None)


def index_stale(folder: Path, chance: random.Random) -> Damage:
    """The search index holds what another letter says, or lacks a letter."""
    with changing(folder) as connection:
        row, id_ = _row(connection, "sipadek_letter_text", chance)
        number, state = connection.execute(
            "SELECT number, state FROM sipadek_entry WHERE position = ?", (id_,)
        ).fetchone()
        if state != "issued":  # The index holds no others.
            raise Impossible
        other = dict(row)
        other["pages"] = row["pages"] + " tambahan" if chance.random() < 0.5 else "lain sama sekali"
        connection.execute(
            "UPDATE sipadek_letter_text SET pages = :pages WHERE position = :position", other
        )
        letter_index.rebuild(connection)
        connection.execute(
            "UPDATE sipadek_letter_text SET pages = :pages WHERE position = :position", row
        )
    return Damage(f"the index holds another text of {number}", (number,))


# --- the ledger -----------------------------------------------------------------------------------


def rewritten(folder: Path, chance: random.Random) -> Damage:
    """History from some event on is another one, and all tables agree with it; the head is not
    signed, or by a key of the same name."""
    key = _key(folder)
    forged = chance.choice([None, CheckpointKey.generate(key.name)])
    _rewrite(folder, chance, forged)
    return Damage(f"rewritten, signed by {'nobody' if forged is None else 'another key'}", LOG)


def rewritten_by_key_holder(folder: Path, chance: random.Random) -> Damage:
    """The same, signed with the office's own key, which somebody has."""
    what = _rewrite(folder, chance, _key(folder))
    return Damage(f"{what}, signed by the office's key", LOG, kept=True)


def _rewrite(folder: Path, chance: random.Random, key: CheckpointKey | None) -> str:
    with changing(folder) as connection:
        letters = connection.execute(
            "SELECT position, number, subject FROM sipadek_entry WHERE filed_digest <> ''"
            " AND position IN (SELECT position FROM sipadek_letter_text)"
        ).fetchall()
        position, number, subject = chance.choice(letters)
        new = f"{subject} {chance.randrange(1000)}"
        (pages,) = connection.execute(
            "SELECT pages FROM sipadek_letter_text WHERE position = ?", (position,)
        ).fetchone()
        digest = events.texts_digest(number, new, pages)
        for place, body in connection.execute(
            "SELECT position, body FROM sipadek_event WHERE entry = ?", (position,)
        ).fetchall():
            event = Event.parse(body)
            data = dict(event.data)
            if "subject" in data:
                data["subject"] = new
            if "texts_digest" in data:
                data["texts_digest"] = digest
            written = attrs.evolve(event, data=data).canonical_bytes()
            connection.execute(
                "UPDATE sipadek_event SET body = ? WHERE position = ?", (written, place)
            )
        for table in ("sipadek_entry", "sipadek_letter_text"):
            connection.execute(
                f"UPDATE {table} SET subject = ? WHERE position = ?", (new, position)
            )
        letter_index.rebuild(connection)
        _new_head(connection, key)
    return f"the subject of {number} is {new!r} everywhere"


def _new_head(connection: sqlite3.Connection, key: CheckpointKey | None) -> None:
    bodies = connection.execute("SELECT body FROM sipadek_event ORDER BY position").fetchall()
    grown = CompactRange.of(leaf_hash(body) for (body,) in bodies)
    connection.execute(
        "UPDATE sipadek_log_head SET size = ?, hashes = ?", (grown.size, b"".join(grown.hashes))
    )
    if key is not None:
        note = key.sign_checkpoint(key.name, grown.size, grown.root())
        connection.execute("UPDATE sipadek_log_head SET checkpoint = ?", (note,))


def _key(folder: Path) -> CheckpointKey:
    name, _, pem = (folder / "keys" / "checkpoint.key").read_bytes().partition(b"\n")
    return CheckpointKey.from_pem(pem, name.decode())


def cut_off(folder: Path, chance: random.Random) -> Damage:
    """The newest events are gone, with a head that the office once signed for what is left."""
    key = _key(folder)
    with changing(folder) as connection:
        (size,) = connection.execute("SELECT size FROM sipadek_log_head").fetchone()
        left = chance.randrange(1, size)
        connection.execute("DELETE FROM sipadek_event WHERE position >= ?", (left,))
        _new_head(connection, key)
    return Damage(f"{size - left} newest events gone, the head is that of then", ("",))


def checkpoint_forged(folder: Path, chance: random.Random) -> Damage:
    """The signed head is another key's, of another size or root, or an older one."""
    key = _key(folder)
    with changing(folder) as connection:
        size, note = connection.execute("SELECT size, checkpoint FROM sipadek_log_head").fetchone()
        bodies = connection.execute("SELECT body FROM sipadek_event ORDER BY position").fetchall()
        leaves = [leaf_hash(body) for (body,) in bodies]
        root = CompactRange.of(leaves).root()
        older = chance.randrange(size)
        made = {
            "another key's": CheckpointKey.generate(key.name).sign_checkpoint(key.name, size, root),
            "another root": key.sign_checkpoint(key.name, size, leaf_hash(b"x")),
            "another size": key.sign_checkpoint(key.name, size + 1, root),
            "an older one": key.sign_checkpoint(
                key.name, older, CompactRange.of(leaves[:older]).root()
            ),
            "another log's": key.sign_checkpoint("arsip.lain.example", size, root),
            "signed twice": note + note.split("\n\n")[1],
        }
        what = chance.choice(list(made))
        connection.execute("UPDATE sipadek_log_head SET checkpoint = ?", (made[what],))
    return Damage(f"the checkpoint is {what}", LOG)

"""The files themselves are changed: an old copy is put back, a byte is flipped."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import attrs
from journal import Given
from judge import Row, findings
from places import NOW, SERIES, Place, request

from sipadek.archive import Letter
from sipadek.errors import SipadekError
from sipadek.sql import Register

Dump = dict[str, list[Any]]
SCHEMA = "sqlite_schema"
VIRTUAL = b"CREATE VIRTUAL TABLE"


def old_backup(folder: Path, *, tries: int, chance: random.Random) -> Row:
    """Nothing inside the folder can tell; a checkpoint kept elsewhere does."""
    row = Row(
        "old-backup",
        "an old copy of the folder is put back; the newest checkpoint was kept",
        lost=None,
        doubled=None,
        unexplained_gaps=None,
        noticed=0,
        unnoticed=0,
    )
    codes: Counter[str] = Counter()
    for number in range(tries):
        place = Place.new(folder / f"{number}")
        _add(place, "a", chance.randint(1, 20))
        shutil.copytree(place.folder, folder / "copy")
        more = chance.randint(1, 20)
        newest = _add(place, "b", more)
        row.acknowledged += more
        shutil.rmtree(place.folder)
        (folder / "copy").rename(place.folder)
        for added in (0, more, 1):  # As found, of the same length, and longer.
            if added:
                _add(place, f"c{added}.{row.tries}", added)
            with place.opened() as register:
                found = findings(register, [newest])
            codes.update(finding.code for finding in found)
            row.noticed = (row.noticed or 0) + bool(found)
            row.unnoticed = (row.unnoticed or 0) + (not found)
        row.tries += 1
    row.note = "named as " + ", ".join(f"{code} ({count})" for code, count in codes.items())
    row.expect("not named as rolled back", codes["log-rolled-back"] == tries)
    return row


def _add(place: Place, prefix: str, count: int) -> str:
    """The checkpoint after so many more numbers."""
    with place.opened(series=SERIES) as register:
        register.reserve([request(f"{prefix}.{n}") for n in range(count)], at=NOW)
        return register.head().checkpoint


# --- one byte ------------------------------------------------------------------------------------


@attrs.frozen
class _Whole:
    """The undamaged register, and what it must answer."""

    place: Place
    checkpoint: str
    dump: Dump
    answers: dict[str, Given]


def flipped_bytes(folder: Path, *, tries: int, chance: random.Random) -> Row:
    """In the database, in its write-ahead log, in the database below one."""
    row = Row(
        "flipped-bytes",
        "one byte of register.sqlite or its WAL is changed",
        lost=None,
        doubled=None,
        unexplained_gaps=None,
    )
    whole = _make(folder)
    kinds: Counter[str] = Counter()
    unnoticed: list[str] = []
    foreign: list[str] = []
    for number in range(tries):
        closed = number % 2 == 0
        source = whole["closed" if closed else "open"]
        name = "register.sqlite" if closed or number % 6 == 1 else "register.sqlite-wal"
        place = source.place.at(folder / "try")
        shutil.copytree(source.place.folder, place.folder)
        where = f"{name} at {_flip(place.folder / name, chance)}"
        dump = _dump_copy(place, folder / "look")
        seen = _use(place, source)
        if seen.outcome == "nothing":
            seen.outcome = _harm(source.dump, dump) if not seen.wrong else "unnoticed"
        if seen.outcome == "unnoticed":
            unnoticed.append(where)
        if seen.foreign:
            foreign.append(f"{where}: {seen.foreign}")
        kinds[seen.outcome] += 1
        kinds["misled"] += bool(seen.wrong)
        shutil.rmtree(place.folder)
        row.tries += 1
    row.expect_none("flips unnoticed", unnoticed)
    row.expect_none("errors that are no SipadekError", foreign)
    row.noticed = kinds["refused"] + kinds["named"]
    row.unnoticed = kinds["unnoticed"]
    row.note = (
        f"{kinds['refused']} refused, {kinds['named']} named by the audit, {kinds['harmless']} with"
        f" all rows unchanged, {kinds['index']} changed only the search index;"
        f" {kinds['misled']} answered wrongly where only the audit tells"
    )
    return row


def _harm(whole: Dump, dump: Dump | None) -> str:
    """What an unnoticed flip did. The tables below a virtual one, and its text, are the search
    index: made anew from the others."""
    if dump is None:
        return "unnoticed"
    changed = {name for name in whole.keys() | dump.keys() if whole.get(name) != dump.get(name)}
    virtual = tuple(row[1].decode() for row in whole[SCHEMA] if (row[2] or b"").startswith(VIRTUAL))
    if all(name.startswith(virtual) for name in changed - {SCHEMA}):
        return "index" if changed - {SCHEMA} or _indexes(whole) != _indexes(dump) else "harmless"
    return "unnoticed"


def _indexes(dump: Dump) -> list[Any]:
    return [row for row in dump[SCHEMA] if (row[2] or b"").startswith(VIRTUAL)]


def _make(folder: Path) -> dict[str, _Whole]:
    """One register with all in its database, and the same with its newest part in the log."""
    place = Place.new(folder / "closed")
    _add(place, "first", 120)
    with place.opened() as register:
        for letter in list(register.letters())[:10]:
            register.void(letter.id, reason="salah ketik", at=NOW)
    log = place.at(folder / "open")
    with place.opened() as register:
        for n in range(20):
            register.reserve([request(f"second.{n}")], at=NOW)
        checkpoint = register.head().checkpoint
        shutil.copytree(place.folder, log.folder, ignore=shutil.ignore_patterns("*-shm"))
    keys = [f"first.{n}" for n in range(0, 120, 7)] + [f"second.{n}" for n in range(20)]
    keys += [f"new.{n}" for n in range(8)]
    shutil.copytree(place.folder, folder / "answers")
    with place.at(folder / "answers").opened() as register:
        answers = _ask(register, keys)
    dump = _dump_copy(place, folder / "look")
    assert dump is not None
    assert dump == _dump_copy(log, folder / "look")
    return {
        "closed": _Whole(place, checkpoint, dump, answers),
        "open": _Whole(log, checkpoint, dump, answers),
    }


@attrs.define
class _Seen:
    """What came of using a damaged register: refused, named or nothing; which answers were wrong;
    and an error that is none of this library's."""

    outcome: str = "nothing"
    wrong: list[Given] = attrs.field(factory=list)
    foreign: str = ""


def _use(place: Place, whole: _Whole) -> _Seen:
    """Open, audit, ask for old and new keys, audit again."""
    seen = _Seen()
    try:
        with place.opened() as register:
            if findings(register, [whole.checkpoint]):
                seen.outcome = "named"
            answers = _ask(register, list(whole.answers))
            seen.wrong = [one for key, one in answers.items() if one != whole.answers.get(key)]
            if seen.outcome == "nothing" and findings(register, [whole.checkpoint]):
                seen.outcome = "named"
    except SipadekError:
        seen.outcome = "refused" if seen.outcome == "nothing" else seen.outcome
    except Exception as error:
        seen.foreign = f"{type(error).__name__}: {error}"
        seen.outcome = "refused" if seen.outcome == "nothing" else seen.outcome
    return seen


def _ask(register: Register, keys: list[str]) -> dict[str, Given]:
    outcomes = register.reserve([request(key) for key in keys], at=NOW)
    return {one.key: Given.of(one) for one in outcomes if isinstance(one, Letter)}


def _flip(path: Path, chance: random.Random) -> int:
    data = bytearray(path.read_bytes())
    offset = chance.randrange(len(data))
    data[offset] ^= chance.randrange(1, 256)
    path.write_bytes(data)
    return offset


def _dump_copy(place: Place, folder: Path) -> Dump | None:
    """All rows of all tables, read in a copy; None where they cannot be read."""
    shutil.copytree(place.folder, folder)
    try:
        return _dump(folder / "register.sqlite")
    except (sqlite3.Error, UnicodeDecodeError):
        return None
    finally:
        shutil.rmtree(folder)


def _dump(path: Path) -> Dump:
    connection = sqlite3.connect(path)
    try:
        connection.text_factory = bytes
        query = "SELECT type, name, sql FROM sqlite_schema ORDER BY name"
        schema = connection.execute(query).fetchall()
        rows: Dump = {SCHEMA: schema}
        for kind, name, sql in schema:
            if kind == b"table" and not sql.startswith(VIRTUAL):
                table = name.decode(errors="replace")
                rows[table] = connection.execute(f'SELECT * FROM "{table}"').fetchall()
        return rows
    finally:
        connection.close()

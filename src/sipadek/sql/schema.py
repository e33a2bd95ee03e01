"""The register's tables.

Times are UTC text of fixed width (``2026-11-03T02:15:00.000000Z``), so that text order is time
order. Digests are SHA-256 as 64 lowercase hex digits. Empty text stands for "none" except in
``issued_at``.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from typing import Any, Final

# "SPDK" in the database's header: tells an office from any other SQLite file.
APPLICATION_ID: Final = 0x5350444B
VERSION: Final = "2"

_DDL: Final = """
CREATE TABLE sipadek_meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE sipadek_series (
    code TEXT NOT NULL PRIMARY KEY,
    definition TEXT NOT NULL, -- Canonical JSON.
    start INTEGER NOT NULL,
    defined_at TEXT NOT NULL,
    CHECK (start >= 1)
) STRICT;

CREATE TABLE sipadek_counter (
    series TEXT NOT NULL REFERENCES sipadek_series (code),
    counter TEXT NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (series, counter),
    CHECK (last >= 1)
) STRICT;

CREATE TABLE sipadek_entry (
    -- Given in the order of reservation and never reused: the search index sorts newest first by it.
    position INTEGER NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    series TEXT NOT NULL REFERENCES sipadek_series (code),
    counter TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    insertion INTEGER NOT NULL DEFAULT 0,
    number TEXT NOT NULL,
    state TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    fingerprint TEXT NOT NULL,
    unit TEXT NOT NULL,
    classification TEXT NOT NULL,
    kind TEXT NOT NULL,
    post TEXT NOT NULL DEFAULT '',
    extra TEXT NOT NULL DEFAULT '', -- Canonical JSON of the own fields, '' for none.
    secrecy TEXT NOT NULL,
    secrecy_rank INTEGER NOT NULL,
    subject TEXT NOT NULL,
    document_date TEXT NOT NULL,
    document_year INTEGER NOT NULL,
    original_digest TEXT NOT NULL,
    original_size INTEGER NOT NULL,
    filed_digest TEXT NOT NULL DEFAULT '',
    filed_size INTEGER NOT NULL DEFAULT 0,
    signer TEXT NOT NULL DEFAULT '',
    extractor TEXT NOT NULL DEFAULT '',
    actor TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    paper TEXT NOT NULL DEFAULT '',
    -- The key under which the number was put in stock; it is held while it is still the entry's key.
    stock TEXT NOT NULL DEFAULT '',
    reserved_at TEXT NOT NULL,
    expires_at TEXT,
    issued_at TEXT,
    void_reason TEXT NOT NULL DEFAULT '',
    UNIQUE (series, counter, sequence, insertion),
    -- The number leads, so that one index serves looking up a number in all series.
    UNIQUE (number, series, counter),
    CHECK (length(id) = 26),
    CHECK (sequence >= 1),
    CHECK (length(key) > 0 AND length(number) > 0),
    CHECK (length(original_digest) IN (0, 64) AND original_size >= 0),
    CHECK (insertion >= 0 AND (insertion = 0 OR reason <> '')),
    CHECK (key <> stock OR state <> 'issued'),
    CHECK (length(fingerprint) = 64),
    CHECK (secrecy_rank BETWEEN 0 AND 3),
    CHECK (CASE state
        WHEN 'reserved' THEN issued_at IS NULL AND filed_digest = '' AND void_reason = ''
        WHEN 'issued' THEN issued_at IS NOT NULL AND length(filed_digest) IN (0, 64)
            AND void_reason = ''
        WHEN 'void' THEN void_reason <> ''
        ELSE 0 END)
) STRICT;
CREATE INDEX sipadek_entry_filed ON sipadek_entry (filed_digest) WHERE filed_digest <> '';
CREATE INDEX sipadek_entry_held ON sipadek_entry (series, counter, document_date)
    WHERE stock = key AND state = 'reserved';
CREATE INDEX sipadek_entry_leased ON sipadek_entry (expires_at)
    WHERE state = 'reserved' AND expires_at IS NOT NULL;
CREATE INDEX sipadek_entry_pending ON sipadek_entry (reserved_at) WHERE state = 'reserved';
CREATE UNIQUE INDEX sipadek_entry_stock ON sipadek_entry (stock) WHERE stock <> '';

-- A row is a period of a series ('2026', '2026-11') in which no number is given.
CREATE TABLE sipadek_closed (
    series TEXT NOT NULL REFERENCES sipadek_series (code),
    period TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    closed_at TEXT NOT NULL,
    PRIMARY KEY (series, period)
) STRICT;

-- Numbers that were given before this register was kept, as their own book has them. "line" counts
-- the rows of an import from 1. A 'hole' is a number the book does not have, a 'repeat' one that it
-- has again; both keep an explanation.
CREATE TABLE sipadek_legacy (
    series TEXT NOT NULL REFERENCES sipadek_series (code),
    counter TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    line INTEGER NOT NULL,
    kind TEXT NOT NULL,
    number TEXT NOT NULL,
    document_date TEXT NOT NULL,
    subject TEXT NOT NULL,
    explanation TEXT NOT NULL,
    PRIMARY KEY (series, counter, sequence, line),
    CHECK (sequence >= 1 AND line >= 1),
    CHECK (CASE kind
        WHEN 'number' THEN number <> ''
        WHEN 'repeat' THEN explanation <> ''
        WHEN 'hole' THEN explanation <> '' AND number = ''
        ELSE 0 END)
) STRICT;

CREATE TABLE sipadek_event (
    position INTEGER NOT NULL PRIMARY KEY, -- The leaf's place in the log, from 0.
    -- The letter the event is about; NULL for events about a series.
    entry INTEGER REFERENCES sipadek_entry (position),
    -- The canonical bytes, verbatim: what the log's leaf hash is taken over.
    body BLOB NOT NULL
) STRICT;
CREATE INDEX sipadek_event_entry ON sipadek_event (entry, position);

CREATE TABLE sipadek_log_head (
    only INTEGER NOT NULL PRIMARY KEY,
    size INTEGER NOT NULL,
    -- The compact range's hashes, 32 bytes each, one after the other.
    hashes BLOB NOT NULL,
    checkpoint TEXT NOT NULL,
    CHECK (only = 1),
    CHECK (size >= 0 AND length(hashes) % 32 = 0)
) STRICT;
"""

TABLES: Final = tuple(re.findall(r"CREATE TABLE (\w+)", _DDL))


def columns(table: str) -> tuple[str, ...]:
    """The table's columns, in order."""
    _, _, rest = _DDL.partition(f"CREATE TABLE {table} (")
    return tuple(
        re.findall(r"^    (\w+) (?:TEXT|INTEGER|BLOB)", rest.partition(" STRICT;")[0], re.M)
    )


def shape(connection: sqlite3.Connection) -> dict[str, Any]:
    """What the tables look like: columns with their types, and indexes, for each table."""
    found: dict[str, Any] = {}
    for table in TABLES:
        columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
        indexes = connection.execute(f"PRAGMA index_list({table})").fetchall()
        found[table] = (
            [(name, type_, bool(required), key) for _, name, type_, required, _, key in columns],
            sorted(
                (unique, partial, [row[2] for row in connection.execute(f"PRAGMA index_info({i})")])
                for _, i, unique, _, partial in indexes
            ),
        )
    return found


def statements() -> list[str]:
    """What makes the tables and indexes."""
    bare = re.sub(r"--[^\n]*", "", _DDL)
    return [each.strip() for each in bare.split(";") if each.strip()]


def wanted_shape() -> dict[str, Any]:
    """The shape this version makes."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        for statement in statements():
            connection.execute(statement)
        return shape(connection)

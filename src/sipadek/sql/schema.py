"""The register's tables.

Times are UTC text of fixed width (``2026-11-03T02:15:00.000000Z``), so that text order is time
order. Digests are SHA-256 as 64 lowercase hex digits. Empty text stands for "none" except in
``issued_at``.
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import SchemaItem

# "SPDK" in the database's header: tells an office from any other SQLite file.
APPLICATION_ID: Final = 0x5350444B
VERSION: Final = "2"

METADATA: Final = sa.MetaData()


def _text(name: str, *arguments: SchemaItem, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text, *arguments, nullable=False, server_default=default)


def _integer(name: str, *arguments: SchemaItem, default: str | None = None) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, *arguments, nullable=False, server_default=default)


META: Final = sa.Table(
    "sipadek_meta",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True, nullable=False),
    _text("value"),
    sqlite_strict=True,
)

SERIES: Final = sa.Table(
    "sipadek_series",
    METADATA,
    sa.Column("code", sa.Text, primary_key=True, nullable=False),
    _text("definition"),  # Canonical JSON.
    _integer("start"),
    _text("defined_at"),
    sa.CheckConstraint("start >= 1"),
    sqlite_strict=True,
)

COUNTER: Final = sa.Table(
    "sipadek_counter",
    METADATA,
    sa.Column(
        "series", sa.Text, sa.ForeignKey("sipadek_series.code"), primary_key=True, nullable=False
    ),
    sa.Column("counter", sa.Text, primary_key=True, nullable=False),
    _integer("last"),
    sa.CheckConstraint("last >= 1"),
    sqlite_strict=True,
)

ENTRY: Final = sa.Table(
    "sipadek_entry",
    METADATA,
    # Given in the order of reservation and never reused: the search index sorts newest first by it.
    sa.Column("position", sa.Integer, primary_key=True),
    _text("id"),
    _text("series", sa.ForeignKey("sipadek_series.code")),
    _text("counter"),
    _integer("sequence"),
    _integer("insertion", default="0"),
    _text("number"),
    _text("state"),
    _text("key"),
    _text("fingerprint"),
    _text("unit"),
    _text("classification"),
    _text("kind"),
    _text("post", default=""),
    _text("extra", default=""),  # Canonical JSON of the own fields, '' for none.
    _text("secrecy"),
    _integer("secrecy_rank"),
    _text("subject"),
    _text("document_date"),
    _integer("document_year"),
    _text("original_digest"),
    _integer("original_size"),
    _text("filed_digest", default=""),
    _integer("filed_size", default="0"),
    _text("signer", default=""),
    _text("extractor", default=""),
    _text("actor", default=""),
    _text("reason", default=""),
    _text("paper", default=""),
    # The key under which the number was put in stock; it is held while it is still the entry's key.
    _text("stock", default=""),
    _text("reserved_at"),
    sa.Column("expires_at", sa.Text, nullable=True),
    sa.Column("issued_at", sa.Text, nullable=True),
    _text("void_reason", default=""),
    sa.UniqueConstraint("id"),
    sa.UniqueConstraint("key"),
    sa.UniqueConstraint("series", "counter", "sequence", "insertion"),
    # The number leads, so that one index serves looking up a number in all series.
    sa.UniqueConstraint("number", "series", "counter"),
    sa.CheckConstraint("length(id) = 26"),
    sa.CheckConstraint("sequence >= 1"),
    sa.CheckConstraint("length(key) > 0 AND length(number) > 0"),
    sa.CheckConstraint("length(original_digest) IN (0, 64) AND original_size >= 0"),
    sa.CheckConstraint("insertion >= 0 AND (insertion = 0 OR reason <> '')"),
    sa.CheckConstraint("key <> stock OR state <> 'issued'"),
    sa.CheckConstraint("length(fingerprint) = 64"),
    sa.CheckConstraint("secrecy_rank BETWEEN 0 AND 3"),
    sa.CheckConstraint(
        "CASE state"
        " WHEN 'reserved' THEN issued_at IS NULL AND filed_digest = '' AND void_reason = ''"
        " WHEN 'issued' THEN issued_at IS NOT NULL AND length(filed_digest) IN (0, 64)"
        " AND void_reason = ''"
        " WHEN 'void' THEN void_reason <> ''"
        " ELSE 0 END"
    ),
    sqlite_strict=True,
)

PENDING: Final = sa.Index(
    "sipadek_entry_pending", ENTRY.c.reserved_at, sqlite_where=ENTRY.c.state == "reserved"
)

FILED: Final = sa.Index(
    "sipadek_entry_filed", ENTRY.c.filed_digest, sqlite_where=ENTRY.c.filed_digest != ""
)

LEASED: Final = sa.Index(
    "sipadek_entry_leased",
    ENTRY.c.expires_at,
    sqlite_where=sa.and_(ENTRY.c.state == "reserved", ENTRY.c.expires_at.is_not(None)),
)

STOCK: Final = sa.Index(
    "sipadek_entry_stock", ENTRY.c.stock, unique=True, sqlite_where=ENTRY.c.stock != ""
)

HELD: Final = sa.Index(
    "sipadek_entry_held",
    ENTRY.c.series,
    ENTRY.c.counter,
    ENTRY.c.document_date,
    sqlite_where=sa.and_(ENTRY.c.stock == ENTRY.c.key, ENTRY.c.state == "reserved"),
)

# A row is a period of a series ('2026', '2026-11') in which no number is given.
CLOSED: Final = sa.Table(
    "sipadek_closed",
    METADATA,
    sa.Column(
        "series", sa.Text, sa.ForeignKey("sipadek_series.code"), primary_key=True, nullable=False
    ),
    sa.Column("period", sa.Text, primary_key=True, nullable=False),
    _text("actor"),
    _text("reason"),
    _text("closed_at"),
    sqlite_strict=True,
)

# Numbers that were given before this register was kept, as their own book has them. ``line`` counts
# the rows of an import from 1. A 'hole' is a number the book does not have, a 'repeat' one that it
# has again; both keep an explanation.
LEGACY: Final = sa.Table(
    "sipadek_legacy",
    METADATA,
    sa.Column(
        "series", sa.Text, sa.ForeignKey("sipadek_series.code"), primary_key=True, nullable=False
    ),
    sa.Column("counter", sa.Text, primary_key=True, nullable=False),
    sa.Column("sequence", sa.Integer, primary_key=True, nullable=False),
    sa.Column("line", sa.Integer, primary_key=True, nullable=False),
    _text("kind"),
    _text("number"),
    _text("document_date"),
    _text("subject"),
    _text("explanation"),
    sa.CheckConstraint("sequence >= 1 AND line >= 1"),
    sa.CheckConstraint(
        "CASE kind WHEN 'number' THEN number <> '' WHEN 'repeat' THEN explanation <> ''"
        " WHEN 'hole' THEN explanation <> '' AND number = '' ELSE 0 END"
    ),
    sqlite_strict=True,
)

EVENT: Final = sa.Table(
    "sipadek_event",
    METADATA,
    # The leaf's place in the log, from 0.
    sa.Column("position", sa.Integer, primary_key=True),
    # The letter the event is about; NULL for events about a series.
    sa.Column("entry", sa.Integer, sa.ForeignKey("sipadek_entry.position"), nullable=True),
    # The canonical bytes, verbatim: what the log's leaf hash is taken over.
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Index("sipadek_event_entry", "entry", "position"),
    sqlite_strict=True,
)

LOG_HEAD: Final = sa.Table(
    "sipadek_log_head",
    METADATA,
    sa.Column("only", sa.Integer, primary_key=True),
    _integer("size"),
    # The compact range's hashes, 32 bytes each, one after the other.
    sa.Column("hashes", sa.LargeBinary, nullable=False),
    _text("checkpoint"),
    sa.CheckConstraint("only = 1"),
    sa.CheckConstraint("size >= 0 AND length(hashes) % 32 = 0"),
    sqlite_strict=True,
)


NAMES: Final = frozenset(METADATA.tables)
"""The tables' names."""


def shape(connection: sqlite3.Connection) -> dict[str, Any]:
    """What the tables look like: columns with their types, and indexes, for each table."""
    found: dict[str, Any] = {}
    for table in METADATA.sorted_tables:
        columns = connection.execute(f"PRAGMA table_info({table.name})").fetchall()
        indexes = connection.execute(f"PRAGMA index_list({table.name})").fetchall()
        found[table.name] = (
            [(name, type_, bool(required), key) for _, name, type_, required, _, key in columns],
            sorted(
                (unique, partial, [row[2] for row in connection.execute(f"PRAGMA index_info({i})")])
                for _, i, unique, _, partial in indexes
            ),
        )
    return found


def statements() -> list[str]:
    """What makes the tables and indexes."""
    dialect = sqlite.dialect()
    made: list[str] = []
    for table in METADATA.sorted_tables:
        made.append(str(sa.schema.CreateTable(table).compile(dialect=dialect)))
        made += [
            str(sa.schema.CreateIndex(index).compile(dialect=dialect))
            for index in sorted(table.indexes, key=lambda index: str(index.name))
        ]
    return made


def wanted_shape() -> dict[str, Any]:
    """The shape this version makes."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        for statement in statements():
            connection.execute(statement)
        return shape(connection)

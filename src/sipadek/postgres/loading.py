"""Dumps out of, and into, the tables on a server: the same lines as from SQLite."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import psycopg

from sipadek.errors import InvalidInput
from sipadek.postgres.handle import Handle
from sipadek.postgres.replay import has_texts, replay
from sipadek.postgres.sealing import Sealer
from sipadek.sql import dumping
from sipadek.sql.loading import check_agrees, check_empty, check_head, not_taken

_EMPTY: Final = (
    "SELECT (SELECT count(*) FROM sipadek.series) + (SELECT count(*) FROM sipadek.event)"
    " + (SELECT count(*) FROM sipadek.outbox)"
)
# What filing keeps of a letter has no use here but to be given back, and to be held against the log.
_TEXT: Final = 'text COLLATE "C" NOT NULL'
_TEXTS: Final = (
    f"CREATE TABLE IF NOT EXISTS sipadek.letter_text (position bigint PRIMARY KEY, number {_TEXT},"
    f" subject {_TEXT}, pages {_TEXT})",
    "CREATE TABLE IF NOT EXISTS sipadek.recognition (position bigint, page bigint,"
    f" state {_TEXT}, recogniser {_TEXT}, PRIMARY KEY (position, page))",
)
_SHUT: Final = (
    "UPDATE sipadek.series SET shut ="
    " ARRAY(SELECT period FROM sipadek.closed WHERE series = code ORDER BY period)"
)
_GO_ON: Final = (
    "SELECT setval(pg_get_serial_sequence('sipadek.entry', 'position'), max(position))"
    " FROM sipadek.entry HAVING max(position) IS NOT NULL"
)


def dump(handle: Handle, *, origin: str) -> Iterator[bytes]:
    """The lines of the register. Raises InvalidInput while events wait to be sealed."""
    (waiting,) = handle.run("SELECT count(*) FROM sipadek.outbox").fetchone() or (0,)
    if waiting:
        raise InvalidInput(
            f"{waiting} events wait to be sealed, so the log does not vouch for all there is; seal,"
            " and dump again",
            waiting=waiting,
        )
    tables = [name for name in dumping.COLUMNS if name not in dumping.TEXTS or has_texts(handle)]
    yield from dumping.dump(handle.shared_stream, origin=origin, tables=tables)


def load(handle: Handle, lines: Iterable[bytes], sealer: Sealer) -> None:
    """As `sipadek.sql.loading.load`, into the tables on a server."""
    handle.run("LOCK TABLE sipadek.series, sipadek.outbox IN EXCLUSIVE MODE")
    (count,) = handle.run(_EMPTY).fetchone() or (0,)
    check_empty(int(count))
    handle.run("DELETE FROM sipadek.log_head")
    for statement in _TEXTS:
        handle.run(statement)
    found = dumping.read_dump(lines, origin=sealer.origin)
    for table, rows in dumping.batches(found):
        names = ", ".join(dumping.COLUMNS[table])
        if table == "log_head":
            names = f'{names}, "only"'
        more = (1,) if table == "log_head" else ()
        try:
            handle.copy(
                f"COPY sipadek.{table} ({names}) FROM STDIN", ((*row, *more) for row in rows)
            )
        except (psycopg.IntegrityError, psycopg.DataError) as error:
            raise not_taken(table, type(error).__name__) from error
    handle.run(_SHUT)
    handle.run(_GO_ON)
    check_head(sealer, sealer.stored(handle))
    check_agrees(replay(handle, verifier=sealer.verifier, origin=sealer.origin))

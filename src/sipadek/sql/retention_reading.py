"""Asking the register about folders, disposals and plans."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from sipadek.archive.letter import Letter
from sipadek.retention import (
    Destruction,
    Disposal,
    Due,
    FolderState,
    RecordFolder,
    RetentionRule,
    Scheme,
)
from sipadek.sql import disposing, rows
from sipadek.sql import retention_tables as tables
from sipadek.sql.numbers import Transactions
from sipadek.sql.retention_plans import PLAN_KINDS, Plan, chosen, find_rule, imported

_PLACED: Final = (
    f"SELECT {', '.join(f'entry.{name}' for name in rows.COLUMNS)}"  # noqa: S608
    " FROM sipadek_folder_letter JOIN sipadek_entry AS entry USING (position)"
    " WHERE folder = ? ORDER BY position"
)
_DUE: Final = (
    "closed_on IS NOT NULL AND ((state = 'aktif' AND inactive_on <= ?)"
    " OR (state = 'inaktif' AND fate_on <= ?))"
)


class RetentionReading:
    """What can be asked of the record folders kept in ``transactions``."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def plans(self) -> tuple[Plan, ...]:
        """All that were imported, the newest last."""
        query = "SELECT kind, name FROM sipadek_plan ORDER BY imported_at, rowid"
        with self._transactions.read() as connection:
            of = {kind: each for each, kind in PLAN_KINDS.items()}
            places = connection.execute(query).fetchall()
            found = [imported(connection, of[kind], name) for kind, name in places]
        return tuple(plan for plan in found if plan is not None)

    def rule_for(self, code: str, *, scheme: str = "", rules: str = "") -> RetentionRule:
        """The rule for a code of ``scheme`` (by default the newest) in that set of rules (by default
        the newest). Raises NoRule or NotFound."""
        with self._transactions.read() as connection:
            scheme = scheme or chosen(connection, Scheme).name
            return find_rule(connection, code, scheme=scheme, rules=rules)[1]

    def folder(self, name: str) -> RecordFolder:
        """The folder of that name. Raises NotFound."""
        with self._transactions.read() as connection:
            return tables.load(connection, folders=[name]).folder(name)

    def folders(
        self, *, state: FolderState | None = None, unit: str | None = None
    ) -> tuple[RecordFolder, ...]:
        """All folders, of that state and unit where they are given, by name."""
        where, values = "TRUE", []
        for column, value in (("state", state), ("unit", unit)):
            if value is not None:
                where += f" AND {column} = ?"
                values.append(str(value))
        with self._transactions.read() as connection:
            return tuple(tables.select_folders(connection, where, tuple(values)))

    def letters(self, folder: str) -> Iterator[Letter]:
        """The letters in a folder, destroyed ones too, in the order of reservation. Raises NotFound."""
        with self._transactions.read() as connection:
            tables.load(connection, folders=[folder]).folder(folder)
            found = connection.execute(_PLACED, (folder,)).fetchall()
        return map(rows.letter, found)

    def counts(self, folders: Sequence[str]) -> dict[str, int]:
        """How many letters lie in each of these folders."""
        query = (
            "SELECT folder, count(*) FROM sipadek_folder_letter"
            " WHERE folder IN (SELECT value FROM json_each(?)) GROUP BY folder"
        )
        with self._transactions.read() as connection:
            found = dict(connection.execute(query, (json.dumps(list(folders)),)).fetchall())
        return {name: found.get(name, 0) for name in folders}

    def due(self, as_of: datetime.date) -> tuple[Due, ...]:
        """What is due on that day, the longest overdue first."""
        day = as_of.isoformat()
        with self._transactions.read() as connection:
            found = tables.select_folders(connection, _DUE, (day, day))
            due = [one for folder in found if (one := folder.due(as_of)) is not None]
        return tuple(sorted(due, key=lambda one: (one.since, one.folder.name)))

    def disposal(self, name: str) -> Disposal:
        """The disposal of that name. Raises NotFound."""
        with self._transactions.read() as connection:
            return tables.load(connection, disposal=name).disposal(name)

    def disposals(self) -> tuple[Disposal, ...]:
        """All disposals, by name."""
        with self._transactions.read() as connection:
            return tuple(tables.select_disposals(connection, "TRUE"))

    def destruction(self, letter: str) -> Destruction | None:
        """Under what the letter of that id was destroyed; None where it was not."""
        with self._transactions.read() as connection:
            return disposing.destruction(connection, letter)

    def to_delete(self) -> Mapping[str, tuple[str, ...]]:
        """By disposal that was carried out and not completed, the digests of its letters' objects that
        no letter needs which was not destroyed."""
        with self._transactions.read() as connection:
            return disposing.to_delete(connection)

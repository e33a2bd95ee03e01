"""What a disposal does to letters, and who has to approve it.

Every function takes an ``sqlite3.Connection`` inside the caller's transaction and neither begins nor
ends one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Final

from sipadek.errors import InvalidInput, NoRule, OnHold, StepRefused
from sipadek.retention import Destruction, Disposal, FolderState, RecordFolder, RuleSet, Step
from sipadek.sql import events, letter_index, rows
from sipadek.sql import retention_tables as tables
from sipadek.sql.retention_plans import chosen

Logged = list[tuple[int | None, bytes]]

_BATCH: Final = 500
_TO_DESTROY: Final = (
    f"SELECT {', '.join(f'entry.{name}' for name in rows.COLUMNS)}"  # noqa: S608
    " FROM sipadek_folder_letter JOIN sipadek_entry AS entry USING (position)"
    " WHERE folder = ? AND destroyed = '' AND position > ? ORDER BY position LIMIT ?"
)
_MARK: Final = "UPDATE sipadek_folder_letter SET destroyed = ? WHERE position = ?"
_FORGET_PAGES: Final = "DELETE FROM sipadek_recognition WHERE position = ?"
_OBJECTS: Final = (
    "SELECT DISTINCT filed_digest FROM sipadek_entry AS entry"  # noqa: S608
    " JOIN sipadek_folder_letter USING (position) WHERE destroyed = ? AND filed_digest <> ''"
    " AND NOT EXISTS (SELECT 1 FROM sipadek_entry AS other"
    " WHERE other.filed_digest = entry.filed_digest AND other.filed_digest <> ''"
    f" AND other.position NOT IN ({tables.DESTROYED})) ORDER BY filed_digest"
)
_UNDER: Final = (
    "SELECT destroyed FROM sipadek_folder_letter JOIN sipadek_entry USING (position)"
    " WHERE id = ? AND destroyed <> ''"
)


def authority(connection: sqlite3.Connection, folders: Sequence[RecordFolder]) -> str:
    """Who has to approve that these folders meet their fate, by the rules that they were closed under.

    Raises NoRule where no authority is known, and InvalidInput where they need different ones.
    """
    sets: dict[str, RuleSet] = {}
    found: dict[str, str] = {}
    for folder in folders:
        if folder.fate is None:
            raise StepRefused(f"The folder {folder.name} is not closed.", folder=folder.name)
        if folder.rules not in sets:
            sets[folder.rules] = chosen(connection, RuleSet, folder.rules)
        fitting = [
            each
            for each in sets[folder.rules].authorities
            if each.fate is folder.fate and folder.kept_for(each.least_years)
        ]
        if not fitting:
            raise NoRule(
                f"The rules {folder.rules!r} name no authority for {folder.fate} of {folder.name}.",
                folder=folder.name,
            )
        found[max(fitting, key=lambda each: each.least_years).name] = folder.name
    if len(found) > 1:
        told = "; ".join(f"{folder}: {name}" for name, folder in sorted(found.items()))
        raise InvalidInput(
            f"these folders need the approval of different authorities ({told}); make a list for each",
            authorities=sorted(found),
        )
    return next(iter(found), "")


def refuse_taking_out(folder: RecordFolder) -> None:
    """Raises StepRefused or OnHold where nothing may be taken out of the folder."""
    if folder.held:
        raise OnHold(
            f"Nothing can be taken out of {folder.name}: it is held by {folder.hold_by} "
            f"({folder.hold_reason}).",
            folder=folder.name,
        )
    if folder.state is not FolderState.ACTIVE or folder.closed_on is not None:
        raise StepRefused(
            f"The folder {folder.name} ({folder.state}) is closed. Open it again first.",
            folder=folder.name,
        )


def destroy(connection: sqlite3.Connection, disposal: Disposal, moment: str) -> Iterator[Logged]:
    """Mark the letters of all folders as destroyed and forget their texts; the events, in batches."""
    for folder in disposal.folders:
        last = 0
        while found := connection.execute(_TO_DESTROY, (folder, last, _BATCH)).fetchall():
            positions = [row[0] for row in found]
            letter_index.remove(connection, positions)
            connection.executemany(_FORGET_PAGES, [(each,) for each in positions])
            connection.executemany(_MARK, [(disposal.name, each) for each in positions])
            yield [
                (
                    row[0],
                    events.destroyed(
                        rows.letter(row), folder=folder, disposal=disposal.name, moment=moment
                    ),
                )
                for row in found
            ]
            last = positions[-1]


def to_delete(connection: sqlite3.Connection) -> dict[str, tuple[str, ...]]:
    """See ``Retention.to_delete``."""
    where = "kind = 'musnah' AND step = ?"
    unfinished = tables.select_disposals(connection, where, (Step.CARRIED_OUT.value,))
    return {
        each.name: tuple(d for (d,) in connection.execute(_OBJECTS, (each.name,)))
        for each in unfinished
    }


def destruction(connection: sqlite3.Connection, letter: str) -> Destruction | None:
    """See ``Retention.destruction``."""
    row = connection.execute(_UNDER, (letter,)).fetchone()
    if row is None:
        return None
    found = tables.load(connection, disposal=row[0]).disposal(row[0])
    return Destruction(
        disposal=found.name,
        decision=found.papers[Step.DECIDED],
        minutes=found.papers[Step.CARRIED_OUT],
    )

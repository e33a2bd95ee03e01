"""Record folders and disposals in the register: every step is one transaction with its events.

What may follow what is decided by `sipadek.retention.Records`, for which this part loads what a step
touches, and keeps what came of it.
"""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from sipadek.archive.letter import Letter, State
from sipadek.errors import InvalidInput, SipadekError, StepRefused
from sipadek.ledger import Event
from sipadek.retention import (
    Disposal,
    DisposalKind,
    FolderState,
    Paper,
    RecordFolder,
    RuleSet,
    Scheme,
    Step,
    Successions,
)
from sipadek.sql import disposing, events, letter_index, reading, rows
from sipadek.sql import retention_tables as tables
from sipadek.sql.log import EventLog
from sipadek.sql.numbers import Transactions
from sipadek.sql.retention_events import plan_digest
from sipadek.sql.retention_plans import PLAN_KINDS, Plan, chosen, find_rule, imported
from sipadek.sql.retention_reading import RetentionReading

_ADD_PLAN: Final = (
    "INSERT INTO sipadek_plan (kind, name, content, actor, imported_at) VALUES (?, ?, ?, ?, ?)"
)
_NEWEST_LETTER: Final = (
    "SELECT max(document_date) FROM sipadek_folder_letter JOIN sipadek_entry USING (position)"
    " WHERE folder = ?"
)


class Retention(RetentionReading):
    """The record folders kept in ``transactions``, with their history in ``log``. Times are those of
    ``now``. Every method but those that read takes an ``actor``, who stays on record.

    All methods raise StorageFailed or DamagedRegister as the register does. What they refuse (leaves of
    RetentionError, InvalidInput, NotFound) leaves nothing behind.
    """

    def __init__(
        self,
        transactions: Transactions,
        log: EventLog,
        *,
        now: Callable[[datetime.datetime | None], datetime.datetime],
    ) -> None:
        super().__init__(transactions)
        self._log = log
        self._now = now

    # --- plans ----------------------------------------------------------------------------------

    def import_plan(self, plan: Plan, *, actor: str) -> None:
        """Keep a scheme, a set of rules or successions. The same one again changes nothing.

        Raises InvalidInput where another one has that name (give a new version a new name), or where
        the scheme that it is about was not imported.
        """
        _check(actor=actor)
        kind = PLAN_KINDS[type(plan)]
        content = tables.canonical(plan.definition())
        with self._transactions.write() as connection:
            known = imported(connection, type(plan), plan.name)
            if known is not None:
                if known != plan:
                    raise InvalidInput(
                        f"{kind} {plan.name!r} was imported before with other content; give this"
                        " version a name of its own",
                        name=plan.name,
                    )
                return
            for scheme in _schemes_of(plan):
                if imported(connection, Scheme, scheme) is None:
                    raise InvalidInput(
                        f"the scheme {scheme!r} is not known here; import it first", scheme=scheme
                    )
            at = self._now(None)
            connection.execute(_ADD_PLAN, (kind, plan.name, content, actor, rows.time_text(at)))
            data = {"actor": actor, "digest": plan_digest(content), "source": plan.source}
            event = Event(kind=f"{kind}.imported", at=at, subject=plan.name, data=data)
            self._append(connection, event)

    # --- folders --------------------------------------------------------------------------------

    def open_folder(
        self, code: str, title: str, *, unit: str, year: int, actor: str, scheme: str = ""
    ) -> RecordFolder:
        """A new folder for a code of ``scheme``, by default the newest; the same call again gives the
        same folder. Raises InvalidInput where the code is not in the scheme, or not in use any more."""
        _check(title=title, actor=actor)
        rows.check_text("unit", unit)
        if not 1900 <= year <= 9999:
            raise InvalidInput(f"year is {year}; give the year of the folder", year=year)
        with self._transactions.write() as connection:
            plan = chosen(connection, Scheme, scheme)
            entry = plan.get(code)
            if entry is None or not entry.enabled:
                raise InvalidInput(
                    f"the code {code!r} is not {'in use in' if entry else 'in'} the scheme"
                    f" {plan.name!r}; choose another one",
                    code=code,
                )
            place = (code, unit, year)
            where = "code = ? AND unit = ? AND year = ?"
            for known in tables.select_folders(
                connection, f"{where} AND title = ?", (*place, title)
            ):
                return known
            query = f"SELECT count(*) FROM sipadek_folder WHERE {where}"  # noqa: S608
            (count,) = connection.execute(query, place).fetchone()
            name = f"{code}/{unit or '-'}/{year}/{count + 1}"
            data = {"code": code, "scheme": plan.name, "title": title, "unit": unit, "year": year}
            return self._step(connection, "folder.opened", name, {**data, "actor": actor})

    def place(self, folder: str, letters: Sequence[str], *, actor: str) -> None:
        """Put letters (numbers or ids) in an open folder. One that lies in it already stays.

        Raises StepRefused where the folder is closed, or a letter lies in another folder or is only
        reserved; then none was placed."""
        _check(actor=actor)
        with self._transactions.write() as connection:
            found = tables.load(connection, folders=[folder]).folder(folder)
            if found.state is not FolderState.ACTIVE or found.closed_on is not None:
                raise StepRefused(
                    f"The folder {folder} ({found.state}) is closed. Open it again first.",
                    folder=folder,
                )
            moment, logged = rows.time_text(self._now(None)), []
            for position, letter in _letters(connection, letters):
                where, _ = tables.placing(connection, position)
                if where == folder:
                    continue
                if where or letter.state is State.RESERVED:
                    told = f"lies in the folder {where}" if where else "is only reserved"
                    raise StepRefused(f"{letter.number} {told}.", number=letter.number)
                connection.execute(
                    "INSERT INTO sipadek_folder_letter (position, folder) VALUES (?, ?)",
                    (position, folder),
                )
                body = events.placed(letter, folder=folder, actor=actor, moment=moment)
                logged.append((position, body))
            self._log.append(connection, logged)

    def take_out(self, folder: str, letters: Sequence[str], *, reason: str, actor: str) -> None:
        """Take letters out of an open folder that is not held. Raises StepRefused or OnHold."""
        _check(actor=actor, reason=reason)
        with self._transactions.write() as connection:
            found = tables.load(connection, folders=[folder]).folder(folder)
            disposing.refuse_taking_out(found)
            moment, logged = rows.time_text(self._now(None)), []
            for position, letter in _letters(connection, letters):
                if tables.placing(connection, position) != (folder, ""):
                    raise StepRefused(
                        f"{letter.number} is not in the folder {folder}.", folder=folder
                    )
                connection.execute(
                    "DELETE FROM sipadek_folder_letter WHERE position = ?", (position,)
                )
                body = events.taken_out(
                    letter, folder=folder, actor=actor, reason=reason, moment=moment
                )
                logged.append((position, body))
            self._log.append(connection, logged)

    def close_folder(
        self, folder: str, *, on: datetime.date, actor: str, rules: str = ""
    ) -> RecordFolder:
        """Close a folder: from ``on`` its retention runs, by the rule of its code in that set of rules
        (by default the newest). Raises NoRule, or StepRefused where it is closed already, or holds
        letters of a later date."""
        _check(actor=actor)
        with self._transactions.write() as connection:
            found = tables.load(connection, folders=[folder]).folder(folder)
            (newest_letter,) = connection.execute(_NEWEST_LETTER, (folder,)).fetchone()
            if newest_letter and newest_letter > on.isoformat():
                raise StepRefused(
                    f"The folder {folder} holds a letter of {newest_letter}; it cannot have been closed"
                    f" on {on}.",
                    folder=folder,
                )
            used, rule = find_rule(connection, found.code, scheme=found.scheme, rules=rules)
            data = {
                "actor": actor,
                "closed_on": on.isoformat(),
                "rules": used.name,
                "rule_code": rule.code,
                "active_years": rule.active_years,
                "inactive_years": rule.inactive_years,
                "fate": rule.fate.value,
                "exceptions": rule.exceptions,
            }
            return self._step(connection, "folder.closed", folder, data)

    def change(
        self, kind: str, folder: str, *, actor: str, reason: str = "", **more: str
    ) -> RecordFolder:
        """Take the step of a folder that ``kind`` names: 'reopened', 'held', 'released', 'appraising'
        or 'reappraised', with the data that its event has. Raises StepRefused, OnHold, InvalidInput."""
        _check(actor=actor)
        data = {"actor": actor, "reason": reason, **more}
        with self._transactions.write() as connection:
            return self._step(connection, f"folder.{kind}", folder, data)

    # --- disposals ------------------------------------------------------------------------------

    def propose(
        self,
        kind: DisposalKind,
        folders: Sequence[str],
        *,
        as_of: datetime.date,
        actor: str,
        panel: Sequence[str] = (),
    ) -> Disposal:
        """List folders that are due on ``as_of``, for the ``panel`` to consider.

        Raises OnHold, StepRefused (not due, listed elsewhere), or InvalidInput where the folders need
        approval of different authorities."""
        with self._transactions.write() as connection:
            return self._propose(connection, kind, folders, as_of, actor, panel)

    def _propose(
        self,
        connection: sqlite3.Connection,
        kind: DisposalKind,
        folders: Sequence[str],
        as_of: datetime.date,
        actor: str,
        panel: Sequence[str],
    ) -> Disposal:
        _check(actor=actor)
        if kind is not DisposalKind.MOVE and not panel:
            raise InvalidInput("name the members of the panel (panitia penilai)", field="panel")
        prefix = f"{kind.value}/{as_of.year}/"
        query = "SELECT count(*) FROM sipadek_disposal WHERE name LIKE ? || '%'"
        (count,) = connection.execute(query, (prefix,)).fetchone()
        name = f"{prefix}{count + 1}"
        data = {
            "actor": actor,
            "as_of": as_of.isoformat(),
            "authority": "",
            "folders": list(folders),
            "kind": kind.value,
            "panel": list(panel),
        }
        if kind is not DisposalKind.MOVE:
            found = tables.load(connection, folders=folders)
            listed = [found.folder(each) for each in folders]
            found.apply("disposal.proposed", name, self._now(None), data)  # refuses what is not due
            data["authority"] = disposing.authority(connection, listed)
        self._step(connection, "disposal.proposed", name, data)
        return tables.load(connection, disposal=name).disposal(name)

    def move(
        self, folders: Sequence[str], minutes: Paper, *, as_of: datetime.date, actor: str
    ) -> Disposal:
        """Move folders that are due on ``as_of`` to the records centre, in one step. Raises as
        ``propose``."""
        with self._transactions.write() as connection:
            found = self._propose(connection, DisposalKind.MOVE, folders, as_of, actor, ())
            self._take(connection, found.name, Step.CARRIED_OUT, minutes, actor)
            return tables.load(connection, disposal=found.name).disposal(found.name)

    def record(self, disposal: str, step: Step, paper: Paper, *, actor: str) -> Disposal:
        """Put the next step of a disposal on record; the same one with the same paper again changes
        nothing. ``CARRIED_OUT`` gives each folder its new state; of a destruction the letters' texts
        go from the register and the index, in the same transaction, and the objects are due to be
        deleted (`to_delete`). Raises StepRefused, OnHold or NotFound."""
        _check(actor=actor)
        with self._transactions.write() as connection:
            found = tables.load(connection, disposal=disposal).disposal(disposal)
            if found.papers.get(step) != paper:
                self._take(connection, disposal, step, paper, actor)
            return tables.load(connection, disposal=disposal).disposal(disposal)

    def _take(
        self, connection: sqlite3.Connection, name: str, step: Step, paper: Paper, actor: str
    ) -> None:
        data = {"actor": actor, "paper": paper.value()}
        self._step(connection, f"disposal.{step}", name, data)
        found = tables.load(connection, disposal=name).disposal(name)
        if step is Step.CARRIED_OUT and found.kind is DisposalKind.DESTRUCTION:
            moment = rows.time_text(self._now(None))
            for logged in disposing.destroy(connection, found, moment):
                self._log.append(connection, logged)

    def exclude(
        self, disposal: str, folders: Sequence[str], *, reason: str, actor: str
    ) -> Disposal:
        """Take folders out of a disposal that is not carried out. Raises StepRefused."""
        _check(actor=actor)
        data = {"actor": actor, "folders": list(folders), "reason": reason}
        with self._transactions.write() as connection:
            self._step(connection, "disposal.excluded", disposal, data)
            return tables.load(connection, disposal=disposal).disposal(disposal)

    def withdraw(self, disposal: str, *, reason: str, actor: str) -> Disposal:
        """Give a disposal up that is not carried out; its folders are free. Raises StepRefused."""
        _check(actor=actor)
        with self._transactions.write() as connection:
            data = {"actor": actor, "reason": reason}
            self._step(connection, "disposal.withdrawn", disposal, data)
            return tables.load(connection, disposal=disposal).disposal(disposal)

    def purge(self) -> None:
        """Write the index anew, without words of letters that were destroyed: until then SQLite keeps
        them in it, where no search finds them."""
        with self._transactions.write() as connection:
            letter_index.purge(connection)

    def complete(self, disposal: str, *, objects: int) -> None:
        """Put on record that nothing is left of a destruction's letters, of which ``objects`` were
        deleted. Raises StepRefused."""
        with self._transactions.write() as connection:
            self._step(connection, "disposal.completed", disposal, {"objects": objects})

    # --- within ---------------------------------------------------------------------------------

    def _step(
        self, connection: sqlite3.Connection, kind: str, subject: str, data: Mapping[str, Any]
    ) -> RecordFolder:
        """Apply an event to what it touches, keep what comes of it, and log it; the folder that it is
        about, or one of the disposal's."""
        event = Event(kind=kind, at=self._now(None), subject=subject, data=data)
        names = data.get("folders", ()) if kind.startswith("disposal.") else (subject,)
        before = tables.load(connection, folders=names, disposal=subject)
        after = attrs.evolve(before, folders={**before.folders}, disposals={**before.disposals})
        try:
            after.apply(kind, subject, event.at, event.data)
        except SipadekError:
            raise
        except (LookupError, TypeError, ValueError) as error:
            raise InvalidInput(f"{kind} of {subject} cannot be recorded: {error}") from error
        tables.save(connection, before, after)
        self._append(connection, event)
        return after.folders.get(subject) or next(iter(after.folders.values()))

    def _append(self, connection: sqlite3.Connection, event: Event) -> None:
        self._log.append(connection, [(None, event.canonical_bytes())])


def _schemes_of(plan: Plan) -> tuple[str, ...]:
    match plan:
        case RuleSet():
            return (plan.scheme,)
        case Successions():
            return plan.old, plan.new
    return ()


def _letters(connection: sqlite3.Connection, names: Sequence[str]) -> Iterator[tuple[int, Letter]]:
    for name in names:
        letter = reading.letter(connection, name)
        query = "SELECT position FROM sipadek_entry WHERE id = ?"
        yield connection.execute(query, (letter.id,)).fetchone()[0], letter


def _check(**texts: str) -> None:
    for name, text in texts.items():
        rows.check_text(name, text)
        if not text.strip():
            raise InvalidInput(f"the {name} is missing; say it, for the record", field=name)

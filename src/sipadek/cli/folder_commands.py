"""`sipadek retention …`: the filing plan, the record folders, and what is due."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated

import attrs
import typer

import sipadek
from sipadek.cli.failing import FINE
from sipadek.cli.output import document, note, one_line, say, table
from sipadek.cli.parameters import Actor, Json, OfficeFolder, as_date
from sipadek.cli.retention_values import due_value, folder_value
from sipadek.errors import InvalidInput
from sipadek.retention import NATIONAL_AUTHORITIES, Authority, Fate, FolderState, RecordFolder

Name = Annotated[str, typer.Option(metavar="NAME", help="What this version is called.")]
Source = Annotated[str, typer.Option(metavar="TEXT", help="The text that says so.")]
TableFile = Annotated[Path, typer.Argument(metavar="FILE", help="A .csv or .xlsx.")]
FolderName = Annotated[str, typer.Argument(metavar="FOLDER", help="The record folder's name.")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why; it stays on record.")]
AsOf = Annotated[
    str, typer.Option("--as-of", metavar="YYYY-MM-DD", help="The day that counts as today.")
]
SetAside = Annotated[
    list[int] | None, typer.Option(metavar="LINE", help="Leaves a line out; can be repeated.")
]


def scheme(
    office: OfficeFolder,
    file: TableFile,
    name: Name,
    source: Source,
    actor: Actor,
    set_aside: SetAside = None,
    json: Json = False,
) -> int:
    """Import a version of the classification scheme: kode, nama, uraian, enabled."""
    with sipadek.open(office, create=False) as opened:
        found = opened.retention.import_scheme(
            file, name=name, source=source, actor=actor, set_aside=set_aside or ()
        )
    return _imported("scheme", found.name, len(found.entries), json=json)


def rules(
    office: OfficeFolder,
    file: TableFile,
    name: Name,
    source: Source,
    scheme: Annotated[str, typer.Option(metavar="NAME", help="The scheme it is about.")],
    actor: Actor,
    authority: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FATE:YEARS=NAME",
            help="Who approves that fate, from so many years on; can be repeated. [default: national]",
        ),
    ] = None,
    set_aside: SetAside = None,
    json: Json = False,
) -> int:
    """Import a version of the retention schedule: kode, aktif, inaktif, nasib (pemicu, pengecualian)."""
    authorities = [_authority(each) for each in authority or ()] or list(NATIONAL_AUTHORITIES)
    with sipadek.open(office, create=False) as opened:
        found = opened.retention.import_rules(
            file,
            name=name,
            source=source,
            scheme=scheme,
            actor=actor,
            authorities=authorities,
            set_aside=set_aside or (),
        )
    return _imported("rules", found.name, len(found.rules), json=json)


def successions(
    office: OfficeFolder,
    file: TableFile,
    old: Annotated[str, typer.Option(metavar="NAME", help="The older scheme.")],
    new: Annotated[str, typer.Option(metavar="NAME", help="The newer scheme.")],
    source: Source,
    actor: Actor,
    json: Json = False,
) -> int:
    """Import what the codes of an older scheme became: kode_lama, kode_baru."""
    with sipadek.open(office, create=False) as opened:
        found = opened.retention.import_successions(
            file, old=old, new=new, source=source, actor=actor
        )
    return _imported("successions", found.name, len(found.pairs), json=json)


def rule(
    office: OfficeFolder,
    code: Annotated[str, typer.Argument(metavar="CODE", help="A classification code.")],
    json: Json = False,
) -> int:
    """Show the retention rule of a code, by the newest scheme and rules."""
    with sipadek.open(office, create=False) as opened:
        found = opened.retention.rule_for(code)
    if json:
        value = attrs.asdict(found)
        document({**value, "fate": found.fate.value})
    else:
        years = f"{found.active_years} + {found.inactive_years} years"
        told = f"; {one_line(found.exceptions)}" if found.exceptions else ""
        say(f"{code}: {years}, then {found.fate} (rule of {found.code}){told}")
    return FINE


def open_(
    office: OfficeFolder,
    code: Annotated[str, typer.Argument(metavar="CODE", help="Its classification code.")],
    title: Annotated[str, typer.Argument(metavar="TITLE", help="What it is about.")],
    unit: Annotated[str, typer.Option(metavar="UNIT", help="Whose it is.")],
    year: Annotated[int, typer.Option(metavar="YEAR", help="Of which year.")],
    actor: Actor,
    scheme: Annotated[
        str, typer.Option(metavar="NAME", help="The code's scheme. [default: the newest]")
    ] = "",
    json: Json = False,
) -> int:
    """Open a record folder (berkas)."""
    with sipadek.open(office, create=False) as opened:
        found = opened.retention.open_folder(
            code, title, unit=unit, year=year, actor=actor, scheme=scheme
        )
    return _told(found, json=json)


def place(
    office: OfficeFolder,
    folder: FolderName,
    letters: Annotated[list[str], typer.Argument(metavar="LETTER...", help="Numbers or ids.")],
    actor: Actor,
    json: Json = False,
) -> int:
    """Put letters in an open folder."""
    with sipadek.open(office, create=False) as opened:
        opened.retention.place(folder, letters, actor=actor)
        return _told(opened.retention.folder(folder), json=json)


def take_out(
    office: OfficeFolder,
    folder: FolderName,
    letters: Annotated[list[str], typer.Argument(metavar="LETTER...", help="Numbers or ids.")],
    reason: Reason,
    actor: Actor,
    json: Json = False,
) -> int:
    """Take letters out of an open folder."""
    with sipadek.open(office, create=False) as opened:
        opened.retention.take_out(folder, letters, reason=reason, actor=actor)
        return _told(opened.retention.folder(folder), json=json)


def close(
    office: OfficeFolder,
    folder: FolderName,
    on: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="From when retention runs.")],
    actor: Actor,
    rules: Annotated[
        str, typer.Option(metavar="NAME", help="By which rules. [default: the newest]")
    ] = "",
    json: Json = False,
) -> int:
    """Close a folder: its retention runs from that day."""
    with sipadek.open(office, create=False) as opened:
        found = opened.retention.close_folder(folder, on=day(on), actor=actor, rules=rules)
    return _told(found, json=json)


def reopen(
    office: OfficeFolder, folder: FolderName, reason: Reason, actor: Actor, json: Json = False
) -> int:
    """Open a closed folder again; its retention will run anew."""
    with sipadek.open(office, create=False) as opened:
        found = opened.retention.reopen_folder(folder, reason=reason, actor=actor)
    return _told(found, json=json)


def hold(
    office: OfficeFolder, folder: FolderName, reason: Reason, actor: Actor, json: Json = False
) -> int:
    """Lay a legal hold on a folder: nothing of it is taken away until it is released."""
    with sipadek.open(office, create=False) as opened:
        found = opened.retention.hold(folder, reason=reason, actor=actor)
    return _told(found, json=json)


def release(
    office: OfficeFolder, folder: FolderName, reason: Reason, actor: Actor, json: Json = False
) -> int:
    """Take a hold away."""
    with sipadek.open(office, create=False) as opened:
        found = opened.retention.release(folder, reason=reason, actor=actor)
    return _told(found, json=json)


def appraise(
    office: OfficeFolder, folder: FolderName, as_of: AsOf, actor: Actor, json: Json = False
) -> int:
    """Hand a folder that is due for reappraisal to the panel."""
    with sipadek.open(office, create=False) as opened:
        found = opened.retention.begin_reappraisal(folder, as_of=day(as_of), actor=actor)
    return _told(found, json=json)


def reappraise(
    office: OfficeFolder,
    folder: FolderName,
    fate: Annotated[
        str, typer.Option(metavar="FATE", help="musnah, permanen or 'dinilai kembali'.")
    ],
    until: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="From when it meets it.")],
    reason: Reason,
    actor: Actor,
    json: Json = False,
) -> int:
    """Give an inactive folder another fate."""
    with sipadek.open(office, create=False) as opened:
        found = opened.retention.reappraise(
            folder, fate=as_fate(fate), until=day(until), reason=reason, actor=actor
        )
    return _told(found, json=json)


def list_(
    office: OfficeFolder,
    state: Annotated[
        str, typer.Option(metavar="STATE", help="Only aktif, inaktif, musnah, statis, ...")
    ] = "",
    unit: Annotated[str, typer.Option(metavar="UNIT", help="Only of this unit.")] = "",
    json: Json = False,
) -> int:
    """List the record folders."""
    known = {each.value: each for each in FolderState}
    if state and state not in known:
        raise InvalidInput(f"--state is {state!r}; give one of {', '.join(known)}")
    with sipadek.open(office, create=False) as opened:
        found = opened.retention.folders(state=known.get(state), unit=unit or None)
        counts = opened.retention.counts([each.name for each in found])
    if json:
        document([{**folder_value(each), "letters": counts[each.name]} for each in found])
        return FINE
    rows = [
        [
            each.name,
            each.state.value,
            _date(each.closed_on),
            _fate(each),
            str(counts[each.name]),
            each.title,
        ]
        for each in found
    ]
    table(["FOLDER", "STATE", "CLOSED", "FATE", "LETTERS", "TITLE"], rows)
    note(f"{len(found)} folders")
    return FINE


def due(office: OfficeFolder, as_of: AsOf, json: Json = False) -> int:
    """List what is due on a day: to be moved, destroyed, transferred or reappraised."""
    with sipadek.open(office, create=False) as opened:
        found = opened.retention.due(day(as_of))
    if json:
        document([due_value(each) for each in found])
        return FINE
    rows = []
    for each in found:
        hold = f"held: {each.folder.hold_reason}" if each.folder.held else each.folder.disposal
        rows.append(
            [each.folder.name, each.action.value, each.since.isoformat(), hold, each.folder.title]
        )
    table(["FOLDER", "DUE FOR", "SINCE", "IN THE WAY", "TITLE"], rows)
    note(f"{len(found)} folders are due")
    return FINE


def day(text: str) -> datetime.date:
    """The date of an option that has no default. Raises InvalidInput."""
    found = as_date(text)
    assert found is not None
    return found


def as_fate(text: str) -> Fate:
    """Raises InvalidInput for what is none."""
    try:
        return Fate(text)
    except ValueError:
        raise InvalidInput(f"{text!r} is no fate; give one of {', '.join(Fate)}") from None


def _authority(text: str) -> Authority:
    place, equals, name = text.partition("=")
    fate, colon, years = place.partition(":")
    if not (equals and colon and years.isascii() and years.isdigit()):
        raise InvalidInput(f"--authority {text!r} cannot be read; write FATE:YEARS=NAME")
    return Authority(fate=as_fate(fate), least_years=int(years), name=name)


def _imported(kind: str, name: str, count: int, *, json: bool) -> int:
    if json:
        document({"kind": kind, "name": name, "entries": count})
    else:
        say(f"{name}: {count} {'codes' if kind == 'scheme' else 'entries'} imported")
    return FINE


def _told(folder: RecordFolder, *, json: bool) -> int:
    if json:
        document(folder_value(folder))
        return FINE
    told = [folder.state.value, f"closed on {folder.closed_on}" if folder.closed_on else "open"]
    if folder.held:
        told.append(f"held by {one_line(folder.hold_by)}")
    if folder.fate_on:
        told.append(_fate(folder))
    say(f"{folder.name}: {', '.join(told)}")
    return FINE


def _fate(folder: RecordFolder) -> str:
    return f"{folder.fate} from {folder.fate_on}" if folder.fate else ""


def _date(date: datetime.date | None) -> str:
    return "" if date is None else date.isoformat()

"""Reading cases: working lists and timelines. What may not be seen is left out inside the query."""

from __future__ import annotations

import datetime
import json
import sqlite3
from collections.abc import Mapping
from typing import Any, Final, Literal

import attrs

from sipadek.errors import NotFound
from sipadek.flow import Case, CaseViewer, moment_text
from sipadek.ledger import Event
from sipadek.sql import case_rows

_ACTED: Final = "c.position IN (SELECT position FROM sipadek_act WHERE actor = :person)"
_MINE: Final = "(c.holder <> '' AND c.holder IN (SELECT value FROM json_each(:posts)))"
_CLEARED: Final = "c.secrecy_rank <= :rank"
# Each part has an index of its own, so that what nobody may see is not even read.
_VISIBLE: Final = (
    f"{_CLEARED} AND (c.unit IN (SELECT value FROM json_each(:units)) OR {_MINE} OR {_ACTED})"  # noqa: S608
)
_WHICH: Final = {
    "all": "1",
    "mine": _MINE,
    "waiting": "c.holder <> ''",
    "overdue": "c.holder <> '' AND c.due_at <> '' AND c.due_at < :at",
    "sent": f"NOT {_MINE} AND {_ACTED}",
    "ended": "c.holder = ''",
}
# What is due soonest comes first, then what has waited longest; of what is done, the newest.
_SOONEST: Final = "c.due_at = '', c.due_at, c.acted_at, c.position"
_NEWEST: Final = "c.acted_at DESC, c.position DESC"

Which = Literal["all", "mine", "waiting", "overdue", "sent", "ended"]


@attrs.frozen(kw_only=True)
class Listing:
    """Which cases are asked for.

    ``which``: 'mine' wait for a post of the viewer, 'waiting' for anyone, 'overdue' are late at ``at``,
    'sent' were acted on by the viewer and wait for someone else or nobody, 'ended' wait for nobody.
    ``units``, ``kinds``, ``holder``, ``parent`` and ``letter`` narrow it, where they are given.
    """

    which: Which = "all"
    at: datetime.datetime | None = None
    units: frozenset[str] | None = None
    kinds: frozenset[str] | None = None
    holder: str = ""
    parent: str = ""
    letter: str = ""
    limit: int = 50
    offset: int = 0


@attrs.frozen(kw_only=True)
class WorkList:
    """One page of cases, and how many there are in ``total``."""

    cases: tuple[Case, ...]
    total: int


@attrs.frozen(kw_only=True)
class Step:
    """One act on a case: what kind of act, when, by whom and why; the state, and what was ``set`` and
    put into the body (``data``). ``event`` is its place in the log."""

    event: int
    kind: str
    at: datetime.datetime
    actor: str
    reason: str
    state: str
    sets: Mapping[str, str]
    data: Mapping[str, Any]


def case(connection: sqlite3.Connection, id_: str, viewer: CaseViewer) -> Case:
    """The case, whole. Raises NotFound, also where ``viewer`` may not see it."""
    query = f"{case_rows.SELECT} WHERE c.id = :id AND {_visible(viewer)}"
    row = connection.execute(query, _values(viewer) | {"id": id_}).fetchone()
    if row is None:
        raise NotFound(f"There is no case {id_!r} that may be seen.", case=id_)
    return case_rows.case(row)


def find(connection: sqlite3.Connection, viewer: CaseViewer, listing: Listing) -> WorkList:
    """The cases of a listing that ``viewer`` may see."""
    values = _values(viewer) | {
        "at": moment_text(listing.at),
        "holder": listing.holder,
        "parent": listing.parent,
        "letter": listing.letter,
        "limit": listing.limit,
        "offset": listing.offset,
    }
    parts = [_visible(viewer), _WHICH[listing.which]]
    for name, several in (("unit", listing.units), ("kind", listing.kinds)):
        if several is not None:
            parts.append(f"c.{name} IN (SELECT value FROM json_each(:only_{name}))")  # noqa: S608
            values[f"only_{name}"] = json.dumps(sorted(several))
    parts += [
        f"c.{name} = :{name}" for name in ("holder", "parent", "letter") if getattr(listing, name)
    ]
    where = " AND ".join(parts)
    order = _SOONEST if listing.which in ("mine", "waiting", "overdue") else _NEWEST
    (total,) = connection.execute(
        f"SELECT count(*) FROM sipadek_case AS c WHERE {where}",  # noqa: S608
        values,
    ).fetchone()
    found = connection.execute(
        f"{case_rows.SELECT} WHERE {where} ORDER BY {order} LIMIT :limit OFFSET :offset", values
    ).fetchall()
    return WorkList(cases=tuple(case_rows.case(row, masked=True) for row in found), total=total)


def timeline(connection: sqlite3.Connection, id_: str, viewer: CaseViewer) -> tuple[Step, ...]:
    """Every act on a case that ``viewer`` may see, oldest first."""
    case(connection, id_, viewer)
    query = (
        "SELECT act.event, event.body FROM sipadek_act AS act"
        " JOIN sipadek_case AS c USING (position)"
        " JOIN sipadek_event AS event ON event.position = act.event"
        " WHERE c.id = ? ORDER BY act.version"
    )
    return tuple(_step(place, body) for place, body in connection.execute(query, (id_,)))


def _step(place: int, body: bytes) -> Step:
    act = case_rows.act(Event.parse(body))
    return Step(
        event=place,
        kind=act.kind,
        at=act.at,
        actor=act.actor,
        reason=act.reason,
        state=act.state,
        sets=act.sets,
        data=act.data,
    )


def _visible(viewer: CaseViewer) -> str:
    return _CLEARED if viewer.units is None else _VISIBLE


def _values(viewer: CaseViewer) -> dict[str, Any]:
    return {
        "rank": viewer.clearance.rank,
        "units": json.dumps(sorted(viewer.units or ())),
        "posts": json.dumps(sorted(viewer.posts)),
        "person": viewer.person,
    }

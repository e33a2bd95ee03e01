"""Applications as cases of the register, each change with an event in the log."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from sipadek.archive import Secrecy
from sipadek.errors import NotFound
from sipadek.flow import Act, Case, CaseViewer, Command, Situation, moment_text
from sipadek.flow.case import ERASED
from sipadek.services import MACHINE, Application
from sipadek.services.record import Private, open_part, private_part
from sipadek.sql import Cases, Listing

ACTS: Final[Mapping[str, str]] = MappingProxyType(
    {row.action: row.act for row in MACHINE.transitions.values()}
    | {
        "complain": "application.complained-of",
        "prepare": "application.signing-begun",
        "stop-signing": "application.signing-stopped",
        "erase": ERASED,
    }
)
"""The kind of event of each thing that can be done to an application."""

# The desk itself decides who sees what, by the posts of the service.
_EVERYTHING: Final = CaseViewer(clearance=Secrecy.SANGAT_RAHASIA)
_PAGE: Final = 200


@attrs.frozen(kw_only=True)
class Change:
    """What is kept of a change: ``private`` None erases that part. ``holder`` is the post that it waits
    for then, '' for nobody; ``due`` until when."""

    action: str
    application: Application
    private: Private | None
    holder: str
    due: datetime.datetime
    actor: str
    at: datetime.datetime


@attrs.frozen
class ServiceCases:
    """The applications among a register's cases."""

    _cases: Cases

    def open(self, change: Change, *, reference: str) -> Case:
        """Keep a new application, which is found by the ``reference`` (a digest) from now on."""
        command = Command(
            action=change.action, actor=change.actor, at=change.at, key=f"service/{reference}"
        )

        def decide(situation: Situation) -> list[Act]:
            opening = {"kind": MACHINE.kind, "unit": change.application.unit}
            return [_act(situation.new_id(), change, opening)]

        return self._cases.record(command, decide)

    def change(self, case: Case, change: Change) -> Case:
        """Keep a change of an application as it was read. Raises CaseChanged."""
        command = Command(
            action=change.action,
            actor=change.actor,
            at=change.at,
            case=case.id,
            version=case.version,
        )
        return self._cases.record(command, lambda _: [_act(case.id, change, {})])

    def get(self, id: str) -> Case:
        """The application of that id. Raises NotFound."""
        case = self._cases.get(id, _EVERYTHING)
        if case.kind != MACHINE.kind:
            raise NotFound(f"there is no application {id!r}", application=id)
        return case

    def find(self, reference: str) -> Case | None:
        """The application of that reference, None where there is none."""
        return self._cases.find_key(f"service/{reference}")

    def of_units(self, units: Iterable[str], *, ended: bool) -> Iterator[Case]:
        """The applications at these units, those that wait for someone first due first, or all."""
        listing = Listing(
            which="all" if ended else "waiting",
            units=frozenset(units),
            kinds=frozenset({MACHINE.kind}),
            limit=_PAGE,
        )
        while True:
            found = self._cases.list(_EVERYTHING, listing)
            for case in found.cases:
                yield self.get(case.id)
            listing = attrs.evolve(listing, offset=listing.offset + _PAGE)
            if listing.offset >= found.total:
                return


def _act(id_: str, change: Change, opening: Mapping[str, str]) -> Act:
    application = change.application
    data: dict[str, Any] = open_part(application)
    sets = {**opening, "holder": change.holder, "due_at": moment_text(change.due)}
    if application.letters:
        sets["letter"] = application.letters[-1]
    return Act(
        case=id_,
        kind=ACTS[change.action],
        at=change.at,
        actor=change.actor,
        state=str(application.stage),
        sets=sets,
        data=data,
        personal={} if change.private is None else private_part(change.private),
    )

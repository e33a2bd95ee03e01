"""What each event does to folders and disposals: the one place that allows a step or refuses it.

The register applies an event before it writes it down, and an audit applies all of them again; so what
may follow what is decided here alone, for both.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from sipadek.errors import InvalidInput, NotFound, OnHold, StepRefused
from sipadek.retention.codes import check_code
from sipadek.retention.dates import years_after
from sipadek.retention.disposal import Disposal, DisposalKind, Paper, Step
from sipadek.retention.folder import Action, FolderState, RecordFolder
from sipadek.retention.rules import Fate
from sipadek.retention.scheme import check_name

MAX_FOLDERS: Final = 2_000
"""The most folders of one disposal."""

_ACTIONS: Final = {
    DisposalKind.MOVE: Action.MOVE,
    DisposalKind.DESTRUCTION: Action.DESTROY,
    DisposalKind.TRANSFER: Action.TRANSFER,
}
_ENDS: Final = {
    DisposalKind.MOVE: FolderState.INACTIVE,
    DisposalKind.DESTRUCTION: FolderState.DESTROYED,
    DisposalKind.TRANSFER: FolderState.STATIC,
}
_DAY: Final = datetime.timedelta(days=1)  # What is today somewhere may be tomorrow in UTC.

Data = Mapping[str, Any]


@attrs.define
class Records:
    """Folders and disposals by name, as far as they are loaded."""

    folders: dict[str, RecordFolder] = attrs.Factory(dict)
    disposals: dict[str, Disposal] = attrs.Factory(dict)

    def apply(self, kind: str, subject: str, at: datetime.datetime, data: Data) -> None:
        """Take in the event of that kind about the folder or disposal ``subject``.

        Raises:
            NotFound: there is no such folder or disposal.
            OnHold: a legal hold lies on a folder.
            StepRefused: the step may not follow what came before.
            InvalidInput, LookupError, TypeError, ValueError: the data is not as it must be.
        """
        _STEPS[kind](self, subject, at, data)

    # --- folders --------------------------------------------------------------------------------

    def folder(self, name: str) -> RecordFolder:
        """The folder of that name. Raises NotFound."""
        try:
            return self.folders[name]
        except KeyError:
            raise NotFound(f"No record folder has the name {name!r}.", name=name) from None

    def disposal(self, name: str) -> Disposal:
        """The disposal of that name. Raises NotFound."""
        try:
            return self.disposals[name]
        except KeyError:
            raise NotFound(f"No disposal has the name {name!r}.", name=name) from None

    def _open(self, name: str, _: datetime.datetime, data: Data) -> None:
        if name in self.folders:
            raise StepRefused(f"The folder {name} is open already.", folder=name)
        check_name(None, _Named("title"), data["title"])
        self.folders[name] = RecordFolder(
            name=name,
            code=check_code(data["code"]),
            scheme=data["scheme"],
            title=data["title"],
            unit=data["unit"],
            year=data["year"],
        )

    def _close(self, name: str, at: datetime.datetime, data: Data) -> None:
        folder = self.folder(name)
        if folder.state is not FolderState.ACTIVE or folder.closed_on is not None:
            raise _refused(folder, "cannot be closed")
        closed = _past(data["closed_on"], at, "closing")
        active, inactive = data["active_years"], data["inactive_years"]
        self.folders[name] = attrs.evolve(
            folder,
            closed_on=closed,
            rules=data["rules"],
            rule_code=data["rule_code"],
            active_years=active,
            inactive_years=inactive,
            fate=Fate(data["fate"]),
            exceptions=data["exceptions"],
            inactive_on=years_after(closed, active),
            fate_on=years_after(closed, active + inactive),
        )

    def _reopen(self, name: str, _: datetime.datetime, data: Data) -> None:
        folder = self._free(name, "opened again")
        if folder.closed_on is None or folder.state not in (
            FolderState.ACTIVE,
            FolderState.INACTIVE,
        ):
            raise _refused(folder, "cannot be opened again")
        _given(data, "reason")
        self.folders[name] = RecordFolder(
            **{each: getattr(folder, each) for each in _KEPT_AT_REOPENING}
        )

    def _hold(self, name: str, _: datetime.datetime, data: Data) -> None:
        folder = self.folder(name)
        if folder.state is FolderState.DESTROYED or folder.held:
            raise _refused(folder, "cannot be held")
        reason, actor = _given(data, "reason"), _given(data, "actor")
        self.folders[name] = attrs.evolve(folder, hold_reason=reason, hold_by=actor)

    def _release(self, name: str, _: datetime.datetime, data: Data) -> None:
        folder = self.folder(name)
        if not folder.held:
            raise _refused(folder, "is not held")
        _given(data, "reason")
        self.folders[name] = attrs.evolve(folder, hold_reason="", hold_by="")

    def _begin_reappraisal(self, name: str, at: datetime.datetime, data: Data) -> None:
        folder = self._free(name, "reappraised")
        due = folder.due(_past(data["as_of"], at, "appraisal"))
        if due is None or due.action is not Action.REAPPRAISE:
            raise _refused(folder, "is not due for reappraisal")
        self.folders[name] = attrs.evolve(folder, state=FolderState.REAPPRAISED)

    def _reappraise(self, name: str, _: datetime.datetime, data: Data) -> None:
        folder = self._free(name, "reappraised")
        if folder.closed_on is None or folder.state not in (
            FolderState.INACTIVE,
            FolderState.REAPPRAISED,
        ):
            raise _refused(folder, "cannot be reappraised")
        _given(data, "reason")
        until = datetime.date.fromisoformat(data["fate_on"])
        assert folder.inactive_on is not None
        if until < folder.inactive_on:
            raise StepRefused(
                f"The folder {name} would meet its end on {until}, before it is inactive "
                f"({folder.inactive_on}). Give a later day.",
                folder=name,
            )
        self.folders[name] = attrs.evolve(
            folder, state=FolderState.INACTIVE, fate=Fate(data["fate"]), fate_on=until
        )

    def _free(self, name: str, what: str) -> RecordFolder:
        """The folder, if neither a hold nor a disposal is in the way."""
        folder = self.folder(name)
        if folder.held:
            raise _on_hold(folder, what)
        if folder.disposal:
            raise StepRefused(
                f"The folder {name} cannot be {what} while the disposal {folder.disposal} lists it. "
                "Exclude it from there first.",
                folder=name,
                disposal=folder.disposal,
            )
        return folder

    # --- disposals ------------------------------------------------------------------------------

    def _propose(self, name: str, at: datetime.datetime, data: Data) -> None:
        kind, as_of = DisposalKind(data["kind"]), _past(data["as_of"], at, "proposal")
        names: list[str] = data["folders"]
        if name in self.disposals:
            raise StepRefused(f"The disposal {name} was proposed already.", disposal=name)
        if not 1 <= len(names) <= MAX_FOLDERS or len({*names}) != len(names):
            raise InvalidInput(
                f"a disposal lists 1 to {MAX_FOLDERS} folders, each once; it was given {len(names)}",
                folders=len(names),
            )
        for each in names:
            folder = self._free(each, "listed")
            due = folder.due(as_of)
            if due is None or due.action is not _ACTIONS[kind]:
                told = f"due for {due.action}" if due else f"not due on {as_of}"
                raise StepRefused(
                    f"The folder {each} ({folder.state}) is {told}, not for {_ACTIONS[kind]}.",
                    folder=each,
                )
            self.folders[each] = attrs.evolve(folder, disposal=name)
        self.disposals[name] = Disposal(
            name=name,
            kind=kind,
            step=Step.PROPOSED,
            as_of=as_of,
            folders=tuple(names),
            authority=data["authority"],
            panel=tuple(data["panel"]),
        )

    def _next(self, step: Step, name: str, at: datetime.datetime, data: Data) -> Disposal:
        """The disposal after ``step``, with the paper of it."""
        disposal, paper = self.disposal(name), Paper.of(data["paper"])
        if not disposal.follows(step):
            raise StepRefused(
                f"The disposal {name} is {disposal.step}; it cannot be {step} now.",
                disposal=name,
                step=disposal.step.value,
            )
        _past(data["paper"]["date"], at, f"paper {paper.number}")
        if late := [each for each in disposal.papers.values() if each.date > paper.date]:
            raise StepRefused(
                f"The paper {paper.number} is of {paper.date}, and {late[-1].number} that comes before "
                f"it of {late[-1].date}.",
                disposal=name,
            )
        return attrs.evolve(disposal, step=step, papers={**disposal.papers, step: paper})

    def _consider(self, name: str, at: datetime.datetime, data: Data) -> None:
        self.disposals[name] = self._next(Step.CONSIDERED, name, at, data)

    def _approve(self, name: str, at: datetime.datetime, data: Data) -> None:
        disposal = self._next(Step.APPROVED, name, at, data)
        by = disposal.papers[Step.APPROVED].by
        if by != disposal.authority:
            raise StepRefused(
                f"The disposal {name} has to be approved by {disposal.authority!r}, not by {by!r}.",
                disposal=name,
                authority=disposal.authority,
            )
        self.disposals[name] = disposal

    def _decide(self, name: str, at: datetime.datetime, data: Data) -> None:
        self.disposals[name] = self._next(Step.DECIDED, name, at, data)

    def _carry_out(self, name: str, at: datetime.datetime, data: Data) -> None:
        disposal = self._next(Step.CARRIED_OUT, name, at, data)
        folders = [self.folder(each) for each in disposal.folders]
        for folder in folders:
            if folder.held:
                raise _on_hold(folder, "disposed of")
        for folder in folders:
            state = _ENDS[disposal.kind]
            self.folders[folder.name] = attrs.evolve(folder, state=state, disposal="")
        self.disposals[name] = disposal

    def _complete(self, name: str, _: datetime.datetime, __: Data) -> None:
        disposal = self.disposal(name)
        if not disposal.follows(Step.COMPLETED):
            raise StepRefused(
                f"The disposal {name} is {disposal.step}, nothing of it is to be completed.",
                disposal=name,
            )
        self.disposals[name] = attrs.evolve(disposal, step=Step.COMPLETED)

    def _exclude(self, name: str, _: datetime.datetime, data: Data) -> None:
        disposal, out = self._pending(name), {*data["folders"]}
        _given(data, "reason")
        left = tuple(each for each in disposal.folders if each not in out)
        if not out or len(left) + len(out) != len(disposal.folders) or not left:
            raise StepRefused(
                f"{sorted(out)} cannot be excluded from {name}: give some of its folders, and withdraw "
                "it to exclude all.",
                disposal=name,
            )
        self._let_go(out)
        self.disposals[name] = attrs.evolve(disposal, folders=left)

    def _withdraw(self, name: str, _: datetime.datetime, data: Data) -> None:
        disposal = self._pending(name)
        _given(data, "reason")
        self._let_go({*disposal.folders})
        self.disposals[name] = attrs.evolve(disposal, step=Step.WITHDRAWN)

    def _pending(self, name: str) -> Disposal:
        disposal = self.disposal(name)
        if not disposal.pending:
            raise StepRefused(
                f"The disposal {name} is {disposal.step}; it cannot be changed any more.",
                disposal=name,
            )
        return disposal

    def _let_go(self, names: set[str]) -> None:
        for each in names:
            self.folders[each] = attrs.evolve(self.folder(each), disposal="")


@attrs.frozen
class _Named:
    name: str


_KEPT_AT_REOPENING: Final = ("name", "code", "scheme", "title", "unit", "year")
_STEPS: Final[Mapping[str, Callable[[Records, str, datetime.datetime, Data], None]]] = {
    "folder.opened": Records._open,
    "folder.closed": Records._close,
    "folder.reopened": Records._reopen,
    "folder.held": Records._hold,
    "folder.released": Records._release,
    "folder.appraising": Records._begin_reappraisal,
    "folder.reappraised": Records._reappraise,
    "disposal.proposed": Records._propose,
    "disposal.considered": Records._consider,
    "disposal.approved": Records._approve,
    "disposal.decided": Records._decide,
    "disposal.carried-out": Records._carry_out,
    "disposal.completed": Records._complete,
    "disposal.excluded": Records._exclude,
    "disposal.withdrawn": Records._withdraw,
}
KINDS: Final = frozenset(_STEPS)
"""The kinds of events that `Records.apply` takes."""


def _past(text: str, at: datetime.datetime, what: str) -> datetime.date:
    date = datetime.date.fromisoformat(text)
    if date > (at + _DAY).date():
        raise StepRefused(f"The {what} is of {date}, a day that has not come.", date=text)
    return date


def _given(data: Data, name: str) -> str:
    text = data[name]
    if not isinstance(text, str) or not text.strip():
        raise InvalidInput(f"the {name} is missing; say it, for the record", field=name)
    return text


def _refused(folder: RecordFolder, what: str) -> StepRefused:
    closed = f", closed on {folder.closed_on}" if folder.closed_on else ", open"
    return StepRefused(
        f"The folder {folder.name} ({folder.state}{closed}) {what}.", folder=folder.name
    )


def _on_hold(folder: RecordFolder, what: str) -> OnHold:
    return OnHold(
        f"The folder {folder.name} cannot be {what}: it is held by {folder.hold_by} "
        f"({folder.hold_reason}). Release it first.",
        folder=folder.name,
        reason=folder.hold_reason,
    )

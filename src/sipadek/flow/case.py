"""A case, the acts that make it, and the one function that says what an act does to it."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

import attrs

from sipadek.archive import Secrecy
from sipadek.errors import InvalidInput, LedgerInconsistent
from sipadek.ledger.event import Value

ERASED: Final = "personal.erased"
"""The kind of the act that takes a case's personal part away."""

_OPENS: Final = frozenset({"kind", "parent"})
_SETS: Final = frozenset({"due_at", "holder", "letter", "secrecy", "unit"})
_STATE: Final = re.compile(r"[a-z]+(?:-[a-z]+)*")


def canonical(value: object) -> str:
    """JSON in which the same value has one spelling: keys sorted, no blanks."""
    return json.dumps(
        value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )


def commitment(personal: Mapping[str, Value], salt: bytes) -> str:
    """What an event says of a personal part: SHA-256 (hex) over its salt and canonical JSON. Without
    the salt nobody can try out which of a few values it stands for."""
    return hashlib.sha256(salt + canonical(personal).encode()).hexdigest()


def moment_text(at: datetime.datetime | None) -> str:
    """The moment in UTC, of fixed width, so that text order is time order; '' for None."""
    if at is None:
        return ""
    if at.utcoffset() is None:
        raise InvalidInput(f"A time must have a time zone, got {at!r}. Use datetime.UTC.", at=at)
    utc = at.astimezone(datetime.UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="microseconds") + "Z"


def _moment(text: str) -> datetime.datetime | None:
    return datetime.datetime.fromisoformat(text) if text else None


@attrs.frozen(kw_only=True)
class Case:
    """A piece of business under way: a letter to be sent, one that came in, a disposisi, an application.

    ``kind`` names its machine, ``state`` where in it the case stands; ``unit`` whose business it is;
    ``holder`` the post that it waits for, '' where nobody has to act; ``due_at`` until when; ``parent``
    the id of the case it came from; ``letter`` the id of the register's entry it led to. ``body`` is
    what else is known, ``personal`` what can be erased. ``version`` counts its acts, ``acted_at`` is
    the time of the last one.
    """

    id: str
    kind: str
    state: str
    unit: str
    secrecy: Secrecy
    opened_at: datetime.datetime
    acted_at: datetime.datetime
    version: int
    parent: str = ""
    holder: str = ""
    due_at: datetime.datetime | None = None
    letter: str = ""
    body: Mapping[str, Any] = attrs.field(factory=dict)
    personal: Mapping[str, Any] = attrs.field(factory=dict, repr=False)

    @property
    def ended(self) -> bool:
        """Whether it waits for nobody."""
        return not self.holder

    def overdue(self, at: datetime.datetime) -> bool:
        """Whether it waits for someone although its time is over."""
        return bool(self.holder) and self.due_at is not None and self.due_at < at


def _known_sets(_: object, __: object, value: Mapping[str, str]) -> None:
    unknown = sorted(value.keys() - _SETS - _OPENS)
    if unknown:
        raise InvalidInput(f"an act cannot set {unknown[0]!r}", field=unknown[0])


def _state_name(_: object, __: object, value: str) -> None:
    if not _STATE.fullmatch(value):
        raise InvalidInput(f"state {value!r} cannot be used; write lower-case words and hyphens")


@attrs.frozen(kw_only=True)
class Act:
    """Something that someone did to a case; an event of the ledger is made of it.

    ``kind`` is the event's, such as 'paraf.given'; ``state`` what the case is in afterwards. ``sets``
    changes other columns, as text: 'holder', 'due_at' (see `moment_text`), 'letter', 'unit', 'secrecy',
    and in the act that opens the case 'kind' and 'parent'. ``data`` replaces keys of the body.
    ``personal``, where it is not None, replaces the personal part, of which the event only holds a
    commitment.
    """

    case: str
    kind: str
    at: datetime.datetime
    actor: str
    state: str = attrs.field(validator=_state_name)
    reason: str = ""
    sets: Mapping[str, str] = attrs.field(factory=dict, validator=_known_sets)
    data: Mapping[str, Value] = attrs.field(factory=dict)
    personal: Mapping[str, Value] | None = attrs.field(default=None, repr=False)


def evolve(case: Case | None, act: Act) -> Case:
    """The case after the act; None stands for a case that is not open yet.

    Raises LedgerInconsistent where the act cannot follow.
    """
    try:
        return _opened(act) if case is None else _changed(case, act)
    except (LookupError, ValueError) as error:
        raise LedgerInconsistent(
            f"the act {act.kind} of case {act.case} cannot follow: {error}", case=act.case
        ) from error


def _opened(act: Act) -> Case:
    sets = act.sets
    return Case(
        id=act.case,
        kind=sets["kind"],
        parent=sets.get("parent", ""),
        state=act.state,
        unit=sets["unit"],
        secrecy=Secrecy(sets.get("secrecy", Secrecy.BIASA)),
        holder=sets.get("holder", ""),
        due_at=_moment(sets.get("due_at", "")),
        letter=sets.get("letter", ""),
        opened_at=act.at,
        acted_at=act.at,
        version=1,
        body=dict(act.data),
        personal=dict(act.personal or {}),
    )


def _changed(case: Case, act: Act) -> Case:
    if act.case != case.id or _OPENS & act.sets.keys():
        raise ValueError("it is not an act of this case")
    changes: dict[str, Any] = dict(act.sets)
    if "due_at" in changes:
        changes["due_at"] = _moment(changes["due_at"])
    if "secrecy" in changes:
        changes["secrecy"] = Secrecy(changes["secrecy"])
    return attrs.evolve(
        case,
        state=act.state,
        acted_at=act.at,
        version=case.version + 1,
        body={**case.body, **act.data},
        personal=case.personal if act.personal is None else dict(act.personal),
        **changes,
    )


@attrs.frozen(kw_only=True)
class Command:
    """What someone wants to do. ``action`` is a step of the case's machine; ``case`` is '' where it
    opens one; ``post`` says in which post, where the actor holds several.

    ``key`` makes a repeated command the same one: the key with the same command is done once, with
    another it is an error. ``personal`` is not compared, since nothing may be kept to compare it with.
    ``version`` is that of the case as the actor saw it; where it has changed since, nothing is done.
    """

    action: str
    actor: str
    at: datetime.datetime
    case: str = ""
    post: str = ""
    reason: str = ""
    data: Mapping[str, Value] = attrs.field(factory=dict)
    personal: Mapping[str, Value] | None = attrs.field(default=None, repr=False)
    key: str = ""
    version: int | None = None

    def fingerprint(self) -> str:
        """SHA-256 (hex) over what a repetition must have in common with it."""
        told = [self.action, self.actor, self.case, self.post, self.reason, dict(self.data)]
        return hashlib.sha256(canonical(told).encode()).hexdigest()


class Situation(Protocol):
    """What is known where a step is decided; all of it is read in the transaction that records it."""

    @property
    def case(self) -> Case | None:
        """The case; None where the command opens one."""
        ...

    def new_id(self) -> str:
        """An id for a case to be opened."""
        ...

    def children(self) -> Sequence[Case]:
        """The cases whose parent this one is, oldest first."""
        ...

    def about(self, letter: str) -> Sequence[Case]:
        """All cases of the register's entry with that id, oldest first."""
        ...

    def alike(self, kind: str, unit: str, name: str, value: str) -> Case | None:
        """The first case of that kind and unit whose body has this value of 'digest' or 'same'."""
        ...


def _posts(value: Iterable[str]) -> frozenset[str]:
    return frozenset(value)


@attrs.frozen(kw_only=True)
class CaseViewer:
    """What someone may see: nothing above the ``clearance``, and of the rest what is of ``units`` (None:
    all), waits for one of ``posts``, or was acted on by ``person``."""

    person: str = ""
    posts: frozenset[str] = attrs.field(default=frozenset(), converter=_posts)
    units: frozenset[str] | None = None
    clearance: Secrecy = Secrecy.BIASA

    def may_see(self, case: Case, *, acted: bool) -> bool:
        """Whether this viewer may; ``acted`` says whether the person acted on the case."""
        if case.secrecy.rank > self.clearance.rank:
            return False
        return acted or case.holder in self.posts or self.units is None or case.unit in self.units

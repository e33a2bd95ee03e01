"""A state machine as a table: which step leads from which state to which, and what it needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import attrs

from sipadek.errors import FieldsMissing, InvalidInput, StepNotPossible
from sipadek.flow.case import Case, Command

START = ""
"""The state of a case that is not open yet."""


@attrs.frozen(kw_only=True)
class Transition:
    """One row: from ``state`` by ``action`` to one of ``targets``, as an event of the kind ``act``.

    ``who`` says in words that the documents repeat who takes the step. ``needs`` names fields of the
    command's data that must be filled, ``reason`` whether a reason must be.
    """

    state: str
    action: str
    targets: tuple[str, ...]
    act: str
    who: str
    needs: tuple[str, ...] = ()
    reason: bool = False


def _table(rows: Iterable[Transition]) -> Mapping[tuple[str, str], Transition]:
    table: dict[tuple[str, str], Transition] = {}
    for row in rows:
        if (row.state, row.action) in table:
            raise InvalidInput(f"the step {row.action!r} from {row.state!r} stands there twice")
        table[row.state, row.action] = row
    return MappingProxyType(table)


@attrs.frozen(kw_only=True)
class Machine:
    """The steps of cases of one ``kind``. ``transitions`` is a mapping by (state, action)."""

    kind: str
    transitions: Mapping[tuple[str, str], Transition] = attrs.field(converter=_table)

    @property
    def states(self) -> frozenset[str]:
        """All states, but that before a case is open."""
        return frozenset(target for row in self.transitions.values() for target in row.targets)

    @property
    def ends(self) -> frozenset[str]:
        """The states that no step leads out of."""
        return self.states - {state for state, _ in self.transitions}

    def possible(self, state: str) -> tuple[str, ...]:
        """The steps there are in a state."""
        return tuple(action for begin, action in self.transitions if begin == state)

    def step(self, case: Case | None, command: Command) -> Transition:
        """The transition of a command; what it needs is there.

        Raises:
            StepNotPossible: the case is in a state without this step, or is of another kind.
            FieldsMissing: the step lacks fields, or a reason.
        """
        if case is not None and case.kind != self.kind:
            raise StepNotPossible(
                f"Case {case.id} is of the kind {case.kind}, not {self.kind}.",
                case=case.id,
                possible=(),
            )
        state = START if case is None else case.state
        row = self.transitions.get((state, command.action))
        if row is None:
            possible = self.possible(state)
            where = f"in state {state}" if state else "not open yet"
            raise StepNotPossible(
                f"The step {command.action!r} is not possible: the {self.kind} is {where}. "
                f"Possible are: {', '.join(possible) or 'none, it has ended'}.",
                state=state,
                action=command.action,
                possible=possible,
            )
        missing = [name for name in row.needs if not _filled(command.data.get(name))]
        if row.reason and not command.reason.strip():
            missing.append("reason")
        if missing:
            raise FieldsMissing(
                f"The step {command.action!r} lacks {', '.join(missing)}. Give it.",
                action=command.action,
                missing=tuple(missing),
            )
        return row

    def target(self, row: Transition, state: str) -> str:
        """``state``, which must be one that the row leads to."""
        assert state in row.targets, (row, state)
        return state


def _filled(value: object) -> bool:
    return bool(value.strip()) if isinstance(value, str) else bool(value)

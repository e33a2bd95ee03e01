"""Whether the rules still hold: no acknowledged number lost, none given twice, no gap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import attrs
from journal import Given, Told
from places import NOW, SERIES, request

from sipadek.archive import Letter
from sipadek.numbering import Series
from sipadek.sql import Register
from sipadek.sql.checking import Finding

Mark = tuple[object, ...]


class Kept(Protocol):
    """Where numbers are, on whichever database; opened, all have the same operations."""

    def opened(self, *, series: tuple[Series, ...] = ()) -> AbstractContextManager[Any]: ...


@attrs.frozen
class Verdict:
    """What is wrong with a register, each fault named once; and where it stands."""

    lost: frozenset[Mark]
    doubled: frozenset[Mark]
    gaps: frozenset[Mark]
    audit: tuple[str, ...]
    letters: tuple[Letter, ...]
    checkpoint: str

    @property
    def sound(self) -> bool:
        return not (self.lost or self.doubled or self.gaps or self.audit)


@attrs.define
class Row:
    """One fault in the table. None where a column says nothing."""

    fault: str
    done: str
    tries: int = 0
    acknowledged: int = 0
    lost: int | None = 0
    doubled: int | None = 0
    unexplained_gaps: int | None = 0
    noticed: int | None = None
    unnoticed: int | None = None
    stuck: int = 0
    audit: Counter[str] = attrs.field(factory=Counter)
    note: str = ""
    control: bool = False
    failures: list[str] = attrs.field(factory=list)
    _seen: set[Mark] = attrs.field(factory=set)

    def add(self, verdict: Verdict, *, of: object = None) -> None:
        """Count what is wrong with the register ``of`` this try, once however often it is seen."""
        new = [
            [mark for mark in marks if (of, name, *mark) not in self._seen]
            for name, marks in (
                ("lost", verdict.lost),
                ("doubled", verdict.doubled),
                ("gap", verdict.gaps),
                ("audit", frozenset((finding,) for finding in verdict.audit)),
            )
        ]
        for name, marks in zip(("lost", "doubled", "gap", "audit"), new, strict=True):
            self._seen |= {(of, name, *mark) for mark in marks}
        self.lost = (self.lost or 0) + len(new[0])
        self.doubled = (self.doubled or 0) + len(new[1])
        self.unexplained_gaps = (self.unexplained_gaps or 0) + len(new[2])
        self.audit.update(str(finding).partition(" ")[0] for (finding,) in new[3])

    def expect_none(self, what: str, found: Iterable[object]) -> None:
        """Something that must not happen: the run fails, with the first three told."""
        found = list(found)
        if found:
            shown = "; ".join(str(one) for one in found[:3])
            self.failures.append(f"{len(found)} {what}: {shown}")

    def expect(self, wanted: str, value: object, why: str = "") -> None:
        """Something that must have happened, else the fault proves nothing or the rule is broken."""
        if not value:
            self.failures.append(f"{wanted}{': ' if why else ''}{why}")

    def asdict(self) -> dict[str, Any]:
        values = attrs.asdict(self, filter=lambda field, _: field.name != "_seen")
        del values["failures"]
        audit = ", ".join(f"{count} {code}" for code, count in self.audit.items())
        return values | {"audit": audit}


def findings(register: Any, known: Sequence[str] = ()) -> list[Finding]:
    """The whole audit; where events wait to be sealed, before and after that."""
    found = [*register.verify_history(known=known)]
    if isinstance(register, Register):
        found += register.check_index()
    elif hasattr(register, "seal"):
        head = register.seal()
        found += register.verify_history(known=[*known, head.checkpoint])
    return found


def judge(place: Kept, given: Iterable[Given], *, known: Sequence[str] = ()) -> Verdict:
    """Open the register at ``place`` anew and look for everything in ``given``."""
    with place.opened() as register:
        letters = tuple(register.letters())
        counters = {(one.series, one.counter): (one.start, one.last) for one in register.counters()}
        found = findings(register, known)
        checkpoint = register.head().checkpoint
    given = set(given)
    kept = {Given.of(letter) for letter in letters}
    return Verdict(
        lost=frozenset((one.key, one.series, one.number) for one in given - kept),
        doubled=_doubled(given | kept),
        gaps=_gaps(letters, counters),
        audit=tuple(f"{finding.code} {finding.subject}: {finding.message}" for finding in found),
        letters=letters,
        checkpoint=checkpoint,
    )


def retry(place: Kept, told: Told, verdict: Verdict, row: Row) -> list[Given]:
    """Ask again for what got no answer: what the register holds already must come out again."""
    keys = told.unanswered
    if not keys:
        return []
    before = {letter.key: Given.of(letter) for letter in verdict.letters}
    with place.opened(series=SERIES) as register:
        outcomes = register.reserve([request(key) for key in keys], at=NOW)
    row.expect_none("retries refused", [one for one in outcomes if not isinstance(one, Letter)])
    given = [Given.of(outcome) for outcome in outcomes if isinstance(outcome, Letter)]
    row.expect_none(
        "retries got a second number",
        [one for one in given if one.key in before and before[one.key] != one],
    )
    return given


def _doubled(all_given: set[Given]) -> frozenset[Mark]:
    """Numbers with a second key, and keys with a second number."""
    keys: dict[Mark, set[str]] = {}
    numbers: dict[str, set[Mark]] = {}
    for one in all_given:
        keys.setdefault((one.series, one.number), set()).add(one.key)
        place = one.series, one.counter, one.sequence, one.insertion
        keys.setdefault(place, set()).add(one.key)
        numbers.setdefault(one.key, set()).add((*place, one.number))
    number_twice = {(name[0], key) for name, having in keys.items() for key in sorted(having)[1:]}
    key_twice = {(key, number) for key, having in numbers.items() for number in sorted(having)[1:]}
    return frozenset(number_twice | key_twice)


def _gaps(
    letters: tuple[Letter, ...], counters: dict[tuple[str, str], tuple[int, int]]
) -> frozenset[Mark]:
    """Sequences that are only in the counter's start..last, or only among its entries."""
    taken: dict[tuple[str, str], set[int]] = {name: set() for name in counters}
    for letter in letters:
        taken.setdefault((letter.details.series, letter.counter), set()).add(letter.sequence)
    return frozenset(
        (*name, sequence)
        for name, sequences in taken.items()
        for sequence in sequences ^ _range(counters.get(name))
    )


def _range(counter: tuple[int, int] | None) -> set[int]:
    return set() if counter is None else set(range(counter[0], counter[1] + 1))

"""The damage machine: one random change in a copy of an office, which an audit must name.

Each try copies the office, changes one thing, opens the copy anew and audits it. What is found must
name what was changed: the letter's number, the object's digest, the row's series or table, the event
log. An error of this library that names it counts as naming it; any other exception does not. Where
nothing that anybody can read was changed (``archive_dump`` says what that is), anything found is a
false alarm.
"""

from __future__ import annotations

import functools
import random
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import archive_files as files
import archive_rows as rows
import attrs
from archive_dump import Dump, changed, dump_copy
from archive_place import Base, make, opened
from archive_rows import Damage, Impossible

from sipadek.errors import SipadekError

TRIES = 1000
_SHOWN = 20

Kind = Callable[[Path, random.Random], Damage]


def untouched(folder: Path, chance: random.Random) -> Damage:
    """Nothing was done."""
    return Damage("nothing", ("",), changed=False)


def kinds(base: Base) -> dict[str, tuple[Kind, int]]:
    """Every kind of damage, and how often it is drawn."""
    older = {"older": base.older}
    return {
        "untouched": (untouched, 1),
        "byte-flipped": (files.byte_flipped, 8),
        "truncated": (files.truncated, 2),
        "block-zeroed": (files.zeroed, 2),
        "file-lost": (files.file_lost, 1),
        "object-lost": (files.object_lost, 1),
        "object-swapped": (files.object_swapped, 1),
        "object-replaced": (files.object_replaced, 1),
        "object-added": (files.object_added, 1),
        "root-planted": (files.root_planted, 1),
        "key-replaced": (files.key_replaced, 1),
        "row-edited": (rows.edited, 8),
        "row-deleted": (rows.deleted, 4),
        "row-inserted": (rows.inserted, 4),
        "schema-changed": (rows.schema_changed, 1),
        "index-stale": (rows.index_stale, 2),
        "ledger-rewritten": (rows.rewritten, 1),
        "ledger-rewritten-by-key-holder": (rows.rewritten_by_key_holder, 1),
        "ledger-cut-off": (rows.cut_off, 1),
        "checkpoint-forged": (rows.checkpoint_forged, 1),
        "folder-older": (functools.partial(files.folder_older, **older), 1),
        "register-older": (functools.partial(files.register_older, **older), 1),
    }


@attrs.define
class Row:
    """One kind of damage in the table: ``without_effect`` are changes that changed nothing, ``kept``
    those that were looked for with a checkpoint kept outside of the folder."""

    damage: str
    tries: int = 0
    missed: int = 0
    false_alarms: int = 0
    refused: int = 0
    found: int = 0
    without_effect: int = 0
    kept: int = 0
    codes: Counter[str] = attrs.field(factory=Counter)

    def asdict(self) -> dict[str, Any]:
        codes = ", ".join(f"{count} {code}" for code, count in self.codes.most_common(4))
        return attrs.asdict(self) | {"codes": codes}


@attrs.frozen
class Seen:
    """What opening and auditing told: findings, an error of this library, or another exception."""

    findings: tuple[tuple[str, str], ...] = ()
    error: tuple[str, str] | None = None
    crash: str = ""

    def names(self, words: tuple[str, ...]) -> bool:
        told = [*self.findings, *([self.error] if self.error else [])]
        return not self.crash and any(word in f"{c} {text}" for c, text in told for word in words)

    @property
    def anything(self) -> bool:
        return bool(self.findings or self.error or self.crash)

    def __str__(self) -> str:
        told = [f"{code}: {text:.120}" for code, text in self.findings[:3]]
        return self.crash or (f"{self.error}" if self.error else "; ".join(told) or "nothing")


class Machine:
    """Damages copies of ``base``, in ``folder``."""

    def __init__(self, folder: Path, base: Base) -> None:
        self.folder = folder
        self.base = base
        self.kinds = kinds(base)
        self.failures: list[str] = []
        self.rows = {name: Row(name) for name in self.kinds}
        self._look = folder / "look"
        self._numbers = _numbers(base, self._look)
        self._dump: Dump = dump_copy(base.closed, self._look)
        assert dump_copy(base.open, self._look) == self._dump

    def draw(self, chance: random.Random) -> str:
        """The name of a kind of damage."""
        weights = [weight for _, weight in self.kinds.values()]
        return chance.choices([*self.kinds], weights)[0]

    def once(self, name: str, chance: random.Random) -> None:
        """One try of that kind."""
        row, (kind, _) = self.rows[name], self.kinds[name]
        source = self.base.open if chance.random() < 0.2 else self.base.closed
        place = self.folder / "try"
        while True:
            shutil.copytree(source, place)
            try:
                damage = kind(place, chance)
                break
            except Impossible:
                shutil.rmtree(place)
        if damage.changed is None:
            damage = attrs.evolve(damage, changed=self._says_other(place))
        seen = self._audit(place, kept=damage.kept)
        shutil.rmtree(place)
        self._judge(row, damage, seen)

    def _says_other(self, place: Path) -> bool:
        return bool(changed(self._dump, dump_copy(place, self._look)))

    def _audit(self, place: Path, *, kept: bool) -> Seen:
        memory = None
        if kept:
            memory = Path(shutil.copy(self.base.kept, self.folder / "memory.json"))
        try:
            with opened(place, memory) as office:
                found = office.audit().findings
        except SipadekError as error:
            return Seen(error=(error.code, error.message))
        except Exception as error:
            return Seen(crash=f"{type(error).__name__}: {error}")
        return Seen(findings=tuple((f.code, f"{f.subject} {f.message}") for f in found))

    def _judge(self, row: Row, damage: Damage, seen: Seen) -> None:
        row.tries += 1
        row.kept += damage.kept
        row.refused += seen.error is not None
        row.codes.update({code for code, _ in (*seen.findings, *filter(None, [seen.error]))})
        if not damage.changed:
            row.without_effect += 1
            if seen.anything:
                row.false_alarms += 1
                self._fail(f"false alarm, {row.damage}, {damage.what}: {seen}")
            return
        # Digests stand in findings as they are; the letters that they are of are named by number.
        words = tuple(w for word in damage.names for w in (word, self._numbers.get(word, word)))
        if seen.names(words) and seen.anything:
            row.found += seen.error is None
        else:
            row.missed += 1
            self._fail(f"missed, {row.damage}, {damage.what}: {seen}")

    def _fail(self, told: str) -> None:
        self.failures.append(told)
        print(f"\r{told}", file=sys.stderr, flush=True)


def _numbers(base: Base, copy: Path) -> dict[str, str]:
    """The number of the letter whose filed PDF has that digest."""
    shutil.copytree(base.closed, copy)
    with opened(copy) as office:
        numbers = {letter.filed_digest: letter.number for letter in office.letters()}
    shutil.rmtree(copy)
    return {digest: number for digest, number in numbers.items() if digest}


def run(folder: Path, *, tries: int, seed: int | None = None) -> dict[str, Any]:
    """As many tries, kinds drawn by weight; the same seed plants the same kinds in the same order."""
    seed = random.SystemRandom().randrange(1 << 32) if seed is None else seed
    chance = random.Random(seed)
    machine = Machine(folder, make(folder))
    for number in range(tries):
        machine.once(machine.draw(chance), chance)
        if number % 100 == 99:
            missed = len(machine.failures)
            print(f"\r{number + 1} of {tries}, {missed} wrong", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    told = [row for row in machine.rows.values() if row.tries]
    totals = {name: sum(getattr(row, name) for row in told) for name in ("missed", "false_alarms")}
    return {
        "total": {"tries": tries} | totals,
        "rows": [row.asdict() for row in told],
        "seed": seed,
        "failures": machine.failures[:_SHOWN],
    }

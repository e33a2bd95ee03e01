"""Record folders and disposals against a model that knows the rules in its own words."""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import attrs
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sql_office import ORIGIN, SERIES, filed, request

from sipadek.archive import Letter
from sipadek.errors import InvalidInput, OnHold, StepRefused
from sipadek.ledger import CheckpointKey
from sipadek.retention import (
    Classification,
    DisposalKind,
    Fate,
    Paper,
    RetentionRule,
    RuleSet,
    Scheme,
    Step,
)
from sipadek.search import Viewer
from sipadek.sql import Database, Register

RULES = {  # code: active, inactive, fate, who approves
    "100": (1, 1, Fate.DESTROY, "Kepala Daerah"),
    "200": (0, 2, Fate.PERMANENT, "Kepala Lembaga Kearsipan Daerah"),
    "300": (1, 0, Fate.REAPPRAISE, ""),
    "400": (4, 6, Fate.DESTROY, "Kepala Arsip Nasional Republik Indonesia"),
}
DUE_FOR = {Fate.DESTROY: "musnah", Fate.PERMANENT: "serah", Fate.REAPPRAISE: "nilai"}
ENDS = {"pindah": "inaktif", "musnah": "musnah", "serah": "statis"}
STEPS = (Step.CONSIDERED, Step.APPROVED, Step.DECIDED, Step.CARRIED_OUT)
PICK = st.integers(min_value=0, max_value=30)


@attrs.define
class Known:
    """A folder as the model knows it."""

    code: str
    state: str = "aktif"
    closed: datetime.date | None = None
    until: datetime.date | None = None
    fate: Fate | None = None
    held: bool = False
    listed: str = ""
    letters: list[Letter] = attrs.Factory(list)

    def due(self, today: datetime.date) -> str:
        if self.closed is None or self.until is None or self.fate is None:
            return ""
        if self.state == "aktif":
            return "pindah" if after(self.closed, RULES[self.code][0]) <= today else ""
        return DUE_FOR[self.fate] if self.state == "inaktif" and self.until <= today else ""

    @property
    def free(self) -> bool:
        return not self.held and not self.listed


@attrs.define
class Listed:
    """A disposal as the model knows it."""

    kind: str
    folders: list[str]
    authority: str
    done: int = 0
    over: bool = False


def after(date: datetime.date, years: int) -> datetime.date:
    if (date.month, date.day) == (2, 29) and (date.year + years) % 4:
        return datetime.date(date.year + years, 3, 1)
    return datetime.date(date.year + years, date.month, date.day)


class Machine(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        memory = Path(
            "/dev/shm"
        )  # In memory where there is such a place: a disk waits for each step.
        self.temporary = tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None)
        folder = Path(self.temporary.name)
        self.now = datetime.datetime(2024, 2, 27, 12, tzinfo=datetime.UTC)
        self.database = Database(folder / "r.sqlite", lock=folder / "lock")
        key = CheckpointKey.generate(ORIGIN)
        self.register = Register(self.database, key=key, origin=ORIGIN, clock=lambda: self.now)
        self.register.define_series(SERIES)
        self.retention = self.register.retention
        entries = tuple(Classification(code=code, name=f"Urusan {code}") for code in RULES)
        rules = tuple(
            RetentionRule(code=code, active_years=a, inactive_years=i, fate=fate)
            for code, (a, i, fate, _) in RULES.items()
        )
        for plan in (
            Scheme(name="s", source="contoh", entries=entries),
            RuleSet(name="j", scheme="s", source="contoh", rules=rules),
        ):
            self.retention.import_plan(plan, actor="arsiparis")
        self.folders: dict[str, Known] = {}
        self.disposals: dict[str, Listed] = {}
        self.count = 0

    @property
    def today(self) -> datetime.date:
        return self.now.date()

    def expect(self, allowed: bool, call: Callable[[], Any]) -> bool:
        """Make the call, which must be refused where the model does not allow it."""
        if allowed:
            call()
            return True
        try:
            call()
        except (StepRefused, OnHold, InvalidInput):
            return False
        raise AssertionError("it was not refused")

    def pick(self, place: int) -> tuple[str, Known]:
        return list(self.folders.items())[place % len(self.folders)]

    # --- folders --------------------------------------------------------------------------------

    @rule(days=st.sampled_from([1, 2, 365, 366, 730, 1461]))
    def days_pass(self, days: int) -> None:
        self.now += datetime.timedelta(days=days)

    @rule(code=st.sampled_from(sorted(RULES)), years=st.sampled_from([1, 3, 11]))
    def prepare(self, code: str, years: int) -> None:
        """A closed folder with a letter, and time that passes, so that much is due."""
        self.open(code)
        self.place(len(self.folders) - 1, True)
        self.close(len(self.folders) - 1, False)
        self.now += datetime.timedelta(days=366 * years)

    @precondition(lambda self: any(k.due(self.today) and k.free for k in self.folders.values()))
    @rule(place=PICK, again=st.booleans())
    def pursue(self, place: int, again: bool) -> None:
        """Do with a folder what it is due for, and with what is listed the next step."""
        ready = [n for n, k in self.folders.items() if k.due(self.today) and k.free]
        name = ready[place % len(ready)]
        known, at = self.folders[name], list(self.folders).index(name)
        while known.free and (kind := known.due(self.today)):
            if kind == "nilai":
                self.begin_reappraisal(at)
                return
            self.list_folders(kind, {at})
        for _ in range(4 if again and known.listed else 0):
            self.next_step(len(self.disposals) - 1, 0, False)

    @rule(code=st.sampled_from(sorted(RULES)))
    def open(self, code: str) -> None:
        self.count += 1
        found = self.retention.open_folder(
            code, f"berkas {self.count}", unit="KEL", year=self.today.year, actor="siti"
        )
        self.folders[found.name] = Known(code)

    @precondition(lambda self: self.folders)
    @rule(place=PICK, inside=st.booleans())
    def place(self, place: int, inside: bool) -> None:
        name, known = self.pick(place)
        self.count += 1
        asked = request(f"k{self.count}")
        asked = attrs.evolve(asked, details=attrs.evolve(asked.details, date=self.today))
        (letter,) = self.register.reserve([asked])
        assert isinstance(letter, Letter)
        if not inside:  # only reserved
            self.expect(False, lambda: self.retention.place(name, [letter.id], actor="siti"))
        self.register.issue([filed(letter, f"kata{self.count}unik")])
        allowed = known.state == "aktif" and known.closed is None
        if self.expect(allowed, lambda: self.retention.place(name, [letter.id], actor="siti")):
            known.letters.append(letter)

    @precondition(lambda self: any(known.letters for known in self.folders.values()))
    @rule(place=PICK)
    def take_out(self, place: int) -> None:
        full = [(name, known) for name, known in self.folders.items() if known.letters]
        name, known = full[place % len(full)]
        ids = [known.letters[0].id]
        allowed = known.state == "aktif" and known.closed is None and not known.held
        if self.expect(
            allowed, lambda: self.retention.take_out(name, ids, reason="salah", actor="siti")
        ):
            known.letters.pop(0)

    @precondition(lambda self: self.folders)
    @rule(place=PICK, early=st.booleans())
    def close(self, place: int, early: bool) -> None:
        name, known = self.pick(place)
        on = self.today - datetime.timedelta(days=int(early))
        late = any(letter.details.date > on for letter in known.letters)
        allowed = known.state == "aktif" and known.closed is None and not late
        if self.expect(allowed, lambda: self.retention.close_folder(name, on=on, actor="siti")):
            active, inactive, known.fate, _ = RULES[known.code]
            known.closed, known.until = on, after(on, active + inactive)

    @precondition(lambda self: self.folders)
    @rule(place=PICK, reason=st.sampled_from(["", "masih dipakai"]))
    def reopen(self, place: int, reason: str) -> None:
        name, known = self.pick(place)
        allowed = known.closed is not None and known.state in ("aktif", "inaktif") and known.free
        if self.expect(
            allowed and bool(reason),
            lambda: self.retention.change("reopened", name, actor="siti", reason=reason),
        ):
            known.state, known.closed, known.until, known.fate = "aktif", None, None, None

    @precondition(lambda self: self.folders)
    @rule(place=PICK, hold=st.booleans())
    def hold_or_release(self, place: int, hold: bool) -> None:
        name, known = self.pick(place)
        kind = "held" if hold else "released"
        allowed = known.held != hold and not (hold and known.state == "musnah")
        if self.expect(
            allowed, lambda: self.retention.change(kind, name, actor="jaksa", reason="perkara 7")
        ):
            known.held = hold

    @precondition(lambda self: self.folders)
    @rule(place=PICK)
    def begin_reappraisal(self, place: int) -> None:
        name, known = self.pick(place)
        allowed = known.due(self.today) == "nilai" and known.free
        if self.expect(
            allowed,
            lambda: self.retention.change(
                "appraising", name, actor="siti", as_of=self.today.isoformat()
            ),
        ):
            known.state = "dinilai kembali"

    @precondition(lambda self: self.folders)
    @rule(place=PICK, fate=st.sampled_from(list(Fate)), years=st.integers(0, 3))
    def reappraise(self, place: int, fate: Fate, years: int) -> None:
        name, known = self.pick(place)
        until = after(self.today, years)
        allowed = known.state in ("inaktif", "dinilai kembali") and known.free
        if self.expect(
            allowed,
            lambda: self.retention.change(
                "reappraised",
                name,
                actor="siti",
                reason="nilai guna",
                fate=fate.value,
                fate_on=until.isoformat(),
            ),
        ):
            known.state, known.fate, known.until = "inaktif", fate, until

    # --- disposals ------------------------------------------------------------------------------

    def paper(self, by: str = "panitia") -> Paper:
        return Paper(number=f"{self.count}/X", date=self.today, by=by)

    @precondition(lambda self: self.folders)
    @rule(
        kind=st.sampled_from(["pindah", "musnah", "serah"]),
        places=st.sets(PICK, min_size=1, max_size=2),
    )
    def list_folders(self, kind: str, places: set[int]) -> None:
        chosen = dict(self.pick(place) for place in sorted(places))
        due = all(known.due(self.today) == kind and known.free for known in chosen.values())
        authorities = {self.authority(known) for known in chosen.values()} if due else {""}
        if kind == "pindah":
            call = lambda: self.retention.move(  # noqa: E731
                list(chosen), self.paper(), as_of=self.today, actor="siti"
            )
        else:
            call = lambda: self.retention.propose(  # noqa: E731
                DisposalKind(kind), list(chosen), as_of=self.today, actor="siti", panel=["a", "b"]
            )
        allowed = due and (kind == "pindah" or len(authorities) == 1)
        if not self.expect(allowed, call):
            return
        for known in chosen.values():
            if kind == "pindah":
                known.state = "inaktif"
            else:
                known.listed = f"{kind} {self.count}"
        if kind != "pindah":
            (name,) = (
                {d.name for d in self.retention.disposals()}
                - {*self.disposals}
                - {d.name for d in self.retention.disposals() if d.kind is DisposalKind.MOVE}
            )
            self.disposals[name] = Listed(kind, list(chosen), authorities.pop())

    def authority(self, known: Known) -> str:
        assert known.closed is not None
        assert known.until is not None
        if known.fate is Fate.PERMANENT:
            return RULES["200"][3]
        return RULES["400" if known.until >= after(known.closed, 10) else "100"][3]

    @precondition(lambda self: self.disposals)
    @rule(
        place=PICK, skip=st.sampled_from([0, 0, 0, 1]), wrong=st.sampled_from([False, False, True])
    )
    def next_step(self, place: int, skip: int, wrong: bool) -> None:
        name, listed = list(self.disposals.items())[place % len(self.disposals)]
        step = STEPS[min(listed.done + skip, 3)]
        by = "orang lain" if wrong else listed.authority
        allowed = not listed.over and step is STEPS[min(listed.done, 3)] and listed.done < 4
        if step is Step.APPROVED:
            allowed = allowed and not wrong
        held = any(self.folders[each].held for each in listed.folders)
        if step is Step.CARRIED_OUT:
            allowed = allowed and not held
        self.count += 1
        if not self.expect(
            allowed, lambda: self.retention.record(name, step, self.paper(by), actor="siti")
        ):
            return
        listed.done += 1
        if step is Step.CARRIED_OUT:
            listed.over = True
            for each in listed.folders:
                self.folders[each].state, self.folders[each].listed = ENDS[listed.kind], ""
            if listed.kind == "musnah":
                self.destroyed(name, listed)

    def destroyed(self, name: str, listed: Listed) -> None:
        letters = [letter for each in listed.folders for letter in self.folders[each].letters]
        wanted = {letter.id: filed(letter).digest for letter in letters}
        assert {*self.retention.to_delete()[name]} == {*wanted.values()}
        self.retention.purge()
        self.retention.complete(name, objects=len(wanted))
        assert name not in self.retention.to_delete()
        for letter in letters:
            gone = self.retention.destruction(letter.id)
            assert gone is not None
            assert gone.disposal == name
            assert self.register.search(f'"{letter.number}"', Viewer()).total == 0

    @precondition(lambda self: self.disposals)
    @rule(place=PICK, whole=st.booleans())
    def give_up(self, place: int, whole: bool) -> None:
        name, listed = list(self.disposals.items())[place % len(self.disposals)]
        out = list(listed.folders) if whole else listed.folders[:1]
        if whole:
            call = lambda: self.retention.withdraw(name, reason="sengketa", actor="siti")  # noqa: E731
        else:
            call = lambda: self.retention.exclude(name, out, reason="sengketa", actor="siti")  # noqa: E731
        allowed = not listed.over and (whole or len(listed.folders) > 1)
        if self.expect(allowed, call):
            for each in out:
                self.folders[each].listed = ""
            if whole:
                listed.over = True
            else:
                listed.folders.remove(out[0])

    # --- what always holds ----------------------------------------------------------------------

    @invariant()
    def the_register_says_what_the_model_says(self) -> None:
        if not hasattr(self, "folders"):
            return
        found = {folder.name: folder for folder in self.retention.folders()}
        assert {*found} == {*self.folders}
        for name, known in self.folders.items():
            folder = found[name]
            assert (folder.state.value, folder.closed_on, folder.fate_on, folder.fate) == (
                known.state, known.closed, known.until, known.fate,
            )  # fmt: skip
            assert (folder.held, bool(folder.disposal)) == (known.held, bool(known.listed))
        due = {one.folder.name: one.action.value for one in self.retention.due(self.today)}
        wanted = {n: w for n, known in self.folders.items() if (w := known.due(self.today))}
        assert {*due} == {*wanted}
        assert all(wanted[name] in action for name, action in due.items())

    def teardown(self) -> None:
        if not hasattr(self, "register"):
            return
        found = [*self.register.verify_history(), *self.register.check_index()]
        counts = self.retention.counts(list(self.folders))
        self.database.close()
        with suppress(OSError):
            self.temporary.cleanup()
        assert found == []
        assert counts == {name: len(known.letters) for name, known in self.folders.items()}


TestMachine = Machine.TestCase
TestMachine.settings = settings(stateful_step_count=15)

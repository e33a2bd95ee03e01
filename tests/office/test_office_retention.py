"""Retention of an office: holds, destruction that leaves only proof, crashes, transfer, documents."""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

import sipadek
from sipadek.archive import Filed, ReservationRequest
from sipadek.books import DocumentKind, Party
from sipadek.errors import (
    InvalidInput,
    LetterDestroyed,
    NoRule,
    NotFound,
    OnHold,
    StepRefused,
    StorageFailed,
)
from sipadek.objects import DirectoryStore
from sipadek.pdf import extract_text
from sipadek.retention import (
    Action,
    Authority,
    Disposal,
    DisposalKind,
    Fate,
    FolderState,
    Paper,
    Step,
)
from sipadek.sql import Retention

SCHEME = """id,kode,nama,uraian,enabled
1,400.12.2.1,Identitas penduduk,-,1
2,000.1.5,Rapat pimpinan,-,1
3,000.8.3.3,Standar pelayanan,-,1
4,700,Pengawasan,-,1
5,005,Undangan,-,0
"""
RULES = """kode;aktif;inaktif;nasib;pengecualian
400.12;1;1;musnah;kecuali yang bersengketa
000.1.5;2;8;musnah;-
000.8.3.3;1;1;permanen;-
700;1;0;dinilai kembali;-
"""
WORDS = "Kerahasiaan zamrud keterangan domisili"
PARTIES = (
    Party(name="Siti Contoh", post="Kepala Unit Kearsipan", number="19800101", role="Pelaksana"),
    Party(name="Budi Contoh", post="Kepala Bagian Hukum", role="Saksi"),
)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@attrs.define
class Desk:
    """An office with plans, a clock that is set, and the usual steps."""

    folder: Path
    now: datetime.datetime = datetime.datetime(2026, 11, 24, 3, 0, tzinfo=datetime.UTC)
    office: Any = None

    def open(self) -> sipadek.Office:
        self.office = sipadek.open(self.folder, clock=lambda: self.now)
        return self.office  # type: ignore[no-any-return]

    @property
    def retention(self) -> Any:
        return self.office.retention

    def berkas(self, code: str, *letters: sipadek.Letter, title: str = "Berkas") -> str:
        """A folder with these letters, closed today."""
        name = str(
            self.retention.open_folder(code, title, unit="KEL", year=2026, actor="Siti").name
        )
        self.retention.place(name, [letter.id for letter in letters], actor="Siti")
        self.retention.close_folder(name, on=self.now.date(), actor="Siti")
        return name

    def inactive(self, code: str, *letters: sipadek.Letter, title: str = "Berkas") -> str:
        """The same, moved to the records centre once its whole retention is over."""
        name = self.berkas(code, *letters, title=title)
        self.now = self.now.replace(year=2040)
        self.retention.move([name], self.paper("BA-1"), as_of=self.now.date(), actor="Siti")
        return name

    def paper(self, number: str = "P-1", by: str = "Panitia Penilai Arsip") -> Paper:
        return Paper(number=number, date=self.now.date(), by=by, witnesses=("Budi", "Ani"))

    def decided(self, kind: DisposalKind, *folders: str) -> Disposal:
        """A disposal of which only the carrying out is left."""
        found = self.retention.propose(
            kind, folders, as_of=self.now.date(), panel=["Siti", "Budi", "Ani"], actor="Siti"
        )
        self.retention.consider(found.name, self.paper("P-7"), actor="Siti")
        self.retention.approve(found.name, self.paper("A-8", found.authority), actor="Siti")
        return self.retention.decide(found.name, self.paper("K-9", "Wali Kota"), actor="Siti")  # type: ignore[no-any-return]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = Desk(tmp_path / "arsip")
    with found.open() as office:
        office.define_series("ket", "{nomor:3}/{unit}/{tahun}", scope=["unit"])
        (tmp_path / "k.csv").write_text(SCHEME)
        (tmp_path / "j.csv").write_text(RULES)
        office.retention.import_scheme(
            tmp_path / "k.csv", name="83/2022", source="Permendagri 83/2022", actor="Siti"
        )
        office.retention.import_rules(
            tmp_path / "j.csv", name="JRA", source="Perwal", scheme="83/2022", actor="Siti"
        )
        yield found
        found.office.close()


@pytest.fixture
def filed(desk: Desk, letter_pdf: Callable[..., bytes]) -> Callable[..., sipadek.Letter]:
    def made(text: str = WORDS, **more: Any) -> sipadek.Letter:
        told = {"series": "ket", "unit": "KEL", "subject": "Keterangan"} | more
        return desk.office.file(letter_pdf(text), **told)  # type: ignore[no-any-return]

    return made


def codes(office: sipadek.Office) -> list[str]:
    return [finding.code for finding in office.audit().findings]


# --- destruction ----------------------------------------------------------------------------------


def test_a_destroyed_letter_is_gone_and_its_proof_stays(
    desk: Desk, filed: Callable[..., sipadek.Letter]
) -> None:
    letter, other = filed(), filed("Surat lain tentang pasar")
    copy = desk.office.filed(letter.id).read()
    name = desk.inactive("400.12.2.1", letter)
    found = desk.decided(DisposalKind.DESTRUCTION, name)
    assert desk.office.search("zamrud").total == 1
    done = desk.retention.carry_out(found.name, desk.paper("BA-10"), actor="Siti")

    assert done.step is Step.COMPLETED
    assert desk.retention.folder(name).state is FolderState.DESTROYED
    assert codes(desk.office) == []
    for call in (desk.office.original, desk.office.filed):
        with pytest.raises(LetterDestroyed, match="destroyed on 2040-11-24 under the decision K-9"):
            call(letter.number)
    verified = desk.office.verify(copy)
    assert verified.destroyed is not None
    assert (verified.destroyed.disposal, verified.destroyed.decision.number) == (found.name, "K-9")
    assert desk.office.verify(desk.office.filed(other.id).read()).destroyed is None
    kept = desk.office.get(letter.number)
    assert (kept.filed_digest, kept.details.subject) == (letter.filed_digest, "Keterangan")
    assert desk.office.search("zamrud").total == 0
    assert [hit.letter.id for hit in desk.office.search("tahun:2026").hits] == [other.id]
    assert str(desk.office.proof(letter.id, kind="letter.destroyed"))
    assert desk.office.recognise(limit=1).recognised == 0


def test_nothing_of_a_destroyed_letter_is_left_in_the_folder(
    desk: Desk, filed: Callable[..., sipadek.Letter]
) -> None:
    letter = filed("Katakunci zamrudmerah dan nilakandi")
    content = desk.office.filed(letter.id).read()
    for n in range(12):  # so that FTS5 merges and pages are given free
        filed(f"Surat nomor {n} tentang zamrudmerah")
    name = desk.inactive("400.12.2.1", letter)
    found = desk.decided(DisposalKind.DESTRUCTION, name)
    places = [path for path in desk.folder.rglob("*") if path.is_file()]
    assert any(b"nilakandi" in path.read_bytes() for path in places), "there is something to find"
    desk.retention.carry_out(found.name, desk.paper(), actor="Siti")
    for path in desk.folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert b"nilakandi" not in data, path
            assert content[:2000] not in data, path
    assert desk.office.search("zamrudmerah").total == 12


def test_content_that_another_letter_has_stays(
    desk: Desk, filed: Callable[..., sipadek.Letter]
) -> None:
    letter, twin = filed(), filed("Kembaran")
    register = desk.office._register
    (again,) = register.reserve(
        [
            sipadek.FileRequest(
                source=b"", series="ket", subject="Sama", unit="KEL", key="lain"
            ).reservation(letter.original_digest, letter.original_size, day("2026-11-24"))
        ]
    )
    register.issue(
        [
            Filed(
                letter=again.id,
                digest=letter.filed_digest,
                size=letter.filed_size,
                signer="",
                pages=("sama",),
                extractor="x",
            )
        ]
    )
    name = desk.inactive("400.12.2.1", letter, twin)
    found = desk.decided(DisposalKind.DESTRUCTION, name)
    desk.retention.carry_out(found.name, desk.paper(), actor="Siti")
    objects = {*desk.office._store.digests()}
    assert letter.filed_digest in objects
    assert twin.filed_digest not in objects
    assert desk.office.original(again.id).read()
    with pytest.raises(LetterDestroyed):
        desk.office.original(letter.id)
    assert codes(desk.office) == []


@pytest.mark.parametrize("place", ["delete", "purge", "scour", "complete"])
def test_an_interrupted_destruction_goes_on(
    desk: Desk,
    filed: Callable[..., sipadek.Letter],
    monkeypatch: pytest.MonkeyPatch,
    place: str,
) -> None:
    letters = [filed(f"Surat {n} zamrud") for n in range(3)]
    name = desk.inactive("400.12.2.1", *letters)
    found = desk.decided(DisposalKind.DESTRUCTION, name)
    calls: list[str] = []

    def stopped(*values: Any, **_: Any) -> None:
        calls.append(place)
        if place == "delete" and len(calls) == 1:
            return true_delete(*values)
        raise StorageFailed("the process ends here")

    true_delete = DirectoryStore.delete
    of = {"delete": DirectoryStore, "scour": type(desk.office._database)}.get(place, Retention)
    with monkeypatch.context() as patch:
        patch.setattr(of, place, stopped)
        with pytest.raises(StorageFailed):
            desk.retention.carry_out(found.name, desk.paper(), actor="Siti")
    desk.office.close()
    office = desk.open()

    left = [letter for letter in letters if office._store.exists(letter.filed_digest)]
    assert len(left) == (2 if place == "delete" else 0)
    assert codes(office) == ["object-not-destroyed"] * len(left)
    for letter in letters:
        with pytest.raises(LetterDestroyed):
            office.original(letter.id)
    if place == "purge":
        office.recover()
    else:
        done = desk.retention.carry_out(found.name, desk.paper(), actor="Siti")
        assert done.step is Step.COMPLETED
    assert desk.retention.disposal(found.name).step is Step.COMPLETED
    assert codes(office) == []
    assert desk.retention.finish() == ()


def test_two_that_finish_at_once_do_it_once(
    desk: Desk, filed: Callable[..., sipadek.Letter], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = desk.decided(DisposalKind.DESTRUCTION, desk.inactive("400.12.2.1", filed()))
    scour = desk.office._database.scour

    def scoured() -> None:
        """Another process comes in between, and is the first."""
        scour()
        with monkeypatch.context() as inner:
            inner.setattr(desk.office._database, "scour", scour)
            assert desk.office.retention.finish() == (found.name,)

    monkeypatch.setattr(desk.office._database, "scour", scoured)
    done = desk.office.retention.carry_out(found.name, desk.paper(), actor="Siti")
    assert done.step is Step.COMPLETED
    assert codes(desk.office) == []


def test_a_destroyed_letter_can_be_made_void(
    desk: Desk, filed: Callable[..., sipadek.Letter]
) -> None:
    letter = filed()
    found = desk.decided(DisposalKind.DESTRUCTION, desk.inactive("400.12.2.1", letter))
    desk.retention.carry_out(found.name, desk.paper(), actor="Siti")
    desk.office.void(letter.id, reason="salah nomor")
    assert codes(desk.office) == []


def test_what_is_put_back_is_named(desk: Desk, filed: Callable[..., sipadek.Letter]) -> None:
    letter = filed()
    content = desk.office.filed(letter.id).read()
    name = desk.inactive("400.12.2.1", letter)
    found = desk.decided(DisposalKind.DESTRUCTION, name)
    desk.retention.carry_out(found.name, desk.paper(), actor="Siti")
    path = desk.folder / "objects" / letter.filed_digest[:2] / letter.filed_digest
    path.write_bytes(content)
    assert codes(desk.office) == ["object-not-destroyed"]
    path.unlink()
    with sqlite3.connect(desk.folder / "register.sqlite") as connection:
        connection.execute(
            "INSERT INTO sipadek_letter_text SELECT position, number, subject, 'zamrud'"
            " FROM sipadek_entry WHERE id = ?",
            (letter.id,),
        )
    assert "text-differs" in codes(desk.office)


def test_a_void_letter_in_a_folder_is_destroyed_too(
    desk: Desk, filed: Callable[..., sipadek.Letter]
) -> None:
    letter = filed()
    desk.office.void(letter.id, reason="salah unit")
    found = desk.decided(DisposalKind.DESTRUCTION, desk.inactive("400.12.2.1", letter))
    desk.retention.carry_out(found.name, desk.paper(), actor="Siti")
    assert list(desk.office._store.digests()) == []
    assert codes(desk.office) == []


def test_a_number_without_a_pdf_is_destroyed_with_its_folder(desk: Desk) -> None:
    details = sipadek.LetterDetails(
        series="ket", subject="Nomor saja", unit="KEL", date=day("2026-11-24")
    )
    (letter,) = desk.office.numbers.give([ReservationRequest(key="k", details=details)])
    found = desk.decided(DisposalKind.DESTRUCTION, desk.inactive("400.12.2.1", letter))
    assert desk.retention.carry_out(found.name, desk.paper(), actor="S").step is Step.COMPLETED
    assert codes(desk.office) == []


# --- who may, and when ----------------------------------------------------------------------------


def test_the_right_authority_approves(desk: Desk) -> None:
    short, long = desk.berkas("400.12.2.1"), desk.berkas("000.1.5")
    desk.now = desk.now.replace(year=2040)
    today = desk.now.date()
    desk.retention.move([short, long], desk.paper(), as_of=today, actor="Siti")
    told = {"as_of": today, "panel": ["Siti"], "actor": "Siti"}
    with pytest.raises(InvalidInput, match="different authorities"):
        desk.retention.propose(DisposalKind.DESTRUCTION, [short, long], **told)
    wanted = {short: "Kepala Daerah", long: "Kepala Arsip Nasional Republik Indonesia"}
    for folder, authority in wanted.items():
        found = desk.retention.propose(DisposalKind.DESTRUCTION, [folder], **told)
        assert found.authority == authority
        desk.retention.consider(found.name, desk.paper(), actor="Siti")
        with pytest.raises(StepRefused, match="has to be approved by"):
            desk.retention.approve(found.name, desk.paper("A", "Kepala Dinas"), actor="Siti")
        desk.retention.approve(found.name, desk.paper("A", authority), actor="Siti")
    with pytest.raises(InvalidInput, match="panel"):
        desk.retention.propose(DisposalKind.TRANSFER, [short], as_of=today, panel=[], actor="Siti")


def test_authorities_are_data(desk: Desk, tmp_path: Path) -> None:
    mine = [Authority(fate=Fate.DESTROY, least_years=0, name="Wali Kota Jambi")]
    desk.retention.import_rules(
        tmp_path / "j.csv", name="J2", source="x", scheme="83/2022", actor="S", authorities=mine
    )
    short = desk.inactive("400.12.2.1")
    told = {"as_of": desk.now.date(), "panel": ["Siti"], "actor": "Siti"}
    found = desk.retention.propose(DisposalKind.DESTRUCTION, [short], **told)
    assert found.authority == "Wali Kota Jambi"
    static = desk.retention.open_folder(
        "000.8.3.3", "Standar", unit="KEL", year=2026, actor="S"
    ).name
    desk.now = desk.now.replace(year=2050)
    desk.retention.close_folder(static, on=day("2040-01-01"), actor="S")
    desk.retention.move([static], desk.paper(), as_of=desk.now.date(), actor="S")
    with pytest.raises(NoRule, match="name no authority for permanen"):
        desk.retention.propose(DisposalKind.TRANSFER, [static], **told | {"as_of": desk.now.date()})


def test_a_hold_stops_everything(desk: Desk, filed: Callable[..., sipadek.Letter]) -> None:
    name = desk.inactive("400.12.2.1", filed())
    found = desk.decided(DisposalKind.DESTRUCTION, name)
    held = desk.retention.hold(name, reason="perkara 12/2040", actor="Bagian Hukum")
    assert (held.hold_reason, held.hold_by) == ("perkara 12/2040", "Bagian Hukum")
    with pytest.raises(OnHold, match="held by Bagian Hukum \\(perkara 12/2040\\)"):
        desk.retention.carry_out(found.name, desk.paper(), actor="Siti")
    desk.retention.withdraw(found.name, reason="sengketa", actor="Siti")
    today = desk.now.date()
    assert [each.folder.held for each in desk.retention.due(today)] == [True]
    for call in (
        lambda: desk.decided(DisposalKind.DESTRUCTION, name),
        lambda: desk.retention.reopen_folder(name, reason="x", actor="S"),
        lambda: desk.retention.reappraise(
            name, fate=Fate.PERMANENT, until=today, reason="x", actor="S"
        ),
    ):
        with pytest.raises(OnHold):
            call()
    with pytest.raises(InvalidInput, match="reason"):
        desk.retention.release(name, reason=" ", actor="S")
    desk.retention.release(name, reason="putusan", actor="Bagian Hukum")
    found = desk.decided(DisposalKind.DESTRUCTION, name)
    desk.retention.carry_out(found.name, desk.paper(), actor="Siti")
    assert codes(desk.office) == []


def test_reappraisal_sets_another_fate(desk: Desk) -> None:
    name = desk.berkas("700")
    desk.now = desk.now.replace(year=2030)
    today = desk.now.date()
    desk.retention.move([name], desk.paper(), as_of=today, actor="Siti")
    assert [each.action for each in desk.retention.due(today)] == [Action.REAPPRAISE]
    waiting = desk.retention.begin_reappraisal(name, as_of=today, actor="Siti")
    assert waiting.state is FolderState.REAPPRAISED
    assert desk.retention.due(today) == ()
    told = {"reason": "nilai guna kebuktian", "actor": "Siti"}
    with pytest.raises(StepRefused, match="before it is inactive"):
        desk.retention.reappraise(name, fate=Fate.DESTROY, until=day("2027-01-01"), **told)
    found = desk.retention.reappraise(name, fate=Fate.DESTROY, until=day("2036-11-24"), **told)
    assert (found.fate, found.kept_for(10)) == (Fate.DESTROY, True)
    assert desk.retention.due(day("2036-11-23")) == ()
    assert [each.action for each in desk.retention.due(day("2036-11-24"))] == [Action.DESTROY]
    desk.now = desk.now.replace(year=2037)
    again = desk.retention.propose(
        DisposalKind.DESTRUCTION, [name], as_of=day("2037-01-01"), panel=["S"], actor="S"
    )
    assert again.authority == "Kepala Arsip Nasional Republik Indonesia"


def test_steps_are_refused_out_of_order_and_out_of_time(desk: Desk) -> None:
    name = desk.berkas("400.12.2.1")
    today = desk.now.date()
    with pytest.raises(StepRefused, match="not due on"):
        desk.retention.move([name], desk.paper(), as_of=today, actor="Siti")
    with pytest.raises(StepRefused, match="a day that has not come"):
        desk.retention.move([name], desk.paper(), as_of=day("2040-01-01"), actor="Siti")
    with pytest.raises(StepRefused, match="cannot be closed"):
        desk.retention.close_folder(name, on=today, actor="Siti")
    desk.now = desk.now.replace(year=2040)
    today = desk.now.date()
    with pytest.raises(StepRefused, match="due for pindah ke inaktif, not for usul musnah"):
        desk.decided(DisposalKind.DESTRUCTION, name)
    desk.retention.move([name], desk.paper(), as_of=today, actor="Siti")
    found = desk.retention.propose(
        DisposalKind.DESTRUCTION, [name], as_of=today, panel=["S"], actor="S"
    )
    with pytest.raises(StepRefused, match="is proposed; it cannot be carried-out now"):
        desk.retention.carry_out(found.name, desk.paper(), actor="S")
    with pytest.raises(StepRefused, match=r"lists it\. Exclude it"):
        desk.retention.reopen_folder(name, reason="x", actor="S")
    desk.retention.consider(found.name, desk.paper(), actor="S")
    assert desk.retention.consider(found.name, desk.paper(), actor="S").step is Step.CONSIDERED
    old = attrs.evolve(desk.paper("A", found.authority), date=day("2040-01-01"))
    with pytest.raises(StepRefused, match="The paper A is of 2040-01-01"):
        desk.retention.approve(found.name, old, actor="S")
    with pytest.raises(StepRefused, match="withdraw it to exclude all"):
        desk.retention.exclude(found.name, [name], reason="x", actor="S")


def test_folders_are_opened_once_and_filled_while_open(
    desk: Desk, filed: Callable[..., sipadek.Letter]
) -> None:
    told = {"unit": "KEL", "year": 2026, "actor": "Siti"}
    first = desk.retention.open_folder("400.12.2.1", "A", **told)
    assert desk.retention.open_folder("400.12.2.1", "A", **told) == first
    second = desk.retention.open_folder("400.12.2.1", "B", **told)
    assert (first.name, second.name) == ("400.12.2.1/KEL/2026/1", "400.12.2.1/KEL/2026/2")
    for code, why in (("005", "not in use in"), ("999", "not in the scheme")):
        with pytest.raises(InvalidInput, match=why):
            desk.retention.open_folder(code, "C", **told)
    letter = filed()
    desk.retention.place(first.name, [letter.number], actor="Siti")
    desk.retention.place(first.name, [letter.id], actor="Siti")
    with pytest.raises(StepRefused, match="lies in the folder"):
        desk.retention.place(second.name, [letter.id], actor="Siti")
    assert [each.id for each in desk.retention.letters(first.name)] == [letter.id]
    with pytest.raises(StepRefused, match="cannot have been closed on 2026-11-23"):
        desk.retention.close_folder(first.name, on=day("2026-11-23"), actor="Siti")
    desk.retention.take_out(first.name, [letter.id], reason="salah berkas", actor="Siti")
    desk.retention.place(second.name, [letter.id], actor="Siti")
    desk.retention.close_folder(second.name, on=day("2026-11-24"), actor="Siti")
    with pytest.raises(StepRefused, match="is closed"):
        desk.retention.take_out(second.name, [letter.id], reason="x", actor="Siti")
    assert desk.retention.counts([first.name, second.name]) == {first.name: 0, second.name: 1}
    with pytest.raises(NotFound):
        desk.retention.folder("400/KEL/2026/9")
    assert codes(desk.office) == []


def test_rules_of_a_newer_scheme_are_found_through_successions(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "lama.csv").write_text("kode,nama\n471,Pendaftaran penduduk\n090,Perjalanan\n")
    desk.retention.import_scheme(
        tmp_path / "lama.csv", name="78/2012", source="Permendagri 78/2012", actor="Siti"
    )
    told = {"unit": "KEL", "year": 2020, "actor": "Siti", "scheme": "78/2012"}
    old = desk.retention.open_folder("471", "Lama", **told).name
    with pytest.raises(NoRule, match="78/2012 → 83/2022"):
        desk.retention.close_folder(old, on=day("2020-12-31"), actor="Siti")
    (tmp_path / "ganti.csv").write_text("kode_lama,kode_baru\n471,400.12.2\n090,000.1.2.3\n")
    desk.retention.import_successions(
        tmp_path / "ganti.csv", old="78/2012", new="83/2022", source="x", actor="Siti"
    )
    found = desk.retention.close_folder(old, on=day("2020-12-31"), actor="Siti")
    assert (found.scheme, found.rules, found.rule_code) == ("78/2012", "JRA", "400.12")
    travel = desk.retention.open_folder("090", "Dinas", **told).name
    with pytest.raises(NoRule, match="do not say one thing"):
        desk.retention.close_folder(travel, on=day("2020-12-31"), actor="Siti")
    assert len(desk.retention.plans()) == 4
    assert codes(desk.office) == []


def test_a_plan_is_imported_once(desk: Desk, tmp_path: Path) -> None:
    told = {"name": "83/2022", "source": "Permendagri 83/2022", "actor": "Siti"}
    before = desk.office._register.event_count()
    desk.retention.import_scheme(tmp_path / "k.csv", **told)
    assert desk.office._register.event_count() == before
    (tmp_path / "k.csv").write_text("kode,nama\n400,Lain\n")
    with pytest.raises(InvalidInput, match="a name of its own"):
        desk.retention.import_scheme(tmp_path / "k.csv", **told)
    with pytest.raises(InvalidInput, match="import it first"):
        desk.retention.import_rules(
            tmp_path / "j.csv", name="X", source="x", scheme="tiada", actor="Siti"
        )
    for name in ("k.txt", "tiada.csv"):
        with pytest.raises(InvalidInput):
            desk.retention.import_scheme(tmp_path / name, **told)


# --- audit ----------------------------------------------------------------------------------------

TAMPERING = [
    ("UPDATE sipadek_folder SET fate = 'permanen'", "folder-differs"),
    ("UPDATE sipadek_folder SET fate_on = '2027-01-01'", "folder-differs"),
    ("UPDATE sipadek_folder SET hold_reason = '', hold_by = ''", "folder-differs"),
    ("UPDATE sipadek_folder SET state = 'musnah'", "folder-differs"),
    ("UPDATE sipadek_folder SET year = 2025", "folder-differs"),
    ("INSERT INTO sipadek_folder SELECT 'x', code, scheme, 'lain', unit, year, state, NULL, rules,"
     " rule_code, active_years, inactive_years, fate, exceptions, NULL, NULL, '', '', ''"
     " FROM sipadek_folder", "folder-differs"),
    ("UPDATE sipadek_folder_letter SET destroyed = 'musnah/2040/1'", "placing-differs"),
    ("DELETE FROM sipadek_folder_letter", "placing-differs"),
    ("UPDATE sipadek_disposal SET authority = 'Kepala Dinas'", "disposal-differs"),
    ("UPDATE sipadek_disposal SET papers = replace(papers, 'BA-1', 'BA-2')", "disposal-differs"),
    ("DELETE FROM sipadek_disposal", "disposal-differs"),
    ("UPDATE sipadek_plan SET content = replace(content, '\"aktif\"', '\"x\"') || ' '", "plan-differs"),
    ("UPDATE sipadek_plan SET actor = 'Budi'", "plan-differs"),
    ("DELETE FROM sipadek_plan WHERE kind = 'rules'", "plan-differs"),
    ("DROP INDEX sipadek_folder_due", "schema-altered"),
]  # fmt: skip


def test_each_tampering_with_the_tables_is_named(
    desk: Desk, filed: Callable[..., sipadek.Letter]
) -> None:
    name = desk.inactive("400.12.2.1", filed())
    desk.retention.hold(name, reason="perkara", actor="Jaksa")
    assert codes(desk.office) == []
    desk.office.close()
    path = desk.folder / "register.sqlite"
    sound = path.read_bytes()
    for statement, code in TAMPERING:
        path.write_bytes(sound)
        connection = sqlite3.connect(path)
        connection.execute(statement)
        connection.commit()
        connection.close()
        with desk.open() as office:
            found = {f.code for f in office._register.verify_history()}
        assert code in found, statement
        for left in desk.folder.glob("register.sqlite-*"):
            left.unlink()
    path.write_bytes(sound)
    desk.open()


def test_an_older_register_gets_the_tables(desk: Desk) -> None:
    desk.office.close()
    connection = sqlite3.connect(desk.folder / "register.sqlite")
    connection.execute("DELETE FROM sipadek_plan")
    for table in ("folder_letter", "folder", "disposal", "plan"):
        connection.execute(f"DROP TABLE sipadek_{table}")
    connection.commit()
    connection.close()
    office = desk.open()
    assert {*codes(office)} == {"plan-differs"}, "the events know what the tables have lost"


# --- transfer and documents -----------------------------------------------------------------------


def test_a_transfer_hands_over_a_folder_that_checks_itself(
    desk: Desk, filed: Callable[..., sipadek.Letter], tmp_path: Path
) -> None:
    pytest.importorskip("typst")
    letter = filed(subject="=cmd")
    name = desk.inactive("000.8.3.3", letter, title="Standar pelayanan")
    found = desk.decided(DisposalKind.TRANSFER, name)
    target = tmp_path / "paket"
    (tmp_path / "paket.part" / "sisa").mkdir(parents=True)
    told = {"office": "Pemerintah Kota Contoh", "place": "Contoh", "parties": PARTIES}
    with pytest.raises(InvalidInput, match="no transfer that was carried out"):
        desk.retention.write_transfer(found.name, target, **told)
    desk.retention.carry_out(found.name, desk.paper("BA-3"), actor="Siti")
    desk.retention.write_transfer(found.name, target, **told)

    assert desk.retention.folder(name).state is FolderState.STATIC
    with (target / "daftar.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["perihal"], row["sha256"]) == ("'=cmd", letter.filed_digest)
    data = (target / row["lokasi"]).read_bytes()
    assert hashlib.sha256(data).hexdigest() == letter.filed_digest
    sums = dict(line.split("  ")[::-1] for line in (target / "sha256.txt").read_text().splitlines())
    files = {p.relative_to(target).as_posix() for p in target.rglob("*") if p.is_file()}
    assert {*sums} == files - {"sha256.txt"}
    assert {"daftar.pdf", "berita-acara.pdf", "pernyataan.pdf"} <= files
    text = " ".join(extract_text((target / "pernyataan.pdf").read_bytes()).pages)
    assert "autentik" in text
    assert desk.office.verifier.name in text
    with pytest.raises(InvalidInput, match="there already"):
        desk.retention.write_transfer(found.name, target, **told)
    assert desk.office.original(letter.id).read(), "the office keeps its copy"
    assert codes(desk.office) == []


def test_the_documents_of_a_destruction(desk: Desk, filed: Callable[..., sipadek.Letter]) -> None:
    pytest.importorskip("typst")
    letter = filed()
    name = desk.inactive("400.12.2.1", letter, title="Keterangan domisili")
    found = desk.decided(DisposalKind.DESTRUCTION, name)

    def text(kind: DocumentKind, **more: Any) -> str:
        file = io.BytesIO()
        desk.retention.write_document(found.name, kind, file, office="Kota Contoh", **more)
        return " ".join(" ".join(extract_text(file.getvalue()).pages).split())

    signed = {"place": "Contoh", "parties": PARTIES}
    with pytest.raises(StepRefused, match="made once it is carried-out"):
        text(DocumentKind.MINUTES, **signed)
    with pytest.raises(InvalidInput, match="needs a place"):
        text(DocumentKind.CONSIDERATION)
    proposed = text(DocumentKind.LIST)
    assert "DAFTAR ARSIP USUL MUSNAH" in proposed
    for told in ("Keterangan domisili", "1 + 1", "kecuali yang bersengketa", letter.number):
        assert told in proposed
    considered = text(DocumentKind.CONSIDERATION, number="P-7", **signed)
    assert "persetujuan dari Kepala Daerah" in considered
    desk.retention.carry_out(found.name, desk.paper("BA-10"), actor="Siti")
    assert "DAFTAR ARSIP YANG DIMUSNAHKAN" in text(DocumentKind.LIST)
    done = text(DocumentKind.MINUTES, **signed)
    for told in (
        "BERITA ACARA PEMUSNAHAN ARSIP",
        "Nomor BA-10",
        "Sabtu, 24 November 2040",
        "1 berkas berisi 1 naskah",
        "Nomor A-8 tanggal 24 November 2040, Kepala Daerah",
        "Nomor K-9",
        "Saksi 2",
        "Siti Contoh",
        "NIP 19800101",
    ):
        assert told in done
    with pytest.raises(InvalidInput, match="only a transfer"):
        text(DocumentKind.STATEMENT, **signed)


def test_the_documents_of_a_move(desk: Desk) -> None:
    pytest.importorskip("typst")
    name = desk.inactive("400.12.2.1", title="#set *judul* <b>")
    (move,) = desk.retention.disposals()
    for kind in (DocumentKind.LIST, DocumentKind.MINUTES):
        file = io.BytesIO()
        desk.retention.write_document(
            move.name, kind, file, office="Kota", place="Contoh", parties=PARTIES
        )
        assert "PEMINDAHAN" in extract_text(file.getvalue()).pages[0] or kind is DocumentKind.LIST
    file = io.BytesIO()
    desk.retention.write_inactive_list(file, office="Kota")
    text = " ".join(extract_text(file.getvalue()).pages)
    assert name in text.replace(" ", "").replace("\n", "")
    assert "#set *judul* <b>" in text
    with pytest.raises(InvalidInput, match="a move has none"):
        desk.retention.write_document(
            move.name, DocumentKind.CONSIDERATION, file, office="K", place="C", parties=PARTIES
        )

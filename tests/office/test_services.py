"""Citizen services from the application to the letter that anyone can verify, on a real office."""

from __future__ import annotations

import datetime
import io
import logging
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from services_desk import ABOVE, KK, NAME, NIK, ORGANISATION, OTHER, START, UNIT, Desk, values

import sipadek
from sipadek.errors import (
    CaseChanged,
    InvalidInput,
    NotAllowed,
    NotFound,
    PersonalErased,
    SipadekError,
    StepNotPossible,
    StorageFailed,
)
from sipadek.flow import Case
from sipadek.office.service_cases import Change, ServiceCases
from sipadek.office.service_letters import LetterDesk
from sipadek.office.service_staff import ServiceStaff
from sipadek.office.verification import scanned_id
from sipadek.people import Holding, Reach
from sipadek.services import LetterStatus, new_code
from sipadek.testing.authority import Authority

pytest.importorskip("typst")


@pytest.fixture
def desk(tmp_path: Path, authority: Authority) -> Iterator[Desk]:
    desk = Desk(tmp_path / "arsip", authority)
    yield desk
    desk.close()


def _pages(pdf: bytes) -> str:
    import pypdfium2

    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_one_application_from_the_counter_to_the_hand(desk: Desk) -> None:
    id_, code = desk.submit()
    (row,) = desk.services.waiting(UNIT, actor="dedi")
    assert (row.id, row.name, row.nik, row.holder) == (
        id_,
        NAME,
        "*" * 12 + NIK[12:],
        "petugas-loket",
    )
    desk.services.check(id_, actor="ani")
    preview = desk.services.draft(id_, actor="dedi")
    assert "Lurah Legok" in _pages(preview)
    assert "Nomor:" not in _pages(preview)
    desk.clock.pass_(minutes=5)
    letter = desk.sign(id_)
    desk.services.hand_over(id_, actor="ani")

    assert letter.number == f"400.12.2.1/0001/{UNIT}/2026"
    assert (letter.details.kind, letter.details.unit) == ("keterangan-domisili", UNIT)
    text = _pages(desk.office.filed(letter.id).read())
    for said in (NAME, NIK, "Nomor: " + letter.number, "24 November 2026", "Siti Contoh"):
        assert said in text
    view = desk.services.track(code)
    assert (view.stage, view.holder, view.fee, view.numbers) == (
        "Sudah diserahkan", "", "Rp0", (letter.number,),
    )  # fmt: skip
    assert [step.post for step in view.steps] == [
        "pemohon", "petugas-loket", "kasi-pemerintahan", "lurah", "petugas-loket",
    ]  # fmt: skip
    assert (view.used_minutes, view.late) == (5, False)
    assert NIK not in repr(view)
    assert desk.services.waiting(UNIT, actor="ani") == []
    assert desk.office.audit().clean


def test_two_numbers_on_one_paper(desk: Desk) -> None:
    id_, code = desk.drafted("ahli-waris")
    first = desk.sign(id_)
    with pytest.raises(NotAllowed):
        desk.sign(id_)  # the lurah cannot sign for the camat
    second = desk.sign(id_, "budi")
    assert [first.number, second.number] == [f"100.3/0001/{UNIT}/2026", f"100.3/0001/{ABOVE}/2026"]
    assert second.original_digest == first.filed_digest
    pdf = desk.office.filed(second.id).read()
    assert pdf.startswith(desk.office.filed(first.id).read())
    verified = desk.office.verify(pdf)
    assert verified.letter == second
    signed_by = [evidence.signer for evidence in verified.signatures]
    assert ["Siti" in signed_by[0], "Budi" in signed_by[1], len(signed_by)] == [True, True, 2]
    assert desk.services.track(code).numbers == (first.number, second.number)
    assert desk.office.audit().clean


def test_the_clock_stands_while_the_citizen_completes(desk: Desk) -> None:
    id_, code = desk.submit()
    desk.clock.pass_(minutes=4)
    desk.services.give_back(id_, reason="Nomor KK belum jelas.", actor="ani")
    desk.clock.pass_(days=1)
    view = desk.services.track(code)
    assert (view.stopped, view.used_minutes, view.holder) == (True, 4, "pemohon")
    assert view.steps[-1].reason == "Nomor KK belum jelas."
    desk.services.complete(code, values("domisili", nama="Ayu S. Purnama"))
    desk.clock.pass_(minutes=3)
    view = desk.services.track(code)
    assert (view.stopped, view.used_minutes, view.late) == (False, 7, False)
    assert desk.services.details(id_, actor="ani").values["nama"] == "Ayu S. Purnama"


def test_nobody_does_or_sees_what_is_anothers(desk: Desk) -> None:
    id_, code = desk.submit()
    for actor in ("dedi", "siti", "ida", "umar", "budi", "wati", "pemohon", ""):
        with pytest.raises(NotAllowed):
            desk.services.check(id_, actor=actor)
    for actor in ("ida", "umar", "budi", "nobody"):
        assert desk.services.waiting(UNIT, actor=actor) == []
        with pytest.raises(NotAllowed):
            desk.services.details(id_, actor=actor)
    desk.services.complain(code, amount=20_000, text="Diminta uang rokok oleh petugas.")
    with pytest.raises(NotAllowed):
        desk.services.complaints([UNIT], actor="siti")
    assert desk.services.details(id_, actor="siti").complaints == ()
    ((about, complaint),) = desk.services.complaints([UNIT, OTHER], actor="wati")
    assert (about, complaint.amount) == (id_, 20_000)
    assert desk.services.details(id_, actor="wati").complaints == (complaint,)
    for amount, text in (
        (0, "x"),
        (-5, "x"),
        (True, "x"),
        (10, " "),
        (10, "x" * 3000),
        (10, "\ud800"),
    ):
        with pytest.raises(InvalidInput):
            desk.services.complain(code, amount=amount, text=text)
    # The camat sees what is to be signed above, and only that.
    other, _ = desk.submit("ahli-waris")
    assert [row.id for row in desk.services.waiting(UNIT, actor="budi")] == [other]


def test_a_tracking_code_is_needed_and_kept_by_nobody(desk: Desk, tmp_path: Path) -> None:
    id_, code = desk.submit()
    desk.submit(unit=OTHER)
    assert desk.services.track(code.lower().replace("-", " ")).unit == "Kelurahan Legok"
    with pytest.raises(NotFound):
        desk.services.track(new_code())
    with pytest.raises(InvalidInput):
        desk.services.track(id_)
    desk.services.withdraw(code)
    with pytest.raises(StepNotPossible):
        desk.services.withdraw(code)
    desk.close()
    data = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert code.encode() not in data
    assert code.replace("-", "").encode() not in data
    desk.open()


def test_a_nik_stands_in_one_row_and_in_the_letter(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """All bytes of the register, the log, the index and the folder: only the case's own row has it."""
    caplog.set_level(logging.DEBUG)
    id_, _ = desk.drafted()
    letter = desk.sign(id_)
    desk.services.hand_over(id_, actor="ani")
    errors = []
    for wrong in (
        {"nik": NIK[:-4] + "0000"},
        {"kk": KK[:6] + "99" + KK[8:]},
        {"tanggal_lahir": NIK},
    ):
        with pytest.raises(InvalidInput) as caught:
            desk.submit(**wrong)
        errors.append(repr(caught.value) + repr(caught.value.fields))
    shown = repr((errors, desk.services.waiting(UNIT, actor="ani"), letter, desk.services))
    shown += repr(desk.services.details(id_, actor="siti")) + caplog.text
    assert NIK[:12] not in shown
    assert KK[:12] not in shown
    assert desk.office.search(NIK).total == 0
    assert desk.office.search("Samudra").total == 1
    assert desk.office.search("domisili").hits[0].letter == letter
    assert NIK not in repr(desk.office.search("domisili"))
    for body in desk.office._register.events():
        assert not any(each.encode() in body for each in (NIK, KK, NAME, NAME.split()[0]))
    desk.close()
    files = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert {path.name for path, data in files.items() if NIK.encode() in data} == {
        "register.sqlite"
    }
    assert sum(data.count(NIK.encode()) for data in files.values()) == 1
    desk.open()
    desk.services.erase(id_, actor="wati")
    desk.close()
    assert all(
        NIK.encode() not in path.read_bytes() and KK.encode() not in path.read_bytes()
        for path in tmp_path.rglob("*")
        if path.is_file()
    )
    desk.open()
    assert desk.office.audit().clean


def test_erasing_keeps_the_letter_and_forgets_the_name(desk: Desk) -> None:
    id_, code = desk.drafted()
    with pytest.raises(StepNotPossible):
        desk.services.erase(id_, actor="wati")
    letter = desk.sign(id_)
    desk.services.hand_over(id_, actor="ani")
    before = desk.office.verification_view(letter.id, services=desk.services)
    assert before.name == "A** S****** P******"
    with pytest.raises(NotAllowed):
        desk.services.erase(id_, actor="siti")
    desk.services.erase(id_, actor="wati")
    after = desk.office.verification_view(letter.id, services=desk.services)
    assert (after.name, after.status, after.number) == ("", LetterStatus.VALID, before.number)
    assert desk.services.track(code).stage == "Sudah diserahkan"
    for call in (
        lambda: desk.services.details(id_, actor="siti"),
        lambda: desk.services.complain(code, amount=1, text="x"),
    ):
        with pytest.raises(PersonalErased):
            call()
    assert desk.office.audit().clean


def test_a_rejected_application_leaves_no_letter_that_holds(desk: Desk) -> None:
    id_, code = desk.drafted("ahli-waris")
    letter = desk.sign(id_)
    desk.services.reject(id_, reason="Ahli waris belum lengkap.", actor="budi")
    view = desk.services.track(code)
    assert (view.stage, view.steps[-1].reason) == ("Ditolak", "Ahli waris belum lengkap.")
    assert desk.office.get(letter.id).state is sipadek.State.VOID
    shown = desk.office.verification_view(letter.id, services=desk.services)
    assert shown.status is LetterStatus.VOID
    assert desk.office.audit().clean


# --- interruptions --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "fails"),
    [
        ("domisili", "prepare"),
        ("domisili", "file"),
        ("domisili", "sign"),
        ("ahli-waris", "file"),
        ("ahli-waris", "sign"),
    ],
)
def test_signing_goes_on_after_an_interruption(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, service: str, fails: str
) -> None:
    """Whatever step the first try came to, the next one ends with one number for each signer."""
    id_, code = desk.drafted(service)
    signers = ["siti", "budi"] if service == "ahli-waris" else ["siti"]
    for signer in signers:
        _interrupt(monkeypatch, fails)
        with pytest.raises(StorageFailed):
            desk.sign(id_, signer)
        monkeypatch.undo()
        desk.close()
        desk.clock.pass_(days=1)  # the letter keeps its date
        desk.open()
        if fails != "prepare":
            with pytest.raises(StepNotPossible):
                desk.services.withdraw(code)
        desk.sign(id_, signer)
    letters = list(desk.office.letters())
    assert [letter.sequence for letter in letters] == [1] * len(signers)
    assert {letter.state for letter in letters} == {sipadek.State.ISSUED}
    assert len(desk.services.track(code).numbers) == len(signers)
    assert desk.office.audit().clean


def _interrupt(monkeypatch: pytest.MonkeyPatch, fails: str) -> None:
    if fails == "file":
        monkeypatch.setattr(
            "sipadek.office.filing.file_revision", lambda *_, **__: _raise(StorageFailed("full"))
        )
        return
    real = ServiceCases.change

    def change(self: ServiceCases, case: Case, more: Change) -> Case:
        if more.action == fails:
            raise StorageFailed("full")
        return real(self, case, more)

    monkeypatch.setattr(ServiceCases, "change", change)


def _raise(error: SipadekError) -> None:
    raise error


def test_a_number_that_was_made_void_meanwhile_is_not_taken_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_, _ = desk.drafted()
    _interrupt(monkeypatch, "file")
    with pytest.raises(StorageFailed):
        desk.sign(id_)
    monkeypatch.undo()
    desk.clock.pass_(days=2)
    done = desk.office.recover()
    assert len(done.voided) == 1
    letter = desk.sign(id_)
    assert (letter.sequence, letter.details.date) == (2, datetime.date(2026, 11, 26))
    assert desk.office.audit().clean


def test_a_signing_that_cannot_be_finished_is_given_up(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_, code = desk.drafted()
    with pytest.raises(StepNotPossible):
        desk.services.stop_signing(id_, actor="siti")
    _interrupt(monkeypatch, "sign")
    with pytest.raises(StorageFailed):
        desk.sign(id_)
    monkeypatch.undo()
    with pytest.raises(StepNotPossible):
        desk.services.send_back(id_, reason="Salah ketik.", actor="siti")
    with pytest.raises(NotAllowed):
        desk.services.stop_signing(id_, actor="ani")
    desk.services.stop_signing(id_, actor="siti")
    desk.services.send_back(id_, reason="Salah ketik.", actor="siti")
    desk.services.withdraw(code)
    assert [letter.state for letter in desk.office.letters()] == [sipadek.State.VOID]
    assert desk.office.audit().clean


# --- verification ---------------------------------------------------------------------------------


def test_a_letter_is_valid_until_its_last_day(desk: Desk) -> None:
    id_, _ = desk.drafted()
    letter = desk.sign(id_)
    view = desk.office.verification_view(letter.id, services=desk.services)
    assert (view.status, view.valid_until) == (LetterStatus.VALID, datetime.date(2026, 12, 24))
    assert (view.kind, view.number, view.date, view.unit, view.signed) == (
        "Surat Keterangan Domisili", letter.number, datetime.date(2026, 11, 24), UNIT, True,
    )  # fmt: skip
    assert "bukan tanda tangan" in view.note
    desk.clock.now = datetime.datetime(2026, 12, 24, 16, 59, tzinfo=datetime.UTC)  # 23.59 WIB
    assert desk.office.verification_view(letter.id, services=desk.services) == view
    desk.clock.pass_(minutes=1)
    after = desk.office.verification_view(letter.id, services=desk.services)
    assert after.status is LetterStatus.EXPIRED
    desk.office.void(letter.id, reason="Keliru.")
    after = desk.office.verification_view(letter.id, services=desk.services)
    assert after.status is LetterStatus.VOID
    assert "Keliru" not in repr(after)


def test_only_who_holds_the_letter_can_look_it_up(desk: Desk) -> None:
    id_, _ = desk.drafted()
    letter = desk.sign(id_)
    plain = (
        f"NOMOR {letter.number} ID {letter.id.upper()} SHA256 {letter.original_digest[:32].upper()}"
    )
    link = f"https://surat.jambi.example/v/{letter.id}"
    seen = [desk.office.verification_view(each) for each in (letter.id, plain, link, f" {link}\n")]
    assert len(set(seen)) == 1
    assert (seen[0].name, seen[0].valid_until) == ("", None)  # without the services: the register's
    for other in (letter.number, "", "x" * 5000, letter.id[:-1], link + "/edit", "NOMOR 1 ID 2"):
        with pytest.raises(InvalidInput):
            desk.office.verification_view(other)
    for unknown in ("a" * 26, plain[:-1] + ("0" if plain[-1] != "0" else "1"), id_):
        with pytest.raises(NotFound):
            desk.office.verification_view(unknown, services=desk.services)
    assert scanned_id(plain) == (letter.id, letter.original_digest[:32])


def test_a_number_that_never_became_a_letter_is_not_shown(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_, _ = desk.drafted()
    _interrupt(monkeypatch, "file")
    with pytest.raises(StorageFailed):
        desk.sign(id_)
    (letter,) = desk.office.letters()
    with pytest.raises(NotFound):
        desk.office.verification_view(letter.id)
    desk.office.void(letter.id, reason="x")
    with pytest.raises(NotFound):
        desk.office.verification_view(letter.id)


def test_another_letter_is_none_of_a_service(desk: Desk) -> None:
    from sipadek.testing.pdfs import PdfRecipe, build

    id_, _ = desk.drafted()
    forged = desk.office.file(
        build(PdfRecipe(texts=("lain",))), series="layanan", subject="Lain", unit=UNIT,
        classification="000", kind="nota", key=f"layanan/{id_}/1/9",
    )  # fmt: skip
    view = desk.office.verification_view(forged.id, services=desk.services)
    assert (view.kind, view.name, view.signed) == ("nota", "", False)


def test_units_and_services_that_there_are_not(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.services.submit("paspor", unit=UNIT, values={})
    with pytest.raises(NotFound):
        desk.submit(unit="KEL-LAIN")


def test_who_signs_stands_under_the_letter_as_what_they_are(desk: Desk) -> None:
    """A Plh. signs while the lurah is away; without anyone the letter is not made."""
    away = [
        attrs.evolve(each, until=START.date()) if each.person == "siti" else each
        for each in ORGANISATION.holdings
    ]
    day = START.date() + datetime.timedelta(days=1)
    stand_in = Holding(person="dedi", post="SITI", since=day, capacity="plh")
    desk.clock.pass_(days=1)
    id_, _ = desk.submit()
    vacant = desk.office.services(attrs.evolve(ORGANISATION, holdings=away), series="layanan")
    vacant.check(id_, actor="ani")
    with pytest.raises(NotFound):
        vacant.draft(id_, actor="dedi")
    filled = attrs.evolve(ORGANISATION, holdings=[*away, stand_in])
    services = desk.office.services(filled, series="layanan")
    text = " ".join(_pages(services.draft(id_, actor="dedi")).split())
    assert "Plh. Lurah Legok, Kecamatan Danau Sipin, Kota Jambi" in text
    assert "Plh. LURAH LEGOK," in text
    assert "Dedi Contoh" in text
    with pytest.raises(NotAllowed):
        services.sign(id_, signer=desk.signers["siti"], actor="siti")
    services.sign(id_, signer=desk.signers["siti"], actor="dedi")


def test_a_camat_needs_a_unit_above() -> None:
    staff = ServiceStaff(ORGANISATION)
    assert staff.above(UNIT) == ABOVE
    with pytest.raises(NotFound):
        staff.above("KOTA-JAMBI")
    with pytest.raises(NotFound):
        staff.paper("KEL-LAIN")
    top = staff.paper("KOTA-JAMBI")
    assert (top.letterhead, top.address) == (("PEMERINTAH KOTA JAMBI",), ())


def test_what_happens_meanwhile_is_not_lost(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A complaint comes in while the letter is being signed: the signing is repeated, not the number."""
    id_, code = desk.drafted()
    real = LetterDesk.file

    def file(self: LetterDesk, *args: object, **more: object) -> sipadek.Letter:
        letter = real(self, *args, **more)  # type: ignore[arg-type]
        desk.services.complain(code, amount=5_000, text="Diminta uang.")
        return letter

    monkeypatch.setattr(LetterDesk, "file", file)
    with pytest.raises(CaseChanged):
        desk.sign(id_)
    monkeypatch.undo()
    letter = desk.sign(id_)
    assert [each.id for each in desk.office.letters()] == [letter.id]
    assert desk.services.track(code).numbers == (letter.number,)
    assert len(desk.services.complaints([UNIT], actor="wati")) == 1
    assert desk.office.audit().clean


def test_a_role_is_not_enough_without_the_grant(desk: Desk) -> None:
    grants = [
        attrs.evolve(each, reach=Reach.OWN) if each.role == "camat" else each
        for each in ORGANISATION.grants
        if each.role != "petugas-loket"
    ]
    services = desk.office.services(attrs.evolve(ORGANISATION, grants=grants), series="layanan")
    id_, _ = desk.submit("ahli-waris")
    with pytest.raises(NotAllowed):
        services.check(id_, actor="ani")
    desk.services.check(id_, actor="ani")
    services.draft(id_, actor="dedi")
    services.sign(id_, signer=desk.signers["siti"], actor="siti")
    assert services.waiting(UNIT, actor="budi") == []
    with pytest.raises(NotAllowed):
        services.sign(id_, signer=desk.signers["budi"], actor="budi")
    desk.sign(id_, "budi")

"""SIPADEK through the front door: letters out and in, and what holds when something goes wrong."""

from __future__ import annotations

import datetime
import io
from typing import Any

import attrs
import pytest
import zxingcpp
from desk_world import DESK, PlainTypesetter, World, city
from PIL import Image

import sipadek
from sipadek.correspondence import GRANTS
from sipadek.errors import (
    CaseChanged,
    DuplicateLetter,
    FieldsMissing,
    InvalidInput,
    KeyConflict,
    LetterVoid,
    NotAllowed,
    NotAPdf,
    NotFound,
    NumberVoid,
    SigningError,
    StepNotPossible,
)
from sipadek.office.correspondence import Correspondence
from sipadek.pdf.preview import page_png
from sipadek.people import Grant, Holding
from sipadek.sql import Listing
from sipadek.testing.pdfs import PdfRecipe, build

NOW = datetime.datetime(2026, 11, 24, 3, 0, tzinfo=datetime.UTC)


@pytest.fixture
def world(kantor: sipadek.Office, signer: sipadek.KeySigner) -> World:
    return World(kantor, signer)


def scan(text: str = "Undangan rapat") -> bytes:
    return build(PdfRecipe(texts=(text,)))


# --- out ------------------------------------------------------------------------------------------


def test_a_letter_is_signed_once_all_have_passed_it(world: World) -> None:
    case = world.desk.get(world.signed(), person=world("citra"))
    letter = world.office.get(case.letter)
    assert letter.number == case.body["number"] == f"000.1.5/0001/SETDA{world.suffix}/XI/2026"
    assert letter.actor == world("ratna")
    assert [each["person"] for each in case.body["parafs"]] == [world("bambang"), world("agus")]
    assert case.body["parafs"][1]["title"] == "Plt. Asisten Administrasi Umum"
    with world.desk.pdf(case.id, person=world("citra")) as file:
        verified = world.office.verify(file.read())
    assert verified.letter == letter
    assert case.holder == world("TU")
    found = world.office.search("daftar aplikasi", viewer=world.desk.reader(world("dedi")))
    assert [hit.letter.id for hit in found.hits] == [letter.id]


def test_number_and_code_stand_in_the_page(world: World) -> None:
    case = world.desk.get(world.signed(), person=world("citra"))
    with world.desk.pdf(case.id, person=world("citra")) as file:
        pdf = file.read()
    image = Image.open(io.BytesIO(page_png(pdf, width=1600)))
    (code,) = zxingcpp.read_barcodes(image)
    assert case.letter.upper() in code.text
    from pypdf import PdfReader

    assert PdfReader(io.BytesIO(pdf)).pages[0].extract_text().count(case.body["number"]) == 2


def test_the_drafter_gives_no_paraf(world: World) -> None:
    case = world.desk.draft(world.draft(), actor=world("bambang"))
    world.desk.submit(case.id, actor=world("bambang"))
    with pytest.raises(NotAllowed, match="does not give it a paraf as well"):
        world.desk.paraf(case.id, actor=world("bambang"))


def test_what_is_lacking_is_named_before_a_number_is_taken(world: World) -> None:
    bare = world.draft(subject=" ", to=[], content={})
    case = world.desk.draft(bare, actor=world("citra"))
    with pytest.raises(FieldsMissing) as caught:
        world.desk.submit(case.id, actor=world("citra"))
    assert caught.value.fields["missing"] == ("subject", "to", "content.paragraphs")
    assert world.desk.get(case.id, person=world("citra")).state == "draft"
    assert not [each for each in world.office.letters() if world.suffix in each.number]


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"kind": "surat-cinta"}, "no kind of letter"),
        ({"chain": ["KABAG", "KABAG"]}, "twice"),
        ({"chain": ["SEKDA"]}, "twice"),
        ({"signing_for": ["KADIS"]}, "one level down"),
        ({"signing_for": ["WALIKOTA", "WALIKOTA"]}, "one level down"),
        ({"secrecy": "X"}, "secrecy"),
        ({"to": "DISKOMINFO"}, "one text"),
    ],
)
def test_a_draft_that_could_never_be_signed_is_refused(
    world: World, changes: dict[str, Any], match: str
) -> None:
    told = {
        name: [world(each) for each in value] if isinstance(value, list) else value
        for name, value in changes.items()
    }
    with pytest.raises(InvalidInput, match=match):
        world.desk.draft(world.draft(**told), actor=world("citra"))


def test_a_secret_letter_passes_only_those_who_may_see_it(world: World) -> None:
    with pytest.raises(NotAllowed, match="above the clearance"):
        world.desk.draft(world.draft(secrecy="R"), actor=world("citra"))


def test_two_who_act_at_once(world: World) -> None:
    case = world.desk.draft(world.draft(), actor=world("citra"))
    world.desk.submit(case.id, actor=world("citra"))
    world.desk.paraf(case.id, actor=world("bambang"), version=2)
    with pytest.raises(CaseChanged):
        world.desk.give_back(case.id, actor=world("bambang"), reason="x", version=2)
    with pytest.raises(NotAllowed):
        world.desk.paraf(case.id, actor=world("bambang"))


def test_a_repeated_call_is_done_once(world: World) -> None:
    one = world.desk.draft(world.draft(), actor=world("citra"), key=world("a"))
    assert world.desk.draft(world.draft(), actor=world("citra"), key=world("a")) == one
    with pytest.raises(KeyConflict):
        world.desk.draft(world.draft(subject="Lain"), actor=world("citra"), key=world("a"))
    world.desk.submit(one.id, actor=world("citra"), key=world("b"))
    assert world.desk.submit(one.id, actor=world("citra"), key=world("b")).state == "paraf"


def test_a_letter_is_withdrawn_until_it_is_signed(world: World) -> None:
    case = world.passed()
    with pytest.raises(FieldsMissing):
        world.desk.withdraw(case, actor=world("citra"), reason="")
    with pytest.raises(NotAllowed):
        world.desk.withdraw(case, actor=world("agus"), reason="tidak perlu")
    assert world.desk.withdraw(case, actor=world("citra"), reason="tidak perlu").ended
    with pytest.raises(StepNotPossible):
        world.desk.sign(case, actor=world("ratna"), signer=world.signer)
    other = world.signed()
    with pytest.raises(StepNotPossible, match="Possible are: send, archive, void"):
        world.desk.withdraw(other, actor=world("citra"), reason="tidak perlu")


def test_a_void_letter_does_not_verify(world: World) -> None:
    arrived = world.arrived()
    (case,) = world.desk.work(world("ratna"), Listing(which="sent")).cases
    with pytest.raises(NotAllowed):
        world.desk.void(case.id, actor=world("citra"), reason="salah alamat")
    world.desk.void(case.id, actor=world("ratna"), reason="salah alamat")
    world.desk.void(case.id, actor=world("ratna"), reason="salah alamat")
    with pytest.raises(NotAllowed):
        world.desk.void(case.id, actor=world("citra"), reason="salah alamat")
    letter = world.office.get(case.letter)
    assert (letter.state, letter.void_reason) == (sipadek.State.VOID, "salah alamat")
    there = world.desk.get(arrived, person=world("fajar"))
    assert (there.state, there.holder) == ("void", "")
    assert world.desk.timeline(arrived, person=world("fajar"))[-1].reason == "salah alamat"
    with pytest.raises(StepNotPossible):
        world.desk.register(arrived, actor=world("fajar"))


def test_a_letter_that_does_not_verify_gets_no_agenda_number(world: World) -> None:
    arrived = world.arrived()
    letter = world.desk.get(arrived, person=world("fajar")).letter
    world.office.void(letter, reason="tanpa perkara")
    with pytest.raises(LetterVoid):
        world.desk.register(arrived, actor=world("fajar"))
    assert world.desk.get(arrived, person=world("fajar")).state == "received"


def test_a_stand_in_signs_in_the_place_of_who_is_absent(
    kantor: sipadek.Office, signer: sipadek.KeySigner
) -> None:
    n = f"-{World.count + 1}"
    plain = city(n)
    day = NOW.date()
    absent = Holding(person="agus" + n, post="SEKDA" + n, since=day, until=day, capacity="plh")
    world = World(kantor, signer, holdings=[*plain.holdings, absent])
    case = world.passed()
    with pytest.raises(NotAllowed):
        world.desk.sign(case, actor=world("ratna"), signer=signer)
    signed = world.desk.sign(case, actor=world("agus"), signer=signer)
    assert signed.body["sheet"]["signature"]["lines"] == ["Plh. SEKRETARIS DAERAH,"]


# --- interrupted ----------------------------------------------------------------------------------


class Failing:
    """A signer that fails so many times."""

    def __init__(self, signer: sipadek.KeySigner, times: int) -> None:
        self._signer, self._left = signer, times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._signer, name)

    def sign_many(self, *arguments: Any) -> Any:
        self._left -= 1
        if self._left >= 0:
            raise SigningError("token tidak terpasang")
        return self._signer.sign_many(*arguments)


def test_a_signer_that_fails_keeps_the_number(world: World) -> None:
    case = world.passed()
    failing: Any = Failing(world.signer, 1)
    with pytest.raises(SigningError):
        world.desk.sign(case, actor=world("ratna"), signer=failing)
    waiting = world.desk.get(case, person=world("ratna"))
    assert (waiting.state, waiting.holder) == ("signing", world("SEKDA"))
    with pytest.raises(StepNotPossible):
        world.desk.withdraw(case, actor=world("citra"), reason="x")
    signed = world.desk.sign(case, actor=world("ratna"), signer=failing)
    assert signed.body["number"].startswith("000.1.5/0001/")


def test_a_number_that_was_tidied_up_is_followed_by_another(world: World) -> None:
    case = world.passed()
    failing: Any = Failing(world.signer, 1)
    with pytest.raises(SigningError):
        world.desk.sign(case, actor=world("ratna"), signer=failing)
    world.office.recover(older_than=datetime.timedelta(seconds=-1))
    with pytest.raises(NumberVoid):
        world.desk.sign(case, actor=world("ratna"), signer=world.signer)
    assert world.desk.get(case, person=world("ratna")).state == "signature"
    signed = world.desk.sign(case, actor=world("ratna"), signer=world.signer)
    assert signed.body["number"].startswith("000.1.5/0002/")


def test_personal_data_are_erased_by_whoever_may(
    kantor: sipadek.Office, signer: sipadek.KeySigner
) -> None:
    world = World(kantor, signer, grants=[*GRANTS, Grant(role="pimpinan", action="case.erase")])
    case = world.desk.draft(world.draft(), actor=world("citra"))
    with pytest.raises(NotAllowed):
        world.desk.erase(case.id, actor=world("citra"), reason="masa simpan habis")
    erased = world.desk.erase(case.id, actor=world("ratna"), reason="masa simpan habis")
    assert (erased.state, erased.personal) == ("draft", {})


def test_an_interruption_after_filing_is_taken_up(world: World, monkeypatch: Any) -> None:
    case = world.passed()
    record = Correspondence._outgoing

    def interrupted(self: Correspondence, command: Any) -> Any:
        if command.action == "finish":
            raise KeyboardInterrupt
        return record(self, command)

    with monkeypatch.context() as patch:
        patch.setattr(Correspondence, "_outgoing", interrupted)
        with pytest.raises(KeyboardInterrupt):
            world.desk.sign(case, actor=world("ratna"), signer=world.signer)
    with pytest.raises(NotAllowed):
        world.desk.sign(case, actor=world("citra"), signer=world.signer)
    signed = world.desk.sign(case, actor=world("ratna"), signer=world.signer)
    numbers = [each.number for each in world.office.letters() if world.suffix + "/" in each.number]
    assert numbers == [signed.body["number"]]


def test_a_letter_that_cannot_be_stamped_goes_back_to_be_signed(
    world: World, monkeypatch: Any
) -> None:
    case = world.passed()
    with monkeypatch.context() as patch:
        patch.setattr(PlainTypesetter, "typeset", lambda self, sheet: scan("tanpa tempat"))
        with pytest.raises(InvalidInput, match="stands on none"):
            world.desk.sign(case, actor=world("ratna"), signer=world.signer)
    back = world.desk.get(case, person=world("ratna"))
    assert (back.state, back.body["attempt"]) == ("signature", 1)
    assert world.desk.timeline(case, person=world("ratna"))[-1].reason.startswith("invalid-input")
    assert world.desk.sign(case, actor=world("ratna"), signer=world.signer).state == "signed"


# --- in -------------------------------------------------------------------------------------------

PAPER: dict[str, Any] = {
    "sender": "Kantor Wilayah Contoh",
    "number": "W1/25/2026",
    "date": datetime.date(2026, 11, 20),
    "subject": "Undangan rapat koordinasi",
}


def test_a_scan_is_registered_and_noticed_when_it_comes_again(world: World) -> None:
    told = PAPER | {"unit": world("DISKOMINFO"), "actor": world("fajar")}
    one = scan("Undangan" + world.suffix)
    case = world.desk.receive(one, **told, key=world("scan"))
    assert (case.state, case.body["agenda"]) == ("registered", f"1/DISKOMINFO{world.suffix}/2026")
    assert case.holder == world("KADIS")
    assert world.desk.receive(one, **told, key=world("scan")) == case
    with world.office.original(case.letter) as file:
        assert file.read() == one
    with pytest.raises(DuplicateLetter, match="same bytes") as caught:
        world.desk.receive(io.BytesIO(one), **told)
    assert caught.value.fields["case"] == case.id
    again = told | {"sender": "KANTOR wilayah  Contoh"}
    with pytest.raises(DuplicateLetter, match="same sender, number and date"):
        world.desk.receive(scan("lain"), **again)
    other = world.desk.receive(scan("lain"), **again, reason="salinan asli menyusul")
    assert other.body["duplicate_of"] == case.id
    assert other.body["agenda"] == f"2/DISKOMINFO{world.suffix}/2026"
    elsewhere = told | {"unit": world("SETDA"), "actor": world("dedi")}
    assert world.desk.receive(one, **elsewhere).state == "registered", "another unit's own agenda"


def test_what_is_no_pdf_opens_no_case(world: World) -> None:
    with pytest.raises(NotAPdf):
        world.desk.receive(b"JFIF", **PAPER, unit=world("SETDA"), actor=world("dedi"))
    assert world.desk.work(world("dedi")).total == 0


def test_disposisi_over_two_levels(world: World) -> None:
    arrived = world.arrived()
    registered = world.desk.register(arrived, actor=world("fajar"))
    assert registered.body["agenda"] == f"1/DISKOMINFO{world.suffix}/2026"
    due = NOW + datetime.timedelta(days=2)
    ask = {"note": "siapkan bahan", "due": due}
    with pytest.raises(InvalidInput, match="own unit"):
        world.desk.dispose(arrived, actor=world("eka"), to=[world("KABAG")], **ask)
    world.desk.dispose(arrived, actor=world("eka"), to=[world("KABID")], **ask)
    (first,) = world.desk.work(world("gita")).cases
    assert (first.parent, first.due_at, first.letter) == (arrived, due, registered.letter)
    world.desk.read(first.id, actor=world("gita"))
    world.desk.dispose(
        first.id, actor=world("gita"), to=[world("PRANATA")], instructions=["Proses lebih lanjut"]
    )
    with pytest.raises(StepNotPossible, match="have not reported"):
        world.desk.report(first.id, actor=world("gita"), report="selesai")
    with pytest.raises(StepNotPossible, match="1 disposisi"):
        world.desk.close(arrived, actor=world("eka"))
    late = Listing(which="overdue", at=due + datetime.timedelta(1))
    assert [case.id for case in world.desk.work(world("eka"), late).cases] == [first.id]
    (second,) = world.desk.work(world("hadi")).cases
    with world.desk.pdf(second.id, person=world("hadi")) as file:
        assert file.read(5) == b"%PDF-"
    with pytest.raises(NotAllowed):
        world.desk.recall(second.id, actor=world("eka"), reason="x")
    world.desk.report(second.id, actor=world("hadi"), report="grafik dibuat")
    world.desk.report(first.id, actor=world("gita"), report="bahan siap")
    assert world.desk.close(arrived, actor=world("eka")).ended
    both = world.desk.disposisi_of(arrived, person=world("eka"))
    assert [each.body["report"] for each in both] == ["bahan siap", "grafik dibuat"]
    assert world.desk.sheet(arrived, person=world("eka")).startswith(b"%PDF-")
    assert [step.kind for step in world.desk.timeline(first.id, person=world("gita"))] == [
        "disposisi.given", "disposisi.read", "disposisi.forwarded", "disposisi.reported",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"to": []}, "to"),
        ({"to": ["KABID", "KABID"]}, "different posts"),
        ({"note": "", "instructions": []}, "asks for something"),
        ({"instructions": ["Bakar"]}, "no instruction"),
        ({"due": NOW}, "which is over"),
        ({"to": ["KADIS"]}, "own unit"),
    ],
)
def test_a_disposisi_that_asks_for_nothing_sensible(
    world: World, changes: dict[str, Any], match: str
) -> None:
    told = PAPER | {"unit": world("DISKOMINFO"), "actor": world("fajar")}
    case = world.desk.receive(scan(), **told)
    ask: dict[str, Any] = {"to": ["KABID"], "note": "ya"} | changes
    ask["to"] = [world(each) for each in ask["to"]]
    with pytest.raises((InvalidInput, FieldsMissing), match=match):
        world.desk.dispose(case.id, actor=world("eka"), **ask)


def test_a_letter_to_the_wrong_unit_and_a_disposisi_taken_back(world: World) -> None:
    wrong = world.arrived()
    assert world.desk.refuse(wrong, actor=world("fajar"), reason="bukan untuk kami").ended
    with pytest.raises(StepNotPossible):
        world.desk.register(wrong, actor=world("fajar"))
    told = PAPER | {"unit": world("DISKOMINFO"), "actor": world("fajar")}
    case = world.desk.receive(scan(), **told)
    world.desk.dispose(case.id, actor=world("eka"), to=[world("KABID")], note="ya")
    (given,) = world.desk.work(world("gita")).cases
    assert world.desk.recall(given.id, actor=world("eka"), reason="sudah ditangani").ended
    assert world.desk.close(case.id, actor=world("eka")).state == "closed"


def test_no_one_sees_what_they_may_not(world: World) -> None:
    case = world.desk.draft(world.draft(), actor=world("citra"))
    for stranger in ("gita", "fajar", "hadi"):
        with pytest.raises(NotFound):
            world.desk.get(case.id, person=world(stranger))
        assert world.desk.work(world(stranger), Listing(which="all")).total == 0
    told = PAPER | {"unit": world("DISKOMINFO"), "actor": world("fajar"), "secrecy": "R"}
    with pytest.raises(NotAllowed, match="above the clearance"):
        world.desk.receive(scan(), **told)
    with pytest.raises(NotFound):
        world.desk.work("siapa")


def test_a_preview_takes_no_number(world: World) -> None:
    case = world.desk.draft(world.draft(), actor=world("citra"))
    image = world.desk.preview(case.id, person=world("citra"), width=300)
    assert image.startswith(b"\x89PNG")
    assert not [each for each in world.office.letters() if world.suffix in each.number]


def test_an_agenda_that_is_not_there(kantor: sipadek.Office) -> None:
    with pytest.raises(NotFound):
        kantor.correspondence(city(), **DESK | {"agenda": "tidak-ada"})


def test_a_secret_letter_goes_to_those_alone_who_may_see_it(
    kantor: sipadek.Office, signer: sipadek.KeySigner
) -> None:
    plain = city(f"-{World.count + 1}")
    posts = [
        post if post.code.startswith("KABID") else attrs.evolve(post, clearance="R")
        for post in plain.posts
    ]
    world = World(kantor, signer, posts=posts)
    arrived = world.arrived(secrecy="R")
    world.desk.register(arrived, actor=world("fajar"))
    with pytest.raises(NotAllowed, match="may not see letters of secrecy R"):
        world.desk.dispose(arrived, actor=world("eka"), to=[world("KABID")], note="ya")
    world.desk.dispose(arrived, actor=world("eka"), to=[world("PRANATA")], note="ya")
    assert world.desk.work(world("hadi")).total == 1
    assert world.desk.work(world("gita"), Listing()).total == 0
    letter = world.desk.get(arrived, person=world("eka")).letter
    for person, seen in (("dedi", 1), ("gita", 0)):
        found = kantor.search("daftar aplikasi", viewer=world.desk.reader(world(person)))
        assert sum(hit.letter.id == letter for hit in found.hits) == seen

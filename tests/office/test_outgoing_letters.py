"""Outgoing letters through the front door, and what holds when something goes wrong."""

from __future__ import annotations

import datetime
import io
from typing import Any

import pytest
import zxingcpp
from desk_world import PlainTypesetter, World, city
from PIL import Image

import sipadek
from sipadek.correspondence import GRANTS
from sipadek.errors import (
    CaseChanged,
    FieldsMissing,
    InvalidInput,
    KeyConflict,
    LetterVoid,
    NotAllowed,
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


def test_a_letter_to_a_unit_that_nobody_takes_letters_in_for_is_not_submitted(world: World) -> None:
    case = world.desk.draft(world.draft(copies=[world("KOTA")]), actor=world("citra"))
    with pytest.raises(NotFound, match="no post that may do incoming"):
        world.desk.submit(case.id, actor=world("citra"))


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

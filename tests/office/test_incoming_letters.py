"""Incoming letters and their disposisi, through the front door."""

from __future__ import annotations

import datetime
import io
from typing import Any

import attrs
import pytest
from desk_world import DESK, World, city

import sipadek
from sipadek.errors import (
    DuplicateLetter,
    FieldsMissing,
    InvalidInput,
    NotAllowed,
    NotAPdf,
    NotFound,
    StepNotPossible,
)
from sipadek.office.correspondence import Correspondence
from sipadek.sql import Listing
from sipadek.testing.pdfs import PdfRecipe, build

NOW = datetime.datetime(2026, 11, 24, 3, 0, tzinfo=datetime.UTC)


@pytest.fixture
def world(kantor: sipadek.Office, signer: sipadek.KeySigner) -> World:
    return World(kantor, signer)


def scan(text: str = "Undangan rapat") -> bytes:
    return build(PdfRecipe(texts=(text,)))


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


def test_an_agenda_number_nobody_wants_any_more_is_void(world: World, monkeypatch: Any) -> None:
    arrived = world.arrived()
    take = Correspondence._agenda_number

    def refused_meanwhile(self: Correspondence, *arguments: Any) -> Any:
        letter = take(self, *arguments)
        self.refuse(arrived, actor=world("fajar"), reason="bukan untuk kami")
        return letter

    monkeypatch.setattr(Correspondence, "_agenda_number", refused_meanwhile)
    with pytest.raises(StepNotPossible):
        world.desk.register(arrived, actor=world("fajar"))
    letter = world.office.get(f"1/DISKOMINFO{world.suffix}/2026")
    assert (letter.state, letter.void_reason) == (
        sipadek.State.VOID,
        "surat tidak jadi diagendakan",
    )


def test_a_number_taken_before_an_interruption_is_the_agenda_number(
    world: World, monkeypatch: Any
) -> None:
    arrived = world.arrived()
    with monkeypatch.context() as patch:
        patch.setattr(Correspondence, "_incoming", lambda self, command: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            world.desk.register(arrived, actor=world("fajar"))
    assert world.desk.register(arrived, actor=world("fajar")).body["agenda"].startswith("1/")


def test_a_draft_waits_until_it_can_go(kantor: sipadek.Office, signer: sipadek.KeySigner) -> None:
    n = f"-{World.count + 1}"
    plain = city(n)
    world = World(
        kantor, signer,
        posts=[
            attrs.evolve(post, clearance="R") if post.code == "STAF" + n else post
            for post in plain.posts
        ],
        holdings=[one for one in plain.holdings if one.post not in ("SEKDA" + n, "KABID" + n)],
    )  # fmt: skip
    secret = world.desk.draft(world.draft(secrecy="R"), actor=world("citra"))
    with pytest.raises(InvalidInput, match="may not see letters of secrecy R"):
        world.desk.submit(secret.id, actor=world("citra"))
    vacant = world.desk.draft(world.draft(), actor=world("citra"))
    with pytest.raises(InvalidInput, match="Nobody holds SEKDA"):
        world.desk.submit(vacant.id, actor=world("citra"))
    line = [*map(world, ("WALIKOTA", "SEKDA", "ASISTEN"))]
    long = world.draft(signatory=world("KABAG"), signing_for=line, chain=[])
    with pytest.raises(InvalidInput, match="two posts at most"):
        world.desk.draft(long, actor=world("citra"))
    told = PAPER | {"unit": world("DISKOMINFO"), "actor": world("fajar")}
    case = world.desk.receive(scan("vacant"), **told)
    with pytest.raises(InvalidInput, match="Nobody holds KABID"):
        world.desk.dispose(case.id, actor=world("eka"), to=[world("KABID")], note="ya")


def test_a_disposisi_that_went_on_is_recalled_from_its_end(world: World) -> None:
    told = PAPER | {"unit": world("DISKOMINFO"), "actor": world("fajar")}
    case = world.desk.receive(scan("recall"), **told)
    world.desk.dispose(case.id, actor=world("eka"), to=[world("KABID")], note="ya")
    (given,) = world.desk.work(world("gita")).cases
    world.desk.dispose(given.id, actor=world("gita"), to=[world("PRANATA")], note="ya")
    with pytest.raises(StepNotPossible, match="from them first"):
        world.desk.recall(given.id, actor=world("eka"), reason="x")

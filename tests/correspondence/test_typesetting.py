"""Letters set with Typst: PDF/A-2b, a place for number and stamp, a city's own templates."""

from __future__ import annotations

import datetime
import io
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from sipadek.correspondence import (
    GRANTS,
    KINDS,
    NUMBER_TAG,
    STAMP_TAG,
    Draft,
    TypstTypesetter,
    compose,
    signature_lines,
    typesetting,
)
from sipadek.correspondence.drafting import check_complete
from sipadek.errors import FieldsMissing, InvalidInput, WorkerLost
from sipadek.people import Capacity, Organisation, Standing, load_organisation

DAY = datetime.date(2026, 11, 3)
PLACE = Path(__file__).parent.parent.parent / "examples" / "kota-contoh.toml"
CONTENT: dict[str, dict[str, Any]] = {
    "surat-dinas": {"paragraphs": ["Mohon daftar aplikasi."]},
    "nota-dinas": {"paragraphs": ["Mohon daftar aplikasi."]},
    "undangan": {
        "opening": "Kami mengundang:",
        "day": "Senin",
        "time": "09.00",
        "venue": "Balai",
        "agenda": "Rapat",
    },
    "surat-tugas": {
        "basis": ["Peraturan."],
        "assignees": [[["Nama", "Gita Contoh"]]],
        "tasks": ["Hadir.", "Lapor."],
    },
    "surat-keterangan": {"rows": [["Nama", "Siti Contoh"]], "statement": "Benar warga kami."},
    "keputusan": {
        "considering": ["bahwa perlu."],
        "recalling": ["Undang-Undang."],
        "decisions": ["Satu.", "Dua."],
    },
}


@pytest.fixture(scope="module")
def city() -> Organisation:
    return attrs.evolve(load_organisation(PLACE), grants=GRANTS)


def sheet(city: Organisation, kind: str = "surat-dinas", **changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "kind": kind,
        "unit": "SETDA",
        "subject": "Daftar Aplikasi",
        "signatory": "SEKDA",
        "to": ["DISKOMINFO", "Ketua RT 05"],
        "copies": ["Arsip"],
        "signing_for": ["WALIKOTA"],
        "content": CONTENT[kind],
    }
    (standing,) = city.holders("SEKDA", DAY)
    return compose(
        Draft(**values | changes), city, KINDS, on=DAY, standing=standing, number_like="1/2/3"
    )


def text_of(pdf: bytes) -> str:
    return " ".join(
        "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split()
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_set(city: Organisation, kind: str) -> None:
    pdf = TypstTypesetter().typeset(sheet(city, kind))
    reader = PdfReader(io.BytesIO(pdf))
    metadata = reader.trailer["/Root"]["/Metadata"].get_data()
    assert b"<pdfaid:part>2<" in metadata
    assert b"<pdfaid:conformance>B<" in metadata
    fonts = [
        font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()
    ]
    for font in fonts:
        (descendant,) = font["/DescendantFonts"]
        assert {"/FontFile2", "/FontFile3"} & set(
            descendant.get_object()["/FontDescriptor"].get_object()
        )
    text = text_of(pdf)
    assert text.count(NUMBER_TAG) == text.count(STAMP_TAG) == 1
    for words in (
        "PEMERINTAH KOTA CONTOH",
        "Ratna Contoh, S.H., M.Si.",
        "3 November 2026",
        "SEKRETARIS DAERAH,",
    ):
        assert words in text
    assert set(CONTENT) == set(KINDS)


def test_the_same_sheet_gives_the_same_bytes(city: Organisation) -> None:
    setter = TypstTypesetter()
    assert setter.typeset(sheet(city)) == setter.typeset(sheet(city))
    assert setter.typeset(sheet(city)) != setter.typeset(sheet(city, subject="Lain"))


def test_what_people_write_is_text_and_no_markup(city: Organisation) -> None:
    odd = '#panic("x") *tebal* $x$ \\ "kutip" <a> @b // ${lain}'
    text = text_of(TypstTypesetter().typeset(sheet(city, content={"paragraphs": [odd]})))
    assert "".join(odd.split()) in "".join(text.split())


def test_a_citys_own_templates_come_first(city: Organisation, tmp_path: Path) -> None:
    (tmp_path / "surat-dinas.typ").write_text(
        '#import "dasar.typ": *\n#show: base\nMILIK KOTA #letter.subject'
    )
    setter = TypstTypesetter(tmp_path)
    assert "MILIK KOTA Daftar Aplikasi" in text_of(setter.typeset(sheet(city)))
    assert "NOTA DINAS" in text_of(setter.typeset(sheet(city, "nota-dinas")))
    (tmp_path / "surat-dinas.typ").write_text("#letter.nothing")
    with pytest.raises(InvalidInput, match="Typst cannot set the letter"):
        setter.typeset(sheet(city))
    with pytest.raises(InvalidInput, match="no template"):
        setter.typeset(sheet(city) | {"template": "../surat-dinas.typ"})
    (tmp_path / "surat-dinas.typ").write_text('#import "@preview/cetz:0.3.0": *')
    with pytest.raises(InvalidInput, match="from the network"):
        setter.typeset(sheet(city))


def test_a_template_sees_its_folder_only_and_has_an_end(
    city: Organisation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "surat-dinas.typ").write_text('#read("/../../etc/hostname")')
    with pytest.raises(InvalidInput):
        TypstTypesetter(tmp_path).typeset(sheet(city))
    endless = "#{ let n = 0; for a in range(100000) { for b in range(100000) { n = a * b } } }"
    (tmp_path / "surat-dinas.typ").write_text(endless)
    monkeypatch.setattr(typesetting, "SECONDS", 1)
    with pytest.raises(WorkerLost):
        TypstTypesetter(tmp_path).typeset(sheet(city))


# --- what stands in it ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signing_for", "signatory", "capacity", "lines"),
    [
        ([], "SEKDA", "definitif", ["SEKRETARIS DAERAH,"]),
        ([], "SEKDA", "plt", ["Plt. SEKRETARIS DAERAH,"]),
        (["WALIKOTA"], "SEKDA", "definitif", ["a.n. WALI KOTA CONTOH", "SEKRETARIS DAERAH,"]),
        (["WALIKOTA"], "SEKDA", "plh", ["a.n. WALI KOTA CONTOH", "Plh. SEKRETARIS DAERAH,"]),
        (
            ["WALIKOTA", "SEKDA"], "ASISTEN", "definitif",
            ["a.n. WALI KOTA CONTOH", "SEKRETARIS DAERAH,", "u.b.", "ASISTEN ADMINISTRASI UMUM,"],
        ),
    ],
)  # fmt: skip
def test_the_signature_block(
    city: Organisation, signing_for: list[str], signatory: str, capacity: str, lines: list[str]
) -> None:
    standing = Standing(
        person=city.person("ratna"), post=city.post(signatory), capacity=Capacity(capacity)
    )
    assert signature_lines(signing_for, standing, city) == lines


def test_recipients_are_called_by_who_heads_them(city: Organisation) -> None:
    made = sheet(city, to=["DISKOMINFO", "KOTA", "Ketua RT 05"])
    assert made["to"] == [
        "Kepala Dinas Komunikasi dan Informatika", "Pemerintah Kota Contoh", "Ketua RT 05",
    ]  # fmt: skip
    assert made["place"] == "Contoh"


@given(kind=st.sampled_from(sorted(KINDS)), data=st.data())
def test_exactly_what_is_lacking_is_named(
    city: Organisation, kind: str, data: st.DataObject
) -> None:
    needed = KINDS[kind].needs
    gone = data.draw(st.sets(st.sampled_from([*needed, "to", "subject"])))
    content = {name: value for name, value in CONTENT[kind].items() if name not in gone}
    draft = Draft(
        kind=kind,
        unit="SETDA",
        subject="" if "subject" in gone else "Hal",
        signatory="SEKDA",
        to=[] if "to" in gone else ["DISKOMINFO"],
        content=content,
    )
    wanted = {name if name == "subject" else f"content.{name}" for name in gone - {"to"}}
    if "to" in gone and KINDS[kind].addressed:
        wanted.add("to")
    if not wanted:
        check_complete(draft, KINDS, city)
        return
    with pytest.raises(FieldsMissing) as caught:
        check_complete(draft, KINDS, city)
    assert set(caught.value.fields["missing"]) == wanted


@given(
    st.builds(
        Draft,
        kind=st.sampled_from(sorted(KINDS)),
        unit=st.text(),
        subject=st.text(),
        signatory=st.text(),
        chain=st.lists(st.text()),
        to=st.lists(st.text()),
        secrecy=st.sampled_from(["B", "T", "R", "SR"]),
        content=st.dictionaries(st.text(), st.lists(st.text())),
    )
)
def test_a_draft_is_kept_as_it_is(draft: Draft) -> None:
    assert Draft.of(draft.body()) == draft

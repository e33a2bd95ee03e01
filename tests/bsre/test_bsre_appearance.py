"""One way to say where a signature stands, for two versions that count from different corners."""

from __future__ import annotations

import math

import pytest
from bsre_signers import NIK, NOW, make_signer
from hypothesis import given
from hypothesis import strategies as st

from sipadek.bsre import Appearance, BsreV1, BsreV2, Connection
from sipadek.bsre.appearance import from_top
from sipadek.errors import InvalidInput, SigningRefused
from sipadek.pdf import Document, find_text
from sipadek.pdf.geometry import transform_box
from sipadek.pdf.pages import geometry
from sipadek.signing import sign_remotely
from sipadek.testing.authority import Authority
from sipadek.testing.pdfs import PdfRecipe, build

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
lengths = st.floats(1, 500)


def widget(pdf: bytes, page: int) -> tuple[float, ...]:
    """The last annotation of a page, in points of the page as displayed."""
    document = Document.open(pdf)
    found = [each for _, each in document.pages()][page - 1]
    annotation = document.dictionary(document.array(found[b"Annots"])[-1])
    rect = tuple(float(each) for each in document.array(annotation[b"Rect"]))
    return transform_box(geometry(document, found).to_displayed, rect)  # type: ignore[arg-type]


@pytest.mark.parametrize("rotate", [0, 90])
@pytest.mark.parametrize("page", [1, 2, "first", "last"])
@pytest.mark.parametrize("page_height", [None, 0])
def test_both_versions_put_it_on_the_same_place(
    authority: Authority, connection: Connection, rotate: int, page: object, page_height: object
) -> None:
    pdf = build(PdfRecipe(pages=2, rotate=rotate, crop_box=(10, 20, 500, 700)))
    height = 680 if rotate == 0 else 490
    shown = Appearance(
        page=page,  # type: ignore[arg-type]
        at=(30, 40.5),
        width=120,
        height=60,
        image=PNG,
        page_height=None if page_height is None else height,
    )
    number = {"first": 1, "last": 2}.get(page, page)  # type: ignore[call-overload]
    for version in (BsreV1, BsreV2):
        signer = make_signer(authority, version(connection), appearance=shown)
        signed = pdf + sign_remotely(pdf, signer, at=NOW).tail
        assert widget(signed, number) == pytest.approx((30, 40.5, 150, 100.5))


def test_a_tag(authority: Authority, connection: Connection) -> None:
    pdf = build(PdfRecipe(texts=("Lurah # Legok",)))
    (tag,) = find_text(pdf, "#", [0])[0]
    shown = Appearance(page=1, tag="#", width=40, height=20, image=PNG)
    for version in (BsreV1, BsreV2):
        signer = make_signer(authority, version(connection), appearance=shown)
        left, bottom, right, top = widget(pdf + sign_remotely(pdf, signer, at=NOW).tail, 1)
        assert (left + right) / 2 == pytest.approx((tag[0] + tag[2]) / 2, abs=0.01)
        assert (bottom + top) / 2 == pytest.approx((tag[1] + tag[3]) / 2, abs=0.01)
        missing = Appearance(page=1, tag="~", width=40, height=20, image=PNG)
        with pytest.raises(SigningRefused, match="tidak ditemukan"):
            sign_remotely(
                pdf, make_signer(authority, version(connection), appearance=missing), at=NOW
            )


def test_a_code_of_the_service_in_version_1_only(
    authority: Authority, connection: Connection, pdf: bytes
) -> None:
    shown = Appearance(at=(20, 20), link="https://kota.example/v/1")
    assert sign_remotely(
        pdf, make_signer(authority, BsreV1(connection), appearance=shown), at=NOW
    ).tail
    with pytest.raises(InvalidInput):
        sign_remotely(pdf, make_signer(authority, BsreV2(connection), appearance=shown), at=NOW)


@given(y=lengths, height=lengths, page_height=st.floats(1000, 2000))
def test_counting_from_the_other_edge_twice_is_where_one_began(
    y: float, height: float, page_height: float
) -> None:
    there = from_top(y, height, page_height)
    assert there + height + y == pytest.approx(page_height)
    assert from_top(there, height, page_height) == pytest.approx(y, abs=1e-6)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"at": (1, 1)},
        {"at": (1, 1), "tag": "#", "image": PNG},
        {"tag": "##", "image": PNG},
        {"tag": " ", "image": PNG},
        {"at": (1, 1), "image": PNG, "link": "x"},
        {"at": (1, 1), "image": b"GIF89a"},
        {"at": (-1, 1), "image": PNG},
        {"at": (1, math.nan), "image": PNG},
        {"at": (1, 1), "image": PNG, "width": 0},
        {"at": (1, 1), "image": PNG, "page_height": math.inf},
        {"at": (1, 1), "image": PNG, "page": 0},
        {"at": (1, 1), "image": PNG, "page": "tengah"},
    ],
    ids=str,
)
def test_what_does_not_go_together_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        Appearance(**wrong)  # type: ignore[arg-type]


def test_a_place_off_the_page_is_refused(connection: Connection, pdf: bytes) -> None:
    service = BsreV2(connection)
    for wrong in (
        Appearance(page=1, at=(0, 900), image=PNG),
        Appearance(page=9, at=(0, 0), image=PNG),
    ):
        with pytest.raises(InvalidInput):
            service.sign(pdf, NIK, passphrase="x", appearance=wrong)

"""How an office stamps its letters, and the drawing of stamp and marks on one letter."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from typing import Literal
from urllib.parse import quote

import attrs
from cryptography import x509
from cryptography.x509.oid import NameOID

from sipadek.archive import Letter
from sipadek.errors import ChangeForbidden, InvalidInput, StampError
from sipadek.naskah import date_text
from sipadek.pdf import PlacedForm, Ref, Revision, Sights, pdfa_part, signatures
from sipadek.pdf.geometry import Box, PageGeometry, transform_box
from sipadek.signing import DocumentSigner, Signer, Widget, split_signer
from sipadek.signing.verifying.fields import MOST_OF_A_PAGE
from sipadek.stamping import (
    STAMP_HEIGHT,
    STAMP_WIDTH,
    Mark,
    Marking,
    Placement,
    Stamp,
    Which,
    beside,
    chosen_tags,
    draw,
    find_free,
    place,
    selected,
)

SIGNED_FOOTER = (
    "Dokumen ini ditandatangani secara elektronik. Keasliannya diperiksa pada berkas PDF-nya;"
    " kode QR saja bukan tanda tangan elektronik."
)
STAMPED_FOOTER = "Naskah ini tercatat dalam register. Kode QR ini bukan tanda tangan elektronik."
_MOST_OF_A_PAGE = 0.9 * MOST_OF_A_PAGE  # numbers in the PDF are rounded
_A4 = PageGeometry((0.0, 0.0, 595.0, 842.0))
_NOTHING = b"/Type/XObject/Subtype/Form/BBox[0 0 0 0]"
_DIGIT = re.compile(r"\d")


def _marks(value: Iterable[Mark]) -> tuple[Mark, ...]:
    return tuple(value)


@attrs.frozen(kw_only=True)
class StampStyle:
    """How an office stamps.

    ``anchors`` are places as `sipadek.stamping.place` names them: the first that is clear of the page's
    annotations is taken, or else the first. With ``free`` the stamp goes where nothing is, measured as
    `sipadek.stamping.find_free` describes. On a PDF that is signed already it always does, since a
    signature that covers what was signed is not good without a person's look; where nothing is free
    there, the letter's signature does not show. With a ``tag`` it goes to
    where that text stands, ``offset`` points to the right and up; ``nth`` says which of its places.
    ``page`` is the page, such as first or last; with a tag it may be several, on which the tag is looked
    for. ``margin`` is in points.

    ``verify_url`` comes before the letter's id in the QR code; where it is empty the code holds number,
    id and digest as text. The footers stand on signed and on merely stamped letters.

    ``stamp`` false leaves the stamp out: a letter is then only signed, invisibly, which is all that a
    certified PDF takes. ``marks`` are drawn on every letter in the same revision as the stamp; their
    texts may hold ``{nomor}`` and ``{tanggal}``. A PDF that is signed already takes none.

    ``untouched`` is for letters that come from elsewhere as they are: nothing is drawn and nobody signs
    here. The revision has no object and only says which letter it is, so that earlier signatures keep
    what they say; the PDF may carry any.

    ``location`` (such as the town) and ``certify`` (1, 2 or 3) are said by the letter's signature, as
    `sipadek.Claim` has them. Certifying needs a signer whose key is here.
    """

    anchors: tuple[str, ...] = ("bottom-left", "bottom-right", "top-right", "top-left")
    margin: float = 18.0
    verify_url: str = ""
    signed_footer: str = SIGNED_FOOTER
    stamped_footer: str = STAMPED_FOOTER
    page: str = "first"
    tag: str = ""
    nth: Which = "only"
    offset: tuple[float, float] = (0.0, 0.0)
    free: bool = False
    stamp: bool = True
    marks: tuple[Mark, ...] = attrs.field(default=(), converter=_marks)
    location: str = ""
    certify: Literal[1, 2, 3] | None = None
    untouched: bool = False

    def __attrs_post_init__(self) -> None:
        if self.tag and self.free:
            raise InvalidInput("a stamp goes either to a tag or into free space; choose one")
        if self.untouched and (self.marks or self.certify is not None):
            raise InvalidInput("an untouched letter takes no marks and no certifying signature")
        if self.nth == "every":
            raise InvalidInput("a letter has one stamp; say which place of the tag (nth) is meant")
        if not self.anchors:
            raise InvalidInput("anchors is empty; give at least one place, such as 'bottom-left'")
        if self.certify not in (None, 1, 2, 3):
            raise InvalidInput(f"certify is {self.certify!r}; give 1, 2 or 3, or None")
        for anchor in self.anchors:  # refuses one that is not there, and a margin that is none
            place(_A4, STAMP_WIDTH, STAMP_HEIGHT, anchor=anchor, margin=self.margin)

    @property
    def visible(self) -> bool:
        """Whether anything is drawn."""
        return not self.untouched and (self.stamp or bool(self.marks))

    @property
    def looks(self) -> bool:
        """Whether the page itself decides where something goes, or whether it can."""
        return bool(self.marks or self.tag or self.free) or self.page != "first"


def draw_letter(
    revision: Revision,
    letter: Letter,
    sights: Sights,
    *,
    style: StampStyle,
    signer: Signer | DocumentSigner | None,
) -> Widget:
    """Draw the letter's stamp and marks; what is left for the signature's, or the stamp's, annotation.

    The stamp is drawn on the page, where every viewer shows it. In a document with earlier signatures,
    on a page whose content is damaged, and where annotations would cover it, it is the appearance of
    the annotation instead.
    """
    if style.untouched:
        return _nothing_drawn(sights, signer)
    signed = any(signatures(revision.document))
    if signed and not style.tag:
        # A later signature that covers something has to be looked at by a person.
        style = attrs.evolve(style, free=True)
    if signed and style.marks:
        raise ChangeForbidden(
            "the PDF carries a signature, which marks on its pages would break; file it in a style"
            " without marks"
        )
    if not style.stamp and signer is None:
        raise InvalidInput("a letter without a stamp must be signed; give a signer, or a stamp")
    values = {"nomor": letter.number, "tanggal": date_text(letter.details.date)}
    marking = Marking(revision, [mark.filled(values) for mark in style.marks], sights)
    marking.draw_fixed()
    widget = _stamped(revision, marking, letter, sights, style, signer, on_page=not signed)
    marking.draw_free()
    marking.finish()
    if (
        widget.form is None
        and split_signer(signer)[0] is not None
        and pdfa_part(revision.document) == 1
    ):
        # PDFBox asks for one in PDF/A-1 (5.3.1), also of a field that does not show.
        widget = attrs.evolve(widget, form=revision.add_stream(_NOTHING, b""))
    return widget


def _nothing_drawn(sights: Sights, signer: Signer | DocumentSigner | None) -> Widget:
    if signer is not None:
        raise InvalidInput("a letter that stays untouched is not signed here; leave the signer out")
    return Widget(page=sights.page(0)[0])


def _stamped(
    revision: Revision,
    marking: Marking,
    letter: Letter,
    sights: Sights,
    style: StampStyle,
    signer: Signer | DocumentSigner | None,
    *,
    on_page: bool,
) -> Widget:
    if not style.stamp:
        return Widget(page=sights.page(_page(style, sights))[0])
    unseen_if_full = not on_page and not style.tag
    try:
        index, placement, clear, tag = _place(sights, style, marking)
    except StampError:
        if not unseen_if_full:
            raise
        return Widget(page=sights.page(_page(style, sights))[0])
    page, _ = sights.page(index)
    if unseen_if_full and _is_large(sights, index, placement):
        return Widget(page=page)
    stamp = stamp_of(letter, style, signer)
    if on_page and clear and sights.balance(index) is not None:
        if tag is not None:
            marking.cover(index, tag)
        form = draw(stamp, revision).form
        matrix = placement.on_page(STAMP_WIDTH, STAMP_HEIGHT)
        shown = transform_box(sights.shape(index).to_displayed, placement.rect)
        marking.put(index, PlacedForm(form=form, matrix=matrix), shown)
        return Widget(page=page)
    form = draw(stamp, revision, matrix=placement.matrix).form
    return Widget(page=page, rect=placement.rect, form=form)


def _is_large(sights: Sights, index: int, placement: Placement) -> bool:
    """Whether verifying would ask a person, since the look of a later signature takes so much."""
    shape = sights.shape(index)
    left, bottom, right, top = transform_box(shape.to_displayed, placement.rect)
    width, height = shape.size
    return bool((right - left) * (top - bottom) > _MOST_OF_A_PAGE * width * height)


def _page(style: StampStyle, sights: Sights) -> int:
    """The one page (from 0) that the style means."""
    if style.page == "first":
        return 0
    indices = selected(style.page, len(sights.pages))
    if len(indices) != 1:
        raise InvalidInput(
            f"the stamp's page {style.page!r} means {len(indices)} pages; name one, such as last",
            page=style.page,
        )
    return min(indices)


def _place(
    sights: Sights, style: StampStyle, marking: Marking
) -> tuple[int, Placement, bool, Box | None]:
    """The page of the stamp (from 0), where it goes, whether that is clear, and its tag's box."""
    size = STAMP_WIDTH, STAMP_HEIGHT
    if style.tag:
        indices = selected(style.page, len(sights.pages))
        ((index, (tag,)),) = chosen_tags(sights, style.tag, indices, style.nth).items()
        found = beside(sights.shape(index), *size, tag, style.offset)
        return index, found, _clear(sights, index, found, ()), tag
    index = _page(style, sights)
    taken = marking.taken(index)
    if style.free:
        free = find_free(
            sights, index, *size, anchors=style.anchors, margin=style.margin, taken=taken
        )
        return index, free.placement, True, None
    shape = sights.shape(index)
    for anchor in style.anchors:
        found = place(shape, *size, anchor=anchor, margin=style.margin)
        if _clear(sights, index, found, taken):
            return index, found, True, None
    found = place(shape, *size, anchor=style.anchors[0], margin=style.margin)
    return index, found, _clear(sights, index, found, ()), None


def _clear(sights: Sights, index: int, found: Placement, marks: Sequence[Box]) -> bool:
    """Whether a place is clear of the page's annotations, and of those boxes of marks."""
    left, bottom, right, top = transform_box(sights.shape(index).to_displayed, found.rect)
    taken = [*sights.annotations(index), *marks]
    return not any(b[0] < right and left < b[2] and b[1] < top and bottom < b[3] for b in taken)


def try_stamp(stamp: Stamp) -> None:
    """Raise StampError where a stamp like this cannot be drawn, whatever the digits in it."""
    _try_stamp(
        attrs.evolve(
            stamp,
            number=_DIGIT.sub("0", stamp.number),
            date=_DIGIT.sub("0", stamp.date),
            qr=_DIGIT.sub("0", stamp.qr),
        )
    )


@functools.lru_cache(maxsize=256)
def _try_stamp(stamp: Stamp) -> None:
    draw(stamp, _Nowhere())


class _Nowhere:
    """Takes objects and drops them."""

    def add(self, *_: object, **__: object) -> Ref:
        return Ref(1)

    def add_stream(self, *_: object, **__: object) -> Ref:
        return Ref(1)


def stamp_of(letter: Letter, style: StampStyle, signer: Signer | DocumentSigner | None) -> Stamp:
    """What the letter's stamp says."""
    return Stamp(
        number=letter.number,
        date=date_text(letter.details.date),
        qr=_qr(letter, style),
        signer=_shown_name(signer),
        footer=style.stamped_footer if signer is None else style.signed_footer,
    )


def _shown_name(signer: Signer | DocumentSigner | None) -> str:
    local, service = split_signer(signer)
    if service is not None:
        return service.name
    return "" if local is None else common_name(local.certificate)


def _qr(letter: Letter, style: StampStyle) -> str:
    if style.verify_url:
        return style.verify_url + letter.id
    number = quote(letter.number, safe="/.-_")
    digest = letter.original_digest[:32]
    # Capitals, digits and these signs take two thirds of the room that other text takes.
    return f"NOMOR {number} ID {letter.id.upper()} SHA256 {digest.upper()}"


@functools.lru_cache(maxsize=64)
def subject(certificate: x509.Certificate) -> str:
    """The certificate's holder as RFC 4514 text."""
    return certificate.subject.rfc4514_string()


@functools.lru_cache(maxsize=64)
def common_name(certificate: x509.Certificate) -> str:
    """The name that people know the certificate's holder by."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else subject(certificate)

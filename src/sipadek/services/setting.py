"""Setting a service's letter with Typst: a PDF/A-2b on A4 that lacks only number and stamps."""

from __future__ import annotations

import datetime
import functools
import importlib.resources
import json
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from sipadek.errors import InvalidInput, MissingExtra
from sipadek.naskah import date_text
from sipadek.services.catalogue import Service

NUMBER_FROM_TOP: Final = 158.0
"""Where the number is drawn, in the middle of the first page: points from its upper edge."""

CLOSING: Final = (
    "Demikian surat ini dibuat dengan sebenarnya untuk dipergunakan sebagaimana mestinya."
)

_lock = threading.Lock()  # One compiler, whose inputs are set for each letter.


@attrs.frozen(kw_only=True)
class Signatory:
    """Who signs, as it stands under the letter: ``title`` is the post ('Lurah Legok'), ``prefix`` 'Plt.'
    and the like before it, ``name`` the holder's, ``number`` the NIP, where there is one."""

    title: str
    name: str
    number: str = ""
    prefix: str = ""


@attrs.frozen(kw_only=True)
class Paper:
    """What a unit's letters look like: the lines of the letterhead, the address below them, ``place``
    (such as the town) before the date, and ``place_of_office`` behind the first signer's title, such as
    'Kecamatan Danau Sipin, Kota Jambi'."""

    unit: str
    letterhead: tuple[str, ...]
    address: tuple[str, ...] = ()
    place: str
    place_of_office: str


def set_letter(
    service: Service,
    values: Mapping[str, str],
    *,
    paper: Paper,
    signers: Sequence[Signatory],
    date: datetime.date,
) -> bytes:
    """The letter as a PDF. The same arguments give the same bytes with the same version of Typst.

    ``values`` is what `Service.read` gave, ``signers`` one for each of ``service.signed_by``. Raises
    MissingExtra without Typst (extra ``all``), and InvalidInput for another number of signers, or a
    field that Typst cannot set; it does not repeat the field.
    """
    if len(signers) != len(service.signed_by):
        raise InvalidInput(
            f"{service.name} is signed by {len(service.signed_by)}; {len(signers)} signers were given",
            field="signers",
        )
    last = service.validity.last_day(date)
    content: dict[str, Any] = {
        "title": service.title,
        "unit": paper.unit,
        "letterhead": paper.letterhead,
        "address": paper.address,
        "place": paper.place,
        "place-of-office": paper.place_of_office,
        "opening": service.opening,
        "rows": service.rows(values),
        "paragraphs": service.text(values),
        "closing": CLOSING,
        "valid-until": None if last is None else date_text(last),
        "date": [date.year, date.month, date.day],
        "long-date": date_text(date),
        "signers": [
            {
                "action": f"{signing.action} oleh",
                "title": f"{who.prefix} {who.title}".strip(),
                "heading": f"{who.prefix} {who.title.upper()}".strip(),
                "name": who.name,
                "number": who.number,
            }
            for signing, who in zip(service.signed_by, signers, strict=True)
        ],
    }
    made = datetime.datetime.combine(date, datetime.time(), tzinfo=datetime.UTC)
    return _compiled(json.dumps(content, ensure_ascii=False), int(made.timestamp()), service)


def _compiled(content: str, made: int, service: Service) -> bytes:
    with _lock:
        try:
            return bytes(
                _compiler().compile(
                    _template(),
                    sys_inputs={"letter": content},
                    format="pdf",
                    pdf_standards=["a-2b"],
                    timestamp=made,
                )
            )
        except RuntimeError:
            # Without what Typst says: that may hold what the citizen wrote.
            raise InvalidInput(
                f"Typst cannot set the letter of {service.name}: a character that no font has is the"
                " likely reason. Write the field otherwise.",
                service=service.code,
            ) from None


@functools.cache
def _compiler() -> Any:
    try:
        import typst
    except ImportError as error:
        raise MissingExtra(
            "Letters are set with Typst, which is not installed. Install 'sipadek[all]'."
        ) from error
    folder = importlib.resources.files("fontpkg_open_sans")
    return typst.Compiler(ignore_system_fonts=True, font_paths=[str(folder)])


@functools.cache
def _template() -> bytes:
    return importlib.resources.files(__package__).joinpath("letter.typ").read_bytes()

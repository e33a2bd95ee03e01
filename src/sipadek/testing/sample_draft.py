"""A sample letter before it is set: who sends it, what it is about, what it says.

The parts that letters share are here: paragraphs, the block that says who a person is, the frame of
letters under a title and of letters between offices.
"""

from __future__ import annotations

from typing import Any

import attrs

from sipadek.testing.sample_world import Person, Unit, World, long_date

__all__ = [
    "CLOSING",
    "NUMBER",
    "Draft",
    "between_offices",
    "identity",
    "introduced",
    "opening",
    "prose",
    "titled",
]

CLOSING = (
    "Demikian surat keterangan ini dibuat dengan sebenarnya untuk dapat dipergunakan sebagaimana"
    " mestinya."
)
NUMBER = "sesuai stempel elektronik"
"""What stands in the place of the number, which the stamp carries."""


@attrs.frozen(kw_only=True)
class Draft:
    """``content`` is what the Typst template takes; ``words`` stand in the text as written here."""

    kind: str
    classification: str
    unit: Unit
    subject: str
    content: dict[str, Any]
    words: tuple[str, ...]
    secrecy: str = "B"


def prose(text: str, *, indent: bool = True) -> dict[str, Any]:
    """A paragraph; line breaks in ``text`` are spaces."""
    return {"p": " ".join(text.split()), "indent": indent}


def identity(person: Person, *extra: list[str]) -> dict[str, Any]:
    rows = [
        ["Nama", person.name],
        ["NIK", person.identity],
        ["Tempat, Tanggal Lahir", person.born],
        ["Jenis Kelamin", person.sex],
        ["Agama", person.religion],
        ["Pekerjaan", person.trade],
        ["Alamat", person.address],
    ]
    return {"fields": [*rows, *extra]}


def opening(unit: Unit) -> dict[str, Any]:
    return prose(
        f"""Yang bertanda tangan di bawah ini, {unit.head}, Kecamatan {unit.district}, Kota Jambi,
        dengan ini menerangkan bahwa:"""
    )


def introduced(world: World) -> str:
    return (
        f"Surat pengantar Ketua RT 00 tanggal {long_date(world.earlier(1, 6))} menjadi dasar surat"
        " keterangan ini."
    )


def titled(
    world: World, unit: Unit, title: str, blocks: list[Any], *, decided: bool = False, **more: Any
) -> dict[str, Any]:
    """A letter with a title in the middle. ``decided``: signed as decisions are."""
    signature = world.signature(unit)
    if decided:
        signature |= {"place": f"Ditetapkan di Jambi\npada tanggal {long_date(world.date)}"}
    return {
        "letterhead": unit.letterhead,
        "title": title,
        "blocks": blocks,
        "signature": signature,
    } | more


def between_offices(
    world: World,
    unit: Unit,
    subject: str,
    to: list[str],
    blocks: list[Any],
    *,
    secrecy: str = "Biasa",
    enclosed: str = "-",
    **more: Any,
) -> dict[str, Any]:
    """A surat dinas: number, secrecy, enclosures and subject on the left, the date on the right."""
    signature = world.signature(unit)
    heading = {
        "place": signature["place"],
        "rows": [["Nomor", NUMBER], ["Sifat", secrecy], ["Lampiran", enclosed], ["Hal", subject]],
        "to": to,
    }
    return {
        "letterhead": unit.letterhead,
        "heading": heading,
        "blocks": blocks,
        "signature": signature | {"place": ""},
    } | more

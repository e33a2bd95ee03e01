"""The kinds of letters that can be made, as a table: what each needs, and the template that sets it.

The kinds and their parts follow the national rules for official letters (tata naskah dinas); a city
whose own rules differ gives a table, and templates, of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import attrs


@attrs.frozen(kw_only=True)
class LetterKind:
    """A kind of letter. ``needs`` names fields of a draft's content that must be filled, ``addressed``
    says whether it must have recipients, and ``template`` is the file that sets it."""

    code: str
    title: str
    template: str
    needs: tuple[str, ...] = ()
    addressed: bool = True


_KINDS: Final = (
    LetterKind(
        code="surat-dinas", title="Surat Dinas", template="surat-dinas.typ", needs=("paragraphs",)
    ),
    LetterKind(
        code="nota-dinas", title="Nota Dinas", template="nota-dinas.typ", needs=("paragraphs",)
    ),
    LetterKind(
        code="undangan",
        title="Surat Undangan",
        template="undangan.typ",
        needs=("opening", "day", "time", "venue", "agenda"),
    ),
    LetterKind(
        code="surat-tugas",
        title="Surat Tugas",
        template="surat-tugas.typ",
        needs=("basis", "assignees", "tasks"),
        addressed=False,
    ),
    LetterKind(
        code="surat-keterangan",
        title="Surat Keterangan",
        template="surat-keterangan.typ",
        needs=("rows", "statement"),
        addressed=False,
    ),
    LetterKind(
        code="keputusan",
        title="Keputusan",
        template="keputusan.typ",
        needs=("considering", "recalling", "decisions"),
        addressed=False,
    ),
)

DISPOSISI_SHEET: Final = LetterKind(
    code="lembar-disposisi",
    title="Lembar Disposisi",
    template="lembar-disposisi.typ",
    addressed=False,
)
"""What a disposisi is printed on; it gets no number."""

INSTRUCTIONS: Final = (
    "Tanggapan dan Saran",
    "Proses lebih lanjut",
    "Koordinasi/konfirmasikan",
    "Untuk diketahui",
    "Wakili/hadiri",
)
"""What a disposisi usually asks for ("Dengan hormat harap")."""


def by_code(kinds: Iterable[LetterKind]) -> Mapping[str, LetterKind]:
    """The kinds by their codes."""
    return MappingProxyType({kind.code: kind for kind in kinds})


KINDS: Final = by_code(_KINDS)
"""The kinds that come with the library."""

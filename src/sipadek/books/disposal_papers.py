"""The papers of a disposal: consideration, minutes, and the statement that static records are authentic.

What they say is the usual wording of Indonesian offices, after the papers that Perka ANRI 37/2016 asks
for; whoever needs another one makes a ``FormalPaper`` of it.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Final

from sipadek.books.folder_list import LIST_TITLES, FolderContents
from sipadek.books.formal import Facts, FormalPaper, Party
from sipadek.errors import StepRefused
from sipadek.naskah import date_text, day_text
from sipadek.retention import Disposal, DisposalKind, Paper, Step


class DocumentKind(enum.StrEnum):
    """The documents of a disposal: the list of its folders, the panel's consideration, the minutes, and
    the statement of authenticity of a transfer."""

    LIST = "daftar"
    CONSIDERATION = "pertimbangan"
    MINUTES = "berita-acara"
    STATEMENT = "pernyataan"


_DONE: Final = {
    DisposalKind.MOVE: ("Berita Acara Pemindahan Arsip Inaktif", "pemindahan arsip inaktif"),
    DisposalKind.DESTRUCTION: ("Berita Acara Pemusnahan Arsip", "pemusnahan arsip"),
    DisposalKind.TRANSFER: (
        "Berita Acara Serah Terima Arsip Statis",
        "serah terima arsip statis",
    ),
}
_GONE: Final = (
    "Naskah elektronik dalam berkas tersebut dihapus dari tempat penyimpanan beserta teks dan indeks"
    " pencariannya. Nomor, tanggal, perihal dan sidik digital (SHA-256) setiap naskah tetap tercatat"
    " dalam register dan buku kejadian sebagai bukti."
)
_END: Final = (
    "Demikian {what} ini dibuat dengan sebenarnya untuk dipergunakan sebagaimana mestinya."
)


def consideration(
    disposal: Disposal,
    contents: Sequence[FolderContents],
    *,
    number: str,
    office: str,
    place: str,
    parties: Sequence[Party],
) -> FormalPaper:
    """What the panel signs (surat pertimbangan panitia penilai arsip): that it judged the list."""
    fate = "dimusnahkan" if disposal.kind is DisposalKind.DESTRUCTION else "diserahkan"
    told = _amount(contents)
    return FormalPaper(
        title="Surat Pertimbangan Panitia Penilai Arsip",
        number=number,
        office=office,
        place=f"{place}, tanggal ……………………",
        signatories=tuple(parties),
        parts=(
            f"Panitia Penilai Arsip {office} telah menilai arsip dalam daftar usul nomor"
            f" {disposal.name}, keadaan per {date_text(disposal.as_of)}, sebanyak {told}.",
            "Susunan panitia:",
            tuple((f"Anggota {place}", name) for place, name in enumerate(disposal.panel, 1)),
            f"Berdasarkan penilaian terhadap nilai guna dan jadwal retensi arsip, panitia berpendapat"
            f" bahwa arsip tersebut dapat {fate} setelah mendapat persetujuan dari"
            f" {disposal.authority}.",
            _END.format(what="pertimbangan"),
        ),
    )


def minutes(
    disposal: Disposal,
    contents: Sequence[FolderContents],
    *,
    office: str,
    place: str,
    parties: Sequence[Party],
) -> FormalPaper:
    """The minutes (berita acara) of a disposal that was carried out. Raises StepRefused before."""
    paper = _paper(disposal, Step.CARRIED_OUT)
    title, what = _DONE[disposal.kind]
    grounds = _grounds(disposal)
    parts: list[str | Facts] = [
        f"Pada hari ini, {day_text(paper.date)}, bertempat di {place}, telah dilaksanakan {what}"
        f" milik {office} sebanyak {_amount(contents)}, sebagaimana tercantum dalam"
        f" {LIST_TITLES[disposal.kind][1]} nomor {disposal.name} yang merupakan bagian tidak"
        " terpisahkan dari berita acara ini."
    ]
    if grounds:
        parts += ["Pelaksanaan didasarkan pada:", grounds]
    parts += ["Pelaksana dan saksi:", _present(paper)]
    if disposal.kind is DisposalKind.DESTRUCTION:
        parts.append(_GONE)
    if paper.note:
        parts.append(paper.note)
    parts.append(_END.format(what="berita acara"))
    return FormalPaper(
        title=title,
        number=paper.number,
        office=office,
        parts=tuple(parts),
        place=f"{place}, {date_text(paper.date)}",
        signatories=tuple(parties),
    )


def statement(
    disposal: Disposal,
    contents: Sequence[FolderContents],
    *,
    office: str,
    place: str,
    parties: Sequence[Party],
    checkpoint: str,
) -> FormalPaper:
    """The statement that what a transfer hands over is authentic (surat pernyataan autentik), by the
    first of ``parties``. ``checkpoint`` is that of the office's ledger. Raises StepRefused before it is
    carried out."""
    paper = _paper(disposal, Step.CARRIED_OUT)
    origin, size, root = [*checkpoint.splitlines(), "", "", ""][:3]
    first = parties[0]
    return FormalPaper(
        title="Surat Pernyataan Autentisitas Arsip Statis",
        number=paper.number,
        office=office,
        place=f"{place}, {date_text(paper.date)}",
        signatories=(first,),
        parts=(
            "Yang bertanda tangan di bawah ini:",
            tuple(
                (name, value)
                for name, value in (
                    ("Nama", first.name),
                    ("NIP", first.number),
                    ("Jabatan", first.post),
                )
                if value
            ),
            f"menyatakan bahwa arsip statis dalam {LIST_TITLES[disposal.kind][1]} nomor {disposal.name},"
            f" sebanyak {_amount(contents)}, yang diserahkan dengan berita acara nomor {paper.number}"
            f" tanggal {date_text(paper.date)}, adalah autentik: setiap naskah diserahkan sebagaimana"
            " diterbitkan, dan sidik digitalnya (SHA-256) sama dengan yang tercatat dalam register.",
            "Buku kejadian yang membuktikannya ditandatangani dengan titik periksa (checkpoint):",
            (("Nama buku", origin), ("Jumlah kejadian", size), ("Akar pohon", root)),
            _END.format(what="surat pernyataan"),
        ),
    )


def _paper(disposal: Disposal, step: Step) -> Paper:
    try:
        return disposal.papers[step]
    except KeyError:
        raise StepRefused(
            f"The disposal {disposal.name} is {disposal.step}; this document is made once it is {step}.",
            disposal=disposal.name,
        ) from None


def _grounds(disposal: Disposal) -> Facts:
    names = (
        (Step.CONSIDERED, "Pertimbangan panitia"),
        (Step.APPROVED, "Persetujuan"),
        (Step.DECIDED, "Keputusan"),
    )
    return tuple(
        (name, f"Nomor {paper.number} tanggal {date_text(paper.date)}, {paper.by}")
        for step, name in names
        if (paper := disposal.papers.get(step)) is not None
    )


def _present(paper: Paper) -> Facts:
    witnesses = ((f"Saksi {place}", name) for place, name in enumerate(paper.witnesses, 1))
    return (("Pelaksana", paper.by), *witnesses)


def _amount(contents: Sequence[FolderContents]) -> str:
    letters = sum(len(each.letters) for each in contents)
    return f"{len(contents)} berkas berisi {letters} naskah"

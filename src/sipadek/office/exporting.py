"""Handing letters over: each with its filed PDF, its description, its history and its proofs."""

from __future__ import annotations

import codecs
import csv
import datetime
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Final, Protocol, Self

import attrs

from sipadek._version import __version__
from sipadek.archive import Letter, ObjectStore
from sipadek.books.csv_file import guarded
from sipadek.ledger import CheckpointVerifier, Event
from sipadek.office.receiving import CHUNK
from sipadek.packages import PackedFile, dublin_core, premis
from sipadek.sql import Register
from sipadek.sql.proving import Prover

Progress = Callable[[int, int], None]

_LIST: Final = (
    "nomor", "tanggal", "perihal", "unit", "klasifikasi", "jenis", "sifat", "status", "id", "folder",
)  # fmt: skip
_NOTE: Final = """\
Setiap folder naskah (kolom folder dalam letters.csv) memuat filed.pdf (naskah terbit; byte pertamanya
adalah naskah asli, lihat premis.xml), dublin-core.xml (uraian), premis.xml (riwayat), dan proofs/ (bukti
bahwa setiap peristiwa tercatat dalam log kantor).

Bukti diperiksa tanpa kantor dan tanpa basis data:

    sipadek-verify-proof FOLDER/proofs/NAMA.tlog-proof --origin-key checkpoint.pub

Kunci publik dalam checkpoint.pub berasal dari paket ini juga: bandingkan dengan yang diumumkan kantor.
"""


class PackageWriter(Protocol):
    """What a package is written with: a bag, or an OCFL storage root."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def add(self, folder: str, files: Iterable[PackedFile]) -> str:
        """Write a letter's files into ``folder``, or ('') files that are about all; tells where."""

    def finish(self, info: Mapping[str, str]) -> None:
        """Write what describes the package, and give it its name."""


@attrs.frozen(kw_only=True)
class Export:
    """A package was written to ``path``: so many ``letters``, of which ``filed`` have a PDF, of
    ``size`` bytes together. ``checkpoint`` is the head that the package was made under."""

    path: Path
    letters: int
    filed: int
    size: int
    checkpoint: str


@attrs.define
class Exporting:
    """One run. ``at`` is now."""

    register: Register
    store: ObjectStore
    verifier: CheckpointVerifier
    at: datetime.datetime
    _prover: Prover | None = None
    _filed: int = 0
    _size: int = 0

    def run(
        self,
        writer: PackageWriter,
        path: Path,
        ids: Iterable[str],
        total: int,
        *,
        info: Mapping[str, str],
        progress: Progress | None,
    ) -> Export:
        """Write a package of the letters with these ids (or numbers)."""
        head = self.register.head()
        count = 0
        with writer as package, tempfile.TemporaryFile("w+b") as listed:
            rows = _Rows(listed)
            rows.write(_LIST)
            for count, id_ in enumerate(ids, 1):
                letter, events = self.register.dossier(id_)
                folder = f"letters/{letter.details.date.year}/{letter.id}"
                place = package.add(folder, self._files(letter, events))
                rows.write(_row(letter, place))
                if progress is not None:
                    progress(count, total)
            package.add("", self._top(rows.chunks(), head.checkpoint))
            package.finish({**info, **self._info(count, head.size)})
        return Export(
            path=path, letters=count, filed=self._filed, size=self._size, checkpoint=head.checkpoint
        )

    def _files(self, letter: Letter, events: list[tuple[int, bytes]]) -> Iterator[PackedFile]:
        name = f"urn:sipadek:{self.verifier.name}:{letter.id}"
        parsed = [(place, Event.parse(body)) for place, body in events]
        if letter.filed_digest:
            self._filed += 1
            self._size += letter.filed_size
            chunks = _chunks(self.store, letter.filed_digest)
            yield PackedFile(name="filed.pdf", chunks=chunks, digest=letter.filed_digest)
        yield PackedFile.of("dublin-core.xml", dublin_core(letter, identifier=name))
        history = premis(letter, parsed, identifier=name, origin=self.verifier.name)
        yield PackedFile.of("premis.xml", history)
        for (place, body), (_, event) in zip(events, parsed, strict=True):
            if self._prover is None or place >= self._prover.size:  # it came meanwhile
                self._prover = self.register.prover()
            proof = str(self._prover.proof(place, body)).encode()
            yield PackedFile.of(f"proofs/{place:010}-{event.kind}.tlog-proof", proof)

    def _top(self, listed: Iterable[bytes], checkpoint: str) -> tuple[PackedFile, ...]:
        return (
            PackedFile(name="letters.csv", chunks=listed),
            PackedFile.of("checkpoint.txt", checkpoint.encode()),
            PackedFile.of("checkpoint.pub", f"{self.verifier}\n".encode()),
            PackedFile.of("BACA-DAHULU.txt", _NOTE.encode()),
        )

    def _info(self, letters: int, events: int) -> dict[str, str]:
        return {
            "Bagging-Date": self.at.date().isoformat(),
            "Bag-Software-Agent": f"sipadek {__version__}",
            "External-Identifier": f"urn:sipadek:{self.verifier.name}",
            "Letter-Count": str(letters),
            "Log-Size": str(events),
        }


class _Rows:
    """Lines of CSV in a file, which may become long."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._file.write(codecs.BOM_UTF8)

    def write(self, row: Iterable[str]) -> None:
        """A line; what a spreadsheet could take for a formula is guarded."""
        text = io.StringIO(newline="")
        csv.writer(text).writerow(map(guarded, row))
        self._file.write(text.getvalue().encode())

    def chunks(self) -> Iterator[bytes]:
        """What was written."""
        self._file.seek(0)
        while chunk := self._file.read(CHUNK):
            yield chunk


def _chunks(store: ObjectStore, digest: str) -> Iterator[bytes]:
    with store.open(digest) as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _row(letter: Letter, folder: str) -> tuple[str, ...]:
    details = letter.details
    return (
        letter.number,
        details.date.isoformat(),
        details.subject,
        details.unit,
        details.classification,
        details.kind,
        details.secrecy.value,
        letter.state.value,
        letter.id,
        folder,
    )

"""The package that a transfer of static records hands over: a plain folder of PDFs and lists."""

from __future__ import annotations

import csv
import hashlib
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from sipadek.archive import Letter, ObjectStore
from sipadek.archive.durable import storage_errors
from sipadek.books import FolderContents, guarded
from sipadek.errors import DamagedObject, InvalidInput
from sipadek.office.receiving import CHUNK

_LIST: Final = (
    "berkas",
    "kode",
    "uraian_berkas",
    "nomor_naskah",
    "tanggal",
    "unit",
    "perihal",
    "penanda_tangan",
    "lokasi",
    "ukuran",
    "sha256",
)
_UNSAFE: Final = re.compile(r"[^\w.-]+")


def write_package(
    folder: Path,
    contents: Sequence[FolderContents],
    store: ObjectStore,
    documents: Callable[[Path], None],
) -> Path:
    """Write the package into ``folder``, which must not be there; ``documents`` adds the papers.

    It is written beside, and takes its name when it is whole. Raises InvalidInput, DamagedObject,
    StorageFailed.
    """
    if folder.exists():
        raise InvalidInput(f"{folder} is there already; choose another one", path=str(folder))
    part = folder.with_name(f"{folder.name}.part")
    with storage_errors("Writing", folder):
        if part.exists():  # left by an attempt that was interrupted
            shutil.rmtree(part)
        part.mkdir(parents=True)
        with (part / "daftar.csv").open("w", encoding="utf-8-sig", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(_LIST)
            for each in contents:
                rows.writerows(_letters(part, each, store))
        documents(part)
        _write_sums(part)
        part.rename(folder)
    return folder


def _letters(root: Path, contents: FolderContents, store: ObjectStore) -> Iterator[list[str | int]]:
    folder = contents.folder
    for letter in contents.letters:
        place = ""
        if letter.filed_digest:
            place = f"arsip/{_safe(folder.name)}/{_safe(letter.number)}-{letter.id}.pdf"
            _copy(letter, root / place, store)
        details = letter.details
        told = [
            *(guarded(text) for text in (folder.name, folder.code, folder.title, letter.number)),
            details.date.isoformat(),
            *(guarded(text) for text in (details.unit, details.subject, letter.signer, place)),
        ]
        yield [*told, letter.filed_size, letter.filed_digest]


def _copy(letter: Letter, path: Path, store: ObjectStore) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    found = hashlib.sha256()
    with store.open(letter.filed_digest) as source, path.open("wb") as target:
        while chunk := source.read(CHUNK):
            found.update(chunk)
            target.write(chunk)
    if found.hexdigest() != letter.filed_digest:
        raise DamagedObject(
            f"the filed PDF of {letter.number} is damaged; restore it from a backup before it is handed"
            " over",
            digest=letter.filed_digest,
        )


def _write_sums(root: Path) -> None:
    paths = sorted(path for path in root.rglob("*") if path.is_file())
    lines = []
    for path in paths:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        lines.append(f"{digest}  {path.relative_to(root).as_posix()}\n")
    (root / "sha256.txt").write_text("".join(lines), encoding="utf-8")


def _safe(text: str) -> str:
    return _UNSAFE.sub("_", text).strip("._")[:80] or "_"

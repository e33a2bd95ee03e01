"""What ``document_exporter`` of paperless-ngx writes: a manifest, and the files beside it.

``manifest.json`` is a list of the database's records (``model``, ``pk``, ``fields``); with
``--split-manifest`` those of each document stand in a ``…-manifest.json`` of its own. A document names
its files under ``__exported_file_name__`` and ``__exported_archive_name__``.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from sipadek.archive.durable import storage_errors
from sipadek.errors import InvalidInput
from sipadek.intake.incoming import Fault, Incoming, inside

_NAMES: Final = {
    "documents.correspondent": "correspondent",
    "documents.documenttype": "document_type",
    "documents.tag": "tags",
}
_PDF: Final = "application/pdf"
_FILE: Final = "__exported_file_name__"
_ARCHIVE: Final = "__exported_archive_name__"


def read_paperless(folder: Path, *, archived: bool = False) -> Iterator[Incoming | Fault]:
    """The documents of an export that was unpacked to ``folder``, by their number there.

    The file is the original where that is a PDF, else (or with ``archived``) the PDF/A that paperless
    made. The correspondent is the sender; type, tags and the archive's serial number are own fields
    ``jenis-asal``, ``tag`` and ``asn``. Texts that paperless recognised are not taken.

    Raises InvalidInput where it is no such export.
    """
    records = _load(folder / "manifest.json")
    names: dict[str, dict[int, str]] = {field: {} for field in _NAMES.values()}
    documents = []
    for record in records:
        if record.get("model") in _NAMES:
            names[_NAMES[record["model"]]][record["pk"]] = str(record["fields"]["name"])
        elif record.get("model") == "documents.document":
            documents.append(record)
    for path in sorted(folder.rglob("*-manifest.json")):
        documents += [each for each in _load(path) if each.get("model") == "documents.document"]
    for record in sorted(documents, key=lambda each: int(each["pk"])):
        try:
            yield _document(folder, record, names, archived=archived)
        except (KeyError, TypeError, ValueError, InvalidInput) as error:
            message = error.message if isinstance(error, InvalidInput) else repr(error)
            yield Fault(place=f"document {record['pk']}", message=message)


def _load(path: Path) -> list[dict[str, Any]]:
    try:
        with storage_errors("Reading", path):
            found = json.loads(path.read_bytes()) if path.exists() else None
        if isinstance(found, list) and all(isinstance(each.get("pk"), int | str) for each in found):
            return found
    except (ValueError, AttributeError):
        pass
    raise InvalidInput(
        f"{path} is not the manifest of an export of paperless-ngx; give the folder that"
        " document_exporter wrote, unpacked",
        path=str(path),
    )


def _document(
    folder: Path,
    record: Mapping[str, Any],
    names: Mapping[str, Mapping[int, str]],
    *,
    archived: bool,
) -> Incoming:
    fields = record["fields"]
    is_pdf = fields.get("mime_type", _PDF) == _PDF
    take_archive = (archived or not is_pdf) and _ARCHIVE in record
    if not is_pdf and not take_archive:
        raise InvalidInput(
            f"its file is {fields['mime_type']} and it has no archive version; convert it to PDF in"
            " paperless and export again"
        )
    name = record[_ARCHIVE if take_archive else _FILE]
    tags = ", ".join(sorted(names["tags"].get(each, str(each)) for each in fields.get("tags", ())))
    told = {
        "jenis-asal": _named(names["document_type"], fields.get("document_type")),
        "tag": tags,
        "asn": str(fields.get("archive_serial_number") or ""),
    }
    return Incoming(
        key=f"document:{record['pk']}",
        place=f"document {record['pk']}",
        date=datetime.date.fromisoformat(str(fields["created"])[:10]),
        subject=str(fields["title"]) or str(name),
        sender=_named(names["correspondent"], fields.get("correspondent")),
        path=inside(folder, str(name)),
        checksum=str(fields.get("archive_checksum" if take_archive else "checksum") or ""),
        extra={name: value for name, value in told.items() if value},
    )


def _named(names: Mapping[int, str], key: int | None) -> str:
    return "" if key is None else names.get(key, str(key))

"""Office files made for the tests, with what they must say."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
ODF = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
)
DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
CORE = f"<core {DC}><dc:title>Undangan rapat</dc:title><dc:creator>Siti</dc:creator></core>"


def archive(parts: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as file:
        for name, data in parts.items():
            file.writestr(name, data)
    return target.getvalue()


def docx(body: str, **more: str) -> bytes:
    parts = {"word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>"}
    return archive(parts | {name.replace("_", "/") + ".xml": text for name, text in more.items()})


def paragraph(*runs: str) -> str:
    return "<w:p>" + "".join(f"<w:r><w:t>{run}</w:t></w:r>" for run in runs) + "</w:p>"


def xlsx(*sheets: str, shared: str = "") -> bytes:
    parts = {"xl/workbook.xml": "<workbook/>", "docProps/core.xml": CORE}
    parts |= {
        f"xl/worksheets/sheet{number}.xml": f"<worksheet {S}><sheetData>{rows}</sheetData></worksheet>"
        for number, rows in enumerate(sheets, start=1)
    }
    if shared:
        parts["xl/sharedStrings.xml"] = f"<sst {S}>{shared}</sst>"
    return archive(parts)


def opendocument(kind: str, body: str, styles: str = "") -> bytes:
    return archive(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": f"<office:document-content {ODF}>{body}</office:document-content>",
            "styles.xml": f"<office:document-styles {ODF}>{styles}</office:document-styles>",
            "meta.xml": f"<office:meta {ODF}><dc:title>Undangan</dc:title></office:meta>",
        }
    )

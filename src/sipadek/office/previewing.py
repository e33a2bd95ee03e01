"""A page of a letter as it would be filed, without filing it."""

from __future__ import annotations

import datetime

from sipadek.office.filing import FileRequest, Filing
from sipadek.office.receiving import receive
from sipadek.office.sealing import opened, sample_revision
from sipadek.pdf import page_png_apart


def preview(
    filing: Filing, request: FileRequest, *, page: int, width: int, at: datetime.datetime
) -> bytes:
    """The page (from 1) as a PNG; see `Office.preview`."""
    style = filing.style_of(request)
    with filing.store.stage() as staged:
        receive(request.source, staged)
        staged.finish()
        signed, password = filing.signer is not None, request.password
        with opened(staged.path, style=style, signed=signed, password=password) as document:
            data = sample_revision(
                document, staged.path, filing.expected(request, at),
                style=style, signer=filing.signer, service=filing.service, password=password,
            )  # fmt: skip
        with staged.path.open("ab") as file:
            file.write(data)
        return page_png_apart(staged.path, page - 1, width=width, password=password)

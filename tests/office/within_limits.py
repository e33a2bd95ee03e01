"""Files hostile PDFs, each in a forked process of its own that may not take more than the limits.

Run by ``test_limits.py``; prints one JSON line ``[name, outcome]`` for each. The outcome is 'taken', the
code of the error that refused it, or how the process ended.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import resource
import sys
import tempfile
import traceback
from pathlib import Path

import sipadek
from sipadek.errors import PdfError, SipadekError, VerificationFailed
from sipadek.pdf import Document, annotation_boxes, content_balance, extraction, geometry
from sipadek.signing import verify_pdf
from sipadek.testing.authority import Authority
from sipadek.testing.pdfs import PdfRecipe, build, hostile

MEMORY = 512 * 1024 * 1024
"""Address space, in bytes, that one file may cost beside what the program takes."""
CPU = 20
"""Seconds of processor time that one file may cost."""


def look_through(data: bytes) -> None:
    """What reads whole documents: every page, its shape and annotations, the balance of the first."""
    document = Document.open(data)
    for _, page in document.pages():
        geometry(document, page)
        annotation_boxes(document, page)
    content_balance(document, document.first_page()[1])


def take(data: bytes, folder: Path, authority: Authority) -> str:
    """File it, and verify it as it came."""
    with contextlib.suppress(PdfError):
        look_through(data)
    with contextlib.suppress(PdfError, VerificationFailed):
        verify_pdf(data + b"\n%/ByteRange", trust=[authority.root])
    with sipadek.open(folder) as office:
        office.define_series("uji", "{nomor:3}/{tahun}")
        try:
            letter = office.file(
                data,
                series="uji",
                subject="Uji",
                signer=authority.issue("Uji", key="p256").signer(),
            )
        except SipadekError as error:
            return error.code
        with office.filed(letter.id) as filed:
            assert filed.read(len(data)) == data
    return "taken"


def limited(name: str, data: bytes, base: int, authority: Authority) -> None:
    """In the child: take the file within the limits, and print the outcome."""
    resource.setrlimit(resource.RLIMIT_AS, (base + MEMORY, base + MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU + 1))
    extraction.SECONDS = 1  # its own limit, which it keeps in a process of its own
    with tempfile.TemporaryDirectory() as folder:
        try:
            outcome = take(data, Path(folder, "arsip"), authority)
        except BaseException:
            outcome = traceback.format_exc()
    print(json.dumps([name, outcome]), flush=True)


def main() -> None:
    found = {"plain": build(PdfRecipe())} | hostile()
    names = [name for name in found if not sys.argv[1:] or name.startswith(tuple(sys.argv[1:]))]
    base = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    authority = Authority.create(now=datetime.datetime.now(datetime.UTC), key="p256")
    for name in names:
        child = os.fork()
        if not child:
            limited(name, found[name], base, authority)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status:
            print(json.dumps([name, f"ended by {status}"]), flush=True)


if __name__ == "__main__":
    main()

"""One lock for the whole process, also over fork; documents are closed whatever happens."""

from __future__ import annotations

import contextlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from sipadek.errors import BrokenPdf, PdfError
from sipadek.pdf.pdfium import PDFIUM_LOCK, open_document
from sipadek.pdf.preview import page_png
from sipadek.pdf.text import extract_text
from sipadek.testing.pdfs import PdfRecipe, build, hostile


def test_many_threads_get_each_their_own_text() -> None:
    files = [build(PdfRecipe(pages=2, texts=(f"surat nomor {n}",))) for n in range(40)]

    def work(n: int) -> str:
        if n % 3 == 0:
            page_png(files[n], 1, width=40)
        return extract_text(files[n]).pages[0]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(40))) == [f"surat nomor {n}" for n in range(40)]


def test_the_lock_is_free_after_every_file() -> None:
    for data in (
        build(PdfRecipe()),
        b"",
        *(hostile()[name] for name in ("nested-arrays", "box-empty")),
    ):
        with contextlib.suppress(PdfError):
            extract_text(data)
        taken: list[bool] = []
        thread = threading.Thread(target=_take, args=(taken,))
        thread.start()
        thread.join()
        assert taken == [True]


def _take(taken: list[bool]) -> None:
    taken.append(PDFIUM_LOCK.acquire(timeout=5))
    if taken[-1]:
        PDFIUM_LOCK.release()


def test_pdfium_errors_within_the_block_become_leaves() -> None:
    import pypdfium2

    with pytest.raises(BrokenPdf), open_document(build(PdfRecipe())):
        raise pypdfium2.PdfiumError("nothing")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_child_forked_while_others_read_can_read() -> None:
    data = build(PdfRecipe(pages=30, texts=("anak",)))
    stop = threading.Event()

    def busy() -> None:
        while not stop.is_set():
            extract_text(data)

    threads = [threading.Thread(target=busy) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(10):
            child = os.fork()
            if child == 0:
                os._exit(0 if extract_text(data).pages[0] == "anak" else 1)
            assert os.waitpid(child, 0)[1] == 0
    finally:
        stop.set()
        for thread in threads:
            thread.join()

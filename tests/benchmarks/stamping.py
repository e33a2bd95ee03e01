"""Stamping: text and a QR code on one page, text on each of 3,000, beside pypdf, pikepdf and pyHanko.

Nobody signs and nobody syncs here. pypdf and pikepdf draw an overlay that is made anew for each file
(reportlab, qrcode) and write the whole file again; pyHanko and sipadek append. The floor reads and
writes the file.
"""

from __future__ import annotations

import gc
import io
import statistics
from pathlib import Path
from typing import Any

import attrs
import big_pdfs
import letters
import pikepdf
import pypdf
from glue import overlay
from measure import Samples
from peer_pyhanko import TEXT, stamp_every_page, stamp_first_page

from sipadek.stamping import Code, Mark, Text, marked

NUMBER = "400.12.2.1/0042/KEL-LEGOK/XI/2026"
URL = f"https://surat.example.go.id/periksa?nomor={NUMBER}"


@attrs.frozen(kw_only=True)
class Size:
    """Repetitions for one page and for many pages, and how many pages those are."""

    page: int = 40
    many: int = 3
    pages: int = 3000


QUICK = Size(page=4, many=1, pages=200)


def run(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Rows and ratios."""
    size = QUICK if quick else Size()
    [page1] = letters.make(folder / "letters", pages=1, count=1)
    many = big_pdfs.pages3000(folder / "many.pdf", pages=size.pages)
    target = folder / "target.pdf"
    first = _case(
        "1 page, text and QR",
        {
            "floor": lambda: _copy(page1, target),
            "sipadek": lambda: _mark_first(page1, target),
            "pypdf": lambda: _pypdf(page1, target, 1),
            "pikepdf": lambda: _pikepdf(page1, target, 1),
            "pyHanko": lambda: stamp_first_page(page1, target, URL),
        },
        size.page,
    )
    # pyHanko takes minutes for so many pages: once is enough to see it.
    every = _case(
        f"{size.pages} pages, text",
        {
            "floor": lambda: _copy(many, target),
            "sipadek": lambda: _mark_all(many, target),
            "pypdf": lambda: _pypdf(many, target, size.pages),
            "pikepdf": lambda: _pikepdf(many, target, size.pages),
        },
        size.many,
    )
    peer = Samples(every[0].case, "pyHanko")
    peer.time(lambda: stamp_every_page(many, target, size.pages))
    every.append(peer)
    return {"rows": [row.row() for row in (*first, *every)], "ratios": _ratios(first, every)}


def _case(case: str, ways: dict[str, Any], times: int) -> list[Samples]:
    samples = {way: Samples(case, way) for way in ways}
    if times > 3:  # what is imported on first use is no file's cost
        for work in ways.values():
            work()
    order = list(ways.items())
    for _ in range(times):
        order.append(order.pop(0))
        for way, work in order:
            gc.collect()
            samples[way].time(work)
    return list(samples.values())


def _copy(source: Path, target: Path) -> None:
    target.write_bytes(source.read_bytes())


def _mark_first(source: Path, target: Path) -> None:
    text = Mark(what=Text(text=TEXT, size=8), margin=(98, 48))
    target.write_bytes(marked(source.read_bytes(), [Mark(what=Code(content=URL)), text]))


def _mark_all(source: Path, target: Path) -> None:
    text = Mark(what=Text(text=TEXT, size=8), pages="all")
    target.write_bytes(marked(source.read_bytes(), [text]))


def _pypdf(source: Path, target: Path, pages: int) -> None:
    writer = pypdf.PdfWriter(clone_from=source)
    stamp = overlay(NUMBER).pages[0]
    for page in writer.pages[:pages]:
        page.merge_page(stamp)
    writer.write(target)


def _pikepdf(source: Path, target: Path, pages: int) -> None:
    drawn = io.BytesIO()
    overlay_writer = pypdf.PdfWriter(clone_from=overlay(NUMBER))
    overlay_writer.write(drawn)
    with pikepdf.open(source) as document, pikepdf.open(drawn) as stamp:
        for page in document.pages[:pages]:
            page.add_overlay(stamp.pages[0])
        document.save(target)


def _ratios(first: list[Samples], every: list[Samples]) -> dict[str, float]:
    ratios = {}
    for name, samples in (("page1_stamp", first), ("pages3000", every)):
        wall = {one.way: statistics.median(one.wall) for one in samples}
        ratios[f"{name}_vs_floor"] = wall["sipadek"] / wall["floor"]
        for peer in ("pyHanko", "pypdf", "pikepdf"):
            ratios[f"{name}_vs_{peer.lower()}"] = wall[peer] / wall["sipadek"]
    return {name: round(ratio, 2) for name, ratio in ratios.items()}

"""Filing: one letter and a batch, beside the floor and beside the glued pipeline, interleaved."""

from __future__ import annotations

import datetime
import gc
import hashlib
import math
import multiprocessing
import os
import statistics
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import attrs
import letters
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils
from glue import Glue, load_signer, make_pkcs12
from measure import Batch, Samples

import sipadek
from sipadek.office import FileRequest, Office
from sipadek.signing import KeySigner
from sipadek.testing.authority import Authority

DISTINCT = 100  # different documents of each kind; longer runs go round them
PROCESSES = 2
PATTERN = "SK/{nomor:4}/{unit}/{tahun}"


@attrs.frozen(kw_only=True)
class Size:
    """How much is measured: repetitions of a single letter; rounds, and letters of each round."""

    singles: int = 60
    rounds: int = 3
    ours: int = 1000
    glue: int = 20
    glue_plain: int = 15


QUICK = Size(singles=8, rounds=2, ours=60, glue=6, glue_plain=4)


def run(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Rows and ratios; ``folder`` must be on the disk that is to be measured."""
    size = QUICK if quick else Size()
    documents = {pages: letters.make(folder / f"{pages}", pages=pages, count=DISTINCT)
                 for pages in (1, 4)}  # fmt: skip
    make_pkcs12(folder / "signer.p12")
    floor, glue = Floor(folder / "floor"), Glue(folder / "glue", folder / "signer.p12")
    with sipadek.open(folder / "office") as office:
        office.define_series("surat-keterangan", PATTERN, scope=("unit",))
        ours = Ours(office, _signer())
        singles = [one for pages in (1, 4)
                   for one in _singles(documents[pages], pages, size, floor, glue, ours)]  # fmt: skip
        with _pool() as our_pool, _pool(load_signer, folder / "signer.p12") as glue_pool:
            batches = [one for pages in (1, 4)
                       for one in _batches(documents[pages], pages, size, glue, glue_pool,
                                           ours, our_pool)]  # fmt: skip
    rows = [sample.row() for sample in singles] + [batch.row() for batch in batches]
    return {"rows": rows, "ratios": _ratios(singles, batches)}


def _signer() -> KeySigner:
    now = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    return Authority.create(now=now).issue("Pejabat Penanda Tangan").signer()


def _pool(initializer: Any = None, *arguments: object) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        PROCESSES,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=initializer,
        initargs=arguments,
    )


class Floor:
    """What cannot be left out: read, hash, one private-key operation, write, fsync."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._count = 0

    def file(self, source: Path) -> None:
        """One document."""
        self._count += 1
        data = source.read_bytes()
        digest = hashlib.sha256(data).digest()
        signature = self._key.sign(digest, padding.PKCS1v15(), utils.Prehashed(hashes.SHA256()))
        with (self._folder / f"{self._count}.pdf").open("wb") as file:
            file.write(data + signature)
            file.flush()
            os.fsync(file.fileno())


class Ours:
    """sipadek, through its public face."""

    def __init__(self, office: Office, signer: KeySigner) -> None:
        self._office, self._signer, self._count = office, signer, 0

    def _request(self, source: Path) -> FileRequest:
        self._count += 1
        return FileRequest(
            source=source,
            series="surat-keterangan",
            unit="KEL-LEGOK",
            subject=f"Keterangan domisili {self._count}",
            key=f"loket/{self._count}",
        )

    def file(self, source: Path) -> None:
        """One letter: numbered, stamped, signed, kept, findable when the call returns."""
        request = self._request(source)
        self._office.file(
            source, series=request.series, unit=request.unit, subject=request.subject,
            key=request.key, signer=self._signer,
        )  # fmt: skip

    def file_in_pool(self, sources: list[Path], pool: Executor) -> int:
        """A batch."""
        requests = [self._request(source) for source in sources]
        for outcome in self._office.file_many(requests, signer=self._signer, executor=pool):
            if outcome.error is not None:
                raise outcome.error
        return len(requests)


def _singles(
    documents: list[Path], pages: int, size: Size, floor: Floor, glue: Glue, ours: Ours
) -> list[Samples]:
    case = f"one letter, {_pages(pages)}"
    ways = {"floor": floor.file, "glue": glue.file, "sipadek": ours.file}
    samples = {way: Samples(case, way) for way in ways}
    for source in documents[:3]:  # what is imported and made on first use is not a letter's cost
        for file in ways.values():
            file(source)
    gc.collect()
    order = list(ways.items())
    for source in islice(cycle(documents), size.singles):
        order.append(order.pop(0))  # no way always comes right after the same other one
        for way, file in order:
            gc.collect()  # nor pays for another's garbage
            samples[way].time(lambda file=file, source=source: file(source))  # type: ignore[misc]
    return list(samples.values())


def _batches(
    documents: list[Path],
    pages: int,
    size: Size,
    glue: Glue,
    glue_pool: Executor,
    ours: Ours,
    our_pool: Executor,
) -> list[Batch]:
    case = f"batch, {_pages(pages)}"
    plain = Batch(case, "glue, plain loop")
    pooled = Batch(case, f"glue, {PROCESSES} processes")
    mine = Batch(case, f"sipadek, {PROCESSES} processes")
    glue.file_in_pool(documents[:4], glue_pool)
    ours.file_in_pool(documents[:8], our_pool)
    sources = cycle(documents)
    for _ in range(size.rounds):
        mine.time(_filing(ours.file_in_pool, sources, size.ours, our_pool))
        pooled.time(_filing(glue.file_in_pool, sources, size.glue, glue_pool))
        plain.time(_filing(glue.file_plainly, sources, size.glue_plain))
    return [plain, pooled, mine]


def _filing(file: Any, sources: Iterator[Path], count: int, *pool: Executor) -> Any:
    batch = list(islice(sources, count))
    return lambda: file(batch, *pool)


def _ratios(singles: list[Samples], batches: list[Batch]) -> dict[str, float]:
    floor, _, ours, floor4, _, ours4 = (statistics.median(sample.wall) for sample in singles)
    plain, pooled, mine, plain4, pooled4, mine4 = batches
    ratios = {
        "letter_vs_floor": ours / floor,
        "letter4_vs_floor": ours4 / floor4,
        "batch_vs_glue": pooled.wall_ms / mine.wall_ms,
        "batch_vs_glue_cpu": pooled.cpu_ms / mine.cpu_ms,
        "batch_vs_glue_plain": plain.wall_ms / mine.wall_ms,
        "batch4_vs_glue": pooled4.wall_ms / mine4.wall_ms,
        "batch4_vs_glue_cpu": pooled4.cpu_ms / mine4.cpu_ms,
        "batch4_vs_glue_plain": plain4.wall_ms / mine4.wall_ms,
    }
    return {name: round(ratio, 2) for name, ratio in ratios.items() if not math.isnan(ratio)}


def _pages(pages: int) -> str:
    return "1 page" if pages == 1 else f"{pages} pages"

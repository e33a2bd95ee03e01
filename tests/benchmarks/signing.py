"""Signing: stamp, QR code and signature, beside the floor and beside pyHanko, interleaved.

The floor reads the file, hashes it, does one private-key operation and writes the file; nobody syncs
here. *In place* appends to a copy that is there already, with the hash kept from when it was received;
the floor is the same. pyHanko stamps with its QR style: out of the box, and tuned, where the key stays
loaded and the size of the signature is fixed. Tuned and invisible it draws no stamp at all.
"""

from __future__ import annotations

import datetime
import gc
import hashlib
import mmap
import resource
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import big_pdfs
import letters
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from measure import Samples
from peer_pyhanko import PyHanko

from sipadek.office.receiving import receive
from sipadek.pdf import Document, PlacedForm, Revision, content_balance, draw_forms, geometry
from sipadek.signing import Claim, HashState, KeySigner, Widget, add_signature, seal
from sipadek.stamping import STAMP_HEIGHT, STAMP_WIDTH, Stamp, draw, place
from sipadek.testing.authority import Authority, Credential

NOW = datetime.datetime.now(datetime.UTC)
KEYS = ("rsa-2048", "rsa-3072", "p256")
STAMP = Stamp(
    number="400.12.2.1/0042/KEL-LEGOK/XI/2026",
    date="24 November 2026",
    qr="https://surat.example.go.id/v/0193a5f2c4d17e0b9c5a2f1e8d7b6a05",
    footer="Dokumen ini ditandatangani secara elektronik.",
    signer="Pejabat Penanda Tangan",
)


@attrs.frozen(kw_only=True)
class Size:
    """Repetitions for a page, for the larger files, and of those with pyHanko."""

    page: int = 60
    large: int = 9
    peer: int = 4


QUICK = Size(page=6, large=2, peer=1)


def run(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Rows and ratios."""
    size = QUICK if quick else Size()
    authority = Authority.create(now=NOW - datetime.timedelta(days=1), key="p256")
    credentials = {key: authority.issue("Pejabat", key=key) for key in KEYS}  # type: ignore[arg-type]
    [page1] = letters.make(folder / "letters", pages=1, count=1)
    sources = {"page1": page1} | {
        name: make(folder / f"{name}.pdf") for name, make in big_pdfs.MAKERS.items()
    }
    rows: list[Samples] = []
    for key in KEYS:
        rows += _case(f"page1, {key}", page1, credentials[key], size.page, size.page // 2, folder)
    for name in big_pdfs.MAKERS:
        rows += _case(name, sources[name], credentials["rsa-2048"], size.large, size.peer, folder)
    memory = _memory(sources["scan"], folder)
    return {"rows": [row.row() for row in rows] + [memory], "ratios": _ratios(rows, memory)}


def _case(
    case: str, source: Path, credential: Credential, times: int, peer_times: int, folder: Path
) -> list[Samples]:
    target = folder / "target.pdf"
    ours, floor, peer = Ours(credential), Floor(credential), PyHanko(credential)
    ways: dict[str, tuple[Any, Any, int]] = {
        "floor": (_nothing, lambda _: floor.sign(source, target), times),
        "sipadek": (_nothing, lambda _: ours.sign(source, target), times),
        "sipadek, in place": (
            lambda: ours.received(source, target),
            lambda state: ours.append(target, state),
            times,
        ),
        "pyHanko": (_nothing, lambda _: peer.out_of_the_box(source, target), peer_times),
        "pyHanko, tuned": (_nothing, lambda _: peer.tuned(source, target), peer_times),
        "pyHanko, tuned, invisible": (
            _nothing,
            lambda _: peer.invisible(source, target),
            peer_times,
        ),
    }
    samples = {way: Samples(case, way) for way in ways}
    for prepare, work, _ in ways.values():  # what is imported on first use is no file's cost
        work(prepare())
    order = list(ways.items())
    for turn in range(times):
        order.append(order.pop(0))
        for way, (prepare, work, count) in order:
            if turn < count:
                given = prepare()
                gc.collect()
                samples[way].time(lambda work=work, given=given: work(given))  # type: ignore[misc]
    return list(samples.values())


def _nothing() -> None:
    """Nothing to prepare."""


class Floor:
    """What cannot be left out: read, hash, one private-key operation, write."""

    def __init__(self, credential: Credential) -> None:
        self._key = credential.key

    def sign(self, source: Path, target: Path) -> None:
        digest = hashlib.sha256()
        with source.open("rb") as original, target.open("wb") as file:
            while chunk := original.read(1024 * 1024):
                digest.update(chunk)
                file.write(chunk)
            file.write(self._signature(digest.digest()))

    def _signature(self, digest: bytes) -> bytes:
        hashed = utils.Prehashed(hashes.SHA256())
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(digest, padding.PKCS1v15(), hashed)
        assert isinstance(self._key, ec.EllipticCurvePrivateKey)
        return self._key.sign(digest, ec.ECDSA(hashed))


class Ours:
    """sipadek's parts, as filing puts them together."""

    def __init__(self, credential: Credential) -> None:
        self._signer: KeySigner = credential.signer()

    def sign(self, source: Path, target: Path) -> None:
        """Received into a copy, stamped and signed there."""
        self.append(target, self.received(source, target))

    def received(self, source: Path, target: Path) -> HashState:
        with target.open("wb") as file:
            return receive(source, file).hashes["sha256"]

    def append(self, target: Path, state: HashState) -> None:
        with (
            target.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
        ):
            document = Document.open(data)
            ref, page = document.first_page()
            revision = Revision(document)
            placed = place(geometry(document, page), STAMP_WIDTH, STAMP_HEIGHT)
            around = content_balance(document, page)
            assert around is not None
            form = draw(STAMP, revision).form
            drawn = PlacedForm(form=form, matrix=placed.on_page(STAMP_WIDTH, STAMP_HEIGHT))
            draw_forms(revision, ref, page, [drawn], around)
            claim = Claim(at=NOW, field="sipadek", reason="Nomor 42")
            add_signature(revision, Widget(page=ref), claim, self._signer)
            tail = revision.build()
        with target.open("ab", buffering=0) as file:
            file.write(seal(tail, state, self._signer))


def _memory(source: Path, folder: Path) -> dict[str, Any]:
    """How far memory rises above what the imports and a one-page file take, in a process of its own."""
    command = [sys.executable, __file__, str(source), str(folder / "memory.pdf")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {"case": "scan", "way": "sipadek, memory", "peak_mb": float(done.stdout)}


def _measure_memory(source: Path, target: Path) -> None:
    small = target.with_name("small.pdf")
    big_pdfs.pages3000(small, pages=1)
    ours = Ours(Authority.create(now=NOW - datetime.timedelta(days=1)).issue("Pejabat"))
    ours.sign(small, target)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ours.sign(source, target)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print((after - before) / 1024)


def _ratios(rows: list[Samples], memory: dict[str, Any]) -> dict[str, float]:
    median = {(row.case, row.way): statistics.median(row.wall) for row in rows}
    cpu = {(row.case, row.way): statistics.median(row.cpu) for row in rows}
    page = "page1, rsa-2048"
    ratios = {
        "page1_vs_floor": median[page, "sipadek"] / median[page, "floor"],
        "page1_vs_pyhanko": median[page, "pyHanko"] / median[page, "sipadek"],
        "page1_vs_pyhanko_tuned": median[page, "pyHanko, tuned"] / median[page, "sipadek"],
        "page1_vs_pyhanko_tuned_invisible": (
            median[page, "pyHanko, tuned, invisible"] / median[page, "sipadek"]
        ),
        "page1_vs_floor_cpu": cpu[page, "sipadek"] / cpu[page, "floor"],
    }
    for key in KEYS[1:]:
        case = f"page1, {key}"
        ratios[f"page1_{key.replace('-', '')}_vs_floor"] = (
            median[case, "sipadek"] / median[case, "floor"]
        )
    for name in big_pdfs.MAKERS:
        ratios[f"{name}_vs_floor"] = median[name, "sipadek"] / median[name, "floor"]
        ratios[f"{name}_in_place_vs_floor"] = (
            median[name, "sipadek, in place"] / median[name, "floor"]
        )
    ratios["scan_peak_mb"] = memory["peak_mb"]
    return {name: round(ratio, 2) for name, ratio in ratios.items()}


if __name__ == "__main__":
    _measure_memory(Path(sys.argv[1]), Path(sys.argv[2]))

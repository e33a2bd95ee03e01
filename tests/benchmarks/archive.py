"""The archive: fixity, ledger, audit, growth, the store's put, backups and packages, beside floors.

Letters are made in the register directly, with contents that are no PDFs: what is measured here does not
look into them. Contents were just written, so both sides of a ratio read them from memory.
"""

from __future__ import annotations

import datetime
import hashlib
import itertools
import os
import resource
import secrets
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import attrs
from measure import percentile

import sipadek
from sipadek.archive import Filed, Letter, LetterDetails, ReservationRequest
from sipadek.ledger import CompactRange, MerkleTree, leaf_hash, verify_inclusion
from sipadek.objects import DirectoryStore
from sipadek.office.content_audit import Contents, Fixity
from sipadek.office.signature_audit import SignatureAudit

DAY = datetime.date(2026, 11, 24)
PAGE = "Yang bertanda tangan di bawah ini menerangkan bahwa nama tersebut benar berdomisili. " * 20
SERIES = "surat"


@attrs.frozen(kw_only=True)
class Size:
    """How much is measured: rounds of each comparison; objects (count, bytes) for fixity; leaves of the
    tree; letters at which growth is looked at; objects that are put; letters that are packed."""

    rounds: int = 5
    objects: tuple[tuple[int, int], ...] = ((2000, 60_000), (60, 4_000_000))
    leaves: int = 100_000
    letters: tuple[int, ...] = (1_000, 10_000)
    puts: int = 200
    packed: int = 300


QUICK = Size(
    rounds=2,
    objects=((50, 60_000), (2, 4_000_000)),
    leaves=2_000,
    letters=(200, 400),
    puts=10,
    packed=20,
)


def run(folder: Path, *, quick: bool, letters: Sequence[int] = ()) -> dict[str, Any]:
    """Rows and ratios; ``folder`` must be on the disk that is to be measured."""
    size = QUICK if quick else Size()
    if letters:
        size = attrs.evolve(size, letters=tuple(sorted(letters)))
    rows: list[dict[str, Any]] = []
    ratios: dict[str, float] = {}
    for part in (_puts, _ledger, _fixity, _growth):
        place = folder / part.__name__.strip("_")
        place.mkdir()
        part(place, size, rows, ratios)
    return {"rows": rows, "ratios": ratios}


def _row(case: str, way: str, **figures: float) -> dict[str, Any]:
    told = {name: round(value, 3 if value < 100 else 1) for name, value in figures.items()}
    return {"case": case, "way": way, **told}


@attrs.frozen
class Took:
    """Seconds by the clock, and of the processor in this process and in children that ended."""

    wall: float
    cpu: float


def _took(work: Callable[..., object], *given: object) -> Took:
    wall, cpu = time.perf_counter(), _processor()
    work(*given)
    return Took(time.perf_counter() - wall, _processor() - cpu)


def _processor() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _middle(took: Iterable[Took]) -> Took:
    walls, cpus = zip(*((each.wall, each.cpu) for each in took), strict=True)
    return Took(statistics.median(walls), statistics.median(cpus))


def _rates(count: float, took: Took) -> dict[str, float]:
    """So many a second, by both clocks."""
    return {"per_s": count / took.wall, "per_cpu_s": count / took.cpu}


# --- putting one object ---------------------------------------------------------------------------


def _puts(folder: Path, size: Size, rows: list[dict[str, Any]], ratios: dict[str, float]) -> None:
    """A put beside what makes one file durable by hand, interleaved."""
    store, plain = DirectoryStore(folder / "store"), folder / "plain"
    for shard in range(256):  # made once in an archive's life
        (folder / "store" / f"{shard:02x}").mkdir()
        (plain / f"{shard:02x}").mkdir(parents=True)
    ways: dict[str, Callable[[bytes, str], None]] = {
        "sipadek": partial(_put, store),
        "write, fsync, rename": partial(_write, plain, False),
        "… and fsync of the folder": partial(_write, plain, True),
    }
    took: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(size.puts):
        for way, work in ways.items():
            data = secrets.token_bytes(60_000)
            digest = hashlib.sha256(data).hexdigest()
            took[way].append(_took(work, data, digest).wall * 1000)
    for way, figures in took.items():
        middle, worst = statistics.median(figures), percentile(figures, 95)
        rows.append(_row("put 60 kB", way, n=size.puts, p50_ms=middle, p95_ms=worst))
    ours, bare, whole = (statistics.median(figures) for figures in took.values())
    ratios["put_vs_write_fsync_rename"] = ours / bare
    ratios["put_vs_the_same_with_folder_synced"] = ours / whole


def _put(store: DirectoryStore, data: bytes, digest: str) -> None:
    with store.stage() as staged:
        staged.write(data)
        store.put(staged, digest)


def _write(folder: Path, whole: bool, data: bytes, digest: str) -> None:
    part, place = folder / f"{digest}.part", folder / digest[:2] / digest
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.rename(place)
    if whole:
        descriptor = os.open(place.parent, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


# --- the ledger -----------------------------------------------------------------------------------


def _ledger(_: Path, size: Size, rows: list[dict[str, Any]], __: dict[str, float]) -> None:
    """The tree alone: no database and no signature."""
    bodies = [b'{"at":"2026-11-24","n":%d}' % n * 10 for n in range(size.leaves)]
    leaves: list[bytes] = []
    proofs: list[tuple[bytes, ...]] = []
    trees: list[MerkleTree] = []
    count = min(20_000, size.leaves)
    step = size.leaves // count

    def append() -> None:
        CompactRange().extend(map(leaf_hash, bodies))

    def build() -> None:
        leaves.extend(map(leaf_hash, bodies))
        trees.append(MerkleTree(leaves))

    def prove() -> None:
        proofs.extend(trees[0].inclusion_proof(n * step) for n in range(count))

    def verify() -> None:
        root = trees[0].root()
        for n, proof in enumerate(proofs):
            verify_inclusion(leaves[n * step], n * step, size.leaves, proof, root)

    for way, work, n in (
        ("append", append, size.leaves),
        ("build a whole tree", build, size.leaves),
        ("prove", prove, count),
        ("verify", verify, count),
    ):
        rows.append(_row(f"ledger of {size.leaves}", way, n=n, **_rates(n, _took(work))))


# --- fixity ---------------------------------------------------------------------------------------


def _fixity(folder: Path, size: Size, rows: list[dict[str, Any]], ratios: dict[str, float]) -> None:
    """What an audit reads of the contents, beside sha256sum on the same files, interleaved."""
    for count, length in size.objects:
        place = folder / f"{length}"
        with sipadek.open(place) as office:
            office.define_series(SERIES, "{nomor}/{tahun}")
            _file(office, count, partial(_random, length))
            files = sorted((place / "objects").glob("??/*"))
            total = sum(path.stat().st_size for path in files) / 1e6
            both = [
                (_took(_sha256sum, files), _took(_read_all, office)) for _ in range(size.rounds)
            ]
        theirs, ours = (_middle(each) for each in zip(*both, strict=True))
        case = f"fixity, {count} of {length / 1000:.0f} kB"
        for way, took in (("sipadek", ours), ("sha256sum", theirs)):
            speeds = {"mb_per_s": total / took.wall, "mb_per_cpu_s": total / took.cpu}
            rows.append(_row(case, way, n=count, **speeds))
        ratios[f"fixity_speed_vs_sha256sum_{length}"] = theirs.wall / ours.wall
        ratios[f"fixity_cpu_vs_sha256sum_{length}"] = theirs.cpu / ours.cpu


def _random(length: int, _: int) -> bytes:
    return secrets.token_bytes(length)


def _sha256sum(files: Sequence[Path]) -> None:
    done = subprocess.run(["sha256sum", *files], check=True, capture_output=True)
    assert done.stdout.count(b"\n") == len(files)


def _read_all(office: sipadek.Office) -> None:
    now, soon = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=90)
    contents = Contents(office._store, Fixity(), SignatureAudit(roots=None, at=now, soon=soon))
    contents.run(office._register)
    assert not contents.findings


# --- growth, audit, backup, packages --------------------------------------------------------------


def _growth(folder: Path, size: Size, rows: list[dict[str, Any]], ratios: dict[str, float]) -> None:
    """One office that grows: what a letter costs and takes at each size; then all of it is used."""
    with sipadek.open(folder / "office") as office:
        office.define_series(SERIES, "{nomor}/{tahun}")
        filed = 0
        costs = []
        for wanted in size.letters:
            filed += _file(office, wanted - filed, _small, filed)
            took = [_took(_give, office, f"{wanted}/{n}") for n in range(30)]
            together = _took(_file, office, 100, _small, filed)
            filed += 100
            costs.append(_middle(took))
            figures = {
                "p50_ms": costs[-1].wall * 1000,
                "p95_ms": percentile([each.wall * 1000 for each in took], 95),
                "cpu_ms": statistics.mean(each.cpu for each in took) * 1000,
                "batch_ms": together.wall * 10,
                "db_bytes": _database_bytes(office) / office._register.count(),
            }
            rows.append(_row(f"at {wanted} letters", "one more", n=len(took), **figures))
        ratios[f"cost_at_{size.letters[-1]}_vs_{size.letters[0]}"] = costs[-1].wall / costs[0].wall
        _use(folder, office, size, rows)


def _database_bytes(office: sipadek.Office) -> int:
    """With what still lies in the write-ahead log."""
    with office._database.read() as connection:
        pages, size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "page_size")
        )
    return int(pages * size)


def _use(folder: Path, office: sipadek.Office, size: Size, rows: list[dict[str, Any]]) -> None:
    """Audit, backup, packages and single proofs of the office that has grown."""
    count = office._register.count()
    took = _took(_audit, office)
    scaled = {"s_per_10_000": took.wall / count * 1e4, "cpu_s_per_10_000": took.cpu / count * 1e4}
    rows.append(_row(f"audit of {count} letters", "all", n=count, seconds=took.wall, **scaled))
    for way in ("first", "nothing new"):
        took = _took(office.backup, folder / "backup")
        rows.append(_row("backup", way, n=count, seconds=took.wall, **_rates(count, took)))
    ids = [letter.id for letter in itertools.islice(office.letters(), size.packed)]
    for layout in ("bagit", "ocfl"):
        work = partial(office.export, folder / layout, letters=ids, layout=layout)
        rows.append(_row("export", layout, n=len(ids), **_rates(len(ids), _took(work))))
    some = ids[:20]
    took = _took(lambda: [office.proof(each) for each in some])
    case = f"proof by itself, {office._register.head().size} events"
    rows.append(_row(case, "office.proof", n=len(some), **_rates(len(some), took)))


def _small(number: int) -> bytes:
    return b"%d" % number + b"y" * 2000


def _audit(office: sipadek.Office) -> None:
    assert office.audit(signatures=False).clean


def _request(key: str, content: str = "", size: int = 0) -> ReservationRequest:
    details = LetterDetails(
        series=SERIES, subject=f"Keterangan domisili {key}", date=DAY, unit="KEL-LEGOK"
    )
    return ReservationRequest(key=key, details=details, content=content, size=size)


def _give(office: sipadek.Office, key: str) -> None:
    """A letter of the register alone: number, event, signed head, index, one commit."""
    office.numbers.give([_request(f"satu/{key}")])


def _file(office: sipadek.Office, count: int, make: Callable[[int], bytes], start: int = 0) -> int:
    """Letters with contents and a page of text, 100 in each commit, past the PDF."""
    for batch in _batches(range(start, start + count), 100):
        contents = [(number, make(number)) for number in batch]
        wanted = [
            _request(f"isi/{number}", hashlib.sha256(data).hexdigest(), len(data))
            for number, data in contents
        ]
        letters = [one for one in office.numbers.reserve(wanted) if isinstance(one, Letter)]
        assert len(letters) == len(wanted)
        filed = []
        staged = []
        for letter, (_, data) in zip(letters, contents, strict=True):
            whole = data + letter.id.encode()
            digest = hashlib.sha256(whole).hexdigest()
            part = office._store.stage()
            part.write(whole)
            staged.append((part, digest))
            filed.append(
                Filed(
                    letter=letter.id,
                    digest=digest,
                    size=len(whole),
                    signer="",
                    pages=(PAGE,),
                    extractor="benchmark 1",
                )
            )
        office._store.put_many(staged)
        office._register.issue(filed)
    return count


def _batches(numbers: Iterable[int], size: int) -> Iterator[list[int]]:
    batch: list[int] = []
    for number in numbers:
        batch.append(number)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch

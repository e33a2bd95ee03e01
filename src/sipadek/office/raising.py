"""The higher PAdES levels of a signed PDF file that is no letter of an office."""

from __future__ import annotations

import datetime
import mmap
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from cryptography import x509

from sipadek import signing
from sipadek.office.receiving import Source
from sipadek.office.writing import Signed, finished, outcome, received_at, staged
from sipadek.signing import HashState, Level, RevocationSource, TimestampAuthority


def raise_level(
    source: Source,
    target: str | os.PathLike[str],
    *,
    to: Level,
    at: datetime.datetime,
    trust: Sequence[x509.Certificate],
    timestamp: TimestampAuthority,
    revocation: RevocationSource,
    password: str | None = None,
) -> Signed:
    """Write to ``target`` the signed PDF with what gives every signature the level ``to``.

    ``target`` appears whole or not at all, and may be the source itself. Where nothing is to be done
    it gets the same bytes (0 ``added``), and a target that is the source is left alone. The file is
    mapped, not read; a revision on top of another one takes as much memory as the file. The arguments
    and errors are those of `sipadek.signing.raise_level`, which gives the bytes instead; besides:

    Raises:
        InvalidInput: the source cannot be read.
        StorageFailed: the disk refused.
    """

    def tail(pdf: mmap.mmap, original: HashState) -> bytes:
        return signing.raise_level(
            pdf, to=to, at=at, trust=trust, timestamp=timestamp, revocation=revocation,
            password=password, original=original,
        )  # fmt: skip

    return _extended(source, Path(target), tail)


def renew(
    source: Source,
    target: str | os.PathLike[str],
    *,
    at: datetime.datetime,
    within: datetime.timedelta,
    trust: Sequence[x509.Certificate],
    timestamp: TimestampAuthority,
    revocation: RevocationSource,
    password: str | None = None,
) -> Signed:
    """Write to ``target`` the PDF (B-LTA) whose newest document time stamp outlives ``at + within``.

    As `raise_level` for files, with the arguments and errors of `sipadek.signing.renew`.
    """

    def tail(pdf: mmap.mmap, original: HashState) -> bytes:
        return signing.renew(
            pdf, at=at, within=within, trust=trust, timestamp=timestamp, revocation=revocation,
            password=password, original=original,
        )  # fmt: skip

    return _extended(source, Path(target), tail)


def _extended(
    source: Source, target: Path, tail: Callable[[mmap.mmap, HashState], bytes]
) -> Signed:
    with staged(target) as path:
        received = received_at(path, source)
        with (
            path.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as pdf,
        ):
            data = tail(pdf, received.hashes["sha256"])
        if not data and _is_file(source, target):
            return outcome(received, data)
        return finished(path, target, received, data)


def _is_file(source: Source, target: Path) -> bool:
    if not isinstance(source, str | os.PathLike):
        return False
    return target.exists() and target.samefile(source)

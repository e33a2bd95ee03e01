"""Whether the store holds exactly the bytes that were registered: all of them, or a sample."""

from __future__ import annotations

import hashlib
import io
import json
import re
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

import attrs

from sipadek.archive import ObjectStore
from sipadek.archive.durable import storage_errors
from sipadek.errors import InvalidInput, NotFound, StorageFailed
from sipadek.office.receiving import CHUNK
from sipadek.sql import Content, Finding, Register

Progress = Callable[[int, int], None]
"""Called with how many letters are done and how many there are."""

_SAVE_EVERY: Final = 100  # Letters between two savings of how far it came.
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class SignatureCheck(Protocol):
    """What looks at the signatures of a letter whose bytes were found whole."""

    @property
    def wanted(self) -> bool:
        """Whether it wants to see any."""
        ...

    def check(self, content: Content, data: bytes) -> Iterator[Finding]:
        """What is wrong with the signatures in ``data``."""
        ...


def _share(_: object, __: object, value: float) -> None:
    if not 0 <= value <= 1:
        raise InvalidInput(f"sample is {value}; give the share of the objects to read, 0 to 1")


def _positive(_: object, __: object, value: float | None) -> None:
    if value is not None and value <= 0:
        raise InvalidInput(f"rate is {value}; give bytes per second above 0, or None")


@attrs.frozen(kw_only=True)
class Fixity:
    """How contents are read. ``sample`` is the share of objects that are read, drawn anew each time;
    of the others only presence and size are looked at. ``rate`` is at most how many bytes are read in
    a second, None for no limit. ``resume`` is a file that remembers how far a run came; a run that
    was ended goes on from there, and the file is gone once a run is complete."""

    sample: float = attrs.field(default=1.0, validator=_share)
    rate: float | None = attrs.field(default=None, validator=_positive)
    resume: Path | None = None
    progress: Progress | None = None


class Contents:
    """One run over the contents of all letters, in the order of their positions. ``referenced`` are the
    digests that there must be; ``destroyed`` those that must be gone, with their letters' numbers."""

    def __init__(self, store: ObjectStore, fixity: Fixity, signatures: SignatureCheck) -> None:
        self.findings: list[Finding] = []
        self.referenced: set[str] = set()
        self.destroyed: dict[str, str] = {}
        self.months: Counter[tuple[str, str]] = Counter()
        self.letters = 0
        self.read_objects = 0
        self.read_bytes = 0
        self._store = store
        self._fixity = fixity
        self._signatures = signatures
        self._pace = Pace(fixity.rate)
        self._seed = secrets.token_hex(8)
        self._after = 0

    def run(self, register: Register) -> None:
        """Look at every letter; ``findings`` and the counts are full afterwards."""
        self._take_up()
        total = register.count()
        for content in register.contents():
            self.letters += 1
            self.months[content.month, content.state] += 1
            if content.destroyed:
                self.destroyed[str(content.filed_digest)] = content.number
            elif _DIGEST.fullmatch(str(content.filed_digest)):  # A damaged file can say anything.
                self.referenced.add(content.filed_digest)
                if content.position > self._after:
                    self.findings += self._look(content)
            if self._fixity.progress is not None:
                self._fixity.progress(self.letters, total)
            if self.letters % _SAVE_EVERY == 0:
                self._save(content.position)
        if self._fixity.resume is not None:
            self._fixity.resume.unlink(missing_ok=True)

    # --- one letter -----------------------------------------------------------------------------

    def _look(self, content: Content) -> Iterator[Finding]:
        try:
            if self._drawn(content):
                yield from self._read(content)
            else:
                size = self._store.size(content.filed_digest)
                if size != content.filed_size:
                    yield _altered(content, "its length", f"has {size} bytes")
        except NotFound:
            yield Finding(
                code="object-missing",
                subject=content.number,
                message=f"the filed PDF of {content.number} is not in the store"
                f" ({content.filed_digest}); restore it from a backup",
            )
        except StorageFailed as error:
            yield Finding(code="object-unreadable", subject=content.number, message=error.message)

    def _drawn(self, content: Content) -> bool:
        drawn = hashlib.sha256(f"{self._seed} {content.id}".encode()).digest()[:8]
        return int.from_bytes(drawn) < self._fixity.sample * 2**64

    def _read(self, content: Content) -> Iterator[Finding]:
        signed = bool(content.signer) and self._signatures.wanted
        with self._store.open(content.filed_digest) as file:
            seen = io.BytesIO() if signed else None
            original, whole, size = _digests(file, content.original_size, self._pace, seen)
        self.read_objects += 1
        self.read_bytes += size
        if whole != content.filed_digest or size != content.filed_size:
            first = original != content.original_digest
            what = "its first part, the original," if first else "its end"
            yield _altered(content, what, f"has {size} bytes with SHA-256 {whole}")
        elif original != content.original_digest:
            yield Finding(
                code="original-differs",
                subject=content.number,
                message=f"the filed PDF of {content.number} does not begin with the registered"
                " original",
            )
        elif seen is not None:
            yield from self._signatures.check(content, seen.getvalue())

    # --- going on -------------------------------------------------------------------------------

    def _take_up(self) -> None:
        path = self._fixity.resume
        if path is None or not path.exists():
            return
        try:
            value = json.loads(path.read_bytes())
            self._after, self._seed = int(value["after"]), str(value["seed"])
            self.read_objects, self.read_bytes = int(value["objects"]), int(value["bytes"])
            self.findings = [Finding(*map(str, each)) for each in value["findings"]]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InvalidInput(
                f"{path} does not say how far an audit came ({error}); give another file, or delete"
                " it to begin anew",
                path=str(path),
            ) from error

    def _save(self, position: int) -> None:
        path = self._fixity.resume
        if path is None or position <= self._after:
            return
        value: dict[str, Any] = {
            "after": position,
            "seed": self._seed,
            "objects": self.read_objects,
            "bytes": self.read_bytes,
            "findings": [[f.code, f.subject, f.message] for f in self.findings],
        }
        temporary = path.with_name(f".{path.name}.part")
        with storage_errors("Writing", path):
            temporary.write_text(json.dumps(value), encoding="utf-8")
            temporary.replace(path)


class Pace:
    """Waits so that no more than ``rate`` bytes a second are spent, on average since the first."""

    def __init__(
        self,
        rate: float | None,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate = rate
        self._now = now
        self._sleep = sleep
        self._spent = 0
        self._start: float | None = None

    def spend(self, size: int) -> None:
        """``size`` bytes were read."""
        if self._rate is None:
            return
        if self._start is None:
            self._start = self._now()
        self._spent += size
        ahead = self._spent / self._rate - (self._now() - self._start)
        if ahead > 0:
            self._sleep(ahead)


def _altered(content: Content, what: str, found: str) -> Finding:
    return Finding(
        code="object-altered",
        subject=content.number,
        message=f"the filed PDF of {content.number} was altered in {what} and {found}; registered are"
        f" {content.filed_size} bytes with {content.filed_digest}; restore it from a backup",
    )


def _digests(
    file: BinaryIO, prefix: int, pace: Pace, seen: io.BytesIO | None
) -> tuple[str, str, int]:
    """SHA-256 of the first ``prefix`` bytes, of everything, and the length of everything, which also
    goes to ``seen``."""
    whole = hashlib.sha256()
    size = 0
    original = ""
    while chunk := file.read(min(CHUNK, prefix - size) if size < prefix else CHUNK):
        whole.update(chunk)
        size += len(chunk)
        pace.spend(len(chunk))
        if seen is not None:
            seen.write(chunk)
        if size == prefix:
            original = whole.hexdigest()
    return original, whole.hexdigest(), size

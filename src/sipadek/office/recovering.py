"""After an interruption: finish what can be finished, void what cannot, drop what is left over."""

from __future__ import annotations

import datetime
import hashlib
import tempfile
from pathlib import Path

import attrs

from sipadek.archive import Filed, Letter, ObjectStore, State
from sipadek.errors import NotFound
from sipadek.office.auditing import object_mark
from sipadek.pdf import extracting
from sipadek.signing import claimed_signers
from sipadek.sql import Register

REASON = "penyelesaian naskah terputus dan tidak dilanjutkan"
"""Why `recover` makes a number void; it stands in the register, which is read in Indonesian."""


@attrs.frozen(kw_only=True)
class Recovered:
    """Which letters were ``completed`` and ``voided``, and how many left-over files were dropped."""

    completed: tuple[Letter, ...]
    voided: tuple[Letter, ...]
    dropped: int


def recover(
    register: Register, store: ObjectStore, *, before: datetime.datetime, at: datetime.datetime
) -> Recovered:
    """See `Office.recover`. Reservations made at ``before`` or later are left alone, and so is a number
    that someone holds: one without a PDF, in stock, or with a lease, until that is over."""
    lapsed = register.expire(at=at)
    pending = {
        letter.id: letter
        for letter in register.pending(before)
        if letter.original_digest and letter.expires_at is None
    }
    filed: list[Filed] = []
    dropped = store.clean(before=before)
    for digest in list(store.digests()):
        if register.find_filed(digest) is not None:
            continue
        mark = object_mark(store, digest)
        if mark in pending:
            found = _sealed(store, digest, pending[mark])
            if found is not None and mark not in {f.letter for f in filed}:
                filed.append(found)
                continue
        if _left_over(register, mark, pending):
            store.delete(digest)
            dropped += 1
    completed = register.issue(filed, at=at) if filed else []
    done = {letter.id for letter in completed}
    voided = [
        register.void(letter.id, reason=REASON, at=at)
        for letter in pending.values()
        if letter.id not in done
    ]
    return Recovered(completed=tuple(completed), voided=(*lapsed, *voided), dropped=dropped)


def find_kept(register: Register, store: ObjectStore, letter: Letter) -> Filed | None:
    """The filed PDF of a reserved letter that was kept before it could be issued, if there is one.

    It looks at the objects that no letter refers to, which takes as long as the archive is large.
    """
    for digest in store.digests():
        if register.find_filed(digest) is None and object_mark(store, digest) == letter.id:
            found = _sealed(store, digest, letter)
            if found is not None:
                return found
    return None


def _sealed(store: ObjectStore, digest: str, letter: Letter) -> Filed | None:
    """The object as the outcome of sealing ``letter``, if it is whole and begins with its original."""
    with store.open(digest) as file:
        data = file.read()
    original = hashlib.sha256(data[: letter.original_size]).hexdigest()
    if original != letter.original_digest or hashlib.sha256(data).hexdigest() != digest:
        return None
    with tempfile.TemporaryDirectory(prefix="sipadek-") as folder:
        path = Path(folder) / "original.pdf"
        path.write_bytes(data[: letter.original_size])  # as it is read when a letter is filed
        with extracting(path, password=None) as text:
            found = text()
    certificates = claimed_signers(data)
    return Filed(
        letter=letter.id,
        digest=digest,
        size=len(data),
        signer=certificates[-1].subject.rfc4514_string() if certificates else "",
        pages=found.pages,
        extractor=found.extractor,
        about=found.about,
    )


def _left_over(register: Register, mark: str, pending: dict[str, Letter]) -> bool:
    """Made for a letter that has been issued with other bytes, or that ends void."""
    if mark in pending:
        return True
    try:
        return bool(mark) and register.get(mark).state is not State.RESERVED
    except NotFound:
        return False

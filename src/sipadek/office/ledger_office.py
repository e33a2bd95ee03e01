"""The part of an office that proves itself: its audit, checkpoints, witnesses and proofs."""

from __future__ import annotations

import datetime
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import attrs
from cryptography import x509

from sipadek.archive import Letter, ObjectStore
from sipadek.ledger import CheckpointVerifier, CosignatureVerifier, Proof, WitnessRequest
from sipadek.office.auditing import AuditOptions, AuditReport, audit
from sipadek.office.content_audit import Fixity, Progress
from sipadek.office.folder import Folder
from sipadek.office.keeping import Kept
from sipadek.sql import Register


class OfficeLedger:
    """What `Office` has to do with its ledger."""

    _folder: Folder
    _clock: Callable[[], datetime.datetime]
    _store: ObjectStore
    _register: Register
    _kept: Kept | None
    _verifying: CheckpointVerifier

    def get(self, number_or_id: str) -> Letter:
        """The letter of that number or id."""
        raise NotImplementedError

    def _roots(self) -> tuple[x509.Certificate, ...]:
        raise NotImplementedError

    def audit(
        self,
        *,
        progress: Progress | None = None,
        sample: float = 1.0,
        rate: float | None = None,
        resume: str | os.PathLike[str] | None = None,
        known: Sequence[str] = (),
        signatures: bool = True,
        soon: datetime.timedelta = datetime.timedelta(days=90),
    ) -> AuditReport:
        """Check the ledger, the register against it, every number, the contents, the signatures, the
        trusted roots and the index.

        All bytes of all objects are read, or a ``sample`` of them (0.1: a tenth, another one each
        time), at most ``rate`` bytes a second. ``resume`` names a file in which a run that is ended
        remembers how far it came. ``known`` are signed checkpoints kept elsewhere, such as those that
        a witness cosigned: the log must contain them all. ``soon`` is how long before certificates
        and time stamps end it is warned of them; with ``signatures`` false they are not looked at.
        ``progress`` is called with letters done and letters in all.

        Raises InvalidInput for a share or a rate that is none.
        """
        kept = None if self._kept is None else self._kept.read()
        disk = shutil.disk_usage(self._folder.root)
        fixity = Fixity(
            sample=sample,
            rate=rate,
            resume=None if resume is None else Path(resume),
            progress=progress,
        )
        findings = [*self._folder.check(self.verifier, self._register.trusted_roots())]
        broken = any(finding.code == "root-unreadable" for finding in findings)
        options = AuditOptions(
            fixity=fixity,
            known=(*known, *(() if kept is None else (kept.checkpoint,))),
            roots=(() if broken else self._roots()) if signatures else None,
            soon=soon,
            disk=(disk.free, disk.total),
        )
        report = audit(self._register, self._store, options, at=self._clock())
        return attrs.evolve(report, findings=(*findings, *report.findings))

    @property
    def verifier(self) -> CheckpointVerifier:
        """The public key that verifies this office's checkpoints; its text is in
        ``keys/checkpoint.pub``."""
        return self._verifying

    def checkpoint(self) -> str:
        """The newest signed checkpoint of the ledger. Keep copies elsewhere, for `audit`."""
        return self._register.head().checkpoint

    def proof(self, number_or_id: str, *, kind: str = "") -> Proof:
        """What proves to others that a letter's newest event (or that of a ``kind``, such as
        'letter.issued') stands in the ledger: a C2SP tlog-proof, written by ``str``.

        It is under the newest cosigned checkpoint that covers the event, else under the newest one.
        `sipadek.ledger.verify_proof` checks it without the office. Raises NotFound.
        """
        return self._register.proof(self.get(number_or_id).id, kind=kind)

    def witness_request(self, old_size: int = 0) -> WitnessRequest:
        """What a witness needs to cosign the newest checkpoint, when it last cosigned one of
        ``old_size`` events (0: none yet). Raises InvalidInput for a size that the ledger never had."""
        return self._register.witness_request(old_size)

    def add_cosignature(self, note: str, *, witness: CosignatureVerifier) -> datetime.datetime:
        """Keep a checkpoint that a witness cosigned; returns when it did. Proofs are made under it from
        now on. Raises CheckpointInvalid or LedgerInconsistent where it is not of this ledger."""
        return self._register.add_cosignature(note, witness=witness, at=self._clock())

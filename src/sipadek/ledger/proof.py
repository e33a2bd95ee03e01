"""A proof that an event stands in the ledger, to be checked without it (C2SP tlog-proof, version 1).

The event's own bytes travel as the bundle's extra data. That data is trusted only once its hash was
found in the tree of a signed checkpoint.
"""

from __future__ import annotations

import base64
import datetime
import re
from collections.abc import Mapping, Sequence
from typing import Final, Self

import attrs

from sipadek.errors import CheckpointInvalid
from sipadek.ledger.checkpoint import Checkpoint, CheckpointVerifier
from sipadek.ledger.cosignature import CosignatureVerifier
from sipadek.ledger.event import Event
from sipadek.ledger.merkle import leaf_hash, verify_inclusion
from sipadek.ledger.note import decoded, malformed
from sipadek.ledger.witness import cosigned_by, hash_lines, lines_of

_HEADER: Final = "c2sp.org/tlog-proof@v1"
_INDEX: Final = re.compile(r"index (0|[1-9][0-9]{0,18})")
MAX_BUNDLE: Final = 4 << 20
"""The greatest length of a bundle, in characters."""


@attrs.frozen(kw_only=True)
class Proven:
    """What a bundle proves: the ``event`` is in the log of ``checkpoint``, at ``index`` (0-based), and
    these witnesses had ``cosigned`` that checkpoint, at these times (UTC)."""

    event: Event
    index: int
    checkpoint: Checkpoint
    cosigned: Mapping[str, datetime.datetime]


@attrs.frozen(kw_only=True)
class Proof:
    """A bundle: leaf ``index``, the ``path`` of its inclusion, nearest hash first, the signed
    ``checkpoint``, and ``extra``, the event's bytes."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes = b""

    def __str__(self) -> str:
        """The text of a ``.tlog-proof`` file."""
        extra = f"extra {base64.b64encode(self.extra).decode()}\n" if self.extra else ""
        return f"{_HEADER}\n{extra}index {self.index}\n{lines_of(self.path)}\n{self.checkpoint}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads a bundle, strictly; nothing is verified yet. Raises CheckpointInvalid."""
        if not isinstance(text, str) or len(text) > MAX_BUNDLE:
            raise malformed(f"it is not a text of at most {MAX_BUNDLE} characters")
        head, separator, checkpoint = text.partition("\n\n")
        header, *lines = head.split("\n")
        if not separator or header != _HEADER:
            raise malformed(f"a proof begins with {_HEADER} and ends with a checkpoint")
        extra = b""
        if lines and lines[0].startswith("extra "):
            try:
                extra = decoded(lines.pop(0).removeprefix("extra "))
            except ValueError as error:
                raise malformed(f"its extra data cannot be read: {error}") from error
        found = _INDEX.fullmatch(lines.pop(0)) if lines else None
        if found is None:
            raise malformed("it has no index")
        return cls(index=int(found[1]), path=hash_lines(lines), checkpoint=checkpoint, extra=extra)

    def verify(
        self,
        log: CheckpointVerifier,
        *,
        origin: str | None = None,
        witnesses: Sequence[CosignatureVerifier] = (),
        wanted: int | None = None,
    ) -> Proven:
        """Checks the log's signature, the inclusion, and the cosignatures.

        ``origin`` is the log it must be of, by default the one named like ``log``. At least ``wanted``
        of ``witnesses`` must have cosigned; by default all.

        Raises:
            CheckpointInvalid: the checkpoint is not signed by the log, or not by enough witnesses.
            LedgerInconsistent: the event is not in the log, or its bytes are no event.
        """
        checkpoint = log.verify_checkpoint(self.checkpoint, origin=origin)
        leaf = leaf_hash(self.extra)
        verify_inclusion(leaf, self.index, checkpoint.size, self.path, checkpoint.root)
        cosigned = cosigned_by(self.checkpoint, witnesses)
        needed = len(witnesses) if wanted is None else wanted
        if len(cosigned) < needed:
            missing = ", ".join(each.name for each in witnesses if each.name not in cosigned)
            raise CheckpointInvalid(
                f"{len(cosigned)} of the witnesses cosigned the checkpoint, {needed} must have; "
                f"missing: {missing or 'their keys'}",
                reason="not enough cosignatures",
            )
        return Proven(
            event=Event.parse(self.extra),
            index=self.index,
            checkpoint=checkpoint,
            cosigned=cosigned,
        )

"""A witness: it cosigns a log's checkpoint only if that follows from the last one it cosigned.

What a log sends is the body of C2SP tlog-witness ``add-checkpoint``: the size the witness is believed
to know, the consistency proof from there, and the signed checkpoint.
"""

from __future__ import annotations

import base64
import datetime
import re
from collections.abc import Sequence
from typing import Final, Self

import attrs

from sipadek.errors import CheckpointInvalid, InvalidInput, LedgerInconsistent
from sipadek.ledger.checkpoint import Checkpoint, CheckpointVerifier
from sipadek.ledger.cosignature import CosignatureVerifier, CosignerKey
from sipadek.ledger.merkle import EMPTY_ROOT, HASH_SIZE, verify_consistency
from sipadek.ledger.note import decoded, malformed

MAX_PROOF: Final = 63
"""The most hashes that a proof in a tree of fewer than 2**63 leaves has."""

_OLD: Final = re.compile(r"old (0|[1-9][0-9]{0,18})")


def hash_lines(lines: Sequence[str]) -> tuple[bytes, ...]:
    """Hashes in Base64, one to a line. Raises CheckpointInvalid."""
    if len(lines) > MAX_PROOF:
        raise malformed(f"a proof has at most {MAX_PROOF} hashes, this has {len(lines)}")
    try:
        hashes = tuple(map(decoded, lines))
    except ValueError as error:
        raise malformed(f"a hash cannot be read: {error}") from error
    if any(len(each) != HASH_SIZE for each in hashes):
        raise malformed(f"a hash has not {HASH_SIZE} bytes")
    return hashes


def lines_of(hashes: Sequence[bytes]) -> str:
    """The same, written."""
    return "".join(f"{base64.b64encode(each).decode()}\n" for each in hashes)


@attrs.frozen(kw_only=True)
class WitnessRequest:
    """What a witness is asked to cosign: ``checkpoint`` (a signed note), and the ``proof`` that its
    tree begins with the one of ``old_size`` leaves."""

    old_size: int
    proof: tuple[bytes, ...]
    checkpoint: str

    def __str__(self) -> str:
        return f"old {self.old_size}\n{lines_of(self.proof)}\n{self.checkpoint}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads a request, strictly. Raises CheckpointInvalid."""
        if not isinstance(text, str):
            raise malformed("it is not a text")
        head, separator, checkpoint = text.partition("\n\n")
        old, *lines = head.split("\n")
        found = _OLD.fullmatch(old)
        if not separator or found is None:
            raise malformed("a request begins with 'old' and a size, and holds a checkpoint")
        return cls(old_size=int(found[1]), proof=hash_lines(lines), checkpoint=checkpoint)


@attrs.define
class Witness:
    """Watches one log. ``key`` is its own, ``log`` the log's; ``last`` the newest note that it
    cosigned, empty at first: keep it as safely as the key, since a witness that forgets it cosigns a
    second history.

    Raises CheckpointInvalid where ``last`` is not one that both signed.
    """

    key: CosignerKey
    log: CheckpointVerifier
    last: str = ""

    def __attrs_post_init__(self) -> None:
        if self.last:
            self.log.verify_checkpoint(self.last)
            self.verifier.verify(self.last)

    @property
    def verifier(self) -> CosignatureVerifier:
        """The public half of its key."""
        return self.key.verifier

    @property
    def size(self) -> int:
        """How many events the log had when last cosigned; what the next request must start from."""
        return self._known().size

    def _known(self) -> Checkpoint:
        if self.last:
            return self.log.verify_checkpoint(self.last)
        return Checkpoint(origin=self.log.name, size=0, root=EMPTY_ROOT)

    def cosign(self, request: WitnessRequest | str, *, at: datetime.datetime) -> str:
        """The checkpoint with this witness's signature; it is remembered as ``last``.

        Raises:
            CheckpointInvalid: the log's key did not sign it, or it is of another log.
            LedgerInconsistent: it does not follow from the last one: events were altered or taken
                out, or an older state was put back. Keep both notes: they prove it.
            InvalidInput: the request starts from another size than ``size``.
        """
        if isinstance(request, str):
            request = WitnessRequest.parse(request)
        new, known = self.log.verify_checkpoint(request.checkpoint), self._known()
        if new.size < known.size:
            raise LedgerInconsistent(
                f"the log has {new.size} events, and had {known.size} when it was last cosigned; "
                "an older state was put back",
                reason="rolled back",
            )
        if request.old_size != known.size:
            raise InvalidInput(
                f"the request starts from {request.old_size} events, the last cosigned checkpoint "
                f"has {known.size}; ask for a request from there",
                size=known.size,
            )
        verify_consistency(known.size, known.root, new.size, new.root, request.proof)
        self.last = self.key.cosign(request.checkpoint, at=at)
        return self.last


def cosigned_by(
    note: str, witnesses: Sequence[CosignatureVerifier]
) -> dict[str, datetime.datetime]:
    """Which of these witnesses cosigned the checkpoint in ``note``, and when. Raises CheckpointInvalid
    for a signature in the name of one that is wrong."""
    found: dict[str, datetime.datetime] = {}
    for witness in witnesses:
        try:
            found[witness.name] = witness.verify(note)
        except CheckpointInvalid as error:
            if error.fields.get("reason") != "not cosigned by this key":
                raise
    return found

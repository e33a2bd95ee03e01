"""Cosignatures: a witness's word that it saw a checkpoint, when, and that it follows the last one.

C2SP tlog-cosignature, the Ed25519 kind ("cosignature/v1").
"""

from __future__ import annotations

import datetime
import struct
from typing import Final, Self

import attrs
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sipadek.errors import CheckpointInvalid, InvalidInput
from sipadek.ledger.checkpoint import Checkpoint
from sipadek.ledger.note import (
    COSIGNATURE,
    Note,
    NoteSignature,
    is_key_name,
    key_id,
    key_text,
    read_key_text,
)
from sipadek.ledger.note_key import NoteKey, read_public_key

_TIME: Final = struct.Struct(">Q")
_LATEST: Final = 253402300799
"""The last second that a datetime can hold (9999-12-31)."""


def _message(seconds: int, text: str) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


@attrs.frozen
class CosignatureVerifier:
    """The public half of a witness's key. ``public`` is the Ed25519 key, 32 bytes."""

    name: str
    public: bytes
    _key: Ed25519PublicKey = attrs.field(init=False, repr=False, eq=False)
    key_id: bytes = attrs.field(init=False, eq=False, repr=bytes.hex)

    def __attrs_post_init__(self) -> None:
        if not is_key_name(self.name):
            raise InvalidInput(f"witness name {self.name!r} cannot be used", name=self.name)
        object.__setattr__(self, "_key", read_public_key(self.public, self.name))
        object.__setattr__(self, "key_id", key_id(self.name, self.public, COSIGNATURE))

    def __str__(self) -> str:
        """The verifier key as text: name+id+key."""
        return key_text(self.name, self.public, COSIGNATURE)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads the text of a verifier key, strictly. Raises KeyUnusable."""
        return cls(*read_key_text(text, COSIGNATURE))

    def verify(self, note: str) -> datetime.datetime:
        """When (UTC, to the second) this witness cosigned the checkpoint in ``note``. Raises
        CheckpointInvalid where it did not, or a signature in its name is wrong."""
        parsed = Note.parse(note)
        Checkpoint.parse(parsed.text)
        mine = [s for s in parsed.signatures if (s.name, s.key_id) == (self.name, self.key_id)]
        if not mine:
            raise CheckpointInvalid(
                f"the checkpoint is not cosigned by {self.name} ({self.key_id.hex()}); have it "
                "cosigned, or use the key of the witness that did",
                name=self.name,
                reason="not cosigned by this key",
            )
        return max(self._time(signature.signature, parsed.text) for signature in mine)

    def _time(self, signature: bytes, text: str) -> datetime.datetime:
        try:
            (seconds,) = _TIME.unpack(signature[: _TIME.size])
            self._key.verify(signature[_TIME.size :], _message(seconds, text))
            if seconds > _LATEST:
                raise ValueError("its time is out of range")
        except (InvalidSignature, ValueError, struct.error) as error:
            raise CheckpointInvalid(
                f"the cosignature of {self.name} does not match the checkpoint; one was altered",
                name=self.name,
                reason="wrong cosignature",
            ) from error
        return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


class CosignerKey(NoteKey[CosignatureVerifier]):
    """An Ed25519 key that cosigns checkpoints in a witness's name. Use it for nothing else. Its repr
    shows nothing secret."""

    def cosign(self, note: str, *, at: datetime.datetime) -> str:
        """``note``, a signed checkpoint, with this witness's signature at its end, for the time
        ``at`` (aware). An older one of the same key is replaced.

        It checks nothing: `Witness.cosign` does, and calls this. Raises CheckpointInvalid for what is
        no checkpoint, InvalidInput for a time without a zone or before 1970.
        """
        parsed = Note.parse(note)
        Checkpoint.parse(parsed.text)
        if at.utcoffset() is None or at.timestamp() < 0:
            raise InvalidInput(f"{at!r} cannot be the time of a cosignature; pass an aware time")
        seconds = int(at.timestamp())
        line = NoteSignature(
            name=self.name,
            key_id=self.verifier.key_id,
            signature=_TIME.pack(seconds) + self._key.sign(_message(seconds, parsed.text)),
        )
        mine = (self.name, self.verifier.key_id)
        others = tuple(s for s in parsed.signatures if (s.name, s.key_id) != mine)
        return str(Note(text=parsed.text, signatures=(*others, line)))

    @classmethod
    def _verifier_of(cls, name: str, public: bytes) -> CosignatureVerifier:
        return CosignatureVerifier(name, public)

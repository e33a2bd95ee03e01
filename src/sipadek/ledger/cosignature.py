"""Cosignatures: a witness's word that it saw a checkpoint, when, and that it follows the last one.

C2SP tlog-cosignature, the Ed25519 kind ("cosignature/v1").
"""

from __future__ import annotations

import datetime
import struct
from typing import Final, Self

import attrs
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sipadek.errors import CheckpointInvalid, InvalidInput, KeyUnusable
from sipadek.ledger.checkpoint import Checkpoint, read_private_key, write_private_key
from sipadek.ledger.note import (
    COSIGNATURE,
    Note,
    NoteSignature,
    is_key_name,
    key_id,
    key_text,
    read_key_text,
)

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
    key_id: bytes = attrs.field(init=False, eq=False, repr=bytes.hex)

    def __attrs_post_init__(self) -> None:
        if not is_key_name(self.name):
            raise InvalidInput(f"witness name {self.name!r} cannot be used", name=self.name)
        try:
            Ed25519PublicKey.from_public_bytes(self.public)
        except (TypeError, ValueError) as error:
            raise KeyUnusable(
                f"the public key of {self.name!r} is not 32 bytes of Ed25519; copy it anew",
                name=self.name,
            ) from error
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
            key = Ed25519PublicKey.from_public_bytes(self.public)
            key.verify(signature[_TIME.size :], _message(seconds, text))
            if seconds > _LATEST:
                raise ValueError("its time is out of range")
        except (InvalidSignature, ValueError, struct.error) as error:
            raise CheckpointInvalid(
                f"the cosignature of {self.name} does not match the checkpoint; one was altered",
                name=self.name,
                reason="wrong cosignature",
            ) from error
        return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


@attrs.frozen(eq=False, repr=False)
class CosignerKey:
    """An Ed25519 key that cosigns checkpoints in a witness's name. Use it for nothing else. Its repr
    shows nothing secret."""

    _key: Ed25519PrivateKey
    verifier: CosignatureVerifier

    def __repr__(self) -> str:
        return f"CosignerKey(name={self.name!r}, key_id={self.verifier.key_id.hex()!r})"

    @property
    def name(self) -> str:
        """The name it signs in."""
        return self.verifier.name

    @classmethod
    def generate(cls, name: str) -> Self:
        """A new key. Raises InvalidInput for a name that no note can carry."""
        return cls._made(Ed25519PrivateKey.generate(), name)

    @classmethod
    def from_pem(cls, pem: bytes, name: str, *, passphrase: bytes | None = None) -> Self:
        """The key in a PKCS #8 file. Raises KeyUnusable."""
        return cls._made(read_private_key(pem, name, passphrase), name)

    def to_pem(self, *, passphrase: bytes | None = None) -> bytes:
        """The key as PKCS #8, encrypted if a passphrase is given; for its owner only."""
        return write_private_key(self._key, passphrase)

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
    def _made(cls, key: Ed25519PrivateKey, name: str) -> Self:
        return cls(key, CosignatureVerifier(name, key.public_key().public_bytes_raw()))

"""Signed checkpoints of the ledger: who, how many events, and the root of the tree over them.

The text is that of C2SP tlog-checkpoint, the signature Ed25519 in a C2SP signed note.
"""

from __future__ import annotations

import base64
import re
from typing import Final, Self

import attrs
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sipadek.errors import CheckpointInvalid, InvalidInput
from sipadek.ledger.merkle import EMPTY_ROOT, HASH_SIZE
from sipadek.ledger.note import (
    Note,
    NoteSignature,
    check_text,
    decoded,
    is_key_name,
    key_id,
    key_text,
    malformed,
    read_key_text,
)
from sipadek.ledger.note_key import NoteKey, read_public_key

_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_MAX_SIZE: Final = 2**63 - 1
_LINES: Final = 3
_MAX_ORIGIN: Final = 255


def _key_name(_: object, __: object, value: str) -> None:
    if not is_key_name(value):
        raise InvalidInput(
            f"key name {value!r} cannot be used; write 1 to 255 printable characters without "
            "spaces and plus signs, such as 'arsip.kota.example'",
            name=value,
        )


@attrs.frozen(kw_only=True)
class Checkpoint:
    """A tree head: ``origin`` names the log, ``size`` counts its events, ``root`` is the root of
    the tree over them (32 bytes). Raises InvalidInput for values that cannot be one."""

    origin: str
    size: int
    root: bytes

    def __attrs_post_init__(self) -> None:
        origin = self.origin
        if not 1 <= len(origin) <= _MAX_ORIGIN or not origin.isprintable() or origin.isspace():
            raise InvalidInput(
                f"origin {origin!r} cannot be used; name the log in 1 to {_MAX_ORIGIN} printable "
                "characters",
                origin=origin,
            )
        if type(self.size) is not int or not 0 <= self.size <= _MAX_SIZE:
            raise InvalidInput(f"size {self.size!r} is not a number of events", size=self.size)
        if len(self.root) != HASH_SIZE or (self.size == 0 and self.root != EMPTY_ROOT):
            raise InvalidInput(
                f"root {self.root.hex()} is not the root of a tree of {self.size}; pass "
                "CompactRange.root()",
                root=self.root,
            )

    def __str__(self) -> str:
        """The text that is signed: origin, size and root in Base64, a line each."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads the text of a checkpoint. Strict, and without extension lines, since this library
        writes none. Raises CheckpointInvalid."""
        lines = text.split("\n")
        if len(lines) != _LINES + 1 or lines.pop():
            raise malformed(f"a checkpoint has {_LINES} lines, this has {text.count(chr(10))}")
        origin, size, root = lines
        if not _SIZE.fullmatch(size):
            raise malformed(f"size {size[:40]!r} is not a decimal number")
        try:
            return cls(origin=origin, size=int(size), root=decoded(root))
        except (InvalidInput, ValueError) as error:
            raise malformed(f"its text cannot be read: {error}") from error


@attrs.frozen
class CheckpointVerifier:
    """The public half of a checkpoint key. ``public`` is the Ed25519 key, 32 bytes."""

    name: str = attrs.field(validator=_key_name)
    public: bytes
    _key: Ed25519PublicKey = attrs.field(init=False, repr=False, eq=False)
    key_id: bytes = attrs.field(init=False, eq=False, repr=bytes.hex)

    def __attrs_post_init__(self) -> None:
        key = read_public_key(self.public, self.name)
        object.__setattr__(self, "_key", key)
        object.__setattr__(self, "key_id", key_id(self.name, self.public))

    def __str__(self) -> str:
        """The verifier key as text: name+id+key."""
        return key_text(self.name, self.public)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads the text of a verifier key, strictly. Raises KeyUnusable."""
        return cls(*read_key_text(text))

    def verify(self, note: str) -> str:
        """The text of a note that this key has signed. Signatures of other keys are ignored. Raises
        CheckpointInvalid where this key has not signed, or any signature in its name is wrong."""
        parsed = Note.parse(note)
        mine = [s for s in parsed.signatures if (s.name, s.key_id) == (self.name, self.key_id)]
        if not mine:
            raise CheckpointInvalid(
                f"the note is not signed by {self.name} ({self.key_id.hex()}); get it again, or "
                "use the verifier of the key that signed it",
                name=self.name,
                reason="not signed by this key",
            )
        for signature in mine:
            try:
                self._key.verify(signature.signature, parsed.text.encode())
            except InvalidSignature as error:
                raise CheckpointInvalid(
                    f"the signature of {self.name} does not match the note; it was altered",
                    name=self.name,
                    reason="wrong signature",
                ) from error
        return parsed.text

    def verify_checkpoint(self, note: str, *, origin: str | None = None) -> Checkpoint:
        """The checkpoint in a note that this key has signed. ``origin`` is the log it must be of,
        by default the one named like the key. Raises CheckpointInvalid."""
        checkpoint = Checkpoint.parse(self.verify(note))
        expected = self.name if origin is None else origin
        if checkpoint.origin != expected:
            raise CheckpointInvalid(
                f"the checkpoint is of the log {checkpoint.origin!r}, expected {expected!r}",
                origin=checkpoint.origin,
                reason="another log",
            )
        return checkpoint


class CheckpointKey(NoteKey[CheckpointVerifier]):
    """An Ed25519 key that signs checkpoints in a name. Its repr shows nothing secret."""

    def sign(self, text: str) -> str:
        """A note of this text, signed. Raises CheckpointInvalid for a text that no note can carry:
        it must end with a newline and have no other control characters."""
        check_text(text)
        signature = NoteSignature(
            name=self.name,
            key_id=self.verifier.key_id,
            signature=self._key.sign(text.encode()),
        )
        return str(Note(text=text, signatures=(signature,)))

    def sign_checkpoint(self, origin: str, size: int, root: bytes) -> str:
        """The signed note of a tree head; a log is best named (``origin``) like its key. Never sign
        two trees of which one is not the beginning of the other. Raises InvalidInput."""
        return self.sign(str(Checkpoint(origin=origin, size=size, root=root)))

    @classmethod
    def _verifier_of(cls, name: str, public: bytes) -> CheckpointVerifier:
        return CheckpointVerifier(name, public)

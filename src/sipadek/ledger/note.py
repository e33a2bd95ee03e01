"""Signed notes (C2SP signed-note): a text, a blank line, and one line for each signature.

Strict: a note that is read gives the same text again when written.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Final, Self

import attrs

from sipadek.errors import CheckpointInvalid, KeyUnusable

MAX_NOTE: Final = 1 << 20
"""The greatest length of a note, in characters."""

MAX_SIGNATURES: Final = 64
"""The greatest number of signatures read; the specification asks for at least 16."""

ED25519: Final = b"\x01"
"""The signature type of Ed25519."""

COSIGNATURE: Final = b"\x04"
"""The signature type of Ed25519 cosignatures with a time (C2SP tlog-cosignature)."""

_KINDS: Final = {ED25519: "Ed25519", COSIGNATURE: "Ed25519 cosignature"}
_KEY_ID_SIZE: Final = 4
_DASH: Final = "— "


def is_key_name(name: object) -> bool:
    """Whether a key may be named so: not empty, no spaces, no plus, only printable characters."""
    return (
        isinstance(name, str)
        and 1 <= len(name) <= 255
        and name.isprintable()
        and "+" not in name
        and not any(character.isspace() for character in name)
    )


def key_id(name: str, public: bytes, kind: bytes = ED25519) -> bytes:
    """The first four bytes of SHA-256(name ‖ 0x0A ‖ signature type ‖ public key)."""
    return hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:_KEY_ID_SIZE]


def key_text(name: str, public: bytes, kind: bytes = ED25519) -> str:
    """A verifier key as text: name+id+key (C2SP signed-note, "vkey")."""
    encoded = base64.b64encode(kind + public).decode()
    return f"{name}+{key_id(name, public, kind).hex()}+{encoded}"


def read_key_text(text: str, kind: bytes = ED25519) -> tuple[str, bytes]:
    """Name and public key of a verifier key of that type, read strictly. Raises KeyUnusable."""
    try:
        name, _, rest = text.partition("+")
        content = decoded(rest.partition("+")[2])
        if content[:1] != kind:
            raise ValueError(f"it is not of type {_KINDS[kind]}")
        if not is_key_name(name) or key_text(name, content[1:], kind) != text:
            raise ValueError("its id is not that of its name and key")
    except (AttributeError, TypeError, ValueError) as error:
        raise KeyUnusable(
            f"{text!r:.120} is not a verifier key: {error}; expected name+id+key, copied whole",
            reason=str(error),
        ) from error
    return name, content[1:]


def decoded(text: str) -> bytes:
    """Standard Base64 with padding; raises ValueError for any second spelling."""
    content = base64.b64decode(text.encode("ascii"))
    if base64.b64encode(content).decode() != text:
        raise ValueError("it is not Base64 in its one spelling")
    return content


@attrs.frozen(kw_only=True)
class NoteSignature:
    """One signature line: who signed, the four bytes that tell the key, and the signature."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"

    @classmethod
    def parse(cls, line: str) -> Self:
        """Reads a line, without its newline. Raises CheckpointInvalid for anything irregular."""
        name, _, encoded = line.removeprefix(_DASH).partition(" ")
        try:
            if not line.startswith(_DASH) or not is_key_name(name):
                raise ValueError("it does not begin with a dash and a name")
            content = decoded(encoded)
            if len(content) <= _KEY_ID_SIZE:
                raise ValueError("it is too short")
        except ValueError as error:
            raise malformed(f"signature line {line[:80]!r} cannot be read: {error}") from error
        return cls(name=name, key_id=content[:_KEY_ID_SIZE], signature=content[_KEY_ID_SIZE:])


@attrs.frozen(kw_only=True)
class Note:
    """A signed text. ``text`` ends with a newline. Nothing is verified yet."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(map(str, self.signatures))}"

    @classmethod
    def parse(cls, note: str) -> Self:
        """Takes a note apart. Raises CheckpointInvalid for anything irregular."""
        if not isinstance(note, str) or len(note) > MAX_NOTE:
            raise malformed(f"it is not a text of at most {MAX_NOTE} characters")
        check_text(note)
        text, separator, lines = note.rpartition("\n\n")
        if not separator or not lines:
            raise malformed("it has no blank line or no signature")
        signatures = lines.removesuffix("\n").split("\n")
        if len(signatures) > MAX_SIGNATURES:
            raise malformed(f"it has {len(signatures)} signatures, more than {MAX_SIGNATURES}")
        return cls(text=f"{text}\n", signatures=tuple(map(NoteSignature.parse, signatures)))


def check_text(text: str) -> None:
    """Raises CheckpointInvalid unless the text ends with a newline, has no other control
    character, and can stand in UTF-8."""
    if not text.endswith("\n"):
        raise malformed("it does not end with a newline")
    if any(character < " " and character != "\n" for character in text):
        raise malformed("it has control characters")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise malformed("it is not Unicode text") from error


def malformed(reason: str) -> CheckpointInvalid:
    return CheckpointInvalid(
        f"not a signed note: {reason}; it was altered, or is something else", reason=reason
    )

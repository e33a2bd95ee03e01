"""Ed25519 keys that sign notes in a name, whatever kind of signature it is."""

from __future__ import annotations

import abc
from typing import Generic, Protocol, Self, TypeVar

import attrs
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from sipadek.errors import InvalidInput, KeyUnusable


class _Named(Protocol):
    """The public half of a key."""

    @property
    def name(self) -> str: ...

    @property
    def key_id(self) -> bytes: ...


V = TypeVar("V", bound=_Named)


@attrs.frozen(eq=False, repr=False)
class NoteKey(abc.ABC, Generic[V]):
    """A private key and its public half, ``verifier``. Its repr shows nothing secret."""

    _key: Ed25519PrivateKey
    verifier: V

    def __repr__(self) -> str:
        key_id = self.verifier.key_id.hex()
        return f"{type(self).__name__}(name={self.name!r}, key_id={key_id!r})"

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
        """The key in a PKCS #8 file. Raises KeyUnusable for another kind of key, a damaged file or
        a wrong passphrase."""
        return cls._made(_read_private_key(pem, name, passphrase), name)

    def to_pem(self, *, passphrase: bytes | None = None) -> bytes:
        """The key as PKCS #8, encrypted if a passphrase is given. Whoever writes it to a file keeps
        that file to its owner (mode 0600). Raises InvalidInput for an empty passphrase."""
        if passphrase is None:
            return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        try:
            encryption = BestAvailableEncryption(passphrase)
            return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
        except (TypeError, ValueError) as error:
            raise InvalidInput(
                "the passphrase cannot be used; give 1 to 1023 bytes, or None to write the key "
                "without one"
            ) from error

    @classmethod
    @abc.abstractmethod
    def _verifier_of(cls, name: str, public: bytes) -> V:
        """The public half, given the 32 bytes of its key."""

    @classmethod
    def _made(cls, key: Ed25519PrivateKey, name: str) -> Self:
        return cls(key, cls._verifier_of(name, key.public_key().public_bytes_raw()))


def read_public_key(public: bytes, name: str) -> Ed25519PublicKey:
    """The key in these 32 bytes. Raises KeyUnusable."""
    try:
        return Ed25519PublicKey.from_public_bytes(public)
    except (TypeError, ValueError, UnsupportedAlgorithm) as error:
        raise KeyUnusable(
            f"the public key of {name!r} is not 32 bytes of Ed25519; copy it anew", name=name
        ) from error


def _read_private_key(pem: bytes, name: str, passphrase: bytes | None) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(pem, passphrase)
    except (TypeError, ValueError, UnsupportedAlgorithm) as error:
        raise KeyUnusable(
            f"the checkpoint key of {name!r} cannot be read; check that it is a PKCS #8 PEM "
            "file and that the passphrase is its own",
            name=name,
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable(
            f"the checkpoint key of {name!r} is not an Ed25519 key; checkpoints need one",
            name=name,
        )
    return key

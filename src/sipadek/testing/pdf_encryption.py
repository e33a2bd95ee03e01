"""The standard security handler (ISO 32000-1, 7.6; ISO 32000-2 for AES-256), to make test PDFs.

It shares no code with ``sipadek.pdf``. Salts and initialisation vectors come from a digest, so the
bytes are the same each time: right for tests, and never for anything secret.
"""

from __future__ import annotations

import hashlib
import struct
from typing import Literal, TypeAlias

import attrs
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from sipadek.testing.pdf_values import Name, Value

__all__ = ["Encryption", "SecurityHandler", "security_handler"]

Encryption: TypeAlias = Literal["none", "RC4-40", "RC4-128", "AES-128", "AES-256"]

_PAD = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
_PERMISSIONS = -1028  # all but assembling the document: a viewer, not this library, minds it
_KEY_BYTES = {"RC4-40": 5, "RC4-128": 16, "AES-128": 16, "AES-256": 32}


@attrs.frozen
class SecurityHandler:
    """The file key, and the encryption dictionary that goes with it."""

    method: Encryption
    key: bytes
    dictionary: dict[str, Value]

    def encrypt(self, data: bytes, number: int, generation: int) -> bytes:
        """A string or a stream's data, as it stands in that object."""
        if self.method == "AES-256":
            return _cbc(self.key, _vector(data, number), data)
        material = self.key + struct.pack("<I", number)[:3] + struct.pack("<H", generation)
        if self.method == "AES-128":
            return _cbc(_md5(material + b"sAlT"), _vector(data, number), data)
        return _rc4(_md5(material)[: len(self.key) + 5], data)


def security_handler(
    method: Encryption, user: str, owner: str, identifier: bytes
) -> SecurityHandler:
    """The handler for these passwords ('' for the user: opens without one)."""
    if method == "AES-256":
        return _revision_6(user.encode(), owner.encode())
    user_pad, owner_pad = ((p.encode("latin-1") + _PAD)[:32] for p in (user, owner or user))
    length = _KEY_BYTES[method]
    rounds = 1 if method == "RC4-40" else 51
    owner_key = _md5(owner_pad, rounds)[:length]
    owner_entry = _rc4_rounds(owner_key, user_pad, method)
    seed = user_pad + owner_entry + struct.pack("<i", _PERMISSIONS) + identifier
    key = _md5(seed)[:length]
    for _ in range(rounds - 1):
        key = _md5(key)[:length]
    if method == "RC4-40":
        user_entry = _rc4(key, _PAD)
    else:
        user_entry = _rc4_rounds(key, _md5(_PAD + identifier), method) + bytes(16)
    dictionary: dict[str, Value] = {
        "Filter": Name("Standard"),
        "V": {"RC4-40": 1, "RC4-128": 2, "AES-128": 4}[method],
        "R": {"RC4-40": 2, "RC4-128": 3, "AES-128": 4}[method],
        "Length": length * 8,
        "O": owner_entry,
        "U": user_entry,
        "P": _PERMISSIONS,
    }
    if method == "AES-128":
        dictionary |= _crypt_filter("AESV2", 16)
    return SecurityHandler(method, key, dictionary)


def _crypt_filter(method: str, length: int) -> dict[str, Value]:
    crypt = {"CFM": Name(method), "AuthEvent": Name("DocOpen"), "Length": length}
    return {"CF": {"StdCF": crypt}, "StmF": Name("StdCF"), "StrF": Name("StdCF")}


def _revision_6(user: bytes, owner: bytes) -> SecurityHandler:
    key = hashlib.sha256(b"key" + user + b"\0" + owner).digest()
    salts = hashlib.sha256(b"salts" + key).digest()
    user_salts, owner_salts = salts[:16], salts[16:]
    user_entry = _hash_2b(user, user_salts[:8], b"") + user_salts
    owner_entry = _hash_2b(owner, owner_salts[:8], user_entry) + owner_salts
    dictionary: dict[str, Value] = {
        "Filter": Name("Standard"),
        "V": 5,
        "R": 6,
        "Length": 256,
        "U": user_entry,
        "UE": _aes(_hash_2b(user, user_salts[8:], b""), bytes(16), key),
        "O": owner_entry,
        "OE": _aes(_hash_2b(owner, owner_salts[8:], user_entry), bytes(16), key),
        "P": _PERMISSIONS,
        "Perms": _aes_block(
            key, struct.pack("<i", _PERMISSIONS) + b"\xff" * 4 + b"Tadb" + salts[:4]
        ),
    }
    return SecurityHandler("AES-256", key, dictionary | _crypt_filter("AESV3", 32))


def _hash_2b(password: bytes, salt: bytes, user_entry: bytes) -> bytes:
    """Algorithm 2.B of ISO 32000-2."""
    k = hashlib.sha256(password + salt + user_entry).digest()
    turn = 0
    while True:
        e = _aes(k[:16], k[16:32], (password + k + user_entry) * 64)
        digest = (hashlib.sha256, hashlib.sha384, hashlib.sha512)[sum(e[:16]) % 3]
        k = digest(e).digest()
        turn += 1
        if turn >= 64 and e[-1] <= turn - 32:
            return k[:32]


def _vector(data: bytes, number: int) -> bytes:
    return hashlib.sha256(b"%d " % number + data).digest()[:16]


def _cbc(key: bytes, vector: bytes, data: bytes) -> bytes:
    padding = 16 - len(data) % 16
    return vector + _aes(key, vector, data + bytes([padding]) * padding)


def _aes(key: bytes, vector: bytes, data: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def _aes_block(key: bytes, block: bytes) -> bytes:
    return _aes(key, bytes(16), block)  # one block of CBC from zero is ECB


def _md5(data: bytes, rounds: int = 1) -> bytes:
    for _ in range(rounds):
        data = hashlib.md5(data, usedforsecurity=False).digest()
    return data


def _rc4_rounds(key: bytes, data: bytes, method: Encryption) -> bytes:
    for turn in range(1 if method == "RC4-40" else 20):
        data = _rc4(bytes(byte ^ turn for byte in key), data)
    return data


def _rc4(key: bytes, data: bytes) -> bytes:
    box = list(range(256))
    j = 0
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) & 255
        box[i], box[j] = box[j], box[i]
    out = bytearray()
    i = j = 0
    for byte in data:
        i = (i + 1) & 255
        j = (j + box[i]) & 255
        box[i], box[j] = box[j], box[i]
        out.append(byte ^ box[(box[i] + box[j]) & 255])
    return bytes(out)

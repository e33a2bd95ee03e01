"""The standard security handler: opening with a password, and encrypting what a revision adds.

ISO 32000-2, 7.6 (revisions 2 to 6; the algorithms are named by their numbers there). Encryption here
is a file format's, not a protection this library offers: RC4 and MD5 are read because files use them.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import struct
from collections.abc import Callable

import attrs
from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from sipadek.errors import EncryptedPdf
from sipadek.pdf.objects import Dictionary, Ref
from sipadek.pdf.syntax import read_dictionary, read_integer, read_string

_KEY_LENGTHS = (5, 16)
"""Bytes of a file's RC4 key: what the cipher takes with and without the five of an object's."""
_REVISIONS = {1: (2, 3, 4), 2: (2, 3, 4), 4: (4,), 5: (5, 6)}
"""Which /R goes with which /V; others give keys of a size that their cipher does not take."""
_PAD = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def _rc4(key: bytes, data: bytes) -> bytes:
    return Cipher(ARC4(key), None).encryptor().update(data)


def _aes_cbc(key: bytes, iv: bytes, data: bytes, *, decrypt: bool) -> bytes:
    cipher = Cipher(algorithms.AES(key), modes.CBC(iv))
    context = cipher.decryptor() if decrypt else cipher.encryptor()
    return context.update(data) + context.finalize()


def _aes_encrypt(key: bytes, data: bytes) -> bytes:
    iv = secrets.token_bytes(16)
    padder = PKCS7(128).padder()
    return iv + _aes_cbc(key, iv, padder.update(data) + padder.finalize(), decrypt=False)


def _aes_decrypt(key: bytes, data: bytes) -> bytes:
    body = data[16 : len(data) - len(data) % 16]
    if not body:
        return b""
    plain = _aes_cbc(key, data[:16], body, decrypt=True)
    return plain[: -plain[-1]] if 1 <= plain[-1] <= 16 else plain


@attrs.frozen(kw_only=True, repr=False)
class Encryption:
    """The keys of one encrypted file, and how it treats strings and streams.

    ``strings`` and ``streams`` are 'identity', 'rc4', 'aesv2' or 'aesv3'.
    """

    key: bytes
    strings: str
    streams: str

    def _apply(self, method: str, ref: Ref, data: bytes, *, decrypt: bool) -> bytes:
        if method == "identity":
            return data
        aes = _aes_decrypt if decrypt else _aes_encrypt
        if method == "aesv3":
            return aes(self.key, data)
        # Algorithm 1: a key of its own for each object.
        material = self.key + struct.pack("<I", ref.number)[:3]
        material += struct.pack("<I", ref.generation)[:2]
        material += b"sAlT" if method == "aesv2" else b""
        key = hashlib.md5(material, usedforsecurity=False).digest()[: min(len(self.key) + 5, 16)]
        return aes(key, data) if method == "aesv2" else _rc4(key, data)

    def encrypt_string(self, ref: Ref, data: bytes) -> bytes:
        """A string inside object ``ref``."""
        return self._apply(self.strings, ref, data, decrypt=False)

    def decrypt_string(self, ref: Ref, data: bytes) -> bytes:
        """The string as it stands in object ``ref`` of the file."""
        return self._apply(self.strings, ref, data, decrypt=True)

    def encrypt_stream(self, ref: Ref, data: bytes) -> bytes:
        """The data of stream ``ref``, filters applied before."""
        return self._apply(self.streams, ref, data, decrypt=False)

    def decrypt_stream(self, ref: Ref, data: bytes) -> bytes:
        """The data of stream ``ref`` as it stands in the file."""
        return self._apply(self.streams, ref, data, decrypt=True)


def unlock(
    encrypt: Dictionary,
    first_id: bytes,
    password: str | None,
    resolve: Callable[[bytes], bytes],
) -> Encryption:
    """The file's keys, for ``password`` as user or owner password; None tries the empty one.

    ``encrypt`` is the /Encrypt dictionary, ``first_id`` the first file identifier, ``resolve`` follows
    a reference. Raises EncryptedPdf where the password does not open it, or the handler is another.
    """
    filter_name = encrypt.get(b"Filter", b"")
    if filter_name != b"/Standard":
        raise EncryptedPdf(
            f"the PDF is encrypted by the handler {filter_name.decode('latin-1') or 'unnamed'}, only"
            " password encryption is supported; save it without encryption first"
        )
    entries = Dictionary({key: resolve(value) for key, value in encrypt.items()})
    version = read_integer(entries.get(b"V")) or 0
    revision = read_integer(entries.get(b"R")) or 0
    if revision not in _REVISIONS.get(version, ()):
        raise EncryptedPdf(f"the PDF's encryption (V {version}, R {revision}) is not supported")
    attempts = [b""] if password is None else _spellings(password, revision)
    for attempt in attempts:
        key = (_key_r5 if revision >= 5 else _key_r4)(entries, first_id, attempt)
        if key is not None:
            method = _methods(entries, version, resolve)
            return Encryption(key=key, strings=method(b"StrF"), streams=method(b"StmF"))
    raise EncryptedPdf(
        "the PDF needs a password; give the right one, or save it without encryption first"
        if password is None
        else "the password given does not open the PDF; check it"
    )


def _spellings(password: str, revision: int) -> list[bytes]:
    if revision >= 5:
        return [password.encode("utf-8", "replace")[:127]]
    return [password.encode("latin-1", "replace"), password.encode("utf-8", "replace")]


def _methods(
    entries: Dictionary, version: int, resolve: Callable[[bytes], bytes]
) -> Callable[[bytes], str]:
    if version < 4:
        return lambda _: "rc4"
    filters = read_dictionary(resolve(entries.get(b"CF", b"<<>>")))[0]

    def method(which: bytes) -> str:
        name = entries.get(which, b"/Identity")[1:]
        if name == b"Identity":
            return "identity"
        crypt = read_dictionary(resolve(filters.get(name, b"<<>>")))[0]
        known = {b"/V2": "rc4", b"/AESV2": "aesv2", b"/AESV3": "aesv3", b"/None": "identity"}
        found = known.get(resolve(crypt.get(b"CFM", b"/None")))
        if found is None:
            raise EncryptedPdf("the PDF's crypt filter is not supported; save it unencrypted first")
        return found

    return method


def _string(entries: Dictionary, key: bytes, length: int) -> bytes:
    try:
        value = read_string(entries[key])
    except (KeyError, ValueError):
        value = b""
    if len(value) < length:
        raise EncryptedPdf(f"the PDF's encryption dictionary lacks a sound /{key.decode()}")
    return value[:length]


def _key_r4(entries: Dictionary, first_id: bytes, password: bytes) -> bytes | None:
    """Algorithms 2, 4 to 7: revisions 2 to 4."""
    revision = read_integer(entries.get(b"R")) or 2
    length = (read_integer(entries.get(b"Length")) or 40) // 8
    if revision == 2:
        length = 5
    elif read_integer(entries.get(b"V")) == 4:
        length = 16
    length = min(max(length, 5), 16)
    if length not in _KEY_LENGTHS:
        raise EncryptedPdf(f"the PDF's encryption by a key of {8 * length} bits is not supported")
    user = _user_key(entries, first_id, password, revision, length)
    if user is not None:
        return user
    # Algorithm 7: the owner password gives the user password.
    digest = _md5(_padded(password), 50 if revision >= 3 else 0)[:length]
    plain = _string(entries, b"O", 32)
    for turn in reversed(range(20 if revision >= 3 else 1)):
        plain = _rc4(bytes(c ^ turn for c in digest), plain)
    return _user_key(entries, first_id, plain, revision, length)


def _padded(password: bytes) -> bytes:
    return (password + _PAD)[:32]


def _md5(data: bytes, again: int, length: int = 16) -> bytes:
    digest = hashlib.md5(data, usedforsecurity=False).digest()
    for _ in range(again):
        digest = hashlib.md5(digest[:length], usedforsecurity=False).digest()
    return digest


def _user_key(
    entries: Dictionary, first_id: bytes, password: bytes, revision: int, length: int
) -> bytes | None:
    permissions = (read_integer(entries.get(b"P")) or 0) & 0xFFFFFFFF
    material = _padded(password) + _string(entries, b"O", 32)
    material += struct.pack("<I", permissions) + first_id
    if revision >= 4 and entries.get(b"EncryptMetadata") == b"false":
        material += b"\xff\xff\xff\xff"
    key = _md5(material, 50 if revision >= 3 else 0, length)[:length]
    expected = _string(entries, b"U", 16 if revision >= 3 else 32)
    if revision == 2:
        actual = _rc4(key, _PAD)
    else:
        actual = _md5(_PAD + first_id, 0)
        for turn in range(20):
            actual = _rc4(bytes(c ^ turn for c in key), actual)
    return key if hmac.compare_digest(actual, expected) else None


def _key_r5(entries: Dictionary, _first_id: bytes, password: bytes) -> bytes | None:
    """Algorithms 2.A and 2.B: revisions 5 and 6."""
    digest = _hash_r6 if read_integer(entries.get(b"R")) == 6 else _hash_r5
    user, owner = _string(entries, b"U", 48), _string(entries, b"O", 48)
    if hmac.compare_digest(digest(password, user[32:40], b""), user[:32]):
        wrapping, wrapped = digest(password, user[40:48], b""), _string(entries, b"UE", 32)
    elif hmac.compare_digest(digest(password, owner[32:40], user), owner[:32]):
        wrapping, wrapped = digest(password, owner[40:48], user), _string(entries, b"OE", 32)
    else:
        return None
    return _aes_cbc(wrapping, bytes(16), wrapped, decrypt=True)


def _hash_r5(password: bytes, salt: bytes, user: bytes) -> bytes:
    return hashlib.sha256(password + salt + user).digest()


def _hash_r6(password: bytes, salt: bytes, user: bytes) -> bytes:
    digest = hashlib.sha256(password + salt + user).digest()
    turn = 0
    while True:
        block = (password + digest + user) * 64
        encrypted = _aes_cbc(digest[:16], digest[16:32], block, decrypt=False)
        algorithm = ("sha256", "sha384", "sha512")[sum(encrypted[:16]) % 3]
        digest = hashlib.new(algorithm, encrypted).digest()
        turn += 1
        if turn >= 64 and encrypted[-1] <= turn - 32:
            return digest[:32]

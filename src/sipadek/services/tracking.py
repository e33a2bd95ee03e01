"""Tracking codes: how a citizen asks after an application without an account.

A code is 18 characters of 31 that are hard to mix up: 17 at random (84 bits) and one that checks them.
It is shown once. What is kept of it is a SHA-256, which with so much chance in it needs no salt.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Final

from sipadek.errors import InvalidInput

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""31 characters, a prime number, without 0, 1, I, L and O."""

_RANDOM: Final = 17
_GROUP: Final = 6
_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)}
_BETWEEN: Final = re.compile(r"[\s\-‐‑–—.]+")


def new_code() -> str:
    """A new code, such as '7KQ2MD-X94HTB-PW3RVC', from the system's source of chance."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(_RANDOM))
    return _grouped(body + _check(body))


def read_code(text: str) -> str:
    """The code in ``text`` as `new_code` wrote it; capitals, blanks and hyphens do not matter.

    Raises InvalidInput, which does not repeat it: it is not such a code, or a character is wrong or two
    changed places (every such slip is noticed).
    """
    plain = _BETWEEN.sub("", text).upper() if len(text) <= 100 else ""
    if len(plain) != _RANDOM + 1 or any(character not in _VALUES for character in plain):
        raise InvalidInput(
            f"A tracking code is {_RANDOM + 1} letters and digits (no 0, 1, I, L, O), this is text of"
            f" {len(text)} characters. Copy it from the receipt.",
            field="code",
        )
    if _check(plain[:-1]) != plain[-1]:
        raise InvalidInput(
            "The tracking code has a slip: a character is wrong, or two changed places. Copy it from the"
            " receipt.",
            field="code",
        )
    return _grouped(plain)


def code_digest(code: str) -> str:
    """What is kept of a code, and looked up by: SHA-256 as hex. Raises as `read_code`."""
    return hashlib.sha256(f"sipadek tracking code\n{read_code(code)}".encode()).hexdigest()


def _check(body: str) -> str:
    """A weighted sum modulo a prime: each place has another weight, and none is 0, so that one wrong
    character and any two that change places give another sum."""
    return ALPHABET[sum(n * _VALUES[each] for n, each in enumerate(body, 2)) % len(ALPHABET)]


def _grouped(plain: str) -> str:
    return "-".join(plain[n : n + _GROUP] for n in range(0, len(plain), _GROUP))

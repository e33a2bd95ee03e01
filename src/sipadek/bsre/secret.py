"""Passphrases and one-time codes: asked for when they are needed, kept by nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from sipadek.errors import InvalidInput

Secret: TypeAlias = str | Callable[[], str]
"""A passphrase or one-time code, or what to call for it each time it is needed."""


def reveal(secret: Secret) -> str:
    """The text of a secret.

    Raises:
        InvalidInput: it is empty or no text.
    """
    text = secret() if callable(secret) else secret
    if not isinstance(text, str) or not text:
        raise InvalidInput("The passphrase or one-time code is empty. Ask the signer for it.")
    return text

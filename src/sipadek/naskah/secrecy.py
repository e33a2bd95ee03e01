"""The names of the grades of secrecy (sifat surat)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sipadek.errors import InvalidInput

SECRECY_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {"B": "Biasa", "T": "Terbatas", "R": "Rahasia", "SR": "Sangat Rahasia"}
)
"""Name by code, in rising order of secrecy."""


def secrecy_name(code: str) -> str:
    """'Rahasia' for 'R'. Raises InvalidInput for a code that does not exist."""
    try:
        return SECRECY_NAMES[code]
    except (KeyError, TypeError):
        raise InvalidInput(
            f"secrecy {code!r} does not exist; use one of {', '.join(SECRECY_NAMES)}", value=code
        ) from None

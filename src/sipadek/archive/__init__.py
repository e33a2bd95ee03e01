"""Records of letters: the values every other part speaks of."""

from __future__ import annotations

from sipadek.archive.legacy import LegacyKind, LegacyNumber
from sipadek.archive.letter import (
    FORMER_NUMBER,
    Filed,
    Letter,
    LetterDetails,
    ReservationRequest,
    Secrecy,
    State,
)
from sipadek.archive.store import ObjectStore, StagedFile

__all__ = [
    "FORMER_NUMBER",
    "Filed",
    "LegacyKind",
    "LegacyNumber",
    "Letter",
    "LetterDetails",
    "ObjectStore",
    "ReservationRequest",
    "Secrecy",
    "StagedFile",
    "State",
]

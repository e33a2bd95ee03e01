"""The events of retention, and what they come to when an audit reads them again.

Those of folders, disposals and plans belong to no entry of the register; those of a letter that is
placed, taken out or destroyed belong to its own (see ``events``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import attrs

from sipadek.errors import SipadekError
from sipadek.ledger import Event
from sipadek.retention import Records
from sipadek.retention.records import KINDS

SCHEME_IMPORTED: Final = "scheme.imported"
RULES_IMPORTED: Final = "rules.imported"
SUCCESSIONS_IMPORTED: Final = "successions.imported"
PLANS: Final = {
    SCHEME_IMPORTED: "scheme",
    RULES_IMPORTED: "rules",
    SUCCESSIONS_IMPORTED: "successions",
}
"""What kind of plan each of these events puts on record."""


def plan_digest(content: str) -> str:
    """SHA-256 (hex) of a plan as it is kept."""
    return hashlib.sha256(content.encode()).hexdigest()


@attrs.define
class ToldOfRetention:
    """What the events say: the plans by (kind, name), the folders and disposals."""

    plans: dict[tuple[str, str], Event] = attrs.Factory(dict)
    records: Records = attrs.Factory(Records)

    def apply(self, event: Event) -> bool:
        """Take in the event; False where it is of another kind.

        Raises LookupError, TypeError or ValueError where it cannot follow.
        """
        if event.kind in PLANS:
            place = PLANS[event.kind], event.subject
            if place in self.plans:
                raise ValueError("a plan of that name was imported before")
            self.plans[place] = event
            return True
        if event.kind not in KINDS:
            return False
        data: Mapping[str, Any] = event.data
        try:
            self.records.apply(event.kind, event.subject, event.at, data)
        except SipadekError as error:
            raise ValueError(error.message) from error
        return True

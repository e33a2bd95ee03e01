"""What the desk of citizen services asks of the parts around it, and reads of what is kept."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from sipadek.archive import Case
from sipadek.services import Paper, Signatory


class Cases(Protocol):
    """Where applications are kept, each change with an event in the ledger."""

    def open(
        self,
        *,
        kind: str,
        unit: str,
        reference: str,
        action: str,
        state: Mapping[str, Any],
        private: str,
        actor: str,
        at: datetime.datetime,
    ) -> Case:
        """Keep a new case under the digest ``reference``."""

    def change(
        self,
        case: Case,
        *,
        action: str,
        state: Mapping[str, Any],
        private: str | None,
        actor: str,
        at: datetime.datetime,
    ) -> Case:
        """Keep a change of the case as it was read; raises CaseChanged where it was changed since."""

    def get(self, id: str) -> Case:
        """The case of that id. Raises NotFound."""

    def find(self, reference: str) -> Case | None:
        """The case of that reference."""

    def of_units(self, kind: str, units: Iterable[str]) -> tuple[Case, ...]:
        """The cases of these units, oldest first."""


class Staff(Protocol):
    """Who holds which post where."""

    def holds(self, actor: str, post: str, unit: str, on: datetime.date) -> bool:
        """Whether ``actor`` holds a post of that kind in the unit (code)."""

    def signatory(self, post: str, unit: str, on: datetime.date) -> Signatory:
        """Who holds it then, as it stands under a letter. Raises NotFound."""

    def above(self, unit: str) -> str:
        """The code of the unit above. Raises NotFound."""

    def paper(self, unit: str) -> Paper:
        """What the unit's letters look like, and its name."""

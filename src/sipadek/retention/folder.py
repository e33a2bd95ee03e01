"""A record folder (berkas): letters that belong together, are closed together and end together."""

from __future__ import annotations

import datetime
import enum

import attrs

from sipadek.retention.dates import years_after
from sipadek.retention.rules import Fate


class FolderState(enum.StrEnum):
    """Where a folder stands. ``ACTIVE`` is kept by its unit, open or closed; ``INACTIVE`` by the
    records centre; ``REAPPRAISED`` waits there for what the panel says."""

    ACTIVE = "aktif"
    INACTIVE = "inaktif"
    REAPPRAISED = "dinilai kembali"
    DESTROYED = "musnah"
    STATIC = "statis"


class Action(enum.StrEnum):
    """What a folder is due for."""

    MOVE = "pindah ke inaktif"
    DESTROY = "usul musnah"
    TRANSFER = "usul serah"
    REAPPRAISE = "nilai kembali"


_AT_THE_END = {
    Fate.DESTROY: Action.DESTROY,
    Fate.PERMANENT: Action.TRANSFER,
    Fate.REAPPRAISE: Action.REAPPRAISE,
}


@attrs.frozen(kw_only=True)
class RecordFolder:
    """A folder. ``name`` is '400.12.2.1/KEL-LEGOK/2026/1': code, unit, year, and a running number.

    The fields from ``closed_on`` to ``fate_on`` are set by closing, from the rule ``rule_code`` of the
    set ``rules``: from ``inactive_on`` on it may be moved, from ``fate_on`` on it meets its ``fate``.
    Reappraisal sets ``fate`` and ``fate_on`` anew. While it is held (``hold_reason``) nothing takes
    anything away. ``disposal`` names the disposal that it is listed in.
    """

    name: str
    code: str
    scheme: str
    title: str
    unit: str
    year: int
    state: FolderState = FolderState.ACTIVE
    closed_on: datetime.date | None = None
    rules: str = ""
    rule_code: str = ""
    active_years: int = 0
    inactive_years: int = 0
    fate: Fate | None = None
    exceptions: str = ""
    inactive_on: datetime.date | None = None
    fate_on: datetime.date | None = None
    hold_reason: str = ""
    hold_by: str = ""
    disposal: str = ""

    @property
    def held(self) -> bool:
        """Whether a legal hold lies on it."""
        return bool(self.hold_reason)

    def kept_for(self, years: int) -> bool:
        """Whether it is kept for that many years or more after closing."""
        if self.closed_on is None or self.fate_on is None:
            return False
        return self.fate_on >= years_after(self.closed_on, years)

    def due(self, as_of: datetime.date) -> Due | None:
        """What it is due for on that day, None for nothing. A hold, or a disposal that it is listed
        in, changes nothing of that."""
        if self.inactive_on is None or self.fate_on is None or self.fate is None:
            return None
        if self.state is FolderState.ACTIVE and self.inactive_on <= as_of:
            return Due(folder=self, action=Action.MOVE, since=self.inactive_on)
        if self.state is FolderState.INACTIVE and self.fate_on <= as_of:
            return Due(folder=self, action=_AT_THE_END[self.fate], since=self.fate_on)
        return None


@attrs.frozen(kw_only=True)
class Due:
    """What a folder is due for, and ``since`` when."""

    folder: RecordFolder
    action: Action
    since: datetime.date

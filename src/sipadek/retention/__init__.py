"""Classification, retention rules, record folders (berkas) and what becomes of them; pure."""

from __future__ import annotations

from sipadek.retention.codes import ancestors, check_code, code_key
from sipadek.retention.dates import years_after
from sipadek.retention.disposal import Destruction, Disposal, DisposalKind, Paper, Step
from sipadek.retention.folder import Action, Due, FolderState, RecordFolder
from sipadek.retention.reading import read_rules, read_scheme, read_successions
from sipadek.retention.records import Records
from sipadek.retention.rules import (
    NATIONAL_AUTHORITIES,
    Authority,
    Fate,
    RetentionRule,
    RuleSet,
)
from sipadek.retention.scheme import Classification, Scheme, Successions

__all__ = [
    "NATIONAL_AUTHORITIES",
    "Action",
    "Authority",
    "Classification",
    "Destruction",
    "Disposal",
    "DisposalKind",
    "Due",
    "Fate",
    "FolderState",
    "Paper",
    "RecordFolder",
    "Records",
    "RetentionRule",
    "RuleSet",
    "Scheme",
    "Step",
    "Successions",
    "ancestors",
    "check_code",
    "code_key",
    "read_rules",
    "read_scheme",
    "read_successions",
    "years_after",
]

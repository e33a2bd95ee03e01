"""The front door and the ways through the house."""

from __future__ import annotations

from sipadek.office.audit_page import audit_page
from sipadek.office.auditing import AuditReport
from sipadek.office.batch import Outcome
from sipadek.office.filing import FileRequest
from sipadek.office.office import Office, open_office
from sipadek.office.raising import raise_level, renew
from sipadek.office.recognising import PageRecogniser, Recognition
from sipadek.office.recovering import Recovered
from sipadek.office.restoring import Restored, go_on_from_older
from sipadek.office.services import CitizenServices, Details, Receipt
from sipadek.office.signing import finish, prepare, sign
from sipadek.office.stamping import StampStyle
from sipadek.office.verifying import Verified
from sipadek.office.writing import Signed
from sipadek.sql import Finding

__all__ = [
    "AuditReport",
    "CitizenServices",
    "Details",
    "FileRequest",
    "Finding",
    "Office",
    "Outcome",
    "PageRecogniser",
    "Receipt",
    "Recognition",
    "Recovered",
    "Restored",
    "Signed",
    "StampStyle",
    "Verified",
    "audit_page",
    "finish",
    "go_on_from_older",
    "open_office",
    "prepare",
    "raise_level",
    "renew",
    "sign",
]

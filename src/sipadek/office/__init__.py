"""The front door and the ways through the house."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from sipadek.office.audit_page import audit_page
from sipadek.office.auditing import AuditReport
from sipadek.office.batch import Outcome
from sipadek.office.filing import FileRequest
from sipadek.office.office import Office, open_office
from sipadek.office.raising import raise_level, renew
from sipadek.office.recognising import PageRecogniser, Recognition
from sipadek.office.recovering import Recovered
from sipadek.office.restoring import Restored, go_on_from_older
from sipadek.office.signing import finish, prepare, sign
from sipadek.office.stamping import StampStyle
from sipadek.office.uploads import Upload
from sipadek.office.verifying import Verified
from sipadek.office.writing import Signed
from sipadek.sql import Finding

if TYPE_CHECKING:
    from sipadek.office.backing_up import Backup
    from sipadek.office.backup_folder import BackupState
    from sipadek.office.exporting import Export
    from sipadek.office.importing import ACCESSION_PATTERN, Imported, import_letters
    from sipadek.office.restoring_backup import (
        OLDER,
        RestoredBackup,
        check_backup,
        load_dump,
        restore,
    )
    from sipadek.office.services import CitizenServices, Details, Receipt

__all__ = [
    "ACCESSION_PATTERN",
    "OLDER",
    "AuditReport",
    "Backup",
    "BackupState",
    "CitizenServices",
    "Details",
    "Export",
    "FileRequest",
    "Finding",
    "Imported",
    "Office",
    "Outcome",
    "PageRecogniser",
    "Receipt",
    "Recognition",
    "Recovered",
    "Restored",
    "RestoredBackup",
    "Signed",
    "StampStyle",
    "Upload",
    "Verified",
    "audit_page",
    "check_backup",
    "finish",
    "go_on_from_older",
    "import_letters",
    "load_dump",
    "open_office",
    "prepare",
    "raise_level",
    "renew",
    "restore",
    "sign",
]

# Loaded when they are asked for: who files and finds letters needs none of them.
_LATER: Final = {
    "ACCESSION_PATTERN": "importing",
    "Backup": "backing_up",
    "BackupState": "backup_folder",
    "CitizenServices": "services",
    "Details": "services",
    "Export": "exporting",
    "Imported": "importing",
    "OLDER": "restoring_backup",
    "Receipt": "services",
    "RestoredBackup": "restoring_backup",
    "check_backup": "restoring_backup",
    "import_letters": "importing",
    "load_dump": "restoring_backup",
    "restore": "restoring_backup",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_LATER[name]}"), name)

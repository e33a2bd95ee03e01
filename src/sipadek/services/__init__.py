"""Citizen services (SIPATEN): the catalogue, an application's way, what may be shown of it. Pure."""

from __future__ import annotations

from sipadek.services.application import (
    APPLICANT,
    BY_APPLICANT,
    MACHINE,
    Action,
    Application,
    Clock,
    Entry,
    Stage,
    clock,
)
from sipadek.services.catalogue import (
    FIELD_TYPES,
    Catalogue,
    Field,
    Service,
    Signing,
    Validity,
)
from sipadek.services.reading import default_catalogue, load_catalogue, read_catalogue
from sipadek.services.record import Complaint
from sipadek.services.setting import NUMBER_FROM_TOP, Paper, Signatory, set_letter
from sipadek.services.tracking import code_digest, new_code, read_code
from sipadek.services.views import (
    STAGE_NAMES,
    LetterStatus,
    ListRow,
    PublicStep,
    PublicView,
    VerificationView,
    list_row,
    public_view,
    shown_name,
)
from sipadek.services.working_time import Promise, WorkingCalendar

__all__ = [
    "APPLICANT",
    "BY_APPLICANT",
    "FIELD_TYPES",
    "MACHINE",
    "NUMBER_FROM_TOP",
    "STAGE_NAMES",
    "Action",
    "Application",
    "Catalogue",
    "Clock",
    "Complaint",
    "Entry",
    "Field",
    "LetterStatus",
    "ListRow",
    "Paper",
    "Promise",
    "PublicStep",
    "PublicView",
    "Service",
    "Signatory",
    "Signing",
    "Stage",
    "Validity",
    "VerificationView",
    "WorkingCalendar",
    "clock",
    "code_digest",
    "default_catalogue",
    "list_row",
    "load_catalogue",
    "new_code",
    "public_view",
    "read_catalogue",
    "read_code",
    "set_letter",
    "shown_name",
]

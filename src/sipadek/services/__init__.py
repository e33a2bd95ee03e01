"""Citizen services (SIPATEN): the catalogue, an application's way, what may be shown of it. Pure."""

from __future__ import annotations

from sipadek.services.application import (
    APPLICANT,
    BY_APPLICANT,
    STEPS,
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
    Oversight,
    Service,
    Signing,
    Validity,
)
from sipadek.services.reading import default_catalogue, load_catalogue, read_catalogue
from sipadek.services.record import Complaint
from sipadek.services.setting import NUMBER_FROM_TOP, Paper, Signatory, set_letter
from sipadek.services.staff import Holder, StaffList
from sipadek.services.tracking import code_digest, new_code, read_code
from sipadek.services.views import (
    STAGE_NAMES,
    ListRow,
    PublicStep,
    PublicView,
    Standing,
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
    "NUMBER_FROM_TOP",
    "STAGE_NAMES",
    "STEPS",
    "Action",
    "Application",
    "Catalogue",
    "Clock",
    "Complaint",
    "Entry",
    "Field",
    "Holder",
    "ListRow",
    "Oversight",
    "Paper",
    "Promise",
    "PublicStep",
    "PublicView",
    "Service",
    "Signatory",
    "Signing",
    "StaffList",
    "Stage",
    "Standing",
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

"""Citizen services (SIPATEN): the catalogue, an application's way, what may be shown of it. Pure."""

from __future__ import annotations

from sipadek.services.catalogue import (
    FIELD_TYPES,
    Catalogue,
    Field,
    Service,
    Signing,
    Validity,
)
from sipadek.services.reading import default_catalogue, load_catalogue, read_catalogue
from sipadek.services.tracking import code_digest, new_code, read_code
from sipadek.services.working_time import Promise, WorkingCalendar

__all__ = [
    "FIELD_TYPES",
    "Catalogue",
    "Field",
    "Promise",
    "Service",
    "Signing",
    "Validity",
    "WorkingCalendar",
    "code_digest",
    "default_catalogue",
    "load_catalogue",
    "new_code",
    "read_catalogue",
    "read_code",
]

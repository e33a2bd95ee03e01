"""Letters from elsewhere, read as they lie there: a folder with a CSV, paperless-ngx, OpenSID."""

from __future__ import annotations

from sipadek.intake.csv_folder import read_csv_folder
from sipadek.intake.incoming import Fault, Incoming
from sipadek.intake.opensid import TABLES as OPENSID_TABLES
from sipadek.intake.opensid import read_opensid_csv, read_opensid_sql
from sipadek.intake.paperless import read_paperless

__all__ = [
    "OPENSID_TABLES",
    "Fault",
    "Incoming",
    "read_csv_folder",
    "read_opensid_csv",
    "read_opensid_sql",
    "read_paperless",
]

"""The register in SQLite: numbers, letters, their signed history, and the search index."""

from __future__ import annotations

from sipadek.sql.accounting import Account, Remark
from sipadek.sql.bound import bind, install
from sipadek.sql.case_listing import Listing, Step, WorkList
from sipadek.sql.cases import Cases
from sipadek.sql.checking import Finding
from sipadek.sql.copying import RegisterCopy, copy_register
from sipadek.sql.database import Database
from sipadek.sql.group import GroupWriter
from sipadek.sql.keeping import KeepingDatabase, KeptHead
from sipadek.sql.log import KnownHead, LogHead
from sipadek.sql.numbers import Numbers
from sipadek.sql.reading import Content, CounterState
from sipadek.sql.register import Register
from sipadek.sql.retention import Retention

__all__ = [
    "Account",
    "Cases",
    "Content",
    "CounterState",
    "Database",
    "Finding",
    "GroupWriter",
    "KeepingDatabase",
    "KeptHead",
    "KnownHead",
    "Listing",
    "LogHead",
    "Numbers",
    "Register",
    "RegisterCopy",
    "Remark",
    "Retention",
    "Step",
    "WorkList",
    "bind",
    "copy_register",
    "install",
]

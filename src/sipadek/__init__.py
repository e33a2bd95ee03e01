"""sipadek: the document office as a library.

import sipadek

office = sipadek.open("arsip-kota")
office.define_series("surat-keterangan", "{kode}/{nomor:4}/{unit}/{bulan:romawi}/{tahun}",
                     scope=["unit", "classification"])
letter = office.file("surat.pdf", series="surat-keterangan", unit="KEL-LEGOK",
                     classification="400.12.2.1", subject="Keterangan domisili")
letter.number
"""

from __future__ import annotations

from sipadek._version import __version__
from sipadek.archive import Letter, LetterDetails, Secrecy, State
from sipadek.errors import SipadekError
from sipadek.office import (
    AuditReport,
    FileRequest,
    Finding,
    Office,
    Outcome,
    Recognition,
    Recovered,
    Signed,
    StampStyle,
    Verified,
    raise_level,
    renew,
    sign,
)
from sipadek.office import open_office as open
from sipadek.search import AccessPolicy, Hit, Results, Sort, Viewer
from sipadek.signing import Claim, KeySigner, Signer, VerificationReport
from sipadek.signing import verify_pdf as verify

__all__ = [
    "AccessPolicy",
    "AuditReport",
    "Claim",
    "FileRequest",
    "Finding",
    "Hit",
    "KeySigner",
    "Letter",
    "LetterDetails",
    "Office",
    "Outcome",
    "Recognition",
    "Recovered",
    "Results",
    "Secrecy",
    "Signed",
    "Signer",
    "SipadekError",
    "Sort",
    "StampStyle",
    "State",
    "VerificationReport",
    "Verified",
    "Viewer",
    "__version__",
    "open",
    "raise_level",
    "renew",
    "sign",
    "verify",
]

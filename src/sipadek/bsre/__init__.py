"""The e-sign client service of BSrE, versions 1 and 2: signing whole PDFs with officials' certificates.

It needs httpx (extra ``bsre``). Nothing here is asked of the network unless one of its calls is made.
"""

from sipadek.bsre.appearance import Appearance
from sipadek.bsre.connection import Connection, Patience
from sipadek.bsre.nik import Nik
from sipadek.bsre.signer import BsreSealer, BsreSigner
from sipadek.bsre.v1 import BsreV1
from sipadek.bsre.v2 import BsreV2
from sipadek.bsre.verdict import ReportedSignature, ServiceVerdict, UserStatus

__all__ = [
    "Appearance",
    "BsreSealer",
    "BsreSigner",
    "BsreV1",
    "BsreV2",
    "Connection",
    "Nik",
    "Patience",
    "ReportedSignature",
    "ServiceVerdict",
    "UserStatus",
]

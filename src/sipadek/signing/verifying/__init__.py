"""Judging the signatures of a PDF: pyHanko validates, and stricter rules stand on top.

Stricter than pyHanko and most viewers:

- The newest signature or time stamp must cover the entire file, byte for byte.
- A signature may leave out nothing but the hex string that holds it.
- After an earlier signature only new signatures, time stamps and their validation data may come;
  filled-in form fields do not pass (a person has to look at those).
- Appended bytes that belong to no revision do not pass, whatever the difference analysis says.
- A damaged or hybrid file passes only if a single signature covers all of it.
- Whatever goes wrong while judging means "not verified".

pyHanko is imported on first use (0.4 s). Nothing here uses the network.
"""

from sipadek.signing.verifying.evidence import Level, SignatureEvidence, VerificationReport
from sipadek.signing.verifying.finding import claimed_signers
from sipadek.signing.verifying.verify import verify_pdf
from sipadek.signing.verifying.worker import Limits, Verifier

__all__ = [
    "Level",
    "Limits",
    "SignatureEvidence",
    "VerificationReport",
    "Verifier",
    "claimed_signers",
    "verify_pdf",
]

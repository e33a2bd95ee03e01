"""What a good file tells: one value per signature, and the report of them all."""

from __future__ import annotations

import datetime
from typing import Literal, TypeAlias

import attrs

Later: TypeAlias = Literal["nothing", "maintenance", "signatures"]
"""What came after a signature: nothing; time stamps, validation data and metadata; signatures."""

Level: TypeAlias = Literal["B-B", "B-T", "B-LT", "B-LTA", ""]
"""A PAdES baseline level (ETSI EN 319 142-1), as far as it was found good; empty for a time stamp
and for a signature that is not PAdES."""

Revocation: TypeAlias = Literal["good", "unknown"]
"""Whether every certificate below the root is shown not to have been revoked. A revoked one is an
error and never evidence."""


@attrs.frozen(kw_only=True)
class SignatureEvidence:
    """What is known of one signature that was found good.

    ``kind`` tells a signature from a document time stamp. ``field`` is the form field's full name.
    ``signer`` and ``root`` are subjects as RFC 4514 text, ``fingerprint`` and ``root_fingerprint``
    the SHA-256 of those certificates in hex; ``root`` is one of the given trust roots. ``scheme``
    and ``digest`` name the algorithms ('rsa-pkcs1-sha256', 'sha256'). The signature speaks for the
    file's first ``covered`` bytes; ``entire_file`` says that these are all, ``later`` what came
    behind them. ``claimed_at`` is the time that the signer wrote, proven by nobody;
    ``stamped_at`` the time of a trusted time stamp, if there is one. ``checked_at`` is the time for
    which the certificates were judged: a time stamp's, or the one that the host gave, or now.
    ``revocation`` says whether the certificates are known not to have been revoked by then.
    """

    kind: Literal["signature", "timestamp"]
    field: str
    signer: str
    fingerprint: str
    root: str
    root_fingerprint: str
    scheme: str
    digest: str
    level: Level
    covered: int
    entire_file: bool
    later: Later
    claimed_at: datetime.datetime | None
    stamped_at: datetime.datetime | None
    checked_at: datetime.datetime
    revocation: Revocation


@attrs.frozen(kw_only=True)
class VerificationReport:
    """A file whose signatures and time stamps are all good, oldest first.

    ``digest`` is the SHA-256 of the file in hex, ``size`` its bytes. ``checked_at`` is when, or for
    which time, it was judged.
    """

    digest: str
    size: int
    checked_at: datetime.datetime
    signatures: tuple[SignatureEvidence, ...]

    @property
    def text(self) -> str:
        """The report in Indonesian, a few lines for each signature."""
        from sipadek.signing.verifying.report_text import report_text

        return report_text(self)

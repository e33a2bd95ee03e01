"""What a good signature tells."""

from __future__ import annotations

import datetime
from typing import Literal, TypeAlias

import attrs

Later: TypeAlias = Literal["nothing", "maintenance", "signatures"]
"""What came after a signature: nothing; time stamps, validation data and metadata; signatures."""


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
    which the certificates were judged.
    """

    kind: Literal["signature", "timestamp"]
    field: str
    signer: str
    fingerprint: str
    root: str
    root_fingerprint: str
    scheme: str
    digest: str
    covered: int
    entire_file: bool
    later: Later
    claimed_at: datetime.datetime | None
    stamped_at: datetime.datetime | None
    checked_at: datetime.datetime

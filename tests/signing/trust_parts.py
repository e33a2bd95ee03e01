"""An authority with all its services, a letter signed in our own revision, and judges."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import io
from typing import Any

import attrs
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import (
    DocumentSecurityStore,
    async_validate_pdf_signature,
    async_validate_pdf_timestamp,
)
from signing_documents import DAY, NOW, as_asn1, plain_pdf

from sipadek.pdf import Document, Revision
from sipadek.signing import (
    Claim,
    KeySigner,
    TimestampAuthority,
    Widget,
    add_signature,
    raise_level,
    seal,
)
from sipadek.testing.authority import Authority, Credential
from sipadek.testing.trust_authority import SampleRevocation, SampleTimestamps


@attrs.define
class Clock:
    now: datetime.datetime = NOW

    def __call__(self) -> datetime.datetime:
        return self.now


@attrs.define(kw_only=True)
class Trust:
    """Everything that `raise_level` asks, at a time that the test sets."""

    authority: Authority
    signer: Credential
    timestamps: SampleTimestamps
    revocation: SampleRevocation
    clock: Clock

    @classmethod
    def create(cls, services: str = "http://127.0.0.1:9", **how: Any) -> Trust:
        clock = Clock()
        authority = Authority.create(now=NOW - 30 * DAY, key="p256", days=7300, services=services)
        how = {"no_check": True, "stamp_days": 1460} | how
        return cls(
            authority=authority,
            signer=authority.issue("Rina Wulandari", key="p256", days=365),
            timestamps=SampleTimestamps(
                credential=authority.issue_service(
                    "time stamps", key="p256", days=how["stamp_days"]
                ),
                clock=clock,
            ),
            revocation=SampleRevocation(
                authority=authority,
                clock=clock,
                responder=authority.issue_service("ocsp", key="p256", no_check=how["no_check"]),
            ),
            clock=clock,
        )

    def arguments(self) -> dict[str, Any]:
        return {
            "at": self.clock(),
            "trust": [self.authority.root],
            "timestamp": self.timestamps,
            "revocation": self.revocation,
        }


def sign_own(
    pdf: bytes,
    signer: KeySigner,
    *,
    timestamp: TimestampAuthority | None = None,
    password: str | None = None,
    field: str = "Signature1",
    certify: int | None = None,
) -> bytes:
    """One more signature, with our own revision."""
    document = Document.open(pdf, password=password)
    revision = Revision(document)
    page, _ = document.first_page()
    claim = Claim(field=field, at=NOW, reason="Nomor 1", certify=certify)
    size = 0 if timestamp is None else timestamp.token_size
    add_signature(revision, Widget(page=page), claim, signer, token_size=size)
    tail = revision.build()
    state = hashlib.new(signer.scheme.digest, pdf)
    return pdf + seal(tail, state, signer, timestamp=timestamp)


def judged_links(pdf: bytes, root: Any, at: datetime.datetime, *, password: str = "") -> list[bool]:
    """What pyHanko says of each signature and time stamp, oldest first, at the time that the next time
    stamp proves (of the newest: at ``at``). It fetches nothing; every certificate needs a revocation
    answer out of the security store, but for the newest time stamp, which one would ask about online.
    """
    reader = PdfFileReader(io.BytesIO(pdf))
    if password:
        reader.decrypt(password)
    store = DocumentSecurityStore.read_dss(reader)
    links = list(reader.embedded_signatures)
    times = [each.signed_data for each in links[1:]]
    proven = [*(_stamped(each) for each in times), at]
    verdicts = []
    for link, moment in zip(links, proven, strict=True):
        context = store.as_validation_context(
            {
                "trust_roots": [as_asn1(root)],
                "moment": moment,
                "revocation_mode": "none" if link is links[-1] else "require",
                "retroactive_revinfo": True,
                "allow_fetching": False,
            }
        )
        judge = async_validate_pdf_signature
        if link.sig_object_type == "/DocTimeStamp":
            judge = async_validate_pdf_timestamp
        status = asyncio.run(judge(link, context))
        verdicts.append(
            status.bottom_line
            if judge is async_validate_pdf_signature
            else status.valid and status.trusted
        )
    return verdicts


def _stamped(data: Any) -> datetime.datetime:
    return data["encap_content_info"]["content"].parsed["gen_time"].native


def stamped(trust: Trust, pdf: bytes = b"", **how: object) -> bytes:
    return sign_own(pdf or plain_pdf(), trust.signer.signer(), timestamp=trust.timestamps, **how)


def raised(trust: Trust, pdf: bytes, to: str, **how: object) -> bytes:
    return pdf + raise_level(pdf, to=to, **trust.arguments(), **how)

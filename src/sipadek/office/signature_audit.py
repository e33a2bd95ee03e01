"""Whether the signatures of filed letters still prove something, and for how long.

A signature is provable as long as what vouches for its time is: its newest time stamp's certificate,
or without a time stamp the signer's own. The register's own entry outlives both; who asks without the
register needs the signature.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator, Sequence

import attrs
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from sipadek.errors import NotSigned, SipadekError, ValidationDataMissing
from sipadek.pdf import Document
from sipadek.signing.chains import chain_to_root
from sipadek.signing.embedded import Embedded, newest
from sipadek.sql import Content, Finding

_SHOWN = 5
_SHA256 = hashes.SHA256()


@attrs.define
class _Leaning:
    """What ends, when, and the letters that lean on it."""

    what: str
    until: datetime.datetime
    letters: list[str] = attrs.field(factory=list)
    count: int = 0


class SignatureAudit:
    """Looks at one letter after the other. ``roots`` None looks at none; with no roots at all, nobody
    is asked for."""

    def __init__(
        self,
        *,
        roots: Sequence[x509.Certificate] | None,
        at: datetime.datetime,
        soon: datetime.timedelta,
    ) -> None:
        self._roots = roots
        self._at = at
        self._soon = soon
        self._leaning: dict[str, _Leaning] = {}
        self._months: Counter[str] = Counter()
        self._untrusted: dict[str, _Leaning] = {}

    @property
    def wanted(self) -> bool:
        """Whether it wants to see any."""
        return self._roots is not None

    def check(self, content: Content, data: bytes) -> Iterator[Finding]:
        """What is wrong with the letter's own signature in ``data``, its filed PDF; signatures that it
        came with are its senders' affair."""
        try:
            found = newest(Document.open(data, password=None))
        except NotSigned:
            yield Finding(
                "signature-missing",
                content.number,
                f"{content.number} was signed by {content.signer}, and its PDF has no signature",
            )
        except SipadekError as error:
            yield Finding(
                "signature-invalid",
                content.number,
                f"the signature of {content.number} cannot be verified: {error.message}",
            )
        else:
            self._note(content, found)

    def _note(self, content: Content, found: tuple[Embedded, ...]) -> None:
        last = max(
            (stamp for each in found for stamp in each.stamps),
            key=lambda stamp: stamp.at,
            default=None,
        )
        signature = found[0]
        certificate = signature.data.certificate if last is None else last.certificate
        until = certificate.not_valid_after_utc
        self._months[f"{until:%Y-%m}"] += 1
        what = "the time stamp by" if last is not None else "the certificate of"
        _lean(
            self._leaning,
            certificate.fingerprint(_SHA256).hex(),
            _Leaning(f"{what} {_common_name(certificate.subject)}", until),
            content.number,
        )
        self._trusted(content, signature)

    def _trusted(self, content: Content, signature: Embedded) -> None:
        if not self._roots:
            return
        certificate = signature.data.certificate
        try:
            chain_to_root(
                certificate,
                pool=signature.data.certificates,
                roots=self._roots,
                at=certificate.not_valid_before_utc,
            )
        except ValidationDataMissing:
            name = _common_name(certificate.issuer)
            what = _Leaning(name, certificate.not_valid_after_utc)
            _lean(self._untrusted, name, what, content.number)

    def months(self) -> dict[str, int]:
        """How many signed letters are provable until which month ('YYYY-MM')."""
        return dict(sorted(self._months.items()))

    def warnings(self) -> Iterator[Finding]:
        """What ends soon or has ended, and who is not trusted, each with the letters that lean on it."""
        for leaning in sorted(self._leaning.values(), key=lambda each: each.until):
            if leaning.until <= self._at:
                code, when = "signature-expired", "ended"
            elif leaning.until <= self._at + self._soon:
                code, when = "signature-expiring", "ends"
            else:
                continue
            yield Finding(
                code,
                leaning.what,
                f"{leaning.what} {when} on {leaning.until:%Y-%m-%d}; {_told(leaning)}. Raise and renew"
                " copies that are to prove themselves without this register",
            )
        for name, leaning in sorted(self._untrusted.items()):
            yield Finding(
                "signature-untrusted",
                name,
                f"no trusted root issued {name}; {_told(leaning)}. Trust its root if it is right",
            )


def _lean(into: dict[str, _Leaning], key: str, new: _Leaning, number: str) -> None:
    leaning = into.setdefault(key, new)
    leaning.count += 1
    if len(leaning.letters) < _SHOWN:
        leaning.letters.append(number)


def _common_name(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else name.rfc4514_string()


def _told(leaning: _Leaning) -> str:
    more = leaning.count - len(leaning.letters)
    named = ", ".join(leaning.letters) + (f" and {more} more" if more else "")
    return f"{leaning.count} letters lean on it: {named}"

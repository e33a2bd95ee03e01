"""A time-stamping authority behind an HTTP address (RFC 3161, 3.4)."""

from __future__ import annotations

import hashlib
import secrets

import attrs

from sipadek.signing.timestamp import timestamp_request, token_of_reply
from sipadek.trust_services.http import HttpLimits, checked_url, fetch

_SLACK = 64  # Serial numbers, times and ECDSA signatures differ in length from token to token.


@attrs.define(kw_only=True)
class HttpTimestampAuthority:
    """Asks for stamps at ``url``; a `sipadek.signing.TimestampAuthority`.

    ``login`` (name, password) is sent as Basic authentication; ``policy`` (an OID) is asked for,
    by default the authority's own. ``size`` is the greatest length of a token in bytes; by default it
    is learned from one stamp that is asked for and thrown away, and grows with what comes later.
    """

    url: str = attrs.field(converter=checked_url)
    login: tuple[str, str] | None = attrs.field(default=None, repr=False)
    policy: str = ""
    size: int = 0
    limits: HttpLimits = attrs.field(factory=HttpLimits)

    @property
    def token_size(self) -> int:
        """The room to leave for a token, in bytes. Raises as `stamp` where it must be learned."""
        if not self.size:
            self.stamp(hashlib.sha256(b"sipadek").digest(), "sha256")
        return self.size

    def stamp(self, digest: bytes, algorithm: str) -> bytes:
        """A checked token over ``digest``.

        Raises:
            TrustServiceUnavailable: the authority did not answer.
            TimestampFailed: it refused, or its answer is not good.
            MissingExtra: httpx is not installed.
        """
        nonce = secrets.randbits(63)
        reply = fetch(
            self.url,
            limits=self.limits,
            body=timestamp_request(digest, algorithm, nonce=nonce, policy=self.policy),
            content_type="application/timestamp-query",
            login=self.login,
        )
        token = token_of_reply(reply, digest, algorithm, nonce=nonce, policy=self.policy)
        if len(token) > self.size:
            self.size = len(token) + _SLACK
        return token

"""A time-stamping authority for one call that files many letters."""

from __future__ import annotations

import functools
import secrets
from collections.abc import Callable
from typing import TypeVar

import attrs

from sipadek.errors import TrustServiceUnavailable
from sipadek.signing import TimestampAuthority

Answer = TypeVar("Answer")


@attrs.frozen(kw_only=True)
class ImpatientAuthority:
    """The same authority, which is not asked again within a call once it did not answer.

    Waiting for it anew with every letter would hold a large batch for hours. It goes to worker
    processes; each of them finds out by itself.
    """

    authority: TimestampAuthority
    call: str = attrs.field(factory=lambda: secrets.token_hex(8))

    @property
    def token_size(self) -> int:
        """That of the authority."""
        return self._asked(lambda: self.authority.token_size)

    def stamp(self, digest: bytes, algorithm: str) -> bytes:
        """As the authority does; the first TrustServiceUnavailable is raised from then on."""
        return self._asked(lambda: self.authority.stamp(digest, algorithm))

    def _asked(self, ask: Callable[[], Answer]) -> Answer:
        failures = _failures(self.call)
        if failures:
            raise TrustServiceUnavailable(failures[0].message, **failures[0].fields)
        try:
            return ask()
        except TrustServiceUnavailable as error:
            failures.append(error)
            raise


@functools.lru_cache(maxsize=16)
def _failures(call: str) -> list[TrustServiceUnavailable]:
    """The failure of a call in this process."""
    del call
    return []

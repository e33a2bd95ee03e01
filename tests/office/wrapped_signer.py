"""A signer that stands for another, for tests that let signing go wrong."""

from __future__ import annotations

import datetime

import attrs

import sipadek


@attrs.frozen
class WrappedSigner:
    """Everything of a signer but the signing itself."""

    of: sipadek.KeySigner

    certificate = property(lambda self: self.of.certificate)
    chain = property(lambda self: self.of.chain)
    scheme = property(lambda self: self.of.scheme)

    def check(self, at: datetime.datetime) -> None:
        self.of.check(at)

"""The service as something that signs documents, for `sign_remotely` and for filing."""

from __future__ import annotations

import datetime

import attrs

from sipadek.bsre.answers import refuse_status
from sipadek.bsre.appearance import Appearance
from sipadek.bsre.nik import Nik, as_user
from sipadek.bsre.secret import Secret
from sipadek.bsre.v1 import BsreV1
from sipadek.bsre.v2 import BsreV2
from sipadek.errors import InvalidInput
from sipadek.signing import ExpectedSigner


@attrs.frozen(kw_only=True)
class BsreSigner:
    """A person who signs through the service: a `sipadek.signing.DocumentSigner`.

    ``name`` stands in the stamp; ``who`` is the NIK (or, with version 2, the e-mail address);
    ``expected`` says which certificate the signature must be by. Either ``passphrase`` or (version 2)
    ``totp`` is given; give a function rather than the text, so that it is asked for when it is needed
    and not kept here. ``location`` is written into the signature. Without ``appearance`` the signature
    does not show, which is right where a stamp does.
    """

    service: BsreV1 | BsreV2
    name: str
    who: Nik | str = attrs.field(repr=False)
    expected: ExpectedSigner
    passphrase: Secret | None = attrs.field(default=None, repr=False)
    totp: Secret | None = attrs.field(default=None, repr=False)
    location: str = ""
    appearance: Appearance | None = None

    def __attrs_post_init__(self) -> None:
        as_user(self.who)
        if (self.passphrase is None) == (self.totp is None):
            raise InvalidInput("Give either the passphrase or a one-time code (totp).")
        if isinstance(self.service, BsreV1) and self.totp is not None:
            raise InvalidInput("Version 1 of the service takes no one-time codes.")

    def check(self, at: datetime.datetime) -> None:  # noqa: ARG002
        """That the service would let the user sign now.

        Raises:
            SignerNotActive, SignerNotRegistered: it would not.
            RemoteSigningError: another leaf of it, where it cannot be asked.
        """
        status = self.service.status(self.who)
        if not status.may_sign:
            refuse_status(status)

    def sign_document(self, pdf: bytes, *, reason: str, password: str | None) -> bytes:
        """See `sipadek.signing.DocumentSigner`."""
        if isinstance(self.service, BsreV2):
            return self.service.sign(
                pdf,
                self.who,
                passphrase=self.passphrase,
                totp=self.totp,
                appearance=self.appearance,
                reason=reason,
                location=self.location,
                password=password,
            )
        assert self.passphrase is not None
        return self.service.sign(
            pdf,
            self.who,
            passphrase=self.passphrase,
            appearance=self.appearance,
            reason=reason,
            location=self.location,
            password=password,
        )


@attrs.frozen(kw_only=True)
class BsreSealer:
    """An institution whose seal (segel elektronik) the service puts on: a
    `sipadek.signing.DocumentSigner`.

    ``subscriber`` is its idSubscriber; ``totp`` the one-time code, or what asks for it; the rest is as
    for `BsreSigner`.
    """

    service: BsreV2
    name: str
    subscriber: str = attrs.field(repr=False)
    expected: ExpectedSigner
    totp: Secret = attrs.field(repr=False)
    location: str = ""
    appearance: Appearance | None = None

    def check(self, at: datetime.datetime) -> None:
        """Nothing: the service tells no status of seals."""

    def sign_document(self, pdf: bytes, *, reason: str, password: str | None) -> bytes:
        """See `sipadek.signing.DocumentSigner`."""
        return self.service.seal(
            pdf,
            self.subscriber,
            totp=self.totp,
            appearance=self.appearance,
            reason=reason,
            location=self.location,
            password=password,
        )

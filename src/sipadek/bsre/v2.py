"""Version 2 of the service: JSON with base64, one-time codes, seals."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import attrs

from sipadek.bsre.answers import outcome_unknown, problem, unanswered, unreadable, user_status
from sipadek.bsre.appearance import Appearance
from sipadek.bsre.connection import Answer, Connection, Lost
from sipadek.bsre.nik import Nik, as_user
from sipadek.bsre.secret import Secret, reveal
from sipadek.bsre.verdict import ServiceVerdict, UserStatus, v2_verdict
from sipadek.errors import InvalidInput


@attrs.frozen
class BsreV2:
    """Version 2 of the BSrE e-sign client service. Users are told by NIK or by e-mail address."""

    connection: Connection

    def status(self, who: Nik | str) -> UserStatus:
        """What the service knows of a user. Safe to repeat, and repeated.

        Raises:
            RemoteSigningError: a leaf of it.
        """
        named = as_user(who)
        return user_status(
            self.connection.send(
                "POST",
                "/api/v2/user/check/status",
                repeat=True,
                secrets=tuple(named.values()),
                value=named,
            )
        )

    def sign(
        self,
        pdf: bytes,
        who: Nik | str,
        *,
        passphrase: Secret | None = None,
        totp: Secret | None = None,
        appearance: Appearance | None = None,
        reason: str = "",
        location: str = "",
        password: str | None = None,
    ) -> bytes:
        """The signed PDF as the service gives it; nothing of it is checked here. Asked once.

        Either the ``passphrase`` or a one-time code (``totp``, see `request_totp`) is given.
        ``password`` opens an encrypted PDF.

        Raises:
            SigningOutcomeUnknown: the service may have signed and the document did not come.
            RemoteSigningError: another leaf of it.
            InvalidInput: not exactly one of passphrase and code is given.
        """
        named = as_user(who)
        asked = named | self._properties(pdf, appearance, reason, location, password)
        if (passphrase is None) == (totp is None):
            raise InvalidInput("Give either the passphrase or a one-time code (totp).")
        name, secret = ("totp", totp) if passphrase is None else ("passphrase", passphrase)
        assert secret is not None
        outcome = self._send("/api/v2/sign/pdf", asked, name, secret, tuple(named.values()))
        return self._signed(outcome)

    def request_totp(self, who: Nik | str, *, files: int = 1) -> None:
        """Have the service send a one-time code for signing ``files`` documents to the user.

        Not repeated where it may have arrived, since each code makes the last one void.

        Raises:
            RemoteSigningError: a leaf of it.
        """
        named = as_user(who)
        value = named | {"data": files}
        self._done("/api/v2/sign/get/totp", value, tuple(named.values()))

    def request_seal_activation(self, subscriber: str) -> None:
        """Have the service send the code that activates sealing for a subscriber (idSubscriber).

        Raises:
            RemoteSigningError: a leaf of it.
        """
        self._done("/api/v2/seal/get/activation", {"idSubscriber": subscriber}, (subscriber,))

    def request_seal_totp(self, subscriber: str, *, activation: Secret, files: int = 1) -> None:
        """Have the service give a one-time code for sealing ``files`` documents; ``activation`` is the
        code that `request_seal_activation` had sent.

        Raises:
            RemoteSigningError: a leaf of it.
        """
        value = {"idSubscriber": subscriber, "data": files}
        outcome = self._send("/api/v2/seal/get/totp", value, "totp", activation, (subscriber,))
        _check(outcome, signing=False)

    def seal(
        self,
        pdf: bytes,
        subscriber: str,
        *,
        totp: Secret,
        appearance: Appearance | None = None,
        reason: str = "",
        location: str = "",
        password: str | None = None,
    ) -> bytes:
        """The PDF with the seal (segel elektronik) of an institution; otherwise as `sign`."""
        asked = {"idSubscriber": subscriber}
        asked |= self._properties(pdf, appearance, reason, location, password)
        return self._signed(self._send("/api/v2/seal/pdf", asked, "totp", totp, (subscriber,)))

    def verify(self, pdf: bytes, *, password: str | None = None) -> ServiceVerdict:
        """What the service says of a signed PDF. Safe to repeat, and repeated.

        Raises:
            RemoteSigningError: a leaf of it.
        """
        value = {"file": base64.b64encode(pdf).decode()}
        if password is not None:
            value["password"] = password
        outcome = self.connection.send(
            "POST", "/api/v2/verify/pdf", repeat=True, secrets=(password or "",), value=value
        )
        answer = _check(outcome, signing=False)
        try:
            return v2_verdict(answer.json())
        except (KeyError, TypeError, ValueError):
            error = unreadable()
        raise error

    def _properties(
        self,
        pdf: bytes,
        appearance: Appearance | None,
        reason: str,
        location: str,
        password: str | None,
    ) -> dict[str, Any]:
        properties: dict[str, Any] = {"tampilan": "INVISIBLE"}
        if appearance is not None:
            properties = appearance.v2_properties(pdf, password)
        said = {"reason": reason, "location": location, "pdfPassword": password}
        properties |= {name: value for name, value in said.items() if value}
        return {"signatureProperties": [properties], "file": [base64.b64encode(pdf).decode()]}

    def _send(
        self,
        path: str,
        value: dict[str, Any],
        name: str,
        given: Secret,
        secrets: tuple[str, ...],
    ) -> Answer | Lost:
        """The only place that knows the passphrase or code; no error is raised while it does."""
        secret = reveal(given)
        return self.connection.send(
            "POST", path, repeat=False, secrets=(secret, *secrets), value=value | {name: secret}
        )

    def _done(self, path: str, value: dict[str, Any], secrets: tuple[str, ...]) -> None:
        outcome = self.connection.send("POST", path, repeat=False, secrets=secrets, value=value)
        _check(outcome, signing=False)

    def _signed(self, outcome: Answer | Lost) -> bytes:
        answer = _check(outcome, signing=True)
        files = answer.json().get("file")
        if isinstance(files, list) and len(files) == 1 and isinstance(files[0], str):
            try:
                signed = base64.b64decode(files[0], validate=True)
            except (binascii.Error, ValueError):
                signed = b""
            if signed.startswith(b"%PDF-"):
                return signed
        raise outcome_unknown("the answer holds no PDF")


def _check(outcome: Answer | Lost, *, signing: bool) -> Answer:
    if isinstance(outcome, Lost):
        raise unanswered(outcome, signing=signing)
    error = problem(outcome, signing=signing)
    if error is not None:
        raise error
    return outcome

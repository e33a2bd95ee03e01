"""What an answer of the service means: a value, or the error that a caller can act on."""

from __future__ import annotations

import re
from typing import NoReturn

from sipadek.bsre.connection import Answer, Lost
from sipadek.bsre.verdict import UserStatus
from sipadek.errors import (
    RemoteSigningError,
    ServiceAccessDenied,
    ServiceFailed,
    ServiceUnreachable,
    SignerNotActive,
    SignerNotRegistered,
    SigningOutcomeUnknown,
    SigningRefused,
    WrongPassphrase,
)

WRONG_PASSPHRASE = 2031
NOT_REGISTERED = 2011
_STATUS_CODES = {
    1111: UserStatus.ISSUE,
    1110: UserStatus.NOT_REGISTERED,
    NOT_REGISTERED: UserStatus.NOT_REGISTERED,
}
_GATEWAY = frozenset((502, 504))
_LONG_NUMBER = re.compile(r"\d{5,}")

_ADVICE = {
    UserStatus.EXPIRED: "the certificate has expired; the signer has to apply for a new one",
    UserStatus.RENEW: "the certificate is being renewed; the signer has to finish that",
    UserStatus.WAITING_FOR_VERIFICATION: "the registration waits for its verification",
    UserStatus.NEW: "the signer has registered and has not set a passphrase yet",
    UserStatus.NO_CERTIFICATE: "the signer has no certificate yet",
    UserStatus.SUSPEND: "the account is suspended; ask who runs the service",
    UserStatus.REVOKE: "the certificate was revoked; the signer has to apply for a new one",
}


def unanswered(lost: Lost, *, signing: bool) -> RemoteSigningError:
    """The error for an answer that did not come, after a request to sign or another one."""
    if not lost.sent:
        return ServiceUnreachable(
            f"The signing service was not reached: {lost.why}. Nothing was sent; ask again later.",
            why=lost.why,
        )
    if signing:
        return outcome_unknown(lost.why)
    return ServiceFailed(
        f"The service gave no whole answer: {lost.why}. Ask again later.", why=lost.why
    )


def outcome_unknown(why: str) -> SigningOutcomeUnknown:
    """The error where the service may have signed."""
    return SigningOutcomeUnknown(
        f"The service was asked to sign and may have done so, but no signed PDF came back: {why}. It is "
        "not asked again by itself. Look into the service's log, then ask again with the same key.",
        why=why,
    )


def problem(answer: Answer, *, signing: bool) -> RemoteSigningError | None:
    """The error that an answer tells of, None for a success."""
    value = answer.json()
    if answer.status == 200 and "error" not in value:
        return None
    code = value.get("status_code")
    fields = {"status_code": code if isinstance(code, int) else None, "http_status": answer.status}
    known = _known(fields)
    if known is not None:
        return known
    if signing and answer.status in _GATEWAY:
        return outcome_unknown(f"a gateway before it answered HTTP {answer.status}")
    text = _shown(value.get("error") or value.get("message"))
    if value and answer.status < 500 and answer.status != 404:
        return SigningRefused(
            f"The service refused (HTTP {answer.status}, code {fields['status_code']}): {text}",
            **fields,
        )
    return ServiceFailed(
        f"The service failed or is not what it should be: HTTP {answer.status}"
        f"{': ' + text if text else ''}. Check its address and its log.",
        **fields,
    )


def _known(fields: dict[str, int | None]) -> RemoteSigningError | None:
    """The error of the codes that mean one thing."""
    if fields["status_code"] == WRONG_PASSPHRASE:
        return WrongPassphrase(
            "The service says that the passphrase or the one-time code is wrong. Ask the signer for it "
            "anew; several wrong ones may lock the account.",
            **fields,
        )
    if fields["status_code"] == NOT_REGISTERED:
        return SignerNotRegistered(
            "The service does not know the signer. Check the NIK, or have the signer registered.",
            **fields,
        )
    if fields["http_status"] in (401, 403):
        return ServiceAccessDenied(
            f"The service refused this application (HTTP {fields['http_status']}). Check its user name "
            "and password.",
            **fields,
        )
    return None


def user_status(answer: Answer | Lost) -> UserStatus:
    """The status that an answer tells.

    Raises:
        RemoteSigningError: a leaf of it, where there is none.
    """
    if isinstance(answer, Lost):
        raise unanswered(answer, signing=False)
    value = answer.json()
    status = value.get("status")
    if isinstance(status, str) and status in UserStatus.__members__:
        return UserStatus(status)
    code = value.get("status_code")
    if isinstance(code, int) and code in _STATUS_CODES:
        return _STATUS_CODES[code]
    raise problem(answer, signing=False) or unreadable()


def unreadable() -> ServiceFailed:
    """The error for an answer of success that cannot be understood."""
    return ServiceFailed(
        "The service's answer cannot be understood. Check that the address is that of the e-sign "
        "client service and of this version."
    )


def refuse_status(status: UserStatus) -> NoReturn:
    """Raise the error for a user who may not sign."""
    if status is UserStatus.NOT_REGISTERED:
        raise SignerNotRegistered(
            "The service does not know the signer. Check the NIK, or have the signer registered.",
            status=str(status),
        )
    raise SignerNotActive(
        f"The signer may not sign now ({status}): {_ADVICE[status]}.", status=str(status)
    )


def _shown(text: object) -> str:
    """The service's words: short, on one line, without long numbers (a NIK may be among them)."""
    if not isinstance(text, str):
        return ""
    words = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return _LONG_NUMBER.sub("…", words)[:200]

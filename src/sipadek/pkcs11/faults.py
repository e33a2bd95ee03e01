"""What a PKCS #11 module answers, as errors of this library. No PIN stands in any of them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pkcs11
from pkcs11 import exceptions as ck
from sipadek.errors import KeyUnusable, SigningError, SipadekError

LOST = (
    ck.SessionHandleInvalid,
    ck.SessionClosed,
    ck.DeviceRemoved,
    ck.DeviceError,
    ck.TokenNotPresent,
    ck.ObjectHandleInvalid,
    ck.KeyHandleInvalid,
    ck.UserNotLoggedIn,
    ck.OperationActive,
)
"""Answers after which a new session may well work."""

WRONG_PIN = (ck.PinIncorrect, ck.PinInvalid, ck.PinLenRange)

_UNUSABLE: dict[type[Exception], tuple[str, str]] = {
    ck.PinLocked: ("pin-locked", "its PIN is locked; unlock it with the token's own tool"),
    ck.PinExpired: ("pin-expired", "its PIN has expired; set a new one with the token's own tool"),
    ck.UserPinNotInitialized: ("pin-not-set", "it has no PIN yet; set one with its own tool"),
    ck.MechanismInvalid: ("mechanism", "it cannot sign in this way"),
    ck.MechanismParamInvalid: ("mechanism", "it cannot sign with these parameters"),
    ck.KeyTypeInconsistent: ("mechanism", "its key is of another kind than the certificate"),
    ck.KeySizeRange: ("mechanism", "it cannot sign with a key of this size"),
}


def unusable(reason: str, message: str) -> KeyUnusable:
    """A token or key that cannot be used; ``reason`` is for programs."""
    return KeyUnusable(message, reason=reason)


@contextlib.contextmanager
def typed(token: str) -> Iterator[None]:
    """Everything that the module raises, as errors that name the token as ``token``."""
    try:
        yield
    except SipadekError:
        raise
    except pkcs11.PKCS11Error as error:
        kind = type(error).__name__
        for each, (reason, why) in _UNUSABLE.items():
            if isinstance(error, each):
                raise unusable(
                    reason, f"The token {token} cannot be used: {why} ({kind})."
                ) from None
        raise SigningError(
            f"The token {token} failed ({kind}). See that it is plugged in and that its service "
            "runs, then file again.",
            reason=kind,
        ) from None

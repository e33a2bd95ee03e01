"""One login for each token in each process.

PKCS #11 logs in a process, not a session; so all signers of a token in a process share one connection
and take turns on its session. After a fork the child has nothing: it initialises the module anew and
logs in for itself (PKCS #11 Usage Guide, "Applications and processes").

A wrong PIN is never tried twice: cards lock after three. Once a PIN was refused, this process, and those
that are forked from it, do not log in to that token again by themselves; only ``TokenSigner.open`` does.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from typing import Any

import attrs
from pkcs11.exceptions import UserAlreadyLoggedIn

import pkcs11
from pkcs11 import TokenFlag
from sipadek.errors import SipadekError
from sipadek.pkcs11.faults import WRONG_PIN, unusable


@attrs.frozen(kw_only=True)
class Place:
    """Which token: the module's path, and the token's label, its serial number, or its slot's id.
    What is None is not asked for; one token must be left."""

    module: str
    token: str | None
    serial: str | None
    slot: int | None

    def __str__(self) -> str:
        named = {"": self.token, "serial ": self.serial, "in slot ": self.slot}
        return " ".join(f"{k}{v!r}" for k, v in named.items() if v is not None) or "(any)"


class Connection:
    """The logged-in session of one token in this process; use it under its ``lock``."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.known: dict[Any, Any] = {}  # what was found in the session; gone with it
        self._session: Any = None

    def session(self, place: Place, pin: Callable[[], str], *, again: bool) -> Any:
        """The session, opened where there is none. ``again`` tries to log in even where a PIN was
        refused before."""
        if self._session is None:
            token = _find(place)
            self._session = _login(token, place, pin, again=again)
        return self._session

    def drop(self) -> None:
        """Forget the session: it is lost, and so is what was found in it."""
        self.known.clear()
        session, self._session = self._session, None
        if session is not None:
            try:
                session.close()
            except pkcs11.PKCS11Error:
                _GRAVEYARD.append(session)


_GRAVEYARD: list[Any] = []
"""Sessions that must not be touched: those of a parent process, and lost ones."""
_connections: dict[Place, Connection] = {}
_refused: set[bytes] = set()
_modules: set[str] = set()
_locks = [threading.Lock()]


def _forget_after_fork() -> None:
    """In the child: the parent's sessions are not ours, and neither are its locks."""
    _locks[:] = [threading.Lock()]
    _GRAVEYARD.extend(_connections.values())
    _connections.clear()
    _STALE.update(_modules)
    _modules.clear()


_STALE: set[str] = set()
"""Modules that a parent process initialised and this one has not."""
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)


def connection(place: Place) -> Connection:
    """This process's connection to the token; nothing is opened yet."""
    with _locks[0]:
        return _connections.setdefault(place, Connection())


def login_problem(flags: TokenFlag, *, refused: bool, again: bool) -> str:
    """Why no login may be tried, as a reason for programs; empty where it may.

    Without ``again`` nobody stands by who knows the PIN, so neither a PIN that was refused is tried,
    nor the last try that the token has left.
    """
    if flags & TokenFlag.USER_PIN_LOCKED:
        return "pin-locked"
    if not again and refused:
        return "pin-refused"
    if not again and flags & TokenFlag.USER_PIN_FINAL_TRY:
        return "pin-final-try"
    return ""


_PROBLEMS = {
    "pin-locked": "its PIN is locked; unlock it with the token's own tool",
    "pin-refused": "its PIN was refused before and is not tried again, because tokens lock; open it "
    "anew with the right PIN",
    "pin-final-try": "it has one try left and would lock; log in with its own tool first",
}


def _login(token: Any, place: Place, pin: Callable[[], str], *, again: bool) -> Any:
    serial = bytes(token.serial)
    problem = login_problem(token.flags, refused=serial in _refused, again=again)
    if problem:
        raise unusable(problem, f"The token {place} cannot be used: {_PROBLEMS[problem]}.")
    given = asked(pin)
    try:
        session = token.open(user_pin=given)
    except WRONG_PIN:
        refuse(token)
        raise unusable(
            "pin-incorrect",
            f"The token {place} refused the PIN. It is not tried again, because tokens lock after a "
            "few wrong PINs. Check the PIN, then open the token anew.",
        ) from None
    except UserAlreadyLoggedIn:  # something else in this process is logged in
        session = token.open()
    _refused.discard(serial)
    return session


def refuse(token: Any) -> None:
    """No further login to this token by itself: its PIN was refused."""
    _refused.add(bytes(token.serial))


def asked(pin: Callable[[], str]) -> str:
    """The PIN. What the callable raises is not shown, it may hold the PIN."""
    try:
        given = pin()
    except SipadekError:
        raise
    except Exception as error:
        raise unusable(
            "no-pin", f"The PIN could not be had: what gives it failed with {type(error).__name__}."
        ) from None
    if not isinstance(given, str):
        raise unusable("no-pin", f"The PIN came as {type(given).__name__}; give it as text.")
    return given


def _find(place: Place) -> Any:
    tokens = [each for each in _tokens(_loaded(place.module)) if _matches(each, place)]
    if len(tokens) != 1:
        found = ", ".join(repr(each.label) for each in tokens) or "none"
        raise unusable(
            "no-token",
            f"The token {place} was asked for, and {len(tokens)} tokens fit ({found}). Plug it in, or "
            "name one by label, serial number or slot.",
        )
    return tokens[0]


def _tokens(module: Any) -> list[Any]:
    found = []
    for slot in module.get_slots(token_present=True):
        try:
            token = slot.get_token()
        except (pkcs11.TokenNotPresent, pkcs11.TokenNotRecognised):
            continue
        if token.flags & TokenFlag.TOKEN_INITIALIZED:
            found.append(token)
    return found


def _matches(token: Any, place: Place) -> bool:
    serial = bytes(token.serial).decode("utf-8", "replace").strip("\0 ")
    return (
        (place.token is None or token.label == place.token)
        and (place.serial is None or serial == place.serial)
        and (place.slot is None or token.slot.slot_id == place.slot)
    )


def _loaded(path: str) -> Any:
    """The module, initialised in this process."""
    with _locks[0]:
        try:
            module = pkcs11.lib(path)
            if path in _STALE:
                _initialise_anew(module)
                _STALE.discard(path)
        except pkcs11.PKCS11Error as error:
            raise unusable(
                "no-module",
                f"The PKCS #11 module {path!r} cannot be loaded ({type(error).__name__}). Give the "
                "path of the library that came with the token.",
            ) from None
        _modules.add(path)
        return module


def _initialise_anew(module: Any) -> None:
    with contextlib.suppress(pkcs11.PKCS11Error):  # the module may have noticed the fork itself
        module.finalize()
    module.initialize()

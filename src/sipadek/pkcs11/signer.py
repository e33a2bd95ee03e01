"""The signer whose key is on a token."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import attrs
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from sipadek.errors import SigningError
from sipadek.pkcs11.connection import Connection, Place, asked, connection, refuse
from sipadek.pkcs11.faults import LOST, WRONG_PIN, typed, unusable
from sipadek.pkcs11.mechanisms import Way, way_of
from sipadek.pkcs11.objects import Wanted, always_authenticate, find_certificate, find_key
from sipadek.signing import Scheme
from sipadek.signing.certificates import (
    check_usage,
    check_validity,
    issuers,
    name,
    readable,
    scheme_of,
)
from sipadek.signing.returned import verified

Pin: TypeAlias = str | Callable[[], str]
"""The user's PIN, or what to call for it when it is needed."""


@attrs.frozen(kw_only=True, repr=False, eq=False)
class TokenSigner:
    """A signer whose key stays on a token. Make one with :meth:`open`.

    Threads may share it; they take turns, and all signers of one token in a process share one login.
    It pickles for worker processes where the PIN is a callable that pickles: the pickle holds where the
    token is and that callable, **never the PIN**, and each process logs in for itself.

    Where a session is lost (token pulled and put back, service restarted, process forked) a new one is
    opened, with the PIN asked for again, once for each call. A PIN that was refused is not tried again
    until somebody calls :meth:`open`, since tokens lock after a few wrong PINs.
    """

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    scheme: Scheme
    _place: Place
    _wanted: Wanted
    _pin: Pin

    @classmethod
    def open(
        cls,
        module: str | os.PathLike[str],
        *,
        pin: Pin,
        token: str | None = None,
        serial: str | None = None,
        slot: int | None = None,
        label: str | None = None,
        id: bytes | None = None,  # PKCS #11's word
        certificate: x509.Certificate | None = None,
        chain: Sequence[x509.Certificate] = (),
        pss: bool = False,
    ) -> TokenSigner:
        """Log in to a token and find certificate and key on it.

        ``module`` is the path of the PKCS #11 library that came with the token. ``token`` (its
        label), ``serial`` and ``slot`` (the slot's id, as the module numbers it) say which token,
        where there is more than one; ``label`` (CKA_LABEL) and ``id`` (CKA_ID) which certificate and
        key. Without ``certificate`` it is read from the token. Issuers are taken from ``chain`` and
        from the token. ``pss`` signs RSASSA-PSS instead of PKCS #1 v1.5.

        Raises:
            KeyUnusable: the module cannot be loaded, the token is not there, the PIN is wrong or
                locked, or certificate or key are missing or cannot be used; ``fields["reason"]``
                says which.
            SigningError: the token failed.
        """
        place = Place(module=os.fspath(module), token=token, serial=serial, slot=slot)
        wanted = Wanted(label=label, id=id)
        held = connection(place)
        with held.lock, typed(str(place)):
            session = _session(held, place, pin, again=True)
            pool = list(chain)
            if certificate is None:
                found = find_certificate(session, wanted, str(place))
                certificate = found.certificate
                on_token = found.others
                if found.id:
                    wanted = Wanted(label=None, id=found.id)
            else:
                on_token = ()
            scheme = scheme_of(readable(certificate).public_key(), certificate, pss=pss)
            check_usage(certificate)
            signer = cls(
                certificate=certificate,
                chain=_chain(certificate, pool, on_token),
                scheme=scheme,
                place=place,
                wanted=wanted,
                pin=pin,
            )
            signer._key(held, session)
        return signer

    def check(self, at: datetime.datetime) -> None:
        """That the certificate and its issuers are within their validity at ``at`` (aware). The token
        is not asked.

        Raises:
            InvalidInput: ``at`` has no time zone.
            KeyUnusable: one of the certificates is not yet or no longer valid.
        """
        check_validity((self.certificate, *self.chain), at)

    def sign_many(self, messages: Sequence[bytes]) -> list[bytes]:
        """Each message's signature, verified; all in one session.

        Raises:
            KeyUnusable: this process had to log in and could not, or the key is gone.
            SigningError: the token failed, or what it gave does not verify.
        """
        done: list[bytes] = []
        held = connection(self._place)
        with held.lock, typed(str(self._place)):
            try:
                self._sign(held, messages, done)
            except LOST:
                held.drop()
                self._sign(held, messages, done)
        return done

    def _sign(self, held: Connection, messages: Sequence[bytes], done: list[bytes]) -> None:
        """Signs what is not ``done`` yet."""
        session = _session(held, self._place, self._pin, again=False)
        key, way, each_time = self._key(held, session)
        for message in messages[len(done) :]:
            how: dict[str, Any] = {"mechanism": way.mechanism, "mechanism_param": way.parameter}
            if each_time:
                how["pin"] = asked(_callable(self._pin))
            try:
                signature = key.sign(way.given(message), **how)
            except WRONG_PIN:
                refuse(session.token)
                held.drop()
                raise unusable(
                    "pin-incorrect", f"The token {self._place} refused the PIN for the signature."
                ) from None
            done.append(verified(self.certificate, self.scheme, message, bytes(signature)))

    def _key(self, held: Connection, session: Any) -> tuple[Any, Way, bool]:
        """The key, how it signs, and whether it wants the PIN for every signature."""
        named = (self.certificate, self.scheme, self._wanted)
        if named not in held.known:
            where = str(self._place)
            way = way_of(self.scheme, session.token.slot.get_mechanisms(), where)
            key = find_key(session, self._wanted, self.certificate, self.scheme, where)
            held.known[named] = (key, way, always_authenticate(key))
        found: tuple[Any, Way, bool] = held.known[named]
        return found

    def __repr__(self) -> str:
        return f"<TokenSigner {name(self.certificate)} {self.scheme.name} on {self._place}>"

    def __reduce__(self) -> tuple[Any, ...]:
        if not callable(self._pin):
            raise SigningError(
                "A PIN that was given as text is not handed to worker processes. Give a callable "
                "that stands in a module (pin=read_pin), or file with workers=0."
            )
        certificates = [each.public_bytes(Encoding.DER) for each in (self.certificate, *self.chain)]
        return _restore, (certificates, self.scheme, self._place, self._wanted, self._pin)


def _restore(
    certificates: list[bytes], scheme: Scheme, place: Place, wanted: Wanted, pin: Pin
) -> TokenSigner:
    first, *rest = map(x509.load_der_x509_certificate, certificates)
    return TokenSigner(
        certificate=first, chain=tuple(rest), scheme=scheme, place=place, wanted=wanted, pin=pin
    )


def _session(held: Connection, place: Place, pin: Pin, *, again: bool) -> Any:
    return held.session(place, _callable(pin), again=again)


def _callable(pin: Pin) -> Callable[[], str]:
    return pin if callable(pin) else lambda: pin


def _chain(
    certificate: x509.Certificate,
    given: Sequence[x509.Certificate],
    on_token: Sequence[x509.Certificate],
) -> tuple[x509.Certificate, ...]:
    """Certificates on the token that have nothing to do with the signer are no mistake."""
    if given:
        return issuers(certificate, [*given, *on_token])
    fitting = [each for each in on_token if each.subject == certificate.issuer]
    return issuers(certificate, on_token) if fitting else ()

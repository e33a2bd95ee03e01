"""One request to the service: sent with patience, repeated only where that is safe, its answer taken
with care.

httpx's transport is used without its client: the client logs addresses (which hold NIKs), reads the
environment and keeps connections, and a kept connection that breaks leaves open whether a request
arrived.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import ssl
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import attrs

from sipadek.errors import InvalidInput, MissingExtra

if TYPE_CHECKING:
    import httpx

_MOST = 256 * 1024 * 1024
_AGAIN = frozenset((429, 500, 502, 503, 504))


@attrs.frozen(kw_only=True)
class Patience:
    """How long to wait for the service, in seconds, and how often to ask.

    ``connect`` for a connection; ``answer`` for each next piece of an answer, the first one included;
    ``whole`` for all of an answer's body. What is safe to repeat is tried ``attempts`` times, with
    ``pause`` before the second and twice the last pause before each one after it.
    """

    connect: float = attrs.field(default=5.0, validator=attrs.validators.gt(0))
    answer: float = attrs.field(default=60.0, validator=attrs.validators.gt(0))
    whole: float = attrs.field(default=180.0, validator=attrs.validators.gt(0))
    attempts: int = attrs.field(default=3, validator=attrs.validators.ge(1))
    pause: float = attrs.field(default=0.5, validator=attrs.validators.ge(0))


@attrs.frozen(kw_only=True)
class Answer:
    """A whole answer. ``id`` is its header id_dokumen. Secrets of the request are blotted out of the
    ``body`` of everything but a success."""

    status: int
    id: str = ""
    body: bytes = attrs.field(repr=False)

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; empty where it is none."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}


@attrs.frozen(kw_only=True)
class Lost:
    """There is no whole answer. ``sent``: some of the request may have arrived. ``id`` is the header
    id_dokumen, where the answer had begun."""

    sent: bool
    why: str
    id: str = ""


class Connection:
    """Where the service is and how it is spoken to.

    ``url`` is the service's address, with a path where it has one; plain http is refused but for this
    machine itself, unless ``plaintext`` says that the network may read passphrases. ``username`` and
    ``password`` are this application's (HTTP Basic). ``tls`` is the SSL context for a certificate of
    the city's own; ``sleep`` waits between attempts.
    """

    def __init__(
        self,
        url: str,
        *,
        username: str,
        password: str,
        patience: Patience | None = None,
        tls: ssl.SSLContext | None = None,
        plaintext: bool = False,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        try:
            import httpx  # noqa: F401
        except ModuleNotFoundError:
            raise MissingExtra(
                "The client of the BSrE service needs httpx: pip install 'sipadek[bsre]'."
            ) from None
        self._url = _address(url, plaintext=plaintext)
        if not username or ":" in username:
            raise InvalidInput("The service's user name is empty, or has a colon in it.")
        pair = f"{username}:{password}".encode()
        self._authorization = "Basic " + base64.b64encode(pair).decode()
        self._patience = patience or Patience()
        self._tls = tls
        self._sleep = sleep

    def __repr__(self) -> str:
        return f"<Connection {self._url}>"

    def send(
        self,
        method: str,
        path: str,
        *,
        repeat: bool,
        secrets: tuple[str, ...] = (),
        form: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        value: Mapping[str, Any] | None = None,
    ) -> Answer | Lost:
        """Send a request and take its answer; nothing is raised for what goes wrong on the way.

        ``repeat`` says that the request may arrive twice; without it, it is repeated only while nothing
        of it was sent. ``form`` and ``files`` make a multipart body, ``value`` a JSON one.
        """
        import httpx

        body: dict[str, Any] = {}
        if files is not None:
            body = {"data": dict(form or {}), "files": dict(files)}
        elif value is not None:
            body = {"json": dict(value)}
        outcome: Answer | Lost = Lost(sent=False, why="it was not tried")
        for attempt in range(self._patience.attempts):
            if attempt:
                self._sleep(self._patience.pause * 2 ** (attempt - 1))
            request = httpx.Request(
                method,
                self._url + path,
                headers=self._headers(),
                extensions=self._timeout(),
                **body,
            )
            outcome = self._once(request, secrets)
            if isinstance(outcome, Answer):
                if not (repeat and outcome.status in _AGAIN):
                    break
            elif outcome.sent and not repeat:
                break
        return outcome

    def _headers(self) -> dict[str, str]:
        return {
            "Authorization": self._authorization,
            "Accept-Encoding": "identity",
            "Connection": "close",
        }

    def _timeout(self) -> dict[str, Any]:
        waits = self._patience
        pairs = {"connect": waits.connect, "pool": waits.connect}
        return {"timeout": pairs | {"read": waits.answer, "write": waits.answer}}

    def _once(self, request: httpx.Request, secrets: tuple[str, ...]) -> Answer | Lost:
        import httpx

        before = (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.PoolTimeout,
            httpx.UnsupportedProtocol,
            httpx.LocalProtocolError,
        )
        verify = True if self._tls is None else self._tls
        identifier = ""
        try:
            with httpx.HTTPTransport(verify=verify, trust_env=False, retries=0) as transport:
                response = transport.handle_request(request)
                try:
                    identifier = _printable(response.headers.get("id_dokumen", ""), 200)
                    return self._taken(response, identifier, secrets)
                finally:
                    response.close()
        except before as error:
            return Lost(sent=False, why=_name(error))
        except (httpx.HTTPError, OSError, ValueError) as error:
            return Lost(sent=True, why=_name(error), id=identifier)

    def _taken(
        self, response: httpx.Response, identifier: str, secrets: tuple[str, ...]
    ) -> Answer | Lost:
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            return Lost(
                sent=True, why="the answer is compressed, which was not asked", id=identifier
            )
        end = time.monotonic() + self._patience.whole
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > _MOST:
                return Lost(
                    sent=True, why=f"the answer is longer than {_MOST} bytes", id=identifier
                )
            if time.monotonic() > end:
                return Lost(sent=True, why="the answer took too long", id=identifier)
        status = response.status_code
        data = bytes(body) if status == 200 else _blotted(bytes(body), secrets)
        return Answer(status=status, id=identifier, body=data)


def _address(url: str, *, plaintext: bool) -> str:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise InvalidInput("The service's address is not like https://esign.kota.go.id.")
    if parts.username is not None or parts.password is not None:
        raise InvalidInput("The service's address holds a user name; give it as username.")
    if parts.scheme == "http" and not plaintext and not _this_machine(host):
        raise InvalidInput(
            "The service's address begins with http:, so that passphrases could be read on the way. "
            "Give an https: address, or say plaintext=True where the network is trusted.",
            host=host,
        )
    return url.rstrip("/")


def _this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _blotted(body: bytes, secrets: tuple[str, ...]) -> bytes:
    for secret in filter(None, secrets):
        for written in {
            secret,
            json.dumps(secret)[1:-1],
            json.dumps(secret, ensure_ascii=False)[1:-1],
        }:
            body = body.replace(written.encode(), b"***")
    return body


def _printable(text: str, most: int) -> str:
    return "".join(c for c in text if c.isprintable())[:most]


def _name(error: Exception) -> str:
    """What happened, by the kind of error alone: its text may hold parts of the request."""
    return {
        "ConnectError": "no connection could be made",
        "ConnectTimeout": "no connection was made in time",
        "ReadTimeout": "no answer came in time",
        "WriteTimeout": "the request was not taken in time",
        "ReadError": "the connection broke",
        "WriteError": "the connection broke while sending",
        "RemoteProtocolError": "the connection ended before the answer did",
    }.get(type(error).__name__, type(error).__name__)

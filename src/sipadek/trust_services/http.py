"""One HTTP request to a trust service: bounded in time and size, tried again where that is safe.

Trust services answer signed data, so plain http is usual. Redirects are not followed: an address out
of a certificate must not lead anywhere else.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import attrs

from sipadek.errors import InvalidInput, MissingExtra, TrustServiceUnavailable

_AGAIN = frozenset({408, 429, 500, 502, 503, 504})
_OK = 200


@attrs.frozen(kw_only=True)
class HttpLimits:
    """``timeout`` is for the whole of one attempt (seconds), from the first connection to the last
    byte, however slowly they come; only looking the host's name up takes as long as the system takes.
    ``attempts`` is how often it is tried, ``pause`` the seconds before the second attempt, doubled
    after each; ``most`` the greatest reply (bytes)."""

    timeout: float = 10.0
    attempts: int = 3
    pause: float = 0.5
    most: int = 1024 * 1024


def fetch(
    url: str,
    *,
    limits: HttpLimits,
    body: bytes | None = None,
    content_type: str = "",
    login: tuple[str, str] | None = None,
    public_only: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> bytes:
    """What ``url`` answers with status 200: to a POST of ``body``, or to a GET without one.

    Every request sent here may be repeated: an answer that is lost does no harm. With ``public_only``
    nothing is sent where the host's name led to an address that is not public.

    Raises:
        TrustServiceUnavailable: no such answer came in ``limits.attempts`` attempts.
        MissingExtra: httpx is not installed.
    """
    try:
        import httpx
    except ImportError:
        raise MissingExtra(
            "trust services need httpx, which is not installed; install sipadek[trust]",
            extra="trust",
        ) from None
    hopeless = (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError)
    parts = _parts(url)
    if parts is None:
        raise _unreachable("an address", "it is no http or https address")
    host = str(parts.hostname)
    reason = "never tried"
    for attempt in range(limits.attempts):
        if attempt:
            sleep(limits.pause * 2 ** (attempt - 1))
        deadline = _Deadline(limits.timeout, public_only=public_only)
        try:
            with (
                httpx.Client(
                    timeout=limits.timeout, follow_redirects=False, trust_env=False
                ) as client,
                deadline.watched(),
            ):
                return _answer(client, url, limits, body, content_type, login, deadline)
        except _Final as error:
            raise _unreachable(host, str(error)) from None
        except hopeless as error:
            raise _unreachable(host, f"its address cannot be used ({error})") from None
        except (_Passing, httpx.HTTPError) as error:
            late = f"it took longer than {limits.timeout} seconds"
            reason = late if deadline.over else str(error) or type(error).__name__
    raise _unreachable(host, reason)


class _Deadline:
    """Ends a connection when the time of an attempt is over, whatever it is at; looks where it leads.

    httpx bounds each read by itself, which a server that sends a byte now and then never exceeds.
    """

    def __init__(self, seconds: float, *, public_only: bool) -> None:
        self.over = False
        self._lock = threading.Lock()
        self._held: list[socket.socket] = []
        self._public_only = public_only
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Within it the time runs."""
        self._timer.start()
        try:
            yield
        finally:
            self._timer.cancel()
            with self._lock:
                for each in self._held:
                    each.close()
                self._held.clear()

    def traced(self, event: str, info: dict[str, Any]) -> None:
        """httpx's trace: called when a connection stands and nothing was sent yet."""
        if event != "connection.connect_tcp.complete":
            return
        connected = info["return_value"].get_extra_info("socket")
        peer = connected.getpeername()[0].partition("%")[0]
        if self._public_only and not ipaddress.ip_address(peer).is_global:
            info["return_value"].close()  # nobody else will: the connection was not handed over yet
            raise _Final("its name leads to an address that is not public")
        # A duplicate, because TLS takes the socket's descriptor over.
        with self._lock:
            self._held.append(connected.dup())
        if self.over:
            self._end()

    def _end(self) -> None:
        self.over = True
        with self._lock:
            for each in self._held:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)


class _Passing(Exception):
    """May be better next time."""


class _Final(Exception):
    """Will be the same next time."""


def _answer(
    client: Any,
    url: str,
    limits: HttpLimits,
    body: bytes | None,
    content_type: str,
    login: tuple[str, str] | None,
    deadline: _Deadline,
) -> bytes:
    method, headers = ("GET", {}) if body is None else ("POST", {"Content-Type": content_type})
    traced = {"trace": deadline.traced}
    with client.stream(
        method, url, content=body, headers=headers, auth=login, extensions=traced
    ) as response:
        if response.status_code in _AGAIN:
            raise _Passing(f"status {response.status_code}")
        if response.status_code != _OK:
            raise _Final(f"status {response.status_code}, expected 200")
        received = bytearray()
        for piece in response.iter_bytes(65536):
            received += piece
            if len(received) > limits.most:
                raise _Final(f"its reply is larger than {limits.most} bytes")
            if deadline.over:
                raise _Passing("late")
        if deadline.over:  # a reply without a length ends where the connection does
            raise _Passing("late")
        return bytes(received)


def _unreachable(host: str, reason: str) -> TrustServiceUnavailable:
    return TrustServiceUnavailable(
        f"the trust service at {host} did not answer as it should: {reason}; try again later, or"
        " check its address",
        host=host,
        reason=f"{host}: {reason}",
    )


def checked_url(url: str) -> str:
    """The address, given by the host. Raises InvalidInput where it is not http or https, or holds a
    name and password (give those apart)."""
    parts = _parts(url)
    if parts is None:
        raise InvalidInput(
            "a trust service's address must begin with http:// or https://, and hold no password"
        )
    return url


def is_public_web(url: str) -> bool:
    """That an address out of a certificate is http or https and names no loopback, private or
    link-local host by number or as localhost. Names are not looked up here (see `fetch`)."""
    parts = _parts(url)
    if parts is None:
        return False
    host = (parts.hostname or "").rstrip(".").lower()
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        named = "." in host and not host.endswith((".localhost", ".local", ".internal"))
        return named and not host.rpartition(".")[2].isdigit()


def _parts(url: str) -> Any:
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
        _ = parts.port
    except ValueError:
        return None
    return parts if fine else None

"""A local HTTP server for the trust services of a throw-away authority, with faults on request.

    with TrustServer() as server:
        authority = Authority.create(now=now, services=server.url)
        server.publish(SampleRevocation(...), SampleTimestamps(...))

It listens on 127.0.0.1 alone: ``/tsa`` (RFC 3161), ``/ocsp`` (RFC 6960), and ``/root.crl``,
``/intermediate.crl``, ``/root.crt``, ``/intermediate.crt``.
"""

from __future__ import annotations

import base64
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Literal, TypeAlias

from cryptography.hazmat.primitives.serialization import Encoding

from sipadek.testing.trust_authority import SampleRevocation, SampleTimestamps

ServerFault: TypeAlias = Literal["", "error", "slow", "garbage", "huge", "redirect", "cut"]

_TYPES = {"tsa": "application/timestamp-reply", "ocsp": "application/ocsp-response"}
_HUGE = 64 * 1024 * 1024
_SLOW = 1.0


class TrustServer:
    """The server; a context manager.

    ``fault`` holds until it is changed, ``failures`` for so many requests: 'error' answers 503,
    'slow' waits, 'garbage' and 'huge' answer what is no reply, 'redirect' sends to a file: address,
    'cut' ends in the middle. ``asked`` lists the paths that were asked for. With ``login`` (name,
    password) /tsa wants Basic authentication.
    """

    def __init__(self, *, login: tuple[str, str] | None = None) -> None:
        self.fault: ServerFault = ""
        self.failures: int | None = None
        self.login = login
        self.asked: list[str] = []
        self._stop = threading.Event()
        self._timestamps: SampleTimestamps | None = None
        self._revocation: SampleRevocation | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def publish(
        self, revocation: SampleRevocation | None, timestamps: SampleTimestamps | None = None
    ) -> None:
        """What is served from now on."""
        self._revocation, self._timestamps = revocation, timestamps

    def __enter__(self) -> TrustServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, path: str, body: bytes) -> bytes | None:
        """The good answer to a request, None where nothing is served there."""
        if path == "/tsa" and self._timestamps is not None:
            return self._timestamps.reply(body)
        revocation = self._revocation
        if revocation is None:
            return None
        if path == "/ocsp":
            return None if revocation.no_ocsp else revocation.ocsp_reply(body)
        name, _, kind = path.strip("/").partition(".")
        issuers = {
            "root": revocation.authority.root,
            "intermediate": revocation.authority.intermediate,
        }
        if name not in issuers:
            return None
        if kind == "crt":
            return issuers[name].public_bytes(Encoding.DER)
        return revocation.crl_of(issuers[name]) if kind == "crl" and not revocation.no_crl else None

    def _fault(self) -> ServerFault:
        if self.failures is not None:
            if self.failures <= 0:
                return ""
            self.failures -= 1
        return self.fault

    def _allowed(self, path: str, header: str) -> bool:
        if self.login is None or path != "/tsa":
            return True
        return header == "Basic " + base64.b64encode(":".join(self.login).encode()).decode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._serve(b"")

            def do_POST(self) -> None:
                self._serve(self.rfile.read(int(self.headers.get("Content-Length", 0))))

            def _serve(self, body: bytes) -> None:
                outer.asked.append(self.path)
                if not outer._allowed(self.path, self.headers.get("Authorization", "")):
                    self._send(401, b"")
                    return
                fault = outer._fault()
                if fault == "slow":
                    outer._stop.wait(_SLOW)
                if fault in ("error", "slow"):
                    self._send(503, b"sibuk")
                elif fault == "redirect":
                    self.send_response(302)
                    self.send_header("Location", "file:///etc/hostname")
                    self.end_headers()
                elif fault == "garbage":
                    self._send(200, b"<html>bukan jawaban</html>")
                elif fault == "huge":
                    self._send(200, bytes(_HUGE))
                else:
                    answer = outer.answer(self.path, body)
                    if answer is None:
                        self._send(404, b"")
                    else:
                        self._send(200, answer, cut=fault == "cut")

            def _send(self, status: int, body: bytes, *, cut: bool = False) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                kind = _TYPES.get(self.path.strip("/"), "application/octet-stream")
                self.send_header("Content-Type", kind)
                self.end_headers()
                try:
                    self.wfile.write(body[: len(body) // 2] if cut else body)
                except OSError:
                    return  # the client had enough

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        return Handler


__all__ = ["ServerFault", "TrustServer"]

"""A double of the BSrE e-sign client service, on this machine: real HTTP, real signatures, both
versions of its interface, and faults that can be switched on.

Its shapes follow the service's technical guide (petunjuk teknis) as public clients use it.
"""

from __future__ import annotations

import base64
import datetime
import json
import threading
import uuid
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self, TypeAlias, get_args

import attrs

from sipadek.bsre import UserStatus
from sipadek.errors import SipadekError
from sipadek.testing.authority import Authority, Credential
from sipadek.testing.bsre_requests import Refused, Signing, read_form, read_json
from sipadek.testing.bsre_signing import BadReply, sign_pdf, spoilt

Fault: TypeAlias = Literal[
    "http-500",
    "http-502",
    "html-500",
    "html-200",
    "slow",
    "cut-before",
    "cut-after",
    "truncated",
    "wrong-type",
]
"""What can go wrong on the way: a plain 500; a gateway's 502; HTML with 500 or 200; an answer that
does not come in time; a connection that is cut before or after the request is worked on, or in the
middle of the answer; a PDF that is called text/html."""

_FAULTS = frozenset(get_args(Fault))
_MOST = 64 * 1024 * 1024


@attrs.define(kw_only=True)
class _User:
    passphrase: str
    status: UserStatus
    credential: Credential
    totp: str = ""


class BsreDouble:
    """The service, from ``with`` until its end, at ``url``.

    ``asked`` lists what was worked on, as (method, path); ``signed`` counts the signatures that were
    made. ``messages`` holds the one-time codes that a user would get by e-mail.
    """

    username = "aplikasi"
    password = "sandi-aplikasi"  # noqa: S105  # the double's own

    def __init__(self, authority: Authority, *, clock: Callable[[], datetime.datetime]) -> None:
        self._authority = authority
        self._clock = clock
        self._users: dict[str, _User] = {}
        self._seals: dict[str, _User] = {}
        self._documents: dict[str, bytes] = {}
        self._faults: list[str] = []
        self._lock = threading.Lock()
        self._released = threading.Event()
        self._other = authority.issue("Orang Lain", key="p256")
        self.asked: list[tuple[str, str]] = []
        self.messages: dict[str, str] = {}
        self.signed = 0
        double = self

        class Handler(_Handler):
            service = double

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    # --- what a test sets up --------------------------------------------------------------------

    def add_user(
        self,
        nik: str,
        passphrase: str,
        *,
        status: str = "ISSUE",
        credential: Credential | None = None,
    ) -> Credential:
        """A user with that NIK; the certificate names the NIK as its subject's serialNumber."""
        made = credential or self._authority.issue("Siti Contoh", employee_number=nik, key="p256")
        self._users[nik] = _User(passphrase=passphrase, status=UserStatus(status), credential=made)
        return made

    def add_seal(self, subscriber: str) -> Credential:
        """An institution that may seal."""
        made = self._authority.issue("Kelurahan Contoh", key="p256")
        self._seals[subscriber] = _User(passphrase="", status=UserStatus.ISSUE, credential=made)
        return made

    def next(self, *faults: Fault | BadReply) -> None:
        """The next requests go wrong like this, one fault each."""
        self._faults += faults

    # --- what the handler asks ------------------------------------------------------------------

    def take_fault(self) -> str:
        """The fault of this request, or nothing."""
        with self._lock:
            return self._faults.pop(0) if self._faults else ""

    def wait(self) -> None:
        """Not to answer, until the service ends or five seconds are over."""
        self._released.wait(5)

    def work(self, method: str, path: str, headers: Any, body: bytes, bad: str) -> Reply:
        """The answer to a request that is allowed."""
        self.asked.append((method, path))
        if method == "GET" and path.startswith("/api/user/status/"):
            return self._status_v1(path.rpartition("/")[2])
        if method == "GET" and path.startswith("/api/sign/download/"):
            return self._download(path.rpartition("/")[2])
        if (method, path) == ("POST", "/api/sign/pdf"):
            signing = Signing.v1(*read_form(headers, body))
            return self._give_v1(self._sign(self._user(signing), signing, bad))
        if (method, path) == ("POST", "/api/sign/verify"):
            return self._verify_v1(read_form(headers, body)[1]["signed_file"])
        if method == "POST" and path.startswith("/api/v2/"):
            return self._work_v2(path.removeprefix("/api/v2/"), read_json(body), bad)
        return Reply.value({"error": "Not Found", "path": path}, status=404)

    def _work_v2(self, path: str, value: dict[str, Any], bad: str) -> Reply:
        if path == "user/check/status":
            user = self._users.get(str(value.get("nik")))
            status = UserStatus.NOT_REGISTERED if user is None else user.status
            return Reply.value({"status": str(status), "message": "status user"})
        if path == "sign/get/totp":
            self._totp(self._users, str(value.get("nik")))
            return Reply.value({"result": True, "message": "TOTP dikirim"})
        if path in ("seal/get/activation", "seal/get/totp"):
            self._totp(self._seals, str(value.get("idSubscriber")))
            return Reply.value({"result": True, "message": "TOTP dikirim"})
        if path in ("sign/pdf", "seal/pdf"):
            signing = Signing.v2(value)
            user = self._user(signing) if path == "sign/pdf" else self._sealer(value)
            made = base64.b64encode(self._sign(user, signing, bad)).decode()
            return Reply.value({"time": 12, "file": [made]})
        if path == "verify/pdf":
            return self._verify_v2(base64.b64decode(value["file"]))
        return Reply.value({"error": "Not Found", "path": path}, status=404)

    def _user(self, signing: Signing) -> _User:
        user = self._users.get(signing.nik)
        if user is None:
            raise Refused(2011, "User tidak terdaftar")
        if not user.status.may_sign:
            raise Refused(2021, f"Status user {signing.nik}: {user.status}")
        good = (
            signing.totp == user.totp != ""
            if signing.passphrase is None
            else signing.passphrase == user.passphrase
        )
        if not good:
            raise Refused(2031, f"Passphrase anda salah ({signing.passphrase or signing.totp})")
        user.totp = "" if signing.passphrase is None else user.totp
        return user

    def _sealer(self, value: dict[str, Any]) -> _User:
        user = self._seals.get(str(value.get("idSubscriber")))
        if user is None or value.get("totp") != user.totp or not user.totp:
            raise Refused(2031, "TOTP salah")
        user.totp = ""
        return user

    def _totp(self, of: dict[str, _User], who: str) -> None:
        if who not in of:
            raise Refused(2011, "User tidak terdaftar")
        of[who].totp = self.messages[who] = f"{uuid.uuid4().int % 1_000_000:06}"

    def _sign(self, user: _User, signing: Signing, bad: str) -> bytes:
        try:
            made = sign_pdf(
                signing.pdf,
                user.credential,
                at=self._clock(),
                reason=signing.reason,
                place=signing.place,
                password=signing.password,
            )
        except (SipadekError, ValueError, IndexError) as error:
            raise Refused(2099, f"Proses signing gagal: {error}") from None
        with self._lock:
            self.signed += 1
        if bad:
            kind: Any = bad
            at = self._clock()
            return spoilt(made, signing.pdf, kind, user.credential, self._other, at=at)
        return made

    def _give_v1(self, made: bytes) -> Reply:
        identifier = uuid.uuid4().hex
        self._documents[identifier] = made
        return Reply(200, "application/pdf", made, {"id_dokumen": identifier})

    def _download(self, identifier: str) -> Reply:
        made = self._documents.pop(identifier, None)
        if made is None:
            return Reply.value({"error": "Dokumen tidak ditemukan"}, status=404)
        return Reply(200, "application/pdf", made)

    def _status_v1(self, nik: str) -> Reply:
        user = self._users.get(nik)
        if user is None:
            return Reply.value({"status_code": 1110, "message": "User tidak terdaftar"})
        code = 1111 if user.status.may_sign else 1112
        return Reply.value({"status_code": code, "status": str(user.status), "message": "status"})

    def _found(self, pdf: bytes) -> tuple[Any, ...]:
        from sipadek.signing import verify_pdf

        try:
            return verify_pdf(
                pdf, trust=[self._authority.root], at=self._clock(), limits=None
            ).signatures
        except SipadekError:
            return ()

    def _verify_v1(self, pdf: bytes) -> Reply:
        details = [
            {
                "signature_field": each.field,
                "info_signer": {"signer_name": each.signer, "cert_user_certified": True},
                "signature_document": {
                    "document_integrity": True,
                    "reason": None,
                    "signed_in": "-",
                },
            }
            for each in self._found(pdf)
        ]
        return Reply.value(
            {
                "nama_dokumen": "dokumen.pdf",
                "jumlah_signature": len(details),
                "notes": "Dokumen valid" if details else "Dokumen tidak valid",
                "summary": "VALID" if details else "NOT_VALID",
                "details": details,
            }
        )

    def _verify_v2(self, pdf: bytes) -> Reply:
        signatures = [
            {
                "fieldName": each.field,
                "signerName": each.signer,
                "integrityValid": True,
                "certificateTrusted": True,
            }
            for each in self._found(pdf)
        ]
        return Reply.value(
            {
                "conclusion": "VALID" if signatures else "NO_SIGNATURE",
                "description": "Dokumen diperiksa",
                "signatureCount": len(signatures),
                "signatureInformations": signatures,
            }
        )


@attrs.frozen
class Reply:
    """An answer: HTTP status, content type, body and further headers."""

    status: int
    type: str
    body: bytes
    headers: dict[str, str] = attrs.field(factory=dict)

    @classmethod
    def value(cls, value: dict[str, Any], *, status: int = 200) -> Reply:
        """A JSON answer."""
        return cls(status, "application/json", json.dumps(value).encode())


class _Handler(BaseHTTPRequestHandler):
    service: BsreDouble
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: requests hold NIKs."""

    def _answer(self) -> None:
        self.close_connection = True
        body = self.rfile.read(min(_MOST, int(self.headers.get("content-length") or 0)))
        fault = self.service.take_fault()
        if fault == "cut-before":
            return
        reply = self._early(fault) or self._worked(body, fault)
        if fault == "slow":
            self.service.wait()
        if fault == "cut-after":
            return
        self._send(reply, cut=fault == "truncated", html=fault == "wrong-type")

    def _early(self, fault: str) -> Reply | None:
        page = b"<!doctype html><title>Galat</title><p>Galat pada peladen"
        if fault in ("html-500", "html-200", "http-502"):
            status = {"html-500": 500, "html-200": 200, "http-502": 502}[fault]
            return Reply(status, "text/html", page)
        if fault == "http-500":
            return Reply.value({"status": 500, "error": "Internal Server Error"}, status=500)
        pair = f"{self.service.username}:{self.service.password}".encode()
        if self.headers.get("authorization") != "Basic " + base64.b64encode(pair).decode():
            return Reply(401, "text/html", page)
        return None

    def _worked(self, body: bytes, fault: str) -> Reply:
        bad = "" if fault in _FAULTS else fault
        try:
            return self.service.work(self.command, self.path, self.headers, body, bad)
        except Refused as refused:
            value = {"error": refused.text, "status_code": refused.code}
            return Reply.value(value, status=400)
        except (KeyError, ValueError, TypeError):
            return Reply.value({"error": "Bad Request", "status_code": 2000}, status=400)

    def _send(self, reply: Reply, *, cut: bool, html: bool) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", "text/html" if html else reply.type)
        self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body[: len(reply.body) // 2] if cut else reply.body)
        self.wfile.flush()

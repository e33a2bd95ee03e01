from __future__ import annotations

import contextlib
import gc
import hashlib
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).parent.parent / "signing"))

from signing_documents import DAY, NOW, plain_pdf
from trust_parts import Trust, judged_links, sign_own

from sipadek.errors import (
    InvalidInput,
    MissingExtra,
    TimestampFailed,
    TrustServiceUnavailable,
    ValidationDataMissing,
)
from sipadek.signing import check_signer, raise_level
from sipadek.signing.timestamp import check_token
from sipadek.testing.trust_server import ServerFault, TrustServer
from sipadek.trust_services import HttpRevocation, HttpTimestampAuthority
from sipadek.trust_services.http import HttpLimits, fetch, is_public_web

QUICK = HttpLimits(timeout=0.5, attempts=2, pause=0.01)
DIGEST = hashlib.sha256(b"surat").digest()


def anywhere(_: str) -> bool:
    return True


@pytest.fixture
def server() -> Iterator[TrustServer]:
    with TrustServer() as running:
        yield running


@pytest.fixture
def trust(server: TrustServer) -> Trust:
    made = Trust.create(services=server.url)
    server.publish(made.revocation, made.timestamps)
    return made


def authority(server: TrustServer, **how: object) -> HttpTimestampAuthority:
    return HttpTimestampAuthority(url=f"{server.url}/tsa", limits=QUICK, **how)


def test_the_whole_way(server: TrustServer, trust: Trust) -> None:
    stamps = authority(server)
    pdf = sign_own(plain_pdf(), trust.signer.signer(), timestamp=stamps)
    source = HttpRevocation(allow=anywhere, limits=QUICK)
    arguments = trust.arguments() | {"timestamp": stamps, "revocation": source}
    whole = pdf + raise_level(pdf, to="B-LTA", **arguments)
    assert all(judged_links(whole, trust.authority.root, NOW + DAY))
    assert raise_level(whole, to="B-LTA", **arguments) == b""
    assert {"/tsa", "/ocsp"} <= set(server.asked)
    assert not any(path.endswith(".crl") for path in server.asked)
    trust.revocation.no_ocsp = True
    again = raise_level(pdf, to="B-LT", **arguments)
    assert again
    assert server.asked.count("/intermediate.crl") == 1  # kept for the second certificate


def test_an_issuer_is_fetched(server: TrustServer, trust: Trust) -> None:
    source = HttpRevocation(allow=anywhere, limits=QUICK)
    assert source.issuers(trust.signer.certificate) == [trust.authority.intermediate]


@pytest.mark.parametrize("fault", ["error", "slow", "huge", "redirect", "cut"])
def test_a_server_that_does_not_answer(
    server: TrustServer, trust: Trust, fault: ServerFault
) -> None:
    server.fault = fault
    with pytest.raises(TrustServiceUnavailable, match=r"127\.0\.0\.1"):
        authority(server).stamp(DIGEST, "sha256")
    source = HttpRevocation(allow=anywhere, limits=QUICK, most_crl=1024 * 1024)
    status = check_signer(
        trust.signer.signer(), NOW, trust=[trust.authority.root], revocation=source
    )
    assert status.revocation == "unknown"
    assert "127.0.0.1" in status.warnings[0]


def test_a_fault_that_passes(server: TrustServer, trust: Trust) -> None:
    server.fault, server.failures = "error", 1
    token = authority(server).stamp(DIGEST, "sha256")
    assert check_token(token, DIGEST, "sha256").at == NOW
    assert server.asked == ["/tsa", "/tsa"]


@contextlib.contextmanager
def dripping(what: bytes) -> Iterator[str]:
    """A server that sends a byte each 50 ms, each of them well in time."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, contextlib.suppress(OSError):
                    connection.recv(65536)
                    for each in what:
                        connection.sendall(bytes([each]))
                        time.sleep(0.05)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(timeout=5)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"


@pytest.mark.parametrize("what", [b"HTTP/1.1 200 OK" + b" " * 900, HEAD.ljust(900, b"x")])
def test_a_server_that_drips_is_left(what: bytes) -> None:
    limits = HttpLimits(timeout=0.4, attempts=1)
    with dripping(what) as url, pytest.raises(TrustServiceUnavailable, match=r"longer than 0\.4"):
        fetch(url, limits=limits)


def test_a_reply_without_a_length_that_was_ended_is_none() -> None:
    limits = HttpLimits(timeout=0.4, attempts=1)
    with (
        dripping(b"HTTP/1.0 200 OK\r\n\r\n".ljust(400, b"x")) as url,
        pytest.raises(TrustServiceUnavailable, match=r"longer than 0\.4"),
    ):
        fetch(url, limits=limits)


@pytest.mark.parametrize("url", ["http://[x/", "gopher://a.id/", "http://a.id\x00/", "http:///x"])
def test_what_can_never_succeed_is_not_tried_again(url: str) -> None:
    slept: list[float] = []
    with pytest.raises(TrustServiceUnavailable):
        fetch(url, limits=HttpLimits(attempts=3), sleep=slept.append)
    assert slept == []


def test_a_public_name_that_leads_here_is_sent_nothing(server: TrustServer, trust: Trust) -> None:
    with pytest.raises(TrustServiceUnavailable, match="not public"):
        fetch(f"{server.url}/root.crt", limits=QUICK, public_only=True)
    gc.collect()  # a socket that was left open would be warned of
    assert server.asked == []
    assert fetch(f"{server.url}/root.crt", limits=QUICK)


def test_garbage(server: TrustServer, trust: Trust) -> None:
    server.fault = "garbage"
    with pytest.raises(TimestampFailed, match="no time stamp response"):
        authority(server).stamp(DIGEST, "sha256")
    pdf = sign_own(plain_pdf(), trust.signer.signer(), timestamp=trust.timestamps)
    source = HttpRevocation(allow=anywhere, limits=QUICK)
    with pytest.raises(ValidationDataMissing, match="cannot be read"):
        raise_level(pdf, to="B-LT", **trust.arguments() | {"revocation": source})


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("rejected", "ditolak"),
        ("nonce", "nonce"),
        ("imprint", "other bytes"),
        ("signature", "does not fit"),
    ],
)
def test_replies_that_are_not_good(
    server: TrustServer, trust: Trust, fault: str, said: str
) -> None:
    trust.timestamps.fault = fault
    with pytest.raises(TimestampFailed, match=said):
        authority(server).stamp(DIGEST, "sha256")


def test_certificates_that_cannot_stamp(server: TrustServer, trust: Trust) -> None:
    trust.timestamps.credential = trust.signer
    with pytest.raises(TimestampFailed, match="timeStamping"):
        authority(server).stamp(DIGEST, "sha256")
    trust.timestamps.credential = trust.authority.issue_service("time stamps", key="p256", days=1)
    with pytest.raises(TimestampFailed, match="not valid at"):
        authority(server).stamp(DIGEST, "sha256")


def test_policy(server: TrustServer, trust: Trust) -> None:
    with pytest.raises(TimestampFailed, match="policy"):
        authority(server, policy="1.2.3.4").stamp(DIGEST, "sha256")


def test_basic_authentication() -> None:
    with TrustServer(login=("kota", "sandi-rahasia")) as server:
        made = Trust.create(services=server.url)
        server.publish(made.revocation, made.timestamps)
        with pytest.raises(TrustServiceUnavailable, match="401"):
            authority(server).stamp(DIGEST, "sha256")
        allowed = authority(server, login=("kota", "sandi-rahasia"))
        assert allowed.stamp(DIGEST, "sha256")
        assert "sandi-rahasia" not in repr(allowed)


def test_the_room_is_learned(server: TrustServer, trust: Trust) -> None:
    stamps = authority(server)
    for _ in range(5):
        assert len(stamps.stamp(DIGEST, "sha256")) <= stamps.token_size


def test_addresses_out_of_certificates_are_not_followed_everywhere(
    server: TrustServer, trust: Trust
) -> None:
    source = HttpRevocation(limits=QUICK)  # by default not to this machine
    assert source.ocsp(trust.signer.certificate, trust.authority.intermediate) is None
    assert server.asked == []
    issuer = trust.authority.intermediate.subject.rfc4514_string()
    source = HttpRevocation(limits=QUICK, responders={issuer: f"{server.url}/ocsp"})
    assert source.ocsp(trust.signer.certificate, trust.authority.intermediate)


@pytest.mark.parametrize("url", ["file:///etc/hostname", "ftp://x.id/", "http://a:b@x.id/", "x"])
def test_other_addresses(url: str) -> None:
    assert not is_public_web(url)
    with pytest.raises(InvalidInput):
        HttpTimestampAuthority(url=url)


@given(st.ip_addresses())
def test_numbers_of_private_networks(address: object) -> None:
    host = f"[{address}]" if address.version == 6 else str(address)
    assert is_public_web(f"http://{host}/ocsp") == address.is_global


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_not(text: str) -> None:
    for url in (text, f"http://{text}/", f"http://{text}"):
        assert is_public_web(url) in (True, False)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_reply_or_not(reply: bytes) -> None:
    from sipadek.signing.timestamp import token_of_reply

    with pytest.raises(TimestampFailed):
        token_of_reply(reply, DIGEST, "sha256", nonce=1)


def test_without_httpx(monkeypatch: pytest.MonkeyPatch, server: TrustServer, trust: Trust) -> None:
    monkeypatch.setitem(sys.modules, "httpx", None)
    with pytest.raises(MissingExtra, match=r"sipadek\[trust\]"):
        authority(server).stamp(DIGEST, "sha256")


def test_the_filing_path_stays_light() -> None:
    import subprocess

    program = (
        "import sys, sipadek, sipadek.signing, sipadek.trust_services; "
        "print([m for m in ('pyhanko', 'asn1crypto', 'httpx') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]", done.stderr

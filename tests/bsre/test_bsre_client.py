"""The client against the double, over loopback: both versions, every fault, no secret let out."""

from __future__ import annotations

import logging
import pickle
import socket
import subprocess
import sys
import traceback

import pytest
from bsre_signers import NIK, NOW, PASSPHRASE, make_signer

from sipadek.bsre import (
    BsreSealer,
    BsreSigner,
    BsreV1,
    BsreV2,
    Connection,
    Nik,
    Patience,
    UserStatus,
)
from sipadek.errors import (
    AlreadyDownloaded,
    InvalidInput,
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
from sipadek.signing import ExpectedSigner, accept_reply, sign_remotely
from sipadek.testing.authority import Authority
from sipadek.testing.bsre_double import BsreDouble

Service = BsreV1 | BsreV2


def test_a_document_is_signed_and_the_service_agrees(
    signer: BsreSigner, service: Service, double: BsreDouble, pdf: bytes
) -> None:
    signed = sign_remotely(pdf, signer, at=NOW, reason="Nomor 1")
    assert signed.evidence.entire_file
    assert signed.evidence.kind == "signature"
    assert double.signed == 1
    verdict = service.verify(pdf + signed.tail)
    assert (verdict.conclusion, verdict.count) == ("VALID", 1)
    assert verdict.signatures[0].field == signed.evidence.field
    assert verdict.signatures[0].intact is True
    assert service.verify(pdf).count == 0


@pytest.mark.parametrize("status", list(UserStatus))
def test_every_status_is_told_and_only_one_may_sign(
    authority: Authority, service: Service, double: BsreDouble, status: UserStatus
) -> None:
    double.add_user(NIK, PASSPHRASE, status=status)
    assert service.status(Nik(NIK)) is status
    signer = make_signer(authority, service)
    if status is UserStatus.ISSUE:
        signer.check(NOW)
        return
    leaf = SignerNotRegistered if status is UserStatus.NOT_REGISTERED else SignerNotActive
    with pytest.raises(leaf) as raised:
        signer.check(NOW)
    assert raised.value.fields["status"] == str(status)


def test_an_unknown_user(service: Service, pdf: bytes) -> None:
    assert service.status("9999999999999999") is UserStatus.NOT_REGISTERED
    with pytest.raises(SignerNotRegistered):
        service.sign(pdf, "9999999999999999", passphrase="x")


def test_a_wrong_passphrase(service: Service, double: BsreDouble, pdf: bytes) -> None:
    with pytest.raises(WrongPassphrase) as raised:
        service.sign(pdf, NIK, passphrase="salah")
    assert raised.value.fields["status_code"] == 2031
    assert len(double.asked) == 1


def test_a_refusal_is_told_without_numbers_and_secrets(
    service: Service, double: BsreDouble, pdf: bytes
) -> None:
    double.add_user(NIK, PASSPHRASE, status="EXPIRED")
    with pytest.raises(SigningRefused, match="EXPIRED") as raised:
        service.sign(pdf, NIK, passphrase=PASSPHRASE)
    assert raised.value.fields["status_code"] == 2021
    assert NIK not in str(raised.value)


@pytest.mark.parametrize(
    ("fault", "leaf"),
    [
        ("http-500", ServiceFailed),
        ("html-500", ServiceFailed),
        ("http-502", SigningOutcomeUnknown),
        ("html-200", SigningOutcomeUnknown),
        ("slow", SigningOutcomeUnknown),
        ("cut-before", SigningOutcomeUnknown),
        ("cut-after", SigningOutcomeUnknown),
    ],
)
def test_a_request_to_sign_is_never_repeated(
    service: Service,
    double: BsreDouble,
    sleeps: list[float],
    pdf: bytes,
    fault: str,
    leaf: type[RemoteSigningError],
) -> None:
    double.next(fault)  # type: ignore[arg-type]
    with pytest.raises(leaf) as raised:
        service.sign(pdf, NIK, passphrase=PASSPHRASE)
    assert type(raised.value) is leaf
    assert sleeps == []
    assert double.signed == (1 if fault in ("slow", "cut-after") else 0)
    assert "html" not in str(raised.value).lower()


@pytest.mark.parametrize(
    "fault", ["http-500", "html-500", "http-502", "slow", "cut-before", "cut-after"]
)
def test_what_is_safe_is_repeated(
    service: Service, double: BsreDouble, sleeps: list[float], fault: str
) -> None:
    double.next(fault, fault)  # type: ignore[arg-type]
    assert service.status(NIK) is UserStatus.ISSUE
    assert sleeps == [0.5, 1.0]
    double.next(*[fault] * 3)  # type: ignore[arg-type]
    with pytest.raises(ServiceFailed):
        service.status(NIK)


def test_a_broken_off_answer_of_version_1_is_fetched_by_its_id(
    connection: Connection, double: BsreDouble, authority: Authority, pdf: bytes
) -> None:
    double.next("truncated")
    signed = sign_remotely(pdf, make_signer(authority, BsreV1(connection)), at=NOW)
    assert signed.evidence.entire_file
    assert [path for _, path in double.asked][1].startswith("/api/sign/download/")
    assert double.signed == 1
    identifier = double.asked[1][1].rpartition("/")[2]
    with pytest.raises(AlreadyDownloaded):
        BsreV1(connection).download(identifier)


def test_a_broken_off_answer_whose_document_is_gone(
    connection: Connection, double: BsreDouble, pdf: bytes
) -> None:
    double.next("truncated", "cut-after")  # the download is used up, and its answer lost as well
    with pytest.raises(SigningOutcomeUnknown):
        BsreV1(connection).sign(pdf, NIK, passphrase=PASSPHRASE)
    assert double.signed == 1


def test_a_broken_off_answer_of_version_2_is_lost(
    connection: Connection, double: BsreDouble, pdf: bytes
) -> None:
    double.next("truncated")
    with pytest.raises(SigningOutcomeUnknown):
        BsreV2(connection).sign(pdf, NIK, passphrase=PASSPHRASE)


@pytest.mark.parametrize("identifier", ["", "..", "a/b", "a?b", "x" * 201])
def test_an_id_that_cannot_be_one_is_not_asked(
    connection: Connection, double: BsreDouble, identifier: str
) -> None:
    with pytest.raises(InvalidInput):
        BsreV1(connection).download(identifier)
    assert double.asked == []


def test_a_pdf_under_another_type_is_taken(
    service: Service, double: BsreDouble, pdf: bytes
) -> None:
    double.next("wrong-type")
    assert service.sign(pdf, NIK, passphrase=PASSPHRASE).startswith(pdf)


def test_nobody_there(
    service: Service, double: BsreDouble, sleeps: list[float], pdf: bytes
) -> None:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        connection = Connection(
            f"http://127.0.0.1:{taken.getsockname()[1]}",
            username="u",
            password="p",
            sleep=sleeps.append,
        )
        with pytest.raises(ServiceUnreachable):
            type(service)(connection).sign(pdf, NIK, passphrase=PASSPHRASE)
    assert sleeps == [0.5, 1.0]  # nothing was sent, so it may be tried again


def test_the_application_itself_is_refused(
    double: BsreDouble, service: Service, pdf: bytes
) -> None:
    other = type(service)(Connection(double.url, username="aplikasi", password="bukan"))
    with pytest.raises(ServiceAccessDenied):
        other.sign(pdf, NIK, passphrase=PASSPHRASE)
    with pytest.raises(ServiceAccessDenied):
        other.verify(pdf)


def test_one_time_codes(
    connection: Connection, double: BsreDouble, authority: Authority, pdf: bytes
) -> None:
    service = BsreV2(connection)
    service.request_totp(NIK)
    signer = make_signer(authority, service, passphrase=None, totp=lambda: double.messages[NIK])
    assert sign_remotely(pdf, signer, at=NOW).evidence.entire_file
    with pytest.raises(WrongPassphrase):
        sign_remotely(pdf, signer, at=NOW)
    double.next("cut-after")
    with pytest.raises(ServiceFailed):
        service.request_totp(NIK)
    assert [path for _, path in double.asked].count("/api/v2/sign/get/totp") == 2


def test_a_seal(
    connection: Connection, double: BsreDouble, authority: Authority, pdf: bytes
) -> None:
    certificate = double.add_seal("kelurahan-1").certificate
    service = BsreV2(connection)
    service.request_seal_activation("kelurahan-1")
    service.request_seal_totp("kelurahan-1", activation=lambda: double.messages["kelurahan-1"])
    sealer = BsreSealer(
        service=service,
        name="Kelurahan Contoh",
        subscriber="kelurahan-1",
        expected=ExpectedSigner(
            trust=[authority.root], subject=certificate.subject.rfc4514_string()
        ),
        totp=lambda: double.messages["kelurahan-1"],
    )
    sealer.check(NOW)
    assert sign_remotely(pdf, sealer, at=NOW).evidence.entire_file
    assert double.asked[-1] == ("POST", "/api/v2/seal/pdf")


def test_no_secret_is_let_out(
    double: BsreDouble,
    service: Service,
    authority: Authority,
    pdf: bytes,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Not by logs at their loudest, errors, their causes and pickles, nor by reprs."""
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    signer = make_signer(authority, service, passphrase=PASSPHRASE)
    shown = [repr(signer), repr(service), repr(Nik(NIK)), str(Nik(NIK)), repr(signer.expected)]
    wrong = "sandi-keliru-123"
    double.next("http-500", "slow", "cut-after", "truncated", "html-200")
    for passphrase in [PASSPHRASE] * 5 + [wrong]:
        try:
            service.sign(pdf, NIK, passphrase=passphrase)
        except RemoteSigningError as raised:
            error = raised
        else:
            continue  # version 1, whose broken-off answer is fetched
        assert error.__cause__ is None
        assert error.__context__ is None
        shown += [repr(error), repr(error.fields), "".join(traceback.format_exception(error))]
        shown.append(repr(pickle.dumps(error)))
    service.status(NIK)
    shown.append(caplog.text)
    assert "httpcore" in caplog.text
    for text in shown:
        for secret in (PASSPHRASE, wrong, NIK, double.password):
            assert secret not in text
            assert repr(secret.encode())[2:-1] not in text


def test_nothing_is_retained_by_an_error(service: Service, double: BsreDouble, pdf: bytes) -> None:
    """No frame of this library that an error remembers holds the passphrase that was asked for."""
    secret = "rahasia-yang-ditanya"
    for fault in ("slow", "http-500"):
        double.next(fault)  # type: ignore[arg-type]
        with pytest.raises(RemoteSigningError) as raised:
            service.sign(pdf, NIK, passphrase=lambda: str.join("-", ("rahasia", "yang", "ditanya")))
        frames = [frame for frame, _ in traceback.walk_tb(raised.value.__traceback__)]
        inside = [
            frame
            for frame in frames
            if "sipadek" in frame.f_code.co_filename and "tests" not in frame.f_code.co_filename
        ]
        assert inside
        assert not [frame for frame in inside if secret in repr(frame.f_locals)]


@pytest.mark.parametrize(
    "nik", ["", "37101", "1" * 17, "1" * 15 + "a", "１" * 16, "1" * 16 + "\n", 1234567890123456]
)
def test_a_nik_is_sixteen_digits_as_text(nik: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        Nik(nik)
    assert not nik or str(nik).strip() not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "esign",
        "ftp://esign",
        "http://esign.kota.example",
        "https://a:b@esign",
        "https://e/?x",
        "https://[x",
    ],
)
def test_an_address_that_cannot_serve_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput):
        Connection(url, username="u", password="p")
    Connection("http://esign.kota.example/", username="u", password="p", plaintext=True)


def test_what_does_not_go_together_is_refused(
    connection: Connection, authority: Authority, pdf: bytes
) -> None:
    with pytest.raises(InvalidInput):
        make_signer(authority, BsreV1(connection), passphrase=None, totp="123456")
    with pytest.raises(InvalidInput):
        make_signer(authority, BsreV2(connection), totp="123456")
    with pytest.raises(InvalidInput):
        BsreV1(connection).sign(pdf, NIK, passphrase="x", password="y")
    with pytest.raises(InvalidInput):
        BsreV2(connection).sign(pdf, NIK)
    with pytest.raises(InvalidInput):
        BsreV2(connection).sign(pdf, NIK, passphrase="")
    with pytest.raises(ValueError, match="attempts"):
        Patience(attempts=0)
    with pytest.raises(InvalidInput):
        ExpectedSigner(trust=[], identifier=NIK)
    with pytest.raises(InvalidInput):
        ExpectedSigner(trust=[authority.root])


def test_without_httpx_the_extra_is_named() -> None:
    code = (
        "import sys; sys.modules['httpx'] = None\n"
        "from sipadek.bsre import Connection\n"
        "from sipadek.errors import MissingExtra\n"
        "try: Connection('https://esign.example', username='u', password='p')\n"
        "except MissingExtra as error: assert 'sipadek[bsre]' in str(error)\n"
        "else: raise SystemExit('no error')\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_reply_is_judged_by_itself(authority: Authority, service: Service, pdf: bytes) -> None:
    reply = service.sign(pdf, NIK, passphrase=PASSPHRASE)
    expected = ExpectedSigner(trust=[authority.root], identifier=NIK)
    found = accept_reply(pdf, reply, expected, at=NOW)
    prints = ExpectedSigner(trust=[authority.root], fingerprint=found.fingerprint.upper())
    assert accept_reply(pdf, reply, prints, at=NOW) == found

"""TokenSigner on real SoftHSM2 tokens."""

from __future__ import annotations

import datetime
import multiprocessing
import os
import pickle
import shutil
import subprocess
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import softhsm
from softhsm import MODULE, NOW, PIN, read_pin, times_asked, wrong_pin

pytest.importorskip("pkcs11")

import pkcs11
import sipadek
from pkcs11 import TokenFlag
from sipadek.errors import KeyUnusable, SigningError
from sipadek.pkcs11 import TokenSigner, connection
from sipadek.pkcs11.connection import login_problem
from sipadek.signing import verify_pdf
from sipadek.testing.authority import Authority, Credential
from sipadek.testing.pdfs import PdfRecipe, build


def opened(label: str = "rsa", **how: Any) -> TokenSigner:
    return TokenSigner.open(MODULE, token="kantor", label=label, **({"pin": read_pin} | how))


def a_pdf(text: str) -> bytes:
    return build(PdfRecipe(texts=(text,)))


@pytest.mark.parametrize(
    ("label", "pss", "scheme"),
    [
        ("rsa", False, "rsa-pkcs1-sha256"),
        ("rsa", True, "rsa-pss-sha256"),
        ("p256", False, "ecdsa-p256-sha256"),
        ("p384", False, "ecdsa-p384-sha384"),
        ("ed", False, "ed25519"),
    ],
)
def test_letters_are_signed_on_the_token(
    hsm: Path,
    tmp_path: Path,
    authority: Authority,
    credentials: dict[str, Credential],
    label: str,
    pss: bool,
    scheme: str,
) -> None:
    signer = opened(label, pss=pss)
    assert signer.certificate == credentials[label].certificate
    assert signer.chain == (authority.intermediate,)
    with sipadek.open(tmp_path / "arsip", clock=lambda: NOW) as office:
        office.define_series("ket", "{nomor}/{tahun}")
        letter = office.file(a_pdf(label), series="ket", subject="Uji", signer=signer)
        filed = office.filed(letter.id).read()
    [evidence] = verify_pdf(filed, trust=[authority.root], at=NOW, limits=None).signatures
    assert evidence.scheme == scheme
    assert times_asked() == 1
    if shutil.which("pdfsig") and label in {"rsa", "p256", "p384"}:
        path = tmp_path / "terbit.pdf"
        path.write_bytes(filed)
        said = subprocess.run(
            ["pdfsig", "-nocert", path], check=False, capture_output=True, text=True
        ).stdout
        assert "Signature is Valid." in said


def test_threads_share_one_login(hsm: Path) -> None:
    signer, other = opened("p256"), opened("rsa")
    with ThreadPoolExecutor(8) as pool:
        work = [pool.submit(each.sign_many, [b"a", b"b"]) for each in [signer, other] * 20]
        assert all(len(each.result()) == 2 for each in work)  # each one was verified
    assert times_asked() == 1


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_worker_processes_log_in_for_themselves(
    hsm: Path, tmp_path: Path, authority: Authority, method: str
) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this platform cannot {method}")
    signer = opened("p256")
    data = pickle.dumps(signer)
    assert PIN.encode() not in data
    requests = [
        sipadek.FileRequest(source=a_pdf(str(n)), series="ket", subject="Uji", key=str(n))
        for n in range(6)
    ]
    context = multiprocessing.get_context(method)
    with (
        sipadek.open(tmp_path / "arsip", clock=lambda: NOW) as office,
        ProcessPoolExecutor(2, mp_context=context) as executor,
    ):
        office.define_series("ket", "{nomor}/{tahun}")
        outcomes = list(office.file_many(requests, signer=signer, executor=executor))
        for outcome in outcomes:
            assert outcome.letter, outcome.error
            filed = office.filed(outcome.letter.id).read()
            assert verify_pdf(filed, trust=[authority.root], at=NOW, limits=None).signatures
    asked = (hsm / "asked").read_text().split()
    assert asked[0] == str(os.getpid())
    assert len(asked) == len(set(asked)) > 1


def test_a_child_after_a_fork_has_its_own_session(hsm: Path) -> None:
    if not hasattr(os, "fork"):
        pytest.skip("this platform cannot fork")
    signer = opened("p256")
    child = os.fork()
    if child == 0:
        try:
            signer.sign_many([b"a"])
            os._exit(0 if times_asked() == 2 else 1)
        except BaseException:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    signer.sign_many([b"a"])
    assert times_asked() == 2


def test_lost_sessions_are_opened_again(hsm: Path) -> None:
    signer = opened("rsa")
    [held] = connection._connections.values()
    held._session.close()
    assert len(signer.sign_many([b"a", b"b"])) == 2
    assert times_asked() == 2
    # The whole module starts anew, as when a token's service does.
    module = pkcs11.lib(MODULE)
    module.finalize()
    module.initialize()
    assert len(signer.sign_many([b"a"])) == 1
    assert times_asked() == 3


def test_a_wrong_pin_is_tried_once(hsm: Path) -> None:
    with pytest.raises(KeyUnusable, match="refused the PIN") as caught:
        opened(pin=wrong_pin)
    assert caught.value.fields["reason"] == "pin-incorrect"
    assert "999999" not in f"{caught.value!r} {caught.value.fields}"
    opened("p256")  # by a person, with the right one
    assert times_asked() == 2


def test_a_signer_does_not_repeat_a_pin_that_was_refused(hsm: Path) -> None:
    pins = [PIN, "000000", PIN]
    signer = opened("rsa", pin=lambda: pins.pop(0))
    [held] = connection._connections.values()
    held.drop()
    for reason in ("pin-incorrect", "pin-refused", "pin-refused"):
        with pytest.raises(KeyUnusable) as caught:
            signer.sign_many([b"a"])
        assert caught.value.fields["reason"] == reason
    assert pins == [PIN]


@pytest.mark.parametrize(
    ("flags", "refused", "again", "reason"),
    [
        (TokenFlag.LOGIN_REQUIRED, False, False, ""),
        (TokenFlag.USER_PIN_COUNT_LOW, False, False, ""),
        (TokenFlag.USER_PIN_FINAL_TRY, False, False, "pin-final-try"),
        (TokenFlag.USER_PIN_FINAL_TRY, True, True, ""),
        (TokenFlag.USER_PIN_LOCKED, False, True, "pin-locked"),
        (TokenFlag.LOGIN_REQUIRED, True, False, "pin-refused"),
    ],
)
def test_when_a_login_is_tried(flags: TokenFlag, refused: bool, again: bool, reason: str) -> None:
    assert login_problem(flags, refused=refused, again=again) == reason


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"token": "lain"}, "no-token"),
        ({"serial": "00"}, "no-token"),
        ({"slot": 999}, "no-token"),
        ({"token": None}, "no-token"),  # two fit
        ({"label": "lain"}, "no-certificate"),
        ({"label": None}, "no-certificate"),  # four fit
        ({"label": "ca"}, "no-certificate"),  # signs no documents
        ({"id": b"\x09"}, "no-certificate"),
        ({"pin": lambda: 1 / 0}, "no-pin"),
        ({"pin": lambda: 271828}, "no-pin"),
    ],
)
def test_what_cannot_be_opened(hsm: Path, how: dict[str, Any], reason: str) -> None:
    given = {"token": "kantor", "label": "rsa", "pin": read_pin} | how
    with pytest.raises(KeyUnusable) as caught:
        TokenSigner.open(MODULE, **given)
    assert caught.value.fields["reason"] == reason
    assert pickle.loads(pickle.dumps(caught.value)).message == caught.value.message


@pytest.mark.parametrize("module", ["/tidak/ada.so", __file__])
def test_a_module_that_is_none(hsm: Path, module: str) -> None:
    with pytest.raises(KeyUnusable) as caught:
        TokenSigner.open(module, pin=read_pin)
    assert caught.value.fields["reason"] == "no-module"
    assert times_asked() == 0


def test_a_certificate_that_is_given(
    hsm: Path, authority: Authority, credentials: dict[str, Credential]
) -> None:
    ours = credentials["p256"]
    signer = opened("p256", certificate=ours.certificate, chain=ours.chain)
    assert signer.sign_many([b"a"])
    assert signer.chain == ours.chain
    # Without a label the key is told by what it is.
    assert opened(None, certificate=credentials["rsa"].certificate).sign_many([b"a"])  # type: ignore[arg-type]
    other = authority.issue("Lain", key="p256")
    with pytest.raises(KeyUnusable) as caught:
        opened(None, certificate=other.certificate)  # type: ignore[arg-type]
    assert caught.value.fields["reason"] == "no-key"


def test_tokens_with_fewer_mechanisms(
    hsm: Path, monkeypatch: pytest.MonkeyPatch, authority: Authority
) -> None:
    """Only those that hash by themselves are left, or none."""
    without = "slots.mechanisms = -CKM_RSA_PKCS,CKM_RSA_PKCS_PSS,CKM_ECDSA\n"
    softhsm.configure(hsm, monkeypatch, without)
    for pss in (False, True):
        assert opened("rsa", pss=pss).sign_many([b"a"])
    with pytest.raises(KeyUnusable, match="no mechanism ECDSA or ECDSA_SHA256") as caught:
        opened("p256")
    assert caught.value.fields["reason"] == "mechanism"


def test_validity_and_repr(hsm: Path) -> None:
    signer = opened("rsa", pin=PIN)
    signer.check(NOW)
    with pytest.raises(KeyUnusable, match="is valid from"):
        signer.check(NOW + datetime.timedelta(days=9999))
    assert PIN not in repr(signer)
    assert PIN not in str(connection._connections)
    with pytest.raises(SigningError, match="not handed to worker processes") as caught:
        pickle.dumps(signer)
    assert PIN not in str(caught.value)

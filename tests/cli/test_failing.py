"""Every error is one line that says what to do, with a stable code and an exit code by its class."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command_line import DETAILS, Keys, Run
from hypothesis import given
from hypothesis import strategies as st

from sipadek import errors
from sipadek.cli.failing import error_value, exit_code
from sipadek.cli.output import one_line, printable

ANSWERS = {
    "certificate-revoked",
    "changed-after-signing",
    "revocation-unknown",
    "verification-stopped",
    "broken-pdf",
    "change-forbidden",
    "checkpoint-invalid",
    "damaged-object",
    "damaged-register",
    "encrypted-pdf",
    "key-conflict",
    "ledger-inconsistent",
    "letter-destroyed",
    "letter-void",
    "limit-exceeded",
    "no-rule",
    "not-a-pdf",
    "not-found",
    "not-registered",
    "not-signed",
    "number-void",
    "on-hold",
    "period-closed",
    "pdf",
    "retention",
    "signature-incomplete",
    "signature-invalid",
    "signature-untrusted",
    "stamp",
    "step-refused",
    "verification-failed",
    "worker-lost",
}
"""Codes of verdicts on a letter, a file or the register: exit code 1. All others are 2."""


def every_error() -> Iterator[type[errors.SipadekError]]:
    for _, value in inspect.getmembers(errors, inspect.isclass):
        if issubclass(value, errors.SipadekError):
            yield value


@pytest.mark.parametrize("error", list(every_error()))
def test_the_exit_code_follows_the_class(error: type[errors.SipadekError]) -> None:
    assert exit_code(error("pesan")) == (1 if error.code in ANSWERS else 2)


@given(st.text(), st.dictionaries(st.text(min_size=1), st.from_type(object), max_size=3))
def test_error_documents_are_json(message: str, fields: dict[str, object]) -> None:
    value = error_value(errors.InvalidInput(message, **fields))

    assert json.loads(json.dumps(value, allow_nan=False)) == value
    assert set(value) == {"code", "message", "fields"}
    assert set(value["fields"]) == set(fields)


@given(st.text())
def test_printable_text_steers_no_terminal_and_breaks_no_line(text: str) -> None:
    assert printable(text).isprintable()
    assert len(printable(text)) == len(text)
    assert one_line(text) == " ".join(printable(text).split())
    assert len(f"sipadek: {one_line(text)}".splitlines()) == 1


COMMANDS = [
    *("init", "series", "file", "search", "show", "original"),
    *("verify", "void", "give", "confirm", "insert", "stock", "draw", "close", "reopen"),
    *("expire", "account", "book", "gaps", "import", "trust", "audit", "checkpoint", "cosign"),
    *("proof", "scorecard", "import-folder", "import-paperless", "import-opensid", "export"),
    *("recover", "backup", "check-backup", "restore", "dump", "load", "ocr", "reindex", "mark"),
    *("sign", "raise", "renew", "demo"),
    "retention",
]

USAGE = {
    "no command": [],
    "unknown command": ["nix"],
    "unknown option": ["audit", "OFFICE", "--nix"],
    "argument missing": ["audit"],
    "option missing": ["file", "OFFICE", "PDF"],
    "one argument too many": ["audit", "OFFICE", "lagi"],
    "not a number": ["search", "OFFICE", "domisili", "--limit", "banyak"],
    "out of range": ["search", "OFFICE", "domisili", "--limit", "0"],
    "negative minutes": ["recover", "OFFICE", "--older-than", "-1"],
    "endless minutes": ["recover", "OFFICE", "--older-than", "1e300"],
    "no number of minutes": ["recover", "OFFICE", "--older-than", "nan"],
    "missing PDF": ["file", "OFFICE", "tidak-ada.pdf", "--series", "ket"],
    "folder for a PDF": ["file", "OFFICE", "OFFICE", "--series", "ket"],
    "unknown series": ["file", "OFFICE", "PDF", "--series", "lain"],
    "bad secrecy": ["file", "OFFICE", "PDF", "--series", "ket", "--secrecy", "X"],
    "bad date": ["file", "OFFICE", "PDF", "--series", "ket", "--date", "2026-02-30"],
    "date in words": ["file", "OFFICE", "PDF", "--series", "ket", "--date", "besok"],
    "pss without key": ["file", "OFFICE", "PDF", "--series", "ket", "--pss"],
    "half a key": ["file", "OFFICE", "PDF", "--series", "ket", "--certificate", "s.pem"],
    "two keys": ["file", "OFFICE", "PDF", *["--series", "ket", "--pkcs12", "p", "--key-file", "k"]],
    "no key there": [
        "file",
        "OFFICE",
        "PDF",
        *["--series", "ket", "--pkcs12", "nix", "--passphrase-file", "PDF"],
    ],
    "no terminal to ask at": ["file", "OFFICE", "PDF", "--series", "ket", "--pkcs12", "PDF"],
    "no secret there": ["file", "OFFICE", "PDF", "--series", "ket", "--pdf-password-file", "nix"],
    "one key for two": ["file", "OFFICE", "PDF", "PDF", "--series", "ket", "--key", "k"],
    "bad pattern": ["series", "OFFICE", "x", "--pattern", "{nomor}{nix}"],
    "bad scope": ["series", "OFFICE", "x", "--pattern", "{nomor}/{tahun}", "--scope", "kota"],
    "bad restart": ["series", "OFFICE", "x", "--pattern", "{nomor}/{tahun}", "--restart", "weekly"],
    "bad zone": ["series", "OFFICE", "x", "--pattern", "{nomor}/{tahun}", "--timezone", "WIB"],
    "bad start": ["series", "OFFICE", "x", "--pattern", "{nomor}/{tahun}", "--start", "0"],
    "bad code": ["series", "OFFICE", "X Y", "--pattern", "{nomor}/{tahun}"],
    "scope without pattern": ["series", "OFFICE", "ket", "--scope", "unit"],
    "pattern without code": ["series", "OFFICE", "--pattern", "{nomor}/{tahun}"],
    "bad query": ["search", "OFFICE", "tahun:kapan"],
    "bad clearance": ["search", "OFFICE", "domisili", "--clearance", "Z"],
    "no office": ["show", "tidak-ada", "1"],
    "office is a file": ["show", "PDF", "1"],
    "no file to verify": ["verify", "OFFICE", "tidak-ada.pdf"],
    "no root there": ["trust", "OFFICE", "tidak-ada.pem"],
    "root is no PEM": ["trust", "OFFICE", "PDF"],
    "trust no PEM": ["verify", "OFFICE", "PDF", "--trust", "PDF"],
    "void without reason": ["void", "OFFICE", "NUMBER"],
    "void for no reason": ["void", "OFFICE", "NUMBER", "--reason", "  "],
    "json and PDF": ["original", "OFFICE", "NUMBER"],
    "output not writable": ["original", "OFFICE", "NUMBER", "-o", "tidak/ada.pdf"],
    "demo in a foreign folder": ["demo", "OFFICE"],
    "demo in a file": ["demo", "PDF"],
    "init where nothing can be": ["init", "PDF/x"],
}


@pytest.fixture
def place(
    run: Run, office: Path, pdf: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """What stands for words in ``USAGE``."""
    path = pdf()
    (letter,) = run("file", office, path, *DETAILS).rows
    monkeypatch.chdir(path.parent)
    return {"OFFICE": str(office), "PDF": path.name, "PDF/x": f"{path.name}/x", "NUMBER": letter[0]}


def test_what_cannot_be_done_is_told_in_one_line(run: Run, place: dict[str, str]) -> None:
    for case, words in USAGE.items():
        if not words:
            continue
        arguments = [place.get(word, word) for word in words]

        told = run(*arguments) if case != "json and PDF" else None
        ran = run(*arguments, "--json")

        assert ran.code == 2, case
        error = ran.value["error"]
        assert set(error) == {"code", "message", "fields"}, case
        assert ran.err == f"sipadek: {error['message']}\n", case
        assert error["code"] != "unexpected", (case, error)
        if told is not None:
            assert (told.code, told.out, told.err) == (2, "", ran.err), case


def test_without_a_command_the_help_is_shown(run: Run) -> None:
    ran = run()

    assert (ran.code, ran.err) == (2, "")
    assert "Exit codes: 0 fine" in ran.out


def test_every_command_explains_its_exit_codes(run: Run) -> None:
    listed = run("--help").out.split("Commands:")[1].split("\n\n")[0]
    names = [line.split()[0] for line in listed.splitlines() if re.match(r"  \w", line)]

    below = run("retention", "--help").out.split("Commands:")[1].split("\n\n")[0]
    folders = [line.split()[0] for line in below.splitlines() if re.match(r"  \w", line)]

    assert names == COMMANDS
    assert len(folders) == 24
    for words in [[name] for name in names] + [["retention", name] for name in folders]:
        name, ran = words[-1], run(*words, "--help")
        assert (ran.code, ran.err) == (0, ""), name
        assert "Exit codes: 0 fine" in ran.out, name
        assert "--json" in ran.out, name
        assert ran.out.isascii(), name
        assert "completion" not in ran.out, name


def test_not_found_is_a_no(run: Run, office: Path) -> None:
    for command in (["show"], ["original", "-o", "x"], ["void", "--reason", "r"]):
        ran = run(command[0], office, "999/2026", *command[1:], "--json")
        assert (ran.code, ran.value["error"]["code"]) == (1, "not-found")


def test_a_fault_of_ours_is_told_without_a_traceback(
    run: Run, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("baris\nkedua \x1b[31m")

    monkeypatch.setattr("sipadek.Office.audit", broken)

    ran = run("audit", office, "--json")

    assert (ran.code, ran.value["error"]["code"]) == (2, "unexpected")
    assert ran.err == (
        "sipadek: RuntimeError: baris kedua [31m; this is a fault of sipadek, please report it\n"
    )


def test_an_interrupt_is_told_in_one_line(
    run: Run, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sipadek.Office.audit", interrupted)

    ran = run("audit", office)

    assert (ran.code, ran.out) == (130, "")
    assert len(ran.err.splitlines()) == 1


def test_a_damaged_register_is_something_wrong(run: Run, office: Path, keys: Keys) -> None:
    register = office / "register.sqlite"
    data = bytearray(register.read_bytes())
    data[100:4000] = b"\xff" * 3900
    register.write_bytes(data)

    ran = run("audit", office, "--json")

    assert ran.code == 1
    assert ran.value["error"]["code"] == "damaged-register"

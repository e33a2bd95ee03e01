"""The command as its users start it: in a process, with a terminal, a pipe or nothing behind it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import DETAILS, PASSPHRASE, Keys, Run

SIPADEK = [sys.executable, "-m", "sipadek"]
NUMBER = "400.12.2.1/001/KEL-LEGOK/2026"
DATED = (*DETAILS, "--date", "2026-03-05")


def start(*arguments: object, **options: object) -> subprocess.CompletedProcess[bytes]:
    command = [*SIPADEK, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False, timeout=60, **options)  # type: ignore[call-overload, no-any-return]


def environment(**changes: str) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))
    }
    return kept | changes


def test_the_version_comes_without_what_is_slow_to_load() -> None:
    code = (
        "import sys; from sipadek.cli import main; code = main(['--version']);"
        "slow = {'pyhanko', 'typst', 'rich', 'PIL', 'whoosh', 'pypdf', 'Sastrawi', 'sipadek.testing'};"
        "print(code, sorted(slow & set(sys.modules)))"
    )

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    version, rest = ran.stdout.splitlines()
    assert version.startswith("sipadek ")
    assert rest == "0 []"


@pytest.fixture
def filed(run: Run, office: Path, pdf: Callable[..., Path]) -> Path:
    """An office with a letter whose subject no Latin encoding holds."""
    subject = "Undangan … 見本 \x1b[31m"
    ran = run("file", office, pdf("Rapat – persiapan"), *DATED, "--subject", subject)
    assert ran.code == 0
    return office


ASCII = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def test_a_terminal_without_unicode_gets_question_marks(filed: Path) -> None:
    plain = start("search", filed, "rapat", env=environment(**ASCII))
    json = start("search", filed, "rapat", "--json", env=environment(**ASCII))
    unicode = start("search", filed, "rapat", env=environment(LC_ALL="C.UTF-8"))

    assert (plain.returncode, plain.stderr) == (0, b"")
    assert b"Undangan ? ??  [31m" in plain.stdout
    assert (json.returncode, b"\\u898b\\u672c" in json.stdout) == (0, True)
    assert "Undangan … 見本  [31m" in unicode.stdout.decode("utf-8")


def test_a_file_name_of_any_bytes_is_taken(office: Path, pdf: Callable[..., Path]) -> None:
    odd = os.fsencode(pdf().parent) + b"/surat-\xe9\xff.pdf"
    try:
        pdf().rename(os.fsdecode(odd))
    except OSError as error:
        pytest.skip(f"the filesystem takes no such name: {error}")

    for more in ([], ["--json"]):
        command = [*SIPADEK, "file", str(office), odd, *DATED, *more]
        ran = subprocess.run(command, capture_output=True, check=False, timeout=60)
        assert (ran.returncode, ran.stderr) == (0, b"")
        assert b"surat-" in ran.stdout


def test_the_original_goes_into_a_pipe_bit_for_bit(filed: Path, tmp_path: Path) -> None:
    ran = start("original", filed, NUMBER)

    assert (ran.returncode, ran.stderr) == (0, b"")
    assert ran.stdout == (tmp_path / "surat.pdf").read_bytes()


def test_a_reader_that_goes_away_is_no_error(filed: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        command = [*SIPADEK, "search", str(filed), "rapat"]
        ran = subprocess.run(
            command, stdout=writing, stderr=subprocess.PIPE, check=False, timeout=60
        )
    finally:
        os.close(writing)

    assert (ran.returncode, ran.stderr) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_behind_the_output_is_told(filed: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        command = [*SIPADEK, "original", str(filed), NUMBER]
        ran = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, timeout=60)

    assert ran.returncode == 2
    assert ran.stderr.startswith(b"sipadek: cannot write the output: ")
    assert ran.stderr.count(b"\n") == 1


@pytest.mark.skipif(os.name != "posix", reason="closes descriptors as a POSIX shell does")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_streams_are_survived(filed: Path, closed: str) -> None:
    command = f'"$0" -m sipadek show "$1" "$2" {closed}'

    def shell(number: str) -> subprocess.CompletedProcess[bytes]:
        words = ["sh", "-c", command, sys.executable, str(filed), number]
        return subprocess.run(words, capture_output=True, check=False, timeout=60)

    found, missing = shell(NUMBER), shell("nix")

    assert (found.returncode, missing.returncode) == (0, 1)
    assert b"Traceback" not in found.stderr + missing.stderr


# --- terminals ------------------------------------------------------------------------------------


def on_a_terminal(*arguments: object, typed: bytes = b"") -> tuple[int, str]:
    """The exit code, and all that the terminal showed."""
    pty = pytest.importorskip("pty", reason="needs pseudo-terminals")
    outer, inner = pty.openpty()
    command = [*SIPADEK, *map(str, arguments)]
    with subprocess.Popen(
        command,
        stdin=inner,
        stdout=inner,
        stderr=inner,
        start_new_session=True,
        env=environment(LC_ALL="C.UTF-8", TERM="xterm", COLUMNS="120"),
    ) as process:
        os.close(inner)
        shown = b""
        with contextlib.suppress(OSError):  # the end of a terminal whose last user went away
            while part := os.read(outer, 65536):
                shown += part
                if typed and b": " in shown:
                    os.write(outer, typed)
                    typed = b""
        os.close(outer)
        return process.wait(timeout=60), shown.decode("utf-8")


def test_a_passphrase_is_asked_for_and_not_echoed(
    office: Path, pdf: Callable[..., Path], keys: Keys
) -> None:
    typed = f"{PASSPHRASE}\n".encode()

    code, shown = on_a_terminal("file", office, pdf(), *DATED, "--pkcs12", keys.pkcs12, typed=typed)

    assert code == 0
    assert f"Passphrase of {keys.pkcs12}: " in shown
    assert PASSPHRASE not in shown
    assert NUMBER in shown
    assert "Filing" in shown


def test_a_terminal_gets_no_binary_and_no_foreign_escapes(filed: Path) -> None:
    refused, said = on_a_terminal("original", filed, NUMBER)
    found, shown = on_a_terminal("search", filed, "rapat")

    assert (refused, "%PDF" in said, said.count("\n")) == (2, False, 1)
    assert found == 0
    assert NUMBER in shown
    assert "\x1b[31m" not in shown
    assert "1 of 1 letters" in shown


# --- Ctrl-C ---------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="signals a process group")
def test_ctrl_c_ends_a_batch_in_one_line_and_the_next_run_goes_on(
    run: Run, office: Path, pdf: Callable[..., Path]
) -> None:
    paths = [str(pdf(f"Surat {n}", f"surat-{n:03}.pdf")) for n in range(120)]
    command = [*SIPADEK, "file", str(office), *paths, *DATED, "--workers", "2"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        deadline = time.monotonic() + 30
        while not any((office / "objects").glob("??")) and time.monotonic() < deadline:
            time.sleep(0.005)  # until the first batch was kept
        os.killpg(process.pid, signal.SIGINT)
        _, complaint = process.communicate(timeout=60)

    assert process.returncode in (130, 0)  # 0: it was faster than the signal
    if process.returncode == 130:
        assert complaint.decode().startswith("sipadek: interrupted; ")
        assert complaint.count(b"\n") == 1
    again = run("file", office, *paths, *DATED)
    assert again.code == 0
    numbers = [row[0] for row in again.rows]
    assert sorted(numbers) == [f"400.12.2.1/{n:03}/KEL-LEGOK/2026" for n in range(1, 121)]
    run("recover", office, "--older-than", 0)
    audit = run("audit", office)
    assert audit.code == 0, audit.out

"""Interruptions at every step of a letter's way, in a process that really ends there."""

from __future__ import annotations

import datetime
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import sipadek
from sipadek.testing.authority import Authority

Pdf = Callable[..., bytes]

_SCRIPT = """
import datetime, os, sys
import sipadek
from sipadek.objects import DirectoryStore
from sipadek.office import filing
from sipadek.sql import Register
from sipadek.testing.authority import Authority
from pathlib import Path

folder, step, kind = sys.argv[1:]
authority = Authority.load(Path(folder + "-ca"))
signer = None if kind == "none" else authority.issue("Siti Contoh", key=kind).signer()

def end_before(owner, name):
    setattr(owner, name, lambda *a, **k: os._exit(9))

def end_after(owner, name):
    real = getattr(owner, name)
    def wrapped(*a, **k):
        real(*a, **k)
        os._exit(9)
    setattr(owner, name, wrapped)

now = datetime.datetime(2026, 11, 24, 3, 0, tzinfo=datetime.UTC)
with sipadek.open(folder, clock=lambda: now) as office:
    {
        "before reserve": lambda: end_before(Register, "reserve"),
        "after reserve": lambda: end_after(Register, "reserve"),
        "after sealing": lambda: end_after(filing, "file_revision"),
        "after put": lambda: end_after(DirectoryStore, "put"),
        "after issue": lambda: end_after(Register, "issue"),
    }[step]()
    office.file(Path(folder + ".pdf"), series="ket", subject="Perihal", unit="U", key="k", signer=signer)
"""
_STEPS = ["before reserve", "after reserve", "after sealing", "after put", "after issue"]


@pytest.fixture
def interrupted(folder: Path, office: sipadek.Office, authority: Authority, letter_pdf: Pdf):  # type: ignore[no-untyped-def]
    authority.save(folder.with_name("arsip-ca"))
    folder.with_name("arsip.pdf").write_bytes(letter_pdf())

    def run(step: str, kind: str) -> None:
        done = subprocess.run(
            [sys.executable, "-c", _SCRIPT, str(folder), step, kind], capture_output=True, text=True
        )
        assert done.returncode == 9, done.stderr

    return run


@pytest.mark.parametrize("step", _STEPS)
@pytest.mark.parametrize("kind", ["none", "rsa-2048"])
def test_the_same_key_goes_on_after_an_interruption(
    office: sipadek.Office,
    folder: Path,
    authority: Authority,
    interrupted: Callable[[str, str], None],
    letter_pdf: Pdf,
    step: str,
    kind: str,
) -> None:
    interrupted(step, kind)
    signer = None if kind == "none" else authority.issue("Siti Contoh", key=kind).signer()  # type: ignore[arg-type]
    letter = office.file(
        letter_pdf(), series="ket", subject="Perihal", unit="U", key="k", signer=signer
    )
    assert letter.number == "001/U/2026"
    assert office.verify(office.filed(letter.id).read()).letter == letter
    office.recover(older_than=datetime.timedelta(days=-36_500))  # drops what the interruption left
    assert office.audit().clean
    assert [one.number for one in office.letters()] == ["001/U/2026"]
    assert list((folder / "objects" / "staging").iterdir()) == []


@pytest.mark.parametrize(
    ("step", "kind"), [*((step, "p256") for step in _STEPS), ("after put", "none")]
)
def test_recovering_completes_what_was_kept_and_voids_the_rest(
    office: sipadek.Office,
    interrupted: Callable[[str, str], None],
    letter_pdf: Pdf,
    step: str,
    kind: str,
) -> None:
    interrupted(step, kind)
    assert office.recover().completed == office.recover().voided == ()  # too young to be judged
    done = office.recover(older_than=datetime.timedelta(days=-36_500))
    numbers = [letter.number for letter in office.letters()]
    assert [letter.number for letter in done.completed] == (numbers if step == "after put" else [])
    assert [letter.number for letter in done.voided] == (
        numbers if step in ("after reserve", "after sealing") else []
    )
    assert office.audit().clean
    if step == "after put":
        (letter,) = office.letters()
        assert bool(letter.signer) == (kind != "none")
        assert office.verify(office.filed(letter.id).read()).letter == letter
        assert office.search("domisili").total == 1
    assert (
        office.file(letter_pdf("lain"), series="ket", subject="Lain", unit="U").sequence
        == len(numbers) + 1
    )


def test_a_file_that_another_made_is_named_and_left_alone(
    office: sipadek.Office, folder: Path, letter_pdf: Pdf
) -> None:
    import hashlib

    data = letter_pdf("bukan dari sini")
    digest = hashlib.sha256(data).hexdigest()
    place = folder / "objects" / digest[:2] / digest
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(data)
    office.recover(older_than=datetime.timedelta(days=-36_500))
    (finding,) = office.audit().findings
    assert (finding.code, finding.subject) == ("object-unregistered", digest)

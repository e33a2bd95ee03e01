"""The demonstration's steps, each of them told in a line or two."""

from __future__ import annotations

import datetime
import json
import shutil
from pathlib import Path
from typing import Final

import attrs

import sipadek
from sipadek.cli import demo_letters
from sipadek.cli.letter_commands import plain_snippet
from sipadek.cli.output import progress, say
from sipadek.cli.values import person
from sipadek.errors import Unexpected, VerificationFailed
from sipadek.pdf.preview import page_png
from sipadek.testing.sample_letters import SampleLetter, sample_letters

_LETTERS: Final = 20
_PICTURE: Final = 560  # pixels across
_QUERIES: Final = ("keterangan domisili", 'perihal:undangan "musyawarah perencanaan"')
_ALTERED: Final = 0
_DAMAGED: Final = 9
_VOIDED: Final = 12
_VOID_REASON: Final = "pemohon membatalkan permohonan"


@attrs.frozen
class Shown:
    """A letter of the demonstration; its files are ``asli/<slug>.pdf``, ``terbit/<slug>.pdf`` and
    ``gambar/<slug>.png``."""

    sample: SampleLetter
    letter: sipadek.Letter

    @property
    def slug(self) -> str:
        return self.sample.slug

    @property
    def unit(self) -> str:
        """The sender's name, such as 'Kelurahan Legok'."""
        return str(json.loads(self.sample.content)["author"])


@attrs.frozen(kw_only=True)
class Search:
    """A query and what it found."""

    query: str
    results: sipadek.Results


@attrs.frozen(kw_only=True)
class Story:
    """What happened, for the page and for programs."""

    shown: tuple[Shown, ...]
    searches: tuple[Search, ...]
    verified: sipadek.Verified
    refusal: VerificationFailed
    audit: sipadek.AuditReport
    damaged: sipadek.AuditReport
    at: datetime.datetime


@attrs.define
class _Narrator:
    """Tells the steps on standard output, or keeps silent for a program that reads JSON."""

    quiet: bool
    steps: int = 0

    def step(self, text: str) -> None:
        self.steps += 1
        self._say(f"{self.steps}. {text}")

    def tell(self, text: str) -> None:
        self._say(f"   {text}")

    def _say(self, text: str) -> None:
        if not self.quiet:
            say(text)


def make_samples() -> list[SampleLetter]:
    """The letters, with a try of everything optional that they need: raises MissingExtra early."""
    samples = sample_letters(_LETTERS)
    page_png(samples[0].pdf, width=8)
    return samples


def play(folder: Path, samples: list[SampleLetter], *, quiet: bool) -> Story:
    """Everything but the page, in an empty ``folder``. Raises Unexpected where anything goes
    otherwise than a sound office would have it."""
    narrator = _Narrator(quiet)
    with sipadek.open(folder / "arsip") as office:
        letters = _file(office, folder, samples, narrator)
        searches = tuple(_search(office, query, narrator) for query in _QUERIES)
        verified, refusal = _verify(office, folder, letters[_ALTERED], narrator)
        letters[_VOIDED] = _void(office, letters[_VOIDED], narrator)
    damaged = _damage(folder, letters[_DAMAGED], narrator)
    with sipadek.open(folder / "arsip", create=False) as office:
        audit = _audit(office, narrator)
        shown = tuple(map(Shown, samples, letters))
        _give_back(office, folder, shown, narrator)
    _draw(folder, shown, narrator)
    return Story(
        shown=shown,
        searches=searches,
        verified=verified,
        refusal=refusal,
        audit=audit,
        damaged=damaged,
        at=datetime.datetime.now(datetime.UTC),
    )


def _file(
    office: sipadek.Office, folder: Path, samples: list[SampleLetter], narrator: _Narrator
) -> list[sipadek.Letter]:
    narrator.step(
        f"Make {len(samples)} letters, a throw-away certificate authority, and an office with"
        f" {len(demo_letters.SERIES)} series of numbers"
    )
    officials = demo_letters.Officials.appoint(now=datetime.datetime.now(datetime.UTC))
    office.trust(officials.authority.root)
    demo_letters.define_series(office)
    for series in office.series():
        narrator.tell(f"{series.code:<18}{series.pattern}")

    narrator.step("Number, stamp, sign and keep each letter")
    letters: list[sipadek.Letter] = []
    with progress("Filing") as advance:
        for sample in samples:
            signer = officials.of(sample).signer()
            letters.append(demo_letters.file_sample(office, sample, signer))
            advance(len(letters), len(samples))
    for letter in letters:
        narrator.tell(f"{letter.number:<46}{letter.details.subject}")
    last = officials.of(samples[-1])
    officials.save(folder / "kunci", last)
    again = demo_letters.file_sample(office, samples[0], last.signer())
    _require(again == letters[0], "the same letter got a second number")
    narrator.tell(f"The first one, filed again, is still {again.number}: nothing is filed twice")
    return letters


def _search(office: sipadek.Office, query: str, narrator: _Narrator) -> Search:
    results = office.search(query, limit=3)
    results = attrs.evolve(results, hits=tuple(hit for hit in results.hits if not hit.partial))
    _require(bool(results.hits), f"nothing was found for {query!r}")
    narrator.step(f"Search for {query}: {results.total} found, best first")
    for hit in results.hits:
        narrator.tell(f"{hit.letter.number}: {plain_snippet(hit.snippet)}")
    return Search(query=query, results=results)


def _verify(
    office: sipadek.Office, folder: Path, letter: sipadek.Letter, narrator: _Narrator
) -> tuple[sipadek.Verified, VerificationFailed]:
    """A filed letter verifies; the same with one bit changed does not."""
    narrator.step(f"Verify {letter.number}")
    with office.filed(letter.id) as file:
        data = bytearray(file.read())
    verified = office.verify(bytes(data))
    signature = verified.signatures[-1]
    narrator.tell(f"Verified: registered and unaltered, signed by {person(signature.signer)}")

    place = letter.original_size // 2
    data[place] ^= 1
    altered = folder / "diubah" / "satu-bit.pdf"
    altered.parent.mkdir()
    altered.write_bytes(data)
    narrator.step(f"Change one bit (in byte {place} of {len(data)}) of a copy, and verify that")
    try:
        office.verify(altered)
    except VerificationFailed as error:
        narrator.tell(f"Refused ({error.code}): {error.message}")
        return verified, error
    raise Unexpected("an altered letter was verified; please report it")


def _void(office: sipadek.Office, letter: sipadek.Letter, narrator: _Narrator) -> sipadek.Letter:
    narrator.step(f"Make {letter.number} void ({_VOID_REASON})")
    narrator.tell("It stays in the register with its reason, and its number is never given again")
    return office.void(letter.id, reason=_VOID_REASON)


def _damage(folder: Path, letter: sipadek.Letter, narrator: _Narrator) -> sipadek.AuditReport:
    """A copy of the office, one bit of one of its files changed, and what the audit says of it."""
    copy = folder / "arsip-diubah"
    narrator.step("Copy the office, change one bit of one filed letter there, and audit the copy")
    shutil.copytree(folder / "arsip", copy)
    (kept,) = (copy / "objects").rglob(letter.filed_digest)
    kept.chmod(0o644)
    data = bytearray(kept.read_bytes())
    data[len(data) // 3] ^= 1
    kept.write_bytes(data)
    with sipadek.open(copy, create=False) as office:
        report = office.audit()
    named = [each.subject for each in report.findings]
    _require(named == [letter.number], f"the audit of a damaged office named {named}")
    for finding in report.findings:
        narrator.tell(f"Found ({finding.code}): {finding.message}")
    return report


def _audit(office: sipadek.Office, narrator: _Narrator) -> sipadek.AuditReport:
    narrator.step("Audit the real office")
    with progress("Auditing") as advance:
        report = office.audit(progress=advance)
    _require(report.clean, f"the audit found {report.findings}")
    narrator.tell(
        f"{report.letters} letters, {report.events} events, {report.objects} objects: clean"
    )
    return report


def _give_back(
    office: sipadek.Office, folder: Path, shown: tuple[Shown, ...], narrator: _Narrator
) -> None:
    """Every original and every filed PDF, out of the office into files beside the page."""
    narrator.step("Take originals and filed PDFs out of the office")
    for name, read in (("asli", office.original), ("terbit", office.filed)):
        (folder / name).mkdir()
        for each in shown:
            with read(each.letter.id) as source:
                (folder / name / f"{each.slug}.pdf").write_bytes(source.read())
    same = [
        (folder / "asli" / f"{each.slug}.pdf").read_bytes() == each.sample.pdf for each in shown
    ]
    _require(all(same), "an original came back changed")
    narrator.tell(f"All {len(same)} originals are, bit for bit, what was filed")


def _draw(folder: Path, shown: tuple[Shown, ...], narrator: _Narrator) -> None:
    narrator.step("Draw each letter's first page, and the page that shows them all")
    (folder / "gambar").mkdir()
    with progress("Drawing") as advance:
        for done, each in enumerate(shown, start=1):
            picture = page_png(folder / "terbit" / f"{each.slug}.pdf", width=_PICTURE)
            (folder / "gambar" / f"{each.slug}.png").write_bytes(picture)
            advance(done, len(shown))


def _require(fact: bool, otherwise: str) -> None:
    if not fact:
        raise Unexpected(f"{otherwise}; this is a fault of sipadek, please report it")

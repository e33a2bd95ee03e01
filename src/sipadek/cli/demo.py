"""The demonstration: an office's whole work in a few seconds, on letters that are made up."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path
from typing import Annotated, Any, Final

import attrs
import typer

import sipadek
from sipadek.cli.failing import FINE
from sipadek.cli.letter_commands import plain_snippet
from sipadek.cli.output import document, progress, say
from sipadek.cli.parameters import Json
from sipadek.cli.values import letter_value, person
from sipadek.errors import InvalidInput, Unexpected, VerificationFailed

_MARK: Final = ".sipadek-demo"
_PARTS: Final = ("arsip", "arsip-diubah", "asli", "diubah", "gambar", "kunci", "terbit")
_FILES: Final = ("index.html",)
_LETTERS: Final = 20
_PICTURE: Final = 560  # pixels across
_QUERIES: Final = ("keterangan domisili", 'perihal:undangan "musyawarah perencanaan"')
_VOID_REASON: Final = "pemohon membatalkan permohonan"


@attrs.frozen(kw_only=True)
class Shown:
    """A letter of the demonstration; its files are ``asli/<slug>.pdf``, ``terbit/<slug>.pdf`` and
    ``gambar/<slug>.png``."""

    slug: str
    letter: sipadek.Letter


@attrs.frozen(kw_only=True)
class Story:
    """What happened, for the page and for programs."""

    shown: tuple[Shown, ...]
    searches: tuple[sipadek.Results, ...]
    queries: tuple[str, ...]
    verified: sipadek.Verified
    refusal: VerificationFailed
    refused: str
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
        self._say(f"\n{self.steps}. {text}" if self.steps > 1 else f"1. {text}")

    def tell(self, text: str) -> None:
        self._say(f"   {text}")

    def _say(self, text: str) -> None:
        if not self.quiet:
            say(text)


def demo(
    folder: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="Where it takes place; a new or empty folder.")
    ] = Path("sipadek-demo"),
    json: Json = False,
) -> int:
    """Show the whole work on twenty made-up letters, and a page with their pictures.

    An earlier demonstration in DIR is replaced, with everything that was filed in its office. A
    folder that holds anything else is refused. Needs the optional packages of sipadek[all].
    """
    narrator = _Narrator(quiet=json)
    _prepare(folder)
    story = _play(folder, narrator)
    page = folder / "index.html"
    if json:
        document(_value(story, page))
        return FINE
    say(f"\nLook at the letters: {page}")
    say(
        f"Go on yourself:      sipadek search {folder / 'arsip'} kematian\n"
        f"                     sipadek file {folder / 'arsip'} YOUR.pdf --series keputusan"
        f" --pkcs12 {folder / 'kunci' / 'pejabat.p12'}"
        f" --passphrase-file {folder / 'kunci' / 'sandi.txt'}"
    )
    return FINE


def _prepare(folder: Path) -> None:
    """An empty folder, marked as a demonstration's before anything else is put there."""
    mark = folder / _MARK
    if folder.exists() and not (folder.is_dir() and (mark.is_file() or not any(folder.iterdir()))):
        raise InvalidInput(
            f"{folder} holds something that is no demonstration of sipadek; give a new folder",
            path=str(folder),
        )
    for name in (*_PARTS, *_FILES):
        path = folder / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_text("sipadek demo makes this folder anew each time it runs.\n", encoding="utf-8")


def _play(folder: Path, narrator: _Narrator) -> Story:
    from sipadek.cli.demo_page import write_page  # noqa: PLC0415

    with sipadek.open(folder / "arsip") as office:
        shown = _file(office, folder, narrator)
        searches = tuple(_search(office, query, narrator) for query in _QUERIES)
        verified, refusal = _verify(office, folder, shown[0], narrator)
        shown = _void(office, shown, narrator)
    damaged = _damage(folder, shown[9], narrator)
    with sipadek.open(folder / "arsip", create=False) as office:
        report = _audit(office, narrator)
        _give_back(office, folder, shown, narrator)
        story = Story(
            shown=shown,
            searches=searches,
            queries=_QUERIES,
            verified=verified,
            refusal=refusal,
            refused=shown[0].letter.number,
            audit=report,
            damaged=damaged,
            at=datetime.datetime.now(datetime.UTC),
        )
        narrator.step("Draw each letter's first page")
        _draw(folder, shown)
    write_page(folder / "index.html", story)
    return story


def _file(office: sipadek.Office, folder: Path, narrator: _Narrator) -> tuple[Shown, ...]:
    from sipadek.cli import demo_letters  # noqa: PLC0415  # tests' parts, only for the demo
    from sipadek.testing.sample_letters import sample_letters  # noqa: PLC0415

    narrator.step(f"Make {_LETTERS} letters, a certificate authority, and an office with four series")
    samples = sample_letters(_LETTERS)
    officials = demo_letters.Officials.appoint(now=datetime.datetime.now(datetime.UTC))
    office.trust(officials.authority.root)
    demo_letters.define_series(office)
    for series in office.series():
        narrator.tell(f"{series.code:<18}{series.pattern}")

    narrator.step("Number, stamp, sign and keep each letter")
    shown = []
    with progress("Filing", len(samples)) as advance:
        for sample in samples:
            credential = officials.of(sample)
            letter = demo_letters.file_sample(office, sample, credential.signer())
            shown.append(Shown(slug=sample.slug, letter=letter))
            advance(len(shown), len(samples))
    officials.save(folder / "kunci", credential)
    for each in shown:
        narrator.tell(f"{each.letter.number:<42} {each.letter.details.subject}")
    again = demo_letters.file_sample(office, samples[0], officials.of(samples[0]).signer())
    _require(again == shown[0].letter, "the same letter got a second number")
    narrator.tell(f"The first letter, filed again, is still {again.number}: nothing is filed twice")
    return tuple(shown)


def _search(office: sipadek.Office, query: str, narrator: _Narrator) -> sipadek.Results:
    results = office.search(query, limit=3)
    _require(bool(results.hits), f"nothing was found for {query!r}")
    narrator.step(f"Search: {query}   ({results.total} found)")
    for hit in results.hits:
        narrator.tell(f"{hit.letter.number}  {plain_snippet(hit.snippet)}")
    return results


def _verify(
    office: sipadek.Office, folder: Path, shown: Shown, narrator: _Narrator
) -> tuple[sipadek.Verified, VerificationFailed]:
    """A filed letter verifies; the same with one byte changed does not."""
    narrator.step(f"Verify {shown.letter.number}")
    with office.filed(shown.letter.id) as file:
        data = bytearray(file.read())
    verified = office.verify(bytes(data))
    signature = verified.signatures[-1]
    narrator.tell(f"Whole and unaltered; signed by {person(signature.signer)}")

    place = shown.letter.original_size // 2
    data[place] ^= 1
    altered = folder / "diubah" / f"{shown.slug}.pdf"
    altered.parent.mkdir()
    altered.write_bytes(data)
    narrator.step(f"Change one bit of byte {place:,} in a copy, and verify that")
    try:
        office.verify(altered)
    except VerificationFailed as error:
        narrator.tell(f"Refused ({error.code}): {error.message}")
        return verified, error
    raise Unexpected("an altered letter was verified; please report it")


def _void(
    office: sipadek.Office, shown: tuple[Shown, ...], narrator: _Narrator
) -> tuple[Shown, ...]:
    place = 12
    narrator.step(f"Make {shown[place].letter.number} void: {_VOID_REASON}")
    letter = office.void(shown[place].letter.id, reason=_VOID_REASON)
    narrator.tell("The number stays in the register with its reason and is never given again")
    return (*shown[:place], attrs.evolve(shown[place], letter=letter), *shown[place + 1 :])


def _damage(folder: Path, shown: Shown, narrator: _Narrator) -> sipadek.AuditReport:
    """A copy of the office, one bit of one of its files changed, and what the audit says of it."""
    copy = folder / "arsip-diubah"
    narrator.step("Copy the office, change one bit of one letter in the copy, and audit that")
    shutil.copytree(folder / "arsip", copy)
    (kept,) = (copy / "objects").rglob(shown.letter.filed_digest)
    kept.chmod(0o644)
    data = bytearray(kept.read_bytes())
    data[len(data) // 3] ^= 1
    kept.write_bytes(data)
    with sipadek.open(copy, create=False) as office:
        report = office.audit()
    named = [each.subject for each in report.findings]
    _require(named == [shown.letter.number], f"the audit named {named}")
    for finding in report.findings:
        narrator.tell(f"Found ({finding.code}): {finding.message}")
    return report


def _audit(office: sipadek.Office, narrator: _Narrator) -> sipadek.AuditReport:
    narrator.step("Audit the real office")
    with progress("Auditing") as advance:
        report = office.audit(progress=advance)
    _require(report.clean, f"the audit found {report.findings}")
    narrator.tell(f"{report.letters} letters, {report.events} events, {report.objects} objects: clean")
    return report


def _give_back(
    office: sipadek.Office, folder: Path, shown: tuple[Shown, ...], narrator: _Narrator
) -> None:
    """Every original and every filed PDF beside the page, and a look at one of them."""
    from sipadek.testing.sample_letters import sample_letters  # noqa: PLC0415

    for name in ("asli", "terbit"):
        (folder / name).mkdir()
    for each in shown:
        with office.original(each.letter.id) as source:
            (folder / "asli" / f"{each.slug}.pdf").write_bytes(source.read())
        with office.filed(each.letter.id) as source:
            (folder / "terbit" / f"{each.slug}.pdf").write_bytes(source.read())
    narrator.step("Take the originals back out of the office")
    samples = sample_letters(len(shown))
    same = [(folder / "asli" / f"{each.slug}.pdf").read_bytes() == each.pdf for each in samples]
    _require(all(same), "an original came back changed")
    narrator.tell(f"All {len(same)} are bit for bit what came in")


def _draw(folder: Path, shown: tuple[Shown, ...]) -> None:
    from sipadek.pdf.preview import page_png  # noqa: PLC0415

    (folder / "gambar").mkdir()
    with progress("Drawing", len(shown)) as advance:
        for done, each in enumerate(shown, start=1):
            picture = page_png(folder / "terbit" / f"{each.slug}.pdf", width=_PICTURE)
            (folder / "gambar" / f"{each.slug}.png").write_bytes(picture)
            advance(done, len(shown))


def _require(fact: bool, otherwise: str) -> None:
    if not fact:
        raise Unexpected(f"{otherwise}; this is a fault of sipadek, please report it")


def _value(story: Story, page: Path) -> dict[str, Any]:
    return {
        "page": str(page),
        "letters": [letter_value(each.letter) for each in story.shown],
        "searches": [
            {
                "query": query,
                "total": results.total,
                "numbers": [hit.letter.number for hit in results.hits],
            }
            for query, results in zip(story.queries, story.searches, strict=True)
        ],
        "verified": story.verified.letter.number,
        "altered_copy": {"number": story.refused, "code": story.refusal.code},
        "altered_office": [
            {"code": each.code, "subject": each.subject} for each in story.damaged.findings
        ],
        "audit": {"clean": story.audit.clean, "letters": story.audit.letters},
    }

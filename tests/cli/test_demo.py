"""The demonstration: its steps come true, and its page is whole, closed in itself and safe."""

from __future__ import annotations

import contextlib
import html.parser
import io
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import attrs
import pytest
from command_line import Run

import sipadek
from sipadek.cli import main
from sipadek.cli.demo_page import card
from sipadek.cli.demo_play import Shown
from sipadek.testing import sample_letters
from sipadek.testing.pdfs import PdfRecipe, build

VOID_TAGS = {"meta", "img", "br"}


@attrs.define
class Page(html.parser.HTMLParser):
    """What is in a page: open tags, links, texts."""

    stack: list[str] = attrs.field(factory=list)
    addresses: list[str] = attrs.field(factory=list)
    tags: dict[str, int] = attrs.field(factory=dict)
    text: str = ""
    language: str | None = None

    def __attrs_pre_init__(self) -> None:
        html.parser.HTMLParser.__init__(self)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags[tag] = self.tags.get(tag, 0) + 1
        named = dict(attributes)
        self.language = named.get("lang") or self.language
        self.addresses += [value for name in ("href", "src") if (value := named.get(name))]
        if tag not in VOID_TAGS:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.stack and self.stack[-1] != "style":
            self.text += data


def read(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    page.close()
    assert page.stack == []
    return page


@pytest.fixture(scope="module")
def needed() -> None:
    for name in ("typst", "PIL"):
        pytest.importorskip(name, reason=f"needs {name}, of the extra 'all'")


@pytest.fixture(scope="module")
def shown(needed: None, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a demonstration, and what was told on the way."""
    folder = tmp_path_factory.mktemp("peragaan") / "demo <b>&"
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        assert main(["demo", str(folder)]) == 0
    return folder, told.getvalue()


def test_the_story_is_told_step_by_step(shown: tuple[Path, str]) -> None:
    folder, told = shown

    steps = [int(line.split(".")[0]) for line in told.splitlines() if line[:1].isdigit()]
    assert steps == list(range(1, len(steps) + 1))
    assert len(steps) >= 9
    for part in (
        "nothing is filed twice",
        "Verified: registered and unaltered",
        "Refused (signature-invalid)",
        "Found (object-altered)",
        "20 letters, 46 events, 20 objects: clean",
        "All 20 originals are, bit for bit, what was filed",
        str(folder / "index.html"),
    ):
        assert part in told


def test_what_was_told_is_true(run: Run, shown: tuple[Path, str]) -> None:
    folder, _ = shown
    office = folder / "arsip"

    audit, damaged = run("audit", office, "--json"), run("audit", folder / "arsip-diubah", "--json")
    altered = run("verify", office, folder / "diubah" / "satu-bit.pdf", "--json")

    assert (audit.code, audit.value["letters"]) == (0, 20)
    assert (damaged.code, len(damaged.value["findings"])) == (1, 1)
    assert altered.value["error"]["code"] == "signature-invalid"
    with sipadek.open(office, create=False) as opened:
        letters = list(opened.letters())
        assert sorted(each.state.value for each in letters) == ["issued"] * 19 + ["void"]
        assert len({each.number for each in letters}) == 20
        by_digest = {each.filed_digest: each for each in letters}
    filed = sorted((folder / "terbit").iterdir())
    verdicts = [run("verify", office, path, "--json") for path in filed[::6]]
    for verdict in verdicts:
        if verdict.code == 0:
            assert verdict.value["letter"]["filed_digest"] in by_digest
        else:
            assert verdict.value["error"]["code"] == "letter-void"
    for path in filed:
        original = (folder / "asli" / path.name).read_bytes()
        assert path.read_bytes().startswith(original)


def test_the_page_shows_every_letter(shown: tuple[Path, str]) -> None:
    folder, _ = shown
    page = read(folder / "index.html")

    assert page.language == "id"
    assert (page.tags["article"], page.tags["img"]) == (20, 20)
    assert "script" not in page.tags
    assert "link" not in page.tags
    with sipadek.open(folder / "arsip", create=False) as opened:
        for letter in opened.letters():
            assert letter.number in page.text
            assert letter.details.subject in page.text
            if letter.void_reason:
                assert letter.void_reason in page.text
    for address in page.addresses:
        parts = urlsplit(address)
        assert (parts.scheme, parts.netloc) == ("", "")
        assert (folder / unquote(parts.path)).is_file(), address
    pictures = [each for each in page.addresses if each.endswith(".png")]
    for picture in pictures:
        assert (folder / picture).read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert "url(" not in (folder / "index.html").read_text(encoding="utf-8")


def test_what_stands_in_a_letter_cannot_become_markup(
    shown: tuple[Path, str], tmp_path: Path
) -> None:
    """The page of a letter whose every text is hostile has the same tags as that of a tame one."""
    with sipadek.open(shown[0] / "arsip", create=False) as opened:
        letter = next(opened.letters())
    sample = sample_letters.sample_letters(1)[0]
    evil = "\"'><script>alert(1)</script><img src=x onerror=y>&"
    details = attrs.evolve(letter.details, subject=evil, series=evil)
    hostile = attrs.evolve(
        letter,
        number=evil,
        details=details,
        void_reason=evil,
        signer=evil,
        state=sipadek.State.VOID,
    )
    tame = attrs.evolve(letter, void_reason="x", state=sipadek.State.VOID)
    pages = []
    for each in (tame, hostile):
        page = Page()
        page.feed(card(Shown(sample, each)))
        pages.append(page)

    assert pages[0].tags == pages[1].tags
    assert pages[0].addresses == pages[1].addresses
    assert pages[1].text.count(evil) == 5


def test_the_office_of_the_demonstration_can_be_gone_on_with(
    run: Run, shown: tuple[Path, str], tmp_path: Path
) -> None:
    folder, _ = shown
    (tmp_path / "surat.pdf").write_bytes(build(PdfRecipe()))
    key = [
        "--pkcs12",
        folder / "kunci" / "pejabat.p12",
        "--passphrase-file",
        folder / "kunci" / "sandi.txt",
    ]

    ran = run(
        "file",
        folder / "arsip",
        tmp_path / "surat.pdf",
        "--series",
        "keputusan",
        "--date",
        "2026-11-24",
        *key,
    )

    assert (ran.code, ran.rows[0][0]) == (0, "2 TAHUN 2026")


# --- folders --------------------------------------------------------------------------------------


def test_another_folder_is_never_touched(run: Run, needed: None, tmp_path: Path) -> None:
    for name in ("arsip", "index.html", "asli"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "penting").write_text("jangan dihapus")

    ran = run("demo", tmp_path, "--json")

    assert (ran.code, ran.value["error"]["code"]) == (2, "invalid-input")
    assert len(list(tmp_path.rglob("penting"))) == 3


def test_an_earlier_demonstration_is_replaced_and_nothing_else(
    run: Run, needed: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sipadek.cli.demo_play._LETTERS", 14)
    folder = tmp_path / "demo"

    first = run("demo", folder, "--json")
    (folder / "catatan.txt").write_text("milik pemakai")
    root = (folder / "kunci" / "akar.pem").read_bytes()
    second = run("demo", folder, "--json")

    assert (first.code, first.err, second.code, second.err) == (0, "", 0, "")
    assert set(second.value) == {
        *("page", "letters", "searches", "verified", "altered_copy", "altered_office", "audit"),
    }
    numbers = [each["number"] for each in first.value["letters"]]
    assert [each["number"] for each in second.value["letters"]] == numbers
    assert first.value["letters"][0]["id"] != second.value["letters"][0]["id"]
    assert (folder / "kunci" / "akar.pem").read_bytes() != root
    assert (folder / "catatan.txt").read_text() == "milik pemakai"
    assert second.value["altered_copy"] == "signature-invalid"
    assert [each["code"] for each in second.value["altered_office"]] == ["object-altered"]
    assert second.value["audit"] == {"clean": True, "letters": 14}


def test_without_the_extra_nothing_is_begun(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    sample_letters._compiler.cache_clear()

    ran = run("demo", tmp_path / "demo", "--json")

    assert (ran.code, ran.value["error"]["code"]) == (2, "missing-extra")
    assert not (tmp_path / "demo").exists()

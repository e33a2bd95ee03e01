"""Every document says what is true: its blocks run, its links lead somewhere, its lists are whole."""

from __future__ import annotations

import datetime
import re
import shlex
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

import sipadek
import sipadek.errors
from sipadek.cli import main
from sipadek.testing.authority import Authority

ROOT = Path(__file__).parent.parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
_LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)\)")
_SHELL = re.compile(r"^```sh\n(.*?)^```", re.M | re.S)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """A working folder with what the documents take for granted."""
    pytest.importorskip("typst")
    from sipadek.testing.sample_letters import sample_letters

    monkeypatch.chdir(tmp_path)
    authority = Authority.create(now=datetime.datetime.now(datetime.UTC))
    (tmp_path / "surat.pdf").write_bytes(sample_letters(count=1)[0].pdf)
    authority.issue("Siti Contoh").write_pkcs12(tmp_path / "lurah.p12", "rahasia")
    return {"authority": authority}


@pytest.mark.parametrize("name", ["README.md", "docs/tutorial.md", "docs/how-to.md"])
def test_the_python_blocks_run(name: str, desk: dict[str, object]) -> None:
    document = Sybil([PythonCodeBlockParser()]).parse(ROOT / name)
    document.namespace.update(desk)
    if name.endswith("how-to.md"):  # it goes on where the tutorial ended
        document.namespace.update(office=sipadek.open("arsip-kota"), sipadek=sipadek)
    examples = list(document.examples())
    assert examples
    for example in examples:
        example.evaluate()


def test_the_commands_of_the_tutorial_run(
    desk: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    blocks = _SHELL.findall((ROOT / "docs" / "tutorial.md").read_text("utf-8"))
    commands = [shlex.split(line)[1:] for block in blocks for line in block.splitlines() if line]
    assert len(commands) >= 7
    for command in commands:
        assert main(command) == 0, (command, capsys.readouterr())
    assert Path("kembali.pdf").read_bytes() == Path("surat.pdf").read_bytes()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    for target in _LINK.findall(document.read_text("utf-8")):
        if "://" not in target:
            assert (document.parent / target).exists(), target


def test_the_readme_has_both_commands() -> None:
    commands = [
        line
        for line in (ROOT / "README.md").read_text("utf-8").splitlines()
        if "pip install" in line
    ]
    assert ["sipadek demo" in command for command in commands] == [True, False]
    assert ["python -m pytest" in command for command in commands] == [False, True]


def _leaves(of: type[sipadek.SipadekError]) -> list[type[sipadek.SipadekError]]:
    return [of, *(leaf for each in of.__subclasses__() for leaf in _leaves(each))]


@pytest.mark.parametrize("error", _leaves(sipadek.SipadekError), ids=lambda error: error.__name__)
def test_every_error_is_in_the_reference(error: type[sipadek.SipadekError]) -> None:
    assert f"| `{error.code}` | `{error.__name__}`:" in (ROOT / "docs" / "reference.md").read_text(
        "utf-8"
    )


def test_every_public_class_is_in_the_glossary() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    classes = [name for name in sipadek.__all__ if isinstance(getattr(sipadek, name), type)]
    assert [name for name in classes if f"`{name}`" not in glossary and name != "Office"] == []


def test_every_command_is_in_the_reference() -> None:
    import typer

    from sipadek.cli.app import app

    reference = (ROOT / "docs" / "reference.md").read_text("utf-8")
    names = list(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    assert len(names) >= 11
    assert [
        name
        for name in names
        if f"`{name}`" not in reference and f"`sipadek {name}`" not in reference
    ] == []

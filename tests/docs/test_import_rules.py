"""What import-linter cannot see: imports inside other packages, and what an import brings with it."""

from __future__ import annotations

import ast
import functools
import subprocess
import sys
from pathlib import Path

import pytest

import sipadek

PACKAGE = Path(sipadek.__file__).parent


@functools.cache
def _imports(path: Path) -> frozenset[str]:
    """The modules that a file names in its imports, also inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{each.name}" for each in node.names)
    return frozenset(found)


@pytest.mark.parametrize(
    ("package", "allowed"),
    [
        ("cryptography.hazmat.asn1", ("signing/cms.py",)),
        ("pyhanko", ("signing/verifying/", "signing/detached_verification.py")),
        ("pyhanko_certvalidator", ("signing/verifying/", "signing/detached_verification.py")),
        (
            "asn1crypto",
            (
                "signing/verifying/",
                "signing/detached_verification.py",
                "signing/cms_reading.py",
                "signing/timestamp.py",
                "signing/embedded.py",
                "testing/trust_authority.py",
            ),
        ),
        ("httpx", ("bsre/", "trust_services/http.py")),
        ("pypdf", ("pdf/",)),
        ("pypdfium2", ("pdf/",)),
        ("whoosh", ("search/grammar.py", "engines/whoosh_")),
        ("tantivy", ("engines/tantivy_index.py",)),
        ("Sastrawi", ("search/stemming.py",)),
        ("sqlalchemy", ("sql/hosts.py", "sql/bound.py", "postgres/bound.py")),
        ("sqlite3", ("sql/", "postgres/handle.py")),
        ("psycopg", ("postgres/",)),
        ("openpyxl", ("books/",)),
        ("pkcs11", ("pkcs11/",)),
        ("sipadek.testing", ("testing/", "cli/demo")),
    ],
)
def test_a_package_is_imported_in_its_place_only(package: str, allowed: tuple[str, ...]) -> None:
    importers = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if any(name == package or name.startswith(f"{package}.") for name in _imports(path))
    }
    assert importers, "the rule is about something that is imported"
    assert {path for path in importers if not path.startswith(allowed)} == set()


def test_importing_sipadek_is_light() -> None:
    code = (
        "import sys, sipadek\n"
        "heavy = {'pyhanko', 'whoosh', 'Sastrawi', 'pypdf', 'typst', 'PIL', 'rich', 'typer',\n"
        " 'openpyxl', 'pkcs11', 'psycopg', 'tantivy', 'sqlalchemy', 'asn1crypto', 'httpx'}\n"
        "parts = ('books', 'correspondence', 'evaluation', 'intake', 'packages', 'people', 'services')\n"
        "heavy |= {f'sipadek.{part}' for part in parts}\n"
        "found = heavy & set(sys.modules)\n"
        "assert not found, found"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

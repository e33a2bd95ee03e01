"""Letters set with Typst: PDF/A-2b, with embedded fonts, from the library's templates or a city's own.

A template may be of the city's making, and Typst keeps what it set in memory. So each letter is set in a
process of its own, which has a time limit and sees a folder with nothing but templates.
"""

from __future__ import annotations

import importlib.resources
import importlib.util
import json
import multiprocessing.spawn
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from sipadek.errors import InvalidInput, MissingExtra, WorkerLost

SECONDS: Final = 60
"""The longest that setting one letter may take, in seconds."""

_PACKAGE: Final = re.compile(r"""["']@[\w-]+/""")
_REFUSED: Final = 3
_PROGRAM: Final = """
import datetime, json, pathlib, sys, typst
job = json.load(sys.stdin.buffer)
folder = pathlib.Path(job["folder"])
day = datetime.datetime(*job["day"], tzinfo=datetime.timezone.utc)
compiler = typst.Compiler(
    folder / job["template"], root=folder, font_paths=job["fonts"], ignore_system_fonts=True,
    sys_inputs={"letter": job["letter"]}, package_path=folder, package_cache_path=folder,
)
try:
    pdf = compiler.compile(format="pdf", pdf_standards=["a-2b"], timestamp=int(day.timestamp()))
except RuntimeError as error:
    text = "\\n".join(filter(None, [str(error), getattr(error, "diagnostic", "")]))
    sys.stderr.buffer.write(text.encode())
    sys.exit(3)
sys.stdout.buffer.write(pdf)
"""


def _folder(value: str | os.PathLike[str] | None) -> Path | None:
    return None if value is None else Path(value)


@attrs.frozen
class TypstTypesetter:
    """Sets letters with the library's templates. Files of ``templates``, a city's own folder, stand in
    the place of those of the same name, and may import 'dasar.typ'; its fonts are found too."""

    templates: Path | None = attrs.field(default=None, converter=_folder)

    def typeset(self, sheet: Mapping[str, Any]) -> bytes:
        """The letter as a PDF: ``sheet`` is what `compose` made. The same sheet gives the same bytes
        with the same version of Typst.

        Raises:
            MissingExtra: Typst is not installed.
            InvalidInput: Typst cannot set it, or a template asks for a package of the network's.
            WorkerLost: the process died, or took longer than SECONDS.
        """
        if importlib.util.find_spec("typst") is None:
            raise MissingExtra(
                "Letters are set with Typst, which is not installed. Install 'sipadek[all]'."
            )
        files = self._files()
        template = str(sheet["template"])
        if template not in files:
            raise InvalidInput(
                f"There is no template {template!r} among {', '.join(sorted(files))}.",
                field="template",
            )
        with tempfile.TemporaryDirectory(prefix="sipadek-") as name:
            folder = Path(name)
            for file, text in files.items():
                (folder / file).write_bytes(text)
            job = {
                "folder": name,
                "template": template,
                "letter": json.dumps(dict(sheet), ensure_ascii=False),
                "fonts": [
                    *_own_fonts(),
                    *([] if self.templates is None else [str(self.templates)]),
                ],
                "day": list(sheet["day"]),
            }
            return _set(job)

    def _files(self) -> dict[str, bytes]:
        own = importlib.resources.files(__package__).joinpath("templates")
        found = {
            each.name: each.read_bytes() for each in own.iterdir() if each.name.endswith(".typ")
        }
        if self.templates is not None:
            for path in sorted(self.templates.iterdir()):
                if path.is_file():
                    found[path.name] = path.read_bytes()
        for name, text in found.items():
            if name.endswith(".typ") and _PACKAGE.search(text.decode(errors="replace")):
                raise InvalidInput(
                    f"The template {name} imports a package, which Typst would fetch from the network; "
                    "put its files into the folder.",
                    field="template",
                )
        return found


def _own_fonts() -> list[str]:
    package = importlib.resources.files("fontpkg_open_sans")
    return [str(package / "files")]


def _set(job: Mapping[str, Any]) -> bytes:
    executable = os.fsdecode(multiprocessing.spawn.get_executable() or sys.executable)
    command = [executable, "-P", "-c", _PROGRAM]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(job).encode(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise WorkerLost(
            f"Setting the letter took longer than {SECONDS} seconds. Look at its template.",
            seconds=SECONDS,
        ) from error
    told = done.stderr.decode(errors="replace").strip()[-800:]
    if done.returncode == _REFUSED:
        raise InvalidInput(f"Typst cannot set the letter: {told}")
    if done.returncode:
        raise WorkerLost(
            f"The process that sets the letter ended with {done.returncode}: {told}",
            status=done.returncode,
        )
    return done.stdout

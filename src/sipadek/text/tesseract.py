"""Reading scanned pages with Tesseract's command, which is a program beside Python's packages.

Its command is used and no package around it: the program has to be installed for either, and only a
process of its own can be given limits and ended when it takes too long.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sipadek.errors import InvalidInput, MissingExtra, WorkerLost

LANGUAGES: Final = ("ind",)
"""What letters are written in, as Tesseract names it."""

FALLBACK: Final = "eng"
"""Read with where none of the languages is installed: the letters are the same, the words are not."""

SECONDS: Final = 120
"""Longest that one page may take, in seconds."""
MEMORY: Final = 2 * 1024**3
"""Most address space that Tesseract may take, in bytes."""
MAX_CHARACTERS: Final = 200_000
"""Most text of one page."""


class Tesseract:
    """Tesseract with those of ``languages`` that are installed, or else with FALLBACK.

    ``program`` is its command, by default the one on the path. ``name`` says what reads
    ('tesseract 5.3.0 ind').

    Raises:
        MissingExtra: the program, or any language to read with, is not installed.
        InvalidInput: a language is no name of one.
    """

    def __init__(
        self, languages: Sequence[str] = LANGUAGES, *, program: str | os.PathLike[str] = "tesseract"
    ) -> None:
        for language in languages:
            if not language.replace("_", "").replace("/", "").isalnum():
                raise InvalidInput(
                    f"{language!r} is no language of Tesseract; give names such as 'ind'.",
                    language=language,
                )
        found = shutil.which(program)
        if found is None:
            raise MissingExtra(
                f"Reading scanned pages needs the program {os.fspath(program)!r}, which is not"
                " installed. Install it with its Indonesian language (packages tesseract-ocr and"
                " tesseract-ocr-ind of Debian and Ubuntu)."
            )
        self._program = found
        installed = self._told("--list-langs")[1:]
        chosen = [each for each in languages if each in installed]
        if not chosen and FALLBACK in installed:
            chosen = [FALLBACK]
        if not chosen:
            raise MissingExtra(
                f"Tesseract has none of the languages {', '.join(languages)}; it has"
                f" {', '.join(installed) or 'none'}. Install one (tesseract-ocr-ind)."
            )
        self.languages = tuple(chosen)
        version = (self._told("--version") or [""])[0].removeprefix("tesseract").strip()
        self.name = f"tesseract {version} {'+'.join(chosen)}"

    def read(self, picture: Path, *, dpi: int) -> str:
        """The text on a picture (PGM, PNG and what else Leptonica reads) of ``dpi`` dots per inch.

        Raises WorkerLost where it cannot be read within SECONDS and MEMORY.
        """
        command = [
            self._program, str(picture), "stdout", "-l", "+".join(self.languages), "--dpi", str(dpi)
        ]  # fmt: skip
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_one_thread(),
        ) as process:
            try:
                _limit(process.pid)
                text, _ = process.communicate(timeout=SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise WorkerLost(
                    f"Tesseract took longer than {SECONDS} s for a page; it is left without text."
                ) from None
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            raise WorkerLost(
                f"Tesseract ended with {process.returncode} on a page; it is left without text."
            )
        return text.decode("utf-8", "replace")[:MAX_CHARACTERS]

    def _told(self, option: str) -> list[str]:
        try:
            done = subprocess.run(
                [self._program, option], check=True, capture_output=True, timeout=SECONDS
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise MissingExtra(
                f"{self._program} {option} fails ({error}). Install Tesseract anew."
            ) from None
        return (done.stdout + done.stderr).decode("utf-8", "replace").split("\n")


def _one_thread() -> dict[str, str]:
    """What a program inherits anyway, and a limit of threads: OpenMP gains next to nothing on a page and
    takes every core from filing."""
    return {**os.environ, "OMP_THREAD_LIMIT": "1"}


def _limit(process: int) -> None:
    """Let a process stand behind filing, and give it limits of time and memory, where the system can."""
    if hasattr(os, "setpriority"):
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process, 10)
    try:
        import resource  # not on Windows
    except ImportError:
        return
    if not hasattr(resource, "prlimit"):  # Linux only
        return
    limits = ((resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_AS, MEMORY))
    for what, most in limits:
        with contextlib.suppress(OSError, ValueError):
            resource.prlimit(process, what, (most, most))

"""One filed file on trial, and how an outside tool is run."""

from __future__ import annotations

import subprocess
from pathlib import Path

import attrs

TOOL_SECONDS = 15.0
HANGS = -999  # stands for the exit code of a tool that had to be stopped


@attrs.frozen
class Objection:
    """What one judge holds against a filed file."""

    judge: str
    why: str


@attrs.define
class Case:
    """One file on trial: collects who judged and who objected."""

    original: Path
    filed: Path
    stamp: tuple[float, float]
    judged: list[str] = attrs.Factory(list)
    objections: list[Objection] = attrs.Factory(list)

    def ruling(self, judge: str, why: str | None) -> None:
        """``why`` None: judged and found no worse."""
        self.judged.append(judge)
        if why is not None:
            self.objections.append(Objection(judge, why))


def run_tool(*command: str | Path) -> tuple[int, bytes]:
    """Exit code and standard output; `HANGS` if it took too long."""
    try:
        ended = subprocess.run(
            [str(part) for part in command],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
            check=False, timeout=TOOL_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return HANGS, b""
    return ended.returncode, ended.stdout

"""File every PDF below a folder in a scratch office, and have outside judges look at the results.

    python tests/corpus/run.py FOLDER [--json] [--workers 2] [--limit N] [--keep DIR]

Needs qpdf, openssl and poppler's tools (pdfsig, pdftoppm, pdftotext, pdfinfo) beside pdfium and pyHanko.
*Eligible* is a file that ``qpdf --show-npages`` opens without a password (exit 0 or 3) and that no
signature certifies against change; *harmed* a filed file that any judge finds worse than its original,
or whose words the office does not find; *unseen* a letter signed without a stamp, since its PDF was
signed and had no room for one (both readers must draw page 1 as before). The exit code is 0 if nothing
was harmed, hung or fell over.
"""

from __future__ import annotations

import argparse
import datetime
import json
import shutil
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import judges
from cryptography.hazmat.primitives.serialization import Encoding
from filing import Ending, Job, Measured, file_folder, make_office
from isolation import run_each
from judges import Examination, Verdict
from report import show
from trial import Objection

import sipadek
from sipadek.archive import State
from sipadek.office import Office
from sipadek.search import Viewer
from sipadek.stamping import STAMP_HEIGHT, STAMP_WIDTH
from sipadek.testing.authority import Authority

JUDGE_SECONDS = 120.0


@attrs.frozen(kw_only=True)
class Trial:
    """One file's way: what it was, how filing ended, what the judges say."""

    ending: Ending
    examination: Examination
    verdict: Verdict = attrs.field(factory=lambda: Verdict(objections=(), judged=()))

    @property
    def filed(self) -> bool:
        return bool(self.ending.letter)


def main() -> int:
    arguments = _arguments()
    if missing := judges.missing_tools():
        print(
            f"missing: {', '.join(missing)}; install qpdf, openssl and poppler-utils",
            file=sys.stderr,
        )
        return 2
    with tempfile.TemporaryDirectory(prefix="sipadek-corpus-") as scratch:
        data = _run(arguments, Path(scratch))
    if arguments.json:
        print(json.dumps(data, indent=1))
    else:
        show(data)
    total = data["total"]
    return 1 if any(total[name] for name in ("harmed", "tracebacks", "hangs", "unfinished")) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument(
        "--workers", type=int, default=2, help="processes that file, and that judge"
    )
    parser.add_argument("--limit", type=int, help="only the first N files of each folder")
    parser.add_argument("--keep", type=Path, help="keep the filed PDFs that were harmed here")
    arguments = parser.parse_args()
    if not arguments.folder.is_dir():
        parser.error(f"{arguments.folder} is not a folder")
    return arguments


def _run(arguments: argparse.Namespace, scratch: Path) -> dict[str, Any]:
    now = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    authority = Authority.create(now=now)
    signer = authority.issue("Pejabat Uji").signer()
    (scratch / "root.pem").write_bytes(authority.root.public_bytes(Encoding.PEM))
    place = scratch / "office"
    make_office(place)
    folders = []
    for name, jobs in _jobs(arguments.folder, arguments.limit).items():
        print(f"{name}: filing {len(jobs)}", file=sys.stderr)
        measured = file_folder(place, jobs, signer, arguments.workers)
        print(f"{name}: judging", file=sys.stderr)
        with sipadek.open(place) as office:
            trials = list(_judge(office, measured, scratch, arguments.workers, arguments.keep))
        folders.append((name, measured, trials))
    with sipadek.open(place) as office:
        states = Counter(letter.state for letter in office.letters())
        findings = [str(finding) for finding in office.audit().findings]
    every = [trial for _, _, trials in folders for trial in trials]
    total = _figures(every, [m for _, m, _ in folders])
    total |= {"void": states[State.VOID], "unfinished": states[State.RESERVED] + len(findings)}
    return {
        "total": total,
        "folders": [{"folder": name} | _figures(t, [m]) for name, m, t in folders],
        "harms": [harm for trial in every for harm in _harms(trial)],
        "tracebacks": _told(every, "traceback"),
        "hangs": _told(every, "hang"),
        "refusals": _refusals(every),
        "findings": findings,
    }


def _jobs(folder: Path, limit: int | None) -> dict[str, list[Job]]:
    """The files by the folder below ``folder`` that they lie in, or by its own name."""
    found: defaultdict[str, list[Job]] = defaultdict(list)
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() == ".pdf" and p.is_file())
    for number, path in enumerate(paths):
        parts = path.relative_to(folder).parts
        jobs = found[parts[0] if len(parts) > 1 else folder.resolve().name]
        if limit is None or len(jobs) < limit:
            jobs.append(Job(path=path.absolute(), unit=f"F{number:05}"))
    return dict(found)


# --- judging ------------------------------------------------------------------------------------


def _judge(
    office: Office, measured: Measured, scratch: Path, workers: int, keep: Path | None
) -> Iterator[Trial]:
    """Each file's trial; the filed PDF is fetched from the office just before it is judged."""
    root = scratch / "root.pem"

    def pairs() -> Iterator[tuple[Ending, Path | None, Path]]:
        for ending in measured.endings:
            filed = None
            if ending.letter:
                filed = scratch / f"{ending.job.unit}.pdf"
                with office.filed(ending.letter) as source, filed.open("wb") as target:
                    shutil.copyfileobj(source, target)
            yield ending, filed, root

    for ended in run_each(_look, pairs(), workers=workers, seconds=JUDGE_SECONDS):
        ending, filed, _ = ended.item
        examination, verdict = ended.result or _unjudged(ending, ended.failure, root)
        if filed is not None:
            verdict = _judge_register(office, ending, examination, verdict)
            if keep is not None and verdict.objections:
                keep.mkdir(parents=True, exist_ok=True)
                shutil.copy(filed, keep / f"{ending.job.unit}-{ending.job.path.name}")
            filed.unlink()
        yield Trial(ending=ending, examination=examination, verdict=verdict)


def _look(given: tuple[Ending, Path | None, Path]) -> tuple[Examination, Verdict]:
    """In a child process: the outside judges."""
    ending, filed, root = given
    examination = judges.examine(ending.job.path)
    if filed is None:
        return examination, Verdict(objections=(), judged=())
    stamp = (STAMP_WIDTH, STAMP_HEIGHT)
    return examination, judges.judge(ending.job.path, filed, stamp=stamp, root=root)


def _unjudged(ending: Ending, failure: str, root: Path) -> tuple[Examination, Verdict]:
    """A judge crashed or hung. If it does so over the original beside itself, that is no harm."""
    again = run_each(_look, [(ending, ending.job.path, root)], workers=1, seconds=JUDGE_SECONDS)
    harmless = all(ended.result is None for ended in again)
    objections = () if harmless else (Objection("judges", failure),)
    paths = [ending.job.path]
    (examined,) = run_each(judges.examine, paths, workers=1, seconds=JUDGE_SECONDS)
    unknown = Examination(opens=False, forbids=False, words=())
    return examined.result or unknown, Verdict(objections=objections, judged=())


def _judge_register(
    office: Office, ending: Ending, examination: Examination, verdict: Verdict
) -> Verdict:
    """The QR code names this letter, and its words find it."""
    objections = list(verdict.objections)
    judged = list(verdict.judged)
    if verdict.qr and ending.letter not in verdict.qr.lower():
        objections.append(Objection("qr-text", f"reads {verdict.qr!r}"))
    viewer = Viewer(units=frozenset({ending.job.unit}))
    lost = [w for w in examination.words if not _found(office, w, ending.letter, viewer)]
    if lost:
        objections.append(Objection("search", f"not found by {' '.join(lost)}"))
    if examination.words:
        judged.append("search")
    return attrs.evolve(verdict, objections=tuple(objections), judged=tuple(judged))


def _found(office: Office, word: str, letter: str, viewer: Viewer) -> bool:
    hits = office.search(word, viewer=viewer).hits
    return letter in {hit.letter.id for hit in hits}


# --- figures ------------------------------------------------------------------------------------


def _figures(trials: Sequence[Trial], measured: Sequence[Measured]) -> dict[str, Any]:
    eligible = [trial for trial in trials if trial.examination.eligible]
    filed_of_eligible = sum(trial.filed for trial in eligible)
    refused = Counter(trial.ending.reason for trial in trials if not trial.filed)
    ms = sorted(ms for each in measured for ms in each.ms)
    return {
        "files": len(trials),
        "eligible": len(eligible),
        "filed": sum(trial.filed for trial in trials),
        "filed_of_eligible": filed_of_eligible,
        "share": round(filed_of_eligible / len(eligible), 4) if eligible else None,
        "refused": dict(refused.most_common()),
        "harmed": sum(trial.filed and bool(trial.verdict.objections) for trial in trials),
        "unseen": sum(trial.filed and trial.verdict.unseen for trial in trials),
        "tracebacks": sum(trial.ending.traceback for trial in trials),
        "hangs": sum(trial.ending.hang for trial in trials),
        "judged": dict(Counter(j for trial in trials for j in set(trial.verdict.judged))),
        "ms_median": round(ms[len(ms) // 2], 2) if ms else None,
        "ms_p95": round(ms[int(len(ms) * 0.95)], 2) if ms else None,
        "peak_mib": round(max((each.peak for each in measured), default=0) / 2**20),
    }


def _harms(trial: Trial) -> list[dict[str, str]]:
    if not trial.filed:
        return []
    return [
        {"file": str(trial.ending.job.path), "judge": objection.judge, "why": objection.why}
        for objection in trial.verdict.objections
    ]


def _told(trials: Sequence[Trial], kind: str) -> list[dict[str, str]]:
    endings = [trial.ending for trial in trials if getattr(trial.ending, kind)]
    return [{"file": str(e.job.path), "message": e.message or e.reason} for e in endings]


def _refusals(trials: Sequence[Trial]) -> list[dict[str, Any]]:
    """Every refused file, so that each can be asked after; the eligible ones first."""
    refused = [trial for trial in trials if not trial.filed]
    refused.sort(key=lambda trial: not trial.examination.eligible)
    return [
        {
            "file": str(trial.ending.job.path),
            "eligible": trial.examination.eligible,
            "reason": trial.ending.reason,
            "message": trial.ending.message,
        }
        for trial in refused
    ]


if __name__ == "__main__":
    sys.exit(main())

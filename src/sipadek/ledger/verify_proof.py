"""Checks a proof without the office: `sipadek-verify-proof`, `python -m sipadek.ledger.verify_proof`.

It opens no database and no network connection. Exit code 0: proven; 1: not proven; 2: it could not be
tried.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sipadek.errors import SipadekError, VerificationFailed
from sipadek.ledger.checkpoint import CheckpointVerifier
from sipadek.ledger.cosignature import CosignatureVerifier
from sipadek.ledger.proof import MAX_BUNDLE, Proof, Proven

_CHUNK = 1 << 20


def main(argv: Sequence[str] | None = None) -> int:
    """Check one bundle; see the module."""
    arguments = _parser().parse_args(argv)
    try:
        log = CheckpointVerifier.parse(given_key(arguments.origin_key))
        witnesses = [CosignatureVerifier.parse(given_key(each)) for each in arguments.witness_key]
        with arguments.bundle.open("rb") as file:
            text = file.read(4 * MAX_BUNDLE + 1).decode("utf-8")
        proven = Proof.parse(text).verify(log, witnesses=witnesses, wanted=arguments.witnesses)
        answer = told(proven)
        if arguments.file is not None:
            answer["file"] = _same(arguments.file, proven)
    except VerificationFailed as error:
        return _failed(arguments, error.message, 1)
    except SipadekError as error:
        return _failed(arguments, error.message, 2)
    except (OSError, UnicodeDecodeError) as error:
        return _failed(arguments, str(error), 2)
    if arguments.json:
        print(json.dumps(answer, indent=2, ensure_ascii=False))  # noqa: T201
    else:
        print(_for_people(answer))  # noqa: T201
    return 1 if answer.get("file") == "other" else 0


def told(proven: Proven) -> dict[str, Any]:
    """What was proven, as JSON has it."""
    event = proven.event
    return {
        "proven": True,
        "event": event.kind,
        "at": event.at.isoformat(),
        "subject": event.subject,
        "data": dict(event.data),
        "log": proven.checkpoint.origin,
        "index": proven.index,
        "size": proven.checkpoint.size,
        "cosigned": {name: at.isoformat() for name, at in proven.cosigned.items()},
    }


def _same(path: Path, proven: Proven) -> str:
    """Whether the file is the one that the event speaks of: 'filed', 'original' or 'other'."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    for name in ("filed", "original"):
        if proven.event.data.get(f"{name}_digest") == digest.hexdigest():
            return name
    return "other"


def _for_people(answer: dict[str, Any]) -> str:
    """A few lines in Indonesian."""
    data = answer["data"]
    lines = [
        f"TERBUKTI: peristiwa {answer['event']} tercatat dalam buku besar {answer['log']}",
        f"nomor: {data.get('number', '-')}",
        f"perihal: {data.get('subject', '-')}",
        f"waktu dicatat: {answer['at']}",
        f"urutan: {answer['index']} dari {answer['size']} peristiwa",
    ]
    lines += [f"disaksikan {name}: {at}" for name, at in answer["cosigned"].items()]
    lines += [] if answer["cosigned"] else ["tanpa saksi"]
    match answer.get("file"):
        case "filed":
            lines.append("berkas: sama dengan naskah terbit yang tercatat")
        case "original":
            lines.append("berkas: sama dengan naskah asli yang tercatat")
        case "other":
            lines.append("berkas: BUKAN berkas yang tercatat dalam peristiwa ini")
    return "\n".join(" ".join(line.split()) for line in lines)


def given_key(given: str) -> str:
    """A verifier key as text, or that in the file of that name. Raises OSError, UnicodeDecodeError."""
    path = Path(given)
    if "+" in given and not path.exists():
        return given
    return path.read_text("utf-8").strip()


def _failed(arguments: argparse.Namespace, message: str, code: int) -> int:
    if arguments.json:
        print(json.dumps({"proven": False, "message": message}, ensure_ascii=False))  # noqa: T201
    print(f"TIDAK TERBUKTI: {message}", file=sys.stderr)  # noqa: T201
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sipadek-verify-proof", description="Checks a .tlog-proof without the office."
    )
    parser.add_argument("bundle", type=Path, help="the .tlog-proof file")
    parser.add_argument(
        "--origin-key",
        required=True,
        metavar="KEY",
        help="the office's verifier key (keys/checkpoint.pub): as text, or its file",
    )
    parser.add_argument(
        "--witness-key",
        action="append",
        default=[],
        metavar="KEY",
        help="a witness's verifier key: as text, or its file; can be repeated",
    )
    parser.add_argument(
        "--witnesses",
        type=int,
        metavar="N",
        help="how many of them must have cosigned [default: all]",
    )
    parser.add_argument("--file", type=Path, help="a PDF that should be the one the event is about")
    parser.add_argument("--json", action="store_true", help="answer with one JSON document")
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""What runs in the child process of a `Verifier`."""

from __future__ import annotations

import contextlib
import pickle
import signal
import sys
import time

from sipadek.errors import SipadekError, VerificationStopped
from sipadek.signing.verifying.judging import Judgement, judge
from sipadek.signing.verifying.worker import read_message, write_message

_OUT_OF_MEMORY = ("MemoryError", "SystemError", "ImportError")
"""What Python and C code make of it, also while they import."""


def serve() -> None:
    """Judge what comes in on standard input until it ends; answer on standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent acts on Ctrl-C, and ends this
    seconds, memory = float(sys.argv[2]), int(sys.argv[3])
    incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    with contextlib.suppress(EOFError, OSError):
        while True:
            request = read_message(incoming)
            _limit(seconds, memory)
            write_message(outgoing, pickle.dumps(_answer(request, memory)))


def _answer(request: bytes, memory: int) -> Judgement | SipadekError:
    try:
        return judge(*pickle.loads(request))  # noqa: S301  (from the parent)
    except SipadekError as error:
        return _too_much(memory) if error.fields.get("reason") in _OUT_OF_MEMORY else error
    except (MemoryError, RecursionError, ImportError, SystemError):
        return _too_much(memory)


def _too_much(memory: int) -> VerificationStopped:
    return VerificationStopped(
        f"The file took more than {memory >> 20} MiB of memory to judge, so it is not verified. "
        "Have a person look at it, or allow more.",
        reason="memory",
    )


def _limit(seconds: float, memory: int) -> None:
    """From now on, where the system can: so much processor time, and address space in all."""
    try:
        import resource  # not on Windows
    except ImportError:
        return
    cpu = int(time.process_time() + seconds) + 1
    for which, soft in ((resource.RLIMIT_CPU, cpu), (resource.RLIMIT_AS, memory)):
        _, hard = resource.getrlimit(which)
        most = soft if hard == resource.RLIM_INFINITY else min(soft, hard)
        with contextlib.suppress(ValueError, OSError):  # macOS takes no RLIMIT_AS
            resource.setrlimit(which, (most, hard))

"""A child process that judges, so that a hostile file can take no more than time and memory allow.

The child is a plain Python with this one's import path; it holds no key, opens no file and uses no
network. Requests go to it as pickles; what comes back is read by an unpickler that knows only values
and errors of this package.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import pickle
import subprocess
import sys
import threading
import weakref
from pathlib import Path
from typing import IO, Any, Self

import attrs

from sipadek import errors
from sipadek.errors import InvalidInput, SipadekError, VerificationStopped
from sipadek.signing.verifying.judging import Judgement, Question

_HEADER = 8
# The packages' own __init__ would load the whole library; the child needs a quarter of its modules.
_CHILD = """
import sys, json, types
sys.path[:], packages = json.loads(sys.argv[1])
for name, path in packages:
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [path]
from sipadek.signing.verifying.child import serve
serve()
"""
_HERE = Path(__file__).parent
_PACKAGES = [
    ("sipadek", str(_HERE.parent.parent)),
    ("sipadek.pdf", str(_HERE.parent.parent / "pdf")),
    ("sipadek.signing", str(_HERE.parent)),
    ("sipadek.signing.verifying", str(_HERE)),
]
_VALUES = {
    ("datetime", "datetime"),
    ("datetime", "timezone"),
    ("datetime", "timedelta"),
    ("sipadek.errors", "_rebuild"),
    ("sipadek.signing.verifying.evidence", "SignatureEvidence"),
    ("sipadek.signing.verifying.evidence", "VerificationReport"),
    ("sipadek.signing.verifying.judging", "Judgement"),
}


@attrs.frozen(kw_only=True)
class Limits:
    """What judging one file may take: ``seconds`` by the clock and of the processor, and ``memory``
    in bytes of address space (not on Windows and macOS, where only the clock counts)."""

    seconds: float = 120.0
    memory: int = 2 << 30


STANDARD_LIMITS = Limits()


class Verifier:
    """A child process that judges one file after the other; made on first use, anew after a failure.

    Safe to share between threads (one file is judged at a time). Close it, or use ``with``.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        if self._limits.seconds <= 0 or self._limits.memory <= 0:
            raise InvalidInput("limits must be greater than zero", limits=str(self._limits))
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._owner = os.getpid()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the child, if there is one."""
        self._leave_to_parent()
        with self._lock:
            self._end()

    def judge(self, data: bytes, question: Question) -> Judgement:
        """As `judging.judge`, within the limits.

        Raises:
            VerificationStopped: the child ran out of time or memory, or died.
        """
        self._leave_to_parent()
        with self._lock:
            child = self._started()
            late = threading.Event()

            def stop() -> None:
                late.set()
                child.kill()

            timer = threading.Timer(self._limits.seconds, stop)
            timer.daemon = True
            timer.start()
            try:
                answer = _exchange(child, pickle.dumps((data, question)))
            finally:
                timer.cancel()
            if answer is None or late.is_set():
                self._end()
                raise self._stopped("time" if late.is_set() else "died")
            if isinstance(answer, SipadekError):
                if isinstance(answer, VerificationStopped):
                    self._end()
                raise answer
            assert isinstance(answer, Judgement)
            return answer

    def _leave_to_parent(self) -> None:
        """After a fork the child process, its pipes and perhaps the lock are the parent's."""
        if self._owner != os.getpid():
            self._lock = threading.Lock()
            self._child = None
            self._owner = os.getpid()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._end()
            found = json.dumps([sys.path, _PACKAGES])
            arguments = [found, str(self._limits.seconds), str(self._limits.memory)]
            self._child = subprocess.Popen(
                [sys.executable, "-c", _CHILD, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            # A verifier that is dropped without being closed takes its child along.
            weakref.finalize(self, _stop, self._child, os.getpid())
        return self._child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            _stop(child, os.getpid())

    def _stopped(self, why: str) -> VerificationStopped:
        return VerificationStopped(
            f"The file took more than {self._limits.seconds:g} s or {self._limits.memory >> 20} MiB to "
            "judge, so it is not verified. Have a person look at it, or allow more.",
            reason=why,
        )


def _stop(child: subprocess.Popen[bytes], owner: int) -> None:
    """End a child; in a process that only inherited it by a fork, nothing."""
    if os.getpid() != owner:
        return
    child.kill()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    child.wait()


def _exchange(child: subprocess.Popen[bytes], request: bytes) -> Any:
    assert child.stdin is not None
    assert child.stdout is not None
    with contextlib.suppress(OSError, EOFError, pickle.UnpicklingError):
        write_message(child.stdin, request)
        return _Answers(io.BytesIO(read_message(child.stdout))).load()
    return None


class _Answers(pickle.Unpickler):
    """Takes values and errors of this package, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        leaf = getattr(errors, name, None) if module == "sipadek.errors" else None
        is_error = isinstance(leaf, type) and issubclass(leaf, SipadekError)
        if is_error or (module, name) in _VALUES:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no answer")


def write_message(file: IO[bytes], message: bytes) -> None:
    """A message, after its length."""
    file.write(len(message).to_bytes(_HEADER, "big"))
    file.write(message)
    file.flush()


def read_message(file: IO[bytes]) -> bytes:
    """The next message. Raises EOFError at the end."""
    header = file.read(_HEADER)
    size = int.from_bytes(header, "big")
    message = file.read(size)
    if len(header) < _HEADER or len(message) < size:
        raise EOFError
    return message

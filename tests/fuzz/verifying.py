"""Fuzzes verification: ``python tests/fuzz/verifying.py [FOLDER] -max_total_time=900``.

As ``reading.py``. Beside that, no input may verify unless it is a signed seed as it was: a mutation that
still passes is a forgery, and a crash.
"""

from __future__ import annotations

import re

import atheris

with atheris.instrument_imports(include=["sipadek.signing", "pyhanko.pdf_utils", "pyhanko.sign"]):
    # Instrumented as they are imported.
    import pyhanko.pdf_utils.reader
    import pyhanko.sign.diff_analysis
    import pyhanko.sign.validation.pdf_embedded  # noqa: F401

    import sipadek.signing.verifying  # noqa: F401

from running import run
from seeds import NOW, authority, signed_seeds

from sipadek.signing import claimed_signers, verify_pdf

_AUTHORITY = authority()
_GOOD = frozenset(signed_seeds(_AUTHORITY))
_HOLE = re.compile(
    rb"<[0-9A-Fa-f\s]{200,}>"
)  # not covered, and its CMS can be written in many ways


def verify(data: bytes) -> None:
    """Both public functions that look at signatures."""
    claimed_signers(data)
    evidence = verify_pdf(data, trust=[_AUTHORITY.root], at=NOW, limits=None).signatures
    covered = max(one.covered for one in evidence)
    assert _covered(data, covered) in {_covered(good, covered) for good in _GOOD}, "a forgery"


def _covered(data: bytes, end: int) -> bytes:
    return _HOLE.sub(b"<>", data[:end])


if __name__ == "__main__":
    run(verify, _GOOD)

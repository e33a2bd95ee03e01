"""Is this PDF a letter of this office, whole and unaltered?"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import attrs
from cryptography import x509

from sipadek.archive import Letter, State
from sipadek.errors import LetterVoid, NotRegistered
from sipadek.office.receiving import Source, receive
from sipadek.retention import Destruction
from sipadek.signing import Limits, SignatureEvidence, Verifier, verify_pdf


@attrs.frozen(kw_only=True)
class Verified:
    """The evidence: the register's entry for exactly these bytes, and each signature, oldest first.

    ``signatures`` is empty for a letter that was stamped and not signed. ``destroyed`` says under what
    the office's own copy was destroyed at the end of its retention; None where it was not.
    """

    letter: Letter
    signatures: tuple[SignatureEvidence, ...]
    destroyed: Destruction | None = None


def verify(
    source: Source,
    *,
    find: Callable[[str], Letter | None],
    trust: Sequence[x509.Certificate],
    password: str = "",
    limits: Limits | Verifier | None = None,
) -> Verified:
    """Check ``source`` against its signatures and the register.

    ``find`` gives the letter whose filed PDF has a SHA-256. A signature of a registered letter is
    judged for the time of its registration, so it outlives its certificate. ``password`` and
    ``limits`` as for `sipadek.verify`. Raises a leaf of VerificationFailed, or EncryptedPdf.
    """
    with tempfile.TemporaryDirectory(prefix="sipadek-") as folder:
        path = Path(folder) / "document.pdf"
        with path.open("wb") as file:
            digest = receive(source, file).digest
        letter = find(digest)
        if letter is not None and not letter.signer:
            return Verified(letter=_valid(letter), signatures=())
        at = None if letter is None else letter.issued_at
        report = verify_pdf(path, trust=trust, at=at, password=password, limits=limits)
    if letter is None:
        raise NotRegistered(
            "the signatures are sound, but no letter with these bytes is in the register; ask the"
            " office that is named in it",
            digest=digest,
        )
    return Verified(letter=_valid(letter), signatures=report.signatures)


def _valid(letter: Letter) -> Letter:
    if letter.state is State.VOID:
        raise LetterVoid(
            f"letter {letter.number} was made void: {letter.void_reason}", number=letter.number
        )
    return letter

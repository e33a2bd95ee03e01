"""Signatures beside a file of any kind: CAdES B-B, detached (ETSI EN 319 122-1).

The CMS is a file of its own (by custom ``NAME.p7s``); the signed file is not touched.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TypeAlias

from sipadek.errors import InvalidInput, SigningError
from sipadek.signing.cms import signed_attributes, signed_data
from sipadek.signing.signer import Signer

FileSource: TypeAlias = bytes | str | os.PathLike[str] | BinaryIO
"""The bytes themselves, a path (a ``str`` is always a path), or a binary file, read from where it
stands."""

_CHUNK = 1 << 20


def sign_detached(source: FileSource, signer: Signer, at: datetime.datetime) -> bytes:
    """A signature of a file of any kind, as DER of a CMS that does not hold the file.

    The signed attributes are content-type, message-digest, signing-certificate-v2 and signing-time
    (``at``, aware: the claimed time, to the second). ``source`` is read once, a MiB at a time.

    Raises:
        InvalidInput: the file cannot be read, or ``at`` has no time zone.
        KeyUnusable: the signer cannot sign at ``at``.
        SigningError: signing failed.
    """
    if at.utcoffset() is None:
        raise InvalidInput("The time has no time zone. Give an aware datetime.", at=at)
    signer.check(at)
    digest = hashlib.new(signer.scheme.digest)
    with reading(source) as file:
        try:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
        except OSError as error:
            raise InvalidInput(f"The file cannot be read to its end: {error.strerror}.") from error
    attributes = signed_attributes(
        signer.certificate, signer.scheme, digest.digest(), signing_time=at
    )
    signatures = signer.sign_many([attributes])
    if len(signatures) != 1:
        raise SigningError(f"The signer gave {len(signatures)} signatures of one message.")
    return signed_data(signer, attributes, signatures[0])


@contextlib.contextmanager
def reading(source: FileSource) -> Iterator[BinaryIO]:
    """``source`` as a binary file; closed afterwards only if it was opened here.

    Raises:
        InvalidInput: it cannot be opened.
    """
    if isinstance(source, bytes):
        yield io.BytesIO(source)
    elif isinstance(source, str | os.PathLike):
        try:
            file = Path(source).open("rb")  # noqa: SIM115  # closed below
        except OSError as error:
            raise InvalidInput(
                f"The file {os.fspath(source)!r} cannot be read: {error.strerror}. Check the path.",
                path=os.fspath(source),
            ) from error
        with file:
            yield file
    else:
        yield source

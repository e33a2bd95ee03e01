"""What every reader gives: letters as they were elsewhere, and what cannot be taken. Pure values."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path

import attrs

from sipadek.archive import Secrecy
from sipadek.errors import InvalidInput
from sipadek.naskah import SECRECY_NAMES


@attrs.frozen(kw_only=True)
class Incoming:
    """A letter as it was elsewhere.

    ``key`` names it there, the same each time it is read; ``place`` says where it stands, for messages
    ('line 12'). ``number`` is the number that it has, as text, '' where there is none. ``path`` is its
    PDF, None where there is no file; ``checksum`` the MD5 or SHA-256 (hex) that it must have, where that
    is known. ``extra`` is what else is known of it, under names of own fields.
    """

    key: str
    place: str
    date: datetime.date
    subject: str
    number: str = ""
    sender: str = ""
    recipient: str = ""
    unit: str = ""
    classification: str = ""
    kind: str = ""
    secrecy: Secrecy = Secrecy.BIASA
    path: Path | None = None
    checksum: str = ""
    extra: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Fault:
    """What stands at ``place`` and cannot be taken: what came, what was expected, what to do."""

    place: str
    message: str


def inside(folder: Path, name: str) -> Path:
    """The file of that name below ``folder``. Raises InvalidInput where there is none, or it lies
    elsewhere: what is imported is data of others, and must not name any file of this machine."""
    path = (folder / name.replace("\\", "/")).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise InvalidInput(f"the file {name!r} lies outside of {folder}; put it there", path=name)
    if not path.is_file():
        raise InvalidInput(f"there is no file {name!r} in {folder}", path=name)
    return path


def secrecy_of(text: str) -> Secrecy:
    """The grade of secrecy that a code or a name means, B for ''. Raises InvalidInput."""
    names = {name.casefold(): code for code, name in SECRECY_NAMES.items()}
    code = names.get(text.strip().casefold(), text.strip().upper() or "B")
    try:
        return Secrecy(code)
    except ValueError:
        raise InvalidInput(
            f"the secrecy {text!r} is not known; write one of {', '.join(SECRECY_NAMES)}"
        ) from None

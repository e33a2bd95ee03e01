"""What anyone may know of a letter whose QR code they read."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from typing import Final

from sipadek.archive import Letter, State
from sipadek.errors import InvalidInput, NotFound
from sipadek.services import LetterStatus, Service, VerificationView, shown_name

# Without a `verify_url` the code holds this; with one the link ends with the id.
_PLAIN: Final = re.compile(r"NOMOR \S+ ID ([A-Z2-7]{26}) SHA256 ([0-9A-F]{32})")
_LINK: Final = re.compile(r"(?:\S*[^A-Za-z0-9])?([a-z2-7]{26})", re.ASCII)
_LONGEST: Final = 4096

Product = tuple[Service, Mapping[str, str]]
"""A letter's service, and what the citizen wrote (nothing once that was erased)."""


def scanned_id(scanned: str) -> tuple[str, str]:
    """The id of the letter, and the beginning of its original's SHA-256 ('' where it is not said), from
    what a QR code holds, or from the id itself. Raises InvalidInput."""
    text = scanned.strip()
    if len(text) <= _LONGEST:
        if plain := _PLAIN.fullmatch(text):
            return plain[1].lower(), plain[2].lower()
        if link := _LINK.fullmatch(text):
            return link[1], ""
    raise InvalidInput(
        f"this is no QR code of a letter ({len(scanned)} characters); give all that it holds, or the"
        " letter's id of 26 letters and digits"
    )


def verification_view(
    scanned: str,
    *,
    get: Callable[[str], Letter],
    product_of: Callable[[Letter], Product | None],
    today: Callable[[Letter], datetime.date],
) -> VerificationView:
    """See `Office.verification_view`. ``get`` finds a letter by its id, ``product_of`` tells of what
    application it is, ``today`` what day it is where it was numbered."""
    id_, digest = scanned_id(scanned)
    letter = get(id_)
    unlike = digest and letter.original_digest[: len(digest)] != digest
    if letter.id != id_ or unlike or not letter.original_digest or not _was_issued(letter):
        raise NotFound(
            "no letter with this code was issued here; ask the office that is named in it", id=id_
        )
    found = product_of(letter)
    service, values = found if found is not None else (None, {})
    last = service.validity.last_day(letter.details.date) if service else None
    return VerificationView(
        status=_status(letter, last, today(letter)),
        kind=service.name if service else letter.details.kind,
        number=letter.number,
        date=letter.details.date,
        unit=letter.details.unit,
        name=shown_name(service, values) if service else "",
        valid_until=last,
        signed=bool(letter.signer),
    )


def _was_issued(letter: Letter) -> bool:
    return letter.state is State.ISSUED or (
        letter.state is State.VOID and letter.issued_at is not None
    )


def _status(letter: Letter, last: datetime.date | None, today: datetime.date) -> LetterStatus:
    if letter.state is State.VOID:
        return LetterStatus.VOID
    return LetterStatus.EXPIRED if last is not None and today > last else LetterStatus.VALID

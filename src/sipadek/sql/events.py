"""The register's events: what is put in the log, and what the entry must look like after it.

An event's data carries every column it sets, under the column's name, so that an audit can compare
the entry with its history column by column.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import json.encoder
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sipadek.archive.letter import Letter, Secrecy, State
from sipadek.errors import InvalidInput, LedgerInconsistent
from sipadek.ledger import MAX_EVENT, Event
from sipadek.numbering import Series
from sipadek.sql.rows import extra_text, time_text

SERIES_DEFINED: Final = "series.defined"
NUMBER_RESERVED: Final = "number.reserved"
NUMBER_CONFIRMED: Final = "number.confirmed"
NUMBER_DRAWN: Final = "number.drawn"
NUMBER_VOIDED: Final = "number.voided"
LETTER_ISSUED: Final = "letter.issued"
LETTER_RECOGNISED: Final = "letter.recognised"
LETTER_PLACED: Final = "letter.placed"
LETTER_TAKEN_OUT: Final = "letter.taken-out"
LETTER_DESTROYED: Final = "letter.destroyed"
PERIOD_CLOSED: Final = "period.closed"
PERIOD_REOPENED: Final = "period.reopened"
LEGACY_IMPORTED: Final = "legacy.imported"
ROOT_TRUSTED: Final = "root.trusted"
CHECKPOINT_COSIGNED: Final = "checkpoint.cosigned"
LOG_RESTORED: Final = "log.restored"

_RESERVED_COLUMNS: Final = (
    "series",
    "counter",
    "sequence",
    "number",
    "key",
    "fingerprint",
    "unit",
    "classification",
    "kind",
    "secrecy",
    "subject",
    "document_date",
    "original_digest",
    "original_size",
)
# Left out of an event where they have this value, as version 1 did, which had none of them.
_RESERVED_DEFAULTS: Final[dict[str, Any]] = {
    "insertion": 0,
    "post": "",
    "extra": "",
    "actor": "",
    "reason": "",
    "paper": "",
    "stock": "",
    "expires_at": None,
}
_DRAWN_COLUMNS: Final = (
    "key",
    "fingerprint",
    "unit",
    "classification",
    "kind",
    "post",
    "extra",
    "secrecy",
    "subject",
    "original_digest",
    "original_size",
    "actor",
)
_ISSUED_COLUMNS: Final = ("filed_digest", "filed_size", "signer", "extractor")
# Repeated in the event so that it says on its own which letter is meant.
_ISSUED_REPEATS: Final = (
    "series",
    "counter",
    "sequence",
    "number",
    "subject",
    "original_digest",
    "original_size",
)


def defined(series: Series, at: datetime.datetime) -> bytes:
    """A series was defined."""
    data = series.definition()
    return Event(kind=SERIES_DEFINED, at=at, subject=series.code, data=data).canonical_bytes()


def definition_text(data: Mapping[str, Any]) -> str:
    """What the table of series keeps of such a definition."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def reserved(letter: Letter, print_: str, moment: str) -> bytes:
    """A number was given to a letter. ``print_`` is the request's fingerprint, ``moment`` the time
    as text."""
    details = letter.details
    data = _told(letter, print_)
    if (
        details.post
        or details.extra
        or letter.actor
        or letter.reason
        or letter.paper
        or letter.stock
    ):
        more: dict[str, str | int] = {
            "insertion": letter.insertion,
            "actor": letter.actor,
            "reason": letter.reason,
            "paper": letter.paper,
            "stock": letter.key if letter.stock else "",
            "post": details.post,
            "extra": extra_text(details),
        }
        data |= {name: value for name, value in more.items() if value}
    if letter.expires_at is not None:
        data["expires_at"] = time_text(letter.expires_at)
    return _body(NUMBER_RESERVED, moment, letter.id, data)


def drawn(letter: Letter, print_: str, moment: str) -> bytes:
    """A letter took a number from the stock of its date."""
    data = _told(letter, print_)
    data |= {"post": letter.details.post, "extra": extra_text(letter.details)}
    data["actor"] = letter.actor
    if letter.expires_at is not None:
        data["expires_at"] = time_text(letter.expires_at)
    return _body(NUMBER_DRAWN, moment, letter.id, data)


def _told(letter: Letter, print_: str) -> dict[str, str | int]:
    details = letter.details
    return {
        "classification": details.classification,
        "counter": letter.counter,
        "document_date": details.date.isoformat(),
        "fingerprint": print_,
        "key": letter.key,
        "kind": details.kind,
        "number": letter.number,
        "original_digest": letter.original_digest,
        "original_size": letter.original_size,
        "secrecy": details.secrecy.value,
        "sequence": letter.sequence,
        "series": details.series,
        "subject": details.subject,
        "unit": details.unit,
    }


def confirmed(letter: Letter, *, texts: str, moment: str) -> bytes:
    """A number went out without a PDF here. ``texts`` is the digest of what was indexed of it."""
    data: dict[str, str | int] = {
        "series": letter.details.series,
        "counter": letter.counter,
        "sequence": letter.sequence,
        "number": letter.number,
        "texts_digest": texts,
    }
    return _body(NUMBER_CONFIRMED, moment, letter.id, data)


def closed(series: str, period: str, *, actor: str, reason: str, at: datetime.datetime) -> bytes:
    """A period of a series gives no more numbers."""
    data = {"period": period, "actor": actor, "reason": reason}
    return Event(kind=PERIOD_CLOSED, at=at, subject=series, data=data).canonical_bytes()


def reopened(series: str, period: str, *, actor: str, reason: str, at: datetime.datetime) -> bytes:
    """A closed period gives numbers again."""
    data = {"period": period, "actor": actor, "reason": reason}
    return Event(kind=PERIOD_REOPENED, at=at, subject=series, data=data).canonical_bytes()


def issued(letter: Letter, *, extractor: str, texts: str, moment: str) -> bytes:
    """A letter was filed. ``texts`` is the digest of what was indexed of it."""
    details = letter.details
    data: dict[str, str | int] = {
        "series": details.series,
        "counter": letter.counter,
        "sequence": letter.sequence,
        "number": letter.number,
        "subject": details.subject,
        "original_digest": letter.original_digest,
        "original_size": letter.original_size,
        "filed_digest": letter.filed_digest,
        "filed_size": letter.filed_size,
        "signer": letter.signer,
        "extractor": extractor,
        "texts_digest": texts,
    }
    return _body(LETTER_ISSUED, moment, letter.id, data)


_quoted: Final = json.encoder.encode_basestring


def _body(kind: str, moment: str, subject: str, data: Mapping[str, str | int]) -> bytes:
    """What ``Event.canonical_bytes`` gives, at a tenth of its cost: these two events are made for
    every letter, from values that were checked before, with keys that stand above."""
    told = ",".join(
        [
            f'"{name}":{_quoted(value) if value.__class__ is str else value}'
            for name, value in sorted(data.items())
        ]
    )
    text = f'{{"at":"{moment}","data":{{{told}}},"kind":"{kind}","subject":"{subject}"}}'
    body = text.encode()
    if len(body) > MAX_EVENT:
        raise InvalidInput(
            f"The letter's texts (subject, key and the like) make an event of {len(body)} bytes; "
            f"{MAX_EVENT} can be kept. Shorten the subject.",
            size=len(body),
        )
    return body


def recognised(
    letter: Letter, *, pages: Sequence[int], recogniser: str, texts: str, moment: str
) -> bytes:
    """Pages (from 1) on which no text was found were read by ``recogniser``. ``texts`` is the digest
    of what is indexed of the letter since."""
    data: dict[str, str | int] = {
        "number": letter.number,
        "pages": ",".join(map(str, pages)),
        "recogniser": recogniser,
        "texts_digest": texts,
    }
    return _body(LETTER_RECOGNISED, moment, letter.id, data)


def placed(letter: Letter, *, folder: str, actor: str, moment: str) -> bytes:
    """A letter was placed in a record folder."""
    data: dict[str, str | int] = {"actor": actor, "folder": folder, "number": letter.number}
    return _body(LETTER_PLACED, moment, letter.id, data)


def taken_out(letter: Letter, *, folder: str, actor: str, reason: str, moment: str) -> bytes:
    """A letter was taken out of its record folder."""
    data: dict[str, str | int] = {"actor": actor, "folder": folder, "number": letter.number}
    return _body(LETTER_TAKEN_OUT, moment, letter.id, data | {"reason": reason})


def destroyed(letter: Letter, *, folder: str, disposal: str, moment: str) -> bytes:
    """A letter was destroyed with its folder: its digests are all that is left of its content."""
    data: dict[str, str | int] = {
        "disposal": disposal,
        "filed_digest": letter.filed_digest,
        "folder": folder,
        "number": letter.number,
        "original_digest": letter.original_digest,
    }
    return _body(LETTER_DESTROYED, moment, letter.id, data)


def voided(letter: Letter, *, reason: str, at: datetime.datetime, actor: str = "") -> bytes:
    """A number was made void, by ``actor``."""
    data = {"number": letter.number, "series": letter.details.series, "void_reason": reason}
    if actor:
        data["actor"] = actor
    return Event(kind=NUMBER_VOIDED, at=at, subject=letter.id, data=data).canonical_bytes()


def texts_digest(number: str, subject: str, pages: str) -> str:
    """SHA-256 (hex) over the texts kept for the index, none of which holds a NUL."""
    return hashlib.sha256("\0".join((number, subject, pages)).encode()).hexdigest()


class Expected:
    """The entry that a letter's events, applied in order, must have left behind.

    ``columns`` holds every column but ``position``; ``texts`` is the digest of the indexed texts,
    empty where the letter was never issued; ``recognised`` names what read each recognised page;
    ``placing`` is its record folder and the disposal that it was destroyed under.
    """

    def __init__(self) -> None:
        self.columns: dict[str, Any] = {}
        self.texts = ""
        self.recognised: dict[int, str] = {}
        self.placing = ("", "")

    def apply(self, event: Event) -> None:
        """Take in the letter's next event.

        Raises:
            LedgerInconsistent: it cannot follow what came before, or lacks something.
        """
        try:
            step = _STEPS[event.kind, self.columns.get("state")]
            step(self, event)
        except (KeyError, TypeError, ValueError) as error:
            state = self.columns.get("state", "unknown")
            raise LedgerInconsistent(
                f"the event {event.kind} of letter {event.subject} cannot follow the state {state}"
                f" or lacks {error}",
                subject=event.subject,
            ) from error

    def _reserve(self, event: Event) -> None:
        data: Any = event.data
        self.columns = {name: data[name] for name in _RESERVED_COLUMNS}
        self.columns |= {name: data.get(name, none) for name, none in _RESERVED_DEFAULTS.items()}
        self.columns |= {
            "id": event.subject,
            "state": State.RESERVED.value,
            "secrecy_rank": Secrecy(data["secrecy"]).rank,
            "document_year": datetime.date.fromisoformat(data["document_date"]).year,
            "filed_digest": "",
            "filed_size": 0,
            "signer": "",
            "extractor": "",
            "reserved_at": time_text(event.at),
            "issued_at": None,
            "void_reason": "",
        }

    def _draw(self, event: Event) -> None:
        data: Any = event.data
        if self.columns["stock"] != self.columns["key"]:
            raise ValueError("a place in the stock")
        for name in ("series", "counter", "sequence", "number", "document_date"):
            if self.columns[name] != data[name]:
                raise ValueError(f"the {name} it was reserved with")
        self.columns |= {name: data[name] for name in _DRAWN_COLUMNS}
        self.columns |= {
            "secrecy_rank": Secrecy(data["secrecy"]).rank,
            "reserved_at": time_text(event.at),
            "expires_at": data.get("expires_at"),
        }

    def _confirm(self, event: Event) -> None:
        data: Any = event.data
        for name in ("series", "counter", "sequence", "number"):
            if self.columns[name] != data[name]:
                raise ValueError(f"the {name} it was reserved with")
        self.columns |= {"state": State.ISSUED.value, "issued_at": time_text(event.at)}
        self.texts = data["texts_digest"]

    def _issue(self, event: Event) -> None:
        data: Any = event.data
        for name in _ISSUED_REPEATS:
            if self.columns[name] != data[name]:
                raise ValueError(f"the {name} it was reserved with")
        self.columns |= {name: data[name] for name in _ISSUED_COLUMNS}
        self.columns |= {"state": State.ISSUED.value, "issued_at": time_text(event.at)}
        self.texts = data["texts_digest"]

    def _recognise(self, event: Event) -> None:
        data: Any = event.data
        if self.columns["number"] != data["number"]:
            raise ValueError("the number it was reserved with")
        self.recognised |= {int(page): data["recogniser"] for page in data["pages"].split(",")}
        self.texts = data["texts_digest"]

    def _place(self, event: Event) -> None:
        data: Any = event.data
        if self.placing != ("", ""):
            raise ValueError("a letter that lies in no folder")
        self.placing = (data["folder"], "")

    def _take_out(self, event: Event) -> None:
        data: Any = event.data
        if self.placing != (data["folder"], ""):
            raise ValueError("the folder that it lies in")
        self.placing = ("", "")

    def _destroy(self, event: Event) -> None:
        data: Any = event.data
        if self.placing != (data["folder"], ""):
            raise ValueError("the folder that it lies in")
        for name in ("filed_digest", "original_digest"):
            if self.columns[name] != data[name]:
                raise ValueError(f"the {name} it was filed with")
        self.placing = (data["folder"], data["disposal"])
        self.texts, self.recognised = "", {}

    def _void(self, event: Event) -> None:
        data: Any = event.data
        self.columns |= {"state": State.VOID.value, "void_reason": data["void_reason"]}


_STEPS: Final = {
    (NUMBER_RESERVED, None): Expected._reserve,
    (NUMBER_DRAWN, State.RESERVED.value): Expected._draw,
    (NUMBER_CONFIRMED, State.RESERVED.value): Expected._confirm,
    (LETTER_ISSUED, State.RESERVED.value): Expected._issue,
    (LETTER_RECOGNISED, State.ISSUED.value): Expected._recognise,
    (LETTER_PLACED, State.ISSUED.value): Expected._place,
    (LETTER_PLACED, State.VOID.value): Expected._place,
    (LETTER_TAKEN_OUT, State.ISSUED.value): Expected._take_out,
    (LETTER_TAKEN_OUT, State.VOID.value): Expected._take_out,
    (LETTER_DESTROYED, State.ISSUED.value): Expected._destroy,
    (LETTER_DESTROYED, State.VOID.value): Expected._destroy,
    (NUMBER_VOIDED, State.RESERVED.value): Expected._void,
    (NUMBER_VOIDED, State.ISSUED.value): Expected._void,
}

"""One event of the register, and the only bytes that stand for it.

The bytes are JSON in the canonical form of RFC 8785: keys sorted, no spaces, UTF-8, integers within
±(2⁵³ - 1). There are no floats and no nulls, and keys are ASCII, so every value has one spelling.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Mapping
from typing import Any, Final, Self, TypeAlias

import attrs

from sipadek.errors import InvalidInput, LedgerInconsistent

Value: TypeAlias = "str | int | list[Value] | dict[str, Value]"
"""What event data may hold; bool is an int."""

MAX_EVENT: Final = 1 << 20
"""The greatest size of an event, in bytes."""

_KIND: Final = re.compile(r"[a-z]+(?:-[a-z]+)*(?:\.[a-z]+(?:-[a-z]+)*)+")
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_MAX_NAME: Final = 200
_MAX_INTEGER: Final = 2**53 - 1
_MAX_DEPTH: Final = 8
_ENCODE: Final = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
).encode


def _kind(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _MAX_NAME or not _KIND.fullmatch(value):
        raise InvalidInput(
            f"event kind {value!r} cannot be used; write lower-case words joined by dots, such as "
            "'letter.issued'",
            kind=value,
        )
    return str(value)


def _subject(value: Any) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= _MAX_NAME or not value.isprintable():
        raise InvalidInput(
            f"event subject {value!r} cannot be used; give the letter's id or the series' code, "
            f"1 to {_MAX_NAME} printable characters",
            subject=value,
        )
    return str(value)


def _utc(value: Any) -> datetime.datetime:
    if not isinstance(value, datetime.datetime) or value.utcoffset() is None:
        raise InvalidInput(
            f"event time {value!r} has no time zone; pass an aware datetime, best in UTC", at=value
        )
    try:
        return value.astimezone(datetime.UTC)
    except OverflowError:
        raise InvalidInput(f"event time {value!r} is out of range in UTC", at=value) from None


def _data(value: Any) -> dict[str, Value]:
    if not isinstance(value, Mapping):
        raise _unusable("data", value)
    return _mapping(value, "data", 0)


def _mapping(value: Mapping[Any, Any], path: str, depth: int) -> dict[str, Value]:
    copied: dict[str, Value] = {}
    for key, item in value.items():
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            raise InvalidInput(
                f"event key {key!r} in {path} cannot be used; write lower-case ASCII letters, "
                "digits and underscores, a letter first",
                path=path,
                key=key,
            )
        copied[str(key)] = _copied(item, f"{path}.{key}", depth + 1)
    return copied


def _copied(value: Any, path: str, depth: int) -> Value:
    """A copy in plain types, so that neither the caller nor an enum can change it later."""
    if depth > _MAX_DEPTH:
        raise InvalidInput(f"{path} is nested more than {_MAX_DEPTH} deep; flatten it", path=path)
    if isinstance(value, str) and value.isascii():
        return str(value)
    match value:
        case str():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise _unusable(path, value) from None
            return str(value)
        case bool():
            return value
        case int() if -_MAX_INTEGER <= value <= _MAX_INTEGER:
            return int(value)
        case list() | tuple():
            return [_copied(item, f"{path}[{n}]", depth + 1) for n, item in enumerate(value)]
        case Mapping():
            return _mapping(value, path, depth)
        case _:
            raise _unusable(path, value)


def _unusable(path: str, value: object) -> InvalidInput:
    return InvalidInput(
        f"{path} is {type(value).__name__} {value!r:.60}; an event holds text in Unicode, "
        "integers within ±(2**53 - 1), true and false, lists and mappings of them",
        path=path,
    )


@attrs.frozen(kw_only=True)
class Event:
    """Something that happened to a letter or a series.

    ``kind`` is such as 'series.defined', 'number.reserved', 'letter.issued'; ``at`` the moment,
    kept in UTC to the microsecond; ``subject`` the letter's id or the series' code; ``data`` what
    else is to be proven later, copied into plain dicts and lists (do not change them).
    Raises InvalidInput for anything that has no canonical bytes.
    """

    kind: str = attrs.field(converter=_kind)
    at: datetime.datetime = attrs.field(converter=_utc)
    subject: str = attrs.field(converter=_subject)
    data: Mapping[str, Value] = attrs.field(factory=dict, converter=_data)

    def canonical_bytes(self) -> bytes:
        """The bytes to store and to hash as a leaf. Raises InvalidInput above MAX_EVENT bytes."""
        moment = self.at.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
        entries = {"at": moment, "data": self.data, "kind": self.kind, "subject": self.subject}
        body = _ENCODE(entries).encode()
        if len(body) > MAX_EVENT:
            raise InvalidInput(
                f"the event has {len(body)} bytes, at most {MAX_EVENT} can be kept; put large "
                "content into an object and its digest into the event",
                size=len(body),
            )
        return body

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """The event of these bytes. Strict: bytes that ``canonical_bytes`` would not give again
        raise LedgerInconsistent."""
        try:
            if len(body) > MAX_EVENT:
                raise ValueError(f"{len(body)} bytes are more than {MAX_EVENT}")
            entries = json.loads(body.decode())
            event = cls(
                kind=entries.pop("kind"),
                at=datetime.datetime.fromisoformat(entries.pop("at")),
                subject=entries.pop("subject"),
                data=entries.pop("data"),
            )
            same = event.canonical_bytes() == body
        except (
            AttributeError,
            InvalidInput,
            LookupError,
            RecursionError,
            TypeError,
            ValueError,
        ) as e:
            raise _not_an_event(body, f"{type(e).__name__}: {e}") from e
        if not same:
            raise _not_an_event(body, "they are not in canonical form")
        return event


def _not_an_event(body: bytes, reason: str) -> LedgerInconsistent:
    return LedgerInconsistent(
        f"the stored bytes {body[:60]!r}… are not an event: {reason:.200}; "
        "they were altered, or written by something else",
        reason=reason,
    )

"""Events on their way to the log: written with what they tell of, in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sipadek.postgres.handle import Handle

Logged = tuple[int | None, bytes]
"""The entry's position, or None for what is of no entry, and the event's canonical bytes."""

_FEW: Final = 8
_ONE: Final = "INSERT INTO sipadek.outbox (entry, body) VALUES (%s, %s)"
# Binary arrays take half the time of COPY here.
_MANY: Final = (
    "INSERT INTO sipadek.outbox (entry, body)"
    " SELECT entry, body FROM unnest(%b::bigint[], %b::bytea[]) AS event (entry, body)"
)


def leave(handle: Handle, events: Sequence[Logged]) -> None:
    """Leave events for the one who seals, in this order."""
    if len(events) <= _FEW:
        for event in events:
            handle.run(_ONE, event)
    else:
        handle.run(_MANY, [list(each) for each in zip(*events, strict=True)])

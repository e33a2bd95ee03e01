"""What a scorecard is computed from: letters, dispositions and applications, and where they are read."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Iterator
from typing import Protocol

import attrs


class Way(enum.StrEnum):
    """How a letter came into the register."""

    SIGNED = "signed"
    """Filed here, with an electronic signature."""
    STAMPED = "stamped"
    """Filed here, with a stamp only."""
    BY_HAND = "by-hand"
    """Only its number is from here: the letter itself stayed on paper."""
    IMPORTED = "imported"
    """Its number too is from an older book."""


@attrs.frozen(kw_only=True)
class LetterFact:
    """A letter that a unit issued at ``at`` (aware). ``letter`` is its id; a line of an older book has
    'series/line', and as ``at`` the beginning of its day. ``kind`` may be empty."""

    letter: str
    number: str
    unit: str
    kind: str
    way: Way
    at: datetime.datetime


@attrs.frozen(kw_only=True)
class DispositionFact:
    """A disposition that someone of ``unit`` was given: when, until when it is to be reported back
    (None: nobody said), and when that was done (None: not yet). Times are aware."""

    disposition: str
    unit: str
    given_at: datetime.datetime
    due_at: datetime.datetime | None = None
    reported_at: datetime.datetime | None = None


@attrs.frozen(kw_only=True)
class ServiceFact:
    """A citizen's application to ``unit``: when it was made, until when it is promised, and when it was
    decided: its letter signed, or rejected with a reason (None: not yet). Times are aware.

    ``used`` working minutes were used so far of ``promised`` (0 where nothing is promised). Time in
    which the applicant was waited for is in neither. What was withdrawn is no fact.
    """

    application: str
    unit: str
    service: str
    submitted_at: datetime.datetime
    due_at: datetime.datetime | None = None
    decided_at: datetime.datetime | None = None
    used: int = 0
    promised: int = 0


Fact = LetterFact | DispositionFact | ServiceFact


class FactSource(Protocol):
    """Where facts are read, one after the other. Each call gives those that began from ``since`` on and
    before ``until`` (aware), of one ``unit`` or of all; what happened from ``until`` on is not told."""

    def letters(
        self, since: datetime.datetime, until: datetime.datetime, *, unit: str = ""
    ) -> Iterator[LetterFact]:
        """Letters that were issued and are not void."""
        ...

    def dispositions(
        self, since: datetime.datetime, until: datetime.datetime, *, unit: str = ""
    ) -> Iterator[DispositionFact]:
        """Dispositions that were given and not recalled."""
        ...

    def applications(
        self, since: datetime.datetime, until: datetime.datetime, *, unit: str = ""
    ) -> Iterator[ServiceFact]:
        """Applications that were made and not withdrawn."""
        ...

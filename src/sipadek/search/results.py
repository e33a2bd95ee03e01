"""Who looks, and what is found."""

from __future__ import annotations

import attrs

from sipadek.archive.letter import Letter, Secrecy
from sipadek.errors import InvalidInput
from sipadek.search.query import Query


def _units(value: object) -> frozenset[str] | None:
    if value is None:
        return None
    if isinstance(value, str):
        # frozenset("KEL") would be the units K, E and L: shut, but not what was meant.
        raise InvalidInput(f"units is the text {value!r}; give a set of units.", units=value)
    return frozenset(value)  # type: ignore[call-overload, no-any-return]


def _secrecy(value: str) -> Secrecy:
    try:
        return Secrecy(value)
    except ValueError:
        allowed = ", ".join(Secrecy)
        raise InvalidInput(
            f"clearance is {value!r}; give one of {allowed}.", clearance=value
        ) from None


@attrs.frozen(kw_only=True)
class Viewer:
    """What the one who searches may see.

    ``units``: the letters of these units; ``None`` (the default) is every unit, the empty set none.
    ``clearance``: the highest secrecy seen, by default all.

    Raises:
        InvalidInput: ``clearance`` is no grade of secrecy, or ``units`` a single text.
    """

    units: frozenset[str] | None = attrs.field(default=None, converter=_units)
    clearance: Secrecy = attrs.field(default=Secrecy.SANGAT_RAHASIA, converter=_secrecy)

    def may_see(self, letter: Letter) -> bool:
        """Whether ``letter`` is within the viewer's units and clearance."""
        details = letter.details
        within = self.units is None or details.unit in self.units
        return within and details.secrecy.rank <= self.clearance.rank


@attrs.frozen(kw_only=True)
class Hit:
    """A letter that was found.

    ``snippet`` is safe HTML with ``<mark>`` around what matched. ``page`` counts from 1 and tells
    where that stands; 0 where the match is not in the pages. ``recognised`` says that the page had no
    text and a machine read its picture. A higher ``score`` is a better match;
    it compares only within one search and one value of ``partial``, and is 0 where nothing ranks (no
    word is looked for). ``partial`` says that only some of the words stand in the letter.
    """

    letter: Letter
    snippet: str
    score: float
    page: int = 0
    recognised: bool = False
    partial: bool = False


@attrs.frozen(kw_only=True)
class Results:
    """One page of hits, best first, of ``total`` letters that the viewer may see.

    Where only few letters hold all words that stand side by side, those that hold some of them come
    behind: ``others`` is how many, and paging goes on into them.

    ``suggestion`` is '' where the query was served as typed. Otherwise nothing matched it, and
    ``total``, ``hits`` and ``query`` are those of this other query text, in which words that stand in
    no letter the viewer may see have given way to near ones ("mungkin maksud Anda").
    """

    total: int
    hits: tuple[Hit, ...]
    query: Query
    suggestion: str = ""
    others: int = 0

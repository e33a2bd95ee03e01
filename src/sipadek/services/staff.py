"""Who holds which post where: a plain list, for hosts that have no directory of their own. Pure."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import attrs

from sipadek.errors import NotFound
from sipadek.services.setting import Paper, Signatory


@attrs.frozen(kw_only=True)
class Holder:
    """``actor`` (an id) holds a kind of ``post`` in a ``unit`` (code) from ``since`` to ``until``, both
    included (None: not yet over). ``signatory`` is how that one stands under a letter, where they sign;
    its title says Plt. or Plh. where that is so."""

    actor: str
    post: str
    unit: str
    since: datetime.date = datetime.date.min
    until: datetime.date | None = None
    signatory: Signatory | None = None

    def on(self, date: datetime.date) -> bool:
        """Whether it is so on that day."""
        return self.since <= date and (self.until is None or date <= self.until)


@attrs.frozen(kw_only=True)
class StaffList:
    """The ``papers`` of units by their codes, the unit ``above`` each that has one, and the ``holders``
    of posts."""

    papers: Mapping[str, Paper]
    above_of: Mapping[str, str] = attrs.field(factory=dict)
    holders: tuple[Holder, ...] = attrs.field(default=(), converter=tuple)

    def holds(self, actor: str, post: str, unit: str, on: datetime.date) -> bool:
        """Whether ``actor`` holds a post of that kind in the unit then."""
        return any(
            (each.actor, each.post, each.unit) == (actor, post, unit) and each.on(on)
            for each in self.holders
        )

    def signatory(self, post: str, unit: str, on: datetime.date) -> Signatory:
        """Who signs as that post then. Raises NotFound where nobody does."""
        for each in self.holders:
            if (each.post, each.unit) == (post, unit) and each.on(on) and each.signatory:
                return each.signatory
        raise NotFound(
            f"nobody who signs holds the post {post} of {unit} on {on}; name one, or a Plt. or Plh.",
            post=post,
            unit=unit,
        )

    def above(self, unit: str) -> str:
        """The unit above. Raises NotFound."""
        if unit not in self.above_of:
            raise NotFound(f"there is no unit above {unit}; name it in above_of", unit=unit)
        return self.above_of[unit]

    def paper(self, unit: str) -> Paper:
        """The unit's paper. Raises NotFound."""
        if unit not in self.papers:
            raise NotFound(
                f"there is no unit {unit!r} with services; there are {', '.join(self.papers)}",
                unit=unit,
            )
        return self.papers[unit]

"""What the desk of citizen services asks an organisation: whose turn is whose, and what letters show."""

from __future__ import annotations

import datetime

import attrs

from sipadek.errors import NotAllowed, NotFound
from sipadek.people import Organisation, Post
from sipadek.services import Paper, Signatory

ACT = "service.act"
"""What a role must be granted to work on applications, or to sign them. Whose turn it is within that,
the catalogue says: it names roles."""
OVERSEE = "service.oversee"
"""What a role must be granted to read complaints and to erase."""


@attrs.frozen
class ServiceStaff:
    """An organisation, as the desk sees it."""

    organisation: Organisation

    def may(self, actor: str, role: str, seat: str, unit: str, on: datetime.date) -> bool:
        """Whether ``actor`` acts in a post of the unit ``seat`` with that role, which is granted to work
        on the applications of ``unit``."""
        return any(
            self._permitted(actor, ACT, unit, on, post.code) for post in self._posts(role, seat)
        )

    def oversees(self, actor: str, unit: str, on: datetime.date) -> bool:
        """Whether ``actor`` may read complaints about ``unit``, and erase applications there."""
        return self._permitted(actor, OVERSEE, unit, on)

    def holder(self, role: str, seat: str) -> str:
        """The code of the post of that role there; '' where there is none."""
        return next((post.code for post in self._posts(role, seat)), "")

    def signatory(self, role: str, seat: str, on: datetime.date) -> Signatory:
        """Who signs in that role then. Raises NotFound where nobody does."""
        for post in self._posts(role, seat):
            for standing in self.organisation.holders(post.code, on):
                person = standing.person
                return Signatory(
                    title=post.title,
                    name=person.name,
                    number=person.nip,
                    prefix=standing.capacity.prefix,
                )
        raise NotFound(
            f"nobody acts as {role} of {seat} on {on}; name a holder, or a Plt. or Plh.",
            role=role,
            unit=seat,
        )

    def above(self, unit: str) -> str:
        """The code of the unit above. Raises NotFound."""
        parent = self.organisation.unit(unit).parent
        if not parent:
            raise NotFound(f"there is no unit above {unit}, which has to sign", unit=unit)
        return parent

    def paper(self, unit: str) -> Paper:
        """What the unit's letters look like: the names of the units above it, and its own. Raises
        NotFound."""
        *above, own = self.organisation.path(unit)
        return Paper(
            unit=own.name,
            letterhead=tuple(each.name.upper() for each in (*above, own)),
            address=(own.address,) if own.address else (),
            place=own.place or own.name,
            place_of_office=", ".join(_place(each.name) for each in reversed(above)) or own.name,
        )

    def _posts(self, role: str, seat: str) -> list[Post]:
        return [
            post for post in self.organisation.posts if post.unit == seat and role in post.roles
        ]

    def _permitted(
        self, actor: str, action: str, unit: str, on: datetime.date, post: str = ""
    ) -> bool:
        try:
            self.organisation.permit(actor, action, on=on, unit=unit, post=post)
        except NotAllowed:
            return False
        return True


def _place(name: str) -> str:
    """'Kota Jambi' for 'Pemerintah Kota Jambi': where an office is, not who runs it."""
    return name.removeprefix("Pemerintah ")

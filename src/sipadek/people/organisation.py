"""An organisation: its values held against each other, and the one place that says who may what."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar

import attrs

from sipadek.archive import Secrecy
from sipadek.errors import InvalidInput, NotAllowed, NotFound
from sipadek.people.values import Capacity, Grant, Holding, Person, Post, Reach, Unit

_Value = TypeVar("_Value")


@attrs.frozen(kw_only=True)
class Standing:
    """In which post someone acts, and as what."""

    person: Person
    post: Post
    capacity: Capacity

    @property
    def title(self) -> str:
        """The post's title with 'Plt.', 'Plh.' or 'Pj.' before it."""
        return " ".join(filter(None, (self.capacity.prefix, self.post.title)))


def _index(section: str, values: Iterable[_Value], name: str = "code") -> Mapping[str, _Value]:
    found: dict[str, _Value] = {}
    for place, value in enumerate(values):
        code = getattr(value, name)
        if code in found:
            raise _fault(section, place, name, f"{code!r} is given twice; choose another one")
        found[code] = value
    return MappingProxyType(found)


def _fault(section: str, place: int, field: str, what: str) -> InvalidInput:
    """A value that does not fit the others. ``place`` counts the section's values from 0."""
    return InvalidInput(
        f"{section} {place + 1}: {field} {what}", section=section, place=place, field=field
    )


@attrs.frozen(kw_only=True)
class Organisation:
    """Units, posts, people, who holds which post, and what roles are granted. Never changes: a change
    of staff is another organisation.

    Raises InvalidInput where they contradict each other (``fields['section']``, ``['place']`` from 0,
    ``['field']``): a code given twice or not at all, a circle of units or posts, two people who hold one
    post at the same time.
    """

    units: tuple[Unit, ...] = attrs.field(converter=tuple)
    posts: tuple[Post, ...] = attrs.field(converter=tuple)
    people: tuple[Person, ...] = attrs.field(converter=tuple)
    holdings: tuple[Holding, ...] = attrs.field(converter=tuple)
    grants: tuple[Grant, ...] = attrs.field(default=(), converter=tuple)
    _unit: Mapping[str, Unit] = attrs.field(init=False, eq=False, repr=False)
    _post: Mapping[str, Post] = attrs.field(init=False, eq=False, repr=False)
    _person: Mapping[str, Person] = attrs.field(init=False, eq=False, repr=False)
    _within: Mapping[str, frozenset[str]] = attrs.field(init=False, eq=False, repr=False)
    _granted: Mapping[str, Sequence[Grant]] = attrs.field(init=False, eq=False, repr=False)
    _held: Mapping[str, tuple[Holding, ...]] = attrs.field(init=False, eq=False, repr=False)
    _holds: Mapping[str, tuple[Holding, ...]] = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        def put(name: str, value: Any) -> None:
            object.__setattr__(self, name, value)

        put("_unit", _index("unit", self.units))
        put("_post", _index("post", self.posts))
        put("_person", _index("person", self.people, "id"))
        self._check_references()
        _refuse_circle("unit", {unit.code: unit.parent for unit in self.units}, "parent")
        put("_within", _below({unit.code: unit.parent for unit in self.units}))
        granted: dict[str, list[Grant]] = {}
        for grant in self.grants:
            granted.setdefault(grant.action, []).append(grant)
        put("_granted", granted)
        _refuse_circle("post", {post.code: post.above for post in self.posts}, "above")
        held: dict[str, list[Holding]] = {}
        holds: dict[str, list[Holding]] = {}
        for holding in self.holdings:
            held.setdefault(holding.post, []).append(holding)
            holds.setdefault(holding.person, []).append(holding)
        put("_held", {code: tuple(found) for code, found in held.items()})
        put("_holds", {code: tuple(found) for code, found in holds.items()})
        self._check_holdings()

    # --- looking up -----------------------------------------------------------------------------

    def unit(self, code: str) -> Unit:
        """The unit of that code. Raises NotFound."""
        return _found(self._unit, code, "unit")

    def post(self, code: str) -> Post:
        """The post of that code. Raises NotFound."""
        return _found(self._post, code, "post")

    def person(self, id: str) -> Person:
        """The person of that id. Raises NotFound."""
        return _found(self._person, id, "person")

    def within(self, unit: str) -> frozenset[str]:
        """The codes of a unit and of all units under it. Raises NotFound."""
        return _found(self._within, unit, "unit")

    def path(self, unit: str) -> tuple[Unit, ...]:
        """The unit and those above it, the topmost first. Raises NotFound."""
        found = [self.unit(unit)]
        while found[0].parent:
            found.insert(0, self.unit(found[0].parent))
        return tuple(found)

    def holders(self, post: str, on: datetime.date) -> tuple[Standing, ...]:
        """Who acts in a post on a day: a Plh. before the one who is absent; nobody where it is vacant.
        Raises NotFound."""
        seat = self.post(post)
        found = [one for one in self._held.get(post, ()) if one.covers(on)]
        if not seat.shared:
            stand_in = [one for one in found if one.capacity is Capacity.STAND_IN]
            found = stand_in or found
        return tuple(
            Standing(person=self.person(one.person), post=seat, capacity=one.capacity)
            for one in found
        )

    def standings(self, person: str, on: datetime.date) -> tuple[Standing, ...]:
        """The posts in which someone acts on a day. Raises NotFound."""
        self.person(person)
        posts = dict.fromkeys(one.post for one in self._holds.get(person, ()) if one.covers(on))
        return tuple(
            standing
            for post in posts
            for standing in self.holders(post, on)
            if standing.person.id == person
        )

    # --- who may what ---------------------------------------------------------------------------

    def permit(
        self,
        person: str,
        action: str,
        *,
        on: datetime.date,
        unit: str,
        secrecy: Secrecy = Secrecy.BIASA,
        post: str = "",
    ) -> Standing:
        """The standing in which someone may do ``action`` in ``unit`` with something of that secrecy on
        a day; with ``post`` only that post is looked at. This is the only place that decides it.

        Raises NotAllowed, which says what is lacking.
        """
        if person not in self._person:
            raise _refused(person, action, unit, "nobody of that id works here")
        standings = [one for one in self.standings(person, on) if post in ("", one.post.code)]
        if not standings:
            held = f"does not act as {post}" if post else "acts in no post"
            raise _refused(person, action, unit, f"{held} on {on}")
        granted = [one for one in standings if self._reaches(one.post, action, unit)]
        if not granted:
            roles = sorted({grant.role for grant in self._granted.get(action, ())})
            raise _refused(
                person,
                action,
                unit,
                f"no post held grants it there (roles with it: {', '.join(roles) or 'none'})",
            )
        for standing in granted:
            if secrecy.rank <= standing.post.clearance.rank:
                return standing
        raise _refused(person, action, unit, f"secrecy {secrecy.value} is above the clearance")

    def _reaches(self, post: Post, action: str, unit: str) -> bool:
        for grant in self._granted.get(action, ()):
            if grant.role in post.roles:
                match grant.reach:
                    case Reach.ALL:
                        return True
                    case Reach.BELOW if unit in self.within(post.unit):
                        return True
                    case Reach.OWN if unit == post.unit:
                        return True
        return False

    def sees(self, person: str, on: datetime.date, action: str) -> frozenset[str]:
        """The codes of all units in which someone may do ``action`` with what is not secret."""
        posts = [standing.post for standing in self.standings(person, on)]
        return frozenset(
            unit.code
            for unit in self.units
            if any(self._reaches(post, action, unit.code) for post in posts)
        )

    def desk(self, action: str, unit: str, secrecy: Secrecy = Secrecy.BIASA) -> Post:
        """The first post of a unit that may do ``action`` there, with something of that secrecy: what
        waits for anyone to do it waits for that post. Raises NotFound where the unit has none."""
        for post in self.posts:
            cleared = secrecy.rank <= post.clearance.rank
            if post.unit == unit and cleared and self._reaches(post, action, unit):
                return post
        raise NotFound(
            f"The unit {unit!r} has no post that may do {action} with secrecy {secrecy.value}. Grant it "
            "to a role of one.",
            unit=unit,
            action=action,
        )

    def clearance(self, person: str, on: datetime.date) -> Secrecy:
        """The highest secrecy that someone sees on a day. Raises NotFound."""
        grades = [standing.post.clearance for standing in self.standings(person, on)]
        return max(grades, key=lambda grade: grade.rank, default=Secrecy.BIASA)

    # --- checking -------------------------------------------------------------------------------

    def _check_references(self) -> None:
        wanted: tuple[tuple[str, Iterable[object], str, Mapping[str, object]], ...] = (
            ("unit", self.units, "parent", self._unit),
            ("post", self.posts, "unit", self._unit),
            ("post", self.posts, "above", self._post),
            ("holder", self.holdings, "person", self._person),
            ("holder", self.holdings, "post", self._post),
        )
        for section, values, field, known in wanted:
            for place, value in enumerate(values):
                code = getattr(value, field)
                if code and code not in known:
                    raise _fault(section, place, field, f"{code!r} is not there; define it")

    def _check_holdings(self) -> None:
        places = {id(holding): place for place, holding in enumerate(self.holdings)}
        for code, found in self._held.items():
            if self._post[code].shared:
                continue
            for one, other in itertools.combinations(found, 2):
                alike = (one.capacity is Capacity.STAND_IN) == (other.capacity is Capacity.STAND_IN)
                if alike and one.overlaps(other):
                    raise _fault(
                        "holder",
                        places[id(other)],
                        "post",
                        f"{code!r} is held by {one.person} and {other.person} at the same time; end "
                        "one before the other begins, or make the post shared",
                    )


def _below(parents: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """Each unit with all that lead up to it."""
    found: dict[str, set[str]] = {code: set() for code in parents}
    for code in parents:
        above = code
        while above:
            found[above].add(code)
            above = parents[above]
    return {code: frozenset(below) for code, below in found.items()}


def _found(known: Mapping[str, _Value], code: str, what: str) -> _Value:
    try:
        return known[code]
    except (KeyError, TypeError):
        raise NotFound(
            f"There is no {what} {code!r} in this organisation.", **{what: code}
        ) from None


def _refused(person: str, action: str, unit: str, why: str) -> NotAllowed:
    return NotAllowed(
        f"{person} may not do {action} in {unit or 'no unit'}: {why}.",
        person=person,
        action=action,
        unit=unit,
    )


def _refuse_circle(section: str, above: Mapping[str, str], field: str) -> None:
    sound: set[str] = set()
    for place, start in enumerate(above):
        path: list[str] = []
        code = start
        while code and code not in sound:
            if code in path:
                raise _fault(section, place, field, f"leads from {start!r} back to {code!r}")
            path.append(code)
            code = above[code]
        sound.update(path)

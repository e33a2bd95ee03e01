"""Who works where, and who may do what: one place decides, and a file is checked line by line."""

from __future__ import annotations

import datetime

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipadek.archive import Secrecy
from sipadek.errors import InvalidInput, NotAllowed
from sipadek.people import (
    Capacity,
    Grant,
    Holding,
    Organisation,
    Person,
    Post,
    Reach,
    Unit,
    load_organisation,
    read_organisation,
)

DAY = datetime.date(2026, 11, 3)
TEXT = """\
[[unit]]
code = "KOTA"
name = "Kota Contoh"
kind = "kota"

[[unit]]
code = "KEC"
name = "Kecamatan Contoh"
kind = "kecamatan"
parent = "KOTA"

[[unit]]
code = "KEL"
name = "Kelurahan Contoh"
kind = "kelurahan"
parent = "KEC"

[[post]]
code = "CAMAT"
title = "Camat Contoh"
unit = "KEC"
roles = ["head"]
clearance = "R"

[[post]]
code = "LURAH"
title = "Lurah Contoh"
unit = "KEL"
roles = ["head"]
above = "CAMAT"

[[post]]
code = "LOKET"
title = "Petugas Loket"
unit = "KEL"
roles = ["desk"]
shared = true

[[person]]
id = "ani"
name = "Ani"

[[person]]
id = "budi"
name = "Budi"
nip = "198001012006041001"

[[holder]]
person = "ani"
post = "CAMAT"
since = 2024-01-01

[[holder]]
person = "budi"
post = "LURAH"
since = 2024-01-01

[[holder]]
person = "ani"
post = "LURAH"
since = 2026-11-02
until = 2026-11-04
capacity = "plh"

[[grant]]
role = "head"
action = "sign"
reach = "below"

[[grant]]
role = "desk"
action = "register"
"""


@pytest.fixture(scope="module")
def city() -> Organisation:
    return read_organisation(TEXT)


def test_a_stand_in_acts_in_the_place_of_who_is_absent(city: Organisation) -> None:
    before = datetime.date(2026, 11, 1)
    assert [one.person.id for one in city.holders("LURAH", before)] == ["budi"]
    (standing,) = city.holders("LURAH", DAY)
    assert (standing.person.id, standing.title) == ("ani", "Plh. Lurah Contoh")
    assert city.standings("budi", DAY) == ()
    with pytest.raises(NotAllowed, match="acts in no post"):
        city.permit("budi", "sign", on=DAY, unit="KEL")
    assert city.permit("budi", "sign", on=before, unit="KEL").post.code == "LURAH"


def test_a_vacant_post_has_an_acting_holder() -> None:
    text = TEXT.replace("until = 2026-11-04\n", "").replace('"plh"', '"plt"')
    with pytest.raises(InvalidInput, match="at the same time"):
        read_organisation(text)
    ended = text.replace(
        'person = "budi"\npost = "LURAH"\nsince = 2024-01-01',
        'person = "budi"\npost = "LURAH"\nsince = 2024-01-01\nuntil = 2026-11-01',
    )
    (standing,) = read_organisation(ended).holders("LURAH", DAY)
    assert standing.capacity is Capacity.ACTING
    assert standing.title == "Plt. Lurah Contoh"


def test_what_is_lacking_is_said(city: Organisation) -> None:
    def why(person: str, action: str, unit: str, **more: object) -> str:
        with pytest.raises(NotAllowed) as caught:
            city.permit(person, action, on=DAY, unit=unit, **more)  # type: ignore[arg-type]
        assert caught.value.code == "not-allowed"
        return caught.value.message

    assert "nobody of that id" in why("cici", "sign", "KEL")
    assert "roles with it: desk" in why("ani", "register", "KEL")
    assert "roles with it: none" in why("ani", "destroy", "KEL")
    assert "no post held" in why("ani", "sign", "KOTA")
    assert "above the clearance" in why("ani", "sign", "KEC", secrecy=Secrecy.SANGAT_RAHASIA)
    assert "does not act as LOKET" in why("ani", "sign", "KEL", post="LOKET")
    assert (
        city.permit("ani", "sign", on=DAY, unit="KEC", secrecy=Secrecy.RAHASIA).post.code == "CAMAT"
    )


def test_what_someone_sees(city: Organisation) -> None:
    assert city.sees("ani", DAY, "sign") == {"KEC", "KEL"}
    assert city.clearance("ani", DAY) is Secrecy.RAHASIA
    assert city.within("KOTA") == {"KOTA", "KEC", "KEL"}


@pytest.mark.parametrize(
    ("old", "new", "line", "field"),
    [
        ('name = "Kelurahan Contoh"', 'name = ""', 14, "name"),
        ('name = "Kelurahan Contoh"\n', "", 12, "name"),
        ('kind = "kota"', 'kind = "kota"\ncolour = "red"', 5, "colour"),
        ('kind = "kota"', "kind = 3", 4, "kind"),
        ('parent = "KEC"', 'parent = "KEX"', 16, "parent"),
        ('kind = "kota"', 'kind = "kota"\nparent = "KEL"', 5, "parent"),
        ('unit = "KEC"', 'unit = "X"', 21, "unit"),
        ('clearance = "R"', 'clearance = "X"', 23, "clearance"),
        ('roles = ["desk"]', 'roles = "desk"', 36, "roles"),
        ("shared = true", 'shared = "yes"', 37, "shared"),
        ('id = "budi"', 'id = "ani"', 44, "id"),
        ('post = "CAMAT"', 'post = "CAMA"', 50, "post"),
        ("since = 2026-11-02", 'since = "2026-11-02"', 61, "since"),
        ("until = 2026-11-04", "until = 2026-11-01", 62, "until"),
        ('capacity = "plh"', 'capacity = "pll"', 63, "capacity"),
        ('reach = "below"', 'reach = "above"', 68, "reach"),
        ('person = "budi"\npost = "LURAH"', 'person = "budi"\npost = "CAMAT"', 55, "post"),
    ],
)
def test_what_is_wrong_in_a_file_is_named_by_line_and_field(
    old: str, new: str, line: int, field: str
) -> None:
    assert old in TEXT
    with pytest.raises(InvalidInput) as caught:
        read_organisation(TEXT.replace(old, new, 1), name="kota.toml")
    assert (caught.value.fields["line"], caught.value.fields["field"]) == (line, field)
    assert f"kota.toml, line {line}:" in caught.value.message
    assert field in caught.value.message


def test_a_file_that_is_no_toml_or_has_other_sections(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidInput) as caught:
        read_organisation("[[unit]]\ncode = \n")
    assert caught.value.fields["line"] == 2
    with pytest.raises(InvalidInput, match="no section 'units'"):
        read_organisation("[[units]]\n")
    with pytest.raises(InvalidInput, match=r"write \[\[unit\]\]"):
        read_organisation("[unit]\ncode = 'A'\n")
    with pytest.raises(InvalidInput, match="cannot read"):
        load_organisation(tmp_path / "none.toml")
    (tmp_path / "kota.toml").write_text(TEXT)
    assert load_organisation(tmp_path / "kota.toml") == read_organisation(TEXT)


# --- rules ----------------------------------------------------------------------------------------

_UNITS = tuple(
    Unit(code=f"U{n}", name=f"U{n}", kind="opd", parent=f"U{n // 2}" if n else "") for n in range(6)
)
_DAYS = st.dates(datetime.date(2026, 1, 1), datetime.date(2026, 3, 1))


@st.composite
def organisations(draw: st.DrawFn) -> Organisation:
    posts = [
        Post(
            code=f"P{n}",
            title=f"P{n}",
            unit=draw(st.sampled_from(_UNITS)).code,
            roles=draw(st.lists(st.sampled_from("ab"), max_size=2)),
            clearance=draw(st.sampled_from(Secrecy)),
            shared=True,
        )
        for n in range(4)
    ]
    people = [Person(id=f"o{n}", name=f"O{n}") for n in range(3)]
    holdings = []
    for _ in range(draw(st.integers(0, 6))):
        since = draw(_DAYS)
        until = draw(
            st.none() | st.integers(0, 40).map(lambda n, s=since: s + datetime.timedelta(n))
        )
        holdings.append(
            Holding(
                person=draw(st.sampled_from(people)).id,
                post=draw(st.sampled_from(posts)).code,
                since=since,
                until=until,
            )
        )
    grants = [
        Grant(
            role=draw(st.sampled_from("ab")),
            action=draw(st.sampled_from("xy")),
            reach=draw(st.sampled_from(Reach)),
        )
        for _ in range(draw(st.integers(0, 4)))
    ]
    return Organisation(units=_UNITS, posts=posts, people=people, holdings=holdings, grants=grants)


def _above(unit: str) -> set[str]:
    found = set()
    parents = {each.code: each.parent for each in _UNITS}
    while unit:
        found.add(unit)
        unit = parents[unit]
    return found


@given(organisations(), st.sampled_from(["o0", "o1", "o2"]), st.sampled_from("xy"), _DAYS,
       st.sampled_from(_UNITS), st.sampled_from(Secrecy))  # fmt: skip
def test_permit_says_what_the_table_says(
    city: Organisation, person: str, action: str, day: datetime.date, unit: Unit, secrecy: Secrecy
) -> None:
    posts = {each.code: each for each in city.posts}
    allowed = {
        holding.post
        for holding in city.holdings
        if holding.person == person and holding.covers(day)
        and posts[holding.post].clearance.rank >= secrecy.rank
        for grant in city.grants
        if grant.role in posts[holding.post].roles and grant.action == action
        and {
            Reach.ALL: True,
            Reach.OWN: unit.code == posts[holding.post].unit,
            Reach.BELOW: posts[holding.post].unit in _above(unit.code),
        }[grant.reach]
    }  # fmt: skip
    if allowed:
        standing = city.permit(person, action, on=day, unit=unit.code, secrecy=secrecy)
        assert standing.post.code in allowed
    else:
        with pytest.raises(NotAllowed):
            city.permit(person, action, on=day, unit=unit.code, secrecy=secrecy)


def test_values_refuse_what_cannot_be_written() -> None:
    with pytest.raises(InvalidInput):
        Unit(code="A B", name="x", kind="opd")
    with pytest.raises(InvalidInput):
        attrs.evolve(_UNITS[0], name="two\nlines")

"""NIK and nomor KK: what can be one, and that nothing tells more than four digits of it."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipadek.errors import InvalidInput
from sipadek.naskah import FamilyCardNumber, Nik, mask_identities, masked, masked_name

TODAY = datetime.date(2026, 11, 24)
_BORN = st.dates(datetime.date(1926, 11, 25), TODAY)
_SERIAL = st.integers(1, 9999)
_PART = st.integers(1, 99)


def _digits(born: datetime.date, female: bool, serial: int, district: int = 99) -> str:
    day = born.day + 40 * female
    return f"1571{district:02}{day:02}{born:%m%y}{serial:04}"


@given(_BORN, st.booleans(), _SERIAL, _PART)
def test_a_nik_tells_birth_sex_and_region(
    born: datetime.date, female: bool, serial: int, district: int
) -> None:
    digits = _digits(born, female, serial, district)
    spaced = " ".join(digits[n : n + 4] for n in range(0, 16, 4))
    for text in (digits, spaced):
        nik = Nik.read(text, today=TODAY)
        assert (nik.digits, nik.born, nik.female) == (digits, born, female)
        assert nik.region == digits[:6]
        assert digits[:12] not in f"{nik} {nik!r}"
        assert str(nik) == masked(digits) == "*" * 12 + digits[12:]


@given(_BORN, _SERIAL)
def test_a_family_card_has_no_forty(recorded: datetime.date, serial: int) -> None:
    digits = _digits(recorded, False, serial)
    card = FamilyCardNumber.read(digits, today=TODAY)
    assert (card.digits, card.recorded, card.region) == (digits, recorded, "157199")
    assert digits[:12] not in f"{card} {card!r}"
    with pytest.raises(InvalidInput) as caught:
        FamilyCardNumber.read(_digits(recorded, True, serial), today=TODAY)
    assert caught.value.fields == {"field": "kk"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "157199010190000",  # 15 digits
        "15719901019000011",
        "1571990101900O01",
        "１５７１９９０１０１９００００１",
        "0571990101900001",  # no such province
        "1500990101900001",
        "1571000101900001",
        "1571990001900001",  # day 00
        "1571993202900001",  # day 32
        "1571997202900001",  # a woman's day 32
        "1571993002900001",  # 30 February
        "1571990113900001",  # month 13
        "1571990101900000",  # serial 0000
    ],
)
def test_what_can_be_no_nik_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Nik.read(text, today=TODAY, name="nik_ibu")
    assert caught.value.fields == {"field": "nik_ibu"}
    assert not text or text not in caught.value.message


def test_a_birth_to_come_was_a_century_ago() -> None:
    assert Nik.read("1571992511260001", today=TODAY).born == datetime.date(1926, 11, 25)
    assert Nik.read("1571992411260001", today=TODAY).born == TODAY


def test_a_nik_is_text() -> None:
    with pytest.raises(InvalidInput):
        Nik.read(1571990101900001, today=TODAY)  # type: ignore[arg-type]


@given(_BORN, st.booleans(), _SERIAL, st.sampled_from(["", " ", ".", "-"]), st.text(max_size=30))
def test_texts_keep_four_digits(
    born: datetime.date, female: bool, serial: int, between: str, around: str
) -> None:
    digits = _digits(born, female, serial)
    written = between.join(digits[n : n + 4] for n in range(0, 16, 4))
    text = mask_identities(f"{around} NIK: {written}, {around}")
    assert f" NIK: {'*' * 12}{digits[12:]}, " in text
    assert written not in text


@given(st.text(alphabet="0123456789 ./-ab", max_size=40))
def test_other_texts_are_left_alone(text: str) -> None:
    out = mask_identities(text)
    if "*" not in out:
        assert out == text
    assert mask_identities(out) == out
    assert mask_identities("NIP 197001012000031001, 20 digit 12345678901234567890") == (
        "NIP 197001012000031001, 20 digit 12345678901234567890"
    )


def test_names_keep_their_first_letters() -> None:
    assert masked_name("Siti  Contoh A.") == "S*** C***** A*"

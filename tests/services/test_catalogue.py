"""The catalogue that comes along is whole; one that cannot work is refused with line and field."""

from __future__ import annotations

import datetime
import importlib.resources
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipadek.errors import FieldsMissing, InvalidInput, NotFound
from sipadek.services import (
    Service,
    Signing,
    Validity,
    default_catalogue,
    load_catalogue,
    read_catalogue,
)

TEXT = importlib.resources.files("sipadek.services").joinpath("services.toml").read_text("utf-8")
TODAY = datetime.date(2026, 11, 24)
SAMPLES = {
    "text": "Contoh",
    "nik": "1571994101900001",
    "kk": "1571990101150001",
    "date": "1990-01-01",
    "number": "3",
    "rupiah": "1.500.000",
}


def answers(service: Service) -> dict[str, str]:
    """Values that the service takes."""
    return {
        field.name: field.choices[0] if field.choices else SAMPLES[field.type]
        for field in service.fields
    }


def test_the_services_of_a_kelurahan_are_there_and_free() -> None:
    catalogue = default_catalogue()
    assert {
        "domisili", "usaha", "sktm", "kelahiran", "kematian", "pindah", "pengantar-skck",
        "belum-menikah", "pengantar-nikah", "ahli-waris",
    } <= set(catalogue.services)  # fmt: skip
    assert all(service.fee == 0 for service in catalogue.services.values())
    assert all(service.source for service in catalogue.services.values())
    assert [each.post for each in catalogue.service("ahli-waris").signed_by] == ["lurah", "camat"]
    assert catalogue.service("ahli-waris").signed_by[1] == Signing(
        post="camat", level="above", action="Dicatat dan dikuatkan"
    )
    with pytest.raises(NotFound):
        catalogue.service("paspor")


@pytest.mark.parametrize("code", sorted(default_catalogue().services))
def test_every_service_takes_a_whole_application(code: str) -> None:
    catalogue = default_catalogue()
    service = catalogue.service(code)
    given = answers(service)
    values = service.read(given, today=TODAY, provinces=catalogue.provinces)
    assert list(values) == [field.name for field in service.fields]
    assert service.read(values, today=TODAY) == values
    assert all("{" not in text for text in service.text(values))
    assert dict(service.rows(values))["Nama" if "nama" in values else "-"] == "Contoh"
    for field in service.fields:
        if field.required:
            with pytest.raises(FieldsMissing) as caught:
                service.read({**given, field.name: "  "}, today=TODAY)
            assert caught.value.fields["missing"] == (field.name,)
            assert field.label in caught.value.message


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("nik", "1571994101900000"),
        ("nik", "9971994101900001"),
        ("kk", "1571994101150001"),
        ("tanggal_lahir", "1990-02-30"),
        ("tanggal_lahir", "0001-01-01"),
        ("jenis_kelamin", "lain"),
        ("nama", "x" * 501),
        ("nama", "Siti\u202eContoh"),
        ("nama", "Siti\x00Contoh"),
    ],
)
def test_a_wrong_value_is_named_and_not_repeated(name: str, wrong: str) -> None:
    catalogue = default_catalogue()
    service = catalogue.service("domisili")
    with pytest.raises(InvalidInput) as caught:
        service.read(answers(service) | {name: wrong}, today=TODAY, provinces=catalogue.provinces)
    assert caught.value.fields["field"] == name
    assert wrong not in caught.value.message


def test_a_field_that_is_not_asked_for_is_refused() -> None:
    service = default_catalogue().service("domisili")
    with pytest.raises(InvalidInput, match="gaji"):
        service.read(answers(service) | {"gaji": "1"}, today=TODAY)


def test_values_are_written_as_letters_write_them() -> None:
    service = default_catalogue().service("penghasilan")
    values = service.read(answers(service) | {"penghasilan": "Rp 1.500.000"}, today=TODAY)
    assert values["penghasilan"] == "1500000"
    assert "Rp1.500.000,00 setiap bulan" in service.text(values)[0]
    death = default_catalogue().service("kematian")
    said = answers(death)
    del said["sebab_meninggal"]
    assert "1 Januari 1990 di Contoh karena -." in death.text(death.read(said, today=TODAY))[0]


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        ('code = "usaha"', 'code = "domisili"', "service.2.code"),
        ('code = "usaha"', 'code = "Usaha Kecil"', "service.2.code"),
        ("promise = { minutes = 15 }", "promise = { minutes = 15, days = 1 }", "service.1.promise"),
        ("promise = { minutes = 15 }", "promise = 15", "service.1.promise"),
        ("validity = { months = 1 }", "validity = { month = 1 }", "service.1.validity"),
        ("validity = { months = 1 }", "validity = {}", "service.1.validity"),
        ("fee = 0", "fee = -1", "service.1.fee"),
        ("fee = 0", "fees = 0", "service.1.fee"),
        ("{keperluan}", "{maksud}", "service.1.paragraphs"),
        ("{keperluan}", "{keperluan", "service.1.paragraphs"),
        ("{keperluan}", "{keperluan.__class__}", "service.1.paragraphs"),
        ('"agama", "pekerjaan"', '"agama", "kerja"', "service.1.fields"),
        ('"agama", "pekerjaan"', '"agama", "agama"', "service.1.fields"),
        ('"alamat", "keperluan"]', '"alamat", "keperluan"]\nholder = "nik"', "service.1.holder"),
        ('level = "above"', 'level = "below"', "service.10.signed_by.2.level"),
        ('signed_by = [{ post = "lurah" }]', "signed_by = []", "service.1.signed_by"),
        ('label = "Nama Usaha"', "label = 3", "field.12.label"),
        ('label = "Nama Usaha"', 'label = " "', "field.12.label"),
        ('name = "kk"', 'name = "nik"', "field.3.name"),
        ('type = "kk"', 'type = "sim"', "field.3.type"),
        ("shown = false", 'shown = "no"', "field.3.shown"),
        ('type = "kk"', 'type = "kk"\nchoices = ["a"]', "field.3.choices"),
        ('kamis = ["07:30-12:00"', 'kamis = ["07:30-25:00"', "working_time.hours.kamis"),
        ('kamis = ["07:30-12:00"', 'kamis = ["7.30-12.00"', "working_time.hours.kamis"),
        ('kamis = ["07:30-12:00"', 'kamis = ["07:30-13:30"', "working_time.hours"),
        ('kamis = ["07:30', 'kemis = ["07:30', "working_time.hours.kemis"),
        ("2026-01-01 =", "2026-02-30 =", "working_time.holidays.2026-02-30"),
        ('"Asia/Jakarta"', '"Asia/Jambi"', "working_time.timezone"),
        ('  "11", "12"', '  "11", "1"', "regions.provinces"),
        ("[regions]", "[region]", "region"),
        ("[regions]", "[regions", ""),
    ],
)
def test_a_mistake_is_told_with_line_and_field(before: str, after: str, field: str) -> None:
    place = TEXT.index(before)
    with pytest.raises(InvalidInput) as caught:
        read_catalogue(TEXT.replace(before, after, 1), file="katalog.toml")
    told = caught.value.fields
    assert (told["file"], told["field"]) == ("katalog.toml", field)
    assert f"line {told['line']}" in caught.value.message
    changed = TEXT.replace(before, after, 1).splitlines()
    written = TEXT[:place].count("\n") + 1 + after.count("\n")
    begins = max(n for n, line in enumerate(changed[: told["line"]], 1) if line.startswith("["))
    assert told["line"] in (written, begins, _begins(changed, written))


def _begins(lines: list[str], written: int) -> int:
    """Where the key whose value stands on that line is written."""
    return max(n for n, line in enumerate(lines[:written], 1) if re.match(r"\S+ =", line))


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "layanan.toml"
    path.write_text(TEXT, encoding="utf-8")
    assert load_catalogue(path) == default_catalogue()
    path.write_bytes(TEXT.encode()[:200] + b"\n\xff")
    with pytest.raises(InvalidInput, match=r"layanan\.toml, line \d+"):
        load_catalogue(path)


@given(st.dates(datetime.date(1990, 1, 1), datetime.date(2100, 1, 1)), st.integers(1, 60))
def test_a_month_ends_on_the_same_day(date: datetime.date, months: int) -> None:
    last = Validity(months=months).last_day(date)
    assert last is not None
    assert (last.year * 12 + last.month) - (date.year * 12 + date.month) == months
    assert last.day == date.day or (
        last.day < date.day and (last + datetime.timedelta(days=1)).day == 1
    )
    assert Validity().last_day(date) is None
    assert Validity(days=30).last_day(date) == date + datetime.timedelta(days=30)


def test_validity_is_written_in_words() -> None:
    assert [str(Validity(months=1)), str(Validity(days=30)), str(Validity())] == [
        "1 bulan",
        "30 hari",
        "tidak dibatasi",
    ]

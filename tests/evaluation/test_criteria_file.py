"""Criteria are a file: what cannot work is refused, with its line and field."""

from __future__ import annotations

import importlib.resources
from pathlib import Path

import pytest
from scored import TEXT

from sipadek import people
from sipadek.errors import InvalidInput, StorageFailed
from sipadek.evaluation import (
    MEASURES,
    Unit,
    default_criteria,
    load_criteria,
    load_units,
    read_criteria,
    read_units,
)
from sipadek.people import Organisation

DEFAULT = (
    importlib.resources.files("sipadek.evaluation").joinpath("criteria.toml").read_text("utf-8")
)


def test_the_packaged_criteria_say_where_everything_is_from() -> None:
    criteria = default_criteria()
    assert list(criteria.measures) == list(MEASURES)
    assert [each.code for each in criteria.categories] == ["kurang", "cukup", "baik", "sangat-baik"]
    for each in (*criteria.measures.values(), *criteria.categories, *criteria.unit_kinds):
        assert each.source


@pytest.mark.parametrize(
    ("code", "kind"),
    [("KEL-LEGOK", "kelurahan"), ("KEC-TELANAIPURA", "kecamatan"), ("DISKOMINFO", "opd")],
)
def test_the_kind_of_a_unit_is_told_by_its_code(code: str, kind: str) -> None:
    found = default_criteria().unit_kind(Unit(code=code))
    assert found is not None
    assert found.code == kind


def test_a_unit_may_say_its_kind_itself() -> None:
    found = default_criteria().unit_kind(Unit(code="BAGIAN-UMUM", kind="kecamatan"))
    assert found is not None
    assert found.code == "kecamatan"
    with pytest.raises(InvalidInput, match="puskesmas"):
        default_criteria().unit_kind(Unit(code="X", kind="puskesmas"))


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('name = "Uji"', "", "name"),
        ('timezone = "Asia/Jakarta"', 'timezone = "Jambi"', "timezone"),
        ("kind_share = 0.05", "kind_share = 1.5", "breadth.kind_share"),
        ("kind_share = 0.05", "kind_share = nan", "breadth.kind_share"),
        ("kind_limit = 0.5", "kind_limit = 0", "breadth.kind_limit"),
        ("kind_limit = 0.5", "", "breadth.kind_limit"),
        ("kind_limit = 0.5", "kind_limit = 0.5\nlain = 1", "breadth.lain"),
        ('"tugas", "sppd"', '"tugas"]\ndinas = ["tugas"', "groups.dinas"),
        ("letters = 20", "letters = 0", "unit_kind.1.letters"),
        ("kinds = 4", "kinds = 2.5", "unit_kind.1.kinds"),
        ("least = 1.0", "least = 1.2", "category.1.least"),
        ("least = 3.0", "least = 2.0", "category.3.least"),
        ("least = 4.0", "least = 5.5", "category.4.least"),
        ('colour = "#000000"', 'colour = "merah"', "category.1.colour"),
        ('code = "volume"', 'code = "banyak"', "measure.1.code"),
        ('code = "breadth"', 'code = "volume"', "measure.2.code"),
        ("weight = 20", "weight = -1", "measure.1.weight"),
        ("worst = 0.0\nbest = 1.0", "worst = 1.0\nbest = 1.0", "measure.1.best"),
        ("worst = 0.0\nbest = 1.0", "worst = 1.0\nbest = 0.0", "measure.1.best"),
        ("worst = 9.0\nbest = 1.0", "worst = 1.0\nbest = 9.0", "measure.5.best"),
        ("minimum = 0.2", "minimum = 1.1", "measure.1.minimum"),
        ("minimum = 0.2", "minimum = 0.2\nminimum_from = 3", "measure.1.minimum_from"),
        ('written = "percent"', 'written = "rupiah"', "measure.1.written"),
    ],
)
def test_what_cannot_work_is_refused_by_name(old: str, new: str, field: str) -> None:
    assert old in TEXT
    with pytest.raises(InvalidInput) as refused:
        read_criteria(TEXT.replace(old, new, 1), file="ukuran.toml")
    assert refused.value.fields["field"] == field
    assert refused.value.message.startswith("ukuran.toml, line ")


def test_a_measure_that_is_left_out_is_named() -> None:
    text = TEXT[: TEXT.index('\n[[measure]]\ncode = "on-time"')]
    with pytest.raises(InvalidInput, match="on-time is missing"):
        read_criteria(text)


def test_something_must_count() -> None:
    with pytest.raises(InvalidInput, match="no measure has a weight"):
        read_criteria(
            TEXT.replace("weight = 20", "weight = 0").replace("weight = 10", "weight = 0")
        )


def test_a_kind_of_unit_behind_the_one_for_all_others_is_refused() -> None:
    more = TEXT + (
        '[[unit_kind]]\ncode = "lain"\nname = "Lain"\nletters = 1\nkinds = 1\nsource = "uji"\n'
        '[[unit_kind]]\ncode = "kec"\nname = "K"\nprefixes = ["KEC-"]\nletters = 1\nkinds = 1\n'
        'source = "uji"\n'
    )
    with pytest.raises(InvalidInput, match="put that last"):
        read_criteria(more)


def test_criteria_of_the_citys_own_are_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "ukuran.toml"
    path.write_text(DEFAULT.replace("least = 1.8", "least = 2.0"), encoding="utf-8")
    assert load_criteria(path).categories[1].least == 2
    path.write_bytes(b"name = '\xff'")
    with pytest.raises(InvalidInput, match="UTF-8"):
        load_criteria(path)
    with pytest.raises(StorageFailed):
        load_criteria(tmp_path / "tidak-ada.toml")


def test_units_are_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "unit.toml"
    path.write_text(
        '[[unit]]\ncode = "KEL-A"\nname = "Kelurahan A"\nsize = 4000\n', encoding="utf-8"
    )
    assert load_units(path) == (Unit(code="KEL-A", name="Kelurahan A", size=4000),)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "unit"),
        ('[[unit]]\nname = "A"', "unit.1.code"),
        ('[[unit]]\ncode = "A"\n[[unit]]\ncode = "A"', "unit.2.code"),
        ('[[unit]]\ncode = "A"\nsize = "besar"', "unit.1.size"),
        ('[[unit]]\ncode = "A"\nukuran = 3', "unit.1.ukuran"),
    ],
)
def test_a_list_of_units_that_cannot_work_is_refused(text: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_units(text)
    assert refused.value.fields["field"] == field


def test_the_units_of_an_organisation_are_those_of_a_known_kind() -> None:
    organisation = Organisation(
        units=[
            people.Unit(code="KOTA", name="Kota", kind="kota"),
            people.Unit(code="KEL-A", name="Kelurahan A", kind="kelurahan", parent="KOTA"),
            people.Unit(code="DISKOMINFO", name="Dinas", kind="opd", parent="KOTA"),
            people.Unit(code="UMUM", name="Bagian Umum", kind="bagian", parent="DISKOMINFO"),
        ],
        posts=(),
        people=(),
        holdings=(),
    )
    assert default_criteria().units_of(organisation) == (
        Unit(code="KEL-A", name="Kelurahan A", kind="kelurahan"),
        Unit(code="DISKOMINFO", name="Dinas", kind="opd"),
    )

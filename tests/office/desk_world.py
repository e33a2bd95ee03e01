"""Cities whose people write letters, and a typesetter that costs nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

import sipadek
from sipadek.correspondence import GRANTS, Draft
from sipadek.numbering import Rule, Rules
from sipadek.office.correspondence import Correspondence
from sipadek.people import Organisation, load_organisation
from sipadek.testing.pdfs import PdfRecipe, build

CITY = load_organisation(Path(__file__).parent.parent.parent / "examples" / "kota-contoh.toml")
RULES = Rules([Rule(series="surat")])
DESK = {"rules": RULES, "agenda": "agenda"}


class PlainTypesetter:
    """One line of text that holds the tags and the subject."""

    def typeset(self, sheet: Mapping[str, Any], /) -> bytes:
        texts = [*sheet.get("tags", {}).values(), sheet["subject"], sheet.get("date", "")]
        return build(PdfRecipe(texts=("  ".join(texts),)))


def city(suffix: str = "", **changes: Any) -> Organisation:
    """The city of the example; with a suffix all its codes end so, and it is another city."""

    def named(value: Any, *names: str) -> Any:
        return attrs.evolve(
            value,
            **{name: getattr(value, name) and getattr(value, name) + suffix for name in names},
        )

    values: dict[str, Any] = {
        "units": [named(unit, "code", "parent") for unit in CITY.units],
        "posts": [named(post, "code", "unit", "above") for post in CITY.posts],
        "people": [named(person, "id") for person in CITY.people],
        "holdings": [named(holding, "person", "post") for holding in CITY.holdings],
        "grants": GRANTS,
    }
    return Organisation(**values | changes)


def draft(suffix: str = "", **changes: Any) -> Draft:
    """A letter of the SETDA to the DISKOMINFO, with two paraf."""
    values: dict[str, Any] = {
        "kind": "surat-dinas",
        "unit": "SETDA" + suffix,
        "subject": "Daftar aplikasi",
        "classification": "000.1.5",
        "signatory": "SEKDA" + suffix,
        "chain": ["KABAG" + suffix, "ASISTEN" + suffix],
        "to": ["DISKOMINFO" + suffix],
        "content": {"paragraphs": ["Mohon daftar aplikasi."]},
    }
    return Draft(**values | changes)


class World:
    """A city of its own, its desk, and people by their bare names."""

    count = 0

    def __init__(self, office: sipadek.Office, signer: sipadek.KeySigner, **changes: Any) -> None:
        World.count += 1
        self.suffix = f"-{World.count}"
        self.office, self.signer = office, signer
        self.city = city(self.suffix, **changes)
        self.desk: Correspondence = office.correspondence(
            self.city, typesetter=PlainTypesetter(), **DESK
        )

    def __call__(self, name: str) -> str:
        return name + self.suffix

    def draft(self, **changes: Any) -> Draft:
        return draft(self.suffix, **changes)

    def passed(self, **changes: Any) -> str:
        """A letter that waits for its signature."""
        case = self.desk.draft(self.draft(**changes), actor=self("citra"))
        self.desk.submit(case.id, actor=self("citra"))
        self.desk.paraf(case.id, actor=self("bambang"))
        assert self.desk.paraf(case.id, actor=self("agus")).state == "signature"
        return case.id

    def signed(self, **changes: Any) -> str:
        case = self.passed(**changes)
        self.desk.sign(case, actor=self("ratna"), signer=self.signer)
        return case

    def arrived(self, **changes: Any) -> str:
        """A letter that was sent to the DISKOMINFO: its case there."""
        self.desk.send(self.signed(**changes), actor=self("dedi"))
        (case,) = self.desk.work(self("fajar")).cases
        return case.id

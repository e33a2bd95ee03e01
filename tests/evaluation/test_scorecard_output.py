"""What is made of a scorecard: a page, a table, JSON. Nothing in it can run or break out."""

from __future__ import annotations

import csv
import html.parser
import io
import json
import re

import attrs
import pytest
from scored import CRITERIA, END, application, disposition, letter

from sipadek.errors import InvalidInput, NotFound
from sipadek.evaluation import (
    Period,
    Scorecard,
    Unit,
    Way,
    category_counts,
    evaluate,
    scorecard_page,
    scorecard_value,
    unit_value,
    write_scorecard_csv,
)
from sipadek.testing.memory_facts import MemoryFacts

HOSTILE = '=1+1<script>alert("x")</script>&'


class _Page(html.parser.HTMLParser):
    """Tags that were opened, and whether all were closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: object) -> None:
        self.tags.append(tag)
        if tag not in {"meta"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: object) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture(scope="module")
def found() -> Scorecard:
    letters = [letter(kind) for kind in ("dinas", "nota", "undangan", "tugas") for _ in range(5)]
    letters += [letter(way=Way.BY_HAND, unit="KEL-B") for _ in range(30)]
    letters += [letter(unit="DINAS-X", name="n"), letter(unit="")]
    criteria = attrs.evolve(CRITERIA, name=f"Penilaian {HOSTILE}")
    return evaluate(
        MemoryFacts(letters, [disposition(2)], [application(20)]),
        period=Period.parse("2026"),
        at=END,
        criteria=criteria,
        units=[Unit(code="KEL-A", name="Kelurahan A"), Unit(code="KEL-B", name=HOSTILE)],
    )


def test_the_page_is_whole_and_escaped(found: Scorecard) -> None:
    text = scorecard_page(found, office=HOSTILE)
    page = _Page(text)
    assert page.open == []
    assert "script" not in page.tags
    assert "default-src 'none'" in text
    assert not re.search(r"(?:src|href)=[\"'](?!#)", text)
    shown = "".join(page.texts)
    assert shown.count(HOSTILE) >= 4  # title, heading, table, detail
    for wanted in ("Tahun 2026", "keadaan sampai 1 Januari 2027", "Kelurahan A", "Cara menilai"):
        assert wanted in shown


def test_the_page_shows_every_unit_as_a_dot_and_in_detail(found: Scorecard) -> None:
    text = scorecard_page(found, office="Kota")
    assert text.count("<circle") == len(found.scores)
    assert text.count("<details") == len(found.scores)
    assert text.count('class="n missed"') == sum(len(each.missed) for each in found.scores)
    assert "Tidak dinilai" in text
    assert "DINAS-X (1)" in text


def test_units_of_no_kind_are_told_and_not_measured(found: Scorecard) -> None:
    assert found.unplaced == {"": 1, "DINAS-X": 1}
    assert [each.unit.code for each in found.scores] == ["KEL-A", "KEL-B"]
    assert category_counts(found.scores) == {("kel", "sangat"): 1, ("kel", "kurang"): 1}


def test_the_values_are_json_and_add_up(found: Scorecard) -> None:
    value = json.loads(json.dumps(scorecard_value(found)))
    assert value["period"] == "2026"
    for unit in value["units"]:
        parts = sum(part["contribution"] for part in unit["parts"])
        assert parts + unit["deduction"] == pytest.approx(unit["score"], abs=1e-12)
    assert value["units"][0] == unit_value(found.score("KEL-A"))
    assert {"code", "kind", "category", "score"} <= value["units"][0].keys()


def test_the_table_can_be_read_back_and_runs_nothing(found: Scorecard) -> None:
    file = io.BytesIO()
    write_scorecard_csv(found, file)
    head, *rows = csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig")))
    assert head[:5] == ["Kode", "Unit", "Jenis unit", "Sebutan", "Nilai"]
    assert all(len(row) == len(head) for row in rows)
    weak = dict(zip(head, rows[1], strict=True))
    assert weak["Unit"] == f"'{HOSTILE}"
    assert weak["Syarat"] == "breadth; signed; direct"
    sums = [float(weak[name]) for name in head if name.endswith("sumbangan")]
    assert sum(sums) + float(weak["Pengurang"]) == pytest.approx(float(weak["Nilai"]), abs=1e-3)


def test_what_does_not_stand_behind_a_score_is_refused(found: Scorecard) -> None:
    with pytest.raises(NotFound, match="KEL-Z"):
        list(found.behind("KEL-Z", "volume"))
    with pytest.raises(InvalidInput, match="no measure"):
        list(found.behind("KEL-A", "kecepatan"))
    with pytest.raises(InvalidInput, match="no letters"):
        list(found.letters("KEL-A", "service"))
    assert [each.way for each in found.letters("KEL-B", "signed", good=False)] == [Way.BY_HAND] * 30

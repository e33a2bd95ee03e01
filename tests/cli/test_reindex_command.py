"""sipadek reindex, and searching with another engine."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from command_line import Run

import sipadek
from sipadek.archive import LetterDetails, ReservationRequest


def test_reindex_makes_an_index_anew_and_search_asks_it(run: Run, office: Path) -> None:
    with sipadek.open(office) as opened:
        opened.define_series("nota", "N/{nomor}/{tahun}")
        day = datetime.date(2026, 11, 3)
        details = LetterDetails(series="nota", subject="Undangan rapat", date=day)
        opened.numbers.give([ReservationRequest(key="nota", details=details)])
    own = run("reindex", office)
    assert (own.code, own.out) == (0, "the index fts5 was made anew\n")
    made = run("reindex", office, "--engine", "whoosh", "--json")
    assert (made.code, made.value) == (0, {"engine": "whoosh", "lag": 0})
    assert (office / "index" / "whoosh" / "mark.json").exists()
    for engine in ((), ("--engine", "whoosh")):
        assert run("search", office, "undangan", *engine, "--json").value["total"] == 1


@pytest.mark.parametrize("command", [("reindex",), ("search", "kata")])
def test_an_engine_that_is_not_there(run: Run, office: Path, command: tuple[str, ...]) -> None:
    refused = run(command[0], office, *command[1:], "--engine", "lucene", "--json")
    assert (refused.code, refused.value["error"]["code"]) == (2, "invalid-input")

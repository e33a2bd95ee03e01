"""Let a made-up city work for a year, then score its units from register and ledger alone.

    python examples/scorecard_city.py --json

The city is as the evaluation of early 2022 found Kota Jambi: good offices, and 37 of 62 kelurahan weak.
Names, sizes and habits are made up. Its letters are numbered and issued in a real register, without
PDFs; with --full each of them is a PDF that is stamped, and signed with a throw-away key, and the whole
office is audited afterwards.

    python examples/scorecard_city.py --full --share 0.1 --office kota --html kota.html

--share works for that part of the year's days only, and scores what there is by then.
"""

from __future__ import annotations

import datetime
import json as json_
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

import sipadek
from sipadek import Signer
from sipadek.evaluation import Scorecard, Unit, scorecard_page, scorecard_value
from sipadek.testing.authority import Authority
from sipadek.testing.city import City, evaluation_2022, make_city
from sipadek.testing.city_office import CityClock, record_year

console = Console(stderr=True)


def main(
    json: Annotated[bool, typer.Option("--json", help="one JSON document")] = False,
    full: Annotated[bool, typer.Option("--full", help="file PDFs, and audit them")] = False,
    share: Annotated[float, typer.Option(help="of the year's days", min=0.01, max=1.0)] = 1.0,
    seed: Annotated[int | None, typer.Option(help="another city, as the dice make it")] = None,
    office: Annotated[Path | None, typer.Option(help="keep the office in this new folder")] = None,
    html: Annotated[Path | None, typer.Option(help="write the scorecard's page there")] = None,
    workers: Annotated[int, typer.Option(help="processes that stamp and sign, 0 for none")] = 2,
) -> None:
    """Score the units of a made-up city after its year."""
    city = evaluation_2022() if seed is None else make_city(seed)
    with tempfile.TemporaryDirectory() as folder:
        place = office or Path(folder) / "kota"
        if place.exists():
            raise sipadek.SipadekError(f"{place} exists already; name a new folder")
        document = _work(city, place, full=full, share=share, html=html, workers=workers)
    if json:
        print(json_.dumps(document, ensure_ascii=False, indent=1))
    else:
        _tell(document)


def _work(
    city: City, place: Path, *, full: bool, share: float, html: Path | None, workers: int
) -> dict[str, Any]:
    clock = CityClock()
    seconds: dict[str, float] = {}
    with (
        ProcessPoolExecutor(workers) if full and workers else nullcontext() as pool,
        sipadek.open(place, clock=clock) as opened,
        Progress(console=console) as bar,
    ):
        signer = _signer(opened, clock.now) if full else None
        task = bar.add_task("The year", total=None)
        started = time.perf_counter()
        recorded = record_year(
            opened, city, clock=clock, share=share, pdfs=full, signer=signer, executor=pool,
            progress=lambda done, of: bar.update(task, completed=done, total=of),
        )  # fmt: skip
        seconds["year"] = time.perf_counter() - started
        clock.now += datetime.timedelta(days=1 if share < 1 else 10)
        started = time.perf_counter()
        units = [Unit(code=u.code, name=u.name, kind=u.kind, size=u.size) for u in city.units]
        card = opened.scorecard(str(city.year), units=units)
        seconds["scorecard"] = time.perf_counter() - started
        findings = 0
        if full:
            started = time.perf_counter()
            findings = len(opened.audit().findings)
            seconds["audit"] = time.perf_counter() - started
    if html is not None:
        html.write_text(scorecard_page(card, office="Kota Contoh"), encoding="utf-8")
    return {
        **_weak(card, city),
        "letters": recorded.letters,
        "cases": recorded.cases,
        "findings": findings if full else None,
        "seconds": {name: round(each, 1) for name, each in seconds.items()},
        **scorecard_value(card),
    }


def _weak(card: Scorecard, city: City) -> dict[str, list[str]]:
    lowest = card.criteria.categories[0].code
    found = [score.unit.code for score in card.scores if score.category.code == lowest]
    return {"made_weak": sorted(city.made_weak), "found_weak": sorted(found)}


def _signer(office: sipadek.Office, now: datetime.datetime) -> Signer:
    authority = Authority.create(now=now)
    office.trust(authority.root)
    return authority.issue("Pejabat Kota", key="p256").signer()


def _tell(document: dict[str, Any]) -> None:
    for unit in document["units"]:
        print(f"{unit['code']:9} {unit['kind']:10} {unit['category']:12} {unit['score']:.2f}")
    made, found = document["made_weak"], document["found_weak"]
    print(f"made weak: {len(made)}, found weak: {len(found)}, the same: {made == found}")
    print(f"{document['letters']} letters, {document['cases']} cases, {document['seconds']} s")
    if document["findings"] is not None:
        print(f"audit: {document['findings'] or 'clean'}")


if __name__ == "__main__":
    try:
        typer.run(main)
    except (sipadek.SipadekError, OSError) as error:
        raise SystemExit(f"scorecard_city: {error}") from None

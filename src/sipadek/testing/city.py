"""A made-up city: its offices, districts and wards, and the habits with which they use the system.

Kota Jambi has 11 kecamatan and 62 kelurahan, and about 40 offices; these are as many, but none of them
is meant: names, sizes and habits are drawn from a seed. A unit is made weak by its habits alone. What
a scorecard thinks of such habits is not known here.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable, Mapping
from typing import Final

import attrs

__all__ = ["FLAWS", "City", "CityUnit", "Habits", "evaluation_2022", "make_city"]

_OFFICES: Final = 40
# How many kelurahan each of the 11 kecamatan has: 62 together.
_WARDS: Final = (5, 5, 7, 5, 4, 8, 5, 6, 5, 7, 5)
_YEAR: Final = 2021

_TRAVEL: Final = ("surat-tugas", "sppd")
_OFFICE_KINDS: Final = {
    "surat-dinas": 24.0,
    "nota-dinas": 18.0,
    "undangan": 14.0,
    "surat-tugas": 12.0,
    "sppd": 10.0,
    "laporan": 6.0,
    "surat-edaran": 5.0,
    "keputusan": 4.0,
    "berita-acara": 4.0,
    "surat-pengantar": 3.0,
}
_COUNTER_KINDS: Final = {
    "keterangan-domisili": 16.0,
    "surat-dinas": 15.0,
    "undangan": 13.0,
    "keterangan-usaha": 11.0,
    "keterangan-tidak-mampu": 11.0,
    "surat-tugas": 9.0,
    "pengantar-skck": 8.0,
    "sppd": 6.0,
    "nota-dinas": 6.0,
    "laporan": 5.0,
}


@attrs.frozen(kw_only=True)
class Habits:
    """How a unit works. Counts are for a year and times in days; each is what comes about on average.

    ``kinds`` are weights. ``signed`` and ``by_hand`` are shares of the letters: the rest is stamped
    only. Until ``joined`` the unit kept its own book, which is imported then; with ``stopped`` it files
    nothing from that day on. ``answer_days`` is the usual time of a disposition, ``ignored`` the share
    that is never reported. ``service_pace`` is the usual time of a service, where 1 is the promised one.
    """

    letters: float
    kinds: Mapping[str, float]
    signed: float
    by_hand: float
    dispositions: float
    answer_days: float
    ignored: float
    applications: float = 0.0
    service_pace: float = 0.6
    joined: datetime.date | None = None
    stopped: datetime.date | None = None


@attrs.frozen(kw_only=True)
class CityUnit:
    """A unit: its code, its kind ('opd', 'kecamatan', 'kelurahan'), its size (staff of an office,
    residents of a kelurahan, 0 otherwise), its habits, and which flaws they were given: none for a unit
    that is not weak."""

    code: str
    name: str
    kind: str
    size: int
    habits: Habits
    flaws: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class City:
    """A city of one seed, in the year 2021."""

    seed: int
    units: tuple[CityUnit, ...]
    year: int = _YEAR

    @property
    def made_weak(self) -> tuple[str, ...]:
        """The codes of the units that were given a flaw, in order."""
        return tuple(unit.code for unit in self.units if unit.flaws)


# --- flaws: what makes a unit weak -------------------------------------------------------------------


def _seldom(habits: Habits, dice: random.Random) -> Habits:
    return attrs.evolve(habits, letters=habits.letters * dice.uniform(0.03, 0.16))


def _travel_only(habits: Habits, dice: random.Random) -> Habits:
    kinds = dict.fromkeys(habits.kinds, 0.1) | {"surat-tugas": 60.0, "sppd": 40.0}
    return attrs.evolve(habits, letters=habits.letters * dice.uniform(0.6, 2.5), kinds=kinds)


def _on_paper(habits: Habits, dice: random.Random) -> Habits:
    by_hand = dice.uniform(0.8, 0.97)
    return attrs.evolve(habits, by_hand=by_hand, signed=(1 - by_hand) * dice.uniform(0.2, 0.9))


def _unsigned(habits: Habits, dice: random.Random) -> Habits:
    return attrs.evolve(habits, signed=dice.uniform(0.0, 0.12))


def _slow(habits: Habits, dice: random.Random) -> Habits:
    return attrs.evolve(
        habits,
        answer_days=dice.uniform(15, 30),
        ignored=dice.uniform(0.25, 0.5),
        service_pace=dice.uniform(4, 9),
    )


def _late_comer(habits: Habits, dice: random.Random) -> Habits:
    joined = datetime.date(_YEAR, 10, 1) + datetime.timedelta(days=dice.randrange(45))
    return attrs.evolve(habits, joined=joined)


def _gave_up(habits: Habits, dice: random.Random) -> Habits:
    stopped = datetime.date(_YEAR, 1, 20) + datetime.timedelta(days=dice.randrange(20))
    return attrs.evolve(habits, stopped=stopped)


FLAWS: Final[Mapping[str, Callable[[Habits, random.Random], Habits]]] = {
    "jarang": _seldom,
    "perjalanan-dinas-saja": _travel_only,
    "di-atas-kertas": _on_paper,
    "tanpa-tte": _unsigned,
    "lambat": _slow,
    "terlambat-bergabung": _late_comer,
    "berhenti": _gave_up,
}
"""What each flaw makes of a unit's habits."""


# --- blemishes: what a unit may have and still be a good one -----------------------------------------


def _some_paper(habits: Habits, dice: random.Random) -> Habits:
    by_hand = dice.uniform(0.12, 0.22)
    return attrs.evolve(habits, by_hand=by_hand, signed=min(habits.signed, 0.95 - by_hand))


def _few_kinds(habits: Habits, dice: random.Random) -> Habits:
    dropped = dice.sample(sorted(habits.kinds), 3)
    return attrs.evolve(habits, kinds={k: w for k, w in habits.kinds.items() if k not in dropped})


def _much_travel(habits: Habits, dice: random.Random) -> Habits:
    kinds = {k: w * (3 if k in _TRAVEL else 1) for k, w in habits.kinds.items()}
    return attrs.evolve(habits, kinds=kinds, letters=habits.letters * dice.uniform(1.1, 1.5))


def _stamps_more(habits: Habits, dice: random.Random) -> Habits:
    return attrs.evolve(habits, signed=habits.signed * dice.uniform(0.7, 0.9))


def _unhurried(habits: Habits, dice: random.Random) -> Habits:
    slower = dice.uniform(1.2, 1.5)
    return attrs.evolve(
        habits, answer_days=habits.answer_days * slower, service_pace=habits.service_pace * slower
    )


def _joined_in_winter(habits: Habits, dice: random.Random) -> Habits:
    joined = datetime.date(_YEAR, 1, 15) + datetime.timedelta(days=dice.randrange(30))
    return attrs.evolve(habits, joined=joined)


_BLEMISHES: Final = (
    _some_paper,
    _few_kinds,
    _much_travel,
    _stamps_more,
    _unhurried,
    _joined_in_winter,
)


# --- the city ----------------------------------------------------------------------------------------


def make_city(seed: int) -> City:
    """A city whose weak units the dice choose: about a third of the kelurahan, a few of the others."""
    dice = random.Random(f"kota {seed}")  # noqa: S311
    odds = {"opd": 0.1, "kecamatan": 0.1, "kelurahan": 0.35}
    units = _units(dice)
    return City(
        seed=seed,
        units=tuple(_weakened(u, dice) if dice.random() < odds[u.kind] else u for u in units),
    )


def evaluation_2022(seed: int = 2022) -> City:
    """A city as the evaluation of early 2022 found it: 37 of 62 kelurahan weak, everyone else good."""
    dice = random.Random(f"penilaian {seed}")  # noqa: S311
    units = _units(dice)
    wards = [unit.code for unit in units if unit.kind == "kelurahan"]
    weak = {*dice.sample(wards, 37)}
    return City(seed=seed, units=tuple(_weakened(u, dice) if u.code in weak else u for u in units))


def _weakened(unit: CityUnit, dice: random.Random) -> CityUnit:
    """The unit with one flaw, or two."""
    flaws = dice.sample(sorted(FLAWS), 2 if dice.random() < 0.3 else 1)
    habits = unit.habits
    for flaw in flaws:
        habits = FLAWS[flaw](habits, dice)
    return attrs.evolve(unit, habits=habits, flaws=tuple(flaws))


def _units(dice: random.Random) -> list[CityUnit]:
    units = [_office(n, dice) for n in range(1, _OFFICES + 1)]
    for district, wards in enumerate(_WARDS, 1):
        units.append(_district(district, dice))
        units.extend(_ward(district, ward, dice) for ward in range(1, wards + 1))
    return sorted(units, key=lambda unit: (-_RANKS[unit.kind], unit.code))


_RANKS: Final = {"opd": 2, "kecamatan": 1, "kelurahan": 0}


def _office(n: int, dice: random.Random) -> CityUnit:
    staff = round(dice.lognormvariate(3.7, 0.5))
    habits = _good(staff * 10, _OFFICE_KINDS, dispositions=staff * 3, dice=dice)
    return CityUnit(
        code=f"OPD-{n:02}", name=f"Dinas Contoh {n}", kind="opd", size=staff, habits=habits
    )


def _district(n: int, dice: random.Random) -> CityUnit:
    habits = _good(420, _COUNTER_KINDS, dispositions=90, applications=120, dice=dice)
    return CityUnit(
        code=f"KEC-{n:02}", name=f"Kecamatan Contoh {n}", kind="kecamatan", size=0, habits=habits
    )


def _ward(district: int, n: int, dice: random.Random) -> CityUnit:
    residents = round(dice.triangular(1800, 17000, 8000), -2)
    habits = _good(
        residents * 0.03,
        _COUNTER_KINDS,
        dispositions=20 + residents * 0.003,
        applications=residents * 0.012,
        dice=dice,
    )
    return CityUnit(
        code=f"KEL-{district:02}{n:02}",
        name=f"Kelurahan Contoh {district}.{n}",
        kind="kelurahan",
        size=int(residents),
        habits=habits,
    )


def _good(
    letters: float,
    kinds: Mapping[str, float],
    *,
    dispositions: float,
    applications: float = 0.0,
    dice: random.Random,
) -> Habits:
    """Habits that are good enough, from middling to very good; no two units' are alike, and two in five
    have a blemish."""
    diligence = dice.triangular(0.0, 1.0, 0.6)
    by_hand = 0.02 + 0.2 * (1 - diligence) * dice.random()
    habits = Habits(
        letters=letters * (0.55 + 0.6 * diligence) * min(1.4, dice.lognormvariate(0, 0.15)),
        kinds={
            kind: weight ** (1.6 - 0.8 * diligence) * dice.lognormvariate(0, 0.35)
            for kind, weight in kinds.items()
        },
        signed=(1 - by_hand) * (0.52 + 0.44 * diligence),
        by_hand=by_hand,
        dispositions=dispositions * dice.lognormvariate(0, 0.2),
        answer_days=1.2 + 2.6 * (1 - diligence) * dice.uniform(0.6, 1.2),
        ignored=0.12 * (1 - diligence) * dice.random(),
        applications=applications * dice.lognormvariate(0, 0.2),
        service_pace=0.4 + 0.5 * (1 - diligence) * dice.uniform(0.6, 1.2),
    )
    return dice.choice(_BLEMISHES)(habits, dice) if dice.random() < 0.4 else habits

"""The invented world of the sample letters: people, offices, dates. Nobody and nothing in it is real.

Offices carry the names of districts of Kota Jambi; people, numbers and addresses are made up so
that they cannot belong to anyone: identity numbers start with a region code that does not exist,
staff numbers with a month 00, and every address has the street 'Contoh' and RT 00.
"""

from __future__ import annotations

import datetime
import random
from typing import Any

import attrs

__all__ = ["Official", "Person", "Unit", "World", "long_date"]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_MONTHS = _words(
    "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember"
)
_DAYS = _words("Senin Selasa Rabu Kamis Jumat Sabtu Minggu")
_WOMEN = _words(
    "Ayu Siti Dewi Rina Nurul Fitri Ratna Yuni Lestari Wulan Endah Maya Halimah Sri Indah"
)
_MEN = _words(
    "Budi Agus Hendra Rizki Dedi Yusuf Bambang Fajar Rudi Surya Arif Joko Taufik Zulkifli"
)
_SECOND = _words(
    """Samudra Cendana Pelangi Embun Jingga Rimba Telaga Mentari Bahtera Kelana Lazuardi Cempaka
    Meranti Gaharu Kencana Permata Angkasa Pualam Senja Kejora Anggrek Nirwana Cakrawala Halilintar
    Belantara"""
)
_LAST = _words(
    """Purnama Lautan Bintang Melati Seroja Wijayakusuma Delima Kenanga Rembulan Nusantara Zamrud
    Matahari Khatulistiwa Bestari Mandalika Padma Sejati Rajawali Cemara Flamboyan"""
)
_STREETS = _words(
    "Melati Durian Rambutan Enau Pinang Kuini Duku Manggis Sawo Kemuning Bungur Tembesu"
)
_BIRTHPLACES = ("Jambi", "Muara Bulian", "Sengeti", "Sarolangun", "Muara Bungo", "Kuala Tungkal")
_TRADES = (
    "Karyawan Swasta",
    "Pedagang",
    "Wiraswasta",
    "Guru Honorer",
    "Buruh Harian Lepas",
    "Nelayan",
    "Penjahit",
    "Mengurus Rumah Tangga",
)
_WARDS = {
    "Danau Sipin": ("Legok", "Murni", "Solok Sipin", "Selamat", "Sungai Putri"),
    "Alam Barajo": ("Kenali Besar", "Rawasari", "Beliung", "Mayang Mangurai", "Bagan Pete"),
    "Paal Merah": ("Talang Bakung", "Eka Jaya", "Lingkar Selatan", "Payo Selincah"),
    "Jelutung": ("Payo Lebar", "Handil Jaya", "Kebun Handil", "Lebak Bandung"),
    "Telanaipura": ("Pematang Sulur", "Buluran Kenali", "Penyengat Rendah"),
    "Kota Baru": ("Kenali Asam Atas", "Kenali Asam Bawah", "Simpang Tiga Sipin"),
    "Jambi Timur": ("Kasang", "Tanjung Pinang", "Sulanjana", "Budiman"),
    "Pasar Jambi": ("Beringin", "Orang Kayo Hitam", "Sungai Asam"),
}
_AGENCIES = {
    "DISKOMINFO": "Dinas Komunikasi dan Informatika",
    "DISDUKCAPIL": "Dinas Kependudukan dan Pencatatan Sipil",
    "DINSOS": "Dinas Sosial",
}
_RANKS = ("Penata (III/c)", "Penata Tingkat I (III/d)", "Pembina (IV/a)")


def long_date(day: datetime.date) -> str:
    """'5 Januari 2026'."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


@attrs.frozen(kw_only=True)
class Person:
    """A resident."""

    name: str
    male: bool
    identity: str
    birthplace: str
    birthdate: datetime.date
    religion: str
    trade: str
    address: str

    @property
    def born(self) -> str:
        return f"{self.birthplace}, {long_date(self.birthdate)}"

    @property
    def sex(self) -> str:
        return "Laki-laki" if self.male else "Perempuan"


@attrs.frozen(kw_only=True)
class Official:
    """Someone who holds an office. ``title`` is the post, as it stands above the name."""

    title: str
    name: str
    rank: str
    staff_number: str


@attrs.frozen(kw_only=True)
class Unit:
    """An office that sends letters: a ward (kelurahan), a district (kecamatan) or an agency."""

    code: str
    name: str
    district: str = ""

    @property
    def head(self) -> str:
        """The post of who leads it."""
        if self.code.startswith("KEL-"):
            return f"Lurah {self.name}"
        if self.code.startswith("KEC-"):
            return f"Camat {self.name}"
        return f"Kepala {self.name}"

    @property
    def full_name(self) -> str:
        if self.code.startswith("KEL-"):
            return f"Kelurahan {self.name}"
        return f"Kecamatan {self.name}" if self.code.startswith("KEC-") else self.name

    @property
    def letterhead(self) -> dict[str, Any]:
        lines = ["PEMERINTAH KOTA JAMBI"]
        if self.code.startswith("KEL-"):
            lines.append(f"KECAMATAN {self.district.upper()}")
        lines.append(self.full_name.upper())
        host = self.code.lower().replace("-", ".", 1)
        address = (
            f"Jalan Contoh Raya Nomor 00, Kota Jambi, Kode Pos 00000\nSurel {host}@jambi.example"
        )
        return {"lines": lines, "address": address}


@attrs.define
class World:
    """Everything random in one letter comes from here, so that the same seed gives the same letter."""

    random: random.Random
    date: datetime.date

    def pick(self, choices: Any) -> Any:
        return self.random.choice(choices)

    def number(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def ward(self) -> Unit:
        district = self.pick(sorted(_WARDS))
        name = self.pick(_WARDS[district])
        return Unit(code="KEL-" + name.upper().replace(" ", "-"), name=name, district=district)

    def district(self) -> Unit:
        name = self.pick(sorted(_WARDS))
        return Unit(code="KEC-" + name.upper().replace(" ", "-"), name=name)

    def wards_of(self, district: str) -> tuple[str, ...]:
        return _WARDS[district]

    def agency(self, code: str) -> Unit:
        return Unit(code=code, name=_AGENCIES[code])

    def name(self, male: bool) -> str:
        first = self.pick(_MEN if male else _WOMEN)
        return f"{first} {self.pick(_SECOND)} {self.pick(_LAST)}"

    def person(
        self,
        *,
        male: bool | None = None,
        ages: tuple[int, int] = (19, 64),
        ward: Unit | None = None,
    ) -> Person:
        male = self.random.random() < 0.5 if male is None else male
        age = self.number(*ages)
        birthdate = self.date - datetime.timedelta(days=365 * age + self.number(1, 364))
        place = f", Kelurahan {ward.name}" if ward else ""
        street = self.pick(_STREETS)
        return Person(
            name=self.name(male),
            male=male,
            identity=f"9999{self.number(10, 99)}{birthdate:%d%m%y}{self.number(1, 9999):04}",
            birthplace=self.pick(_BIRTHPLACES),
            birthdate=birthdate,
            religion=self.pick(("Islam", "Islam", "Islam", "Kristen", "Katolik", "Buddha")),
            trade=self.pick(_TRADES),
            address=f"Jalan Contoh {street} Nomor {self.number(1, 199)} RT 00{place}",
        )

    def official(self, title: str) -> Official:
        name = self.name(self.random.random() < 0.5) + self.pick(
            (", S.E.", ", S.Sos.", ", S.STP.", ", S.H.")
        )
        year = self.number(1970, 1989)
        return Official(
            title=title,
            name=name,
            rank=self.pick(_RANKS),
            staff_number=f"{year}0000 {year + 25}00 {self.number(1, 2)} 00{self.number(1, 9)}",
        )

    def signature(self, unit: Unit) -> dict[str, Any]:
        """The block of who signs: mostly the head, sometimes the secretary or an acting head."""
        head = unit.head.upper()
        titles = self.pick(
            ([f"{head},"],) * 6 + ([f"a.n. {head}", "SEKRETARIS,"], [f"Plt. {head},"])
        )
        signer = self.official(unit.head)
        return {
            "place": f"Jambi, {long_date(self.date)}",
            "titles": titles,
            "name": signer.name,
            "rank": signer.rank,
            "number": signer.staff_number,
        }

    def later(self, low: int, high: int) -> str:
        """A working day so many days from the letter's date: 'Rabu, 14 Januari 2026'."""
        day = self.date + datetime.timedelta(days=self.number(low, high))
        while day.weekday() > 4:
            day += datetime.timedelta(days=1)
        return f"{_DAYS[day.weekday()]}, {long_date(day)}"

    def earlier(self, low: int, high: int) -> datetime.date:
        return self.date - datetime.timedelta(days=self.number(low, high))

    def clock(self) -> str:
        return f"pukul {self.number(8, 14):02}.{self.pick(('00', '30'))} WIB"

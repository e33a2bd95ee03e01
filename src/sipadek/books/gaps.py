"""The gap report: what became of every number that was not simply issued in its turn."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Protocol

import attrs

from sipadek.books.table import Cell, Column, Table, check_zone, moment_text, time_zone


class RemarkLike(Protocol):
    """What the report needs of a number: its text, why, by whom, since when and until when."""

    @property
    def number(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def actor(self) -> str: ...
    @property
    def since(self) -> datetime.datetime | None: ...
    @property
    def until(self) -> datetime.datetime | None: ...


class AccountLike(Protocol):
    """What the report needs of a counter; the register's ``accounts()`` gives such values.

    ``issued`` and ``legacy`` count numbers in their turn, ``missing`` are first and last of runs that
    nothing accounts for; the others are told one by one.
    """

    @property
    def series(self) -> str: ...
    @property
    def counter(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def last(self) -> int: ...
    @property
    def issued(self) -> int: ...
    @property
    def legacy(self) -> int: ...
    @property
    def void(self) -> Sequence[RemarkLike]: ...
    @property
    def held(self) -> Sequence[RemarkLike]: ...
    @property
    def inserted(self) -> Sequence[RemarkLike]: ...
    @property
    def holes(self) -> Sequence[RemarkLike]: ...
    @property
    def repeats(self) -> Sequence[RemarkLike]: ...
    @property
    def missing(self) -> Sequence[tuple[int, int]]: ...


_SUMMARY: Final = (
    Column(heading="Seri", width=30),
    Column(heading="Penghitung", width=50),
    Column(heading="Nomor awal", width=16, align="right"),
    Column(heading="Nomor akhir", width=16, align="right"),
    Column(heading="Jumlah", width=16, align="right"),
    Column(heading="Terbit", width=16, align="right"),
    Column(heading="Buku lama", width=16, align="right"),
    Column(heading="Batal", width=14, align="right"),
    Column(heading="Dipesan", width=17, align="right"),
    Column(heading="Kosong", width=16, align="right"),
    Column(heading="Tidak tercatat", width=18, align="right"),
    Column(heading="Sisipan", width=16, align="right"),
    Column(heading="Ganda", width=16, align="right"),
)
_DETAILS: Final = (
    Column(heading="Seri", width=28),
    Column(heading="Penghitung", width=40),
    Column(heading="Golongan", width=34),
    Column(heading="Nomor", width=48),
    Column(heading="Alasan", width=68),
    Column(heading="Oleh", width=28),
    Column(heading="Sejak", width=30),
    Column(heading="Sampai", width=30),
)


@attrs.frozen(kw_only=True)
class GapReport:
    """A report on accounts: a table that sums up each counter, and one that tells every number that
    is void, held, inserted, a hole or a repeat of the older book, and every run that is missing.

    In the first, the counts from 'Terbit' to 'Tidak tercatat' make 'Jumlah'; inserted and repeated
    numbers stand beside them. Times are local to ``timezone`` (IANA); raises InvalidInput where it
    is not known.
    """

    office: str
    period: str
    title: str = "Laporan Kelengkapan Nomor Surat"
    timezone: str = attrs.field(default="Asia/Jakarta", validator=check_zone)

    def tables(self, entries: Iterable[AccountLike], /) -> Iterator[Table]:
        """The two tables, counters in the order they come."""
        accounts = tuple(entries)
        zone = time_zone(self.timezone)
        yield Table(name="Rekapitulasi", columns=_SUMMARY, rows=map(_summary, accounts))
        details = [row for account in accounts for row in _details(account, zone)]
        nothing = "Nihil: semua nomor terbit pada gilirannya."
        yield Table(
            name="Rincian",
            columns=_DETAILS,
            rows=details,
            total=lambda: "" if details else nothing,
        )


def _summary(account: AccountLike) -> tuple[Cell, ...]:
    # An inserted number that became void is in both lists, but was never one of the main row.
    inserted = {remark.number for remark in account.inserted}
    return (
        account.series,
        account.counter,
        account.start,
        account.last,
        account.last - account.start + 1,
        account.issued,
        account.legacy,
        sum(remark.number not in inserted for remark in account.void),
        sum(remark.number not in inserted for remark in account.held),
        len(account.holes),
        sum(last - first + 1 for first, last in account.missing),
        len(account.inserted),
        len(account.repeats),
    )


def _details(account: AccountLike, zone: zoneinfo.ZoneInfo) -> Iterator[tuple[Cell, ...]]:
    groups = (
        ("batal", account.void),
        ("dipesan", account.held),
        ("sisipan", account.inserted),
        ("kosong di buku lama", account.holes),
        ("ganda di buku lama", account.repeats),
    )
    for group, remarks in groups:
        for remark in remarks:
            yield (
                account.series,
                account.counter,
                group,
                remark.number,
                remark.reason,
                remark.actor,
                "" if remark.since is None else moment_text(remark.since, zone),
                "" if remark.until is None else moment_text(remark.until, zone),
            )
    for first, last in account.missing:
        run = str(first) if first == last else f"{first} s.d. {last}"
        reason = f"{last - first + 1} nomor tidak tercatat; periksa register"
        yield (account.series, account.counter, "tidak tercatat", run, reason, "", "", "")

"""An audit's report as one HTML page in Indonesian, with drawings, that needs nothing beside itself."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Mapping
from typing import Final

from sipadek.archive import State
from sipadek.naskah import date_text, month_name
from sipadek.office.audit_drawings import Bar, bars, columns, share
from sipadek.office.audit_words import meaning
from sipadek.office.auditing import AuditReport
from sipadek.sql import Finding

_MOST: Final = 500
"""Findings that are listed; more are counted."""

_STATES: Final = (
    (State.ISSUED, "terbit", "#1f6f54"),
    (State.RESERVED, "dipesan", "#c58a1b"),
    (State.VOID, "batal", "#8a8f98"),
)
_MONTHS: Final = 24

_STYLE: Final = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, "Segoe UI", "Noto Sans", sans-serif; color: #1d2129; margin: 0;
  background: #f4f5f7; }
main { max-width: 960px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 26px; margin: 0 0 4px; }
h2 { font-size: 18px; margin: 32px 0 8px; }
p.sub { color: #5a6270; margin: 0 0 20px; }
.verdict { padding: 14px 18px; border-radius: 8px; font-size: 17px; font-weight: 600; }
.clean { background: #e0f2e9; color: #124a37; border-left: 6px solid #1f6f54; }
.found { background: #fbe4e1; color: #7a1b12; border-left: 6px solid #b3261e; }
.cards { display: grid; grid-template-columns: repeat(4, 1fr); gap: 12px; margin: 20px 0; }
.card { background: #fff; border: 1px solid #dfe2e7; border-radius: 8px; padding: 12px 14px; }
.card b { display: block; font-size: 22px; font-variant-numeric: tabular-nums; }
.card span { color: #5a6270; font-size: 13px; }
figure { background: #fff; border: 1px solid #dfe2e7; border-radius: 8px; margin: 0 0 12px;
  padding: 14px 16px; }
figcaption { color: #5a6270; font-size: 13px; margin-top: 6px; }
svg { width: 100%; height: auto; display: block; }
svg text { font: 12px system-ui, "Segoe UI", "Noto Sans", sans-serif; fill: #3b424d; }
table { border-collapse: collapse; width: 100%; background: #fff; border: 1px solid #dfe2e7; }
th, td { text-align: left; vertical-align: top; padding: 8px 12px; border-top: 1px solid #eceef1; }
th { background: #f0f1f4; font-size: 13px; border-top: 0; }
td.about { white-space: normal; overflow-wrap: anywhere; min-width: 150px; font-weight: 600; }
td small { color: #5a6270; display: block; overflow-wrap: anywhere; }
tr, figure { break-inside: avoid; }
code { font: 12px ui-monospace, Consolas, monospace; color: #5a6270; }
.key { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin: 0 4px 0 12px; }
@media (max-width: 640px) { .cards { grid-template-columns: repeat(2, 1fr); } }
@media print { body { background: #fff; } main { padding: 0; } }
"""


def audit_page(report: AuditReport, *, office: str) -> str:
    """The page. ``office`` is the name that stands at its head."""
    title = f"Laporan pemeriksaan arsip: {html.escape(office)}"
    parts = [
        f"<h1>{title}</h1>",
        f'<p class="sub">Diperiksa pada {date_text(report.at.date())} pukul'
        f" {report.at:%H.%M} UTC</p>",
        _verdict(report),
        _cards(report),
        _listed("Temuan", report.findings, "Tidak ada temuan."),
        _listed("Peringatan", report.warnings, "Tidak ada peringatan."),
        _letters(report.months),
        _signatures(report),
        _disk(report),
    ]
    return (
        '<!doctype html>\n<html lang="id"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head>\n<body><main>\n"
        + "\n".join(part for part in parts if part)
        + "\n</main></body></html>\n"
    )


def _verdict(report: AuditReport) -> str:
    if report.clean:
        return '<div class="verdict clean">Bersih: yang diperiksa sama dengan yang tercatat.</div>'
    count = len(report.findings)
    return (
        f'<div class="verdict found">Ada {_count(count)} temuan yang harus ditindaklanjuti.</div>'
    )


def _cards(report: AuditReport) -> str:
    read = f"{_count(report.read_objects)} dari {_count(report.objects)}"
    cards = (
        (_count(report.letters), "naskah dalam register"),
        (_count(report.events), "peristiwa dalam buku besar"),
        (read, "berkas dibaca seluruhnya"),
        (_bytes(report.read_bytes), "isi berkas dibaca"),
    )
    inner = "".join(
        f'<div class="card"><b>{value}</b><span>{name}</span></div>' for value, name in cards
    )
    return f'<div class="cards">{inner}</div>'


def _listed(title: str, findings: tuple[Finding, ...], none: str) -> str:
    if not findings:
        return f"<h2>{title}</h2><p>{none}</p>"
    rows = "".join(
        f'<tr><td class="about">{html.escape(each.subject)}</td><td>{meaning(each.code)}'
        f"<small>{html.escape(each.message)}</small></td><td><code>{each.code}</code></td></tr>"
        for each in findings[:_MOST]
    )
    more = len(findings) - _MOST
    told = f"<p>… dan {_count(more)} lagi.</p>" if more > 0 else ""
    counts = Counter(each.code for each in findings)
    drawn = ""
    if len(counts) > 1:
        drawing = bars([Bar(code, count) for code, count in counts.most_common()])
        drawn = f"<figure>{drawing}<figcaption>Banyaknya menurut jenis.</figcaption></figure>"
    return (
        f"<h2>{title} ({_count(len(findings))})</h2>{drawn}<table><tr><th>Tentang</th>"
        f"<th>Apa yang tidak sesuai</th><th>Kode</th></tr>{rows}</table>{told}"
    )


def _letters(months: Mapping[tuple[str, str], int]) -> str:
    found = sorted({month for month, _ in months})[-_MONTHS:]
    if not found:
        return ""
    stacks = [[months.get((month, state.value), 0) for state, _, _ in _STATES] for month in found]
    names = [f"{month_name(int(month[5:]))[:3]} {month[2:4]}" for month in found]
    drawing = columns(names, stacks, [colour for _, _, colour in _STATES])
    keys = "".join(
        f'<i class="key" style="background:{colour}"></i>{name}' for _, name, colour in _STATES
    )
    return (
        f"<h2>Naskah menurut bulan</h2><figure>{drawing}"
        f"<figcaption>Nomor yang diberikan tiap bulan:{keys}</figcaption></figure>"
    )


def _signatures(report: AuditReport) -> str:
    if not report.provable_until:
        return ""
    years: Counter[str] = Counter()
    for month, count in report.provable_until.items():
        years[month[:4]] += count
    now = f"{report.at:%Y}"
    rows = [
        Bar(year, count, "#b3261e" if year < now else "#c58a1b" if year == now else "#1f6f54")
        for year, count in sorted(years.items())
    ]
    return (
        f"<h2>Sampai kapan tanda tangan dapat dibuktikan</h2><figure>{bars(rows)}"
        "<figcaption>Banyaknya naskah menurut tahun berakhirnya sertifikat atau stempel waktu yang"
        " menjaminnya. Catatan dalam register tetap berlaku sesudahnya.</figcaption></figure>"
    )


def _disk(report: AuditReport) -> str:
    if not report.disk_total:
        return ""
    used = report.disk_total - report.disk_free
    return (
        f"<h2>Ruang penyimpanan</h2><figure>{share(used, report.disk_total)}"
        f"<figcaption>Sisa {_bytes(report.disk_free)} dari {_bytes(report.disk_total)}.</figcaption>"
        "</figure>"
    )


def _count(number: int) -> str:
    """With points between thousands, as in Indonesian."""
    return f"{number:,}".replace(",", ".")


def _bytes(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return _measured(size, unit)
        size /= 1000
    return _measured(size, "TB")


def _measured(size: float, unit: str) -> str:
    text = f"{size:.0f}" if unit == "B" or size >= 100 else f"{size:.1f}"
    return f"{text.replace('.', ',')} {unit}"

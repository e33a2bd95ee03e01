"""A scorecard as one HTML page in Indonesian, with plots, that needs nothing beside itself."""

from __future__ import annotations

import html
import zoneinfo
from fractions import Fraction
from typing import Final

from sipadek.evaluation.criteria import Measure
from sipadek.evaluation.scorecard import Scorecard, category_counts
from sipadek.evaluation.scorecard_drawings import scale, shares
from sipadek.evaluation.scoring import Part, UnitScore
from sipadek.naskah import date_text

_STYLE: Final = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, "Segoe UI", "Noto Sans", sans-serif; color: #1d2129; margin: 0;
  background: #f4f5f7; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 26px; margin: 0 0 4px; }
h2 { font-size: 18px; margin: 32px 0 8px; break-after: avoid; }
p.sub, figcaption, small { color: #5a6270; }
.cards { display: flex; gap: 12px; margin: 20px 0; }
.card { flex: 1; background: #fff; border: 1px solid #dfe2e7; border-top: 5px solid; border-radius: 8px;
  padding: 10px 14px; }
.card b { display: block; font-size: 24px; }
figure { background: #fff; border: 1px solid #dfe2e7; border-radius: 8px; margin: 0 0 12px;
  padding: 14px 16px; break-inside: avoid; }
figcaption { font-size: 13px; margin-top: 6px; }
svg { width: 100%; height: auto; display: block; }
svg text { font: 12px system-ui, "Segoe UI", "Noto Sans", sans-serif; }
table { border-collapse: collapse; width: 100%; background: #fff; border: 1px solid #dfe2e7;
  font-size: 13px; font-variant-numeric: tabular-nums; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th, td { text-align: left; vertical-align: top; padding: 4px 8px; border-top: 1px solid #eceef1; }
th { background: #f0f1f4; font-size: 12px; border-top: 0; vertical-align: bottom; }
td.n, th.n { text-align: right; }
td.n, td.u { white-space: nowrap; }
td.missed { font-weight: 700; box-shadow: inset 0 0 0 2px #b3261e; }
.label { color: #fff; border-radius: 4px; padding: 0 6px; white-space: nowrap; }
details { background: #fff; border: 1px solid #dfe2e7; border-radius: 8px; margin: 0 0 6px;
  padding: 6px 12px; break-inside: avoid; }
summary { cursor: pointer; }
details table { border: 0; margin-top: 6px; }
a { color: inherit; }
tr.sum td { font-weight: 700; border-top: 1px solid #5a6270; }
@media print { body { background: #fff; font-size: 12px; } main { padding: 0; max-width: none; }
  table { font-size: 10px; } th { font-size: 9px; } th, td { padding: 2px 6px; } }
@page { size: A4 landscape; margin: 12mm; }
"""
# Of levels 1 to 5, light enough to be written on.
_TINTS: Final = ("#f6c9c4", "#f8dfc0", "#f7f0c4", "#d8eccb", "#bfe0c8")


def scorecard_page(card: Scorecard, *, office: str) -> str:
    """The page. ``office`` is the name that stands at its head."""
    title = f"{_(card.criteria.name)}: {_(office)}"
    local = card.until.astimezone(zoneinfo.ZoneInfo(card.period.timezone))
    parts = [
        f"<h1>{title}</h1>",
        f'<p class="sub">{_(card.period.name)} · keadaan sampai {date_text(local.date())} pukul'
        f" {local:%H.%M} · {len(card.scores)} unit</p>",
        _cards(card),
        _plots(card),
        *(_table(card, kind.code, kind.name) for kind in card.criteria.unit_kinds),
        _unplaced(card),
        "<h2>Rincian setiap unit</h2>",
        *(_details(score) for score in card.scores),
        _criteria(card),
    ]
    return (
        '<!doctype html>\n<html lang="id"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy"'
        " content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{title}</title><style>{_STYLE}</style></head>\n<body><main>\n"
        + "\n".join(part for part in parts if part)
        + "\n</main></body></html>\n"
    )


def _cards(card: Scorecard) -> str:
    counts = category_counts(card.scores)
    inner = "".join(
        f'<div class="card" style="border-top-color:{each.colour}">'
        f"<b>{sum(n for (_kind, code), n in counts.items() if code == each.code)}</b>"
        f"{_(each.name)}</div>"
        for each in card.criteria.categories
    )
    return f'<div class="cards">{inner}</div>'


def _plots(card: Scorecard) -> str:
    present = {score.kind.code for score in card.scores}
    kinds = [kind for kind in card.criteria.unit_kinds if kind.code in present]
    categories = card.criteria.categories
    counts = category_counts(card.scores)
    return (
        f"<figure>{shares(kinds, categories, counts)}<figcaption>Banyaknya unit menurut sebutan."
        f"</figcaption></figure>\n<figure>{scale(kinds, categories, card.scores)}<figcaption>"
        "Setiap titik adalah satu unit, menurut nilainya dari 1 sampai 5.</figcaption></figure>"
    )


def _table(card: Scorecard, kind: str, name: str) -> str:
    scores = [score for score in card.scores if score.kind.code == kind]
    if not scores:
        return ""
    head = "".join(f'<th class="n">{_(m.name)}</th>' for m in card.criteria.measures.values())
    rows = "".join(_row(place, score) for place, score in enumerate(scores, 1))
    return (
        f'<h2>{_(name)}</h2><table><thead><tr><th class="n">No.</th><th>Unit</th><th>Sebutan</th>'
        f'<th class="n">Nilai</th>{head}</tr></thead><tbody>{rows}</tbody></table>'
    )


def _row(place: int, score: UnitScore) -> str:
    cells = "".join(_cell(part) for part in score.parts)
    code, name = _(score.unit.code), _(score.unit.name or score.unit.code)
    return (
        f'<tr><td class="n">{place}</td><td class="u"><a href="#{code}">{name}</a></td>'
        f"<td>{_label(score)}</td>"
        f'<td class="n"><b>{_number(score.score)}</b></td>{cells}</tr>'
    )


def _cell(part: Part) -> str:
    if part.value is None or part.level is None:
        return '<td class="n">–</td>'
    tint = _TINTS[min(4, int(part.level - 1))]
    missed = "" if part.passed else " missed"
    return f'<td class="n{missed}" style="background:{tint}">{part.measure.text(part.value)}</td>'


def _details(score: UnitScore) -> str:
    unit = score.unit
    rows = "".join(
        f"<tr><td>{_(part.measure.name)}{_missed(part)}</td>"
        f'<td class="n">{"–" if part.value is None else part.measure.text(part.value)}</td>'
        f"<td>{_(part.told)}</td><td>{_limits(part.measure)}</td>"
        f'<td class="n">{_percent(part.weight)}</td>'
        f'<td class="n">{"–" if part.level is None else _number(part.level)}</td>'
        f'<td class="n">{_number(part.contribution)}</td></tr>'
        for part in score.parts
    )
    if score.deduction:
        rows += (
            '<tr><td colspan="6">Pengurang: syarat tidak terpenuhi, nilai tetap dalam sebutan'
            f' terendah</td><td class="n">{_number(score.deduction)}</td></tr>'
        )
    return (
        f'<details id="{_(unit.code)}"><summary><b>{_(unit.name or unit.code)}</b>'
        f" <small>{_(unit.code)}</small> {_label(score)} {_number(score.score)}</summary>"
        "<table><thead><tr><th>Ukuran</th><th class='n'>Capaian</th><th>Yang dihitung</th>"
        "<th>Batas</th><th class='n'>Bobot</th><th class='n'>Tingkat</th>"
        f"<th class='n'>Sumbangan</th></tr></thead><tbody>{rows}"
        f'<tr class="sum"><td colspan="6">Nilai</td><td class="n">{_number(score.score)}</td></tr>'
        "</tbody></table></details>"
    )


def _missed(part: Part) -> str:
    return "" if part.passed else " <b>(syarat tidak terpenuhi)</b>"


def _limits(measure: Measure) -> str:
    told = f"tingkat 1: {measure.text(measure.worst)}; tingkat 5: {measure.text(measure.best)}"
    if measure.minimum is not None:
        told += f"; syarat: {measure.text(measure.minimum)}"
    return _(told)


def _unplaced(card: Scorecard) -> str:
    if not card.unplaced:
        return ""
    told = ", ".join(f"{code or '(tanpa unit)'} ({n})" for code, n in card.unplaced.items())
    return f"<p>Tidak dinilai karena jenis unitnya tidak dikenal: {_(told)}.</p>"


def _criteria(card: Scorecard) -> str:
    criteria = card.criteria
    measures = "".join(
        f"<tr><td>{_(m.name)}</td><td>{_(m.meaning)}</td><td class='n'>{m.weight}</td>"
        f"<td>{_limits(m)}</td><td>{_(m.source)}</td></tr>"
        for m in criteria.measures.values()
    )
    categories = "".join(
        f"<tr><td>{_(c.name)}</td><td class='n'>{_number(c.least)}</td><td>{_(c.source)}</td></tr>"
        for c in criteria.categories
    )
    kinds = "".join(
        f"<tr><td>{_(k.name)}</td><td class='n'>{k.letters}</td><td class='n'>{k.kinds}</td>"
        f"<td class='n'>{k.size or '–'}</td><td>{_(k.source)}</td></tr>"
        for k in criteria.unit_kinds
    )
    return (
        f"<h2>Cara menilai</h2><p>{_(criteria.source)}. Nilai adalah jumlah tingkat (1 sampai 5)"
        " kali bobot setiap ukuran. Ukuran yang tidak dapat dinilai pada suatu unit menyerahkan"
        " bobotnya kepada yang lain.</p><table><thead><tr><th>Ukuran</th><th>Arti</th>"
        f"<th class='n'>Bobot</th><th>Batas</th><th>Sumber</th></tr></thead><tbody>{measures}"
        "</tbody></table><h2>Sebutan</h2><table><thead><tr><th>Sebutan</th><th class='n'>Mulai"
        f"</th><th>Sumber</th></tr></thead><tbody>{categories}</tbody></table>"
        "<h2>Harapan setahun</h2><table><thead><tr><th>Jenis unit</th><th class='n'>Naskah</th>"
        "<th class='n'>Jenis naskah</th><th class='n'>Untuk ukuran</th><th>Sumber</th></tr></thead>"
        f"<tbody>{kinds}</tbody></table>"
    )


def _label(score: UnitScore) -> str:
    category = score.category
    return f'<span class="label" style="background:{category.colour}">{_(category.name)}</span>'


def _number(value: Fraction) -> str:
    return f"{float(value):.2f}".replace(".", ",").replace("-", "−")


def _percent(value: Fraction) -> str:
    return f"{float(value * 100):.1f} %".replace(".", ",")


def _(text: str) -> str:
    return html.escape(text)

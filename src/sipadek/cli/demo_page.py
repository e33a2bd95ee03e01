"""The page that shows the demonstration's letters. In Indonesian: it is what an office would show."""

from __future__ import annotations

import datetime
import html
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sipadek.archive import Letter, State
from sipadek.cli.values import person
from sipadek.naskah import date_text, secrecy_name

if TYPE_CHECKING:
    from sipadek.cli.demo_play import Search, Shown, Story

_STATES: Final = {State.RESERVED: "Dipesan", State.ISSUED: "Terbit", State.VOID: "Batal"}
_JAKARTA: Final = datetime.timezone(datetime.timedelta(hours=7), "WIB")

_STYLE: Final = """
:root { --ink: #1c2733; --dim: #5a6877; --line: #d9e0e7; --deep: #123b5d; --paper: #fff;
  --ground: #f2f5f8; --good: #17693c; --good-ground: #e3f3e9; --bad: #9c2b22; --bad-ground: #fbe9e7;
  --mark: #ffe9a8; color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.5 "Segoe UI", system-ui, -apple-system, "Noto Sans", "DejaVu Sans", Arial, sans-serif; }
.wrap { max-width: 1320px; margin: 0 auto; padding: 0 24px; }
header { background: var(--deep); color: #fff; padding: 26px 0 24px; border-bottom: 4px solid #c8a04a; }
header p { margin: 0; color: #c9d8e6; }
h1 { margin: 2px 0 6px; font-size: 27px; line-height: 1.2; font-weight: 650; }
h2 { margin: 34px 0 14px; font-size: 19px; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px;
  margin: 22px 0 0; padding: 0; list-style: none; }
.facts li { background: var(--paper); border: 1px solid var(--line); border-radius: 8px;
  padding: 12px 16px; color: var(--dim); font-size: 13px; }
.facts b { display: block; color: var(--deep); font-size: 24px; line-height: 1.2; }
.proofs { display: grid; grid-template-columns: repeat(auto-fit, minmax(260px, 1fr)); gap: 14px; }
.searches { grid-template-columns: repeat(auto-fit, minmax(420px, 1fr)); margin-top: 14px; }
.proof { background: var(--paper); border: 1px solid var(--line); border-left: 4px solid var(--good);
  border-radius: 8px; padding: 14px 18px; }
.proof.bad { border-left-color: var(--bad); }
.proof.plain { border-left-color: var(--deep); }
.proof h3 { margin: 0 0 4px; font-size: 15px; }
.proof p, .proof ol { margin: 4px 0 0; color: var(--dim); font-size: 13.5px; }
.proof ol { padding-left: 20px; }
.proof code, .number { font-family: ui-monospace, "DejaVu Sans Mono", Consolas, monospace; }
mark { background: var(--mark); color: inherit; padding: 0 1px; }
.letters { display: grid; grid-template-columns: repeat(auto-fill, minmax(540px, 1fr)); gap: 16px; }
article { display: grid; grid-template-columns: 224px 1fr; gap: 18px; background: var(--paper);
  border: 1px solid var(--line); border-radius: 8px; padding: 16px; break-inside: avoid; }
.sheet { display: block; align-self: start; border: 1px solid var(--line);
  box-shadow: 0 1px 4px rgb(18 59 93 / 14%); line-height: 0; }
.sheet:hover, .sheet:focus { outline: 2px solid #c8a04a; }
.sheet img { width: 100%; height: auto; }
.number { font-size: 13.5px; font-weight: 600; color: var(--deep); overflow-wrap: anywhere; }
article h3 { margin: 4px 0 10px; font-size: 15.5px; line-height: 1.35; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 3px 14px; margin: 0;
  font-size: 13.5px; }
dt { color: var(--dim); }
dd { margin: 0; overflow-wrap: anywhere; }
.badge { border-radius: 99px; padding: 1px 12px; font-size: 12.5px; font-weight: 600;
  background: var(--good-ground); color: var(--good); }
.badge.void { background: var(--bad-ground); color: var(--bad); }
.badge.reserved { background: #eef1f4; color: var(--dim); }
.top { display: flex; justify-content: space-between; align-items: center; gap: 8px; color: var(--dim);
  font-size: 12.5px; margin-bottom: 4px; }
.links { margin: 12px 0 0; font-size: 13.5px; display: flex; flex-wrap: wrap; gap: 8px; }
.links a { border: 1px solid var(--deep); border-radius: 6px; padding: 3px 12px; color: var(--deep);
  text-decoration: none; }
.links a.main { background: var(--deep); color: #fff; }
.links a:hover, .links a:focus { text-decoration: underline; }
footer { margin: 36px 0 0; padding: 18px 0 30px; border-top: 1px solid var(--line); color: var(--dim);
  font-size: 13px; }
@media (max-width: 640px) {
  .wrap { padding: 0 14px; }
  .letters, .proofs, .searches { grid-template-columns: minmax(0, 1fr); }
  article { grid-template-columns: 96px 1fr; gap: 12px; padding: 12px; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: 4px; }
}
@media print {
  @page { size: A4; margin: 14mm; }
  body { background: #fff; font-size: 10pt; }
  header { color: #000; background: none; padding: 0 0 8px; }
  header p { color: #333; }
  .wrap { max-width: none; padding: 0; }
  .letters, .proofs { grid-template-columns: 1fr 1fr; gap: 8px; }
  .facts { grid-template-columns: repeat(6, 1fr); }
  .facts li, .proof { padding: 6px 10px; break-inside: avoid; }
  article { grid-template-columns: 104px 1fr; gap: 10px; padding: 8px; }
  .number, .top, .badge { font-size: 7.5pt; }
  article h3 { font-size: 9.5pt; margin-bottom: 4px; }
  dl { font-size: 8pt; gap: 0 8px; }
  .sheet { box-shadow: none; }
  .links { display: none; }
}
"""

_PAGE: Final = """<!DOCTYPE html>
<html lang="id">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Register naskah dinas: peragaan sipadek</title>
<style>{style}</style>
</head>
<body>
<header><div class="wrap">
<p>Peragaan sipadek. Semua orang, naskah dan sertifikat di sini adalah contoh.</p>
<h1>Register Naskah Dinas</h1>
<p>Disusun {at}</p>
</div></header>
<main class="wrap">
<ul class="facts">{facts}</ul>
<h2>Yang dibuktikan</h2>
<div class="proofs">{proofs}</div>
<div class="proofs searches">{searches}</div>
<h2>Naskah</h2>
<div class="letters">{letters}</div>
<footer>Setiap naskah tersimpan beserta aslinya: berkas asli adalah bagian awal dari berkas terbit, bit
demi bit. Kode QR pada stempel bukan tanda tangan elektronik; keaslian diperiksa pada berkas PDF-nya.
</footer>
</main>
</body>
</html>
"""


def write_page(path: Path, story: Story) -> None:
    """Write the page; its links and pictures are relative to it, and it loads nothing else."""
    text = _PAGE.format(
        style=_STYLE,
        at=_moment(story.at),
        facts=_facts(story),
        proofs=_proofs(story),
        searches="\n".join(map(_search, story.searches)),
        letters="\n".join(card(each) for each in story.shown),
    )
    path.write_text(text, encoding="utf-8")


def _facts(story: Story) -> str:
    letters = [each.letter for each in story.shown]
    counts = (
        (len(letters), "naskah dalam register"),
        (sum(each.state is State.ISSUED for each in letters), "terbit"),
        (sum(each.state is State.VOID for each in letters), "batal, nomor tetap tercatat"),
        (len({each.details.series for each in letters}), "seri nomor"),
        (story.audit.events, "peristiwa dalam buku besar"),
        (len(story.audit.findings), "temuan audit"),
    )
    return "".join(f"<li><b>{count}</b>{name}</li>" for count, name in counts)


def _proofs(story: Story) -> str:
    verified = story.verified
    number = _code(verified.letter.number)
    signer = html.escape(person(verified.signatures[-1].signer))
    named = ", ".join(_code(each.subject) for each in story.damaged.findings)
    parts = [
        _proof(
            "Naskah asli diterima",
            f"{number} utuh, tercatat dalam register, dan ditandatangani oleh {signer}.",
        ),
        _proof(
            "Salinan yang diubah satu bit ditolak",
            f"Verifikasi salinan {number} gagal: <code>{story.refusal.code}</code>.",
            kind="bad",
        ),
        _proof(
            "Audit register bersih",
            f"{story.audit.letters} naskah, {story.audit.events} peristiwa dan"
            f" {story.audit.objects} berkas diperiksa hingga bit terakhir.",
        ),
        _proof(
            "Audit menemukan berkas yang diubah",
            f"Dalam salinan arsip, satu bit diubah. Temuan pada {named}:"
            f" <code>{html.escape(story.damaged.findings[0].code)}</code>.",
            kind="bad",
        ),
    ]
    return "\n".join(parts)


def _search(search: Search) -> str:
    hits = "".join(
        f"<li>{_code(hit.letter.number)}<br>{hit.snippet}</li>"  # a snippet is safe HTML
        for hit in search.results.hits
    )
    return _proof(
        f"Pencarian: {html.escape(search.query)}",
        f"{search.results.total} naskah ditemukan.",
        more=f"<ol>{hits}</ol>",
        kind="plain",
    )


def _proof(title: str, text: str, *, more: str = "", kind: str = "good") -> str:
    """A box; its parts are HTML."""
    return f'<section class="proof {kind}"><h3>{title}</h3><p>{text}</p>{more}</section>'


def card(shown: Shown) -> str:
    """One letter's part of the page, as HTML."""
    letter, details = shown.letter, shown.letter.details
    slug = html.escape(shown.slug)
    rows = [
        ("Tanggal", date_text(details.date)),
        ("Unit", shown.unit),
        ("Sifat", secrecy_name(details.secrecy.value)),
        ("Penanda tangan", person(letter.signer)),
        ("Tercatat", _moment(letter.reserved_at)),
    ]
    if letter.void_reason:
        rows.append(("Alasan batal", letter.void_reason))
    described = "".join(f"<dt>{name}</dt><dd>{html.escape(value)}</dd>" for name, value in rows)
    subject = html.escape(details.subject)
    return f"""<article id="{slug}">
<a class="sheet" href="terbit/{slug}.pdf"><img src="gambar/{slug}.png" width="560" height="792"
 alt="Halaman pertama: {subject}"></a>
<div>
<div class="top"><span>{html.escape(details.series)}</span>{_badge(letter)}</div>
<div class="number">{html.escape(letter.number)}</div>
<h3>{subject}</h3>
<dl>{described}</dl>
<p class="links"><a class="main" href="terbit/{slug}.pdf">Berkas terbit</a>
<a href="asli/{slug}.pdf">Berkas asli</a></p>
</div>
</article>"""


def _badge(letter: Letter) -> str:
    return f'<span class="badge {letter.state.value}">{_STATES[letter.state]}</span>'


def _code(text: str) -> str:
    return f"<code>{html.escape(text)}</code>"


def _moment(at: datetime.datetime) -> str:
    local = at.astimezone(_JAKARTA)
    return f"{date_text(local.date())}, {local:%H.%M} WIB"

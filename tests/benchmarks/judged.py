"""The judged set: letters, questions, and which letters each question wants.

The letters are those of ``correspondence``, and pieces of laws where their text is there. A letter is
wanted (2) when it is about the topic and has every fact that the question names. It is related (1) when
it is on another aspect of the topic, or of another kind, month or year; when it is on a topic that
``correspondence.toml`` calls related, with all facts; when it answers the letter whose number is asked
for; or when it is a further piece of the law. All this is known before a word of it is written.
"""

from __future__ import annotations

import datetime
import random
import re
import string
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs
import search_letters
from search_letters import IndexLetter, Numbers

import correspondence
from correspondence import Letter

WANTED, RELATED = 2, 1
PIECES = 12  # Of one law.
_LAWS = {"pp": "Peraturan Pemerintah", "uu": "Undang-Undang"}
_LOOSE = {"kind", "month", "year"}  # Facts that a related letter may miss.
_LITTLE = {
    *("tentang", "dan", "atas", "di", "ke", "dari"),
    *("untuk", "dalam", "yang", "pada", "oleh", "dengan"),
}


@attrs.frozen
class Asked:
    """A question with the grade of every letter (by position) that is not 0."""

    group: str
    text: str
    grades: dict[int, int]

    @property
    def wanted(self) -> frozenset[int]:
        """The letters of the highest grade."""
        return frozenset(at for at, grade in self.grades.items() if grade == WANTED)


@attrs.frozen
class Judged:
    """``letters`` in the order of their positions, which count from 1."""

    letters: tuple[IndexLetter, ...]
    asked: tuple[Asked, ...]


@attrs.frozen
class _Piece:
    """A part of a law: ``kind`` is uu or pp, ``at`` counts from 0."""

    kind: str
    number: str
    year: str
    title: str
    at: int
    text: str
    date: datetime.date

    @property
    def law(self) -> tuple[str, str, str]:
        """Which law it is of."""
        return self.kind, self.number, self.year


def judged(corpus: Path | None, *, seed: int = 1, share: float = 1.0) -> Judged:
    """The set. ``share`` makes it smaller: as many questions, fewer letters."""
    written = correspondence.letters(seed, share=share)
    pieces = list(_pieces(corpus, round(250 * share), seed)) if corpus else []
    sources: list[Letter | _Piece] = [*written, *pieces]
    order = sorted(range(len(sources)), key=lambda at: (sources[at].date, at))
    places = {source: position for position, source in enumerate(order, start=1)}
    letters: dict[int, IndexLetter] = {}
    numbers = Numbers()
    for source in order:
        one, position = sources[source], places[source]
        if isinstance(one, Letter):
            answered = None if one.answers is None else letters[places[one.answers]]
            letters[position] = _of_letter(one, position, numbers, answered)
        else:
            letters[position] = _of_piece(one, position, numbers)
    drawn = random.Random(seed)
    at_place = [(places[at], one) for at, one in enumerate(written)]
    laws = [(places[len(written) + at], one) for at, one in enumerate(pieces)]
    answers = [(places[at], places[one.answers]) for at, one in enumerate(written)
               if one.answers is not None]  # fmt: skip
    asked = [*_on_topics(drawn, at_place), *_on_numbers(drawn, letters, answers)]
    return Judged(tuple(letters.values()), (*asked, *_on_laws(drawn, laws)))


def _of_letter(
    one: Letter, position: int, numbers: Numbers, answered: IndexLetter | None
) -> IndexLetter:
    body = one.body
    if answered is not None:
        head, _, rest = body.partition("\nJambi, ")
        body = f"{head}\nMenjawab surat nomor {answered.number}\nJambi, {rest}"
    return IndexLetter(position=position, number=numbers.give(one.code, one.unit, one.date),
                       subject=one.subject, body=body, unit=one.unit, kind=one.facts["kind"],
                       code=one.code, date=one.date)  # fmt: skip


def _of_piece(one: _Piece, position: int, numbers: Numbers) -> IndexLetter:
    return IndexLetter(position=position, number=numbers.give("100.3", "JDIH", one.date),
                       subject=f"{one.title}, bagian {one.at + 1}", body=one.text, unit="JDIH",
                       kind="peraturan", code="100.3", date=one.date)  # fmt: skip


def _pieces(corpus: Path, laws: int, seed: int) -> Iterator[_Piece]:
    found = [
        (name, title, text)
        for name, title, text in search_letters.documents(corpus)
        if re.fullmatch(r"(uu|pp)/\d{4}/\d+\.md", name)
    ]
    drawn = random.Random(seed)
    for name, title, text in drawn.sample(found, min(laws, len(found))):
        kind, year, number = name.removesuffix(".md").split("/")
        length = search_letters.LENGTH
        for at in range(min(PIECES, -(-len(text) // length))):
            date = datetime.date(2022, 1, 3) + datetime.timedelta(days=drawn.randrange(4 * 365))
            part = text[at * length : (at + 1) * length]
            yield _Piece(kind, number, year, title, at, part, date)


# --- questions ------------------------------------------------------------------------------------


def _on_topics(drawn: random.Random, letters: Sequence[tuple[int, Letter]]) -> Iterator[Asked]:
    path = Path(__file__).with_name("correspondence_queries.toml")
    for group, lines in tomllib.loads(path.read_text(encoding="utf-8"))["queries"].items():
        for line in lines:
            name, _, text = line.partition(" | ")
            topic, _, number = name.partition("#")
            aspect = int(number or 0)
            asked = [field for _, field, _, _ in string.Formatter().parse(text) if field]
            fit = [
                one
                for _, one in letters
                if one.topic == topic
                and aspect in (0, one.aspect)
                and all(map(one.facts.get, asked))
            ]
            one = drawn.choice(fit)
            facts = {name: one.facts[name] for name in asked}
            grades = {at: grade for at, letter in letters
                      if (grade := _grade(letter, topic, aspect, facts))}  # fmt: skip
            yield Asked(group, text.format(**facts), grades)


def _grade(letter: Letter, topic: str, aspect: int, facts: dict[str, str]) -> int:
    missed = {name for name, value in facts.items() if letter.facts[name] != value}
    if letter.topic == topic and missed <= _LOOSE:
        return RELATED if missed or aspect not in (0, letter.aspect) else WANTED
    return RELATED if not missed and letter.topic in correspondence.related()[topic] else 0


def _on_numbers(
    drawn: random.Random, letters: dict[int, IndexLetter], answers: Sequence[tuple[int, int]]
) -> Iterator[Asked]:
    """Whole numbers as people write them, and parts that belong to one letter only."""
    whole = (str, str.lower, lambda text: text.replace("/", " / "),
             lambda text: re.sub(r"/0+", "/", text), lambda text: f"surat nomor {text}")  # fmt: skip
    known = [at for at, letter in letters.items() if letter.unit != "JDIH"]
    answered = sorted({to for _, to in answers})
    for turn in range(20):
        at = drawn.choice(answered if turn % 2 else known)
        code, sequence, unit, month, year = letters[at].number.split("/")
        short = unit.removeprefix("KEL-").replace("-", " ").lower()
        some = (f"{sequence}/{unit}/{month}/{year}", f"{code}/{sequence} {unit} {year}",
                f"{int(sequence)} {unit} {year}", f"no {sequence} {short} {year}",
                f"nomor {int(sequence)} {short} tahun {year}")  # fmt: skip
        grades = {reply: RELATED for reply, to in answers if to == at} | {at: WANTED}
        if turn < 10:
            yield Asked("number_whole", whole[turn // 2](letters[at].number), grades)
        else:
            yield Asked("number_part", some[(turn - 10) // 2], grades)


def _on_laws(drawn: random.Random, pieces: Sequence[tuple[int, _Piece]]) -> Iterator[Asked]:
    titles = [piece.title for _, piece in pieces if piece.at == 0]
    firsts = [
        piece
        for _, piece in pieces
        if piece.at == 0 and titles.count(piece.title) == 1
        and 25 <= len(piece.title) <= 110 and "PERUBAHAN" not in piece.title.upper()
    ]  # fmt: skip
    ways = ("{short} {number} {year}", "{short} nomor {number} tahun {year}",
            "{short} No. {number}/{year}", "{long} {number} tahun {year}")  # fmt: skip
    for turn, law in enumerate(drawn.sample(firsts, min(20, len(firsts)))):
        same = {at: piece for at, piece in pieces if piece.law == law.law}
        if turn % 2:
            words = [word for word in law.title.lower().split() if word not in _LITTLE]
            yield Asked("law_title", " ".join(words[:6]), dict.fromkeys(same, WANTED))
        else:
            text = ways[turn // 2 % 4].format(short=law.kind.upper(), long=_LAWS[law.kind].lower(),
                                              number=law.number, year=law.year)  # fmt: skip
            grades = {at: RELATED if piece.at else WANTED for at, piece in same.items()}
            yield Asked("law_number", text, grades)

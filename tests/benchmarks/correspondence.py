"""Letters of a city's offices, made by a seed, each with what it is about.

What a letter is about comes first: a topic, and facts such as the place. Its words are drawn after that,
so that judging which letters a question wants needs no look at them: letters on one topic use different
words, one office writes a term in full and another its abbreviation, and letters mention other topics in
passing and name the numbers of earlier letters.
"""

from __future__ import annotations

import datetime
import functools
import random
import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs

SIZE = 36  # Letters of a topic that says nothing of it.
_MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
)
_FIRST = datetime.date(2022, 1, 3)
_DAYS = 4 * 365
_PASSING = (
    "Dalam kesempatan yang sama dibahas pula secara singkat {}.",
    "Adapun mengenai {} akan disampaikan dengan surat tersendiri.",
)
_CLOSING = (
    "Demikian disampaikan, atas perhatian dan kerja sama Saudara diucapkan terima kasih.",
    "Demikian untuk menjadi maklum dan dilaksanakan dengan penuh tanggung jawab.",
    "Demikian agar dapat dipergunakan sebagaimana mestinya.",
)


@attrs.frozen(kw_only=True)
class Letter:
    """``aspect`` counts the topic's wordings from 1. ``facts`` are those that questions name: kind,
    place, person, month and year. ``answers`` is the place in the list of the letter that this one
    answers, None for none."""

    topic: str
    aspect: int
    facts: dict[str, str]
    subject: str
    body: str
    unit: str
    code: str
    date: datetime.date
    answers: int | None = None


@functools.cache
def data() -> dict[str, Any]:
    """The file beside this one."""
    return tomllib.loads((Path(__file__).with_suffix(".toml")).read_text(encoding="utf-8"))


@functools.cache
def related() -> dict[str, frozenset[str]]:
    """The topics that are of some use to who asks for a topic."""
    return {topic["id"]: frozenset(topic.get("related", ())) for topic in data()["topic"]}


def letters(seed: int = 0, *, share: float = 1.0) -> list[Letter]:
    """All topics' letters, oldest first: about 2,650, or a share of each topic's."""
    drawn = random.Random(seed)
    dated = [
        (_FIRST + datetime.timedelta(days=drawn.randrange(_DAYS)), turn, topic)
        for topic in data()["topic"]
        for turn in range(max(4, round(topic.get("size", SIZE) * share)))
    ]
    dated.sort(key=lambda one: one[0])
    made: list[Letter] = []
    for date, turn, topic in dated:
        made.append(_letter(drawn, topic, turn % len(topic["wordings"]), date, made))
    return made


def _letter(
    drawn: random.Random,
    topic: dict[str, Any],
    aspect: int,
    date: datetime.date,
    before: Sequence[Letter],
) -> Letter:
    facts = {
        "kind": drawn.choice(list(data()["kinds"])),
        "place": drawn.choice(data()["places"]["names"]),
        "person": _person(drawn),
        "month": _MONTHS[date.month - 1],
        "year": str(date.year),
    }
    write = _writer(drawn, facts)
    title, *sentences = topic["wordings"][aspect]
    if not topic.get("person") and "{person}" not in " ".join((title, *sentences)):
        facts["person"] = ""
    if "{place}" not in " ".join((title, *sentences)):
        facts["place"] = ""
    local = facts["place"] and drawn.random() < 0.5
    unit = f"KEL-{facts['place'].upper().replace(' ', '-')}" if local else topic["unit"]
    subject = f"{data()['kinds'][facts['kind']]['title']} {write(title)}"
    answers = _earlier(drawn, topic["id"], before)
    sentences = [write(sentence) for sentence in sentences]
    body = _body(drawn, topic["id"], unit, date, facts["kind"], subject, sentences)
    return Letter(
        topic=topic["id"],
        aspect=aspect + 1,
        facts=facts,
        subject=subject,
        body=body,
        unit=unit,
        code=topic["code"],
        date=date,
        answers=answers,
    )


def _body(
    drawn: random.Random,
    topic: str,
    unit: str,
    date: datetime.date,
    kind: str,
    subject: str,
    sentences: Sequence[str],
) -> str:
    lines = [
        *_head(unit, drawn),
        f"Hal: {subject}",
        f"Jambi, {date.day} {_MONTHS[date.month - 1]} {date.year}",
        *sentences[:1],
        *(
            _writer(drawn, {"place": "", "person": ""})(line)
            for line in data()["kinds"][kind]["lines"]
        ),
        *sentences[1:],
    ]
    if drawn.random() < 0.25:
        other = drawn.choice([one for one in data()["topic"] if one["id"] != topic])
        # About somewhere and somebody else, so that these words are no facts of this letter.
        elsewhere = {"place": drawn.choice(data()["places"]["names"]), "person": _person(drawn)}
        mentioned = _writer(drawn, elsewhere)(drawn.choice(other["wordings"])[0])
        lines.append(drawn.choice(_PASSING).format(mentioned))
    return "\n".join([*lines, drawn.choice(_CLOSING), "Tembusan:", *_copies(drawn)])


def _person(drawn: random.Random) -> str:
    places = data()["places"]
    first, *last = drawn.choice(places["first"]), *drawn.sample(places["last"], 2)
    return " ".join((first, *last))


def _writer(drawn: random.Random, facts: dict[str, str]) -> Any:
    """A function that fills in a text; terms stay in the form that the letter has them in."""
    style = drawn.choice(("full", "full", "short", "short", "both"))
    ward = drawn.choice(("Kelurahan", "Kel."))
    road = drawn.choice(data()["places"]["roads"])
    met: set[str] = set()

    def term(match: re.Match[str]) -> str:
        full, short = data()["forms"][match[1]]
        if style == "both" and match[1] not in met:
            met.add(match[1])
            return f"{full} ({short})"
        return full if style == "full" else short

    def write(text: str) -> str:
        text = re.sub(r"<(\w+)>", term, text)
        for name, value in (("place", f"{ward} {facts['place']}"), ("road", road),
                            ("person", facts["person"])):  # fmt: skip
            text = text.replace(f"{{{name}}}", value)
        return re.sub(r"\{n\}", lambda _: str(drawn.randint(2, 9)), text)

    return write


def _head(unit: str, drawn: random.Random) -> Iterator[str]:
    yield "PEMERINTAH KOTA JAMBI"
    name = data()["units"].get(unit) or "Kelurahan " + unit[4:].replace("-", " ").title()
    yield name.upper()
    yield f"Jalan {drawn.choice(data()['places']['roads'])} Nomor {drawn.randint(1, 90)}"


def _copies(drawn: random.Random) -> list[str]:
    return [f"Kepala {name}" for name in drawn.sample(list(data()["units"].values()), 2)]


def _earlier(drawn: random.Random, topic: str, before: Sequence[Letter]) -> int | None:
    """An earlier letter on the same topic, now and then."""
    if drawn.random() > 0.2:
        return None
    found = [at for at, letter in enumerate(before) if letter.topic == topic]
    return drawn.choice(found) if found else None

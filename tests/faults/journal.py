"""What writers tell the judge: each line is one ``os.write``, made when the call had returned, so
it outlives the writer."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

import attrs

from sipadek.archive import Letter
from sipadek.errors import SipadekError


@attrs.frozen
class Given:
    """A number that was acknowledged for a key."""

    key: str
    series: str
    counter: str
    sequence: int
    number: str
    insertion: int = 0

    @classmethod
    def of(cls, letter: Letter) -> Self:
        return cls(
            key=letter.key,
            series=letter.details.series,
            counter=letter.counter,
            sequence=letter.sequence,
            number=letter.number,
            insertion=letter.insertion,
        )


class Journal:
    """Writes to a file's descriptor or a pipe's."""

    def __init__(self, to: Path | int) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self._descriptor = to if isinstance(to, int) else os.open(to, flags, 0o600)

    def ask(self, keys: Sequence[str]) -> None:
        self.tell(ask=list(keys))

    def give(self, outcomes: Iterable[Letter | SipadekError]) -> None:
        """Acknowledge letters; errors in their place are told as such."""
        letters = []
        for outcome in outcomes:
            if isinstance(outcome, Letter):
                letters.append(attrs.astuple(Given.of(outcome)))
            else:
                self.error(outcome)
        self.tell(give=letters)

    def error(self, error: Exception) -> None:
        self.tell(error=f"{type(error).__name__}: {error}")

    def tell(self, **facts: object) -> None:
        os.write(self._descriptor, json.dumps(facts).encode() + b"\n")


@attrs.define
class Told:
    """All that came out of one or several journals, in order."""

    asked: list[str] = attrs.field(factory=list)
    given: list[Given] = attrs.field(factory=list)
    errors: list[str] = attrs.field(factory=list)
    other: list[dict[str, object]] = attrs.field(factory=list)

    @property
    def unanswered(self) -> list[str]:
        """Keys that were asked for and got no number, each once."""
        answered = {given.key for given in self.given}
        return [key for key in dict.fromkeys(self.asked) if key not in answered]

    def read(self, data: bytes) -> Told:
        """Take in a journal; a last line that is not whole was never told."""
        for line in data.split(b"\n")[:-1]:
            fact = json.loads(line)
            if "ask" in fact:
                self.asked += fact["ask"]
            elif "give" in fact:
                self.given += [Given(*values) for values in fact["give"]]
            elif "error" in fact:
                self.errors.append(fact["error"])
            else:
                self.other.append(fact)
        return self


def told(folder: Path, pattern: str = "*.journal") -> Told:
    """What the journals in ``folder`` tell together."""
    facts = Told()
    for path in sorted(folder.glob(pattern)):
        facts.read(path.read_bytes())
    return facts

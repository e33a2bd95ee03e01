"""TOML whose mistakes are told with their line: the standard reader forgets where it read something."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final, NoReturn

import attrs

from sipadek.errors import InvalidInput

Path = tuple[str | int, ...]

_HEADER: Final = re.compile(r"\s*(\[\[?)\s*([\w.\-]+)\s*\]\]?\s*(?:#.*)?")
_KEY: Final = re.compile(r"\s*([\w\-]+)\s*=")


def read_toml(text: str, *, file: str) -> Table:
    """The top table of ``text``; ``file`` names it in errors. Tables and keys are written bare, with
    one key at the start of a line. Raises InvalidInput, with the line where it is known."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = broken_line(error)
        raise InvalidInput(f"{file} is not TOML: {error}", file=file, line=line, field="") from None
    return Table(values=values, path=(), file=file, lines=key_lines(text))


def broken_line(error: tomllib.TOMLDecodeError) -> int:
    """The line (from 1) at which TOML cannot be read; 0 where it is not told."""
    found = re.search(r"line (\d+)", str(error))
    return int(found[1]) if found else 0


def key_lines(text: str) -> dict[Path, int]:
    """The path of each table and key, and its line from 1. Tables of a list are counted from 0."""
    return dict(_lines(text))


def _lines(text: str) -> Iterator[tuple[Path, int]]:
    seen: Counter[Path] = Counter()
    table: Path = ()
    pending = ""
    for number, line in enumerate(text.splitlines(), 1):
        if pending:
            pending = _unfinished(f"{pending}\n{line}")
        elif header := _HEADER.fullmatch(line):
            table = _table(header[2].split("."), seen, repeated=header[1] == "[[")
            yield table, number
        elif key := _KEY.match(line):
            yield (*table, key[1]), number
            pending = _unfinished(line)


def _table(names: list[str], seen: Counter[Path], *, repeated: bool) -> Path:
    path: Path = ()
    for place, name in enumerate(names, 1):
        path = (*path, name)
        if repeated and place == len(names):
            seen[path] += 1
        if seen[path]:
            path = (*path, seen[path] - 1)
    return path


def _unfinished(lines: str) -> str:
    """The lines, where their value goes on in the next one."""
    try:
        tomllib.loads(lines)
    except tomllib.TOMLDecodeError:
        return lines
    return ""


@attrs.frozen(kw_only=True)
class Table:
    """A table that is read key by key; `done` refuses what nothing asked for."""

    values: Mapping[str, Any] = attrs.field(repr=False)
    path: Path
    file: str
    lines: Mapping[Path, int] = attrs.field(repr=False)
    _asked: set[str] = attrs.field(factory=set, init=False, repr=False)

    def refuse(self, key: str, why: str) -> NoReturn:
        """Raise InvalidInput for the value of ``key``: what was expected and what to do is ``why``."""
        path: Path = (*self.path, key) if key else self.path
        known = (self.lines.get(path[:n]) for n in range(len(path), 0, -1))
        line = next((each for each in known if each is not None), 1)
        field = ".".join(str(each + 1) if isinstance(each, int) else each for each in path)
        raise InvalidInput(
            f"{self.file}, line {line}, {field or 'the file'}: {why}",
            file=self.file,
            line=line,
            field=field,
        )

    def has(self, key: str) -> bool:
        """Whether the key is written."""
        self._asked.add(key)
        return key in self.values

    def text(self, key: str, default: str | None = None) -> str:
        """A text of one line or more, not empty; ``default`` where the key is not written."""
        value = self._value(key, default)
        if not isinstance(value, str) or (not value.strip() and value != default):
            self.refuse(key, f"is {value!r}; write text in quotes")
        return " ".join(value.split())

    def number(self, key: str, default: int | None = None) -> int:
        """A whole number of 0 or more."""
        value = self._value(key, default)
        if type(value) is not int or value < 0:
            self.refuse(key, f"is {value!r}; write a whole number of 0 or more")
        return value

    def flag(self, key: str, default: bool) -> bool:
        """true or false."""
        value = self._value(key, default)
        if type(value) is not bool:
            self.refuse(key, f"is {value!r}; write true or false")
        return value

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of texts, at least one where it is written."""
        value = self._value(key, default)
        if default is not None and value is default:
            return tuple(default)
        if (
            not isinstance(value, list)
            or not value
            or not all(isinstance(each, str) and each.strip() for each in value)
        ):
            self.refuse(key, f"is {value!r}; write a list of texts, such as ['…', '…']")
        return tuple(" ".join(each.split()) for each in value)

    def table(self, key: str) -> Table:
        """The table of that name."""
        value = self._value(key, None)
        if not isinstance(value, dict):
            self.refuse(key, f"is {value!r}; write a table [{key}]")
        return self._at(value, key)

    def tables(self, key: str, *, least: int = 1) -> list[Table]:
        """The tables [[key]], in order."""
        value = self._value(key, [])
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            self.refuse(key, f"write tables [[{key}]]")
        if len(value) < least:
            self.refuse(key, f"is missing; write at least {least} [[{key}]]")
        return [self._at(each, key, place) for place, each in enumerate(value)]

    def done(self) -> None:
        """Refuse keys that nothing asked for: they are slips."""
        for key in self.values:
            if key not in self._asked:
                known = ", ".join(sorted(self._asked))
                self.refuse(key, f"is not known here; known are {known}")

    def _at(self, values: Mapping[str, Any], *path: str | int) -> Table:
        return Table(values=values, path=(*self.path, *path), file=self.file, lines=self.lines)

    def _value(self, key: str, default: Any) -> Any:
        self._asked.add(key)
        if key in self.values:
            return self.values[key]
        if default is None:
            self.refuse(key, "is missing; write it")
        return default

"""Rows of tables in an SQL dump of MySQL or MariaDB: mysqldump, phpMyAdmin, CodeIgniter."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

from sipadek.errors import InvalidInput

_TOKEN: Final = re.compile(
    r"""
    (?P<text>'(?:[^'\\]|\\.|'')*' | "(?:[^"\\]|\\.|"")*")
  | (?P<name>`(?:[^`]|``)*`)
  | (?P<skip>--[^\n]* | \#[^\n]* | /\*.*?\*/ | \s+)
  | (?P<sign>[(),;])
  | (?P<word>[^\s'"`(),;#]+)
  | (?P<stray>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPED: Final = re.compile(r"\\(.)|''|\"\"", re.DOTALL)
_SPECIAL: Final = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a"}

_Token = tuple[str, str, int]


def dump_rows(text: str, tables: Collection[str]) -> Iterator[tuple[str, int, dict[str, str]]]:
    """The rows that a dump inserts into these tables: table, line on which the row begins, and values
    by column; NULL is ''. Where an INSERT does not name its columns, the CREATE TABLE before it does.

    Raises InvalidInput, with the line, where the dump cannot be read.
    """
    tokens = _tokens(text)
    columns: dict[str, list[str]] = {}
    for kind, value, _ in tokens:
        if kind != "word" or value.upper() not in ("INSERT", "REPLACE", "CREATE"):
            _to_end(tokens, value)
            continue
        verb = value.upper()
        table = _table(tokens)
        if table not in tables:
            _to_end(tokens, table)
        elif verb == "CREATE":
            columns[table] = _created(tokens)
        else:
            yield from _inserted(tokens, table, columns.get(table))


def _tokens(text: str) -> Iterator[_Token]:
    line, last = 1, 0
    for found in _TOKEN.finditer(text):
        kind = str(found.lastgroup)
        if kind == "skip":
            continue
        line += text.count("\n", last, found.start())
        last = found.start()
        if kind == "stray":
            raise InvalidInput(
                f"line {line} of the dump cannot be read at {found[0]!r}: a text is not closed",
                line=line,
            )
        yield kind, found[0], line


def _table(tokens: Iterator[_Token]) -> str:
    """The name behind INTO or TABLE, '' for another statement; a database before it is left out."""
    for kind, value, _ in tokens:
        if kind == "sign":
            return value
        if kind == "name":
            return value.strip("`")
        if value.upper() not in ("INTO", "TABLE", "IGNORE", "IF", "NOT", "EXISTS", "LOW_PRIORITY"):
            return value.rpartition(".")[2].strip("`")
    return ""


def _to_end(tokens: Iterator[_Token], value: str) -> None:
    if value == ";":
        return
    for _, each, _ in tokens:
        if each == ";":
            return


def _created(tokens: Iterator[_Token]) -> list[str]:
    """The columns of a CREATE TABLE: the names that stand first in a definition."""
    columns, depth, first = [], 0, False
    for kind, value, _ in tokens:
        if value == ";" and kind == "sign":
            break
        if kind == "sign" and value in "()":
            depth += 1 if value == "(" else -1
            first = depth == 1 and value == "("
        elif kind == "sign" and depth == 1:
            first = True
        else:
            if first and kind == "name":
                columns.append(value.strip("`"))
            first = False
    return columns


def _inserted(
    tokens: Iterator[_Token], table: str, columns: list[str] | None
) -> Iterator[tuple[str, int, dict[str, str]]]:
    row: list[str] | None = None
    named: list[str] | None = None
    values = False
    start = 0
    for kind, value, line in tokens:
        if kind == "sign" and value == ";" and row is None:
            return
        if kind == "word" and value.upper() in ("VALUES", "VALUE"):
            values, columns = True, named or columns
            if columns is None:
                raise InvalidInput(
                    f"line {line}: the dump does not say which columns {table} has; export it with"
                    " its structure",
                    line=line,
                )
        elif kind == "sign" and value == "(":
            row, start = [], line
        elif kind == "sign" and value == ")" and row is not None:
            if not values:
                named = row
            else:
                yield table, start, _row(row, columns or [], start)
            row = None
        elif row is not None and value not in (",", "_binary"):  # a character set before a text
            row.append(_value(kind, value))


def _row(values: list[str], columns: list[str], line: int) -> dict[str, str]:
    if len(values) != len(columns):
        raise InvalidInput(
            f"line {line}: {len(values)} values came for {len(columns)} columns", line=line
        )
    return dict(zip(columns, values, strict=True))


def _value(kind: str, value: str) -> str:
    if kind == "name":
        return value.strip("`")
    if kind == "text":
        return _ESCAPED.sub(_unescaped, value[1:-1])
    return "" if value.upper() == "NULL" else value


def _unescaped(found: re.Match[str]) -> str:
    if found[1] is None:
        return found[0][0]
    return _SPECIAL.get(found[1], found[1])

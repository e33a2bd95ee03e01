"""The contract of the numbers on SQLite, on PostgreSQL: the same tests, with another office.

``findings`` compares the tables with their history before sealing and after it.
"""

from __future__ import annotations

import pytest
import test_numbers
from postgres_office import PostgresOffice
from sql_office import NOW
from test_numbers import *  # noqa: F403
from test_numbers import HOUR, ask, one, sound

from sipadek.archive import State
from sipadek.errors import KeyConflict

__all__ = [name for name in vars(test_numbers) if name.startswith("test_")]


def test_a_number_is_confirmed_and_found(numbers: PostgresOffice) -> None:
    """Without the search, which PostgreSQL does not have yet."""
    letter = one(numbers, "a")  # type: ignore[arg-type]
    (confirmed,) = numbers.register.confirm([letter.id], at=NOW)
    assert confirmed.state is State.ISSUED
    assert confirmed.issued_at == NOW
    assert numbers.register.confirm([letter.id, letter.id], at=NOW + HOUR) == [confirmed] * 2
    sound(numbers)  # type: ignore[arg-type]


def test_a_key_stands_once_in_a_paper(numbers: PostgresOffice) -> None:
    with pytest.raises(KeyConflict):
        numbers.register.reserve_paper([ask("a"), ask("a", unit="B")], at=NOW)


def test_a_stock_does_not_take_a_letters_key(numbers: PostgresOffice) -> None:
    one(numbers, "s#1")  # type: ignore[arg-type]
    with pytest.raises(KeyConflict):
        numbers.register.stock(ask("").details, 1, key="s", actor="T", at=NOW)
    sound(numbers)  # type: ignore[arg-type]

"""A few dozen tries of the damage machine; ``tests/faults/run.py archive`` makes thousands."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FAULTS = Path(__file__).resolve().parents[1] / "faults"


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    sys.path.insert(0, str(FAULTS))
    try:
        from archive import Machine
        from archive_place import make

        folder = tmp_path_factory.mktemp("mesin")
        yield Machine(folder, make(folder))
    finally:
        sys.path.remove(str(FAULTS))


def test_every_kind_of_damage_is_named(machine: Any) -> None:
    chance = random.Random(7)
    for name in machine.kinds:
        machine.once(name, chance)
    assert machine.failures == []


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_damage_is_named(machine: Any, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(list(machine.kinds)))
    seed = data.draw(st.integers(0, 2**32 - 1))
    machine.failures.clear()
    machine.once(name, random.Random(seed))
    assert machine.failures == []


def test_the_machine_itself_can_tell(machine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an audit that says nothing it counts misses; with one that cries wolf, false alarms."""
    from archive import Seen

    monkeypatch.setattr(machine, "_audit", lambda *_, **__: Seen())
    machine.once("object-lost", random.Random(1))
    monkeypatch.setattr(machine, "_audit", lambda *_, **__: Seen(findings=(("x", "y"),)))
    machine.once("untouched", random.Random(1))
    monkeypatch.setattr(machine, "_audit", lambda *_, **__: Seen(crash="KeyError"))
    machine.once("object-lost", random.Random(1))
    assert [each.split(",")[0] for each in machine.failures] == ["missed", "false alarm", "missed"]
    machine.failures.clear()

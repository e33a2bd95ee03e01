"""A dump holds all of a register, is the same each time, and is loaded whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sql_office import NOW, PLAIN, SERIES, Office, request

from sipadek.errors import DamagedRegister, InvalidInput, SipadekError


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = Office(tmp_path_factory.mktemp("penuh"))
    made.register.define_series(SERIES, at=NOW)
    made.register.define_series(PLAIN, at=NOW)
    made.reserved(request("a"), request("b", unit="LAIN"), request("c", series="nota"))
    made.register.void(made.reserved(request("d"))[0].id, reason="salah", at=NOW)
    made.register.close_period("surat", "2025", reason="akhir", actor="S", at=NOW)
    yield made
    made.close()


@pytest.fixture
def empty(tmp_path: Path, full: Office) -> Iterator[Office]:
    made = Office(tmp_path)
    made.close()
    made.path.unlink()
    made.key = full.key
    made.open()
    yield made
    made.close()


def sealed(lines: list[bytes]) -> list[bytes]:
    """The lines with a trailer that fits them."""
    told = {"rows": len(lines) - 2, "sha256": hashlib.sha256(b"".join(lines[:-1])).hexdigest()}
    return [*lines[:-1], json.dumps(told, separators=(",", ":")).encode() + b"\n"]


def test_a_dump_gives_the_register_back(full: Office, empty: Office) -> None:
    lines = [*full.register.dump()]
    assert lines == [*full.register.dump()]
    assert sealed(lines) == lines
    empty.register.load(lines)
    assert [*empty.register.dump()] == lines
    assert empty.findings() == []
    assert [*empty.register.letters()] == [*full.register.letters()]
    assert empty.register.head() == full.register.head()
    empty.reserved(request("e"))
    assert empty.findings() == []


def test_an_empty_register_has_a_dump_too(empty: Office, tmp_path: Path) -> None:
    lines = [*empty.register.dump()]
    empty.register.load(lines)
    assert [*empty.register.dump()] == lines


def refused(empty: Office, lines: list[bytes], error: type[Exception]) -> None:
    before = [*empty.register.dump()]
    with pytest.raises(error):
        empty.register.load(lines)
    assert [*empty.register.dump()] == before


@pytest.mark.parametrize(
    "spoil",
    [
        lambda lines: lines[:-1],
        lambda lines: lines[1:],
        lambda lines: [],
        lambda lines: [*lines, b"{}\n"],
        lambda lines: [*lines[:3], *lines[4:]],
        lambda lines: [lines[0], *sorted(lines[1:-1]), lines[-1]],
        lambda lines: [line.replace(b'":', b'": ') for line in lines],
        lambda lines: [line.replace(b"arsip.kota", b"arsip.desa") for line in lines],
    ],
)
def test_what_is_no_whole_dump_is_refused(
    full: Office, empty: Office, spoil: Callable[[list[bytes]], list[bytes]]
) -> None:
    refused(empty, spoil([*full.register.dump()]), InvalidInput)


@settings(max_examples=25)
@given(data=st.data())
def test_any_change_is_refused_even_under_a_good_trailer(full: Office, data: st.DataObject) -> None:
    lines = [*full.register.dump()]
    at = data.draw(st.integers(1, len(lines) - 2))
    value = json.loads(lines[at])
    field = data.draw(st.integers(0, len(value["row"]) - 1))
    old = value["row"][field]
    value["row"][field] = old + 1 if isinstance(old, int) else f"{old or ''}x"
    changed = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    lines[at] = changed.encode() + b"\n"
    folder = full.folder / hashlib.sha256(lines[at]).hexdigest()[:20]
    other = Office.__new__(Office)
    other.folder, other.path, other.key = folder, folder / "register.sqlite", full.key
    folder.mkdir(exist_ok=True)
    other.open()
    refused(other, sealed(lines), SipadekError)
    other.close()


def test_the_dump_of_another_key_is_refused(full: Office, tmp_path: Path) -> None:
    (tmp_path / "lain").mkdir()
    stranger = Office(tmp_path / "lain")
    refused(stranger, [*full.register.dump()], DamagedRegister)
    stranger.close()


def test_a_register_that_has_something_takes_none(full: Office, empty: Office) -> None:
    empty.register.define_series(PLAIN, at=NOW)
    refused(empty, [*full.register.dump()], InvalidInput)

"""Bags and OCFL storage roots, judged by bagit of the Library of Congress and by ocfl-py."""

from __future__ import annotations

import datetime
import hashlib
from pathlib import Path

import bagit
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ocfl import StorageRoot

from sipadek.errors import DamagedObject, InvalidInput
from sipadek.packages import BagWriter, OcflWriter, PackedFile

AT = datetime.datetime(2026, 11, 24, 3, tzinfo=datetime.UTC)
names = st.text(st.sampled_from("abc-_. \u00e9"), min_size=1, max_size=12).filter(
    lambda name: name.strip(". ") == name
)
contents = st.dictionaries(
    names, st.dictionaries(names, st.binary(max_size=50), min_size=1, max_size=3), max_size=3
)


def add(writer: BagWriter | OcflWriter, files: dict[str, dict[str, bytes]]) -> None:
    for folder, inner in files.items():
        writer.add(folder, [PackedFile.of(name, data) for name, data in inner.items()])


@settings(max_examples=10)
@given(files=contents)
def test_bags_are_valid_and_hold_what_was_put_in(
    files: dict[str, dict[str, bytes]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("kantong") / "tas"
    with BagWriter(root) as writer:
        add(writer, files)
        writer.finish({"Source-Organization": "Kelurahan\nLegok"})
    bag = bagit.Bag(str(root))
    assert bag.validate()
    assert bag.info["Source-Organization"] == "Kelurahan Legok"
    found = {path.relative_to(root).as_posix() for path in root.glob("data/**/*") if path.is_file()}
    assert found == {f"data/{folder}/{name}" for folder, inner in files.items() for name in inner}
    assert set(bag.algorithms) == {"sha256", "sha512"}


def test_paths_are_encoded_as_the_standard_says(tmp_path: Path) -> None:
    with BagWriter(tmp_path / "tas") as writer:
        writer.add("", [PackedFile.of("50%\n.txt", b"x")])
        writer.finish({})
    manifest = (tmp_path / "tas" / "manifest-sha256.txt").read_text("utf-8")
    assert manifest.endswith("  data/50%25%0A.txt\n")


def test_the_judge_of_bags_sees_a_flipped_byte(tmp_path: Path) -> None:
    with BagWriter(tmp_path / "tas") as writer:
        add(writer, {"satu": {"a": b"isi"}})
        writer.finish({})
    (tmp_path / "tas" / "data" / "satu" / "a").write_bytes(b"isa")
    with pytest.raises(bagit.BagValidationError):
        bagit.Bag(str(tmp_path / "tas")).validate()


def judged(root: Path) -> tuple[int, int, list[object]]:
    """How many objects there are, how many are good, and what is wrong."""
    judge = StorageRoot(root=str(root))
    assert judge.validate(log_warnings=True), judge.log
    return judge.num_objects, judge.good_objects, judge.errors


@settings(max_examples=10)
@given(files=contents)
def test_ocfl_roots_are_valid_and_hold_what_was_put_in(
    files: dict[str, dict[str, bytes]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("akar") / "ocfl"
    with OcflWriter(root, prefix="urn:uji:", at=AT) as writer:
        for folder, inner in files.items():
            place = writer.add(folder, [PackedFile.of(*each) for each in inner.items()])
            for name, data in inner.items():
                part = root.with_name(".ocfl.part")
                assert (part / place / "v1" / "content" / name).read_bytes() == data
        writer.add("", [PackedFile.of("catatan.txt", b"x")])
        writer.finish({})
    assert judged(root) == (len(files), len(files), [])


def test_the_judge_of_ocfl_sees_a_flipped_byte(tmp_path: Path) -> None:
    root = tmp_path / "ocfl"
    with OcflWriter(root, prefix="urn:uji:", at=AT) as writer:
        place = writer.add("satu", [PackedFile.of("a", b"isi")])
        writer.finish({})
    (root / place / "v1" / "content" / "a").write_bytes(b"isa")
    assert judged(root)[:2] == (1, 0)


@pytest.mark.parametrize("kind", ["bag", "ocfl"])
def test_a_package_is_whole_or_not_there(kind: str, tmp_path: Path) -> None:
    def writer() -> BagWriter | OcflWriter:
        root = tmp_path / "paket"
        return BagWriter(root) if kind == "bag" else OcflWriter(root, prefix="urn:x:", at=AT)

    digest = hashlib.sha256(b"isi").hexdigest()
    with pytest.raises(DamagedObject), writer() as package:
        package.add("satu", [PackedFile(name="a", chunks=(b"i", b"sa"), digest=digest)])
    assert [*tmp_path.iterdir()] == []
    (tmp_path / ".paket.part").mkdir()  # of a killed process
    with writer() as package:
        package.add("satu", [PackedFile(name="a", chunks=(b"i", b"si"), digest=digest)])
        package.finish({})
    assert [each.name for each in tmp_path.iterdir()] == ["paket"]
    with pytest.raises(InvalidInput):
        writer()


def test_labels_that_would_break_the_info_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput), BagWriter(tmp_path / "tas") as package:
        package.finish({"A: B\nC": "x"})

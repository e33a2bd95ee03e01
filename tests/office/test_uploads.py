"""Files that come in pieces: whatever is lost or sent again on the way, the whole is what was sent."""

from __future__ import annotations

import datetime
import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sipadek
from sipadek.errors import InvalidInput, OfficeError, UploadRefused
from sipadek.office.alone import alone
from sipadek.office.uploads import KEPT, drop_stale, upload
from sipadek.testing.pdfs import PdfRecipe, build


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@given(
    data=st.binary(min_size=1, max_size=60),
    steps=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=12),
)
def test_pieces_in_any_order_never_make_another_file(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, steps: list[tuple[int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("incoming")
    for start, length in steps:
        going = upload(folder, "a")  # another process each time
        here = going.offset
        piece = data[start : start + length]
        if start > here:
            with pytest.raises(UploadRefused) as refused:
                going.write(piece, offset=start)
            assert refused.value.fields["offset"] == going.offset == here
            continue
        assert going.write(piece, offset=start) == going.offset == max(here, start + len(piece))
    going = upload(folder, "a")
    if going.offset < len(data):
        with pytest.raises(UploadRefused, match=r"missing|nothing"):
            going.finish(sha256=sha(data))
        going.write(data[going.offset :], offset=going.offset)
    assert going.finish(sha256=sha(data).upper()).read_bytes() == data


def test_what_differs_or_is_too_large_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    going = upload(tmp_path, "surat/ö 1", max_size=10)
    going.write(b"abcdef", offset=0)
    for piece, offset in ((b"xbc", 0), (b"defX" * 2, 3), (b"efgX", -1), (b"g" * 5, 6), (b"x", 7)):
        with pytest.raises(UploadRefused):
            going.write(piece, offset=offset)
        assert going.finish(sha256=sha(b"abcdef")).read_bytes() == b"abcdef"
    assert going.write(b"efgh", offset=4) == 8
    other = upload(tmp_path, "surat/ö 2")
    assert other.offset == 0
    going.discard()
    going.discard()
    assert list(tmp_path.glob("*.part")) == []
    with pytest.raises(InvalidInput):
        upload(tmp_path, "a\n")


def test_one_process_writes_at_a_time(tmp_path: Path) -> None:
    going = upload(tmp_path, "a")
    going.write(b"a", offset=0)
    with alone(going.path.with_suffix(".lock"), "writing"), pytest.raises(OfficeError):
        going.write(b"b", offset=1)
    assert going.write(b"b", offset=1) == 2


_CHILD = """
import sys
from pathlib import Path
from sipadek.office.uploads import upload
going = upload(Path(sys.argv[1]), "a")
while True:
    at = going.offset
    going.write(bytes((at + n) % 251 for n in range(1000)), offset=at)
    print(going.offset, flush=True)
"""


def test_what_was_acknowledged_is_there_after_a_kill(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _CHILD, tmp_path], stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        told = [int(child.stdout.readline()) for _ in range(5)]
        os.kill(child.pid, signal.SIGKILL)
        told += [int(line) for line in child.stdout]
    going = upload(tmp_path, "a")
    assert going.offset >= told[-1] >= 5000
    size = going.offset
    rest = bytes(n % 251 for n in range(size, size + 500))
    going.write(rest, offset=size)
    whole = bytes(n % 251 for n in range(size + 500))
    assert going.finish(sha256=sha(whole)).read_bytes() == whole


def test_a_received_file_is_filed_and_stale_ones_are_dropped(tmp_path: Path) -> None:
    pdf = build(PdfRecipe(texts=("satu",)))
    with sipadek.open(tmp_path / "kantor") as office:
        office.define_series("s", "{nomor}/{tahun}")
        going = office.receive("k1")
        going.write(pdf[:100], offset=0)
        going.write(pdf[50:], offset=50)
        letter = office.file(going.finish(sha256=sha(pdf)), series="s", subject="Satu", key="k1")
        assert office.original(letter.id).read() == pdf
        office.receive("lama").write(b"x", offset=0)
        assert office.audit().clean
        later = datetime.datetime.now(datetime.UTC) + KEPT
        assert drop_stale(tmp_path / "kantor" / "incoming", at=later - datetime.timedelta(1)) == 0
        assert drop_stale(tmp_path / "kantor" / "incoming", at=later + datetime.timedelta(1)) == 2
        assert office.receive("lama").offset == 0

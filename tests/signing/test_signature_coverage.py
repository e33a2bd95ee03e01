from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipadek.errors import SignatureIncomplete, SignatureInvalid
from sipadek.signing.verifying.coverage import (
    Coverage,
    Piece,
    check_accounted,
    check_newest,
    check_tail,
    read_coverage,
)

TRAILER = b"xref\n0 0\ntrailer\n<<>>"
END = b"\nstartxref\n12\n%%EOF"
WHITE = st.text("\n\r \t\0", max_size=4).map(str.encode)


@st.composite
def signed_files(draw: st.DrawFn) -> tuple[bytes, list[int], bytes]:
    contents = draw(st.binary(max_size=40))
    before = draw(st.binary(min_size=1, max_size=40))
    after = draw(st.binary(min_size=1, max_size=40))
    text = contents.hex()
    hole = f"<{draw(st.sampled_from([text, text.upper()]))}>".encode()
    numbers = [0, len(before), len(before) + len(hole), len(after)]
    return before + hole + after, numbers, contents


@given(signed_files())
def test_a_range_that_leaves_out_its_own_contents(file: tuple[bytes, list[int], bytes]) -> None:
    data, numbers, contents = file
    coverage = read_coverage(data, "S", numbers, contents)
    assert (
        data[coverage.hole_start : coverage.hole_end].lower() == b"<%s>" % contents.hex().encode()
    )
    assert coverage.end == len(data)


@given(signed_files(), st.integers(0, 3), st.integers(-60, 60).filter(bool))
def test_any_other_range_is_refused_or_covers_less(
    file: tuple[bytes, list[int], bytes], which: int, change: int
) -> None:
    data, numbers, contents = file
    altered = list(numbers)
    altered[which] += change
    try:
        coverage = read_coverage(data, "S", altered, contents)
    except SignatureInvalid:
        return
    # Only a shorter tail can still make sense by itself; then bytes at the end are not covered.
    assert which == 3
    assert coverage.end < len(data)
    with pytest.raises(SignatureIncomplete):
        check_newest([coverage], len(data))


@given(signed_files(), st.binary(max_size=40))
def test_contents_read_elsewhere(file: tuple[bytes, list[int], bytes], other: bytes) -> None:
    data, numbers, contents = file
    if other != contents:
        with pytest.raises(SignatureInvalid):
            read_coverage(data, "S", numbers, other)


@pytest.mark.parametrize(
    "numbers", [[], [0, 1, 2], [0, 1, 2, 3, 4], [0, 1, 2, 3.5], [0, 1, None, 3], ["0", 1, 2, 3]]
)
def test_a_range_that_is_not_four_numbers(numbers: list[object]) -> None:
    with pytest.raises(SignatureInvalid, match="four numbers"):
        read_coverage(b"a<>bcd", "S", numbers, b"")


def test_the_hole_may_hold_only_a_hex_string() -> None:
    for hole in (b"<4 1>", b"<41", b"(A)", b"<41> ", b" <41>", b"<411>", b"<41><41>", b"<4g>"):
        data = b"a" + hole + b"b"
        with pytest.raises(SignatureInvalid):
            read_coverage(data, "S", [0, 1, 1 + len(hole), 1], b"A")


def test_overlapping_signatures() -> None:
    older = Coverage(field="A", hole_start=5, hole_end=9, end=30)
    newer = Coverage(field="B", hole_start=20, hole_end=25, end=40)
    with pytest.raises(SignatureInvalid, match="overlaps"):
        check_newest([older, newer], 40)
    check_newest([older, Coverage(field="B", hole_start=31, hole_end=35, end=40)], 40)


@st.composite
def revisions(draw: st.DrawFn) -> tuple[bytes, int, list[Piece], Piece]:
    """A file whose last revision is tiled by objects and a section, in any order of listing."""
    data = draw(st.binary(max_size=20)).replace(b"%", b"-")
    start, pieces = len(data), []
    for body in draw(st.lists(st.binary(min_size=1, max_size=12), max_size=5)):
        data += draw(WHITE)
        pieces.append(Piece(len(data), len(data) + len(body) + 15))
        data += b"1 0 obj " + body + b" endobj"
    data += draw(WHITE)
    section = Piece(len(data), len(data) + len(TRAILER))
    return data + TRAILER + END, start, draw(st.permutations(pieces)), section


@given(revisions(), WHITE)
def test_a_revision_without_gaps(file: tuple[bytes, int, list[Piece], Piece], tail: bytes) -> None:
    data, start, pieces, section = file
    end = check_accounted(data + tail, start, pieces, section)
    assert end == len(data)
    check_tail(data + tail, end)


@given(revisions(), st.data())
def test_a_gap_anywhere(file: tuple[bytes, int, list[Piece], Piece], data: st.DataObject) -> None:
    """What is left out of the listing belongs to no revision."""
    content, start, pieces, section = file
    if pieces:
        gone = data.draw(st.sampled_from(pieces))
        with pytest.raises(SignatureInvalid):
            check_accounted(content, start, [each for each in pieces if each != gone], section)
    with pytest.raises(SignatureInvalid):
        check_tail(content + b"x", len(content))


@given(revisions(), st.data())
def test_bytes_from_before_or_used_twice(
    file: tuple[bytes, int, list[Piece], Piece], data: st.DataObject
) -> None:
    content, start, pieces, section = file
    if start:
        at = data.draw(st.integers(0, start - 1))
        with pytest.raises(SignatureInvalid):
            check_accounted(content, start, [*pieces, Piece(at, start)], section)
    if pieces:
        one = data.draw(st.sampled_from(pieces))
        with pytest.raises(SignatureInvalid):
            check_accounted(content, start, [*pieces, Piece(one.start + 1, one.end)], section)


def test_a_section_that_does_not_close_its_revision() -> None:
    data = b"xref trailer<<>> startxref\n0\n%%EOF"
    assert check_accounted(data, 0, [], Piece(0, 16)) == len(data)
    for broken in (data.replace(b"%%", b"%"), data.replace(b"startxref", b"startx"), data[:20]):
        with pytest.raises(SignatureInvalid):
            check_accounted(broken, 0, [], Piece(0, 16))
    with pytest.raises(SignatureInvalid):
        check_accounted(data, 0, [Piece(17, 20)], Piece(0, 16))

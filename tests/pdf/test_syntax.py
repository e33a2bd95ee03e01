"""Reading PDF syntax: where values end, what tokens stand for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipadek.errors import BrokenPdf, LimitExceeded
from sipadek.pdf.objects import Dictionary, Ref, text_string
from sipadek.pdf.syntax import (
    MAX_DEPTH,
    read_array,
    read_dictionary,
    read_integer,
    read_number,
    read_ref,
    read_string,
    replace_strings,
    skip_space,
    value_end,
)

_SPACES = st.text("\x00\t\n\x0c\r ", max_size=3).map(str.encode)
_NAMES = st.text(st.characters(min_codepoint=1, max_codepoint=255), min_size=1, max_size=8).map(
    lambda text: text.encode("latin-1")
)


def _literal(data: bytes) -> bytes:
    escaped = data.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    return b"(" + escaped.replace(b"\r", b"\\r") + b")"


_SCALARS = st.one_of(
    st.integers(-(10**9), 10**9).map(lambda n: b"%d" % n),
    st.sampled_from([b"true", b"false", b"null", b"1.5", b"-.002", b"/Name", b"/N#20x"]),
    st.builds(lambda n, g: bytes(Ref(n, g)), st.integers(1, 10**6), st.integers(0, 65535)),
    st.binary(max_size=12).map(_literal),
    st.binary(max_size=12).map(lambda data: b"<" + data.hex().encode() + b">"),
)


def _composed(children: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    arrays = st.lists(children, max_size=4).map(lambda vs: b"[" + b" ".join(vs) + b"]")
    dictionaries = st.dictionaries(_NAMES, children, max_size=4).map(lambda d: bytes(Dictionary(d)))
    return st.one_of(arrays, dictionaries)


VALUES = st.recursive(_SCALARS, _composed, max_leaves=12)


@given(VALUES, st.sampled_from([b" ", b"/Next", b">>", b"\n%comment\n"]), _SPACES)
def test_a_value_ends_where_it_was_written_to_end(
    value: bytes, after: bytes, before: bytes
) -> None:
    data = before + value + after
    assert value_end(data, len(before)) == len(before) + len(value)


@given(
    st.dictionaries(_NAMES, VALUES, max_size=5),
    st.sampled_from([b" ", b"\n%a comment (with >> in it\r\n", b"%\n"]),
)
def test_a_dictionary_reads_back_as_it_was_written(
    entries: dict[bytes, bytes], between: bytes
) -> None:
    written = bytes(Dictionary(entries))
    assert read_dictionary(written) == (entries, len(written))
    parts = [bytes(Dictionary({key: value}))[2:-2] for key, value in entries.items()]
    spread = b"<<" + between + between.join(parts) + between + b">>"
    assert read_dictionary(spread) == (entries, len(spread))


@given(st.lists(VALUES, max_size=5), _SPACES)
def test_an_array_reads_back_value_by_value(values: list[bytes], space: bytes) -> None:
    assert read_array(b"[" + (b" " + space).join(values) + b"]") == values


@given(st.text(max_size=30).filter(lambda text: not any(0xD800 <= ord(c) < 0xE000 for c in text)))
def test_a_text_string_says_what_it_was_made_of(text: str) -> None:
    data = read_string(text_string(text))
    decoded = data[2:].decode("utf-16-be") if data[:2] == b"\xfe\xff" else data.decode("ascii")
    assert decoded == text


@given(st.binary(max_size=40))
def test_literal_and_hexadecimal_strings_stand_for_the_same_bytes(data: bytes) -> None:
    assert read_string(_literal(data)) == data
    assert read_string(b"<" + data.hex().encode() + b">") == data


@pytest.mark.parametrize(
    ("token", "meaning"),
    [
        (rb"(a(b)c)", b"a(b)c"),
        (rb"(\101\7\0053)", b"A\x07\x053"),
        (b"(a\\\nb)", b"ab"),
        (b"(a\r\nb\rc)", b"a\nb\nc"),
        (rb"(\z\)\n)", b"z)\n"),
        (b"<4 1\n4>", b"A@"),
    ],
)
def test_string_escapes_of_the_standard(token: bytes, meaning: bytes) -> None:
    assert read_string(token) == meaning


@given(VALUES)
def test_replacing_strings_touches_nothing_but_strings(value: bytes) -> None:
    upper = replace_strings(value, lambda data: data)
    assert replace_strings(upper, lambda data: data) == upper
    seen: list[bytes] = []
    replace_strings(value, lambda data: seen.append(data) or data)
    again: list[bytes] = []
    replace_strings(upper, lambda data: again.append(data) or data)
    assert again == seen


@pytest.mark.parametrize("opening", [b"[", b"<</A "])
def test_deep_nesting_is_refused_and_not_followed(opening: bytes) -> None:
    with pytest.raises(LimitExceeded):
        value_end(opening * (MAX_DEPTH + 1), 0)
    assert value_end(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, 0) == 2 * MAX_DEPTH


@pytest.mark.parametrize(
    "data", [b"", b"(abc", b"<41", b"[1 2", b"<</A 1", b"<</A", b">", b"\x80("]
)
def test_what_does_not_end_is_broken(data: bytes) -> None:
    with pytest.raises(BrokenPdf):
        value_end(b"[" + data, 0)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_value_or_a_clear_error(data: bytes) -> None:
    try:
        end = value_end(data, skip_space(data, 0))
    except (BrokenPdf, LimitExceeded):
        return
    assert 0 < end <= len(data)


def test_a_key_without_a_value_counts_as_absent() -> None:
    assert read_dictionary(b"<</A 1/B>>")[0] == {b"A": b"1"}


@pytest.mark.parametrize("value", [b"12 0 R ", b"12 0", b"12", b"12 0 Rx", b"/A"])
def test_only_a_whole_reference_is_one(value: bytes) -> None:
    assert read_ref(value) is None
    assert read_ref(b"12 3 R") == Ref(12, 3)


@pytest.mark.parametrize("value", [b"nan", b"inf", b"1e99", b"abc", b"9" * 400])
def test_numbers_out_of_range_are_broken(value: bytes) -> None:
    with pytest.raises(BrokenPdf):
        read_number(value)


@pytest.mark.parametrize(
    ("value", "number"), [(b"-7", -7), (b"+3", 3), (None, None), (b"1.0", None)]
)
def test_integers(value: bytes | None, number: int | None) -> None:
    assert read_integer(value) == number

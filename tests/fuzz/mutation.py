"""Mutations of PDFs that keep more of them readable than noise does.

Half of the time libFuzzer mutates the bytes as they are. Else one change is made where it matters: a
number, a name, a piece that moves, what a compressed stream unpacks to; then, mostly, the classic
tables and the newest startxref are made right again, so that the change is reached by the reader.
"""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Callable

Mutate = Callable[[bytes, int], bytes]

_NUMBER = re.compile(rb"(?<![\w.])-?\d{1,10}(?![\w.])")
_NAME = re.compile(rb"/[A-Za-z0-9]+")
_STREAM = re.compile(rb"/Length (\d+)([^<>]*>>)\s*stream\r?\n")
_OBJECT = re.compile(rb"(?m)^(\d+) (\d+) obj")
_ROW = re.compile(rb"\d{10} (?=\d{5} n)")
_ODD = (0, 1, -1, 2, 255, 65535, 65536, 99999, 2**31 - 1, 2**31, 2**32, 8_388_607, 10**10 - 1)


def mutated(data: bytes, limit: int, seed: int, mutate: Mutate) -> bytes:
    """``data`` changed by chance (``seed``), at most ``limit`` bytes; ``mutate`` is libFuzzer's."""
    chance = random.Random(seed)
    if chance.random() < 0.4:
        return mutate(data, limit)
    change = chance.choice((_number, _name, _move, _unpacked, _number, _name))
    out = change(data, chance, mutate)
    if chance.random() < 0.8:
        out = repaired(out)
    return out[:limit]


def _pick(pattern: re.Pattern[bytes], data: bytes, chance: random.Random) -> re.Match[bytes] | None:
    return chance.choice(list(pattern.finditer(data)) or [None])


def _replaced(data: bytes, found: re.Match[bytes], by: bytes) -> bytes:
    return data[: found.start()] + by + data[found.end() :]


def _number(data: bytes, chance: random.Random, _: Mutate) -> bytes:
    found = _pick(_NUMBER, data, chance)
    if found is None:
        return data
    near = int(found[0]) + chance.choice((-1, 1, 2, -7))
    value = chance.choice((near, chance.choice(_ODD), chance.randrange(len(data) + 1)))
    return _replaced(data, found, b"%d" % value)


def _name(data: bytes, chance: random.Random, _: Mutate) -> bytes:
    found, other = _pick(_NAME, data, chance), _pick(_NAME, data, chance)
    if found is None or other is None:
        return data
    words = (other[0], b"null", b"[]", b"<<>>", b"1 0 R", b"%d 0 R" % chance.randrange(12), b"(x")
    return _replaced(data, found, chance.choice(words))


def _move(data: bytes, chance: random.Random, _: Mutate) -> bytes:
    """A piece taken away, doubled or put elsewhere."""
    start = chance.randrange(len(data) + 1)
    piece = data[start : start + chance.choice((1, 8, 60, 400))]
    rest = data if chance.random() < 0.5 else data[:start] + data[start + len(piece) :]
    at = chance.randrange(len(rest) + 1)
    return rest[:at] + piece * chance.choice((0, 1, 1, 2)) + rest[at:]


def _unpacked(data: bytes, chance: random.Random, mutate: Mutate) -> bytes:
    """What one compressed stream holds is mutated and packed again."""
    found = _pick(_STREAM, data, chance)
    if found is None:
        return data
    end = found.end() + int(found[1])
    unpacker = zlib.decompressobj()
    try:
        inside = unpacker.decompress(data[found.end() : end], 1 << 16)
    except zlib.error:
        return data
    changer = chance.choice((_number, _name, _move, lambda d, *_: mutate(d, 1 << 16)))
    packed = zlib.compress(changer(inside, chance, mutate))
    head = found[0].replace(found[1], b"%d" % len(packed), 1)
    return data[: found.start()] + head + packed + data[end:]


def repaired(data: bytes) -> bytes:
    """With the offsets of the last classic table, and the newest startxref, pointing right again."""
    places = {int(m[1]): m.start() for m in _OBJECT.finditer(data)}
    at = data.rfind(b"\nxref\n") + 1
    if at:
        head = re.compile(rb"(\d{1,7}) \d+\s").match(data, at + 5)
        first = int(head[1]) if head else 0
        rows = data[at:]
        for number, row in enumerate(list(re.finditer(rb"\d{10} \d{5} [nf]", rows)), first):
            if number in places and _ROW.match(rows, row.start()):
                offset = b"%010d" % places[number]
                rows = rows[: row.start()] + offset + rows[row.start() + 10 :]
        data = data[:at] + rows
    else:
        stream = data.rfind(b"/XRef")
        begun = [m.start() for m in _OBJECT.finditer(data, 0, max(stream, 0))]
        at = begun[-1] if begun else 0
    last = data.rfind(b"startxref")
    if at <= 0 or last < 0:
        return data
    return data[:last] + re.sub(rb"\A(startxref\s+)\d+", rb"\g<1>%d" % at, data[last:])

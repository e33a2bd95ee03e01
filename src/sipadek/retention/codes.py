"""Classification codes: their order, and what stands above one."""

from __future__ import annotations

import re
from typing import Any, Final

from sipadek.errors import InvalidInput
from sipadek.naskah import code_order
from sipadek.naskah.codes import Key

_CODE: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,15}")


def check_code(code: Any) -> str:
    """The code, if it is one: whole numbers with dots between, such as '400.12.2.1' or '005'.

    Raises InvalidInput for anything else.
    """
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise InvalidInput(
            f"classification code {code!r} cannot be read; write numbers with dots between, such as"
            " '400.12.2.1'",
            code=code,
        )
    return code


def code_key(code: str) -> Key:
    """As `sipadek.naskah.code_order`, of what is a code. Raises InvalidInput."""
    return code_order(check_code(code))


def ancestors(code: str) -> tuple[str, ...]:
    """The code and what stands above it, nearest first: '471.1', '471', '470', '400'.

    Above a first segment of three digits stands what its last digits are zeros of, as in the plan of
    Permendagri 78/2012; in that of 83/2022 these segments are hundreds, so nothing is added. Raises
    InvalidInput.
    """
    segments = check_code(code).split(".")
    found = [".".join(segments[:count]) for count in range(len(segments), 0, -1)]
    first = segments[0]
    if len(first) == 3:
        found += [first[:2] + "0", first[0] + "00"]
    return tuple(dict.fromkeys(found))

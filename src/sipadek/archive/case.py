"""What the register holds of something that goes through an office step by step. Pure values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs


@attrs.frozen(kw_only=True)
class Case:
    """A case. ``kind`` says what goes through ('service'), ``unit`` is whose it is (a code),
    ``reference`` finds it, ``version`` counts its changes from 1. ``state`` stands in the log too;
    ``private`` is kept apart, and is None once it was erased."""

    id: str
    kind: str
    unit: str
    reference: str
    version: int
    state: Mapping[str, Any]
    private: str | None = attrs.field(repr=False)

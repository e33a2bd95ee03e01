"""SIPADEK: letters that go out and come in, and their disposisi, as state machines; letters set with
Typst."""

from __future__ import annotations

from sipadek.correspondence import disposisi, incoming, outgoing
from sipadek.correspondence.composing import (
    NUMBER_TAG,
    STAMP_TAG,
    compose,
    compose_sheet,
    signature_lines,
)
from sipadek.correspondence.disposisi import DISPOSISI
from sipadek.correspondence.drafting import Draft
from sipadek.correspondence.grants import GRANTS
from sipadek.correspondence.incoming import INCOMING
from sipadek.correspondence.kinds import INSTRUCTIONS, KINDS, LetterKind, by_code
from sipadek.correspondence.outgoing import OUTGOING
from sipadek.correspondence.turn import Setting
from sipadek.correspondence.typesetting import TypstTypesetter

__all__ = [
    "DISPOSISI",
    "GRANTS",
    "INCOMING",
    "INSTRUCTIONS",
    "KINDS",
    "NUMBER_TAG",
    "OUTGOING",
    "STAMP_TAG",
    "Draft",
    "LetterKind",
    "Setting",
    "TypstTypesetter",
    "by_code",
    "compose",
    "compose_sheet",
    "disposisi",
    "incoming",
    "outgoing",
    "signature_lines",
]

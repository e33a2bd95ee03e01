"""Cases and the steps they go through: state machines as data, acts, and who may see what. Pure."""

from __future__ import annotations

from sipadek.flow.case import (
    ERASED,
    Act,
    Case,
    CaseViewer,
    Command,
    Situation,
    canonical,
    commitment,
    evolve,
    moment_text,
)
from sipadek.flow.machine import Machine, Transition

__all__ = [
    "ERASED",
    "Act",
    "Case",
    "CaseViewer",
    "Command",
    "Machine",
    "Situation",
    "Transition",
    "canonical",
    "commitment",
    "evolve",
    "moment_text",
]

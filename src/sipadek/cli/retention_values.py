"""Record folders and disposals as JSON values, under names that stay."""

from __future__ import annotations

import datetime
import enum
from typing import Any

import attrs

from sipadek.retention import Destruction, Disposal, Due, RecordFolder


def folder_value(folder: RecordFolder) -> dict[str, Any]:
    """A record folder; dates are ISO 8601."""
    return {name: _plain(value) for name, value in attrs.asdict(folder).items()}


def due_value(due: Due) -> dict[str, Any]:
    """What a folder is due for, and since when."""
    return {
        "action": due.action.value,
        "since": due.since.isoformat(),
        "folder": folder_value(due.folder),
    }


def disposal_value(disposal: Disposal) -> dict[str, Any]:
    """A disposal with the papers of its steps."""
    return {
        "name": disposal.name,
        "kind": disposal.kind.value,
        "step": disposal.step.value,
        "as_of": disposal.as_of.isoformat(),
        "authority": disposal.authority,
        "panel": list(disposal.panel),
        "folders": list(disposal.folders),
        "papers": {step.value: paper.value() for step, paper in disposal.papers.items()},
    }


def destruction_value(destruction: Destruction) -> dict[str, Any]:
    """Under what a letter was destroyed."""
    return {
        "disposal": destruction.disposal,
        "decision": destruction.decision.value(),
        "minutes": destruction.minutes.value(),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value.value if isinstance(value, enum.Enum) else value

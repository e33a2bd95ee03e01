"""The machines' tables: every state can be reached, and the document has them as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from sipadek.correspondence import DISPOSISI, GRANTS, INCOMING, OUTGOING
from sipadek.flow import Machine

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "correspondence.md"
MACHINES = {
    "outgoing": (OUTGOING, {""}, {"withdrawn", "void"}),
    "incoming": (INCOMING, {""}, {"refused", "closed"}),
    "disposisi": (DISPOSISI, {"given"}, {"reported", "recalled"}),
}


@pytest.mark.parametrize(("machine", "starts", "ends"), MACHINES.values(), ids=MACHINES)
def test_every_state_is_reached_and_ends(
    machine: Machine, starts: set[str], ends: set[str]
) -> None:
    reached, new = set(starts), set(starts)
    while new:
        new = {
            target
            for (state, _), row in machine.transitions.items()
            if state in new
            for target in row.targets
        } - reached
        reached |= new
    assert reached - {""} == machine.states | starts - {""}
    assert machine.ends == ends


@pytest.mark.parametrize("machine", [each for each, _, _ in MACHINES.values()], ids=MACHINES)
def test_the_document_has_every_row(machine: Machine) -> None:
    text = DOCUMENT.read_text("utf-8").splitlines()
    for row in machine.transitions.values():
        needs = ", ".join(
            [*(f"`{name}`" for name in row.needs), *(["a reason"] if row.reason else [])]
        )
        targets = " or ".join(row.targets)
        line = (
            f"| {row.state or '–'} | {row.action} | {targets} | `{row.act}` | {row.who} | {needs} |"
        )
        assert line in text, line


def test_the_document_has_every_grant() -> None:
    text = DOCUMENT.read_text("utf-8")
    for grant in GRANTS:
        assert f"`{grant.role}`" in text
        assert f"`{grant.action}`" in text

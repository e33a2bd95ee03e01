"""Who may do what in correspondence, unless a city's own table says otherwise."""

from __future__ import annotations

from typing import Final

from sipadek.people import Grant, Reach

_TABLE: Final = {
    "konseptor": ("outgoing.draft", "disposisi.act"),
    "pemaraf": ("outgoing.paraf", "disposisi.act"),
    "pimpinan": (
        "outgoing.paraf", "outgoing.sign", "outgoing.void", "incoming.dispose", "disposisi.act",
        "case.view",
    ),
    "tata-usaha": (
        "outgoing.draft", "outgoing.send", "outgoing.archive", "incoming.register", "disposisi.act",
        "case.view",
    ),
}  # fmt: skip

GRANTS: Final = tuple(
    Grant(role=role, action=action, reach=Reach.BELOW if action == "case.view" else Reach.OWN)
    for role, actions in _TABLE.items()
    for action in actions
)
"""Roles: konseptor drafts, pemaraf gives paraf, pimpinan signs and disposes, tata-usaha is the mail
post. Each acts in the unit of its post; pimpinan and tata-usaha see the units under it as well."""

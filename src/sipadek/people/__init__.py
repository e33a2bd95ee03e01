"""Who works where, in which post, and who may do what. Pure values, and a checked file of them."""

from __future__ import annotations

from sipadek.people.loading import load_organisation, read_organisation
from sipadek.people.organisation import Organisation, Standing
from sipadek.people.values import Capacity, Grant, Holding, Person, Post, Reach, Unit

__all__ = [
    "Capacity",
    "Grant",
    "Holding",
    "Organisation",
    "Person",
    "Post",
    "Reach",
    "Standing",
    "Unit",
    "load_organisation",
    "read_organisation",
]
